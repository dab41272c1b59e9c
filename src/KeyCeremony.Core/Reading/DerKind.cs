using System.Diagnostics.CodeAnalysis;

namespace KeyCeremony.Core.Reading;

/// <summary>
/// What a file in DER is, by its first fields: other tools hand in bundles, keys and lists where a certificate is asked for, and what that
/// is is more help than the byte at which it is not what was asked. It proves nothing: who reads the file judges it.
/// </summary>
public static class DerKind
{
    public const string Certificate = "a certificate";
    public const string Request = "a PKCS #10 request";
    public const string Crl = "a revocation list";
    private const string Bundle = "a PKCS #7 bundle, which programs write around certificates and lists";
    private const string KeyStore = "a PKCS #12 file, which mostly holds a private key";
    private const string PrivateKey = "a private key";
    private const string PublicKey = "a public key without a proof of who has its private half";

    private const byte Sequence = 0x30, Set = 0x31, Integer = 0x02, BitString = 0x03, OctetString = 0x04, ObjectIdentifier = 0x06;
    private const byte UtcTime = 0x17, GeneralizedTime = 0x18, Version = 0xA0;

    private static ReadOnlySpan<byte> SignedData => [ObjectIdentifier, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02];

    /// <summary>Whether it is something else than what is asked for, as far as that is known.</summary>
    /// <param name="start">Its first bytes, some hundred.</param>
    /// <param name="asked">One of this class.</param>
    /// <param name="sentence">What it is, and what is to be sent.</param>
    public static bool IsAnother(ReadOnlySpan<byte> start, string asked, [NotNullWhen(true)] out string? sentence, out bool isPrivateKey)
    {
        string? kind = Of(start);
        isPrivateKey = kind is PrivateKey;
        sentence = kind is null || kind == asked ? null : $"The file is {kind}; {asked} is read here, alone and unwrapped.";
        return sentence is not null;
    }

    /// <summary>In words; null when nothing is known of it.</summary>
    private static string? Of(ReadOnlySpan<byte> start)
    {
        if (!TryEnter(ref start, Sequence))
            return null;
        if (start.StartsWith(SignedData))
            return Bundle;
        if (TryNumber(start, out byte number, out ReadOnlySpan<byte> behind))
            return behind.IsEmpty ? null
                : number == 3 && behind[0] == Sequence ? KeyStore
                : number <= 1 && behind[0] is Sequence or OctetString or Integer ? PrivateKey
                : null;
        ReadOnlySpan<byte> first = start;
        if (!TryEnter(ref first, Sequence) || first.IsEmpty)
            return null;
        return first[0] switch
        {
            ObjectIdentifier => TrySkip(ref start) && !start.IsEmpty
                ? start[0] == BitString ? PublicKey : start[0] == OctetString ? PrivateKey : null
                : null,
            Version => Certificate,
            Integer => OfNumbered(first),
            Sequence => IsDated(first) ? Crl : null,
            _ => null,
        };
    }

    // A request's version is followed by its name; a list's version, and the serial of a certificate of version 1, by an algorithm.
    private static string? OfNumbered(ReadOnlySpan<byte> first)
    {
        if (!TrySkip(ref first))
            return null;
        ReadOnlySpan<byte> next = first;
        return !TryEnter(ref next, Sequence) ? null
            : next.IsEmpty || next[0] is Set or Sequence ? Request
            : next[0] != ObjectIdentifier ? null
            : IsDated(first) ? Crl : Certificate;
    }

    // Algorithm, issuer, thisUpdate.
    private static bool IsDated(ReadOnlySpan<byte> fields) =>
        TrySkip(ref fields) && TrySkip(ref fields) && !fields.IsEmpty && fields[0] is UtcTime or GeneralizedTime;

    private static bool TryNumber(ReadOnlySpan<byte> start, out byte number, out ReadOnlySpan<byte> behind)
    {
        bool isOne = start.Length > 3 && start[0] == Integer && start[1] == 1;
        number = isOne ? start[2] : (byte)0;
        behind = isOne ? start[3..] : default;
        return isOne;
    }

    private static bool TrySkip(ref ReadOnlySpan<byte> start)
    {
        if (start.Length < 2 || !TryLength(start, out int header, out int length) || length > start.Length - header)
            return false;
        start = start[(header + length)..];
        return true;
    }

    private static bool TryEnter(ref ReadOnlySpan<byte> start, byte tag)
    {
        if (start.Length < 2 || start[0] != tag || !TryLength(start, out int header, out _))
            return false;
        start = start[header..];
        return true;
    }

    private static bool TryLength(ReadOnlySpan<byte> start, out int header, out int length)
    {
        int more = start[1] < 0x80 ? 0 : start[1] & 0x7F;
        (header, length) = (2 + more, more == 0 ? start[1] : 0);
        if (more > 4 || start.Length < header || (start[1] >= 0x80 && more == 0))
            return false;
        foreach (byte part in start[2..header])
            length = unchecked((length << 8) | part);
        return length >= 0;
    }
}
