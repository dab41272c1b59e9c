namespace KeyCeremony.Core.Pki;

/// <summary>
/// Why something that is read is not taken, in a sentence of ours; it never leaves the readers. What the base library says in its
/// own exceptions is written for programmers ("newer schema", "skipSortValidation") and is shown to nobody.
/// </summary>
internal sealed class UnreadableException(string sentence) : Exception
{
    public string Sentence => sentence;

    /// <summary>It may be right and is still not read here: a limit of ours, a part of the standard that we do not know.</summary>
    public bool IsOurLimit { get; private init; }

    public static UnreadableException NotReadHere(string sentence) => new(sentence) { IsOurLimit = true };
}
