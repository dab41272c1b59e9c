using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;
using KeyCeremony.App.Bundle;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.App.Tests.Room;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Ceremony.Retelling;
using KeyCeremony.Core.Journal;
using Files = System.Collections.Immutable.ImmutableSortedDictionary<string, System.ReadOnlyMemory<byte>>;

namespace KeyCeremony.Verifier.Tests;

/// <summary>
/// What somebody with the transcript key says in one place, and the same ledger says otherwise in another: each of these was once told
/// without a contradiction being found.
/// </summary>
public sealed class ContradictedByTheRestTests(SigningRooms rooms) : IClassFixture<SigningRooms>
{
    private const string Recovery = "disaster-recovery.md", Destruction = "key-destruction.md", Signed = "abandoned-keys.md";
    private const StringComparison Ordinal = StringComparison.Ordinal;

    // ---- HSMs ----

    [Fact]
    public void An_HSM_that_was_destroyed_does_not_come_back()
    {
        SoftwareRoom room = rooms.Rooted().Through(Recovery);
        Assert.Equal(["P1", "P2"], room.Entries.Select(e => e.Body).OfType<TokenProbed>().Where(p => p.Token == "primary")
            .Select(p => p.Serial));

        Assert.Contains("HSM-23 the HSM P1 was retired in this ledger, as destroyed",
            Told<TokenProbed>(room, p => p with { Serial = "P1" }), Ordinal);
    }

    [Fact]
    public void Nor_as_the_HSM_of_a_drill()
    {
        SoftwareRoom room = rooms.Rooted().Through(Recovery).Through("custodian-replacement.md");

        Assert.Contains("HSM-23", Told<TokenProbed>(room, p => p with { Serial = "P1" }), Ordinal);
    }

    /// <summary>Replay of the formats before the seventh did not ask, and what they wrote stays verified.</summary>
    [Fact]
    public void In_a_ledger_of_an_earlier_format_it_is_a_warning()
    {
        var room = new SoftwareRoom { Format = JournalFormats.Renewed };
        _ = room.Play(SoftwareRoom.Script("root-creation.md"));
        room.Instead = move => move is Perform { Effect: ProbeToken { Token: "primary", Blank: true } p }
            ? new Happened(p, ((TokenProbed)room.Fact(p)) with { Serial = "P1" }) : null;
        room.Open(SoftwareRoom.Script(Recovery));
        room.Until("inspect-primary", "serial");
        BundleVerdict verdict = BundleVerify.Check("b", room.Bundle(), new VerifyOptions()).Verdict;
        Assert.Empty(verdict.Warnings.Where(w => w.Contains("what the record says of it is not so", Ordinal)));

        ImmutableArray<string> warnings = [.. BundleWarnings.Back(new JournalFacts(room.Entries))];
        Assert.Equal("0002-disaster-recovery: the primary HSM P1 is one that 0002-disaster-recovery had retired as destroyed: what the "
            + "record says of it is not so.", Assert.Single(warnings));
    }

    /// <summary>That the HSM of a broken-off drill is destroyed is people's word; then it drills no more.</summary>
    [Fact]
    public void An_HSM_of_which_people_said_that_it_is_destroyed_does_not_come_back()
    {
        SoftwareRoom room = rooms.Rooted();
        World world = Replay.WorldAfter(room.Entries);
        world = world with
        {
            Objects = world.Objects.Add(new KeyObject("root", "", "D9", SoftwareRoom.Morning, KeyObject.Drill, "")),
            Ended = world.Ended.SetItem("root", new EndedKey(new KeyEnded("root", "", "over"), "x", SoftwareRoom.Morning,
                ImmutableDictionary<string, CopyAnswer>.Empty.Add("drill/D9", new CopyAnswer(
                    new CopyAnswered("root", ["drill/D9"], CopyAnswered.Destroyed, "We drilled through it."), "x", SoftwareRoom.Morning)),
                "")),
        };

        Assert.Equal(new TokenRetired("D9", TokenRetired.Destroyed, "We drilled through it."), Assert.Single(world.Departed));
    }

    // ---- people ----

    /// <summary>Who got a card is who attests it, however the name is spelt on another day.</summary>
    [Fact]
    public void A_witness_whose_name_looks_like_the_custodians_looks_at_the_own_card()
    {
        SoftwareRoom room = rooms.Rooted();
        string custodian = Replay.WorldAfter(room.Entries).Sets[CardRoom.Backup].Made.Custodians[0];
        CardRoom.Good(room, 1, CardRoom.Backup, 1).Saying("name/witness/1", custodian.Replace("nna", "ñna", Ordinal));
        room.Open(SoftwareRoom.Script(CardRoom.Script));
        Assert.Contains("is the own one of the witness", room.Until("cards", "check/1/own").Prompt, Ordinal);
    }

    // ---- keys ----

    [Fact]
    public void A_builders_key_is_none_that_an_HSM_made()
    {
        SoftwareRoom room = WithBuilders();
        room.IsHonest = false;
        room.OtherKey = _ => ReleaseFolder.KeyA;
        room.Open(SoftwareRoom.Script("manifest-key.md"));
        room.GoOn();

        Refusal? refusal = Retold.Of(room.Entries).Refusal;
        Assert.Contains("it is a key that this ledger knew before it was made", refusal?.Message ?? "it passed", Ordinal);
    }

    [Fact]
    public void Nor_one_that_a_CA_has()
    {
        SoftwareRoom room = WithBuilders();
        room.Put("tls-t1.csr", SoftwareRoom.Request(ReleaseFolder.KeyA));
        room.Open(SoftwareRoom.Script("intermediate-signing.md"));
        Assert.Equal("FIRMWARE-13", room.Until("request-tls", "refused").Blocked?.Rule);

        // What the engine would have said to a request that was read all the same.
        SoftwareRoom read = WithBuilders().Through("intermediate-signing.md");
        byte[] request = SoftwareRoom.Request(ReleaseFolder.KeyA);
        Assert.Contains("it brings a key that this ledger already knew", Told<RequestRead>(read, r => r with
        {
            Content = Convert.ToBase64String(request),
            Sha256 = Convert.ToHexStringLower(SHA256.HashData(request)),
            Spki = Convert.ToBase64String(ReleaseFolder.KeyA.ExportSubjectPublicKeyInfo()),
        }, length: request.Length), Ordinal);
    }

    [Fact]
    public void Nor_is_a_CAs_key_a_builders()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        SoftwareRoom room = rooms.Rooted();
        room.Put("tls-t1.csr", SoftwareRoom.Request(key));
        room.Through("intermediate-signing.md");
        ReleaseFolder.BringBuilders(room.Stick);
        room.Put("runner-a.pub.pem", Encoding.ASCII.GetBytes(key.ExportSubjectPublicKeyInfoPem()));
        room.Open(SoftwareRoom.Script("release-key.md"));

        Assert.Equal("FIRMWARE-13", room.Until("builder-a", "refused").Blocked?.Rule);
    }

    /// <summary>
    /// Requests have names as keys have: the certificate of a request was taken for that of the key of the same name, so a key that lies
    /// anywhere signed the records of the ledger, with the root's consent to a certificate and to no more.
    /// </summary>
    [Fact]
    public void A_request_that_bears_the_name_of_the_transcript_key_signs_no_record()
    {
        using var elsewhere = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string script = SoftwareRoom.Script("intermediate-signing.md", own => Regex
            .Replace(own, "^  policy: .*\n", "", RegexOptions.Multiline)
            .Replace("request: tls-t1\n", "request: transcript\n", Ordinal)
            .Replace("certificate: tls-t1\n", "certificate: transcript-x\n", Ordinal)
            .Replace("profile: tls-intermediate\n", "profile: transcript-signer\n", Ordinal)
            .Replace("path-length: 0\npolicies:\n  - ${policy}\ncrl-addresses:\n  - ${crl-address}\n", "", Ordinal));
        var room = new SoftwareRoom(folder: rooms.NewFolder()) { Format = JournalFormats.Renewed };
        room.Through("root-creation.md");
        room.Put("transcript.csr", SoftwareRoom.Request(elsewhere));
        room.Put("mtls-m1.csr", SoftwareRoom.Request());
        room.Instead = move => move is Perform { Effect: SignCheckpoint close }
            ? new Happened(close, SignedBy(room.Entries, "transcript-x", elsewhere)) : null;
        room.Open(script);
        room.GoOn();
        BundleVerify.Check("b", room.Bundle(), new VerifyOptions()).Verdict
            .Finds("VERIFY-08", "The key \"transcript\" of the signer is not a transcript key");

        SoftwareRoom today = rooms.Rooted();
        today.Put("transcript.csr", SoftwareRoom.Request(elsewhere));
        today.Open(script);
        Assert.Equal(CeremonyRules.ImportNameUsed, today.Until("request-tls", "stopped").Blocked?.Rule);
    }

    /// <summary>The key that signs the records signs certificates as well, by a cross-certificate that the root gave to its own.</summary>
    [Fact]
    public void The_key_that_signs_the_records_is_no_CAs()
    {
        string script = SoftwareRoom.Script("cross-signing.md", own =>
        {
            int from = own.IndexOf("### #. Read the existing certificate", Ordinal);
            return own.Remove(from, own.IndexOf("### #. Preview the cross-certificate", Ordinal) - from)
                .Replace("existing: other-ca\n", "existing: transcript\n", Ordinal)
                .Replace("algorithm: ec-p384\n", "algorithm: ec-p256\n", Ordinal);
        });
        var room = new SoftwareRoom(folder: rooms.NewFolder()) { Format = JournalFormats.Renewed };
        room.Through("root-creation.md");
        room.Instead = move => move is Perform { Effect: SignCheckpoint close }
            ? new Happened(close, SignedBy(room.Entries, "transcript", (ECDsa)room.KeyOf("transcript"))) : null;
        room.Open(script);
        room.GoOn();
        BundleVerify.Check("b", room.Bundle(), new VerifyOptions()).Verdict
            .Finds("VERIFY-45", "transcript: the certificate \"other-ca-cross\" makes a CA of its key");

        SoftwareRoom today = rooms.Rooted();
        today.Open(script);
        Assert.Equal(CeremonyRules.OwnKey, today.Until("preview-cross", "stopped").Blocked?.Rule);
    }

    [Fact]
    public void No_key_is_made_under_the_name_of_a_request()
    {
        SoftwareRoom room = rooms.Rooted().Through("intermediate-signing.md");
        room.Open(SoftwareRoom.Script("manifest-key.md").Replace("key: ${signer}\n", "key: tls-t1\n", Ordinal));
        Assert.Equal(CeremonyRules.KeyNameUsed, room.Until("generate-manifest", "stopped").Blocked?.Rule);
    }

    // ---- roots ----

    /// <summary>Parameters of a day on which no transcript key is made.</summary>
    private const string Unused = "  organisation: Example Devices\n  country: DE\n"
        + "  transcript-name: Example Devices Transcript Signer N1\n  transcript-days: 3650\n";

    /// <summary>Whoever has the root that fell has every certificate under it: its record was believed by who named the next one.</summary>
    [Fact]
    public void After_a_root_was_withdrawn_no_record_stands_under_it()
    {
        var room = new SoftwareRoom(folder: rooms.NewFolder());
        SuccessionTests.Strangers(room.Through("root-creation.md")).Through(SuccessionTests.Succession);
        room.Saying("ends/why", "A copy was sold.").Open(SuccessionTests.Without(SoftwareRoom.Script(SuccessionTests.Compromise),
            "preview-transcript", "generate-transcript", "sign-transcript").Replace(Unused, "", Ordinal));
        room.GoOn();
        Assert.Equal("transcript", room.State.World.TranscriptKey!.Generated.Key);

        World world = Replay.WorldAfter(room.Entries);
        string script = SoftwareRoom.Script(Signed);
        Refusal? refusal = Director.MayOpen(world, SoftwareRoom.Parse(script), world.LastUtc);
        Assert.Equal(CeremonyRules.TranscriptRanOut, refusal?.Rule);
        Assert.Contains("hangs under \"root\", which 0003-compromise withdrew", refusal!.Message, Ordinal);
        Assert.Null(Director.MayOpen(world, SoftwareRoom.Parse(SoftwareRoom.Script("service-certificates.md")), world.LastUtc));

        Core.Script.CeremonyScript parsed = SoftwareRoom.Parse(script);
        Entry last = room.Entries[^1], opening = Entry.Following(last, Director.NextId(world, parsed.Name), last.Utc, "",
            new CeremonyOpened(parsed.Name, parsed.Version, parsed.Sha256, parsed.Text, "keyceremony test", JournalFormats.Current));
        Assert.Contains(CeremonyRules.TranscriptRanOut, Retold.Of(room.Entries).Then(opening).Refusal?.Message ?? "it passed", Ordinal);
    }

    [Fact]
    public void Nothing_else_is_signed_under_it_either()
    {
        SoftwareRoom room = SuccessionTests.Fallen(rooms.Rooted().Through("manifest-key.md").Through("intermediate-creation.md"));
        room.Open(SoftwareRoom.Script("batch-manifest.md"));
        Refusal? refusal = room.Until("batches", "stopped").Blocked;
        Assert.Equal((CeremonyRules.IssuerRevoked, "The certificate \"manifest-1\" hangs under \"root\", which 0005-compromise withdrew."),
            (refusal?.Rule, refusal?.Message));
    }

    /// <summary>In a ceremony that was given up the key was brought back; nothing says since that it is out of the HSM.</summary>
    [Fact]
    public void A_spare_that_lies_in_the_HSM_is_not_counted()
    {
        SoftwareRoom room = SuccessionTests.Strangers(rooms.Rooted()).Through(SuccessionTests.Succession);
        room.Open(SuccessionTests.Without(SoftwareRoom.Script(SuccessionTests.Compromise), "preview-last-list", "approve-last-list",
            "sign-last-list", "approve-end", "end-root", "withdraw-root"));
        _ = room.Until("restore-next-root", "seen");
        room.GiveUp();
        BundleVerdict verdict = BundleVerify.Check("b", room.Through("manifest-key.md").Bundle(), new VerifyOptions()).Verdict;
        Assert.Empty(verdict.Rules());
        Assert.Contains("plan B: no spare root is left", verdict.Summary);
        Assert.Contains(verdict.Summary, line => line.Contains("AND THE KEY LIES IN AN HSM", Ordinal));
        Assert.Empty(verdict.Spares);

        verdict = BundleVerify.Check("b", room.Through(Signed).Bundle(), new VerifyOptions()).Verdict;
        Assert.Contains("plan B: 1 spare root", verdict.Summary);
    }

    [Fact]
    public void A_key_that_signs_the_record_does_not_rest()
    {
        SoftwareRoom room = SuccessionTests.Strangers(rooms.Rooted());
        room.Open(SoftwareRoom.Script(SuccessionTests.Succession)
            .Replace("do: rest-key\nby: operator\nkey: root-next\n", "do: rest-key\nby: operator\nkey: transcript\n", Ordinal));
        Assert.Equal(CeremonyRules.SignsTheRecord, room.Until("rest-next-root", "stopped").Blocked?.Rule);
    }

    [Fact]
    public void A_spare_whose_cards_are_lost_is_not_counted()
    {
        SoftwareRoom room = SuccessionTests.Strangers(rooms.Rooted()).Through(SuccessionTests.Succession);
        CardRoom.Lost(room, 1, "0002-backup-1", 1);
        CardRoom.Lost(room, 2, "0002-backup-1", 2);
        room.Saying("check/3/set", "done").Through(CardRoom.Script).Through(Signed);
        BundleVerdict verdict = BundleVerify.Check("b", room.Bundle(), new VerifyOptions()).Verdict;

        Assert.Empty(verdict.Rules());
        Assert.Contains("plan B: no spare root is left", verdict.Summary);
        Assert.Contains(verdict.Summary,
            line => line.Contains("1 good when last seen, TOO FEW TO BE SURE: it is not counted; SHA-256", Ordinal));
    }

    // ---- copies ----

    [Fact]
    public void The_bundle_from_which_a_ledger_was_restored_is_a_copy()
    {
        SoftwareRoom room = rooms.Rooted().Restored(folder: rooms.NewFolder());
        long seq = room.Entries.Single(e => e.Body is LedgerRestored).Seq;
        KeyDestructionTests.Burnt(room, 1).Saying($"copy/bundle/{seq}/what", CopyAnswered.Remains).Through(Destruction);
        string statement = Encoding.UTF8.GetString(room.Bundle()["destroyed/root.txt"].Span);

        Assert.Contains($"REMAINS   the journal, with the backup in it: the bundle from which entry {seq} restored the ledger, and the "
            + "record sticks before it", statement, Ordinal);
        BundleVerdict verdict = BundleVerify.Check("b", room.Bundle(), new VerifyOptions()).Verdict;
        Assert.Empty(verdict.Rules());
        Assert.Contains(verdict.Warnings, w => w.StartsWith($"entry {seq}: the ledger was restored from a bundle.", Ordinal));
    }

    [Fact]
    public void A_card_that_was_destroyed_and_is_typed_is_an_exception_and_the_account_says_so()
    {
        SoftwareRoom room = KeyDestructionTests.Burnt(rooms.Rooted(), 1, 2, 3).Through(Destruction);
        CardRoom.Good(room, 1, CardRoom.Backup, 2);
        CardRoom.Good(room, 2, CardRoom.Backup, 3);
        room.Saying("check/3/set", "done").Through(CardRoom.Script);
        ExceptionRaised[] raised = [.. room.Entries.Where(e => e.Ceremony == room.State.Id).Select(e => e.Body).OfType<ExceptionRaised>()];
        Assert.Equal([CeremonyRules.SeenAfterEnd, CeremonyRules.SeenAfterEnd], raised.Select(x => x.Rule));
        Assert.Matches(@"^Card 2 of 0001-backup-1, dealt to .+, was destroyed before the witness on 2026-11-22, and was typed today\.$",
            raised[0].What);

        ImmutableArray<Entry> silent = [.. room.Entries.TakeWhile(e => !(e.Ceremony == room.State.Id && e.Body is ExceptionRaised))];
        Entry genuine = room.Entries[silent.Length];
        Assert.Contains("due was exception-raised", Retold.Of(silent).Then(Entry.Following(silent[^1], genuine.Ceremony, genuine.Utc,
            genuine.Step, new Answered("check/2/set", "operator", room.State.NameOf("operator"), "done"))).Refusal!.Message, Ordinal);

        room.Through(Signed);
        Assert.Contains("key root ended 2026-11-22: no copy known, read destroyed/root.txt; SINCE THEN A COPY CAME TO LIGHT",
            BundleVerify.Check("b", room.Bundle(), new VerifyOptions()).Verdict.Summary);
    }

    // ---- several bundles ----

    [Fact]
    public void A_later_bundle_that_tells_of_another_record_than_the_one_before_it_is_found()
    {
        SoftwareRoom room = rooms.Rooted();
        string before = room.Export(rooms.NewFolder());
        room.Through("manifest-key.md");
        string after = room.Export(rooms.NewFolder());
        Assert.True(BundleVerify.Run([before, after], new VerifyOptions()).Together.All(c => c.Passed));

        Files forged = room.ForgeAll(e => e, entries => room.SignAs(entries, "transcript",
            s => s with { Files = s.Files.SetItem(BundleFiles.ReportPath, new string('a', 64)) }));
        Assert.Empty(BundleVerify.Check("b", forged, new VerifyOptions()).Verdict.Rules());
        VerifyReport report = BundleVerify.Run([before, Written(forged)], new VerifyOptions());
        VerifyCheck together = report.Together.Single(c => c.Rule == VerifyRules.Continuity);
        Assert.Contains("of another record than the one that", Assert.Single(together.Flaws), Ordinal);
    }

    /// <summary>The record after these entries, by a key that may lie anywhere.</summary>
    private static CheckpointSigned SignedBy(ImmutableArray<Entry> entries, string certificate, ECDsa key)
    {
        CheckpointStatement statement = BundleFiles.Statement(entries);
        var journal = new JournalFacts(entries);
        Assert.True(journal.TryCertificate(certificate, out Core.Pki.ParsedCertificate? signer));
        X509Certificate2[] path = [.. journal.PathOf(signer.Der.Span)!.Select(c => X509CertificateLoader.LoadCertificate(c.Der.Span))];
        byte[] bytes = statement.Write(), cms = StatementSigning.Sign(bytes, path[0], path,
            hash => key.SignHash(hash, DSASignatureFormat.Rfc3279DerSequence), entries[^1].Utc);
        return new CheckpointSigned(statement.Seq, statement.Head, Convert.ToBase64String(bytes), Convert.ToBase64String(cms), null);
    }

    private SoftwareRoom WithBuilders()
    {
        SoftwareRoom room = rooms.Rooted();
        ReleaseFolder.BringBuilders(room.Stick);
        return room.Through("release-key.md");
    }

    private string Written(Files files)
    {
        string folder = rooms.NewFolder();
        foreach ((string path, ReadOnlyMemory<byte> bytes) in files)
        {
            string file = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllBytes(file, bytes.ToArray());
        }
        return folder;
    }

    /// <summary>What the engine says to another body in place of the last one of this kind.</summary>
    /// <param name="length">Of the file that lay on the stick then, which is told to match; null: nothing is read from one.</param>
    private static string Told<T>(SoftwareRoom room, Func<T, T> change, long? length = null) where T : EntryBody
    {
        Entry genuine = room.Entries.Last(e => e.Body is T);
        ImmutableArray<Entry> before = [];
        foreach (Entry entry in room.Entries.TakeWhile(e => e.Seq < genuine.Seq))
            before = before.Add(Entry.Following(before.IsEmpty ? null : before[^1], entry.Ceremony, entry.Utc, entry.Step,
                length is { } told && entry.Step == genuine.Step ? Matching(entry.Body, genuine.Body, told) : entry.Body));
        var retold = Retold.Of(before);
        Assert.Null(retold.Refusal);
        var other = Entry.Following(before[^1], genuine.Ceremony, genuine.Utc, genuine.Step, change((T)genuine.Body));
        return retold.Then(other).Refusal?.Message ?? "it passed";
    }

    private static EntryBody Matching(EntryBody body, EntryBody read, long length) =>
        body is ImportsFound found && read is RequestRead request
        ? found with { Files = [.. found.Files.Select(f => f.Name == request.File ? f with { Length = length } : f)] } : body;
}
