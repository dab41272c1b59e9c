using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Ceremony.Steps;

/// <summary>Keys are made in the HSM, backed up, drilled, locked, restored.</summary>
internal static class Keys
{
    public static Move Generate(CeremonyState s, GenerateKeyStep step)
    {
        if (s.Latest<KeyGenerated>() is { } made)
            return Eyes.Look(s, made.Serial)
                ?? Room.Seen(s, Roles.Witness, $"The key \"{made.Key}\" exists inside the HSM and has never left it.",
                [$"Algorithm {made.Algorithm}", $"CKA_ID    {made.CkaId}", $"HSM       {made.Serial}",
                    .. s.Format >= JournalFormats.Replayed ? Guarded(made.Extractable, made.Tried) : [],
                    .. Eyes.Lines(s), .. Evidence.Hash("SHA-256 of the public key", Evidence.Sha256(made.Spki))]);
        if (s.World.Keys.TryGetValue(step.Key, out KeyFact? known))
            return Tokens.Stop(s, CeremonyRules.KeyNameUsed, s.World.IsDead(known.Ceremony)
                ? $"The aborted ceremony {known.Ceremony} made a key \"{step.Key}\"."
                : $"This ledger already has a key \"{step.Key}\".",
                "Use another name in the script.");
        if (s.Format >= JournalFormats.Accounted && (s.World.Requests.ContainsKey(step.Key) || s.World.Imported.ContainsKey(step.Key)))
            return Tokens.Stop(s, CeremonyRules.KeyNameUsed, $"Somebody else's key was brought to this ledger as \"{step.Key}\".",
                "Use another name in the script.");
        if (Interruption.GivenUp(s, "generate-key", step.Key) is { } givenUp)
            return givenUp;
        string id = CkaId(s, step.Key);
        return new Perform(Interruption.Resolution(s, "generate-key") == "adopt" && s.Pending is null
            ? new AdoptKey(step.Key, step.Purpose, step.Algorithm, id, step.Backup)
            : new GenerateKey(step.Key, step.Purpose, step.Algorithm, id, step.Backup,
                Interruption.Resolution(s, "generate-key") == "repeat"));
    }

    public static Move BackUp(CeremonyState s, BackupKeyStep step)
    {
        if (s.Latest<KeyBackedUp>() is { } done)
            return Room.Seen(s, Roles.Witness, "The wrapped key is public: without a quorum of backup shares it is worth nothing.",
                [$"Key {done.Key}, wrapped under {done.Set}", .. Evidence.Hash("SHA-256 of the backup blob", done.Sha256)]);
        if (s.SetHere(step.Set) is not { Combined: true } set || s.World.Keys.GetValueOrDefault(step.Key) is not { } key)
            return Tokens.Stop(s, CeremonyRules.KeyUnknown, "The key or its share set does not exist.",
                "Generate the key and deal the shares first.");
        if (Dying.RefuseKey(s, step.Key, key) is { } dead)
            return Tokens.Stop(s, dead.Rule, dead.Message, dead.Remedy);
        if (Proven(s) is not { } proven)
            return NotInspected(s);
        return s.Held.Contains(set.Made.Set)
            ? new Perform(new BackUpKey(step.Key, key.CkaId, key.Generated.Algorithm, key.Generated.Spki, set.Made.Set,
                proven.WrapMechanism, proven.WrapFormat))
            : Shares.Present(s, set);
    }

    /// <summary>
    /// The cards that are replaced bring the key out of its backup, and it is wrapped under the new ones. The primary HSM has no part in
    /// it: there the key is locked for good.
    /// </summary>
    public static Move Rewrap(CeremonyState s, RewrapKeyStep step)
    {
        string drill = s.Probes.GetValueOrDefault("drill")?.Serial ?? "";
        if (s.Latest<KeyBackedUp>() is { From: { } before } done)
            return s.Held.Contains(before) ? new Perform(new ForgetSecret(before))
                : Eyes.Look(s, drill, "drill") ?? Room.Seen(s, Roles.Witness,
                    "The key has a new backup, under the new cards. The old cards stay what they are until they are destroyed.",
                    [$"Key {done.Key}, brought out of its backup by cards {(step.Foreign ? "made elsewhere" : $"of {before}")}",
                        $"Wrapped under {done.Set}",
                        $"Drill HSM {drill}: it was wiped, it is empty.", .. Eyes.Lines(s),
                        .. Evidence.Hash("SHA-256 of the backup blob", done.Sha256)]);
        KeyFact? key = s.World.Keys.GetValueOrDefault(step.Key);
        if (key is not null && Dying.RefuseKey(s, step.Key, key) is { } dead)
            return Tokens.Stop(s, dead.Rule, dead.Message, dead.Remedy);
        if (key?.Backup is not { } backup || s.World.CertificateOf(step.Key) is null)
            return Tokens.Stop(s, CeremonyRules.KeyUnknown,
                $"The ledger knows no backup of a key \"{step.Key}\" with a certificate.", "Name the key as the ledger does.");
        if (s.SetHere(step.Set) is not { Combined: true } set || set.Made.Set == backup.Set)
            return Tokens.Stop(s, CeremonyRules.KeyUnknown, "No new cards were dealt for this key.", "Deal them first.");
        if (Tokens.Another(s, RewrapKey.EffectName, step) is { } another)
            return another;
        if (DrillIsPrimary(s) is { } same)
            return same;
        if (Proven(s, "drill") is not { } proven)
            return NotInspected(s);
        if (OtherFormat(s, "drill", backup) is { } other)
            return other;
        // The new secret is in memory since it was dealt, unless the program was started again.
        foreach (ShareSetFact needed in new[] { s.World.Sets[backup.Set], set })
            if (!s.Held.Contains(needed.Made.Set))
                return needed != set && step.Foreign ? ForeignCards.Present(s, needed, step.Key) : Shares.Present(s, needed, needed == set
                    ? ["The secret of the new cards was wiped when the program stopped: they are typed once more."] : []);
        return new Perform(new RewrapKey(step.Key, key.Generated.Algorithm, key.Generated.Spki, backup.Set, backup.Blob, set.Made.Set,
            proven.WrapMechanism, proven.WrapFormat, drill));
    }

    public static Move DestroyWrapKey(CeremonyState s, DestroyWrapKeyStep step)
    {
        if (s.SetHere(step.Set) is not { } set)
            return Tokens.Stop(s, CeremonyRules.KeyUnknown, $"No set \"{step.Set}\" was dealt here.", "Deal it first.");
        return s.Latest<WrapKeyDestroyed>() is null
            ? new Perform(new DestroyWrapKey(set.Made.Set))
            : Eyes.Look(s, s.World.Primary!.Commissioned.Serial)
                ?? Room.Seen(s, Roles.Witness, "The wrap key is gone from the HSM and from memory. It exists only as shares.",
                    [$"Set {set.Made.Set}", "No wrap key is left in the HSM: it was asked for secret keys and holds none.",
                        .. Eyes.Lines(s)]);
    }

    public static Move Drill(CeremonyState s, RecoveryDrillStep step) =>
        s.Latest<BackupDrilled>() is null && (Tokens.Another(s, DrillRecovery.EffectName, step) ?? DrillIsPrimary(s)) is { } first ? first
        : FromBackup(s, step.Key, "drill", "Back it up first.",
        (key, backup, certificate) => Proven(s, "drill") is { } proven
            ? new DrillRecovery(step.Key, key.Generated.Algorithm, backup.Set, backup.Blob,
                certificate.Signed.Der, proven.WrapMechanism, s.Probes.GetValueOrDefault("drill")?.Serial ?? "")
            : null,
        _ => s.Latest<BackupDrilled>() is { } drilled
            ? Eyes.Look(s, drilled.DrillSerial, "drill")
                ?? Room.Seen(s, Roles.Witness, "The backup works: the key came back, signed, and the drill HSM is wiped.",
                [$"Drill HSM {drilled.DrillSerial}", "It was wiped: it is empty.",
                    .. Eyes.Lines(s), .. Evidence.Hash("SHA-256 of the challenge's signature", Evidence.Sha256(drilled.Signature))])
            : null);

    /// <summary>It was inspected before it was commissioned, as another one.</summary>
    private static Move? DrillIsPrimary(CeremonyState s) => s.Format >= JournalFormats.Replayed
        && s.World.Primary is { Commissioned.Serial: var here } && s.Probes.GetValueOrDefault("drill")?.Serial == here
        ? Tokens.Stop(s, CeremonyRules.SameToken, $"The HSM {here}, which was inspected for the drill, is the primary HSM by now.",
            "Use a script that inspects the drill HSM after the primary one is commissioned: the drill wipes it.")
        : null;

    public static Move Lock(CeremonyState s, LockKeyStep step)
    {
        if (s.World.Keys.GetValueOrDefault(step.Key) is not { } key)
            return Tokens.Stop(s, CeremonyRules.KeyUnknown, $"The key \"{step.Key}\" does not exist.", "Generate it first.");
        if (Dying.RefuseKey(s, step.Key, key) is { } dead)
            return Tokens.Stop(s, dead.Rule, dead.Message, dead.Remedy);
        return s.Latest<KeyLocked>() is null && !key.Locked
            ? new Perform(new LockKey(step.Key, key.CkaId))
            : Eyes.Look(s, key.Serial)
                ?? Room.Seen(s, Roles.Witness, $"The key \"{step.Key}\" can never be taken out of this HSM again.",
                    ["EXTRACTABLE = false, read back from the HSM", .. Tried(s.Latest<KeyLocked>()?.Tried), .. Eyes.Lines(s)]);
    }

    public static Move Restore(CeremonyState s, RestoreKeyStep step) => IsHere(s, step.Key) ?? FromBackup(s, step.Key, "primary",
        "Restore the ledger from the right bundle.",
        (key, backup, certificate) => Proven(s) is { } proven
            ? new RestoreKey(step.Key, key.Generated.Algorithm, CkaId(s, step.Key),
                backup.Set, backup.Blob, certificate.Signed.Der, proven.WrapMechanism,
                Interruption.Resolution(s, "restore-key") == "repeat")
            : null,
        certificate => s.Latest<KeyRestored>() is { } restored
            ? Eyes.Look(s, restored.Serial) ?? Room.Seen(s, Roles.Witness,
                $"The key \"{step.Key}\" is back: its public key is the certificate's, and it signed a challenge.",
                [$"HSM    {restored.Serial}", $"CKA_ID {restored.CkaId}",
                    .. s.Format >= JournalFormats.Replayed ? Guarded(false, restored.Tried) : [],
                    .. Eyes.Lines(s), .. Evidence.Hash("SHA-256 of the certificate", certificate.Signed.Sha256)])
            : null, step.Foreign);

    /// <summary>A second object of the same key would be a copy that nobody needs.</summary>
    private static Move? IsHere(CeremonyState s, string name) => s.Format >= JournalFormats.Accounted
        && s.Latest<KeyRestored>() is null && s.World.Keys.GetValueOrDefault(name) is { Serial.Length: > 0 } key
        && key.Serial == s.World.Primary?.Commissioned.Serial && !s.World.IsDead(key.Ceremony) && !s.World.Ended.ContainsKey(name)
        ? Tokens.Stop(s, CeremonyRules.DoesNotRest, $"The key \"{name}\" lies in this HSM: it does not rest.",
            "Nothing was typed. A key is restored when it rests, or into another HSM than the one that holds it.")
        : null;

    /// <summary>
    /// A quorum types its backup cards, the key comes out of its backup, the secret is wiped, somebody looks at the result.
    /// </summary>
    /// <param name="token">Where it comes back.</param>
    /// <param name="use">Null when no wrap mechanism of the HSM was proven.</param>
    /// <param name="look">Null until it is done.</param>
    /// <param name="foreign">The cards were made elsewhere.</param>
    private static Move FromBackup(CeremonyState s, string name, string token, string remedy,
        Func<KeyFact, KeyBackedUp, CertificateFact, Effect?> use, Func<CertificateFact, Move?> look, bool foreign = false)
    {
        KeyFact? key = s.World.Keys.GetValueOrDefault(name);
        if (key is not null && Dying.RefuseKey(s, name, key) is { } dead)
            return Tokens.Stop(s, dead.Rule, dead.Message, dead.Remedy);
        if (key?.Backup is not { } backup || s.World.CertificateOf(name) is not { } certificate)
            return Tokens.Stop(s, CeremonyRules.KeyUnknown, $"The ledger knows no backup of a key \"{name}\" with a certificate.", remedy);
        bool held = s.Held.Contains(backup.Set);
        if (look(certificate) is { } seen)
            return held ? new Perform(new ForgetSecret(backup.Set)) : seen;
        return use(key, backup, certificate) is not { } effect ? NotInspected(s)
            : OtherFormat(s, token, backup) is { } other ? other
            : held ? new Perform(effect)
            : foreign ? ForeignCards.Present(s, s.World.Sets[backup.Set], name)
            : Shares.Present(s, s.World.Sets[backup.Set]);
    }

    /// <summary>The HSM does not open what this backup is wrapped in: said before a card is typed.</summary>
    private static Move? OtherFormat(CeremonyState s, string token, KeyBackedUp backup) => s.Format >= JournalFormats.Prepared
        && Proven(s, token) is { } proven
        && BackupBlob.TryRead(Convert.FromBase64String(backup.Blob), out BackupBlob? blob, out _) && blob.Wrap != proven.WrapFormat
        ? Tokens.Stop(s, CeremonyRules.OtherFormat,
            $"The backup is wrapped as {blob.Wrap}, and this HSM was measured to open {proven.WrapFormat}.",
            "Nothing was typed. Abort, and begin again with a blank HSM of the kind that the backup was made in.")
        : null;

    private static Move NotInspected(CeremonyState s) =>
        Tokens.Stop(s, CeremonyRules.NotInspected, "No wrap mechanism of this HSM was found safe.",
            "Use a script that inspects the HSM before it uses it, and an HSM that passes.");

    /// <summary>Whether it is locked, and what came of trying to wrap it then.</summary>
    private static ImmutableArray<string> Guarded(bool extractable, Finding? tried) =>
        extractable
            ? ["The key is not locked yet: it is locked when its backup was drilled."]
            : ["The key is locked: EXTRACTABLE = false, read back from the HSM", .. Tried(tried)];

    private static ImmutableArray<string> Tried(Finding? tried) => tried is null ? [] : Appliance.Lines([tried]);

    /// <summary>The same ID after every restart, so that an interrupted attempt is found again.</summary>
    private static string CkaId(CeremonyState s, string key) => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes($"keyceremony/cka-id/1\n{s.World.LedgerId}\n{s.Id}\n{key}")).AsSpan(0, 16));

    /// <summary>The inspection that proved how the HSM wraps; null when none did.</summary>
    private static TokenProbed? Proven(CeremonyState s, string token = "primary") =>
        (s.Probes.GetValueOrDefault(token)
            // What the primary HSM was measured to do says nothing of another one.
            ?? (token == "primary" || s.Format < JournalFormats.Replayed ? s.World.Primary?.Probe : null))
        is { WrapMechanism.Length: > 0 } proven ? proven : null;
}
