using System.Formats.Asn1;

namespace KeyCeremony.Core.Pki;

/// <summary>
/// SET OF, whose elements DER sorts (X.690 11.6). Some tools leave them as they come: that it is this, and that nothing is cut off, is
/// worth a sentence.
/// </summary>
internal static class DerSet
{
    /// <param name="what">Its elements, for the sentence.</param>
    /// <exception cref="AsnContentException">Not DER.</exception>
    /// <exception cref="UnreadableException">DER but for the order.</exception>
    public static AsnReader Read(AsnReader reader, string what, Asn1Tag? tag = null)
    {
        ReadOnlyMemory<byte> encoded = reader.HasData ? reader.PeekEncodedValue() : default;
        try
        {
            return reader.ReadSetOf(tag);
        }
        catch (AsnContentException) when (IsUnsorted(encoded, tag))
        {
            throw new UnreadableException($"{what} do not stand in the order that DER gives a set (X.690 11.6).");
        }
    }

    private static bool IsUnsorted(ReadOnlyMemory<byte> encoded, Asn1Tag? tag)
    {
        try
        {
            _ = new AsnReader(encoded, AsnEncodingRules.DER).ReadSetOf(skipSortOrderValidation: true, tag);
            return true;
        }
        catch (AsnContentException)
        {
            return false;
        }
    }
}
