using System.Collections.Immutable;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Release;
using KeyCeremony.Core.Release.Images;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Ceremony.Steps;

/// <summary>
/// A release on the screen. First what it is and what is other than last time, then what was asked, then what is signed, then all that
/// request, images and builders say.
/// </summary>
internal static class ReleaseWords
{
    /// <summary>A longer value stands on a line of its own: a hash fills one.</summary>
    private const int MaxBeside = 48;

    public static string Title(ReleaseRequest request) => $"{request.Product} {request.Component} {request.Version}";

    public static ImmutableArray<string> Lines(World world, PreviewReleaseStep step, ReleasePreviewed preview)
    {
        ReleaseRequest request = ReleasePlanning.Request(preview);
        ReleaseLedger ledger = ReleasePlanning.Ledger(world);
        return
        [
            Title(request), $"Security counter {request.SecurityCounter}, for {request.Environment}, signed by {step.Signer}",
            .. ledger.Difference(request).SelectMany(Line),
            .. ReleasePlanning.Updates(request, preview.Images).SelectMany(update => ledger.Difference(request, update)).SelectMany(Line),
            "", .. Appliance.Lines([.. preview.Findings.OrderBy(f => f.Result == FindingResults.Pass)]),
            "", .. ToBeSigned(world, step.Signer, preview),
            "", .. ReleasePlanning.TryJudge(world, preview, out ReleaseJudgement? judgement, out _)
                ? judgement.Describe().SelectMany(Line) : [],
        ];
    }

    /// <summary>The digest of each image that the key signs, in hex and in words.</summary>
    public static ImmutableArray<string> ToBeSigned(World world, string signer, ReleasePreviewed preview) =>
        [.. ReleasePlanning.Signed(world, signer, preview).SelectMany(
            one => Evidence.Hash(Title(one.Image, one.Digest), one.Digest.Hex))];

    private static string Title(ReleaseImage image, SigningDigest digest) =>
        $"Signed of {image.File}: {digest.Algorithm} of {digest.Over}" + ImageFormat.Of(image.Format).Form switch
        {
            SignatureForm.Digest => "",
            SignatureForm.BareCms => ", in CMS",
            _ => ", in CMS with the time of signing",
        };

    private static IEnumerable<string> Line(TextLine line) =>
        line.Value.Length > MaxBeside ? [line.Label, $"    {line.Value}"] : [$"{line.Label}: {line.Value}"];
}
