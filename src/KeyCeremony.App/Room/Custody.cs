using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using KeyCeremony.App.Ground;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.App.Room;

/// <summary>
/// The only place where secrets live, and only until they are wiped: share sets being dealt, shares typed,
/// secrets rebuilt. The journal's state says what is held here; a restart empties it.
/// </summary>
internal sealed class Custody(FillRandom kernel) : IDisposable
{
    private readonly Dictionary<string, SecretBytes> _secrets = [];
    private readonly Dictionary<string, ShareSet> _dealt = [];
    private readonly Dictionary<string, List<Share>> _typed = [];
    private SecretBytes? _dice;
    private SecretBytes? _passphrase;

    /// <summary>The share that stands on the screen.</summary>
    public Share Dealt(string set, int share) => _dealt[set].Shares[share - 1];

    /// <summary>
    /// For the words of a card: compared with the card just dealt, or with the two words that every card of its set begins with.
    /// </summary>
    public WordEntry EntryFor(CeremonyState state, Question question)
    {
        ShareRef share = question.Share!;
        if (question.Kind == AnswerKind.ReadBackShare)
            return WordEntry.ReadBack(Dealt(share.Set, share.Share));
        // Whatever card is typed is to be found out, also one of another set.
        if (question.Kind is AnswerKind.CheckShare or AnswerKind.PresentForeign)
            return WordEntry.Any(share.Words);
        return WordEntry.OfSet(share.Words, Slip39.SetOf(state.World.Sets[share.Set].Made.Identifier), state.World.Sets.Values
            .Where(set => set.Made.Set != share.Set)
            .ToImmutableSortedDictionary(set => set.Made.Set, set => Slip39.SetOf(set.Made.Identifier), StringComparer.Ordinal));
    }

    public SecretBytes Secret(string set) => _secrets[set];

    /// <summary>Takes the hashed dice; DICE-01 or DICE-02 when the throws will not do.</summary>
    public Refusal? ThrowDice(ReadOnlySpan<byte> rolls)
    {
        if (!Dice.TryHash(rolls, out SecretBytes? hashed, out Refusal? refusal))
            return refusal;
        _dice?.Dispose();
        _dice = hashed;
        return null;
    }

    /// <summary>Keeps the passphrase of cards that were made elsewhere until they are combined; SHARE-23 when it can be none.</summary>
    /// <returns>What is recorded of it.</returns>
    public string? TakePassphrase(ReadOnlySpan<byte> typed, out Refusal? refusal)
    {
        refusal = Slip39.IsPassphrase(typed) ? null : ShareRules.Passphrase();
        if (refusal is not null)
            return null;
        _passphrase?.Dispose();
        _passphrase = typed.IsEmpty ? null : SecretBytes.Copy(typed);
        return _passphrase is null ? ForeignWords.IsNone : ForeignWords.WasTyped;
    }

    /// <summary>Mixes and splits. The secret and all shares stay here until they are forgotten.</summary>
    /// <param name="hsm">32 bytes from the HSM.</param>
    /// <param name="used">Identifiers of the ledger's sets: cards of two sets never begin with the same words.</param>
    public SharesMade Make(MakeShares effect, SecretBytes hsm, ImmutableHashSet<int> used)
    {
        using var kernelBytes = SecretBytes.Random(hsm.Length, kernel);
        if (effect.Dice && _dice is null)
            throw new CeremonyException(new Refusal(CeremonyRules.NoDice, "The dice that were thrown are no longer in memory.",
                "Throw them again."));
        using SecretBytes mixed = Mix.Xor(hsm, kernelBytes, _dice);
        ImmutableArray<string> sources = _dice is null ? ["hsm", "kernel"] : ["hsm", "kernel", "dice"];
        var secret = SecretBytes.Copy(mixed.Span[..(effect.Bits / 8)]);
        _dice?.Dispose();
        _dice = null;
        var told = GroupPlan.Told(effect.Threshold, effect.Custodians.All.Length, effect.Groups);
        if (!GroupPlan.TryCreate(told.GroupThreshold, told.Groups.AsSpan(), out GroupPlan? plan, out Refusal? refusal))
            throw new CeremonyException(refusal);
        Keep(effect.Set, secret);
        ushort identifier;
        do
            identifier = Slip39.RandomIdentifier(kernel);
        while (used.Contains(identifier));
        ShareSet dealt = Slip39.Split(secret, plan, kernel, new SplitSettings(Identifier: identifier));
        _dealt[effect.Set] = dealt;
        return new SharesMade(effect.Set, effect.SetName, effect.Bits, effect.Threshold,
            dealt.Shares[0].Header.Identifier, effect.Custodians.All,
            [.. dealt.Shares.Select(s => Convert.ToHexStringLower(ShareDigest.Of(s)))], KeyCheckValue.Of(secret),
            sources, effect.Groups);
    }

    /// <summary>Says what a finished word entry is, without any of its words, and keeps the share.</summary>
    public ShareTyped Took(CeremonyState state, Question question, Share typed)
    {
        string set = question.Share!.Set;
        bool readBack = question.Kind == AnswerKind.ReadBackShare;
        byte[] digest = ShareDigest.Of(typed);
        if (question.Kind == AnswerKind.PresentForeign)
            return new ShareTyped(question.Id, set, 0, typed.Header.Identifier, Convert.ToHexStringLower(digest), true, typed.Header);
        bool matches = readBack && CryptographicOperations.FixedTimeEquals(digest, ShareDigest.Of(Dealt(set, question.Share.Share)));
        return new ShareTyped(question.Id, set, NumberOf(state.World, set, typed.Header), typed.Header.Identifier,
            Convert.ToHexStringLower(digest), matches);
    }

    /// <summary>As its own set numbers it, which may be another one than the set that is asked for; 0: no set has such a card.</summary>
    private static int NumberOf(World world, string asked, ShareHeader header)
    {
        ShareSetFact? set = world.Sets.Values.Where(s => s.Made.Identifier == header.Identifier)
            .OrderByDescending(s => s.Made.Set == asked).FirstOrDefault();
        return set is null ? header.MemberIndex + 1 : set.Made.Plan.NumberOf(header);
    }

    /// <summary>Keeps a typed share that the ceremony has taken.</summary>
    public void Keep(string set, Share typed)
    {
        if (!_typed.TryGetValue(set, out List<Share>? shares))
            _typed[set] = shares = [];
        shares.Add(typed);
    }

    public SubsetsCombined CombineSubsets(string set, Action<SubsetProgress>? progress)
    {
        List<Share> shares = _typed[set];
        if (!Slip39.TryCombineSubsets(shares, [], progress, out SecretBytes? combined, out Refusal? refusal))
            throw new CeremonyException(refusal);
        using SecretBytes secret = combined;
        if (!KeyCheckValue.TryMatch(secret, KeyCheckValue.Of(_secrets[set]), out refusal))
            throw new CeremonyException(refusal);
        int quorums = (int)_dealt[set].Plan.Quorums;
        ForgetShares(set);
        return new SubsetsCombined(set, quorums, KeyCheckValue.Of(secret));
    }

    public SecretRebuilt Rebuild(RebuildSecret effect)
    {
        List<Share> shares = _typed[effect.Set];
        bool combined = Slip39.TryCombine(Slip39.Enough(shares), [], out SecretBytes? secret, out Refusal? refusal);
        ForgetShares(effect.Set);
        if (!combined || secret is null)
            throw new CeremonyException(refusal!);
        if (!KeyCheckValue.TryMatch(secret, effect.KeyCheck, out refusal))
        {
            secret.Dispose();
            throw new CeremonyException(refusal);
        }
        Keep(effect.Set, secret);
        return new SecretRebuilt(effect.Set, effect.KeyCheck);
    }

    /// <summary>
    /// Of cards that were made elsewhere. Another secret is no failure: the cards stay here, and the passphrase is typed again.
    /// </summary>
    public EntryBody Rebuild(RebuildForeign effect)
    {
        using SecretBytes? passphrase = _passphrase;
        _passphrase = null;
        EntryBody? rebuilt = null;
        try
        {
            return rebuilt = Combined(effect, passphrase is null ? [] : passphrase.Span);
        }
        finally
        {
            // After a failure all of them are typed anew, and none may be here twice.
            if (rebuilt is not ForeignMisfit)
                ForgetShares(effect.Set);
        }
    }

    private EntryBody Combined(RebuildForeign effect, ReadOnlySpan<byte> passphrase)
    {
        // Of what combining refuses, people can mend by typing again no more than this one.
        if (!Slip39.TryCombine(Slip39.Enough(_typed[effect.Set]), passphrase, out SecretBytes? secret, out Refusal? refusal))
            return refusal.Rule == ShareRules.ForgedId ? new ForeignMisfit(effect.Set, refusal.Rule)
                : throw new CeremonyException(refusal);
        if (!KeyCheckValue.TryMatch(secret, effect.KeyCheck, out refusal))
        {
            secret.Dispose();
            return new ForeignMisfit(effect.Set, refusal.Rule);
        }
        Keep(effect.Set, secret);
        return new SecretRebuilt(effect.Set, effect.KeyCheck, Foreign: true);
    }

    public SecretForgotten Forget(string set)
    {
        _passphrase?.Dispose();
        _passphrase = null;
        ForgetShares(set);
        if (_secrets.Remove(set, out SecretBytes? secret))
            secret.Dispose();
        return new SecretForgotten(set);
    }

    /// <summary>Wipes what the ceremony no longer counts on, e.g. shares typed before a failure.</summary>
    public void ForgetShares(string set)
    {
        if (_typed.Remove(set, out List<Share>? typed))
            typed.ForEach(s => s.Dispose());
        if (_dealt.Remove(set, out ShareSet? dealt))
            dealt.Dispose();
    }

    /// <summary>The PINs that only this set's quorum can make. The caller disposes them.</summary>
    public Pins Pins(string ledgerId, string set, int length)
    {
        byte[] context = Encoding.ASCII.GetBytes($"{ledgerId}/{set}");
        return new(ActivationPin.Derive(_secrets[set], context, PinPurpose.SecurityOfficer, length, PinAlphabet.LettersAndDigits),
            ActivationPin.Derive(_secrets[set], context, PinPurpose.User, length, PinAlphabet.LettersAndDigits));
    }

    public void Dispose()
    {
        foreach (string set in _secrets.Keys.Concat(_typed.Keys).Concat(_dealt.Keys).Distinct().ToImmutableArray())
            _ = Forget(set);
        _dice?.Dispose();
        _passphrase?.Dispose();
    }

    private void Keep(string set, SecretBytes secret)
    {
        if (_secrets.Remove(set, out SecretBytes? old))
            old.Dispose();
        _secrets[set] = secret;
    }
}

/// <summary>Of one token.</summary>
internal readonly record struct Pins(SecretBytes SecurityOfficer, SecretBytes User) : IDisposable
{
    public override string ToString() => "•••";

    public void Dispose()
    {
        SecurityOfficer.Dispose();
        User.Dispose();
    }
}
