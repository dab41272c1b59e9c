namespace KeyCeremony.Pkcs11;

/// <summary>
/// The questions of <see cref="TokenProbe"/>. Each opens a session of its own, because a refusal, which many of them
/// hope for, spoils the session; with it go the keys the question made.
/// </summary>
internal sealed partial class ProbeQuestions(Module module, TokenInfo token, IReadOnlyList<KeyKind> kinds)
{
    private const string Label = TokenProbe.Label;

    private const string LockQuestion = "PROBE-10";
    private const string FinalQuestion = "PROBE-12";
    private const string PersistenceQuestion = "Is a stored key found again after a logout?";
    private const string LockoutQuestion = "After how many wrong PINs does the user's PIN lock?";
    private const string LeftoverQuestion = "Did the probe leave nothing behind?";

    private readonly List<ProbeFinding> findings = [];
    private readonly List<KeyKind> working = [];
    private readonly List<WrapMethod> wrapFormats = [];
    private readonly Dictionary<WrapMechanism, string> refusedWith = [];
    private IReadOnlyList<TokenMechanism> mechanisms = [];
    private int? lockedAfter;
    private (ProbeResult Result, string Sentence) left = (ProbeResult.Unknown, "Nobody looked.");

    public TokenFamily Family { get; } = TokenFamilies.Of(module.Path, module.GetInfo(), token);

    public TokenProfile Profile => new(
        module.GetInfo(),
        token,
        [.. mechanisms.Select(mechanism => $"0x{mechanism.Code:X8}")],
        working,
        wrapFormats,
        lockedAfter,
        findings)
    {
        Family = Family.Family,
        FamilySha256 = Family.Sha256,
        Backup = Backup,
        Locks = Passed(LockQuestion) && Passed(FinalQuestion),
    };

    private bool Passed(string id) => findings.Exists(f => f.Id == id && f.Result == ProbeResult.Pass);

    /// <summary>The family says in which order; what each way really makes was measured.</summary>
    private WrapMethod? Backup => Family.Wrap
        .SelectMany(way => wrapFormats.Where(m => m.Mechanism == way.Mechanism && m.Format == WrapStrategy.Of(m.Mechanism)?.Format))
        .FirstOrDefault();

    /// <summary>The mechanism whose wrapping we can open, so that the questions after it mean something: the backup's first.</summary>
    private WrapMechanism? Wrapping => Backup?.Mechanism ?? wrapFormats
        .Where(method => method.Format is WrapFormat.Rfc5649 or WrapFormat.Rfc3394Pkcs7 or WrapFormat.CbcPad
            or WrapFormat.YubiHsm)
        .Select(method => (WrapMechanism?)method.Mechanism)
        .FirstOrDefault();

    /// <summary>Everything that needs no more than session objects.</summary>
    /// <param name="inUse">What every lock uses up for good is not used up for a question.</param>
    public void AskAboutKeys(bool inUse = false)
    {
        bool spends = inUse && Family.Lock == LockWay.DestroyWrapKey;
        Ask("PROBE-01", "Does the token list mechanisms to sign with?", true, HasMechanisms);
        AskWhichKeysWork();
        Ask("PROBE-03", "Does its random generator give different bytes each time?", true, RandomChanges);
        Ask("PROBE-04", "How long may a PIN be?", false, PinLength);
        Ask("PROBE-05", "Does the token keep a private key's value to itself?", true, PrivateValueIsHidden);
        Ask("PROBE-06", "Does the token take a wrap key?", true, WrapKeyIsTaken);
        Ask("PROBE-07", "Does the token keep a wrap key's value to itself?", false, WrapKeyIsHidden);
        Ask("PROBE-08", "Does it wrap to a format that two programs open?", true, WrapsToAKnownFormat);
        Ask("PROBE-09", "Is wrapping refused for a key generated non-extractable?", true, NonExtractableIsRefused);
        AskUnless(spends, LockQuestion, "Can a key be locked non-extractable after its backup?", KeyCanBeLocked);
        AskUnless(spends, "PROBE-11", "Is wrapping refused for a key locked later?", LockedKeyIsRefused);
        AskUnless(spends, FinalQuestion, "Is a lock final?", LockIsFinal);
        AskIfUnwrapHonoursTemplate(spends);
        AskUnless(spends, "PROBE-14", "Is wrapping refused for a restored key?", RestoredKeyIsRefused);
        AskUnless(spends, "PROBE-15", "Does a restored key sign as the original?", RestoredKeySigns);
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

    /// <summary>On a token in use: nothing may have come to what was there.</summary>
    public void AskWhatIsLeft(Session loggedIn, HashSet<ObjectHandle> before)
    {
        Look(loggedIn, before);
        TellWhatIsLeft();
    }

    /// <summary>On a blank token, where nothing was before. Nobody is logged in when this is asked.</summary>
    public void AskWhatIsLeft(byte[] userPin)
    {
        LookWhatIsLeft(userPin);
        TellWhatIsLeft();
    }

    public void LookWhatIsLeft(byte[] userPin)
    {
        try
        {
            using Session user = Open();
            user.Login(LoginRole.User, userPin);
            Look(user, []);
            user.Logout();
        }
        catch (HsmException error) when (!error.MeansTokenIsLost)
        {
            left = (ProbeResult.Unknown, error.Happened);
        }
    }

    public void TellWhatIsLeft() => Record("PROBE-19", LeftoverQuestion, true, left.Result, left.Sentence);

    /// <summary>
    /// What came, and is the probe's own by its label or a wrap key, is destroyed: some tokens store what was made for a session.
    /// </summary>
    private void Look(Session session, HashSet<ObjectHandle> before)
    {
        int destroyed = 0;
        foreach (StoredObject mine in session.Objects().Where(o => !before.Contains(o.Handle)
            && (o.Label.StartsWith(Label, StringComparison.Ordinal) || o.Is(ObjectClass.SecretKey))))
        {
            session.Destroy(mine.Handle);
            destroyed++;
        }

        int after = session.Objects().Count;
        string swept = destroyed == 0 ? "" : $" {destroyed} that it had stored unasked were destroyed.";
        left = (before.Count == after ? ProbeResult.Pass : ProbeResult.Fail,
            $"The token shows {before.Count} objects before the probe and {after} after it.{swept}");
    }

    /// <summary>
    /// What a question throws is not an answer to it, unless the token is gone: then there is nobody left to ask. What a room does next
    /// is no answer either: it has not begun with this token.
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
            Record(id, question, stops, ProbeResult.Unknown, error.Happened);
        }
    }

    /// <summary>What stops, unless it would use up what the HSM has few of: then it is unknown and stops nothing.</summary>
    private void AskUnless(bool spends, string id, string question, Func<(ProbeResult Result, string Sentence)> answer)
    {
        if (spends)
        {
            Record(id, question, false, ProbeResult.Unknown,
                "Not tried: a lock uses up one of the few that this HSM has. It was tried when the HSM was blank.");
        }
        else
        {
            Ask(id, question, true, answer);
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
