using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Crl;

namespace KeyCeremony.Core.Tests.Pki.Crl;

/// <summary>Revocation lists of an ML-DSA key: signed whole as they pass by, judged under the keys that were named.</summary>
public sealed class CrlMlDsaTests
{
    public static TheoryData<string> Names => ["ml-dsa-44", "ml-dsa-65", "ml-dsa-87"];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_list_is_signed_whole_and_no_bit_of_it_can_change(string name)
    {
        (ParsedCertificate issuer, ThrowAwayKey key) = Issuer(name);
        byte[] crl = Issue(issuer, key, [CrlRoom.Entry("01aa"), CrlRoom.Entry("01ab")]);
        Assert.Empty(CrlChecks.Verify(new MemoryStream(crl), issuer, CrlChecks.IsFirst, out _).Findings);

        int accepted = 0;
        for (int at = 0; at < crl.Length; at += 5)
        {
            byte[] bad = [.. crl];
            bad[at] ^= (byte)(1 << (at % 8));
            if (CrlReader.TryRead(new MemoryStream(bad), null, [issuer], out CrlFacts? facts, out _) && facts.IsSignedBy(issuer))
                accepted++;
        }
        Assert.Equal(0, accepted);
    }

    [Fact]
    public void Without_the_signers_key_a_list_is_not_called_a_false_one()
    {
        (ParsedCertificate issuer, ThrowAwayKey key) = Issuer("ml-dsa-65");
        byte[] crl = Issue(issuer, key, [CrlRoom.Entry("01aa")]);
        ParsedCertificate other = MlDsaCertificateTests.Root(KeyAlgorithm.MlDsa44);
        CrlFacts facts = Read(crl, [other, Samples.Certificate("root")]);
        Assert.Equal(SignatureVerdict.CannotBeJudged, facts.Judge(issuer));
        Assert.Equal(SignatureVerdict.CannotBeJudged, facts.Judge(other));
        Assert.Null(facts.SignatureHash);
        Assert.Equal(SignatureVerdict.Holds, Read(crl, [other, issuer]).Judge(issuer));
    }

    [Fact]
    public void A_list_that_SLH_DSA_signs_is_judged()
    {
        (PureSignature kind, byte[] spki, Func<byte[], byte[]> sign) = PureSignatureTests.Key("SLH-DSA-SHAKE-128f");
        ParsedCertificate issuer = WithKey(spki);
        var prepared = DerNode.Parse(CrlRoom.Prepare(CrlRoom.P256.Plan, CrlRoom.Merged(CrlRoom.Entry("01aa"))).Tbs);
        prepared[1] = DerNode.Parse(kind.AlgorithmIdentifier());
        byte[] tbs = prepared.Encode();
        byte[] Whole(byte[] signature) => DerNode.Sequence(DerNode.Parse(tbs), DerNode.Parse(kind.AlgorithmIdentifier()),
            DerNode.Primitive(0x03, [0, .. signature])).Encode();
        byte[] signature = sign(tbs);
        Assert.Equal(SignatureVerdict.Holds, Read(Whole(signature), [issuer]).Judge(issuer));
        signature[100] ^= 1;
        Assert.Equal(SignatureVerdict.DoesNotHold, Read(Whole(signature), [issuer]).Judge(issuer));
    }

    [Fact]
    public void A_device_that_signs_badly_gives_no_list()
    {
        (ParsedCertificate issuer, ThrowAwayKey key) = Issuer("ml-dsa-65");
        (LintedCrl linted, byte[] tbs) = Linted(issuer, [CrlRoom.Entry("01aa")]);
        Assert.Throws<KeyFaultException>(() => CrlSigning.SignWhole(linted, new MemoryStream(tbs), pieces => new byte[All(pieces).Length]));
        Assert.Throws<KeyFaultException>(() =>
            CrlSigning.SignWhole(linted, new MemoryStream(tbs), pieces => key.Generator.SignData([.. All(pieces), 0], default)));
        Assert.Throws<KeyFaultException>(() => CrlSigning.SignWhole(linted, new MemoryStream(tbs),
            pieces => Samples.Key("another", KeyAlgorithm.MlDsa65).Generator.SignData(All(pieces), default)));
    }

    [Fact]
    public void A_spool_that_changed_or_was_not_read_to_its_end_gives_no_list()
    {
        (ParsedCertificate issuer, ThrowAwayKey key) = Issuer("ml-dsa-65");
        (LintedCrl linted, byte[] tbs) = Linted(issuer, [CrlRoom.Entry("01aa")]);
        byte[] Sign(IEnumerable<ReadOnlyMemory<byte>> pieces) => key.Generator.SignData(All(pieces), default);
        byte[] changed = [.. tbs];
        changed[^1] ^= 1;
        Assert.Throws<FileFaultException>(() => CrlSigning.SignWhole(linted, new MemoryStream(changed), Sign));
        Assert.Throws<FileFaultException>(() => CrlSigning.SignWhole(linted, new MemoryStream(tbs[..^1]), Sign));
        Assert.Throws<FileFaultException>(() =>
            CrlSigning.SignWhole(linted, new MemoryStream(tbs), _ => key.Generator.SignData(tbs, default)));
        Assert.NotNull(CrlSigning.SignWhole(linted, new MemoryStream(tbs), Sign));
    }

    [Fact]
    public void A_long_list_goes_through_in_pieces()
    {
        (ParsedCertificate issuer, ThrowAwayKey key) = Issuer("ml-dsa-44");
        byte[] crl = Issue(issuer, key, Enumerable.Range(1, 30_000).Select(i => CrlRoom.Entry($"01{i:x6}")), fewestPieces: 3);
        CrlFacts facts = Read(crl, [issuer]);
        Assert.Equal(30_000, facts.Count);
        Assert.True(facts.IsSignedBy(issuer));
    }

    internal static byte[] Issue(ParsedCertificate issuer, ThrowAwayKey key, IEnumerable<Revocation> entries, int fewestPieces = 1)
    {
        CrlPlan plan = Plan(issuer);
        MergedRevocations merged = CrlRoom.Merged(entries);
        (PreparedCrl prepared, byte[] tbs) = CrlRoom.Prepare(plan, merged);
        Assert.True(CrlLint.Check(prepared, new MemoryStream(tbs)).TryAccept(out LintedCrl? linted, out Refusal? refusal),
            refusal?.ToString());
        int pieces = 0;
        SignedCrl signed = CrlSigning.SignWhole(linted, new MemoryStream(tbs),
            message => key.Generator.SignData(All(message.Select(piece => { pieces++; return piece; })), default));
        Assert.True(pieces >= fewestPieces);
        using var file = new MemoryStream();
        CrlFile written = signed.Assemble(new MemoryStream(tbs), file);
        byte[] crl = file.ToArray();
        CrlLintReport report = CrlLint.Check(signed, new MemoryStream(crl));
        Assert.Empty(report.Findings);
        Assert.Equal(written.Sha256.ToArray(), report.File!.Sha256.ToArray());
        // The same through a reader that cannot go back.
        Assert.Empty(CrlLint.Check(signed, new Forward(crl)).Findings);
        Assert.Equal(crl, CrlRoom.Completed(signed, tbs, merged));
        byte[] flipped = [.. crl];
        flipped[^1] ^= 1;
        Assert.Equal(["CRL-19"], CrlLint.Check(signed, new MemoryStream(flipped)).Findings.Select(finding => finding.Rule.Id));
        return crl;
    }

    private static (LintedCrl Linted, byte[] Tbs) Linted(ParsedCertificate issuer, IEnumerable<Revocation> entries)
    {
        (PreparedCrl prepared, byte[] tbs) = CrlRoom.Prepare(Plan(issuer), CrlRoom.Merged(entries));
        return CrlLint.Check(prepared, new MemoryStream(tbs)).TryAccept(out LintedCrl? linted, out Refusal? refusal)
            ? (linted, tbs) : throw new ArgumentException(refusal.ToString());
    }

    private static CrlPlan Plan(ParsedCertificate issuer) => CrlRoom.P256.Plan with { Issuer = issuer };

    private static CrlFacts Read(byte[] crl, IReadOnlyList<ParsedCertificate> signers) =>
        CrlReader.TryRead(new MemoryStream(crl), each: null, signers, out CrlFacts? facts, out Refusal? refusal)
            ? facts : throw new ArgumentException(refusal.ToString());

    private static (ParsedCertificate Issuer, ThrowAwayKey Key) Issuer(string name) => KeyAlgorithm.TryParse(name, out KeyAlgorithm? kind)
        ? (MlDsaCertificateTests.Root(kind), Samples.Key("root", kind)) : throw new ArgumentException(name);

    /// <summary>A certificate of that key, of which nothing else is asked.</summary>
    private static ParsedCertificate WithKey(byte[] spki)
    {
        var whole = DerNode.Parse(Samples.Certificate("root").Der);
        whole[0][6] = DerNode.Parse(spki);
        return CertificateReader.TryReadCertificate(whole.Encode(), out ParsedCertificate? certificate, out Refusal? refusal)
            ? certificate : throw new ArgumentException(refusal.ToString());
    }

    private static byte[] All(IEnumerable<ReadOnlyMemory<byte>> pieces)
    {
        using var whole = new MemoryStream();
        foreach (ReadOnlyMemory<byte> piece in pieces)
            whole.Write(piece.Span);
        return whole.ToArray();
    }

    private sealed class Forward(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
