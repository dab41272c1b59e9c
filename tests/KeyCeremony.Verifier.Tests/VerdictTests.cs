using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using KeyCeremony.App.Bundle;
using KeyCeremony.App.Tests;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Verifier.Tests;

/// <summary>The command line as docs/formats/verify.md has it: what a program that calls it goes by.</summary>
public sealed class VerdictTests(PlayedCeremony played) : IClassFixture<PlayedCeremony>, IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("verdict").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private byte[] Root => SHA256.HashData(played.Files["certificates/root.der"].Span);

    [Fact]
    public void Without_a_root_it_says_at_both_ends_that_nobody_was_asked()
    {
        (int code, string said, _) = ProgramRun.Of("verify", Exported());

        Assert.Equal(3, code);
        Assert.StartsWith("NOBODY'S IDENTITY IS CHECKED HERE", said, StringComparison.Ordinal);
        Assert.Contains("CONSISTENT, BUT NOBODY'S IDENTITY WAS CHECKED", said, StringComparison.Ordinal);
        Assert.Contains("--words", said, StringComparison.Ordinal);
        Assert.DoesNotContain("VERIFIED", said, StringComparison.Ordinal);
        Assert.All(said.Split('\n'), line => Assert.True(line.Length <= 80, line));
    }

    [Fact]
    public void A_root_is_named_by_its_hash_or_its_first_words()
    {
        string bundle = Exported(), hex = Convert.ToHexString(Root), words = string.Join(' ', PgpWords.Words(Root).Take(4));

        Assert.Equal(0, ProgramRun.Of("verify", "--trust", hex, bundle).Code);
        Assert.Equal(0, Code(null, words, null, bundle));
        Assert.Equal(0, Code(null, PgpWords.Of(Root), null, bundle));
        byte[] other = [.. Root];
        other[3] ^= 1;
        Assert.Equal(1, Code(null, string.Join(' ', PgpWords.Words(other).Take(4)), null, bundle));
        Assert.Equal(1, Code(Convert.ToHexString(other), null, null, bundle));
    }

    [Theory]
    [InlineData("VERIFY-00", "not a hash", null, null)]
    [InlineData("VERIFY-00", null, "adult bravado", null)]
    [InlineData("PGPWORD-01", null, "xyzzy bravado adult bravado", null)]
    [InlineData("VERIFY-00", null, null, "aa")]
    [InlineData("VERIFY-00", "0000000000000000000000000000000000000000000000000000000000000000",
        "aardvark adroitness aardvark adroitness", null)]
    public void What_names_nobody_is_refused(string rule, string? trust, string? words, string? script)
    {
        Assert.False(VerifyOptions.TryRead(trust, words, script, out _, out Refusal? refusal));
        Assert.Equal(rule, refusal.Rule);
    }

    /// <summary>A hash as openssl and others print it is one; the file of a certificate, or another hash of it, is told so.</summary>
    [Fact]
    public void A_hash_as_tools_print_it_names_the_root()
    {
        string hex = Convert.ToHexString(Root), colons = BitConverter.ToString(Root).Replace('-', ':');
        foreach (string told in new[] { hex, colons, $"sha256 Fingerprint={colons}", $"sha256:{hex.ToLowerInvariant()}" })
        {
            Assert.True(VerifyOptions.TryRead(told, null, null, out VerifyOptions? options, out Refusal? refusal), $"{refusal}");
            Assert.True(options.TrustedRoot!.Value.Span.SequenceEqual(Root));
        }
        foreach ((string told, string said) in new[] { ("root.pem", "the name of a file"), (hex[..40], "as long as a SHA-1") })
        {
            Assert.False(VerifyOptions.TryRead(told, null, null, out _, out Refusal? refusal));
            Assert.Contains(said, refusal.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>Nothing given is nobody, and not a beginning that every hash has.</summary>
    [Fact]
    public void Nothing_names_nobody()
    {
        Assert.True(VerifyOptions.TryRead(null, null, null, out VerifyOptions? options, out _));
        Assert.Null(options.TrustedRoot);
        Assert.Equal([VerifyRules.Trust], BundleVerify.Check("b", played.Files, new VerifyOptions(Root.AsMemory(0, 3))).Verdict.Checks
            .Where(c => !c.Passed).Select(c => c.Rule));
    }

    [Fact]
    public void A_pinned_script_is_the_one_that_ran()
    {
        string bundle = Exported(), script = Convert.ToHexString(SHA256.HashData(played.Files[BundleFiles.ScriptPath].Span)),
            root = Convert.ToHexString(Root);

        Assert.Equal(0, Code(root, null, script, bundle));
        VerifyReport report = Report(root, null, new string('0', 64), bundle);
        Assert.Equal(1, report.ExitCode);
        Assert.Contains("Another script ran", report.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_typing_error_is_not_a_forgery()
    {
        Assert.Equal(2, ProgramRun.Of("verify").Code);
        Assert.Equal(2, ProgramRun.Of("verify", "--trsut", "aa", Exported()).Code);
        Assert.Equal(2, ProgramRun.Of("verify", "--trust", "aa", Exported()).Code);
    }

    [Fact]
    public void A_copy_that_broke_off_or_was_looked_at_is_not_called_tampered()
    {
        foreach (string left in new[] { ".DS_Store", "Thumbs.db", "._report.pdf", "System Volume Information/WPSettings.dat" })
        {
            string bundle = Exported();
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(bundle, left))!);
            File.WriteAllText(Path.Combine(bundle, left), "x");
            VerifyReport report = Report(null, null, null, bundle);
            Assert.Equal(4, report.ExitCode);
            Assert.Contains("was left there by a computer", Regex.Replace(report.Text, @"\s+", " "), StringComparison.Ordinal);
        }
        string empty = Exported();
        Directory.CreateDirectory(Path.Combine(empty, "System Volume Information"));
        Assert.Contains("was left there by a computer", Assert.Single(Report(null, null, null, empty).Bundles[0].Checks[0].Flaws),
            StringComparison.Ordinal);
        foreach (string gone in new[] { BundleFiles.ReportPath, BundleFiles.CmsPath, "backup/root.kcb" })
        {
            string bundle = Exported();
            File.Delete(Path.Combine(bundle, gone));
            if (gone.Contains('/'))
                Directory.Delete(Path.Combine(bundle, "backup"));
            VerifyReport report = Report(null, null, null, bundle);
            Assert.Equal(4, report.ExitCode);
            Assert.DoesNotContain("evidence", report.Text, StringComparison.Ordinal);
        }
        string changed = Exported();
        File.AppendAllText(Path.Combine(changed, "script.md"), "x");
        Assert.Equal(1, Report(null, null, null, changed).ExitCode);
        Assert.StartsWith("script.md is not the file that is listed", Assert.Single(Flaws(changed)), StringComparison.Ordinal);
        string partial = Exported() + ".partial";
        Directory.Move(partial[..^".partial".Length], partial);
        Assert.Equal(4, Report(null, null, null, partial).ExitCode);
    }

    [Fact]
    public void A_list_of_sums_that_says_more_than_there_is_is_refused()
    {
        string sums = Encoding.UTF8.GetString(played.Files[BundleFiles.SumsPath].Span),
            first = sums[..(sums.IndexOf('\n', StringComparison.Ordinal) + 1)];
        string name = first[66..^1];
        foreach ((string listed, string flaw) in new[]
        {
            (sums + first, "stands twice"),
            (new string('0', 64) + first[64..] + sums, "stands twice"),
            (sums[..^1], "not in order"),
            (sums + new string('0', 64) + "  certificates/other.der\n", "certificates/other.der is listed and missing."),
            (sums + "x\n", "A line names no file: x"),
            (sums[first.Length..], $"{name} is there and not listed."),
        })
        {
            string bundle = Exported();
            File.WriteAllText(Path.Combine(bundle, BundleFiles.SumsPath), listed);
            Assert.Contains(flaw, Assert.Single(Flaws(bundle)), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_is_no_bundle_is_said_to_be_none_and_those_below_are_named()
    {
        string bundle = Exported();
        VerifyReport parent = Report(null, null, null, Path.GetDirectoryName(bundle)!);

        Assert.Equal(5, parent.ExitCode);
        Assert.Contains(parent.Bundles[0].Checks[0].Flaws, f => f.Contains(bundle, StringComparison.Ordinal));
        Assert.Equal(5, Report(null, null, null, Path.Combine(_root, "nothing")).ExitCode);
        Assert.Equal(5, Report(null, null, null, Path.Combine(bundle, "script.md")).ExitCode);
    }

    [Fact]
    public void A_bundle_of_a_later_program_is_neither_good_nor_forged()
    {
        string later = Changed(BundleFiles.JournalPath,
            t => t.Replace($"\"format\":{JournalFormats.Current}}}", "\"format\":99,\"mood\":\"good\"}", StringComparison.Ordinal)
            .Replace("\"kind\":\"clock-compared\"", "\"kind\":\"clock-sung\"", StringComparison.Ordinal));
        VerifyReport report = Report(null, null, null, later);
        Assert.Equal(6, report.ExitCode);
        Assert.Contains("A later program made it", report.Text, StringComparison.Ordinal);

        Assert.Equal(6, Report(null, null, null,
            Changed(BundleFiles.StatementPath, t => t.Replace("checkpoint-v1", "checkpoint-v2", StringComparison.Ordinal))).ExitCode);
        // An unknown kind alone is no later program's.
        Assert.Equal(1, Report(null, null, null, Changed(BundleFiles.JournalPath,
            t => t.Replace("\"kind\":\"clock-compared\"", "\"kind\":\"clock-sung\"", StringComparison.Ordinal))).ExitCode);
    }

    /// <summary>The worst counts.</summary>
    [Fact]
    public void Of_several_bundles_the_worst_speaks()
    {
        string good = Exported(), changed = Exported();
        File.AppendAllText(Path.Combine(changed, "script.md"), "x");
        Assert.Equal(1, Report(null, null, null, good, changed, Path.Combine(_root, "nothing")).ExitCode);
        Assert.Equal(5, Report(null, null, null, good, Path.Combine(_root, "nothing")).ExitCode);
    }

    [Fact]
    public void Machines_get_the_whole_report()
    {
        (int code, string said, _) = ProgramRun.Of("verify", "--json", "--trust", Convert.ToHexString(Root), Exported());
        using var json = JsonDocument.Parse(said);
        JsonElement bundle = json.RootElement.GetProperty("bundles")[0];

        Assert.Equal(0, code);
        Assert.Equal("keyceremony-verify-v1", json.RootElement.GetProperty("type").GetString());
        Assert.Equal(("verified", 0),
            (json.RootElement.GetProperty("result").GetString(), json.RootElement.GetProperty("exitCode").GetInt32()));
        Assert.Equal(Convert.ToHexStringLower(Root), json.RootElement.GetProperty("trusted").GetString());
        Assert.Equal(VerifyRules.All.Count - VerifyRules.OfSeveral.Count, bundle.GetProperty("checks").GetArrayLength());
        Assert.Equal("not-asked", bundle.GetProperty("checks").EnumerateArray()
            .Single(c => c.GetProperty("rule").GetString() == "VERIFY-46").GetProperty("result").GetString());
        string page = File.ReadAllText(Path.Combine(KeyCeremony.App.Tests.Ledger.RecordLedgerTests.Root(), "docs/formats/verify.md"));
        Assert.All(json.RootElement.EnumerateObject().Concat(bundle.EnumerateObject())
            .Concat(bundle.GetProperty("checks")[0].EnumerateObject()),
            p => Assert.Contains($"`{p.Name}`", page, StringComparison.Ordinal));
    }

    /// <summary>Production without a second pair of eyes passes the checker with warnings: the reader decides, and is told.</summary>
    [Fact]
    public void What_the_checker_warned_of_is_said_of_every_recorded_script()
    {
        string script = SoftwareRoom.Script("root-creation.md",
            t => t.Replace("```include\nshared/approval.md\n```\n", "", StringComparison.Ordinal));
        BundleVerdict verdict = BundleVerify.Check("b", new SoftwareRoom().Play(script), new VerifyOptions()).Verdict;

        Assert.Contains(verdict.Warnings, w => w.Contains("CHECK-25", StringComparison.Ordinal));
        Assert.Contains("warn ", new VerifyReport([verdict], [], new VerifyOptions()).Text, StringComparison.Ordinal);
    }

    private static int Code(string? trust, string? words, string? script, params string[] bundles) =>
        Report(trust, words, script, bundles).ExitCode;

    private static VerifyReport Report(string? trust, string? words, string? script, params string[] bundles)
    {
        Assert.True(VerifyOptions.TryRead(trust, words, script, out VerifyOptions? options, out Refusal? refusal), refusal?.ToString());
        return BundleVerify.Run(bundles, options);
    }

    private string Changed(string path, Func<string, string> change)
    {
        string bundle = Exported();
        File.WriteAllText(Path.Combine(bundle, path), change(File.ReadAllText(Path.Combine(bundle, path))));
        File.WriteAllBytes(Path.Combine(bundle, BundleFiles.SumsPath),
            BundleFiles.Sums(played.Files.Remove(BundleFiles.SumsPath).SetItem(path, File.ReadAllBytes(Path.Combine(bundle, path))), []));
        return bundle;
    }

    private ImmutableArray<string> Flaws(string bundle) => Report(null, null, null, bundle).Bundles[0].Checks[^1].Flaws;

    private string Exported()
    {
        string place = Directory.CreateDirectory(Path.Combine(_root, Path.GetRandomFileName())).FullName;
        Assert.True(BundleExport.TryWrite(played.Files, "b", place, out ExportedBundle? exported, out Refusal? refusal),
            refusal?.ToString());
        return exported.Path;
    }
}
