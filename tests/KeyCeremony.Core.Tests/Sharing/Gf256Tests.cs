using System.Text.RegularExpressions;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Core.Tests.Sharing;

public partial class Gf256Tests
{
    [Fact]
    public void Multiplication_is_that_of_polynomials_modulo_the_aes_one()
    {
        for (int a = 0; a < 256; a++)
            for (int b = 0; b < 256; b++)
                Assert.Equal(Reduce(Product(a, b)), Gf256.Multiply((byte)a, (byte)b));
        Assert.Equal(0xC1, Gf256.Multiply(0x57, 0x83)); // FIPS 197, 4.2
    }

    [Fact]
    public void Every_element_but_zero_has_its_inverse()
    {
        Assert.Equal(0, Gf256.Invert(0));
        for (int a = 1; a < 256; a++)
            Assert.Equal(1, Gf256.Multiply((byte)a, Gf256.Invert((byte)a)));
    }

    /// <summary>
    /// Time must not tell secrets. No test of ours can see the compiler's output, but the source can be held to the
    /// shape that gives the compiler no reason to branch or to look up: no condition, and no index but a loop's counter.
    /// </summary>
    [Theory]
    [InlineData("Gf256.cs")]
    [InlineData("Rs1024.cs")]
    public void Arithmetic_on_secrets_has_no_branch_and_no_secret_index(string file)
    {
        string source = File.ReadAllText(Path.Combine(TestFiles.Root, "src", "KeyCeremony.Core", "Sharing", file));
        string code = Comment().Replace(source, "");
        // Which checksum text is taken depends on the extendable flag, which is public.
        code = code.Replace("extendable ? Extendable : Plain", "", StringComparison.Ordinal);

        Assert.DoesNotMatch(Branch(), code);
        Assert.All(Index().Matches(code), index => Assert.Contains(index.Groups[1].Value, Public));
    }

    private static readonly string[] Public = ["i", "^Words.."];

    [GeneratedRegex("//.*")]
    private static partial Regex Comment();

    [GeneratedRegex(@"\bif\b|\bswitch\b|\?|&&|\|\||\bwhile\b")]
    private static partial Regex Branch();

    [GeneratedRegex(@"(?<=\w)\[([^\]]*)\]")]
    private static partial Regex Index();

    private static int Product(int a, int b)
    {
        int product = 0;
        for (int bit = 0; bit < 8; bit++)
            if ((b & (1 << bit)) != 0)
                product ^= a << bit;
        return product;
    }

    private static int Reduce(int product)
    {
        for (int bit = 14; bit >= 8; bit--)
            if ((product & (1 << bit)) != 0)
                product ^= 0x11B << (bit - 8);
        return product;
    }
}
