namespace KeyCeremony.Core.Sharing;

/// <summary>How many different quorums a set of cards has.</summary>
public static class Quorums
{
    /// <summary>n over k; 0 when the threshold is larger than the set. SLIP-39 has at most 16 cards, so nothing overflows.</summary>
    public static long Count(int cards, int threshold)
    {
        long quorums = threshold <= cards ? 1 : 0;
        for (int i = 1; i <= threshold && quorums > 0; i++)
            quorums = quorums * (cards - threshold + i) / i;
        return quorums;
    }
}
