using System.Collections.Immutable;
using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using KeyCeremony.App.Paper;
using KeyCeremony.App.Room;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.App.Commands;

/// <summary><c>keyceremony check</c> and <c>keyceremony print</c>: a script without any device.</summary>
internal static class ScriptCommands
{
    public static Command Check() => new OptionTable<CheckWanted>("check",
        "Play a script against a model of the world, say what is wrong with it and what it will need.", new CheckWanted())
        .With(new Argument<string>("script"), "The ceremony script.", (wanted, script) => wanted with { Script = script })
        .Text("--module", "Look at the HSMs too: path of the PKCS#11 module.",
            (wanted, path) => wanted with { Run = wanted.Run with { Module = path } })
        .Texts("--module-variable", "Name of an environment variable that the module reads besides those that are known.",
            (wanted, names) => wanted with { Run = wanted.Run with { Variables = [.. names] } })
        .Text("--softhsm", "A folder with SoftHSM2 tokens instead.",
            (wanted, folder) => wanted with { Run = wanted.Run with { SoftHsm = folder } })
        .Text("--primary-serial", "Serial number of the primary HSM, when several blank ones are connected.",
            (wanted, serial) => wanted with { Run = wanted.Run with { PrimarySerial = serial } })
        .Text("--drill-serial", "Serial number of the drill HSM.",
            (wanted, serial) => wanted with { Run = wanted.Run with { DrillSerial = serial } })
        .With(new Option<string[]>("--ledger") { Arity = new ArgumentArity(1, 2) },
            "Look at the record sticks too: their directories.",
            (wanted, sticks) => wanted with { Run = wanted.Run with { Ledger = sticks ?? [] } })
        .Text("--out", "Look at the export stick too: its directory.",
            (wanted, folder) => wanted with { Run = wanted.Run with { Out = folder ?? "" } })
        .Text("--in", "Look at the import stick too: its directory.",
            (wanted, folder) => wanted with { Run = wanted.Run with { In = folder } })
        .With(RunCommand.OfEnvironment(Environments.Rehearsal),
            "rehearsal, development, staging or production: of the ledger.",
            (wanted, environment) => wanted with { Run = wanted.Run with { Environment = environment } })
        .Flag("--json", Answer.OptionHelp, wanted => wanted with { Json = true })
        .Does(wanted => RunCommand.Guarded(() => Check(wanted, new Answer("check", wanted.Json))));

    private static int Check(CheckWanted wanted, Answer answer)
    {
        if (!Environments.All.Contains(wanted.Run.Environment))
            return answer.Misused(RunWanted.NoEnvironment(wanted.Run.Environment));
        if (!Words.TryLoad(wanted.Script, out CeremonyScript? read, out LineMap? lines, out ImmutableArray<ScriptError> unread))
        {
            foreach (ScriptError error in unread)
                Console.Error.WriteLine(error);
            Told(answer, unread.Select(e => new CheckLine(new ScriptPlace(e.File, e.Line), Severity.Error, e.Rule, e.Message, e.Remedy)));
            return answer.End(1);
        }
        CheckLine[] found = [.. ScriptCheck.Check(read, Words.Profiles)
            .Select(f => new CheckLine(lines!.At(f.Line), f.Severity, f.Rule, f.Message, f.Remedy))];
        foreach (CheckLine f in found)
            answer.Tell($"{f.Place.File}:{f.Place.Line}: {f.Severity.ToString().ToLowerInvariant()} {f.Rule} {f.Message} {f.Remedy}");
        int errors = found.Count(f => f.Severity == Severity.Error);
        answer.Tell($"{read.Name} version {read.Version}: {read.Steps.Length} steps, {errors} errors");
        answer.Tell($"SHA-256 {read.Sha256}");
        answer.Member("script", read.Name);
        answer.Member("version", read.Version);
        answer.Member("steps", read.Steps.Length);
        answer.Member("sha256", read.Sha256);
        Told(answer, found);
        return answer.End(TellNeeds(read, wanted.Run, answer) && errors == 0 ? 0 : 1);
    }

    private static void Told(Answer answer, IEnumerable<CheckLine> found) => answer.Objects("findings", found, (json, f) =>
    {
        json.WriteString("file", f.Place.File);
        json.WriteNumber("line", f.Place.Line);
        json.WriteString("severity", f.Severity.ToString().ToLowerInvariant());
        json.WriteString("rule", f.Rule);
        json.WriteString("message", f.Message);
        json.WriteString("remedy", f.Remedy);
    });

    private sealed record CheckLine(ScriptPlace Place, Severity Severity, string Rule, string Message, string Remedy);

    /// <summary>The list of what the script will need; looked at are the things whose place was named.</summary>
    private static bool TellNeeds(CeremonyScript script, RunWanted run, Answer answer)
    {
        bool looks = run.Module is not null || run.SoftHsm is not null || run.Ledger.Length > 0 || run.Out.Length > 0 || run.In is not null;
        ImmutableArray<Finding> found = [];
        if (looks)
        {
            World world = World.Empty with { Environment = run.Environment };
            if (run.Ledger.Length == 2 && !RehearseCommand.TryWorld(run.Ledger, run.Environment, out world, out _, out Refusal? refusal))
                return answer.Refuse(refusal) == 0;
            HsmSettings? tokens = run.Module is null && run.SoftHsm is null ? null : run.Hsm(RunCommand.ModulePath(run));
            using OneModule? process = tokens?.Process;
            if (process?.WhyNot() is { } wrong)
                return answer.Refuse(RunCommand.NoModule(wrong)) == 0;
            found = new NeedsLook(ScriptNeeds.Of(script), world with { Environment = run.Environment }, run.Laid(tokens, null),
                TimeProvider.System.GetUtcNow()).Look();
        }
        foreach (string line in Needs.Text(script, found))
            answer.Tell(line);
        answer.Member("needs", ScriptNeeds.Of(script).InWords);
        answer.Findings("looked", found);
        return NeedRules.Refuse(script, found) is null;
    }

    private sealed record CheckWanted
    {
        public string Script { get; init; } = "";

        public bool Json { get; init; }

        public RunWanted Run { get; init; } = new();
    }

    public static Command Print()
    {
        var script = new Argument<string>("script") { Description = "The ceremony script." };
        var format = new Option<string>("--format") { Description = "markdown, html or pdf.", DefaultValueFactory = _ => "markdown" };
        format.AcceptOnlyFromAmong("markdown", "html", "pdf");
        Option<string?> output = Output();
        var bundle = new Option<string?>("--bundle") { Description = "The last bundle: the numbers of its bags are printed." };
        var ledger = new Option<string?>("--ledger") { Description = "Instead: a record stick." };
        var command = new Command("print", "Write the binder copy with columns for initials and times; or cards and labels.")
        {
            script,
            format,
            output,
            bundle,
            ledger,
            Forms("cards", "Blank cards, one for every share that the script deals.", CardPaper.Write, PrintRules.NoCards),
            Forms("labels", "Labels for every bag that the script seals.", LabelPaper.Write, PrintRules.NoBags),
        };
        command.SetAction(parsed => RunCommand.Guarded(() =>
        {
            if (parsed.GetValue(bundle) is not null && parsed.GetValue(ledger) is not null)
                return Words.Misused(PrintRules.OneSource());
            if (!Words.TryLoad(parsed.GetValue(script)!, out CeremonyScript? read))
                return 1;
            if (!TryRecall(parsed.GetValue(bundle), parsed.GetValue(ledger), out LastTime? last, out Refusal? refusal))
                return Words.Refuse(refusal);
            return Out(parsed.GetValue(output), parsed.GetValue(format) switch
            {
                "pdf" => BinderPaper.Write(read, last),
                "html" => Encoding.UTF8.GetBytes(ScriptPrint.Html(read, bytes => PgpWords.Of(bytes), last)),
                _ => Encoding.UTF8.GetBytes(ScriptPrint.Markdown(read, bytes => PgpWords.Of(bytes), last)),
            }, isText: parsed.GetValue(format) != "pdf");
        }));
        return command;
    }

    /// <param name="none">Of a script that has none of them.</param>
    private static Command Forms(string name, string what, Func<CeremonyScript, byte[]?> write, Func<CeremonyScript, Refusal> none)
    {
        var script = new Argument<string>("script") { Description = "The ceremony script." };
        Option<string?> output = Output();
        var command = new Command(name, what + " A PDF of A4 sheets, always the same for the same script.") { script, output };
        command.SetAction(parsed => RunCommand.Guarded(() =>
        {
            if (!Words.TryLoad(parsed.GetValue(script)!, out CeremonyScript? read))
                return 1;
            return write(read) is { } pdf ? Out(parsed.GetValue(output), pdf, isText: false) : Words.Refuse(none(read));
        }));
        return command;
    }

    private static Option<string?> Output() => new("--out") { Description = "A new file; left out: standard output." };

    private static bool TryRecall(string? bundle, string? ledger, out LastTime? last, [NotNullWhen(false)] out Refusal? refusal)
    {
        (last, refusal) = (null, null);
        if (bundle is null && ledger is null)
            return true;
        return bundle is not null
            ? BagNumbers.TryOfBundle(bundle, out last, out refusal)
            : BagNumbers.TryOfStick(ledger!, out last, out refusal);
    }

    private static int Out(string? path, byte[] bytes, bool isText)
    {
        if (path is null && !isText && !Console.IsOutputRedirected)
            return Words.Refuse(PrintRules.NoPdfOnATerminal());
        if (path is null)
        {
            using Stream console = Console.OpenStandardOutput();
            console.Write(bytes);
            return 0;
        }
        using var file = new NewFile(path);
        file.Stream.Write(bytes);
        file.Commit();
        return 0;
    }
}
