using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Release;

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

    private void Releases()
    {
        if (Of<BuilderKnown>().Any())
        {
            Heading("Builders");
            foreach (BuilderKnown builder in Of<BuilderKnown>())
                Pair(builder.Builder, builder.Sha256, mono: true);
        }
        var journal = new JournalFacts(_all);
        foreach ((Entry entry, ReleaseSigned signed) in ReleaseFiles.Signed(journal))
            if (ReleaseFiles.TryPreview(journal, signed.Release, signed.RequestSha256, entry.Seq, out ReleasePreviewed? preview,
                out ReleaseRequest? request))
                Release(signed, preview, request);
        foreach ((Entry entry, ReleaseWithdrawn withdrawn) in ReleaseFiles.Withdrawn(journal))
        {
            Heading($"Withdrawn: {withdrawn.Release} {withdrawn.Version}");
            Pair("release.yaml", withdrawn.RequestSha256, mono: true);
            Pair("Lowest counter", $"{withdrawn.Floor} from now on");
            Pair("Reason", withdrawn.Reason);
            foreach (string batch in FirmwareChecks.Shipped(journal, entry, withdrawn))
                Pair("Devices have it", batch);
        }
    }

    private void Release(ReleaseSigned signed, ReleasePreviewed preview, ReleaseRequest request)
    {
        Heading($"Release {signed.Release}");
        Pair("Product", $"{request.Product}, hardware revision {request.HardwareRevision}");
        Pair("Component", $"{request.Component} {request.Version}, security counter {request.SecurityCounter}");
        Pair("release.yaml", signed.RequestSha256, mono: true);
        Pair("in words", Words(signed.RequestSha256));
        Pair("Signed by", $"{signed.Certificate}, key {signed.KeyId}");
        foreach ((ReleaseSignature signature, ImageSeen image) in signed.Signatures.Zip(preview.Images))
        {
            _pages.Keep(60);
            _pages.Space(6);
            _pages.Text(image.File, _pages.Bold, 10);
            Pair("SHA-256", image.Sha256, mono: true);
            Pair($"Signed {signature.Algorithm}", signature.Digest, mono: true);
            foreach (ImageLine line in image.Lines)
                Pair(line.Label, line.Value);
        }
        foreach (ReleaseBuilder builder in request.Builders)
            Pair("Built by", $"{builder.Id}, {builder.Site}, key {builder.Key}");
        Findings("Asked of the ledger", preview.Findings);
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
