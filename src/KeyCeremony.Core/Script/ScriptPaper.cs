using System.Collections.Immutable;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Core.Script;

/// <summary>The paper that a ceremony uses up: a card for every share that it deals, a label for every bag that it seals.</summary>
public static class ScriptPaper
{
    /// <summary>In the order they are dealt.</summary>
    public static ImmutableArray<BlankCard> Cards(CeremonyScript script)
    {
        ArgumentNullException.ThrowIfNull(script);
        return
        [
            .. from deal in script.Steps.OfType<DealSharesStep>()
               let plan = script.QuorumNamed(deal.Quorum).Plan
               from number in Enumerable.Range(1, plan.Cards)
               select new BlankCard(deal.Set, BagContents.ShareCard(deal.Cards, number), number, Slip39.WordCount(deal.Bits / 8),
                   plan.HasGroups ? plan.GroupOf(number) : null),
        ];
    }

    /// <summary>What goes into a new bag, in the order the bags are sealed; each content once.</summary>
    public static ImmutableArray<string> Bags(CeremonyScript script)
    {
        ArgumentNullException.ThrowIfNull(script);
        return [.. script.Steps.OfType<SealBagsStep>().SelectMany(s => s.Contents).Distinct(StringComparer.Ordinal)];
    }
}

/// <param name="Set">activation or backup; the set's own name is not known before it is dealt.</param>
/// <param name="Name">What its bag is called by, e.g. <c>backup share card 2</c>.</param>
/// <param name="Number">1-based: card and officer, in the order of the roll call.</param>
/// <param name="Words">20 or 33.</param>
/// <param name="Group">1-based; null: the set has one group.</param>
public sealed record BlankCard(string Set, string Name, int Number, int Words, int? Group);
