using System.Security.Cryptography;
using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Tests.Pki.Requests;

/// <summary>A PKCS #10 request, sound until a part of it is replaced. Every part is bytes; the signature holds whatever they are.</summary>
internal sealed record RequestWriter
{
    private static readonly ECDsa OwnKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public byte[] Version { get; init; } = Der.Integer(0);

    public byte[] Subject { get; init; } = Name(Country("DE"), Organization("Example Devices GmbH"), CommonName("Example Factory CA 1"));

    public byte[] Spki { get; init; } = OwnKey.ExportSubjectPublicKeyInfo();

    /// <summary>Each a whole Attribute.</summary>
    public byte[][] Attributes { get; init; } = [];

    public byte[] Algorithm { get; init; } = KeyAlgorithm.EcP256.SignatureAlgorithmIdentifier();

    public Func<byte[], byte[]> Signer { get; init; } = data => OwnKey.SignData(data,
        HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);

    /// <summary>Behind the attributes, inside what is signed.</summary>
    public byte[] MoreInfo { get; init; } = [];

    public static RequestWriter With(WeakRsa key) => new()
    {
        Spki = key.SubjectPublicKeyInfo,
        Algorithm = KeyAlgorithm.Rsa3072.SignatureAlgorithmIdentifier(),
        Signer = key.Sign,
    };

    public static RequestWriter With(ECDsa key) => new()
    {
        Spki = key.ExportSubjectPublicKeyInfo(),
        Signer = data => key.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence),
    };

    public static RequestWriter WithExtensions(params byte[][] extensions) => new() { Attributes = [ExtensionRequest(extensions)] };

    public static byte[] ExtensionRequest(params byte[][] extensions) => Attribute(Oids.ExtensionRequest, Der.Sequence(extensions));

    public static byte[] Attribute(string oid, params byte[][] values) => Der.Sequence(Der.Oid(oid), Der.Set(values));

    public static byte[] Extension(string oid, byte[] value, bool critical = false) =>
        Der.Sequence(Der.Oid(oid), critical ? Der.True : [], Der.Octets(value));

    public static byte[] Name(params byte[][] attributes) => Der.Sequence([.. attributes.Select(attribute => Der.Set(attribute))]);

    public static byte[] NameAttribute(string oid, byte[] value) => Der.Sequence(Der.Oid(oid), value);

    public static byte[] Country(string value) => NameAttribute(Oids.Country, Der.Printable(value));

    public static byte[] Organization(string value) => NameAttribute(Oids.Organization, Der.Utf8(value));

    public static byte[] CommonName(string value) => NameAttribute(Oids.CommonName, Der.Utf8(value));

    public static RequestWriter Named(string commonName) => new() { Subject = Name(CommonName(commonName)) };

    public byte[] Info() => Der.Sequence(Version, Subject, Spki, Der.Value(0xA0, Attributes), MoreInfo);

    public byte[] Write() => Write(Info());

    public byte[] Write(byte[] info) => Der.Sequence(info, Algorithm, Der.Bits(Signer(info)));
}
