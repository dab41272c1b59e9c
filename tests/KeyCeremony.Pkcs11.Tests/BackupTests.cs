using System.Formats.Asn1;
using System.Security.Cryptography;

namespace KeyCeremony.Pkcs11.Tests;

[Collection(ModuleCollection.Name)]
public sealed class BackupTests : IClassFixture<SoftHsm>
{
    private static readonly KeyId Id = KeyId.Parse("5eed");

    private readonly SoftHsm hsm;
    private readonly TokenInfo origin;
    private readonly TokenInfo drill;
    private readonly byte[] wrapKey = RandomNumberGenerator.GetBytes(32);

    public BackupTests(SoftHsm hsm)
    {
        this.hsm = hsm;
        origin = hsm.Module.Tokens().FirstOrDefault(token => token.Label == "origin") ?? hsm.Commission("origin");
        drill = hsm.Module.Tokens().FirstOrDefault(token => token.Label == "drill") ?? hsm.Commission("drill");
    }

    [Fact]
    public void A_key_that_may_not_leave_is_refused()
    {
        using (Session born = hsm.OpenUserSession(origin))
        {
            KeyPair pair = born.GenerateKeyPair(KeyKind.EcP256, "never", Id, Lifetime.Session, extractable: false);
            AssertUnextractable(() => born.WrapPrivateKey(born.ImportWrapKey(wrapKey), pair.PrivateKey, WrapMechanism.AesKeyWrapPad));
        }

        using Session locked = hsm.OpenUserSession(origin);
        KeyPair later = locked.GenerateKeyPair(KeyKind.EcP256, "later", Id, Lifetime.Session);
        ObjectHandle handle = locked.ImportWrapKey(wrapKey);
        Assert.NotEmpty(locked.WrapPrivateKey(handle, later.PrivateKey, WrapMechanism.AesKeyWrapPad));
        locked.LockNonExtractable(later.PrivateKey);
        AssertUnextractable(() => locked.WrapPrivateKey(handle, later.PrivateKey, WrapMechanism.AesKeyWrapPad));
    }

    [Theory]
    [InlineData(31)]
    [InlineData(33)]
    public void A_wrap_key_of_another_length_is_refused(int length)
    {
        using Session session = hsm.OpenUserSession(origin);
        Assert.Throws<ArgumentException>(() => session.ImportWrapKey(new byte[length]));
    }

    [Fact]
    public void Any_flipped_bit_in_the_backup_is_refused_by_the_token_and_leaves_nothing()
    {
        byte[] blob;
        using (Session session = hsm.OpenUserSession(origin))
        {
            KeyPair pair = session.GenerateKeyPair(KeyKind.EcP256, "flipped", Id, Lifetime.Session);
            blob = session.WrapPrivateKey(session.ImportWrapKey(wrapKey), pair.PrivateKey, WrapMechanism.AesKeyWrapPad);
        }

        for (int position = 0; position < blob.Length; position += 7)
        {
            byte[] flipped = (byte[])blob.Clone();
            flipped[position] ^= 1;
            using Session session = hsm.OpenUserSession(drill);
            ObjectHandle handle = session.ImportWrapKey(wrapKey);

            Pkcs11Exception error = Assert.Throws<Pkcs11Exception>(() => session.UnwrapPrivateKey(
                handle, WrapMechanism.AesKeyWrapPad, flipped, KeyKind.EcP256, "flipped", Id));

            Assert.Equal("C_UnwrapKey", error.Function);
        }

        using Session after = hsm.OpenUserSession(drill);
        Assert.Empty(after.Find(label: "flipped"));
    }

    [Fact]
    public void Another_wrap_key_does_not_open_the_backup()
    {
        using Session session = hsm.OpenUserSession(origin);
        KeyPair pair = session.GenerateKeyPair(KeyKind.EcP256, "stranger", Id, Lifetime.Session);
        byte[] blob = session.WrapPrivateKey(session.ImportWrapKey(wrapKey), pair.PrivateKey, WrapMechanism.AesKeyWrapPad);
        ObjectHandle stranger = session.ImportWrapKey(RandomNumberGenerator.GetBytes(32));

        Assert.Throws<Pkcs11Exception>(() => session.UnwrapPrivateKey(
            stranger, WrapMechanism.AesKeyWrapPad, blob, KeyKind.EcP256, "stranger", Id));
    }

    [Theory]
    [InlineData(KeyKind.EcP256, SignatureScheme.EcdsaSha256)]
    [InlineData(KeyKind.EcP384, SignatureScheme.EcdsaSha384)]
    [InlineData(KeyKind.Rsa3072, SignatureScheme.RsaPssSha256)]
    public void A_key_wrapped_in_one_token_signs_in_another(KeyKind kind, SignatureScheme scheme)
    {
        var id = KeyId.Parse($"0{(int)kind}");
        byte[] blob, publicKeyInfo;
        using (Session session = hsm.OpenUserSession(origin))
        {
            KeyPair pair = session.GenerateKeyPair(kind, "travels", id);
            publicKeyInfo = session.ExportPublicKeyInfo(pair.PublicKey);
            blob = session.WrapPrivateKey(session.ImportWrapKey(wrapKey), pair.PrivateKey, WrapMechanism.AesKeyWrapPad);
        }

        AssertIsRfc5649OfPkcs8(blob, kind, publicKeyInfo);
        using (Session session = hsm.OpenUserSession(drill))
        {
            ObjectHandle restored = session.UnwrapPrivateKey(
                session.ImportWrapKey(wrapKey), WrapMechanism.AesKeyWrapPad, blob, kind, "restored", id);
            session.CreatePublicKey(publicKeyInfo, "restored", id);
            Assert.True(session.ReadAttributes(restored).IsLocked);
            Assert.False(session.ReadAttributes(restored).Local);
        }

        using Session later = hsm.OpenUserSession(drill);
        using var generator = new TokenSignatureGenerator(later, id, scheme, publicKeyInfo);
        Assert.NotEmpty(generator.SignData([1, 2, 3], scheme.Hash()));
        AssertUnextractable(() => later.WrapPrivateKey(
            later.ImportWrapKey(wrapKey), later.GetPrivateKey(id), WrapMechanism.AesKeyWrapPad));
    }

    [Fact]
    public void The_wrap_key_is_gone_with_its_session()
    {
        using (Session session = hsm.OpenUserSession(origin))
        {
            session.ImportWrapKey(wrapKey);
            Assert.Single(session.Find(ObjectClass.SecretKey));
        }

        using Session next = hsm.OpenUserSession(origin);
        Assert.Empty(next.Find(ObjectClass.SecretKey));
    }

    [Fact]
    public void Software_opens_the_published_rfc_3394_vector()
    {
        // RFC 3394 4.6: 256 bits of key data under a 256-bit key. The data carries no padding.
        byte[] key = Convert.FromHexString("000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F");
        byte[] wrapped = Convert.FromHexString(
            "28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21");
        Assert.Equal(
            "00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F",
            Convert.ToHexString(SoftwareKeyWrap.OpenRfc3394(key, wrapped)!));
        wrapped[3] ^= 1;
        Assert.Null(SoftwareKeyWrap.OpenRfc3394(key, wrapped));
        Assert.Equal(WrapFormat.Unreadable, SoftwareKeyWrap.Open(WrapStrategy.Kwp, key, wrapped).Format);
    }

    [Fact]
    public void Software_tells_padded_rfc_3394_as_others_wrap_it()
    {
        // "throw-away key!!throw-away" and six bytes 06 through `openssl enc -id-aes256-wrap -nopad`.
        byte[] key = Convert.FromHexString("000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F");
        byte[] wrapped = Convert.FromHexString(
            "0C4E3F76850B7B5F2A5A50FDCFE8A72558A6FEE10C643A429F984CF6F8F4E84C99BC24985ED70132");

        (WrapFormat format, byte[]? plain) = SoftwareKeyWrap.Open(WrapStrategy.Kwp, key, wrapped);

        Assert.Equal(WrapFormat.Rfc3394Pkcs7, format);
        Assert.Equal("throw-away key!!throw-away"u8, plain);
    }

    [Fact]
    public void Software_tells_rfc_5649_by_its_own_check()
    {
        using var aes = Aes.Create();
        aes.SetKey(wrapKey);
        byte[] secret = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];

        (WrapFormat format, byte[]? plain) = SoftwareKeyWrap.Open(WrapStrategy.Kwp, wrapKey, aes.EncryptKeyWrapPadded(secret));

        Assert.Equal(WrapFormat.Rfc5649, format);
        Assert.Equal(secret, plain);
    }

    /// <summary>RFC 5649 6, and every changed bit of it: for both implementations behind one answer.</summary>
    [Theory]
    [InlineData("138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a", "c37b7e6492584340bed12207808941155068f738")]
    [InlineData("afbeb0f07dfbf5419200f2ccb50bb24f", "466f7250617369")]
    public void Software_opens_the_published_rfc_5649_vectors_and_nothing_else(string wrapped, string plain)
    {
        byte[] key = Convert.FromHexString("5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8"), good = Convert.FromHexString(wrapped);
        Assert.Equal((WrapFormat.Rfc5649, plain), Opened(good));
        for (int bit = 0; bit < 8 * good.Length; bit++)
        {
            byte[] flipped = [.. good];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Equal((WrapFormat.Unreadable, ""), Opened(flipped));
        }

        (WrapFormat, string) Opened(byte[] blob) =>
            SoftwareKeyWrap.Open(WrapStrategy.Kwp, key, blob) is var (format, bytes) ? (format, Convert.ToHexStringLower(bytes)) : default;
    }

    private static void AssertUnextractable(Action wrap)
    {
        Pkcs11Exception error = Assert.Throws<Pkcs11Exception>(wrap);
        Assert.Equal(("C_WrapKey", "CKR_KEY_UNEXTRACTABLE"), (error.Function, error.ConstantName));
    }

    /// <summary>SoftHSM fills up to eight bytes with zeros before it wraps: the DER length says where the key ends.</summary>
    /// <summary>The vector stands in front; what is cut, or was never wrapped so, is no key.</summary>
    [Fact]
    public void A_wrapping_in_cbc_is_opened_by_two_programs_or_not_at_all()
    {
        byte[] key = RandomNumberGenerator.GetBytes(32), vector = RandomNumberGenerator.GetBytes(16);
        byte[] plain = RandomNumberGenerator.GetBytes(138);
        using var aes = Aes.Create();
        aes.SetKey(key);
        byte[] wrapped = [.. vector, .. aes.EncryptCbc(plain, vector)];

        (WrapFormat format, byte[] opened) = SoftwareKeyWrap.Open(WrapStrategy.CbcPad, key, wrapped);

        Assert.Equal((WrapFormat.CbcPad, Convert.ToHexString(plain)), (format, Convert.ToHexString(opened)));
        Assert.Equal(WrapFormat.Unreadable, SoftwareKeyWrap.Open(WrapStrategy.CbcPad, key, wrapped[..^1]).Format);
        Assert.Equal(WrapFormat.Unreadable, SoftwareKeyWrap.Open(WrapStrategy.CbcPad, key, wrapped[..16]).Format);
        Assert.Equal(WrapFormat.Unreadable, SoftwareKeyWrap.Open(WrapStrategy.CbcPad, key, []).Format);
        // Asked for key wrap, it is never taken for CBC.
        Assert.Equal(WrapFormat.Unreadable, SoftwareKeyWrap.Open(WrapStrategy.Kwp, key, wrapped).Format);
    }

    private void AssertIsRfc5649OfPkcs8(byte[] blob, KeyKind kind, byte[] publicKeyInfo)
    {
        (WrapFormat format, byte[]? plain) = SoftwareKeyWrap.Open(WrapStrategy.Kwp, wrapKey, blob);
        Assert.Equal(WrapFormat.Rfc5649, format);
        AsnDecoder.ReadSequence(plain, AsnEncodingRules.DER, out _, out _, out int derLength);
        Assert.InRange(plain.Length - derLength, 0, 7);
        Assert.False(plain.AsSpan(derLength).ContainsAnyExcept((byte)0));
        using AsymmetricAlgorithm key = kind is KeyKind.EcP256 or KeyKind.EcP384 ? ECDsa.Create() : RSA.Create();
        key.ImportPkcs8PrivateKey(plain.AsSpan(0, derLength), out int read);
        Assert.Equal(derLength, read);
        Assert.Equal(publicKeyInfo, key.ExportSubjectPublicKeyInfo());
    }
}
