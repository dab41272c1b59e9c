using System.Security.Cryptography;
using System.Text;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Crl;

namespace KeyCeremony.Core.Tests.Pki.Crl;

public sealed class CrlReaderTests
{
    private const int VersionField = 0;
    private const int IssuerField = 2;
    private const int ThisUpdateField = 3;
    private const int NextUpdateField = 4;
    private const int EntriesField = 5;
    private const int ExtensionsField = 6;

    private static readonly byte[] Good = CrlRoom.P256.Issue(CrlRoom.Entry("01"), CrlRoom.Entry("0203"));

    // What is done to the TBSCertList before it is signed, and the rule that finds it.
    private static readonly Dictionary<string, (string Rule, Action<DerNode> Change)> HostileTbs = new()
    {
        ["version 1, absent, with extensions"] = ("CRL-02", tbs => tbs.Children!.RemoveAt(VersionField)),
        ["version 1, written"] = ("CRL-02", tbs => tbs[VersionField].Value = [0]),
        ["version 3"] = ("CRL-02", tbs => tbs[VersionField].Value = [2]),
        ["no issuer"] = ("CRL-01", tbs => tbs.Children!.RemoveAt(IssuerField)),
        ["thisUpdate without seconds"] = ("CRL-01", tbs => tbs[ThisUpdateField].Value = "2611011200Z"u8.ToArray()),
        ["thisUpdate with a fraction"] = ("CRL-01", tbs => tbs[ThisUpdateField] = DerNode.Primitive(0x18, "20261101120000.5Z"u8.ToArray())),
        ["a third date"] = ("CRL-01", tbs => tbs.Children!.Insert(NextUpdateField, tbs[NextUpdateField])),
        ["an empty list"] = ("CRL-14", tbs => tbs[EntriesField].Children!.Clear()),
        ["a serial of zero"] = ("CRL-01", tbs => tbs[EntriesField][0][0].Value = [0]),
        ["a negative serial"] = ("CRL-01", tbs => tbs[EntriesField][0][0].Value = [0x80]),
        ["a serial that is not minimal"] = ("CRL-01", tbs => tbs[EntriesField][0][0].Value = [0, 1]),
        ["a serial of 21 bytes"] = ("CRL-01", tbs => tbs[EntriesField][0][0].Value = [.. Enumerable.Repeat((byte)1, 21)]),
        ["an entry without date"] = ("CRL-01", tbs => tbs[EntriesField][0].Children!.RemoveAt(1)),
        ["an entry on a day that does not exist"] = ("CRL-01", tbs => tbs[EntriesField][0][1].Value = "260230000000Z"u8.ToArray()),
        ["an entry with a field too many"] = ("CRL-01", tbs => tbs[EntriesField][0].Children!.Add(DerNode.Primitive(0x05))),
        ["an entry with empty extensions"] = ("CRL-01", tbs => tbs[EntriesField][0][2].Children!.Clear()),
        ["an entry with its reason twice"] = ("CRL-11", tbs => tbs[EntriesField][0][2].Children!.Add(tbs[EntriesField][0][2][0])),
        ["an entry with a reason of two bytes"] = ("CRL-01", tbs => tbs[EntriesField][0][2][0][1].Value = [0x0A, 0x02, 0x01, 0x01]),
        ["reason 7"] = ("CRL-01", tbs => tbs[EntriesField][0][2][0][1].Value = [0x0A, 0x01, 7]),
        ["reason 11"] = ("CRL-01", tbs => tbs[EntriesField][0][2][0][1].Value = [0x0A, 0x01, 11]),
        ["a critical reason"] = ("CRL-12", tbs => tbs[EntriesField][0][2][0].Children!.Insert(1, DerNode.Primitive(0x01, 0xFF))),
        ["an invalidity date as UTCTime"] = ("CRL-01", tbs => AddToEntry(tbs, "551d18", [0x17, 13, .. "260101000000Z"u8])),
        ["another issuer's entry"] = ("CRL-13", tbs => AddToEntry(tbs, "551d1d", [0x30, 0x00])),
        ["no-criticality written out"] = ("CRL-01", tbs => Extension(tbs, 0).Children!.Insert(1, DerNode.Primitive(0x01, 0x00))),
        ["an extension twice"] = ("CRL-11", tbs => tbs[ExtensionsField][0].Children!.Add(Extension(tbs, 0))),
        ["a critical number"] = ("CRL-12", tbs => Extension(tbs, 1).Children!.Insert(1, DerNode.Primitive(0x01, 0xFF))),
        ["a critical key identifier"] = ("CRL-12", tbs => Extension(tbs, 0).Children!.Insert(1, DerNode.Primitive(0x01, 0xFF))),
        ["an unknown critical extension"] = ("CRL-12", tbs => Add(tbs, critical: true, "2a0304", [0x05, 0x00])),
        ["a distribution point that is not critical"] = ("CRL-12",
            tbs => Add(tbs, critical: false, "551d1c", [0x30, 0x03, 0x82, 0x01, 0xFF])),
        ["an indirect CRL"] = ("CRL-13", tbs => Add(tbs, critical: true, "551d1c", [0x30, 0x03, 0x84, 0x01, 0xFF])),
        ["a part by reasons"] = ("CRL-13", tbs => Add(tbs, critical: true, "551d1c", [0x30, 0x04, 0x83, 0x02, 0x06, 0x40])),
        ["a delta CRL"] = ("CRL-13", tbs => Add(tbs, critical: true, "551d1b", [0x02, 0x01, 0x01])),
        ["a negative number"] = ("CRL-08", tbs => Extension(tbs, 1)[1].Value = [0x02, 0x01, 0xFF]),
        ["bytes after the number"] = ("CRL-01", tbs => Extension(tbs, 1)[1].Value = [0x02, 0x01, 0x01, 0x00]),
        ["no extension in the list"] = ("CRL-01", tbs => tbs[ExtensionsField][0].Children!.Clear()),
        ["a field after the extensions"] = ("CRL-01", tbs => tbs.Children!.Add(DerNode.Primitive(0x05))),
    };

    public static TheoryData<string> Hostile => [.. HostileTbs.Keys];

    [Theory]
    [MemberData(nameof(Hostile))]
    public void A_hostile_CRL_is_refused_although_its_signature_holds(string what)
    {
        (string? rule, Action<DerNode>? change) = HostileTbs[what];
        DerNode tbs = DerNode.Parse(Good)[0];
        change(tbs);
        Assert.Equal(rule, CrlRoom.RuleAgainst(CrlRoom.P256.SignBytes(tbs.Encode())));
    }

    /// <summary>Dates as other makers write them: what is odd about one is said, and a fraction is no fault of X.690.</summary>
    [Theory]
    [InlineData(0x17, "260101000000+0200", "is of a local time and not of UTC", false)]
    [InlineData(0x17, "2601010000Z", "has no seconds", false)]
    [InlineData(0x18, "20260101000000", "does not say that it is UTC", false)]
    [InlineData(0x18, "20260101000000.123Z", "has fractions of a second", true)]
    [InlineData(0x17, "261301000000Z", "does not exist, or is written in another way", false)]
    public void A_date_of_another_form_is_told_by_what_is_odd(byte tag, string date, string cause, bool isRead)
    {
        DerNode tbs = DerNode.Parse(Good)[0];
        tbs[EntriesField][0].Children![1] = DerNode.Primitive(tag, Encoding.ASCII.GetBytes(date));
        Assert.False(CrlReader.TryRead(new MemoryStream(CrlRoom.P256.SignBytes(tbs.Encode())), each: null, out _, out Refusal? refusal));
        Assert.Contains($"'{date}', {cause};", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(isRead, refusal.Message.Contains("is not read by this program", StringComparison.Ordinal));
    }

    [Fact]
    public void A_byte_after_the_CRL_is_refused() => Assert.Equal("CRL-01", CrlRoom.RuleAgainst([.. Good, 0]));

    [Fact]
    public void Every_prefix_is_refused()
    {
        for (int length = 0; length < Good.Length; length++)
            Assert.Equal("CRL-01", CrlRoom.RuleAgainst(Good[..length]));
    }

    [Theory]
    [InlineData("3080")] // indefinite
    [InlineData("30820050")] // longer than needed
    [InlineData("308100")]
    [InlineData("3085ffffffffff")] // more than four bytes
    [InlineData("3084ffffffff")] // more than there is
    [InlineData("310a")]
    public void A_bad_length_is_refused_at_once(string start) =>
        Assert.Equal("CRL-01", CrlRoom.RuleAgainst([.. Convert.FromHexString(start), .. new byte[200]]));

    [Fact]
    public void A_huge_length_of_a_small_element_takes_no_memory()
    {
        // An issuer of nearly 4 GiB: refused by its header.
        byte[] start = [0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xF0, 0x30, 0x84, 0xFF, 0xFF,
            0xFF, 0x00, 0x02, 0x01, 0x01, .. KeyAlgorithm.EcP256.SignatureAlgorithmIdentifier(), 0x30, 0x84, 0xFF, 0xFF, 0x00, 0x00];
        Assert.Equal("CRL-01", CrlRoom.RuleAgainst([.. start, .. new byte[1000]]));
    }

    [Fact]
    public void A_foreign_outer_algorithm_is_refused()
    {
        var whole = DerNode.Parse(Good);
        whole[1] = DerNode.Parse(KeyAlgorithm.EcP384.SignatureAlgorithmIdentifier());
        Assert.Equal("CRL-04", CrlRoom.RuleAgainst(whole.Encode()));
    }

    [Fact]
    public void Any_flipped_byte_is_found()
    {
        byte[] crl = Good.ToArray();
        for (int i = 0; i < crl.Length; i++)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                crl[i] ^= (byte)(1 << bit);
                Assert.True(CrlChecks.Verify(new MemoryStream(crl), CrlRoom.P256.Issuer, CrlChecks.IsFirst, out _).HasErrors,
                    $"byte {i}, bit {bit}");
                crl[i] ^= (byte)(1 << bit);
            }
        }
        Assert.Empty(CrlChecks.Verify(new MemoryStream(crl), CrlRoom.P256.Issuer, CrlChecks.IsFirst, out _).Findings);
    }

    [Fact]
    public void What_lint_forbids_is_found_in_a_well_signed_CRL()
    {
        Assert.Equal(["CRL-18"], Found(tbs => tbs[EntriesField].Children!.Reverse()));
        Assert.Equal(["CRL-18"], Found(tbs => tbs[EntriesField].Children!.Add(tbs[EntriesField][1])));
        Assert.Equal(["CRL-15", "CRL-16"], Found(tbs => tbs[EntriesField][0][2][0][1].Value = [0x0A, 0x01, 0]));
        Assert.Equal(["CRL-15"], Found(tbs => tbs[EntriesField][0][2][0][1].Value = [0x0A, 0x01, 8]));
        Assert.Equal(["CRL-16"], Found(tbs => tbs[EntriesField][0].Children!.RemoveAt(2)));
        Assert.Equal(["CRL-17"], Found(tbs => tbs[EntriesField][0][1].Value = "270101000000Z"u8.ToArray()));
        Assert.Equal(["CRL-17"], Found(tbs => tbs[EntriesField][0][1] = DerNode.Primitive(0x18, "20260101000000Z"u8.ToArray())));
        Assert.Equal(["CRL-06"], Found(tbs => tbs.Children!.RemoveAt(NextUpdateField)));
        Assert.Equal(["CRL-06"], Found(tbs => tbs[NextUpdateField] = DerNode.Primitive(0x18, "20270130120000Z"u8.ToArray())));
        Assert.Equal(["CRL-06"], Found(tbs => tbs[NextUpdateField].Value = "261101115959Z"u8.ToArray()));
        Assert.Equal(["CRL-07"], Found(tbs => tbs[NextUpdateField].Value = "281101120000Z"u8.ToArray()));
        Assert.Equal(["CRL-10"], Found(tbs => tbs[ExtensionsField][0].Children!.RemoveAt(0)));
        Assert.Equal(["CRL-10"], Found(tbs => Add(tbs, critical: false, "2a0304", [0x05, 0x00])));
        Assert.Equal(["CRL-10"], Found(tbs => AddToEntry(tbs, "2a0304", [0x05, 0x00])));
        Assert.Equal(["CRL-08"], Found(tbs => tbs[ExtensionsField][0].Children!.RemoveAt(1)));
        Assert.Equal(["CRL-05"], Found(tbs =>
            tbs[IssuerField] = DerNode.Parse(Samples.Name(("C", "DE"), ("O", "Example Devices GmbH"), ("CN", "Example CRL Issuer")).Der)));
    }

    [Fact]
    public void The_chain_and_the_signer_are_verified()
    {
        IReadOnlyList<LintFinding> findings = CrlChecks.Verify(new MemoryStream(Good),
            CrlRoom.P256.Issuer, new CrlLink(1, CrlRoom.Now.AddDays(-90), CrlRoom.Now.AddDays(-1)), out CrlFacts? facts).Findings;
        Assert.Equal(["CRL-30", "CRL-33"], findings.Select(finding => finding.Rule.Id));
        Assert.Equal(new CrlLink(1, CrlRoom.Now, CrlRoom.Now.AddDays(90)), facts!.Link);
        Assert.Equal(["CRL-10", "CRL-19"], CrlChecks.Verify(new MemoryStream(Good), CrlRoom.Delegate.Issuer, previous: null, out _).Findings
            .Select(finding => finding.Rule.Id));
    }

    [Fact]
    public void A_long_CRL_is_read_through_small_pieces()
    {
        var entries = Enumerable.Range(1, 30_000).Select(i => CrlRoom.Entry($"{i:x8}")).ToList();
        byte[] crl = CrlRoom.P384.Issue(entries);
        Assert.True(CrlReader.TryRead(new Trickle(crl), each: null, out CrlFacts? facts, out _));
        Assert.Equal((30_000L, (long)crl.Length), (facts.Count, facts.Length));
        Assert.Equal(SHA256.HashData(crl), facts.Sha256.ToArray());
        Assert.True(facts.IsSignedBy(CrlRoom.P384.Issuer));
    }

    [Fact]
    public void PEM_is_read_and_hashed_as_DER()
    {
        string pem = PemEncoding.WriteString("X509 CRL", Good);
        foreach (string? text in new[] { pem, pem + "\n", pem.ReplaceLineEndings("\r\n") })
        {
            Assert.True(CrlReader.TryRead(new MemoryStream(Encoding.ASCII.GetBytes(text)),
                each: null, out CrlFacts? facts, out Refusal? refusal), refusal?.ToString());
            Assert.Equal(SHA256.HashData(Good), facts.Sha256.ToArray());
        }
    }

    [Fact]
    public void The_streams_are_left_open()
    {
        (PreparedCrl? prepared, byte[]? tbs) = CrlRoom.Prepare(CrlRoom.P256.Plan, CrlRoom.Merged());
        using var spool = new MemoryStream(tbs);
        Assert.False(CrlLint.Check(prepared, spool).HasErrors);
        using var file = new MemoryStream(Good);
        Assert.True(CrlReader.TryRead(file, each: null, out _, out _));
        Assert.True(spool.CanRead && file.CanRead);
    }

    [Theory]
    [InlineData("-----BEGIN X509 CRL-----\n", "", "")]
    [InlineData("-----BEGIN CERTIFICATE-----\n", "", "-----END CERTIFICATE-----\n")]
    [InlineData("-----BEGIN X509 CRL-----\n", "AAAA\n", "-----END X509 CRL-----\n")]
    [InlineData("-----BEGIN X509 CRL-----\nProc-Type: x\n", "", "-----END X509 CRL-----\n")]
    [InlineData("-----BEGIN X509 CRL-----\n", "", "-----END X509 CRL-----\n-----BEGIN X509 CRL-----\n")]
    public void PEM_out_of_shape_is_refused(string begin, string more, string end)
    {
        string body = string.Concat(Convert.ToBase64String(Good).Chunk(64).Select(line => new string(line) + "\n"));
        Assert.Equal("CRL-01", CrlRoom.RuleAgainst(Encoding.ASCII.GetBytes(begin + body + more + end)));
    }

    [Fact]
    public void A_certificate_under_the_label_of_a_CRL_is_told_so()
    {
        string pem = PemEncoding.WriteString("X509 CRL", Samples.Certificate("root").Der.Span);
        Assert.False(CrlReader.TryRead(new MemoryStream(Encoding.ASCII.GetBytes(pem)), each: null, out _, out Refusal? refusal));
        Assert.Equal("CRL-01", refusal.Rule);
        Assert.StartsWith("The file cannot be taken: The file is a certificate;", refusal.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Found(Action<DerNode> change)
    {
        DerNode tbs = DerNode.Parse(Good)[0];
        change(tbs);
        return CrlChecks.Verify(new MemoryStream(CrlRoom.P256.SignBytes(tbs.Encode())),
            CrlRoom.P256.Issuer, CrlChecks.IsFirst, out _).Findings.Select(finding => finding.Rule.Id);
    }

    private static DerNode Extension(DerNode tbs, int index) => tbs[ExtensionsField][0][index];

    private static DerNode Extension(bool critical, string oid, byte[] value) => DerNode.Sequence(
        [DerNode.Primitive(0x06, Convert.FromHexString(oid)), .. critical ? [DerNode.Primitive(0x01, 0xFF)] : Array.Empty<DerNode>(),
            DerNode.Primitive(0x04, value)]);

    private static void Add(DerNode tbs, bool critical, string oid, byte[] value) =>
        tbs[ExtensionsField][0].Children!.Add(Extension(critical, oid, value));

    private static void AddToEntry(DerNode tbs, string oid, byte[] value) =>
        tbs[EntriesField][0][2].Children!.Add(Extension(critical: false, oid, value));

    /// <summary>Gives a few bytes at a time, as a stick may.</summary>
    private sealed class Trickle(byte[] bytes) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, 1021)]);
    }
}
