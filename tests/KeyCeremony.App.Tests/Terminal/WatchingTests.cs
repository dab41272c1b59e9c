using System.Diagnostics;
using System.Text;
using KeyCeremony.App.Terminal;
using KeyCeremony.App.Terminal.Watching;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;
using KeyCeremony.Core.Sharing;
using Microsoft.Win32.SafeHandles;
using static KeyCeremony.App.Ground.TtyCalls;

namespace KeyCeremony.App.Tests.Terminal;

/// <summary>What a room sees on a second terminal, hears, and reads of the time: nothing of a card, and nobody waits for it.</summary>
public sealed class WatchingTests
{
    private static readonly Display Serial = new(80, 24, GlyphSet.Ascii, Attributes: true, Colour: false, FunctionKeys: false);
    private static readonly Display Broad = Serial with { Width = 120, Height = 40 };
    private static readonly Display Screen80 = new(80, 25, GlyphSet.Unicode, Attributes: true, Colour: true, FunctionKeys: true);

    [Fact]
    public void The_witness_view_looks_as_it_was_reviewed()
    {
        var views = new SortedDictionary<string, string>(StringComparer.Ordinal);
        void Add(string name, FakeRoom room, Func<ScreenModel, ScreenModel>? change = null)
        {
            foreach (Display display in new[] { Serial, Broad })
            {
                ScreenModel model = room.Model(Screen80);
                model = model with { Pace = Pace.Of(model.Journal, model.State) };
                views.Add($"{name}-{display.Width}x{display.Height}",
                    WitnessPage.Draw(change is null ? model : change(model), display).Text);
            }
        }
        using var room = new FakeRoom("root-creation.md");
        Add("opening", room.GoTo(m => m is Ask));
        Add("clock", room.GoTo("clock", AnswerKind.Utc));
        Add("refused", room, m => m.Refused(new Refusal("ASK-06", "\"2026-11-2\" is not a time.", "Type it as yyyy-MM-dd HH:mm:ss.")));
        Add("gate-word", room.GoTo(m => m is Ask { Question.Id: var id } && id.EndsWith("/1/alone", StringComparison.Ordinal)));
        Add("card-shown", room.GoTo("deal-activation", AnswerKind.ShowShare));
        Add("card-typed", room.GoTo("deal-activation", AnswerKind.ReadBackShare));
        Add("preview", room.GoTo("preview-root", AnswerKind.Typed));
        Add("working", room.GoTo(m => m is Perform { Effect: GenerateKey }),
            m => m with { Work = m.Work! with { Done = 57, Total = 100 } });
        Add("presenting", room.GoTo("drill", AnswerKind.PresentShare));
        Add("over", room.GoTo(m => m is Over));
        using var rests = new FakeRoom("root-creation.md");
        rests.GoTo("clock", AnswerKind.Utc).Tell(new TakeBreak(["Ada Adams", "Wilma Weiß"]));
        Add("break", rests);
        GoldenScreenTests.Compare("witness-view", views);
    }

    /// <summary>Every page of a whole ceremony, with something typed that must not appear.</summary>
    [Fact]
    public void No_word_of_a_card_no_word_that_opens_one_and_nothing_typed_reaches_the_witness_view()
    {
        const string Typed = "tYpEd-At-ThE-kEyBoArD";
        using var room = new FakeRoom("root-creation.md");
        int cards = 0, gates = 0;
        foreach (Move move in room.Moves())
        {
            ScreenModel model = room.Model(Screen80) with { Input = LineInput.Of(Typed), Pace = Pace.Of([], room.State) };
            if (move is not Ask { Question: var question })
                continue;
            Frame frame = WitnessPage.Draw(model, Broad);
            Assert.Empty(frame.Spots);
            Assert.Null(frame.Cursor);
            Assert.DoesNotContain(Typed, frame.Text, StringComparison.Ordinal);
            if (question is { Kind: AnswerKind.Typed, Id: var id } && id.EndsWith("/alone", StringComparison.Ordinal))
            {
                gates++;
                Assert.DoesNotContain(question.Expected, frame.Text, StringComparison.OrdinalIgnoreCase);
            }
            if (question.Share is not { } card || question.Kind is AnswerKind.Choice)
                continue;
            cards++;
            Share share = room.ShareOf(card with { Share = Math.Max(1, card.Share) });
            for (int number = 1; model.Entry is not null && number <= share.WordCount; number++)
            {
                foreach (byte letter in share.Word(number))
                    model = Screen.Update(model, Key.Of((char)letter)).Model;
                model = Screen.Update(model, Key.Of(' ')).Model;
            }
            SecretScreenTests.AssertNoWordsIn(share, WitnessPage.Draw(model.Refused(new Refusal("SHARE-20",
                $"Word 7 {Encoding.ASCII.GetString(share.Word(7))} {Encoding.ASCII.GetString(share.Word(8))}", "")), Broad).Text);
            foreach (ReadingDialog dialog in new ReadingDialog[] { EvidenceDialog.Of(model), new AloudDialog(), new WhereDialog() })
                SecretScreenTests.AssertNoWordsIn(share, new App.Terminal.Pages.ReadingPage(model, dialog).Text);
        }
        Assert.True(cards >= 14 && gates == 6, $"{cards} pages of cards, {gates} gates");
    }

    [Fact]
    public void The_clock_is_hidden_there_too_while_the_witness_reads_theirs()
    {
        using var room = new FakeRoom("root-creation.md");
        ScreenModel model = room.GoTo("clock", AnswerKind.Utc).Model(Screen80);
        model = model with { Pace = Pace.Of(model.Journal, model.State) };
        Assert.DoesNotContain($"{model.Utc:HH:mm}", WitnessPage.Draw(model, Serial).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_slow_line_did_not_take_is_dropped_and_the_last_picture_stands_there_in_the_end()
    {
        var received = new MemoryStream();
        int room = 0;
        var feed = new WitnessFeed(bytes =>
        {
            int count = Math.Min(room, bytes.Length);
            room -= count;
            received.Write(bytes[..count]);
            return count;
        });
        using var ceremony = new FakeRoom("root-creation.md");
        Frame last = null!;
        int drawn = 0, shown = 0;
        foreach (Move _ in ceremony.Moves())
        {
            room += 100; // A page has a thousand bytes and more.
            feed.Show(() =>
            {
                drawn++;
                return last = WitnessPage.Draw(ceremony.Model(Screen80), Serial);
            });
            shown++;
            Assert.True(feed.Waiting < 8000);
        }
        Assert.True(drawn < shown / 2, $"{drawn} of {shown} were drawn");
        room = int.MaxValue;
        feed.Show(() => last = WitnessPage.Draw(ceremony.Model(Screen80), Serial));
        feed.Show(() => last = WitnessPage.Draw(ceremony.Model(Screen80), Serial));
        Assert.Equal(0, feed.Waiting);
        string all = Encoding.UTF8.GetString(received.ToArray());
        const string Wipe = "\e[0m\e[?25l\e[2J\e[H";
        Assert.StartsWith(Wipe, all, StringComparison.Ordinal);
        var terminal = new Emulator(80, 24);
        terminal.Receive(Encoding.UTF8.GetBytes(all[Wipe.Length..]));
        Assert.Equal(last.Rows, terminal.Rows);
    }

    /// <summary>A real terminal that nobody reads, then one whose other end is closed.</summary>
    [Fact]
    public void A_line_that_nobody_reads_or_that_is_gone_stops_nothing_and_echoes_nothing()
    {
        (SafeFileHandle master, string device) = Pty();
        using var ceremony = new FakeRoom("root-creation.md");
        Assert.True(WitnessLine.TryOpen(device, Elapsed(), out WitnessLine? line, out Refusal? refusal), refusal?.ToString());
        using (line)
        {
            // Somebody types at the other end before and while it is shown.
            ReadOnlySpan<byte> typed = "keyed in\u0003\u001a\u0013by strangers\r"u8;
            Assert.Equal(typed.Length, write((int)master.DangerousGetHandle(), in typed[0], typed.Length));
            long began = Stopwatch.GetTimestamp();
            for (int i = 0; i < 400; i++)
            {
                if (ceremony.Move is Over)
                    break;
                ceremony.Make(ceremony.Move);
                line.Show(ceremony.Model(Screen80 with { Width = 80 + (i % 2) }));
            }
            Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromMinutes(2));
            byte[] first = new byte[4096];
            nint count = read((int)master.DangerousGetHandle(), ref first[0], first.Length);
            string text = Encoding.UTF8.GetString(first.AsSpan(0, (int)count));
            Assert.Contains("Witness view", text, StringComparison.Ordinal);
            Assert.DoesNotContain("keyed in", text, StringComparison.Ordinal);
            Assert.DoesNotContain("by strangers", text, StringComparison.Ordinal);
            master.Dispose();
            for (int i = 0; i < 5; i++)
                line.Show(ceremony.Model(Screen80));
        }
    }

    [Theory]
    [InlineData("/dev/zero", "is no terminal")]
    [InlineData("/dev/not-there", "cannot be opened")]
    [InlineData("/dev/tty", "is the terminal that the ceremony is led on")]
    public void A_witness_line_that_cannot_be_is_refused_before_anything_begins(string device, string why)
    {
        Assert.False(WitnessLine.TryOpen(device, Elapsed(), out _, out Refusal? refusal));
        Assert.Equal("RUN-21", refusal.Rule);
        Assert.Contains(why, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void There_is_a_big_view_and_no_other_one() => Assert.Equal("RUN-22",
        new Commands.RunWanted { Ledger = ["a", "b"], Out = "c", SoftHsm = "d", View = "huge" }.Refuse()?.Rule);

    [Fact]
    public void The_bell_rings_for_another_person_and_for_a_device_but_never_on_a_page_with_a_secret()
    {
        var bell = new Bell();
        using var room = new FakeRoom("root-creation.md");
        string turn = "";
        int rings = 0;
        foreach (Move move in room.Moves())
        {
            if (move is not Ask { Question: var question })
                continue;
            bool rang = bell.Rings(room.State, question, TimeSpan.Zero);
            bool secret = question.Kind is AnswerKind.ShowShare or AnswerKind.ReadBackShare or AnswerKind.PresentShare or AnswerKind.Dice;
            Assert.Equal(!secret && turn.Length > 0 && turn != Turn.Of(room.State, question), rang);
            turn = Turn.Of(room.State, question);
            rings += rang ? 1 : 0;
            Assert.Equal(!secret, bell.Rings(room.State, question, TimeSpan.FromSeconds(20)));
            Assert.False(bell.Rings(room.State, question, TimeSpan.FromSeconds(1)));
        }
        Assert.True(rings > 20, $"{rings}");
    }

    [Fact]
    public void Time_that_is_left_comes_from_earlier_ceremonies_of_the_script_and_breaks_are_not_counted()
    {
        using FakeRoom room = Pages.After("crl-signing.md", null, "root-creation.md", "crl-signing.md");
        ScreenModel opened = room.Model(Screen80);
        var pace = Pace.Of(opened.Journal, opened.State);
        Assert.Equal((1, TimeSpan.Zero), (pace.Compared, pace.Elapsed(room.Utc)));
        string[] before = [.. opened.Journal.Select(e => e.Ceremony).Distinct()];
        Entry[] earlier = [.. opened.Journal.Where(e => e.Ceremony == before[^2])];
        TimeSpan whole = earlier[^1].Utc - earlier[0].Utc;
        Assert.Equal(whole, pace.Left(room.Utc));
        Assert.Equal(whole - TimeSpan.FromSeconds(20), pace.Left(room.Utc.AddSeconds(20)));

        room.GoTo("clock", AnswerKind.Utc).Tell(new TakeBreak(["Ada Adams", "Wilma Weiß"]));
        ScreenModel rests = room.Model(Screen80);
        pace = Pace.Of(rests.Journal, rests.State);
        TimeSpan spent = pace.Elapsed(room.Utc);
        Assert.Equal(spent, pace.Elapsed(room.Utc.AddHours(3)));
        Assert.Equal(pace.Left(room.Utc), pace.Left(room.Utc.AddHours(3)));
        Assert.Equal(whole, spent + pace.Left(room.Utc));

        foreach (Move _ in room.Moves())
            continue;
        ScreenModel over = room.Model(Screen80);
        Assert.Equal(TimeSpan.Zero, Pace.Of(over.Journal, over.State).Left(room.Utc));
    }

    [Fact]
    public void Without_an_earlier_ceremony_nobody_reckons_what_is_left()
    {
        using var room = new FakeRoom("root-creation.md");
        ScreenModel model = room.GoTo("clock", AnswerKind.Acknowledge).Model(Screen80);
        var pace = Pace.Of(model.Journal, model.State);
        Assert.Null(pace.Left(room.Utc));
        Assert.Equal(model.State.Last.Utc - model.State.World.Ceremonies[^1].OpenedUtc, pace.Elapsed(room.Utc));
        Assert.EndsWith("h so far", PaceWords.Short(pace, room.Utc), StringComparison.Ordinal);
    }

    /// <summary>The program was stopped overnight.</summary>
    [Fact]
    public void What_lies_between_a_stop_and_the_next_start_is_not_counted()
    {
        using var room = new FakeRoom("root-creation.md");
        room.GoTo("clock", AnswerKind.Utc);
        ScreenModel stopped = room.Model(Screen80);
        var next = Entry.Following(stopped.Journal[^1], stopped.State.Id, room.Utc.AddHours(14), "clock",
            new Reopened("keyceremony test"));
        CeremonyState resumed = Replay.Apply(stopped.State, next);
        Assert.Equal(Pace.Of(stopped.Journal, stopped.State).Elapsed(stopped.State.Last.Utc),
            Pace.Of(stopped.Journal.Add(next), resumed).Elapsed(next.Utc));
    }

    [Theory]
    [InlineData(120, 40, false)]
    [InlineData(240, 67, false)]
    [InlineData(240, 67, true)]
    [InlineData(80, 25, true)]
    public void What_is_read_aloud_is_never_wider_than_78_columns(int width, int height, bool isBig)
    {
        using var room = new FakeRoom("root-creation.md");
        Step longest = room.State.Script.Steps.MaxBy(s => s.Prose.Length)!;
        ScreenModel model = room.GoTo(m => m is Ask && room.State.Step == longest).Model(Screen80 with { Width = width, Height = height })
            with
        { IsBig = isBig };
        string[] words = longest.Prose.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        string begin = string.Join(' ', words[..3]);
        string row = Screen.View(model).Rows.First(r => r.Contains(begin, StringComparison.Ordinal));
        int at = row.IndexOf(begin, StringComparison.Ordinal);
        string line = row[at..].Split("  ")[0].Split('│')[0].TrimEnd();
        Assert.InRange(line.Length, 30, WitnessPage.ReadingWidth);
        string aloud = Screen.View(model with { Dialog = new AloudDialog() }).Text;
        Assert.All(aloud.Split('\n')[3..^6], l => Assert.InRange(l.Trim().Length, 0, WitnessPage.ReadingWidth));
    }

    private static Func<TimeSpan> Elapsed()
    {
        long began = Stopwatch.GetTimestamp();
        return () => Stopwatch.GetElapsedTime(began);
    }

    /// <summary>A terminal without a person: its other end, and the name of the device.</summary>
    private static (SafeFileHandle Master, string Device) Pty()
    {
        const nuint TIOCSPTLCK = 0x40045431, TIOCGPTN = 0x80045430;
        SafeFileHandle master = File.OpenHandle("/dev/ptmx", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        byte[] number = new byte[4];
        Assert.Equal(0, ioctl((int)master.DangerousGetHandle(), TIOCSPTLCK, ref number[0]));
        Assert.Equal(0, ioctl((int)master.DangerousGetHandle(), TIOCGPTN, ref number[0]));
        return (master, $"/dev/pts/{BitConverter.ToInt32(number)}");
    }
}
