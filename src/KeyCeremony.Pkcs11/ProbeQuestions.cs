namespace KeyCeremony.Pkcs11;

/// <summary>
/// The questions of <see cref="TokenProbe"/>. Each opens a session of its own, because a refusal, which many of them
/// hope for, spoils the session; with it go the keys the question made.
/// </summary>
internal sealed partial class ProbeQuestions(Module module, TokenInfo token, IReadOnlyList<KeyKind> kinds)
{
    private const string Label = TokenProbe.Label;

    private const string PersistenceQuestion = "Is a stored key found again after a logout?";
    private const string LockoutQuestion = "After how many wrong PINs does the user's PIN lock?";
    private const string LeftoverQuestion = "Did the probe leave nothing behind?";

    private static readonly WrapMechanism[] WrapMechanisms = [WrapMechanism.AesKeyWrapKwp, WrapMechanism.AesKeyWrapPad];

    private readonly List<ProbeFinding> findings = [];
    private readonly List<KeyKind> working = [];
    private readonly List<WrapMethod> wrapFormats = [];
    private IReadOnlyList<TokenMechanism> mechanisms = [];
    private int? lockedAfter;

    public TokenProfile Profile => new(
        module.GetInfo(),
        token,
        [.. mechanisms.Select(mechanism => $"0x{mechanism.Code:X8}")],
        working,
        wrapFormats,
        lockedAfter,
        findings);

    /// <summary>The mechanism whose wrapping we can open, so that the questions after it mean something.</summary>
    private WrapMechanism? Wrapping => wrapFormats
        .Where(method => method.Format is WrapFormat.Rfc5649 or WrapFormat.Rfc3394Pkcs7)
        .Select(method => (WrapMechanism?)method.Mechanism)
        .FirstOrDefault();

    /// <summary>Everything that needs no more than session objects.</summary>
    public void AskAboutKeys()
    {
        Ask("PROBE-01", "Does the token list mechanisms to sign with?", true, HasMechanisms);
        AskWhichKeysWork();
        Ask("PROBE-03", "Does its random generator give different bytes each time?", true, RandomChanges);
        Ask("PROBE-04", "How long may a PIN be?", false, PinLength);
        Ask("PROBE-05", "Does the token keep a private key's value to itself?", true, PrivateValueIsHidden);
        Ask("PROBE-06", "Does the token take a wrap key?", true, WrapKeyIsTaken);
        Ask("PROBE-07", "Does the token keep a wrap key's value to itself?", false, WrapKeyIsHidden);
        Ask("PROBE-08", "Does it wrap to RFC 5649, as decoded in software?", true, WrapsToRfc5649);
        Ask("PROBE-09", "Is wrapping refused for a key generated non-extractable?", true, NonExtractableIsRefused);
        Ask("PROBE-10", "Can a key be locked non-extractable after its backup?", true, KeyCanBeLocked);
        Ask("PROBE-11", "Is wrapping refused for a key locked later?", true, LockedKeyIsRefused);
        Ask("PROBE-12", "Is a lock final?", true, LockIsFinal);
        AskIfUnwrapHonoursTemplate();
        Ask("PROBE-14", "Is wrapping refused for a restored key?", true, RestoredKeyIsRefused);
        Ask("PROBE-15", "Does a restored key sign as the original?", true, RestoredKeySigns);
    }

    public void AskAboutData(Lifetime lifetime) =>
        Ask("PROBE-16", "Does the token store, replace and destroy data objects?", true, () => DataObjectsWork(lifetime));

    /// <summary>Nobody is logged in when this is asked.</summary>
    public void AskAboutPersistence(byte[] userPin) =>
        Ask("PROBE-17", PersistenceQuestion, false, () => KeySurvivesLogout(userPin));

    public void SkipPersistence() => Record("PROBE-17", PersistenceQuestion, false, ProbeResult.Unknown,
        "Not tried: nothing is stored on a token in use.");

    /// <summary>Nobody is logged in when this is asked; the user may be locked out afterwards.</summary>
    public void AskAboutLockout(byte[] userPin, int tries) =>
        Ask("PROBE-18", LockoutQuestion, false, () => LocksOut(userPin, tries));

    public void SkipLockout(string why) =>
        Record("PROBE-18", LockoutQuestion, false, ProbeResult.Unknown, $"The PIN lock was {why}.");

    public void AskWhatIsLeft(int before, int after) => Record(
        "PROBE-19",
        LeftoverQuestion,
        true,
        before == after ? ProbeResult.Pass : ProbeResult.Fail,
        $"The token shows {before} objects before the probe and {after} after it.");

    /// <summary>
    /// What a question throws is not an answer to it, unless the token is gone: then there is nobody left to ask.
    /// </summary>
    private void Ask(string id, string question, bool stops, Func<(ProbeResult Result, string Sentence)> answer)
    {
        try
        {
            (ProbeResult result, string? sentence) = answer();
            Record(id, question, stops, result, sentence);
        }
        catch (HsmException lost) when (lost.MeansTokenIsLost)
        {
            throw;
        }
        catch (HsmException error)
        {
            Record(id, question, stops, ProbeResult.Unknown, error.Sentence);
        }
    }

    private void Record(string id, string question, bool stops, ProbeResult result, string sentence) =>
        findings.Add(new ProbeFinding(id, question, result, stops, sentence));

    private Session Open() => module.OpenSession(token);

    private static KeyId NewId(Session session)
    {
        byte[] bytes = new byte[16];
        session.GenerateRandom(bytes);
        return KeyId.From(bytes);
    }

    private static KeyPair NewKey(Session session, KeyKind kind, bool extractable = true) =>
        session.GenerateKeyPair(kind, Label, NewId(session), Lifetime.Session, extractable);

    /// <summary>A throw-away wrap key, in the token and here.</summary>
    private static (ObjectHandle Handle, byte[] Value) NewWrapKey(Session session)
    {
        byte[] value = new byte[Session.WrapKeyBytes];
        session.GenerateRandom(value);
        return (session.ImportWrapKey(value), value);
    }
}
