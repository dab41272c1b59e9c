using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using KeyCeremony.Core.Manifest.Devices;

namespace KeyCeremony.Core.Tests.Manifest.Devices;

public sealed class SaltKeyTests
{
    private const string Hex = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    [Theory]
    [InlineData("")]
    [InlineData(Hex)]
    [InlineData(Hex + "\r\n")]
    [InlineData(Hex + "\n\n")]
    [InlineData("000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F\n")]
    [InlineData("00010203040506070809 a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n")]
    [InlineData("0001020304050607080900a0b0c0d0e0f101112131415161718191a1b1c1d1e1\r")]
    public void Anything_but_a_salts_file_is_refused(string file)
    {
        Assert.False(SaltKey.TryRead(Encoding.ASCII.GetBytes(file), out SaltKey? key, out Refusal? refusal));
        Assert.Null(key);
        Assert.Equal("SALT-01", refusal.Rule);
    }

    [Fact]
    public void A_file_is_read_and_written_again()
    {
        using SaltKey key = Read();
        byte[] file = new byte[SaltKey.FileLength];
        key.Write(file);
        Assert.Equal(Hex + "\n", Encoding.ASCII.GetString(file));
    }

    [Fact]
    public void Salts_are_blocks_of_AES_over_their_number()
    {
        using SaltKey key = Read();
        using DeviceSalts salts = key.Salts();
        using var aes = Aes.Create();
        aes.Key = Convert.FromHexString(Hex);
        foreach (long index in new[] { 0, 1, 255, 256, 7, 1_000_000_007L })
        {
            byte[] counters = new byte[32];
            BinaryPrimitives.WriteInt64BigEndian(counters.AsSpan(8), 2 * index);
            BinaryPrimitives.WriteInt64BigEndian(counters.AsSpan(24), (2 * index) + 1);
            Assert.Equal(aes.EncryptEcb(counters, PaddingMode.None), salts.Of(index).ToArray());
        }
    }

    /// <summary>From openssl: <c>printf '%032x%032x' 6 7 | xxd -r -p | openssl enc -aes-256-ecb -nopad -K 0001…1f</c>.</summary>
    [Fact]
    public void The_salt_of_the_fourth_device_is_the_one_another_program_makes()
    {
        using SaltKey key = Read();
        using DeviceSalts salts = key.Salts();
        Assert.Equal("e96f3e0a91d150e2d389d3c7162448995d15369920a8454134a61443fe5fd1b0", Convert.ToHexStringLower(salts.Of(3)));
    }

    [Fact]
    public void The_key_is_not_printed()
    {
        using SaltKey key = Read();
        Assert.Equal("•••", key.ToString());
    }

    [Fact]
    public void Two_keys_are_told_apart_by_their_check_values()
    {
        using SaltKey key = Read();
        using SaltKey same = Read();
        using var other = SaltKey.Make(RandomNumberGenerator.Fill);
        Assert.Equal(key.CheckValue(), same.CheckValue());
        Assert.NotEqual(key.CheckValue(), other.CheckValue());
    }

    private static SaltKey Read() => SaltKey.TryRead(Encoding.ASCII.GetBytes(Hex + "\n"), out SaltKey? key, out Refusal? refusal)
        ? key
        : throw new InvalidOperationException(refusal.ToString());
}
