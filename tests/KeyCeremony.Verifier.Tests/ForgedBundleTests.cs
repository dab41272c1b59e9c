using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using KeyCeremony.App.Bundle;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.App.Tests.Room;
using KeyCeremony.Core;
using KeyCeremony.Core.Journal;
using KeyCeremony.GoldenBundles;
using Files = System.Collections.Immutable.ImmutableSortedDictionary<string, System.ReadOnlyMemory<byte>>;

namespace KeyCeremony.Verifier.Tests;

/// <summary>A bundle that must be refused.</summary>
/// <param name="Name">Of its archive, without a number.</param>
/// <param name="Rule">Fails, and no other.</param>
/// <param name="Says">Stands in its flaw; another verifier has its own words.</param>
/// <param name="Lie">What it claims, for the one who writes another verifier.</param>
internal sealed record Forgery(string Name, string Rule, string Says, string Lie, Func<ForgingRooms, Files> Make)
{
    public static readonly ImmutableArray<Forgery> All =
    [
        new("stray-file", "VERIFY-01", "", "a file of a name that no bundle knows",
            r => r.Root.Forge(e => e).Add("notes.txt", "x\n"u8.ToArray())),
        new("other-report", "VERIFY-03", "", "report.pdf is another file; its hash was put right in SHA256SUMS and not in the statement",
            r => Summed(r.Root.Forge(e => e).SetItem("report.pdf", "%PDF-1.7\n%%EOF\n"u8.ToArray()))),
        new("unsigned-journal", "VERIFY-07", "", "another person in a seat, everything hashed anew, under the signature of the genuine bundle",
            UnderTheGenuineSignature),
        new("forged-checkpoint", "VERIFY-50", "?", "an earlier checkpoint that nobody signed",
            r => r.Root.Forge(all => all.SelectMany(e => e.Body is ClockCompared ? new[] { e, e with { Body = Unsigned() } } : [e]))),
        new("missing-step", "VERIFY-50", "?", "a step of the script was not done",
            r => Without(r.Root, e => e.Body is StepDone && e.Step == "approve")),
        new("two-seats", "VERIFY-50", "?", "one person sits in two seats",
            r => Changed<RoomOpened>(r.Root, o => o with { People = o.People.SetItem(1, o.People[1] with { Name = o.People[0].Name }) })),
        new("open-exception", "VERIFY-50", "?", "an exception that nobody signed off",
            r => Changed(r.Root, e => e.Body is ClockCompared ? [e.Body, new ExceptionRaised(1, "ROOM-09", "door open")] : [e.Body])),
        new("open-attempt", "VERIFY-50", "?", "a device call without an end",
            r => Changed(r.Root, e => e.Body is Attempted { Effect: "lock-key" } a ? [a, a] : [e.Body])),
        new("failed-probe", "VERIFY-50", "?", "an HSM that failed its inspection",
            r => Changed<TokenProbed>(r.Root, p => p with { Findings = [new Finding("PROBE-03", "fail", "locked keys can be wrapped")] })),
        new("threshold-of-one", "VERIFY-50", "?", "shares of which one is enough",
            r => Changed<SharesMade>(r.Root, s => s with { Threshold = 1 })),
        new("unread-share", "VERIFY-50", "?", "a share that its custodian did not read back",
            r => Without(r.Root, e => e.Body is ShareReadBack { Share: 1 })),
        new("failed-lint", "VERIFY-50", "?", "a certificate that failed its lint",
            r => Changed<CertificatePreviewed>(r.Root, p => p with { Lint = [new Finding("CERT-05", "fail", "no")] })),
        new("other-plan", "VERIFY-50", "?", "a certificate that is not the one that was previewed",
            r => Changed<CertificatePreviewed>(r.Root, p => p with { Plan = Misspelt(p.Plan) })),
        new("drill-at-home", "VERIFY-50", "?", "the recovery was drilled in the HSM that holds the key",
            r => Changed<BackupDrilled>(r.Root, d => d with { DrillSerial = "P1" })),
        new("unlocked-key", "VERIFY-50", "?", "a key that was never locked", r => Without(r.Root, e => e.Body is KeyLocked)),
        new("uncompared-request", "VERIFY-50", "?", "a request whose hash nobody compared",
            r => Without(r.Requests, e => e is { Step: "request-tls", Body: Answered { Question: "told-hash" or "compared" } })),
    ];

    private static string Misspelt(string plan) => plan.Replace("Example", "Exemple", StringComparison.Ordinal);

    private static CheckpointSigned Unsigned() => new(1, new string('0', 64), "AAAA", "AAAA");

    private static Files UnderTheGenuineSignature(ForgingRooms rooms)
    {
        Files genuine = rooms.Root.Forge(e => e);
        Files forged = Changed<RoomOpened>(rooms.Root, o => o with { People = o.People.SetItem(1, o.People[1] with { Name = "Nobody" }) });
        return Summed(forged.SetItem(BundleFiles.CmsPath, genuine[BundleFiles.CmsPath]));
    }

    private static Files Changed<T>(SoftwareRoom room, Func<T, T> change) where T : EntryBody =>
        Changed(room, e => e.Body is T fact ? [change(fact)] : [e.Body]);

    private static Files Without(SoftwareRoom room, Func<Entry, bool> dropped) => Changed(room, e => dropped(e) ? [] : [e.Body]);

    private static Files Changed(SoftwareRoom room, Func<Entry, EntryBody[]> change)
    {
        int changed = 0;
        Files files = room.ForgeAll(entries => entries.SelectMany(e =>
        {
            EntryBody[] bodies = change(e);
            if (bodies is not [var same] || !ReferenceEquals(same, e.Body))
                changed++;
            return bodies.Select(b => e with { Body = b });
        }));
        Assert.True(changed > 0, "nothing was forged");
        return files;
    }

    private static Files Summed(Files files) =>
        files.SetItem(BundleFiles.SumsPath, BundleFiles.Sums(files.Remove(BundleFiles.SumsPath), []));
}

/// <summary>What the forgers begin with: ledgers whose keys they have.</summary>
internal sealed class ForgingRooms : IDisposable
{
    private readonly SigningRooms _rooms = new();

    public ForgingRooms()
    {
        Root = new SoftwareRoom();
        _ = Root.Play(SoftwareRoom.Script("root-creation.md"));
        Requests = _rooms.Rooted().Through("intermediate-signing.md");
    }

    public SoftwareRoom Root { get; }

    public SoftwareRoom Requests { get; }

    public void Dispose() => _rooms.Dispose();
}

/// <summary>Forged bundles in files: vectors for whoever writes another verifier, and for every later version of this one.</summary>
public sealed class ForgedBundleTests : IDisposable
{
    private readonly string _place = Directory.CreateTempSubdirectory("forged").FullName;

    public static TheoryData<string, int, string, string> Bundles
    {
        get
        {
            var data = new TheoryData<string, int, string, string>();
            foreach (string format in GoldenArchive.Formats(GoldenArchive.Forged))
                foreach (string[] line in GoldenArchive.Expected(format, 5))
                    data.Add($"{Path.GetFileName(format)}/{line[0]}", int.Parse(line[1], CultureInfo.InvariantCulture), line[2], line[3]);
            return data;
        }
    }

    public void Dispose() => Directory.Delete(_place, recursive: true);

    [Theory]
    [MemberData(nameof(Bundles))]
    public void A_forged_bundle_is_refused_by_its_rule(string name, int exit, string rule, string trust)
    {
        string bundle = GoldenArchive.Unpack(Path.Combine(GoldenArchive.Forged, name + GoldenArchive.Ending), _place);
        VerifyReport report = BundleVerify.Run([bundle], VerifyOptions.Trusting(trust)!);

        Assert.False(report.Passed);
        Assert.Equal(exit, report.ExitCode);
        Assert.Contains(rule, report.Bundles[0].Checks.Where(c => !c.Passed).Select(c => c.Rule.Id));
    }

    [Fact]
    public void Every_forged_archive_is_expected()
    {
        string[] there = [.. Directory.GetFiles(GoldenArchive.Forged, "*" + GoldenArchive.Ending, SearchOption.AllDirectories)];
        string[] expected = [.. Bundles.Select(b => Path.Combine(GoldenArchive.Forged, $"{b[0]}{GoldenArchive.Ending}"))];
        Assert.Equal(expected.Order(StringComparer.Ordinal), there.Order(StringComparer.Ordinal));
    }

    /// <summary>Those of today's format, before anybody keeps them.</summary>
    [Fact]
    public void Every_forgery_is_refused_where_it_lies()
    {
        using var rooms = new ForgingRooms();
        Assert.All(Forgery.All, forgery => forgery.Make(rooms).Verdict().Finds(forgery.Rule, forgery.Says));
    }

    /// <summary>Only when somebody asks for them, as the README beside them says.</summary>
    [Fact]
    public void The_forged_bundles_of_this_format_are_written()
    {
        if (GoldenArchive.Wanted is not { } place)
            return;
        using var rooms = new ForgingRooms();
        int format = rooms.Root.Entries.Select(e => e.Body).OfType<CeremonyOpened>().Select(JournalFormats.Of).Last();
        string folder = Path.Combine(place, "forged", $"format-{format}");
        var expected = new StringBuilder("# bundle, exit code, a rule that fails, SHA-256 of the root to trust, what the lie is\n");
        foreach ((int number, Forgery forgery) in Forgery.All.Index())
        {
            Files files = forgery.Make(rooms);
            string name = $"{number + 1:D2}-{forgery.Name}";
            string trust = Convert.ToHexStringLower(SHA256.HashData(files["certificates/root.der"].Span));
            Assert.True(BundleExport.TryWrite(files, name, _place, out ExportedBundle? exported, out Refusal? refusal), $"{refusal}");
            VerifyReport report = BundleVerify.Run([exported.Path], VerifyOptions.Trusting(trust)!);
            Assert.Contains(forgery.Rule, report.Bundles[0].Checks.Where(c => !c.Passed).Select(c => c.Rule.Id));
            GoldenArchive.Write(exported.Path, Path.Combine(folder, name + GoldenArchive.Ending));
            expected.Append(CultureInfo.InvariantCulture, $"{name} {report.ExitCode} {forgery.Rule} {trust} {forgery.Lie}\n");
        }
        File.WriteAllText(Path.Combine(folder, GoldenArchive.ExpectedName), expected.ToString());
    }
}
