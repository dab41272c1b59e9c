namespace KeyCeremony.Pkcs11.Tests;

public sealed class ReturnValueTests
{
    [Theory]
    [InlineData(0x00, "CKR_OK")]
    [InlineData(0x32, "CKR_DEVICE_REMOVED")]
    [InlineData(0xA4, "CKR_PIN_LOCKED")]
    [InlineData(0x6A, "CKR_KEY_UNEXTRACTABLE")]
    [InlineData(0x191, "CKR_CRYPTOKI_ALREADY_INITIALIZED")]
    [InlineData(0x200, "CKR_FUNCTION_REJECTED")]
    [InlineData(0x8000_0001, "CKR_VENDOR_DEFINED|0x80000001")]
    [InlineData(0xFFFF_FFFF_FFFF_FFFF, "CKR_VENDOR_DEFINED|0xFFFFFFFFFFFFFFFF")]
    [InlineData(0x1234, "CKR_0x00001234")]
    public void A_return_value_has_its_c_name(ulong value, string name) => Assert.Equal(name, ReturnValues.Name(value));

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("xy")]
    public void A_key_id_that_is_no_hex_is_refused(string text) => Assert.Throws<FormatException>(() => KeyId.Parse(text));

    [Fact]
    public void A_key_id_has_a_limit_and_one_spelling()
    {
        Assert.Throws<FormatException>(() => KeyId.From(new byte[KeyId.MaxBytes + 1]));
        Assert.Equal(KeyId.Parse("C0FFEE"), KeyId.From([0xC0, 0xFF, 0xEE]));
        Assert.Equal("c0ffee", KeyId.Parse("C0FFEE").ToString());
    }
}
