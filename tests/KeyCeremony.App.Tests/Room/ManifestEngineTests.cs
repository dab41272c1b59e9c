using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Manifest.Devices;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Crl;
using KeyCeremony.Core.Tests.Manifest;

namespace KeyCeremony.App.Tests.Room;

/// <summary>A ledger with a root and a manifest key, played once.</summary>
public sealed class ManifestRooms : IDisposable
{
    private readonly SigningRooms _rooms = new();
    private readonly SoftwareRoom _room;
    private int _forks;

    public ManifestRooms() => _room = _rooms.Rooted().Through("manifest-key.md");

    public void Dispose() => _rooms.Dispose();

    internal string NewFolder() => _rooms.NewFolder();

    internal SoftwareRoom New()
    {
        lock (_room)
            return _room.Fork(Path.Combine(_rooms.NewFolder(), $"fork-{++_forks}"));
    }

    /// <summary>A draft whose devices are certified by the root of this ledger.</summary>
    internal static BatchStatement Draft(SoftwareRoom room, string id = "b-1", string ca = "root") =>
        Draft(Replay.WorldAfter(room.Entries), id, ca);

    internal static BatchStatement Draft(World ledger, string id = "b-1", string ca = "root", long devices = 3)
    {
        Assert.True(CertificateReader.TryReadCertificate(Convert.FromBase64String(ledger.Certificates[ca].Signed.Der),
            out ParsedCertificate? certificate, out _));
        BatchStatement draft = Batches.Draft(id, devices, Batches.Hex($"root of {id}"));
        return draft with
        {
            Subjects = draft.Subjects.SetItem(0, new("devices.csv", Batches.Hex($"devices of {id}"))),
            StartedOn = SoftwareRoom.Morning.AddDays(-2),
            FinishedOn = SoftwareRoom.Morning.AddDays(-1),
            IssuingCa = new(Convert.ToHexStringLower(certificate.Sha256()),
                Convert.ToHexStringLower(SHA256.HashData(certificate.ToBeSigned.SubjectPublicKeyInfo.Span))),
        };
    }

    internal static void Put(SoftwareRoom room, BatchStatement draft) => room.Put($"{draft.BatchId}.statement.json", draft.Write());
}

/// <summary>Batches: what is taken, what is refused, several in one ceremony, the power cord.</summary>
public class ManifestEngineTests(ManifestRooms rooms) : IClassFixture<ManifestRooms>
{
    private const string Step = "batches";
    private const string Name = "batch-manifest.md";

    private static readonly string Script = SoftwareRoom.Script(Name);

    [Fact]
    public void Three_batches_of_one_product_are_chained_and_signed()
    {
        SoftwareRoom room = rooms.New();
        foreach (string id in new[] { "b-1", "b-2", "b-3" })
            ManifestRooms.Put(room, ManifestRooms.Draft(room, id));
        room.Saying("file", "b-1.statement.json").Saying("file/2", "b-2.statement.json").Saying("file/3", "b-3.statement.json")
            .Saying("more", "another").Saying("more/2", "another").Saying("more/3", "done").Through(Name);

        ManifestSigned[] signed = [.. Signed(room)];
        Assert.Equal(["b-1", "b-2", "b-3"], signed.Select(m => m.BatchId));
        BatchStatement[] statements = [.. signed.Select(m => Statement(room, m))];
        Assert.Equal([null, signed[0].StatementSha256, signed[1].StatementSha256], statements.Select(s => s.PrevManifest));
        Assert.All(statements, s => Assert.Contains(room.Entries, e => e.HashHex == s.CeremonyTranscriptHash));
        Verifies(room);
    }

    /// <summary>The factory's hash was compared a page before; whoever looks for it here must not believe in a forgery.</summary>
    [Fact]
    public void The_hash_of_what_is_signed_is_told_apart_from_the_factorys()
    {
        SoftwareRoom room = rooms.New();
        ManifestRooms.Put(room, ManifestRooms.Draft(room, "b-1"));
        room.Open(Script);
        Question read = room.Until(Step, ImportWords.ReadWhole);
        Assert.Contains("not the one that the factory sent", read.Help, StringComparison.Ordinal);
        Assert.Contains("SHA-256 of what is signed", read.EvidenceLines);
        BatchPreviewed preview = Assert.Single(room.Entries.Select(e => e.Body).OfType<BatchPreviewed>());
        Assert.NotEqual(preview.DraftSha256, preview.StatementSha256);
        _ = room.Until("sign-manifests", "seen");
        Assert.Contains("b-1: SHA-256 of what is signed", room.Asked().EvidenceLines);
    }

    [Fact]
    public void The_next_ceremony_goes_on_with_the_chain()
    {
        SoftwareRoom room = WithBatch("b-1");
        ManifestRooms.Put(room, ManifestRooms.Draft(room, "b-2"));
        File.Delete(Path.Combine(room.Stick, "b-1.statement.json"));
        room.Through(Name);

        ManifestSigned[] signed = [.. Signed(room)];
        Assert.Equal(signed[0].StatementSha256, Statement(room, signed[1]).PrevManifest);
        Verifies(room);
        Assert.DoesNotContain(room.Bundle().Keys,
            f => f.Contains("b-1", StringComparison.Ordinal) && f.StartsWith("manifests/", StringComparison.Ordinal));
    }

    public static TheoryData<string, string> Refusals => new()
    {
        { "another environment", CeremonyRules.OtherEnvironment },
        { "a batch id that was used", CeremonyRules.BatchUsed },
        { "an unknown CA", CeremonyRules.UnknownIssuingCa },
        { "another key of the CA", CeremonyRules.UnknownIssuingCa },
        { "another predecessor", CeremonyRules.OtherPredecessor },
        { "a lower security counter", CeremonyRules.CounterWentBack },
        { "finished tomorrow", CeremonyRules.FinishedLater },
        { "a final statement", "IN-07" },
        { "no statement", "BATCH-01" },
        { "an image that is another one", "IN-04" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void A_batch_that_does_not_fit_is_refused_and_another_one_chosen(string what, string rule)
    {
        SoftwareRoom room = WithBatch("b-1");
        BatchStatement good = ManifestRooms.Draft(room, "b-2");
        BatchFirmware first = good.Firmware[0];
        byte[] bad = what switch
        {
            "another environment" => (good with { Environment = "production" }).Write(),
            "a batch id that was used" => (good with { BatchId = "b-1" }).Write(),
            "an unknown CA" => (good with { IssuingCa = good.IssuingCa with { CertSha256 = Batches.Hex("other") } }).Write(),
            "another key of the CA" => (good with { IssuingCa = good.IssuingCa with { SpkiSha256 = Batches.Hex("other") } }).Write(),
            "another predecessor" => (good with { PrevManifest = Batches.Hex("other") }).Write(),
            "a lower security counter" =>
                (good with { Firmware = good.Firmware.SetItem(0, first with { SecurityCounter = first.SecurityCounter - 1 }) }).Write(),
            "finished tomorrow" => (good with { FinishedOn = SoftwareRoom.Morning.AddDays(400) }).Write(),
            "a final statement" => (good with { CeremonyTranscriptHash = Batches.Hex("head") }).Write(),
            "no statement" => "{}\n"u8.ToArray(),
            _ => good.Write(),
        };
        room.Put("bad.statement.json", bad);
        if (what == "an image that is another one")
            room.Put("app.bin", "another image"u8.ToArray());
        room.Open(Script);
        _ = room.Until(Step, "file");
        Assert.Null(room.Say("bad.statement.json"));

        Assert.Equal("refused", room.Asked().Id);
        Assert.Equal(rule, room.Asked().Blocked?.Rule);
        room.Put("b-2.statement.json", good.Write());
        File.Delete(Path.Combine(room.Stick, "app.bin"));
        Assert.Null(room.Say("again"));
        Assert.Null(room.Say("b-2.statement.json"));
        room.GoOn();

        Assert.Equal(["b-1", "b-2"], Signed(room).Select(m => m.BatchId));
        Verifies(room);
    }

    [Fact]
    public void A_batch_of_a_revoked_CA_is_refused()
    {
        SoftwareRoom room = rooms.New().Through("intermediate-signing.md").Saying("more", "certificate/tls-t1")
            .Saying("reason", "keyCompromise").Through("emergency-revocation.md");
        ManifestRooms.Put(room, ManifestRooms.Draft(room, ca: "tls-t1"));
        room.Open(Script);
        _ = room.Until(Step, "refused");

        Assert.Equal(CeremonyRules.IssuerRevoked, room.Asked().Blocked?.Rule);
    }

    [Fact]
    public void What_lies_on_the_stick_is_compared_and_what_does_not_is_named()
    {
        SoftwareRoom room = rooms.New();
        ManifestRooms.Put(room, ManifestRooms.Draft(room));
        room.Put("boot.bin", "boot"u8.ToArray());
        room.Open(Script);
        _ = room.Until(Step, "take");

        ImmutableArray<Finding> findings = Assert.Single(room.Entries.Select(e => e.Body).OfType<BatchPreviewed>()).Findings;
        Assert.Equal(("pass", "unknown"), (Result("boot.bin"), Result("app.bin")));

        string Result(string file) => findings.Single(f => f.Text.StartsWith(file, StringComparison.Ordinal)).Result;
    }

    [Fact]
    public void The_devices_are_counted_and_hashed_again_where_list_and_salts_are_on_the_stick()
    {
        SoftwareRoom room = rooms.New();
        BatchStatement draft = Listed(room, Devices("D-1", "D-2", "D-3"), Devices("D-1", "D-2", "D-3"));
        ManifestRooms.Put(room, draft);
        room.Open(Script);
        _ = room.Until(Step, "take");

        Assert.Contains(room.Asked().EvidenceLines, l => l.Contains("3 devices were counted and hashed again", StringComparison.Ordinal));
        room.GoOn();
        Verifies(room);
    }

    [Theory]
    [InlineData("another root", "IN-10")]
    [InlineData("one device fewer in the list", "IN-04")]
    [InlineData("salts of another batch", "IN-10")]
    [InlineData("salts that are none", "SALT-01")]
    [InlineData("a device twice", "DEVICE-10")]
    public void Devices_that_are_not_those_of_the_statement_are_refused(string what, string rule)
    {
        SoftwareRoom room = rooms.New();
        byte[] list = what == "a device twice" ? Devices("D-1", "D-2", "D-2") : Devices("D-1", "D-2", "D-3");
        BatchStatement draft = Listed(room, Devices("D-1", "D-2", "D-3"), list);
        if (what == "another root")
            draft = draft with { Devices = draft.Devices with { Root = Batches.Hex("other") } };
        if (what == "one device fewer in the list")
            room.Put("devices.csv", Devices("D-1", "D-2"));
        if (what == "salts of another batch")
            room.Put("b-1.salts", System.Text.Encoding.ASCII.GetBytes(new string('b', 64) + "\n"));
        if (what == "salts that are none")
            room.Put("b-1.salts", "salt\n"u8.ToArray());
        ManifestRooms.Put(room, draft);
        room.Open(Script);
        _ = room.Until(Step, "refused");

        Assert.Equal(rule, room.Asked().Blocked?.Rule);
        Assert.Empty(room.Entries.Select(e => e.Body).OfType<BatchPreviewed>());
    }

    [Fact]
    public void Without_salts_the_room_is_told_that_nobody_counted()
    {
        SoftwareRoom room = rooms.New();
        ManifestRooms.Put(room, Listed(room, Devices("D-1"), Devices("D-1")));
        File.Delete(Path.Combine(room.Stick, "b-1.salts"));
        room.Open(Script);
        _ = room.Until(Step, "take");

        Assert.Contains(room.Asked().EvidenceLines,
            l => l.StartsWith("UNKNOWN", StringComparison.Ordinal) && l.Contains("b-1.salts", StringComparison.Ordinal));
    }

    [Fact]
    public void Whoever_finds_no_other_batch_goes_on_with_those_that_are_taken()
    {
        SoftwareRoom room = rooms.New();
        ManifestRooms.Put(room, ManifestRooms.Draft(room));
        room.Saying("more", "another").Saying("file/2", "done").Through(Name);

        Assert.Single(Signed(room));
        Verifies(room);
    }

    /// <summary>Who brought it thinks that it is signed; the others are.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_statement_that_was_refused_and_not_mended_is_an_exception(bool isMended)
    {
        SoftwareRoom room = rooms.New();
        ManifestRooms.Put(room, ManifestRooms.Draft(room, "b-1"));
        room.Put("b-2.statement.json", "{}\n"u8.ToArray());
        room.Open(Script);
        _ = room.Saying("file", "b-1.statement.json").Saying("more", "another").Until(Step, "file/2");
        Assert.Null(room.Say("b-2.statement.json"));
        Assert.Equal("refused", room.Asked().Id);
        if (isMended)
        {
            ManifestRooms.Put(room, ManifestRooms.Draft(room, "b-2"));
            Assert.Null(room.Say("again"));
            Assert.Null(room.Say("b-2.statement.json"));
        }
        else
        {
            Assert.Null(room.Say("done"));
            Assert.StartsWith("sign-off/", room.Asked().Id, StringComparison.Ordinal);
        }
        room.GoOn();

        ExceptionRaised[] raised = [.. room.Entries.Where(e => e.Ceremony == room.State.Id).Select(e => e.Body).OfType<ExceptionRaised>()];
        if (!isMended)
            Assert.Equal((CeremonyRules.ImportLeftOut,
                "No manifest is signed today of what was to come from b-2.statement.json: it was refused."),
                (Assert.Single(raised).Rule, raised[0].What));
        else
            Assert.Empty(raised);
        Assert.Equal(isMended ? 2 : 1, Signed(room).Count());
        Verifies(room);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_statement_that_was_read_is_signed_whatever_lies_on_the_stick_afterwards(bool another)
    {
        SoftwareRoom room = rooms.New();
        BatchStatement draft = ManifestRooms.Draft(room, "b-1");
        ManifestRooms.Put(room, draft);
        room.Open(Script);
        _ = room.Until(Step, "take");
        File.Delete(Path.Combine(room.Stick, "b-1.statement.json"));
        if (another)
            ManifestRooms.Put(room, draft with { Operator = "Somebody else" });
        room.GoOn();

        Assert.Equal(draft.Operator, Statement(room, Assert.Single(Signed(room))).Operator);
        Verifies(room);
    }

    [Fact]
    public void Nothing_is_signed_under_a_certificate_that_is_no_manifest_signer()
    {
        SoftwareRoom room = rooms.New();
        ManifestRooms.Put(room, ManifestRooms.Draft(room));
        room.Open(Script.Replace("signer: manifest-1", "signer: transcript", StringComparison.Ordinal));

        Assert.Equal(CeremonyRules.NoManifestSigner, room.Until(Step, "stopped").Blocked?.Rule);
        Assert.Empty(room.Entries.Select(e => e.Body).OfType<BatchPreviewed>());
    }

    [Fact]
    public void Nothing_is_signed_under_a_revoked_certificate()
    {
        SoftwareRoom room = rooms.New().Saying("more", "certificate/manifest-1")
            .Saying("reason", "keyCompromise").Through("emergency-revocation.md");
        room.Open(Script);

        Assert.Equal(CeremonyRules.IssuerRevoked, room.Until(Step, "stopped").Blocked?.Rule);
    }

    [Fact]
    public void Nothing_is_signed_under_a_certificate_that_has_run_out()
    {
        SoftwareRoom room = rooms.New();
        room.Rested += TimeSpan.FromDays(3651);
        // The transcript key ran out as well; it has a successor.
        room.Saying("file", "leave-out", "leave-out").Through("service-certificates.md");
        room.Open(Script);

        Assert.Equal(CeremonyRules.NoManifestSigner, room.Until(Step, "stopped").Blocked?.Rule);
    }

    /// <summary>Its key may be made in the same ceremony: then it is not there yet when the batches are read.</summary>
    [Fact]
    public void A_signer_that_this_script_makes_is_not_missed_before()
    {
        SoftwareRoom room = rooms.New();
        ManifestRooms.Put(room, ManifestRooms.Draft(room));
        string makes = SoftwareRoom.Script("manifest-key.md").Replace("manifest-1", "manifest-2", StringComparison.Ordinal)
            .Replace("Signer 1", "Signer 2", StringComparison.Ordinal);
        string both = makes[..Heading(makes, "Preview")] + Section("Read")
            + makes[Heading(makes, "Preview")..Heading(makes, "Seal the cards")]
            + Section("Approve") + Section("Sign").Replace("${signer}", "manifest-2", StringComparison.Ordinal)
            + makes[Heading(makes, "Seal the cards")..];
        int number = 0;
        room.Open(Regex.Replace(both, "^### [0-9]+", _ => $"### {++number}", RegexOptions.Multiline));
        room.GoOn();

        Assert.Equal("manifest-2", Assert.Single(Assert.Single(Signed(room)).Signatures).Certificate);
        Verifies(room);

        static int Heading(string script, string title) => Regex.Match(script, $@"^### [0-9]+\. {title}", RegexOptions.Multiline).Index;
        static string Section(string title) => Regex.Match(Script[Script.IndexOf("## The batches", StringComparison.Ordinal)..],
            $@"^### [0-9]+\. {title}.*?\n(?=##)", RegexOptions.Singleline | RegexOptions.Multiline).Value;
    }

    [Fact]
    public void A_manifest_of_an_aborted_ceremony_leaves_the_room_with_the_next_bundle()
    {
        SoftwareRoom room = rooms.New();
        ManifestRooms.Put(room, ManifestRooms.Draft(room, "b-1"));
        room.Open(Script);
        _ = room.Until("sign-manifests", "seen");
        room.GiveUp();
        File.Delete(Path.Combine(room.Stick, "b-1.statement.json"));
        ManifestRooms.Put(room, ManifestRooms.Draft(room, "b-2"));
        room.Through(Name);

        Assert.Equal(["b-1.chain.pem", "b-1.cms", "b-1.dsse.json", "b-1.statement.json",
            "b-2.chain.pem", "b-2.cms", "b-2.dsse.json", "b-2.statement.json"],
            room.Bundle().Keys.Where(f => f.StartsWith("manifests/", StringComparison.Ordinal)).Select(f => f["manifests/".Length..]));
        Verifies(room);
    }

    [Fact]
    public void A_CA_whose_hold_was_released_may_certify_devices_again()
    {
        SoftwareRoom room = rooms.New().Through("intermediate-signing.md")
            .Saying("more", "certificate/tls-t1").Saying("reason", "certificateHold").Through("emergency-revocation.md");
        room.Saying("more", "serial").Saying("serial", SerialOf(room, "tls-t1"))
            .Saying("reason", "removeFromCRL").Through("crl-signing.md");
        ManifestRooms.Put(room, ManifestRooms.Draft(room, ca: "tls-t1"));
        room.Through(Name);

        Assert.Single(Signed(room));
        Verifies(room);
    }

    [Fact]
    public void Co_signers_sign_besides()
    {
        SoftwareRoom room = rooms.New();
        room.Open(SoftwareRoom.Script("manifest-key.md").Replace("manifest-1", "officer-1", StringComparison.Ordinal)
            .Replace("Signer 1", "Signer of officer 1", StringComparison.Ordinal));
        room.GoOn();
        ManifestRooms.Put(room, ManifestRooms.Draft(room));
        room.Open(Script.Replace("signer: ${signer}", "signer: ${signer}\nco-signers:\n  - officer-1", StringComparison.Ordinal));
        room.GoOn();

        Assert.Equal(["manifest-1", "officer-1"], Assert.Single(Signed(room)).Signatures.Select(s => s.Certificate));
        Verifies(room);
    }

    [Fact]
    public void Every_answer_may_be_taken_back_and_the_batch_is_the_same()
    {
        SoftwareRoom room = rooms.New();
        ManifestRooms.Put(room, ManifestRooms.Draft(room));
        room.Open(Script);
        int undone = Disturbed.AtEveryQuestion(room);

        Assert.True(undone > 5, $"{undone} answers were taken back");
        Assert.Single(Signed(room));
        Verifies(room);
    }

    [Fact]
    public void The_power_fails_after_every_entry_of_a_batch()
    {
        SoftwareRoom room = rooms.New();
        ManifestRooms.Put(room, ManifestRooms.Draft(room));
        room.Open(Script);
        long last = 0;
        room.PowerFails = entry =>
        {
            bool fails = entry is
            {
                Body: ImportsFound or BatchPreviewed or BatchTaken or ManifestSigned
                or Attempted { Effect: "sign-manifest", Try: 1 } or Answered { Question: "more" or "file" or "take" }
            } && entry.Seq > last;
            if (fails)
                last = entry!.Seq;
            return fails;
        };
        room.GoOn();

        Assert.Single(Signed(room));
        Verifies(room);
    }

    private static byte[] Devices(params string[] serials) => System.Text.Encoding.ASCII.GetBytes(
        string.Concat(serials.Select(s => $"{s},{Batches.Hex($"cert {s}")},{Batches.Hex($"key {s}")}\n")
            .Prepend("serialNo,certSha256,spkiSha256\n")));

    /// <summary>A draft for the devices of one list, while another one lies on the stick, with the salts.</summary>
    private static BatchStatement Listed(SoftwareRoom room, byte[] meant, byte[] lying)
    {
        byte[] file = System.Text.Encoding.ASCII.GetBytes(new string('a', 64) + "\n");
        room.Put("b-1.salts", file);
        room.Put("devices.csv", lying);
        Assert.True(SaltKey.TryRead(file, out SaltKey? salts, out _));
        using (salts)
        {
            Assert.True(DeviceTree.TryCompute(new DeviceTreeInput
            {
                OpenList = () => new MemoryStream(meant),
                Salts = salts,
                NewScratch = () => new MemoryStream(),
            }, out DeviceTreeResult? tree, out DeviceListProblems? problems), problems?.Refusal.ToString());
            BatchStatement draft = ManifestRooms.Draft(room);
            return draft with
            {
                Subjects = draft.Subjects.SetItem(0, new BatchSubject("devices.csv", Convert.ToHexStringLower(SHA256.HashData(lying)))),
                Devices = new BatchDevices(tree.TreeSize, Convert.ToHexStringLower(tree.Root.Span)),
                Yield = draft.Yield with { Built = tree.TreeSize, Reworked = 1 },
            };
        }
    }

    private static string SerialOf(SoftwareRoom room, string certificate)
    {
        Assert.True(RevokedSerial.TryFromContent(room.State.World.Certificates[certificate].Parsed.ToBeSigned.Serial.Span,
            out RevokedSerial serial));
        return serial.ToString();
    }

    private SoftwareRoom WithBatch(string id)
    {
        SoftwareRoom room = rooms.New();
        ManifestRooms.Put(room, ManifestRooms.Draft(room, id));
        return room.Through(Name);
    }

    private static IEnumerable<ManifestSigned> Signed(SoftwareRoom room) => room.Entries.Select(e => e.Body).OfType<ManifestSigned>();

    private static BatchStatement Statement(SoftwareRoom room, ManifestSigned signed)
    {
        BatchPreviewed preview = room.Entries.Select(e => e.Body).OfType<BatchPreviewed>()
            .Single(p => p.StatementSha256 == signed.StatementSha256);
        Assert.True(BatchStatement.TryRead(Convert.FromBase64String(preview.Statement), out BatchStatement? statement, out _));
        return statement;
    }

    private void Verifies(SoftwareRoom room) => Disturbed.Verifies(room, rooms.NewFolder());
}
