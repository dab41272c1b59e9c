using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using KeyCeremony.Core.Manifest.Devices;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Tests.Pki.Requests;

namespace KeyCeremony.Core.Tests.Manifest.Devices;

public sealed class DeviceCertificateTests : IDisposable
{
    private static readonly DateTimeOffset Finished = Batches.Started.AddHours(9);

    private readonly Room _room = new();

    public void Dispose() => _room.Dispose();

    [Fact]
    public void A_list_of_certificates_is_the_list_of_their_hashes()
    {
        byte[][] certificates = Enumerable.Range(0, 20).Select(i => _room.Device(i)).ToArray();
        byte[] list = Csv(certificates.Select((der, i) => $"SN-{i},{Convert.ToBase64String(der)}"));
        byte[] hashes = DeviceLists.Csv(certificates.Select((der, i) => $"SN-{i},{Sha256(der)},{SpkiSha256(der)}\n"));

        Assert.Equal(DeviceLists.Tree(hashes).Root.ToArray(), DeviceLists.Tree(list, _room.DeviceIssuer).Root.ToArray());
        Assert.Equal(DeviceLists.Tree(hashes).Root.ToArray(), DeviceLists.Tree(list).Root.ToArray());
    }

    [Fact]
    public void PEM_is_the_same_with_line_feeds_in_JSON_and_with_blanks_in_a_CSV()
    {
        byte[] der = _room.Device(1);
        string pem = PemEncoding.WriteString("CERTIFICATE", der);
        string[] lists =
        [
            Encoding.ASCII.GetString(Csv([$"A,{Convert.ToBase64String(der)}"])),
            Encoding.ASCII.GetString(Csv([$"A,{pem.Replace('\n', ' ')}"])),
            Encoding.ASCII.GetString(Csv([$"\"A\",\"{pem.Replace("\n", "", StringComparison.Ordinal)}\""])),
            JsonSerializer.Serialize(new { serialNo = "A", certificate = pem + "\n" }) + "\n",
            JsonSerializer.Serialize(new { serialNo = "A", certificate = pem.Replace("\n", "\r\n", StringComparison.Ordinal) }) + "\n",
            JsonSerializer.Serialize(new { serialNo = "A", certificate = Convert.ToBase64String(der) }) + "\n",
        ];
        Assert.Single(lists
            .Select(list => Convert.ToHexString(DeviceLists.Tree(Encoding.ASCII.GetBytes(list), _room.DeviceIssuer).Root.Span)).Distinct());
    }

    [Fact]
    public void Hashes_beside_a_certificate_are_compared()
    {
        byte[] der = _room.Device(1);
        string certificate = Convert.ToBase64String(der);
        AssertProblem(null, $"serialNo,certificate,certSha256,spkiSha256\nA,{certificate},{Sha256(der)},{SpkiSha256(der)}\n");
        AssertProblem(null,
            $"spkiSha256,certSha256,certificate,serialNo\n{SpkiSha256(der).ToUpperInvariant()},{Sha256(der)},{certificate},A\n");
        AssertProblem("DEVICE-07", $"serialNo,certSha256,certificate\nA,<x>,{certificate}\n", column: 3);
        AssertProblem("DEVICE-07", $"spkiSha256,serialNo,certificate\n<x>,A,{certificate}\n", column: 1);
        AssertProblem("DEVICE-07", $"spkiSha256,serialNo,certificate\n{Sha256(der)},A,{certificate}\n", column: 1);
    }

    /// <summary>A list of hashes alone: what can be told of them without the certificates is told.</summary>
    [Fact]
    public void Hashes_that_were_written_into_another_field_or_are_the_CAs_are_refused()
    {
        byte[] der = _room.Device(1);
        foreach ((string certificate, string key, int column) in new[]
        {
            (Sha256(der), Sha256(der), 3), (SpkiSha256(der), SpkiSha256(der), 3), (Sha256(_room.Ca), SpkiSha256(der), 3),
            (SpkiSha256(_room.Ca), SpkiSha256(der), 3), (Sha256(der), Sha256(_room.Ca), 4 + Sha256(der).Length),
        })
        {
            byte[] list = DeviceLists.Csv([$"A,{certificate},{key}\n"]);
            DeviceListProblem problem = Assert.Single(DeviceLists.Problems(list, _room.DeviceIssuer).First);
            Assert.Equal((2, column, "DEVICE-20"), (problem.Line, problem.Column, problem.Refusal.Rule));
        }
        Assert.Equal(1, DeviceLists.Tree(DeviceLists.Csv([$"A,{Sha256(der)},{SpkiSha256(der)}\n"]), _room.DeviceIssuer).TreeSize);
    }

    [Fact]
    public void The_same_key_in_two_certificates_is_found()
    {
        byte[] first = _room.Device(1);
        byte[] second = _room.Device(2, key: first);
        AssertProblem("DEVICE-11",
            $"serialNo,certificate\nA,{Convert.ToBase64String(first)}\nB,{Convert.ToBase64String(second)}\n", line: 3);
    }

    /// <summary>RFC 5480 2.2: one point, written whole, compressed, as a hybrid; its curve by name or by its numbers.</summary>
    [Theory]
    [InlineData("nistP256")]
    [InlineData("nistP384")]
    [InlineData("nistP521")]
    public void The_same_key_in_two_certificates_is_found_in_whichever_form_it_is_written(string curve)
    {
        for (int i = 0; i < 8; i++)
        {
            using var key = ECDsa.Create(ECCurve.CreateFromFriendlyName(curve));
            byte[] usual = key.ExportSubjectPublicKeyInfo();
            string[] forms = [.. Forms(key).Select(spki => Convert.ToBase64String(_room.WithKey(spki)))];
            string whole = Convert.ToBase64String(_room.WithKey(usual));
            foreach (string form in forms)
            {
                AssertProblem("DEVICE-11", $"serialNo,certificate\nA,{whole}\nB,{form}\n", line: 3);
                AssertProblem("DEVICE-11", $"serialNo,certificate\nA,{form}\nB,{whole}\n", line: 3);
                // The tree has the hash of the key as its certificate has it.
                AssertProblem(null, $"serialNo,certificate\nA,{form}\n");
            }
            DeviceListProblem problem = Assert.Single(DeviceLists.Problems(Csv([$"A,{whole}", $"B,{forms[0]}"]), _room.DeviceIssuer).First);
            Assert.Contains("which is written in another form than is usual, stands in line 2 already", problem.Refusal.Message,
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Points_that_differ_or_are_none_are_two_keys()
    {
        byte[][] keys = [.. Enumerable.Range(0, 8).Select(_ =>
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            return Forms(key).First();
        })];
        byte[] none = [.. keys[0][..^33], 0x02, .. Enumerable.Repeat((byte)0xFF, 32)];
        byte[] list = Csv(keys.Append(none).Select((spki, i) => $"SN-{i},{Convert.ToBase64String(_room.WithKey(spki))}"));
        Assert.Equal(9, DeviceLists.Tree(list, _room.DeviceIssuer).TreeSize);
    }

    [Fact]
    public void A_key_of_RSA_without_NULL_is_the_same_key()
    {
        using var key = RSA.Create(2048);
        byte[] bare = Der.Sequence(Der.Sequence(Der.Oid(Oids.RsaEncryption)), Der.Bits(key.ExportRSAPublicKey()));
        AssertProblem("DEVICE-11", $"serialNo,certificate\nA,{Convert.ToBase64String(_room.WithKey(key.ExportSubjectPublicKeyInfo()))}\n"
            + $"B,{Convert.ToBase64String(_room.WithKey(bare))}\n", line: 3);
    }

    /// <summary>Compressed, as a hybrid, and with a curve that is given by its numbers.</summary>
    private static IEnumerable<byte[]> Forms(ECDsa key)
    {
        ECParameters named = key.ExportParameters(includePrivateParameters: false), numbers = key.ExportExplicitParameters(false);
        bool isOdd = (named.Q.Y![^1] & 1) == 1;
        AsnReader whole = new AsnReader(key.ExportSubjectPublicKeyInfo(), AsnEncodingRules.DER).ReadSequence();
        byte[] algorithm = whole.ReadEncodedValue().ToArray();
        yield return Der.Sequence(algorithm, Der.Bits([(byte)(isOdd ? 3 : 2), .. named.Q.X!]));
        yield return Der.Sequence(algorithm, Der.Bits([(byte)(isOdd ? 7 : 6), .. named.Q.X!, .. named.Q.Y!]));
        ECCurve curve = numbers.Curve;
        byte[] specified = Der.Sequence(Der.Integer(1), Der.Sequence(Der.Oid("1.2.840.10045.1.1"), Positive(curve.Prime!)),
            Der.Sequence(Der.Octets(curve.A!), Der.Octets(curve.B!)), Der.Octets([4], curve.G.X!, curve.G.Y!),
            Positive(curve.Order!), Positive(curve.Cofactor!));
        yield return Der.Sequence(Der.Sequence(Der.Oid(Oids.EcPublicKey), specified), Der.Bits([4, .. named.Q.X!, .. named.Q.Y!]));
    }

    private static byte[] Positive(byte[] number) => Der.Integer(number[0] < 0x80 ? number : [0, .. number]);

    [Fact]
    public void Two_certificates_with_one_serial_number_of_one_issuer_are_found()
    {
        byte[] serial = [0x12, 0x67];
        string first = Convert.ToBase64String(_room.Device(1, serial: serial));
        string second = Convert.ToBase64String(_room.Device(2, serial: serial));
        AssertProblem("DEVICE-16", $"serialNo,certificate\nA,{first}\nB,{second}\n", line: 3);
        AssertProblem("DEVICE-16", $"{{\"serialNo\":\"A\",\"certificate\":\"{first}\"}}\n"
            + $"{{\"serialNo\":\"B\",\"certificate\":\"{second}\"}}\n");
        // The same certificate twice is the same key twice, and told as that.
        AssertProblem("DEVICE-11", $"serialNo,certificate\nA,{first}\nB,{first}\n", line: 3);
    }

    [Fact]
    public void Two_issuers_may_have_given_one_serial_number()
    {
        using var other = new Room("CN=Another Issuing CA");
        byte[] serial = [0x12, 0x67];
        byte[] list = Csv([$"A,{Convert.ToBase64String(_room.Device(1, serial: serial))}",
            $"B,{Convert.ToBase64String(other.Device(2, serial: serial))}"]);
        Assert.Equal(2, DeviceLists.Tree(list).TreeSize);
    }

    [Fact]
    public void A_certificate_that_the_issuing_CA_did_not_sign_is_refused()
    {
        using var other = new Room(sameNameAs: _room);
        AssertCertificate("DEVICE-08", other.Device(1));
        using var stranger = new Room("CN=Somebody Else");
        AssertCertificate("DEVICE-08", stranger.Device(1));
    }

    [Fact]
    public void A_changed_certificate_is_refused()
    {
        byte[] der = _room.Device(1);
        der[^1] ^= 1;
        AssertCertificate("DEVICE-08", der);
    }

    [Fact]
    public void A_CA_is_no_device() => AssertCertificate("DEVICE-09", _room.Device(1, isCa: true));

    [Theory]
    [InlineData(1, 400, "DEVICE-09")]
    [InlineData(-400, -1, "DEVICE-09")]
    [InlineData(0, 0, null)]
    [InlineData(-400, 400, null)]
    public void A_certificate_is_valid_when_the_batch_was_finished(int fromDays, int toDays, string? rule) =>
        AssertCertificate(rule, _room.Device(1, from: Finished.AddDays(fromDays), to: Finished.AddDays(toDays)));

    [Fact]
    public void A_certificate_without_end_is_taken() =>
        AssertCertificate(null, _room.Device(1, to: new DateTimeOffset(9999, 12, 31, 23, 59, 59, TimeSpan.Zero)));

    [Fact]
    public void Something_behind_the_certificate_is_refused() => AssertCertificate("DEVICE-06", [.. _room.Device(1), 0]);

    [Theory]
    [InlineData("P-384")]
    [InlineData("RSA")]
    public void Issuing_CAs_of_every_kind_verify(string kind)
    {
        using var room = new Room(kind: kind);
        byte[] list = Csv([$"A,{Convert.ToBase64String(room.Device(1))}"]);
        Assert.Equal(1, DeviceLists.Tree(list, room.DeviceIssuer).TreeSize);
        Assert.Equal("DEVICE-08", DeviceLists.Problems(list, _room.DeviceIssuer).Refusal.Rule);
    }

    [Fact]
    public void An_issuing_CA_that_is_none_is_refused()
    {
        Assert.True(CertificateReader.TryReadCertificate(_room.Device(1), out ParsedCertificate? device, out _));
        Assert.False(DeviceIssuer.TryMake(device, Finished, out DeviceIssuer? issuer, out Refusal? refusal));
        Assert.Null(issuer);
        Assert.Equal("BUILD-05", refusal.Rule);
    }

    [Theory]
    [InlineData(-366, "")]
    [InlineData((365 * 9) + 1, "")]
    [InlineData((365 * 9) + 4, "BUILD-05")]
    public void An_issuing_CA_has_not_run_out_when_the_batch_was_finished(int days, string rule)
    {
        Assert.True(CertificateReader.TryReadCertificate(_room.Ca, out ParsedCertificate? ca, out _));
        Assert.Equal(rule, DeviceIssuer.TryMake(ca, Finished.AddDays(days), out _, out Refusal? refusal) ? "" : refusal.Rule);
    }

    [Fact]
    public void An_issuing_CA_with_a_key_of_another_kind_is_refused()
    {
        using var room = new Room(kind: "P-521");
        Assert.Equal("BUILD-05", room.Refused());
    }

    [Theory]
    [InlineData("00", "zero")]
    [InlineData("9267", "negative")]
    [InlineData("112233445566778899aabbccddeeff001122334455", "longer than 20 bytes")]
    public void A_serial_number_that_no_revocation_list_can_name_is_refused(string serial, string what)
    {
        byte[] list = Csv([$"A,{Convert.ToBase64String(_room.WithSerial(Convert.FromHexString(serial)))}"]);
        DeviceListProblem problem = Assert.Single(DeviceLists.Problems(list, _room.DeviceIssuer).First);
        Assert.Equal((2, 3, "DEVICE-19"), (problem.Line, problem.Column, problem.Refusal.Rule));
        Assert.Contains($"serial number {serial} is {what}: no revocation list could name it", problem.Refusal.Message,
            StringComparison.Ordinal);
        // Who reads the list again, without its issuer, computes its tree.
        Assert.Equal(1, DeviceLists.Tree(list).TreeSize);
    }

    [Theory]
    [InlineData("01")]
    [InlineData("7f2233445566778899aabbccddeeff0011223344")]
    [InlineData("00ff")]
    public void A_serial_number_of_1_to_20_bytes_is_taken(string serial) =>
        AssertCertificate(null, _room.WithSerial(Convert.FromHexString(serial)));

    [Fact]
    public void No_device_has_the_issuing_CA_s_own_key()
    {
        AssertCertificate("DEVICE-11", _room.Device(1, key: _room.Ca));
        AssertProblem("DEVICE-11", $"serialNo,certSha256,spkiSha256\nA,<x>,{SpkiSha256(_room.Ca)}\n", column: 68);
        AssertProblem("DEVICE-11", $"{{\"serialNo\":\"A\",\"certSha256\":\"<x>\",\"spkiSha256\":\"{SpkiSha256(_room.Ca)}\"}}\n", line: 1);
    }

    [Fact]
    public void An_issuer_that_reads_like_the_issuing_CA_is_told_from_another_one()
    {
        using var other = new Room(utf8: true);
        byte[] list = Csv([$"A,{Convert.ToBase64String(other.Device(1))}"]);
        Refusal refusal = DeviceLists.Problems(list, _room.DeviceIssuer).First[0].Refusal;
        Assert.Equal("DEVICE-08", refusal.Rule);
        Assert.Contains("reads like the batch's issuing CA and is encoded in another way", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_issuer_in_other_capitals_is_told_from_another_one()
    {
        using var other = new Room("CN=EXAMPLE Issuing CA");
        Refusal refusal = DeviceLists.Problems(Csv([$"A,{Convert.ToBase64String(other.Device(1))}"]), _room.DeviceIssuer).First[0].Refusal;
        Assert.Contains("reads like the batch's issuing CA and is written with other capitals", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>Elements that keep r and s of one length, services that hash a hash: the CA signed, and nothing was changed.</summary>
    [Fact]
    public void A_certificate_that_the_issuing_CA_signed_in_another_way_is_told_so()
    {
        AsnReader outer = new AsnReader(_room.Device(1), AsnEncodingRules.DER).ReadSequence();
        byte[] tbs = outer.ReadEncodedValue().ToArray(), algorithm = outer.ReadEncodedValue().ToArray();
        byte[] twice = Der.Sequence(tbs, algorithm, Der.Bits(_room.Sign(SHA256.HashData(tbs))));
        Refusal refusal = DeviceLists.Problems(Csv([$"A,{Convert.ToBase64String(twice)}"]), _room.DeviceIssuer).First[0].Refusal;
        Assert.Equal("DEVICE-08", refusal.Rule);
        Assert.StartsWith("The signature on this certificate is the issuing CA's, and is over the hash of the hash", refusal.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_private_key_in_the_field_is_called_one()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        foreach (string field in new[] { Convert.ToBase64String(key.ExportPkcs8PrivateKey()),
            Convert.ToBase64String(key.ExportECPrivateKey()),
            key.ExportPkcs8PrivateKeyPem().Replace('\n', ' '), key.ExportECPrivateKeyPem().Replace('\n', ' ') })
        {
            Refusal refusal = DeviceLists.Problems(Csv([$"A,{field}"]), _room.DeviceIssuer).First[0].Refusal;
            Assert.Equal(("DEVICE-06", "The field holds a private key."), (refusal.Rule, refusal.Message));
        }
    }

    private void AssertCertificate(string? rule, byte[] der) =>
        AssertProblem(rule, $"serialNo,certificate\nA,{Convert.ToBase64String(der)}\n", column: 3);

    private void AssertProblem(string? rule, string list, int line = 2, int? column = null)
    {
        if (rule is null)
        {
            DeviceLists.Tree(DeviceLists.Filled(list), _room.DeviceIssuer);
            return;
        }
        DeviceListProblem problem = Assert.Single(DeviceLists.Problems(DeviceLists.Filled(list), _room.DeviceIssuer).First);
        Assert.Equal((line, rule), (problem.Line, problem.Refusal.Rule));
        if (column is not null)
            Assert.Equal(column, problem.Column);
    }

    private static byte[] Csv(IEnumerable<string> rows) =>
        Encoding.ASCII.GetBytes("serialNo,certificate\n" + string.Concat(rows.Select(row => row + "\n")));

    private static string Sha256(byte[] der) => Convert.ToHexStringLower(SHA256.HashData(der));

    private static string SpkiSha256(byte[] der)
    {
        using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(der);
        return Convert.ToHexStringLower(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));
    }

    /// <summary>An issuing CA and the devices it issues to.</summary>
    internal sealed class Room : IDisposable
    {
        private readonly AsymmetricAlgorithm _key;
        private readonly X509Certificate2 _ca;

        public Room(string name = "CN=Example Issuing CA", string kind = "P-256", Room? sameNameAs = null, bool utf8 = false)
        {
            _key = kind switch
            {
                "RSA" => RSA.Create(3072),
                "P-384" => ECDsa.Create(ECCurve.NamedCurves.nistP384),
                "P-521" => ECDsa.Create(ECCurve.NamedCurves.nistP521),
                _ => ECDsa.Create(ECCurve.NamedCurves.nistP256),
            };
            var encoded = new X500DistinguishedNameBuilder();
            encoded.AddCommonName(name[3..]);
            X500DistinguishedName subject = sameNameAs?._ca.SubjectName ?? (utf8 ? encoded.Build() : new X500DistinguishedName(name));
            CertificateRequest request = _key is RSA rsa
                ? new CertificateRequest(subject, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
                : new CertificateRequest(subject, (ECDsa)_key, kind == "P-384" ? HashAlgorithmName.SHA384 : HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, critical: true));
            request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign,
                critical: true));
            _ca = request.CreateSelfSigned(Finished.AddYears(-1), Finished.AddYears(9));
        }

        public byte[] Ca => _ca.RawData;

        public DeviceIssuer DeviceIssuer =>
            TryMake(out DeviceIssuer? issuer, out Refusal? refusal) ? issuer! : throw new InvalidOperationException(refusal!.ToString());

        public static DeviceIssuer Issuer()
        {
            using var room = new Room();
            return room.DeviceIssuer;
        }

        public string Refused() => TryMake(out _, out Refusal? refusal) ? "" : refusal!.Rule;

        /// <param name="key">A certificate whose key this one has too.</param>
        public byte[] Device(int number, bool isCa = false, DateTimeOffset? from = null, DateTimeOffset? to = null, byte[]? key = null,
            byte[]? serial = null)
        {
            using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            if (key is not null)
            {
                using X509Certificate2 other = X509CertificateLoader.LoadCertificate(key);
                own.ImportSubjectPublicKeyInfo(other.PublicKey.ExportSubjectPublicKeyInfo(), out _);
            }
            var request = new CertificateRequest(new X500DistinguishedName($"CN=device {number}"),
                new PublicKey(own), HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isCa, false, 0, critical: true));
            X509SignatureGenerator generator = _key is RSA rsa
                ? X509SignatureGenerator.CreateForRSA(rsa, RSASignaturePadding.Pkcs1)
                : X509SignatureGenerator.CreateForECDsa((ECDsa)_key);
            request = new CertificateRequest(request.SubjectName, request.PublicKey, _ca.SignatureAlgorithm.FriendlyName!.Contains("384",
                StringComparison.Ordinal) ? HashAlgorithmName.SHA384 : HashAlgorithmName.SHA256)
            {
                CertificateExtensions = { request.CertificateExtensions[0] },
            };
            using X509Certificate2 certificate = request.Create(_ca.SubjectName,
                generator, from ?? Finished.AddDays(-1), to ?? Finished.AddYears(20), serial ?? RandomNumberGenerator.GetBytes(8));
            return certificate.RawData;
        }

        public byte[] Sign(byte[] data) =>
            ((ECDsa)_key).SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);

        /// <summary>A device's certificate with this serial number as it stands.</summary>
        public byte[] WithSerial(byte[] serial)
        {
            AsnReader outer = new AsnReader(Device(1), AsnEncodingRules.DER).ReadSequence();
            AsnReader tbs = outer.ReadSequence();
            var parts = new List<byte[]> { tbs.ReadEncodedValue().ToArray(), Der.Integer(serial) };
            _ = tbs.ReadEncodedValue();
            while (tbs.HasData)
                parts.Add(tbs.ReadEncodedValue().ToArray());
            byte[] signed = Der.Sequence([.. parts]);
            return Der.Sequence(signed, outer.ReadEncodedValue().ToArray(),
                Der.Bits(((ECDsa)_key).SignData(signed, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)));
        }

        /// <summary>A certificate with this subjectPublicKeyInfo as it stands.</summary>
        public byte[] WithKey(byte[] spki)
        {
            AsnReader outer = new AsnReader(Device(1), AsnEncodingRules.DER).ReadSequence();
            AsnReader tbs = outer.ReadSequence();
            var parts = new List<byte[]>();
            while (tbs.HasData)
                parts.Add(tbs.ReadEncodedValue().ToArray());
            // version, serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo
            parts[6] = spki;
            byte[] signed = Der.Sequence([.. parts]);
            return Der.Sequence(signed, outer.ReadEncodedValue().ToArray(),
                Der.Bits(((ECDsa)_key).SignData(signed, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)));
        }

        public void Dispose()
        {
            _ca.Dispose();
            _key.Dispose();
        }

        private bool TryMake(out DeviceIssuer? issuer, out Refusal? refusal)
        {
            issuer = null;
            return CertificateReader.TryReadCertificate(_ca.RawData, out ParsedCertificate? ca, out refusal)
                && DeviceIssuer.TryMake(ca, Finished, out issuer, out refusal);
        }
    }
}
