using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Requests;
using KeyCeremony.Core.Reading;
using KeyCeremony.Core.Release;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Verifier;

/// <summary>The files that a bundle can hold, by their names. docs/formats/bundle.md.</summary>
internal static class BundleNames
{
    /// <summary>A journal of thirty years with its scripts stays far below.</summary>
    public const long MaxJournal = 256L * 1024 * 1024;

    /// <summary>Some three thousand pages.</summary>
    public const long MaxReport = 16L * 1024 * 1024;

    /// <summary>A certificate in Base64, with its line ends and its two labels.</summary>
    public const long MaxPem = CertificateReader.MaxBytes / 48 * 65 + 256;

    /// <summary>A signer's path: a root, and as many below it as no profile allows.</summary>
    public const long MaxChain = 8 * MaxPem;

    /// <summary>The most bytes that a file of this name has; null: no such file belongs into a bundle.</summary>
    public static long? MaxOf(string name) => name.Split('/') switch
    {
        [BundleFiles.JournalPath] => MaxJournal,
        [BundleFiles.ReportPath] => MaxReport,
        [BundleFiles.ScriptPath] => ScriptLimits.MaxBytes,
        [BundleFiles.KnownKeysPath] => KnownKeysFile.MaxBytes,
        // The same files with their hashes.
        [BundleFiles.StatementPath] or [BundleFiles.SumsPath] => CheckpointStatement.MaxBytes,
        [BundleFiles.CmsPath] or [BundleFiles.CosignaturePath] => DetachedCms.MaxBytes,
        [var folder, var file] => Kinds
            .Where(k => k.Folder == folder && file.EndsWith(k.Ending, StringComparison.Ordinal))
            .Where(k => BundleFiles.IsPlain(file[..^k.Ending.Length]))
            .Select(k => (long?)k.Max).FirstOrDefault(),
        _ => null,
    };

    /// <summary>Read in a stream: the journal holds its hash alone.</summary>
    public static bool IsList(string name) =>
        name.StartsWith(BundleList.Folder + "/", StringComparison.Ordinal) && name.EndsWith(BundleList.Extension, StringComparison.Ordinal)
        || name.StartsWith(BundleList.RecordingFolder + "/", StringComparison.Ordinal);

    private static readonly (string Folder, string Ending, long Max)[] Kinds =
    [
        ("scripts", ".md", ScriptLimits.MaxBytes),
        ("certificates", ".der", CertificateReader.MaxBytes),
        ("certificates", ".pem", MaxPem),
        ("certificates", ".dsse.json", DsseEnvelope.MaxBytes),
        ("requests", ".csr", RequestFile.MaxBytes),
        ("requests", ".proof", RequestFile.MaxBytes),
        ("requests", ".der", CertificateReader.MaxBytes),
        ("backup", ".kcb", BackupBlob.MaxBytes),
        (BundleFiles.StatementsFolder, ".txt", Entry.MaxBytes),
        (BundleList.Folder, BundleList.Extension, BundleList.MaxBytes),
        (BundleList.Folder, ".dcl.json", Entry.MaxBytes),
        (BundleList.RecordingFolder, TerminalCast.Extension, TerminalCast.MaxBytes),
        (ManifestFiles.Folder, ManifestFiles.Statement, BatchStatement.MaxBytes),
        (ManifestFiles.Folder, ManifestFiles.Envelope, DsseEnvelope.MaxBytes),
        (ManifestFiles.Folder, ManifestFiles.Cms, DetachedCms.MaxBytes),
        (ManifestFiles.Folder, ManifestFiles.Chain, MaxChain),
        (ReleaseFiles.Folder, ReleaseFiles.Record, ReleaseFiles.MaxRecord),
        (ReleaseFiles.Folder, ReleaseFiles.Notice, ReleaseFiles.MaxRecord),
        (ReleaseFiles.Folder, ReleaseFiles.Request, ReleaseRequest.MaxBytes),
        (ReleaseFiles.Folder, ReleaseFiles.Statement, DsseEnvelope.MaxBytes),
        (ReleaseFiles.Folder, ReleaseFiles.Base64Signature, ReleaseFiles.MaxSignature),
        (ReleaseFiles.Folder, ReleaseFiles.Signature, ReleaseFiles.MaxSignature),
        (ReleaseFiles.Folder, ReleaseFiles.Cms, ReleaseFiles.MaxCms),
        (ReleaseFiles.Folder, ReleaseFiles.PublicKey, MaxPem),
        (ReleaseFiles.Folder, ReleaseFiles.Chain, MaxChain),
    ];
}
