using System.Collections.Immutable;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki.Requests;
using KeyCeremony.Core.Release;
using KeyCeremony.Core.Release.Images;

namespace KeyCeremony.Core.Ceremony.Retelling;

/// <summary>Builders' keys and releases: everything but what images say of themselves is computed again.</summary>
internal static partial class Facts
{
    private const int MaxDigests = 4, MaxLines = 100;

    private static string? Builder(CeremonyState s, ReadBuilder e, BuilderRead f)
    {
        if (Base64(f.Spki) is not { } spki || !PublicKeyChecks.TryCheck(spki, out CheckedKey? key, out _))
            return "its key is none.";
        return Same(f, new BuilderRead(e.Builder, e.File, key.Sha256, f.Spki))
            ?? (BuilderPlanning.Refuse(s, e.Builder, key) is { } refusal ? $"it is refused: {refusal.Rule} {refusal.Message}" : null);
    }

    private static string? Release(CeremonyState s, ReadRelease e, ReleasePreviewed f)
    {
        if (Base64(f.Request) is not { } yaml
            || !ReleaseRequest.TryRead(yaml, ReleaseRequest.FileName, out ReleaseRequest? request, out _))
            return "its request is none.";
        if (Same(f, new ReleasePreviewed(e.Step.Release, e.Folder, f.Request, Sha256(yaml), f.Statements, f.Images,
            ReleasePlanning.Asked(s.World, e.Step, request))) is { } other)
            return other;
        if (!f.Statements.Select(x => x.File).SequenceEqual(request.Builders.Select(b => b.Statement))
            || f.Statements.Any(x => Base64(x.Envelope) is null))
            return "its statements are not those that the request names.";
        if (!f.Images.Select(x => x.File).SequenceEqual(request.Images.Select(i => i.File)))
            return "its images are not those that the request names.";
        if (yaml.Length + f.Statements.Sum(x => Base64(x.Envelope)!.Length) > ReleasePlanning.MaxBytes)
            return "it is longer than the program takes.";
        foreach ((ReleaseImage image, ImageSeen seen) in request.Images.Zip(f.Images))
            if (Strange(image, seen) is { } strange)
                return $"{seen.File}: {strange}";
        if (!ReleasePlanning.TryJudge(s.World, f, out _, out ImmutableArray<Refusal> refusals))
            return $"it is refused: {refusals.FirstOrDefault()?.Rule} {refusals.FirstOrDefault()?.Message}";
        return ReleasePlanning.Check(s.World, e.Step, request, f.Images).FirstOrDefault() is { } forbidden
            ? $"it is refused: {forbidden.Rule} {forbidden.Message}" : null;
    }

    /// <summary>The image is not here: what it says must be what one of its format can say.</summary>
    private static string? Strange(ReleaseImage image, ImageSeen seen)
    {
        if (seen.Digests.Length is 0 or > MaxDigests || seen.Lines.Length > MaxLines || seen.SecurityCounter is < -1 or > uint.MaxValue
            || seen.Digests.Select(d => d.Algorithm).Distinct().Count() != seen.Digests.Length)
            return "it says more than an image can.";
        if (!seen.Digests.All(d => d.Digest.All(char.IsAsciiHexDigitLower) && d.Digest.Length == d.Algorithm switch
        {
            "SHA-256" => 64,
            "SHA-384" => 96,
            "SHA-512" => 128,
            _ => -1,
        } && FindingForms.IsText(d.Over)) || !seen.Lines.All(l => FindingForms.IsText(l.Label) && FindingForms.IsText(l.Value)))
            return "a digest or a line of it is none.";
        // Where the whole file is signed, its hash stands there twice.
        return image.Format is "raw" or "esp-secure-boot-v2"
            && seen.Digests.Any(d => d.Algorithm == "SHA-256" && d.Digest != seen.Sha256) ? "its digest is not its hash." : null;
    }

    private static string? ReleaseSigned(CeremonyState s, SignRelease e, ReleaseSigned f)
    {
        byte[] spki = s.World.Certificates[e.Signer].Parsed.ToBeSigned.SubjectPublicKeyInfo.ToArray();
        if (Same(f, new ReleaseSigned(e.Release, e.RequestSha256, e.Signer, Sha256(spki), f.Signatures)) is { } other)
            return other;
        ReleaseFact release = s.World.Releases.Last(r => r.Is(e.Release, e.RequestSha256) && r.IsTaken && r.Ceremony == s.Id);
        (ReleaseImage Image, SigningDigest Digest)[] due = [.. ReleasePlanning.Signed(s.World, e.Signer, release.Preview)];
        if (!f.Signatures.Select(x => (x.File, x.Algorithm, x.Digest))
            .SequenceEqual(due.Select(d => (d.Image.File, d.Digest.Algorithm, d.Digest.Hex))))
            return "what was signed is not what was shown.";
        return f.Signatures.FirstOrDefault(x => Base64(x.Signature) is not { } signature
            || !ReleaseSigning.Holds(spki, Convert.FromHexString(x.Digest), signature)) is { } bad
                ? $"the signature of {bad.File} does not hold." : null;
    }
}
