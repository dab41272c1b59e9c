using System.Collections.Immutable;
using System.ComponentModel;
using System.Diagnostics;

namespace KeyCeremony.Hsm.Tests;

/// <summary>How another program ended and what it said.</summary>
internal sealed record Ran(int Code, string Out, string Err)
{
    /// <summary>What a shell calls a process that SIGKILL ended.</summary>
    public const int Killed = 137;

    public string Said => Out + Err;

    public Ran Expect(int code)
    {
        Assert.True(Code == code, $"exit {Code} instead of {code}:\n{Said}");
        return this;
    }
}

/// <summary>Other people's programs.</summary>
internal static class Tool
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private static readonly ImmutableDictionary<string, string> Packages = ImmutableDictionary.CreateRange(new Dictionary<string, string>
    {
        ["openssl"] = "openssl",
        ["certtool"] = "gnutls-bin",
        ["pkcs11-tool"] = "opensc",
        ["p11-kit"] = "p11-kit",
        ["gcore"] = "gdb",
        ["node"] = "nodejs",
        ["sha256sum"] = "coreutils",
    });

    /// <exception cref="InvalidOperationException">It is not installed; names the Debian package.</exception>
    public static Ran Run(string program, params string[] arguments) => Run(new ProcessStartInfo(program, arguments));

    public static Ran Run(ProcessStartInfo start, string input = "")
    {
        using Process process = Start(start);
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        return Ended(process);
    }

    /// <summary>Started, with all three streams in our hands.</summary>
    public static Process Start(ProcessStartInfo start)
    {
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException(
                $"{start.FileName} is not installed: apt-get install {Packages.GetValueOrDefault(start.FileName, start.FileName)}", e);
        }
    }

    /// <summary>Waits for the end; a program that does not come to one is killed, and the test fails.</summary>
    public static Ran Ended(Process process)
    {
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{process.StartInfo.FileName} does not end: {output.GetAwaiter().GetResult()}");
        }
        return new Ran(process.ExitCode, output.GetAwaiter().GetResult(), errors.GetAwaiter().GetResult());
    }
}
