using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using KeyCeremony.App.Ground;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Requests;
using KeyCeremony.Core.Release;
using KeyCeremony.Core.Release.Images;
using KeyCeremony.Core.Script;
using KeyCeremony.Verifier;

namespace KeyCeremony.App.Room;

/// <summary>
/// Reads builders' keys and release requests, judges them with what the ledger knows, and signs the digests that were shown. Images are
/// read in one pass and kept nowhere.
/// </summary>
internal sealed class ReleaseDesk(ImportStick imports)
{
    /// <summary>Of a refusal that the journal takes.</summary>
    private const int MaxMessage = 1900;

    /// <summary>A key that cannot be taken is a fact too: another file may be chosen.</summary>
    public EntryBody Read(CeremonyState s, ReadBuilder effect)
    {
        if (!imports.TryRead(effect.File, out byte[]? bytes, out Refusal? refusal)
            || !BuilderKeyFile.TryRead(bytes, out CheckedKey? key, out refusal))
            return Refused(ImportWords.Builder, effect.Builder, effect.File, refusal);
        return BuilderPlanning.Refuse(s, effect.Builder, key) is { } foreign
            ? Refused(ImportWords.Builder, effect.Builder, effect.File, foreign)
            : new BuilderRead(effect.Builder, effect.File, key.Sha256, Convert.ToBase64String(key.SubjectPublicKeyInfo.Span));
    }

    public EntryBody Read(CeremonyState s, ReadRelease effect)
    {
        PreviewReleaseStep step = effect.Step;
        if (!TryReadRequest(effect.Folder, out byte[]? yaml, out ReleaseRequest? request, out Refusal? refusal)
            || !TryReadStatements(effect.Folder, yaml.Length, request, out ImmutableArray<BuilderStated> statements, out refusal))
            return Refused(step, effect, refusal);
        if (!ReleaseJudgement.TryJudge(request, imports.NamesIn(effect.Folder) ?? [], name => imports.OpenIn(effect.Folder, name),
            ReleasePlanning.Builders(s.World), out ReleaseJudgement? judgement, out ImmutableArray<Refusal> wrong))
            return Refused(step, effect, wrong);
        if (SecondSignatures.Refuse(judgement) is { } second)
            return Refused(step, effect, second);
        ImmutableArray<ImageSeen> seen =
            [.. request.Images.Zip(judgement.Images).Select(one => ReleasePlanning.Seen(one.First, one.Second))];
        var preview = new ReleasePreviewed(step.Release, effect.Folder, Convert.ToBase64String(yaml),
            Convert.ToHexStringLower(SHA256.HashData(yaml)), statements,
            seen,
            ReleasePlanning.Asked(s.World, step, request, seen));
        if (ReleasePlanning.IsTooLong(preview))
            return Refused(step, effect, ReleaseRoomRules.Length.Refuse("With the images that are texts it does not fit into the journal.",
                "Sign the images in two releases, or shorten their texts."));
        wrong = [.. ReleasePlanning.Check(s.World, step, request, preview.Images, s.Last.Utc)];
        return wrong.IsEmpty ? preview : Refused(step, effect, wrong);
    }

    /// <summary>Every byte again: what was shown is what lies there when it is signed.</summary>
    public EntryBody Compare(CeremonyState s, CompareRelease effect)
    {
        ReleasePreviewed shown = Taken(s, effect.Release, effect.RequestSha256);
        ReleaseRequest request = ReleasePlanning.Request(shown);
        foreach ((string name, Func<bool> isSame) in Compared(effect.Folder, request, shown))
            if (!isSame())
                return Refused(ImportWords.Release, effect.Release, effect.Folder, ReleaseRoomRules.Unchanged.Refuse(
                    $"'{name}' is not what it was when it was shown.",
                    "Nothing was signed. Plug in the stick that was shown; if it is the same one, somebody or something "
                        + "changed it: abort."));
        return new ReleaseCompared(effect.Release, effect.RequestSha256);
    }

    /// <param name="signDigest">Over a digest alone: RSA as RSASSA-PSS.</param>
    /// <param name="signInCms">RSA as PKCS #1 v1.5.</param>
    public static ReleaseSigned Sign(CeremonyState s, SignRelease effect, Func<KeyFact, byte[], byte[]> signDigest,
        Func<KeyFact, byte[], byte[]> signInCms)
    {
        ReleasePreviewed shown = Taken(s, effect.Release, effect.RequestSha256);
        CertificateFact known = s.World.Certificates[effect.Signer];
        byte[] spki = known.Parsed.ToBeSigned.SubjectPublicKeyInfo.ToArray();
        ImmutableArray<ReleaseSignature>.Builder signatures = ImmutableArray.CreateBuilder<ReleaseSignature>();
        ParsedCertificate[] path = [.. BatchPlanning.Path(s.World, effect.Signer).Select(c => c.Parsed)];
        KeyAlgorithm algorithm = KeyAlgorithm.Of(spki)!;
        foreach ((ReleaseImage image, ImageSeen seen, SigningDigest digest) in ReleasePlanning.Signed(s.World, effect.Signer, shown))
        {
            byte[] hash = Convert.FromHexString(digest.Hex);
            SignedContent? content = ReleasePlanning.Content(image, seen, hash);
            // The time in a CMS is the one of the attempt, which is in the journal.
            DateTimeOffset at = s.Last.Utc;
            byte[] toSign = ReleaseSigning.HashToSign(content, hash, algorithm, at);
            byte[] signature = (content is null ? signDigest : signInCms)(s.World.Keys[known.Signed.Key], toSign);
            if (!ReleaseSigning.Holds(spki, content, hash, at, signature))
                throw new CeremonyException(ReleaseRoomRules.Signer.Refuse(
                    $"The signature of \"{effect.Signer}\" does not verify under its certificate.", "Do not use this HSM."));
            if (content is null)
                SecondOpinion.AskAboutDigest(hash, signature, spki);
            else
                SecondOpinion.AskAboutImage(content, SignedDataForm.Write(content, path, at, signature), path);
            signatures.Add(new ReleaseSignature(image.File, digest.Algorithm, digest.Hex, Convert.ToBase64String(signature)));
        }
        return new ReleaseSigned(effect.Release, effect.RequestSha256, effect.Signer, Convert.ToHexStringLower(SHA256.HashData(spki)),
            signatures.ToImmutable());
    }

    private static ReleasePreviewed Taken(CeremonyState s, string release, string requestSha256) =>
        s.World.Releases.Last(r => r.Is(release, requestSha256) && r.IsTaken).Preview;

    private bool TryReadRequest(string folder, [NotNullWhen(true)] out byte[]? yaml, [NotNullWhen(true)] out ReleaseRequest? request,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        request = null;
        if (!imports.TryReadIn(folder, ReleaseRequest.FileName, ReleaseRequest.MaxBytes, out yaml, out refusal))
            return false;
        if (ReleaseRequest.TryRead(yaml, ReleaseRequest.FileName, out request, out ImmutableArray<ScriptError> errors))
            // What the request names is opened next: names first.
            refusal = request.Check().FirstOrDefault();
        else
            refusal = new Refusal(errors[0].Rule, $"{errors[0].File}:{errors[0].Line}: {errors[0].Message}", errors[0].Remedy);
        return refusal is null && request is not null;
    }

    private bool TryReadStatements(string folder, int before, ReleaseRequest request, out ImmutableArray<BuilderStated> statements,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        (statements, refusal) = ([], null);
        int bytes = before;
        foreach (string name in request.Builders.Select(builder => builder.Statement))
        {
            if (!imports.TryReadIn(folder, name, DsseEnvelope.MaxBytes, out byte[]? envelope, out refusal))
                return false;
            bytes += envelope.Length;
            statements = statements.Add(new BuilderStated(name, Convert.ToBase64String(envelope)));
        }
        if (bytes > ReleasePlanning.MaxBytes)
            refusal = ReleaseRoomRules.Length.Refuse($"release.yaml and the statements have {bytes} bytes.",
                "Have the builders state fewer subjects, and no more parameters than are needed.");
        return refusal is null;
    }

    private IEnumerable<(string Name, Func<bool> IsSame)> Compared(string folder, ReleaseRequest request, ReleasePreviewed shown)
    {
        yield return (ReleaseRequest.FileName, () => IsSame(folder, ReleaseRequest.FileName, shown.Request));
        foreach (BuilderStated stated in shown.Statements)
            yield return (stated.File, () => IsSame(folder, stated.File, stated.Envelope));
        foreach ((ReleaseImage image, ImageSeen seen) in request.Images.Zip(shown.Images))
            yield return (image.File, () => IsSame(folder, image, seen));
    }

    private bool IsSame(string folder, string name, string base64) =>
        imports.TryReadIn(folder, name, DsseEnvelope.MaxBytes, out byte[]? bytes, out _) && Convert.ToBase64String(bytes) == base64;

    private bool IsSame(string folder, ReleaseImage image, ImageSeen seen)
    {
        using FileStream? file = imports.OpenIn(folder, image.File);
        return file is not null && ImageFormat.Of(image.Format).TryRead(file, file.Length, out ImageFacts? facts, out _)
            && ReleasePlanning.Facts(image, seen) is var before && facts.Sha256 == before.Sha256 && facts.Size == before.Size
            && facts.Digests.SequenceEqual(before.Digests);
    }

    private static ImportRefused Refused(PreviewReleaseStep step, ReadRelease effect, ImmutableArray<Refusal> wrong) =>
        Refused(step, effect, wrong[0] with { Message = PlainText.Of(string.Join(' ', wrong.Select(one => one.Message)), MaxMessage) });

    private static ImportRefused Refused(PreviewReleaseStep step, ReadRelease effect, Refusal refusal) =>
        Refused(ImportWords.Release, step.Release, effect.Folder, refusal);

    private static ImportRefused Refused(string kind, string subject, string file, Refusal refusal) =>
        new(kind, subject, file, refusal.Rule, refusal.Message, refusal.Remedy);
}
