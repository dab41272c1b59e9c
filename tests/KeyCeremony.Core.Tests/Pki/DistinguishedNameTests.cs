using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Tests.Pki;

public sealed class DistinguishedNameTests
{
    [Theory]
    [InlineData("NAME-03", "no CN", "C=DE|O=Example")]
    [InlineData("NAME-03", "two CNs", "CN=One|CN=Two")]
    [InlineData("NAME-02", "unknown type", "CN=Root|DC=example")]
    [InlineData("NAME-02", "type in lower case", "cn=Root")]
    [InlineData("NAME-04", "two O", "O=One|O=Two|CN=Root")]
    [InlineData("NAME-05", "three letters", "C=CHE|CN=Root")]
    [InlineData("NAME-05", "lower case", "C=de|CN=Root")]
    [InlineData("NAME-06", "empty", "CN=")]
    [InlineData("NAME-06", "leading space", "CN= Root")]
    [InlineData("NAME-06", "trailing space", "CN=Root ")]
    [InlineData("NAME-06", "two spaces", "CN=Example  Root")]
    [InlineData("NAME-07", "65 characters", "CN=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("NAME-08", "NUL", "CN=Root\0")]
    [InlineData("NAME-08", "newline", "CN=Root\nx")]
    [InlineData("NAME-08", "DEL", "CN=Root\u007F")]
    [InlineData("NAME-08", "C1", "CN=Root\u0085")]
    [InlineData("NAME-09", "right-to-left override", "CN=Root \u202ER1")]
    [InlineData("NAME-09", "right-to-left mark", "CN=Root\u200F")]
    [InlineData("NAME-09", "isolate", "CN=\u2067Root\u2069")]
    [InlineData("NAME-09", "Arabic letter mark", "CN=Root\u061C")]
    [InlineData("NAME-10", "zero-width space", "CN=Ro\u200Bot")]
    [InlineData("NAME-10", "zero-width joiner", "CN=Ro\u200Dot")]
    [InlineData("NAME-10", "byte order mark", "CN=\uFEFFRoot")]
    [InlineData("NAME-10", "soft hyphen", "CN=Ro\u00ADot")]
    [InlineData("NAME-10", "no-break space", "CN=Example\u00A0Root")]
    [InlineData("NAME-10", "variation selector", "CN=Root\uFE0F")]
    [InlineData("NAME-10", "tag character", "CN=Root\U000E0041")]
    [InlineData("NAME-10", "Hangul filler", "CN=Root\u3164")]
    [InlineData("NAME-11", "decomposed umlaut", "CN=Ko\u0308ln")]
    [InlineData("NAME-11", "Kelvin sign", "CN=\u212Aelvin")]
    [InlineData("NAME-11", "Angstrom sign", "CN=\u212Bngstrom")]
    [InlineData("NAME-11", "conjoining jamo", "CN=\u1112\u1161\u11AB")]
    [InlineData("NAME-11", "compatibility ideograph", "CN=\uF900")]
    [InlineData("NAME-12", "Cyrillic a in Latin", "CN=Ex\u0430mple")]
    [InlineData("NAME-12", "Greek omicron in Latin", "CN=R\u03BFot")]
    [InlineData("NAME-12", "Greek and Cyrillic", "CN=\u03B1\u0436")]
    [InlineData("NAME-12", "kana and Hangul", "CN=\u30AB\uD55C")]
    [InlineData("NAME-13", "emoji", "CN=Root \U0001F511")]
    [InlineData("NAME-13", "full-width letters", "CN=\uFF32oot")]
    [InlineData("NAME-13", "click letter like an exclamation mark", "CN=Root\u01C3")]
    [InlineData("NAME-13", "mathematical letter", "CN=\U0001D411oot")]
    [InlineData("NAME-13", "replacement character", "CN=Ro\uFFFDot")]
    [InlineData("NAME-13", "private use", "CN=Root\uE000")]
    [InlineData("NAME-14", "umlaut in PrintableString", "CN:printable=K\u00F6ln")]
    [InlineData("NAME-14", "ampersand in PrintableString", "O:printable=A&B|CN=Root")]
    [InlineData("NAME-15", "short vid", "CN=PAA|vid=FFF")]
    [InlineData("NAME-15", "lower-case vid", "CN=PAA|vid=fff1")]
    [InlineData("NAME-15", "attribute and fallback", "CN=PAA Mvid:FFF1|vid=FFF1")]
    public void A_name_that_misleads_is_refused(string rule, string why, string attributes)
    {
        Assert.False(DistinguishedName.TryCreate(Split(attributes), out DistinguishedName? name, out Refusal? refusal), why);
        Assert.Null(name);
        Assert.Equal(rule, refusal.Rule);
        Assert.NotEmpty(refusal.Remedy);
    }

    [Fact]
    public void Half_a_character_is_refused()
    {
        Assert.False(DistinguishedName.TryCreate([("CN", "Root\uD83D")], out _, out Refusal? refusal));
        Assert.Equal("NAME-13", refusal.Rule);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(17)]
    public void A_name_of_no_or_too_many_attributes_is_refused(int count)
    {
        Assert.False(DistinguishedName.TryCreate([.. Enumerable.Repeat(("OU", "x"), count)], out _, out Refusal? refusal));
        Assert.Equal("NAME-01", refusal.Rule);
    }

    [Fact]
    public void A_country_as_utf8_is_refused()
    {
        NameAttribute[] attributes = [new(Oids.Country, NameString.Utf8, "DE"), new(Oids.CommonName, NameString.Utf8, "Root")];
        Assert.False(DistinguishedName.TryCreate(attributes, out _, out Refusal? refusal));
        Assert.Equal("NAME-14", refusal.Rule);
    }

    [Theory]
    [InlineData("CN=Example Root R1")]
    [InlineData("C=DE|ST=Bayern|L=M\u00FCnchen|O=Example & S\u00F6hne|OU=One|OU=Two|CN=Root|serialNumber=HRB 12345")]
    [InlineData("CN=\u5BCC\u58EB\u901A Root CA \u30AB\u30BF\u30AB\u30CA")]
    [InlineData("CN=\uD55C\uAD6D Root")]
    [InlineData("CN=\u041A\u043E\u0440\u0435\u043D\u044C 1")]
    [InlineData("CN=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void A_plain_name_reads_back_with_the_same_bytes(string attributes)
    {
        DistinguishedName name = Samples.Name(Split(attributes));
        Assert.True(DistinguishedName.TryDecode(name.Der, out DistinguishedName? read, out _));
        Assert.Equal(name, read);
        Assert.Equal(name.Attributes, read.Attributes);
    }

    [Fact]
    public void Order_and_string_types_are_the_ones_asked_for()
    {
        DistinguishedName name = Samples.Name(("C", "DE"), ("O", "Ex"), ("CN:printable", "R"));
        Assert.Equal("302631" + "0b300906035504061302" + "4445" + "310b300906035504" + "0a0c024578" + "310a3008060355040313" + "0152",
            Convert.ToHexStringLower(name.Der.Span));
    }

    [Fact]
    public void The_display_form_keeps_the_order_and_escapes()
    {
        Assert.Equal("C=DE, O=Example\\, Inc. \\\"X\\\", CN=\\#1 Root",
            Samples.Name(("C", "DE"), ("O", "Example, Inc. \"X\""), ("CN", "#1 Root")).ToString());
    }

    [Theory]
    [InlineData("trailing byte", "300d310b300906035504030c0252310000")]
    [InlineData("an empty set", "30023100")]
    [InlineData("two attributes in one set, in the wrong order", "301831163009060355040b0c0252313009060355040a0c025231")]
    [InlineData("a PrintableString with an at sign", "300d310b30090603550403130252ff")]
    [InlineData("a BMPString of three bytes", "300e310c300a06035504031e03525100")]
    [InlineData("a UniversalString that is no character", "300f310d300b06035504031c0400110000")]
    [InlineData("long-form length", "30810d310b300906035504030c025231")]
    [InlineData("not a name", "0500")]
    [InlineData("nothing", "")]
    public void An_encoded_name_out_of_shape_is_refused(string why, string hex)
    {
        Assert.False(DistinguishedName.TryDecode(Convert.FromHexString(hex), out _, out Refusal? refusal), why);
        Assert.Equal("NAME-17", refusal.Rule);
    }

    [Fact]
    public void Outside_production_the_environment_stands_before_the_CN_once()
    {
        DistinguishedName name = Samples.Name(("C", "DE"), ("CN", "Example Root"));
        Assert.True(name.TryWithEnvironment("rehearsal", out DistinguishedName? rehearsal, out _));
        Assert.True(rehearsal.TryWithEnvironment("rehearsal", out DistinguishedName? again, out _));
        Assert.Equal("C=DE, CN=REHEARSAL Example Root", rehearsal.ToString());
        Assert.Equal(rehearsal, again);
    }

    [Fact]
    public void Production_keeps_the_name()
    {
        DistinguishedName name = Samples.Name(("CN", "Example Root"));
        Assert.True(name.TryWithEnvironment("production", out DistinguishedName? same, out _));
        Assert.Same(name, same);
    }

    [Fact]
    public void A_CN_of_another_script_takes_the_environment()
    {
        Assert.True(Samples.Name(("CN", "\u041A\u043E\u0440\u0435\u043D\u044C"))
            .TryWithEnvironment("staging", out DistinguishedName? name, out _));
        Assert.StartsWith("STAGING ", name.CommonName, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("NAME-16", "production", "REHEARSAL Root")]
    [InlineData("NAME-16", "staging", "REHEARSAL Root")]
    [InlineData("NAME-16", "test", "Root")]
    [InlineData("NAME-07", "rehearsal", "A name of sixty characters leaves no room for an environment")]
    public void An_environment_that_does_not_fit_the_name_is_refused(string rule, string environment, string commonName)
    {
        Assert.False(Samples.Name(("CN", commonName)).TryWithEnvironment(environment, out DistinguishedName? name, out Refusal? refusal));
        Assert.Null(name);
        Assert.Equal(rule, refusal.Rule);
    }

    private static (string Type, string Value)[] Split(string attributes) =>
        [.. attributes.Split('|').Select(attribute => attribute.Split('=', 2)).Select(pair => (pair[0], pair[1]))];
}
