using System.Diagnostics;
using KeyCeremony.Core;

namespace KeyCeremony.App.Commands;

/// <summary>
/// What no other place caught ends here: a sentence and an exit code of its own, on whatever thread it happened. The
/// exception's text is never shown: nobody wrote it for a person, and nobody knows what it holds.
/// </summary>
internal static class LastNet
{
    /// <summary>EX_SOFTWARE of sysexits.h: neither success nor a refusal.</summary>
    public const int ExitCode = 70;

    public static int Run(Func<int> program)
    {
        // The runtime would print the text and the stack of what ends a thread of its own.
        AppDomain.CurrentDomain.UnhandledException += (_, fault) => Environment.Exit(Say(fault.ExceptionObject));
        try
        {
            return program();
        }
        catch (Exception e)
        {
            return Say(e);
        }
    }

    private static int Say(object fault)
    {
        Words.Refuse(new Refusal("PROGRAM-01", $"The program has a fault and ended: {Place(fault)}.",
            "What was recorded before is whole: run the same command again. If it ends here again, report this line with the input."));
        return ExitCode;
    }

    /// <summary>The kind of the fault and the innermost of our own functions: names out of the program, nothing out of its data.</summary>
    private static string Place(object fault)
    {
        string kind = fault.GetType().Name;
        return fault is Exception e
            && new StackTrace(e).GetFrames().Select(DiagnosticMethodInfo.Create).FirstOrDefault(IsOurs) is { } method
            ? $"{kind} in {method.DeclaringTypeName![(method.DeclaringTypeName.LastIndexOfAny(['.', '+']) + 1)..]}.{method.Name}"
            : kind;
    }

    private static bool IsOurs(DiagnosticMethodInfo? method) =>
        method?.DeclaringTypeName?.StartsWith(nameof(KeyCeremony), StringComparison.Ordinal) == true;
}
