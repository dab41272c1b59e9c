using System.CommandLine;
using System.Text;
using KeyCeremony.Core.Script;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.App.Commands;

/// <summary><c>keyceremony check</c> and <c>keyceremony print</c>: a script without any device.</summary>
internal static class ScriptCommands
{
    public static Command Check()
    {
        var script = new Argument<string>("script") { Description = "The ceremony script." };
        var command = new Command("check", "Play a script against a model of the world and say what is wrong with it.") { script };
        command.SetAction(parsed =>
        {
            if (!Words.TryLoad(parsed.GetValue(script)!, out CeremonyScript? read, out LineMap? lines))
                return 1;
            int errors = 0;
            foreach (ScriptFinding f in ScriptCheck.Check(read, Words.Profiles))
            {
                ScriptPlace place = lines!.At(f.Line);
                Console.WriteLine($"{place.File}:{place.Line}: {f.Severity.ToString().ToLowerInvariant()} {f.Rule} {f.Message} {f.Remedy}");
                errors += f.Severity == Severity.Error ? 1 : 0;
            }
            Console.WriteLine($"{read.Name} version {read.Version}: {read.Steps.Length} steps, {errors} errors");
            Console.WriteLine($"SHA-256 {read.Sha256}");
            return errors == 0 ? 0 : 1;
        });
        return command;
    }

    public static Command Print()
    {
        var script = new Argument<string>("script") { Description = "The ceremony script." };
        var format = new Option<string>("--format") { Description = "markdown or html.", DefaultValueFactory = _ => "markdown" };
        format.AcceptOnlyFromAmong("markdown", "html");
        var output = new Option<string?>("--out") { Description = "A new file; left out: standard output." };
        var command = new Command("print", "Write the binder copy with columns for initials and times.") { script, format, output };
        command.SetAction(parsed =>
        {
            if (!Words.TryLoad(parsed.GetValue(script)!, out CeremonyScript? read))
                return 1;
            string printed = parsed.GetValue(format) == "html" ? ScriptPrint.Html(read, bytes => PgpWords.Of(bytes)) : ScriptPrint.Markdown(read, bytes => PgpWords.Of(bytes));
            if (parsed.GetValue(output) is not { } path)
            {
                Console.Write(printed);
                return 0;
            }
            using var file = new FileStream(path, FileMode.CreateNew);
            file.Write(Encoding.UTF8.GetBytes(printed));
            return 0;
        });
        return command;
    }
}
