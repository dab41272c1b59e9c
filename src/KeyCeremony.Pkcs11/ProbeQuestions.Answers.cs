using System.Diagnostics;
using System.Security.Cryptography;
using static KeyCeremony.Pkcs11.Native.Cryptoki;

namespace KeyCeremony.Pkcs11;

/// <summary>How each question is answered.</summary>
internal sealed partial class ProbeQuestions
{
    /// <summary>A PIN of 16 letters and digits carries 80 bits of the activation secret.</summary>
    private const int ComfortablePinLength = 16;

    private static readonly (ProbeResult, string) NoKeys = (ProbeResult.Unknown, "It could not be tried: no kind of key works.");

    private const string NoWrapping = "It could not be tried: no mechanism makes a wrapping that can be opened in software.";

    private (ProbeResult, string) HasMechanisms()
    {
        mechanisms = module.Mechanisms(token);
        var codes = mechanisms.Select(mechanism => (nuint)mechanism.Code).ToHashSet();
        bool ec = codes.Contains(CKM_EC_KEY_PAIR_GEN) && codes.Contains(CKM_ECDSA);
        bool rsa = codes.Contains(CKM_RSA_PKCS_KEY_PAIR_GEN) && codes.Contains(CKM_RSA_PKCS);
        return (ec || rsa ? ProbeResult.Pass : ProbeResult.Fail,
            $"{codes.Count} mechanisms; ECDSA {(ec ? "yes" : "no")}, RSA {(rsa ? "yes" : "no")}.");
    }

    /// <summary>One kind that fails narrows the choice; no kind at all stops.</summary>
    private void AskWhichKeysWork()
    {
        var broken = new List<string>();
        foreach (KeyKind kind in kinds)
        {
            if (TryKind(kind) is { } problem)
            {
                broken.Add($"{NameOf(kind)}: {problem}");
            }
            else
            {
                working.Add(kind);
            }
        }

        Record(
            "PROBE-02",
            "Which kinds of key does it generate and sign with?",
            stops: working.Count == 0,
            broken.Count == 0 ? ProbeResult.Pass : ProbeResult.Fail,
            string.Join(" ",
                [$"Generated, signed and verified: {(working.Count == 0 ? "none" : string.Join(", ", working.Select(NameOf)))}.",
                    .. broken]));
    }

    /// <summary>As it is read aloud.</summary>
    private static string NameOf(KeyKind kind) => kind switch
    {
        KeyKind.EcP256 => "EC P-256",
        KeyKind.EcP384 => "EC P-384",
        KeyKind.Rsa3072 => "RSA 3072",
        KeyKind.Rsa4096 => "RSA 4096",
        KeyKind.MlDsa44 => "ML-DSA-44",
        KeyKind.MlDsa65 => "ML-DSA-65",
        KeyKind.MlDsa87 => "ML-DSA-87",
        _ => throw new UnreachableException(),
    };

    private string? TryKind(KeyKind kind)
    {
        try
        {
            using Session session = Open();
            KeyId id = NewId(session);
            session.GenerateKeyPair(kind, Label, id, Lifetime.Session);
            AssertSigns(session, kind, id);
            return null;
        }
        catch (HsmException error) when (!error.MeansTokenIsLost)
        {
            return error.Happened;
        }
    }

    private static void AssertSigns(Session session, KeyKind kind, KeyId id)
    {
        SignatureScheme scheme = kind switch
        {
            KeyKind.EcP256 => SignatureScheme.EcdsaSha256,
            KeyKind.EcP384 => SignatureScheme.EcdsaSha384,
            KeyKind.Rsa3072 or KeyKind.Rsa4096 => SignatureScheme.RsaPkcs1Sha256,
            KeyKind.MlDsa44 or KeyKind.MlDsa65 or KeyKind.MlDsa87 => SignatureScheme.MlDsa,
            _ => throw new UnreachableException(),
        };
        using var generator = new TokenSignatureGenerator(session, id, scheme);
        generator.SignData([.. "throw-away"u8], generator.HashAlgorithm);
    }

    private (ProbeResult, string) RandomChanges()
    {
        using Session session = Open();
        var draws = new HashSet<string>();
        byte[] bytes = new byte[32];
        for (int i = 0; i < 4; i++)
        {
            session.GenerateRandom(bytes);
            draws.Add(Convert.ToHexString(bytes));
        }

        bool varied = draws.Count == 4 && draws.All(draw => draw.Distinct().Count() > 4);
        return varied
            ? (ProbeResult.Pass, "Four draws of 32 bytes all differ. More than that a probe cannot say of randomness.")
            : (ProbeResult.Fail, "Draws of 32 bytes repeat or hardly vary: the random generator is broken.");
    }

    private (ProbeResult, string) PinLength()
    {
        if (token.PinMaxLength is 0 or > int.MaxValue || token.PinMinLength > token.PinMaxLength)
        {
            return (ProbeResult.Unknown, "The token does not say how long a PIN may be.");
        }

        return (token.PinMaxLength >= ComfortablePinLength ? ProbeResult.Pass : ProbeResult.Fail,
            $"A PIN has {token.PinMinLength} to {token.PinMaxLength} bytes.");
    }

    private (ProbeResult, string) PrivateValueIsHidden()
    {
        foreach (KeyKind kind in working)
        {
            using Session session = Open();
            if (session.CanReadSecret(NewKey(session, kind).PrivateKey, kind))
            {
                return (ProbeResult.Fail, $"The private value of a sensitive {NameOf(kind)} key could be read in clear.");
            }
        }

        return working.Count == 0
            ? NoKeys
            : (ProbeResult.Pass, "C_GetAttributeValue gave no private value of a sensitive key.");
    }

    private (ProbeResult, string) WrapKeyIsTaken()
    {
        using Session session = Open();
        try
        {
            NewWrapKey(session);
            return (ProbeResult.Pass, "An AES-256 wrap key can be imported for one session.");
        }
        catch (Pkcs11Exception refused) when (!refused.MeansTokenIsLost)
        {
            return (ProbeResult.Fail, $"An AES-256 wrap key is not taken: {refused.Sentence}");
        }
    }

    private (ProbeResult, string) WrapKeyIsHidden()
    {
        using Session session = Open();
        return session.CanReadSecret(NewWrapKey(session).Handle, kind: null)
            ? (ProbeResult.Fail, "An imported wrap key can be read back in clear while its session lasts.")
            : (ProbeResult.Pass, "C_GetAttributeValue gave no value of an imported wrap key.");
    }

    private (ProbeResult, string) WrapsToAKnownFormat()
    {
        foreach (WrapMechanism mechanism in WrapStrategy.AllMechanisms)
        {
            wrapFormats.Add(new WrapMethod(mechanism, FormatOf(mechanism)));
        }

        if (working.Count == 0)
        {
            return NoKeys;
        }

        // A mechanism that is there and is not done is not simply absent: what it was refused with leads to the cause.
        string seen = string.Join(", ", wrapFormats.Select(method => $"0x{(ulong)method.Mechanism:X4} is {method.Format}"
            + (refusedWith.TryGetValue(method.Mechanism, out string? answer) ? $" ({answer})" : "")));
        return Backup is { } backup
            ? (ProbeResult.Pass, $"Measured: {seen}. The backup is made with 0x{(ulong)backup.Mechanism:X4}.")
            : (ProbeResult.Fail, $"Measured: {seen}. None is a way of this family's to back up a key.");
    }

    private WrapFormat FormatOf(WrapMechanism mechanism)
    {
        if (working.Count == 0)
        {
            return WrapFormat.Absent;
        }

        using Session session = Open();
        KeyPair pair = NewKey(session, working[0]);
        (ObjectHandle wrapKey, byte[]? value) = NewWrapKey(session);
        byte[] wrapped;
        try
        {
            wrapped = session.WrapPrivateKey(wrapKey, pair.PrivateKey, mechanism);
        }
        catch (Pkcs11Exception refused) when (!refused.MeansTokenIsLost)
        {
            if (refused.ConstantName != "CKR_MECHANISM_INVALID")
            {
                refusedWith[mechanism] = refused.ConstantName;
            }

            return WrapFormat.Absent;
        }

        (WrapFormat format, byte[]? plain) = SoftwareKeyWrap.Open(WrapStrategy.Of(mechanism)!, value, wrapped);
        bool isSameKey = PublicHalf(plain, working[0]) is { } half
            && half.AsSpan().SequenceEqual(session.ExportPublicKeyInfo(pair.PublicKey));
        CryptographicOperations.ZeroMemory(plain);
        return isSameKey ? format : WrapFormat.Unreadable;
    }

    /// <summary>The key's SubjectPublicKeyInfo from its PKCS#8, whose DER length says where it ends: some tokens add bytes.</summary>
    private static byte[]? PublicHalf(byte[] plain, KeyKind kind)
    {
        if (kind.IsMlDsa())
        {
            return MlDsaKey.PublicHalf(plain);
        }

        try
        {
            using AsymmetricAlgorithm key = kind.IsEc() ? ECDsa.Create() : RSA.Create();
            key.ImportPkcs8PrivateKey(plain, out _);
            return key.ExportSubjectPublicKeyInfo();
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private (ProbeResult, string) NonExtractableIsRefused() => RefusedOnEveryMechanism(
        "a key generated non-extractable", session => NewKey(session, working[0], extractable: false).PrivateKey);

    private (ProbeResult, string) KeyCanBeLocked()
    {
        if (working.Count == 0)
        {
            return NoKeys;
        }

        using Session session = Open();
        try
        {
            NewLockedKey(session);
            return (ProbeResult.Pass, "CKA_EXTRACTABLE was set to false and reads back so.");
        }
        catch (HsmException refused) when (refused.Function == "C_SetAttributeValue")
        {
            return (ProbeResult.Fail, $"A key cannot be locked after its backup: {refused.Sentence}");
        }
    }

    private (ProbeResult, string) LockedKeyIsRefused() =>
        RefusedOnEveryMechanism("a key locked later", NewLockedKey);

    private (ProbeResult, string) LockIsFinal()
    {
        if (working.Count == 0)
        {
            return NoKeys;
        }

        using Session session = Open();
        ObjectHandle key = NewLockedKey(session);
        session.TryUnlock(key);
        return session.ReadAttributes(key).Extractable is false
            ? (ProbeResult.Pass, "Setting CKA_EXTRACTABLE back to true changed nothing.")
            : (ProbeResult.Fail, "CKA_EXTRACTABLE could be set back to true: a lock means nothing here.");
    }

    private ObjectHandle NewLockedKey(Session session)
    {
        ObjectHandle key = NewKey(session, working[0]).PrivateKey;
        session.LockNonExtractable(key);
        return key;
    }

    /// <summary>A template that has to be forced is a warning, for it is forced at every restore.</summary>
    private void AskIfUnwrapHonoursTemplate(bool spends)
    {
        const string Question = "Does a restored key come back as locked as the template says?";
        bool forced = false;
        AskUnless(spends, "PROBE-13", Question, () =>
        {
            using Session session = Open();
            if (Wrapping is not { } mechanism)
            {
                return (ProbeResult.Unknown, NoWrapping);
            }

            ObjectHandle key = Restore(session, mechanism, NewId(session), out _, asIs: true);
            KeyAttributes found = session.ReadAttributes(key);
            if (found.IsLocked)
            {
                return (ProbeResult.Pass, "The restored key is sensitive and not extractable, as the template said.");
            }

            session.TryForceLock(key);
            forced = session.ReadAttributes(key).IsLocked;
            return (ProbeResult.Fail, $"C_UnwrapKey ignored the template: {found.Describe()}. "
                + (forced ? "Setting it afterwards works, and is done at every restore." : "Setting it afterwards fails too."));
        });
        if (forced)
        {
            findings[^1] = findings[^1] with { StopsCeremony = false };
        }
    }

    private (ProbeResult, string) RestoredKeyIsRefused() => Wrapping is { } mechanism
        ? RefusedOnEveryMechanism("a restored key", session => Restore(session, mechanism, NewId(session), out _))
        : (ProbeResult.Unknown, NoWrapping);

    private (ProbeResult, string) RestoredKeySigns()
    {
        if (Wrapping is not { } mechanism)
        {
            return (ProbeResult.Unknown, NoWrapping);
        }

        using Session session = Open();
        KeyId id = NewId(session);
        Restore(session, mechanism, id, out byte[]? publicKeyInfo);
        session.CreatePublicKey(publicKeyInfo, Label, id, Lifetime.Session);
        AssertSigns(session, working[0], id);
        return (ProbeResult.Pass, "A restored key's signature verifies under the original's public key.");
    }

    private ObjectHandle Restore(
        Session session, WrapMechanism mechanism, KeyId id, out byte[] publicKeyInfo, bool asIs = false)
    {
        KeyKind kind = working[0];
        KeyPair original = NewKey(session, kind);
        publicKeyInfo = session.ExportPublicKeyInfo(original.PublicKey);
        (ObjectHandle wrapKey, byte[] _) = NewWrapKey(session);
        byte[] wrapped = session.WrapPrivateKey(wrapKey, original.PrivateKey, mechanism);
        session.Destroy(original.PrivateKey);
        return asIs
            ? session.Unwrap(wrapKey, mechanism, wrapped, kind, Label, id, Lifetime.Session)
            : session.UnwrapPrivateKey(wrapKey, mechanism, wrapped, kind, Label, id, Lifetime.Session);
    }

    /// <summary>
    /// A token that refuses every wrapping proves nothing by refusing this one: there must be one that works.
    /// </summary>
    private (ProbeResult, string) RefusedOnEveryMechanism(string what, Func<Session, ObjectHandle> makeKey)
    {
        if (wrapFormats.TrueForAll(method => method.Format == WrapFormat.Absent))
        {
            return (ProbeResult.Unknown, NoWrapping);
        }

        var refusals = new List<string>();
        foreach (WrapMethod? method in wrapFormats.Where(method => method.Format != WrapFormat.Absent))
        {
            using Session session = Open();
            ObjectHandle key = makeKey(session);
            (ObjectHandle wrapKey, byte[] _) = NewWrapKey(session);
            try
            {
                session.WrapPrivateKey(wrapKey, key, method.Mechanism);
                return (ProbeResult.Fail, $"0x{(ulong)method.Mechanism:X4} wrapped {what}: the token cannot guard keys.");
            }
            catch (Pkcs11Exception refused) when (!refused.MeansTokenIsLost)
            {
                refusals.Add(refused.ConstantName);
            }
        }

        return (ProbeResult.Pass, $"Wrapping {what} was refused with {string.Join(", ", refusals)}.");
    }

    private (ProbeResult, string) DataObjectsWork(Lifetime lifetime)
    {
        using Session session = Open();
        // A YubiHSM cuts a label off after 40 bytes.
        string label = $"{Label}-{NewId(session).Hex[..16]}";
        session.WriteData(Label, label, "first"u8, isPrivate: true, lifetime);
        session.WriteData(Label, label, "second"u8, isPrivate: true, lifetime);
        IReadOnlyList<byte[]> found = session.ReadData(Label, label);
        bool replaced = found is [var only] && only.AsSpan().SequenceEqual("second"u8);
        session.DestroyData(Label, label);
        return replaced && session.ReadData(Label, label).Count == 0
            ? (ProbeResult.Pass, "A data object was written, replaced, read and destroyed.")
            : (ProbeResult.Fail, "A replaced data object was not read back as written, or stayed after it was destroyed.");
    }

    private (ProbeResult, string) KeySurvivesLogout(byte[] userPin)
    {
        if (working.Count == 0)
        {
            return NoKeys;
        }

        using Session session = Open();
        session.Login(LoginRole.User, userPin);
        KeyId id = NewId(session);
        session.GenerateKeyPair(working[0], Label, id);
        session.Logout();
        session.Login(LoginRole.User, userPin);
        bool isThere = session.Find(ObjectClass.PrivateKey, id).Count == 1;
        foreach (ObjectHandle stored in session.Find(id: id))
        {
            session.Destroy(stored);
        }

        return isThere
            ? (ProbeResult.Pass, "A stored key was found again by its CKA_ID.")
            : (ProbeResult.Fail, "A stored key was not found again by its CKA_ID.");
    }

    private (ProbeResult, string) LocksOut(byte[] userPin, int tries)
    {
        byte[] wrong = (byte[])userPin.Clone();
        wrong[0] = wrong[0] == (byte)'0' ? (byte)'1' : (byte)'0';
        for (int attempt = 1; attempt <= tries; attempt++)
        {
            nuint answer = TryLogin(wrong);
            if (answer == CKR_PIN_LOCKED || module.GetToken(token.Label, token.Serial).UserPinLocked)
            {
                lockedAfter = answer == CKR_PIN_LOCKED ? attempt - 1 : attempt;
                return (ProbeResult.Pass, $"The user's PIN locked after {lockedAfter} wrong ones.");
            }

            if (answer != CKR_PIN_INCORRECT)
            {
                return (ProbeResult.Unknown, $"A wrong PIN was answered with {ReturnValues.Name(answer)}.");
            }
        }

        return TryLogin(userPin) == CKR_OK
            ? (ProbeResult.Fail, $"After {tries} wrong PINs the right one still works: nothing stops guessing.")
            : (ProbeResult.Unknown, $"After {tries} wrong PINs the right one is refused, but the token does not say locked.");
    }

    private nuint TryLogin(byte[] pin)
    {
        using Session session = Open();
        try
        {
            session.Login(LoginRole.User, pin);
            return CKR_OK;
        }
        catch (Pkcs11Exception refused) when (!refused.MeansTokenIsLost)
        {
            return (nuint)refused.ReturnValue;
        }
    }
}
