using System.Security.Cryptography;
using KeyCeremony.App.Ground;
using KeyCeremony.App.Room;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.App.Tests.Room;

/// <summary>What stays of cards that were made elsewhere, and of their passphrase, when they were combined.</summary>
public sealed class ForeignCustodyTests : IDisposable
{
    private const string Set = "0001-backup-1";

    private readonly Custody _custody = new(bytes => bytes.Clear());
    private readonly SecretBytes _wrapKey = SecretBytes.Copy(SHA256.HashData("the wrap key"u8));

    private RebuildForeign Effect => new(Set, KeyCheckValue.Of(_wrapKey));

    private ForeignMisfit Misfit { get; } = new(Set, ShareRules.RecordedCheckValueId);

    public void Dispose()
    {
        _custody.Dispose();
        _wrapKey.Dispose();
    }

    [Fact]
    public void A_wrong_passphrase_leaves_the_cards_and_is_forgotten()
    {
        Bring(1);
        Bring(3);
        Assert.Equal(ForeignWords.WasTyped, _custody.TakePassphrase("another"u8, out _));
        Assert.Equal<EntryBody>(Misfit, _custody.Rebuild(Effect));
        Assert.Equal<EntryBody>(Misfit, _custody.Rebuild(Effect));
        Opens();
    }

    [Fact]
    public void No_passphrase_is_one_that_was_said_to_be_none()
    {
        Bring(2);
        Bring(3);
        Assert.Equal(ForeignWords.WasTyped, _custody.TakePassphrase("right"u8, out _));
        Assert.Equal(ForeignWords.IsNone, _custody.TakePassphrase([], out _));
        Assert.Equal<EntryBody>(Misfit, _custody.Rebuild(Effect));
        Assert.Null(_custody.TakePassphrase("pa\u00DF"u8, out Refusal? refusal));
        Assert.Equal(ShareRules.PassphraseId, refusal?.Rule);
        Opens();
    }

    /// <summary>The journal's state says that all are typed anew: cards that stayed would be there twice and open nothing.</summary>
    [Fact]
    public void After_a_failure_no_card_is_left()
    {
        Bring(1);
        Bring(1);
        Assert.Equal(ShareRules.SameCardTwiceId, Assert.Throws<CeremonyException>(() => _custody.Rebuild(Effect)).Refusal.Rule);
        Bring(1);
        Bring(2);
        Opens();
    }

    private void Opens()
    {
        Assert.Equal(ForeignWords.WasTyped, _custody.TakePassphrase("right"u8, out _));
        Assert.Equal<EntryBody>(new SecretRebuilt(Set, Effect.KeyCheck, Foreign: true), _custody.Rebuild(Effect));
        Assert.Equal(Effect.KeyCheck, KeyCheckValue.Of(_custody.Secret(Set)));
    }

    /// <summary>The same three cards each time, of which two are needed, in memory of their own.</summary>
    private void Bring(int card)
    {
        Assert.True(GroupPlan.TryCreate(2, 3, out GroupPlan? plan, out _));
        ShareSet dealt = Slip39.Split(_wrapKey, plan, bytes => bytes.Clear(), new SplitSettings(Identifier: 9000), "right"u8);
        foreach (Share other in dealt.Shares.RemoveAt(card - 1))
            other.Dispose();
        _custody.Keep(Set, dealt.Shares[card - 1]);
    }
}
