namespace KeyCeremony.Core.Pki.Crl;

/// <summary>
/// One entry of revokedCertificates in DER, by hand: every length is under 128. RFC 5280 5.1.2.6, 5.3.
/// <code>
/// SEQUENCE { userCertificate INTEGER, revocationDate Time,
///            crlEntryExtensions SEQUENCE OF { OID, OCTET STRING { ENUMERATED | GeneralizedTime } } OPTIONAL }
/// </code>
/// </summary>
internal static class EntryCode
{
    /// <summary>20 bytes of serial, a GeneralizedTime and both extensions stay below.</summary>
    public const int MaxLength = 96;

    private const byte Sequence = 0x30;
    private const byte Integer = 0x02;

    /// <summary>SEQUENCE { reasonCode 2.5.29.21, OCTET STRING { ENUMERATED … } } up to the code. RFC 5280 5.3.1.</summary>
    public static ReadOnlySpan<byte> ReasonPrefix => [0x30, 0x0A, 0x06, 0x03, 0x55, 0x1D, 0x15, 0x04, 0x03, 0x0A, 0x01];

    // SEQUENCE { invalidityDate 2.5.29.24, OCTET STRING { GeneralizedTime … } } up to the time. RFC 5280 5.3.2.
    private static ReadOnlySpan<byte> InvalidityPrefix => [0x30, 0x18, 0x06, 0x03, 0x55, 0x1D, 0x18, 0x04, 0x11];

    private static int ReasonLength => ReasonPrefix.Length + 1;

    private static int InvalidityLength => InvalidityPrefix.Length + 2 + DerTime.GeneralizedLength;

    /// <summary>Header and content.</summary>
    public static int Length(in Revocation entry)
    {
        int extensions = ExtensionsLength(entry);
        return 2 + 2 + entry.Serial.ContentLength + DerTime.EncodedLength(entry.DateSeconds) + (extensions > 0 ? 2 + extensions : 0);
    }

    /// <summary>Writes the entry and answers its length. The place has at least <see cref="MaxLength"/> bytes.</summary>
    public static int Write(in Revocation entry, Span<byte> place)
    {
        int extensions = ExtensionsLength(entry);
        int at = 4;
        // userCertificate
        int serial = entry.Serial.WriteContent(place[at..]);
        place[2] = Integer;
        place[3] = (byte)serial;
        at += serial;
        // revocationDate
        at += DerTime.Write(entry.DateSeconds, place[at..]);
        // crlEntryExtensions OPTIONAL
        if (extensions > 0)
            at += WriteExtensions(entry, extensions, place[at..]);
        place[0] = Sequence;
        place[1] = (byte)(at - 2);
        return at;
    }

    private static int ExtensionsLength(in Revocation entry) =>
        (entry.ReasonCode == 0 ? 0 : ReasonLength) + (entry.InvaliditySeconds == 0 ? 0 : InvalidityLength);

    private static int WriteExtensions(in Revocation entry, int length, Span<byte> place)
    {
        place[0] = Sequence;
        place[1] = (byte)length;
        int at = 2;
        // reasonCode
        if (entry.ReasonCode != 0)
        {
            ReasonPrefix.CopyTo(place[at..]);
            at += ReasonLength;
            place[at - 1] = entry.ReasonCode;
        }
        // invalidityDate
        if (entry.InvaliditySeconds != 0)
        {
            InvalidityPrefix.CopyTo(place[at..]);
            at += InvalidityPrefix.Length;
            at += DerTime.WriteGeneralized(entry.InvaliditySeconds, place[at..]);
        }
        return at;
    }
}
