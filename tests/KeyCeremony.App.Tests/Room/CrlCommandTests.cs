using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KeyCeremony.Core;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Crl;

namespace KeyCeremony.App.Tests.Room;

/// <summary><c>keyceremony crl inspect</c> as an auditor runs it.</summary>
public sealed class CrlCommandTests : IDisposable
{
    private const int LabelWidth = 32;

    private static readonly DateTimeOffset Now = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("keyceremony-test-").FullName;
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
    private readonly X509Certificate2 _issuer;

    public CrlCommandTests() => _issuer = Ca("CN=Example CRL Issuer, O=Example, C=DE", _key);

    public void Dispose()
    {
        _issuer.Dispose();
        _key.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void A_list_of_ours_is_shown_and_its_signature_verified()
    {
        byte[] crl = Ours(7, Entry("0a1b", RevocationReason.KeyCompromise), Entry("70ffee", RevocationReason.Superseded));

        (int code, string? said, string? errors) = Inspect(InFile(crl), "--issuer", InFile(_issuer.ExportCertificatePem()));

        Assert.Equal((0, ""), (code, errors));
        Assert.Equal("7", Value(said, "number"));
        Assert.Equal("C=DE, O=Example, CN=Example CRL Issuer", Value(said, "issuer"));
        Assert.Equal("2026-11-01 12:00:00 UTC", Value(said, "thisUpdate"));
        Assert.Equal("2", Value(said, "entries"));
        Assert.Equal("1", Value(said, "reason keyCompromise"));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(crl)), Value(said, "SHA-256"));
        Assert.Equal("verifies under the issuer's key", Value(said, "signature"));
    }

    /// <summary>The list is whole and its signature holds; what a ceremony or anybody's program asks of it beside is said.</summary>
    [Fact]
    public void What_others_would_ask_of_a_good_list_is_remarked()
    {
        string issuer = InFile(_issuer.ExportCertificatePem());
        string own = InFile(Ours(7, Entry(_issuer.SerialNumber, RevocationReason.Superseded)));
        (int code, string? said, _) = Inspect(own, "--issuer", issuer);
        Assert.Equal(0, code);
        Assert.Contains("The serial number of the CA's own certificate is on it", said, StringComparison.Ordinal);
        Assert.DoesNotContain("own certificate is on it", Inspect(own).Said, StringComparison.Ordinal);
        Assert.DoesNotContain("It has no number", said, StringComparison.Ordinal);

        var builder = new CertificateRevocationListBuilder();
        DateTimeOffset now = DateTimeOffset.UtcNow;
        byte[] old = builder.Build(_issuer, 1, now.AddDays(-20), HashAlgorithmName.SHA384, null, now.AddDays(-30));
        Assert.Contains("It RAN OUT on ", Inspect(InFile(old)).Said, StringComparison.Ordinal);
        byte[] early = builder.Build(_issuer, 1, now.AddDays(20), HashAlgorithmName.SHA384, null, now.AddDays(3));
        Assert.Contains("of a time that has not come yet", Inspect(InFile(early)).Said, StringComparison.Ordinal);
    }

    /// <summary>One serial with two reasons, an entry that takes one off, a list that names another key: other makers have them.</summary>
    [Fact]
    public void What_does_not_go_together_on_a_list_is_said()
    {
        string issuer = InFile(_issuer.ExportCertificatePem());
        var builder = new CertificateRevocationListBuilder();
        builder.AddEntry([0x0A, 0x1B], Now.AddDays(-2), X509RevocationReason.KeyCompromise);
        builder.AddEntry([0x0A, 0x1B], Now.AddDays(-1), X509RevocationReason.CertificateHold);
        (int code, string? said, _) = Inspect(InFile(Built(builder, _issuer)), "--issuer", issuer, "--serial", "0a1b");
        Assert.Equal(0, code);
        Assert.Contains("The serial 0a1b stands on it more than once", said, StringComparison.Ordinal);
        Assert.Contains("keyCompromise; 0a1b, ", Value(said, "serial 0a1b"), StringComparison.Ordinal);

        byte[] list = Built(Held(), _issuer);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using X509Certificate2 otherKey = Ca(_issuer.Subject, other);
        const string names = "It names another key than its issuer's certificate does";
        Assert.DoesNotContain(names, Inspect(InFile(list), "--issuer", issuer).Said, StringComparison.Ordinal);
        (code, said, _) = Inspect(InFile(Built(Held(), otherKey)), "--issuer", issuer);
        Assert.Equal(0, code);
        Assert.Contains(names, said, StringComparison.Ordinal);

        // No builder writes the reason that only a delta list may have: certificateHold, 6, becomes removeFromCRL, 8.
        list[list.AsSpan().IndexOf((ReadOnlySpan<byte>)[0x04, 0x03, 0x0A, 0x01, 0x06]) + 4] = 8;
        (code, said, _) = Inspect(InFile(list), "--serial", "0a1b");
        Assert.Equal(0, code);
        Assert.StartsWith("on it, and NOT REVOKED: ", Value(said, "serial 0a1b"), StringComparison.Ordinal);
        Assert.Contains("removeFromCRL stands on it once", said, StringComparison.Ordinal);
        Assert.DoesNotContain("more than once", said, StringComparison.Ordinal);
    }

    [Fact]
    public void An_issuer_that_is_no_CA_is_remarked()
    {
        const string Remark = "The certificate that is given as its issuer's is no CA's";
        string crl = InFile(Ours(7, Entry("0a1b", RevocationReason.KeyCompromise)));
        using X509Certificate2 leaf = new CertificateRequest(_issuer.SubjectName, _key, HashAlgorithmName.SHA384)
            .CreateSelfSigned(Now.AddYears(-1), Now.AddYears(10));

        (int code, string? said, _) = Inspect(crl, "--issuer", InFile(leaf.ExportCertificatePem()));
        Assert.Equal(0, code);
        Assert.Contains(Remark, said, StringComparison.Ordinal);
        Assert.DoesNotContain(Remark, Inspect(crl, "--issuer", InFile(_issuer.ExportCertificatePem())).Said, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_of_another_kind_is_not_said_to_have_signed_wrongly()
    {
        using var rsa = RSA.Create(2048);
        using X509Certificate2 other = new CertificateRequest(_issuer.SubjectName, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(Now.AddYears(-1), Now.AddYears(10));
        (int code, string? said, string? errors) = Inspect(InFile(Ours(7, Entry("0a1b", RevocationReason.KeyCompromise))),
            "--issuer", InFile(other.RawData));
        Assert.Equal(1, code);
        Assert.Contains("CRL-19", said + errors, StringComparison.Ordinal);
        Assert.Contains("ecdsa-with-SHA384 does not belong to the issuer's key", said + errors, StringComparison.Ordinal);
    }

    private static CertificateRevocationListBuilder Held()
    {
        var builder = new CertificateRevocationListBuilder();
        builder.AddEntry([0x0A, 0x1B], Now.AddDays(-1), X509RevocationReason.CertificateHold);
        return builder;
    }

    /// <param name="named">Whose key it names; <see cref="_key"/> signs it.</param>
    private byte[] Built(CertificateRevocationListBuilder builder, X509Certificate2 named) => builder.Build(_issuer.SubjectName,
        X509SignatureGenerator.CreateForECDsa(_key), 3, Now.AddDays(30), HashAlgorithmName.SHA384,
        X509AuthorityKeyIdentifierExtension.CreateFromCertificate(named, includeKeyIdentifier: true, includeIssuerAndSerial: false), Now);

    [Fact]
    public void A_serial_is_said_to_be_on_it_or_not()
    {
        string crl = InFile(Ours(7, Entry("0a1b", RevocationReason.KeyCompromise)));

        Assert.Equal("REVOKED: 0a1b, 2026-10-01 00:00:00 UTC, keyCompromise", Value(Inspect(crl, "--serial", "0A:1B").Said, "serial 0a1b"));
        Assert.Equal("is not on it", Value(Inspect(crl, "--serial", "0a1c").Said, "serial 0a1c"));
        foreach (string printed in new[] { "0x0A1B", "serial=0A1B" })
            Assert.StartsWith("REVOKED: 0a1b", Value(Inspect(crl, "--serial", printed).Said, "serial 0a1b"), StringComparison.Ordinal);
        // 2587 is 0x0a1b.
        Assert.StartsWith("REVOKED: 0a1b", Value(Inspect(crl, "--serial", "2587").Said, "serial 0a1b (read as decimal)"),
            StringComparison.Ordinal);
        Assert.Equal("is not on it", Value(Inspect(crl, "--serial", "2587").Said, "serial 2587 (read as hex)"));
        Assert.StartsWith("REVOKE-01", Inspect(crl, "--serial", "device 5").Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_issuer_or_another_key_of_the_same_name_is_refused()
    {
        string crl = InFile(Ours(7, Entry("0a1b", RevocationReason.KeyCompromise)));
        using var otherKey = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using X509Certificate2 otherName = Ca("CN=Somebody Else", otherKey);
        using X509Certificate2 sameName = Ca(_issuer.Subject, otherKey);

        AssertRefused("CRL-05", Inspect(crl, "--issuer", InFile(otherName.RawData)));
        AssertRefused("CRL-19", Inspect(crl, "--issuer", InFile(sameName.RawData)));
        AssertRefused("REQ-02", Inspect(crl, "--issuer", crl));
    }

    [Fact]
    public void An_issuer_that_reads_alike_and_is_encoded_in_another_way_is_called_that()
    {
        string crl = InFile(Ours(7, Entry("0a1b", RevocationReason.KeyCompromise)));
        // In the order that the name is read from its end; these are UTF8String where the issuer has PrintableString.
        var name = new X500DistinguishedNameBuilder();
        name.AddCommonName("Example CRL Issuer");
        name.AddOrganizationName("Example");
        name.AddCountryOrRegion("DE");
        using X509Certificate2 readsAlike = Ca(name.Build(), _key);

        (int Code, string Said, string Errors) answer = Inspect(crl, "--issuer", InFile(readsAlike.RawData));
        AssertRefused("CRL-05", answer);
        Assert.Contains("which reads alike and is encoded in another way", answer.Errors.ReplaceLineEndings(" "), StringComparison.Ordinal);
        Assert.Contains("Have the CA write its name in its lists as it stands in its certificate", OneLine(answer.Errors),
            StringComparison.Ordinal);
        using X509Certificate2 capitals = Ca("CN=EXAMPLE CRL ISSUER, O=Example, C=DE", _key);
        Assert.Contains("the same but for the case of letters or blanks. The signature verifies",
            OneLine(Inspect(crl, "--issuer", InFile(capitals.RawData)).Errors), StringComparison.Ordinal);
        using X509Certificate2 other = Ca(new X500DistinguishedName("CN=Somebody Else"), _key);
        Assert.DoesNotContain("reads alike", Inspect(crl, "--issuer", InFile(other.RawData)).Errors, StringComparison.Ordinal);
    }

    /// <summary>authorityKeyIdentifier with issuer and serial number, as "issuer:always" makes openssl write it.</summary>
    [Fact]
    public void A_list_that_names_its_issuer_by_serial_number_is_told_when_that_is_another()
    {
        string issuer = InFile(_issuer.ExportCertificatePem());
        (byte[] Serial, bool IsAnother)[] lists = [(_issuer.SerialNumberBytes.ToArray(), false), ([0x55, 0x01], true)];
        foreach ((byte[] serial, bool isAnother) in lists)
        {
            byte[] crl = new CertificateRevocationListBuilder().Build(_issuer.SubjectName,
                X509SignatureGenerator.CreateForECDsa(_key), 1, Now.AddDays(30), HashAlgorithmName.SHA384,
                X509AuthorityKeyIdentifierExtension.CreateFromIssuerNameAndSerialNumber(_issuer.IssuerName, serial), Now);
            string text = OneLine(Inspect(InFile(crl), "--issuer", issuer).Said);
            Assert.Equal(isAnother, text.Contains("means another than this one", StringComparison.Ordinal));
        }
        using var otherKey = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        byte[] rolledOver = new CertificateRevocationListBuilder().Build(_issuer.SubjectName,
            X509SignatureGenerator.CreateForECDsa(otherKey), 1, Now.AddDays(30), HashAlgorithmName.SHA384,
            X509AuthorityKeyIdentifierExtension.CreateFromIssuerNameAndSerialNumber(_issuer.IssuerName, [0x55, 0x01]), Now);
        Assert.Contains("it names another key of a CA with the same name",
            OneLine(Inspect(InFile(rolledOver), "--issuer", issuer).Errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(X509KeyUsageFlags.KeyCertSign, "CRL-09")]
    [InlineData(X509KeyUsageFlags.CrlSign, null)]
    [InlineData(null, null)]
    public void A_list_of_a_key_that_may_sign_none_is_refused_though_its_signature_verifies(X509KeyUsageFlags? usage, string? rule)
    {
        string crl = InFile(Ours(7, Entry("0a1b", RevocationReason.KeyCompromise)));
        var request = new CertificateRequest(new X500DistinguishedName(_issuer.SubjectName), _key, HashAlgorithmName.SHA384);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, critical: true));
        if (usage is { } flags)
            request.CertificateExtensions.Add(new X509KeyUsageExtension(flags, critical: true));
        using X509Certificate2 issuer = request.CreateSelfSigned(Now.AddYears(-1), Now.AddYears(10));

        (int Code, string Said, string Errors) answer = Inspect(crl, "--issuer", InFile(issuer.RawData));
        if (rule is null)
            Assert.Equal("verifies under the issuer's key", Value(answer.Said, "signature"));
        else
            AssertRefused(rule, answer);
    }

    [Fact]
    public void The_difference_to_another_list_is_told()
    {
        string earlier = InFile(Ours(7, Entry("01", RevocationReason.KeyCompromise), Entry("02", RevocationReason.CertificateHold)));
        string later = InFile(Ours(8, Entry("02", RevocationReason.KeyCompromise), Entry("03", RevocationReason.Superseded)));

        (int code, string? said, string _) = Inspect(later, "--against", earlier);

        Assert.Equal(0, code);
        Assert.StartsWith("number 7,", Value(said, "compared with"), StringComparison.Ordinal);
        Assert.Equal(("1", "1", "1", "0"),
            (Value(said, "only here"), Value(said, "only in the other"), Value(said, "changed"), Value(said, "the same")));
        Assert.StartsWith("03,", Value(said, "+"), StringComparison.Ordinal);
        Assert.StartsWith("01,", Value(said, "-"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_of_another_tool_in_PEM_is_shown()
    {
        var builder = new CertificateRevocationListBuilder();
        builder.AddEntry([0x0A, 0x1B], Now.AddDays(-1), X509RevocationReason.CessationOfOperation);
        byte[] der = builder.Build(_issuer, 3, Now.AddDays(30), HashAlgorithmName.SHA384, thisUpdate: Now);

        (int code, string? said, string _) = Inspect(InFile(PemEncoding.WriteString("X509 CRL", der)), "--issuer", InFile(_issuer.RawData));

        Assert.Equal(0, code);
        Assert.Equal("1", Value(said, "reason cessationOfOperation"));
        Assert.Equal("verifies under the issuer's key", Value(said, "signature"));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(der)), Value(said, "SHA-256"));
    }

    [Fact]
    public void What_is_no_list_is_refused()
    {
        byte[] crl = Ours(7, Entry("0a1b", RevocationReason.KeyCompromise));

        AssertRefused("CRL-01", Inspect(InFile("rubbish")));
        AssertRefused("CRL-01", Inspect(InFile(Array.Empty<byte>())));
        AssertRefused("CRL-01", Inspect(InFile(crl[..^1])));
        AssertRefused("CRL-01", Inspect(InFile([.. crl, 0])));
        AssertRefused("CRL-01", Inspect(InFile(_issuer.ExportCertificatePem())));
        AssertRefused("CRL-01", Inspect(_folder));
        AssertRefused("CRL-01", Inspect(Path.Combine(_folder, "not-there.crl")));
        AssertRefused("CRL-01", Inspect(InFile(crl), "--against", _folder));
    }

    private static string OneLine(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static void AssertRefused(string rule, (int Code, string Said, string Errors) answer)
    {
        Assert.Equal(1, answer.Code);
        Assert.StartsWith(rule, answer.Errors, StringComparison.Ordinal);
    }

    private static string? Value(string said, string label) =>
        said.Split('\n')
            .FirstOrDefault(line => line.StartsWith(label.PadRight(LabelWidth), StringComparison.Ordinal))?[LabelWidth..].TrimEnd();

    private static Revocation Entry(string serial, RevocationReason reason) =>
        new(RevokedSerial.TryParse(serial, out RevokedSerial parsed) ? parsed : throw new ArgumentException(serial),
            new DateTimeOffset(2026, 10, 1, 0, 0, 0, TimeSpan.Zero), reason);

    /// <summary>Whose certificate was not valid when the list was made did not sign it in order; whose ran out since is told.</summary>
    [Theory]
    [InlineData(-9, -2, "CRL-03")]
    [InlineData(2, 9, "CRL-03")]
    [InlineData(-9, 1, null)]
    public void The_day_of_the_issuer_s_certificate_is_asked(int from, int to, string? rule)
    {
        string crl = InFile(Ours(7, Entry("0a1b", RevocationReason.KeyCompromise)));
        using X509Certificate2 issuer = Ca(_issuer.SubjectName, _key, from, to);
        (int Code, string Said, string Errors) answer = Inspect(crl, "--issuer", InFile(issuer.RawData));
        if (rule is not null)
        {
            AssertRefused(rule, answer);
            return;
        }
        Assert.Equal((0, ""), (answer.Code, answer.Errors));
        using X509Certificate2 old = Ca(_issuer.SubjectName, _key, -9, 0);
        Assert.StartsWith("RAN OUT on 2026-11-01", Value(Inspect(crl, "--issuer", InFile(old.RawData)).Said, "issuer's certificate"),
            StringComparison.Ordinal);
    }

    private static X509Certificate2 Ca(string name, ECDsa key) => Ca(new X500DistinguishedName(name), key);

    private static X509Certificate2 Ca(X500DistinguishedName name, ECDsa key, int from = -1, int to = 10)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA384);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.CrlSign | X509KeyUsageFlags.KeyCertSign,
            critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return request.CreateSelfSigned(Now.AddYears(from), Now.AddYears(to));
    }

    // As the ceremony makes one.
    private byte[] Ours(int number, params Revocation[] entries)
    {
        using var sort = new RevocationSort(() => new MemoryStream());
        foreach (Revocation entry in entries)
            sort.Add(entry);
        using var spool = new MemoryStream();
        Assert.True(CertificateReader.TryReadCertificate(_issuer.RawData, out ParsedCertificate? issuer, out Refusal? refusal),
            refusal?.Message);
        Assert.True(sort.TryFinish(out SortedRevocations? sorted, out refusal), refusal?.Message);
        Assert.True(CrlMerge.TryMerge(SortedRevocations.Empty, null, sorted, [], shard: null, out MergedRevocations? merged, out refusal),
            refusal?.Message);
        var plan = new CrlPlan { Issuer = issuer, Number = number, ThisUpdate = Now, NextUpdate = Now.AddDays(90) };
        Assert.True(CrlWriter.TryPrepare(plan, merged, spool, entriesWritten: null, out PreparedCrl? prepared, out refusal),
            refusal?.Message);
        spool.Position = 0;
        Assert.True(CrlLint.Check(prepared, spool).TryAccept(out LintedCrl? linted, out refusal), refusal?.Message);
        spool.Position = 0;
        using var file = new MemoryStream();
        CrlSigning.Sign(linted, hash => _key.SignHash(hash.Span, DSASignatureFormat.Rfc3279DerSequence)).Assemble(spool, file);
        sorted.Dispose();
        return file.ToArray();
    }

    private string InFile(string text) => InFile(System.Text.Encoding.ASCII.GetBytes(text));

    private string InFile(byte[] bytes)
    {
        string path = Path.Combine(_folder, Path.GetRandomFileName());
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private static (int Code, string Said, string Errors) Inspect(params string[] arguments) =>
        ProgramRun.Of(["crl", "inspect", .. arguments]);
}
