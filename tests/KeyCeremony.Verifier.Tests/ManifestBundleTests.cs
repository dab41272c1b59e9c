using System.Collections.Immutable;
using System.Security.Cryptography;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.App.Tests.Room;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Sharing;
using KeyCeremony.Core.Tests.Manifest;
using Files = System.Collections.Immutable.ImmutableSortedDictionary<string, System.ReadOnlyMemory<byte>>;

namespace KeyCeremony.Verifier.Tests;

/// <summary>
/// One ledger with a signed batch b-1, three more manifest keys (officer-1's good, gone-1's revoked, short-1's run out) and a
/// revoked CA, mtls-m1.
/// </summary>
public sealed class PlayedBatches : IDisposable
{
    private readonly SigningRooms _rooms = new();
    private readonly SoftwareRoom _room;
    private int _forks;

    public PlayedBatches()
    {
        _room = _rooms.Rooted().Through("intermediate-signing.md").Through("manifest-key.md");
        foreach (string signer in new[] { "officer-1", "gone-1", "short-1" })
        {
            _room.Open(SoftwareRoom.Script("manifest-key.md").Replace("manifest-1", signer, StringComparison.Ordinal)
                .Replace("Signer 1", $"Signer {signer}", StringComparison.Ordinal)
                .Replace("days: 3650", signer == "short-1" ? "days: 1" : "days: 3650", StringComparison.Ordinal));
            _room.GoOn();
        }
        _room.Saying("more", "certificate/mtls-m1", "certificate/gone-1", "done")
            .Saying("reason", "keyCompromise", "keyCompromise").Through("emergency-revocation.md");
        _room.Rested += TimeSpan.FromDays(2);
        ManifestRooms.Put(_room, ManifestRooms.Draft(_room, "b-1"));
        _room.Through("batch-manifest.md");
        Good = With("b-2", "b-3");
        Good.Through("batch-manifest.md");
        Folder = Good.Export(NewFolder());
    }

    /// <summary>b-2 and b-3 are signed in its last ceremony.</summary>
    internal SoftwareRoom Good { get; }

    /// <summary>Its exported bundle. The revocation list in it is that of every other room, too.</summary>
    internal string Folder { get; }

    internal ImmutableArray<BundleList> Lists => BundleList.Of(Good.Entries);

    /// <summary>Of its own for each test, with these batches on the stick, all of which will be taken.</summary>
    internal SoftwareRoom With(params string[] batches)
    {
        SoftwareRoom room;
        lock (_room)
            room = _room.Fork(Path.Combine(_rooms.NewFolder(), $"fork-{++_forks}"));
        File.Delete(Path.Combine(room.Stick, "b-1.statement.json"));
        foreach (string batch in batches)
            ManifestRooms.Put(room, ManifestRooms.Draft(room, batch));
        for (int n = 1; n <= batches.Length; n++)
            room.Saying(n == 1 ? "file" : $"file/{n}", $"{batches[n - 1]}.statement.json")
                .Saying(n == 1 ? "more" : $"more/{n}", n < batches.Length ? "another" : "done");
        return room;
    }

    internal string NewFolder() => _rooms.NewFolder();

    public void Dispose() => _rooms.Dispose();
}

/// <summary>
/// Whoever has the keys of the ceremony and writes another journal, or another program, is found by VERIFY-50 or VERIFY-41 alone; and
/// each forgery by the sentence that is there for it.
/// </summary>
public sealed class ManifestBundleTests(PlayedBatches played) : IClassFixture<PlayedBatches>
{
    private const string Script = "batch-manifest.md";

    [Fact]
    public void A_bundle_with_two_batches_verifies_and_holds_them()
    {
        VerifyReport report = BundleVerify.Run([played.Folder], new VerifyOptions());

        Assert.True(report.Passed, report.Text);
        Assert.Equal(["b-2", "b-3"], played.Good.Bundle().Keys.Where(f => f.StartsWith("manifests/", StringComparison.Ordinal))
            .Select(f => f[10..].Split('.')[0]).Distinct());
        Assert.Contains("batch manifest b-3", report.Text, StringComparison.Ordinal);
    }

    /// <summary>A program that reads another batch than the one on the stick, and goes on as if nothing was.</summary>
    [Theory]
    [InlineData("another head", "VERIFY-50",
        "(batch-previewed, step \"batches\") … its statement names another head of the journal than where it stood")]
    [InlineData("another batch", "VERIFY-50", "(batch-previewed, step \"batches\") … batchId is \"b-2\", due is \"b-9\"")]
    [InlineData("a finding that failed", "VERIFY-50",
        "(batch-previewed, step \"batches\") … it holds 12 findings, where 11 things are compared")]
    [InlineData("another environment", "VERIFY-50",
        "(batch-previewed, step \"batches\") … MANIFEST-01 The batch belongs to staging, this ledger to rehearsal")]
    [InlineData("a batch id that was used", "VERIFY-50",
        "(batch-previewed, step \"batches\") … MANIFEST-02 A manifest of the batch \"b-1\" is there already")]
    [InlineData("an unknown CA", "VERIFY-50", "(batch-previewed, step \"batches\") … MANIFEST-03 No CA of this ledger has the certificate")]
    [InlineData("another key of the CA", "VERIFY-50",
        "(batch-previewed, step \"batches\") … MANIFEST-03 The CA \"root\" has another key than the batch names")]
    [InlineData("a revoked CA", "VERIFY-50", "(batch-previewed, step \"batches\") … ISSUE-01 The issuing CA \"mtls-m1\" is revoked")]
    [InlineData("another predecessor", "VERIFY-50",
        "(batch-previewed, step \"batches\") … MANIFEST-04 The last manifest of this product is")]
    [InlineData("no predecessor", "VERIFY-50", "(batch-previewed, step \"batches\") … MANIFEST-04 The last manifest of this product is")]
    [InlineData("a lower security counter", "VERIFY-50", "(batch-previewed, step "
        + "\"batches\") … MANIFEST-05 The security counter of bootloader is 0; an earlier batch of this product has 4")]
    [InlineData("finished after it was signed", "VERIFY-50", "(batch-previewed, step \"batches\") … MANIFEST-06 The batch was finished on")]
    public void A_batch_that_should_not_have_been_taken_is_found(string what, string rule, string sentence)
    {
        SoftwareRoom room = played.With("b-2");
        room.IsHonest = false;
        room.Instead = move => move is Perform { Effect: ReadBatch read } ? new Happened(read, Changed(room.Read(read))) : null;

        Finds(rule, sentence, room.Through(Script).Bundle());

        BatchPreviewed Changed(BatchPreviewed p) => what switch
        {
            "another head" => With(p, s => s with { CeremonyTranscriptHash = Batches.Hex("head") }),
            "another batch" => With(p, s => s with { BatchId = "b-9" }),
            "a finding that failed" => p with { Findings = p.Findings.Add(new Finding("IN-04", "fail", "app.bin is another file")) },
            "another environment" => With(p, s => s with { Environment = "staging" }),
            "a batch id that was used" => With(p, s => s with { BatchId = "b-1" }) with { BatchId = "b-1" },
            "an unknown CA" => With(p, s => s with { IssuingCa = new(Batches.Hex("stranger"), Batches.Hex("key")) }),
            "another key of the CA" => With(p, s => s with { IssuingCa = s.IssuingCa with { SpkiSha256 = Batches.Hex("key") } }),
            "a revoked CA" => With(p, s => s with { IssuingCa = ManifestRooms.Draft(room, ca: "mtls-m1").IssuingCa }),
            "another predecessor" => With(p, s => s with { PrevManifest = Batches.Hex("stranger") }),
            "no predecessor" => With(p, s => s with { PrevManifest = null }),
            "a lower security counter" => With(p,
                s => s with { Firmware = s.Firmware.SetItem(0, s.Firmware[0] with { SecurityCounter = 0 }) }),
            "finished after it was signed" => With(p, s => s with { FinishedOn = s.FinishedOn.AddDays(9) }),
            _ => throw new ArgumentException(what),
        };
    }

    /// <summary>A program that signs otherwise than the script says, or an HSM that does not sign.</summary>
    [Theory]
    [InlineData("a broken signature", "VERIFY-41", "signature of manifest-1 does not hold")]
    [InlineData("another key id", "VERIFY-50",
        "(manifest-signed, step \"sign-manifests\") … the signature of \"manifest-1\" names another key")]
    [InlineData("another key's signature", "VERIFY-41", "signature of manifest-1 does not hold")]
    [InlineData("a transcript key", "VERIFY-50",
        "(manifest-signed, step \"sign-manifests\") … it was not signed by those whom the script names, in their order")]
    [InlineData("a certification authority", "VERIFY-50",
        "(manifest-signed, step \"sign-manifests\") … it was not signed by those whom the script names, in their order")]
    [InlineData("a signer that nobody knows", "VERIFY-50",
        "(manifest-signed, step \"sign-manifests\") … it was not signed by those whom the script names, in their order")]
    [InlineData("a revoked signer", "VERIFY-50",
        "(manifest-signed, step \"sign-manifests\") … it was not signed by those whom the script names, in their order")]
    [InlineData("a signer that ran out", "VERIFY-50",
        "(manifest-signed, step \"sign-manifests\") … it was not signed by those whom the script names, in their order")]
    [InlineData("another manifest key", "VERIFY-50",
        "(manifest-signed, step \"sign-manifests\") … it was not signed by those whom the script names, in their order")]
    [InlineData("one signer more", "VERIFY-50",
        "(manifest-signed, step \"sign-manifests\") … it was not signed by those whom the script names, in their order")]
    [InlineData("a broken CMS", "VERIFY-41", "CMS signature does not hold")]
    [InlineData("a CMS of another signer", "VERIFY-41", "envelope and CMS have different signers")]
    public void A_signature_that_does_not_count_is_found(string what, string rule, string sentence)
    {
        SoftwareRoom room = played.With("b-2");
        room.IsHonest = false;
        room.Instead = move => move is Perform { Effect: SignManifest sign } ? new Happened(sign, Changed(sign, room.Signed(sign))) : null;

        Finds(rule, sentence, room.Through(Script).Bundle());

        ManifestSigned Changed(SignManifest sign, ManifestSigned good)
        {
            ManifestSignature first = good.Signatures[0];
            return what switch
            {
                "a broken signature" => good with { Signatures = [first with { Signature = Flipped(first.Signature) }] },
                "another key id" => good with { Signatures = [first with { KeyId = Batches.Hex("key") }] },
                "another key's signature" =>
                    good with { Signatures = [first with { Signature = By("officer-1").Signatures[0].Signature }] },
                "a transcript key" => By("manifest-1", "transcript"),
                "a certification authority" => By("manifest-1", "root"),
                "a signer that nobody knows" => good with { Signatures = [first, first with { Certificate = "nobody" }] },
                "a revoked signer" => By("manifest-1", "gone-1"),
                "a signer that ran out" => By("manifest-1", "short-1") with { Cms = good.Cms },
                "another manifest key" => By("officer-1"),
                "one signer more" => By("manifest-1", "officer-1"),
                "a broken CMS" => good with { Cms = Flipped(good.Cms) },
                "a CMS of another signer" => good with { Cms = By("officer-1").Cms },
                _ => throw new ArgumentException(what),
            };

            ManifestSigned By(params string[] signers) => room.Signed(sign with { Signers = new Names([.. signers]) });
        }
    }

    /// <summary>
    /// The journal of an honest ceremony, written anew from its preview on. What stands before is the same, so each statement still names
    /// its head.
    /// </summary>
    [Theory]
    [InlineData("nothing", "", "")]
    [InlineData("a batch that nobody took", "VERIFY-50", "(answered, step \"batches\") … due was batch-taken")]
    [InlineData("a hash that nobody compared", "VERIFY-50", "(answered, step \"batches\") … due was an answer to \"told-hash\"")]
    [InlineData("a statement that nobody read", "VERIFY-50", "(batch-taken, step \"batches\") … due was an answer to \"words\"")]
    [InlineData("a statement that is not the one recorded", "VERIFY-50", "(batch-previewed, step \"batches\") … statementSha256 is")]
    [InlineData("a statement changed afterwards", "VERIFY-41", "signature of manifest-1 does not hold")]
    public void A_journal_written_anew_is_found(string what, string rule, string sentence)
    {
        Entry preview = played.Good.Entries.Last(e => e.Body is BatchPreviewed { BatchId: "b-3" });
        string old = ((BatchPreviewed)preview.Body).StatementSha256;
        BatchPreviewed other = what == "a statement changed afterwards"
            ? With((BatchPreviewed)preview.Body, s => s with { Devices = s.Devices with { Root = Batches.Hex("one more") } })
            : (BatchPreviewed)preview.Body with
            {
                StatementSha256 = what == "a statement that is not the one recorded" ? Batches.Hex("other") : old,
            };
        Files files = played.Good.Forge(entries => entries.Where(e => e.Seq < preview.Seq || !IsLeftOut(e.Body)).Select(e => e with
        {
            Body = e.Body switch
            {
                BatchPreviewed { BatchId: "b-3" } => other,
                BatchTaken { BatchId: "b-3" } t => t with { StatementSha256 = other.StatementSha256 },
                ManifestSigned { BatchId: "b-3" } m => m with { StatementSha256 = other.StatementSha256 },
                ResultsFound f when e.Seq > preview.Seq && what == "a statement changed afterwards" => f with
                {
                    Results = [.. f.Results.Where(r => !IsOfIt(r.Path))],
                    Others = [.. f.Others, .. f.Results.Select(r => r.Path).Where(IsOfIt)],
                },
                // Read aloud, and told by the factory, as it is now.
                Answered { Question: ImportWords.ReadWhole } a
                    when e.Seq > preview.Seq => a with { Value = PgpWords.Of(Convert.FromHexString(other.StatementSha256).AsSpan(0, 2)) },
                var same => same,
            },
        }));

        Finds(rule, sentence, files);

        static bool IsOfIt(string path) => path.StartsWith("manifests/b-3.", StringComparison.Ordinal);

        bool IsLeftOut(EntryBody body) => what switch
        {
            "a batch that nobody took" => body is BatchTaken,
            "a hash that nobody compared" => body is Answered { Question: ImportWords.ToldHash or ImportWords.Compared },
            "a statement that nobody read" => body is Answered { Question: ImportWords.ReadWhole },
            _ => false,
        };
    }

    /// <summary>What was shown in a ceremony that was aborted was shown to other people on another day.</summary>
    [Fact]
    public void A_batch_that_was_shown_in_another_ceremony_only_is_found()
    {
        SoftwareRoom room = played.With("b-2");
        room.IsHonest = false;
        room.Open(SoftwareRoom.Script(Script));
        _ = room.Until("approve", "confirm");
        room.GiveUp();
        BatchPreviewed shown = room.Entries.Select(e => e.Body).OfType<BatchPreviewed>().Last();
        room.Instead = move => move is Perform { Effect: ReadBatch read } ? new Happened(read, shown) : null;
        room.Saying("file", "b-2.statement.json").Through(Script);
        long again = room.Entries.Last(e => e.Body is BatchPreviewed).Seq;

        Finds("VERIFY-50", "(answered, step \"batches\") … an entry of this kind never answers read-batch",
            room.Forge(entries => entries.Where(e => e.Seq != again)));
    }

    [Theory]
    [InlineData("no signature")]
    [InlineData("no base64")]
    [InlineData("a signer without a path to a root")]
    public void A_manifest_of_which_no_files_can_be_made_is_found(string what)
    {
        Files files = played.Good.Bundle();
        ImmutableArray<Entry> forged = [];
        foreach (Entry entry in played.Good.Entries.Take(Lines(files)))
        {
            EntryBody body = entry.Body is ManifestSigned { BatchId: "b-3" } m ? what switch
            {
                "no signature" => m with { Signatures = [] },
                "no base64" => m with { Cms = "%" },
                _ => m with { Signatures = [m.Signatures[0] with { Certificate = "nobody" }] },
            } : entry.Body;
            forged = forged.Add(Entry.Following(forged.IsEmpty ? null : forged[^1], entry.Ceremony, entry.Utc, entry.Step, body));
        }
        byte[] journal = [.. forged.SelectMany(e => e.Bytes.Append((byte)'\n'))];

        Finds("VERIFY-06", "for the manifest of \"b-3\"",
            Restated(files.SetItem(BundleFiles.JournalPath, journal), s => s with { Head = forged[^1].HashHex }));
    }

    /// <summary>With sums and statement written anew: only the journal knows better.</summary>
    [Theory]
    [InlineData("b-2.statement.json")]
    [InlineData("b-2.dsse.json")]
    [InlineData("b-3.cms")]
    [InlineData("b-3.chain.pem")]
    public void A_manifest_file_that_is_changed_missing_or_foreign_is_found(string name)
    {
        Files good = played.Good.Bundle();
        string path = $"manifests/{name}";
        byte[] flipped = good[path].ToArray();
        flipped[flipped.Length / 2] ^= 1;

        Finds("VERIFY-06", $"{path} is not what the journal holds", Restated(good.SetItem(path, flipped)));
        Finds("VERIFY-06", $"{path} is not what the journal holds", Restated(good.Remove(path)));
        Finds("VERIFY-06", $"manifests/b-1{name[3..]} is not in the journal", Restated(good.Add($"manifests/b-1{name[3..]}", good[path])));
    }

    /// <summary>Through the folder, as whoever verifies reads it.</summary>
    [Fact]
    public void A_changed_missing_or_foreign_file_in_the_folder_is_found()
    {
        string bundle = played.Good.Export(played.NewFolder());
        foreach (string file in Directory.GetFiles(Path.Combine(bundle, "manifests")))
        {
            byte[] good = File.ReadAllBytes(file);
            for (int at = 0; at < good.Length; at += 1 + (good.Length / 5))
            {
                byte[] flipped = [.. good];
                flipped[at] ^= 0x10;
                File.WriteAllBytes(file, flipped);
                Assert.Equal(["VERIFY-02"], Failed(bundle));
            }
            File.Delete(file);
            Assert.Equal(["VERIFY-02"], Failed(bundle));
            File.WriteAllBytes(file, good);
        }
        Assert.Empty(Failed(bundle));
        File.WriteAllText(Path.Combine(bundle, "manifests", "b-9.cms"), "x");
        Assert.Equal(["VERIFY-02"], Failed(bundle));
        File.Move(Path.Combine(bundle, "manifests", "b-9.cms"), Path.Combine(bundle, "manifests", "b-9.salts"));
        Assert.Equal(["VERIFY-01"], Failed(bundle));
    }

    private static BatchPreviewed With(BatchPreviewed preview, Func<BatchStatement, BatchStatement> change)
    {
        byte[] statement = change(BatchPlanning.Statement(preview)).Write();
        return preview with
        {
            Statement = Convert.ToBase64String(statement),
            StatementSha256 = Convert.ToHexStringLower(SHA256.HashData(statement)),
        };
    }

    /// <summary>The last byte belongs to the signature.</summary>
    private static string Flipped(string base64)
    {
        byte[] bytes = Convert.FromBase64String(base64);
        bytes[^1] ^= 1;
        return Convert.ToBase64String(bytes);
    }

    private static int Lines(Files files) => files[BundleFiles.JournalPath].Span.Count((byte)'\n');

    /// <summary>Statement and sums as they must be; the signature is not looked at before the files are right.</summary>
    private Files Restated(Files files, Func<CheckpointStatement, CheckpointStatement>? change = null)
    {
        CheckpointStatement statement = CheckpointStatement.Read(files[BundleFiles.StatementPath].Span)!;
        Files covered = files.RemoveRange([BundleFiles.StatementPath, BundleFiles.CmsPath, BundleFiles.SumsPath]);
        statement = (change?.Invoke(statement) ?? statement) with
        {
            Files = statement.Files.RemoveRange(statement.Files.Keys.Where(f => !f.StartsWith("crls/", StringComparison.Ordinal)))
                .AddRange(covered.Select(f => KeyValuePair.Create(f.Key, BundleFiles.Sha256(f.Value)))),
        };
        files = files.SetItem(BundleFiles.StatementPath, statement.Write()).Remove(BundleFiles.SumsPath);
        return files.Add(BundleFiles.SumsPath, BundleFiles.Sums(files, played.Lists));
    }

    private void Finds(string rule, string sentence, Files files)
    {
        BundleVerdict verdict = BundleVerify.Check("b", new BundleContent(played.Folder, files, played.Lists), new VerifyOptions()).Verdict;
        if (rule.Length == 0)
            Assert.Empty(verdict.Rules());
        else
            verdict.Finds(rule, sentence);
    }

    private static string[] Failed(string bundle) =>
        [.. BundleVerify.Run([bundle], new VerifyOptions()).Bundles[0].Checks.Where(c => !c.Passed).Select(c => c.Rule.Id)];
}
