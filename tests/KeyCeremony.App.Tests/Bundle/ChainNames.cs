using System.Security.Cryptography;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.App.Tests.Bundle;

/// <summary>What names a hash of the chain is made to fit a changed chain: a forger does the same.</summary>
internal sealed class ChainNames
{
    private LedgerInspected? _inspected;
    private CheckpointSigned? _checkpoint;
    private HeadStored? _head;
    private readonly Dictionary<string, string> _ends = [];

    /// <summary>Where the program was stopped, while nobody has compared it.</summary>
    private string? _stopped;

    public ChainNames(IEnumerable<Entry> before)
    {
        Entry? last = null;
        foreach (Entry entry in before)
        {
            if (last is not null)
                _ = Follow(entry.Body, last);
            Learn(entry.Body);
            last = entry;
        }
    }

    public void Learn(EntryBody body)
    {
        _stopped = body is Reopened or ExceptionRaised { Rule: "LEDGER-13" } ? _stopped : null;
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
        Reopened when (_stopped ??= last.HashHex) is not null => body,
        // A mutant may begin with it.
        CeremonyOpened when last is { Ceremony: var ended } && (_ends[ended] = last.HashHex).Length > 0 => body,
        Answered { Value: not "none" } a when a.Question.StartsWith("end/", StringComparison.Ordinal)
            && _ends.TryGetValue(a.Question[4..], out string? end) => a with { Value = Words(end, 8) },
        Answered { Question: "resume/head", Value: not "none" } a when _stopped is { } stopped => a with { Value = Words(stopped, 8) },
        // In the first format no word stood there.
        Answered { Value: not "yes" } a when a.Question.StartsWith("card/", StringComparison.Ordinal)
            && a.Question.EndsWith("/alone", StringComparison.Ordinal) => a with { Value = Words(last.HashHex, 1) },
        LedgerInspected i => i with
        {
            Seq = last.Seq,
            Head = last.HashHex,
            Findings = [.. i.Findings.Select(f => f.Id == "LEDGER-10" ? f with
            {
                Text = $"{f.Text[..f.Text.IndexOf(':', StringComparison.Ordinal)]}: {last.Seq} entries, unbroken, head {last.HashHex}",
            } : f)],
        },
        Answered { Question: "head" } a when (_head?.Head ?? _inspected?.Head) is { } head => a with { Value = Words(head) },
        CheckpointSigned c when CheckpointStatement.Read(Convert.FromBase64String(c.Statement)) is { } s => c with
        {
            Seq = last.Seq,
            Head = last.HashHex,
            Statement = Convert.ToBase64String((s with { Seq = last.Seq, Head = last.HashHex, SignedAfter = last.Utc }).Write()),
        },
        BundleExported b when _checkpoint is { } of
            && CheckpointStatement.Read(Convert.FromBase64String(of.Statement)) is { } said => b with
            {
                Sums = Convert.ToHexStringLower(SHA256.HashData(said.Sums(Convert.FromBase64String(of.Cms),
                    of.Cosignature is { } second ? Convert.FromBase64String(second) : null))),
            },
        LedgerRestored r => r with { Seq = last.Seq, Head = last.HashHex },
        HeadStored h when _checkpoint is { } signed => h with { Seq = signed.Seq, Head = signed.Head },
        TokenUnlocked { HeadSeq: > 0 } u when _head is { } stored => u with { HeadSeq = stored.Seq, Head = stored.Head },
        _ => body,
    };

    private static string Words(string head, int count = 2) => PgpWords.Of(Convert.FromHexString(head).AsSpan(0, count));
}
