using System.Text;
using System.Text.Json.Nodes;

namespace KeyCeremony.Pkcs11.Tests;

/// <summary>The files of families: read strictly, matched on what modules and tokens say, honest about what they need.</summary>
public sealed class FamilyTests
{
    private static readonly ModuleInfo AnyModule = new("", "", "", "");

    [Fact]
    public void Every_shipped_file_is_read_and_one_is_for_all_others()
    {
        Assert.Equal(
            ["generic", "luna", "nshield", "nss", "opencryptoki-soft", "p11-kit-client", "smartcard-hsm", "softhsm2", "tpm2-pkcs11",
                "yubihsm2", "yubihsm2-relayed"],
            TokenFamilies.All.Select(f => f.Family));
        Assert.All(TokenFamilies.All, f => Assert.Equal(64, f.Sha256.Length));
        Assert.Equal("generic", Assert.Single(TokenFamilies.All, f => f.Match.IsEmpty).Family);
        // What was led through whole ceremonies has no need that the program does not serve.
        Assert.All(TokenFamilies.All.Where(f => f.Shown == FamilyState.Completed), f => Assert.Empty(f.Unserved));
        Assert.Empty(TokenFamilies.All.Single(f => f.Family == "generic").Unserved);
        Assert.Empty(TokenFamilies.All.Single(f => f.Family == "yubihsm2").Unserved);
        Assert.All(TokenFamilies.All.Where(f => f.Shown == FamilyState.Documents && !f.Match.IsEmpty), f => Assert.NotEmpty(f.Unserved));
    }

    [Theory]
    [InlineData("libsofthsm2.so", "SoftHSM", "SoftHSM project", "SoftHSM v2", "softhsm2")]
    [InlineData("p11-kit-proxy.so", "PKCS#11 Kit", "SoftHSM project", "SoftHSM v2", "softhsm2")]
    [InlineData("libopencryptoki.so", "IBM", "IBM Corp.", "IBM SoftTok", "opencryptoki-soft")]
    [InlineData("libopencryptoki.so", "IBM", "IBM", "Soft", "opencryptoki-soft")]
    [InlineData("libsoftokn3.so", "Mozilla Foundation", "Mozilla Foundation", "NSS 3", "nss")]
    [InlineData("libtpm2_pkcs11.so.1.9.0", "tpm2-software.github.io", "IBM", "SW   TPM", "tpm2-pkcs11")]
    [InlineData("p11-kit-client.so", "SoftHSM", "SoftHSM project", "SoftHSM v2", "p11-kit-client")]
    [InlineData("yubihsm_pkcs11.so", "Yubico (www.yubico.com)", "Yubico (www.yubico.com)", "YubiHSM", "yubihsm2")]
    [InlineData("p11-kit-proxy.so", "PKCS#11 Kit", "Yubico (www.yubico.com)", "YubiHSM", "yubihsm2-relayed")]
    [InlineData("opensc-pkcs11.so", "OpenSC Project", "www.CardContact.de", "PKCS#15 emulated", "smartcard-hsm")]
    [InlineData("libCryptoki2_64.so", "SafeNet", "SafeNet", "Luna K7", "luna")]
    [InlineData("libcknfast.so", "nCipher Corp. Ltd", "nCipher Corp. Ltd", "", "nshield")]
    [InlineData("libmaker.so", "Maker", "Maker", "Model", "generic")]
    public void A_token_is_known_by_what_it_says(string file, string module, string manufacturer, string model, string family)
    {
        ModuleInfo says = AnyModule with { Manufacturer = module };
        Assert.Equal(family, TokenFamilies.Of($"/usr/lib/{file}", says, Token(manufacturer, model)).Family);
    }

    [Theory]
    [InlineData("/usr/lib/p11-kit-client.so", "p11-kit-client")]
    [InlineData("/usr/lib/libtpm2_pkcs11.so.1", "tpm2-pkcs11")]
    [InlineData("/usr/lib/x86_64-linux-gnu/pkcs11/yubihsm_pkcs11.so", "yubihsm2")]
    [InlineData("/usr/lib/libsofthsm2.so", null)]
    public void Some_are_known_before_they_are_loaded(string path, string? family) =>
        Assert.Equal(family, TokenFamilies.OfFile(path)?.Family);

    [Fact]
    public void Names_of_modules_are_seen_without_reading_the_families()
    {
        string[] names = [.. TokenFamilies.All.SelectMany(f => f.Match).Select(m => m.File?.TrimEnd('*')).OfType<string>()];
        Assert.True(names.Length >= 6, $"{names.Length} names");
        Assert.All(names, name => Assert.True(FamilyFiles.MayName(name), name));
        // The last is what a module is given.
        Assert.All(["libsofthsm2.so", "libopencryptoki.so", "", "yubihsm_pkcs11.conf"],
            name => Assert.False(FamilyFiles.MayName(name), name));
    }

    [Fact]
    public void Tokens_with_one_serial_number_are_told_apart_by_their_slots_where_the_family_says_so()
    {
        Assert.Equal("123-slot-1", TokenFamilies.Identified(Token("IBM Corp.", "IBM SoftTok") with { Serial = "123", Slot = 1 }).Serial);
        Assert.Equal("slot-2", TokenFamilies.Identified(Token("IBM", "Soft") with { Serial = "", Slot = 2 }).Serial);
        Assert.Equal("123", TokenFamilies.Identified(Token("SoftHSM project", "SoftHSM v2") with { Serial = "123" }).Serial);
    }

    [Theory]
    [InlineData("an unknown field", "unknown, missing, twice", "colour", "\"red\"")]
    [InlineData("a word that is none", "unknown, missing, twice", "identity", "\"fingerprint\"")]
    [InlineData("a number for a word", "unknown, missing, twice", "identity", "0")]
    [InlineData("another format", "The format is", "format", "\"keyceremony-token-family 1\"")]
    [InlineData("a name with blanks", "The family's name", "family", "\"Soft HSM\"")]
    [InlineData("a match that says nothing", "A match says nothing",
        "match", """[{"file":null,"module-manufacturer":null,"module-description":null,"token-manufacturer":null,"token-model":null}]""")]
    [InlineData("lengths that cannot be", "A PIN's lengths",
        "so-pin", """{"factory":null,"alphabet":"any","prefix":"","min":9,"max":8}""")]
    [InlineData("a call that takes no time", "A call takes", "module", """{"environment":{},"file":null,"call-seconds":0}""")]
    [InlineData("a call that takes longer than anybody waits", "A call takes",
        "module", """{"environment":{},"file":null,"call-seconds":601}""")]
    [InlineData("a variable with another in its name", "is no name of a variable",
        "module", """{"environment":{"A=B":"1"},"file":null,"call-seconds":60}""")]
    [InlineData("a file in somebody's folder", "is no plain one",
        "module", """{"environment":{},"file":{"variable":"CONF","name":"../conf","text":"a"},"call-seconds":60}""")]
    [InlineData("a file of nothing", "is empty",
        "module", """{"environment":{},"file":{"variable":"CONF","name":"conf","text":""},"call-seconds":60}""")]
    [InlineData("a variable for tokens that are seen too late", "known by the module's file alone",
        "module", """{"environment":{"A":"1"},"file":null,"call-seconds":60}""")]
    [InlineData("a mechanism that nobody knows", "A way to wrap", "wrap", """[{"strategy":"kwp","mechanism":"0x1054"}]""")]
    [InlineData("another strategy's mechanism", "A way to wrap", "wrap", """[{"strategy":"kwp","mechanism":"0x1085"}]""")]
    [InlineData("a mechanism as a number", "unknown, missing, twice", "wrap", """[{"strategy":"kwp","mechanism":8459}]""")]
    [InlineData("a refusal of what is shown", "It is refused", "refused", """{"why":"so","way-out":"else"}""")]
    public void A_file_that_is_not_in_its_form_is_refused(string what, string why, string field, string value)
    {
        JsonObject file = Shipped();
        file[field] = JsonNode.Parse(value);
        Assert.False(TokenFamily.TryRead(Encoding.UTF8.GetBytes(file.ToJsonString()), out _, out string? wrong), what);
        Assert.StartsWith("FAMILY-01 ", wrong, StringComparison.Ordinal);
        Assert.Contains(why, wrong, StringComparison.Ordinal);
    }

    [Fact]
    public void Tokens_that_are_told_apart_by_slots_are_known_by_their_own_words_alone()
    {
        JsonObject file = Shipped();
        file["identity"] = "serial-and-slot";
        Assert.True(TokenFamily.TryRead(Encoding.UTF8.GetBytes(file.ToJsonString()), out _, out _));
        file["match"]![0]!["file"] = "libsofthsm2.so";
        Assert.False(TokenFamily.TryRead(Encoding.UTF8.GetBytes(file.ToJsonString()), out _, out string? wrong));
        Assert.Contains("told apart by its slots", wrong, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_field_has_to_be_there_once_and_the_file_may_not_be_endless()
    {
        foreach (string field in Shipped().Select(f => f.Key).ToList())
        {
            JsonObject file = Shipped();
            file.Remove(field);
            Assert.False(TokenFamily.TryRead(Encoding.UTF8.GetBytes(file.ToJsonString()), out _, out string? missing), field);
            Assert.StartsWith("FAMILY-01 ", missing, StringComparison.Ordinal);
        }

        string twice = Shipped().ToJsonString().Replace("{\"format\"", "{\"quorum\":\"cards\",\"format\"", StringComparison.Ordinal);
        Assert.False(TokenFamily.TryRead(Encoding.UTF8.GetBytes(twice), out _, out _));
        string endless = Shipped().ToJsonString() + new string(' ', TokenFamily.MaxBytes);
        Assert.False(TokenFamily.TryRead(Encoding.UTF8.GetBytes(endless), out _, out _));
        Assert.False(TokenFamily.TryRead("null"u8, out _, out _));
        Assert.False(TokenFamily.TryRead("{"u8, out _, out _));
    }

    [Fact]
    public void A_changed_byte_is_another_family_for_the_journal()
    {
        byte[] file = Encoding.UTF8.GetBytes(Shipped().ToJsonString());
        Assert.True(TokenFamily.TryRead(file, out TokenFamily? one, out _));
        Assert.True(TokenFamily.TryRead([.. file, (byte)'\n'], out TokenFamily? other, out _));
        Assert.NotEqual(one.Sha256, other.Sha256);
    }

    [Fact]
    public void Each_need_that_the_program_does_not_serve_is_said()
    {
        static IEnumerable<string> Said(string family) => TokenFamilies.All.Single(f => f.Family == family).Unserved;

        Assert.Contains(Said("yubihsm2-relayed"), s => s.Contains("other calls than PKCS#11 has", StringComparison.Ordinal));
        Assert.Contains(Said("yubihsm2-relayed"), s => s.Contains("begins with \"0002\"", StringComparison.Ordinal));
        Assert.Contains(Said("smartcard-hsm"), s => s.Contains("there would be no backup", StringComparison.Ordinal));
        Assert.Contains(Said("luna"), s => s.Contains("with its maker's tool", StringComparison.Ordinal));
        Assert.Contains(Said("nshield"), s => s.Contains("a quorum of its own", StringComparison.Ordinal));
    }

    private static JsonObject Shipped()
    {
        using Stream file = typeof(TokenFamily).Assembly.GetManifestResourceStream("KeyCeremony.Pkcs11.families.softhsm2.json")!;
        return JsonNode.Parse(file)!.AsObject();
    }

    private static TokenInfo Token(string manufacturer, string model) => new(0, "", "", manufacturer, model, "1.0", false, false, true,
        false, false, false, false, false, false, false, false, 4, 8);
}
