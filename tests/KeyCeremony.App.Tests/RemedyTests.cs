using System.CommandLine;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using KeyCeremony.App.Commands;
using KeyCeremony.App.Tests.Terminal;
using KeyCeremony.Pkcs11;

namespace KeyCeremony.App.Tests;

/// <summary>
/// What people are told to do can be done by whoever reads it: what is named exists, and nothing in the room asks for what is not there.
/// Read from the sources, text by text, so that a new sentence is asked too.
/// </summary>
public sealed partial class RemedyTests
{
    /// <summary>Sentences from here reach the room of a ceremony, whose computer may be the appliance: no shell, no package.</summary>
    private static readonly string[] OfTheRoom =
    [
        "src/KeyCeremony.App/Room/", "src/KeyCeremony.App/Devices/", "src/KeyCeremony.App/Camera/", "src/KeyCeremony.App/Ledger/",
        "src/KeyCeremony.App/Bundle/", "src/KeyCeremony.App/Terminal/", "src/KeyCeremony.Core/Ceremony/", "src/KeyCeremony.Core/Sharing/",
        "src/KeyCeremony.Core/Transfer/", "src/KeyCeremony.Core/Journal/", "src/KeyCeremony.Core/Pki/Crl/", "src/KeyCeremony.Pkcs11/",
    ];

    /// <summary>What a factory or a desk is told: nobody reads aloud there.</summary>
    private static readonly string[] OfTheFactory = ["src/KeyCeremony.Core/Manifest/", "src/KeyCeremony.App/Commands/Manifest"];

    /// <summary>Beginnings of sentences of the room that name such a thing all the same, each with its reason.</summary>
    private static readonly Dictionary<string, string> Excepted = new()
    {
        ["Check that the right sticks are inserted."] = "LEDGER-04: the appliance's menu does it",
        ["Check that the right stick is inserted."] = "LEDGER-05: the appliance's menu does it",
        ["Put this stick aside: it may be failing."] = "LEDGER-07: the appliance's menu does it",
        ["If one stick is known to be an old copy"] = "LEDGER-08: the appliance's menu does it",
        ["Convert each of the two record sticks"] = "LEDGER-09: the appliance asks for it before",
        ["Put this stick aside as evidence"] = "LEDGER-10, -19, -21: the appliance's menu does it",
        ["If the stick behind is known to be an old copy"] = "LEDGER-13: the appliance's menu does it",
        ["The sticks tell two stories."] = "LEDGER-14: the appliance's menu does it",
        ["These sticks are older than the HSM remembers"] = "LEDGER-15: the appliance's menu does it",
        ["A ledger is restored only from a bundle that verifies"] = "LEDGER-17: the rule, not what to do",
        ["Run it in a terminal"] = "whoever has no terminal has no room",
        ["Leave the ceremony, and start it again with --in"] = "only a ceremony that was begun with folders lacks the stick for good",
        ["No import stick was named (--in)"] = "only a ceremony that was begun with folders lacks the stick for good",
        ["Add the line, or rehearse by hand"] = "people are played from a file",
        ["The drive helper answers as docs/formats/drives.md says."] = "the rule, not what to do",
        ["It is what `keyceremony manifest build` wrote."] = "says what the file is, and asks for nothing",
    };

    /// <summary>Of other tools, which are named beside them.</summary>
    private static readonly string[] OptionsOfOthers = ["--signature-format", "--base"]; // pkcs11-tool's, and basenc's with 64url behind it

    private static readonly IReadOnlyList<(string File, string Text)> Texts = [.. ReadTexts()];

    private static readonly RootCommand Root = AllCommands.Make().Root;

    [Fact]
    public void A_command_that_is_named_exists_with_the_options_that_are_named()
    {
        var named = Texts.SelectMany(one => Invocation().Matches(one.Text).Select(m => (one.File, Words: m.Groups[1].Value.Split(' '))))
            .ToList();

        Assert.True(named.Count > 15, $"{named.Count} invocations are named");
        Assert.Empty(named.Where(one => !Exists(one.Words)).Select(one => $"{one.File}: keyceremony {string.Join(' ', one.Words)}"));
    }

    [Fact]
    public void An_option_that_is_named_exists()
    {
        var known = Below(Root).SelectMany(c => c.Options).SelectMany(o => o.Aliases.Append(o.Name)).ToHashSet();
        var named = Texts.Where(one => one.Text.Contains(' ', StringComparison.Ordinal))
            // What a shell's completion is written in has options of its own.
            .Where(one => !one.File.EndsWith("/ShellCompletion.cs", StringComparison.Ordinal))
            .SelectMany(one => OptionName().Matches(one.Text).Select(m => (one.File, Name: m.Value))).ToList();

        Assert.True(named.Count > 40, $"{named.Count} options are named");
        Assert.Empty(named.Select(one => one.Name).Where(name => !known.Contains(name)).Except(OptionsOfOthers));
        Assert.Empty(OptionsOfOthers.Except(named.Select(one => one.Name)));
    }

    /// <summary>Where a sentence serves both, what the appliance does stands first, and the rest behind "Elsewhere".</summary>
    [Fact]
    public void Nothing_in_the_room_asks_for_a_shell_a_package_or_a_page()
    {
        var asking = Of(OfTheRoom).Where(one => Sentence().IsMatch(one.Text) && NotInTheRoom().IsMatch(one.Text)
            && !one.Text.Contains("Elsewhere ", StringComparison.Ordinal)).ToList();

        Assert.Empty(asking.Where(one => !Excepted.Keys.Any(e => one.Text.StartsWith(e, StringComparison.Ordinal)))
            .Select(one => $"{one.File}: {one.Text}"));
        Assert.All(Excepted.Keys, e => Assert.Contains(asking, one => one.Text.StartsWith(e, StringComparison.Ordinal)));
    }

    [Fact]
    public void Nobody_is_asked_for_a_PIN() =>
        Assert.Empty(Texts.Where(one => AsksForAPin().IsMatch(one.Text)).Select(one => $"{one.File}: {one.Text}"));

    [Fact]
    public void Every_answer_of_an_HSM_has_an_advice_that_the_room_can_follow()
    {
        ulong[] values = [.. typeof(Pkcs11Exception).Assembly.GetType("KeyCeremony.Pkcs11.Native.Cryptoki")!
            .GetFields(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public)
            .Where(f => f.Name.StartsWith("CKR_", StringComparison.Ordinal) && f.Name != "CKR_OK")
            .Select(f => Convert.ToUInt64(f.GetValue(null), CultureInfo.InvariantCulture))];
        Assert.True(values.Length >= 40, $"{values.Length} answers");
        foreach (ulong value in values)
        {
            string advice = new Pkcs11Exception("C_Sign", value).Advice;
            Assert.DoesNotMatch(NotInTheRoom(), advice);
            Assert.DoesNotContain("profile", advice, StringComparison.Ordinal);
            Assert.Matches(Deed(), advice);
        }
    }

    [Fact]
    public void A_factory_is_not_spoken_to_as_a_room() => Assert.Empty(Of(OfTheFactory)
        .Where(one => OnlyInTheRoom().IsMatch(one.Text)).Select(one => $"{one.File}: {one.Text}"));

    [Fact]
    public void A_script_or_a_page_that_is_named_exists()
    {
        string[] known = [.. new[] { "ceremony-scripts", "docs/handbook", "docs/formats" }
            .SelectMany(folder => Directory.EnumerateFiles(TestFiles.PathOf(folder), "*.md"))
            .Select(f => Path.GetFileNameWithoutExtension(f))];
        var named = Texts.SelectMany(one => ScriptName().Matches(one.Text)
            .Select(m => (one.File, Name: m.Groups.Values.Skip(1).First(g => g.Success).Value)))
            .ToList();

        Assert.True(named.Count > 8, $"{named.Count} scripts and pages are named");
        Assert.Empty(named.Where(one => !known.Contains(one.Name)).Select(one => $"{one.File}: {one.Name}"));
    }

    private static IEnumerable<(string File, string Text)> Of(string[] folders) =>
        Texts.Where(one => folders.Any(folder => one.File.StartsWith(folder, StringComparison.Ordinal)));

    private static bool Exists(string[] words)
    {
        Command at = Root;
        int used = 0;
        while (used < words.Length && at.Subcommands.FirstOrDefault(c => c.Name == words[used]) is { } below)
            (at, used) = (below, used + 1);
        return used > 0 && words.Skip(used).Where(word => word.StartsWith("--", StringComparison.Ordinal))
            .All(option => at.Options.Any(o => o.Name == option || o.Aliases.Contains(option)));
    }

    private static IEnumerable<Command> Below(Command command) => command.Subcommands.SelectMany(Below).Prepend(command);

    /// <summary>The texts of all sources; pieces that stand behind one another with a plus between are one.</summary>
    private static IEnumerable<(string File, string Text)> ReadTexts()
    {
        foreach (string path in Directory.EnumerateFiles(TestFiles.PathOf("src"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)))
        {
            string file = Path.GetRelativePath(TestFiles.PathOf("."), path).Replace('\\', '/'), source = File.ReadAllText(path);
            (int end, string joined) = (0, "");
            foreach (Match text in Literal().Matches(source).Where(m => m.Value[0] is '"' or '$' or '@'))
            {
                if (joined.Length > 0 && !Plus().IsMatch(source[end..text.Index]))
                {
                    yield return (file, joined);
                    joined = "";
                }
                joined += text.Groups["text"].Value;
                end = text.Index + text.Length;
            }
            if (joined.Length > 0)
                yield return (file, joined);
        }
    }

    [GeneratedRegex("//[^\\n]*|'(?:\\\\.|[^'\\\\\\n])+'|\\$*(?<q>\"{3,})(?<text>.*?)\\k<q>|[$@]*\"(?<text>(?:\\\\.|[^\"\\\\\\n])*)\"",
        RegexOptions.Singleline)]
    private static partial Regex Literal();

    [GeneratedRegex("^\\s*\\+\\s*$")]
    private static partial Regex Plus();

    [GeneratedRegex(@"\bkeyceremony ([a-z][a-z-]*(?: [A-Za-z0-9-]+)*)")]
    private static partial Regex Invocation();

    [GeneratedRegex(@"(?<![\w-])--[a-z][a-z-]*[a-z]")]
    private static partial Regex OptionName();

    [GeneratedRegex(@"\bkeyceremony [a-z]|(?<![\w-])--[a-z]|\b[Ii]nstall (the|it)\b|\bpackage\b|docs/|\bas root\b")]
    private static partial Regex NotInTheRoom();

    /// <summary>PINs that cards stand for are changed by a step, and a change of them is spoken of: nobody knows one.</summary>
    [GeneratedRegex(@"\b([Ss]et|[Ee]nter|[Tt]ype|[Cc]hange(?! (of (its|this HSM's) PINs|its PINs to theirs))|"
        + @"[Rr]eset|[Uu]nblock|[Cc]hoose)\b[^.;]{0,30}\bPINs?\b")]
    private static partial Regex AsksForAPin();

    /// <summary>And no option of another program, no line that is typed, no list of words.</summary>
    [GeneratedRegex(@"\A[A-Z{]\S* .* ")]
    private static partial Regex Sentence();

    /// <summary>Something to do, or that it is as it should be.</summary>
    [GeneratedRegex("[Cc]onnect|[Tt]ry again|[Pp]lug|resume|[Rr]elease|[Uu]se |[Cc]heck|[Cc]ommission|script|as it should be|destroy")]
    private static partial Regex Deed();

    [GeneratedRegex(@"\baloud\b|\bcustodians?\b|\bin the room\b", RegexOptions.IgnoreCase)]
    private static partial Regex OnlyInTheRoom();

    [GeneratedRegex(@"\b([a-z]+(?:-[a-z]+)*)\.md\b|\bscript ([a-z]+(?:-[a-z]+)+)\b")]
    private static partial Regex ScriptName();
}
