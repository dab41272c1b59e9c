using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Ceremony.Steps;

/// <summary>
/// The next root is made while the first one serves, rests as backup and cards, and takes over on the day the first one falls.
/// docs/decisions/0035.
/// </summary>
internal static class Succession
{
    private const string DestroyId = "rest/";

    /// <summary>What lies of the key in the HSM is destroyed there; nothing else of it is.</summary>
    public static Move Rest(CeremonyState s, RestKeyStep step)
    {
        if (s.World.Keys.GetValueOrDefault(step.Key) is not { } key)
            return Tokens.Stop(s, CeremonyRules.KeyUnknown, $"The ledger knows no key \"{step.Key}\".", "Generate it first.");
        if (Dying.RefuseKey(s, step.Key, key) is { } dead)
            return Tokens.Stop(s, dead.Rule, dead.Message, dead.Remedy);
        if (s.Latest<KeyDestroyed>() is null && Ending.RefuseSigner(s, step.Key) is { } signs)
            return Tokens.Stop(s, signs.Rule, signs.Message, signs.Remedy);
        if (s.World.Primary is not { Commissioned.Serial: var here })
            return Tokens.UnlockFirst(s);
        if (s.Latest<KeyDestroyed>() is { } gone)
            return Eyes.Look(s, here) ?? Room.Seen(s, Roles.Witness,
                $"The key \"{step.Key}\" rests: it is in no HSM, and its backup with its cards is all there is of it.",
                [$"HSM    {here}, asked for CKA_ID {gone.CkaId}: it holds nothing of it",
                    .. s.World.Sets.TryGetValue(key.Backup!.Set, out ShareSetFact? set)
                        ? [$"Backup {key.Backup.Set}, {set.Made.Plan.Title}{(set.Made.Plan.HasGroups ? "" : " cards")} open it"]
                        : Array.Empty<string>(),
                    .. Eyes.Lines(s), .. Evidence.Hash("SHA-256 of the public key", Evidence.Sha256(key.Generated.Spki))]);
        if (key is not { Backup: { } backup, Drilled: true, Locked: true } || key.Serial != here)
            return Tokens.Stop(s, CeremonyRules.MayNotRest,
                $"The key \"{step.Key}\" would be gone: it has no drilled backup, is not locked, or lies in another HSM.",
                "Nothing was destroyed. Back it up, drill the recovery and lock it first.");
        if (SamePeople(s, step.Key, backup.Set) is { } same && !s.Facts<ExceptionRaised>().Any(x => x.Rule == CeremonyRules.SamePeople))
            return new Note(Room.Exception(s, CeremonyRules.SamePeople, same));
        string id = $"{DestroyId}{key.CkaId}";
        return s.Answer(id) is null
            ? new Ask(new Question(id, Roles.Witness, 1,
                $"The key \"{step.Key}\" is destroyed in this HSM and rests in its backup. Type the first two words of its ID.",
                AnswerKind.Typed, "Its cards bring it back. It is the key that was made today, and not the one that serves.",
                Evidence.FirstWords(key.CkaId),
                Evidence: [$"Key    {step.Key}", $"HSM    {here}", $"Backup {backup.Set}", .. Evidence.Hash("CKA_ID", key.CkaId)]))
            : new Perform(new DestroyKey(step.Key, key.CkaId, here, Rests: true));
    }

    /// <summary>The root that takes over says so of the one that fell.</summary>
    public static Move Withdraw(CeremonyState s, WithdrawRootStep step)
    {
        if (s.Latest<RootWithdrawn>() is { } done)
            return Room.Seen(s, Roles.Witness, $"\"{step.Successor}\" has signed that \"{step.Root}\" is withdrawn. Everybody may read it.",
                [.. Evidence.Hash("SHA-256 of the statement", Evidence.Sha256(done.Statement)),
                    .. Evidence.Hash($"SHA-256 of the certificate \"{step.Successor}\"",
                        s.World.Certificates[step.Successor].Signed.Sha256)]);
        CertificateFact? root = s.World.Certificates.GetValueOrDefault(step.Root),
            successor = s.World.Certificates.GetValueOrDefault(step.Successor);
        if ((Roots.RefuseUnknown(step.Root, root) ?? Roots.RefuseUnknown(step.Successor, successor)) is { } unknown)
            return Tokens.Stop(s, unknown.Rule, unknown.Message, unknown.Remedy);
        if (s.World.Ended.GetValueOrDefault(root!.Signed.Key) is not { } ended)
            return Tokens.Stop(s, CeremonyRules.NotWithdrawn, $"The key of the root \"{step.Root}\" did not end.",
                "Nothing was signed. A root is withdrawn when the witness has said that its key ended.");
        if (Roots.Refuse(s, step.Successor, successor) is { } refusal)
            return Tokens.Stop(s, refusal.Rule, refusal.Message, refusal.Remedy);
        return !s.World.AreLinked(step.Root, step.Successor)
            ? Tokens.Stop(s, CeremonyRules.NotLinked,
                $"\"{step.Root}\" never signed that \"{step.Successor}\" is ours: nobody who trusts it would believe the withdrawal.",
                "Nothing was signed. Name the root that was linked with it.")
            : new Perform(new WithdrawRoot(step.Root, step.Successor, Convert.ToBase64String(
                RootWithdrawal.Statement(s.World.LedgerId, root, successor!, ended))));
    }

    /// <summary>What the ledger knows to be ready.</summary>
    public static IEnumerable<string> Lines(CeremonyState s) => s.World.Spares.Select(spare => $"SPARE   {spare.InWords(s.World)}");

    /// <summary>
    /// Whether the people who hold a quorum of the cards of this set hold one of another root's cards, too: who falls with the first root
    /// falls with the next.
    /// </summary>
    private static string? SamePeople(CeremonyState s, string name, string of)
    {
        if (s.World.Sets.GetValueOrDefault(of) is not { Made: { } next })
            return null;
        IEnumerable<string> found =
            from key in s.World.Keys.Values
            where key.Generated.Key != name && !s.World.Ended.ContainsKey(key.Generated.Key)
                && s.World.CertificateOf(key.Generated.Key) is { } root && root.Preview.Issuer == root.Signed.Certificate
            orderby key.Seq
            let set = s.World.Sets.GetValueOrDefault(key.Backup?.Set ?? "")
            where set is not null && !s.World.IsDead(key.Ceremony)
            let both = set.Made.Custodians.Where(c => next.Custodians.Any(n => IsSame(c, n, s.Format))).ToArray()
            where OpenedBy(set.Made, both, s.Format) && OpenedBy(next, both, s.Format)
            select $"{string.Join(", ", both)} hold a quorum of the cards of the key \"{key.Generated.Key}\" and of those of \"{name}\": "
                + "what makes the one fall, through them, makes the other fall.";
        return found.FirstOrDefault();
    }

    private static bool OpenedBy(SharesMade made, string[] people, int format) => made.Plan.Opens(Enumerable
        .Range(1, made.Custodians.Length).Where(card => people.Any(p => IsSame(p, made.Custodians[card - 1], format))));

    private static bool IsSame(string one, string other, int format) =>
        PeopleNames.Skeleton(one, format) == PeopleNames.Skeleton(other, format);
}
