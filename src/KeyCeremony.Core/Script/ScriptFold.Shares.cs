using System.Collections.Immutable;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Core.Script;

/// <summary>The model's part on quorums and the cards that are dealt.</summary>
internal sealed partial class ScriptFold
{
    private void CheckQuorum(Quorum quorum)
    {
        int officers = script.SeatsFor(Roles.Officer);
        foreach (Group group in quorum.Plan.Groups.Where(g => g.Threshold > g.Count))
            Error(CheckRules.Quorum, $"The quorum `{quorum.Name}` needs {group} shares.", "Lower the threshold or deal more shares.");
        if (quorum.Plan.GroupThreshold > quorum.Plan.Groups.Length)
            Error(CheckRules.Quorum, $"The quorum `{quorum.Name}` needs {quorum.Plan.InWords}.",
                "Lower the threshold or deal more groups.");
        if (quorum.Count > officers)
            Error(CheckRules.Quorum, $"The quorum `{quorum.Name}` deals {quorum.Count} shares to {officers} officers.",
                "Seat more officers: one person never holds two shares of a set.");
        if (quorum.Plan.HasGroups && !script.Combined.IsEmpty)
            Error(CheckRules.Quorum, $"Seats are combined, and the quorum `{quorum.Name}` has groups.",
                "So few people are one group: write `2 of 3`.");
        if (quorum.Plan.HasGroups && quorum.Plan.Groups.Any(g => g is { Threshold: 1, Count: > 1 }))
            Error(CheckRules.Quorum, $"In the quorum `{quorum.Name}` each share of a group alone opens the group.",
                "Raise the group's threshold to at least 2, or deal it 1 of 1; SLIP-39 does not allow 1 of many.");
        else if (quorum is { Threshold: 1, Count: > 1 })
            Error(CheckRules.Quorum, $"In the quorum `{quorum.Name}` each share alone opens everything.",
                "Raise the threshold to at least 2; SLIP-39 does not allow 1 of many.");
        else if (quorum.Threshold < 2 && script.Environments.Contains(Environments.Production))
            Error(CheckRules.Quorum, $"In production the quorum `{quorum.Name}` would be one person.",
                "Raise the threshold to at least 2, or take production out of `environments`.");
        else if (quorum.Threshold < 2 && !script.Combined.IsEmpty)
            Error(CheckRules.Quorum, $"Seats are combined, and the quorum `{quorum.Name}` would be one person.",
                "Raise the threshold to at least 2: whoever leads would open everything alone.");
        if (!script.Steps.OfType<DealSharesStep>().Any(d => d.Quorum == quorum.Name))
            Warn(CheckRules.Quorum, $"No shares are dealt by the quorum `{quorum.Name}`.", "Remove it from the front matter.");
    }

    private void TakeDeal(DealSharesStep deal)
    {
        NeedOpening();
        if (!_inspected) Error(CheckRules.Inspection, "Shares are dealt before the primary HSM was inspected.",
            "Inspect it first: its random numbers go into the secret.");
        if (_sets.ContainsKey(deal.Set)) Error(CheckRules.ShareSet, $"The {deal.Set} shares are dealt twice.", "Deal them once.");
        (int bits, string? why) = deal.Set == "activation" ? (128, "20 words") : (256, "33 words, the length of the wrap key");
        if (deal.Bits != bits) Error(CheckRules.ShareSet, $"The {deal.Set} secret has {deal.Bits} bits.", $"Write `bits: {bits}` ({why}).");
        if (deal.Set == "backup" || _changesActivation) NeedUnlocked();
        CheckSites(deal);
        _sets[deal.Set] = new ShareSetState(deal.Set, deal.Quorum, deal.Cards);
    }

    /// <summary>One place with a threshold is one burglary; one place with too many cards is one fire.</summary>
    private void CheckSites(DealSharesStep deal)
    {
        if (deal.Sites.IsEmpty || script.Quorums.FirstOrDefault(q => q.Name == deal.Quorum) is not { } quorum)
            return;
        if (deal.Sites.Length != quorum.Count)
            Error(CheckRules.Sites, $"{quorum.Count} cards are dealt and {deal.Sites.Length} places are named.",
                "Name the place of each card, in the order of the officers.");
        foreach (string nowhere in deal.Sites.Where(s => SiteNames.Said(s).Length == 0).Distinct())
            Error(CheckRules.Sites, $"\"{nowhere}\" is no place.", "Name the town and the building, or leave `sites` out.");
        if (quorum.Threshold < 2)
            return;
        var cards = Enumerable.Range(1, quorum.Count).ToImmutableArray();
        foreach (IGrouping<string, (int Number, string Site)> site in deal.Sites.Select((site, i) => (Number: i + 1, Site: site))
            .Where(card => SiteNames.Said(card.Site).Length > 0).GroupBy(card => SiteNames.Bare(card.Site), StringComparer.Ordinal))
            if (quorum.Plan.Opens(site.Select(card => card.Number)))
                Warn(CheckRules.Sites,
                    $"{site.Count()} {deal.Set} cards will lie in {Place(site)}, and {quorum.Plan.InWords} open the set.",
                    "Let fewer lie there: whoever enters has the set.");
            else if (!quorum.Plan.Opens(cards.Except(site.Select(card => card.Number))))
                Warn(CheckRules.Sites, $"{site.Count()} of {quorum.Count} {deal.Set} cards will lie in {Place(site)}.",
                    $"A fire there leaves fewer than the {quorum.Plan.InWords} that open the set. Let fewer lie there.");

        static string Place(IEnumerable<(int Number, string Site)> site) => site.First().Site;
    }

    private sealed class ShareSetState(string name, string quorum, string cards)
    {
        public string Name => name;
        public string Cards => cards;
        public string Quorum => quorum;
        public bool Used { get; set; }
        public bool WrapKeyDestroyed { get; set; }
    }
}
