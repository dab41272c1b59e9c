using System.Collections.Immutable;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.Core.Ceremony;

/// <summary>What a second look at a token is compared for, and the words in which the journal holds the result.</summary>
public static class SecondLooks
{
    public const string SameObjects = "Both bindings list the same objects.";
    public const string SameProperties = "Both bindings read the same properties, public keys and data of each.";

    private const string NotLooked = "Not looked at a second time, because the token does not let a second process look: ";

    /// <summary>
    /// How a token may say that it has room for one process alone. A call that fails in another way is a failure: it is
    /// tried again.
    /// </summary>
    private static readonly ImmutableArray<string> Exclusive =
    [
        "C_Initialize CKR_CANT_LOCK",
        "C_GetSlotList CKR_TOKEN_NOT_PRESENT",
        "C_OpenSession CKR_SESSION_COUNT",
        "C_OpenSession CKR_TOKEN_NOT_PRESENT",
        "C_OpenSession CKR_TOKEN_NOT_RECOGNIZED",
    ];

    /// <summary>The finding for a token that gives this answer to a second process; null when the answer means something else.</summary>
    /// <param name="where">The call and its return value; that no token is listed reads <c>C_GetSlotList CKR_TOKEN_NOT_PRESENT</c>.</param>
    public static Finding? Impossible(string where) =>
        Exclusive.Contains(where) ? new(CeremonyRules.NotLooked, FindingResults.Unknown, $"{NotLooked}{where}.") : null;

    /// <summary>Whether this is what <see cref="Impossible"/> gives for one of the answers.</summary>
    public static bool IsImpossible(Finding finding) => Exclusive.Any(where => Impossible(where) == finding);

    /// <summary>Whether the token was looked at, whatever was found.</summary>
    public static bool WasLookedAt(TokenLookedAt look) => look.Findings is not [{ Id: CeremonyRules.NotLooked }];

    /// <param name="keys">CKA_IDs of the private and secret keys that the other binding found.</param>
    /// <param name="extractable">Those of them that say that they may leave the token.</param>
    public static Finding Ledger(LookAgain effect, ImmutableArray<string> keys, ImmutableArray<string> extractable)
    {
        string? wrong = effect.Locked.All.Concat(effect.Open.All).Except(keys).Select(id => $"the key {id} is not there").FirstOrDefault()
            ?? Unknown(effect, keys).Select(id => $"the ledger knows of no key {id} in it").FirstOrDefault()
            ?? effect.Locked.All.Intersect(extractable).Select(id => $"the key {id} may leave it, and the ledger says that it is locked")
                .FirstOrDefault();
        return wrong is null
            ? new(CeremonyRules.OtherKeys, FindingResults.Pass, AsTheLedgerSays(keys))
            : new(CeremonyRules.OtherKeys, FindingResults.Fail, $"In this HSM {wrong}.");
    }

    /// <summary>Whether a ledger that knows what this effect names can find these keys as it should.</summary>
    public static bool Fits(LookAgain effect, ImmutableArray<string> keys) =>
        !effect.Locked.All.Concat(effect.Open.All).Except(keys).Any() && !Unknown(effect, keys).Any();

    public static string AsTheLedgerSays(ImmutableArray<string> keys) => keys.Length switch
    {
        0 => "It holds no private and no secret key, as the ledger says.",
        1 => "It holds the one key that the ledger says, and no other.",
        var n => $"It holds the {n} keys that the ledger says, and no other.",
    };

    /// <summary>What people are told of a look in which nothing differed.</summary>
    public static string Line(TokenLookedAt look) =>
        WasLookedAt(look) ? $"Other eyes: {AsTheLedgerSays(look.Keys)}" : $"{CeremonyRules.NotLooked} {look.Findings[0].Text}";

    /// <summary>What is in the token more often than anybody knows it to be.</summary>
    private static IEnumerable<string> Unknown(LookAgain effect, ImmutableArray<string> keys)
    {
        List<string> known = [.. effect.Locked.All, .. effect.Open.All, .. effect.Perhaps.All];
        return keys.Where(id => !known.Remove(id));
    }
}
