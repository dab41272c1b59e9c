using System.Collections.Immutable;
using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using KeyCeremony.App.Ground;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki;

namespace KeyCeremony.App.Room;

/// <summary>One lint that did not pass.</summary>
/// <param name="Lint">zlint's name, e.g. <c>e_ca_country_name_missing</c>.</param>
/// <param name="Result"><c>fatal</c>, <c>error</c>, <c>warn</c> or <c>info</c>.</param>
internal sealed record ZlintFinding(string Lint, string Result)
{
    /// <summary>Its details are left away: they may quote what it read.</summary>
    public override string ToString() => $"{Result} {Lint}";
}

/// <summary>What zlint says to a certificate.</summary>
/// <param name="Version">As the program calls itself.</param>
/// <param name="Findings">What it found and <see cref="ZlintExpected"/> does not explain, in order of name.</param>
/// <param name="Explained">What it found as expected for the profile, each with its reason.</param>
internal sealed record ZlintReport(string Version, int LintsAsked, ImmutableArray<ZlintFinding> Findings,
    ImmutableArray<ExpectedFinding> Explained)
{
    /// <summary>As a preview records it: ZLINT-02 fails for each finding of the grade warn, error or fatal that nothing explains.</summary>
    public ImmutableArray<Finding> Recorded() =>
    [
        new Finding(ZlintRules.Unexpected, "pass",
            $"{Version}: {LintsAsked} lints asked, {Explained.Length} findings explained for this profile"),
        .. Findings.Select(f => new Finding(ZlintRules.Unexpected, f.Result == "info" ? "pass" : "fail", f.ToString())),
    ];
}

internal static class ZlintRules
{
    public const string Unreadable = "ZLINT-01";
    public const string Unexpected = CeremonyRules.Zlint;
}

/// <summary>Another project's opinion on a previewed certificate: <c>zlint</c> where it is installed (Debian package zlint).</summary>
/// <param name="program">Its path; null looks for <c>zlint</c> on PATH.</param>
internal sealed class Zlint(string temporaryDirectory, string? program = null)
{
    private const int MaxSeconds = 30;
    private const string FirstWord = "ZLint";

    /// <summary>Null: it is not installed.</summary>
    /// <param name="certificate">DER, signed by whatever key: for a preview by the throw-away key.</param>
    /// <param name="isMlDsa">The key or its issuer's is of ML-DSA, which it does not know.</param>
    /// <exception cref="CeremonyException">It cannot read the certificate (ZLINT-01).</exception>
    public ZlintReport? Run(ReadOnlySpan<byte> certificate, CertificateProfile profile, bool isMlDsa = false)
    {
        string folder = Path.Combine(temporaryDirectory, $"zlint-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}");
        Directory.CreateDirectory(folder);
        try
        {
            string file = Path.Combine(folder, "certificate.der");
            using (var stream = new FileStream(file, FileMode.CreateNew))
                stream.Write(certificate);
            string version = Ask("-version").Trim();
            if (!version.StartsWith(FirstWord, StringComparison.Ordinal))
                throw Unreadable("what answers is not zlint");
            return Read(version, Ask("-format", "der", file), [.. ZlintExpected.Of(profile, isMlDsa)]);
        }
        catch (Win32Exception)
        {
            return null;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private string Ask(params string[] arguments)
    {
        using var zlint = new Process
        {
            StartInfo = new ProcessStartInfo(program ?? "zlint", arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
            },
        };
        zlint.Start();
        Task<string> said = zlint.StandardOutput.ReadToEndAsync();
        // Its words may quote what it read and lines of its source: they are taken off it and go nowhere.
        _ = zlint.StandardError.BaseStream.CopyToAsync(Stream.Null);
        if (!zlint.WaitForExit(TimeSpan.FromSeconds(MaxSeconds)))
        {
            zlint.Kill(entireProcessTree: true);
            throw Unreadable($"no answer within {MaxSeconds} seconds");
        }
        return zlint.ExitCode == 0 ? said.GetAwaiter().GetResult()
            : throw Unreadable($"it ends with {zlint.ExitCode}, as for what it cannot read");
    }

    // { "e_name": { "result": "pass" }, "w_name": { "result": "warn", "details": "..." }, ... }
    private static ZlintReport Read(string version, string json, ImmutableArray<ExpectedFinding> known)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            List<JsonProperty> lints = [.. document.RootElement.EnumerateObject()];
            if (lints.Count == 0)
                throw Unreadable("it asked nothing");
            ImmutableArray<ZlintFinding> found = [.. lints.Select(Finding).Where(f => f.Result is not ("pass" or "NA" or "NE"))
                .OrderBy(f => f.Lint, StringComparer.Ordinal)];
            ImmutableArray<ExpectedFinding> expected = [.. known.Where(e => found.Any(f => f.Lint == e.Lint))];
            return new ZlintReport(version, lints.Count, [.. found.Where(f => !expected.Any(e => e.Lint == f.Lint))], expected);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw Unreadable("its answer is not the JSON that it writes");
        }
    }

    private static ZlintFinding Finding(JsonProperty lint) => new(
        lint.Name, lint.Value.GetProperty("result").GetString() ?? "");

    private static CeremonyException Unreadable(string why) =>
        new(new Refusal(ZlintRules.Unreadable, $"zlint gives no verdict: {why}.",
            "Do not sign. Find out whether the certificate or the installed zlint is at fault."));
}
