using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Pki;

namespace KeyCeremony.Verifier;

/// <summary>The report's part about what leaves the room: batch manifests, and what was shown as QR codes.</summary>
internal sealed partial class ReportPdf
{
    private void Manifests()
    {
        var journal = new JournalFacts(_all);
        ManifestSigned[] manifests = [.. BundleFiles.Manifests(journal)];
        if (manifests.Length == 0)
            return;
        Heading("Batch manifests");
        foreach (ManifestSigned signed in manifests)
        {
            _pages.Keep(90);
            _pages.Space(6);
            _pages.Text(signed.BatchId, _pages.Bold, 10);
            Pair("SHA-256", signed.StatementSha256, mono: true);
            Pair("in words", Words(signed.StatementSha256));
            foreach (ManifestSignature signature in signed.Signatures)
                Pair("Signed by", $"{signature.Certificate}, key {signature.KeyId}");
            Pair("Second opinion", signed.Second);
            if (journal.PreviewOf(signed) is not { Body: var preview })
                continue;
            Pair("Factory's file", $"{preview.File} {preview.DraftSha256}");
            if (BatchStatement.TryRead(Convert.FromBase64String(preview.Statement), out BatchStatement? statement, out _))
                foreach (TextLine line in statement.Describe())
                    Pair(line.Label, line.Value);
            Findings("Compared", preview.Findings);
        }
    }

    private void Results()
    {
        if (!Of<ResultsFound>().Any())
            return;
        Heading("Results by QR code");
        if (!Of<ResultsShown>().Any())
            _pages.Text("None was shown: the export stick carries the bundle.", _pages.Regular, 9);
        foreach (ResultsShown shown in Of<ResultsShown>())
        {
            Pair("Receiver", shown.Receiver);
            foreach (ShownResult result in shown.Results)
            {
                _pages.Keep(50);
                _pages.Space(6);
                _pages.Text(result.Path, _pages.Bold, 10);
                Pair("SHA-256", result.Sha256, mono: true);
                Pair("Received", result.Words.Length > 0 ? $"yes; words read back: {result.Words}" : "NOT ACKNOWLEDGED");
            }
        }
        foreach (string path in Of<ResultsFound>().Last().Others)
            Pair("By the stick only", path);
    }
}
