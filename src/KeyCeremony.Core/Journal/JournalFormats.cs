namespace KeyCeremony.Core.Journal;

/// <summary>
/// The rules by which a ceremony is led. A journal is replayed by the rules it was written under, for thirty years: what a
/// later format asks is not asked of an earlier one, and a ledger's format never goes back.
/// </summary>
public static class JournalFormats
{
    /// <summary>Journals that name no format.</summary>
    public const int First = 1;

    /// <summary>Journals that a verifier replays: dead ceremonies, people who look alike, the abort that the witness confirms.</summary>
    public const int Replayed = 2;

    /// <summary>
    /// Journals in which what others hand in is compared with whose it is: a cross-certificate carries the identifier that the other CA
    /// has given its key, and an issuer does not stand on its own list.
    /// </summary>
    public const int Compared = 3;

    /// <summary>
    /// Journals that say with what a ceremony began: what was looked at before its first step, and with which keyboard its people type.
    /// </summary>
    public const int Prepared = 4;

    /// <summary>
    /// Journals with what becomes of the cards: custodians type them years later, or say what became of them, and a ceremony without an
    /// HSM closes without a signature.
    /// </summary>
    public const int Custody = 5;

    /// <summary>
    /// Journals in which a key may be of ML-DSA: none yet. This program reads and verifies such keys, certificates and lists, and leads no
    /// ceremony that makes one; the format gets its number with the first that does.
    /// </summary>
    public const int PostQuantum = int.MaxValue;

    /// <summary>What this program writes.</summary>
    public const int Current = Custody;

    public static int Of(CeremonyOpened opened) => opened.Format == 0 ? First : opened.Format;
}
