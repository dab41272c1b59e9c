using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace KeyCeremony.Core.Tests;

/// <summary>The rules of the house that a compiler does not know: read from the project files and the sources.</summary>
public sealed partial class TidyTests
{
    private static readonly string Root = FindRoot();
    private static readonly ImmutableArray<string> Tracked = ListTracked();
    private static readonly ImmutableArray<string> Sources =
        [.. Tracked.Where(f => f.StartsWith("src/", StringComparison.Ordinal) && f.EndsWith(".cs", StringComparison.Ordinal))];

    private static readonly ImmutableDictionary<string, string[]> AllowedReferences = new Dictionary<string, string[]>
    {
        ["KeyCeremony.Core"] = [],
        ["KeyCeremony.Eyes"] = [],
        ["KeyCeremony.Pkcs11"] = [],
        ["KeyCeremony.Verifier"] = ["KeyCeremony.Core"],
        ["KeyCeremony.VerifierApp"] = ["KeyCeremony.Core", "KeyCeremony.Verifier"],
        ["KeyCeremony.App"] = ["KeyCeremony.Core", "KeyCeremony.Eyes", "KeyCeremony.Pkcs11", "KeyCeremony.Verifier"],
    }.ToImmutableDictionary();

    /// <summary>Where the program asks what time it is; everything else gets it as an argument.</summary>
    private static readonly ImmutableArray<string> MayReadTheClock = ["src/KeyCeremony.App/Program.cs", "src/KeyCeremony.App/Loop.cs"];

    /// <summary>Where the machine's clock is handed in, as an argument, by the command line.</summary>
    private const string Commands = "src/KeyCeremony.App/Commands/";

    /// <summary>Files that may write over something, each with its reason.</summary>
    private static readonly ImmutableDictionary<string, string> MayOverwrite = ImmutableDictionary<string, string>.Empty;

    [Fact]
    public void Projects_refer_to_each_other_only_as_the_layout_allows()
    {
        var projects = Tracked.Where(f => f.StartsWith("src/", StringComparison.Ordinal) && f.EndsWith(".csproj", StringComparison.Ordinal))
            .ToList();

        Assert.Equal(AllowedReferences.Keys.Order(StringComparer.Ordinal),
            projects.Select(p => Path.GetFileNameWithoutExtension(p)!).Order(StringComparer.Ordinal));
        foreach (string? project in projects)
        {
            IEnumerable<string> references = XDocument.Load(FullPath(project)).Descendants("ProjectReference")
                .Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value.Replace('\\', '/')));
            Assert.Empty(references.Except(AllowedReferences[Path.GetFileNameWithoutExtension(project)]));
        }
    }

    [Fact]
    public void Only_the_pkcs11_binding_is_unsafe()
    {
        IEnumerable<string> allowing = Tracked.Where(f => f.EndsWith(".csproj", StringComparison.Ordinal)
            || f.EndsWith(".props", StringComparison.Ordinal))
            .Where(f => XDocument.Load(FullPath(f)).Descendants("AllowUnsafeBlocks").Any(e => e.Value == "true"));

        Assert.DoesNotContain(allowing,
            f => f.StartsWith("src/", StringComparison.Ordinal) && f != "src/KeyCeremony.Pkcs11/KeyCeremony.Pkcs11.csproj");
        Assert.DoesNotContain(allowing, f => f.EndsWith(".props", StringComparison.Ordinal));
        Refuse(UnsafeWord(), Sources.Where(f => !f.StartsWith("src/KeyCeremony.Pkcs11/", StringComparison.Ordinal)));
    }

    /// <summary>What the library calls a key, a cell or a dialog is not what the program calls so.</summary>
    [Fact]
    public void Only_the_views_and_their_host_know_the_view_library() => Refuse(ViewLibrary(),
        Sources.Where(f => Path.GetDirectoryName(f) is not ("src/KeyCeremony.App/Terminal/Views" or "src/KeyCeremony.App/Terminal/Host")));

    [Fact]
    public void Nothing_is_left_for_later() =>
        RefuseText(new Regex(string.Join('|', "\\bTO" + "DO\\b", "\\bFIX" + "ME\\b", "\\bHA" + "CK\\b", "NotImplemented" + "Exception")),
            Tracked.Where(f => IsText(f) && (f.StartsWith("src/", StringComparison.Ordinal)
                || f.StartsWith("tests/", StringComparison.Ordinal) || f.StartsWith("docs/", StringComparison.Ordinal))));

    /// <summary>
    /// One width in all projects. What cannot be broken may be wider: a line of a text in raw quotes, a line that is one text.
    /// </summary>
    [Fact]
    public void Code_is_at_most_140_columns_wide() =>
        Refuse(WideLine(), Tracked.Where(f => f.EndsWith(".cs", StringComparison.Ordinal)), Breakable);

    [Fact]
    public void The_width_is_the_one_that_editors_are_told() =>
        Assert.Contains("\nmax_line_length = 140\n", File.ReadAllText(FullPath(".editorconfig")), StringComparison.Ordinal);

    [Fact]
    public void Types_carry_the_names_of_the_room() => Refuse(VagueType(), Sources);

    [Fact]
    public void No_interface_has_a_single_implementation()
    {
        string code = string.Concat(Sources.Select(Code));
        IEnumerable<string> names = InterfaceName().Matches(code).Select(m => m.Groups[1].Value).Distinct();

        foreach (string? name in names)
            Assert.True(Regex.Count(code, $@"\b(?:class|record|struct)\s[^{{;]*:[^{{;]*\b{name}\b") >= 2,
                $"{name}: pass a delegate or use the real thing");
    }

    [Fact]
    public void Classes_are_sealed_static_or_abstract() => Refuse(OpenClass(), Sources);

    [Fact]
    public void No_failure_is_swallowed()
    {
        RefuseText(EmptyCatch(), Sources);
        RefuseText(CatchAll(), Sources);
    }

    [Fact]
    public void Nothing_is_overwritten() => Refuse(Overwriting(), Sources.Where(f => !MayOverwrite.ContainsKey(f)));

    /// <summary>
    /// It loses entries when the power goes (decision 0017) and opens files for writing: it answers questions, and nobody else knows it.
    /// </summary>
    [Fact]
    public void LiteDB_is_named_by_the_register_alone() =>
        Refuse(LiteDb(), Sources.Where(f => f != "src/KeyCeremony.App/Register/RegisterDatabase.cs"));

    [Fact]
    public void Only_the_loop_looks_at_the_clock()
    {
        Refuse(Clock(), Sources.Where(f => !MayReadTheClock.Contains(f)));
        Refuse(MachineClock(), Sources.Where(f => !MayReadTheClock.Contains(f) && !f.StartsWith(Commands, StringComparison.Ordinal)));
    }

    [Fact]
    public void No_package_source_is_named()
    {
        // In pieces, so that this file does not name them either.
        string[] hosts = ["nuget" + ".org", "npmjs" + ".org", "npmjs" + ".com", "deb.debian" + ".org",
            "security.debian" + ".org", "snapshot.debian" + ".org", "yarnpkg" + ".com", "pypi" + ".org", "proxy.golang" + ".org"];

        RefuseText(new Regex(string.Join('|', hosts.Select(Regex.Escape)), RegexOptions.IgnoreCase), Tracked.Where(IsText));
        RefuseText(new Regex("\"resol" + "ved\"\\s*:\\s*\"[a-z+]+:"), Tracked.Where(f => Path.GetFileName(f) == "package-lock.json"));
    }

    [Fact]
    public void No_path_of_one_machine_is_named() =>
        RefuseText(new Regex("(?<![\\w.$}~*-])/(?:wo" + "rk|ho" + "me|ro" + "ot|Use" + "rs)/\\w"), Tracked.Where(IsText));

    /// <summary>Looks into the code alone.</summary>
    private static void Refuse(Regex what, IEnumerable<string> files) => Refuse(what, files, Code);

    /// <summary>Looks into comments and texts too.</summary>
    private static void RefuseText(Regex what, IEnumerable<string> files) => Refuse(what, files, file => File.ReadAllText(FullPath(file)));

    private static void Refuse(Regex what, IEnumerable<string> files, Func<string, string> read)
    {
        IEnumerable<string> found = files.SelectMany(file =>
        {
            string text = read(file);
            return what.Matches(text).Select(m => $"{file}:{text.AsSpan(0, m.Index).Count('\n') + 1}: {m.Value.Trim()}");
        });

        Assert.Empty(found);
    }

    /// <summary>A source without its comments and texts; lines stay where they are.</summary>
    private static string Code(string file) =>
        CommentOrText().Replace(File.ReadAllText(FullPath(file)), m => new string('\n', m.Value.Count(c => c == '\n')));

    /// <summary>A source without the lines that are one text, or a part of one; lines stay where they are.</summary>
    private static string Breakable(string file)
    {
        string source = File.ReadAllText(FullPath(file));
        string[] masked = CommentOrText()
            .Replace(source, m => m.Value[0] == '/' ? m.Value : TextCharacter().Replace(m.Value, "\"")).Split('\n');
        return string.Join('\n', source.Split('\n').Zip(masked, (line, mask) => OneText().IsMatch(mask) ? "" : line));
    }

    private static bool IsText(string file) =>
        Path.GetExtension(file) is not (".png" or ".pdf" or ".der" or ".bin" or ".gz" or ".y4m" or ".psf" or ".ttf" or ".wasm");

    private static string FullPath(string file) => Path.Combine(Root, file);

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "KeyCeremony.sln"))) folder = folder.Parent;
        return folder.FullName;
    }

    /// <summary>What git tracks; in an unpacked archive, every file outside the folders that builds make.</summary>
    private static ImmutableArray<string> ListTracked()
    {
        try
        {
            using Process git = Process.Start(new ProcessStartInfo("git", ["-C", Root, "ls-files",
                "-z", "--cached", "--others", "--exclude-standard"])
            { RedirectStandardOutput = true, RedirectStandardError = true })!;
            string listed = git.StandardOutput.ReadToEnd();
            git.WaitForExit();
            if (git.ExitCode == 0)
                return [.. listed.Split('\0', StringSplitOptions.RemoveEmptyEntries).Where(f => File.Exists(FullPath(f)))];
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // git is not installed: walk.
        }
        string[] built = ["bin", "obj", "artifacts", "node_modules", ".git"];
        return [.. Directory.EnumerateFiles(Root, "*", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(Root, f).Replace('\\', '/'))
            .Where(f => !f.Split('/').Intersect(built).Any())];
    }

    [GeneratedRegex(@"\bLite(?:DB|Database|Exception|Repository|Engine)\b|\bBson\w*")]
    private static partial Regex LiteDb();

    [GeneratedRegex("(?m)^.{141,}$")]
    private static partial Regex WideLine();

    [GeneratedRegex("[^\\n]")]
    private static partial Regex TextCharacter();

    /// <summary>Quotes from end to end, and what closes behind them.</summary>
    [GeneratedRegex("^ *\"+(?:u8)?[\\]),;]*$")]
    private static partial Regex OneText();

    [GeneratedRegex(@"\bunsafe\b")]
    private static partial Regex UnsafeWord();

    [GeneratedRegex(
        @"\b(?:class|record|struct|interface|enum)\s+(?:class\s+|struct\s+)?\w*(?:Manager|Helper|Utils|Util|Service|Handler)\b")]
    private static partial Regex VagueType();

    [GeneratedRegex(@"\binterface\s+(I[A-Z]\w*)")]
    private static partial Regex InterfaceName();

    [GeneratedRegex(@"(?m)^\s*(?:(?:public|internal|private|protected|file|partial|unsafe)\s+)*(?:class|record(?!\s+struct))\s+\w+")]
    private static partial Regex OpenClass();

    [GeneratedRegex(@"\bTerminal\.Gui\b")]
    private static partial Regex ViewLibrary();

    /// <summary>One kind of failure may be dropped when a comment in the braces says why.</summary>
    [GeneratedRegex(@"\bcatch\b(?:\s*\([^)]*\))?\s*\{\s*\}")]
    private static partial Regex EmptyCatch();

    /// <summary>Every failure there is, dropped; a reason beside it makes it no better.</summary>
    [GeneratedRegex(@"\bcatch\b\s*(?:\(\s*(?:System\.)?Exception\b[^)]*\)\s*)?\{(?:\s*//[^\n]*\n)*\s*\}")]
    private static partial Regex CatchAll();

    [GeneratedRegex(
        @"\bFileMode\.(?:Create|OpenOrCreate|Truncate)\b|\bFile\.(?:WriteAll\w+|Create|CreateText|OpenWrite|Replace)\b|\boverwrite:\s*true\b|\bnew StreamWriter\((?!new FileStream\()")]
    private static partial Regex Overwriting();

    [GeneratedRegex(@"\bDateTime(?:Offset)?\.(?:UtcNow|Now|Today)\b")]
    private static partial Regex Clock();

    [GeneratedRegex(@"\bTimeProvider\.System\b")]
    private static partial Regex MachineClock();

    [GeneratedRegex("(?s)\"{3}.*?\"{3}|//[^\\n]*|/\\*.*?\\*/|@\"(?:[^\"]|\"\")*\"|'(?:\\\\.|[^'\\\\\\n])+'|\"(?:\\\\.|[^\"\\\\\\n])*\"")]
    private static partial Regex CommentOrText();
}
