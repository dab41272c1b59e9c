using System.Reflection;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Core.Tests.Sharing;

public class ShareRulesTests
{
    private static readonly string[] Ids =
        [.. typeof(ShareRules).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetValue(null)!)];

    [Fact]
    public void Every_rule_has_an_id_of_its_own() => Assert.Equal(Ids.Length, Ids.Distinct().Count());

    [Fact]
    public void Every_rule_stands_in_the_format_page()
    {
        string page = File.ReadAllText(Path.Combine(TestFiles.Root, "docs", "formats", "share-card.md"));
        Assert.NotEmpty(Ids);
        Assert.All(Ids, id => Assert.Contains(id, page, StringComparison.Ordinal));
    }

    [Fact]
    public void The_qr_example_of_the_format_page_holds()
    {
        byte[] digits = new byte[12];
        NumericForm.Write([0, 1, 1023], digits);
        Assert.Equal("000000011023"u8, digits);
        Assert.Equal(("academic", "acid", "zero"), (WordList.Words[0], WordList.Words[1], WordList.Words[1023]));
    }
}
