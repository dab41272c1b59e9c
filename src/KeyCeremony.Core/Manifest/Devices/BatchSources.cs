using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Manifest.Devices;

/// <summary>Opens a file by the name that batch.yaml gives it; null, and why, when it cannot be read.</summary>
public delegate Stream? BatchFileOpener(string name, out Refusal? refusal);

/// <summary>
/// A <see cref="BatchFile"/> and what the files that it names hold: everything of a statement but the devices. Only
/// <see cref="TryGather"/> makes one.
/// </summary>
public sealed class BatchSources
{
    private readonly BatchFile _batch;
    private readonly ImmutableArray<string> _imageHashes;
    private readonly string _hbomHash;

    private BatchSources(BatchFile batch, ImmutableArray<string> imageHashes, string hbomHash, DeviceIssuer issuer) =>
        (_batch, _imageHashes, _hbomHash, Issuer) = (batch, imageHashes, hbomHash, issuer);

    public DeviceIssuer Issuer { get; }

    /// <summary>Else every reason: BUILD-02 to BUILD-05.</summary>
    public static bool TryGather(BatchFile batch, BatchFileOpener open, [NotNullWhen(true)] out BatchSources? sources,
        out ImmutableArray<Refusal> refusals)
    {
        var found = new List<Refusal>();
        var images = batch.Firmware.Select(image => HashImage(image, open, found)).ToImmutableArray();
        string hbom = ReadHbom(batch, open, found);
        DeviceIssuer? issuer = ReadIssuer(batch, open, found);
        refusals = [.. found];
        sources = refusals.IsEmpty ? new BatchSources(batch, images, hbom, issuer!) : null;
        return sources is not null;
    }

    /// <summary>The draft; else refused: BATCH-01 to BATCH-14.</summary>
    /// <param name="listName">Of the device list's file, without a folder.</param>
    public bool TryState(string listName, DeviceTreeResult tree, [NotNullWhen(true)] out BatchStatement? statement,
        [NotNullWhen(false)] out Refusal? refusal) =>
        TryState(listName, Convert.ToHexStringLower(tree.ListSha256.Span),
            new BatchDevices(tree.TreeSize, Convert.ToHexStringLower(tree.Root.Span)), out statement, out refusal);

    /// <summary>What is wrong with the draft that will come of it, as far as it can be told before the list is read.</summary>
    public Refusal? CheckBeforehand(string listName)
    {
        string someHash = new string('0', 2 * TreeHash.Length);
        return TryState(listName, someHash, new BatchDevices(_batch.Yield.Built, someHash), out _, out Refusal? refusal) ? null : refusal;
    }

    /// <summary>The ceremony refuses such a batch (MANIFEST-06), and there the line can correct nothing any more.</summary>
    /// <param name="now">By the factory's clock.</param>
    public Refusal? CheckFinished(DateTimeOffset now) => _batch.FinishedOn <= now ? null
        : BatchRules.Times.Refuse($"The batch was finished on {_batch.FinishedOn:yyyy-MM-dd HH:mm:ss} UTC, which has not come yet: this "
            + $"computer's clock says {now.UtcDateTime:yyyy-MM-dd HH:mm:ss}.",
            "Correct finishedOn, which is in UTC, or this computer's clock.");

    private bool TryState(string listName, string listSha256, BatchDevices devices,
        [NotNullWhen(true)] out BatchStatement? statement, [NotNullWhen(false)] out Refusal? refusal)
    {
        ParsedCertificate certificate = Issuer.Certificate;
        statement = new BatchStatement
        {
            Subjects = [new(listName, listSha256),
                .. _batch.Firmware.Select((image, i) => new BatchSubject(NameOf(image.File), _imageHashes[i])),
                new(NameOf(_batch.Hbom), _hbomHash)],
            BatchId = _batch.BatchId,
            Environment = _batch.Environment,
            Site = _batch.Site,
            Line = _batch.Line,
            Operator = _batch.Operator,
            StartedOn = _batch.StartedOn,
            FinishedOn = _batch.FinishedOn,
            Product = _batch.Product,
            Firmware = [.. _batch.Firmware.Select((image, i) => new BatchFirmware(image.Component,
                image.Version, _imageHashes[i], image.SecurityCounter, image.SigningKeyId))],
            Hardware = new BatchHardware(_hbomHash, _batch.CriticalParts),
            IssuingCa = new BatchIssuingCa(Convert.ToHexStringLower(certificate.Sha256()),
                Convert.ToHexStringLower(SHA256.HashData(certificate.ToBeSigned.SubjectPublicKeyInfo.Span))),
            Devices = devices,
            Yield = _batch.Yield,
            PrevManifest = _batch.PrevManifest,
        };
        refusal = statement.Check();
        if (refusal is not null)
            statement = null;
        return statement is not null;
    }

    private static string HashImage(BatchFileImage image, BatchFileOpener open, List<Refusal> found)
    {
        using Stream? file = Open(image.File, open, found);
        if (file is null)
            return "";
        string sha256 = Convert.ToHexStringLower(SHA256.HashData(file));
        if (image.Sha256 is { } expected && expected != sha256)
            found.Add(
                BuildRules.Firmware.Refuse($"'{image.File}' ({image.Component}) has the SHA-256 {sha256}, and batch.yaml says {expected}.",
                    "Find out which image was flashed. Give that file and its hash."));
        return sha256;
    }

    private static string ReadHbom(BatchFile batch, BatchFileOpener open, List<Refusal> found)
    {
        using Stream? file = Open(batch.Hbom, open, found);
        if (file is null)
            return "";
        byte[] bytes = new byte[HardwareBom.MaxBytes + 1];
        Memory<byte> json = bytes.AsMemory(0, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
        if (HardwareBom.Check(json, batch.CriticalParts) is { } refusal)
            found.Add(refusal);
        return Convert.ToHexStringLower(SHA256.HashData(json.Span));
    }

    private static DeviceIssuer? ReadIssuer(BatchFile batch, BatchFileOpener open, List<Refusal> found)
    {
        using Stream? file = Open(batch.IssuingCa, open, found);
        if (file is null)
            return null;
        // PEM takes a third more than DER; the reader refuses what is cut off here.
        byte[] bytes = new byte[2 * CertificateReader.MaxBytes];
        Memory<byte> text = bytes.AsMemory(0, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
        DeviceIssuer? issuer = null;
        if (!Pki.Requests.PemBlock.TryUnwrap(text, ["CERTIFICATE"], out ReadOnlyMemory<byte> der, out Refusal? refusal)
            || !CertificateReader.TryReadCertificate(der, out ParsedCertificate? certificate, out refusal))
            // What is to be done about a private key is not that another file be given.
            found.Add(refusal.Rule == Pki.Requests.RequestRules.PrivateKey.Id
                ? refusal with { Message = $"'{batch.IssuingCa}': {refusal.Message}" }
                : BuildRules.IssuingCa.Refuse($"'{batch.IssuingCa}': {refusal.Message}",
                    "Give the issuing CA's certificate alone, DER or PEM."));
        else if (!DeviceIssuer.TryMake(certificate, batch.FinishedOn, out issuer, out refusal))
            found.Add(refusal);
        return issuer;
    }

    private static Stream? Open(string name, BatchFileOpener open, List<Refusal> found)
    {
        Stream? file = open(name, out Refusal? refusal);
        if (file is null)
            found.Add(refusal! with
            {
                Message = $"'{name}', which batch.yaml names: {refusal.Message}",
                Remedy = $"{refusal.Remedy} Names are relative to batch.yaml.",
            });
        return file;
    }

    private static string NameOf(string path) => path[(path.LastIndexOf('/') + 1)..];
}
