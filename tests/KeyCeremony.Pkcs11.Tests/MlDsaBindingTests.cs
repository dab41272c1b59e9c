using System.Security.Cryptography;

namespace KeyCeremony.Pkcs11.Tests;

/// <summary>ML-DSA through the guarded binding, with a token that is all stub: what it says is not believed, here as everywhere.</summary>
[Collection(ModuleCollection.Name)]
[Trait("Needs", "packages")]
public sealed class MlDsaBindingTests(ToyStub stub) : IClassFixture<ToyStub>
{
    private static readonly ObjectHandle Key = new(2);

    [Fact]
    public void A_public_key_is_made_of_its_set_and_its_value()
    {
        using Session session = Open("C_GetAttributeValue=ml-dsa-65");

        byte[] publicKeyInfo = session.ExportPublicKeyInfo(new ObjectHandle(1));

        // SEQUENCE { SEQUENCE { 2.16.840.1.101.3.4.3.18 }, BIT STRING }, RFC 9881 4.
        Assert.Equal("308207b2300b0609608648016503040312038207a10001", Convert.ToHexStringLower(publicKeyInfo.AsSpan(0, 23)));
        Assert.Equal(22 + 1952, publicKeyInfo.Length);
        Assert.Equal(((nuint)2, 1952), PublicKeyInfo.ReadMlDsa(publicKeyInfo) is var (set, value) ? (set, value.Length) : default);
    }

    [Fact]
    public void A_set_that_does_not_exist_is_not_believed()
    {
        using Session session = Open("C_GetAttributeValue=other-set");

        UntrustworthyAnswerException error = Assert.Throws<UntrustworthyAnswerException>(
            () => session.ExportPublicKeyInfo(new ObjectHandle(1)));

        Assert.Contains("CKA_PARAMETER_SET is 4", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 1312)]
    [InlineData(2, 1952)]
    [InlineData(3, 2592)]
    public void A_value_of_another_length_than_its_sets_is_not_believed(int set, int length)
    {
        static HsmException Distrust(string what) => new UntrustworthyAnswerException("C_GetAttributeValue", what);
        byte[] publicKeyInfo = PublicKeyInfo.FromMlDsa((nuint)set, new byte[length], Distrust);
        Assert.Equal(((nuint)set, length), PublicKeyInfo.ReadMlDsa(publicKeyInfo) is var (read, value) ? (read, value.Length) : default);

        foreach (int other in new[] { 0, length - 1, length + 1, length + 2 })
        {
            Assert.Throws<UntrustworthyAnswerException>(() => PublicKeyInfo.FromMlDsa((nuint)set, new byte[other], Distrust));
        }

        byte[] cut = publicKeyInfo[..^1];
        Assert.Throws<CryptographicException>(() => PublicKeyInfo.ReadMlDsa(cut));
    }

    [Fact]
    public void A_short_message_is_one_call_and_a_long_one_goes_in_pieces()
    {
        using Session session = Open("");
        Assert.Equal(64, session.SignMessage(Key, new byte[Session.PieceBytes]).Length);
        Assert.Equal((1, 0, 0), (stub.Calls("C_Sign"), stub.Calls("C_SignUpdate"), stub.Calls("C_SignFinal")));

        Assert.Equal(3309, session.SignMessage(Key, new byte[(2 * Session.PieceBytes) + 1]).Length);
        Assert.Equal((1, 3, 1), (stub.Calls("C_Sign"), stub.Calls("C_SignUpdate"), stub.Calls("C_SignFinal")));

        Assert.Equal(3309, session.SignMessage(Key, new ReadOnlyMemory<byte>[] { new byte[7], Array.Empty<byte>(), new byte[9] }).Length);
        Assert.Equal((1, 5, 2), (stub.Calls("C_Sign"), stub.Calls("C_SignUpdate"), stub.Calls("C_SignFinal")));
        Assert.True(session.IsUsable);
    }

    [Theory]
    [InlineData("C_SignUpdate:2=CKR_DEVICE_REMOVED", "C_SignUpdate")]
    [InlineData("C_SignFinal=CKR_GENERAL_ERROR", "C_SignFinal")]
    [InlineData("C_SignInit=CKR_PARAMETER_SET_NOT_SUPPORTED", "C_SignInit")]
    public void An_error_in_the_middle_names_its_call_and_ends_the_session(string rules, string function)
    {
        using Session session = Open(rules);

        Pkcs11Exception error = Assert.Throws<Pkcs11Exception>(() => session.SignMessage(Key, Pieces(3)));

        Assert.Equal(function, error.Function);
        Assert.False(session.IsUsable);
    }

    [Theory]
    [InlineData("C_SignFinal=long", "C_SignFinal")]
    [InlineData("C_Sign=long", "C_Sign")]
    public void A_signature_longer_than_any_is_not_believed(string rules, string function)
    {
        using Session session = Open(rules);

        UntrustworthyAnswerException error = Assert.Throws<UntrustworthyAnswerException>(() =>
        {
            session.SignMessage(Key, Pieces(1));
            session.SignMessage(Key, new byte[1]);
        });

        Assert.Equal(function, error.Function);
        Assert.False(session.IsUsable);
    }

    [Fact]
    public void A_message_that_breaks_off_is_signed_by_nobody()
    {
        using Session session = Open("");

        Assert.Throws<IOException>(() => session.SignMessage(Key, Breaking()));

        Assert.Equal((2, 0), (stub.Calls("C_SignUpdate"), stub.Calls("C_SignFinal")));
        Assert.False(session.IsUsable);
    }

    [Fact]
    public void A_hash_is_never_signed_in_place_of_the_message()
    {
        using Session session = Open("");
        Assert.Throws<ArgumentException>(() => session.SignHash(Key, SignatureScheme.MlDsa, new byte[64]));
        Assert.Equal(0, stub.Calls("C_SignInit"));
    }

    [Fact]
    public void A_signature_that_does_not_hold_is_not_given_out()
    {
        using Session session = Open("C_GetAttributeValue=ml-dsa-65");
        using var generator = new TokenSignatureGenerator(session, KeyId.Parse("01"), SignatureScheme.MlDsa,
            session.ExportPublicKeyInfo(new ObjectHandle(1)));
        Assert.Equal("300b0609608648016503040312",
            Convert.ToHexStringLower(generator.GetSignatureAlgorithmIdentifier(HashAlgorithmName.SHA512)));
        Assert.Throws<ArgumentException>(() => generator.SignData([1], HashAlgorithmName.SHA256));

        Assert.Throws<SignatureMismatchException>(() => generator.SignData([1], HashAlgorithmName.SHA512));
        Assert.False(session.IsUsable);
    }

    /// <summary>The same in a process of its own, and what happens to that process.</summary>
    [Theory]
    [InlineData("", null)]
    [InlineData("C_SignUpdate:2=crash", "C_SignUpdate")]
    [InlineData("C_SignFinal=crash", "C_SignFinal")]
    [InlineData("C_SignFinal=forge", "C_SignFinal")]
    public void Pieces_go_over_the_wire_to_the_host(string rules, string? lostIn)
    {
        var module = Module.Start(stub.Path, OwnHost.With(("STUB_RULES", rules)));
        try
        {
            using Session session = module.OpenSession(module.Tokens()[0]);
            if (lostIn is null)
            {
                Assert.Equal(3309, session.SignMessage(Key, Pieces(3)).Length);
                Assert.Equal(64, session.SignMessage(Key, new byte[Session.PieceBytes]).Length);
            }
            else
            {
                Assert.Equal(lostIn, Assert.Throws<HostLostException>(() => session.SignMessage(Key, Pieces(3))).Function);
                Assert.False(session.IsUsable);
            }
        }
        finally
        {
            module.ShutDown();
        }
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Pieces(int count) =>
        Enumerable.Repeat<ReadOnlyMemory<byte>>(new byte[Session.PieceBytes], count);

    private static IEnumerable<ReadOnlyMemory<byte>> Breaking()
    {
        yield return new byte[10];
        yield return new byte[10];
        throw new IOException("The spool is gone.");
    }

    private Session Open(string rules)
    {
        stub.SetRules("");
        Session session = stub.Module.OpenSession(stub.Token);
        stub.SetRules(rules);
        return session;
    }
}
