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
    /// Journals of HSMs with a way of their own to wrap: a YubiHSM's is named, and tried on every locked key.
    /// </summary>
    public const int MakersOwn = 5;

    /// <summary>What this program writes.</summary>
    public const int Current = MakersOwn;

    public static int Of(CeremonyOpened opened) => opened.Format == 0 ? First : opened.Format;
}
