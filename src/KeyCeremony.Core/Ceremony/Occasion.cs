using System.Collections.Immutable;
using KeyCeremony.Core.Ceremony.Steps;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Ceremony;

/// <summary>When a ceremony is held: what people look for in a list of scripts. Read from the steps: a script has no word for it.</summary>
/// <param name="Title">Stands above the ceremonies of this occasion.</param>
public sealed record Occasion(string Title)
{
    private static readonly Occasion Beginning = new("The beginning: an HSM and a root");
    private static readonly Occasion NewKeys = new("A new key in the HSM");
    private static readonly Occasion Certificates = new("Certificates for keys of others");
    private static readonly Occasion Revocation = new("Revocation");
    private static readonly Occasion Batches = new("Batches of devices");
    private static readonly Occasion Firmware = new("Releases of firmware and software");
    private static readonly Occasion Custody = new("Looking after the cards");
    private static readonly Occasion Ends = new("A key moves or ends");
    private static readonly Occasion Mending = new("After a loss or an abort");

    /// <summary>In the order in which a ledger's life has need of them.</summary>
    public static readonly ImmutableArray<Occasion> All =
        [Beginning, NewKeys, Certificates, Revocation, Batches, Firmware, Custody, Mending, Ends];

    public static Occasion Of(CeremonyScript script)
    {
        ArgumentNullException.ThrowIfNull(script);
        ImmutableArray<Step> steps = script.Steps;
        return steps.Any(s => s is DestroyKeyStep or ReplaceHsmStep) ? Ends
            : steps.Any(s => s is RetireHsmStep or RestoreKeyStep or DestroyAbandonedStep) ? Mending
            : !script.IsSigned || steps.Any(s => s is RewrapKeyStep or ChangeActivationStep) ? Custody
            : steps.Any(s => s is CommissionHsmStep) ? Beginning
            : steps.Any(s => s is PreviewCrlStep) ? Revocation
            : steps.Any(s => s is SignManifestsStep or GenerateKeyStep { Purpose: KeyPurposes.Manifest }) ? Batches
            : steps.Any(s => s is ImportBuilderStep or PreviewReleaseStep or WithdrawReleaseStep
                or GenerateKeyStep { Purpose: KeyPurposes.Release }) ? Firmware
            : steps.Any(s => s is GenerateKeyStep { Purpose: KeyPurposes.Ca }) ? NewKeys
            : Certificates;
    }

    /// <summary>Whether a ledger begins with this ceremony: it needs sticks without a history.</summary>
    public static bool BeginsLedger(CeremonyScript script)
    {
        ArgumentNullException.ThrowIfNull(script);
        return Of(script) == Beginning;
    }

    /// <summary>
    /// Why this script would come to a stop in this ledger, whatever is connected and whoever is there: what its steps would say on the
    /// day, said before anybody is called in. Null: the ledger has nothing against it. The steps themselves still ask.
    /// </summary>
    /// <param name="world">Where no ledger is yet: <see cref="World.Empty"/> with its environment.</param>
    public static Refusal? WhyNot(World world, CeremonyScript script, DateTimeOffset utc)
    {
        ArgumentNullException.ThrowIfNull(world);
        ArgumentNullException.ThrowIfNull(script);
        if (Director.MayOpen(world, script, utc) is { } closed)
            return closed;
        var opened = new CeremonyOpened(script.Name, script.Version, script.Sha256, script.Text, "", JournalFormats.Current);
        CeremonyState state = Replay.Open(script, world, Entry.Following(null, Director.NextId(world, script.Name), utc, "", opened));
        bool isNew = script.Steps.Any(s => s is CommissionHsmStep);
        return script.Steps.Select(step => WhyNot(state, step, isNew)).FirstOrDefault(refusal => refusal is not null);
    }

    /// <param name="isNew">The HSM of the day is commissioned by the script: what is in it today is not asked.</param>
    private static Refusal? WhyNot(CeremonyState s, Step step, bool isNew) => step switch
    {
        RetireHsmStep => Stopped(Tokens.Retire(s)),
        ReplaceHsmStep => Stopped(Moving.Replace(s)),
        InspectHsmStep { Token: "primary", Expect: "blank" } inspect
            when !s.Script.Steps.Any(other => other is RetireHsmStep or ReplaceHsmStep) => Stopped(Tokens.Inspect(s, inspect)),
        UnlockHsmStep when !isNew => Stopped(Tokens.Unlock(s)),
        ChangeActivationStep => Changing.Refuse(s),
        CheckCardsStep check when s.World.Sets.IsEmpty => Stopped(CardChecks.Check(s, check)),
        DestroyAbandonedStep when s.World.DeadKeys.IsEmpty => new Refusal(CeremonyRules.NoDeadKey,
            "No aborted ceremony left a key in this HSM.", "There is nothing to do."),
        DestroyKeyStep destroy => Ending.Refuse(s, destroy.Key),
        EndKeyStep end => Ending.Refuse(s, end.Key),
        GenerateKeyStep generate when s.World.Keys.ContainsKey(generate.Key) => Stopped(Keys.Generate(s, generate)),
        RestoreKeyStep restore => Stopped(Keys.Restore(s, restore)) is { Rule: not CeremonyRules.NotInspected } lost
            && (!isNew || lost.Rule != CeremonyRules.DoesNotRest) ? lost : null,
        RewrapKeyStep rewrap => Stopped(Keys.Rewrap(s, rewrap)) is { } lost && s.World.Keys.GetValueOrDefault(rewrap.Key)?.Backup is null
            ? lost : null,
        PreviewCertificateStep preview => Certified(s, preview, isNew),
        PreviewCrlStep list when !Signs(s, list.Issuer) =>
            Crls.Refuse(s, list) is { } lost && !ComesToday(s, list.Issuer, lost) ? lost : null,
        SignManifestsStep => Manifests.RefuseSigners(s),
        PreviewReleaseStep preview when !Signs(s, preview.Signer) => Releases.RefuseSigner(s, preview),
        WithdrawReleaseStep withdraw => Stopped(Releases.Withdraw(s, withdraw)),
        _ => null,
    };

    private static Refusal? Certified(CeremonyState s, PreviewCertificateStep preview, bool isNew) =>
        s.World.Certificates.ContainsKey(preview.Certificate) ? Stopped(Steps.Certificates.Preview(s, preview))
        : preview.Issuer == preview.Certificate || Signs(s, preview.Issuer)
            || Steps.Certificates.RefuseIssuer(s, preview.Issuer) is not { } issuer ? null
        // Its key comes into the new HSM on the day.
        : isNew && issuer.Rule == CeremonyRules.IssuerElsewhere || ComesToday(s, preview.Issuer, issuer) ? null : issuer;

    /// <summary>Whether all that is wrong with this issuer is that its key rests until the script restores it.</summary>
    private static bool ComesToday(CeremonyState s, string issuer, Refusal refusal) => refusal.Rule == CeremonyRules.IssuerElsewhere
        && s.Script.Steps.OfType<RestoreKeyStep>().Any(restore => restore.Key == issuer);

    private static bool Signs(CeremonyState s, string certificate) =>
        s.Script.Steps.OfType<SignCertificateStep>().Any(sign => sign.Certificate == certificate);

    private static Refusal? Stopped(Move move) => (move as Ask)?.Question.Blocked;
}
