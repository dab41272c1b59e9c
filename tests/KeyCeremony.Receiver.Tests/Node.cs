using System.ComponentModel;
using System.Diagnostics;

namespace KeyCeremony.Receiver.Tests;

/// <summary>Node.js, which builds the page and drives the browser.</summary>
internal static class Node
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>What the script printed.</summary>
    /// <exception cref="InvalidOperationException">It failed, or did not end; with what it said.</exception>
    public static string Run(string script, string input = "", params string[] arguments)
    {
        using Process process = Start(script, arguments);
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            throw new InvalidOperationException($"{script} does not end: {errors.GetAwaiter().GetResult()}");
        }
        string said = output.GetAwaiter().GetResult();
        return process.ExitCode == 0
            ? said
            : throw new InvalidOperationException($"{script} ended with {process.ExitCode}:\n{errors.GetAwaiter().GetResult()}{said}");
    }

    private static Process Start(string script, string[] arguments)
    {
        var start = new ProcessStartInfo("node", [script, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException("node is not installed: apt-get install nodejs npm", e);
        }
    }
}
