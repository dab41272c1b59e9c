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
    /// <summary>The mechanism that was proven to make RFC 5649; null: this token can make no portable backup.</summary>
    public WrapMechanism? BackupMechanism => WrapFormats
        .Where(method => method.Format == WrapFormat.Rfc5649)
        .Select(method => (WrapMechanism?)method.Mechanism)
        .FirstOrDefault();

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
