using System.Reflection;
using System.Text.RegularExpressions;
using KeyCeremony.Core.Tests.Sharing;
using KeyCeremony.Core.Transfer;

namespace KeyCeremony.Core.Tests.Transfer;

/// <summary>The format's page says what the code does: rules, types, limits and the worked example.</summary>
public sealed partial class TransferPageTests
{
    private const int MixedUpTo = 16;

    private static readonly string Page = File.ReadAllText(Path.Combine(TestFiles.Root, "docs", "formats", "transfer.md"));
    private static readonly string[] Frames = [.. Frame().Matches(Page).Select(match => match.Value)];

    [Fact]
    public void Every_rule_of_the_code_stands_in_the_page_and_no_other() =>
        Assert.Equal(
            typeof(TransferRules).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetValue(null)!),
            RuleRow().Matches(Page).Select(match => match.Groups[1].Value));

    [Fact]
    public void Every_media_type_stands_in_the_page() =>
        Assert.All(MediaTypes.Known,
            known => Assert.Matches($@"(?m)^\|.*`{Regex.Escape(known.Ending)}`.*\|.*`{Regex.Escape(known.Type)}`", Page));

    [Fact]
    public void The_limits_stand_in_the_page()
    {
        Assert.Contains($"| LEN | {TransferLimits.MaxFragments} |", Page, StringComparison.Ordinal);
        Assert.Contains($"| *L* | {TransferLimits.MaxMessageBytes >> 20} MiB |", Page, StringComparison.Ordinal);
        Assert.Contains($"| size of the container | {TransferLimits.MaxContainerBytes >> 20} MiB |", Page, StringComparison.Ordinal);
        Assert.Contains($"| text of a frame | {TransferLimits.MaxFrameCharacters} characters |", Page, StringComparison.Ordinal);
    }

    [Fact]
    public void The_worked_example_is_what_the_code_writes()
    {
        Assert.Contains(Samples.Note.Sha256, Page, StringComparison.Ordinal);
        Assert.Contains(Samples.Note.Words, Page, StringComparison.Ordinal);
        Assert.Contains(Convert.ToHexStringLower(ArtefactContainer.Write(Samples.Note)), Page, StringComparison.Ordinal);

        Assert.Equal(Frames[0], Samples.Frames(Samples.Note, 200).Text(1));
        Assert.Equal(Frames[1..9], Samples.Frames(Samples.Note, 20).Texts(8));
    }

    [Fact]
    public void The_mixed_fragments_are_those_of_the_page()
    {
        var chooser = new FragmentChooser(4, 0xf69dbd84);
        IEnumerable<string> told = Enumerable.Range(5, MixedUpTo - 4)
            .Select(number => (Number: number, Mixed: chooser.Of((uint)number).Order().ToArray()))
            .Select(part => $"{part.Number}: {(part.Mixed.Length == 4 ? "all four" : string.Join(' ', part.Mixed))}");
        Assert.Contains(string.Join(", ", told).Replace("5: ", "part 5 ", StringComparison.Ordinal)[..40], Page, StringComparison.Ordinal);
        Assert.Contains(string.Join(", ", told.Skip(1)), Page, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_frame_of_the_page_is_read()
    {
        Assert.True(Samples.IsSame(Samples.Note, Samples.Collect(Frames[..1]).Received()));
        Assert.True(Samples.IsSame(Samples.Note, Samples.Collect(Frames[4..9]).Received()));
        Artefact deflated = Samples.Collect(Frames[9..]).Received();
        Assert.Equal(("words.txt", 200), (deflated.Name, deflated.Bytes.Length));
        Assert.Contains(deflated.Sha256, Page, StringComparison.Ordinal);
    }

    [GeneratedRegex("UR:COMPRESSED/[A-Z0-9/-]{30,}")]
    private static partial Regex Frame();

    [GeneratedRegex(@"^\| (UR-\d\d) \|", RegexOptions.Multiline)]
    private static partial Regex RuleRow();
}
