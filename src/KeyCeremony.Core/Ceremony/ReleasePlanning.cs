using System.Collections.Immutable;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Requests;
using KeyCeremony.Core.Release;
using KeyCeremony.Core.Release.Images;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Ceremony;

/// <summary>What a release is judged with and compared to, as a function of the journal.</summary>
public static class ReleasePlanning
{
    /// <summary>An entry has at most 256 KiB, and Base64 is a third longer than what it holds.</summary>
    public const int MaxBytes = 160 * 1024;

    /// <summary>Of an entry, for all but its body.</summary>
    private const int Rest = 1024;

    private const string RequestOfLedger = "the ledger's release request cannot be read";

    /// <summary>The keys of this ledger's builders.</summary>
    public static ImmutableArray<CheckedKey> Builders(World world) =>
        [.. world.Builders.Values.OrderBy(b => b.Builder, StringComparer.Ordinal)
            .Select(b => Key(b.Spki) ?? throw new UnreachableException(b.Builder))];

    public static ReleaseLedger Ledger(World world) => new(world.Environment, [.. world.Releases.Where(r => r.Signed is not null)
        .Select(r => new KnownRelease(r.Request, r.Signed!.KeyId, r.Withdrawn?.Floor, r.Ceremony)
        {
            IsDead = world.IsDead(r.Ceremony),
            Updates = r.Updates,
        })]);

    /// <summary>Batches that were signed and whose devices have this release.</summary>
    public static IEnumerable<BatchStatement> Shipped(World world, ReleaseFact release)
    {
        ReleaseLedger ledger = Ledger(world);
        return world.Batches.Values.Where(b => b.Signed is not null).OrderBy(b => b.Seq).Select(b => b.Statement)
            .Where(batch => FirmwareLineage.Of(ledger, batch).Any(image => image.IsOf(release.Request)));
    }

    public static ReleaseRequest Request(ReleasePreviewed preview) =>
        ReleaseRequest.TryRead(Convert.FromBase64String(preview.Request), ReleaseRequest.FileName, out ReleaseRequest? request, out _)
            ? request : throw new UnreachableException(RequestOfLedger);

    /// <summary>As the entry holds it.</summary>
    public static ImageSeen Seen(ReleaseImage image, ImageFacts facts) => new(image.File, facts.Size, facts.Sha256, facts.Version ?? "",
        (long?)facts.SecurityCounter ?? -1, facts.Target ?? "",
        [.. facts.Digests.Select(d => new ImageDigest(d.Algorithm, d.Hex, d.Over))],
        [.. facts.Lines.Select(l => new ImageLine(l.Label, l.Value))],
        facts.Text.IsEmpty ? null : Convert.ToBase64String(facts.Text.AsSpan()));

    public static ImageFacts Facts(ReleaseImage image, ImageSeen seen) => new()
    {
        Format = ImageFormat.Of(image.Format),
        Size = seen.Size,
        Sha256 = seen.Sha256,
        Version = seen.Version.Length == 0 ? null : seen.Version,
        SecurityCounter = seen.SecurityCounter < 0 ? null : (uint)seen.SecurityCounter,
        Target = seen.Target.Length == 0 ? null : seen.Target,
        Digests = Digests(seen),
        Lines = [.. seen.Lines.Select(l => new TextLine(l.Label, l.Value))],
        Text = Text(seen),
    };

    /// <summary>Of the images that set Secure Boot variables.</summary>
    public static IEnumerable<EfiUpdate> Updates(ReleaseRequest request, IEnumerable<ImageSeen> images) =>
        request.Images.Zip(images).Where(one => ImageFormat.Of(one.First.Format).Form == SignatureForm.BareCms)
            .Select(one => EfiUpdate.Of(Text(one.Second).AsMemory())).OfType<EfiUpdate>();

    /// <summary>Of the file; nothing where its format is not kept.</summary>
    public static ImmutableArray<byte> Text(ImageSeen seen) => seen.Text is { } text ? [.. ExactBase64.Read(text) ?? []] : [];

    /// <summary>What stands in the CMS of an image that was signed; null where its signature is over the digest itself.</summary>
    public static SignedContent? Content(ReleaseImage image, ImageSeen seen, byte[] digest) =>
        ReleaseSigning.Content(image.Format, digest, Text(seen));

    /// <summary>FIRMWARE-07: with number, ceremony and step it would not fit into an entry.</summary>
    public static bool IsTooLong(ReleasePreviewed preview) => Entry.LengthOf(preview) > Entry.MaxBytes - Rest;

    public static ImmutableArray<SigningDigest> Digests(ImageSeen seen) =>
        [.. seen.Digests.Select(d => new SigningDigest(d.Algorithm, d.Digest, d.Over))];

    /// <summary>The judgement that a preview left, from its entry alone and the builders that the ledger knew.</summary>
    public static bool TryJudge(World world, ReleasePreviewed preview, [NotNullWhen(true)] out ReleaseJudgement? judgement,
        out ImmutableArray<Refusal> refusals)
    {
        ReleaseRequest request = Request(preview);
        return ReleaseJudgement.TryJudgeAgain(request, [.. request.Images.Zip(preview.Images).Select(one => Facts(one.First, one.Second))],
            name => preview.Statements.FirstOrDefault(s => s.File == name) is { } stated ? Convert.FromBase64String(stated.Envelope) : null,
            Builders(world), out judgement, out refusals);
    }

    /// <summary>Everything that forbids to sign this release today: the ledger's word, and whether the key signs its images.</summary>
    /// <param name="now">The ceremony's clock.</param>
    public static IEnumerable<Refusal> Check(World world, PreviewReleaseStep step, ReleaseRequest request,
        ImmutableArray<ImageSeen> images, DateTimeOffset now)
    {
        byte[] spki = world.Certificates[step.Signer].Parsed.ToBeSigned.SubjectPublicKeyInfo.ToArray();
        ReleaseLedger ledger = Ledger(world);
        foreach (Refusal refusal in ledger.Check(request, step.Product, step.Component, KeyId(spki)))
            yield return refusal;
        if (ledger.CheckUse(request, KeyId(spki), KeyAlgorithm.Of(spki) is { IsRsa: true }) is { } mixed)
            yield return mixed;
        EfiUpdate[] updates = [.. Updates(request, images)];
        foreach (Refusal refusal in ledger.CheckUpdates(request, updates, now).Concat(updates.Select(one => Platform(world, step, one))
            .OfType<Refusal>()))
            yield return refusal;
        foreach ((ReleaseImage image, ImageSeen seen) in request.Images.Zip(images))
            if (KeyAlgorithm.Of(spki) is not { } key)
                throw new UnreachableException(step.Signer);
            else if (!ReleaseSigning.TryDigest(image.Format, Digests(seen), key, out _, out Refusal? unfit))
                yield return unfit with { Message = $"'{image.File}': {unfit.Message}" };
    }

    /// <summary>FIRMWARE-16: the platform stays with this ledger, and nobody is locked out by a slip.</summary>
    private static Refusal? Platform(World world, PreviewReleaseStep step, EfiUpdate update) =>
        update.Variable != EfiVariable.Platform || update.Entries.All(entry => world.Certificates.Values.Any(known =>
            Convert.ToHexStringLower(known.Parsed.Sha256()) == entry.Value && IsPlatform(world, step, known))) ? null
        : ReleaseRoomRules.Platform.Refuse("PK would be set to a certificate that belongs to no release key of this ledger.",
            $"Give the certificate of \"{step.Signer}\", or of the release key that takes its place: firmware takes the next update of PK "
                + "from that certificate alone.");

    private static bool IsPlatform(World world, PreviewReleaseStep step, CertificateFact known) => known.Signed.Certificate == step.Signer
        || (world.Keys.GetValueOrDefault(known.Signed.Key) is { Generated.Purpose: KeyPurposes.Release } && world.RevokedIn(known) is null
            && world.DeadIn(known) is null && !world.Ended.ContainsKey(known.Signed.Key));

    /// <summary>What was asked of the ledger and agreed; the version may be an exception.</summary>
    public static ImmutableArray<Finding> Asked(World world, PreviewReleaseStep step, ReleaseRequest request,
        ImmutableArray<ImageSeen> images)
    {
        ReleaseLedger ledger = Ledger(world);
        bool isRsa = KeyAlgorithm.Of(world.Certificates[step.Signer].Parsed.ToBeSigned.SubjectPublicKeyInfo.Span) is { IsRsa: true };
        EfiUpdate[] updates = [.. Updates(request, images)];
        return
        [
            new(ReleaseRoomRules.Environment.Id, FindingResults.Pass,
                $"The release belongs to {request.Environment}, as this ledger does."),
            new(ReleaseRoomRules.Component.Id, FindingResults.Pass, $"It is of {step.Component} of {step.Product}, as the script says."),
            new(ReleaseRoomRules.OneKey.Id, FindingResults.Pass, $"The key of \"{step.Signer}\" has signed nothing else."),
            new(ReleaseRoomRules.Counter.Id, FindingResults.Pass, ledger.Floor(step.Product, step.Component) is { } floor
                ? $"The security counter is {request.SecurityCounter}; it is at least {floor}."
                : $"The security counter is {request.SecurityCounter}, the first of this component."),
            ledger.NotNext(request) is { } why
                ? new(ReleaseRoomRules.Version.Id, FindingResults.Warning, why)
                : new(ReleaseRoomRules.Version.Id, FindingResults.Pass, $"The version {request.Version} is higher than every one before."),
            new(ReleaseRoomRules.Signable.Id, FindingResults.Pass, $"The key of \"{step.Signer}\" signs every image of it."),
            .. request.Images.Any(image => ReleaseSigning.IsForFirmware(image.Format, isRsa) is true)
                ? [new Finding(ReleaseRoomRules.OneUse.Id, FindingResults.Pass,
                    $"The key of \"{step.Signer}\" has signed no digest alone.")]
                : Array.Empty<Finding>(),
            .. updates.Select(update => new Finding(ReleaseRoomRules.VariableTime.Id, FindingResults.Pass,
                $"The update of {update.Variable} is of {update.TimeInWords}, later than every one before.")),
            .. updates.Where(update => update.Variable == EfiVariable.Platform).Select(_ => new Finding(ReleaseRoomRules.Platform.Id,
                FindingResults.Pass, "PK is set to the certificate of a release key of this ledger.")),
            .. ledger.WithdrawnBefore(request) is { } again
                ? new[] { new Finding(ReleaseRoomRules.Again.Id, FindingResults.Warning, again) } : [],
        ];
    }

    /// <summary>What is signed of each image.</summary>
    public static IEnumerable<(ReleaseImage Image, ImageSeen Seen, SigningDigest Digest)> Signed(World world, string signer,
        ReleasePreviewed preview)
    {
        KeyAlgorithm key = KeyAlgorithm.Of(world.Certificates[signer].Parsed.ToBeSigned.SubjectPublicKeyInfo.Span)!;
        foreach ((ReleaseImage image, ImageSeen seen) in Request(preview).Images.Zip(preview.Images))
            yield return ReleaseSigning.TryDigest(image.Format, Digests(seen), key, out SigningDigest? digest, out Refusal? refusal)
                ? (image, seen, digest) : throw new UnreachableException($"{refusal}");
    }

    internal static CheckedKey? Key(string spki) =>
        ExactBase64.Read(spki) is { } der && PublicKeyChecks.TryCheck(der, out CheckedKey? key, out _) ? key : null;

    private static string KeyId(byte[] spki) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(spki));
}
