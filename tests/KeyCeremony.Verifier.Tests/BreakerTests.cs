using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.App.Tests.Room;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Ceremony.Retelling;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;
using KeyCeremony.Core.Sharing;
using Files = System.Collections.Immutable.ImmutableSortedDictionary<string, System.ReadOnlyMemory<byte>>;

namespace KeyCeremony.Verifier.Tests;

/// <summary>Forgeries that somebody who did not build the verifier found, each in its mechanism.</summary>
public sealed class BreakerTests : IDisposable
{
    private readonly SigningRooms _rooms = new();

    public void Dispose() => _rooms.Dispose();

    // ---- whose word it is ----

    /// <summary>
    /// The owner of an intermediate has the key of one certificate under the root and the public bundle: enough to go on with
    /// the ledger, if that key may be said to have been generated in the HSM.
    /// </summary>
    [Fact]
    public void The_owner_of_an_intermediate_does_not_go_on_with_the_ledger()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        SoftwareRoom victim = new SoftwareRoom(folder: _rooms.NewFolder()) { Format = 0 }.Through("root-creation.md");
        victim.Put("tls-t1.csr", SoftwareRoom.Request());
        victim.Put("mtls-m1.csr", SoftwareRoom.Request(key));
        victim.Through("intermediate-signing.md");
        string genuine = victim.Export(_rooms.NewFolder());
        SoftwareRoom owner = victim.Restored(folder: _rooms.NewFolder());
        owner.IsHonest = false;
        owner.OtherKey = name => name == "mtls-m1" ? key : null;

        owner.Play(Takeover("mtls-m1", "junk", "transcript-signer", ""));
        VerifyReport report = BundleVerify.Run([genuine, owner.Export(_rooms.NewFolder())], RootOf(victim));

        Assert.Equal(["VERIFY-50"], report.Bundles[1].Checks.Where(c => !c.Passed).Select(c => c.Rule.Id));
        Assert.Contains("REPLAY-03 Entry", report.Text, StringComparison.Ordinal);
    }

    /// <summary>The same in a ledger that the owner tells from its beginning: there the key was never known before.</summary>
    [Fact]
    public void A_transcript_key_under_an_intermediate_is_not_the_word_of_the_root()
    {
        SoftwareRoom room = new SoftwareRoom(folder: _rooms.NewFolder()) { Format = 0 }.Through("root-creation.md");
        room.Play(Takeover("mid", "root", "mtls-intermediate",
            "path-length: 0\n" + Crl[(Crl.IndexOf("crl-", StringComparison.Ordinal))..]));

        Assert.Equal(["VERIFY-45"], BundleVerify.Run([room.Export(_rooms.NewFolder())], RootOf(room)).Bundles[0].Checks
            .Where(c => !c.Passed).Select(c => c.Rule.Id));
        SoftwareRoom today = _rooms.Rooted();
        today.Open(Takeover("mid", "root", "mtls-intermediate",
            "path-length: 0\n" + Crl[(Crl.IndexOf("crl-", StringComparison.Ordinal))..]));
        Assert.Equal("SIGNER-02", Blocks(today));
    }

    /// <summary>
    /// The first program took it, and there is no lie in it: a record that the root stands behind says where the key was made.
    /// </summary>
    [Fact]
    public void In_the_first_format_an_intermediate_of_the_ledger_may_certify_the_transcript_key()
    {
        SoftwareRoom room = Chained(_rooms.NewFolder());
        VerifyReport report = BundleVerify.Run([room.Export(_rooms.NewFolder())], RootOf(room));

        Assert.True(report.Passed, report.Text);
    }

    // ---- equipment ----

    [Fact]
    public void A_drill_in_the_primary_hsm_is_refused()
    {
        string script = SoftwareRoom.Script("root-creation.md");
        string[] parts = [.. System.Text.RegularExpressions.Regex.Split(script, "(?=^### )",
            System.Text.RegularExpressions.RegexOptions.Multiline)];
        string drill = parts.Single(p => p.Contains("id: inspect-drill\n", StringComparison.Ordinal));
        int to = Array.FindIndex(parts, p => p.Contains("id: inspect-primary\n", StringComparison.Ordinal));
        var order = parts.Where(p => p != drill).ToList();
        order.Insert(to, drill);
        int number = 0;
        string moved =
            string.Concat(order.Select(p => System.Text.RegularExpressions.Regex.Replace(p, "^### [0-9]+", _ => $"### {++number}")));
        var room = new SoftwareRoom();
        room.Instead = move => move is Perform { Effect: ProbeToken { Token: "drill" } p }
            ? new Happened(p, SoftwareRoom.Probed(JournalFormats.Current, "drill", "P1", "Model", blank: true)) : null;
        // The number on the device was another one, and the witness let it be.
        room.Saying("serial", "exception").Open(moved);
        Assert.Equal("HSM-02", Blocks(room));
    }

    /// <summary>Said before a backup card is typed: one set of cards, and no HSM here that opens what they are for.</summary>
    [Fact]
    public void A_drill_in_an_hsm_that_opens_another_format_is_refused()
    {
        var room = new SoftwareRoom();
        room.Instead = move => move is Perform { Effect: ProbeToken { Token: "drill" } p }
            ? new Happened(p, SoftwareRoom.Probed(JournalFormats.Current, "drill", "D1", "Model", blank: true)
                with
            { WrapMechanism = "0x1085", WrapFormat = "cbc-pad" })
            : null;
        room.Open(SoftwareRoom.Script("root-creation.md"));
        Assert.Equal("HSM-40", Blocks(room));
        Entry destroyed = room.Entries.Single(e => e.Body is WrapKeyDestroyed);
        Assert.DoesNotContain(room.Entries, e => e.Body is SharePresented && e.Seq > destroyed.Seq);
    }

    // ---- revocation ----

    [Fact]
    public void Nothing_is_issued_under_a_ca_whose_issuer_was_revoked()
    {
        SoftwareRoom room = _rooms.Rooted();
        room.Play(Short("chain", Unlock,
            Preview("mid", "mid", "root", "tls-intermediate", "path-length: 1\n" + Crl), Generate("mid", "ca"), SignIt("mid"),
            Preview("low", "low", "mid", "tls-intermediate", "path-length: 0\n" + Crl), Generate("low", "ca"), SignIt("low")));
        room.Saying("more", "certificate/mid").Saying("reason", "keyCompromise").Through("crl-signing.md");
        room.Open(Short("late", Unlock, Preview("leaf", "leaf", "low", "tls-intermediate", "path-length: 0\n" + Crl),
            Generate("leaf", "ca"), SignIt("leaf")));
        Assert.Equal("ISSUE-01", Blocks(room));
    }

    [Fact]
    public void Nothing_is_issued_under_a_ca_that_was_revoked_after_the_preview()
    {
        SoftwareRoom room = _rooms.Rooted();
        room.Play(Short("chain", Unlock, Preview("mid", "mid", "root", "tls-intermediate", "path-length: 1\n" + Crl),
            Generate("mid", "ca"), SignIt("mid")));
        room.Saying("more", "certificate/mid").Saying("reason", "keyCompromise");
        room.Open(Short("late", Unlock, Preview("low", "low", "mid", "tls-intermediate", "path-length: 0\n" + Crl), Generate("low", "ca"),
            "do: preview-crl\nby: operator\ncrl: root\nissuer: root\ndays: 180", "do: sign-crl\nby: operator\ncrl: root", SignIt("low")));
        Assert.Equal("ISSUE-01", Blocks(room));
    }

    [Fact]
    public void A_transcript_key_whose_issuer_was_revoked_is_found_in_the_morning()
    {
        SoftwareRoom room = Chained(_rooms.NewFolder());
        room.Saying("more", "certificate/mid").Saying("reason", "keyCompromise").Through("crl-signing.md");
        CeremonyScript script = SoftwareRoom.Parse(SoftwareRoom.Script("crl-signing.md"));
        Assert.Equal("TRANSCRIPT-01", Director.MayOpen(room.State.World, script, room.Entries[^1].Utc.AddSeconds(7))?.Rule);
    }

    [Theory]
    [InlineData("another serial")]
    [InlineData("another reason")]
    [InlineData("another date")]
    [InlineData("nothing typed")]
    public void A_list_is_what_was_typed(string how)
    {
        SoftwareRoom room = _rooms.Rooted();
        room.Saying("more", "serial", "serial", "done").Saying("serial", "0a0b0c", "1f2e3d")
            .Saying("reason", "certificateHold", "superseded").Saying("revoked", "2026-11-01 10:00:00").Through("crl-signing.md");
        Files honest = Forged(room, e => e);
        Assert.Empty(Failed(room, honest));
        ImmutableArray<long> typed = [.. room.Entries.Where(e => e.Step == "preview-list"
            && e.Body is Answered { Question: "serial" or "reason" or "revoked" or "invalidity" or "enter" } or RevocationEntered)
            .Select(e => e.Seq)];
        Files forged = Forged(room, entries => entries.Where(e => how != "nothing typed"
            || !typed.Contains(e.Seq) && e.Body is not Answered { Question: "more", Value: "serial" }).Select(e => e with
            {
                Body = (how, e.Body) switch
                {
                    ("nothing typed", CrlPreviewed p) => p with { Typed = [] },
                    ("another serial", Answered { Question: "serial", Value: "0a0b0c" } a) => a with { Value = "0a0b0d" },
                    ("another serial", RevocationEntered { Serial: "0a0b0c" } r) => r with { Serial = "0a0b0d" },
                    ("another serial", CrlPreviewed p) => p with { Typed = [p.Typed[0] with { Serial = "0a0b0d" }, .. p.Typed.Skip(1)] },
                    ("another reason", Answered { Question: "reason", Value: "superseded" } a) => a with { Value = "keyCompromise" },
                    ("another reason", RevocationEntered { Reason: "superseded" } r) => r with { Reason = "keyCompromise" },
                    ("another reason", CrlPreviewed p) => p with { Typed = [p.Typed[0], p.Typed[1] with { Reason = "keyCompromise" }] },
                    ("another date", Answered { Question: "revoked", Value: "2026-11-01 10:00:00" } a) =>
                        a with { Value = "2026-11-01 11:00:00" },
                    ("another date", RevocationEntered { Serial: "0a0b0c" } r) => r with { Revoked = r.Revoked.AddHours(1) },
                    ("another date", CrlPreviewed p) =>
                        p with { Typed = [p.Typed[0] with { Revoked = p.Typed[0].Revoked.AddHours(1) }, p.Typed[1]] },
                    _ => e.Body,
                },
            }));
        Assert.NotEmpty(Failed(room, forged));
    }

    [Fact]
    public void A_list_names_nobody_whom_it_does_not_revoke_anew()
    {
        SoftwareRoom room = _rooms.Rooted();
        room.Through("intermediate-signing.md");
        string serial = Convert.ToHexStringLower(room.State.World.Certificates["tls-t1"].Parsed.ToBeSigned.Serial.Span);
        room.Put("rows.csv", Encoding.UTF8.GetBytes($"serial,date,reason\n{serial},2026-11-21T10:00:00Z,keyCompromise\n"));
        room.Saying("more", "file", "done").Saying("file", "rows.csv").Through("crl-signing.md");
        room.Through("crl-signing.md");
        Assert.Empty(Failed(room, Forged(room, e => e)));
        Files forged = Forged(room,
            entries => entries.Select(e => e.Body is CrlPreviewed { Number: "1" } p ? e with { Body = p with { Certificates = [] } } : e));
        Assert.Equal(["VERIFY-50"], Failed(room, forged));
    }

    // ---- what comes in ----

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_request_is_the_file_that_came(bool hash)
    {
        SoftwareRoom room = _rooms.Rooted();
        byte[] request = SoftwareRoom.Request();
        room.Show("tls-t1.csr", request);
        room.Saying("file", "camera", "mtls-m1.csr").Through("intermediate-signing.md");
        Files forged = Forged(room, entries => entries.Select(e => e.Body switch
        {
            FileReceived f when hash => e with { Body = f with { Sha256 = new string('a', 64) } },
            ImportsFound f when !hash => e with
            {
                Body = f with { Files = [.. f.Files.Select(x => x.Name == "mtls-m1.csr" ? x with { Length = x.Length + 1 } : x)] },
            },
            _ => e,
        }));
        Assert.Empty(Failed(room, Forged(room, e => e)));
        Assert.Equal(["VERIFY-50"], Failed(room, forged));
    }

    // ---- dead ----

    /// <summary>Since format 4 where it is read: no key of this ledger is another authority's, a dead one neither.</summary>
    [Theory]
    [InlineData(JournalFormats.Compared, "DEAD-01")]
    [InlineData(JournalFormats.Prepared, "IMPORT-03")]
    public void A_dead_key_is_not_certified_as_another_authoritys(int format, string rule)
    {
        SoftwareRoom room = new(folder: _rooms.NewFolder()) { Format = format };
        room.Open(SoftwareRoom.Script("root-creation.md"));
        room.Until("deal-backup", "card/0001-backup-1/1/alone");
        room.GiveUp();
        string dead = room.State.World.Certificates["root"].Signed.Der;
        string script = SoftwareRoom.Script("root-creation.md")
            .Replace("certificate: root\n", "certificate: root-b\n", StringComparison.Ordinal)
            .Replace("key: root\n", "key: root-b\n", StringComparison.Ordinal)
            .Replace("issuer: root\n", "issuer: root-b\n", StringComparison.Ordinal)
            .Replace("Example Devices Root CA R1", "Example Devices Root CA R2", StringComparison.Ordinal)
            .Replace("key: transcript\n", "key: transcript-b\n", StringComparison.Ordinal)
            .Replace("certificate: transcript\n", "certificate: transcript-b\n", StringComparison.Ordinal);
        room.Play(script);
        room.Put("other-ca.pem", Encoding.ASCII.GetBytes(PemEncoding.WriteString("CERTIFICATE", Convert.FromBase64String(dead))));
        room.Open(SoftwareRoom.Script("cross-signing.md").Replace("issuer: root\n", "issuer: root-b\n", StringComparison.Ordinal));
        Assert.Equal(rule, Blocks(room));
    }

    // ---- people and words ----

    [Theory]
    [InlineData("\u00a0")]
    [InlineData("\u2800")]
    [InlineData("\u3164")]
    public void A_remark_that_nobody_sees_is_none(string remark)
    {
        var room = new SoftwareRoom();
        room.Open(SoftwareRoom.Script("root-creation.md"));
        room.Until("room", "room");
        Assert.Equal("ASK-02", room.Tell(new Report(remark))?.Rule);
        Assert.Null(room.Tell(new Report("The door was open.")));
        Assert.Equal("ASK-02", room.Say(remark)?.Rule);
    }

    [Theory]
    [InlineData("ꓮꓠꓠꓮ ꓐꓣꓳꓪꓠ")]
    [InlineData("ᴀɴɴᴀ ʙʀᴏᴡɴ")]
    [InlineData("ᎪΝΝᎪ")]
    [InlineData("𐊠𐊠")]
    [InlineData("ⲁⲟ")]
    public void Letters_that_only_look_like_a_name_are_none(string name) =>
        Assert.Equal("ROLE-02", PeopleNames.Refuse(name, ["Anna Brown"])?.Rule);

    // ---- what is said ----

    [Fact]
    public void The_report_for_machines_steers_no_terminal()
    {
        string bundle = _rooms.Rooted().Export(_rooms.NewFolder());
        File.WriteAllText(Path.Combine(bundle, "a\u202eb\u2066\u200f\U000e0041.txt"), "");
        string json = BundleVerify.Run([bundle], new VerifyOptions()).Json;
        Assert.DoesNotContain(json.EnumerateRunes(), r => r.Value != '\n' && !PlainText.Is(r.ToString()));
        using var read = System.Text.Json.JsonDocument.Parse(json);
        Assert.Contains("\u202e", read.RootElement.GetProperty("bundles")[0].GetProperty("checks")[0].GetProperty("flaws")[0].GetString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_step_of_nothing_but_restarts_does_not_take_all_day()
    {
        string script = Short("x", "do: unlock-hsm\nby: officer");
        ImmutableArray<Entry> entries = [Entry.Following(null, "", SoftwareRoom.Morning,
            "", new LedgerCreated("4f1c22aa000000000000000000000001", "rehearsal", "k"))];
        CeremonyScript parsed = SoftwareRoom.Parse(script);
        var all = new List<Entry>(entries) { Entry.Following(entries[0], "0001-x",
            SoftwareRoom.Morning, "", new CeremonyOpened("x", 1, parsed.Sha256, script, "k", 2)) };
        for (int i = 0; i < 30_000; i++)
            all.Add(Entry.Following(all[^1], "0001-x", SoftwareRoom.Morning, "s1", new Reopened("k")));
        var watch = System.Diagnostics.Stopwatch.StartNew();
        var told = Retold.Of([.. all]);
        Assert.Equal(("REPLAY-02", 10_002), (told.Refusal?.Rule, told.Entries));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"{watch.Elapsed}");
    }

    // ---- helpers ----

    private const string Unlock = "do: unlock-hsm\nby: officer";
    private const string Crl = "policies:\n  - 2.23.140.1.2.2\ncrl-addresses:\n  - http://pki.example.com/root.crl";

    /// <summary>A ledger of the first format: the transcript key is certified by an intermediate of an earlier ceremony.</summary>
    private static SoftwareRoom Chained(string folder)
    {
        SoftwareRoom room = new SoftwareRoom(folder: folder) { Format = 0 }.Through("root-creation.md");
        room.Play(Short("chain", Unlock, Preview("mid", "mid", "root", "tls-intermediate", "path-length: 1\n" + Crl),
            Generate("mid", "ca"), SignIt("mid")));
        room.Play(Short("ts", Unlock, Preview("transcript-x", "transcript-x", "mid", "transcript-signer"),
            Generate("transcript-x", "transcript"), SignIt("transcript-x")));
        return room;
    }

    /// <summary>A CA of this key is made, and certifies a transcript key at once.</summary>
    private static string Takeover(string ca, string issuer, string profile, string more) => Short("takeover", Unlock,
        Preview(issuer == "junk" ? issuer : ca, ca, issuer, profile, more), Generate(ca, "ca"), SignIt(issuer == "junk" ? issuer : ca),
        Preview("transcript-x", "transcript-x", ca, "transcript-signer"), Generate("transcript-x", "transcript"), SignIt("transcript-x"));

    private static string? Blocks(SoftwareRoom room)
    {
        for (int i = 0; i < 3000; i++)
        {
            Move move = Director.Next(room.State);
            if (move is Over)
                return null;
            if (move is Ask { Question.Blocked: { } blocked })
                return blocked.Rule;
            room.Step();
        }
        return "never ends";
    }

    private static string Preview(string certificate, string key, string issuer, string profile, string more = "") =>
        $"do: preview-certificate\nby: operator\ncertificate: {certificate}\nkey: {key}\nissuer: {issuer}\n"
            + $"profile: {profile}\nalgorithm: ec-p256\nsubject:\n  - C: DE\n  - O: Example Devices\n  - CN: Example {certificate}\n"
            + $"days: {(certificate == "mid" ? 3000 : 300)}"
            + (more.Length > 0 ? "\n" + more : "");

    private static string Generate(string key, string purpose) =>
        $"do: generate-key\nby: operator\nkey: {key}\npurpose: {purpose}\nalgorithm: ec-p256\nbackup: false";

    private static string SignIt(string certificate) => $"do: sign-certificate\nby: operator\ncertificate: {certificate}";

    private static string Short(string name, params string[] steps)
    {
        string[] all = ["do: roll-call\nby: administrator", "do: appliance-gate\nby: operator",
            "do: clock\nby: operator\ntolerance-seconds: 120", "do: ledger\nby: operator", .. steps, "do: close\nby: administrator"];
        return $"---\nceremony: {name}\nversion: 1\ntitle: Something\nenvironments: [rehearsal]\n"
            + "roles:\n  administrator: 1\n  operator: 1\n  witness: 1\n  officer: 3\n---\n\nWe begin.\n\n## All\n\n"
            + string.Concat(all.Select((s,
                i) => $"### {i + 1}. Step\n\nWe do it.\n\n```step\nid: s{(i + 1).ToString(CultureInfo.InvariantCulture)}\n{s}\n```\n\n"));
    }

    private static VerifyOptions RootOf(SoftwareRoom room) => new(SHA256.HashData(Convert.FromBase64String(
        room.Entries.Select(e => e.Body).OfType<CertificateSigned>().First(c => c.Certificate == "root").Der)));

    /// <summary>The last bundle after somebody with the transcript key wrote the journal anew; what names the chain follows it.</summary>
    private static Files Forged(SoftwareRoom room, Func<IEnumerable<Entry>, IEnumerable<Entry>> forge)
    {
        long seq = room.Entries.Select(e => e.Body).OfType<CheckpointSigned>().Last().Seq;
        ImmutableArray<Entry> forged = [];
        CheckpointSigned? checkpoint = null;
        foreach (Entry entry in forge(room.Entries[..(int)seq]))
        {
            EntryBody body = entry.Body switch
            {
                CheckpointSigned => checkpoint = room.Sign(forged),
                HeadStored h => h with { Seq = checkpoint!.Seq, Head = checkpoint.Head },
                TokenUnlocked { HeadSeq: > 0 } u => u with { HeadSeq = checkpoint!.Seq, Head = checkpoint.Head },
                BundleExported e => e with
                {
                    Sums = Convert.ToHexStringLower(SHA256.HashData(BundleFiles.Compose(forged, checkpoint!)["SHA256SUMS"].Span)),
                },
                Answered { Question: "head" } a when checkpoint is not null =>
                    a with { Value = PgpWords.Of(Convert.FromHexString(checkpoint.Head).AsSpan(0, 2)) },
                LedgerInspected i => i with
                {
                    Seq = forged[^1].Seq,
                    Head = forged[^1].HashHex,
                    Findings = [.. i.Findings.Select(f => f with
                    {
                        Text = f.Text.Replace(i.Head, forged[^1].HashHex, StringComparison.Ordinal)
                            .Replace($": {i.Seq} entries", $": {forged[^1].Seq} entries", StringComparison.Ordinal),
                    })],
                },
                var same => same,
            };
            forged = forged.Add(Entry.Following(forged.IsEmpty ? null : forged[^1], entry.Ceremony, entry.Utc, entry.Step, body));
        }
        return BundleFiles.Compose(forged, room.Sign(forged));
    }

    private string[] Failed(SoftwareRoom room, Files files)
    {
        string folder = room.Export(_rooms.NewFolder());
        return [.. BundleVerify.Check("b", new BundleContent(folder, files, BundleList.Of(room.Entries)),
            new VerifyOptions()).Verdict.Checks.Where(c => !c.Passed).Select(c => c.Rule.Id)];
    }
}
