using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.App.Tests.Bundle;

/// <summary>What names a hash of the chain is made to fit a changed chain: a forger does the same.</summary>
internal sealed class ChainNames
{
    private LedgerInspected? _inspected;
    private CheckpointSigned? _checkpoint;
    private HeadStored? _head;

    public ChainNames(IEnumerable<Entry> before)
    {
        foreach (Entry entry in before)
            Learn(entry.Body);
    }

    public void Learn(EntryBody body)
    {
        _inspected = body as LedgerInspected ?? _inspected;
        _checkpoint = body as CheckpointSigned ?? _checkpoint;
        _head = body switch
        {
            HeadStored stored => stored,
            LedgerRestored restored => new HeadStored(restored.Seq, restored.Head, ""),
            _ => _head,
        };
    }

    public EntryBody Follow(EntryBody body, Entry last) => body switch
    {
        LedgerInspected i => i with
        {
            Seq = last.Seq,
            Head = last.HashHex,
            Findings = [.. i.Findings.Select(f => f.Id == "LEDGER-10" ? f with { Text = $"{f.Text[..f.Text.IndexOf(':', StringComparison.Ordinal)]}: {last.Seq} entries, unbroken, head {last.HashHex}" } : f)],
        },
        Answered { Question: "head" } a when (_head?.Head ?? _inspected?.Head) is { } head => a with { Value = PgpWords.Of(Convert.FromHexString(head).AsSpan(0, 2)) },
        CheckpointSigned c when CheckpointStatement.Read(Convert.FromBase64String(c.Statement)) is { } s => c with
        {
            Seq = last.Seq,
            Head = last.HashHex,
            Statement = Convert.ToBase64String((s with { Seq = last.Seq, Head = last.HashHex, SignedAfter = last.Utc }).Write()),
        },
        LedgerRestored r => r with { Seq = last.Seq, Head = last.HashHex },
        HeadStored h when _checkpoint is { } signed => h with { Seq = signed.Seq, Head = signed.Head },
        TokenUnlocked { HeadSeq: > 0 } u when _head is { } stored => u with { HeadSeq = stored.Seq, Head = stored.Head },
        _ => body,
    };
}
