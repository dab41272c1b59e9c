using KeyCeremony.App.Terminal;
using KeyCeremony.App.Terminal.Writing;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.App.Tests.Terminal;

public sealed class ScreenUpdateTests : IDisposable
{
    private static readonly Display Screen80 = new(80, 25, GlyphSet.Unicode, Attributes: true, Colour: true, FunctionKeys: true);

    private readonly FakeRoom _room = new("root-creation.md");

    public void Dispose() => _room.Dispose();

    // ---- what is refused, and what cannot happen by accident ----

    [Fact]
    public void Enter_alone_chooses_nothing()
    {
        ScreenModel model = Asked(AnswerKind.Choice);
        (ScreenModel after, Command? command) = Press(model, KeyKind.Enter);
        Assert.Null(command);
        Assert.Equal(ScreenRules.NothingChosenId, after.Refusal?.Rule);
    }

    [Fact]
    public void A_digit_marks_and_only_enter_chooses()
    {
        ScreenModel model = Asked(AnswerKind.Choice);
        (ScreenModel marked, Command? nothing) = Screen.Update(model, Key.Of('1'));
        Assert.Null(nothing);
        Assert.Equal(0, marked.Selected);
        Assert.Equal(new Answer(model.Question!.Id, "again"), Sent(Press(marked, KeyKind.Enter)));
    }

    [Fact]
    public void A_refusal_stays_until_the_next_key_and_nothing_typed_is_lost()
    {
        ScreenModel model = Typed(Asked(AnswerKind.Text), "Ada Adms").Refused(new Refusal("ROLE-01", "No.", "Else."));
        Assert.Contains("ROLE-01", Screen.View(model).Text, StringComparison.Ordinal);
        (ScreenModel after, _) = Press(model, KeyKind.Left);
        Assert.Null(after.Refusal);
        Assert.Equal("Ada Adms", after.Input.Text);
    }

    /// <summary>Before the roll call is confirmed the leave dialog has two lines, and a habit presses 3.</summary>
    [Fact]
    public void A_digit_of_no_line_is_told_so()
    {
        ScreenModel leave = Screen.Update(Asked(AnswerKind.Text) with { NothingBegun = true }, new Key(KeyKind.F10)).Model;
        (ScreenModel told, Command? nothing) = Screen.Update(leave, Key.Of('3'));
        Assert.Null(nothing);
        Assert.Equal((ScreenRules.NothingChosenId, 0), (told.Refusal?.Rule, Assert.IsType<LeaveDialog>(told.Dialog).Selected));
        Assert.Contains("There is no line 3", Screen.View(told).Text, StringComparison.Ordinal);
        Assert.Null(Screen.Update(told, Key.Of('2')).Model.Refusal);
        Assert.Equal(ScreenRules.NothingChosenId, Screen.Update(Asked(AnswerKind.Choice), Key.Of('7')).Model.Refusal?.Rule);
        Assert.Equal(ScreenRules.NothingChosenId,
            Screen.Update(Press(Asked("deal-activation", AnswerKind.ReadBackShare), KeyKind.F2).Model, Key.Of('3')).Model.Refusal?.Rule);
    }

    /// <summary>The window grew, and everything that is pressed then counts.</summary>
    [Fact]
    public void Behind_a_window_that_was_too_small_the_ceremony_is_left_as_before()
    {
        ScreenModel model = Asked(AnswerKind.Text) with { NothingBegun = true };
        ScreenModel small = Press(model with { Display = Screen80.Resized(60, 20) }, KeyKind.F10).Model;
        Assert.Null(small.Dialog);
        ScreenModel leave = Press(small with { Display = small.Display.Resized(80, 25) }, KeyKind.F10).Model;
        Assert.IsType<StopProgram>(Press(Screen.Update(leave, Key.Of('2')).Model, KeyKind.Enter).Command);
    }

    /// <summary>Whoever is refused reads the reason and types: the refused letters are no part of the new answer.</summary>
    [Fact]
    public void What_is_typed_after_a_refusal_is_a_new_line()
    {
        ScreenModel given = Given(Typed(Asked(AnswerKind.Text), "Ada Adms"));
        Assert.Equal("Ada Adms", given.Input.Text);
        Assert.Contains(ScreenRules.TypeAnew, Screen.View(given).Text, StringComparison.Ordinal);
        ScreenModel anew = Typed(given, "Bob");
        Assert.Equal("Bob", anew.Input.Text);
        Assert.DoesNotContain(ScreenRules.TypeAnew, Screen.View(anew).Text, StringComparison.Ordinal);
        Assert.Equal("Bob", Assert.IsType<Answer>(Sent(Press(anew, KeyKind.Enter))).Value);
    }

    /// <summary>A long refusal leaves one row of what was found: it is the row with the words that are asked for.</summary>
    [Fact]
    public void Words_to_copy_stay_on_the_page_under_a_refusal()
    {
        _room.GoTo(m => m is Ask { Question: { Kind: AnswerKind.Typed, ExpectsWhatWasFound: true } });
        ScreenModel model = _room.Model(Screen80);
        foreach (int sentences in Enumerable.Range(0, 6))
        {
            string remedy = string.Concat(Enumerable.Repeat("It stands in what was found; look there, type it from paper. ", sentences));
            string text = Screen.View(Typed(model, "no").Refused(new Refusal("ASK-04", "That is not the phrase.", remedy))).Text;
            if (text.Contains("Found and recorded", StringComparison.Ordinal))
                Assert.Contains(model.Question!.Expected, text, StringComparison.OrdinalIgnoreCase);
        }
    }

    /// <summary>Enter gave it, and it was refused.</summary>
    private static ScreenModel Given(ScreenModel typed) =>
        Press(typed, KeyKind.Enter).Model.Refused(new Refusal("ROLE-01", "No.", "Else."));

    [Theory]
    [InlineData(KeyKind.Left, "Ada Admxs")]
    [InlineData(KeyKind.Home, "xAda Adms")]
    [InlineData(KeyKind.End, "Ada Admsx")]
    [InlineData(KeyKind.Backspace, "Ada Admx")]
    public void A_refused_line_is_mended_by_whoever_moves_in_it(KeyKind first, string becomes)
    {
        ScreenModel given = Given(Typed(Asked(AnswerKind.Text), "Ada Adms"));
        Assert.Equal(becomes, Typed(Press(given, first).Model, "x").Input.Text);
        Assert.Equal("Ada Adms", Assert.IsType<Answer>(Sent(Press(given, KeyKind.Enter))).Value);
    }

    /// <summary>All fourteen digits stand there: nothing more could be typed.</summary>
    [Fact]
    public void A_refused_time_is_typed_anew_at_once()
    {
        ScreenModel given = Given(Typed(Asked(AnswerKind.Utc), "20260931120000"));
        Assert.Equal("2026", Typed(given, "2026").Input.Text);
        Assert.Equal("2026", Typed(Typed(given, "x"), "2026").Input.Text);
    }

    [Fact]
    public void A_refusal_of_something_else_leaves_a_line_that_is_typed_as_it_is()
    {
        ScreenModel half = Typed(Asked(AnswerKind.Text), "Ada A").Refused(new Refusal("UNDO-01", "No.", "Else."));
        Assert.Equal("Ada Adams", Typed(half, "dams").Input.Text);
    }

    [Fact]
    public void A_refused_report_and_a_refused_reason_are_typed_anew()
    {
        ScreenModel report = Typed(Press(Asked(AnswerKind.Text), KeyKind.F4).Model, "no");
        report = Press(report, KeyKind.Enter).Model.Refused(new Refusal("ASK-02", "No.", "Else."));
        Assert.Contains(ScreenRules.TypeAnew, Screen.View(report).Text, StringComparison.Ordinal);
        Assert.Equal("other", Assert.IsType<ReportDialog>(Typed(report, "other").Dialog).What.Text);
        ScreenModel abort = Typed(Press(Asked(AnswerKind.Text), KeyKind.F9).Model, "no");
        abort = Press(abort, KeyKind.Enter).Model.Refused(new Refusal("ASK-02", "No.", "Else."));
        Assert.Equal("other", Assert.IsType<AbortDialog>(Typed(abort, "other").Dialog).Fields[0].Text);
    }

    [Fact]
    public void A_refusal_is_there_again_behind_what_was_looked_up_because_of_it()
    {
        ScreenModel model = Typed(Asked(AnswerKind.Text), "Ada Adms").Refused(new Refusal("ROLE-01", "No.", "Else."));
        foreach (KeyKind look in new[] { KeyKind.F1, KeyKind.F5, KeyKind.F6 })
        {
            (ScreenModel open, _) = Press(model, look);
            (open, _) = Press(open, KeyKind.PageDown);
            Assert.Equal(Screen.View(model).Text, Screen.View(Press(open, KeyKind.Esc).Model).Text);
        }
        ScreenModel turned = Press(Press(model, KeyKind.Tab).Model, KeyKind.Down).Model;
        Assert.Equal((Part.Text, "ROLE-01"), (turned.Focus, turned.Refusal?.Rule));
        foreach (KeyKind look in new[] { KeyKind.PageDown, KeyKind.PageUp, KeyKind.F8 })
            Assert.Equal("ROLE-01", Press(model, look).Model.Refusal?.Rule);
        (ScreenModel leaving, _) = Screen.Update(Press(model, KeyKind.F5).Model, Key.Ctrl('c'));
        Assert.Null(leaving.Refusal);
    }

    /// <summary>Somebody a page ahead types the next bag's number where the witness is asked.</summary>
    [Theory]
    [InlineData("E-3")]
    [InlineData("20261122093015")]
    [InlineData("ringbolt dinosaur")]
    public void A_line_typed_where_only_Enter_is_asked_confirms_nothing(string typed)
    {
        ScreenModel model = Typed(Asked(AnswerKind.Acknowledge), typed);
        Assert.Equal(ScreenRules.NoAnswerWantedId, model.Refusal?.Rule);
        (ScreenModel after, Command? command) = Press(model, KeyKind.Enter);
        Assert.Null(command);
        Assert.Null(after.Refusal);
        Assert.IsType<Answer>(Sent(Press(after, KeyKind.Enter)));
    }

    [Fact]
    public void A_line_typed_where_one_is_marked_marks_and_chooses_none()
    {
        (ScreenModel after, Command? command) = Press(Typed(Asked(AnswerKind.Choice), "KC-1"), KeyKind.Enter);
        Assert.Null(command);
        Assert.Equal((-1, null), (after.Selected, after.Refusal));
        Assert.Equal("again", Assert.IsType<Answer>(Sent(Press(Screen.Update(after, Key.Of('1')).Model, KeyKind.Enter))).Value);
    }

    [Fact]
    public void Where_no_break_can_begin_nobody_is_asked_who_stays()
    {
        _room.GoTo(m => m is Ask { Question.Kind: AnswerKind.Typed } && !_room.State.Held.IsEmpty);
        ScreenModel model = _room.Model(Screen80);
        (ScreenModel refused, Command? nothing) = Press(model, KeyKind.F3);
        Assert.Equal((CeremonyRules.SecretHeld, null, null), (refused.Refusal?.Rule, refused.Dialog, nothing));
        (ScreenModel leaving, _) = Screen.Update(Screen.Update(model, Key.Ctrl('c')).Model, Key.Of('2'));
        (refused, _) = Press(leaving, KeyKind.Enter);
        Assert.Equal((CeremonyRules.SecretHeld, null), (refused.Refusal?.Rule, refused.Dialog));
        Assert.Equal(CeremonyRules.NotNow, Press(Asked("deal-activation", AnswerKind.ReadBackShare), KeyKind.F3).Model.Refusal?.Rule);
    }

    /// <summary>One line to choose looks like the only way; the other one is a key.</summary>
    [Fact]
    public void A_small_screen_says_what_else_than_the_only_line_can_be_done()
    {
        ScreenModel model = Asked(AnswerKind.Choice);
        var question = new Question("differs/record stick A", "witness", 1, "This is not the recorded bag. The witness decides.",
            AnswerKind.Choice, "If it was a typing mistake, undo (F2) and type it again. Otherwise it is recorded as an exception.",
            Options: [new Option("exception", "It is this bag: record an exception")], Evidence: ["Typed    KC-10", "Recorded KC-9"]);
        model = model with { Move = new Ask(question) };
        Assert.Contains("undo (F2)", Screen.View(model).Text, StringComparison.Ordinal);
        (ScreenModel refused, _) = Press(model, KeyKind.Enter);
        Assert.Contains("Press 1 or the arrows", refused.Refusal!.Remedy, StringComparison.Ordinal);
        ScreenModel wide = model with { Display = Screen80 with { Width = 120, Height = 40 } };
        Assert.Equal(Screen.View(wide).Text.IndexOf("typing mistake", StringComparison.Ordinal),
            Screen.View(wide).Text.LastIndexOf("typing mistake", StringComparison.Ordinal));
    }

    [Fact]
    public void Control_c_asks_and_enter_goes_on()
    {
        ScreenModel model = Typed(Asked(AnswerKind.Text), "Ada");
        foreach (Key key in new[] { Key.Ctrl('c'), Key.Ctrl('z'), Key.Ctrl('\\'), new Key(KeyKind.F10) })
        {
            (ScreenModel asked, Command? command) = Screen.Update(model, key);
            Assert.Null(command);
            Assert.IsType<LeaveDialog>(asked.Dialog);
            (ScreenModel back, Command? nothing) = Press(asked, KeyKind.Enter);
            Assert.Null(nothing);
            Assert.Null(back.Dialog);
            Assert.Equal("Ada", back.Input.Text);
        }
    }

    [Fact]
    public void Only_the_third_line_of_the_leave_dialog_stops_the_program()
    {
        (ScreenModel asked, _) = Screen.Update(Asked(AnswerKind.Text), Key.Ctrl('c'));
        Assert.IsType<StopProgram>(Press(Screen.Update(asked, Key.Of('3')).Model, KeyKind.Enter).Command);
        Assert.IsType<BreakDialog>(Press(Screen.Update(asked, Key.Of('2')).Model, KeyKind.Enter).Model.Dialog);
    }

    /// <summary>Help stands before the page; what is asked and what was typed stay on the screen wherever there is room for both.</summary>
    [Fact]
    public void Help_covers_what_is_read_and_not_what_is_asked()
    {
        int seen = 0, asked = 0;
        foreach (Move move in _room.Moves())
        {
            if (move is not Ask { Question: { Kind: AnswerKind.Text or AnswerKind.Typed or AnswerKind.Acknowledge or AnswerKind.Utc } })
                continue;
            foreach (Display display in new[] { Screen80, Screen80 with { Width = 120, Height = 40 } })
            {
                ScreenModel model = _room.Model(display);
                Frame help = Screen.View(Press(model, KeyKind.F1).Model);
                Assert.Contains("Now: read it. Enter or Esc goes back to the ceremony.", help.Text, StringComparison.Ordinal);
                asked++;
                int now = Screen.View(model).Rows.ToList().FindIndex(row => row.Contains("Now:", StringComparison.Ordinal));
                string typed = Screen.View(model).Rows[now + 1];
                seen += help.Rows.Contains(typed) ? 1 : 0;
            }
        }
        Assert.True(seen > asked * 9 / 10, $"{seen} of {asked}");
    }

    [Fact]
    public void While_the_appliance_works_no_key_answers()
    {
        _room.GoTo(m => m is Perform);
        ScreenModel model = _room.Model(Screen80);
        foreach (KeyKind kind in new[] { KeyKind.Enter, KeyKind.F2, KeyKind.F3, KeyKind.F4, KeyKind.F9 })
            Assert.Equal((model, null), Press(model, kind));
        Assert.IsType<LeaveDialog>(Screen.Update(model, Key.Ctrl('c')).Model.Dialog);
        Assert.IsType<HelpDialog>(Press(model, KeyKind.F1).Model.Dialog);
    }

    [Fact]
    public void On_a_window_that_is_too_small_nobody_answers()
    {
        ScreenModel model = Asked(AnswerKind.Acknowledge) with { Display = Screen80 with { Width = 79 } };
        Assert.Equal((model, null), Press(model, KeyKind.Enter));
    }

    // ---- answers ----

    [Fact]
    public void Text_is_edited_and_sent()
    {
        ScreenModel model = Typed(Asked(AnswerKind.Text), "Adda");
        foreach (KeyKind kind in new[] { KeyKind.Left, KeyKind.Backspace, KeyKind.End })
            (model, _) = Press(model, kind);
        model = Typed(model, " Ž");
        Assert.Equal(new Answer(model.Question!.Id, "Ada Ž"), Sent(Press(model, KeyKind.Enter)));
    }

    [Fact]
    public void A_line_ends_at_its_limit()
    {
        ScreenModel model = Typed(Asked(AnswerKind.Text), new string('x', 10_000));
        Assert.Equal(LineInput.MaxLength, model.Input.Text.Length);
        Assert.Equal(25, Screen.View(model).Rows.Length);
    }

    [Fact]
    public void Marks_that_turn_the_writing_direction_are_not_typed()
    {
        ScreenModel model = Typed(Asked(AnswerKind.Text), "a\u202Eb\u200Bc");
        Assert.Equal("abc", model.Input.Text);
    }

    [Fact]
    public void A_time_is_typed_as_digits_only()
    {
        ScreenModel model = Typed(Asked(AnswerKind.Utc), "2026-11-22 09:30:15 and more 7");
        Assert.Contains("2026-11-22 09:30:15", Screen.View(model).Text, StringComparison.Ordinal);
        Assert.Equal(new Answer("utc", "2026-11-22 09:30:15"), Sent(Press(model, KeyKind.Enter)));
    }

    [Fact]
    public void A_time_typed_in_part_is_sent_as_far_as_it_goes()
    {
        ScreenModel model = Typed(Asked(AnswerKind.Utc), "202611");
        Assert.Equal(new Answer("utc", "2026-11"), Sent(Press(model, KeyKind.Enter)));
        Assert.Equal(new Answer("utc", ""), Sent(Press(Asked(AnswerKind.Utc), KeyKind.Enter)));
    }

    [Fact]
    public void Undo_is_sent() => Assert.IsType<Undo>(Sent(Press(Asked(AnswerKind.Utc), KeyKind.F2)));

    [Fact]
    public void Escape_and_a_digit_is_a_function_key()
    {
        (ScreenModel armed, Command? nothing) = Press(Asked(AnswerKind.Utc), KeyKind.Esc);
        Assert.Null(nothing);
        Assert.True(armed.EscPressed);
        Assert.IsType<Undo>(Sent(Screen.Update(armed, Key.Of('2'))));
        Assert.IsType<LeaveDialog>(Screen.Update(armed, Key.Of('0')).Model.Dialog);
        Assert.Equal("", Screen.Update(armed, Key.Of('2')).Model.Input.Text);
    }

    [Fact]
    public void A_deviation_is_reported_in_the_rooms_words()
    {
        (ScreenModel model, _) = Press(Asked(AnswerKind.Utc), KeyKind.F4);
        model = Typed(model, "It rains in.");
        Assert.Equal(new Report("It rains in."), Sent(Press(model, KeyKind.Enter)));
    }

    [Fact]
    public void Those_who_stay_are_marked_one_by_one()
    {
        (ScreenModel model, _) = Press(Asked(AnswerKind.Utc), KeyKind.F3);
        (model, _) = Screen.Update(model, Key.Of('1'));
        (model, _) = Press(model, KeyKind.Down);
        (model, _) = Press(model, KeyKind.Down);
        (model, _) = Screen.Update(model, Key.Of(' '));
        TakeBreak rest = Assert.IsType<TakeBreak>(Sent(Press(model, KeyKind.Enter)));
        Assert.Equal(["Ada Adams", "Wilma Weiß"], rest.Remaining.ToArray());
    }

    [Fact]
    public void An_abort_is_proposed_with_its_reason()
    {
        (ScreenModel model, _) = Press(Asked(AnswerKind.Utc), KeyKind.F9);
        Assert.Equal(new Abort("Fire"), Sent(Press(Typed(model, "Fire"), KeyKind.Enter)));
    }

    [Fact]
    public void Reading_pages_scroll_to_their_end_and_escape_comes_back()
    {
        ScreenModel model = Typed(Asked(AnswerKind.Text), "Ada");
        foreach (KeyKind kind in new[] { KeyKind.F1, KeyKind.F5, KeyKind.F6 })
        {
            (ScreenModel open, _) = Press(model, kind);
            string first = Screen.View(open).Text;
            (ScreenModel end, _) = Press(open, KeyKind.End);
            (ScreenModel top, _) = Press(end, KeyKind.Home);
            Assert.Equal(first, Screen.View(top).Text);
            (ScreenModel back, _) = Press(end, KeyKind.Esc);
            Assert.Equal(Screen.View(model).Text, Screen.View(back).Text);
        }
    }

    [Fact]
    public void Help_opens_over_a_dialog_and_leads_back_to_it()
    {
        (ScreenModel report, _) = Press(Asked(AnswerKind.Utc), KeyKind.F4);
        (ScreenModel help, _) = Press(Typed(report, "half"), KeyKind.F1);
        Assert.IsType<HelpDialog>(help.Dialog);
        Assert.Equal("half", Assert.IsType<ReportDialog>(Press(help, KeyKind.Esc).Model.Dialog).What.Text);
    }

    [Fact]
    public void Prose_is_scrolled_to_its_end_and_not_further()
    {
        _room.GoTo("gate", AnswerKind.Acknowledge);
        ScreenModel model = _room.Model(Screen80);
        Assert.Contains("more ↓", Screen.View(model).Text, StringComparison.Ordinal);
        for (int i = 0; i < 50; i++)
            (model, _) = Press(model, KeyKind.PageDown);
        Assert.DoesNotContain("more ↓", Screen.View(model).Text, StringComparison.Ordinal);
        for (int i = 0; i < 50; i++)
            (model, _) = Press(model, KeyKind.PageUp);
        Assert.Equal(0, model.Scroll);
    }

    // ---- following the ceremony ----

    [Fact]
    public void What_was_typed_goes_with_its_question_but_stays_through_a_report()
    {
        ScreenModel model = Typed(Asked(AnswerKind.Utc), "2026");
        _room.Tell(new Report("It rains in."));
        _room.Tell(new Answer(_room.Question.Id, "The roof is mended."));
        Assert.Equal("2026", model.Follow(_room.State, _room.Move).Input.Text);
        _room.Make(_room.Move);
        Assert.Equal("", model.Follow(_room.State, _room.Move).Input.Text);
    }

    [Fact]
    public void A_refused_report_stays_open_with_its_text()
    {
        (ScreenModel model, _) = Press(Asked(AnswerKind.Utc), KeyKind.F4);
        ScreenModel refused = Typed(model, " ").Refused(new Refusal("ASK-02", "Nothing was typed.", "Say it."));
        Assert.IsType<ReportDialog>(refused.Dialog);
        Assert.Contains("ASK-02", Screen.View(refused).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void On_the_last_screen_enter_ends_the_program()
    {
        _room.GoTo(m => m is Ask);
        _room.Record(new CeremonyAborted("Fire", "Wilma Weiß"));
        Assert.IsType<StopProgram>(Press(_room.Model(Screen80), KeyKind.Enter).Command);
    }

    // ---- dice and shares ----

    [Fact]
    public void Dice_take_one_to_six_and_show_only_their_number()
    {
        using var dice = new DiceEntry();
        ScreenModel model = Asked(AnswerKind.Text);
        var question = new Question("dice", "witness", 1, "Throw the dice.", AnswerKind.Dice);
        model = Typed(model with { Move = new Ask(question), Dice = dice }, "146 2");
        Assert.Equal(4, dice.Count);
        (ScreenModel refused, _) = Screen.Update(model, Key.Of('7'));
        Assert.Equal(ScreenRules.NotARollId, refused.Refusal?.Rule);
        (model, _) = Press(model, KeyKind.Backspace);
        Assert.True(dice.Rolls.SequenceEqual("146"u8));
        Assert.Contains("3 rolls", Screen.View(model).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("146", Screen.View(model).Text, StringComparison.Ordinal);
        Assert.Equal(new DiceComplete(question), Press(model, KeyKind.Enter).Command);
    }

    /// <summary>Of another length it looks the same.</summary>
    [Fact]
    public void A_passphrase_is_shown_neither_itself_nor_by_its_length()
    {
        using var passphrase = new PassphraseEntry();
        var question = new Question("foreign/try-1/passphrase", "officer", 1, "Type it.", AnswerKind.Passphrase);
        ScreenModel model = Typed(Asked(AnswerKind.Text) with { Move = new Ask(question), Passphrase = passphrase }, "Gr8 /pa");
        string shorter = Screen.View(model).Text;
        model = Typed(model, "ss?wort");
        Assert.True(passphrase.Typed.SequenceEqual("Gr8 /pass?wort"u8));
        Assert.Equal(shorter, Screen.View(model).Text);
        Assert.DoesNotContain("Gr8", shorter, StringComparison.Ordinal);
        (ScreenModel refused, _) = Screen.Update(model, Key.Of('é'));
        Assert.Equal("SHARE-23", refused.Refusal?.Rule);
        (model, _) = Press(model, KeyKind.Backspace);
        Assert.True(passphrase.Typed.SequenceEqual("Gr8 /pass?wor"u8));
        Assert.Equal(new PassphraseComplete(question), Press(model, KeyKind.Enter).Command);
        Assert.Equal("•••", passphrase.ToString());
    }

    [Fact]
    public void A_shown_share_is_hidden_only_by_two_enters()
    {
        ScreenModel model = Asked("deal-activation", AnswerKind.ShowShare);
        (ScreenModel once, Command? nothing) = Press(model, KeyKind.Enter);
        Assert.Null(nothing);
        Assert.IsType<ShareShown>(Press(once, KeyKind.Enter).Command);
        (ScreenModel back, _) = Press(once, KeyKind.Down);
        Assert.Null(Press(back, KeyKind.Enter).Command);
    }

    [Fact]
    public void A_share_typed_by_four_letters_a_word_is_complete_and_right()
    {
        ScreenModel model = Asked("deal-activation", AnswerKind.ReadBackShare);
        Share dealt = _room.ShareOf(model.Question!.Share!);
        Command? command = null;
        for (int number = 1; number <= dealt.WordCount; number++)
        {
            Assert.Null(command);
            (model, command) = TypeWord(model, dealt, number);
        }
        Assert.IsType<ShareComplete>(command);
        Assert.True(model.Entry!.TryFinish(out Share? typed, out _));
        using (typed)
            Assert.True(typed.Indices.SequenceEqual(dealt.Indices));
    }

    [Fact]
    public void A_wrong_word_is_pointed_at_by_its_number_and_arrows_lead_back_to_it()
    {
        ScreenModel model = Asked("deal-activation", AnswerKind.ReadBackShare);
        Share dealt = _room.ShareOf(model.Question!.Share!);
        (model, _) = TypeWord(model, dealt, 1);
        (model, _) = TypeWord(model, dealt, 1); // The first word again where the second belongs.
        Assert.Equal(ShareRules.NotTheDealtWordId, model.Refusal?.Rule);
        Assert.Contains("!  2", Screen.View(model).Text, StringComparison.Ordinal);

        foreach (KeyKind kind in new[] { KeyKind.Up, KeyKind.Down })
            (model, _) = Press(model, kind);
        Assert.Equal(1, model.Entry!.Filled); // The second is open again with its letters; the first was not lost.
        while (model.Entry!.Partial.Length > 0)
            (model, _) = Press(model, KeyKind.Backspace);
        (model, _) = TypeWord(model, dealt, 2);
        Assert.Null(model.Refusal);
        Assert.Equal(2, model.Entry!.Filled);
        Assert.DoesNotContain("!", Screen.View(model).Text, StringComparison.Ordinal);
    }

    /// <summary>Whoever types looks at the card, and types on.</summary>
    [Fact]
    public void What_was_wrong_with_a_word_stands_there_until_a_word_is_given_again()
    {
        ScreenModel model = Asked("deal-activation", AnswerKind.ReadBackShare);
        Share dealt = _room.ShareOf(model.Question!.Share!);
        (model, _) = TypeWord(model, dealt, 2);
        ScreenModel wrong = model;
        Assert.NotNull(wrong.Refusal);
        foreach (byte letter in dealt.Word(1)[..WordList.EnoughLetters])
        {
            (model, _) = Screen.Update(model, Key.Of((char)letter));
            Assert.Equal(wrong.Refusal, model.Refusal);
        }
        (model, _) = Screen.Update(model, Key.Of(' '));
        Assert.Null(model.Refusal);
        Assert.Equal(1, model.Entry!.Filled);
    }

    [Fact]
    public void Letters_that_are_no_word_are_not_lost_by_an_arrow()
    {
        ScreenModel model = Typed(Asked("deal-activation", AnswerKind.ReadBackShare), "zz");
        (model, _) = Press(model, KeyKind.Down);
        Assert.Equal(1, model.Entry!.Current);
        Assert.Equal(2, model.Entry!.Partial.Length);
        Assert.Equal(ShareRules.UnknownWordId, model.Refusal?.Rule);
    }

    [Fact]
    public void Words_are_hidden_and_shown_by_a_key()
    {
        ScreenModel model = Asked("deal-activation", AnswerKind.ReadBackShare);
        (model, _) = TypeWord(model, _room.ShareOf(model.Question!.Share!), 1);
        Assert.Contains(Screen.View(model).Spots, s => s.Kind == SpotKind.TypedWord);
        (model, _) = Press(model, KeyKind.F7);
        Assert.DoesNotContain(Screen.View(model).Spots, s => s.Kind == SpotKind.TypedWord);
        Assert.Contains("••••••••", Screen.View(model).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Start_again_asks_and_then_clears_every_word()
    {
        ScreenModel model = Asked("deal-activation", AnswerKind.ReadBackShare);
        Share dealt = _room.ShareOf(model.Question!.Share!);
        for (int number = 1; number <= 5; number++)
            (model, _) = TypeWord(model, dealt, number);
        (ScreenModel asked, _) = Press(Typed(model, "ac"), KeyKind.F8);
        Assert.Equal(5, Press(asked, KeyKind.Esc).Model.Entry!.Filled);
        (model, _) = Press(asked, KeyKind.Enter);
        Assert.Equal((0, 1, 0), (model.Entry!.Filled, model.Entry.Current, model.Entry.Partial.Length));
    }

    private static (ScreenModel Model, Command? Command) TypeWord(ScreenModel model, Share share, int number)
    {
        foreach (byte letter in share.Word(number)[..WordList.EnoughLetters])
            (model, _) = Screen.Update(model, Key.Of((char)letter));
        return Screen.Update(model, Key.Of(' '));
    }

    /// <summary>The first moment that a question of this kind is asked; after a failed gate for a choice.</summary>
    private ScreenModel Asked(AnswerKind kind)
    {
        if (kind != AnswerKind.Choice)
            return _room.GoTo(m => m is Ask ask && ask.Question.Kind == kind).Model(Screen80);
        _room.GoTo(m => m is Perform);
        _room.Tell(new Broke(((Perform)_room.Move).Effect, "open", "No such device."));
        return _room.Model(Screen80);
    }

    private ScreenModel Asked(string step, AnswerKind kind) => _room.GoTo(step, kind).Model(Screen80);

    private static ScreenModel Typed(ScreenModel model, string text)
    {
        foreach (System.Text.Rune rune in text.EnumerateRunes())
            (model, _) = Screen.Update(model, new Key(KeyKind.Rune, rune));
        return model;
    }

    private static (ScreenModel Model, Command? Command) Press(ScreenModel model, KeyKind kind) => Screen.Update(model, new Key(kind));

    private static Message Sent((ScreenModel Model, Command? Command) after) => Assert.IsType<Send>(after.Command).Message;
}
