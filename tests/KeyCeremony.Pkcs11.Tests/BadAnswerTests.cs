namespace KeyCeremony.Pkcs11.Tests;

/// <summary>What no real module does on demand, from a token that is all stub.</summary>
[Collection(ModuleCollection.Name)]
[Trait("Needs", "packages")]
public sealed class BadAnswerTests(ToyStub stub) : IClassFixture<ToyStub>
{
    private static readonly byte[] Hash = new byte[32];

    [Theory]
    [InlineData("CKR_DEVICE_REMOVED", "CKR_DEVICE_REMOVED", "Plug it in again")]
    [InlineData("CKR_TOKEN_NOT_PRESENT", "CKR_TOKEN_NOT_PRESENT", "The slot is empty")]
    [InlineData("CKR_SESSION_HANDLE_INVALID", "CKR_SESSION_HANDLE_INVALID", "a quorum brings its cards")]
    [InlineData("CKR_DEVICE_ERROR", "CKR_DEVICE_ERROR", "Power-cycle it")]
    [InlineData("CKR_KEY_HANDLE_INVALID", "CKR_KEY_HANDLE_INVALID", "it is looked up anew")]
    [InlineData("0x80000042", "CKR_VENDOR_DEFINED|0x80000042", "report it as a deviation")]
    [InlineData("0x00000777", "CKR_0x00000777", "report it as a deviation")]
    public void An_error_names_function_constant_and_remedy(string rule, string name, string advice)
    {
        using Session session = Open($"C_Sign={rule}");

        Pkcs11Exception error = Assert.Throws<Pkcs11Exception>(() => Sign(session));

        Assert.Equal(("C_Sign", name), (error.Function, error.ConstantName));
        Assert.StartsWith($"C_Sign returned {name}. ", error.Message, StringComparison.Ordinal);
        Assert.Contains(advice, error.Message, StringComparison.Ordinal);
        Assert.False(session.IsUsable);
    }

    [Theory]
    [InlineData("C_Sign=long", "C_Sign")]
    [InlineData("C_Sign=short", "C_Sign")]
    [InlineData("C_GetAttributeValue=long", "C_GetAttributeValue")]
    [InlineData("C_GetAttributeValue=short", "C_GetAttributeValue")]
    [InlineData("C_FindObjects=long", "C_FindObjects")]
    [InlineData("C_WrapKey=long", "C_WrapKey")]
    public void Lengths_that_cannot_be_are_not_believed(string rules, string function)
    {
        using Session session = Open(rules);

        UntrustworthyAnswerException error = Assert.Throws<UntrustworthyAnswerException>(() =>
        {
            ObjectHandle key = session.GetPrivateKey(KeyId.Parse("01"));
            session.ReadAttributes(key);
            session.WrapPrivateKey(session.ImportWrapKey(new byte[32]), key, WrapMechanism.AesKeyWrapPad);
            session.SignHash(key, SignatureScheme.EcdsaSha256, Hash);
        });

        Assert.Equal(function, error.Function);
        Assert.False(session.IsUsable);
    }

    [Theory]
    [InlineData("C_GetSlotList=long", "C_GetSlotList")]
    [InlineData("C_GetSlotList:2=long", "C_GetSlotList")]
    [InlineData("C_GetMechanismList=long", "C_GetMechanismList")]
    [InlineData("C_GetMechanismList:2=long", "C_GetMechanismList")]
    public void Lists_longer_than_their_room_are_not_believed(string rules, string function)
    {
        stub.SetRules("");
        TokenInfo token = stub.Token;
        stub.SetRules(rules);

        UntrustworthyAnswerException error = Assert.Throws<UntrustworthyAnswerException>(() =>
        {
            stub.Module.Tokens();
            stub.Module.Mechanisms(token);
        });

        Assert.Equal(function, error.Function);
    }

    [Fact]
    public void A_module_that_will_not_finalise_is_started_afresh_or_the_error_is_told()
    {
        stub.SetRules("C_Finalize=CKR_DEVICE_REMOVED");
        stub.Module.Reinitialize();
        Assert.Single(stub.Module.Tokens());

        stub.SetRules("C_Finalize=CKR_DEVICE_REMOVED;C_Initialize=CKR_CRYPTOKI_ALREADY_INITIALIZED");
        Assert.Equal("C_Finalize", Assert.Throws<Pkcs11Exception>(stub.Module.Reinitialize).Function);

        stub.SetRules("C_Initialize=CKR_GENERAL_ERROR");
        Assert.Equal("C_Initialize", Assert.Throws<Pkcs11Exception>(stub.Module.Reinitialize).Function);

        stub.SetRules("");
        stub.Module.Reinitialize();
        Assert.Single(stub.Module.Tokens());
    }

    [Fact]
    public void A_token_unplugged_while_slots_are_listed_is_left_out()
    {
        stub.SetRules("C_GetTokenInfo=CKR_TOKEN_NOT_PRESENT");
        Assert.Empty(stub.Module.Tokens());
        stub.SetRules("");
        Assert.Single(stub.Module.Tokens());
    }

    [Fact]
    public void A_locked_pin_says_who_can_open_it()
    {
        using Session session = Open("C_Login=CKR_PIN_LOCKED");

        Pkcs11Exception error = Assert.Throws<Pkcs11Exception>(() => session.Login(LoginRole.User, "1234"u8));

        Assert.Equal("CKR_PIN_LOCKED", error.ConstantName);
        Assert.Contains("disaster-recovery", error.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pin_longer_than_any_is_refused_before_the_token_is_asked()
    {
        using Session session = Open("");
        Assert.Throws<ArgumentException>(() => session.Login(LoginRole.User, new byte[Session.MaxPinBytes + 1]));
        Assert.Equal(0, stub.Calls("C_Login"));
    }

    [Theory]
    [InlineData("C_GetAttributeValue=extractable")]
    [InlineData("C_GetAttributeValue=insensitive")]
    public void A_lock_the_token_does_not_keep_is_noticed(string rules)
    {
        using Session session = Open(rules);

        TemplateIgnoredException error = Assert.Throws<TemplateIgnoredException>(
            () => session.LockNonExtractable(session.GetPrivateKey(KeyId.Parse("01"))));

        Assert.False(error.KeyDestroyed);
        Assert.False(error.Found.IsLocked);
    }

    [Fact]
    public void A_keys_properties_are_one_call_and_a_module_that_answers_for_the_first_alone_is_asked_again()
    {
        using Session session = Open("");
        KeyAttributes whole = session.ReadAttributes(new ObjectHandle(2));
        Assert.Equal(1, stub.Calls("C_GetAttributeValue"));
        Assert.True(whole.IsLocked);

        stub.SetRules("C_GetAttributeValue=lazy");
        Assert.Equal(whole with { Sensitive = null }, session.ReadAttributes(new ObjectHandle(2)));
        Assert.Equal(11, stub.Calls("C_GetAttributeValue"));
        Assert.True(session.IsUsable);
    }

    [Fact]
    public void A_number_is_read_into_a_buffer_of_its_size()
    {
        using Session session = Open("");

        Assert.Equal((3UL, 3UL), (session.Objects()[0].Class, session.Objects()[0].KeyType));
    }

    [Fact]
    public void A_second_thread_in_a_session_is_refused()
    {
        using Session session = Open("");
        using var inside = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        var holder = new Thread(() =>
        {
            using Session.Turn mine = session.TakeTurn();
            inside.Set();
            release.Wait();
        });
        holder.Start();
        inside.Wait();

        Assert.Throws<InvalidOperationException>(() => session.GetState());
        release.Set();
        holder.Join();
        Assert.Equal(SessionState.User, session.GetState());
    }

    [Fact]
    public void A_hash_of_another_length_is_refused_before_the_token_is_asked()
    {
        using Session session = Open("");
        Assert.Throws<ArgumentException>(() => session.SignHash(new ObjectHandle(2), SignatureScheme.EcdsaSha256, new byte[31]));
        Assert.Equal(0, stub.Calls("C_SignInit"));
        Assert.True(session.IsUsable);
    }

    private static byte[] Sign(Session session) =>
        session.SignHash(session.GetPrivateKey(KeyId.Parse("01")), SignatureScheme.EcdsaSha256, Hash);

    private Session Open(string rules)
    {
        stub.SetRules("");
        Session session = stub.Module.OpenSession(stub.Token);
        stub.SetRules(rules);
        return session;
    }
}
