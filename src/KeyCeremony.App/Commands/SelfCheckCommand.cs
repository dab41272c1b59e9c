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
        var command = new Command("self-check", "On the appliance: try what may not be possible, and show what was started.");
        command.SetAction(_ => RunCommand.Guarded(Run));
        return command;
    }

    public static int Run()
    {
        Hardening.Apply();
        ImmutableArray<Finding> checks = [.. new SelfCheck(new KernelFiles("/"), "/").Run(),
            .. new ApplianceGate("/", Hardening.MemoryLocks(), []).Inspect().Findings];
        foreach (Finding finding in checks)
            Console.WriteLine($"{finding.Result.ToUpperInvariant(),-7} {finding.Id} {finding.Text}");
        int failed = checks.Count(f => f.Result == "fail");
        Console.WriteLine(failed == 0
            ? $"The image passed its self-check: {checks.Length} lines, none failed."
            : $"The image FAILED its self-check: {failed} of {checks.Length} lines.");
        return failed == 0 ? 0 : 1;
    }
}
