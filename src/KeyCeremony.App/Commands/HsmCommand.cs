using System.Collections.Immutable;
using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using KeyCeremony.App.Room;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;
using KeyCeremony.Pkcs11;
using Command = System.CommandLine.Command;

namespace KeyCeremony.App.Commands;

/// <summary><c>keyceremony hsm probe</c>: what an HSM really does, and for which ceremonies that is enough.</summary>
internal static class HsmCommand
{
    private const string Blank = "Connect a blank one; what was used is erased with its maker's tool. Nothing was done to this one.";

    public static Command Make()
    {
        var hsm = new Command("hsm", "HSMs, before the day.");
        hsm.Add(new OptionTable<ProbeWanted>("probe",
                "Try a blank HSM with throw-away keys, which erases it, and say for which ceremonies it can be used. "
                    + "Ends with 0 when for all.", new ProbeWanted())
            .Must("--module", "Path of the PKCS#11 module.", (wanted, path) => wanted with { Module = path })
            .Texts("--module-variable", "Name of an environment variable that the module reads besides those that are known.",
                (wanted, names) => wanted with { Variables = [.. names] })
            .With(RunCommand.CallSeconds(), RunCommand.CallSecondsHelp, (wanted, seconds) => wanted with { CallSeconds = seconds })
            .With(new Option<ulong?>("--slot"), "The slot of the HSM, when several are connected.",
                (wanted, slot) => wanted with { Slot = slot })
            .Text("--token", "Its label or serial number instead.", (wanted, name) => wanted with { Token = name })
            .Text("--scripts", "Directory of the ceremony scripts.", (wanted, folder) => wanted with { Scripts = folder })
            .Flag("--json", "The answer as JSON, for machines.", wanted => wanted with { Json = true })
            .Does(wanted => RunCommand.Guarded(() => Probe(wanted))));
        return hsm;
    }

    private static int Probe(ProbeWanted wanted)
    {
        string scripts = wanted.Scripts ?? (Directory.Exists("ceremony-scripts") ? "ceremony-scripts" : ApplianceCommand.Scripts);
        if (!Directory.Exists(scripts))
            return Words.Refuse(new Refusal("HSM-45", $"There is no folder {scripts} with ceremony scripts.",
                "Name one with --scripts: what an HSM is good for is asked of the scripts. Nothing was done."));
        // Some do harm by being started.
        if (TokenFamilies.OfFile(wanted.Module) is { Refused: not null } known)
            return Words.Refuse(FamilyDesk.Refuse(known)!);
        if (RunWanted.RefuseCallSeconds(wanted.CallSeconds) is { } never)
            return Words.Misused(never);
        // What it writes is kept: nothing that is worth anything is ever in a probe's module.
        using OneModule process = HsmHost.Module(wanted.Module, wanted.Variables, wanted.CallSeconds, keepsLog: true);
        if (process.WhyNot() is { } wrong)
            return Words.Refuse(RunCommand.NoModule(wrong));
        Hardening.Apply();
        if (Silent(process) is { } silent)
            return Words.Refuse(silent);
        try
        {
            return Probe(wanted, process, [.. RehearseCommand.Scripts(scripts).Select(s => s.Script)]);
        }
        catch (SoPinRefusedException e)
        {
            return Words.Refuse(FamilyDesk.SoPin(e));
        }
        catch (HsmException e)
        {
            return Words.Refuse(new Refusal("HSM-43", $"The HSM did not let itself be tried to the end: {e.Happened}",
                "What was tried with is in it at most until it is erased, and is worth nothing. Mend the cause, then probe it again."));
        }
    }

    /// <summary>Why nothing can be asked of the module; null: it is ready.</summary>
    private static Refusal? Silent(OneModule process)
    {
        try
        {
            _ = process.Running().GetInfo();
            return null;
        }
        catch (HsmException e)
        {
            string wrote = process.Log is [.., var last] ? $" It wrote: {last}" : "";
            return new Refusal(NeedRules.ModuleAnswers.Id, $"The module does not answer: {e.Happened}{wrote}",
                "Nothing was done. See that the device is plugged in, that the service runs through which the module reaches it (pcscd for "
                    + "a card, yubihsm-connector, pkcsslotd), and that the module's configuration names it. Then probe it again.");
        }
    }

    private static int Probe(ProbeWanted wanted, OneModule process, ImmutableArray<CeremonyScript> scripts)
    {
        Module module = process.Running();
        ModuleInfo info = module.GetInfo();
        if (TokenFamilies.Of(module.Path, info) is { Refused: not null } said)
            return Words.Refuse(FamilyDesk.Refuse(said)!);
        if (!TryChoose(wanted, module.Tokens(), out TokenInfo? token, out Refusal? refusal))
            return Words.Refuse(refusal);
        TokenFamily family = TokenFamilies.Of(module.Path, info, token);
        if (family.Refused is not null)
            return Words.Refuse(FamilyDesk.Refuse(family)!);
        bool tried = family.Unserved.IsEmpty;
        if (tried && !Hsm.IsBlank(token))
            return Words.Refuse(new Refusal("HSM-44",
                $"The HSM {token.Serial}, \"{token.Label}\", is in use: to try it its PIN would be needed, or it would be erased.", Blank));
        TokenProfile? profile = tried
            ? TokenProbe.RunOnBlank(module, token, Hsm.BlankSoPin, Hsm.ThrowAwayPin(token)) : null;
        var report = new ProbeReport(module.Path, $"{info.Manufacturer}, {info.Description} {info.LibraryVersion}",
            new ProbedToken(token.Slot, (profile?.Token ?? token).Label, (profile?.Token ?? token).Serial, token.Manufacturer, token.Model),
            family.Family, family.Title, family.Shown.ToString().ToLowerInvariant(), family.Sha256,
            process.Ground!.Told(module.Limits!), family.Unserved,
            profile?.Backup is { } backup ? new ProbedBackup(ProbeFacts.Code(backup.Mechanism), ProbeFacts.Name(backup.Format)) : null,
            profile?.Backup is { } measured ? Returns(measured.Format) : [],
            profile is { Locks: true } ? TokenProbed.ExtractableFalse : null,
            profile is null ? [] : ProbeFacts.Findings(profile),
            [.. scripts.Select(s => HsmVerdicts.Of(s, family, profile))]);
        Console.WriteLine(wanted.Json ? JsonSerializer.Serialize(report, ProbeJson.Default.ProbeReport)
            : string.Join(Environment.NewLine, Lines(report)));
        return report.Ceremonies.All(c => c.Possible) ? 0 : 1;
    }

    /// <summary>Families that are known to restore what is wrapped so, by their names.</summary>
    private static ImmutableArray<string> Returns(WrapFormat format) => [.. TokenFamilies.All
        .Where(f => f.Refused is null && !f.Match.IsEmpty && f.Wrap.Any(way => WrapStrategy.Of(way.Mechanism)?.Format == format))
        .Select(f => f.Family)];

    private static bool TryChoose(ProbeWanted wanted, IReadOnlyList<TokenInfo> tokens, [NotNullWhen(true)] out TokenInfo? token,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        TokenInfo[] meant = [.. tokens.Where(t => (wanted.Slot is null || t.Slot == wanted.Slot)
            && (wanted.Token is null || t.Label == wanted.Token || t.Serial == wanted.Token))];
        token = meant is [var only] ? only : null;
        refusal = meant switch
        {
            [] => new Refusal(CeremonyRules.NoToken,
                tokens.Count == 0 ? "No HSM is connected: the module sees none." : $"No such HSM is connected. {Connected(tokens)}",
                "Plug it in, wait for its light, and see that its reader's service runs; or name another one."),
            [_] => null,
            _ when meant.GroupBy(t => t.Serial).FirstOrDefault(g => g.Count() > 1 && g.Any(t => t.Serial.Length > 0)) is { } twins
                && wanted.Slot is null =>
                NeedRules.Distinct.RefuseToBegin($"{twins.Count()} HSMs report the serial number {twins.Key}."),
            _ => new Refusal("HSM-46", $"{meant.Length} HSMs are connected. {Connected(meant)}", "Name one with --slot or --token."),
        };
        return token is not null;
    }

    private static string Connected(IReadOnlyList<TokenInfo> tokens) => $"There: {string.Join("; ", tokens.Select(t =>
        string.Create(CultureInfo.InvariantCulture,
            $"slot {t.Slot}, {(Hsm.IsBlank(t) ? "blank" : $"\"{t.Label}\"")}, serial number \"{t.Serial}\"")))}.";

    private static IEnumerable<string> Lines(ProbeReport r)
    {
        yield return $"Module   {r.Module}: {r.Says}";
        yield return string.Create(CultureInfo.InvariantCulture,
            $"HSM      slot {r.Token.Slot}, serial number \"{r.Token.Serial}\", {r.Token.Manufacturer} {r.Token.Model}");
        yield return $"Family   {r.Family}: {r.Title}; {r.Shown}";
        yield return $"         SHA-256 of its description {r.FamilySha256}";
        foreach (string given in r.Given)
            yield return $"Given    {given}";
        foreach (string need in r.Missing)
            yield return $"MISSING  {need}";
        if (r.Findings.IsEmpty)
            yield return "It was not touched.";
        else
            yield return r.Backup is null ? "Backup   none that could be opened"
                : $"Backup   {r.Backup.Mechanism}, measured as {r.Backup.Format}";
        if (r.Backup is { Format: var format })
            yield return $"Return   {BackupBlob.ComesBack(format)}; of those that the handbook knows: {string.Join(", ", r.Returns)}";
        foreach (Finding finding in r.Findings)
            yield return $"{finding.Result.ToUpperInvariant(),-8} {finding.Id} {finding.Text}";
        yield return "";
        foreach (HsmVerdict verdict in r.Ceremonies)
        {
            yield return $"{(verdict.Possible ? "YES" : "NO"),-8} {verdict.Script}";
            foreach (string line in verdict.Reasons.Concat(verdict.Also))
                yield return $"         {line}";
        }
    }

    private sealed record ProbeWanted
    {
        public string Module { get; init; } = "";

        /// <summary>Of <see cref="RunWanted"/>.</summary>
        public ImmutableArray<string> Variables { get; init; } = [];

        /// <summary>Of <see cref="RunWanted"/>.</summary>
        public int? CallSeconds { get; init; }

        public ulong? Slot { get; init; }

        public string? Token { get; init; }

        public string? Scripts { get; init; }

        public bool Json { get; init; }
    }
}

/// <summary>What <c>hsm probe --json</c> says. docs/handbook/hsm.md.</summary>
/// <param name="Says">What the module says of itself.</param>
/// <param name="Given">To the module, by its family or by whoever asked; the variables that every module is given are not told.</param>
/// <param name="Missing">What its family would need and this program does not do.</param>
/// <param name="Backup">Null: none was proven.</param>
/// <param name="Returns">Families that restore such a backup, too, by what is known of them.</param>
/// <param name="Lock">Null: none was proven.</param>
internal sealed record ProbeReport(string Module, string Says, ProbedToken Token, string Family, string Title, string Shown,
    string FamilySha256, ImmutableArray<string> Given, ImmutableArray<string> Missing, ProbedBackup? Backup,
    ImmutableArray<string> Returns, string? Lock, ImmutableArray<Finding> Findings, ImmutableArray<HsmVerdict> Ceremonies);

internal sealed record ProbedToken(ulong Slot, string Label, string Serial, string Manufacturer, string Model);

internal sealed record ProbedBackup(string Mechanism, string Format);

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ProbeReport))]
internal sealed partial class ProbeJson : JsonSerializerContext;
