using System.Collections.Immutable;
using System.Security.Cryptography;
using KeyCeremony.GoldenBundles;

namespace KeyCeremony.Verifier.Tests;

/// <summary>One bundle of an <c>expected.txt</c>.</summary>
/// <param name="Name">The folder of its format, its ledger, its title.</param>
/// <param name="Trust">SHA-256 of the certificate that an auditor would be told of.</param>
/// <param name="NotAsked">The rules that cannot be asked of this format.</param>
internal sealed record GoldenBundle(string Name, string Trust, ImmutableArray<string> NotAsked)
{
    public static ImmutableArray<GoldenBundle> All { get; } =
    [
        .. from format in GoldenArchive.Formats(GoldenArchive.Folder)
           from line in GoldenArchive.Expected(format, 3)
           select new GoldenBundle($"{Path.GetFileName(format)}/{line[0]}", line[1], line[2] == "-" ? [] : [.. line[2].Split(',')]),
    ];

    /// <summary>Of each ledger the last one: its journal holds what all before it hold.</summary>
    public static IEnumerable<GoldenBundle> Last => All.GroupBy(b => b.Ledger).Select(ledger => ledger.Last());

    /// <summary>Format and name.</summary>
    public string Ledger => Name[..Name.LastIndexOf('/')];

    /// <summary>Of the script.</summary>
    public string Ceremony => Name[(Name.LastIndexOf('/') + "/0001-".Length)..];

    public string Archive => Path.Combine(GoldenArchive.Folder, Name + GoldenArchive.Ending);

    public VerifyOptions Options => VerifyOptions.Trusting(Trust)!;
}

/// <summary>What was VERIFIED once stays so: bundles of every ceremony, written by the program of each format.</summary>
public sealed class GoldenBundleTests : IDisposable
{
    private readonly string _place = Directory.CreateTempSubdirectory("golden").FullName;

    public static TheoryData<string> Bundles => [.. GoldenBundle.All.Select(b => b.Name)];

    public static TheoryData<string> Last => [.. GoldenBundle.Last.Select(b => b.Name)];

    public static TheoryData<string> Ledgers => [.. GoldenBundle.All.Select(b => b.Ledger).Distinct()];

    public void Dispose() => Directory.Delete(_place, recursive: true);

    [Theory]
    [MemberData(nameof(Bundles))]
    public void A_bundle_of_every_format_verifies_under_its_root(string name)
    {
        GoldenBundle golden = GoldenBundle.All.Single(b => b.Name == name);

        VerifyReport report = BundleVerify.Run([GoldenArchive.Unpack(golden.Archive, _place)], golden.Options);

        Assert.True(report.Passed, report.Text);
        Assert.Equal(0, report.ExitCode);
        Assert.Equal(golden.NotAsked,
            report.Bundles[0].Checks.Where(c => !c.Asked && c.Rule != VerifyRules.PinnedScript).Select(c => c.Rule.Id));
    }

    [Theory]
    [MemberData(nameof(Ledgers))]
    public void All_bundles_of_a_ledger_verify_together(string ledger)
    {
        GoldenBundle[] golden = [.. GoldenBundle.All.Where(b => b.Ledger == ledger)];
        Assert.Single(golden.Select(b => b.Trust).Distinct());

        VerifyReport report = BundleVerify.Run([.. golden.Select(b => GoldenArchive.Unpack(b.Archive, _place))], golden[0].Options);

        Assert.True(report.Passed, report.Text);
        Assert.Equal(golden.Length > 1, report.Together.Length > 0);
    }

    [Theory]
    [MemberData(nameof(Last))]
    public void A_flipped_byte_in_any_file_of_it_is_refused(string name)
    {
        GoldenBundle golden = GoldenBundle.All.Single(b => b.Name == name);
        string bundle = GoldenArchive.Unpack(golden.Archive, _place);
        foreach (string path in Directory.EnumerateFiles(bundle, "*", SearchOption.AllDirectories))
        {
            byte[] good = File.ReadAllBytes(path), flipped = [.. good];
            flipped[good.Length / 2] ^= 1;
            File.WriteAllBytes(path, flipped);
            Assert.False(BundleVerify.Run([bundle], golden.Options).Passed, path);
            File.WriteAllBytes(path, good);
        }
        Assert.True(BundleVerify.Run([bundle], golden.Options).Passed);
    }

    [Theory]
    [MemberData(nameof(Bundles))]
    public void Under_another_root_it_is_refused(string name)
    {
        GoldenBundle golden = GoldenBundle.All.Single(b => b.Name == name);
        byte[] other = SHA256.HashData(golden.Options.TrustedRoot!.Value.Span);

        Assert.False(BundleVerify.Run([GoldenArchive.Unpack(golden.Archive, _place)], new VerifyOptions(other)).Passed);
    }

    /// <summary>Who adds a script makes its bundle, as the README beside them says.</summary>
    [Fact]
    public void Every_shipped_ceremony_has_its_bundle()
    {
        Assert.NotEmpty(GoldenArchive.Ceremonies);
        // A day without an HSM leaves no bundle of its own: the next one tells of it.
        Assert.Empty(GoldenArchive.Ceremonies.Except(["card-check"]).Except(GoldenBundle.All.Select(b => b.Ceremony)));
    }

    [Fact]
    public void Every_archive_is_expected()
    {
        IEnumerable<string> there = GoldenArchive.Formats(GoldenArchive.Folder)
            .SelectMany(f => Directory.GetFiles(f, "*" + GoldenArchive.Ending, SearchOption.AllDirectories));
        Assert.Equal(GoldenBundle.All.Select(b => b.Archive).Order(StringComparer.Ordinal), there.Order(StringComparer.Ordinal));
    }
}
