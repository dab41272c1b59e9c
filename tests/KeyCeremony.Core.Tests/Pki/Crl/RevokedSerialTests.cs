using System.Numerics;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using KeyCeremony.Core.Pki.Crl;

namespace KeyCeremony.Core.Tests.Pki.Crl;

public sealed class RevokedSerialTests
{
    private static readonly Gen<BigInteger> Numbers =
        from bytes in Gen.Choose(0, 255).Select(value => (byte)value).ArrayOf().Where(bytes => bytes.Length is > 0 and <= 20)
        let number = new BigInteger(bytes, isUnsigned: true, isBigEndian: true)
        where number > 0 && number < BigInteger.One << 159
        select number;

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("80")]
    [InlineData("ff01")]
    [InlineData("0001")]
    [InlineData("007f")]
    [InlineData("00ff0102030405060708090a0b0c0d0e0f10111213")]
    public void Content_that_is_no_serial_is_not_taken(string hex) =>
        Assert.False(RevokedSerial.TryFromContent(Convert.FromHexString(hex), out _));

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("0x1")]
    [InlineData("-1")]
    [InlineData("1g")]
    [InlineData("8000000000000000000000000000000000000000")]
    [InlineData("10000000000000000000000000000000000000000")]
    public void Text_that_is_no_serial_is_not_taken(string text) =>
        Assert.False(RevokedSerial.TryParseHex(Encoding.ASCII.GetBytes(text), out _));

    [Theory]
    [InlineData("1", "01")]
    [InlineData("0001", "01")]
    [InlineData("80", "0080")]
    [InlineData("0A:1B 2C", "0a1b2c")]
    [InlineData("7fffffffffffffffffffffffffffffffffffffff", "7fffffffffffffffffffffffffffffffffffffff")]
    public void Text_becomes_the_shortest_content(string text, string content)
    {
        Assert.True(RevokedSerial.TryParse(text, out RevokedSerial serial));
        Assert.Equal(content, serial.ToString());
        Assert.True(RevokedSerial.TryFromContent(Convert.FromHexString(content), out RevokedSerial same));
        Assert.Equal(same, serial);
    }

    [Fact]
    public void It_behaves_as_the_number_it_is() =>
        Prop.ForAll(Gen.Two(Numbers).ToArbitrary(), pair =>
        {
            (RevokedSerial left, RevokedSerial right) = (Of(pair.Item1), Of(pair.Item2));
            return left.ToContent().AsSpan().SequenceEqual(pair.Item1.ToByteArray(isBigEndian: true))
                && Math.Sign(left.CompareTo(right)) == pair.Item1.CompareTo(pair.Item2)
                && left.Equals(right) == (pair.Item1 == pair.Item2)
                && left.BitLength == (int)pair.Item1.GetBitLength()
                && left.DifferingBits(right) == (int)(pair.Item1 ^ pair.Item2).GetBitLength()
                && left.Modulo(65536) == (int)(pair.Item1 % 65536) && left.Modulo(7) == (int)(pair.Item1 % 7)
                && Enumerable.Range(0, 150).All(shift => left.Window(shift) == (uint)((pair.Item1 >> shift) & uint.MaxValue));
        }).QuickCheckThrowOnFailure();

    private static RevokedSerial Of(BigInteger number) =>
        RevokedSerial.TryFromContent(number.ToByteArray(isBigEndian: true), out RevokedSerial serial)
            ? serial
            : throw new ArgumentException(number.ToString());
}
