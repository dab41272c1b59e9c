using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.App.Tests.Room;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Requests;
using Files = System.Collections.Immutable.ImmutableSortedDictionary<string, System.ReadOnlyMemory<byte>>;

namespace KeyCeremony.Verifier.Tests;

/// <summary>One ledger with requests, a cross-certificate and two lists, the second one late.</summary>
public sealed class PlayedSignings : IDisposable
{
    public PlayedSignings()
    {
        Room = Rooms.Rooted().Through("intermediate-signing.md").Through("cross-signing.md")
            .Saying("more", "serial", "serial", "done").Saying("serial", "0a0b0c", "1f2e3d")
            .Saying("reason", "certificateHold", "superseded").Through("crl-signing.md");
        Earlier = Room.Export(Rooms.NewFolder());
        EarlierEntries = [.. Room.Entries];
        Room.Rested += TimeSpan.FromDays(200);
        Room.Saying("more", "certificate/tls-t1").Saying("reason", "keyCompromise").Through("emergency-revocation.md");
        Folder = Room.Export(Rooms.NewFolder());
    }

    internal SigningRooms Rooms { get; } = new();

    internal SoftwareRoom Room { get; }

    /// <summary>The bundle of the ceremony that signed the first list.</summary>
    internal string Earlier { get; }

    internal ImmutableArray<Entry> EarlierEntries { get; }

    /// <summary>The exported bundle.</summary>
    internal string Folder { get; }

    public void Dispose() => Rooms.Dispose();
}

/// <summary>Whoever has the transcript key and writes another journal is found by the check that is there for it.</summary>
public sealed class SignedBundleTests(PlayedSignings played) : IClassFixture<PlayedSignings>
{
    private SoftwareRoom Room => played.Room;

    [Fact]
    public void A_bundle_with_requests_and_lists_verifies_and_holds_them()
    {
        VerifyReport report = BundleVerify.Run([played.Folder], new VerifyOptions());

        Assert.True(report.Passed, report.Text);
        Assert.Equal(["mtls-m1.csr", "other-ca.der", "tls-t1.csr"], Names("requests"));
        Assert.Equal(["root-2.crl"], Names("crls"));
    }

    [Fact]
    public void Lists_that_follow_each_other_are_compared_entry_by_entry()
    {
        VerifyReport report = BundleVerify.Run([played.Earlier, played.Folder], new VerifyOptions());

        Assert.True(report.Passed, report.Text);
        Assert.Contains(report.Together, c => c.Rule == VerifyRules.ListContents && c.Note.StartsWith("1 pairs", StringComparison.Ordinal));
    }

    /// <summary>Both a journal that says less than the lists show, and a list that lost entries.</summary>
    [Fact]
    public void An_entry_that_left_a_list_unnamed_is_found()
    {
        Assert.True(BundleFolder.TryRead(played.Earlier, out BundleContent? earlier, out _));
        Assert.True(BundleFolder.TryRead(played.Folder, out BundleContent? later, out _));
        ImmutableArray<Entry> entries = [.. Room.Entries];
        ImmutableArray<Entry> quiet =
            [.. entries.Select(e => e.Body is CrlPreviewed { Number: "2" } p ? e with { Body = p with { Added = 0 } } : e)];

        Assert.True(Compared(entries, later).Passed);
        Assert.False(Compared(quiet, later).Passed);
        // The later bundle brings the earlier list's file in place of its own.
        BundleList first = Assert.Single(earlier.Lists), second = Assert.Single(later.Lists);
        string place = played.Rooms.NewFolder();
        Directory.CreateDirectory(Path.Combine(place, "crls"));
        File.Copy(Path.Combine(played.Earlier, first.Path), Path.Combine(place, second.Path));
        Assert.False(Compared(entries, new BundleContent(place, later.Files, [second])).Passed);

        VerifyCheck Compared(ImmutableArray<Entry> journal, BundleContent content) =>
            ListContinuity.Check([("earlier", played.EarlierEntries), ("later", journal)], [earlier, content]);
    }

    /// <summary>The forgeries below differ from the genuine journal in nothing but what they forge.</summary>
    [Fact]
    public void The_journal_signed_anew_without_a_change_verifies()
    {
        Files files = Room.ForgeAll(entries => entries);

        Assert.Empty(Failed(files, Lists(files)));
    }

    [Theory]
    [MemberData(nameof(Forgeries))]
    public void A_forgery_signed_with_the_right_key_is_found_where_it_stands(string name)
    {
        (string Name, string Says, Func<Entry, IEnumerable<EntryBody>> Change) forgery = All.Single(f => f.Name == name);
        int changed = 0;
        Files files = Room.ForgeAll(entries => entries.SelectMany(e =>
        {
            EntryBody[] bodies = [.. forgery.Change(e)];
            if (bodies is not [var same] || !ReferenceEquals(same, e.Body))
                changed++;
            return bodies.Select(b => e with { Body = b });
        }));

        Assert.True(changed > 0, "nothing was forged");
        Check(Lists(files)).Finds("VERIFY-50", forgery.Says);
    }

    [Fact]
    public void A_list_that_nobody_previewed_is_found()
    {
        Files files = Room.ForgeAll(entries => entries.Where(e => e.Body is not CrlPreviewed { Number: "1" }));

        Check(Lists(files)).Finds("VERIFY-50", "(answered, step \"preview-list\") … an entry of this kind never answers preview-crl");
    }

    [Fact]
    public void A_list_that_its_issuer_did_not_sign_is_found()
    {
        byte[] list = File.ReadAllBytes(Path.Combine(played.Folder, "crls/root-2.crl"));
        list[^1] ^= 1;
        string place = played.Rooms.NewFolder(), sha256 = Convert.ToHexStringLower(SHA256.HashData(list));
        Directory.CreateDirectory(Path.Combine(place, "crls"));
        File.WriteAllBytes(Path.Combine(place, "crls/root-2.crl"), list);
        Files files = Relisted(sha256, list.Length);

        Assert.Equal(["VERIFY-37"],
            Failed(files, new BundleContent(place, files, [new BundleList("crls/root-2.crl", sha256, list.Length)])));
    }

    [Fact]
    public void A_list_of_another_ledger_is_found()
    {
        // Long enough to be the list that was previewed.
        SoftwareRoom other = new SoftwareRoom(folder: played.Rooms.NewFolder()).Through("root-creation.md")
            .Saying("more", [.. Enumerable.Repeat("serial", 9), "done"])
            .Saying("serial", [.. Enumerable.Range(1, 9).Select(n => $"0a0b0c0{n}")])
            .Saying("reason", [.. Enumerable.Repeat("superseded", 9)]).Through("crl-signing.md");
        string place = other.Export(played.Rooms.NewFolder());
        byte[] list = File.ReadAllBytes(Path.Combine(place, "crls/root-1.crl"));
        File.Move(Path.Combine(place, "crls/root-1.crl"), Path.Combine(place, "crls/root-2.crl"));
        string sha256 = Convert.ToHexStringLower(SHA256.HashData(list));
        Files files = Relisted(sha256, list.Length);

        Assert.Equal(["VERIFY-37"],
            Failed(files, new BundleContent(place, files, [new BundleList("crls/root-2.crl", sha256, list.Length)])));
    }

    /// <summary>The second list is another file, offered as such.</summary>
    private Files Relisted(string sha256, long length) => Room.ForgeAll(entries => entries.Select(e => e.Body switch
    {
        CrlSigned { Number: "2" } c => e with { Body = c with { Sha256 = sha256, Length = length } },
        ResultsFound f => e with
        {
            Body = f with
            {
                Results = [.. f.Results.Select(r => r.Path == "crls/root-2.crl" ? r with { Sha256 = sha256, Length = length } : r)],
            },
        },
        _ => e,
    }));

    /// <summary>The desk compares keys; were it to forget, the verifier would not.</summary>
    [Fact]
    public void A_request_with_a_key_that_the_ledger_knew_is_found()
    {
        SoftwareRoom room = played.Rooms.Rooted();
        room.IsHonest = false;
        room.Put("mtls-m1.csr", File.ReadAllBytes(Path.Combine(room.Stick, "tls-t1.csr")));
        room.Instead = move => move is Perform { Effect: ReadRequest { Request: "mtls-m1" } read }
            ? new Happened(read, Read(room, "mtls-m1", "mtls-m1.csr")) : null;
        string bundle = room.Through("intermediate-signing.md").Export(played.Rooms.NewFolder());

        BundleVerify.Run([bundle], new VerifyOptions()).Bundles[0]
            .Finds("VERIFY-50", "(request-read, step \"request-mtls\") … it brings a key that this ledger already knew");
    }

    [Fact]
    public void A_serial_number_that_stands_twice_is_found()
    {
        SoftwareRoom room = played.Rooms.Rooted();
        room.Instead = move => move is Perform { Effect: PreviewCertificate { Step.Certificate: "mtls-m1" } preview }
            ? new Happened(preview, WithSerialOf(room, "tls-t1", preview)) : null;
        string bundle = room.Through("intermediate-signing.md").Export(played.Rooms.NewFolder());

        Assert.Equal(["VERIFY-34"], Failed(bundle));
    }

    [Fact]
    public void Every_flipped_byte_of_a_small_bundle_is_found()
    {
        Files small = Small();
        BundleList list = Assert.Single(BundleList.Of(Room.Entries));
        Assert.Contains("requests/tls-t1.csr", small.Keys);
        Assert.Contains("certificates/other-ca-cross.der", small.Keys);
        BundleVerdict whole = Check(Lists(small));
        Assert.True(whole.Checks.Single(c => c.Rule == VerifyRules.Signature).Passed, Text(whole));
        foreach ((string path, ReadOnlyMemory<byte> bytes) in small)
            Parallel.For(0, bytes.Length, new ParallelOptions { MaxDegreeOfParallelism = 2 }, at =>
            {
                byte[] flipped = bytes.ToArray();
                flipped[at] ^= 1;
                Assert.True(Check(Lists(small.SetItem(path, flipped))).Checks.Last().Rule == VerifyRules.Sums, $"{path} byte {at}");
            });
        byte[] original = File.ReadAllBytes(Path.Combine(played.Folder, list.Path));
        for (int at = 0; at < original.Length; at++)
        {
            byte[] flipped = [.. original];
            flipped[at] ^= 1;
            BundleContent content = new(played.Folder, small, [list with { Sha256 = Convert.ToHexStringLower(SHA256.HashData(flipped)) }]);
            Assert.True(Check(content).Checks.Last().Rule == VerifyRules.Sums, $"{list.Path} byte {at}");
        }
    }

    /// <summary>Through the folder, as whoever verifies reads it.</summary>
    [Fact]
    public void A_changed_missing_or_foreign_list_in_the_folder_is_found()
    {
        string bundle = Room.Export(played.Rooms.NewFolder()), list = Path.Combine(bundle, "crls/root-2.crl");
        byte[] good = File.ReadAllBytes(list);
        for (int at = 0; at < good.Length; at += 23)
        {
            byte[] flipped = [.. good];
            flipped[at] ^= 0x10;
            File.WriteAllBytes(list, flipped);
            Assert.Equal(["VERIFY-02"], Failed(bundle));
        }
        File.WriteAllBytes(list, good);
        Assert.Empty(Failed(bundle));
        File.Copy(list, Path.Combine(bundle, "crls/root-1.crl"));
        Assert.Equal(["VERIFY-02"], Failed(bundle));
        File.Delete(Path.Combine(bundle, "crls/root-1.crl"));
        File.Delete(list);
        Assert.NotEmpty(Failed(bundle));
    }

    public static TheoryData<string> Forgeries() => new(All.Select(f => f.Name));

    private static readonly (string Name, string Says, Func<Entry, IEnumerable<EntryBody>> Change)[] All =
    [
        Change<RequestRead>("a request that does not prove its key",
            "(request-read, step \"request-tls\") … its content is no request that proves its key",
            r => r.Request == "tls-t1" ? Broken(r) : r),
        Change<RequestRead>("a request with another hash", "(request-read, step \"request-tls\") … sha256 is",
            r => r.Request == "tls-t1" ? r with { Sha256 = new string('0', 64) } : r),
        Change<CertificateImported>("a certificate with another hash", "(certificate-imported, step \"existing\") … sha256 is",
            c => c with { Sha256 = new string('0', 64) }),
        ("a hash that nobody compared", "(answered, step \"request-tls\") … due was an answer to \"told-hash\"",
            e => e is { Step: "request-tls", Body: Answered { Question: "told-hash" or "compared" } } ? [] : [e.Body]),
        ChangeList("1", "a list that was not linted",
            "(crl-previewed, step \"preview-list\") … its findings are not those of the lint of lists", p => p with { Lint = [] }),
        ChangeList("2", "a list that failed its lint",
            "(crl-previewed, step \"preview-list\") … its findings are not those of the lint of lists",
            p => p with { Lint = [new Finding("CRL-18", "fail", "not sorted")] }),
        ChangeList("2", "a list that was not written from the one before", "(crl-previewed, step \"preview-list\") … previous is",
            p => p with { Previous = new string('0', 64) }),
        ChangeList("1", "an entry that left without a word", "(crl-previewed, step \"preview-list\") … its numbers cannot be",
            p => p with { Entries = p.Entries + 1 }),
        ChangeList("1", "dates that go back", "(crl-previewed, step \"preview-list\") … thisUpdate is",
            p => p with { ThisUpdate = p.ThisUpdate.AddDays(400), NextUpdate = p.NextUpdate.AddDays(400) }),
        ("a gap in the numbers", "(crl-previewed, step \"preview-list\") … number is \"7\", due is \"1\"", e => e.Body switch
        {
            CrlPreviewed { Number: "1" } p => [p with { Number = "7" }],
            CrlSigned { Number: "1" } c => [c with { Number = "7" }],
            _ => [e.Body],
        }),
        ("a hole that nobody owned up to", "(crl-previewed, step \"preview-list\") … due was exception-raised",
            WithoutTheHole()),
        ChangeList("2", "another list than was previewed", "(answered, step \"preview-list\") … due was an answer to \"words\" … ASK-04",
            p => p with { TbsSha256 = new string('0', 64) }),
        ("a list that covers other dates", "(crl-previewed, step \"preview-list\") … thisUpdate is",
            e => e.Body is CrlPreviewed { Number: "2" } p
                ? [p with { ThisUpdate = p.ThisUpdate.AddSeconds(1), NextUpdate = p.NextUpdate.AddSeconds(1) }] : [e.Body]),
    ];

    /// <summary>Neither the exception nor, behind it, that somebody signed one off in the step.</summary>
    private static Func<Entry, IEnumerable<EntryBody>> WithoutTheHole()
    {
        string ceremony = "";
        return e =>
        {
            if (e.Body is ExceptionRaised { Rule: "CRL-33" })
                ceremony = e.Ceremony;
            return e.Ceremony == ceremony && e is { Step: "preview-list", Body: ExceptionSignedOff or ExceptionRaised } ? [] : [e.Body];
        };
    }

    private static (string, string, Func<Entry, IEnumerable<EntryBody>>) Change<T>(string name, string says, Func<T, T> change)
        where T : EntryBody =>
        (name, says, e => e.Body is T fact ? [change(fact)] : [e.Body]);

    private static (string, string, Func<Entry, IEnumerable<EntryBody>>) ChangeList(string number,
        string name, string says, Func<CrlPreviewed, CrlPreviewed> change) =>
        Change<CrlPreviewed>(name, says, p => p.Number == number ? change(p) : p);

    /// <summary>The last byte belongs to the signature.</summary>
    private static RequestRead Broken(RequestRead read)
    {
        byte[] content = Convert.FromBase64String(read.Content);
        content[^1] ^= 1;
        return read with { Content = Convert.ToBase64String(content), Sha256 = Convert.ToHexStringLower(SHA256.HashData(content)) };
    }

    private static RequestRead Read(SoftwareRoom room, string name, string file)
    {
        byte[] content = File.ReadAllBytes(Path.Combine(room.Stick, file));
        Assert.True(RequestFile.TryRead(content, out RequestFile? request, out Refusal? refusal), refusal?.ToString());
        return new RequestRead(name, $"{name}.csr", request.Sha256, "pkcs10", Convert.ToBase64String(content),
            Convert.ToBase64String(request.Key.SubjectPublicKeyInfo.Span), [new Finding("IN-05", "pass", "as if")]);
    }

    private static CertificatePreviewed WithSerialOf(SoftwareRoom room, string certificate, PreviewCertificate effect)
    {
        CertificatePreviewed fresh = room.Previewed(effect);
        Assert.True(PlanJson.TryRead(Encoding.UTF8.GetBytes(fresh.Plan), out CertificatePlan? plan, out _));
        Assert.True(PlanJson.TryRead(Encoding.UTF8.GetBytes(room.State.World.Previews[certificate].Previewed.Plan),
            out CertificatePlan? other, out _));
        CertificatePlan same = plan with { Serial = other.Serial };
        byte[] tbs = ToBeSigned.Write(same, Convert.FromBase64String(room.State.World.Requests[effect.Step.Key].Read.Spki));
        return fresh with
        {
            Plan = Encoding.UTF8.GetString(PlanJson.Write(same)),
            Tbs = Convert.ToBase64String(tbs),
            TbsSha256 = Convert.ToHexStringLower(SHA256.HashData(tbs)),
        };
    }

    /// <summary>
    /// Transcript key, certificates, a request, a cross-certificate, a list, checkpoint: not a ceremony, but signed as it must be.
    /// </summary>
    private Files Small()
    {
        long seq = Room.Entries.Last(e => e.Body is CheckpointSigned).Body is CheckpointSigned c ? c.Seq : 0;
        string[] kept = ["root", "transcript", "other-ca-cross"];
        return Room.Forge(entries => entries
            .Where(e => e.Seq == seq || e.Body is LedgerCreated or CertificateImported
                or RequestRead { Request: "tls-t1" } or CrlSigned { Number: "2" } or CrlPreviewed { Number: "2" }
                || e.Body is KeyGenerated { Purpose: "transcript" } || (e.Body is CertificateSigned s && kept.Contains(s.Certificate))
                || (e.Body is CeremonyOpened && e.Ceremony == Room.State.Id))
            .Select(e => e.Body is CeremonyOpened o ? e with
            {
                Body = o with { Script = "x", ScriptSha256 = Convert.ToHexStringLower(SHA256.HashData("x"u8)) },
            } : e));
    }

    private IEnumerable<string?> Names(string folder) =>
        Directory.GetFiles(Path.Combine(played.Folder, folder)).Select(Path.GetFileName).Order(StringComparer.Ordinal);

    /// <summary>With the list files of the exported bundle, as the journal of these files names them.</summary>
    private BundleContent Lists(Files files) => new(played.Folder, files, BundleList.Of(Room.Entries));

    private static string[] Failed(Files files, BundleContent content)
    {
        Assert.Same(files, content.Files);
        return [.. Check(content).Checks.Where(c => !c.Passed).Select(c => c.Rule.Id)];
    }

    private static string[] Failed(string bundle) =>
        [.. BundleVerify.Run([bundle], new VerifyOptions()).Bundles[0].Checks.Where(c => !c.Passed).Select(c => c.Rule.Id)];

    private static BundleVerdict Check(BundleContent content) => BundleVerify.Check("b", content, new VerifyOptions()).Verdict;

    private static string Text(BundleVerdict verdict) =>
        string.Join("\n", verdict.Checks.Where(c => !c.Passed).Select(c => $"{c.Rule.Id} {string.Join("; ", c.Flaws)}"));
}
