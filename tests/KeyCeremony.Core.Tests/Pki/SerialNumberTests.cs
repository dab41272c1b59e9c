using FsCheck;
using FsCheck.Fluent;
using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Tests.Pki;

public sealed class SerialNumberTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    [InlineData(19)]
    [InlineData(21)]
    public void Another_number_of_random_bytes_is_a_mistake(int count) =>
        Assert.Throws<ArgumentException>(() => SerialNumber.FromRandom(new byte[count]));

    [Theory]
    [InlineData(0x00)]
    [InlineData(0xFF)]
    public void A_generator_that_answers_one_byte_only_is_refused(byte stuck) =>
        Assert.Throws<ArgumentException>(() => SerialNumber.FromRandom(Enumerable.Repeat(stuck, 20).ToArray()));

    [Theory]
    [InlineData("")]
    [InlineData("01")]
    [InlineData("00ffffffffffff")]
    [InlineData("8000000000000001")]
    [InlineData("000123456789abcdef")]
    [InlineData("010203040506070809101112131415161718192021")]
    public void Content_bytes_that_are_no_serial_are_refused(string hex)
    {
        Assert.False(SerialNumber.TryCreate(Convert.FromHexString(hex), out _, out Refusal? refusal));
        Assert.Equal("CERT-03", refusal.Rule);
    }

    [Fact]
    public void Any_random_bytes_make_a_valid_serial_that_keeps_158_bits()
    {
        Gen<byte[]> bytes = Gen.ArrayOf(Gen.Choose(0, 255).Select(value => (byte)value), SerialNumber.RandomBytes)
            .Where(random => random.Distinct().Count() > 1);
        Prop.ForAll(bytes.ToArbitrary(), random =>
        {
            byte[] serial = SerialNumber.FromRandom(random).Bytes.ToArray();
            return SerialNumber.TryCreate(serial, out _, out _) && serial.Length == 20 && serial[0] is >= 0x40 and < 0x80
                && (serial[0] & 0x3F) == (random[0] & 0x3F) && serial.Skip(1).SequenceEqual(random.Skip(1));
        }).QuickCheckThrowOnFailure();
    }
}
