namespace KeyCeremony.Pkcs11.Tests;

[Collection(ModuleCollection.Name)]
public sealed class CommissioningTests(SoftHsm hsm) : IClassFixture<SoftHsm>
{
    private const string Wrong = "wrong-pin";

    [Fact]
    public void A_wrong_security_officer_pin_leaves_the_token_as_it_was()
    {
        TokenInfo token = hsm.Commission("refuses");

        Pkcs11Exception error = Assert.Throws<Pkcs11Exception>(() => hsm.Module.InitToken(token, "wrong-so-pin"u8, "other"));

        Assert.Equal(("C_InitToken", "CKR_PIN_INCORRECT"), (error.Function, error.ConstantName));
        Assert.Equal(token with { SoPinCountLow = true }, hsm.Module.GetToken("refuses", token.Serial));
    }

    [Fact]
    public void A_blank_token_takes_label_and_pins()
    {
        TokenInfo blank = hsm.BlankToken();
        Assert.False(blank.UserPinSet);

        TokenInfo token = hsm.Module.InitToken(blank, SoftHsm.SoPin, "root-hsm");
        Assert.Equal("root-hsm", token.Label);
        Assert.NotEmpty(token.Serial);
        Assert.True(token.Initialised);
        Assert.False(token.UserPinSet);

        using Session session = hsm.Module.OpenSession(token);
        session.Login(LoginRole.SecurityOfficer, SoftHsm.SoPin);
        Assert.Equal(SessionState.SecurityOfficer, session.GetState());
        session.InitPin(SoftHsm.UserPin);
        session.Logout();
        session.Login(LoginRole.User, SoftHsm.UserPin);
        Assert.Equal(SessionState.User, session.GetState());

        TokenInfo commissioned = hsm.Module.GetToken("root-hsm", token.Serial);
        Assert.True(commissioned.UserPinSet);
        Assert.True(commissioned.LoginRequired);
        Assert.InRange(commissioned.PinMinLength, 1u, commissioned.PinMaxLength);
    }

    [Fact]
    public void A_token_keeps_its_label_and_serial_when_the_module_restarts()
    {
        TokenInfo token = hsm.Commission("moves");

        hsm.Module.Reinitialize();

        TokenInfo found = hsm.Module.GetToken("moves", token.Serial);
        using Session session = hsm.Module.OpenSession(token);
        session.Login(LoginRole.User, SoftHsm.UserPin);
        Assert.Equal(SessionState.User, session.GetState());
        Assert.True(found.UserPinSet);
    }

    [Fact]
    public void Initialising_again_erases_keys_and_the_user_pin()
    {
        TokenInfo token = hsm.Commission("erased");
        using (Session session = hsm.OpenUserSession(token))
        {
            session.GenerateKeyPair(KeyKind.EcP256, "gone", KeyId.Parse("01"));
        }

        TokenInfo fresh = hsm.Module.InitToken(token, SoftHsm.SoPin, "erased-twice");

        Assert.Equal("erased-twice", fresh.Label);
        Assert.False(fresh.UserPinSet);
        using Session again = hsm.Module.OpenSession(fresh);
        again.Login(LoginRole.SecurityOfficer, SoftHsm.SoPin);
        Assert.Empty(again.Objects());
    }

    [Fact]
    public void Both_pins_can_be_changed()
    {
        TokenInfo token = hsm.Commission("changes");
        using (Session officer = hsm.Module.OpenSession(token))
        {
            officer.Login(LoginRole.SecurityOfficer, SoftHsm.SoPin);
            officer.SetPin(SoftHsm.SoPin, "another-so-pin"u8);
        }

        using (Session user = hsm.OpenUserSession(token))
        {
            user.SetPin(SoftHsm.UserPin, "another-user-pin"u8);
        }

        using (Session refused = hsm.Module.OpenSession(token))
        {
            Assert.Throws<Pkcs11Exception>(() => refused.Login(LoginRole.User, SoftHsm.UserPin));
        }

        using Session session = hsm.Module.OpenSession(token);
        session.Login(LoginRole.SecurityOfficer, "another-so-pin"u8);
        session.Logout();
        session.Login(LoginRole.User, "another-user-pin"u8);
        Assert.Equal(SessionState.User, session.GetState());
    }

    [Fact]
    public void A_wrong_user_pin_names_the_call_the_constant_and_what_to_do()
    {
        TokenInfo token = hsm.Commission("wrong-pin");
        using Session session = hsm.Module.OpenSession(token);

        Pkcs11Exception error = Assert.Throws<Pkcs11Exception>(
            () => session.Login(LoginRole.User, System.Text.Encoding.ASCII.GetBytes(Wrong)));

        Assert.Equal(("C_Login", "CKR_PIN_INCORRECT"), (error.Function, error.ConstantName));
        Assert.StartsWith("C_Login returned CKR_PIN_INCORRECT. The PIN is wrong.", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Wrong, error.ToString(), StringComparison.Ordinal);
        Assert.True(hsm.Module.GetToken("wrong-pin", token.Serial).UserPinCountLow);
    }

    [Fact]
    public void A_label_that_does_not_fit_is_refused_before_the_token_is_touched()
    {
        TokenInfo blank = hsm.BlankToken();

        Assert.Throws<ArgumentException>(() => hsm.Module.InitToken(blank, SoftHsm.SoPin, new string('ä', 17)));
        Assert.Contains(hsm.Module.Tokens(), token => !token.Initialised);
    }

    [Fact]
    public void An_unknown_token_is_not_found()
    {
        Assert.Null(hsm.Module.FindToken("nobody", "0"));
        TokenNotFoundException error = Assert.Throws<TokenNotFoundException>(() => hsm.Module.GetToken("nobody", "0"));
        Assert.Contains("'nobody'", error.Message, StringComparison.Ordinal);
    }
}
