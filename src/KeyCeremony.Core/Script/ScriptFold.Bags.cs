namespace KeyCeremony.Core.Script;

/// <summary>The model's part on bags.</summary>
internal sealed partial class ScriptFold
{
    private void TakeOpenBags(OpenBagsStep open)
    {
        NeedBefore(_ledgerRead, "ledger", "bags are opened, because their numbers stand in it");
        foreach (string content in open.All)
        {
            if (!_outOfBags.Add(content)) Error(CheckRules.Bag, $"\"{content}\" is out of its bag already.", "List it once.");
            _inBags.Remove(content);
        }
    }

    private void TakeSealBags(SealBagsStep seal)
    {
        NeedBefore(_ledgerRead, "ledger", "bags are sealed, because their numbers go into it");
        foreach (string content in seal.Contents)
        {
            if (!_inBags.Add(content)) Error(CheckRules.Bag, $"\"{content}\" is in a bag already.", "List it once.");
            _outOfBags.Remove(content);
        }
    }

    private void EndBags()
    {
        var wanted = new List<string>(_outOfBags);
        foreach (ShareSetState set in _sets.Values)
        {
            int count = script.Quorums.FirstOrDefault(q => q.Name == set.Quorum)?.Count ?? 0;
            wanted.AddRange(Enumerable.Range(1, count).Select(number => BagContents.ShareCard(set.Cards, number)));
        }
        if (_drilled) wanted.Add(BagContents.DrillHsm);
        if (_closed) wanted.AddRange([.. _unsigned ? [] : new[] { BagContents.PrimaryHsm }, BagContents.RecordStickA,
            BagContents.RecordStickB]);
        foreach (string? content in wanted.Distinct().Where(c => !_inBags.Contains(c)).Order(StringComparer.Ordinal))
            Warn(CheckRules.Bag, $"\"{content}\" ends in no bag.", "List it in a `do: seal-bags` step, under exactly this name.");
    }
}
