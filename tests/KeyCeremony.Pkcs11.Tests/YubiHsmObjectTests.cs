using System.Buffers.Binary;
using System.Security.Cryptography;

namespace KeyCeremony.Pkcs11.Tests;

/// <summary>What a YubiHSM wraps is opened by two programs, to the key that went in; anything else is not readable.</summary>
public sealed class YubiHsmObjectTests
{
    private static readonly byte[] WrapKey = SHA256.HashData("wrap key"u8);

    [Theory]
    [InlineData(12, "1.2.840.10045.3.1.7")]
    [InlineData(13, "1.3.132.0.34")]
    public void An_EC_key_comes_out_as_it_went_in(byte algorithm, string curve)
    {
        using var key = ECDsa.Create(ECCurve.CreateFromValue(curve));
        ECParameters p = key.ExportParameters(includePrivateParameters: true);
        (WrapFormat format, byte[] plain) = Open(Wrapped(algorithm, [.. p.D!, .. p.Q.X!, .. p.Q.Y!]));
        Assert.Equal(WrapFormat.YubiHsm, format);
        using var opened = ECDsa.Create();
        opened.ImportPkcs8PrivateKey(plain, out _);
        Assert.Equal(key.ExportSubjectPublicKeyInfo(), opened.ExportSubjectPublicKeyInfo());
    }

    [Theory]
    [InlineData(10, 3072)]
    [InlineData(11, 4096)]
    public void An_RSA_key_comes_out_as_it_went_in(byte algorithm, int bits)
    {
        using var key = RSA.Create(bits);
        RSAParameters p = key.ExportParameters(includePrivateParameters: true);
        (WrapFormat format, byte[] plain) = Open(Wrapped(algorithm, [.. p.P!, .. p.Q!, .. p.DP!, .. p.DQ!, .. p.InverseQ!, .. p.Modulus!]));
        Assert.Equal(WrapFormat.YubiHsm, format);
        using var opened = RSA.Create();
        opened.ImportPkcs8PrivateKey(plain, out _);
        Assert.Equal(key.ExportSubjectPublicKeyInfo(), opened.ExportSubjectPublicKeyInfo());
        opened.SignData("sound"u8, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
    }

    [Fact]
    public void What_was_changed_cut_or_is_another_object_is_not_readable()
    {
        byte[] numbers = Numbers();
        byte[] good = Wrapped(12, numbers);
        Assert.Equal(WrapFormat.YubiHsm, Open(good).Format);
        for (int i = 0; i < good.Length; i++)
        {
            byte[] flipped = (byte[])good.Clone();
            flipped[i] ^= 1;
            Assert.Equal(WrapFormat.Unreadable, Open(flipped).Format);
        }

        for (int length = 0; length < good.Length; length += 7)
        {
            Assert.Equal(WrapFormat.Unreadable, Open(good[..length]).Format);
        }

        Assert.Equal(WrapFormat.Unreadable, Open(Wrapped(14, numbers)).Format); // another curve
        Assert.Equal(WrapFormat.Unreadable, Open(Wrapped(13, numbers)).Format); // the numbers of P-256
        Assert.Equal(WrapFormat.Unreadable, Open(Wrapped(12, numbers[1..])).Format);
        Assert.Equal(WrapFormat.Unreadable, Open(Wrapped(12, numbers, type: 4)).Format); // a wrap key
        Assert.Equal(WrapFormat.Unreadable, Open(Wrapped(12, numbers, length: 95)).Format);
        Assert.Equal(WrapFormat.Unreadable, Open(Wrapped(10, new byte[7 * 192])).Format); // no primes
    }

    private static byte[] Numbers()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        ECParameters p = key.ExportParameters(includePrivateParameters: true);
        return [.. p.D!, .. p.Q.X!, .. p.Q.Y!];
    }

    private static (WrapFormat Format, byte[] Plain) Open(byte[] wrapped) => SoftwareKeyWrap.Open(WrapStrategy.YubiHsm, WrapKey, wrapped);

    private static byte[] Wrapped(byte algorithm, byte[] numbers, byte type = 3, int? length = null)
    {
        byte[] plain = [.. new byte[59], .. numbers];
        plain[0] = 42; // AES-256-CCM
        BinaryPrimitives.WriteUInt16BigEndian(plain.AsSpan(11), (ushort)(length ?? numbers.Length));
        plain[15] = type;
        plain[16] = algorithm;
        byte[] nonce = RandomNumberGenerator.GetBytes(13), cipher = new byte[plain.Length], mac = new byte[16];
        using var ccm = new AesCcm(WrapKey);
        ccm.Encrypt(nonce, plain, cipher, mac);
        return [.. nonce, .. cipher, .. mac];
    }
}
