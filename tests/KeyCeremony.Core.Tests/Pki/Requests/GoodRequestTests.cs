using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FsCheck;
using FsCheck.Fluent;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Requests;

namespace KeyCeremony.Core.Tests.Pki.Requests;

/// <summary>What other people's tools make is accepted, and stops being accepted when a byte of it changes.</summary>
[Trait("Needs", "packages")]
public sealed class GoodRequestTests
{
    [Fact]
    public void Requests_of_openssl_are_accepted() => AllAccepted(GoodRequests.ByOpenSsl, (2 * GoodRequests.OpenSslKeys.Length) + 3);

    [Fact]
    public void Requests_of_dotnet_are_accepted() => AllAccepted(GoodRequests.ByDotNet, 9);

    [Fact]
    public void Requests_of_certtool_are_accepted()
    {
        Assert.True(OtherTools.HasCertTool || Environment.GetEnvironmentVariable("CI") != "true",
            "certtool is not installed: apt-get install gnutls-bin");
        if (OtherTools.HasCertTool)
            AllAccepted(GoodRequests.ByCertTool, 6);
    }

    /// <summary>The remedy names openssl's own options: what they make is taken.</summary>
    [Fact]
    public void A_request_with_another_salt_is_made_again_as_its_refusal_says()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("keyceremony-salt-");
        try
        {
            _ = GoodRequests.Run(folder.FullName, "openssl", ["genpkey", "-algorithm", "RSA", "-pkeyopt",
                "rsa_keygen_bits:2048", "-out", "k"]);
            Assert.False(RequestFile.TryRead(Made("-sha256", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:20"),
                out _, out Refusal? refusal));
            Assert.Equal("REQ-11", refusal.Rule);
            const string Recipe = "(openssl req ";
            string remedy = refusal.Remedy[(refusal.Remedy.IndexOf(Recipe, StringComparison.Ordinal) + Recipe.Length)..];
            Assert.True(RequestFile.TryRead(Made(remedy[..remedy.IndexOf(')')].Split(' ')), out _, out refusal), refusal?.ToString());
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        byte[] Made(params string[] options)
        {
            _ = GoodRequests.Run(folder.FullName, "openssl", ["req", "-new", "-key", "k", "-subj", "/CN=Example", .. options, "-out", "r"]);
            return File.ReadAllBytes(Path.Combine(folder.FullName, "r"));
        }
    }

    [Fact]
    public void Everything_asked_for_is_read()
    {
        SigningRequest request = Read(RequestWriter.WithExtensions(
            RequestWriter.Extension(Oids.BasicConstraints, Der.Sequence(Der.True, Der.Integer(3)), critical: true),
            RequestWriter.Extension(Oids.KeyUsage, [0x03, 0x02, 0x01, 0x06], critical: true),
            RequestWriter.Extension(Oids.ExtendedKeyUsage, Der.Sequence(Der.Oid(Oids.CodeSigning))),
            RequestWriter.Extension(Oids.SubjectAlternativeName,
                Der.Sequence(Der.Value(0x82, "ca.example.com"u8.ToArray()), Der.Value(0x87, [192, 0, 2, 1]))),
            RequestWriter.Extension("2.5.29.30", Der.Sequence())).Write());

        Assert.Equal(new BasicConstraints(true, 3), request.Asked.BasicConstraints);
        Assert.Equal(KeyUsages.KeyCertSign | KeyUsages.CrlSign, request.Asked.KeyUsage);
        Assert.Equal([Oids.CodeSigning], request.Asked.ExtendedKeyUsage);
        Assert.Equal(["DNS:ca.example.com", "IP:192.0.2.1"], request.Asked.SubjectAlternativeNames);
        Assert.Equal(["2.5.29.30"], request.Asked.Others.Select(other => other.Oid));
        Assert.Equal("C=DE, O=Example Devices GmbH, CN=Example Factory CA 1", request.Subject.ToString());
        Assert.Equal(KeyAlgorithm.EcP256, request.Key.Algorithm);
        Assert.Contains(request.Describe(), line => line.ToString() == "asked basicConstraints: critical; cA TRUE, path length 3");
    }

    [Fact]
    public void The_hash_shown_is_the_one_of_the_file_as_received()
    {
        byte[] pem = System.Text.Encoding.ASCII.GetBytes(new string(PemEncoding.Write("CERTIFICATE REQUEST", new RequestWriter().Write())));
        SigningRequest request = Read(pem);

        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(pem)), request.Sha256);
        Assert.Equal(32, request.Words.Split(' ').Length);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(request.Key.SubjectPublicKeyInfo.Span)), request.Key.Sha256);
        Assert.True(request.IsPem);
    }

    [Fact]
    public void Line_ends_of_either_kind_and_a_missing_last_one_are_accepted()
    {
        string pem = new string(PemEncoding.Write("CERTIFICATE REQUEST", new RequestWriter().Write()));

        Assert.All(new[] { pem, pem + "\n", pem.Replace("\n", "\r\n", StringComparison.Ordinal),
            pem.Replace("\n", "\r\n", StringComparison.Ordinal) + "\r\n" },
            text => Read(System.Text.Encoding.ASCII.GetBytes(text)));
    }

    [Fact]
    public void A_changed_byte_is_refused()
    {
        foreach (byte[] good in Samples())
        {
            Gen<(int at, int flip)> change = from at in Gen.Choose(0, good.Length - 1) from flip in Gen.Choose(1, 255) select (at, flip);
            Prop.ForAll(change.ToArbitrary(), c =>
            {
                byte[] changed = good.ToArray();
                changed[c.at] ^= (byte)c.flip;
                return HasOtherBlankEnd(changed, good)
                    || (!RequestFile.TryRead(changed, out _, out Refusal? refusal) && refusal is not null);
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));
        }
    }

    [Theory]
    [InlineData(' ')]
    [InlineData('\t')]
    [InlineData('\r')]
    public void Any_white_space_may_stand_for_the_last_line_end(char blank)
    {
        byte[] good = Samples().Single(IsPem), changed = [.. good[..^1], (byte)blank];

        Assert.True(HasOtherBlankEnd(changed, good));
        Assert.Equal(Read(good).Key.Sha256, Read(changed).Key.Sha256);
    }

    [Fact]
    public void A_cut_file_is_refused()
    {
        foreach (byte[] good in Samples())
            for (int length = 0; length < good.Length - (good[^1] == '\n' ? 1 : 0); length++)
                Assert.False(RequestFile.TryRead(good.AsMemory(0, length), out _, out _), $"{length} of {good.Length} bytes are accepted");
    }

    [Fact]
    public void Any_bytes_are_answered_with_a_refusal()
    {
        Gen<byte[]> bytes = Gen.Choose(0, 255).Select(b => (byte)b).ArrayOf();
        Prop.ForAll(bytes.ToArbitrary(), any => !RequestFile.TryRead(any, out _, out _)
            && !RequestFile.TryRead((byte[])[0x30, (byte)Math.Min(any.Length, 127), .. any], out _, out _))
            .QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Bytes_spliced_into_a_request_never_throw()
    {
        byte[] good = new RequestWriter
        {
            Attributes = [RequestWriter.ExtensionRequest(RequestWriter.Extension(Oids.KeyUsage, [0x03, 0x02, 0x01, 0x06]))],
        }.Write();
        Gen<(int at, int drop, byte[] put)> splice = from at in Gen.Choose(0, good.Length)
                                                     from drop in Gen.Choose(0, 8)
                                                     from put in Gen.Choose(0, 255).Select(b => (byte)b).ArrayOf(4)
                                                     select (at, drop, put);
        Prop.ForAll(splice.ToArbitrary(), s =>
        {
            byte[] changed = [.. good[..s.at], .. s.put, .. good.Skip(s.at + s.drop)];
            return RequestFile.TryRead(changed, out _, out Refusal? refusal)
                ? changed.AsSpan().SequenceEqual(good)
                : refusal.Rule.Length > 0;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    private static void AllAccepted(Action<string> make, int expected)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("keyceremony-good-");
        try
        {
            make(folder.FullName);
            var files = folder.GetFiles().Where(file => file.Extension is ".pem" or ".der").ToList();

            Assert.Equal(expected, files.Count);
            Assert.Equal([], files.Select(file => RequestFile.TryRead(File.ReadAllBytes(file.FullName),
                out _, out Refusal? refusal) ? "" : $"{file.Name}: {refusal}").Where(said => said.Length > 0));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static bool IsPem(byte[] file) => file[0] == '-';

    private static bool HasOtherBlankEnd(byte[] changed, byte[] good) =>
        IsPem(good) && changed.AsSpan(..^1).SequenceEqual(good.AsSpan(..^1)) && changed[^1] is (byte)' ' or (byte)'\t' or (byte)'\r';

    private static IEnumerable<byte[]> Samples()
    {
        byte[] der = new RequestWriter
        {
            Attributes = [RequestWriter.ExtensionRequest(RequestWriter.Extension(Oids.KeyUsage, [0x03, 0x02, 0x01, 0x06]))],
        }.Write();
        using var rsa = RSA.Create(2048);
        var byRsa = new CertificateRequest("CN=Example, O=Example", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pss);
        yield return der;
        yield return System.Text.Encoding.ASCII.GetBytes(new string(PemEncoding.Write("CERTIFICATE REQUEST", der)) + "\n");
        yield return byRsa.CreateSigningRequest();
        yield return KeyProofs.Make(ECDsa.Create(ECCurve.NamedCurves.nistP384));
    }

    private static SigningRequest Read(byte[] file) => SigningRequest.TryRead(file, out SigningRequest? request, out Refusal? refusal)
        ? request
        : throw new ArgumentException(refusal.ToString());
}
