using System.Text.RegularExpressions;

namespace KeyCeremony.App.Tests.Terminal;

/// <summary>The loop that shows one page until a key chooses, as people meet it on the first screen.</summary>
public sealed class PageLoopTests : IDisposable
{
    private const string First = "Now: mark a line, then Enter.";

    private readonly string _folder = Directory.CreateTempSubdirectory("keyceremony-page-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_page_follows_the_size_of_the_terminal_and_a_key_that_chooses_nothing_leaves_it()
    {
        using var terminal = new TmuxTerminal(80, 25, Rehearse());
        terminal.WaitFor(First);
        Assert.Equal(78, Ruled(terminal.Screen()));

        terminal.Resize(60, 25);
        terminal.WaitFor("the narrower page", screen => screen.Contains("Now: mark", StringComparison.Ordinal) && Ruled(screen) == 58);
        terminal.Press("Down");
        terminal.WaitFor("the second line marked", screen => Marked(screen) == "2");
        terminal.Press("Left");
        terminal.Press("Down");
        terminal.WaitFor("the third line marked", screen => Marked(screen) == "3");

        terminal.Press("F10");
        Assert.Equal(0, terminal.WaitForEnd());
        Assert.False(terminal.ShowsSecondScreen);
    }

    [Fact]
    public void What_a_key_chooses_is_done()
    {
        using var terminal = new TmuxTerminal(80, 25, Rehearse());
        terminal.WaitFor(First);
        terminal.Type("verify a bundle");
        terminal.WaitFor("the bundle's line marked", screen => screen.Split('\n')
            .Any(l => l.Contains('▶', StringComparison.Ordinal) && l.Contains("Verify", StringComparison.Ordinal)));
        terminal.Press("Enter");
        terminal.WaitFor("Another folder, by its name");
        terminal.Press("End");
        terminal.Press("Enter");
        terminal.WaitFor("Now: type the folder of the bundle, then Enter.");
        terminal.Type(Path.Combine(_folder, "nothing"));
        terminal.Press("Enter");
        terminal.WaitFor("Whose word is it?");
        terminal.Press("F1");
        terminal.WaitFor("Now: read it, then Enter.");
        terminal.Press("Escape");
        terminal.WaitFor("Whose word is it?");
        terminal.Press("Enter");
        terminal.WaitFor("VERIFY-01");
        terminal.Press("Enter");

        terminal.WaitFor("the menu again, with the line marked", screen => screen.Contains(First, StringComparison.Ordinal)
            && screen.Split('\n').Any(l => l.Contains('▶', StringComparison.Ordinal) && l.Contains("Verify", StringComparison.Ordinal)));
        terminal.Press("Escape");
        Assert.Equal(0, terminal.WaitForEnd());
    }

    /// <summary>A key that stays down, or is pressed twice from habit, answers one page.</summary>
    [Fact]
    public void A_held_Enter_does_not_answer_the_page_behind_the_page()
    {
        using var terminal = new TmuxTerminal(80, 25, Rehearse());
        terminal.WaitFor(First);
        terminal.Type("what this computer");
        terminal.WaitFor("the line marked", screen => Regex.IsMatch(screen, "▶ +[0-9]+ +What this computer is"));
        for (int i = 0; i < 30; i++)
        {
            terminal.Repeat("Enter");
            Thread.Sleep(50);
        }
        Assert.Contains("GATE-01", terminal.WaitFor("Back to the menu"), StringComparison.Ordinal);
        terminal.Kill();
    }

    /// <summary>The menu of a rehearsal has a mouse, which marks and chooses nothing; the wheel marks the next line.</summary>
    [Fact]
    public void A_click_marks_a_line_and_Enter_does_it()
    {
        using var terminal = new TmuxTerminal(80, 25, Rehearse());
        string[] lines = terminal.WaitFor(First).Split('\n');
        int row = Array.FindIndex(lines, line => Regex.IsMatch(line, "^ +4 "));
        Assert.True(row > 0);
        terminal.Send($"\e[<0;30;{row + 1}M\e[<0;30;{row + 1}m");
        terminal.WaitFor("the fourth line marked", screen => Marked(screen) == "4" && screen.Contains(First, StringComparison.Ordinal));
        terminal.Send("\e[<64;30;9M");
        terminal.WaitFor("the third line marked", screen => Marked(screen) == "3" && screen.Contains(First, StringComparison.Ordinal));
        terminal.Press("F10");
        Assert.Equal(0, terminal.WaitForEnd());
    }

    /// <summary>Whatever ends the program, the shell behind it gets its terminal as it was, and no click types into it.</summary>
    [Theory]
    [InlineData("TERM")]
    [InlineData("HUP")]
    [InlineData("KILL")]
    [InlineData("")]
    public void The_terminal_is_a_shells_again_however_the_program_ends(string signal)
    {
        using var terminal = new TmuxTerminal(80, 25, Rehearse());
        terminal.WaitFor(First);
        Assert.True(terminal.TellsOfMouse && terminal.IsRaw && terminal.ShowsSecondScreen);
        if (signal.Length > 0)
            terminal.Signal(signal);
        else
            terminal.Press("F10");
        terminal.WaitForShell();
    }

    private string[] Rehearse() => ["dotnet", ProgramRun.Path, "rehearse", "--folder",
        Path.Combine(_folder, "room"), "--scripts", TestFiles.PathOf("ceremony-scripts")];

    /// <summary>How long the line under the title is.</summary>
    private static int Ruled(string screen) => screen.Split('\n')
        .Where(l => l.Contains('─', StringComparison.Ordinal)).Select(l => l.Trim().Length).Max();

    /// <summary>The number of the choice that bears the mark.</summary>
    private static string Marked(string screen) => Regex.Match(screen, @"▶ +(\d+) ").Groups[1].Value;
}
