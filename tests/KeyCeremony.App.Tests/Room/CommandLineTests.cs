using System.CommandLine;
using System.Diagnostics;
using System.Text.RegularExpressions;
using KeyCeremony.App.Commands;
using KeyCeremony.App.Tests.Terminal;
using KeyCeremony.Core;
using KeyCeremony.Core.Tests;
using KeyCeremony.Verifier;

namespace KeyCeremony.App.Tests.Room;

/// <summary>Every command, walked from the program's own list of them: one that is added later is asked the same.</summary>
public sealed partial class CommandLineTests : IDisposable
{
    private const int Columns = 80;

    private readonly string _folder = Directory.CreateTempSubdirectory("keyceremony-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Of each command that reads a file: a line whose file is not there. Those of others never read one first.</summary>
    private static readonly Dictionary<string, string> WithoutFile = new()
    {
        ["run"] = "run {0} --ledger {1}/a --ledger {1}/b --softhsm {1}/hsm --out {1}/out",
        ["check"] = "check {0}",
        ["print"] = "print {0}",
        ["print cards"] = "print cards {0}",
        ["print labels"] = "print labels {0}",
        ["verify"] = "verify {0}",
        ["register"] = "register {0}",
        ["due"] = "due {0}",
        ["replay"] = "replay {0}",
        ["ledger copy"] = "ledger copy {0} {1}/new",
        ["ledger restore"] = "ledger restore {0} {1}/a {1}/b --trust 0000000000000000000000000000000000000000000000000000000000000000",
        ["ledger convert"] = "ledger convert {0} {1}/new",
        ["request inspect"] = "request inspect {0}",
        ["crl inspect"] = "crl inspect {0}",
        ["manifest build"] = "manifest build --batch {0} --devices d --out {1}/out",
        ["manifest merge"] = "manifest merge s --batch {0} --devices d --salts s --out {1}/out",
        ["manifest prove"] = "manifest prove --statement {0} --devices d --salts s --serial 1 --out {1}/out",
        ["manifest inspect"] = "manifest inspect {0}",
        ["manifest verify"] = "manifest verify --envelope {0} --trust t",
        ["manifest pae"] = "manifest pae {0}",
        ["manifest cosign"] = "manifest cosign --envelope {0} --signature s --certificate c --out {1}/out",
        ["release inspect"] = "release inspect {0}",
        ["release root"] = "release root {0}",
        ["show"] = "show {0}",
        ["scan"] = "scan --out {1}/out --pictures {0}",
    };

    private static readonly string[] ReadNoFile =
        ["rehearse", "manifest salts", "drives", "drive-helper", "appliance", "self-check", "hsm probe", "words", "completion", "man"];

    public static TheoryData<string> Paths => [.. AllCommands.Make().Page.Whole.Select(p => p.Path)];

    [Theory]
    [MemberData(nameof(Paths))]
    public void Its_help_goes_to_standard_output_and_a_misspelt_option_is_one_sentence_with_the_nearest(string path)
    {
        CommandPage page = AllCommands.Make().Page.Whole.Single(p => p.Path == path);
        string[] words = path.Split(' ', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal((0, HelpText.Of(page), ""), ProgramRun.Of([.. words, "--help"]));
        string right = page.Options[0].Names[0], wrong = right + "x";
        (int code, string said, string errors) = ProgramRun.Of([.. words, wrong]);
        Assert.Equal((2, ""), (code, said));
        Assert.Equal($"COMMAND-01  There is no option {wrong} of '{page.Called}'; the nearest is {right}.", errors.Split('\n')[0]);
        Assert.Equal(2, errors.TrimEnd().Split('\n').Length);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void Its_help_fits_a_terminal_and_says_all_that_it_takes(string path)
    {
        CommandPage page = AllCommands.Make().Page.Whole.Single(p => p.Path == path);
        string help = HelpText.Of(page);

        // Lines to be copied are whole, however long.
        Assert.DoesNotContain(help.Split('\n'),
            line => line.Length > Columns && !line.StartsWith("  keyceremony ", StringComparison.Ordinal));
        foreach (WordPage word in page.Arguments.Concat(page.Options))
        {
            Assert.Contains(word.Label, help, StringComparison.Ordinal);
            Assert.Matches(@"\S.*\.$", word.Description);
        }
        Assert.Matches(@"\S.*\.$", page.Description);
    }

    [Fact]
    public void A_command_is_made_under_the_word_that_it_is_called_by() =>
        Assert.Equal(AllCommands.Each.Select(command => command.Name), AllCommands.Each.Select(command => command.Make().Name));

    [Fact]
    public void Every_command_that_runs_has_examples_and_each_can_be_typed_as_it_stands()
    {
        CommandLine line = AllCommands.Make();
        CommandPage[] running = [.. line.Page.Whole.Where(p => p.Runs)];

        Assert.Equal(running.Select(p => p.Path).Order(StringComparer.Ordinal), KnownExamples.Paths.Order(StringComparer.Ordinal));
        foreach (CommandPage page in running)
            foreach (Example example in page.Examples)
            {
                string[] words = Typed(example.Line);
                ParseResult parsed = line.Parse(words);
                Assert.Null(line.Refuse(parsed, words));
                Assert.Equal(page.Name, parsed.CommandResult.Command.Name);
                if (Array.IndexOf(words, "--words") is > 0 and var at)
                    Assert.True(VerifyOptions.TryRead(null, words[at + 1], null, out _, out Refusal? refusal), refusal?.ToString());
            }
    }

    [Fact]
    public void A_file_that_is_not_there_is_one_sentence_with_its_remedy_once()
    {
        Assert.Equal(AllCommands.Make().Page.Whole.Where(p => p.Runs).Select(p => p.Path).Order(StringComparer.Ordinal),
            WithoutFile.Keys.Concat(ReadNoFile).Order(StringComparer.Ordinal));
        string missing = Path.Combine(_folder, "nosuch.md");
        foreach ((string path, string line) in WithoutFile)
        {
            (int code, string said, string errors) =
                ProgramRun.Of([.. line.Split(' ').Select(w => w.Replace("{0}", missing, StringComparison.Ordinal)
                    .Replace("{1}", _folder, StringComparison.Ordinal))]);
            Assert.True(code is 1 or 5, $"{path}: {code} {errors}");
            string all = said + errors;
            Assert.DoesNotContain("   at ", all, StringComparison.Ordinal);
            Assert.DoesNotContain("Exception", all, StringComparison.Ordinal);
            // verify tells all of a bundle; what is wrong stands behind its one FAIL.
            string[] lines = path == "verify" ? [.. all.Split('\n').Where(l => l.StartsWith("FAIL", StringComparison.Ordinal))]
                : [.. errors.TrimEnd().Split('\n')];
            Assert.InRange(lines.Length, 1, 2);
            Assert.Matches(RuleId(), lines[0]);
            string remedy = lines[^1].Split(". ")[^1].Trim();
            Assert.Equal(1, Regex.Count(all, Regex.Escape(remedy)));
        }
    }

    [Theory]
    [InlineData("COMMAND-02", "There is no command chek of 'keyceremony'; the nearest is check.", "chek")]
    [InlineData("COMMAND-02", "There is no command verfy of 'keyceremony manifest'; the nearest is verify.", "manifest", "verfy")]
    [InlineData("COMMAND-02", "'keyceremony check' does not know what to do with b.", "check", "a", "b")]
    [InlineData("COMMAND-03", "'keyceremony ledger' needs a command.", "ledger")]
    [InlineData("COMMAND-03", "'keyceremony' needs a command.")]
    [InlineData("COMMAND-03", "'keyceremony verify' needs <bundle>.", "verify")]
    [InlineData("COMMAND-03", "'keyceremony manifest salts' needs --out <out>.", "manifest", "salts")]
    [InlineData("COMMAND-03", "--threads needs a value.", "manifest", "verify", "--envelope", "e", "--trust", "t", "--threads")]
    [InlineData("COMMAND-04", "--threads takes a number, and not x.", "manifest", "verify", "--envelope", "e", "--trust", "t", "--threads",
        "x")]
    [InlineData("COMMAND-04", "--threads takes 1 to 64.", "manifest", "verify", "--envelope", "e", "--trust", "t", "--threads", "65")]
    [InlineData("COMMAND-04", "--require takes a number, and not x.", "manifest", "verify", "--envelope", "e", "--trust", "t", "--require",
        "x")]
    [InlineData("COMMAND-04", "--certificate belongs to exactly one --proof.", "manifest", "verify", "--envelope", "e", "--trust", "t",
        "--certificate", "c")]
    [InlineData("COMMAND-04", "--code-version takes a number, and not x.", "show", "a", "--code-version", "x")]
    [InlineData("COMMAND-04", "--uid takes a number, and not -1.", "drive-helper", "--uid", "-1")]
    [InlineData("COMMAND-04", "--format takes html, markdown, pdf, and not doc.", "print", "a", "--format", "doc")]
    [InlineData("COMMAND-04", "--out is given once.", "print", "a", "--out", "b", "--out", "c")]
    [InlineData("COMMAND-04", "--ledger is given 2 times at most.", "run", "--ledger", "a", "--ledger", "b", "--ledger", "c")]
    [InlineData("COMMAND-01", "There is no option --ledgr of 'keyceremony check'; the nearest is --ledger.",
        "check", "--ledgr", "a", "s.md")]
    [InlineData("COMMAND-01", "There is no option --trsut of 'keyceremony verify'; the nearest is --trust.",
        "verify", "--trsut", "aa", "b")]
    [InlineData("COMMAND-01", "There is no option --jsn of 'keyceremony verify'; the nearest is --json.",
        "verify", "b", "--script", "--jsn")]
    [InlineData("COMMAND-01", "There is no option -x of 'keyceremony verify'; the nearest is -h.", "verify", "-x")]
    public void What_cannot_be_meant_is_told_in_one_sentence(string rule, string sentence, params string[] words)
    {
        CommandLine line = AllCommands.Make();
        Refusal refusal = line.Refuse(line.Parse(words), words)!;

        Assert.Equal((rule, sentence), (refusal.Rule, refusal.Message));
    }

    [Theory]
    [InlineData("check", "--", "--strange.md")]
    [InlineData("register", "stick", "--find=--strange")]
    [InlineData("register", "stick", "--find", "-5")]
    [InlineData("words", "@file")]
    public void What_only_looks_strange_is_taken(params string[] words)
    {
        CommandLine line = AllCommands.Make();
        Assert.Null(line.Refuse(line.Parse(words), words));
    }

    /// <summary>What the program would end with stands in its table, and nothing else.</summary>
    [Fact]
    public void The_table_of_exit_codes_has_every_code_of_the_sources()
    {
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, ExitCodes.Soon, ExitCodes.Overdue, LastNet.ExitCode, Interruptible.ExitCode],
            ExitCodes.All.Select(c => c.Code));
        Assert.Equal([0, 1, 2, 70, 130], ExitCodes.Of("check").Select(c => c.Code));
        Assert.Contains(ExitCodes.Of("verify"), c => c.Code == 3);
        string contract = File.ReadAllText(TestFiles.PathOf("docs", "formats", "verify.md"));
        foreach (ExitCodeRow row in ExitCodes.Of("verify").Where(r => r.Code < 7))
            Assert.Contains($"\n| {row.Code} |", contract, StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_of_the_handbook_is_what_the_commands_say()
    {
        string path = TestFiles.PathOf("docs", "handbook", "commands.md");
        string now = CommandsMarkdown.Of(AllCommands.Make().Page);
        if (Environment.GetEnvironmentVariable("KEYCEREMONY_GOLDEN") == "write")
            File.WriteAllText(path, now);
        Assert.Equal(now, File.ReadAllText(path));
    }

    [Fact]
    public void The_manual_page_has_every_word_and_no_request_of_its_texts()
    {
        CommandPage program = AllCommands.Make().Page;
        string roff = ManPage.Of(program);

        foreach (CommandPage page in program.Whole.Skip(1))
            Assert.Contains($".SS {page.Called.Replace("-", "\\-", StringComparison.Ordinal)}\n", roff, StringComparison.Ordinal);
        Assert.DoesNotContain(roff.Split('\n'), line => line.StartsWith('\''));
        Assert.DoesNotContain(roff.Split('\n'), line => line.StartsWith('.') && !Request().IsMatch(line));
    }

    /// <summary>By the tools that read it, where they are installed.</summary>
    [Fact]
    [Trait("Needs", "packages")]
    public void The_manual_page_is_read_without_a_warning()
    {
        string path = Path.Combine(_folder, "keyceremony.1");
        File.WriteAllText(path, ManPage.Of(AllCommands.Make().Page));
        (int code, string said, string errors) = EndedProcess.Of(new ProcessStartInfo("man", ["--warnings", "-l", path])
        {
            Environment = { ["MANPAGER"] = "cat", ["MANWIDTH"] = "80", ["LC_ALL"] = "C.UTF-8" },
        });
        Assert.Equal((0, ""), (code, errors));
        Assert.Contains("keyceremony manifest verify", said, StringComparison.Ordinal);
        Assert.Contains("--envelope <envelope>", said, StringComparison.Ordinal);
        if (!IsThere("mandoc"))
            return;
        (_, said, errors) = EndedProcess.Of(new ProcessStartInfo("mandoc", ["-T", "lint", "-W", "warning", path]));
        Assert.DoesNotContain((said + errors).Split('\n', StringSplitOptions.RemoveEmptyEntries),
            l => !l.Contains("missing date", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("keyceremony che", "check")]
    [InlineData("keyceremony manifest ver", "verify")]
    [InlineData("keyceremony manifest verify --tru", "--trust")]
    [InlineData("keyceremony show --as ce", "cells")]
    [InlineData("keyceremony show --as=ce", "cells")]
    [InlineData("keyceremony completion ", "bash", "fish", "zsh")]
    [InlineData("keyceremony register x --of cards --j", "--json")]
    [InlineData("keyceremony check here/na", "here/name with blank.md")]
    [InlineData("keyceremony check --module here/na", "here/name with blank.md")]
    [InlineData("keyceremony words --json x")]
    public void Bash_completes_words(string line, params string[] offered)
    {
        Directory.CreateDirectory(Path.Combine(_folder, "here"));
        File.WriteAllText(Path.Combine(_folder, "here", "name with blank.md"), "");
        string script = Path.Combine(_folder, "completion.bash");
        File.WriteAllText(script, ShellCompletion.Bash(AllCommands.Make().Page));
        // As readline takes a line apart.
        string[] words = [.. line.Split(' ').SelectMany(w => w.Split('=') is [var name, var value] ? [name, "=", value] : new[] { w })];
        (int code, string said, string errors) = EndedProcess.Of(new ProcessStartInfo("bash", ["--norc", "-c",
            "source ./completion.bash; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); "
                + "$(complete -p keyceremony | sed 's/.*-F \\([^ ]*\\) .*/\\1/'); printf '%s\\n' \"${COMPREPLY[@]}\"", "bash", .. words])
        {
            WorkingDirectory = _folder,
        });
        Assert.Equal((0, ""), (code, errors));
        Assert.Equal(offered.Order(StringComparer.Ordinal),
            said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Zsh_and_fish_take_their_completion()
    {
        CommandPage program = AllCommands.Make().Page;
        string zsh = Path.Combine(_folder, "_keyceremony"), fish = Path.Combine(_folder, "keyceremony.fish");
        File.WriteAllText(zsh, ShellCompletion.Zsh(program));
        File.WriteAllText(fish, ShellCompletion.Fish(program));
        // Where a shell is not installed, what is asked of its text is that every word is in it.
        foreach (CommandPage page in program.Whole.Skip(1))
        {
            Assert.Contains($"'{page.Name}:", File.ReadAllText(zsh), StringComparison.Ordinal);
            Assert.Contains($" -a '{page.Name}' -d", File.ReadAllText(fish), StringComparison.Ordinal);
        }
        if (IsThere("zsh"))
            Assert.Equal((0, "", ""), EndedProcess.Of(new ProcessStartInfo("zsh", ["-n", zsh])));
        if (IsThere("fish"))
            Assert.StartsWith("verify\t", EndedProcess.Of(new ProcessStartInfo("fish", ["--no-config", "-c",
                $"source {fish}; complete -C 'keyceremony manifest v'"])).Said, StringComparison.Ordinal);
    }

    private static bool IsThere(string tool) =>
        Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, tool)));

    /// <summary>As a shell takes it apart, up to a redirection or a pipe.</summary>
    private static string[] Typed(string line) => [.. Word().Matches(line).Select(m => m.Value)
        .TakeWhile(w => w is not (">" or "|")).Select(w => w.Trim('"'))];

    [GeneratedRegex("\"[^\"]*\"|\\S+")]
    private static partial Regex Word();

    [GeneratedRegex("[A-Z]+-[0-9]{2} ")]
    private static partial Regex RuleId();

    [GeneratedRegex(@"^\.(TH|SH|SS|TP|PP|RS|RE|nf|fi|nh|ad|B|I|BR)\b")]
    private static partial Regex Request();
}
