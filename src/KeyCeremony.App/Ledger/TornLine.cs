using KeyCeremony.Core;

namespace KeyCeremony.App.Ledger;

/// <summary>
/// What may stand behind the last entry of a stick and still be the work of one loss of power. An entry is on the first stick
/// before the second is written, so one stick is torn at most, and the other holds all that was acted on.
/// </summary>
internal static class TornLine
{
    /// <summary>Kernel and stick write in blocks of so many bytes: an append writes the block in which the file ended again.</summary>
    private const int Block = 4096;

    /// <summary>Null when both sticks end with an entry, or when the rest of one may be taken away. LEDGER-08, LEDGER-10.</summary>
    public static Refusal? Refuse(IReadOnlyList<string> sticks, IReadOnlyList<StickJournal> read, bool allowCatchUp)
    {
        for (int s = 0; s < read.Count; s++)
            if (read[s] is { Entries.IsEmpty: true, Rest: 0 })
                return LedgerRules.Chain.Refuse($"{RecordStick.PathIn(sticks[s])} holds no entry.");
        if (read.All(j => j.Rest == 0))
            return null;
        if (read.All(j => j.Rest > 0))
            return LedgerRules.Torn.Refuse(
                $"Something stands behind the last entry of both sticks ({read[0].Rest} and {read[1].Rest} bytes).");
        int torn = read[0].Rest > 0 ? 0 : 1;
        if (IsOneAppend(read[torn], read[1 - torn]))
            return null;
        // A stick that was behind and lost power while it was brought up to date, or an old one that is torn.
        if (read[torn] is { Entries.IsEmpty: false, Resumes: false, Rest: <= RecordLine.MaxLength })
            return allowCatchUp ? null : LedgerRules.Torn.Refuse(
                $"{RecordStick.PathIn(sticks[torn])} ends after entry {read[torn].Entries.Length} with {read[torn].Rest} bytes of a line; "
                + $"the other stick ends with entry {read[1 - torn].Entries.Length}.");
        return Damaged(sticks[torn], read[torn]);
    }

    /// <summary>Null when the good lines of this stick alone can be taken: nothing follows a torn line.</summary>
    public static Refusal? Refuse(string stick, StickJournal read) =>
        read.Entries.IsEmpty || read.Resumes || read.Rest > RecordLine.MaxLength ? Damaged(stick, read) : null;

    /// <summary>
    /// Whether one append, cut wherever it may be, leaves this. It may have cost the block in which the line began, with the
    /// ends of the lines before it, and nothing in front of that. Putting it right and losing power again leaves no more.
    /// </summary>
    public static bool IsOneAppend(StickJournal torn, StickJournal whole)
    {
        long block = (whole.Length - RecordLine.LengthOf(whole.Entries[^1])) / Block * Block;
        int before = 0;
        for (long end = 0; (end += RecordLine.LengthOf(whole.Entries[before])) <= block;)
            before++;
        return torn.Entries.Length >= before && torn.Entries.Length <= whole.Entries.Length
            && torn.Length + torn.Rest <= whole.Length + RecordLine.MaxLength;
    }

    private static Refusal Damaged(string stick, StickJournal read) => LedgerRules.Chain.Refuse(
        $"{RecordStick.PathIn(stick)}: line {read.Entries.Length + 1}: {read.Flaw}; {read.Rest} bytes from there on.");
}
