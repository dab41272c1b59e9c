using System.Collections.Immutable;
using KeyCeremony.App.Commands;
using KeyCeremony.App.Commands.Errands;
using KeyCeremony.App.Devices;
using KeyCeremony.App.Ground;
using KeyCeremony.App.Ledger;
using KeyCeremony.App.Room;
using KeyCeremony.App.Terminal;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.App.Tests.Terminal;

/// <summary>The pages that no script leads to by itself.</summary>
internal static class OtherPages
{
    public static readonly ImmutableArray<(string Name, Func<Display, Frame> Draw)> All =
    [
        ("refusal", d => Pressed(d, At("clock", AnswerKind.Utc), "2026112") with
        {
            Refusal = new Refusal("ASK-06", "\"2026-11-2\" is not a time.",
                "Type it as yyyy-MM-dd HH:mm:ss, for example 2026-11-22 18:30:00."),
        } is var m ? Screen.View(m) : null!),
        ("help", d => Draw(d, At("clock", AnswerKind.Utc), KeyKind.F1)),
        ("evidence", d => Draw(d, At("preview-root", AnswerKind.Typed), KeyKind.F5)),
        ("evidence-scrolled", d => Draw(d, At("preview-root", AnswerKind.Typed), KeyKind.F5, KeyKind.PageDown)),
        ("evidence-sought", d => Screen.View(Seek(After(d, At("sign-root", AnswerKind.Acknowledge), KeyKind.F5), "holiday"))),
        ("evidence-folded", d => Draw(d, At("sign-root", AnswerKind.Acknowledge), KeyKind.F5, KeyKind.End, KeyKind.Left, KeyKind.Up,
            KeyKind.Up, KeyKind.Left)),
        ("turned-to-text", d => Draw(d, At("preview-root", AnswerKind.Typed), KeyKind.Tab, KeyKind.Down)),
        ("turned-to-found", d => Draw(d, At("preview-root", AnswerKind.Typed), KeyKind.Tab, KeyKind.Tab, KeyKind.PageDown)),
        ("turned-to-steps", d => Draw(d, At("preview-root", AnswerKind.Typed), KeyKind.BackTab, KeyKind.PageDown)),
        ("aloud-seeking", d => Screen.View("/year".Aggregate(At("clock", AnswerKind.Acknowledge).Model(d),
            (m, c) => Screen.Update(m, Key.Of(c)).Model))),
        ("where", d => Draw(d, At("clock", AnswerKind.Utc), KeyKind.F6)),
        ("where-paced", d => Draw(d, Paced(), m => Screen.Update(m, new Key(KeyKind.F6)).Model)),
        ("paced", d => Draw(d, Paced(), m => m)),
        ("big", d => Draw(d, Paced(), m => Screen.Update(m, new Key(KeyKind.F8)).Model)),
        ("big-without-blocks", d => Draw(d, Paced(), m => Screen.Update(m with { HasBlocks = false }, new Key(KeyKind.F8)).Model)),
        ("big-working", d => Screen.View(Working(d) with { IsBig = true })),
        ("skipped", d => Draw(d, At("clock", AnswerKind.Acknowledge), m => m with { State = m.State with { Skipped = [1] } })),
        ("show-again", d => Draw(d, At("deal-activation", AnswerKind.ReadBackShare), KeyKind.F2)),
        ("present-second", d => Draw(d, new FakeRoom("root-creation.md").GoTo(m => m is Ask { Question.Id: "present/2/who" }))),
        ("register", d => Draw(d, Signed(), KeyKind.F7)),
        ("register-table", d => Draw(d, Signed(), [KeyKind.F7, .. CertificatesOf, KeyKind.Enter])),
        ("register-filtered", d => Screen.View("tran".Aggregate(After(d, Signed(), [KeyKind.F7, .. CertificatesOf, KeyKind.Enter]),
            (m, c) => Screen.Update(m, Key.Of(c)).Model))),
        ("register-sorted", d => Draw(d, Signed(), [KeyKind.F7, .. CertificatesOf, KeyKind.Enter, KeyKind.Tab, KeyKind.Tab,
            KeyKind.Tab, KeyKind.Tab, KeyKind.BackTab])),
        ("register-row", d => Draw(d, Signed(), [KeyKind.F7, .. CertificatesOf, KeyKind.Enter, KeyKind.Down, KeyKind.Enter])),
        ("register-nothing", d => Draw(d, At("clock", AnswerKind.Utc), [KeyKind.F7, .. CertificatesOf, KeyKind.Enter])),
        ("leave", d => Draw(d, At("clock", AnswerKind.Utc), KeyKind.F10)),
        ("break-asked", d => Draw(d, At("clock", AnswerKind.Utc), KeyKind.F3)),
        ("deviation", d => Draw(d, At("clock", AnswerKind.Utc), KeyKind.F4)),
        ("abort", d => Draw(d, At("clock", AnswerKind.Utc), KeyKind.F9)),
        ("abort-decide", d => Draw(d, Proposed())),
        ("abort-word", d => Draw(d, Agreed())),
        ("start-again", d => Draw(d, At("deal-activation", AnswerKind.ReadBackShare), KeyKind.F8)),
        ("hiding-the-share", d => Draw(d, At("deal-activation", AnswerKind.ShowShare), KeyKind.Enter)),
        ("break", d => Draw(d, Rested())),
        ("exception", d => Draw(d, Deviated())),
        ("device-broke", d => Draw(d, Broken())),
        ("gate-in-production", d => Draw(d, GateFailed())),
        ("interrupted", d => Draw(d, Interrupted())),
        ("resumed", d => Draw(d, Resumed())),
        ("resumed-typed", d => Screen.View(Resumed().Model(d) with { Input = LineInput.Of(LongestWords) })),
        ("progress", d => Screen.View(Working(d))),
        ("aborted", d => Screen.View(Aborted().Model(d) with { BundlePath = "/media/bundle" })),
        ("menu", d => Start(d).View()),
        ("menu-impossible", d => Typed(Start(d), "1").View()),
        ("menu-filtered", d => Typed(Start(d), "list").View()),
        ("menu-no-line", d => Typed(Start(d), "130").Update(new Key(KeyKind.Enter)).Page.View()),
        ("menu-help", d => Start(d).Update(new Key(KeyKind.F1)).Page.View()),
        ("menu-ask", d => new AskPage(d, "KeyCeremony: verify a bundle", ["A bundle is a folder."], "the folder of the bundle",
            LineInput.Of("/media/b")).View()),
        ("leave-before", d => Screen.View(Screen.Update(At("roll-call", AnswerKind.Text).Model(d) with { NothingBegun = true },
            Key.Ctrl('c')).Model)),
    ];

    /// <summary>Everything that is met before the ceremony, and its help.</summary>
    public static readonly ImmutableArray<(string Name, Func<Display, Frame> Draw)> BeforeTheCeremony =
    [
        ("computer", d => ComputerErrand.Page(d, ConsoleKeyboard.Told(), Gate).View()),
        ("computer-help", d => Helped(ComputerErrand.Page(d, ConsoleKeyboard.Told(), Gate)).View()),
        ("sticks", d => Attach.View(Plugged(d))),
        ("sticks-help", d => Attach.View(Attach.Update(Plugged(d), new Key(KeyKind.F1)).Model)),
        ("sticks-missing", d => Attach.View(Attach.Update(new AttachModel(d, StickMatch.None), new Key(KeyKind.Enter)).Model)),
        ("in-use", d => Attach.Report(d, InUse).View()),
        ("in-use-help", d => Helped(Attach.Report(d, InUse)).View()),
        ("environment", d => ApplianceCommand.EnvironmentPage(d).View()),
        ("environment-help", d => Helped(ApplianceCommand.EnvironmentPage(d)).View()),
        ("hsm", d => HsmErrand.Page(d, Modules).View()),
        ("hsm-help", d => Helped(HsmErrand.Page(d, Modules)).View()),
        ("needs", d => NeedsPage(d).View()),
        ("needs-help", d => Helped(NeedsPage(d)).View()),
        ("ask-help", d => new AskPage(d, "KeyCeremony: verify a bundle", [], "the folder of the bundle", LineInput.Empty)
            .Update(new Key(KeyKind.F1)).Page.View()),
        ("working", d => new WorkPage(d, "Copy a record stick onto a new one", "The ledger is written and read back.",
            TimeSpan.FromSeconds(7), 0.4).View()),
        ("menu-mending", d => MenuLoop.Page(d, Mending, Mending.Told, last: null, "goes back").View()),
        ("menu-mending-old", d => MenuLoop.Page(d with { Glyphs = GlyphSet.Ascii, FunctionKeys = false }, Mending, Mending.Told, last: null,
            "goes back").View()),
    ];

    public static readonly ImmutableArray<(string Name, Display Display)> OldTerminals =
    [
        ("refusal-vt220-80x24", new Display(80, 24, GlyphSet.Ascii, Attributes: true, Colour: false, FunctionKeys: false)),
        ("refusal-linux-80x25", new Display(80, 25, GlyphSet.Console, Attributes: true, Colour: true, FunctionKeys: true)),
        ("too-small-60x20", new Display(60, 20, GlyphSet.Unicode, Attributes: true, Colour: true, FunctionKeys: true)),
    ];

    /// <summary>Eight words as long as eight words get.</summary>
    private const string LongestWords = "stopwatch millionaire sweatband paperweight treadmill performance watchword stethoscope";

    private static readonly ImmutableArray<Finding> Gate =
    [
        new("GATE-01", FindingResults.Pass, "no network interface but loopback"),
        new("GATE-08", FindingResults.Warning, "the kernel has no lockdown"),
        new("GATE-10", FindingResults.Pass, $"the verity root {new string('c', 64)}"),
    ];

    private static readonly ImmutableArray<ImmutableArray<string>> InUse =
    [
        ["Record stick A:", "sdb1: SanDisk Ultra, serial 4C530001, 8.1 GB, FAT32 \"KC-RECORD-A\"; known to the ledger"],
        ["Record stick B:", "sdc1: Kingston DT, serial 17, 8.1 GB, FAT32 \"KC-RECORD-B\"; NOT a serial number that this ledger knows"],
    ];

    private static readonly ImmutableArray<HsmModule> Modules = [new("YubiHSM 2", "a.so"), new("smart card (OpenSC)", "b.so")];

    private static MenuLines Mending => new("KeyCeremony: production",
    [
        Line("To mend LEDGER-05", MenuWords.Copy, "The ledger of record stick A is written onto record stick B, which has none.", null),
        Line("To mend LEDGER-05", MenuWords.OtherSticks, "The sticks in use are given free and may be pulled out.", null),
        Line("The beginning: an HSM and a root", "Creation of a root certification authority", "Today we create the root key.", OneLost),
        Line(StartMenu.Looking, MenuWords.Verify, "Every entry, signature and file of a bundle is checked again.", null),
        Line(StartMenu.Looking, "Switch off", "Nothing is changed; the sticks may be pulled out.", null),
    ], OneLost);

    private static Refusal OneLost => LedgerRules.BothFound.Refuse("/run/keyceremony/record-a holds a ledger, "
        + "/run/keyceremony/record-b holds none.");

    private static MenuLine Line(string group, string text, string about, Refusal? whyNot) =>
        MenuLine.Of(new MenuEntry(group, text, [about], whyNot), () => { });

    private static FrontPage Helped(FrontPage page) => page.Update(new Key(KeyKind.F1)).Page;

    private static FrontPage NeedsPage(Display display) => Needs.Page(display, new FakeRoom("root-creation.md").State.Script,
        [NeedRules.Export.Warn("No export stick is plugged in: whether it can be written to shows at the close."),
            NeedRules.ModuleAnswers.Pass("The module answers: SoftHSM.")], ["Go on", "Look again", "Leave"]);

    private static AttachModel Plugged(Display display) => new(display, new StickMatch(new DriveList(
        [new Drive("sdb", 7, "SanDisk", "Ultra", "4C530001", 8_053_063_680, false,
            [new Volume("sdb1", 8_053_063_680, FileSystems.Fat32, "KC-RECORD-A", "")])],
        [new NotOffered("sda", "it is built in")]), StickMatch.None.Choices));

    private static KeyKind[] CertificatesOf => [KeyKind.Down, KeyKind.Down];

    /// <summary>The root and the transcript key have their certificates.</summary>
    private static FakeRoom Signed() => new FakeRoom("root-creation.md").GoTo(
        m => m is Ask { Question.Kind: AnswerKind.ShowShare } ask && ask.Question.Share!.Set.Contains("backup", StringComparison.Ordinal));

    private static FakeRoom At(string step, AnswerKind kind) => new FakeRoom("root-creation.md").GoTo(step, kind);

    private static Frame Draw(Display display, FakeRoom room, params KeyKind[] keys) => Screen.View(After(display, room, keys));

    private static ScreenModel After(Display display, FakeRoom room, params KeyKind[] keys) =>
        keys.Aggregate(room.Model(display), (model, key) => Screen.Update(model, new Key(key)).Model);

    private static ScreenModel Pressed(Display display, FakeRoom room, string characters)
    {
        ScreenModel model = room.Model(display with { Width = 120, Height = 40 });
        foreach (char character in characters)
            model = Screen.Update(model, Key.Of(character)).Model;
        return model with { Display = display };
    }

    private static Frame Draw(Display display, FakeRoom room, Func<ScreenModel, ScreenModel> change)
    {
        ScreenModel model = room.Model(display);
        return Screen.View(change(model with { Pace = Pace.Of(model.Journal, model.State) }));
    }

    private static ScreenModel Seek(ScreenModel model, string text) =>
        Screen.Update($"/{text}".Aggregate(model, (m, c) => Screen.Update(m, Key.Of(c)).Model), new Key(KeyKind.Enter)).Model;

    /// <summary>The second list: how long one takes is known.</summary>
    private static FakeRoom Paced() => Pages.After("crl-signing.md", room => room.GoTo("gate", AnswerKind.Acknowledge),
        "root-creation.md", "crl-signing.md");

    private static FakeRoom Rested()
    {
        FakeRoom room = At("clock", AnswerKind.Utc);
        room.Tell(new TakeBreak(["Ada Adams", "Wilma Weiß"]));
        return room;
    }

    private static FakeRoom Deviated()
    {
        FakeRoom room = At("clock", AnswerKind.Utc);
        room.Tell(new Report("The clock on the wall stopped at nine."));
        return room;
    }

    private static FakeRoom Broken()
    {
        FakeRoom room = new FakeRoom("root-creation.md").GoTo(m => m is Perform { Effect: PreviewCertificate });
        room.Tell(new Broke(((Perform)room.Move).Effect, "preview-certificate", "The disk is full."));
        return room;
    }

    private static FakeRoom GateFailed() => new FakeRoom("root-creation.md", "production").GoTo("gate", AnswerKind.Choice);

    private static FakeRoom Interrupted()
    {
        FakeRoom room = new FakeRoom("root-creation.md").GoTo(m => m is Perform { Effect: SignCertificate });
        room.Record(Director.Announce(room.State, ((Perform)room.Move).Effect)!);
        room.Record(new Reopened("keyceremony test"));
        return room.GoTo(m => m is Ask { Question.Id: "resolve" });
    }

    private static FakeRoom Resumed()
    {
        FakeRoom room = At("clock", AnswerKind.Utc);
        room.Record(new Reopened("keyceremony test"));
        return room;
    }

    private static ScreenModel Working(Display display)
    {
        FakeRoom room = new FakeRoom("root-creation.md").GoTo(m => m is Perform { Effect: CombineSubsets });
        return room.Model(display) with
        {
            Work = new Work("Combining every quorum that is possible", room.Utc.AddSeconds(-75), 2, 3),
            Ticks = 5,
        };
    }

    private static FakeRoom Proposed()
    {
        FakeRoom room = At("clock", AnswerKind.Utc);
        room.Tell(new Abort("The fire alarm went off."));
        return room;
    }

    private static FakeRoom Agreed()
    {
        FakeRoom room = Proposed();
        room.Tell(new Core.Ceremony.Answer("abort/decide", "abort"));
        return room;
    }

    private static FakeRoom Aborted()
    {
        FakeRoom room = At("clock", AnswerKind.Utc);
        room.GiveUp();
        return room;
    }

    /// <summary>The day after root creation.</summary>
    public static Menu Start(Display display) => new(display, "KeyCeremony: a rehearsal", StartMenuTests.AfterRoot.Value);

    private static Menu Typed(Menu menu, string text) => text.Aggregate(menu, (page, letter) => page.Update(Key.Of(letter)).Page);
}
