using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using KeyCeremony.App.Tests.Terminal;
using KeyCeremony.GoldenBundles;
using KeyCeremony.Pkcs11.Tests;

namespace KeyCeremony.Hsm.Tests;

/// <summary>
/// Plays every shipped ceremony once with the program as it is, and writes its bundle into the folder that later versions
/// must verify for thirty years: <c>tests/golden-bundles/README.md</c>. Only when <c>KEYCEREMONY_GOLDEN</c> names that folder.
/// </summary>
public sealed class GoldenLedgers
{
    /// <summary>Which certificate an auditor is told the hash of; a ledger without a root has its transcript certificate.</summary>
    private static readonly string[] Trusted = ["root.der", "transcript.der"];

    private static readonly (string Name, Func<Table> Play)[] Ledgers =
    [
        ("authority", Authority),
        ("recovered", Recovered),
        ("matter", Matter),
        ("spare", Spare),
        ("three", SmallTeamAtTheTableTests.Signed),
        ("dual", () => PostQuantumTests.Dual(NewerRoot)),
        ("added", () => PostQuantumTests.Added(NewerRoot)),
        ("ended", Ended),
        ("fallen", Fallen),
        ("changed", Changed),
        ("grouped", GroupsAtTheTableTests.Created),
        ("elsewhere", ForeignCardsAtTheTableTests.Recovered),
        ("moved", () => PostQuantumTests.Moved(NewerRoot)),
    ];

    /// <exception cref="InvalidOperationException">It was not to be had: the bundles of a format are made where it is.</exception>
    private static string NewerRoot => OpenCryptoki.NewerRoot() ?? throw new InvalidOperationException(".ci/need-opencryptoki");

    [Fact]
    public void The_bundles_of_this_format_are_written()
    {
        if (GoldenArchive.Wanted is not { } place)
            return;
        var expected = new StringBuilder("# bundle, SHA-256 of the certificate to trust, rules that are not asked of it (- for none)\n");
        int? format = null;
        foreach ((string name, Func<Table> play) in Ledgers)
        {
            using Table table = play();
            table.Verifies();
            foreach (string bundle in table.Bundles)
            {
                // The ledger's random number is no part of the name: made again, it lies under the same one.
                string title = Path.GetFileName(bundle)[9..], archive = Path.Combine(name, title);
                Assert.Equal(format ??= FormatOf(bundle), FormatOf(bundle));
                string root = Trusted.Select(f => Path.Combine(bundle, "certificates", f)).First(File.Exists);
                string sha256 = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(root)));
                table.Program("verify", bundle, "--trust", sha256).Expect(0);
                GoldenArchive.Write(bundle, Path.Combine(place, $"format-{format}", archive + GoldenArchive.Ending));
                expected.Append(CultureInfo.InvariantCulture, $"{archive} {sha256} -\n");
            }
        }
        File.WriteAllText(Path.Combine(place, $"format-{format}", GoldenArchive.ExpectedName), expected.ToString());
    }

    /// <summary>A root, and a year of everything that is done with it and around it.</summary>
    private static Table Authority()
    {
        var table = Table.Laid();
        var calendar = new Calendar(table);
        calendar.TurnTo(-360);
        Visitors.BringRequests(table);
        Visitors.BringOtherAuthority(table);
        BringKeyProof(table, "firmware-f1");

        BeginAtTheTerminal(table, Script.Root);
        table.Run(null).Expect(0);
        table.Follow("periodic");

        calendar.TurnTo(-340);
        byte[] request = File.ReadAllBytes(table.OnStick("tls-t1.csr"));
        File.WriteAllBytes(table.OnStick("longer.csr"), [.. request, .. request]);
        table["request-tls:file"] = null;
        table.Answering(new Script("intermediate-signing"), ("file", "longer.csr"), ("refused", "again"), ("file", "tls-t1.csr")).Expect(0);

        calendar.TurnTo(-320);
        table.Run(new Script("intermediate-creation")).Expect(0);

        calendar.TurnTo(-300);
        AbortAtTheTerminal(table, new Script("crl-signing"));
        table.Run(new Script("crl-signing")).Expect(0);

        // Later than the last list promised, and a bag that is not the recorded one: two exceptions.
        calendar.TurnTo(-100);
        table["open-bags:bag/record stick A"] = "KC-9001";
        table[":differs/*"] = "exception";
        table.Run(new Script("crl-signing")).Expect(0);
        table["open-bags:bag/record stick A"] = null;

        calendar.TurnTo(-80);
        RunAndLoseThePower(table, new Script("service-certificates"), resolve: "repeat");
        calendar.TurnTo(-70);
        table.Run(new Script("cross-signing")).Expect(0);
        calendar.TurnTo(-60);
        table.Run(new Script("firmware-signing")).Expect(0);

        calendar.TurnTo(-40);
        table[":reason"] = "keyCompromise";
        table[":invalidity"] = $"{calendar.Today.AddDays(-1):yyyy-MM-dd} 08:00:00";
        table[":enter"] = "enter";
        table.Answering(new Script("emergency-revocation"), ("more", "certificate/tls-t1"), ("more", "done")).Expect(0);
        table[":more"] = "done";

        calendar.TurnTo(-20);
        RunAndLoseThePower(table, new Script("manifest-key"), resolve: "@first");
        calendar.TurnTo(-10);
        table.Run(new Script("matter-attestation")).Expect(0);

        calendar.TurnTo(0);
        Factory.BringBatch(table, "b-1", 3);
        Factory.BringBatch(table, "b-2", 5);
        table.Run(new Script("batch-manifest")).Expect(0);
        // The ceremony that was given up left nothing: that is asked and recorded.
        table.Run(new Script("abandoned-keys")).Expect(0);
        using var releaser = new Releaser();
        releaser.BringBuilders(table);
        foreach (string script in new[] { "release-key", "release-signing", "release-withdrawal" })
        {
            releaser.BringRelease(table);
            table.Run(new Script(script)).Expect(0);
        }
        return table;
    }

    /// <summary>A root falls, and the one that was made for that day takes over.</summary>
    private static Table Fallen()
    {
        var table = Table.After(Script.SmallRoot);
        table.Follow("periodic");
        table.Run(Script.Small("succession")).Expect(0);
        table.Run(Script.Small("compromise")).Expect(0);
        return table;
    }

    /// <summary>The HSM has other PINs than on its first day, and its cards opened it since.</summary>
    private static Table Changed()
    {
        var table = Table.After(Script.SmallRoot);
        table.Follow("periodic");
        table.Run(Script.Small("activation-change")).Expect(0);
        table.Run(Script.Small("crl-signing")).Expect(0);
        return table;
    }

    /// <summary>Sticks and HSM are lost, the ledger is restored from the bundle and the key from its backup.</summary>
    private static Table Recovered()
    {
        using var before = Table.After(Script.SmallRoot);
        Table table = before.AfterTheFire();
        table.Run(Script.SmallRecovery).Expect(0);
        table.Follow("periodic");
        // A day without an HSM has no bundle of its own: that of the list tells of it.
        table.Run(Script.Small("card-check")).Expect(0);
        table.Run(Script.Small("crl-signing")).Expect(0);
        table.Run(Script.Small("custodian-replacement")).Expect(0);
        return table;
    }

    /// <summary>A root moves to another HSM, and ends there.</summary>
    private static Table Ended()
    {
        Table table = HsmMigrationAtTheTableTests.Migrated();
        table["burn-cards:check/5/set"] = "done";
        table.Run(Script.Small("key-destruction")).Expect(0);
        return table;
    }

    private static Table Matter() => Table.After(new Script("root-creation-matter-paa"));

    private static Table Spare() => Table.After(new Script("hsm-commissioning"));

    /// <summary>A name is taken back, people rest, the witness reports a deviation, and the program is stopped.</summary>
    private static void BeginAtTheTerminal(Table table, Script script)
    {
        using TmuxTerminal terminal = Terminal(table, script);
        var people = new PeopleAtTheTerminal(terminal);
        ReadScreen screen = people.PlayUntil("the first officer", s => s.Now.Contains("Who is officer number 1", StringComparison.Ordinal));
        terminal.Press("F2");
        people.After(screen);
        screen = people.PlayUntil("the room", s => s.Now.Contains("In which building", StringComparison.Ordinal));

        terminal.Press("F3");
        terminal.WaitFor("mark at least two people");
        terminal.Press("1");
        terminal.Press("3");
        terminal.WaitFor("2 people stay");
        screen = people.Enter(people.Enter(screen));

        terminal.Press("F4");
        terminal.WaitFor("Report a deviation");
        people.Answer(people.Say(screen, "The door was opened once."));

        terminal.Press("C-c");
        terminal.WaitFor("Leave the ceremony?");
        terminal.Press("3");
        terminal.WaitFor("▶ 3  Stop the program now");
        terminal.Press("Enter");
        terminal.WaitForEnd();
    }

    private static void AbortAtTheTerminal(Table table, Script script)
    {
        using TmuxTerminal terminal = Terminal(table, script);
        var people = new PeopleAtTheTerminal(terminal);
        people.PlayUntil("the room", s => s.Now.Contains("In which building", StringComparison.Ordinal));
        terminal.Press("F9");
        terminal.WaitFor("Abort the ceremony");
        foreach ((string said, string then) in new[] { ("The fire alarm rang.", "what it made is dead"),
            ("2", "types ABORT"), ("ABORT", "was aborted") })
        {
            terminal.Type(said);
            terminal.WaitFor(said);
            terminal.Press("Enter");
            terminal.WaitFor(then);
        }
        terminal.WaitFor("The ceremony was aborted.");
        terminal.Press("Enter");
        terminal.WaitForEnd();
    }

    /// <summary>At the time that the table's clocks show.</summary>
    private static TmuxTerminal Terminal(Table table, Script script) =>
        new(80, 25, ["env", .. table.Variables.Select(v => $"{v.Key}={v.Value}"), .. table.Command(script)]);

    /// <summary>The power fails right after the ceremony's last key pair was made, which a run on a copy has counted.</summary>
    private static void RunAndLoseThePower(Table table, Script script, string resolve)
    {
        string stub = StubModule.Build(AppContext.BaseDirectory);
        string softHsm = App.Room.SoftHsmTokens.Module()
            ?? throw new InvalidOperationException("SoftHSM2 is not installed: apt-get install softhsm2");
        int pairs;
        using (Table counted = table.Copy())
        {
            counted.Module = stub;
            counted.Variables["STUB_FORWARD"] = softHsm;
            counted.Variables["STUB_LOG"] = counted.Part("calls");
            counted.Run(script).Expect(0);
            pairs = File.ReadLines(counted.Part("calls")).Count(l => l.StartsWith("C_GenerateKeyPair ", StringComparison.Ordinal));
        }
        table.Module = stub;
        table.Variables["STUB_FORWARD"] = softHsm;
        table.Variables["STUB_KILL_AT"] = $"C_GenerateKeyPair:{pairs}";
        table.Variables["STUB_KILL_WHEN"] = "after";
        table.Run(script).Expect(Ran.Killed);

        table.Module = null;
        foreach (string name in new[] { "STUB_FORWARD", "STUB_KILL_AT", "STUB_KILL_WHEN" })
            table.Variables.Remove(name);
        table[":resolve"] = resolve;
        table.Run(null).Expect(0);
    }

    /// <summary>A raw public key that its private half vouches for: docs/formats/request.md.</summary>
    private static void BringKeyProof(Table table, string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] spki = key.ExportSubjectPublicKeyInfo();
        string statement = "KeyCeremony key proof v1\npurpose: firmware-signing-ca\nenvironment: rehearsal\n" +
            $"date: {DateTime.UtcNow:yyyy-MM-dd}\nkey-sha256: {Convert.ToHexStringLower(SHA256.HashData(spki))}\n";
        byte[] signed = Encoding.ASCII.GetBytes(statement);
        byte[] signature = key.SignData(signed, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        string blocks = $"{PemEncoding.WriteString("PUBLIC KEY", spki)}\n{PemEncoding.WriteString("SIGNATURE", signature)}\n";
        File.WriteAllText(table.OnStick($"{name}.txt"), statement + blocks);
    }

    /// <summary>As the newest ceremony of the journal says; journals of the first format say nothing.</summary>
    private static int FormatOf(string bundle)
    {
        int format = 1;
        foreach (string line in File.ReadLines(Path.Combine(bundle, "journal.jsonl")))
        {
            using var entry = JsonDocument.Parse(line[line.IndexOf('{', StringComparison.Ordinal)..]);
            JsonElement body = entry.RootElement.TryGetProperty("body", out JsonElement inner) ? inner : entry.RootElement;
            if (body.GetProperty("kind").GetString() == "ceremony-opened")
                format = body.TryGetProperty("format", out JsonElement said) ? said.GetInt32() : 1;
        }
        return format;
    }
}
