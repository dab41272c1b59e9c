namespace KeyCeremony.Core.Sharing;

/// <summary>
/// A card as a QR code (ISO/IEC 18004): numeric mode, error correction M, version 3 or 4. Secret: drawn here, into locked
/// memory, because a library would keep text and picture in memory that nobody wipes. <c>docs/formats/share-card.md</c>, "QR form".
/// </summary>
public sealed class CardCode : IDisposable
{
    /// <summary>Light modules around the code, on every side.</summary>
    public const int QuietZone = 4;

    // Level M with the first mask: both numbers are zero, and so is their checksum; 8.9 then inverts some.
    private const int FormatBits = 0x5412;
    private const int FinderSide = 7;
    private const int Timing = 6;

    private readonly SecretBytes _dark;
    private readonly bool[,] _taken;

    private CardCode(Layout layout)
    {
        Side = 17 + (4 * layout.Version);
        _dark = new SecretBytes(Side * Side);
        _taken = new bool[Side, Side];
    }

    /// <summary>Modules from edge to edge, without the quiet zone: 29 or 33.</summary>
    public int Side { get; }

    /// <summary>The share may be disposed afterwards.</summary>
    public static CardCode Of(Share share)
    {
        ArgumentNullException.ThrowIfNull(share);
        using var digits = new SecretBytes(share.NumericLength);
        share.WriteNumeric(digits.Span);
        return OfDigits(digits.Span);
    }

    /// <summary>
    /// The code of a card that is not dealt yet: what every code of this size has in common. No secret.
    /// </summary>
    /// <returns>Row and column; true is dark, false light, null waits for the card.</returns>
    public static bool?[,] Blank(int words)
    {
        using var code = new CardCode(Layout.For(NumericForm.DigitsPerWord * words));
        code.DrawPatterns();
        bool?[,] blank = new bool?[code.Side, code.Side];
        for (int row = 0; row < code.Side; row++)
            for (int column = 0; column < code.Side; column++)
                if (code._taken[row, column]) blank[row, column] = code.IsDark(row, column);
        return blank;
    }

    /// <param name="digits">ASCII; at most 149, which 37 words have.</param>
    internal static CardCode OfDigits(ReadOnlySpan<byte> digits)
    {
        var layout = Layout.For(digits.Length);
        var code = new CardCode(layout);
        code.DrawPatterns();
        using SecretBytes codewords = CardCodewords.Of(digits, layout);
        code.DrawData(codewords.Span);
        return code;
    }

    /// <summary>Secret. Outside the code everything is light.</summary>
    public bool IsDark(int row, int column) =>
        row >= 0 && column >= 0 && row < Side && column < Side && _dark.Span[(row * Side) + column] != 0;

    public void Dispose() => _dark.Dispose();

    public override string ToString() => "•••";

    private void DrawPatterns()
    {
        DrawFinder(0, 0);
        DrawFinder(0, Side - FinderSide);
        DrawFinder(Side - FinderSide, 0);
        DrawSquare(Side - 9, Side - 9, 5, ring => ring != 1);
        for (int i = FinderSide + 1; i < Side - FinderSide - 1; i++)
        {
            Set(Timing, i, i % 2 == 0);
            Set(i, Timing, i % 2 == 0);
        }

        DrawFormat();
    }

    /// <summary>With the light border that separates it.</summary>
    private void DrawFinder(int row, int column) => DrawSquare(row - 1, column - 1, FinderSide + 2, ring => ring is not (0 or 2));

    /// <param name="isDark">By the ring, 0 at the edge.</param>
    private void DrawSquare(int top, int left, int side, Func<int, bool> isDark)
    {
        for (int row = 0; row < side; row++)
            for (int column = 0; column < side; column++)
                if (top + row >= 0 && left + column >= 0 && top + row < Side && left + column < Side)
                    Set(top + row, left + column, isDark(Math.Min(Math.Min(row, side - 1 - row), Math.Min(column, side - 1 - column))));
    }

    // 8.9: both copies around the finders, lowest bit first, and the one module that is always dark.
    private void DrawFormat()
    {
        for (int bit = 0; bit < 15; bit++)
        {
            bool isDark = ((FormatBits >> bit) & 1) == 1;
            (int row, int column) = bit switch { < 6 => (bit, 8), 6 => (7, 8), 7 => (8, 8), 8 => (8, 7), _ => (8, 14 - bit) };
            Set(row, column, isDark);
            Set(bit < 8 ? 8 : Side - 15 + bit, bit < 8 ? Side - 1 - bit : 8, isDark);
        }

        Set(Side - 8, 8, true);
    }

    // 8.7.3: two columns at a time from the right, up and down in turn, past the column of the timing pattern. Bits that no
    // codeword fills are light before the mask.
    private void DrawData(ReadOnlySpan<byte> codewords)
    {
        int at = 0;
        bool upward = true;
        for (int right = Side - 1; right > 0; right -= 2, upward = !upward)
        {
            if (right == Timing)
                right--;
            for (int i = 0; i < Side; i++)
                for (int column = right; column > right - 2; column--)
                {
                    int row = upward ? Side - 1 - i : i;
                    if (_taken[row, column])
                        continue;
                    int bit = at < 8 * codewords.Length ? (codewords[at / 8] >> (7 - (at % 8))) & 1 : 0;
                    _dark.Span[(row * Side) + column] = (byte)(bit ^ ((row + column + 1) & 1));
                    at++;
                }
        }
    }

    private void Set(int row, int column, bool isDark)
    {
        _taken[row, column] = true;
        _dark.Span[(row * Side) + column] = (byte)(isDark ? 1 : 0);
    }

    /// <summary>ISO/IEC 18004, tables 7 and 9, level M.</summary>
    internal sealed record Layout(int Version, int MaxDigits, int Blocks, int DataPerBlock, int CorrectionPerBlock)
    {
        private static readonly Layout[] All = [new(3, 101, 1, 44, 26), new(4, 149, 2, 32, 18)];

        public static Layout For(int digits) =>
            Array.Find(All, layout => digits <= layout.MaxDigits)
                ?? throw new ArgumentOutOfRangeException(nameof(digits), "no card of ours has so many words");
    }
}
