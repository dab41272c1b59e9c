using KeyCeremony.Pkcs11.Native;

namespace KeyCeremony.Pkcs11;

/// <summary>
/// Finds out with throw-away keys what a token really does. Mechanism lists and attributes are claims; some tokens
/// wrap what they must not, restore keys unguarded, or mean something else by a mechanism number.
/// </summary>
public static class TokenProbe
{
    /// <summary>Tokens in the field lock after 3 to 15 wrong PINs; one that has not by then counts as never.</summary>
    public const int MaxLockoutTries = 15;

    /// <summary>The label a blank token carries during and after the probe.</summary>
    public const string Label = "keyceremony-probe";

    private static readonly KeyKind[] ClassicalKinds = [KeyKind.EcP256, KeyKind.EcP384, KeyKind.Rsa3072, KeyKind.Rsa4096];

    /// <summary>
    /// Probes a token that holds nothing: initialises it, uses everything including the PIN lock, and erases it again,
    /// also when the probe breaks off. Afterwards it carries <see cref="Label"/>, its security officer PIN is
    /// <paramref name="soPin"/>, or the one from its factory where its family has one, and the user has none.
    /// </summary>
    /// <param name="soPin">The present PIN of an initialised token; of an uninitialised one a throw-away.</param>
    /// <param name="userPin">A throw-away; unlike real PINs it is copied.</param>
    /// <param name="kinds">
    /// The keys to generate; null: all, ML-DSA only where the token lists it. Large RSA keys take seconds to minutes.
    /// </param>
    /// <param name="lockoutTries">
    /// Wrong user PINs to try, 0 to <see cref="MaxLockoutTries"/>; 0 leaves it unknown. Null: as many as its family lets be tried.
    /// </param>
    /// <exception cref="HsmException">
    /// The token was lost or could not be initialised. That it could not be erased afterwards is a finding.
    /// </exception>
    public static TokenProfile RunOnBlank(
        Module module,
        TokenInfo token,
        ReadOnlySpan<byte> soPin,
        ReadOnlySpan<byte> userPin,
        IReadOnlyList<KeyKind>? kinds = null,
        int? lockoutTries = null)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentOutOfRangeException.ThrowIfNegative(lockoutTries ?? 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lockoutTries ?? 0, MaxLockoutTries);
        byte[] officerPin = BlankToken.SoPinOf(module, token, soPin);
        TokenInfo ours = BlankToken.Claim(module, token, officerPin, Label);
        TokenProfile profile;
        try
        {
            ours = SetUserPin(module, ours, officerPin, userPin);
            profile = AskEverything(module, ours, userPin.ToArray(), kinds ?? KindsOf(module, ours), lockoutTries);
        }
        catch
        {
            TryErase(module, ours, officerPin);
            throw;
        }

        try
        {
            return profile with { Token = module.InitToken(module.GetToken(Label, ours.Serial), officerPin, Label) };
        }
        catch (HsmException left)
        {
            // What was found out is worth more on a token that keeps what was tried on it, not less.
            return profile.NotErased(left);
        }
    }

    /// <summary>
    /// Probes a token in use: session objects only, no wrong PINs, nothing stored; what a token stores all the same is destroyed. The
    /// questions that need more are answered <see cref="ProbeResult.Unknown"/>.
    /// </summary>
    /// <param name="loggedIn">The user is logged in; this session is left as it was.</param>
    /// <exception cref="InvalidOperationException">The user is not logged in.</exception>
    /// <exception cref="HsmException">The token was lost.</exception>
    public static TokenProfile RunOnCommissioned(Session loggedIn, IReadOnlyList<KeyKind>? kinds = null)
    {
        ArgumentNullException.ThrowIfNull(loggedIn);
        if (loggedIn.GetState() != SessionState.User)
        {
            throw new InvalidOperationException("The probe makes private keys: log the user in first.");
        }

        HashSet<ObjectHandle> before = [.. loggedIn.Objects().Select(found => found.Handle)];
        var questions = new ProbeQuestions(loggedIn.Module, loggedIn.Token,
            kinds ?? KindsOf(loggedIn.Module, loggedIn.Token));
        questions.AskAboutKeys(inUse: true);
        questions.AskAboutData(Lifetime.Session);
        questions.SkipPersistence();
        questions.SkipLockout("not tried on a token in use: it would lock out its officers");
        questions.AskWhatIsLeft(loggedIn, before);
        return questions.Profile;
    }

    private static KeyKind[] KindsOf(Module module, TokenInfo token) =>
        module.Mechanisms(token).Any(one => one.Code == Cryptoki.CKM_ML_DSA_KEY_PAIR_GEN)
            ? [.. ClassicalKinds, KeyKind.MlDsa44, KeyKind.MlDsa65, KeyKind.MlDsa87]
            : ClassicalKinds;

    private static TokenInfo SetUserPin(Module module, TokenInfo token, ReadOnlySpan<byte> soPin, ReadOnlySpan<byte> userPin)
    {
        using Session officer = module.OpenSession(token);
        officer.Login(LoginRole.SecurityOfficer, soPin);
        officer.InitPin(userPin);
        officer.Logout();
        return module.GetToken(token.Label, token.Serial);
    }

    private static TokenProfile AskEverything(
        Module module, TokenInfo token, byte[] userPin, IReadOnlyList<KeyKind> kinds, int? lockoutTries)
    {
        var questions = new ProbeQuestions(module, token, kinds);
        using (Session user = module.OpenSession(token))
        {
            // The login lasts as long as this session: the questions each open their own beside it.
            user.Login(LoginRole.User, userPin);
            questions.AskAboutKeys();
            questions.AskAboutData(Lifetime.Token);
        }

        questions.AskAboutPersistence(userPin);
        if (lockoutTries is { } tries ? tries == 0 : questions.Family.WrongPins == WrongPins.Leave)
        {
            questions.SkipLockout(lockoutTries is null ? "not tried: with this family it may lock more than this PIN" : "not tried");
            questions.AskWhatIsLeft(userPin);
        }
        else
        {
            // Afterwards nobody can log in to look.
            questions.LookWhatIsLeft(userPin);
            questions.AskAboutLockout(userPin, lockoutTries ?? MaxLockoutTries);
            questions.TellWhatIsLeft();
        }

        return questions.Profile;
    }

    /// <summary>The way out after an error: the error that led here is what the caller learns.</summary>
    private static void TryErase(Module module, TokenInfo token, ReadOnlySpan<byte> soPin)
    {
        try
        {
            module.Reinitialize();
            module.InitToken(module.GetToken(Label, token.Serial), soPin, Label);
        }
        catch (HsmException)
        {
            // The token is out of reach. It holds throw-away objects under the probe's label and PINs.
        }
    }
}
