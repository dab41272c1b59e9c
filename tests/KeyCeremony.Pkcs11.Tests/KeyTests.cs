using System.Diagnostics;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace KeyCeremony.Pkcs11.Tests;

[Collection(ModuleCollection.Name)]
[Trait("Needs", "packages")]
public sealed class KeyTests : IClassFixture<SoftHsm>
{
    private static readonly KeyId Id = KeyId.Parse("c0ffee01");
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly SoftHsm hsm;

    public KeyTests(SoftHsm hsm)
    {
        this.hsm = hsm;
        Token = hsm.Module.Tokens().FirstOrDefault(token => token.Label == "keys") ?? hsm.Commission("keys");
    }

    private TokenInfo Token { get; }

    [Theory]
    [InlineData(SignatureScheme.EcdsaSha384, "SHA256")]
    [InlineData(SignatureScheme.EcdsaSha256, "SHA384")]
    public void Another_hash_than_the_generators_own_is_refused(SignatureScheme scheme, string asked)
    {
        using Session session = hsm.OpenUserSession(Token);
        session.GenerateKeyPair(KeyKind.EcP384, "own hash", Id, Lifetime.Session);
        using var generator = new TokenSignatureGenerator(session, Id, scheme);
        var other = new HashAlgorithmName(asked);

        Assert.Throws<ArgumentException>(() => generator.SignData([1, 2, 3], other));
        Assert.Throws<ArgumentException>(() => generator.GetSignatureAlgorithmIdentifier(other));
        Assert.Throws<ArgumentException>(() =>
            new CertificateRequest(new X500DistinguishedName("CN=x"), generator.PublicKey, other)
                .Create(new X500DistinguishedName("CN=x"), generator, Start, Start.AddDays(1), [1]));
    }

    [Theory]
    [InlineData(KeyKind.EcP256, SignatureScheme.EcdsaSha256)]
    [InlineData(KeyKind.EcP384, SignatureScheme.EcdsaSha384)]
    [InlineData(KeyKind.Rsa3072, SignatureScheme.RsaPkcs1Sha256)]
    [InlineData(KeyKind.Rsa4096, SignatureScheme.RsaPkcs1Sha384, SignatureScheme.RsaPkcs1Sha512,
        SignatureScheme.RsaPssSha256, SignatureScheme.RsaPssSha384, SignatureScheme.RsaPssSha512)]
    public void Every_kind_of_key_signs_certificates_that_others_accept(KeyKind kind, params SignatureScheme[] schemes)
    {
        using Session session = hsm.OpenUserSession(Token);
        KeyPair pair = session.GenerateKeyPair(kind, "root", Id, Lifetime.Session);
        KeyAttributes attributes = session.ReadAttributes(pair.PrivateKey);
        Assert.Equal((true, true, true, true), (attributes.Sensitive, attributes.AlwaysSensitive, attributes.Local, attributes.Private));
        Assert.Equal((true, false, false, false),
            (attributes.Extractable, attributes.NeverExtractable, attributes.Decrypt, attributes.Unwrap));

        foreach (SignatureScheme scheme in schemes)
        {
            using var generator = new TokenSignatureGenerator(session, Id, scheme);
            using X509Certificate2 certificate = SelfSigned(generator, scheme);

            Assert.Equal(session.ExportPublicKeyInfo(pair.PublicKey), certificate.PublicKey.ExportSubjectPublicKeyInfo());
            byte[] publicKeyInfo = session.ExportPublicKeyInfo(pair.PublicKey);
            Assert.True(DotNetAccepts(certificate.RawData, scheme, publicKeyInfo));
            byte[] flipped = certificate.RawData;
            flipped[^1] ^= 1;
            Assert.False(DotNetAccepts(flipped, scheme, publicKeyInfo));
            AssertOpenSslAccepts(certificate);
        }
    }

    [Fact]
    public void A_generator_bound_to_another_public_key_gives_no_signature_out()
    {
        using Session session = hsm.OpenUserSession(Token);
        session.GenerateKeyPair(KeyKind.EcP256, "mine", Id, Lifetime.Session);
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var generator = new TokenSignatureGenerator(
            session, Id, SignatureScheme.EcdsaSha256, stranger.ExportSubjectPublicKeyInfo());

        SignatureMismatchException error = Assert.Throws<SignatureMismatchException>(
            () => generator.SignData([1], HashAlgorithmName.SHA256));

        Assert.Equal(Id, error.Id);
        Assert.False(session.IsUsable);
    }

    [Fact]
    public void A_locked_key_stays_locked_and_still_signs()
    {
        using Session session = hsm.OpenUserSession(Token);
        KeyPair pair = session.GenerateKeyPair(KeyKind.EcP256, "locked", Id, Lifetime.Session);

        session.LockNonExtractable(pair.PrivateKey);

        KeyAttributes attributes = session.ReadAttributes(pair.PrivateKey);
        Assert.True(attributes.IsLocked);
        Assert.False(attributes.NeverExtractable);
        using var generator = new TokenSignatureGenerator(session, Id, SignatureScheme.EcdsaSha256);
        Assert.NotEmpty(generator.SignData([1], HashAlgorithmName.SHA256));
    }

    [Fact]
    public void Keys_are_found_by_class_id_and_label_and_two_of_an_id_are_ambiguous()
    {
        using Session session = hsm.OpenUserSession(Token);
        KeyPair first = session.GenerateKeyPair(KeyKind.EcP256, "find-a", KeyId.Parse("aa"), Lifetime.Session);
        session.GenerateKeyPair(KeyKind.EcP256, "find-b", KeyId.Parse("bb"), Lifetime.Session);
        session.GenerateKeyPair(KeyKind.EcP256, "find-b", KeyId.Parse("bb"), Lifetime.Session);

        Assert.Equal(first.PrivateKey, session.GetPrivateKey(KeyId.Parse("aa")));
        Assert.Equal(first.PublicKey, session.GetPublicKey(KeyId.Parse("aa")));
        Assert.Equal(4, session.Find(label: "find-b").Count);
        Assert.Equal(2, Assert.Throws<ObjectNotFoundException>(() => session.GetPrivateKey(KeyId.Parse("bb"))).Matches);
        Assert.Equal(0, Assert.Throws<ObjectNotFoundException>(() => session.GetPrivateKey(KeyId.Parse("cc"))).Matches);
        Assert.True(session.IsUsable);

        StoredObject seen = session.Objects().Single(thing => thing.Handle == first.PrivateKey);
        Assert.True(seen.Is(ObjectClass.PrivateKey));
        Assert.Equal(("find-a", KeyId.Parse("aa"), 3UL, false, true), (seen.Label, seen.Id, seen.KeyType, seen.OnToken, seen.Private));

        session.Destroy(first.PrivateKey);
        Assert.Empty(session.Find(ObjectClass.PrivateKey, KeyId.Parse("aa")));
    }

    [Fact]
    public void Handles_are_found_again_after_a_logout()
    {
        var id = KeyId.Parse("0badcafe");
        using Session session = hsm.OpenUserSession(Token);
        session.GenerateKeyPair(KeyKind.EcP384, "survives", id);
        using var generator = new TokenSignatureGenerator(session, id, SignatureScheme.EcdsaSha384);

        session.Logout();
        Assert.Throws<ObjectNotFoundException>(() => generator.SignData([1], HashAlgorithmName.SHA384));
        session.Login(LoginRole.User, SoftHsm.UserPin);

        Assert.NotEmpty(generator.SignData([1], HashAlgorithmName.SHA384));
    }

    [Fact]
    public void A_public_key_is_recreated_from_its_certificate()
    {
        using Session session = hsm.OpenUserSession(Token);
        using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var rsa = RSA.Create(3072);
        foreach (byte[]? info in new[] { ec.ExportSubjectPublicKeyInfo(), rsa.ExportSubjectPublicKeyInfo() })
        {
            ObjectHandle handle = session.CreatePublicKey(info, "recreated", KeyId.Parse("dd"), Lifetime.Session);
            Assert.Equal(info, session.ExportPublicKeyInfo(handle));
        }

        Assert.Throws<CryptographicException>(() => session.CreatePublicKey([0x30, 0x00], "no key", KeyId.Parse("dd")));
    }

    [Fact]
    public void Randomness_differs_from_call_to_call()
    {
        using Session session = hsm.OpenUserSession(Token);
        byte[] first = new byte[32];
        byte[] second = new byte[32];
        session.GenerateRandom(first);
        session.GenerateRandom(second);
        Assert.NotEqual(first, second);
    }

    private static X509Certificate2 SelfSigned(TokenSignatureGenerator generator, SignatureScheme scheme)
    {
        var name = new X500DistinguishedName("CN=Test Root");
        var request = new CertificateRequest(name, generator.PublicKey, generator.HashAlgorithm,
            scheme.Padding() ?? RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(generator.PublicKey, false));
        return request.Create(name, generator, Start, Start.AddYears(20), [0x01, 0x02, 0x03]);
    }

    /// <summary>
    /// Over the raw bytes. X509Chain would not say it: with the root among its own trusted ones it looks at nothing of the
    /// root's signature, and accepted 993 of 3,312 flipped bits of a P-256 root.
    /// </summary>
    private static bool DotNetAccepts(byte[] certificate, SignatureScheme scheme, byte[] publicKeyInfo)
    {
        AsnReader fields = new AsnReader(certificate, AsnEncodingRules.DER).ReadSequence();
        ReadOnlySpan<byte> toBeSigned = fields.ReadEncodedValue().Span;
        fields.ReadEncodedValue(); // signatureAlgorithm
        byte[] signature = fields.ReadBitString(out _);
        if (scheme.Padding() is { } padding)
        {
            using var rsa = RSA.Create();
            rsa.ImportSubjectPublicKeyInfo(publicKeyInfo, out _);
            return rsa.VerifyData(toBeSigned, signature, scheme.Hash(), padding);
        }

        using var ec = ECDsa.Create();
        ec.ImportSubjectPublicKeyInfo(publicKeyInfo, out _);
        return ec.VerifyData(toBeSigned, signature, scheme.Hash(), DSASignatureFormat.Rfc3279DerSequence);
    }

    private static void AssertOpenSslAccepts(X509Certificate2 certificate)
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, certificate.ExportCertificatePem());
            using Process process = Process.Start(new ProcessStartInfo("openssl",
                ["verify", "-x509_strict", "-check_ss_sig", "-attime",
                    Start.AddDays(1).ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture),
                    "-CAfile", file, file])
            { RedirectStandardOutput = true, RedirectStandardError = true })!;
            string said = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, said);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
