namespace KeyCeremony.Core.Pki.Crl;

/// <summary>An entry of one list, of the other, or of both under the same serial.</summary>
internal readonly record struct RevocationPair(Revocation Old, Revocation New, bool HasOld, bool HasNew)
{
    public bool IsAddition => !HasOld;
}

/// <summary>Two lists side by side, in the order of the serials.</summary>
internal static class SideBySide
{
    public static IEnumerable<RevocationPair> Pairs(SortedRevocations old, SortedRevocations now)
    {
        using var olds = new RevocationCursor(old.Batches());
        using var news = new RevocationCursor(now.Batches());
        (bool hasOld, bool hasNew) = (olds.MoveNext(), news.MoveNext());
        while (hasOld || hasNew)
        {
            int order = !hasOld ? 1 : !hasNew ? -1 : olds.Current.Serial.CompareTo(news.Current.Serial);
            yield return new RevocationPair(order <= 0 ? olds.Current : default,
                order >= 0 ? news.Current : default, order <= 0, order >= 0);
            if (order <= 0)
                hasOld = olds.MoveNext();
            if (order >= 0)
                hasNew = news.MoveNext();
        }
    }
}
