namespace KeyCeremony.Core.Pki.Crl;

/// <summary>
/// Time as RFC 5280 wants it: <c>YYMMDDHHMMSSZ</c> through 2049, <c>YYYYMMDDHHMMSSZ</c> from 2050. By hand, for a CRL
/// holds millions of them. RFC 5280 4.1.2.5, 5.1.2.4 to 5.1.2.6.
/// </summary>
internal static class DerTime
{
    public const byte UtcTag = 0x17;
    public const byte GeneralizedTag = 0x18;
    public const int UtcLength = 13;
    public const int GeneralizedLength = 15;

    private const long SecondsADay = 24 * 60 * 60;

    // 2050-01-01 in seconds since 0001-01-01.
    private static readonly long FirstGeneralized = new DateTime(2050, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks / TimeSpan.TicksPerSecond;

    public static bool IsGeneralized(long seconds) => seconds >= FirstGeneralized;

    /// <summary>Header and content.</summary>
    public static int EncodedLength(long seconds) => 2 + (IsGeneralized(seconds) ? GeneralizedLength : UtcLength);

    /// <summary>Two digits from 50 are of the twentieth century. False for another shape and for a time that does not exist.</summary>
    public static bool TryRead(byte tag, ReadOnlySpan<byte> content, out long seconds)
    {
        seconds = 0;
        if (content.Length != (tag == UtcTag ? UtcLength : GeneralizedLength) || content[^1] != (byte)'Z'
            || content[..^1].ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            return false;
        int year;
        if (tag == UtcTag)
        {
            year = Two(content, 0);
            year += year < 50 ? 2000 : 1900;
        }
        else
        {
            year = (Two(content, 0) * 100) + Two(content, 2);
            content = content[2..];
        }
        (int month, int day, int hour, int minute, int second) = (Two(content, 2),
            Two(content, 4), Two(content, 6), Two(content, 8), Two(content, 10));
        if (year < 1950 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)
            || hour > 23 || minute > 59 || second > 59)
            return false;
        seconds = new DateTime(year, month, day, hour, minute, second, DateTimeKind.Utc).Ticks / TimeSpan.TicksPerSecond;
        return true;
    }

    /// <summary>What keeps a time from being one of RFC 5280, for people, and whether X.690 lets it stand.</summary>
    public static (string Cause, bool IsDer) WhyNot(byte tag, ReadOnlySpan<byte> content) =>
        content.ContainsAny((byte)'.', (byte)',') ? ("has fractions of a second", true)
        : content.ContainsAny((byte)'+', (byte)'-') ? ("is of a local time and not of UTC", false)
        : content is not [.., (byte)'Z'] ? ("does not say that it is UTC", false)
        : content.Length == (tag == UtcTag ? UtcLength : GeneralizedLength) - 2 ? ("has no seconds", false)
        : ("does not exist, or is written in another way", false);

    /// <summary>Writes header and content in the form the year asks for, and answers how many bytes.</summary>
    public static int Write(long seconds, Span<byte> destination) =>
        IsGeneralized(seconds) ? WriteGeneralized(seconds, destination) : WriteUtc(seconds, destination);

    /// <summary>GeneralizedTime at any year, as invalidityDate always is. RFC 5280 5.3.2.</summary>
    public static int WriteGeneralized(long seconds, Span<byte> destination)
    {
        destination[0] = GeneralizedTag;
        destination[1] = GeneralizedLength;
        int year = PutFromYear(destination[4..], seconds);
        Put(destination, 2, year / 100);
        return 2 + GeneralizedLength;
    }

    private static int WriteUtc(long seconds, Span<byte> destination)
    {
        destination[0] = UtcTag;
        destination[1] = UtcLength;
        PutFromYear(destination[2..], seconds);
        return 2 + UtcLength;
    }

    // Answers the year.
    private static int PutFromYear(Span<byte> destination, long seconds)
    {
        (long days, long ofDay) = Math.DivRem(seconds, SecondsADay);
        DateOnly.FromDayNumber((int)days).Deconstruct(out int year, out int month, out int day);
        int second = (int)ofDay;
        destination[12] = (byte)'Z'; // first, so that the bounds are checked once
        Put(destination, 0, year % 100);
        Put(destination, 2, month);
        Put(destination, 4, day);
        Put(destination, 6, second / 3600);
        Put(destination, 8, second / 60 % 60);
        Put(destination, 10, second % 60);
        return year;
    }

    private static int Two(ReadOnlySpan<byte> digits, int at) => ((digits[at] - '0') * 10) + digits[at + 1] - '0';

    private static void Put(Span<byte> destination, int at, int number)
    {
        // 0 to 99: nothing here can overflow.
        unchecked
        {
            (uint tens, uint ones) = Math.DivRem((uint)number, 10u);
            destination[at] = (byte)('0' + tens);
            destination[at + 1] = (byte)('0' + ones);
        }
    }
}
