using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using KeyCeremony.App.Ground;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki;
using KeyCeremony.Eyes;
using KeyCeremony.Pkcs11;

namespace KeyCeremony.App.Room;

/// <summary>Where the tokens are. A serial narrows the choice when several blank ones are connected.</summary>
internal sealed record HsmSettings(string Module, string? PrimarySerial, string? DrillSerial, OneModule Process);

/// <summary>The two tokens of a ceremony. Everything here runs on one thread: a PKCS#11 session belongs to one.</summary>
internal sealed class Hsm(HsmSettings settings) : IDisposable
{
    /// <summary>
    /// A blank token is worth nothing and its security-officer PIN protects nothing: it is the same everywhere and
    /// stands in the handbook. Where a family has one from the factory, it is that.
    /// </summary>
    internal static readonly byte[] BlankSoPin = "00000000"u8.ToArray();

    private const string DrillLabel = "keyceremony-drill";
    private const string Application = "keyceremony";
    private const string HeadLabel = "ledger-head";

    private Session? _primary;

    /// <summary>The user's PIN for as long as the session lasts: the process that looks a second time logs in with it.</summary>
    private SecretBytes? _userPin;

    /// <param name="retired">HSMs that this ledger knows to be destroyed or lost.</param>
    public TokenProbed Probe(ProbeToken effect, string? primarySerial, ImmutableArray<TokenRetired> retired, int format)
    {
        KeyKind[] kinds = [.. effect.Algorithms.All.Select(Kind)];
        TokenProfile profile;
        if (effect.Blank)
        {
            TokenInfo token = Blank(effect.Token, primarySerial);
            if (TokenNeeds.WhyRetired(token, retired) is { } why)
                throw new CeremonyException(new Refusal(CeremonyRules.RetiredToken, why,
                    "Nothing was written to it. Disconnect it, keep it as evidence, and connect another one: find out where it has been."));
            profile = Claiming(() => TokenProbe.RunOnBlank(Loaded(), token, BlankSoPin, ThrowAwayPin(token), kinds));
        }
        else
        {
            profile = TokenProbe.RunOnCommissioned(Primary(), kinds);
        }
        return ProbeFacts.Of(effect, profile, format);
    }

    internal static byte[] ThrowAwayPin(TokenInfo token) => Encoding.ASCII.GetBytes(RandomNumberGenerator.GetString("0123456789",
        Math.Clamp(8, (int)token.PinMinLength, (int)token.PinMaxLength)));

    /// <summary>32 bytes from the primary token; a blank one is opened under a throw-away PIN for it.</summary>
    public SecretBytes Random(bool blank, string? inspected)
    {
        var random = new SecretBytes(32);
        if (!blank)
        {
            Primary().GenerateRandom(random.Span);
            return random;
        }
        Module module = Loaded();
        TokenInfo token = Claim(Blank("primary", null, inspected), TokenProbe.Label);
        using Session session = module.OpenSession(token);
        session.GenerateRandom(random.Span);
        return random;
    }

    /// <summary>Repeatable: an earlier attempt that was cut off left a token with our label and one of two PINs.</summary>
    public TokenCommissioned Commission(CommissionToken effect, SecretBytes soPin, SecretBytes userPin, int pinBits)
    {
        Close();
        Module module = Loaded();
        TokenInfo? begun = !effect.Again ? null : module.Tokens().FirstOrDefault(t => t.Label == effect.Label);
        TokenInfo? erased = begun is null
            ? Claim(Blank("primary", null, effect.Serial), effect.Label)
            : Erased(module, begun, effect.Label);
        TokenInfo token = erased ?? begun!;
        if (erased is not null)
        {
            using Session session = module.OpenSession(token);
            byte[] blankPin = BlankToken.SoPinOf(module, token, BlankSoPin);
            session.Login(LoginRole.SecurityOfficer, blankPin);
            session.InitPin(userPin.Span);
            session.SetPin(blankPin, soPin.Span);
            session.Logout();
        }
        _primary = module.OpenSession(token);
        _primary.Login(LoginRole.User, userPin.Span);
        _userPin = SecretBytes.Copy(userPin.Span);
        return new TokenCommissioned(token.Label, token.Serial, token.Manufacturer, token.Model, effect.Set, userPin.Length, pinBits);
    }

    /// <summary>
    /// The user's PIN, then the security officer's: whoever opens the token with the user's PIN before knows that nothing was changed. The
    /// PIN before is tried first. Where it is refused an earlier attempt changed it, and that was the one wrong try there is.
    /// </summary>
    public ActivationChanged ChangePins(ChangePins effect, Pins before, Pins after)
    {
        Close();
        Module module = Loaded();
        module.Reinitialize();
        TokenInfo token = Connected(module, effect.Serial);
        if (token.UserPinFinalTry || token.SoPinFinalTry)
            throw new CeremonyException(new Refusal(CeremonyRules.LastTry, "One wrong PIN more locks this HSM for good: none is tried.",
                "Find out with its maker's tool how a right one makes it count anew."));
        bool refused = Changed(module, token, LoginRole.User, before.User, after.User);
        _ = Changed(module, token, LoginRole.SecurityOfficer, before.SecurityOfficer, after.SecurityOfficer);
        if (!refused && Family(token).WrongPins == WrongPins.Try)
        {
            using Session? old = Opened(module, token, LoginRole.User, before.User);
            refused = old is null ? true : throw new CeremonyException(new Refusal(CeremonyRules.OldPinOpens,
                "The HSM still opens with the PIN of the old cards, after it was changed.", "Do not go on with this HSM."));
        }
        // The right one behind the wrong one: the token counts from the beginning again.
        using Session session = Opened(module, token, LoginRole.User, after.User) ?? throw NoPinOpens();
        session.Logout();
        return new ActivationChanged(effect.Serial, effect.From, effect.Set,
            refused ? ActivationChanged.Refused : ActivationChanged.NotTried);
    }

    /// <summary>Whether it was changed before, and the PIN before was refused.</summary>
    private static bool Changed(Module module, TokenInfo token, LoginRole role, SecretBytes before, SecretBytes after)
    {
        using (Session? session = Opened(module, token, role, before))
            if (session is not null)
            {
                session.SetPin(before.Span, after.Span);
                session.Logout();
                return false;
            }
        using Session changed = Opened(module, token, role, after) ?? throw NoPinOpens();
        changed.Logout();
        return true;
    }

    /// <summary>Null when the PIN is wrong.</summary>
    private static Session? Opened(Module module, TokenInfo token, LoginRole role, SecretBytes pin)
    {
        Session session = module.OpenSession(token);
        try
        {
            session.Login(role, pin.Span);
            return session;
        }
        catch (Pkcs11Exception wrong) when (wrong.ConstantName == "CKR_PIN_INCORRECT")
        {
            session.Dispose();
            return null;
        }
        catch (Exception)
        {
            session.Dispose();
            throw;
        }
    }

    private static CeremonyException NoPinOpens() => new(new Refusal(CeremonyRules.NoPinOpens,
        "The HSM opens neither with the PIN of the old cards nor with that of the new ones.",
        "Nobody knows its PIN. Its keys come back from their backup into another HSM."));

    private static TokenInfo Connected(Module module, string serial) => module.Tokens().FirstOrDefault(t => t.Serial == serial)
        ?? throw new CeremonyException(new Refusal(CeremonyRules.WrongToken, $"The HSM {serial} is not connected.",
            "Connect it, then try again."));

    public TokenUnlocked Unlock(UnlockToken effect, SecretBytes userPin)
    {
        Close();
        Module module = Loaded();
        module.Reinitialize();
        TokenInfo token = Connected(module, effect.Serial);
        Session session = module.OpenSession(token);
        session.Login(LoginRole.User, userPin.Span);
        _primary = session;
        _userPin = SecretBytes.Copy(userPin.Span);
        (long seq, string head) = ReadHead(session);
        return new TokenUnlocked(token.Serial, effect.Set, seq, head);
    }

    public KeyGenerated Generate(GenerateKey effect)
    {
        Session session = Primary();
        var id = KeyId.Parse(effect.Id);
        Clear(session, id, effect.Clean);
        // Where locks are few, a key without a backup is made locked.
        bool extractable = effect.Extractable || Family(session.Token).Lock != LockWay.DestroyWrapKey;
        _ = session.GenerateKeyPair(Kind(effect.Algorithm), effect.Key, id, Lifetime.Token, extractable);
        return Made(session, id, effect.Key, effect.Purpose, effect.Algorithm, effect.Extractable);
    }

    public KeyGenerated Adopt(AdoptKey effect)
    {
        Session session = Primary();
        return Made(session, KeyId.Parse(effect.Id), effect.Key, effect.Purpose, effect.Algorithm, effect.Extractable);
    }

    public LeftoversFound Leftovers(LookForLeftovers effect)
    {
        Session session = Primary();
        StoredObject[] found = [.. session.Objects().Where(o => o.Id?.Hex == effect.Id)];
        bool complete = effect.Attempt == "generate-key" && found.Length == 2
            && found.Any(o => o.Is(ObjectClass.PublicKey))
            && found.Any(o => o.Is(ObjectClass.PrivateKey) && Sound(session.ReadAttributes(o.Handle)));
        return new LeftoversFound(effect.Attempt, effect.AttemptSubject, [.. found.Select(o => $"{ClassName(o)} \"{o.Label}\"")], complete);
    }

    public TokenSignatureGenerator Generator(string ckaId, string algorithm, string spki) =>
        new(Primary(), KeyId.Parse(ckaId), Scheme(algorithm), Convert.FromBase64String(spki));

    /// <summary>Signs a ready hash: ECDSA in DER, or RSA as PKCS #1 v1.5.</summary>
    public byte[] SignHash(string ckaId, string algorithm, byte[] hash) => SignHash(ckaId, Scheme(algorithm), hash);

    /// <summary>Signs the digest of an image that takes no CMS, with a release key: ECDSA in DER, or RSASSA-PSS.</summary>
    public byte[] SignDigest(string ckaId, string algorithm, byte[] hash) =>
        SignHash(ckaId, Kind(algorithm) is KeyKind.Rsa3072 ? SignatureScheme.RsaPssSha256 : Scheme(algorithm), hash);

    private byte[] SignHash(string ckaId, SignatureScheme scheme, byte[] hash)
    {
        Session session = Primary();
        return session.SignHash(session.GetPrivateKey(KeyId.Parse(ckaId)), scheme, hash);
    }

    /// <summary>Signs a message with an ML-DSA key while it passes by.</summary>
    public byte[] SignMessage(string ckaId, IEnumerable<ReadOnlyMemory<byte>> message)
    {
        Session session = Primary();
        return session.SignMessage(session.GetPrivateKey(KeyId.Parse(ckaId)), message);
    }

    public byte[] Wrap(BackUpKey effect, SecretBytes wrapKey)
    {
        Session session = Primary();
        return Under(session, wrapKey,
            wrap => session.WrapPrivateKey(wrap, session.GetPrivateKey(KeyId.Parse(effect.KeyCkaId)), Mechanism(effect.Mechanism)));
    }

    /// <summary>Whatever secret key is in the token is destroyed; none may be left.</summary>
    public void DestroyWrapKeys()
    {
        Session session = Primary();
        foreach (ObjectHandle key in session.Find(ObjectClass.SecretKey))
            session.Destroy(key);
        if (session.Find(ObjectClass.SecretKey).Count != 0)
            throw new CeremonyException(new Refusal("HSM-06", "The HSM still holds a secret key after it was told to destroy it.",
                "Do not go on with this HSM."));
    }

    /// <summary>On the drill token: everything from blank to wiped in one go, so that an interrupted drill simply starts over.</summary>
    public (string Serial, byte[] Signature) Drill(BackupBlob blob, SecretBytes wrapKey,
        string mechanism, byte[] challenge, byte[] spki, string? primarySerial, string inspected) =>
        InTheDrillHsm(primarySerial, inspected, session =>
        {
            var id = KeyId.From(SHA256.HashData(challenge).AsSpan(0, 16));
            _ = session.UnwrapPrivateKey(session.ImportWrapKey(wrapKey.Span), Mechanism(mechanism),
                blob.WrappedBytes(), Kind(blob.Algorithm), blob.Key, id, Lifetime.Session);
            using var generator = new TokenSignatureGenerator(session, id, Scheme(blob.Algorithm), spki);
            return generator.SignData(challenge, generator.HashAlgorithm);
        });

    /// <summary>
    /// On the drill token, as a drill: the only HSM in which the key may be wrapped again, and it is wiped. The wrap keys are in its
    /// session.
    /// </summary>
    public byte[] Rewrap(BackupBlob blob, SecretBytes from, SecretBytes to, string mechanism, string? primarySerial, string inspected) =>
        InTheDrillHsm(primarySerial, inspected, session =>
        {
            var id = KeyId.From(RandomNumberGenerator.GetBytes(16));
            ObjectHandle key = session.UnwrapToWrapAgain(session.ImportWrapKey(from.Span), Mechanism(mechanism),
                blob.WrappedBytes(), Kind(blob.Algorithm), blob.Key, id);
            return session.WrapPrivateKey(session.ImportWrapKey(to.Span), key, Mechanism(mechanism));
        }).Made;

    /// <summary>It is blank before and wiped afterwards, also when what is done in it fails.</summary>
    private (string Serial, byte[] Made) InTheDrillHsm(string? primarySerial, string inspected, Func<Session, byte[]> use)
    {
        Module module = Loaded();
        TokenInfo token = Claim(Blank("drill", primarySerial, inspected), DrillLabel);
        byte[] pin = Encoding.ASCII.GetBytes(RandomNumberGenerator.GetString("0123456789", 8));
        byte[] made;
        try
        {
            using (Session officer = module.OpenSession(token))
            {
                officer.Login(LoginRole.SecurityOfficer, BlankToken.SoPinOf(module, token, BlankSoPin));
                officer.InitPin(pin);
                officer.Logout();
            }
            using Session session = module.OpenSession(token);
            session.Login(LoginRole.User, pin);
            made = use(session);
        }
        catch (Exception)
        {
            TryWipe(module, token);
            throw;
        }
        Wipe(module, token);
        return (token.Serial, made);
    }

    public byte[] Restore(RestoreKey effect, BackupBlob blob, SecretBytes wrapKey, byte[] challenge, byte[] spki)
    {
        Session session = Primary();
        var id = KeyId.Parse(effect.Id);
        Clear(session, id, effect.Clean);
        _ = Under(session, wrapKey, wrap =>
            session.UnwrapPrivateKey(wrap, Mechanism(effect.Mechanism), blob.WrappedBytes(),
                Kind(blob.Algorithm), blob.Key, id, Lifetime.Token));
        _ = session.CreatePublicKey(spki, blob.Key, id);
        using var generator = new TokenSignatureGenerator(session, id, Scheme(blob.Algorithm), spki);
        return generator.SignData(challenge, generator.HashAlgorithm);
    }

    /// <summary>Repeatable: what an earlier attempt destroyed already is not missed.</summary>
    public KeyDestroyed Destroy(DestroyKey effect)
    {
        Session session = Primary();
        if (session.Token.Serial != effect.Serial)
            throw new CeremonyException(new Refusal(CeremonyRules.WrongToken,
                $"This is the HSM {session.Token.Serial}; the key lies in {effect.Serial}.", "Connect the right one."));
        DestroyAndAsk(session, KeyId.Parse(effect.Id));
        return new KeyDestroyed(effect.Key, effect.Id, effect.Serial);
    }

    /// <summary>Repeatable as <see cref="Destroy"/>; the session of the primary token is not touched.</summary>
    public KeyDestroyed DestroyInFormer(DestroyInFormer effect, SecretBytes userPin)
    {
        using Session session = Former(effect.Serial);
        session.Login(LoginRole.User, userPin.Span);
        DestroyAndAsk(session, KeyId.Parse(effect.Id));
        session.Logout();
        return new KeyDestroyed(effect.Key, effect.Id, effect.Serial);
    }

    private static void DestroyAndAsk(Session session, KeyId id)
    {
        foreach (ObjectHandle there in session.Find(id: id))
            session.Destroy(there);
        if (session.Find(id: id).Count != 0)
            throw new CeremonyException(new Refusal("HSM-12",
                $"The HSM still holds an object with the ID {id} after it was told to destroy it.", "Do not go on with this HSM."));
    }

    public TokenLookedAt LookIntoFormer(LookAgain effect, SecondLook second, SecretBytes userPin)
    {
        using Session session = Former(effect.Serial);
        session.Login(LoginRole.User, userPin.Span);
        TokenView ours = Seen(session.Token, session.Look());
        TokenLookedAt seen = second.Compare(effect, ours, settings.Module, userPin, Family(session.Token));
        session.Logout();
        return seen;
    }

    private Session Former(string serial) => Loaded().OpenSession(Loaded().Tokens().FirstOrDefault(t => t.Serial == serial && t.Initialised)
        ?? throw new CeremonyException(new Refusal(CeremonyRules.WrongToken, $"The HSM {serial} is not connected.",
            "Connect it, then do it again. If it cannot be connected any more, it is asked then what becomes of its keys.")));

    public void Lock(string ckaId)
    {
        Session session = Primary();
        Lock(session, session.GetPrivateKey(KeyId.Parse(ckaId)));
    }

    /// <summary>What the primary token says when it is asked to wrap this locked key.</summary>
    public Finding TryWrap(string ckaId, int format) => WrapTrial.Of(Loaded(), Primary().Token, KeyId.Parse(ckaId), format);

    public string StoreHead(string ledgerId, long seq, string head)
    {
        Session session = Primary();
        session.WriteData(Application, HeadLabel,
            Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{ledgerId} {seq} {head}")),
            isPrivate: true, Lifetime.Token);
        return session.Token.Serial;
    }

    /// <summary>
    /// The token as this binding reads it and as another one does, in a process of its own; then what that makes of them.
    /// </summary>
    public TokenLookedAt LookAgain(LookAgain effect, SecondLook second)
    {
        bool primary = effect.Token == "primary";
        // First of all: without a login there is nothing to look with.
        Session? loggedIn = primary ? Primary() : null;
        TokenInfo token = Loaded().Tokens().FirstOrDefault(t => t.Serial == effect.Serial)
            ?? throw new CeremonyException(new Refusal(CeremonyRules.WrongToken,
                $"The HSM {effect.Serial} is not connected.", "Connect it, then try again."));
        TokenView ours;
        if (loggedIn is not null)
        {
            ours = Seen(token, loggedIn.Look());
        }
        else
        {
            using Session visitor = Loaded().OpenSession(token);
            ours = Seen(token, visitor.Look());
        }
        return second.Compare(effect, ours, settings.Module, primary ? _userPin : null, Family(token));
    }

    private static TokenView Seen(TokenInfo token, IReadOnlyList<SeenObject> objects) => new(Hex(token.Label),
        Hex(token.Serial), token.Initialised, token.UserPinSet,
        TokenView.Sorted(objects.Select(o => new ObjectView(o.Class, Convert.ToHexStringLower(o.Label),
            Convert.ToHexStringLower(o.Id), o.KeyType, Convert.ToHexStringLower(o.Application),
            string.Concat(o.Flags.Select(f => f switch { null => '-', true => '1', false => '0' })),
            ObjectView.ContentOf([.. o.Content])))));

    private static string Hex(string text) => Convert.ToHexStringLower(Encoding.UTF8.GetBytes(text));

    public string PrimarySerial => Primary().Token.Serial;

    /// <summary>The open session is of no use after an error, or nobody needs it any more. The PIN goes first: a module may hang.</summary>
    public void Close()
    {
        _userPin?.Dispose();
        _userPin = null;
        _primary?.Dispose();
        _primary = null;
    }

    /// <summary>Logs out and finalises the module, on the thread that used it: the process ends without a session or a login.</summary>
    public void Dispose()
    {
        Close();
        settings.Process.Dispose();
    }

    /// <summary>
    /// The wrap key is in the session for this one use, however it ends. A session that saw a device error is not used any
    /// more: closing it takes the key with it.
    /// </summary>
    private static T Under<T>(Session session, SecretBytes wrapKey, Func<ObjectHandle, T> use)
    {
        ObjectHandle wrap = session.ImportWrapKey(wrapKey.Span);
        try
        {
            return use(wrap);
        }
        finally
        {
            if (session.IsUsable)
                session.Destroy(wrap);
        }
    }

    private Session Primary() => _primary is { IsUsable: true } session ? session
        : throw new CeremonyException(new Refusal(CeremonyRules.Locked, "The HSM is not unlocked.",
            "A quorum presents its activation shares again."));

    private Module Loaded() => settings.Process.Running();

    /// <summary>Two heads mean that power was lost while the older one was being replaced: the newer counts.</summary>
    private static (long Seq, string Head) ReadHead(Session session)
    {
        (long Seq, string Head) newest = (0, "");
        foreach (byte[] data in session.ReadData(Application, HeadLabel))
        {
            string[] parts = Encoding.ASCII.GetString(data).Split(' ');
            if (parts.Length == 3 && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out long seq)
                && seq > newest.Seq)
                newest = (seq, parts[2]);
        }
        return newest;
    }

    private static void Clear(Session session, KeyId id, bool allowed)
    {
        IReadOnlyList<ObjectHandle> there = session.Find(id: id);
        if (there.Count > 0 && !allowed)
            throw new CeremonyException(new Refusal("HSM-08", $"The HSM already holds an object with the ID {id}.",
                "It was not made by this attempt: find out where it comes from."));
        foreach (ObjectHandle left in there)
            session.Destroy(left);
    }

    private static KeyGenerated Made(Session session, KeyId id, string key, string purpose, string algorithm, bool extractable)
    {
        ObjectHandle secret = session.GetPrivateKey(id);
        if (!Sound(session.ReadAttributes(secret)))
            throw new CeremonyException(new Refusal("HSM-09", "The new key is not sensitive, or was not made inside the HSM.",
                "Do not use this HSM."));
        if (!extractable)
            Lock(session, secret);
        byte[] spki = session.ExportPublicKeyInfo(session.GetPublicKey(id));
        return new KeyGenerated(key, purpose, algorithm, id.Hex, session.Token.Serial, Convert.ToBase64String(spki), extractable);
    }

    /// <summary>An attempt that was cut off may have locked it: a token does not let that be done twice.</summary>
    private static void Lock(Session session, ObjectHandle secret)
    {
        if (session.ReadAttributes(secret).Extractable != false)
            session.LockNonExtractable(secret);
    }

    private static bool Sound(KeyAttributes a) => a is { Sensitive: true, AlwaysSensitive: true, Local: true, OnToken: true };

    /// <summary>Nothing of worth is on it: it was never initialised, or by this program for a trial.</summary>
    internal static bool IsBlank(TokenInfo token) => !token.Initialised || token.Label is TokenProbe.Label or DrillLabel;

    /// <param name="inspected">The serial number that was inspected; null before the inspection.</param>
    private TokenInfo Blank(string which, string? primarySerial, string? inspected = null)
    {
        TokenInfo token = AnyBlank(which, primarySerial, inspected);
        return FamilyDesk.Refuse(Family(token)) is { } unfit
            ? throw new CeremonyException(unfit) : token;
    }

    private TokenFamily Family(TokenInfo token) => TokenFamilies.Of(Loaded().Path, Loaded().GetInfo(), token);

    private TokenInfo Claim(TokenInfo token, string label) => Claiming(() => BlankToken.Claim(Loaded(), token, BlankSoPin, label));

    private static T Claiming<T>(Func<T> claim)
    {
        try
        {
            return claim();
        }
        catch (SoPinRefusedException e)
        {
            throw new CeremonyException(FamilyDesk.SoPin(e));
        }
    }

    private TokenInfo AnyBlank(string which, string? primarySerial, string? inspected)
    {
        string? wanted = which == "drill" ? settings.DrillSerial : settings.PrimarySerial;
        return Loaded().Tokens()
            .Where(IsBlank)
            .Where(t => t.Serial != primarySerial && (wanted is null || t.Serial == wanted) && (inspected is null || t.Serial == inspected))
            .OrderByDescending(t => t.Initialised)
            .FirstOrDefault() ?? throw new CeremonyException(inspected is null
                ? NoBlank(which, primarySerial)
                : new Refusal(CeremonyRules.WrongToken, $"The {which} HSM that was inspected, serial {inspected}, is not connected.",
                    which == "drill" ? "Connect that one and do it again. When it is gone for good, another one takes its place where the "
                        + "screen offers that; where it does not, abort (F9) and begin anew."
                        : "Connect that one: another was not inspected."));
    }

    private Refusal NoBlank(string which, string? primarySerial) =>
        primarySerial is not null && Loaded().Tokens().Any(t => IsBlank(t) && t.Serial == primarySerial)
        ? new Refusal(CeremonyRules.NoToken,
            $"The blank HSM that is connected reports the serial number of the primary HSM, {primarySerial}: the two cannot be told apart.",
            "Connect one that reports a number of its own, then look again.")
        : new Refusal(CeremonyRules.NoToken, $"No blank HSM is connected that could be the {which} HSM.",
            "Connect one, blank, then look again. One that was used is erased with its maker's tool, on another computer.");

    /// <summary>
    /// A commissioning that was cut off left the token with the blank PIN, and it is erased; or already with the derived one, which is the
    /// last thing that is set: then nothing is left to do, and null is answered. Erased under that PIN a token of
    /// openCryptoki opens to nobody.
    /// </summary>
    private static TokenInfo? Erased(Module module, TokenInfo token, string label)
    {
        try
        {
            return module.InitToken(token, BlankToken.SoPinOf(module, token, BlankSoPin), label);
        }
        catch (Pkcs11Exception e) when (e.ConstantName == "CKR_PIN_INCORRECT")
        {
            return null;
        }
    }

    private static void Wipe(Module module, TokenInfo drill) =>
        module.InitToken(module.GetToken(DrillLabel, drill.Serial), BlankToken.SoPinOf(module, drill, BlankSoPin), TokenProbe.Label);

    /// <summary>After a failed drill the first error is the one to tell; the next drill begins with wiping anyway.</summary>
    private static void TryWipe(Module module, TokenInfo token)
    {
        try
        {
            Wipe(module, token);
        }
        catch (HsmException)
        {
            // The token is gone or broken: the room is told what broke first.
        }
    }

    private static string ClassName(StoredObject o) =>
        o.Is(ObjectClass.PrivateKey) ? "private key" : o.Is(ObjectClass.PublicKey) ? "public key" : $"object of class {o.Class}";

    internal static KeyKind Kind(string algorithm) => algorithm switch
    {
        "ec-p256" => KeyKind.EcP256,
        "ec-p384" => KeyKind.EcP384,
        "rsa-3072" => KeyKind.Rsa3072,
        "rsa-4096" => KeyKind.Rsa4096,
        "ml-dsa-44" => KeyKind.MlDsa44,
        "ml-dsa-65" => KeyKind.MlDsa65,
        "ml-dsa-87" => KeyKind.MlDsa87,
        _ => throw new System.Diagnostics.UnreachableException(algorithm),
    };

    /// <summary>The scheme that <see cref="KeyAlgorithm"/> writes into certificates.</summary>
    private static SignatureScheme Scheme(string algorithm) => algorithm switch
    {
        "ec-p256" => SignatureScheme.EcdsaSha256,
        "ec-p384" => SignatureScheme.EcdsaSha384,
        "rsa-3072" or "rsa-4096" => SignatureScheme.RsaPkcs1Sha256,
        "ml-dsa-44" or "ml-dsa-65" or "ml-dsa-87" => SignatureScheme.MlDsa,
        _ => throw new System.Diagnostics.UnreachableException(algorithm),
    };

    private static WrapMechanism Mechanism(string code) =>
        (WrapMechanism)ulong.Parse(code.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
