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
    /// Journals with how keys and cards are kept. Keys: an HSM may wrap in a way of its maker's own, a YubiHSM's, which is tried on every
    /// locked key. Cards: custodians type them years later, or say what became of them, and a ceremony without an HSM closes without a
    /// signature.
    /// </summary>
    public const int Kept = 5;

    /// <summary>
    /// Journals in which custodians are replaced: a key's backup is made anew under other cards, an abort leaves the backup before it in
    /// force, and a card that gave its bag's name to a new one keeps its own bag.
    /// </summary>
    public const int Renewed = 6;

    /// <summary>
    /// Journals that give account of every copy: of a key that moves to another HSM or ends, and of a firmware that is released.
    /// </summary>
    public const int Accounted = 7;

    /// <summary>Journals in which a key of a CA may be of ML-DSA, and two roots vouch for each other.</summary>
    public const int PostQuantum = Accounted;

    /// <summary>What this program writes.</summary>
    public const int Current = Accounted;

    public static int Of(CeremonyOpened opened) => opened.Format == 0 ? First : opened.Format;
}
