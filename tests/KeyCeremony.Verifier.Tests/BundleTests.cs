using System.Collections.Immutable;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using KeyCeremony.App.Bundle;
using KeyCeremony.App.Ledger;
using KeyCeremony.App.Room;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Requests;
using KeyCeremony.Core.Script;
using KeyCeremony.Core.Tests;
using Files = System.Collections.Immutable.ImmutableSortedDictionary<string, System.ReadOnlyMemory<byte>>;

namespace KeyCeremony.Verifier.Tests;

public sealed class BundleTests(PlayedCeremony played) : IClassFixture<PlayedCeremony>, IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("bundle").FullName;

    private Files Good => played.Files;

    private VerifyOptions Genuine => new(SHA256.HashData(Good["certificates/root.der"].Span));

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_played_ceremony_verifies_and_says_what_it_cannot_prove()
    {
        VerifyReport report = BundleVerify.Run([Exported(Good)], Genuine);
        Assert.True(report.Passed, report.Text);
        Assert.Equal(VerifyRules.All.Count - VerifyRules.OfSeveral.Count, report.Bundles[0].Checks.Length);
        Assert.All(report.Text.Split('\n'), line => Assert.True(line.Length <= 80, line));
        Assert.Contains("Not proved", report.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Composing_twice_gives_the_same_bytes_also_in_another_process()
    {
        CheckpointSigned checkpoint = played.Room.Entries.Select(e => e.Body).OfType<CheckpointSigned>().Last();
        Files again = BundleFiles.Compose(played.Room.Entries, checkpoint);
        Assert.All(Good, f => Assert.True(again[f.Key].Span.SequenceEqual(f.Value.Span), f.Key));
        // Another process: the verifier composes the report again from journal.jsonl.
        string bundle = Exported(Good);
        (int exit, string text) = Run("dotnet", Path.Combine(AppContext.BaseDirectory, "keyceremony.dll"),
            "verify", "--trust", Convert.ToHexString(Genuine.TrustedRoot!.Value.Span), bundle);
        Assert.True(exit == 0, text);
        Assert.Contains("ok   VERIFY-43 ", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_people_s_tools_agree()
    {
        string bundle = Exported(Good);
        (int exit, string text) = Run("sh", "-c", $"cd '{bundle}' && sha256sum -c SHA256SUMS");
        Assert.True(exit == 0, text);
        (exit, text) = Run("sh", "-c",
            $"cd '{bundle}' && openssl cms -verify -binary -inform DER -in checkpoint.cms -content checkpoint.json "
                + $"-CAfile certificates/root.pem -purpose any -attime {played.Room.Entries[^1].Utc.ToUnixTimeSeconds()} -out /dev/null");
        Assert.True(exit == 0, text);
        (exit, text) = Run("openssl", "verify", "-x509_strict", "-check_ss_sig",
            "-attime", $"{played.Room.Entries[^1].Utc.ToUnixTimeSeconds()}", "-CAfile",
            Path.Combine(bundle, "certificates/root.pem"), Path.Combine(bundle, "certificates/root.pem"));
        Assert.True(exit == 0, text);
    }

    [Fact]
    public void Every_flipped_byte_of_a_small_bundle_is_found()
    {
        Files small = Small();
        Assert.True(Check(small).Checks.Single(c => c.Rule == VerifyRules.Signature).Passed);
        foreach ((string path, ReadOnlyMemory<byte> bytes) in small)
            Parallel.For(0, bytes.Length, new ParallelOptions { MaxDegreeOfParallelism = 2 }, at =>
            {
                byte[] flipped = bytes.ToArray();
                flipped[at] ^= 1;
                Assert.True(Check(small.SetItem(path, flipped)).Checks.Last().Rule == VerifyRules.Sums, $"{path} byte {at}");
            });
    }

    [Fact]
    public void Flipped_bytes_under_corrected_sums_are_found_by_the_statement_or_its_signature()
    {
        foreach ((string path, ReadOnlyMemory<byte> bytes) in Good.Remove(BundleFiles.SumsPath))
            for (int at = 0; at < bytes.Length; at += 1 + (bytes.Length / 97))
            {
                byte[] flipped = bytes.ToArray();
                flipped[at] ^= 4;
                BundleVerdict verdict = Check(WithSums(Good.SetItem(path, flipped)));
                VerifyRule[] expected = path switch
                {
                    BundleFiles.CmsPath => [VerifyRules.Signature, VerifyRules.Signer],
                    BundleFiles.StatementPath => [VerifyRules.Format, VerifyRules.Statement, VerifyRules.Position, VerifyRules.Signature],
                    BundleFiles.JournalPath => [VerifyRules.Format, VerifyRules.Statement],
                    _ => [VerifyRules.Statement],
                };
                Assert.True(expected.Contains(Failed(verdict)), $"{path} byte {at}: {Failed(verdict).Id}");
            }
    }

    [Fact]
    public void Consistent_hashes_and_statement_without_the_key_fail_at_the_signature()
    {
        ImmutableArray<Entry> entries = played.Room.Entries[..(int)Seq];
        ImmutableArray<Entry> forged = [entries[0]];
        foreach (Entry e in entries.Skip(1))
            forged = forged.Add(Entry.Following(forged[^1], e.Ceremony, e.Utc, e.Step,
                e.Body is Answered { Question: "right" } a ? a with { Person = "Somebody Else" } : e.Body));
        CheckpointStatement statement = BundleFiles.Statement(forged);
        Files files = WithSums(BundleFiles.Covered(forged).Add(BundleFiles.StatementPath, statement.Write())
            .Add(BundleFiles.CmsPath, Good[BundleFiles.CmsPath]));
        Assert.Equal(VerifyRules.Signature, Failed(Check(files)));
    }

    [Fact]
    public void A_root_that_is_not_the_trusted_one_is_refused()
    {
        byte[] root = SHA256.HashData(Good["certificates/root.der"].Span);
        Assert.True(Check(Good, VerifyOptions.Trusting(Convert.ToHexString(root))!).Passed);
        root[0] ^= 1;
        Assert.Equal(VerifyRules.Trust, Failed(Check(Good, new VerifyOptions(root))));
        Assert.Null(VerifyOptions.Trusting("not a hash"));
    }

    [Fact]
    public void What_does_not_belong_into_the_folder_is_refused()
    {
        string bundle = Exported(Good);
        string extra = Path.Combine(bundle, "certificates", "extra.txt");
        File.WriteAllText(extra, "x");
        Assert.Equal(VerifyRules.Folder, Failed(BundleVerify.Run([bundle], new VerifyOptions()).Bundles[0]));
        File.Delete(extra);
        File.Move(Path.Combine(bundle, "report.pdf"), Path.Combine(_root, "report.pdf"));
        File.CreateSymbolicLink(Path.Combine(bundle, "report.pdf"), Path.Combine(_root, "report.pdf"));
        Assert.Equal(VerifyRules.Folder, Failed(BundleVerify.Run([bundle], new VerifyOptions()).Bundles[0]));
        File.Delete(Path.Combine(bundle, "report.pdf"));
        Assert.Equal(VerifyRules.Folder, Failed(BundleVerify.Run([bundle], new VerifyOptions()).Bundles[0]));
        Assert.True(Run("mkfifo", Path.Combine(bundle, "report.pdf")).Exit == 0);
        Assert.Equal(VerifyRules.Folder, Failed(BundleVerify.Run([bundle], new VerifyOptions()).Bundles[0]));
    }

    /// <summary>Sparse files cost nobody anything but the one who reads them: all of them are refused before one is read.</summary>
    [Theory]
    [InlineData("script.md", ScriptLimits.MaxBytes + 1L)]
    [InlineData("SHA256SUMS", CheckpointStatement.MaxBytes + 1L)]
    [InlineData("checkpoint.json", CheckpointStatement.MaxBytes + 1L)]
    [InlineData("checkpoint.cms", DetachedCms.MaxBytes + 1L)]
    [InlineData("known-keys.csv", KnownKeysFile.MaxBytes + 1L)]
    [InlineData("report.pdf", BundleNames.MaxReport + 1)]
    [InlineData("journal.jsonl", BundleNames.MaxJournal + 1)]
    [InlineData("scripts/0001-a.md", ScriptLimits.MaxBytes + 1L)]
    [InlineData("certificates/a.der", CertificateReader.MaxBytes + 1L)]
    [InlineData("certificates/a.pem", BundleNames.MaxPem + 1)]
    [InlineData("requests/a.csr", RequestFile.MaxBytes + 1L)]
    [InlineData("requests/a.proof", RequestFile.MaxBytes + 1L)]
    [InlineData("requests/a.der", CertificateReader.MaxBytes + 1L)]
    [InlineData("backup/a.kcb", BackupBlob.MaxBytes + 1L)]
    [InlineData("manifests/a.statement.json", BatchStatement.MaxBytes + 1L)]
    [InlineData("manifests/a.dsse.json", DsseEnvelope.MaxBytes + 1L)]
    [InlineData("manifests/a.cms", DetachedCms.MaxBytes + 1L)]
    [InlineData("manifests/a.chain.pem", BundleNames.MaxChain + 1)]
    [InlineData("crls/a.dcl.json", Entry.MaxBytes + 1L)]
    [InlineData("crls/a-1.crl", BundleList.MaxBytes + 1)]
    [InlineData("crls/a.json", 0)]
    [InlineData("crls/A-1.crl", 0)]
    [InlineData("certificates/..der", 0)]
    [InlineData("certificates/a.DER", 0)]
    [InlineData("journal.jsonl.1", 0)]
    [InlineData(".DS_Store", 0)]
    public void A_file_of_another_name_or_of_more_than_its_kind_is_refused_before_any_is_read(string name, long length)
    {
        string bundle = Exported(Good);
        string path = Path.Combine(bundle, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using (FileStream file = File.OpenWrite(path))
            file.SetLength(length);

        Assert.Contains(name, Unread(bundle), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("manifests/a{0}.dsse.json", 260, DsseEnvelope.MaxBytes, "files that are no lists")]
    [InlineData("requests/a{0}.csr", BundleFolder.MaxFiles, 1, "more than")]
    [InlineData("crls/a-{0}.crl", 17, 1L << 30, "lists together")]
    public void Many_files_that_are_each_small_enough_are_refused_before_any_is_read(string name, int count, long length, string why)
    {
        string bundle = Exported(Good);
        for (int i = 0; i < count; i++)
        {
            string path = Path.Combine(bundle, string.Format(null, name, i));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using FileStream file = File.OpenWrite(path);
            file.SetLength(length);
        }

        Assert.Contains(why, Unread(bundle), StringComparison.Ordinal);
    }

    /// <summary>The flaw, found with no more memory than names take.</summary>
    private static string Unread(string bundle)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.False(BundleFolder.TryRead(bundle, out _, out string? flaw));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 8 * 1024 * 1024, "files were read");
        Assert.Equal(VerifyRules.Folder, Failed(BundleVerify.Run([bundle], new VerifyOptions()).Bundles[0]));
        return flaw;
    }

    [Fact]
    public void An_export_is_whole_resumable_and_never_overwrites()
    {
        string name = BundleFiles.FolderName(played.Room.Entries, Seq);
        Assert.Equal("4f1c22aa-0001-root-creation", name);
        string partial = Path.Combine(_root, name + ".partial");
        Directory.CreateDirectory(Path.Combine(partial, "certificates"));
        File.WriteAllText(Path.Combine(partial, "script.md"), "half");
        Assert.True(BundleExport.TryWrite(Good, name, _root, out ExportedBundle? first, out _));
        Assert.False(Directory.Exists(partial));
        Assert.Equal(Good.Keys, first.Files);
        Assert.True(BundleExport.TryWrite(Good, name, _root, out ExportedBundle? second, out _));
        Assert.Equal(first.Sums, second.Sums);

        File.AppendAllText(Path.Combine(first.Path, "script.md"), "x");
        Assert.False(BundleExport.TryWrite(Good, name, _root, out _, out Refusal? refusal));
        Assert.Equal("BUNDLE-01", refusal.Rule);
        Assert.False(BundleExport.TryWrite(Good, name, Path.Combine(_root, "none"), out _, out refusal));
        Assert.Equal("BUNDLE-02", refusal.Rule);
        Directory.Delete(first.Path, recursive: true);
        Directory.CreateDirectory(partial);
        File.WriteAllText(Path.Combine(partial, "diary.txt"), "mine");
        Assert.False(BundleExport.TryWrite(Good, name, _root, out _, out refusal));
        Assert.Equal("BUNDLE-03", refusal.Rule);
        Assert.True(File.Exists(Path.Combine(partial, "diary.txt")));
    }

    [Fact]
    public void A_ledger_is_restored_from_a_bundle_and_goes_on()
    {
        string[] sticks = [Directory.CreateDirectory(Path.Combine(_root, "a")).FullName,
            Directory.CreateDirectory(Path.Combine(_root, "b")).FullName];
        DateTimeOffset later = played.Room.Entries[^1].Utc.AddDays(1);
        Assert.False(BundleRestore.TryRestore(_root, Genuine, sticks, later, out _, out Refusal? refusal));
        Assert.Equal("LEDGER-17", refusal.Rule);
        Assert.True(BundleRestore.TryRestore(Exported(Good), Genuine, sticks, later, out RecordLedger? ledger, out refusal),
            refusal?.ToString());
        using (ledger)
        {
            Assert.IsType<LedgerRestored>(ledger.Last.Body);
            HeadStored head = played.Room.Entries.Select(e => e.Body).OfType<HeadStored>().Last();
            Assert.Null(ledger.CheckAgainstHead(head.Seq, head.Head));
        }
        Assert.False(BundleRestore.TryRestore(Exported(Good), Genuine, sticks, later, out _, out refusal));
        Assert.Equal("LEDGER-03", refusal.Rule);
    }

    [Fact]
    public void Every_check_is_in_the_documentation()
    {
        string page = File.ReadAllText(Path.Combine(App.Tests.Ledger.RecordLedgerTests.Root(), "docs/formats/bundle.md"));
        Assert.All(VerifyRules.All, r => Assert.Contains($"| {r.Id} | {r.Claim} |", page, StringComparison.Ordinal));
        Assert.All(BundleRules.All, r => Assert.Contains($"| {r.Id} | {r.Text} |", page, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Forgeries))]
    public void A_forgery_signed_with_the_right_key_is_found_where_it_stands(string name)
    {
        (string Name, string Says, Func<Entry, IEnumerable<EntryBody>> Change) forgery = All.Single(f => f.Name == name);
        int changed = 0;
        Files files = played.Room.Forge(entries => entries.SelectMany(e =>
        {
            EntryBody[] bodies = [.. forgery.Change(e)];
            if (bodies is not [var same] || !ReferenceEquals(same, e.Body))
                changed++;
            return bodies.Select(b => e with { Body = b });
        }));
        Assert.True(changed > 0, "nothing was forged");

        Check(files).Finds("VERIFY-50", forgery.Says);
    }

    [Fact]
    public void A_report_that_is_not_the_journal_s_is_refused_however_it_is_signed()
    {
        Assert.True(Check(played.Room.WithReport(Good[BundleFiles.ReportPath].ToArray())).Passed);
        byte[][] others = [[.. Good[BundleFiles.ReportPath].Span, (byte)'\n'], [], "%PDF-1.7 all is well"u8.ToArray(),
            ReportPdf.Compose(played.Room.Entries[..((int)Seq - 1)])];
        Assert.All(others, report =>
            Assert.Equal(VerifyRules.Report, Assert.Single(Check(played.Room.WithReport(report)).Checks, c => !c.Passed).Rule));
    }

    [Fact]
    public void A_good_checkpoint_of_other_entries_is_found()
    {
        CheckpointSigned genuine = played.Room.Entries.Select(e => e.Body).OfType<CheckpointSigned>().Last();
        Files files =
            played.Room.Forge(entries => entries.SelectMany(e => e.Body is ClockCompared ? new[] { e, e with { Body = genuine } } : [e]));
        Check(files).Finds("VERIFY-50", "(checkpoint-signed, step \"clock\") … due was an answer to \"seen\"");
    }

    /// <summary>Between the announcement and the signature lie two days, and the preview was read before them.</summary>
    [Fact]
    public void A_certificate_that_begins_long_before_it_was_signed_is_found()
    {
        Entry signed = played.Room.Entries.Last(e => e.Body is CertificateSigned);
        Files files = played.Room.Forge(entries => entries.Select(e => e.Seq >= signed.Seq ? e with { Utc = e.Utc.AddDays(2) } : e));

        Check(files).Finds("VERIFY-26", "transcript begins … it was signed");
    }

    [Fact]
    public void A_certificate_that_begins_after_it_was_signed_is_found()
    {
        Entry signed = played.Room.Entries.First(e => e.Body is CertificateSigned);
        // It and all that came before: the clock of the journal never goes back.
        Files files = played.Room.Forge(entries => entries.Select(e => e.Seq <= signed.Seq ? e with { Utc = e.Utc.AddDays(-2) } : e));

        Check(files).Finds("VERIFY-50", "(clock-compared … due was clock-compared. appliance is");
    }

    /// <summary>Each is whole and signed as it must be, but they tell of the same ledger what cannot both be.</summary>
    [Fact]
    public void Two_bundles_that_contradict_each_other_are_found()
    {
        var other = new SoftwareRoom();
        string first = Exported(Good), second = Exported(other.Play(SoftwareRoom.Script("root-creation.md")));
        VerifyReport report = BundleVerify.Run([first, second], new VerifyOptions());
        Assert.All(report.Bundles, b => Assert.True(b.Passed, report.Text));
        Assert.False(report.Passed);
        Assert.Equal(VerifyRules.Continuity, report.Together[0].Rule);
        Assert.Contains("differ from entry ", Assert.Single(report.Together[0].Flaws), StringComparison.Ordinal);
    }

    public static TheoryData<string> Forgeries() => new(All.Select(f => f.Name));

    private static readonly (string Name, string Says, Func<Entry, IEnumerable<EntryBody>> Change)[] All =
    [
        ("a checkpoint that nobody signed", "(checkpoint-signed, step \"clock\") … due was an answer to \"seen\"",
            e => e.Body is ClockCompared ? [e.Body, new CheckpointSigned(1, new string('0', 64), "AAAA", "AAAA")] : [e.Body]),
        Change<CeremonyOpened>("a script that is not the hashed one", "(ceremony-opened) … its name, version and hash are not the script's",
            o => o with { Script = o.Script + "\n" }),
        Change<CeremonyOpened>("a script of another version", "(ceremony-opened) … its name, version and hash are not the script's",
            o => o with { Version = 7 }),
        Drop<StepDone>("a step that was not done", "(answered, step \"room\") … "
            + "it is written for 0001-root-creation, step \"room\", where the ledger stands at 0001-root-creation, step \"roll-call\"",
            first: true),
        Drop<ClockCompared>("a clock that was not compared", "(answered, step \"clock\") … due was clock-compared"),
        Drop<CeremonyClosed>("a ceremony that was not closed", "(attempted, step \"close\") … due was ceremony-closed"),
        Change<RoomOpened>("one person in two seats", "(room-opened, step \"roll-call\") … due was room-opened. people is",
            r => r with { People = [r.People[0], .. r.People.Skip(1).Select((p, i) => i == 0 ? p with { Name = r.People[0].Name } : p)] }),
        Change<RoomOpened>("an empty seat", "(room-opened, step \"roll-call\") … due was room-opened. people is",
            r => r with { People = r.People.RemoveAt(1) }),
        ("an exception nobody signed off", "(answered, step \"clock\") … due was an answer to \"sign-off/1\"",
            e => e.Body is ClockCompared ? [e.Body, new ExceptionRaised(1, "DEVIATION-01", "the door stood open")] : [e.Body]),
        ("an exception signed off by somebody",
            "(exception-signed-off, step \"clock\") … due was an answer to \"sign-off/1\" … witness is \"Nobody\"",
            e => e.Body is ClockCompared ? [e.Body, new ExceptionRaised(1, "DEVIATION-01", "the door stood open"),
                new ExceptionSignedOff(1, "Nobody", "fine")] : [e.Body]),
        ("an attempt without an end", "(attempted, step \"lock-root\") … an entry of this kind never answers lock-key",
            e => e.Body is Attempted { Effect: "lock-key" } a ? [a, a] : [e.Body]),
        Change<TokenProbed>("an HSM that failed its probe", "(answered, step \"inspect-primary\") … due was an answer to \"probe-again\"",
            p => p with { Findings = p.Findings.SetItem(2, p.Findings[2] with { Result = "fail" }) }),
        Change<BagSealed>("a bag number used twice",
            "(bag-sealed, step \"seal-cards\") … due was bag-sealed. number is \"B00001\", due is \"B00002\"",
            b => b with { Number = "B00001" }),
        Change<SharesMade>("a threshold of one", "(shares-made, step \"deal-activation\") … threshold is 1, due is 2",
            s => s with { Threshold = 1 }),
        Change<SharesMade>("a missing digest", "(shares-made, step \"deal-activation\") … there is not one digest for each custodian",
            s => s with { Digests = s.Digests.RemoveAt(0) }),
        Drop<ShareReadBack>("a share that was not read back",
            "(answered, step \"deal-activation\") … due was an answer to \"card/0001-activation-1/1/back\"",
            first: true),
        Change<ShareReadBack>("a share read back by somebody else", "(share-read-back, step "
            + "\"deal-activation\") … due was an answer to \"card/0001-activation-1/1/back\" … custodian is \"Somebody\"",
            s => s with { Custodian = "Somebody" }),
        Drop<SubsetsCombined>("quorums that were not combined",
            "(answered, step \"deal-activation\") … an entry of this kind never answers combine-subsets",
            first: true),
        Change<SubsetsCombined>("a quorum left out", "(subsets-combined, step \"deal-activation\") … subsets is 2, due is 3",
            s => s with { Subsets = s.Subsets - 1 }),
        Change<SubsetsCombined>("another secret", "(subsets-combined, step \"deal-activation\") … keyCheck is \"0123456789abcdef\"",
            s => s with { KeyCheck = "0123456789abcdef" }),
        Drop<SharePresented>("a secret rebuilt from too few shares", "(answered, step \"drill\") … due was an answer to \"present/1\"",
            first: true),
        Change<SharePresented>("a forged share", "(share-presented, step \"drill\") … due was an answer to \"present/1\" … PRESENT-03",
            s => s with { Digest = new string('0', 64) }),
        Drop<CertificatePreviewed>("a certificate without a preview",
            "(answered, step \"preview-root\") … an entry of this kind never answers preview-certificate"),
        Change<CertificatePreviewed>("a certificate that failed its lint",
            "(answered, step \"preview-root\") … due was an answer to \"stopped\"",
            p => p with { Lint = p.Lint.Insert(1, new Finding("CERT-05", "fail", "no")) }),
        Change<CertificatePreviewed>("an altered preview",
            "(certificate-previewed, step \"preview-root\") … TBS-03 The plan does not write these bytes",
            p => p with
            {
                Tbs = Altered(p.Tbs),
                TbsSha256 = Convert.ToHexStringLower(SHA256.HashData(Convert.FromBase64String(Altered(p.Tbs)))),
            }),
        Change<CertificatePreviewed>("an altered plan", "(certificate-previewed, step \"preview-root\") … its plan is not the script's",
            p => p with { Plan = p.Plan.Replace("Example", "Exemple", StringComparison.Ordinal) }),
        Change<KeyGenerated>("another public key", "(key-generated, step \"generate-root\") … its public key is no key of the kind ec-p384",
            k => k.Purpose == "ca" ? k with { Spki = Altered(k.Spki) } : k),
        Drop<KeyBackedUp>("a key without a backup", "(answered, step \"backup-root\") … an entry of this kind never answers back-up-key"),
        Change<KeyBackedUp>("a backup of another key",
            "(key-backed-up, step \"backup-root\") … the blob names another ledger, key, set or secret",
            b => Reblobbed(b, "key: root", "key: ruut")),
        Change<KeyBackedUp>("a backup with another hash", "(key-backed-up, step \"backup-root\") … sha256 is",
            b => b with { Sha256 = new string('0', 64) }),
        Drop<BackupDrilled>("a backup that was not drilled",
            "(secret-forgotten, step \"drill\") … an entry of this kind never answers drill-recovery"),
        Change<BackupDrilled>("a drill whose challenge does not verify",
            "(backup-drilled, step \"drill\") … its challenge does not verify under the key \"root\"",
            d => d with { Signature = Altered(d.Signature) }),
        Change<BackupDrilled>("a drill in the HSM that holds the key",
            "(backup-drilled, step \"drill\") … it was held in the primary HSM, which would have been wiped",
            d => d with { DrillSerial = "P1" }),
        Drop<WrapKeyDestroyed>("a wrap key that was not destroyed",
            "(token-looked-at, step \"destroy-wrap-key\") … an entry of this kind never answers destroy-wrap-key"),
        Drop<KeyLocked>("a key that was not locked",
            "(token-looked-at, step \"lock-root\") … an entry of this kind never answers lock-key"),
        ("an HSM of another ledger", "(token-unlocked, step \"commission\") … an entry of this kind never answers forget-secret",
            e => e.Body is TokenCommissioned c ? [c, new TokenUnlocked(c.Serial, c.Set, 1, new string('0', 64))] : [e.Body]),
    ];

    private static (string, string, Func<Entry, IEnumerable<EntryBody>>) Change<T>(string name, string says, Func<T, T> change)
        where T : EntryBody =>
        (name, says, e => e.Body is T fact ? [change(fact)] : [e.Body]);

    private static (string, string, Func<Entry, IEnumerable<EntryBody>>) Drop<T>(string name, string says, bool first = false)
        where T : EntryBody
    {
        var dropped = new HashSet<long>();
        return (name, says, e =>
        {
            if (e.Body is not T || (first && dropped.Count > 0 && !dropped.Contains(e.Seq)))
                return [e.Body];
            dropped.Add(e.Seq);
            return [];
        }
        );
    }

    private static string Altered(string base64)
    {
        byte[] bytes = Convert.FromBase64String(base64);
        bytes[^5] ^= 1;
        return Convert.ToBase64String(bytes);
    }

    private static KeyBackedUp Reblobbed(KeyBackedUp b, string from, string to)
    {
        byte[] blob = Encoding.ASCII.GetBytes(Encoding.ASCII.GetString(Convert.FromBase64String(b.Blob))
            .Replace(from, to, StringComparison.Ordinal));
        return b with { Blob = Convert.ToBase64String(blob), Sha256 = Convert.ToHexStringLower(SHA256.HashData(blob)) };
    }

    private long Seq => played.Room.Entries.Select(e => e.Body).OfType<CheckpointSigned>().Last().Seq;

    private string Exported(Files files)
    {
        string place = Directory.CreateDirectory(Path.Combine(_root, Path.GetRandomFileName())).FullName;
        Assert.True(BundleExport.TryWrite(files, "b", place, out ExportedBundle? exported, out Refusal? refusal), refusal?.ToString());
        return exported.Path;
    }

    /// <summary>
    /// Transcript key, certificate, checkpoint: a ledger that would not pass the ceremony's checks, but is signed as it must be.
    /// </summary>
    private Files Small() => played.Room.Forge(entries => entries
        .Where(e => e.Body is LedgerCreated or CeremonyOpened || e.Body is KeyGenerated { Purpose: "transcript" }
            || e.Body is CertificateSigned || e.Seq == Seq)
        .Select(e => e.Body is CeremonyOpened o ? e with
        {
            Body = o with { Script = "x", ScriptSha256 = Convert.ToHexStringLower(SHA256.HashData("x"u8)) },
        } : e));

    private static Files WithSums(Files files) =>
        files.SetItem(BundleFiles.SumsPath, BundleFiles.Sums(files.Remove(BundleFiles.SumsPath), []));

    private static BundleVerdict Check(Files files, VerifyOptions? options = null) =>
        BundleVerify.Check("b", files, options ?? new VerifyOptions()).Verdict;

    private static VerifyRule Failed(BundleVerdict verdict) => verdict.Checks.First(c => !c.Passed).Rule;

    private static (int Exit, string Text) Run(string program, params string[] arguments)
    {
        (int code, string said, string errors) = EndedProcess.Of(new ProcessStartInfo(program, arguments));
        return (code, said + errors);
    }
}
