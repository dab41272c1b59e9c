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
using static KeyCeremony.Verifier.Tests.Pen;
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
        new("unsigned-journal", "VERIFY-07", "",
            "another person in a seat, everything hashed anew, under the signature of the genuine bundle",
            UnderTheGenuineSignature),
        new("forged-checkpoint", "VERIFY-50", "(checkpoint-signed, step \"clock\") … due was an answer to \"seen\"",
            "an earlier checkpoint that nobody signed",
            r => r.Root.Forge(all => all.SelectMany(e => e.Body is ClockCompared ? new[] { e, e with { Body = Unsigned() } } : [e]))),
        new("missing-step", "VERIFY-50",
            "REPLAY-01 … it is written for 0001-root-creation, step \"generate-root\", "
                + "where the ledger stands at 0001-root-creation, step \"approve\"",
            "a step of the script was not done",
            r => Without(r.Root, e => e.Body is StepDone && e.Step == "approve")),
        new("two-seats", "VERIFY-50", "(room-opened, step \"roll-call\") … due was room-opened. people is",
            "one person sits in two seats",
            r => Changed<RoomOpened>(r.Root, o => o with { People = o.People.SetItem(1, o.People[1] with { Name = o.People[0].Name }) })),
        new("open-exception", "VERIFY-50", "(answered, step \"clock\") … due was an answer to \"sign-off/1\"",
            "an exception that nobody signed off",
            r => Changed(r.Root, e => e.Body is ClockCompared ? [e.Body, new ExceptionRaised(1, "DEVIATION-01",
                "The door stood open.")] : [e.Body])),
        new("open-attempt", "VERIFY-50", "(attempted, step \"lock-root\") … an entry of this kind never answers lock-key",
            "a device call without an end",
            r => Changed(r.Root, e => e.Body is Attempted { Effect: "lock-key" } a ? [a, a] : [e.Body])),
        new("failed-probe", "VERIFY-50", "(answered, step \"inspect-primary\") … due was an answer to \"probe-again\"",
            "an HSM that failed its inspection",
            r => Changed<TokenProbed>(r.Root, p => p with { Findings = p.Findings.SetItem(2, p.Findings[2] with { Result = "fail" }) })),
        new("threshold-of-one", "VERIFY-50", "(shares-made, step \"deal-activation\") … threshold is 1, due is 2",
            "shares of which one is enough",
            r => Changed<SharesMade>(r.Root, s => s with { Threshold = 1 })),
        new("unread-share", "VERIFY-50", "(answered, step \"deal-activation\") … due was an answer to \"card/0001-activation-1/1/back\"",
            "a share that its custodian did not read back",
            r => Without(r.Root, e => e.Body is ShareReadBack { Share: 1 })),
        new("failed-lint", "VERIFY-50", "(answered, step \"preview-root\") … due was an answer to \"stopped\"",
            "a certificate that failed its lint",
            r => Changed<CertificatePreviewed>(r.Root, p => p with { Lint = p.Lint.Insert(1, new Finding("CERT-05", "fail", "no")) })),
        new("other-plan", "VERIFY-50", "(certificate-previewed, step \"preview-root\") … its plan is not the script's",
            "a certificate that is not the one that was previewed",
            r => Changed<CertificatePreviewed>(r.Root, p => p with { Plan = Misspelt(p.Plan) })),
        new("drill-at-home", "VERIFY-50", "(backup-drilled, step \"drill\") … it was held in the primary HSM, which would have been wiped",
            "the recovery was drilled in the HSM that holds the key",
            r => Changed<BackupDrilled>(r.Root, d => d with { DrillSerial = "P1" })),
        new("unlocked-key", "VERIFY-50", "(token-looked-at, step \"lock-root\") … an entry of this kind never answers lock-key",
            "a key that was never locked", r => Without(r.Root, e => e.Body is KeyLocked)),
        new("uncompared-request", "VERIFY-50", "(answered, step \"request-tls\") … due was an answer to \"told-hash\"",
            "a request whose hash nobody compared",
            r => Without(r.Requests, e => e is { Step: "request-tls", Body: Answered { Question: "told-hash" or "compared" } })),
        new("missing-finding", "VERIFY-50", "(appliance-inspected, step \"gate\") … the finding GATE-01 is missing",
            "a thing that the gate asks was not asked", r => Changed<ApplianceInspected>(r.Root,
                a => a with { Findings = a.Findings.RemoveAt(0) })),
        new("misspelt-failure", "VERIFY-50", "(appliance-inspected, step \"gate\") … the result \"FAILED\" is none that GATE-01 can have",
            "a failure in other letters",
            r => Changed<ApplianceInspected>(r.Root, a => a with { Findings = a.Findings.SetItem(0,
                a.Findings[0] with { Result = "FAILED" }) })),
        new("other-opinion", "VERIFY-50", "(certificate-signed, step \"sign-root\") … its second opinion is none that the program records",
            "the second opinion says that it does not verify", r => Changed<CertificateSigned>(r.Root,
                c => c with { Second = "does not verify" })),
        new("other-hsm", "VERIFY-50", "(key-generated, step \"generate-root\") … serial is \"X9\", due is \"P1\"",
            "the root's key was made in an HSM that nobody inspected", r => Changed<KeyGenerated>(r.Root,
                k => k.Key == "root" ? k with { Serial = "X9" } : k)),
        new("unlocked-by-nobody", "VERIFY-50", "(answered, step \"unlock\") … due was an answer to \"present/1\"",
            "an HSM opened without a card", r => Without(r.Requests, e => e is { Step: "unlock",
                Body: SharePresented or SecretRebuilt or SecretForgotten })),
        new("strangers-card", "VERIFY-50",
            "(share-presented, step \"unlock\") … due was an answer to \"present/1\" … custodian is \"Nina Nobody\"",
            "a card presented by somebody who was not there",
            r => Changed<SharePresented>(r.Requests, p => p.Share == 1 && p.Set.StartsWith("0001-activation",
                StringComparison.Ordinal) ? p with { Custodian = "Nina Nobody" } : p)),
        new("wrong-role", "VERIFY-50", "(answered, step \"approve\") … due was an answer to \"confirm\" … by is \"operator\"",
            "the operator approved in the witness's place",
            r => Changed(r.Root, e => e is { Step: "approve", Body: Answered a } ? [a with { By = "operator" }] : [e.Body])),
        new("unannounced-signature", "VERIFY-50", "(certificate-signed, step \"sign-root\") … due was attempted sign-certificate",
            "a device call that was not announced", r => Without(r.Root, e => e.Body is Attempted { Effect: "sign-certificate" })),
        new("unscripted-bag", "VERIFY-50", "(bag-sealed, step \"seal-equipment\") … due was",
            "a bag with something that was never there",
            r => Changed(r.Root, e => e.Body is BagSealed { Content: "record stick B" } b ? [b, b with { Content = "gold",
                Number = "B99999" }] : [e.Body])),
        new("wrong-offset", "VERIFY-50", "(clock-compared, step \"clock\") … offsetSeconds is 90",
            "an offset of the clock that is not the difference", r => Changed<ClockCompared>(r.Root, c => c with { OffsetSeconds = 90 })),
        new("empty-sign-off", "VERIFY-50", "(exception-signed-off, step \"clock\") … due was an answer to \"sign-off/1\" … ASK-02",
            "an exception signed off without a word",
            r => Changed(r.Root, e => e.Body is ClockCompared
                ? [e.Body, new ExceptionRaised(1, "DEVIATION-01", "The door stood open."), new ExceptionSignedOff(1, Witness(r.Root),
                    "")] : [e.Body])),
        new("one-card-for-all", "VERIFY-50", "(secret-rebuilt, step \"drill\") … due was an answer to \"present/2\"",
            "one card rebuilt what two are needed for", r => Without(r.Root, e => e is { Step: "drill",
                Body: SharePresented { Share: 2 } })),
        new("uncompared-script", "VERIFY-50", "(step-done, step \"roll-call\") … due was an answer to \"script\" by witness",
            "nobody compared the script that was led with the one that was approved",
            r => Without(r.Root, e => IsAnswer(e, "roll-call", "script"))),
        new("unbegun-call", "VERIFY-50", "(attempted, step \"generate-root\") … due was an answer to \"begin\" by operator",
            "a device call that nobody began", r => Without(r.Root, e => IsAnswer(e, "generate-root", "begin"))),
        new("ungated-card", "VERIFY-50", "(answered, step \"deal-activation\") … due was an answer to \"card/0001-activation-1/2/alone\"",
            "a card shown before its custodian sat alone before the screen",
            r => Without(r.Root, e => IsAnswer(e, "deal-activation", "card/0001-activation-1/2/alone"))),
        new("other-hands", "VERIFY-50", "(share-presented, step \"unlock\") … presenter is",
            "a card in other hands than the witness marked", r => Changed<SharePresented>(r.Requests,
                p => p.Share == 1 && p.Set.StartsWith("0001-activation", StringComparison.Ordinal)
                    ? p with { Presenter = Witness(r.Root) } : p)),
        new("untried-lock", "VERIFY-50", "(key-locked, step \"lock-root\") … nobody tried to wrap the locked key",
            "a locked key whose lock was not tried", r => Changed<KeyLocked>(r.Root, l => l with { Tried = null })),
        new("no-second-look", "VERIFY-50", "(answered, step \"lock-root\") … an entry of this kind never answers look-again",
            "an HSM that was not looked at a second time", r => Without(r.Root, e => e is { Step: "lock-root", Body: TokenLookedAt })),
        new("failed-second-look", "VERIFY-50", "(answered, step \"generate-root\") … due was an answer to \"eyes-again\"",
            "two bindings saw two things, and they went on",
            r => Changed(r.Root, e => e is { Step: "generate-root", Body: TokenLookedAt l }
                ? [l with { Findings = l.Findings.SetItem(0, l.Findings[0] with { Result = "fail", Text = "The bindings differ." }) }]
                : [e.Body])),
        new("foreign-challenge", "VERIFY-50", "(backup-drilled, step \"drill\") … its challenge does not verify under the key \"root\"",
            "a challenge that this key signed in another ledger", r => Changed<BackupDrilled>(r.Root, d => Elsewhere(r.Root, d))),
    ];

    private static string Witness(SoftwareRoom room) =>
        room.Entries.Select(e => e.Body).OfType<RoomOpened>().First().People.Single(p => p.Role == "witness").Name;

    private static string Misspelt(string plan) => plan.Replace("Example", "Exemple", StringComparison.Ordinal);

    /// <summary>The same key, set and ceremony; the ledger of docs/formats/replay.md's challenge is another.</summary>
    private static BackupDrilled Elsewhere(SoftwareRoom room, BackupDrilled drilled)
    {
        byte[] challenge =
        [
            .. "keyceremony/drill-challenge/2\n"u8,
            .. SHA256.HashData(Encoding.UTF8.GetBytes(
                $"4f1c22aa000000000000000000000002\n0001-root-creation\n{drilled.Set}\n{drilled.Key}")),
            .. Enumerable.Repeat((byte)0x5a, 32),
        ];
        return drilled with
        {
            Challenge = Convert.ToBase64String(challenge),
            Signature = Convert.ToBase64String(room.SignChallenge(drilled.Key, challenge)),
        };
    }

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
