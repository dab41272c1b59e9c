using KeyCeremony.App.Devices;
using KeyCeremony.App.Room;
using KeyCeremony.App.Terminal;
using KeyCeremony.Core;

namespace KeyCeremony.App.Tests.Devices;

/// <summary>Which stick plays which part, and the screen on which people see and decide it.</summary>
public sealed class StickMatchTests
{
    private static readonly Display Narrow = new(80, 25, GlyphSet.Unicode, true, true, true);

    [Fact]
    public void A_missing_stick_is_named_by_its_label()
    {
        Refusal refusal = Refused(StickMatch.None, StickRole.RecordA);
        Assert.Equal("STICK-01", refusal.Rule);
        Assert.Contains("KC-RECORD-A", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_sticks_with_one_label_are_refused()
    {
        Refusal refusal = Refused(Found(Stick("sdb", "KC-EXPORT", "1"), Stick("sdc", "KC-EXPORT", "2")), StickRole.Export);
        Assert.Equal("STICK-02", refusal.Rule);
        Assert.Contains("serial 1", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("serial 2", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_choice_goes_before_a_label_and_follows_the_stick_into_another_port()
    {
        Drive named = Stick("sdb", "KC-EXPORT", "1"), plain = Stick("sdc", "HOLIDAY", "2");
        StickMatch match = Found(named, plain);
        match = match.Choose(StickRole.Export, match.Sticks[1]);
        Assert.Equal("2", Plays(match, StickRole.Export).Drive.Serial);
        Assert.Null(match.RoleOf(match.Sticks[0]));

        StickMatch moved =
            new(new DriveList([plain with { Name = "sdf", Plugged = 99, Volumes = [plain.Volumes[0] with { Name = "sdf" }] }], []),
                match.Choices);
        Assert.Equal("sdf", Plays(moved, StickRole.Export).Drive.Name);
        Assert.Equal("STICK-01", Refused(new StickMatch(new DriveList([named], []), match.Choices), StickRole.Export).Rule);
    }

    [Fact]
    public void A_stick_plays_one_part()
    {
        StickMatch match = Found(Stick("sdb", "KC-RECORD-A", "1"));
        match = match.Choose(StickRole.RecordB, match.Sticks[0]);
        Assert.Equal("STICK-01", Refused(match, StickRole.RecordA).Rule);
        match = match.Choose(StickRole.Import, match.Sticks[0]);
        Assert.Equal(StickRole.Import, match.RoleOf(match.Sticks[0]));
        Assert.Equal("STICK-01", Refused(match, StickRole.RecordB).Rule);
    }

    [Fact]
    public void Enter_goes_on_only_with_both_record_sticks()
    {
        AttachModel model = new(Narrow, Found(Stick("sdb", "KC-RECORD-A", "1")));
        (model, AttachChoice choice) = Attach.Update(model, new Key(KeyKind.Enter));
        Assert.Equal((AttachChoice.None, "STICK-01"), (choice, model.Refusal?.Rule));

        model = model.Seen(new DriveList([Stick("sdb", "KC-RECORD-A", "1"), Stick("sdc", "HOLIDAY", "2")], []));
        (model, _) = Attach.Update(model, Key.Of('2'));
        (model, _) = Attach.Update(model, Key.Of('B'));
        (_, choice) = Attach.Update(model, new Key(KeyKind.Enter));
        Assert.Equal(AttachChoice.GoOn, choice);
        Assert.Equal(AttachChoice.Leave, Attach.Update(model, new Key(KeyKind.F10)).Choice);
    }

    [Fact]
    public void A_write_protected_record_stick_is_refused()
    {
        AttachModel model = new(Narrow,
            Found(Stick("sdb", "KC-RECORD-A", "1"), Stick("sdc", "KC-RECORD-B", "2") with { WriteProtected = true }));
        Assert.Equal("STICK-03", Attach.Update(model, new Key(KeyKind.Enter)).Model.Refusal?.Rule);
    }

    [Fact]
    public void The_screen_names_every_stick_and_every_part()
    {
        AttachModel model = new AttachModel(Narrow, StickMatch.None)
            .Seen(new DriveList([Stick("sdb", "KC-RECORD-A", "4C530001")], [new NotOffered("sda", "it is built in")]));
        string picture = string.Join('\n', Attach.View(model).Rows);
        foreach (string said in new[] { "Record stick A", "serial 4C530001", "8.1 GB",
            "FAT32", "Record stick B", "none yet: KC-RECORD-B", "KC-IMPORT", "KC-EXPORT", "not used: sda" })
            Assert.Contains(said, picture, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_in_use_is_confirmed_or_left()
    {
        FrontPage page = Attach.Report(Narrow, [["Record stick A:", "sdb1; NOT a serial number that this ledger knows"]]);
        Assert.Contains("NOT a serial number that this ledger knows", page.View().Text, StringComparison.Ordinal);
        Assert.Equal(new Chosen(0), page.Update(new Key(KeyKind.Enter)).Choice);
        Assert.Equal(new GoBack(), page.Update(new Key(KeyKind.F10)).Choice);
        Assert.Equal(new GoBack(), page.Update(new Key(KeyKind.Esc)).Choice);
        Assert.Null(page.Update(Key.Of('y')).Choice);
    }

    [Fact]
    public void Esc_leaves_the_page_and_F1_explains_it()
    {
        AttachModel model = new(Narrow, Found(Stick("sdb", "KC-RECORD-A", "1")));
        Assert.Equal(AttachChoice.Leave, Attach.Update(model, new Key(KeyKind.Esc)).Choice);
        AttachModel help = Attach.Update(model, new Key(KeyKind.F1)).Model;
        Assert.Contains("If one record stick is lost or broken", Attach.View(help).Text, StringComparison.Ordinal);
        Assert.Equal((model, AttachChoice.None), Attach.Update(help, new Key(KeyKind.Esc)));
        Assert.Equal((help, AttachChoice.None), Attach.Update(help, Key.Of('b')));
    }

    [Fact]
    public void On_lines_a_number_and_a_letter_give_a_stick_its_part_and_Enter_alone_goes_on()
    {
        AttachModel model = new(Narrow, Found(Stick("sdb", "KC-RECORD-A", "1"), Stick("sdc", "HOLIDAY", "2")));
        Assert.Contains("2. sdc:", Attach.Say(model), StringComparison.Ordinal);
        (_, AttachChoice choice, string reply) = Attach.Take(model, "");
        Assert.Equal(AttachChoice.None, choice);
        Assert.Contains("STICK-01", reply, StringComparison.Ordinal);
        foreach (string nonsense in new[] { "3 b", "2 x", "b 2", "2", "hello" })
            Assert.Contains("NUMBER LETTER", Attach.Take(model, nonsense).Reply, StringComparison.Ordinal);
        (model, choice, reply) = Attach.Take(model, "2 B");
        Assert.Equal((AttachChoice.None, ""), (choice, reply));
        Assert.Contains("= record stick B", Attach.Say(model), StringComparison.Ordinal);
        Assert.Equal(AttachChoice.GoOn, Attach.Take(model, "").Choice);
        Assert.Equal(AttachChoice.Leave, Attach.Take(model, ".back").Choice);
        Assert.Contains("If one record stick is lost", Attach.Take(model, ".help").Reply, StringComparison.Ordinal);
    }

    [Fact]
    public void It_fits_any_terminal_and_any_number_of_sticks()
    {
        StickMatch many = Found([.. Enumerable.Range(0, 32).Select(i => Stick($"sd{i}", new string('W', 32), new string('9', 64)))]);
        foreach ((int width, int height) in new[] { (10, 3), (80, 25), (200, 60) })
            foreach (StickMatch match in new[] { StickMatch.None, many })
                foreach (int selected in new[] { 0, match.Sticks.Length - 1 })
                {
                    Frame frame = Attach.View(new AttachModel(Narrow with { Width = width, Height = height },
                        match, Math.Max(0, selected)));
                    Assert.Equal(height, frame.Rows.Length);
                    Assert.All(frame.Rows, row => Assert.Equal(width, row.Length));
                }
    }

    private static StickMatch Found(params Drive[] drives) => new(new DriveList([.. drives], []), StickMatch.None.Choices);

    private static Drive Stick(string name, string label, string serial) =>
        new(name, 7, "SanDisk", "Ultra", serial, 8_053_063_680, false, [new Volume(name, 8_053_063_680, FileSystems.Fat32, label, "")]);

    private static Stick Plays(StickMatch match, StickRole role)
    {
        Assert.True(match.TryFind(role, out Stick? stick, out Refusal? refusal), refusal?.ToString());
        return stick;
    }

    private static Refusal Refused(StickMatch match, StickRole role)
    {
        Assert.False(match.TryFind(role, out _, out Refusal? refusal));
        return refusal;
    }
}
