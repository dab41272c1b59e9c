using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Pki.Requests;

namespace KeyCeremony.Core.Release;

/// <summary>
/// A builder's statement whose signature holds and that says what the request says. Only <see cref="TryJudge"/> makes one.
/// </summary>
public sealed class BuilderEvidence
{
    private BuilderEvidence(ReleaseBuilder builder, CheckedKey key, BuilderStatement statement, byte[] signed, byte[] signature) =>
        (Builder, Key, Statement, Signed, Signature) = (builder, key, statement, signed, signature);

    public ReleaseBuilder Builder { get; }

    public CheckedKey Key { get; }

    public BuilderStatement Statement { get; }

    /// <summary>The bytes under the signature, for a second implementation.</summary>
    public ReadOnlyMemory<byte> Signed { get; }

    public ReadOnlyMemory<byte> Signature { get; }

    /// <summary>
    /// The keys that are given as builders'. Refused: BUILDER-01, once for each that cannot be taken.
    /// </summary>
    public static IEnumerable<Refusal> CheckKeys(IReadOnlyList<CheckedKey> keys)
    {
        foreach (CheckedKey key in keys)
            if (PublishedTestKeys.NameOf(key.Sha256) is { } name)
                yield return ReleaseRules.Key.Refuse($"The key {key.Sha256} is one that everybody has: {name}.",
                    "Make a key for the builder, on the builder, and give its public half.");
            else if (key.Algorithm is not { IsRsa: false })
                yield return ReleaseRules.Key.Refuse($"The key {key.Sha256} is of the kind {key.Title}.",
                    "Make a key on P-256 or P-384, or of ML-DSA, for the builder.");
        foreach (IGrouping<string, CheckedKey> same in keys.GroupBy(key => key.Sha256).Where(same => same.Count() > 1))
            yield return ReleaseRules.Key.Refuse($"The key {same.Key} is given twice.", "Give each builder's key once.");
    }

    /// <summary>Else refused: DSSE-01 to DSSE-04, BUILDER-03 to BUILDER-08.</summary>
    /// <param name="envelope">The statement's file.</param>
    /// <param name="keys">Those that are given as builders'.</param>
    public static bool TryJudge(ReleaseRequest request, ReleaseBuilder builder, ReadOnlySpan<byte> envelope, IReadOnlyList<CheckedKey> keys,
        [NotNullWhen(true)] out BuilderEvidence? evidence, out ImmutableArray<Refusal> refusals)
    {
        evidence = null;
        if (!DsseEnvelope.TryRead(envelope, out DsseEnvelope? read, out Refusal? refusal))
            refusal = OtherForm(envelope) ?? refusal with { Remedy = "Ask the builder for the envelope again, as its tool wrote it." };
        else if (keys.FirstOrDefault(key => key.Sha256 == builder.Key) is not { } key)
            refusal = ReleaseRules.Known.Refuse($"The key {builder.Key} is none of the builders' keys that were given.",
                "Give the builder's public key with --builder, taken from the builder itself and not from the request.");
        else if (FindSignature(read, key) is not { } signature)
            refusal = WrittenOtherwise(read, key) ?? ReleaseRules.Signed.Refuse("No signature in it holds under the builder's key.",
                "Look whether it is this builder's statement and key, and ask for it again. Whoever changed it cannot sign it.");
        else if (BuilderStatement.TryRead(read.Payload.AsSpan(), out BuilderStatement? statement, out refusal))
        {
            refusals = [.. Compare(request, builder, statement)];
            if (refusals.IsEmpty)
                evidence = new BuilderEvidence(builder, key, statement, Dsse.Pae(read.Payload.AsSpan()), signature);
            return evidence is not null;
        }
        refusals = [refusal];
        return false;
    }

    // A key id is a hint, and other tools write others: each signature is asked.
    private static byte[]? FindSignature(DsseEnvelope envelope, CheckedKey key)
    {
        byte[] pae = Dsse.Pae(envelope.Payload.AsSpan());
        return envelope.Signatures.FirstOrDefault(one => Dsse.Holds(key.SubjectPublicKeyInfo.Span, pae, one.Sig.AsSpan()))?.Sig.ToArray();
    }

    private static Refusal? WrittenOtherwise(DsseEnvelope envelope, CheckedKey key)
    {
        byte[] pae = Dsse.Pae(envelope.Payload.AsSpan());
        return envelope.Signatures.Any(one => Dsse.IsBare(key.SubjectPublicKeyInfo.Span, pae, one.Sig.AsSpan()))
            ? ReleaseRules.Signed.Refuse("The signature in it is the builder's, and is written as r and s side by side; it is read in DER.",
                $"{Pki.BareSignature.Remedy} Then ask the builder for the envelope again.")
            : envelope.Signatures.Select(one =>
                Dsse.MadeOtherwise(key.SubjectPublicKeyInfo.Span, envelope.Payload.AsSpan(), one.Sig.AsSpan()))
                .FirstOrDefault(one => one is not null) is { } odd
            ? ReleaseRules.Signed.Refuse($"The signature in it is the builder's, and {odd.How}.",
                $"{odd.Remedy} Then ask the builder for the envelope again.")
            : null;
    }

    /// <summary>What builders' tools hand out in place of an envelope, or around it; null: it is none of these.</summary>
    private static Refusal? OtherForm(ReadOnlySpan<byte> file)
    {
        try
        {
            var json = new Utf8JsonReader(file, new JsonReaderOptions { AllowMultipleValues = true });
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
                return null;
            List<string> members = [];
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                members.Add(json.GetString() ?? "");
                json.Skip();
            }
            bool isEnvelope = members.Contains("payloadType") && members.Contains("signatures");
            return members.Contains("dsseEnvelope") ? BatchRules.Envelope.Refuse(
                    "It is a bundle of Sigstore: the envelope stands within it, as dsseEnvelope.",
                    "Take it out (jq -c .dsseEnvelope). Its signature has to be by the builder's key that was given: "
                        + "keys of a few minutes, with certificates of Fulcio, are not verified here.")
                : members.Contains("predicateType") && !isEnvelope ? BatchRules.Envelope.Refuse(
                    "It is the statement itself, without an envelope: nobody has signed it.",
                    "Have the builder sign it with its key, as a DSSE envelope, and hand that out.")
                : isEnvelope && json.Read() ? BatchRules.Envelope.Refuse("It holds more than one envelope, a line each.",
                    "Ask the builder for the one of this release alone, in a file of its own.")
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static IEnumerable<Refusal> Compare(ReleaseRequest request, ReleaseBuilder builder, BuilderStatement statement)
    {
        if (statement.BuilderId != builder.Id)
            yield return ReleaseRules.Identity.Refuse($"It is of the builder '{Pki.CertificateText.Visible(statement.BuilderId)}'.",
                "Write the builder's id into release.yaml exactly as its statement has it, or ask for the right statement.");
        foreach (ReleaseImage image in request.Images)
        {
            (string? name, string? sha256) = statement.Subjects.FirstOrDefault(one => one.Name == image.File);
            if (name is null || sha256 is null)
                yield return InFolder(statement, image) ?? ReleaseRules.Subject.Refuse(
                    $"It says nothing about '{image.File}', or has no SHA-256 of it.",
                    "Name the image in release.yaml as the builder named it, or have the builder state it.");
            else if (sha256 != image.Sha256)
                yield return ReleaseRules.Agreement.Refuse(
                    $"It gives '{image.File}' the SHA-256 {sha256}, and release.yaml says {image.Sha256}.",
                    "The builders made different files, or one of them was exchanged. Nothing is signed until it is known which and why.");
        }
    }

    // release.yaml cannot name it so: its files lie beside it.
    private static Refusal? InFolder(BuilderStatement statement, ReleaseImage image) => statement.Subjects
        .Where(one => one.Name != image.File && one.Name.Split('/', '\\')[^1] == image.File)
        .Select(one => ReleaseRules.Subject.Refuse(
            $"It names '{Pki.CertificateText.Visible(one.Name)}', with a folder, and not '{image.File}'.",
            "Have the builder name its files without folders: its tool is run where they lie, or is told their names."))
        .FirstOrDefault();
}
