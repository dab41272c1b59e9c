using System.Formats.Asn1;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Requests;

namespace KeyCeremony.Core.Manifest.Devices;

/// <summary>
/// One key has several encodings: an EC point is written whole, compressed or as a hybrid, its curve by name or by its numbers, RSA with
/// NULL or without. Two devices with one key are found in whichever form each has it.
/// </summary>
internal static class KeyForm
{
    /// <summary>The SubjectPublicKeyInfo as nearly all write it; as it stands where it is of another kind, or no key.</summary>
    /// <param name="subjectPublicKeyInfo">DER that was read already.</param>
    /// <param name="bits">Its subjectPublicKey.</param>
    public static ReadOnlyMemory<byte> Usual(ReadOnlyMemory<byte> subjectPublicKeyInfo, ReadOnlyMemory<byte> bits)
    {
        try
        {
            AsnReader algorithm = new AsnReader(subjectPublicKeyInfo, AsnEncodingRules.DER).ReadSequence().ReadSequence();
            return algorithm.ReadObjectIdentifier() switch
            {
                Oids.RsaEncryption when !algorithm.HasData => Written(Oids.RsaEncryption, curve: null, bits.Span),
                Oids.EcPublicKey when OfCurve(algorithm, bits.Span) is { } found => Written(Oids.EcPublicKey, found.Curve.Oid, found.Point),
                _ => subjectPublicKeyInfo,
            };
        }
        catch (AsnContentException)
        {
            return subjectPublicKeyInfo;
        }
    }

    /// <summary>Null: it is written as usual, or on a curve that is not known here.</summary>
    private static (EcCurve Curve, byte[] Point)? OfCurve(AsnReader algorithm, ReadOnlySpan<byte> point)
    {
        bool isNamed = algorithm.HasData && algorithm.PeekTag().HasSameClassAndValue(Asn1Tag.ObjectIdentifier);
        if (isNamed && point is [0x04, ..])
            return null;
        string? name = isNamed ? algorithm.ReadObjectIdentifier() : null;
        foreach (EcCurve curve in EcCurve.All)
            if ((name is null || curve.Oid == name) && curve.Uncompressed(point) is { } whole)
                return (curve, whole);
        return null;
    }

    private static byte[] Written(string algorithm, string? curve, ReadOnlySpan<byte> bits)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            // algorithm
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(algorithm);
                if (curve is null)
                    writer.WriteNull();
                else
                    writer.WriteObjectIdentifier(curve);
            }
            // subjectPublicKey
            writer.WriteBitString(bits);
        }
        return writer.Encode();
    }
}
