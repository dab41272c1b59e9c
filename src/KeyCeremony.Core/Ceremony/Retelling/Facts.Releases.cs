using System.Collections.Immutable;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki.Requests;
using KeyCeremony.Core.Release;
using KeyCeremony.Core.Release.Images;

namespace KeyCeremony.Core.Ceremony.Retelling;

/// <summary>Builders' keys and releases: everything but what images say of themselves is computed again.</summary>
internal static partial class Facts
{
    private const int MaxDigests = 4, MaxLines = 200;

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
            ReleasePlanning.Asked(s.World, e.Step, request, f.Images))) is { } other)
            return other;
        if (!f.Statements.Select(x => x.File).SequenceEqual(request.Builders.Select(b => b.Statement))
            || f.Statements.Any(x => Base64(x.Envelope) is null))
            return "its statements are not those that the request names.";
        if (!f.Images.Select(x => x.File).SequenceEqual(request.Images.Select(i => i.File)))
            return "its images are not those that the request names.";
        if (yaml.Length + f.Statements.Sum(x => Base64(x.Envelope)!.Length) > ReleasePlanning.MaxBytes || ReleasePlanning.IsTooLong(f))
            return "it is longer than the program takes.";
        foreach ((ReleaseImage image, ImageSeen seen) in request.Images.Zip(f.Images))
            if (Strange(image, seen) is { } strange)
                return $"{seen.File}: {strange}";
        if (!ReleasePlanning.TryJudge(s.World, f, out _, out ImmutableArray<Refusal> refusals))
            return $"it is refused: {refusals.FirstOrDefault()?.Rule} {refusals.FirstOrDefault()?.Message}";
        return ReleasePlanning.Check(s.World, e.Step, request, f.Images, s.Last.Utc).FirstOrDefault() is { } forbidden
            ? $"it is refused: {forbidden.Rule} {forbidden.Message}" : null;
    }

    /// <summary>A text is read again. Of other images, which are not here, it must be what one of their format can say.</summary>
    private static string? Strange(ReleaseImage image, ImageSeen seen)
    {
        var format = ImageFormat.Of(image.Format);
        if (format.IsKept)
            return seen.Text is { } base64 && Base64(base64) is { } text
                && format.TryRead(new MemoryStream(text), text.Length, out ImageFacts? facts, out _)
                && IsSame(seen, ReleasePlanning.Seen(image, facts)) ? null : "it does not say what its text says.";
        if (seen.Text is not null)
            return "its text stands there, and its format is none.";
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
        return image.Format is "raw" or "esp-secure-boot-v2" or "cms" or "rauc-plain"
            && seen.Digests.Any(d => d.Algorithm == "SHA-256" && d.Digest != seen.Sha256) ? "its digest is not its hash." : null;
    }

    private static bool IsSame(ImageSeen one, ImageSeen other) => one.Digests.SequenceEqual(other.Digests)
        && one.Lines.SequenceEqual(other.Lines) && one == other with { Digests = one.Digests, Lines = one.Lines };

    private static string? ReleaseSigned(CeremonyState s, SignRelease e, ReleaseSigned f)
    {
        byte[] spki = s.World.Certificates[e.Signer].Parsed.ToBeSigned.SubjectPublicKeyInfo.ToArray();
        if (Same(f, new ReleaseSigned(e.Release, e.RequestSha256, e.Signer, Sha256(spki), f.Signatures)) is { } other)
            return other;
        ReleaseFact release = s.World.Releases.Last(r => r.Is(e.Release, e.RequestSha256) && r.IsTaken && r.Ceremony == s.Id);
        (ReleaseImage Image, ImageSeen Seen, SigningDigest Digest)[] due = [.. ReleasePlanning.Signed(s.World, e.Signer, release.Preview)];
        if (!f.Signatures.Select(x => (x.File, x.Algorithm, x.Digest))
            .SequenceEqual(due.Select(d => (d.Image.File, d.Digest.Algorithm, d.Digest.Hex))))
            return "what was signed is not what was shown.";
        foreach ((ReleaseSignature signed, (ReleaseImage image, ImageSeen seen, SigningDigest digest)) in f.Signatures.Zip(due))
        {
            byte[] hash = Convert.FromHexString(digest.Hex);
            if (Base64(signed.Signature) is not { } signature
                || !ReleaseSigning.Holds(spki, ReleasePlanning.Content(image, seen, hash), hash, s.Last.Utc, signature))
                return $"the signature of {signed.File} does not hold.";
        }
        return null;
    }
}
