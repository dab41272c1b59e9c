using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;

namespace KeyCeremony.Pkcs11.Tests;

/// <summary>Every return value that the product or its tests spell, held against the table of the standard's header.</summary>
public sealed partial class HeaderTests
{
    private const ulong VendorDefined = 0x8000_0000;

    /// <summary>p11-kit's header, which SoftHSM is built with, numbers five constants otherwise. They are read, too.</summary>
    private static readonly Dictionary<string, ulong> OfP11Kit = new()
    {
        ["CKR_EXCEEDED_MAX_ITERATIONS"] = 0x1C0,
        ["CKR_FIPS_SELF_TEST_FAILED"] = 0x1C1,
        ["CKR_LIBRARY_LOAD_FAILED"] = 0x1C2,
        ["CKR_PIN_TOO_WEAK"] = 0x1C3,
        ["CKR_PUBLIC_KEY_INVALID"] = 0x1C4,
    };

    private static readonly Dictionary<string, ulong> Header = Table("return-values.txt");

    [Fact]
    public void Every_return_value_of_the_header_has_its_name_and_no_other_number_has_one()
    {
        Assert.Equal(105, Header.Count);
        Assert.All(Header.Where(one => one.Value < VendorDefined), one => Assert.Equal(one.Key, ReturnValues.Name(one.Value)));
        Assert.All(OfP11Kit, one => Assert.Equal(one.Key, ReturnValues.Name(one.Value)));
        ulong[] known = [.. Header.Values, .. OfP11Kit.Values];
        for (ulong value = 0; value < 0x1000; value++)
        {
            Assert.Equal(known.Contains(value), !ReturnValues.Name(value).StartsWith("CKR_0x", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void The_constants_of_the_binding_are_those_of_the_header()
    {
        var constants = typeof(Module).Assembly.GetType("KeyCeremony.Pkcs11.Native.Cryptoki")!
            .GetFields(BindingFlags.Static | BindingFlags.Public)
            .Where(field => field.Name.StartsWith("CKR_", StringComparison.Ordinal))
            .ToDictionary(field => field.Name, field => Convert.ToUInt64(field.GetRawConstantValue(), CultureInfo.InvariantCulture));

        Assert.NotEmpty(constants);
        Assert.All(constants, one => Assert.Equal(
            one.Key.EndsWith("_P11_KIT", StringComparison.Ordinal) ? OfP11Kit[one.Key[..^"_P11_KIT".Length]] : Header[one.Key], one.Value));
    }

    /// <summary>Objects, kinds of keys, attributes, mechanisms, parameter sets: PKCS#11 v3.2 has all of them, and ML-DSA's.</summary>
    [Fact]
    public void Every_other_constant_of_the_binding_is_that_of_the_header()
    {
        var constants = typeof(Module).Assembly.GetType("KeyCeremony.Pkcs11.Native.Cryptoki")!
            .GetFields(BindingFlags.Static | BindingFlags.Public)
            .Where(field => field.IsLiteral && !field.Name.StartsWith("CKR_", StringComparison.Ordinal))
            .ToDictionary(field => field.Name, field => Convert.ToUInt64(field.GetRawConstantValue(), CultureInfo.InvariantCulture));
        constants["CKM_AES_CBC_PAD"] = (ulong)WrapMechanism.AesCbcPad;
        constants["CKM_AES_KEY_WRAP_PAD"] = (ulong)WrapMechanism.AesKeyWrapPad;
        constants["CKM_AES_KEY_WRAP_KWP"] = (ulong)WrapMechanism.AesKeyWrapKwp;

        Assert.Equal(Table("constants.txt").OrderBy(one => one.Key, StringComparer.Ordinal),
            constants.OrderBy(one => one.Key, StringComparer.Ordinal));
    }

    [Fact]
    public void The_stub_spells_them_as_the_header_does()
    {
        var spelled = InC().Matches(File.ReadAllText(Beside(Path.Combine("stub", "stub.c"))))
            .ToDictionary(m => m.Groups[1].Value, m => Hex(m.Groups[2].Value));

        Assert.Equal(Header.OrderBy(one => one.Key, StringComparer.Ordinal), spelled.OrderBy(one => one.Key, StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(0x1B8)]
    [InlineData(0x1C3)]
    public void A_pin_that_is_too_weak_is_told_so_in_both_spellings(ulong value)
    {
        var error = new Pkcs11Exception("C_InitPIN", value);

        Assert.Equal("CKR_PIN_TOO_WEAK", error.ConstantName);
        Assert.Contains("too weak", error.Message, StringComparison.Ordinal);
    }

    private static Dictionary<string, ulong> Table(string name) => File.ReadLines(Beside(name))
        .Where(line => line.Length > 0 && line[0] != '#')
        .Select(line => line.Split(' '))
        .ToDictionary(field => field[0], field => Hex(field[1]));

    private static string Beside(string name) => Path.Combine(AppContext.BaseDirectory, name);

    private static ulong Hex(string text) => ulong.Parse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    [GeneratedRegex("""\{"(CKR_\w+)", (0x[0-9A-F]+)UL\}""")]
    private static partial Regex InC();
}
