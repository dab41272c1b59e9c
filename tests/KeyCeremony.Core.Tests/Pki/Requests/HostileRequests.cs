using System.Security.Cryptography;
using System.Text;
using KeyCeremony.Core.Pki;
using static KeyCeremony.Core.Tests.Pki.Requests.RequestWriter;

namespace KeyCeremony.Core.Tests.Pki.Requests;

/// <summary>
/// One request for each thing that can be wrong with one, as files: the name is the rule that must refuse it and the
/// hazard. Everything but the hazard is sound, the signature included.
/// </summary>
internal static class HostileRequests
{
    private const string Base64Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    private const string Unknown = "1.3.6.1.4.1.99999.7";
    private static readonly ECDsa P256 = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private static readonly RSA Rsa2048 = RSA.Create(2048);
    private static readonly byte[] Good = new RequestWriter().Write();
    private static readonly byte[] NoGeneralName = Der.Oid("2.5.29.17");

    private static readonly Lazy<List<(string Name, byte[] Bytes)>> Made = new(() => [.. All()]);

    public static void WriteTo(string folder)
    {
        foreach ((string? name, byte[]? bytes) in Made.Value)
            File.WriteAllBytes(Path.Combine(folder, name), bytes);
    }

    private static IEnumerable<(string Name, byte[] Bytes)> All() =>
        [.. Files(), .. Pems(), .. Encodings(), .. Outlines(), .. Extensions(), .. Signatures(),
            .. RsaKeys(), .. EcKeys(), .. OtherKeys(), .. Names()];

    private static IEnumerable<(string Name, byte[] Bytes)> Files() =>
    [
        ("REQ-01-empty.der", []),
        ("REQ-01-larger-than-16-KiB.der", [.. Good, .. new byte[16 * 1024]]),
        ("REQ-04-trailing-byte.der", [.. Good, 0x00]),
        ("REQ-04-two-requests.der", [.. Good, .. Good]),
        ("REQ-04-trailing-bytes-in-the-block.pem", Pem([.. Good, 0x00, 0x00])),
        ("REQ-13-private-key.pem", Text(P256.ExportPkcs8PrivateKeyPem())),
        ("REQ-13-private-key-beside-the-request.pem", [.. Text(P256.ExportECPrivateKeyPem() + "\n"), .. Pem(Good)]),
    ];

    private static IEnumerable<(string Name, byte[] Bytes)> Pems()
    {
        string pem = Encoding.ASCII.GetString(Pem(Good));
        int last = pem.IndexOf("\n-----END", StringComparison.Ordinal);
        return
        [
            ("REQ-02-two-blocks.pem", Text(pem + "\n" + pem)),
            ("REQ-02-a-certificate.pem", Text(pem.Replace("CERTIFICATE REQUEST", "CERTIFICATE", StringComparison.Ordinal))),
            ("REQ-02-labels-differ.pem",
                Text(pem.Replace("END CERTIFICATE REQUEST", "END NEW CERTIFICATE REQUEST", StringComparison.Ordinal))),
            ("REQ-02-no-end.pem", Text(pem[..last])),
            ("REQ-02-no-block.pem", Text("Please sign my key. Thank you.")),
            ("REQ-02-base64-alone.pem", Text(Convert.ToBase64String(Good))),
            ("REQ-02-UTF-16.pem", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(pem)]),
            ("REQ-02-carriage-returns-alone.pem", Text(pem.Replace('\n', '\r'))),
            ("REQ-02-no-base64.pem", Text(pem.Replace("\nMI", "\nM!", StringComparison.Ordinal))),
            ("REQ-02-blank-in-base64.pem", Text(pem[..70] + " " + pem[71..])),
            ("REQ-02-left-over-bits.pem", PemOf(LeaveBits())),
        ];
    }

    private static IEnumerable<(string Name, byte[] Bytes)> Encodings()
    {
        byte[] info = new RequestWriter().Info();
        var writer = new RequestWriter();
        byte[] rest = [.. writer.Algorithm, .. Der.Bits(writer.Signer(info))];
        return
        [
            ("REQ-03-not-asn1.der", [0x04, 0x02, 0x01, 0x00]),
            ("REQ-03-cut-off.der", Good[..^1]),
            ("REQ-03-length-not-minimal.der", [0x30, 0x83, 0x00, .. Good[2..]]),
            ("REQ-03-indefinite-length.der", [0x30, 0x80, .. info, .. rest, 0x00, 0x00]),
            ("REQ-03-version-not-minimal.der", new RequestWriter { Version = Der.Integer(0x00, 0x00) }.Write()),
            ("REQ-03-no-attributes-field.der", writer.Write(Der.Sequence(writer.Version, writer.Subject, writer.Spki))),
            ("REQ-03-field-behind-the-attributes.der", new RequestWriter { MoreInfo = Der.Null }.Write()),
            ("REQ-03-field-behind-the-signature.der", Der.Sequence(info, rest, Der.Null)),
            ("REQ-03-signature-not-whole-bytes.der", Der.Sequence(info, writer.Algorithm, Der.Bits(writer.Signer(info), unused: 4))),
            ("REQ-03-attributes-not-in-order.der", new RequestWriter
            {
                Attributes = [Attribute("1.2.840.113549.1.9.2", Der.Utf8("a name that makes it longer")),
                    Attribute(Oids.ExtensionRequest, Der.Sequence())],
            }.Write()),
            ("REQ-03-length-not-minimal-in-an-unread-attribute.der",
                new RequestWriter { Attributes = [Attribute(Unknown, Der.Sequence([0x04, 0x81, 0x01, 0x00]))] }.Write()),
            ("REQ-03-nested-too-deep.der", new RequestWriter { Attributes = [Attribute(Unknown, Nested(20))] }.Write()),
            ("REQ-02-a-certificate.der", Samples.Certificate("root").Der.ToArray()),
            ("REQ-03-17-attributes.der", new RequestWriter
            {
                Attributes = [.. Enumerable.Range(10, 17).Select(n => Attribute($"1.3.6.1.4.1.99999.{n}", Der.Null))],
            }.Write()),
        ];
    }

    private static IEnumerable<(string Name, byte[] Bytes)> Outlines() =>
    [
        ("REQ-05-version-1.der", new RequestWriter { Version = Der.Integer(1) }.Write()),
        ("REQ-05-version-negative.der", new RequestWriter { Version = Der.Integer(0xFF) }.Write()),
        ("REQ-06-attribute-twice.der", new RequestWriter
        {
            Attributes = [ExtensionRequest(), ExtensionRequest(Extension(Oids.KeyUsage, [0x03, 0x02, 0x01, 0x06]))],
        }.Write()),
        ("REQ-06-attribute-with-two-values.der", new RequestWriter
        {
            Attributes = [Attribute(Oids.ExtensionRequest, Der.Sequence(),
                Der.Sequence(Extension(Oids.KeyUsage, [0x03, 0x02, 0x01, 0x06])))],
        }.Write()),
        ("REQ-06-attribute-without-value.der", new RequestWriter { Attributes = [Attribute(Oids.ExtensionRequest)] }.Write()),
        ("REQ-10-challenge-password.der",
            new RequestWriter { Attributes = [Attribute(Oids.ChallengePassword, Der.Utf8("correct horse"))] }.Write()),
    ];

    private static IEnumerable<(string Name, byte[] Bytes)> Extensions()
    {
        byte[] ca = Der.Sequence(Der.True), notCa = Der.Sequence(), signing = [0x03, 0x02, 0x01, 0x06];
        return
        [
            ("REQ-07-extension-twice.der",
                WithExtensions(Extension(Oids.BasicConstraints, notCa), Extension(Oids.BasicConstraints, ca)).Write()),
            ("REQ-07-unknown-extension-twice.der", WithExtensions(Extension(Unknown, Der.Null), Extension(Unknown, Der.Null)).Write()),
            ("REQ-08-boolean-of-01.der", WithExtensions(Extension(Oids.BasicConstraints, Der.Sequence([0x01, 0x01, 0x01]))).Write()),
            ("REQ-08-critical-of-01.der",
                WithExtensions(Der.Sequence(Der.Oid(Oids.KeyUsage), [0x01, 0x01, 0x01], Der.Octets(signing))).Write()),
            ("REQ-08-default-written-out.der",
                WithExtensions(Der.Sequence(Der.Oid(Oids.KeyUsage), [0x01, 0x01, 0x00], Der.Octets(signing))).Write()),
            ("REQ-08-cA-FALSE-written-out.der", WithExtensions(Extension(Oids.BasicConstraints, Der.Sequence([0x01, 0x01, 0x00]))).Write()),
            ("REQ-08-path-length-without-cA.der", WithExtensions(Extension(Oids.BasicConstraints, Der.Sequence(Der.Integer(0)))).Write()),
            ("REQ-08-path-length-negative.der",
                WithExtensions(Extension(Oids.BasicConstraints, Der.Sequence(Der.True, Der.Integer(0xFF)))).Write()),
            ("REQ-08-path-length-of-9-bytes.der",
                WithExtensions(Extension(Oids.BasicConstraints, Der.Sequence(Der.True, Der.Integer(1, 0, 0, 0, 0, 0, 0, 0, 0)))).Write()),
            ("REQ-08-bytes-behind-basicConstraints.der", WithExtensions(Extension(Oids.BasicConstraints, [.. ca, 0x05, 0x00])).Write()),
            ("REQ-08-keyUsage-with-trailing-zeros.der", WithExtensions(Extension(Oids.KeyUsage, [0x03, 0x02, 0x00, 0x06])).Write()),
            ("REQ-08-keyUsage-empty.der", WithExtensions(Extension(Oids.KeyUsage, [0x03, 0x01, 0x00])).Write()),
            ("REQ-08-keyUsage-with-unnamed-bits.der", WithExtensions(Extension(Oids.KeyUsage, [0x03, 0x03, 0x04, 0x06, 0x10])).Write()),
            ("REQ-08-keyUsage-of-40-bits.der",
                WithExtensions(Extension(Oids.KeyUsage, [0x03, 0x06, 0x00, 0x06, 0xFF, 0xFF, 0xFF, 0xFF])).Write()),
            ("REQ-08-extKeyUsage-empty.der", WithExtensions(Extension(Oids.ExtendedKeyUsage, Der.Sequence())).Write()),
            ("REQ-08-extKeyUsage-twice-the-same.der",
                WithExtensions(Extension(Oids.ExtendedKeyUsage, Der.Sequence(Der.Oid(Oids.ServerAuth), Der.Oid(Oids.ServerAuth)))).Write()),
            ("REQ-08-subjectAltName-empty.der", WithExtensions(Extension(Oids.SubjectAlternativeName, Der.Sequence())).Write()),
            ("REQ-08-subjectAltName-not-ASCII.der",
                WithExtensions(Extension(Oids.SubjectAlternativeName, Der.Sequence([0x82, 0x02, 0xC3, 0xA9]))).Write()),
            ("REQ-08-subjectAltName-IP-of-5-bytes.der",
                WithExtensions(Extension(Oids.SubjectAlternativeName, Der.Sequence([0x87, 0x05, 1, 2, 3, 4, 5]))).Write()),
            ("REQ-08-subjectAltName-no-GeneralName.der",
                WithExtensions(Extension(Oids.SubjectAlternativeName, Der.Sequence(NoGeneralName))).Write()),
            ("REQ-08-value-not-an-octet-string.der", WithExtensions(Der.Sequence(Der.Oid(Oids.BasicConstraints), ca)).Write()),
            ("REQ-08-33-extensions.der",
                WithExtensions([.. Enumerable.Range(10, 33).Select(n => Extension($"1.3.6.1.4.1.99999.{n}", Der.Null))]).Write()),
            ("REQ-09-unknown-critical-extension.der", WithExtensions(Extension(Unknown, Der.Null, critical: true)).Write()),
            ("REQ-09-critical-nameConstraints.der", WithExtensions(Extension("2.5.29.30", Der.Sequence(), critical: true)).Write()),
        ];
    }

    private static IEnumerable<(string Name, byte[] Bytes)> Signatures()
    {
        var writer = new RequestWriter();
        var rsa = new RequestWriter { Spki = Rsa2048.ExportSubjectPublicKeyInfo() };
        byte[] Rsa(string algorithm, byte[] parameters, HashAlgorithmName hash, RSASignaturePadding padding) =>
            (rsa with { Algorithm = Der.Sequence(Der.Oid(algorithm), parameters), Signer = data => Rsa2048.SignData(data, hash, padding) })
                .Write();
        return
        [
            ("REQ-11-ECDSA-with-SHA-1.der", (writer with
            {
                Algorithm = Der.Sequence(Der.Oid("1.2.840.10045.4.1")),
                Signer = data => P256.SignData(data, HashAlgorithmName.SHA1, DSASignatureFormat.Rfc3279DerSequence),
                Spki = P256.ExportSubjectPublicKeyInfo(),
            }).Write()),
            ("REQ-11-RSA-with-SHA-1.der", Rsa("1.2.840.113549.1.1.5", Der.Null, HashAlgorithmName.SHA1, RSASignaturePadding.Pkcs1)),
            ("REQ-11-RSA-with-MD5.der", Rsa("1.2.840.113549.1.1.4", Der.Null, HashAlgorithmName.MD5, RSASignaturePadding.Pkcs1)),
            ("REQ-11-PSS-with-SHA-1.der", Rsa("1.2.840.113549.1.1.10", Der.Sequence(), HashAlgorithmName.SHA1, RSASignaturePadding.Pss)),
            ("REQ-11-RSA-without-NULL.der", Rsa("1.2.840.113549.1.1.11", [], HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)),
            ("REQ-11-ECDSA-with-NULL.der", (writer with { Algorithm = Der.Sequence(Der.Oid(Oids.EcdsaWithSha256), Der.Null) }).Write()),
            ("REQ-11-Ed25519.der", (writer with { Algorithm = Der.Sequence(Der.Oid("1.3.101.112")) }).Write()),
            ("REQ-11-RSA-algorithm-for-an-EC-key.der",
                (writer with { Algorithm = KeyAlgorithm.Rsa3072.SignatureAlgorithmIdentifier() }).Write()),
            ("REQ-12-signed-by-another-key.der", (writer with { Spki = P256.ExportSubjectPublicKeyInfo() }).Write()),
            ("REQ-11-signed-with-another-hash.der",
                (writer with { Algorithm = KeyAlgorithm.EcP384.SignatureAlgorithmIdentifier() }).Write()),
            ("REQ-12-name-changed-after-signing.der", Der.Sequence(Named("Somebody Else").Info(),
                writer.Algorithm, Der.Bits(writer.Signer(writer.Info())))),
            ("REQ-12-signature-empty.der", (writer with { Signer = _ => [] }).Write()),
            ("REQ-12-signature-of-zeros.der", (writer with { Signer = _ => Der.Sequence(Der.Integer(0), Der.Integer(0)) }).Write()),
            ("REQ-12-signature-with-a-byte-behind.der", (writer with { Signer = data => [.. writer.Signer(data), 0x00] }).Write()),
            ("REQ-12-RSA-signature-of-zeros.der",
                (rsa with { Algorithm = KeyAlgorithm.Rsa3072.SignatureAlgorithmIdentifier(), Signer = _ => new byte[256] }).Write()),
            ("REQ-11-RSA-signed-with-another-hash.der", Rsa("1.2.840.113549.1.1.11", Der.Null,
                HashAlgorithmName.SHA384, RSASignaturePadding.Pkcs1)),
        ];
    }

    private static IEnumerable<(string Name, byte[] Bytes)> RsaKeys()
    {
        var sound = WeakRsa.OfSize(2048);
        byte[] identifier = Der.Sequence(Der.Oid(Oids.RsaEncryption), Der.Null);
        RequestWriter Keyed(byte[] spki) => With(sound) with { Spki = spki };
        return
        [
            ("PUBKEY-01-RSA-without-NULL.der",
                Keyed(Der.Sequence(Der.Sequence(Der.Oid(Oids.RsaEncryption)), Der.Bits(sound.PublicKey))).Write()),
            ("PUBKEY-01-bytes-behind-the-RSA-key.der", Keyed(Der.Sequence(identifier, Der.Bits([.. sound.PublicKey, 0x00]))).Write()),
            ("PUBKEY-01-modulus-not-minimal.der", Keyed(Der.Sequence(identifier, Der.Bits(Der.Sequence(
                Der.Integer([0, 0, .. sound.Modulus.ToByteArray(isUnsigned: true, isBigEndian: true)]), Der.Integer(1, 0, 1))))).Write()),
            ("PUBKEY-01-key-not-whole-bytes.der", Keyed(Der.Sequence(identifier, Der.Bits(sound.PublicKey, unused: 1))).Write()),
            ("PUBKEY-01-longer-than-2-KiB.der", Keyed(Der.Sequence(identifier, Der.Bits(new byte[3000]))).Write()),
            ("PUBKEY-03-modulus-negative.der", Keyed(Der.Sequence(identifier, Der.Bits(
                Der.Sequence(Der.Integer(sound.Modulus.ToByteArray(isUnsigned: true, isBigEndian: true)), Der.Integer(1, 0, 1))))).Write()),
            ("PUBKEY-03-RSA-512.der", With(WeakRsa.OfSize(512)).Write()),
            ("PUBKEY-03-RSA-1024.der", With(WeakRsa.OfSize(1024)).Write()),
            ("PUBKEY-03-RSA-2047.der", With(WeakRsa.OfSize(2047)).Write()),
            ("PUBKEY-03-RSA-2052.der", With(WeakRsa.OfSize(2052)).Write()),
            ("PUBKEY-03-RSA-16000.der", Keyed(Der.Sequence(identifier,
                Der.Bits(Der.Sequence(Der.Integer([0, .. Enumerable.Repeat((byte)0xFF, 1100)]), Der.Integer(1, 0, 1))))).Write()),
            ("PUBKEY-04-exponent-1.der", Keyed(Der.Sequence(identifier,
                Der.Bits(Der.Sequence(Der.Integer(sound.Modulus.ToByteArray(isBigEndian: true)), Der.Integer(1))))).Write()),
            ("PUBKEY-04-exponent-3.der", With(WeakRsa.OfSize(2048, exponent: 3)).Write()),
            ("PUBKEY-04-exponent-of-100-bytes.der",
                Keyed(Der.Sequence(identifier, Der.Bits(Der.Sequence(Der.Integer(sound.Modulus.ToByteArray(isBigEndian: true)),
                    Der.Integer([.. Enumerable.Repeat((byte)0x71, 100)]))))).Write()),
            ("PUBKEY-05-modulus-even.der", With(WeakRsa.WithFactor(2)).Write()),
            ("PUBKEY-05-factor-3.der", With(WeakRsa.WithFactor(3)).Write()),
            ("PUBKEY-05-factor-751.der", With(WeakRsa.WithFactor(751)).Write()),
            ("PUBKEY-06-ROCA.der", With(WeakRsa.Roca()).Write()),
            ("PUBKEY-07-close-primes.der", With(WeakRsa.WithClosePrimes()).Write()),
            ("PUBKEY-11-modulus-prime.der", With(WeakRsa.OfOnePrime()).Write()),
            ("PUBKEY-11-modulus-a-cube.der", With(WeakRsa.OfCube()).Write()),
        ];
    }

    private static IEnumerable<(string Name, byte[] Bytes)> EcKeys()
    {
        ECPoint q = P256.ExportParameters(includePrivateParameters: false).Q;
        byte[] x = q.X!, y = q.Y!, prime = Convert.FromHexString("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
        RequestWriter Point(params byte[] point) =>
            With(P256) with { Spki = Der.Sequence(Der.Sequence(Der.Oid(Oids.EcPublicKey), Der.Oid(Oids.EcP256)), Der.Bits(point)) };
        return
        [
            ("PUBKEY-01-bytes-behind-the-curve.der", (With(P256) with
            {
                Spki = Der.Sequence(Der.Sequence(Der.Oid(Oids.EcPublicKey), Der.Oid(Oids.EcP256), Der.Null), Der.Bits([4, .. x, .. y])),
            }).Write()),
            ("PUBKEY-08-secp256k1.der", With(ECDsa.Create(ECCurve.CreateFromValue("1.3.132.0.10"))).Write()),
            ("PUBKEY-08-brainpoolP256r1.der", With(ECDsa.Create(ECCurve.CreateFromValue("1.3.36.3.3.2.8.1.1.7"))).Write()),
            ("PUBKEY-08-P-224.der", With(ECDsa.Create(ECCurve.CreateFromValue("1.3.132.0.33"))).Write()),
            ("PUBKEY-08-explicit-parameters.der", With(Explicit()).Write()),
            ("PUBKEY-08-implicit-curve.der", (With(P256) with
            {
                Spki = Der.Sequence(Der.Sequence(Der.Oid(Oids.EcPublicKey), Der.Null), Der.Bits([4, .. x, .. y])),
            }).Write()),
            ("PUBKEY-08-no-curve.der",
                (With(P256) with { Spki = Der.Sequence(Der.Sequence(Der.Oid(Oids.EcPublicKey)), Der.Bits([4, .. x, .. y])) }).Write()),
            ("PUBKEY-09-compressed.der", Point([(byte)(2 + (y[^1] & 1)), .. x]).Write()),
            ("PUBKEY-09-hybrid.der", Point([(byte)(6 + (y[^1] & 1)), .. x, .. y]).Write()),
            ("PUBKEY-09-point-cut-off.der", Point([4, .. x, .. y[1..]]).Write()),
            ("PUBKEY-09-point-of-another-curve.der", (With(P256) with
            {
                Spki = Der.Sequence(Der.Sequence(Der.Oid(Oids.EcPublicKey), Der.Oid(Oids.EcP384)), Der.Bits([4, .. x, .. y])),
            }).Write()),
            ("PUBKEY-09-point-empty.der", Point().Write()),
            ("PUBKEY-10-infinity.der", Point(0).Write()),
            ("PUBKEY-10-point-of-zeros.der", Point([4, .. new byte[64]]).Write()),
            ("PUBKEY-10-off-the-curve.der", Point([4, .. x, .. y[..^1], (byte)(y[^1] ^ 1)]).Write()),
            ("PUBKEY-10-coordinate-not-under-the-prime.der", Point([4, .. prime, .. y]).Write()),
        ];
    }

    private static IEnumerable<(string Name, byte[] Bytes)> OtherKeys()
    {
        RequestWriter Keyed(string oid, int bytes) => new() { Spki = Der.Sequence(Der.Sequence(Der.Oid(oid)), Der.Bits(new byte[bytes])) };
        return
        [
            ("PUBKEY-01-no-key.der", new RequestWriter { Spki = Der.Sequence() }.Write()),
            ("PUBKEY-02-Ed25519.der", Keyed("1.3.101.112", 32).Write()),
            ("PUBKEY-02-X25519.der", Keyed("1.3.101.110", 32).Write()),
            ("PUBKEY-02-DSA.der", Keyed("1.2.840.10040.4.1", 128).Write()),
            ("PUBKEY-02-RSA-PSS-only-key.der", Keyed("1.2.840.113549.1.1.10", 270).Write()),
            ("PUBKEY-02-HashML-DSA.der", Keyed("2.16.840.1.101.3.4.3.33", 1952).Write()),
            ("PUBKEY-12-ML-DSA-65-one-byte-short.der", Keyed("2.16.840.1.101.3.4.3.18", 1951).Write()),
            ("PUBKEY-12-ML-DSA-44-as-65.der", Keyed("2.16.840.1.101.3.4.3.18", 1312).Write()),
            ("PUBKEY-12-SLH-DSA-in-an-OCTET-STRING.der", Keyed("2.16.840.1.101.3.4.3.20", 34).Write()),
            ("PUBKEY-12-ML-DSA-with-NULL.der", new RequestWriter
            {
                Spki = Der.Sequence(Der.Sequence(Der.Oid("2.16.840.1.101.3.4.3.17"), Der.Null), Der.Bits(new byte[1312])),
            }.Write()),
        ];
    }

    /// <summary>Names that we would not write, and that anybody may ask for: only the key is taken.</summary>
    public static IEnumerable<(string Name, byte[] Bytes)> OtherPeoplesNames()
    {
        byte[] cn = CommonName("Example Factory CA 1");
        return
        [
            ("empty-subject", Subject()),
            ("17-attributes",
                Subject([cn, .. Enumerable.Range(0, 16).Select(n => NameAttribute(Oids.OrganizationalUnit, Der.Utf8($"U{n}")))])),
            ("unknown-attribute",
                Subject(cn, NameAttribute("1.2.840.113549.1.9.1", Der.Value(0x16, "a@example.com"u8.ToArray())))),
            ("no-CN", Subject(Organization("Example"))),
            ("two-CN", Subject(cn, CommonName("Somebody Else"))),
            ("two-O", Subject(Organization("Example"), Organization("Somebody Else"), cn)),
            ("country-CHE", Subject(Country("CHE"), cn)),
            ("country-lower-case", Subject(Country("de"), cn)),
            ("blank-at-the-end", Named("Example CA ").Write()),
            ("two-blanks", Named("Example  CA").Write()),
            ("CN-empty", Named("").Write()),
            ("CN-of-65-characters", Named(new string('a', 65)).Write()),
            ("country-as-UTF8String", Subject(NameAttribute(Oids.Country, Der.Utf8("DE")), cn)),
            ("CN-as-BMPString", Subject(Raw(0x1E, 0x00, 0x45))),
            ("CN-as-TeletexString", Subject(Raw(0x14, 0x45))),
            ("CN-as-IA5String", Subject(Raw(0x16, "Example CA"u8.ToArray()))),
            ("Mvid-beside-vid", Subject(CommonName("PAA Mvid:FFF1"), NameAttribute(Oids.MatterVendorId, Der.Utf8("FFF1")))),
            ("vid-lower-case", Subject(cn, NameAttribute(Oids.MatterVendorId, Der.Utf8("fff1")))),
        ];
    }

    private static byte[] Subject(params byte[][] attributes) => new RequestWriter { Subject = Name(attributes) }.Write();

    private static byte[] Raw(byte tag, params byte[] value) => NameAttribute(Oids.CommonName, Der.Value(tag, value));

    private static IEnumerable<(string Name, byte[] Bytes)> Names()
    {
        byte[] cn = CommonName("Example Factory CA 1");
        return
        [
            ("NAME-08-NUL.der", Named("good.example.com\0.evil.example").Write()),
            ("NAME-08-line-feed.der", Named("Example CA\nCN=Somebody Else").Write()),
            ("NAME-08-escape-sequence.der", Named("\u001B[2JExample CA").Write()),
            ("NAME-08-C1.der", Named("Example\u009BCA").Write()),
            ("NAME-09-right-to-left-override.der", Named("Example \u202EAC").Write()),
            ("NAME-09-isolate.der", Named("Example \u2066CA").Write()),
            ("NAME-10-zero-width-space.der", Named("Example\u200BCA").Write()),
            ("NAME-10-soft-hyphen.der", Named("Exam\u00ADple CA").Write()),
            ("NAME-10-no-break-space.der", Named("Example\u00A0CA").Write()),
            ("NAME-10-tag-characters.der", Named("Example CA\U000E0041").Write()),
            ("NAME-11-combining-accent.der", Named("Cafe\u0301 CA").Write()),
            ("NAME-11-angstrom-sign.der", Named("\u212Bngstrom CA").Write()),
            ("NAME-12-Cyrillic-homoglyph.der", Named("Ex\u0430mple CA").Write()),
            ("NAME-12-Greek-homoglyph.der", Named("Example \u039FA").Write()),
            ("NAME-13-emoji.der", Named("Example \U0001F512 CA").Write()),
            ("NAME-13-full-width-letters.der", Named("\uFF25xample").Write()),
            ("NAME-17-CN-of-5000-characters.der", Named(new string('a', 5000)).Write()),
            ("NAME-17-invalid-UTF-8.der", Subject(Raw(0x0C, 0x45, 0xC3, 0x28))),
            ("NAME-17-overlong-UTF-8.der", Subject(Raw(0x0C, 0x45, 0xC1, 0x81))),
            ("NAME-17-surrogate-in-UTF-8.der", Subject(Raw(0x0C, 0xED, 0xA0, 0x80))),
            ("NAME-17-NUL-in-PrintableString.der", Subject(Raw(0x13, 0x45, 0x00))),
            ("NAME-17-two-attributes-in-one-set.der",
                new RequestWriter { Subject = Der.Sequence(Der.Set(cn, Organization("Example"))) }.Write()),
            ("NAME-17-no-name.der", new RequestWriter { Subject = Der.Utf8("Example CA") }.Write()),
        ];
    }

    // The curve is P-256, written out in numbers.
    private static ECDsa Explicit()
    {
        ECParameters parameters = P256.ExportExplicitParameters(includePrivateParameters: true);
        return ECDsa.Create(parameters);
    }

    private static byte[] Nested(int depth) => depth == 0 ? Der.Null : Der.Sequence(Nested(depth - 1));

    private static byte[] Pem(byte[] der) => PemOf(Convert.ToBase64String(der));

    private static byte[] PemOf(string base64) =>
        Text($"-----BEGIN CERTIFICATE REQUEST-----\n{string.Join('\n', base64.Chunk(64).Select(line => new string(line)))}\n"
            + "-----END CERTIFICATE REQUEST-----\n");

    /// <summary>The same bytes to a lenient decoder: the last letter before the padding carries bits that say nothing.</summary>
    private static string LeaveBits()
    {
        // ECDSA signatures vary by a byte or two: another request is signed until padding is needed.
        byte[] request = Good;
        while (request.Length % 3 == 0) request = new RequestWriter().Write();
        string base64 = Convert.ToBase64String(request);
        int last = base64.IndexOf('=', StringComparison.Ordinal) - 1;
        return base64[..last] + Base64Letters[Base64Letters.IndexOf(base64[last], StringComparison.Ordinal) + 1] + base64[(last + 1)..];
    }

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);
}
