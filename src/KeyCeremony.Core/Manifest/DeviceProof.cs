using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace KeyCeremony.Core.Manifest;

/// <summary>
/// That one device belongs to a batch: what its leaf says and the path to the batch's root. The salt in it is what makes
/// the leaf unguessable, so whoever gets the proof learns this device and no other. docs/formats/batch-manifest.md.
/// </summary>
public sealed record DeviceProof(string BatchId, DeviceRecord Device, InclusionProof Inclusion)
{
    public const string Type = "keyceremony-device-proof-v1";

    /// <summary>Of a file; 30 hashes and the longest serial number take some 3 KiB.</summary>
    public const int MaxBytes = 8 * 1024;

    /// <summary><c>BATCH-SERIAL.proof.json</c>; what of a serial number no file name may hold stands as % and two hex digits.</summary>
    public string FileName => $"{BatchId}-{Uri.EscapeDataString(Device.SerialNo)}.proof.json";

    /// <summary>UTF-8 JSON, fields in their order, no blank, one line feed at the end.</summary>
    public byte[] Write()
    {
        string[] path = [.. Inclusion.Path.ToArray().Chunk(TreeHash.Length).Select(hash => Convert.ToHexStringLower(hash))];
        var device = new LeafDocument(Device.Salt, Device.SerialNo, Device.CertSha256, Device.SpkiSha256);
        var document = new ProofDocument(Type, BatchId, Inclusion.TreeSize, Inclusion.Index, device, path);
        return [.. JsonSerializer.SerializeToUtf8Bytes(document, ProofJsonContext.Strict.ProofDocument), (byte)'\n'];
    }

    /// <summary>Only the bytes that <see cref="Write"/> would write. Else refused: PROOF-01, PROOF-03, PROOF-06, BATCH-03.</summary>
    public static bool TryRead(ReadOnlySpan<byte> json, [NotNullWhen(true)] out DeviceProof? proof,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        proof = null;
        if (json.Length > MaxBytes)
            refusal = NotAProof($"{json.Length} bytes are too many.");
        else if ((refusal = Parse(json, out ProofDocument? document) ?? FromDocument(document!, out proof)) is null
            && !proof!.Write().AsSpan().SequenceEqual(json))
            refusal = NotAProof("It is not in the one form a proof is written in.");
        if (refusal is not null)
            proof = null;
        return proof is not null;
    }

    /// <summary>The first broken rule of PROOF-02, PROOF-03 and PROOF-04, or null: the device stands in the statement's tree.</summary>
    public Refusal? CheckAgainst(BatchStatement statement)
    {
        if (BatchId != statement.BatchId || Inclusion.TreeSize != statement.Devices.TreeSize)
            return BatchRules.OfThisBatch.Refuse($"The proof is of the batch {BatchId} with {Inclusion.TreeSize} devices, the statement "
                + $"of {statement.BatchId} with {statement.Devices.TreeSize}.", "Take the proof and the statement of the same batch.");
        Span<byte> root = stackalloc byte[TreeHash.Length];
        if (!Inclusion.TryRoot(Device.LeafHash(), root))
            return WrongPath(Inclusion);
        return Convert.ToHexStringLower(root) == statement.Devices.Root ? null
            : BatchRules.Root.Refuse("Leaf and path do not lead to the root in the statement.",
                "This device, as the proof describes it, is not of this batch.");
    }

    private static Refusal? Parse(ReadOnlySpan<byte> json, out ProofDocument? document)
    {
        document = null;
        try
        {
            document = JsonSerializer.Deserialize(json, ProofJsonContext.Strict.ProofDocument);
            return document is null ? NotAProof("It is null.") : document.Type != Type ? NotAProof($"Its type is not {Type}.") : null;
        }
        catch (JsonException e)
        {
            return NotAProof(JsonFaults.InWords(e));
        }
    }

    private static Refusal? FromDocument(ProofDocument document, out DeviceProof? proof)
    {
        proof = null;
        if (document.Path.Any(hash => hash is null || !DeviceRecord.IsHash(hash)))
            return NotAProof("A hash of the path is not 64 lower-case hex digits.");
        var device = new DeviceRecord(document.Leaf.Salt, document.Leaf.SerialNo, document.Leaf.CertSha256, document.Leaf.SpkiSha256);
        var inclusion = new InclusionProof(document.Index, document.TreeSize, Convert.FromHexString(string.Concat(document.Path)));
        proof = new DeviceProof(document.BatchId, device, inclusion);
        return BatchChecks.CheckName(document.BatchId) ?? device.Check() ?? CheckPath(inclusion);
    }

    private static Refusal? CheckPath(InclusionProof p) =>
        p.Index >= 0 && p.Index < p.TreeSize && p.TreeSize <= BatchStatement.MaxDevices
        && p.Path.Length == TreeHash.Length * InclusionProof.PathLength(p.Index, p.TreeSize) ? null : WrongPath(p);

    private static Refusal WrongPath(InclusionProof p) =>
        BatchRules.Path.Refuse(
            $"A path of {p.Path.Length / TreeHash.Length} hashes does not lead from device {p.Index} up a tree of {p.TreeSize}.",
            "Ask for the proof again.");

    private static Refusal NotAProof(string found) =>
        BatchRules.Proof.Refuse($"This is not a device's proof: {found}", "Take the file again as it was written.");
}

// The fields in the order they are written.
internal sealed record ProofDocument(string Type, string BatchId, long TreeSize, long Index, LeafDocument Leaf, IReadOnlyList<string> Path);

internal sealed record LeafDocument(string Salt, string SerialNo, string CertSha256, string SpkiSha256);

[JsonSerializable(typeof(ProofDocument))]
internal sealed partial class ProofJsonContext : JsonSerializerContext
{
    // The proof and its leaf or path; writing counts the values too.
    private const int Depth = 3;

    public static ProofJsonContext Strict { get; } = new(BatchJson.Strict(Depth));
}
