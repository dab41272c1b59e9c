using System.Collections.Immutable;
using KeyCeremony.App.Commands;
using KeyCeremony.App.Terminal;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Script;

namespace KeyCeremony.App.Tests.Terminal;

/// <summary>The first menu: what can be begun, what it is, and what cannot be begun with the reason.</summary>
public sealed class StartMenuTests
{
    private static readonly Display Narrow = new(80, 25, GlyphSet.Unicode, Attributes: true, Colour: true, FunctionKeys: true);
    private static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    private static readonly Lazy<ImmutableArray<CeremonyScript>> Scripts = new(() => StartMenu.ByOccasion(
        RehearseCommand.Scripts(TestFiles.PathOf("ceremony-scripts")).Select(s => s.Script), s => s));

    public static readonly Lazy<ImmutableArray<MenuEntry>> AfterRoot = new(() =>
    {
        using FakeRoom room = Played("root-creation.md");
        return [.. Scripts.Value.Select(s => StartMenu.Begin(s, room.State.World, Noon))];
    });

    private static ImmutableArray<MenuEntry> OnEmptySticks =>
        [.. Scripts.Value.Select(s => StartMenu.Begin(s, World.Empty with { Environment = "rehearsal" }, Noon))];

    private static ImmutableArray<MenuEntry> Fifteen => [.. Enumerable.Range(1, 15).Select(n => new MenuEntry("All", $"ceremony {n}", []))];

    /// <summary>How a page is left and where help is stands in its last row, however narrow the window.</summary>
    [Theory]
    [InlineData(120)]
    [InlineData(80)]
    [InlineData(60)]
    [InlineData(40)]
    public void The_last_row_of_every_page_before_a_ceremony_is_whole(int width)
    {
        Display display = Narrow.Resized(width, 20);
        string[] rows =
        [
            LastRow(new Menu(display, "All", Fifteen).View()),
            LastRow(new FrontPage(display, "A page", ["Text."], ["Go on", "Leave"]).View()),
            LastRow(new AskPage(display, "A page", ["Text."], "a folder", LineInput.Empty).View()),
        ];
        Assert.All(rows, row => Assert.EndsWith("Esc goes back   F1 Help", row, StringComparison.Ordinal));
    }

    private static string LastRow(Frame frame) => frame.Text.TrimEnd('\n').Split('\n')[^1].TrimEnd();

    [Fact]
    public void On_empty_sticks_only_what_begins_a_ledger_can_be_begun()
    {
        Assert.Equal(
            ["hsm-commissioning", "root-creation", "root-creation-dual", "root-creation-groups", "root-creation-matter-paa",
                "root-creation-small"],
            Possible(OnEmptySticks));
        Assert.Equal([0, 1, 2, 3, 4, 5], OnEmptySticks.Select((e, i) => (e, i)).Where(e => e.e.WhyNot is null).Select(e => e.i));
    }

    [Fact]
    public void After_root_creation_a_second_root_is_impossible_and_the_signing_days_are_not()
    {
        Assert.Equal(["activation-change", "card-check", "crl-signing", "cross-signing", "custodian-replacement", "disaster-recovery",
            "disaster-recovery-foreign", "emergency-revocation", "firmware-signing", "hsm-migration", "intermediate-creation",
            "intermediate-signing", "key-destruction", "manifest-key", "matter-attestation", "release-key", "root-addition",
            "service-certificates", "signing-small", "succession"],
            Possible(AfterRoot.Value));
        Assert.Equal(CeremonyRules.WrongToken, AfterRoot.Value[Of("root-creation")].WhyNot?.Rule);
        Assert.Equal(CeremonyRules.NoManifestSigner, AfterRoot.Value[Of("batch-manifest")].WhyNot?.Rule);
        Assert.Equal(CeremonyRules.NoDeadKey, AfterRoot.Value[Of("abandoned-keys")].WhyNot?.Rule);
    }

    /// <summary>What the menu calls possible comes to its end, and each of these ceremonies is led to it.</summary>
    [Fact]
    public void What_was_begun_in_the_room_was_possible_in_the_menu()
    {
        foreach (string[] scripts in GoldenScreenTests.Ceremonies.Select(row => (string[])row[1]).Where(scripts => scripts.Length > 1))
        {
            using FakeRoom room = GoldenScreenTests.Standing(scripts);
            World before = room.Before;
            Assert.Null(Occasion.WhyNot(before, room.State.Script, room.Utc));
        }
    }

    [Fact]
    public void What_is_unfinished_stands_first_with_where_it_stands_and_forbids_the_others()
    {
        using FakeRoom room = new FakeRoom("root-creation.md").GoTo("clock", AnswerKind.Utc);
        MenuEntry resume = StartMenu.Resume(room.State);
        Assert.Null(resume.WhyNot);
        Assert.Contains("Next: step 4 of", string.Join(' ', resume.About), StringComparison.Ordinal);
        Assert.Contains("Ada Adams (administrator)", string.Join(' ', resume.About), StringComparison.Ordinal);
        Assert.All(Scripts.Value, s => Assert.Equal(CeremonyRules.StillRunning, StartMenu.Begin(s, room.State.World, Noon).WhyNot?.Rule));
    }

    [Fact]
    public void Each_line_says_what_it_does_who_must_be_there_and_how_long()
    {
        Assert.All(AfterRoot.Value, entry =>
        {
            string about = string.Join('\n', entry.About);
            // A custodian who shows a card is none of a quorum.
            Assert.Contains(entry.Text == "Check of the cards" ? "Must be present: 1 operator, 1 witness."
                : entry.Text.EndsWith("three people", StringComparison.Ordinal) ? "Must be present: 3 people, in 6 seats."
                : "Must be present: 1 administrator, 1 operator, 1 witness, ", about, StringComparison.Ordinal);
            Assert.Matches(@"Time: (one|two|three|four|five) hours?", about);
        });
    }

    [Fact]
    public void The_whole_list_is_reached_and_what_is_hidden_is_said()
    {
        var menu = new Menu(Narrow, "KeyCeremony", AfterRoot.Value);
        Assert.Contains("more below", menu.View().Text, StringComparison.Ordinal);
        var seen = new HashSet<string>();
        foreach (MenuEntry entry in AfterRoot.Value)
        {
            string picture = menu.View().Text;
            Assert.Contains($"{entry.Text}\n", picture, StringComparison.Ordinal);
            Assert.Contains(entry.About[1], picture, StringComparison.Ordinal);
            Assert.Contains("Esc", picture.Split('\n')[24], StringComparison.Ordinal);
            seen.Add(picture);
            (menu, _) = menu.Update(new Key(KeyKind.Down));
        }
        Assert.Equal(AfterRoot.Value.Length, seen.Count);
        Assert.Equal(0, menu.Selected);
    }

    [Theory]
    [InlineData("13", 12)]
    [InlineData("3", 2)]
    [InlineData("19", null)]
    [InlineData("130", null)]
    [InlineData("0", null)]
    [InlineData("00000000000", null)]
    public void A_number_is_taken_whole_or_marks_nothing(string typed, int? index)
    {
        Menu menu = Typed(new Menu(Narrow, "KeyCeremony", Fifteen), typed);
        (Menu after, MenuChoice? choice) = menu.Update(new Key(KeyKind.Enter));
        Assert.Equal(index is { } i ? new Chosen(i) : null, choice);
        Assert.Equal(index is null ? ScreenRules.NoSuchLineId : null, after.Told?.Rule);
    }

    [Fact]
    public void Letters_filter_and_Esc_takes_them_back_before_it_goes_back()
    {
        Menu menu = Typed(new Menu(Narrow, "KeyCeremony", AfterRoot.Value), "REVOCATION next");
        Assert.DoesNotContain("Matter", menu.View().Text, StringComparison.Ordinal);
        Assert.Equal(new Chosen(Of("crl-signing")), menu.Update(new Key(KeyKind.Enter)).Choice);
        (menu, MenuChoice? choice) = menu.Update(new Key(KeyKind.Esc));
        Assert.Null(choice);
        Assert.Equal("", menu.Typed.Text);
        Assert.Equal(new GoBack(), menu.Update(new Key(KeyKind.Esc)).Choice);
    }

    [Fact]
    public void What_cannot_be_begun_says_why_and_is_not_begun()
    {
        Menu menu = Typed(new Menu(Narrow, "KeyCeremony", AfterRoot.Value), $"{Of("root-creation") + 1}");
        Assert.Contains("Not now: This ledger already has the HSM", menu.View().Text, StringComparison.Ordinal);
        (menu, MenuChoice? choice) = menu.Update(new Key(KeyKind.Enter));
        Assert.Null(choice);
        Assert.Contains($"! {CeremonyRules.WrongToken}", menu.View().Text, StringComparison.Ordinal);
    }

    [Fact]
    public void F1_helps_and_goes_back_to_the_same_line()
    {
        Menu menu = Typed(new Menu(Narrow, "KeyCeremony", Fifteen), "7");
        Menu help = menu.Update(new Key(KeyKind.F1)).Page;
        Assert.Contains("Backspace", help.View().Text, StringComparison.Ordinal);
        Assert.Equal(new Chosen(6), help.Update(new Key(KeyKind.Esc)).Page.Update(new Key(KeyKind.Enter)).Choice);
    }

    [Theory]
    [InlineData(10, 3)]
    [InlineData(40, 12)]
    [InlineData(80, 24)]
    [InlineData(200, 60)]
    public void It_fits_any_terminal(int width, int height)
    {
        Frame frame = new Menu(Narrow.Resized(width, height), "KeyCeremony", AfterRoot.Value).View();
        Assert.Equal(height, frame.Rows.Length);
        Assert.All(frame.Rows, row => Assert.Equal(width, row.Length));
    }

    private static FakeRoom Played(string script)
    {
        var room = new FakeRoom(script);
        foreach (Move _ in room.Moves())
            continue;
        return room;
    }

    private static IEnumerable<string> Possible(ImmutableArray<MenuEntry> entries) =>
        entries.Zip(Scripts.Value).Where(e => e.First.WhyNot is null).Select(e => e.Second.Name).Order(StringComparer.Ordinal);

    private static int Of(string name) => Scripts.Value.Select(s => s.Name).ToList().IndexOf(name);

    private static Menu Typed(Menu menu, string text) => text.Aggregate(menu, (page, letter) => page.Update(Key.Of(letter)).Page);
}
