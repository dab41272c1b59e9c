using System.Collections.Immutable;
using System.CommandLine;
using KeyCeremony.App.Room;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.App.Commands;

/// <summary><c>keyceremony self-check</c>: the image looks at itself from inside.</summary>
internal static class SelfCheckCommand
{
    public static Command Make()
    {
        var json = new Option<bool>("--json") { Description = Answer.OptionHelp };
        var command = new Command("self-check", "On the appliance: try what may not be possible, and show what was started.") { json };
        command.SetAction(parsed => RunCommand.Guarded(() => Run(new Answer("self-check", parsed.GetValue(json)))));
        return command;
    }

    public static int Run() => Run(new Answer("self-check", isJson: false));

    /// <summary>Of the image that runs.</summary>
    public static SelfCheck OfImage() => new(new KernelFiles("/"), "/", HsmUnit.Socket,
        [.. ApplianceCommand.Modules.Select(m => m.Path).Where(File.Exists)]);

    private static int Run(Answer answer)
    {
        Hardening.Apply();
        ImmutableArray<Finding> checks = [.. OfImage().Run(),
            .. new ApplianceGate("/", Hardening.MemoryLocks(), []).Inspect().Findings];
        foreach (Finding finding in checks)
            answer.Tell($"{finding.Result.ToUpperInvariant(),-7} {finding.Id} {finding.Text}");
        int failed = checks.Count(f => f.Result == "fail");
        answer.Findings("findings", checks);
        answer.Tell(failed == 0
            ? $"The image passed its self-check: {checks.Length} lines, none failed."
            : $"The image FAILED its self-check: {failed} of {checks.Length} lines.");
        return answer.End(failed == 0 ? 0 : 1);
    }
}
