using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using KeyCeremony.Core;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Pki;

namespace KeyCeremony.Verifier;

/// <summary>A signed batch as it leaves the room: statement, envelope, CMS and chain. docs/formats/batch-manifest.md.</summary>
internal static class ManifestFiles
{
    public const string Folder = "manifests";
    public const string Statement = ".statement.json";
    public const string Envelope = ".dsse.json";
    public const string Cms = ".cms";
    public const string Chain = ".chain.pem";

    public static readonly ImmutableArray<string> Endings = [Statement, Envelope, Cms, Chain];

    /// <summary>Null when the journal lacks the statement, a text is not Base64, or the signer has no path to a root.</summary>
    public static IEnumerable<KeyValuePair<string, ReadOnlyMemory<byte>>>? Of(JournalFacts journal, ManifestSigned manifest)
    {
        byte[]? statement = journal.PreviewOf(manifest) is { Body: var preview } ? ExactBase64.Read(preview.Statement) : null;
        byte[]? cms = ExactBase64.Read(manifest.Cms);
        byte[]?[] signatures = [.. manifest.Signatures.Select(s => ExactBase64.Read(s.Signature))];
        if (statement is null || cms is null || signatures.Length == 0 || signatures.Contains(null)
            || !journal.TryCertificate(manifest.Signatures[0].Certificate, out ParsedCertificate? signer)
            || journal.PathOf(signer.Der.Span) is not { } path)
            return null;
        var envelope = new DsseEnvelope([.. statement],
            [.. manifest.Signatures.Zip(signatures, (s, bytes) => new DsseSignature(s.KeyId, [.. bytes!]))]);
        string chain = string.Concat(path.Select(c => PemEncoding.WriteString("CERTIFICATE", c.Der.Span) + "\n"));
        return
        [
            new(Path(manifest, Statement), statement),
            new(Path(manifest, Envelope), envelope.Write()),
            new(Path(manifest, Cms), cms),
            new(Path(manifest, Chain), Encoding.ASCII.GetBytes(chain)),
        ];
    }

    private static string Path(ManifestSigned manifest, string ending) => $"{Folder}/{manifest.BatchId}{ending}";
}
