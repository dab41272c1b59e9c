using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using KeyCeremony.App.Bundle;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Requests;
using KeyCeremony.Core.Release;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Security;

namespace KeyCeremony.Verifier.Tests;

/// <summary>
/// A changed bit anywhere is refused; what only one of the two implementations accepts is refused by both together.
/// BouncyCastle's own X509Certificate, X509Crl and CmsSignedData accept some of these: docs/decisions/0018-second-opinion.md.
/// </summary>
public sealed class BouncyCastleOpinionTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 22, 9, 0, 0, TimeSpan.Zero);

    private const int LongestOfEc = 800;

    public static TheoryData<string> Kinds => ["ec-p256", "ec-p384", "rsa-3072"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_flipped_bit_of_a_certificate_is_refused(string kind)
    {
        using AsymmetricAlgorithm key = Key(kind);
        byte[] good = Root(key), spki = key.ExportSubjectPublicKeyInfo();
        Assert.Null(Opinion(good, spki));

        // With the key that is known, and with the one that the flipped certificate brings itself.
        Assert.Equal([], Accepted(good, flipped => Opinion(flipped, spki)));
        Assert.Equal([], Accepted(good, flipped => Opinion(flipped, null)));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_flipped_bit_of_a_list_is_refused(string kind)
    {
        using AsymmetricAlgorithm key = Key(kind);
        byte[] good = List(key, 3), spki = key.ExportSubjectPublicKeyInfo();
        Assert.Null(BouncyCastleOpinion.OfList(new MemoryStream(good), spki));

        Assert.Equal([], Accepted(good, flipped => BouncyCastleOpinion.OfList(new MemoryStream(flipped), spki)));
        Assert.NotNull(BouncyCastleOpinion.OfList(new MemoryStream([.. good, 0]), spki));
        Assert.NotNull(BouncyCastleOpinion.OfList(new MemoryStream(good[..^1]), spki));
        Assert.NotNull(BouncyCastleOpinion.OfList(new MemoryStream([]), spki));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_flipped_bit_of_a_cms_is_refused(string kind)
    {
        using AsymmetricAlgorithm key = Key(kind);
        byte[] der = Root(key), statement = "a statement"u8.ToArray();
        using X509Certificate2 signer = X509CertificateLoader.LoadCertificate(der);
        byte[] good = StatementSigning.Sign(statement, signer, [], hash => Sign(key, hash), Start);
        ParsedCertificate[] path = [Read(der)!];
        Assert.Null(BouncyCastleOpinion.OfCms(statement, good, path));

        Assert.Equal([], Accepted(good, flipped => BouncyCastleOpinion.OfCms(statement, flipped, path)));
        Assert.NotNull(BouncyCastleOpinion.OfCms("a statemenT"u8.ToArray(), good, path));
        Assert.NotNull(BouncyCastleOpinion.OfCms(statement, (byte[])[.. good, 0], path));
        using AsymmetricAlgorithm other = Key(kind);
        Assert.NotNull(BouncyCastleOpinion.OfCms(statement, good, [Read(Root(other))!]));
    }

    /// <summary>
    /// As they are attached to images: detached, with the file inside, with what Authenticode puts in its place, without attributes.
    /// </summary>
    [Theory]
    [InlineData("cms", "ec-p256")]
    [InlineData("rauc-verity", "ec-p256")]
    [InlineData("efi", "ec-p256")]
    [InlineData("efi", "rsa-3072")]
    [InlineData("efi-variable", "ec-p256")]
    [InlineData("efi-variable", "rsa-3072")]
    public void A_flipped_bit_of_an_image_s_cms_is_refused(string format, string kind)
    {
        using AsymmetricAlgorithm key = Key(kind);
        byte[] text = "[update]\n"u8.ToArray(), digest = SHA256.HashData(text);
        ParsedCertificate[] path = [Read(Root(key))!];
        SignedContent content = ReleaseSigning.Content(format, digest, [.. text])!;
        byte[] signature = Sign(key, ReleaseSigning.HashToSign(content, digest, KeyAlgorithm.EcP256, Start));
        byte[] good = SignedDataForm.Write(content, path, Start, signature);
        Assert.Null(BouncyCastleOpinion.OfCms(content, good, path));

        Assert.Equal([], Accepted(good, flipped => BouncyCastleOpinion.OfCms(content, flipped, path)));
        byte[] another = SHA256.HashData("[update] \n"u8);
        Assert.NotNull(BouncyCastleOpinion.OfCms(ReleaseSigning.Content(format, another, [.. text])!, good, path));
        if (format == "rauc-verity")
            // The digest is not the one of what stands inside.
            Assert.NotNull(BouncyCastleOpinion.OfCms(content with { Digest = another },
                SignedDataForm.Write(content with { Digest = another }, path, Start,
                    Sign(key, ReleaseSigning.HashToSign(content with { Digest = another }, another, KeyAlgorithm.EcP256, Start))), path));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_flipped_bit_of_a_signature_its_data_or_its_key_is_refused(string kind)
    {
        using AsymmetricAlgorithm key = Key(kind);
        byte[] data = "data"u8.ToArray(), spki = key.ExportSubjectPublicKeyInfo();
        byte[] signature = Sign(key, CryptographicOperations.HashData(HashFor(key), data));
        Assert.Null(BouncyCastleOpinion.OfSignature(data, signature, spki));

        Assert.Equal([], Accepted(signature, flipped => BouncyCastleOpinion.OfSignature(data, flipped, spki)));
        Assert.Equal([], Accepted(data, flipped => BouncyCastleOpinion.OfSignature(flipped, signature, spki)));
        // Among them the point in its hybrid form, which is the same key to BouncyCastle.
        Assert.Equal([], Accepted(spki, flipped => BouncyCastleOpinion.OfSignature(data, signature, flipped)));
    }

    [Theory]
    [InlineData("ec-p256", null, true)]
    [InlineData("ec-p384", "ec-p384", true)]
    [InlineData("rsa-3072", "rsa-3072", true)]
    [InlineData("rsa-3072", "rsa-4096", false)]
    [InlineData("ec-p256", "ec-p384", false)]
    [InlineData("ec-p521", null, false)]
    [InlineData("rsa-2048", null, false)]
    public void A_key_is_of_the_kind_that_was_said(string kind, string? said, bool holds)
    {
        using AsymmetricAlgorithm key = Key(kind);

        Assert.Equal(holds, BouncyCastleOpinion.OfKey(key.ExportSubjectPublicKeyInfo(), said) is null);
    }

    [Theory]
    [InlineData("ec-p256", "SHA256")]
    [InlineData("ec-p384", "SHA512")]
    [InlineData("ec-p521", "SHA512")]
    [InlineData("rsa-2048", "SHA384")]
    [InlineData("rsa-3072 PSS", "SHA256")]
    [InlineData("rsa-3072 PSS", "SHA512")]
    public void Requests_of_every_kind_are_agreed_upon(string kind, string hash)
    {
        using AsymmetricAlgorithm key = Key(kind.Split(' ')[0]);
        var name = new X500DistinguishedName("CN=Asks");
        CertificateRequest asks = key is ECDsa ec ? new(name, ec, new HashAlgorithmName(hash))
            : new(name, (RSA)key, new HashAlgorithmName(hash), kind.Contains("PSS") ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1);
        Assert.True(RequestFile.TryRead(asks.CreateSigningRequest(), out RequestFile? request, out _));

        Assert.Null(BouncyCastleOpinion.OfRequest(request));
    }

    /// <summary>The reader lets no such request through; the second opinion does not rest on it.</summary>
    [Fact]
    public void An_algorithm_of_another_kind_of_key_has_no_signer()
    {
        using AsymmetricAlgorithm ec = Key("ec-p256"), rsa = Key("rsa-2048");
        AsymmetricKeyParameter point = PublicKeyFactory.CreateKey(ec.ExportSubjectPublicKeyInfo());
        AsymmetricKeyParameter modulus = PublicKeyFactory.CreateKey(rsa.ExportSubjectPublicKeyInfo());
        // ecdsa-with-SHA256, sha256WithRSAEncryption, RSA-PSS with SHA-256, id-ml-dsa-44
        foreach ((string identifier, bool ofPoint, bool ofModulus) in new[]
        {
            ("300a06082a8648ce3d040302", true, false), ("300d06092a864886f70d01010b0500", false, true),
            ("303d06092a864886f70d01010a3030a00d300b0609608648016503040201"
                + "a11a301806092a864886f70d010108300b0609608648016503040201a203020120", false, true),
            ("300b0609608648016503040311", false, false), ("3000", false, false),
        })
        {
            byte[] algorithm = Convert.FromHexString(identifier);
            Assert.Equal((ofPoint, ofModulus),
                (BouncyCastleOpinion.SignerOf(algorithm, point) is not null, BouncyCastleOpinion.SignerOf(algorithm, modulus) is not null));
        }
    }

    [Fact]
    public void A_key_proof_is_agreed_upon()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        byte[] spki = key.ExportSubjectPublicKeyInfo();
        string statement = "KeyCeremony key proof v1\npurpose: idevid-ca\nenvironment: rehearsal\n"
            + $"date: 2026-11-22\nkey-sha256: {Convert.ToHexStringLower(SHA256.HashData(spki))}\n";
        byte[] signature = Sign(key, SHA256.HashData(Encoding.ASCII.GetBytes(statement)));
        string file = $"{statement}{PemEncoding.WriteString("PUBLIC KEY", spki)}\n{PemEncoding.WriteString("SIGNATURE", signature)}\n";
        Assert.True(RequestFile.TryRead(Encoding.ASCII.GetBytes(file), out RequestFile? request, out Core.Refusal? refusal), $"{refusal}");

        Assert.Null(BouncyCastleOpinion.OfRequest(request));
    }

    [Theory]
    [InlineData("ml-dsa-44")]
    [InlineData("ml-dsa-87")]
    public void A_key_proof_of_ML_DSA_is_agreed_upon(string kind)
    {
        Assert.True(KeyAlgorithm.TryParse(kind, out KeyAlgorithm? algorithm));
        using ThrowAwayKey key = algorithm.CreateThrowAway();
        byte[] spki = key.SubjectPublicKeyInfo.ToArray();
        byte[] statement = Encoding.ASCII.GetBytes("KeyCeremony key proof v1\npurpose: idevid-ca\nenvironment: rehearsal\n"
            + $"date: 2026-11-22\nkey-sha256: {Convert.ToHexStringLower(SHA256.HashData(spki))}\n");
        byte[] signature = key.Generator.SignData(statement, default);
        string file = $"{Encoding.ASCII.GetString(statement)}{PemEncoding.WriteString("PUBLIC KEY", spki)}\n"
            + $"{PemEncoding.WriteString("SIGNATURE", signature)}\n";
        Assert.True(RequestFile.TryRead(Encoding.ASCII.GetBytes(file), out RequestFile? request, out Core.Refusal? refusal), $"{refusal}");

        Assert.Null(BouncyCastleOpinion.OfRequest(request));
    }

    /// <summary>Good by every sum of the base library, and anybody divides by three and signs as well.</summary>
    [Fact]
    public void A_root_that_only_the_base_library_accepts_is_refused()
    {
        using var weak = WeakRsa.DivisibleByThree();
        byte[] der = Root(weak), spki = weak.ExportSubjectPublicKeyInfo();

        Assert.True(Read(der)!.IsSignedBy(spki));
        Assert.NotNull(Opinion(der, spki));
        Assert.NotNull(BouncyCastleOpinion.OfKey(spki, "rsa-3072"));
    }

    /// <summary>The settings decide, whatever the environment of the process says: BouncyCastle reads both.</summary>
    [Fact]
    public void No_environment_variable_makes_it_lenient()
    {
        using var weak = WeakRsa.DivisibleByThree();
        byte[] spki = weak.ExportSubjectPublicKeyInfo();
        string name = Org.BouncyCastle.Utilities.Properties.RsaAllowUnsafeModulus;
        Environment.SetEnvironmentVariable(name, "true");
        try
        {
            // What the variable does where nobody says otherwise.
            Assert.NotNull(Org.BouncyCastle.Security.PublicKeyFactory.CreateKey(spki));
            Assert.NotNull(BouncyCastleOpinion.OfKey(spki, null));
        }
        finally
        {
            Environment.SetEnvironmentVariable(name, null);
        }
    }

    /// <summary>RFC 8017 wants the NULL; BouncyCastle lets it be left out, the base library does not. Both must agree.</summary>
    [Fact]
    public void A_certificate_that_only_bouncycastle_accepts_is_refused()
    {
        using var good = RSA.Create(3072);
        using var bare = WeakRsa.Of(good, leavesNullOut: true);
        byte[] der = Root(bare), spki = good.ExportSubjectPublicKeyInfo();

        Assert.False(Read(der)!.IsSignedBy(spki));
        Assert.Null(Opinion(der, spki));
    }

    /// <summary>200,000 entries, above 5 MB: what is allocated for them is a buffer and the key.</summary>
    [Fact]
    public void A_long_list_takes_the_memory_of_a_buffer()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] spki = key.ExportSubjectPublicKeyInfo();
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, List(key, 100_000));
            using FileStream list = File.OpenRead(path);
            Assert.Null(BouncyCastleOpinion.OfList(list, spki));
            long before = GC.GetAllocatedBytesForCurrentThread();

            Assert.Null(BouncyCastleOpinion.OfList(list, spki));

            Assert.True(list.Length > 2_500_000);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>Of every bit of what is short; of what is RSA's, where each answer takes milliseconds, one bit of every byte.</summary>
    private static List<string> Accepted(byte[] good, Func<byte[], string?> opinion)
    {
        var accepted = new List<string>();
        byte[] flipped = [.. good];
        for (int bit = 0; bit < 8 * good.Length; bit += good.Length > LongestOfEc ? 9 : 1)
        {
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            if (opinion(flipped) is null)
                accepted.Add($"byte {bit / 8}, bit {bit % 8}");
            flipped[bit / 8] = good[bit / 8];
        }
        return accepted;
    }

    /// <param name="spki">Null: the certificate's own.</param>
    private static string? Opinion(byte[] der, byte[]? spki) => Read(der) is { } certificate
        ? BouncyCastleOpinion.OfCertificate(certificate, spki ?? certificate.ToBeSigned.SubjectPublicKeyInfo) : "unreadable";

    private static ParsedCertificate? Read(byte[] der) =>
        CertificateReader.TryReadCertificate(der, out ParsedCertificate? certificate, out _) ? certificate : null;

    private static AsymmetricAlgorithm Key(string kind) => kind switch
    {
        "ec-p256" => ECDsa.Create(ECCurve.NamedCurves.nistP256),
        "ec-p384" => ECDsa.Create(ECCurve.NamedCurves.nistP384),
        "ec-p521" => ECDsa.Create(ECCurve.NamedCurves.nistP521),
        _ => RSA.Create(int.Parse(kind["rsa-".Length..], System.Globalization.CultureInfo.InvariantCulture)),
    };

    private static X509SignatureGenerator Generator(AsymmetricAlgorithm key) =>
        key is ECDsa ec ? X509SignatureGenerator.CreateForECDsa(ec)
            : X509SignatureGenerator.CreateForRSA((RSA)key, RSASignaturePadding.Pkcs1);

    private static HashAlgorithmName HashFor(AsymmetricAlgorithm key) =>
        key is ECDsa { KeySize: 384 } ? HashAlgorithmName.SHA384 : HashAlgorithmName.SHA256;

    private static byte[] Sign(AsymmetricAlgorithm key, byte[] hash) =>
        key is ECDsa ec ? ec.SignHash(hash, DSASignatureFormat.Rfc3279DerSequence)
            : ((RSA)key).SignHash(hash, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

    private static byte[] Root(AsymmetricAlgorithm key)
    {
        X509SignatureGenerator generator = Generator(key);
        var request = new CertificateRequest(new X500DistinguishedName("CN=Root"), generator.PublicKey, HashFor(key));
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        using X509Certificate2 certificate = request.Create(request.SubjectName, generator, Start, Start.AddYears(20), [1, 2, 3]);
        return certificate.RawData;
    }

    private static byte[] List(AsymmetricAlgorithm key, int entries)
    {
        var builder = new CertificateRevocationListBuilder();
        for (int i = 1; i <= entries; i++)
            builder.AddEntry([1, (byte)(i / 65536), (byte)(i / 256 % 256), (byte)(i % 256)], Start, X509RevocationReason.KeyCompromise);
        byte[] identifier = new byte[20];
        return builder.Build(new X500DistinguishedName("CN=Root"), Generator(key), 7, Start.AddDays(30), HashFor(key),
            X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(identifier), Start);
    }
}
