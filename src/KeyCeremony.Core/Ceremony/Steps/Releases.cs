using System.Collections.Immutable;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Release;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Ceremony.Steps;

/// <summary>
/// A release: its request is read, judged, shown and taken; then its images are signed. And one that must not be shipped any more.
/// </summary>
internal static class Releases
{
    private const string WithdrawId = "withdraw";
    private const string WithdrawWord = "withdrawn";

    public static Move Preview(CeremonyState s, PreviewReleaseStep step)
    {
        if (RefuseSigner(s, step) is { } refusal)
            return Tokens.Stop(s, refusal.Rule, refusal.Message, refusal.Remedy);
        if (s.Latest<ReleaseTaken>() is not null)
            return Room.Done;
        Move move = Imports.Import(s, ImportWords.Release, step.Release, folder => new ReadRelease(step, folder),
            body => body is ReleasePreviewed p ? new Imports.Found(p.RequestSha256, "SHA-256 of release.yaml",
                ReleaseWords.Lines(s.World, step, p), "release engineer",
                "Nothing is signed yet. Read all of it (F5), what is other than in the last release before the rest.") : null);
        if (move != Room.Done || Imports.IsLeftOut(s, step.Release) || s.Latest<ReleasePreviewed>() is not { } preview)
            return move;
        return preview.Findings.FirstOrDefault(f => f.Result == FindingResults.Warning
            && !s.Facts<ExceptionRaised>().Any(x => x.Rule == f.Id)) is { } unlike
                ? new Note(Room.Exception(s, unlike.Id, unlike.Text))
                : new Note(new ReleaseTaken(step.Release, preview.RequestSha256));
    }

    public static Move Sign(CeremonyState s, SignReleaseStep step)
    {
        if (Imports.IsLeftOut(s, step.Release))
            return Room.Done;
        if (s.Script.Steps.OfType<PreviewReleaseStep>().LastOrDefault(p => p.Release == step.Release) is not { } previewed
            || s.World.Releases.LastOrDefault(r => r.Preview.Release == step.Release && r.IsTaken && r.Ceremony == s.Id) is not { } release)
            return Tokens.Stop(s, ReleaseRoomRules.Taken.Id, $"No release \"{step.Release}\" was taken in this ceremony.",
                "Nothing is signed that was not previewed and read.");
        if (release.Signed is { } signed)
            return Room.Seen(s, Roles.Witness, "Every image is signed and every signature was verified. "
                + "Write the first words of what was signed into the binder.",
                [ReleaseWords.Title(release.Request), .. ReleaseWords.ToBeSigned(s.World, signed.Certificate, release.Preview),
                    $"Signed by {signed.Certificate}; BouncyCastle accepts every signature."]);
        // Since the preview another release of this ceremony may have been signed or withdrawn.
        if (s.Pending is null && (RefuseSigner(s, previewed)
            ?? ReleasePlanning.Check(s.World, previewed, release.Request, release.Preview.Images, s.Last.Utc)
                .FirstOrDefault()) is { } refusal)
            return Tokens.Stop(s, refusal.Rule, refusal.Message, refusal.Remedy);
        if (s.Pending is not null || s.Since(b => b is Reopened).OfType<ReleaseCompared>().Any())
            return new Perform(new SignRelease(step.Release, release.Preview.RequestSha256, previewed.Signer));
        return s.Since(b => b is Reopened or Answered { Question: Imports.RefusedId, Value: Imports.Again }).OfType<ImportRefused>()
            .LastOrDefault() is { } changed
                ? new Ask(Imports.Refused(s, changed, new Option(Imports.Again, "Read the stick again")))
                : new Perform(new CompareRelease(step.Release, release.Preview.Folder, release.Preview.RequestSha256));
    }

    public static Move Withdraw(CeremonyState s, WithdrawReleaseStep step)
    {
        if (s.Latest<ReleaseWithdrawn>() is not null)
            return Room.Done;
        if (s.World.Releases.LastOrDefault(r => r.Preview.Release == step.Release && r.Signed is not null
            && r.Request.Version == step.Version) is not { Withdrawn: null } release)
            return Tokens.Stop(s, ReleaseRoomRules.Withdrawn.Id,
                $"This ledger has signed no version {step.Version} of \"{step.Release}\" that is not withdrawn.",
                "Correct the script: a release is named as the script that signed it names it.");
        ReleaseRequest request = release.Request;
        long floor = ReleasePlanning.Ledger(s.World).Floor(request.Product, request.Component)!.Value;
        if (step.CounterFloor <= request.SecurityCounter || step.CounterFloor < floor)
            return Tokens.Stop(s, ReleaseRoomRules.Floor.Id, $"The lowest counter would be {step.CounterFloor}; the release has "
                + $"{request.SecurityCounter}, and its component at least {floor}.",
                "Write a counter above both: a device that has the next release must never take this one again.");
        return s.Answer(WithdrawId) is null
            ? new Ask(new Question(WithdrawId, Roles.Witness, 1, "Is it this release that must not be shipped any more?", AnswerKind.Typed,
                "It cannot be taken back. What was signed stays valid for devices: only a release with a higher counter ends it there.",
                WithdrawWord, Evidence: [ReleaseWords.Title(request), $"Security counter {BatchText.Count(request.SecurityCounter)}, "
                    + $"signed in {release.Ceremony}", $"From now on at least {BatchText.Count(step.CounterFloor)}",
                    $"Reason: {step.Reason}",
                    .. ReleasePlanning.Shipped(s.World, release).Select(batch => $"Devices have it: {BatchWords.Title(batch)}"),
                    "", .. Evidence.Hash("SHA-256 of its release.yaml", release.Preview.RequestSha256)]))
            : new Note(new ReleaseWithdrawn(step.Release, step.Version, release.Preview.RequestSha256, step.CounterFloor, step.Reason));
    }

    /// <summary>Before a request is read, and once more before it is signed: FIRMWARE-09, ISSUE-01, ISSUE-02, DEAD-01, END-01.</summary>
    public static Refusal? RefuseSigner(CeremonyState s, PreviewReleaseStep step)
    {
        string signer = step.Signer;
        if (s.World.Certificates.GetValueOrDefault(signer) is not { } known
            || s.World.KeyIn(known) is not { Generated.Purpose: KeyPurposes.Release } key)
            return ReleaseRoomRules.Signer.Refuse($"The ledger has no release key with a certificate \"{signer}\".",
                "Make one with the script release-key.md.");
        if (Signers.RefuseGone(s, signer, known, "Make a new release key, and name its certificate in the script.") is { } gone)
            return gone;
        if (Signers.Why(known.Parsed, KeyUsages.DigitalSignature, s.Last.Utc) is { } why)
            return ReleaseRoomRules.Signer.Refuse($"The certificate \"{signer}\" {why}.",
                "Look at the clock, or make a new release key and name its certificate in the script.");
        if (known.Parsed.ToBeSigned.BasicConstraints is { IsCa: true }
            || known.Parsed.ToBeSigned.ExtendedKeyUsage is not [Oids.CodeSigning])
            return ReleaseRoomRules.Signer.Refuse($"The certificate \"{signer}\" is not one for signing code.",
                "Name the certificate of the release key in the script.");
        return key.Serial == s.World.Primary?.Commissioned.Serial ? null
            : new(CeremonyRules.IssuerElsewhere, $"The key of \"{signer}\" is not in this HSM.",
                "Restore it from its backup first (disaster recovery), or make a new release key.");
    }
}
