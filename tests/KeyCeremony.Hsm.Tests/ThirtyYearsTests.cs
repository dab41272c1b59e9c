using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Pkcs11.Tests;
using KeyCeremony.Verifier;
using Xunit.Abstractions;

namespace KeyCeremony.Hsm.Tests;

/// <summary>
/// One ledger from its first day to the end of its thirtieth year, each ceremony through the real program at its day: people sign, leave,
/// lose a card, lose everything in a fire, move to another maker's HSM, neglect their lists for years, and their root falls and ends. Every
/// bundle verifies, all of them verify together, and other people's software accepts what is good and refuses what is not, on the days on
/// which it is asked.
/// <para>
/// The other maker's HSM is played by a module that says so of itself, and is led by the words of another family's file. The two families
/// that the tests have as programs wrap keys in two ways, and a backup of one is refused by the other before a card is typed.
/// </para>
/// <para>
/// It is meant to stay below three minutes on a quiet machine: one process a ceremony, as people start it; others are asked on a few days;
/// two bundles are verified on their days, and every one in the one command at the end.
/// </para>
/// </summary>
public sealed class ThirtyYearsTests : IDisposable
{
    private const int FewestSigningDays = 30, Overdue = 8;

    /// <summary>Whoever signs a list once a year says how long it is good.</summary>
    private static readonly (string, string)[] AYear = [("days: 190\n", "days: 365\n")];

    private readonly ITestOutputHelper _output;
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly Table _table = Table.Laid();
    private readonly Calendar _calendar;
    private readonly ForeignJudges _judges;
    private readonly ListServer _server = new();

    public ThirtyYearsTests(ITestOutputHelper output)
    {
        _output = output;
        _calendar = new Calendar(_table);
        _judges = new ForeignJudges(_table);
    }

    public void Dispose()
    {
        _server.Dispose();
        _table.Dispose();
    }

    [Fact]
    public void A_ledger_lives_thirty_years_and_other_software_knows_what_was_good_on_each_day()
    {
        TheFirstTwoYears();
        ACardIsLost();
        TheFire();
        TheLeanYears();
        AnotherMakersHsm();
        TheNextRootIsMade();
        TheRootFalls();
        TheRootIsDestroyed();
        TheLastYears();

        TheLedgerKnowsItAll(_table.World());
        Token.HoldsWhatTheLedgerKnows(_table);
        Noted("the last page");
        _table.Verifies();
        Noted("everything verifies together");
    }

    private void TheFirstTwoYears()
    {
        Visitors.BringRequests(_table);
        Visitors.BringOtherAuthority(_table);
        On(0, "root-creation");
        _table.Follow("periodic");
        On(20, "intermediate-signing");
        On(40, "intermediate-creation");
        OnInTwoRooms(60, "crl-signing");
        Due(100, 0);
        On(200, "service-certificates");
        On(340, "cross-signing");
        Due(380, Overdue, ("card-check", "0001-backup-1", "overdue"), ("crl", "root", "due"));
        CardsAreSeen(380, "0001-backup-1", "Zug, notary", "Bern, bank", "Basel, vault");
        On(400, "manifest-key");
        Factory.BringBatch(_table, "b-1", 3, today: _calendar.Today);
        Factory.BringBatch(_table, "b-2", 2, today: _calendar.Today);
        On(410, "batch-manifest");
        On(420, "crl-signing");
        OnRevoking(450, "mtls-m1");
        On(560, "matter-attestation");
        On(645, "crl-signing", ("  issuer: root\n", "  issuer: paa\n"));

        _calendar.TurnTo(730);
        foreach (string good in new[] { "tls-t1", "device-ca-i1", "other-ca-cross", "transcript-2" })
            _judges.Accept(good, "root");
        _judges.Accept("pai-1", "paa");
        _judges.Refuse("mtls-m1", "root", "certificate revoked", "revoked");
        DotnetAgrees();
        VerifiesToday();
        // Whoever's clock is wrong refuses what is good on the right day.
        _calendar.TurnTo(10);
        _judges.Refuse("tls-t1", "root", "certificate is not yet valid", "not yet valid");
    }

    private void ACardIsLost()
    {
        _table[":carry"] = "stick";
        Lists(800, 1150);
        File.Delete(_table.CardFile("0001-backup-1", 3));
        _table["cards:check/1/set"] = "0001-backup-1";
        _table["cards:check/1/card"] = "3";
        _table["cards:check/1/here"] = CardChecked.Lost;
        _table["cards:check/2/set"] = "done";
        OnPaper(1200);
        Assert.Equal((1, 2), (Account("0001-backup-1").Lost, Account("0001-backup-1").Good));

        ReplaceCards(1210, "0001-backup-1", comes: "Olena Onyx");
        Lists(1500, 1850);
    }

    /// <summary>Sticks and HSMs burn; bundles and cards lay elsewhere.</summary>
    private void TheFire()
    {
        _calendar.TurnTo(2600);
        _table.Burn();
        _table[":how"] = TokenRetired.Destroyed;
        _table[":remark"] = "Burnt in the fire of the server room; the remains were shredded before the witness.";
        On(2600, "disaster-recovery", Transcript(3));
        Lists(2900, 3250);
        OnForIntermediates(3300, "2", "root", days: 3650);
        Lists(3600);
        _judges.Accept("tls-t2", "root");
    }

    /// <summary>Nobody comes for nearly five years but to replace a custodian.</summary>
    private void TheLeanYears()
    {
        _calendar.TurnTo(4500);
        _judges.Refuse("tls-t1", "root", "certificate has expired", "expired");
        _judges.RefuseForItsList("tls-t2", "root");
        Due(4500, Overdue, ("crl", "root", "overdue"), ("device-lists", "tls-t2", "overdue"), ("devices", "tls-t2", "later"));

        ReplaceCards(5200, Set("root"), comes: "Ottilie Oss");
        Lists(5350, 5700);
        Assert.Contains(_table.Entries(), e => e.Body is ExceptionRaised { Rule: "CRL-33" });
        _judges.Accept("tls-t2", "root");
    }

    private void AnotherMakersHsm()
    {
        string former = _table.World().Primary!.Commissioned.Serial;
        Connect();
        On(6050, "hsm-migration", [("root-r1-new", "root-r1-third"), ("days: 3650\n", "days: 3000\n"), .. Transcript(4)]);
        EntryBody[] said = [.. _table.Entries().Select(e => e.Body)];
        Assert.Equal(["softhsm2", "generic"], said.OfType<TokenProbed>().Select(p => p.Family).Distinct());
        Assert.Equal(["root", "transcript-3"], said.OfType<KeyDestroyed>().Where(d => d.Serial == former).Select(d => d.Key).Order());
        Lists(6060, 6400);
        OnForIntermediates(6900, "3", "root", days: 2000);
        Lists(7100);
    }

    /// <summary>The module of another maker.</summary>
    private void Connect()
    {
        _table.Module = StubModule.Build(AppContext.BaseDirectory);
        _table.Variables["STUB_FORWARD"] = HsmsOfTable.SoftHsm.Module;
        _table.Variables["STUB_RULES"] = "C_GetTokenInfo=other-maker";
    }

    private void TheNextRootIsMade()
    {
        // Nobody who holds a card of the first root gets one of the next.
        Officers("Nora Nash", "Nils Noor", "Nina Novak", "Oskar Ortiz", "Olga Orlova");
        On(7300, "succession", ("cross-days: 3650\n", "cross-days: 1825\n"));
        Assert.DoesNotContain(_table.Entries(), e => e.Body is ExceptionRaised { Rule: CeremonyRules.SamePeople });
        Officers("Oskar Ortiz", "Olga Orlova", "Ottilie Oss");
        Lists(7800, 8150);
        Due(8200, Overdue, ("certificate", "root", "later"), ("replacement", "tls-t3", "overdue"), ("devices", "tls-t3", "later"));
        _judges.Accept("tls-t3", "root");
    }

    private void TheRootFalls()
    {
        Officers("Nora Nash", "Nils Noor", "Nina Novak", "Oskar Ortiz", "Olga Orlova");
        On(8300, "compromise");
        Officers("Oskar Ortiz", "Olga Orlova", "Ottilie Oss");
        OnForIntermediates(8320, "4", "root-next", days: 2600);
        // Whoever knows the first root alone is led to the next one; whoever gave it up does not go back.
        _judges.Accept("tls-t4", "root-next");
        _judges.Accept("tls-t4", "root", "root-next-cross");
        using Table other = _table.Copy();
        Assert.Contains(CeremonyRules.KeyEnded, other.Run(ScriptOf("crl-signing")).Expect(1).Err, StringComparison.Ordinal);
    }

    private void TheRootIsDestroyed()
    {
        Burn("burn-cards", Set("root"), 1, 2, 3);
        foreach (string set in SetsOfRoot(_table.World()))
        {
            _table[$"account:copy/cards/{set}/what"] = CopyAnswered.Remains;
            _table[$"account:copy/cards/{set}/words"] = "The third custodian of that set is not to be found.";
        }
        On(8400, "key-destruction");
        var left = CopyInventory.Of(_table.World(), "root");
        Assert.False(left.CanReturn, string.Join('\n', left.Remaining.Select(l => l.InWords)));
        Assert.Contains("result      no copy known\n",
            File.ReadAllText(Path.Combine(_table.Bundles[^1], "destroyed", "root.txt")), StringComparison.Ordinal);
        VerifiesToday();
    }

    /// <summary>The first root runs out on day 9131, and the year 2050 comes, in which certificates begin to write years in full.</summary>
    private void TheLastYears()
    {
        Lists("root-next", 8850);
        _calendar.TurnTo(9200);
        _judges.Accept("tls-t4", "root-next");
        _judges.Refuse("tls-t4", "root", "certificate has expired", "expired", "root-next-cross");
        OnForIntermediates(10600, "5", "root-next", days: 3650);
        Lists("root-next", 10650);
        Due(10957, Overdue, ("certificate", "root-next", "later"), ("crl", "root-next", "due"));
        _judges.Accept("tls-t5", "root-next");
        _judges.Refuse("tls-t4", "root-next", "certificate has expired", "expired");
        Assert.True(_calendar.Today.Year > 2050);
    }

    private static void TheLedgerKnowsItAll(World world)
    {
        string[] signing = ["crl-signing", "intermediate-signing", "cross-signing", "emergency-revocation", "batch-manifest",
            "intermediate-creation", "service-certificates", "matter-attestation", "manifest-key"];
        int signingDays = world.Ceremonies.Count(c => c.End == "closed"
            && signing.Any(name => c.Id.EndsWith($"-{name}", StringComparison.Ordinal)));
        Assert.InRange(signingDays, FewestSigningDays, int.MaxValue);
        Assert.True(world.IsRevoked("mtls-m1"));
        Assert.Equal(("transcript-next", "root-next"),
            (world.TranscriptKey!.Generated.Key, world.Withdrawn["root"].Body.Signature.Certificate));
        Assert.Equal(3, SetsOfRoot(world).Length);
        Assert.All(SetsOfRoot(world), set => Assert.Equal(CardAccount.Retired, CardAccount.Of(world, world.Sets[set]).State));
        Assert.Empty(world.Spares);
    }

    private void On(int day, string ceremony, params (string, string)[] changes)
    {
        _calendar.TurnTo(day);
        Closed(ceremony, _table.Run(ScriptOf(ceremony, changes)));
    }

    private void Lists(params int[] days) => Lists("root", days);

    private void Lists(string issuer, params int[] days)
    {
        foreach (int day in days)
            On(day, "crl-signing", ("  issuer: root\n", $"  issuer: {issuer}\n"));
    }

    /// <summary>Two intermediates whose certificates end in a number of their own.</summary>
    private void OnForIntermediates(int day, string number, string issuer, int days)
    {
        _calendar.TurnTo(day);
        foreach (string name in new[] { $"tls-t{number}", $"mtls-m{number}" })
        {
            Visitors.BringRequest(_table, name, $"/CN={name}", "ec", "-pkeyopt", "ec_paramgen_curve:P-256");
            _table[$"request-{name[..name.IndexOf('-', StringComparison.Ordinal)]}:file"] = $"{name}.csr";
        }
        On(day, "intermediate-signing", ("tls-t1", $"tls-t{number}"), ("mtls-m1", $"mtls-m{number}"), ("CA T1", $"CA T{number}"),
            ("CA M1", $"CA M{number}"), ("issuer: root\n", $"issuer: {issuer}\n"), ("  days: 3650\n", $"  days: {days}\n"));
    }

    /// <summary>Somebody has a copy of everything and goes on by himself: each story is whole, and both together are none.</summary>
    private void OnInTwoRooms(int day, string ceremony)
    {
        _calendar.TurnTo(day);
        using Table other = _table.Copy();
        other.Run(ScriptOf(ceremony)).Expect(0);
        On(day, ceremony);
        Assert.True(BundleVerify.Run([other.Bundles[^1]], new VerifyOptions()).Passed);
        VerifyReport together = BundleVerify.Run([_table.Bundles[^1], other.Bundles[^1]], new VerifyOptions());
        Assert.False(together.Passed, together.Text);
        Assert.Contains("VERIFY-32", together.Text, StringComparison.Ordinal);
    }

    /// <summary>The emergency: a key was stolen the day before.</summary>
    private void OnRevoking(int day, string certificate)
    {
        _calendar.TurnTo(day);
        _table[":reason"] = "keyCompromise";
        _table[":invalidity"] = Yesterday;
        _table[":enter"] = "enter";
        Closed("emergency-revocation",
            _table.Answering(ScriptOf("emergency-revocation"), ("more", $"certificate/{certificate}"), ("more", "done")));
        _table[":more"] = "done";

        RevocationEntered entered = Assert.Single(_table.Entries().Select(e => e.Body).OfType<RevocationEntered>());
        Assert.Equal((certificate, "keyCompromise", Yesterday),
            (entered.Certificate, entered.Reason, $"{entered.Invalidity:yyyy-MM-dd HH:mm:ss}"));
    }

    private string Yesterday => $"{_calendar.Today.AddDays(-1):yyyy-MM-dd} 08:00:00";

    /// <summary>The third custodian goes, another comes; the day after, so much of the old set burns that the rest opens nothing.</summary>
    private void ReplaceCards(int day, string old, string comes)
    {
        Officers("Oskar Ortiz", "Olga Orlova", comes);
        On(day, "custodian-replacement");
        Assert.Equal(CardAccount.Replaced, Account(old).State);
        Burn("cards", old, 1, 2);
        OnPaper(day + 1);
        Assert.Equal(CardAccount.Retired, Account(old).State);
        Assert.Equal(CardAccount.Live, Account(Set("root")).State);
    }

    /// <summary>In the order of the roll call.</summary>
    private void Officers(params string[] names)
    {
        for (int seat = 1; seat <= names.Length; seat++)
            _table[$":name/officer/{seat}"] = names[seat - 1];
    }

    /// <summary>What the witness says while these cards burn.</summary>
    private void Burn(string step, string set, params int[] cards)
    {
        int turn = 1;
        foreach (int card in cards)
        {
            (string, string)[] answers = [("set", set), ("card", $"{card}"), ("here", "here"), ("state", CardChecked.Destroyed),
                ("words", "type"), ("burn", CardChecked.Destroyed)];
            foreach ((string question, string answer) in answers)
                _table[$"{step}:check/{turn}/{question}"] = answer;
            // A card that was typed and then burnt is two results.
            turn += 2;
        }
        _table[$"{step}:check/{turn}/set"] = "done";
    }

    /// <summary>Each custodian types the own card and says where it lies.</summary>
    private void CardsAreSeen(int day, string set, params string[] sites)
    {
        for (int card = 1; card <= sites.Length; card++)
            foreach ((string question, string answer) in new[] { ("set", set), ("card", $"{card}"), ("here", "here"), ("state", "type"),
                ("site", sites[card - 1]) })
                _table[$"cards:check/{card}/{question}"] = answer;
        _table[$"cards:check/{sites.Length + 1}/set"] = "done";
        OnPaper(day);
        Assert.Equal(sites.Length, Account(set).Good);
        Assert.Empty(Account(set).Warnings);
    }

    /// <summary>A day without an HSM: the next one that has it signs for it.</summary>
    private void OnPaper(int day)
    {
        _calendar.TurnTo(day);
        int bundles = _table.Bundles.Length;
        _table.Run(ScriptOf("card-check")).Expect(0);
        Assert.Equal(bundles, _table.Bundles.Length);
        Noted("card-check");
    }

    /// <summary>What is due on a day, asked of a record stick alone.</summary>
    /// <param name="code">How the command ends.</param>
    /// <param name="items">Some of what it says.</param>
    private void Due(int day, int code, params (string Kind, string Subject, string State)[] items)
    {
        _calendar.TurnTo(day);
        string said = _table.Program("due", _table.StickA, "--json").Expect(code).Out;
        var found = JsonDocument.Parse(said).RootElement.GetProperty("items").EnumerateArray()
            .Select(i => (Text(i, "kind"), Text(i, "subject"), Text(i, "state"))).ToHashSet();
        Assert.All(items, item => Assert.True(found.Contains(item), $"{item} is not in {said}"));
    }

    private static string Text(JsonElement item, string name) => item.GetProperty(name).GetString()!;

    private string Set(string key) => _table.World().Keys[key].Backup!.Set;

    private static string[] SetsOfRoot(World world) =>
        [.. world.Sets.Values.Where(s => s.Opens.Any(o => o.Body.Key == "root")).Select(s => s.Made.Set)];

    private CardAccount Account(string set)
    {
        World world = _table.World();
        return CardAccount.Of(world, world.Sets[set]);
    }

    /// <summary>Where a script makes the second transcript key of a ledger, and it is another one by now.</summary>
    private static (string, string)[] Transcript(int number) =>
        [("transcript-2", $"transcript-{number}"), ("Transcript Signer T2", $"Transcript Signer T{number}")];

    /// <summary>Certificates name the address from which this test serves the lists.</summary>
    private Script ScriptOf(string ceremony, params (string, string)[] changes) =>
        new(ceremony, [("http://pki.example.com/root.crl", _server.Address), .. AYear, .. changes]);

    /// <summary>The ceremony ended today, and wrote its bundle.</summary>
    private void Closed(string ceremony, Ran ran)
    {
        ran.Expect(0);
        Assert.EndsWith(ceremony, _table.Bundles[^1], StringComparison.Ordinal);
        string last = File.ReadLines(Path.Combine(_table.StickA, "keyceremony.journal")).Last();
        using var entry = JsonDocument.Parse(last[last.IndexOf('{', StringComparison.Ordinal)..]);
        Assert.InRange(entry.RootElement.GetProperty("utc").GetDateTimeOffset(), _calendar.Today, _calendar.Today.AddDays(1));
        Noted(ceremony);
    }

    private void Noted(string ceremony) =>
        _output.WriteLine($"{_calendar.Today:yyyy-MM-dd}, day {_calendar.Day,5}: {ceremony}, {_watch.Elapsed:m\\:ss}");

    private void VerifiesToday()
    {
        VerifyReport report = BundleVerify.Run([_table.Bundles[^1]], new VerifyOptions());
        Assert.True(report.Passed, report.Text);
    }

    /// <summary>.NET looks the list up where the certificate says. Those of Matter, and those for our own use, name no address.</summary>
    private void DotnetAgrees()
    {
        _server.List = File.ReadAllBytes(_judges.List("root"));
        foreach (string certificate in new[] { "tls-t1", "device-ca-i1", "other-ca-cross" })
            Assert.Equal([], Dotnet(certificate, "root", X509RevocationMode.Online));
        Assert.Equal([X509ChainStatusFlags.Revoked], Dotnet("mtls-m1", "root", X509RevocationMode.Online));
        Assert.True(_server.Asked > 0);
        Assert.Equal([], Dotnet("pai-1", "paa", X509RevocationMode.NoCheck));
        Assert.Equal([], Dotnet("transcript-2", "root", X509RevocationMode.NoCheck));
    }

    /// <summary>
    /// The trusted root is trusted by its bytes: X509Chain does not look at its signature, which the bundle's verification and openssl do.
    /// </summary>
    private X509ChainStatusFlags[] Dotnet(string certificate, string root, X509RevocationMode mode)
    {
        using X509Certificate2 trusted = X509CertificateLoader.LoadCertificateFromFile(_judges.Certificate(root));
        using X509Certificate2 asked = X509CertificateLoader.LoadCertificateFromFile(_judges.Certificate(certificate));
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(trusted);
        chain.ChainPolicy.RevocationMode = mode;
        chain.ChainPolicy.RevocationFlag = X509RevocationFlag.ExcludeRoot;
        chain.ChainPolicy.VerificationTime = _calendar.Today.UtcDateTime;
        bool good = chain.Build(asked);
        Assert.Equal(good, chain.ChainStatus.Length == 0);
        return [.. chain.ChainStatus.Select(s => s.Status)];
    }
}
