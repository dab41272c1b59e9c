using System.Collections.Immutable;
using KeyCeremony.Core.Journal;
using static KeyCeremony.Verifier.Tests.Pen;

namespace KeyCeremony.Verifier.Tests;

/// <summary>A set in groups that was dealt, or opened, otherwise than its script says.</summary>
public sealed partial class LiesTests
{
    private static IEnumerable<Lie> Groups()
    {
        const string kind = "groups";
        yield return new Lie(kind, "one group where there were three", r => r.Grouped, Replay,
            "(shares-made, step \"deal-backup\") … groups is missing, due is \"2 of 3, 2 of 3, 1 of 1\"",
            Change<SharesMade>(m => m.Name == "backup" ? m with { Groups = null } : m));
        yield return new Lie(kind, "a department that opens alone", r => r.Grouped, Replay,
            "(shares-made, step \"deal-backup\") … threshold is 1, due is 2",
            Change<SharesMade>(m => m.Name == "backup" ? m with { Threshold = 1 } : m));
        yield return new Lie(kind, "fewer quorums tried", r => r.Grouped, Replay,
            "(subsets-combined, step \"deal-backup\") … subsets is 14, due is 15",
            Change<SubsetsCombined>(c => c.Subsets == 15 ? c with { Subsets = 14 } : c));
        yield return new Lie(kind, "a second quorum of the same group", r => r.Grouped, Replay,
            "(share-presented, step \"drill\") … due was an answer to \"present/3\" … PRESENT-06",
            (_, entries) => Change<SharePresented>(p => p is { Share: 4, Presenter: not null }
                ? p with { Share = 3, Custodian = Backup(entries).Custodians[2], Digest = Backup(entries).Digests[2] } : p)(_, entries));
        yield return new Lie(kind, "a quorum of one department", r => r.Grouped, Replay, "due was an answer to \"present/4/who\"",
            Drop(e => e.Step == "drill" && (e.Body is SharePresented { Share: 5 } || IsAnswer(e, "drill", "present/4/who"))));
        yield return new Lie(kind, "groups in a format that knew none", r => r.Grouped, Replay,
            "what its script asks for came with format 7", Change<CeremonyOpened>(o => o with { Format = JournalFormats.Renewed }));
    }

    private static SharesMade Backup(ImmutableArray<Entry> entries) =>
        entries.Select(e => e.Body).OfType<SharesMade>().Single(m => m.Name == "backup");
}
