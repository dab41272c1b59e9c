using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace KeyCeremony.App.Tests.Room;

/// <summary>Certificates that the base library neither makes nor loads: with a value in the name that OpenSSL does not read.</summary>
internal static class StrangeNames
{
    private static readonly byte[] CommonName = [0x06, 0x03, 0x55, 0x04, 0x03];

    /// <summary>O=Partner, CN=REHEARSAL Partner Root and one more CN of an IA5String, which is as long as the value that is to stand there.
    /// </summary>
    public static X500DistinguishedName Holder(byte[] value)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            Write(writer, "2.5.4.10", "0C07506172746E6572");
            Write(writer, "2.5.4.3", "0C1652454845415253414C20506172746E657220526F6F74");
            Write(writer, "2.5.4.3", Convert.ToHexString(HolderOf(value)));
        }
        return new X500DistinguishedName(writer.Encode());
    }

    /// <summary>The certificate with the value in place of what held its place, signed again.</summary>
    public static byte[] With(byte[] certificate, byte[] value, ECDsa signer, HashAlgorithmName hash)
    {
        AsnReader whole = new AsnReader(certificate, AsnEncodingRules.DER).ReadSequence();
        byte[] tbs = whole.ReadEncodedValue().ToArray();
        ReadOnlyMemory<byte> algorithm = whole.ReadEncodedValue();
        byte[] holder = [.. CommonName, .. HolderOf(value)];
        for (int at = tbs.AsSpan().IndexOf(holder); at >= 0; at = tbs.AsSpan().IndexOf(holder))
            value.CopyTo(tbs, at + CommonName.Length);
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(tbs);
            writer.WriteEncodedValue(algorithm.Span);
            writer.WriteBitString(signer.SignData(tbs, hash, DSASignatureFormat.Rfc3279DerSequence));
        }
        return writer.Encode();
    }

    private static byte[] HolderOf(byte[] value) =>
        [(byte)UniversalTagNumber.IA5String, (byte)(value.Length - 2), .. Enumerable.Repeat((byte)'x', value.Length - 2)];

    private static void Write(AsnWriter writer, string type, string value)
    {
        using (writer.PushSetOf())
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(type);
            writer.WriteEncodedValue(Convert.FromHexString(value));
        }
    }
}
