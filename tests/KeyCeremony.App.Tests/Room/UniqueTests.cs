using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using KeyCeremony.App.Room;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Ceremony.Retelling;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Tests.Manifest;

namespace KeyCeremony.App.Tests.Room;

/// <summary>Nothing twice: batches, keys that are brought, devices, cards.</summary>
public sealed class UniqueTests(ManifestRooms rooms) : IClassFixture<ManifestRooms>
{
    private const string Manifests = "batch-manifest.md";

    // ---- batches ----

    [Theory]
    [InlineData("list", "the same device list", false)]
    [InlineData("tree", "the same devices", false)]
    [InlineData("list", "the same device list", true)]
    [InlineData("tree", "the same devices", true)]
    public void The_devices_of_a_batch_are_not_signed_again_under_another_name(string what, string says, bool sameDay)
    {
        SoftwareRoom room = rooms.New();
        BatchStatement first = ManifestRooms.Draft(room, "b-1"), twin = Twin(ManifestRooms.Draft(room, "b-2"), first, what);
        ManifestRooms.Put(room, first);
        if (!sameDay)
            room.Through(Manifests);
        ManifestRooms.Put(room, twin);
        room.Open(SoftwareRoom.Script(Manifests));
        if (sameDay)
        {
            _ = room.Saying("file", "b-1.statement.json").Until("batches", "more");
            Assert.Null(room.Say("another"));
        }
        else
            _ = room.Until("batches", "file");
        Assert.Null(room.Say("b-2.statement.json"));

        Assert.Equal("MANIFEST-09", room.Asked().Blocked?.Rule);
        Assert.Contains($"\"b-1\", for which a manifest is there already, has {says}", room.Asked().Blocked!.Message,
            StringComparison.Ordinal);
    }

    /// <summary>Whoever writes the journal anew cannot leave the comparison out, nor say that it passed.</summary>
    [Fact]
    public void A_journal_with_one_list_twice_is_none_that_the_program_wrote()
    {
        SoftwareRoom room = rooms.New();
        ManifestRooms.Put(room, ManifestRooms.Draft(room, "b-1"));
        room.Through(Manifests);
        ManifestRooms.Put(room, ManifestRooms.Draft(room, "b-2"));
        room.Saying("file", "b-2.statement.json").Open(SoftwareRoom.Script(Manifests));
        _ = room.Until("batches", "told");
        Entry read = room.Entries.Last(e => e.Body is BatchPreviewed);
        var preview = (BatchPreviewed)read.Body;
        Assert.Contains(preview.Findings, f => f is { Id: "MANIFEST-09", Result: FindingResults.Pass });
        var before = Retold.Of([.. room.Entries.TakeWhile(e => e.Seq < read.Seq)]);
        Assert.Null(before.Then(read).Refusal);

        Assert.True(BatchStatement.TryRead(Convert.FromBase64String(preview.Statement), out BatchStatement? genuine, out _));
        byte[] twin = Twin(genuine, room.State.World.Batches["b-1"].Statement, "list").Write();
        Refusal? told = before.Then(Instead(room, read, preview with
        {
            Statement = Convert.ToBase64String(twin),
            StatementSha256 = Convert.ToHexStringLower(SHA256.HashData(twin)),
        })).Refusal;
        Assert.Equal(ReplayRules.NotTheFact, told?.Rule);
        Assert.Contains("MANIFEST-09", told!.Message, StringComparison.Ordinal);
        Assert.Equal(ReplayRules.NotTheFact, before.Then(Instead(room, read,
            preview with { Findings = [.. preview.Findings.Where(f => f.Id != "MANIFEST-09")] })).Refusal?.Rule);
    }

    [Fact]
    public void A_journal_of_an_earlier_format_knows_nothing_of_it()
    {
        SoftwareRoom room = rooms.New();
        World before = Replay.WorldAfter(room.Entries);
        Assert.True(BatchPlanning.Ledger(before, "").IsPrepared);
        var opening = (CeremonyOpened)room.Entries.Last(e => e.Body is CeremonyOpened).Body;
        World earlier = before with
        {
            Ceremonies = before.Ceremonies.Add(before.Ceremonies[^1] with { Opened = opening with { Format = JournalFormats.Compared } }),
        };
        Assert.False(BatchPlanning.Ledger(earlier, "").IsPrepared);
        Assert.Equal(5, BatchFindings.Asked(BatchPlanning.Ledger(earlier, ""), Batches.Final()).Length);
    }

    // ---- what is brought ----

    [Theory]
    [InlineData("root", "this ledger generated")]
    [InlineData("tls-t1", "this ledger certified")]
    public void A_certificate_with_a_key_of_this_ledger_is_not_imported(string certificate, string says)
    {
        SoftwareRoom room = rooms.New().Through("intermediate-signing.md");
        byte[] der = Convert.FromBase64String(room.State.World.Certificates[certificate].Signed.Der);
        room.Put("other-ca.pem", Encoding.ASCII.GetBytes(PemEncoding.WriteString("CERTIFICATE", der)));
        room.Open(SoftwareRoom.Script("cross-signing.md"));
        _ = room.Until("existing", "refused");

        Assert.Equal("IMPORT-03", room.Asked().Blocked?.Rule);
        Assert.Contains(says, room.Asked().Blocked!.Message, StringComparison.Ordinal);
        // Nor does the verifier believe that it was.
        Entry refused = room.Entries.Last(e => e.Body is ImportRefused);
        Refusal? told = Retold.Of([.. room.Entries.TakeWhile(e => e.Seq < refused.Seq)]).Then(Instead(room, refused,
            new CertificateImported("other-ca", "other-ca.pem", Convert.ToHexStringLower(SHA256.HashData(der)),
                Convert.ToBase64String(der)))).Refusal;
        Assert.Equal(ReplayRules.NotTheFact, told?.Rule);
        Assert.Contains(says, told!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_partner_is_not_certified_twice_in_a_day_and_again_in_another_year()
    {
        string script = SoftwareRoom.Script("cross-signing.md"), step = SectionOf(script, "existing");
        SoftwareRoom room = rooms.New();
        string twice = script.Replace(step, step + step.Replace("id: existing", "id: another", StringComparison.Ordinal)
            .Replace("certificate: other-ca", "certificate: another-ca", StringComparison.Ordinal), StringComparison.Ordinal);
        room.Open(Renumbered(twice));
        room.Put("another-ca.pem", File.ReadAllBytes(Path.Combine(room.Stick, "other-ca.pem")));
        _ = room.Until("another", "refused");
        Assert.Contains("\"other-ca\", which was brought today", room.Asked().Blocked!.Message, StringComparison.Ordinal);
        Assert.Null(room.Say("leave-out"));
        room.GoOn();

        string renewed = script.Replace("other-ca", "renewed-ca", StringComparison.Ordinal);
        File.Move(Path.Combine(room.Stick, "other-ca.pem"), Path.Combine(room.Stick, "renewed-ca.pem"));
        room.Open(renewed);
        room.GoOn();
        Assert.Contains("renewed-ca-cross", room.State.World.Certificates.Keys);
        Assert.Null(Retold.Of(room.Entries).Refusal);
    }

    // ---- equipment ----

    [Theory]
    [InlineData("SN 12-34", "sn1234")]
    [InlineData("Q/1", "q.1")]
    public void A_number_in_another_spelling_is_the_same_number(string one, string other)
    {
        var room = new SoftwareRoom();
        room.Open(SoftwareRoom.Script("root-creation.md"));
        _ = room.Until("equipment", "record-stick-a");
        Assert.Null(room.Say(one));
        Assert.Equal(CeremonyRules.SerialTwice, room.Say(other)?.Rule);

        var earlier = new SoftwareRoom { Format = JournalFormats.Compared };
        earlier.Open(SoftwareRoom.Script("root-creation.md"));
        _ = earlier.Until("equipment", "record-stick-a");
        Assert.Null(earlier.Say(one));
        Assert.Null(earlier.Say(other));
    }

    private const string Uncompared = "Not compared: a software HSM bears no number.";

    /// <summary>Whoever rehearses types any number, and must not believe that it was compared.</summary>
    [Fact]
    public void Of_a_software_HSM_people_are_told_that_its_number_is_not_compared()
    {
        var room = new SoftwareRoom { Model = "SoftHSM v2" };
        room.Saying("primary-hsm", "P7").Open(SoftwareRoom.Script("root-creation.md"));
        Assert.Equal(["Read from the device P7", Uncompared], room.Until("inspect-primary", "seen").EvidenceLines.Take(2));
    }

    [Fact]
    public void What_is_typed_and_what_the_HSM_says_may_differ_in_blanks_and_marks()
    {
        var room = new SoftwareRoom();
        room.Saying("primary-hsm", "P-1").Open(SoftwareRoom.Script("root-creation.md"));
        Assert.DoesNotContain(Uncompared, room.Until("inspect-primary", "seen").EvidenceLines);
        Assert.DoesNotContain(room.Entries, e => e.Body is ExceptionRaised { Rule: CeremonyRules.OtherSerial });
    }

    /// <summary>Nobody is the primary HSM yet; at the drill the root would be signed already.</summary>
    [Fact]
    public void One_HSM_under_two_labels_is_found_when_it_is_inspected()
    {
        string script = SoftwareRoom.Script("root-creation.md"), drill = SectionOf(script, "inspect-drill");
        string primary = SectionOf(script, "inspect-primary");
        string moved = script.Replace(drill, "", StringComparison.Ordinal).Replace(primary, primary + drill, StringComparison.Ordinal);
        SoftwareRoom room = Probing(JournalFormats.Current), earlier = Probing(JournalFormats.Compared);

        Assert.Equal(CeremonyRules.SameToken, room.Until("inspect-drill", "probe-again").Blocked?.Rule);
        _ = earlier.Until("inspect-drill", "seen");

        SoftwareRoom Probing(int format)
        {
            var probing = new SoftwareRoom { Format = format };
            probing.Instead = move => move is Perform { Effect: ProbeToken { Token: "drill" } p }
                ? new Happened(p, (TokenProbed)probing.Fact(p) with { Serial = "P1", Label = "drill" }) : null;
            probing.Saying("serial", "exception").Open(Renumbered(moved));
            return probing;
        }
    }

    [Fact]
    public void The_drill_HSM_is_not_the_one_with_the_ledgers_keys_as_its_number_says()
    {
        SoftwareRoom room = rooms.New();
        string equipment = """
            ### 10. The drill HSM

            The number is read.

            ```step
            id: drill-equipment
            do: record
            by: operator
            fields:
              - id: drill-hsm
                ask: Which serial number is printed on the drill HSM?
                kind: serial
            ```


            """;
        string script = SoftwareRoom.Script("cross-signing.md");
        room.Open(Renumbered(script.Replace("## The other authority", equipment + "## The other authority", StringComparison.Ordinal)));
        _ = room.Until("drill-equipment", "drill-hsm");

        Assert.Equal(CeremonyRules.SerialTwice, room.Say("p-1")?.Rule);
        Assert.Null(room.Say("D1"));
    }

    // ---- cards ----

    [Fact]
    public void Two_sets_of_a_ledger_never_begin_with_the_same_words()
    {
        byte[] first = [0x12, 0x67], other = [0x11, 0x00];
        int draws = 0;
        using var custody = new Custody(bytes =>
        {
            bytes.Fill(0x5A);
            if (bytes.Length == 2)
                (draws++ < 2 ? first : other).CopyTo(bytes);
        });
        using SecretBytes hsm = SecretBytes.Copy(SHA256.HashData("hsm"u8)), again = SecretBytes.Copy(SHA256.HashData("again"u8));
        SharesMade one = custody.Make(Deal("0001-activation-1"), hsm, []);
        SharesMade two = custody.Make(Deal("0001-backup-1"), again, [one.Identifier]);

        Assert.Equal((0x1267, 0x1100, 3), (one.Identifier, two.Identifier, draws));
    }

    [Fact]
    public void A_journal_with_two_sets_of_one_identifier_is_none_that_the_program_wrote()
    {
        var room = new SoftwareRoom();
        room.Open(SoftwareRoom.Script("root-creation.md"));
        _ = room.Until("deal-backup", "card/0001-backup-1/1/alone");
        Entry dealt = room.Entries.Last(e => e.Body is SharesMade);
        int first = room.Entries.Select(e => e.Body).OfType<SharesMade>().First().Identifier;
        var before = Retold.Of([.. room.Entries.TakeWhile(e => e.Seq < dealt.Seq)]);

        Assert.Null(before.Then(dealt).Refusal);
        Refusal? told = before.Then(Instead(room, dealt, (SharesMade)dealt.Body with { Identifier = first })).Refusal;
        Assert.Equal(ReplayRules.NotTheFact, told?.Rule);
        Assert.Contains("its cards begin with the same words as those of 0001-activation-1", told!.Message, StringComparison.Ordinal);
    }

    private static MakeShares Deal(string set) => new(set, "activation", 128, 2, new Names(["Ada", "Ben", "Cyd"]), Dice: false,
        IsOpen: false);

    private static BatchStatement Twin(BatchStatement batch, BatchStatement first, string what) => what == "list"
        ? batch with { Subjects = batch.Subjects.SetItem(0, first.Subjects[0]) }
        : batch with { Devices = first.Devices };

    private static Entry Instead(SoftwareRoom room, Entry entry, EntryBody body) =>
        Entry.Following(room.Entries[(int)entry.Seq - 2], entry.Ceremony, entry.Utc, entry.Step, body);

    /// <summary>The heading, the text and the block of a step.</summary>
    private static string SectionOf(string script, string id)
    {
        int at = script.IndexOf($"id: {id}\n", StringComparison.Ordinal);
        int begin = script.LastIndexOf("\n### ", at, StringComparison.Ordinal) + 1;
        return script[begin..(script.IndexOf("```\n", at, StringComparison.Ordinal) + 4)] + "\n";
    }

    private static string Renumbered(string script)
    {
        int number = 0;
        return Regex.Replace(script, "^### [0-9]+", _ => $"### {++number}", RegexOptions.Multiline);
    }
}
