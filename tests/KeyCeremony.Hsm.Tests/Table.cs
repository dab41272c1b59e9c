using System.Collections.Immutable;
using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using KeyCeremony.App.Ledger;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.Hsm.Tests;

/// <summary>
/// Everything that lies on the table of a rehearsal, in a folder of its own: two record sticks, the HSMs, the
/// officers' envelopes, the answers. The program is started as a process, as people start it.
/// </summary>
internal sealed class Table : IDisposable
{
    private readonly Dictionary<string, string> _answers;

    private Table(string folder, Dictionary<string, string> answers)
    {
        Folder = folder;
        _answers = new(answers);
    }

    public string Folder { get; }

    public string StickA => Path.Combine(Folder, "stick-a");

    public string StickB => Path.Combine(Folder, "stick-b");

    public string Hsm => Path.Combine(Folder, "hsm");

    public string Out => Path.Combine(Folder, "out");

    public string Envelopes => Path.Combine(Folder, "envelopes");

    /// <summary>The import stick; the program hears of it when it is there.</summary>
    public string In => Path.Combine(Folder, "in");

    public string AnswersFile => Path.Combine(Folder, "answers.json");

    /// <summary>Instead of SoftHSM itself.</summary>
    public string? Module { get; set; }

    /// <summary>A command that the program is started by, where it sees its HSMs; empty: none.</summary>
    public ImmutableArray<string> Within { get; set; } = [];

    public Dictionary<string, string> Variables { get; } = new() { ["DOTNET_TieredPGO"] = "0", ["DOTNET_gcServer"] = "0" };

    public ImmutableArray<string> Bundles => Directory.Exists(Out) ? [.. Directory.GetDirectories(Out).Order(StringComparer.Ordinal)] : [];

    /// <param name="answers">The rehearsal's file, e.g. <c>root-creation</c>.</param>
    public static Table Laid(string answers = "root-creation") =>
        new(Directory.CreateTempSubdirectory("keyceremony-table-").FullName, Read(answers));

    /// <summary>What the program of an earlier release left on it.</summary>
    /// <param name="archive">A file in tests/first-program.</param>
    public static Table Unpacked(string archive, string answers)
    {
        Table table = Laid(answers);
        using FileStream file = File.OpenRead(Path.Combine(Repository.Root, "tests", "first-program", archive));
        using var zip = new GZipStream(file, CompressionMode.Decompress);
        TarFile.ExtractToDirectory(zip, table.Folder, overwriteFiles: false);
        return table;
    }

    /// <summary>A table on which a ceremony was completed.</summary>
    public static Table After(Script script, string answers = "root-creation")
    {
        Table table = Laid(answers);
        table.Run(script).Expect(0);
        return table;
    }

    /// <summary>The same things a second time: what happens to the copy does not happen here.</summary>
    /// <param name="in">The folder that the copy lies in; null: the one for temporary files.</param>
    public Table Copy(string? answers = null, string? @in = null)
    {
        var copy = new Table(NewFolder(@in), answers is null ? _answers : Read(answers)) { Module = Module, Within = Within };
        foreach ((string name, string value) in Variables)
            copy.Variables[name] = value;
        CopyFolder(Folder, copy.Folder);
        // It names the folder it is in; the program writes it again.
        if (Directory.Exists(copy.Hsm))
            File.Delete(Path.Combine(copy.Hsm, "softhsm2.conf"));
        return copy;
    }

    /// <summary>Both record sticks a second time, and nothing else.</summary>
    /// <param name="in">As for <see cref="Copy"/>.</param>
    public Table CopyOfSticks(string? @in)
    {
        var copy = new Table(NewFolder(@in), _answers);
        foreach ((string from, string to) in new[] { (StickA, copy.StickA), (StickB, copy.StickB) })
            if (Directory.Exists(from))
                CopyFolder(from, Directory.CreateDirectory(to).FullName);
        return copy;
    }

    /// <summary>The table of the day after: sticks and HSMs are lost, the last bundle is restored onto two new sticks.</summary>
    public Table AfterTheFire()
    {
        Table table = Copy("disaster-recovery");
        table.Burn();
        return table;
    }

    /// <summary>Sticks and HSMs are lost; the last bundle is restored onto two new sticks.</summary>
    public void Burn()
    {
        foreach (string lost in new[] { StickA, StickB, Hsm })
            Directory.Delete(lost, recursive: true);
        Program("ledger", "restore", Bundles[^1], StickA, StickB, "--trust", RootOf(Bundles[0])).Expect(0);
    }

    /// <summary>From now on the people follow another of the rehearsal's files.</summary>
    public void Follow(string answers)
    {
        _answers.Clear();
        foreach ((string question, string answer) in Read(answers))
            _answers.Add(question, answer);
    }

    public string? this[string question]
    {
        set
        {
            if (value is null)
                _answers.Remove(question);
            else
                _answers[question] = value;
        }
    }

    /// <summary>Runs a ceremony, or goes on with the one that is running.</summary>
    public Ran Run(Script? script, params string[] more)
    {
        using Process process = Start(script, more);
        process.StandardInput.Close();
        return Tool.Ended(process);
    }

    /// <summary>
    /// Each of these answers is given once, in their order, as people do: where the file has none, the program stops,
    /// the next one is put in, and the same command goes on. Answers the last run.
    /// </summary>
    /// <param name="inTurn">The question without its step.</param>
    public Ran Answering(Script script, params (string Question, string Answer)[] inTurn)
    {
        foreach ((string question, _) in inTurn)
            this[$":{question}"] = null;
        Ran ran = Run(script);
        foreach ((string question, string answer) in inTurn)
        {
            ran.Expect(1);
            this[$":{question}"] = answer;
            ran = Run(null);
            this[$":{question}"] = null;
        }
        return ran;
    }

    public Process Start(Script? script, params string[] more)
    {
        WriteAnswers();
        return Tool.Start(Dotnet(Arguments(script, ["--answers", AnswersFile, "--envelopes", Envelopes, .. more])));
    }

    /// <summary>What the people will answer, for a program that is started by other means.</summary>
    public void WriteAnswers() => File.WriteAllText(AnswersFile, JsonSerializer.Serialize(_answers));

    /// <summary>How people would start the program at a terminal.</summary>
    public string[] Command(Script script, params string[] more) => ["dotnet", Repository.Program, .. Arguments(script, more)];

    /// <summary>Any other command of the program.</summary>
    public Ran Program(params string[] arguments) => Tool.Run(Dotnet(arguments));

    /// <summary>A process of the program, not started yet, that sees this table's HSMs.</summary>
    public ProcessStartInfo ProcessOf(params string[] arguments)
    {
        ProcessStartInfo start = Dotnet(arguments);
        start.Environment["SOFTHSM2_CONF"] = Path.Combine(Hsm, "softhsm2.conf");
        return start;
    }

    /// <summary>A program of other people, at the time that the table's clocks show.</summary>
    public Ran Other(string program, params string[] arguments) => Tool.Run(With(new ProcessStartInfo(program, arguments)));

    /// <summary>
    /// What a binder would say: here the bundle itself is asked, because nobody else is in the room. A ledger without a root has its
    /// transcript certificate.
    /// </summary>
    public static string RootOf(string bundle) => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(
        new[] { "root", "transcript" }.Select(name => Path.Combine(bundle, "certificates", $"{name}.der")).First(File.Exists))));

    /// <summary>The bundles in their order verify, alone and together.</summary>
    public void Verifies()
    {
        Assert.NotEmpty(Bundles);
        Program(["verify", "--trust", RootOf(Bundles[0]), .. Bundles]).Expect(0);
    }

    /// <summary>Every entry of the ledger as it stands; a stick that lags behind by one is brought up to date.</summary>
    public ImmutableArray<Entry> Entries()
    {
        Assert.True(RecordLedger.TryOpen([StickA, StickB], null, allowCatchUp: false, out RecordLedger? ledger, out Refusal? refusal),
            refusal?.ToString());
        using (ledger)
            return ledger.Entries;
    }

    public World World() => Replay.WorldAfter(Entries());

    /// <summary>The words of a card, as the custodian wrote them.</summary>
    public string Card(string set, int card) => File.ReadAllText(CardFile(set, card)).Trim();

    public string CardFile(string set, int card) => Path.Combine(Envelopes, $"{set}-{card}.txt");

    public string OnStick(string name) => Path.Combine(In, name);

    public string Part(string name) => Path.Combine(Folder, name);

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private string[] Arguments(Script? script, string[] more)
    {
        string[] ceremony = script is null ? [] : [script.WriteTo(Path.Combine(Folder, "scripts"))];
        string[] stick = Directory.Exists(In) ? ["--in", In] : [];
        string[] module = Module is null ? [] : ["--module", Module];
        string[] variables = [.. Variables.Keys.Where(name => name.StartsWith("STUB_", StringComparison.Ordinal)
            || name == "LD_LIBRARY_PATH")];
        module = [.. module, .. variables.Length == 0 ? [] : variables.Prepend("--module-variable")];
        return ["run", .. ceremony, "--ledger", StickA, "--ledger", StickB, "--softhsm", Hsm, "--out", Out, .. stick, .. module, .. more];
    }

    private ProcessStartInfo Dotnet(IEnumerable<string> arguments)
    {
        string[] command = [.. Within, "dotnet", Repository.Program, .. arguments];
        return With(new ProcessStartInfo(command[0], command[1..]));
    }

    private ProcessStartInfo With(ProcessStartInfo start)
    {
        foreach ((string name, string value) in Variables)
            start.Environment[name] = value;
        return start;
    }

    private static Dictionary<string, string> Read(string rehearsal) =>
        JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllText(Path.Combine(Repository.Scripts,
            "rehearsal", $"{rehearsal}.json")))!;

    private static string NewFolder(string? @in) => @in is null ? Directory.CreateTempSubdirectory("keyceremony-table-").FullName
        : Directory.CreateDirectory(Path.Combine(@in, $"keyceremony-table-{Guid.NewGuid():N}")).FullName;

    private static void CopyFolder(string from, string to)
    {
        foreach (string folder in Directory.EnumerateDirectories(from, "*", SearchOption.AllDirectories))
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, folder)));
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
            File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)));
    }
}
