using KeyCeremony.App.Terminal;
using KeyCeremony.Core.Ceremony;

namespace KeyCeremony.App.Tests.Terminal;

/// <summary>The main screens as one picture, docs/handbook/screens.png: renewed with the goldens or by <c>make screens</c>.</summary>
public sealed partial class GoldenScreenTests
{
    private const int SheetColumns = 3;

    [Fact]
    public void The_README_shows_a_screen_of_today() => Assert.Contains(
        File.ReadAllText(TestFiles.PathOf("tests", "KeyCeremony.App.Tests", "Terminal", "golden", "root-creation",
            "11-preview-root-words-80x25.txt")),
        File.ReadAllText(TestFiles.PathOf("README.md")), StringComparison.Ordinal);

    [Fact]
    public void The_contact_sheet_shows_the_screens_of_today()
    {
        string path = TestFiles.PathOf("docs", "handbook", "screens.png");
        byte[] now = new ContactSheet(SheetColumns).Draw(MainScreens());
        if (Updating)
            File.WriteAllBytes(path, now);
        Assert.True(File.ReadAllBytes(path).AsSpan().SequenceEqual(now), "docs/handbook/screens.png is not current: run make screens.");
        Assert.Equal(now, new ContactSheet(SheetColumns).Draw(MainScreens()));
    }

    private static IReadOnlyList<(string Caption, Frame Frame)> MainScreens()
    {
        static Frame Other(string name) => OtherPages.All.Single(p => p.Name == name).Draw(Narrow);
        static Frame At(string step, AnswerKind kind)
        {
            using FakeRoom room = new FakeRoom("root-creation.md").GoTo(step, kind);
            return Screen.View(room.Model(Narrow));
        }
        return
        [
            ("What can be begun, by occasion", Other("menu")),
            ("Who is here", At("roll-call", AnswerKind.Text)),
            ("The appliance looks at itself", At("gate", AnswerKind.Acknowledge)),
            ("A card is written down; its words are shaded here", At("deal-activation", AnswerKind.ShowShare)),
            ("... and typed again from the paper", At("deal-activation", AnswerKind.ReadBackShare)),
            ("The certificate before its key exists", At("preview-root", AnswerKind.Typed)),
            ("... and the whole of it", Other("evidence")),
            ("The appliance works", Other("progress")),
            ("Something that was typed is not taken", Other("refusal")),
            ("The witness signs an exception off", Other("exception")),
            ("What the ledger knows", Other("register-table")),
            ("Help", Other("help")),
        ];
    }
}
