using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace KeyCeremony.Core.Transfer;

/// <summary>The text of one QR code: a Uniform Resource of type <c>compressed</c>, whole or one part of several. BCR-2020-005.</summary>
internal static class FrameText
{
    private const string Scheme = "ur:";
    private const string Type = "compressed";

    private const string Heading = "UR:COMPRESSED/";
    private const char Separator = '/';
    private const char Hyphen = '-';

    /// <summary>Whether a code claims to be a Uniform Resource, in either case.</summary>
    public static bool IsResource(ReadOnlySpan<byte> code) =>
        code.Length >= Scheme.Length && Ascii.EqualsIgnoreCase(code[..Scheme.Length], Scheme);

    public static string Whole(ReadOnlySpan<byte> message) => Heading + Bytewords.Write(message);

    public static string OfPart(Part part) =>
        string.Create(CultureInfo.InvariantCulture,
            $"{Heading}{part.Number}{Hyphen}{part.Count}{Separator}{Bytewords.Write(part.Write())}");

    public static int WholeLength(int messageLength) => Heading.Length + Bytewords.LengthOf(messageLength);

    /// <summary>Characters of the longest frame: the one with the highest number.</summary>
    public static int PartLength(int count, int messageLength, int fragmentLength) =>
        OfPart(new Part(uint.MaxValue, count, messageLength, uint.MaxValue, new byte[fragmentLength])).Length;

    /// <summary>
    /// Reads a frame in either case: a whole message, or a part. Else refused: UR-01 to UR-08.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<char> text, out byte[]? whole, out Part? part, [NotNullWhen(false)] out Refusal? refusal)
    {
        (whole, part, refusal) = (null, null, TransferRules.Frame());
        if (text.Length > TransferLimits.MaxFrameCharacters || !text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            return false;
        string[] pieces = text[Scheme.Length..].ToString().Split(Separator);
        if (pieces.Length is not (2 or 3))
            return false;
        refusal = TransferRules.OtherType();
        if (!pieces[0].Equals(Type, StringComparison.OrdinalIgnoreCase))
            return false;
        return pieces.Length == 2
            ? TryReadWhole(pieces[1], out whole, out refusal)
            : TryReadPart(pieces[1], pieces[2], out part, out refusal);
    }

    private static bool TryReadWhole(string body, out byte[]? whole, [NotNullWhen(false)] out Refusal? refusal)
    {
        if (Bytewords.TryRead(body, out whole, out refusal) && whole.Length > TransferLimits.MaxMessageBytes)
            refusal = TransferRules.MessageLength(whole.Length);
        return refusal is null;
    }

    private static bool TryReadPart(string sequence, string body, out Part? part, [NotNullWhen(false)] out Refusal? refusal)
    {
        part = null;
        refusal = TransferRules.Sequence();
        if (sequence.Split(Hyphen) is not [var number, var count] || !TryReadNumber(number, uint.MaxValue, out uint seq)
            || !TryReadNumber(count, TransferLimits.MaxFragments, out uint length))
            return false;
        if (!Bytewords.TryRead(body, out byte[]? bytes, out refusal) || !Part.TryRead(bytes, out part, out refusal))
            return false;
        refusal = part.Number == seq && part.Count == length ? null : TransferRules.PartLengths();
        return refusal is null;
    }

    /// <summary>1 to <paramref name="limit"/>, decimal, without leading zeros.</summary>
    private static bool TryReadNumber(string text, uint limit, out uint number) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number)
            && number >= 1 && number <= limit && text[0] != '0';
}
