using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Crl;

namespace KeyCeremony.Core.Tests.Pki.Crl;

public sealed class CrlWriterTests
{
    private static readonly Gen<DateTimeOffset> Time =
        from days in Gen.Choose(0, 27_600)
        from seconds in Gen.Choose(0, 86_399)
        select new DateTimeOffset(1950, 1, 1, 0, 0, 0, TimeSpan.Zero).AddDays(days).AddSeconds(seconds);

    private static readonly Gen<Revocation> AnyEntry =
        from serial in Gen.Choose(0, 255).Select(value => (byte)value).ArrayOf()
            .Where(bytes => bytes.Length is > 0 and <= 20 && bytes[0] is > 0 and < 0x80)
        from date in Time
        from reason in Gen.Elements<RevocationReason?>(null, RevocationReason.KeyCompromise,
            RevocationReason.CaCompromise, RevocationReason.CertificateHold, RevocationReason.AaCompromise)
        from invalidity in Gen.OneOf(Gen.Constant((DateTimeOffset?)null), Time.Select(time => (DateTimeOffset?)time))
        select new Revocation(RevokedSerial.TryFromContent(serial, out RevokedSerial read) ? read : throw new ArgumentException("serial"),
            date, reason, invalidity);

    [Fact]
    public void Only_a_lint_without_findings_lets_a_CRL_be_signed()
    {
        (PreparedCrl? prepared, byte[]? tbs) = CrlRoom.Prepare(CrlRoom.P256.Plan, CrlRoom.Merged(CrlRoom.Entry("01"), CrlRoom.Entry("02")));
        (PreparedCrl _, byte[]? others) = CrlRoom.Prepare(CrlRoom.P256.Plan, CrlRoom.Merged(CrlRoom.Entry("01"), CrlRoom.Entry("03")));
        CrlLintReport report = CrlLint.Check(prepared, new MemoryStream(others));
        Assert.Contains(report.Findings, finding => finding.Rule.Id == "CRL-22");
        Assert.False(report.TryAccept(out LintedCrl? linted, out Refusal? refusal));
        Assert.Equal("CRL-22", refusal.Rule);
        Assert.Null(linted);
        for (int i = 0; i < tbs.Length; i++)
        {
            tbs[i] ^= 1;
            Assert.True(CrlLint.Check(prepared, new MemoryStream(tbs)).HasErrors, $"byte {i}");
            tbs[i] ^= 1;
        }
    }

    [Fact]
    public void A_report_of_a_signed_file_accepts_nothing_for_signing()
    {
        (PreparedCrl? prepared, byte[]? tbs) = CrlRoom.Prepare(CrlRoom.P256.Plan, CrlRoom.Merged());
        SignedCrl signed = CrlRoom.P256.Sign(prepared, tbs);
        using var file = new MemoryStream();
        signed.Assemble(new MemoryStream(tbs), file);
        CrlLintReport report = CrlLint.Check(signed, new MemoryStream(file.ToArray()));
        Assert.False(report.HasErrors);
        Assert.False(report.TryAccept(out _, out _));
    }

    [Fact]
    public void A_signature_of_another_key_is_thrown_out()
    {
        (PreparedCrl? prepared, byte[]? tbs) = CrlRoom.Prepare(CrlRoom.P256.Plan, CrlRoom.Merged());
        Assert.True(CrlLint.Check(prepared, new MemoryStream(tbs)).TryAccept(out LintedCrl? linted, out _));
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.Throws<KeyFaultException>(() => CrlSigning.Sign(linted,
            hash => other.SignHash(hash.Span, DSASignatureFormat.Rfc3279DerSequence)));
        Assert.Throws<KeyFaultException>(() => CrlSigning.Sign(linted, _ => []));
    }

    [Fact]
    public void A_spool_that_changed_after_the_signature_is_found_when_the_file_is_read_back()
    {
        (PreparedCrl? prepared, byte[]? tbs) = CrlRoom.Prepare(CrlRoom.P256.Plan, CrlRoom.Merged(CrlRoom.Entry("01")));
        SignedCrl signed = CrlRoom.P256.Sign(prepared, tbs);
        tbs[^1] ^= 1;
        using var file = new MemoryStream();
        signed.Assemble(new MemoryStream(tbs), file);
        file.Position = 0;
        Assert.Subset(CrlLint.Check(signed, file).Findings.Select(finding => finding.Rule.Id).ToHashSet(),
            new HashSet<string> { "CRL-19", "CRL-22" });
        Assert.Throws<FileFaultException>(() => signed.Assemble(new MemoryStream(tbs[..^1]), new MemoryStream()));
    }

    /// <summary>Reading back proves that the bytes are those that were linted; a stream that cannot go back is linted once more.</summary>
    [Fact]
    public void A_file_that_is_read_back_is_judged_as_if_it_were_linted_again()
    {
        foreach (CrlRoom room in new[] { CrlRoom.P256, CrlRoom.P384 })
        {
            (PreparedCrl? prepared, byte[]? tbs) = CrlRoom.Prepare(room.Plan, CrlRoom.Merged(CrlRoom.Entry("01"), CrlRoom.Entry("02f0")));
            SignedCrl signed = room.Sign(prepared, tbs);
            using var file = new MemoryStream();
            signed.Assemble(new MemoryStream(tbs), file);
            byte[] crl = file.ToArray();
            Assert.Equal(CrlLint.Check(signed, new OnlyForward(crl)).File!.Sha256.ToArray(),
                CrlLint.Check(signed, new MemoryStream(crl)).File!.Sha256.ToArray());
            for (int i = 0; i < crl.Length; i++)
            {
                crl[i] ^= 1;
                CrlLintReport back = CrlLint.Check(signed, new MemoryStream(crl));
                Assert.True(back.HasErrors, $"byte {i}");
                Assert.Equal(CrlLint.Check(signed, new OnlyForward(crl)).Findings, back.Findings);
                crl[i] ^= 1;
            }
            Assert.Equal("CRL-01", Assert.Single(CrlLint.Check(signed, new MemoryStream([.. crl, 0])).Findings).Rule.Id);
            Assert.Equal("CRL-01", Assert.Single(CrlLint.Check(signed, new MemoryStream(crl[..^1])).Findings).Rule.Id);
        }
    }

    [Fact]
    public void A_spool_becomes_the_file_where_its_room_fits()
    {
        Assert.True(Fits(20));
        Assert.True(Fits(5000));
        // Around 64 KiB the length of the signature decides how long the header is.
        Assert.Contains(Enumerable.Range(180, 25), tens => !Fits(10 * tens));

        static bool Fits(int count)
        {
            MergedRevocations merged = CrlRoom.Merged(Enumerable.Range(1, count).Select(i => CrlRoom.Entry($"{i:x4}")));
            (PreparedCrl? prepared, byte[]? tbs) = CrlRoom.Prepare(CrlRoom.P256.Plan, merged);
            return CrlRoom.Completed(CrlRoom.P256.Sign(prepared, tbs), tbs, merged) is not null;
        }
    }

    [Fact]
    public void The_default_is_one_full_CRL_with_key_identifier_and_number()
    {
        CrlRoom room = CrlRoom.P384;
        byte[] crl = room.Issue(CrlRoom.Entry("0a"), CrlRoom.Entry("02", RevocationReason.KeyCompromise, invalidity: CrlRoom.Start));
        AsnReader list = new AsnReader(crl, AsnEncodingRules.DER).ReadSequence();
        AsnReader tbs = list.ReadSequence();
        Assert.Equal(1, tbs.ReadInteger());
        Assert.Equal(KeyAlgorithm.EcP384.SignatureAlgorithmIdentifier(), tbs.ReadEncodedValue().ToArray());
        Assert.Equal(room.Issuer.ToBeSigned.Subject.Der.ToArray(), tbs.ReadEncodedValue().ToArray());
        Assert.Equal(CrlRoom.Now, tbs.ReadUtcTime());
        Assert.Equal(CrlRoom.Now.AddDays(90), tbs.ReadUtcTime());
        AsnReader entries = tbs.ReadSequence();
        Assert.Equal(
            "303a020102170d3236303130313030303030305a3026300a0603551d1504030a010130180603551d180411180f32303236303130313030303030305a",
            Hex(entries.ReadEncodedValue()));
        Assert.Equal("302002010a170d3236303130313030303030305a300c300a0603551d1504030a0104", Hex(entries.ReadEncodedValue()));
        Assert.False(entries.HasData);
        AsnReader extensions = tbs.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0)).ReadSequence();
        Assert.Equal("301f0603551d23041830168014" + Hex(room.Issuer.ToBeSigned.SubjectKeyIdentifier!.Value),
            Hex(extensions.ReadEncodedValue()));
        Assert.Equal("300a0603551d140403020101", Hex(extensions.ReadEncodedValue()));
        Assert.False(extensions.HasData || tbs.HasData);
    }

    [Fact]
    public void An_empty_list_is_left_out()
    {
        (CrlFacts? facts, List<Revocation>? entries) = CrlRoom.Read(CrlRoom.Rsa.Issue());
        Assert.Equal((0L, 0), (facts.Count, entries.Count));
        Assert.True(facts.IsSignedBy(CrlRoom.Rsa.Issuer));
    }

    [Fact]
    public void From_2050_times_are_generalized()
    {
        CrlPlan plan = CrlRoom.P256.Plan with
        {
            ThisUpdate = new DateTimeOffset(2049, 12, 31, 23, 59, 59, TimeSpan.Zero),
            NextUpdate = new DateTimeOffset(2050, 1, 1, 0, 0, 0, TimeSpan.Zero),
        };
        (CrlFacts? facts, List<Revocation> _) = CrlRoom.Read(CrlRoom.P256.Issue(plan, CrlRoom.Merged()));
        Assert.Equal((UniversalTagNumber.UtcTime, "491231235959Z"), (facts.ThisUpdate.Tag, facts.ThisUpdate.Text));
        Assert.Equal((UniversalTagNumber.GeneralizedTime, "20500101000000Z"), (facts.NextUpdate!.Tag, facts.NextUpdate.Text));
    }

    [Theory]
    [InlineData(CrlCoverage.CaCertificates, null, "30038201ff")]
    [InlineData(CrlCoverage.UserCertificates, "http://a.example/1",
        "301b" + "a016a014" + "8612" + "687474703a2f2f612e6578616d706c652f31" + "8101ff")]
    public void A_partition_is_a_critical_distribution_point(CrlCoverage covers, string? uri, string expected)
    {
        CrlPlan plan = CrlRoom.P256.Plan with { Partition = new CrlPartition(covers, uri) };
        (CrlFacts? facts, List<Revocation> _) = CrlRoom.Read(CrlRoom.P256.Issue(plan, CrlRoom.Merged(CrlRoom.Entry("01"))));
        CertificateExtension extension = facts.Extensions[^1];
        Assert.Equal(("2.5.29.28", true, expected), (extension.Oid, extension.Critical, Hex(extension.Value)));
        Assert.Equal((covers == CrlCoverage.UserCertificates, covers == CrlCoverage.CaCertificates),
            (facts.DistributionPoint!.OnlyUserCertificates, facts.DistributionPoint.OnlyCaCertificates));
    }

    [Fact]
    public void A_Matter_delegate_signs_with_exactly_one_address()
    {
        CrlPlan plan = CrlRoom.Delegate.Plan with
        {
            CoversCaCertificates = false,
            Partition = new CrlPartition(Uri: "http://a.example/1", IsMatter: true),
        };
        (CrlFacts? facts, List<Revocation> _) = CrlRoom.Read(CrlRoom.Delegate.Issue(plan,
            CrlRoom.Merged(CrlRoom.Entry("01", reason: null))));
        Assert.Equal(["http://a.example/1"], facts.DistributionPoint!.Uris.ToArray());
        Assert.Equal(CrlRoom.Delegate.Issuer.ToBeSigned.SubjectKeyIdentifier!.Value.ToArray(),
            facts.AuthorityKeyIdentifier!.KeyIdentifier!.Value.ToArray());
    }

    [Fact]
    public void The_same_plan_and_entries_give_the_same_bytes()
    {
        Revocation[] entries = [.. Enumerable.Range(1, 500).Select(i => CrlRoom.Entry($"{i * 7919:x6}", day: i % 300))];
        (PreparedCrl? first, byte[]? tbs) = CrlRoom.Prepare(CrlRoom.P384.Plan, CrlRoom.Merged(entries));
        Assert.True(CrlMerge.TryMerge(CrlRoom.Sorted(entries[..100]), CrlRoom.Start,
            CrlRoom.Sorted(9, entries[100..].Reverse()), [], shard: null, out MergedRevocations? merged, out _));
        (PreparedCrl? second, byte[]? again) = CrlRoom.Prepare(CrlRoom.P384.Plan, merged);
        Assert.Equal(tbs, again);
        Assert.Equal(first.TbsSha256.ToArray(), second.TbsSha256.ToArray());
        Assert.Equal(SHA256.HashData(tbs), first.TbsSha256.ToArray());
        Assert.Equal(SHA384.HashData(tbs), first.SignatureHash.ToArray());
    }

    [Fact]
    public void Progress_is_told_to_the_last_entry()
    {
        var told = new List<long>();
        MergedRevocations merged = CrlRoom.Merged(Enumerable.Range(1, 70_000).Select(i => CrlRoom.Entry($"{i:x6}")));
        Assert.True(CrlWriter.TryPrepare(CrlRoom.P256.Plan, merged, new MemoryStream(), new Told(told), out _, out _));
        Assert.Equal([CrlWriter.ProgressEntries, 70_000], told);
    }

    [Fact]
    public void What_is_shown_before_the_signature_names_every_field()
    {
        CrlPlan plan = CrlRoom.P256.Plan with
        {
            Number = BigInteger.One << 100,
            Partition = new CrlPartition(Uri: "http://a.example/1", Shard: new SerialShard(1, 2)),
        };
        (PreparedCrl? prepared, byte[] _) = CrlRoom.Prepare(plan, CrlRoom.MergedIn(plan.Partition.Shard, CrlRoom.Entry("01")));
        string lines = string.Join('\n', prepared.Describe());
        Assert.All(["ecdsa-with-SHA256", "Example CRL Issuer", "2026-11-01 12:00:00 UTC",
            "2027-01-30 12:00:00 UTC", "1267650600228229401496703205376", "http://a.example/1",
            "1 of 2", "+: 01, 2026-01-01 00:00:00 UTC, superseded", Hex(prepared.TbsSha256), prepared.TbsLength.ToString()],
            part => Assert.Contains(part, lines, StringComparison.Ordinal));
    }

    [Fact]
    public void Any_list_goes_through_the_writer_and_the_reader_unchanged() =>
        Prop.ForAll(AnyEntry.ListOf().ToArbitrary(), list =>
        {
            var entries = list.DistinctBy(entry => entry.Serial).OrderBy(entry => entry.Serial).ToList();
            byte[] crl = CrlRoom.P256.Issue(CrlRoom.P256.Plan with { CoversCaCertificates = false }, CrlRoom.Merged(entries));
            (CrlFacts? facts, List<Revocation>? read) = CrlRoom.Read(crl);
            Assert.Equal(entries, read);
            Assert.Equal(SHA256.HashData(crl), facts.Sha256.ToArray());
            Assert.True(facts.IsSorted && facts.IsSignedBy(CrlRoom.P256.Issuer));
            Assert.Equal(0, facts.MisformedDates + facts.UnspecifiedWritten + facts.OtherEntryExtensions);
        }).QuickCheckThrowOnFailure();

    /// <summary>The header in front of all grows at these lengths.</summary>
    [Theory]
    [InlineData(0, 4)]
    [InlineData(1200, 1300)]
    public void Any_number_of_entries_is_written_and_read(int from, int to)
    {
        for (int count = from; count <= to; count++)
        {
            byte[] crl = CrlRoom.P256.Issue(Enumerable.Range(1, count).Select(i => CrlRoom.Entry($"4{i:x30}")));
            Assert.Equal(count, CrlRoom.Read(crl).Facts.Count);
        }
    }

    private static string Hex(ReadOnlyMemory<byte> bytes) => Convert.ToHexStringLower(bytes.Span);

    private sealed class Told(List<long> told) : IProgress<long>
    {
        public void Report(long value) => told.Add(value);
    }

    private sealed class OnlyForward(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
