namespace KeyCeremony.Core;

/// <summary>A rule of the program itself: one ID in refusal, journal, tests and handbook. docs/handbook/rules.md.</summary>
/// <param name="Id">E.g. <c>LEDGER-04</c>.</param>
/// <param name="Text">What holds where it is kept.</param>
/// <param name="Remedy">What to do where it is not.</param>
public sealed record HouseRule(string Id, string Text, string Remedy)
{
    /// <param name="found">What was found instead, in a sentence.</param>
    public Refusal Refuse(string found) => new(Id, found, Remedy);

    /// <param name="found">What was found instead, in a sentence.</param>
    /// <param name="remedy">Where there is a better one than the rule's.</param>
    public Refusal Refuse(string found, string remedy) => new(Id, found, remedy);
}
