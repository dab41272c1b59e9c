using KeyCeremony.Core.Journal;

namespace KeyCeremony.Core.Ceremony.Steps;

/// <summary>What an effect brought back is recorded as it is; what contradicts the ledger is recorded as a failure.</summary>
internal static class Facts
{
    public static Decision Decide(CeremonyState s, Happened h) => h.Fact switch
    {
        TokenUnlocked u when !HeadAgrees(s.World, u) => Decision.Take(new Failed(h.Effect.Name, h.Effect.Subject, CeremonyRules.HeadDiffers,
            $"The HSM keeps a ledger head at entry {u.HeadSeq} that this ledger does not have: these record sticks are older "
                + "than the last ceremony, or belong to another HSM. Bring the right sticks, or restore the ledger from the last bundle.")),
        var fact when !Entry.CanSay(fact) => Decision.Take(new Failed(h.Effect.Name, h.Effect.Subject, CeremonyRules.NotWritable,
            "A device or a file gave a text that steers a terminal, cannot be seen or is far too long: "
                + "no journal can hold it. Use another device or another file.")),
        _ => Decision.Take(h.Fact),
    };

    /// <summary>
    /// The stored head is the ledger's last one. When power was lost between storing and recording, it is the
    /// last signed checkpoint's. A token without a head is new to this ledger, or was erased and commissioned again since.
    /// </summary>
    private static bool HeadAgrees(World w, TokenUnlocked u) => u.HeadSeq == 0
        ? w.Head is null || w.Head.Serial != u.Serial || w.Format >= JournalFormats.Replayed && w.Primary?.Seq > w.Head.Seq
        : (w.Head is { } h && h.Seq == u.HeadSeq && h.Head == u.Head) || (w.Checkpoint is { } c && c.Seq == u.HeadSeq && c.Head == u.Head);
}
