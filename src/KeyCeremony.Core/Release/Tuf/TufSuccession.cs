using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Release.Tuf;

/// <summary>
/// The next root, held against the one that clients have: what changes, what may not, and who has signed it. Not judged: what this room's
/// keys can sign, and the files of the other roles.
/// </summary>
public sealed record TufSuccession
{
    private TufSuccession(TufRoot? before, TufRoot next, ImmutableArray<Refusal> exceptions, ImmutableArray<TufStanding> standings)
    {
        Before = before;
        Next = next;
        Exceptions = exceptions;
        Standings = standings;
    }

    /// <summary>Null: the next root is the first.</summary>
    public TufRoot? Before { get; }

    public TufRoot Next { get; }

    /// <summary>What people may have reasons for, each by its rule: TUF-11, TUF-12, TUF-15.</summary>
    public ImmutableArray<Refusal> Exceptions { get; }

    /// <summary>What clients will ask for: of the root before, where there is one, and of the next itself.</summary>
    public ImmutableArray<TufStanding> Standings { get; }

    /// <summary>Clients that trust the root before will take the next one.</summary>
    public bool IsSigned => Standings.All(one => one.IsReached);

    /// <param name="before">Null where there is none.</param>
    /// <param name="now">When it is judged.</param>
    /// <param name="latest">The last moment at which the next root may end; null where nobody set one.</param>
    /// <param name="holds">Whether the signature of a key over bytes holds: key, bytes, signature.</param>
    /// <param name="refusals">All that is wrong: TUF-06 to TUF-10.</param>
    public static bool TryJudge(TufRoot? before, TufRoot next, DateTimeOffset now, DateTimeOffset? latest,
        Func<TufKey, ReadOnlyMemory<byte>, ReadOnlyMemory<byte>, bool> holds, [NotNullWhen(true)] out TufSuccession? succession,
        out ImmutableArray<Refusal> refusals)
    {
        ArgumentNullException.ThrowIfNull(next);
        refusals = [.. Wrong(before, next, now, latest, holds)];
        succession = refusals.IsEmpty
            ? new TufSuccession(before, next, [.. Doubtful(before, next)], [.. Stand(before, next, holds)]) : null;
        return succession is not null;
    }

    /// <summary>TUF-14, where clients that trust the root before will not take the next one.</summary>
    public Refusal? RefuseUnsigned() => IsSigned ? null
        : TufRules.Signed.Refuse($"It is signed by {string.Join(", and by ", Standings.Select(one => one.InWords))}.",
            "Have it signed by more keys, or find out whose signature is missing.");

    /// <summary>The whole of a first root; of another what changes, and that nothing else does.</summary>
    public IEnumerable<TextLine> Describe() =>
    [
        new("version", Before is null ? $"{Next.Version}, the first" : $"{Next.Version}, behind {Before.Version}"),
        new("ends", Changed(Before is null ? null : Time(Before.Expires), Time(Next.Expires))),
        new("specification", Changed(Before?.SpecVersion, Next.SpecVersion)),
        new("consistent snapshots", Changed(Before is null ? null : YesNo(Before.ConsistentSnapshot), YesNo(Next.ConsistentSnapshot))),
        .. TufRoot.RoleNames.SelectMany(DescribeRole),
        .. DescribeKeys(),
        .. DescribeOthers(),
        .. Standings.Select(one => new TextLine("signatures", one.InWords)),
        .. Exceptions.Select(one => new TextLine("exception", $"{one.Rule} {one.Message}")),
    ];

    private static IEnumerable<Refusal> Wrong(TufRoot? before, TufRoot next, DateTimeOffset now, DateTimeOffset? latest,
        Func<TufKey, ReadOnlyMemory<byte>, ReadOnlyMemory<byte>, bool> holds)
    {
        if (next.Version != (before?.Version ?? 0) + 1L)
            yield return TufRules.Version.Refuse(before is null ? $"Its version is {next.Version}, and there is no root before."
                : $"Its version is {next.Version}, and the root before has {before.Version}.",
                "Clients go from one version to the next and leave none out. Have it made for the version that follows.");
        if (next.Expires <= now)
            yield return TufRules.Expiry.Refuse($"It ended on {Time(next.Expires)}.", "Have it made with an end in the future.");
        if (latest is { } last && next.Expires > last)
            yield return TufRules.Expiry.Refuse($"It ends on {Time(next.Expires)}, behind {Time(last)}.",
                "Have it made with an earlier end.");
        foreach (Refusal one in WrongSignatures("The next root", next, [before, next], holds))
            yield return one;
        if (before is null)
            yield break;
        foreach (Refusal one in WrongSignatures("The root before", before, [before], holds))
            yield return one;
        TufStanding own = new(before.Version, before.Roles[TufRoot.RootRole].Threshold, Count(before, before, holds));
        if (!own.IsReached)
            yield return TufRules.Believed.Refuse($"The root before is not signed by its own keys: {own.InWords}.",
                "Give the file that clients have.");
        foreach (TufKey key in next.Keys.Values)
            if (before.Keys.TryGetValue(key.Id, out TufKey? old) && old.Sha256 != key.Sha256)
                yield return TufRules.OneIdentifier.Refuse($"The identifier {key.Id} names another key than in the root before.",
                    "Have the new key named by an identifier of its own.");
    }

    // A signature by a key that neither root lists says nothing to anybody, and is told nowhere.
    private static IEnumerable<Refusal> WrongSignatures(string which, TufRoot root, TufRoot?[] known,
        Func<TufKey, ReadOnlyMemory<byte>, ReadOnlyMemory<byte>, bool> holds) =>
        from signature in root.Signatures
        let key = known.OfType<TufRoot>().Select(one => one.Keys.GetValueOrDefault(signature.KeyId)).FirstOrDefault(one => one is not null)
        where key is not null && !holds(key, root.Signed, signature.Value)
        select TufRules.Signature.Refuse($"{which}: the signature of the key {signature.KeyId} does not hold.",
            "The file was changed after it was signed, or the key is another. Find out which.");

    private static IEnumerable<Refusal> Doubtful(TufRoot? before, TufRoot next)
    {
        foreach (TufKey key in next.KeysOf(TufRoot.RootRole))
            foreach (string role in TufRoot.RoleNames.Where(one => one != TufRoot.RootRole && next.Roles[one].KeyIds.Contains(key.Id)))
                yield return TufRules.Offline.Refuse($"The root key {key.Id} also has the role {role}.",
                    "Give that role a key of its own, or record why.");
        foreach (string role in TufRoot.RoleNames.Where(one => next.Roles[one].Threshold < before?.Roles[one].Threshold))
            yield return TufRules.Threshold.Refuse(
                $"The role {role} asks for {next.Roles[role].Threshold} signatures, and asked for {before!.Roles[role].Threshold}.",
                "Leave the threshold, or record why.");
        foreach (TufKey key in next.Keys.Values.Where(one => one.Scheme == TufKey.P384))
            yield return TufRules.Scheme.Refuse($"The key {key.Id} has the scheme {key.Scheme}.",
                "Take a key of P-256, or record which clients there are.");
    }

    private static IEnumerable<TufStanding> Stand(TufRoot? before, TufRoot next,
        Func<TufKey, ReadOnlyMemory<byte>, ReadOnlyMemory<byte>, bool> holds) =>
        new[] { before, next }.OfType<TufRoot>()
            .Select(by => new TufStanding(by.Version, by.Roles[TufRoot.RootRole].Threshold, Count(by, next, holds)));

    // Keys, not signatures: TUF 1.0 5.3.4.
    private static int Count(TufRoot by, TufRoot signed, Func<TufKey, ReadOnlyMemory<byte>, ReadOnlyMemory<byte>, bool> holds) =>
        by.KeysOf(TufRoot.RootRole).Count(key =>
            signed.Signatures.FirstOrDefault(one => one.KeyId == key.Id) is { } signature && holds(key, signed.Signed, signature.Value));

    private IEnumerable<TextLine> DescribeRole(string role)
    {
        TufRole next = Next.Roles[role];
        TufRole? before = Before?.Roles[role];
        yield return new TextLine($"role {role}", Changed(Quorum(before), Quorum(next)!));
        foreach (string id in next.KeyIds)
            yield return new TextLine(before is null || before.KeyIds.Contains(id) ? "  key" : "  new key",
                $"{id}: {Next.Keys[id].InWords}");
        foreach (string id in before?.KeyIds.Except(next.KeyIds) ?? [])
            yield return new TextLine("  key taken away", $"{id}: {Before!.Keys[id].InWords}");
        if (Changed(before?.Told, next.Told) is { Length: > 0 } told && (next.Told.Length > 0 || before?.Told.Length > 0))
            yield return new TextLine("  also says", told);
    }

    private IEnumerable<TextLine> DescribeKeys()
    {
        foreach (TufKey key in Next.Keys.Values)
        {
            TufKey? old = Before?.Keys.GetValueOrDefault(key.Id);
            if (!key.IsNamedByHash)
                yield return new TextLine("key", $"{key.Id} has an identifier that somebody chose");
            if (key.Told.Length > 0 || old?.Told.Length > 0)
                yield return new TextLine($"key {key.Id}", $"also says {Changed(old?.Told, key.Told)}");
            if (!Next.Roles.Values.Any(role => role.KeyIds.Contains(key.Id)))
                yield return new TextLine("key", $"{key.Id} has no role");
        }
    }

    private IEnumerable<TextLine> DescribeOthers() =>
        Next.Others.Keys.Union(Before?.Others.Keys ?? []).Order(StringComparer.Ordinal).Select(name => new TextLine($"member {name}",
            Changed(Before is null ? null : Before.Others.GetValueOrDefault(name, ""), Next.Others.GetValueOrDefault(name, ""))));

    private static string? Quorum(TufRole? role) => role is null ? null : $"{role.Threshold} of {role.KeyIds.Length} keys";

    private static string Changed(string? before, string next) => before is null ? next : before == next ? $"{next}, as before"
        : $"{(next.Length == 0 ? "nothing" : next)}, before {(before.Length == 0 ? "nothing" : before)}";

    private static string Time(DateTimeOffset time) => $"{time:yyyy-MM-dd HH:mm:ss} UTC";

    private static string YesNo(bool value) => value ? "yes" : "no";
}

/// <summary>How far the next root is signed for those who trust one version.</summary>
/// <param name="Version">Whose root keys are asked.</param>
/// <param name="Threshold">How many of them must have signed.</param>
/// <param name="Signed">How many have.</param>
public sealed record TufStanding(int Version, int Threshold, int Signed)
{
    public bool IsReached => Signed >= Threshold;

    public string InWords => $"{Signed} of root keys of version {Version}, which asks for {Threshold}";
}
