namespace KeyCeremony.Core.Ceremony;

/// <summary>The IDs of the engine's rules. The handbook explains each under the same ID.</summary>
public static class CeremonyRules
{
    public const string NotAsked = "ASK-01";
    public const string Empty = "ASK-02";
    public const string TooLong = "ASK-03";
    public const string NotThePhrase = "ASK-04";
    public const string NotAnOption = "ASK-05";
    public const string NotInForm = "ASK-06";
    public const string PersonTwice = "ROLE-01";
    public const string NothingToUndo = "UNDO-01";
    public const string TooFewStay = "BREAK-01";
    public const string NotNow = "BREAK-02";
    public const string SecretHeld = "BREAK-03";
    public const string NotTheWitness = "ABORT-01";
    public const string TooLate = "ABORT-02";
    public const string StillRunning = "OPEN-01";
    public const string WrongEnvironment = "OPEN-02";
    public const string ClockBehind = "CLOCK-01";
    public const string WitnessBehind = "CLOCK-02";
    public const string ClockOff = "CLOCK-03";
    public const string GateFailed = "GATE-00";
    public const string BagDiffers = "BAG-01";
    public const string BagUnknown = "BAG-02";
    public const string BagUsed = "BAG-03";
    public const string Unsafe = "HSM-01";
    public const string SameToken = "HSM-02";
    public const string NoToken = "HSM-03";
    public const string WrongToken = "HSM-04";
    public const string HeadDiffers = "HSM-05";
    public const string Locked = "HSM-07";
    public const string NotInspected = "HSM-10";
    public const string NoDice = "DEAL-03";
    public const string WrongWord = "DEAL-01";
    public const string DealingInterrupted = "DEAL-02";
    public const string OtherSet = "PRESENT-01";
    public const string AlreadyPresented = "PRESENT-02";
    public const string NotTheDealtShare = "PRESENT-03";
    public const string KeyNameUsed = "KEY-01";
    public const string KeyUnknown = "KEY-02";
    public const string LintFailed = "LINT-00";
    public const string PreviewMissing = "LINT-01";
    public const string PreviewTooOld = "LINT-02";
    public const string ImportNameUsed = "IMPORT-01";
    public const string ImportLeftOut = "IMPORT-02";
    public const string IssuerRevoked = "ISSUE-01";
    public const string IssuerElsewhere = "ISSUE-02";
    public const string NotASerial = "TYPED-01";
    public const string InTheFuture = "TYPED-02";
    public const string TypedTwice = "TYPED-03";
    public const string SeriesTaken = "SERIES-01";
    public const string Interrupted = "ATTEMPT-01";
    public const string Deviation = "DEVIATION-01";
    public const string NotReady = "CLOSE-01";
}
