namespace KeyCeremony.Pkcs11;

/// <summary>What a probe found out about one question.</summary>
public enum ProbeResult
{
    Pass,
    Fail,

    /// <summary>The question could not be put, e.g. because an earlier one failed.</summary>
    Unknown,
}

/// <summary>What a token does when it wraps, found by opening a throw-away key's wrapping in software.</summary>
public enum WrapFormat
{
    /// <summary>The token refuses the mechanism.</summary>
    Absent,

    /// <summary>AES key wrap with padding: the product's backup format. RFC 5649.</summary>
    Rfc5649,

    /// <summary>PKCS#7 padding, then AES key wrap. RFC 3394.</summary>
    Rfc3394Pkcs7,

    /// <summary>PKCS#7 padding, then AES-CBC; the initialisation vector stands in front. SP 800-38A 6.2, RFC 5652 6.3.</summary>
    CbcPad,

    /// <summary>A YubiHSM's wrapped object: AES-CCM over a header and the key's numbers. SP 800-38C; yubihsm-wrap.</summary>
    YubiHsm,

    /// <summary>It wraps, but to nothing we can open: a backup could not be restored elsewhere.</summary>
    Unreadable,
}

/// <param name="Id"><c>PROBE-01</c>…: the same in code, test, journal and handbook.</param>
/// <param name="Question">What was asked, e.g. <c>Is a non-extractable key refused on wrap?</c></param>
/// <param name="StopsCeremony">Anything but a pass makes the token unfit for a ceremony; else it is a warning.</param>
/// <param name="Sentence">What was seen, to be read aloud.</param>
public sealed record ProbeFinding(
    string Id, string Question, ProbeResult Result, bool StopsCeremony, string Sentence)
{
    public override string ToString() => $"{Id} {Result}: {Sentence}";
}

/// <param name="Mechanism">The number it was asked under.</param>
/// <param name="Format">What it turned out to be.</param>
public sealed record WrapMethod(WrapMechanism Mechanism, WrapFormat Format);

/// <summary>What a token really does, as measured with throw-away keys; goes into the journal as it is.</summary>
/// <param name="Token">As it is after the probe: a blank token was initialised and has a new serial.</param>
/// <param name="Mechanisms">Codes in hex, <c>0x00001041</c>.</param>
/// <param name="KeyKinds">Those that were generated, signed with and verified.</param>
/// <param name="LockedAfterTries">Wrong PINs until the user PIN locked; null: it never did, or was not tried.</param>
public sealed record TokenProfile(
    ModuleInfo Module,
    TokenInfo Token,
    IReadOnlyList<string> Mechanisms,
    IReadOnlyList<KeyKind> KeyKinds,
    IReadOnlyList<WrapMethod> WrapFormats,
    int? LockedAfterTries,
    IReadOnlyList<ProbeFinding> Findings)
{
    /// <summary>What it was probed as; what it says and does is in the other members.</summary>
    public string Family { get; init; } = "";

    /// <summary>Of the family's file.</summary>
    public string FamilySha256 { get; init; } = "";

    /// <summary>
    /// The first way in the family's order that was proven to make what its strategy is for; null: this token can make no portable
    /// backup.
    /// </summary>
    public WrapMethod? Backup { get; init; }

    /// <summary>The mechanism of <see cref="Backup"/>.</summary>
    public WrapMechanism? BackupMechanism => Backup?.Mechanism;

    /// <summary>A key was locked after its backup, and the lock held.</summary>
    public bool Locks { get; init; }

    /// <summary>As it was found, but for its end: the token keeps what was tried on it.</summary>
    internal TokenProfile NotErased(HsmException why) => this with
    {
        Findings =
        [
            .. Findings.SkipLast(1),
            Findings[^1] with { Result = ProbeResult.Fail, Sentence = $"{Findings[^1].Sentence} It could not be erased: {why.Sentence}" },
        ],
    };

    /// <summary>
    /// Reasons not to use this token in a ceremony. Empty: none found. A question of safety that could not be put is
    /// one of them.
    /// </summary>
    public IEnumerable<ProbeFinding> Unsafe =>
        Findings.Where(finding => finding.Result != ProbeResult.Pass && finding.StopsCeremony);

    /// <summary>What the room should know and may accept.</summary>
    public IEnumerable<ProbeFinding> Warnings =>
        Findings.Where(finding => finding.Result != ProbeResult.Pass && !finding.StopsCeremony);
}
