using System.Globalization;
using System.Security.Cryptography;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.Hsm.Tests;

/// <summary>A root that was created; people come with requests.</summary>
public sealed class Authority : IDisposable
{
    public Authority()
    {
        Table = Table.After(Script.SmallRoot);
        Table.Follow("periodic");
        Visitors.BringRequests(Table);
    }

    internal Table Table { get; }

    public void Dispose() => Table.Dispose();
}

/// <summary>What comes in on the import stick, good and bad, and the lists that must stay whole.</summary>
public sealed class PeriodicTests(Authority authority) : IClassFixture<Authority>
{
    private const string ListOf = "crl-signing";

    [Fact]
    public void Revocations_come_from_files_and_a_bad_row_is_refused()
    {
        using Table table = authority.Table.Copy();
        string[] serials = [.. Enumerable.Range(1, 1000).Select(i => $"5e{i:x4}")];
        WriteCsv(table, "thousand.csv", serials);
        WriteCsv(table, "bad.csv", [serials[0], "no serial"]);
        var peer = new Revoker(table);
        string[] both = [peer.Revoke("first"), peer.Revoke("second")];
        peer.CopyIndex("index.txt");
        peer.SignList("other.crl");

        table.Answering(Script.Small(ListOf), ("more", "file"), ("file", "bad.csv"),
            ("more", "file"), ("file", "thousand.csv"), ("more", "file"), ("file", "index.txt"),
            ("more", "file"), ("file", "other.crl"), ("more", "done")).Expect(0);

        EntryBody[] said = [.. table.Entries().Select(e => e.Body)];
        // A list that another CA signed says nothing about this one's certificates.
        ImportRefused[] refused = [.. said.OfType<ImportRefused>()];
        Assert.Equal([("bad.csv", "REVOKE-01"), ("other.crl", "REVOKE-07")], refused.Select(r => (r.File, r.Rule)));
        Assert.Contains("Line 3, column 1", refused[0].Message, StringComparison.Ordinal);
        Assert.Equal([("thousand.csv", "csv", 1000), ("index.txt", "index.txt", 2)],
            said.OfType<RevocationsRead>().Select(r => (r.File, r.Format, r.Revocations)));
        Assert.Equal(1002, said.OfType<CrlPreviewed>().Single().Entries);
        table.Verifies();
        Assert.Equal(serials.Concat(both).Order(StringComparer.Ordinal), SerialsOn(table, "root-1").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Answers_that_lead_in_a_circle_come_to_an_end()
    {
        using Table table = authority.Table.Copy();
        WriteCsv(table, "one.csv", ["5e01"]);
        table[":more"] = "file";
        table[":file"] = "one.csv";

        Ran stopped = table.Run(Script.Small(ListOf)).Expect(1);

        Assert.Contains("ANSWERS-05", stopped.Said, StringComparison.Ordinal);
        table[":more"] = "done";
        table.Run(null).Expect(0);
        Assert.Equal(["5e01"], SerialsOn(table, "root-1"));
    }

    [Fact]
    public void A_hostile_request_is_refused_by_its_rule_and_the_ceremony_goes_on_without_it()
    {
        using Table table = authority.Table.Copy();
        File.WriteAllBytes(table.OnStick("longer.csr"), [.. Der(table, "tls-t1"), 0]);
        Visitors.BringRequest(table, "short", "/CN=short", "rsa:1024");
        Visitors.BringRequest(table, "contradicts", "/CN=contradicts", "ec", "-pkeyopt",
            "ec_paramgen_curve:P-256", "-addext", "basicConstraints=critical,CA:FALSE");
        table["request-tls:file"] = null;

        table.Answering(Script.Small("intermediate-signing"), ("file", "longer.csr"), ("refused", "again"),
            ("file", "short.csr"), ("refused", "again"), ("file", "contradicts.csr"), ("refused", "leave-out")).Expect(0);

        EntryBody[] said = [.. table.Entries().Select(e => e.Body)];
        Assert.Equal([("longer.csr", "REQ-04"), ("short.csr", "PUBKEY-03"), ("contradicts.csr", "REQ-20")],
            said.OfType<ImportRefused>().Select(r => (r.File, r.Rule)));
        Assert.Equal(new LeftOut("request", "tls-t1"), Assert.Single(said.OfType<LeftOut>()));
        ExceptionRaised raised = said.OfType<ExceptionRaised>().Single(x => x.Rule == CeremonyRules.ImportLeftOut);
        Assert.Contains(said.OfType<ExceptionSignedOff>(), x => x.Number == raised.Number);
        World world = table.World();
        Assert.False(world.Certificates.ContainsKey("tls-t1"));
        Assert.True(world.Certificates.ContainsKey("mtls-m1"));
        table.Verifies();
        Assert.DoesNotContain(Directory.EnumerateFiles(table.Bundles[^1], "*", SearchOption.AllDirectories),
            f => Path.GetFileName(f).StartsWith("tls-t1", StringComparison.Ordinal));
    }

    [Fact]
    public void A_certificate_that_cannot_be_meant_is_refused_when_it_is_read()
    {
        using Table table = authority.Table.Copy();
        Visitors.BringAuthority(table, "production-ca", "/C=DE/O=Other Devices/CN=Other Devices Root", "P-256");
        Visitors.BringAuthority(table, "stronger-ca", "/C=DE/O=Other Devices/CN=REHEARSAL Other Devices Root", "P-384");
        Visitors.BringAuthority(table, "right-ca", "/C=DE/O=Other Devices/CN=REHEARSAL Other Devices Root", "P-256");
        table["existing:file"] = null;

        table.Answering(Script.Small("cross-signing"), ("file", "production-ca.pem"),
            ("refused", "again"), ("file", "stronger-ca.pem"), ("refused", "again"), ("file", "right-ca.pem")).Expect(0);

        Assert.Equal([("production-ca.pem", "CROSS-21"), ("stronger-ca.pem", "REQ-23")],
            table.Entries().Select(e => e.Body).OfType<ImportRefused>().Select(r => (r.File, r.Rule)));
        table.Verifies();
    }

    [Fact]
    public void Without_the_last_list_none_is_signed_until_it_is_brought_from_the_bundle()
    {
        using Table table = authority.Table.Copy();
        table[":reason"] = "superseded";
        table[":enter"] = "enter";
        table.Answering(Script.Small(ListOf), ("more", "serial"), ("serial", "0a1b"), ("more", "done")).Expect(0);
        LoseLists(table);

        table[":more"] = "done";
        table[":list"] = null;
        Ran refused = table.Run(Script.Small(ListOf)).Expect(1);
        Assert.Contains("IN-03", refused.Said, StringComparison.Ordinal);
        Assert.Contains("crls/root-1.crl", refused.Said, StringComparison.Ordinal);
        Assert.Equal("IN-03", Assert.Single(table.Entries().Select(e => e.Body).OfType<ImportRefused>()).Rule);

        File.Copy(Path.Combine(table.Bundles[^1], "crls", "root-1.crl"), table.OnStick("found-again"));
        table.Answering(Script.Small(ListOf), ("list", "again"), ("more", "done"), ("list", "as-shown")).Expect(0);
        table.Verifies();
        Assert.Equal("2", table.World().Crls["root"].Signed.Number);
        Assert.Equal(["0a1b"], SerialsOn(table, "root-2"));
    }

    [Fact]
    public void Without_a_list_of_an_earlier_ceremony_no_bundle_is_written_until_it_is_brought()
    {
        using Table table = authority.Table.Copy();
        table.Answering(Script.Small(ListOf), ("more", "done")).Expect(0);
        string list = Path.Combine(table.Bundles[^1], "crls", "root-1.crl");
        int bundles = table.Bundles.Length;
        LoseLists(table);

        Ran refused = table.Run(Script.Small("intermediate-signing")).Expect(1);
        Assert.Contains("IN-06", refused.Said, StringComparison.Ordinal);
        Assert.Equal(bundles, table.Bundles.Count(b => !b.EndsWith(".partial", StringComparison.Ordinal)));

        File.Copy(list, table.OnStick("found-again"));
        table.Run(null).Expect(0);
        Assert.Equal(bundles + 1, table.Bundles.Length);
        Assert.Equal(File.ReadAllBytes(list), File.ReadAllBytes(Path.Combine(table.Bundles[^1], "crls", "root-1.crl")));
        table.Verifies();
    }

    private static void LoseLists(Table table)
    {
        foreach (string stick in new[] { table.StickA, table.StickB })
            Directory.Delete(Path.Combine(stick, "lists"), recursive: true);
    }

    private static void WriteCsv(Table table, string name, IEnumerable<string> serials) =>
        File.WriteAllLines(table.OnStick(name), serials.Select(s => $"{s},2026-01-02T03:04:05Z,superseded").Prepend("serial,date,reason"));

    private static byte[] Der(Table table, string request)
    {
        PemFields pem = PemEncoding.Find(File.ReadAllText(table.OnStick($"{request}.csr")));
        return Convert.FromBase64String(File.ReadAllText(table.OnStick($"{request}.csr"))[pem.Base64Data]);
    }

    /// <summary>What openssl finds on a list of the last bundle, in lower-case hex.</summary>
    private static string[] SerialsOn(Table table, string list) =>
    [
        .. Tool.Run("openssl", "crl", "-inform", "DER", "-in", Path.Combine(table.Bundles[^1], "crls", $"{list}.crl"), "-noout", "-text")
            .Expect(0).Out.Split('\n')
            .Select(l => l.Trim()).Where(l => l.StartsWith("Serial Number:", StringComparison.Ordinal))
            .Select(l => l["Serial Number:".Length..].Trim().ToLower(CultureInfo.InvariantCulture)),
    ];

    /// <summary>Another authority, run with <c>openssl ca</c>, that revokes certificates and hands out what it knows.</summary>
    private sealed class Revoker
    {
        private readonly Table _table;
        private readonly string _folder;

        public Revoker(Table table)
        {
            _table = table;
            _folder = Directory.CreateDirectory(table.Part("revoker")).FullName;
            File.WriteAllText(At("index.txt"), "");
            File.WriteAllText(At("ca.cnf"), $"""
                [ca]
                default_ca = one
                [one]
                database = {At("index.txt")}
                new_certs_dir = {_folder}
                certificate = {At("ca.pem")}
                private_key = {At("ca.key")}
                rand_serial = yes
                default_md = sha256
                default_days = 30
                default_crl_days = 30
                policy = any
                [any]
                commonName = supplied
                """);
            Openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                "-nodes", "-keyout", At("ca.key"), "-subj", "/CN=Revoker", "-out", At("ca.pem"));
        }

        /// <summary>Issues a certificate and revokes it; answers its serial number.</summary>
        public string Revoke(string name)
        {
            Openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                "-nodes", "-keyout", At($"{name}.key"), "-subj", $"/CN={name}", "-out", At($"{name}.csr"));
            Openssl("ca", "-batch", "-config", At("ca.cnf"), "-in", At($"{name}.csr"), "-out", At($"{name}.pem"));
            Openssl("ca", "-config", At("ca.cnf"), "-revoke", At($"{name}.pem"), "-crl_reason", "keyCompromise");
            return Openssl("x509", "-in", At($"{name}.pem"), "-noout", "-serial").Out.Trim()["serial=".Length..]
                .ToLower(CultureInfo.InvariantCulture);
        }

        public void CopyIndex(string name) => File.Copy(At("index.txt"), _table.OnStick(name));

        public void SignList(string name) => Openssl("ca", "-config", At("ca.cnf"), "-gencrl", "-out", _table.OnStick(name));

        private string At(string name) => Path.Combine(_folder, name);

        private static Ran Openssl(params string[] arguments) => Tool.Run("openssl", arguments).Expect(0);
    }
}
