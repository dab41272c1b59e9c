using System.Security.Cryptography;

namespace KeyCeremony.Pkcs11.Tests;

/// <summary>A real token that fails, lies or goes missing at a chosen call.</summary>
[Collection(ModuleCollection.Name)]
[Trait("Needs", "packages")]
public sealed class FailingTokenTests(StubbedSoftHsm stub) : IClassFixture<StubbedSoftHsm>
{
    private static readonly KeyId Id = KeyId.Parse("f00d");

    [Fact]
    public void A_token_removed_while_signing_is_found_again_after_a_restart()
    {
        TokenInfo token = stub.Commission("removed");
        using (Session session = stub.OpenUserSession(token))
        {
            session.GenerateKeyPair(KeyKind.EcP256, "root", Id);
            using var generator = new TokenSignatureGenerator(session, Id, SignatureScheme.EcdsaSha256);
            stub.SetRules("C_Sign:3+=CKR_DEVICE_REMOVED;C_OpenSession=CKR_TOKEN_NOT_PRESENT");
            generator.SignData([1], HashAlgorithmName.SHA256);
            generator.SignData([2], HashAlgorithmName.SHA256);

            Pkcs11Exception error = Assert.Throws<Pkcs11Exception>(() => generator.SignData([3], HashAlgorithmName.SHA256));
            Assert.Equal(("C_Sign", "CKR_DEVICE_REMOVED"), (error.Function, error.ConstantName));
            Assert.Throws<InvalidOperationException>(() => generator.SignData([3], HashAlgorithmName.SHA256));
        }

        Assert.Throws<Pkcs11Exception>(() => stub.Module.OpenSession(token));

        stub.SetRules("");
        stub.Module.Reinitialize();
        using Session again = stub.OpenUserSession(token);
        using var recovered = new TokenSignatureGenerator(again, Id, SignatureScheme.EcdsaSha256);
        Assert.NotEmpty(recovered.SignData([3], HashAlgorithmName.SHA256));
    }

    [Theory]
    [InlineData("C_Sign:2=garbage")]
    [InlineData("C_Sign:2=constant")]
    public void A_garbage_signature_is_not_given_out(string rules)
    {
        using Session session = stub.OpenUserSession(stub.Commission("garbage"));
        session.GenerateKeyPair(KeyKind.EcP384, "root", Id, Lifetime.Session);
        using var generator = new TokenSignatureGenerator(session, Id, SignatureScheme.EcdsaSha384);
        stub.SetRules(rules);
        Assert.NotEmpty(generator.SignData([1], HashAlgorithmName.SHA384));

        SignatureMismatchException error = Assert.Throws<SignatureMismatchException>(
            () => generator.SignData([1], HashAlgorithmName.SHA384));

        stub.SetRules("");
        Assert.Equal("C_Sign", error.Function);
        Assert.False(session.IsUsable);
    }

    [Theory]
    [InlineData("C_GetAttributeValue=extractable")]
    [InlineData("C_GetAttributeValue=insensitive")]
    public void A_restored_key_that_reads_back_unguarded_is_destroyed(string rules)
    {
        TokenInfo token = stub.Commission("unguarded");
        TemplateIgnoredException error = Assert.Throws<TemplateIgnoredException>(() => Restore(token, rules));

        Assert.True(error.KeyDestroyed);
        Assert.Equal("C_UnwrapKey", error.Function);
        AssertNothingStored(token);
    }

    [Fact]
    public void A_restored_key_that_cannot_be_destroyed_is_said_to_be_there()
    {
        TokenInfo token = stub.Commission("stays");

        TemplateIgnoredException error = Assert.Throws<TemplateIgnoredException>(
            () => Restore(token, "C_GetAttributeValue=extractable;C_DestroyObject=CKR_ACTION_PROHIBITED"));

        Assert.False(error.KeyDestroyed);
        Assert.Contains("still in the token", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_restored_key_is_destroyed_when_its_attributes_cannot_be_read()
    {
        TokenInfo token = stub.Commission("unread");

        Pkcs11Exception error = Assert.Throws<Pkcs11Exception>(() => Restore(token, "C_GetAttributeValue=CKR_DEVICE_ERROR"));

        Assert.Equal("C_GetAttributeValue", error.Function);
        AssertNothingStored(token);
    }

    [Fact]
    public void A_new_data_object_is_there_before_the_old_one_goes()
    {
        TokenInfo token = stub.Commission("replace");
        using (Session session = stub.OpenUserSession(token))
        {
            session.WriteData("KeyCeremony", "head", "41"u8, isPrivate: true);
            stub.SetRules("C_DestroyObject=CKR_DEVICE_REMOVED");
            Assert.Throws<Pkcs11Exception>(() => session.WriteData("KeyCeremony", "head", "42"u8, isPrivate: true));
            stub.SetRules("");
        }

        using Session later = stub.OpenUserSession(token);
        Assert.Equal(["41", "42"], later.ReadData("KeyCeremony", "head").Select(System.Text.Encoding.UTF8.GetString).Order());
        later.WriteData("KeyCeremony", "head", "43"u8, isPrivate: true);
        Assert.Single(later.ReadData("KeyCeremony", "head"));
    }

    [Theory]
    [InlineData("C_Sign=garbage", "PROBE-02")]
    [InlineData("C_GenerateRandom=constant", "PROBE-03")]
    [InlineData("C_GetAttributeValue=readable", "PROBE-05")]
    [InlineData("C_CreateObject:1+=CKR_TEMPLATE_INCONSISTENT", "PROBE-06")]
    [InlineData("C_WrapKey=garbage", "PROBE-08")]
    [InlineData("C_WrapKey=CKR_MECHANISM_INVALID", "PROBE-08")]
    [InlineData("C_SetAttributeValue=CKR_ATTRIBUTE_READ_ONLY", "PROBE-10")]
    [InlineData("C_SetAttributeValue=ignore", "PROBE-10")]
    [InlineData("C_GetAttributeValue=extractable", "PROBE-13")]
    [InlineData("C_UnwrapKey=CKR_WRAPPED_KEY_INVALID", "PROBE-15")]
    public void A_token_that_is_unfit_is_found_out(string rules, string finding)
    {
        TokenInfo token = stub.Commission("unfit");
        using Session session = stub.OpenUserSession(token);
        stub.SetRules(rules);

        TokenProfile profile = TokenProbe.RunOnCommissioned(session, [KeyKind.EcP256]);

        stub.SetRules("");
        Assert.Contains(finding, profile.Unsafe.Select(found => found.Id));
        Assert.Empty(session.Objects());
    }

    [Fact]
    public void A_pin_lock_is_measured()
    {
        // The officer's login, the user's, two for persistence, one to look what is left; then three wrong PINs, and the lock.
        stub.SetRules("C_Login:9+=CKR_PIN_LOCKED");
        TokenInfo blank = stub.Module.Tokens().First(token => !token.Initialised);

        TokenProfile profile = TokenProbe.RunOnBlank(stub.Module, blank, SoftHsm.SoPin, SoftHsm.UserPin, [KeyKind.EcP256]);

        stub.SetRules("");
        Assert.Equal(3, profile.LockedAfterTries);
        Assert.Equal(ProbeResult.Pass, profile.Findings.Single(finding => finding.Id == "PROBE-18").Result);
        Assert.Empty(profile.Warnings);
    }

    /// <summary>As smart cards do: what a probe made is found again and destroyed, and what was there before is not.</summary>
    [Fact]
    public void What_a_token_stores_unasked_is_destroyed_after_the_probe()
    {
        TokenInfo token = stub.Commission("keeps");
        using Session session = stub.OpenUserSession(token);
        session.GenerateKeyPair(KeyKind.EcP256, "root", Id);
        IReadOnlyList<StoredObject> before = session.Objects();
        stub.SetRules("C_GenerateKeyPair=keep;C_CreateObject=keep;C_UnwrapKey=keep");

        TokenProfile profile = TokenProbe.RunOnCommissioned(session, [KeyKind.EcP256]);

        stub.SetRules("");
        ProbeFinding left = profile.Findings[^1];
        Assert.Equal(("PROBE-19", ProbeResult.Pass), (left.Id, left.Result));
        Assert.Contains("stored unasked were destroyed", left.Sentence, StringComparison.Ordinal);
        Assert.Equal(before, session.Objects());
        Assert.DoesNotContain(profile.Findings, f => f.StopsCeremony && f.Result != ProbeResult.Pass);
    }

    [Fact]
    public void What_was_found_out_survives_that_the_token_cannot_be_erased()
    {
        // Once to take it, once to erase it.
        stub.SetRules("C_InitToken:2+=CKR_DEVICE_ERROR");
        TokenInfo blank = stub.Module.Tokens().First(token => !token.Initialised);

        TokenProfile profile = TokenProbe.RunOnBlank(stub.Module, blank, SoftHsm.SoPin, SoftHsm.UserPin, [KeyKind.EcP256], lockoutTries: 0);

        stub.SetRules("");
        Assert.Equal(Enumerable.Range(1, 19).Select(number => $"PROBE-{number:00}"), profile.Findings.Select(f => f.Id));
        ProbeFinding left = Assert.Single(profile.Unsafe);
        Assert.Equal("PROBE-19", left.Id);
        Assert.Contains("It could not be erased: C_InitToken returned CKR_DEVICE_ERROR", left.Sentence, StringComparison.Ordinal);
        Assert.Equal(WrapMechanism.AesKeyWrapPad, profile.BackupMechanism);
        stub.Module.InitToken(stub.Module.GetToken(TokenProbe.Label, profile.Token.Serial), SoftHsm.SoPin, "done");
    }

    [Fact]
    public void A_wrong_security_officers_PIN_is_sent_once_and_never_again()
    {
        stub.SetRules("C_InitToken=CKR_PIN_INCORRECT");
        TokenInfo blank = stub.Module.Tokens().First(token => !token.Initialised);

        Assert.True(Assert.Throws<SoPinRefusedException>(Claim).Tried);
        for (int again = 0; again < 3; again++)
        {
            Assert.False(Assert.Throws<SoPinRefusedException>(Claim).Tried);
        }

        Assert.Equal(1, stub.Calls("C_InitToken"));
        stub.SetRules("");

        void Claim() => BlankToken.Claim(stub.Module, blank, SoftHsm.SoPin, "claimed");
    }

    /// <summary>In another program, on another day: the token itself remembers.</summary>
    [Fact]
    public void A_token_that_remembers_a_wrong_security_officers_PIN_gets_none()
    {
        stub.SetRules("");
        TokenInfo ours = stub.Module.InitToken(stub.Module.Tokens().First(token => !token.Initialised), SoftHsm.SoPin, TokenProbe.Label);
        using (Session officer = stub.Module.OpenSession(ours))
        {
            Assert.Throws<Pkcs11Exception>(() => officer.Login(LoginRole.SecurityOfficer, "a wrong one"u8));
        }

        ours = stub.Module.GetToken(TokenProbe.Label, ours.Serial);
        stub.SetRules("");

        Assert.True(ours.SoPinCountLow);
        Assert.Throws<SoPinRefusedException>(() => BlankToken.Claim(stub.Module, ours, SoftHsm.SoPin, "claimed"));
        Assert.Equal(0, stub.Calls("C_InitToken"));
        stub.Module.InitToken(ours, SoftHsm.SoPin, "done");
    }

    [Theory]
    [InlineData("C_GenerateKeyPair:4=CKR_DEVICE_REMOVED")]
    [InlineData("C_CreateObject:5=CKR_DEVICE_REMOVED")]
    [InlineData("C_DestroyObject:3=CKR_SESSION_HANDLE_INVALID")]
    [InlineData("C_Logout:2=CKR_DEVICE_REMOVED")]
    public void A_probe_that_breaks_off_leaves_a_blank_token_blank(string rules)
    {
        stub.SetRules("");
        TokenInfo blank = stub.Module.InitToken(stub.Module.Tokens().First(token => !token.Initialised), SoftHsm.SoPin, "blank");
        stub.SetRules(rules);

        Assert.Throws<Pkcs11Exception>(() => TokenProbe.RunOnBlank(
            stub.Module, blank, SoftHsm.SoPin, SoftHsm.UserPin, [KeyKind.EcP256], lockoutTries: 1));

        stub.SetRules("");
        TokenInfo left = stub.Module.GetToken(TokenProbe.Label, blank.Serial);
        Assert.False(left.UserPinSet);
        AssertNoObjectFiles();
        // Back to something this class does not look for.
        stub.Module.InitToken(left, SoftHsm.SoPin, "done");
    }

    [Theory]
    [InlineData("C_GenerateKeyPair:4=CKR_DEVICE_REMOVED")]
    [InlineData("C_WrapKey:3=CKR_SESSION_HANDLE_INVALID")]
    [InlineData("C_CreateObject:12=CKR_DEVICE_REMOVED")]
    public void A_probe_that_breaks_off_leaves_a_token_in_use_as_it_was(string rules)
    {
        TokenInfo token = stub.Commission("broken-off");
        using Session session = stub.OpenUserSession(token);
        session.GenerateKeyPair(KeyKind.EcP256, "root", Id);
        IReadOnlyList<StoredObject> before = session.Objects();
        stub.SetRules(rules);

        Assert.Throws<Pkcs11Exception>(() => TokenProbe.RunOnCommissioned(session, [KeyKind.EcP256]));

        stub.SetRules("");
        Assert.Equal(before, session.Objects());
    }

    [Fact]
    public void A_mechanism_that_the_module_lists_and_does_not_know_is_passed_over()
    {
        TokenInfo token = stub.Commission("odd");
        stub.SetRules("C_GetMechanismList=odd");
        IReadOnlyList<TokenMechanism> found = stub.Module.Mechanisms(token);
        stub.SetRules("");

        Assert.Contains(new TokenMechanism(ulong.MaxValue, 0, 0, 0), found);
        Assert.Contains(found, mechanism => mechanism.Flags != 0);
    }

    [Fact]
    public void A_token_whose_number_is_written_in_another_way_now_is_called_that()
    {
        TokenInfo token = stub.Commission("changes");
        stub.SetRules("C_GetTokenInfo=capitals");
        TokenNotFoundException error = Assert.Throws<TokenNotFoundException>(() => stub.Module.GetToken(token.Label, token.Serial));
        stub.SetRules("");

        Assert.Contains($"says '{token.Serial.ToUpperInvariant()}' now", error.Message, StringComparison.Ordinal);
        Assert.Contains("its number changes", error.Message, StringComparison.Ordinal);
        Assert.NotNull(stub.Module.GetToken(token.Label, token.Serial));
    }

    [Fact]
    public void What_a_wrapping_was_refused_with_is_told()
    {
        using Session session = stub.OpenUserSession(stub.Commission("refuses"));
        stub.SetRules("C_WrapKey=0xDEADBEEF");
        TokenProfile profile = TokenProbe.RunOnCommissioned(session, [KeyKind.EcP256]);
        stub.SetRules("");

        Assert.Contains("0x210A is Absent (CKR_VENDOR_DEFINED|0xDEADBEEF)",
            profile.Findings.Single(f => f.Id == "PROBE-08").Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void What_steers_a_terminal_in_the_names_of_a_token_does_not_reach_anybody()
    {
        TokenInfo token = stub.Commission("escapes");
        stub.SetRules("C_GetTokenInfo=escapes");
        TokenInfo told = stub.Module.GetToken(token.Label, token.Serial);
        stub.SetRules("");

        Assert.NotEqual(token.Manufacturer, told.Manufacturer);
        Assert.DoesNotContain(told.Manufacturer + told.Model, char.IsControl);
        Assert.DoesNotContain(told.Manufacturer + told.Model, char.IsSurrogate);
    }

    private void Restore(TokenInfo token, string rules)
    {
        using Session session = stub.OpenUserSession(token);
        KeyPair pair = session.GenerateKeyPair(KeyKind.EcP256, "original", Id, Lifetime.Session);
        ObjectHandle wrapKey = session.ImportWrapKey(RandomNumberGenerator.GetBytes(32));
        byte[] blob = session.WrapPrivateKey(wrapKey, pair.PrivateKey, WrapMechanism.AesKeyWrapPad);
        stub.SetRules(rules);
        try
        {
            session.UnwrapPrivateKey(wrapKey, WrapMechanism.AesKeyWrapPad, blob, KeyKind.EcP256, "restored", Id);
        }
        finally
        {
            stub.SetRules("");
        }
    }

    private void AssertNothingStored(TokenInfo token)
    {
        using Session session = stub.OpenUserSession(token);
        Assert.Empty(session.Objects());
    }

    private void AssertNoObjectFiles()
    {
        TokenInfo token = stub.Module.Tokens().Single(candidate => candidate.Label == TokenProbe.Label);
        using Session session = stub.Module.OpenSession(token);
        session.Login(LoginRole.SecurityOfficer, SoftHsm.SoPin);
        session.InitPin(SoftHsm.UserPin);
        session.Logout();
        session.Login(LoginRole.User, SoftHsm.UserPin);
        Assert.Empty(session.Objects());
    }
}
