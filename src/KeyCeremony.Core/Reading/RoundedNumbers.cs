namespace KeyCeremony.Core.Reading;

/// <summary>
/// Whether the long numbers of a column are those of a spreadsheet, which keeps fifteen digits of a number and writes zeros for the rest.
/// One number proves nothing, unless it is very long; that all of them end so does.
/// </summary>
/// <param name="Zeros">Behind the fifteenth digits of all of them.</param>
/// <param name="HasOther">One has something else there.</param>
/// <param name="FirstLine">Of the first long one; 0: none was seen.</param>
internal readonly record struct RoundedNumbers(long Zeros, bool HasOther, int FirstLine)
{
    /// <summary>IEEE 754 binary64, as spreadsheets show it.</summary>
    public const int Kept = 15;

    // The time in nanoseconds, of a clock that counts microseconds, ends with four of them once in ten.
    private const int Enough = 8;

    public bool IsCertain => !HasOther && Zeros >= Enough;

    /// <summary>Digits alone count: of others a spreadsheet makes no number.</summary>
    public RoundedNumbers With(ReadOnlySpan<byte> number, int line)
    {
        ReadOnlySpan<byte> digits = number.TrimStart((byte)'0');
        if (HasOther || digits.Length <= Kept || digits.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            return this;
        return digits[Kept..].ContainsAnyExcept((byte)'0') ? this with { HasOther = true }
            : new RoundedNumbers(Zeros + digits.Length - Kept, false, FirstLine == 0 ? line : FirstLine);
    }

    /// <summary>Those of this part of a text and of the next one.</summary>
    public RoundedNumbers With(RoundedNumbers next) =>
        new(Zeros + next.Zeros, HasOther || next.HasOther, FirstLine == 0 ? next.FirstLine : FirstLine);
}
