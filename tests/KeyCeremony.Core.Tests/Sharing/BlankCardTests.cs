using System.Text;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Core.Tests.Sharing;

/// <summary>What can be printed of a card before it is dealt.</summary>
public sealed class BlankCardTests
{
    [Theory]
    [InlineData(20, 29)]
    [InlineData(33, 33)]
    public void A_blank_code_is_what_all_codes_of_its_size_have_in_common(int words, int side)
    {
        bool?[,] blank = CardCode.Blank(words);
        using CardCode zeros = Code('0', words), ones = Code('1', words), nines = Code('9', words);

        Assert.Equal((side, side), (blank.GetLength(0), blank.GetLength(1)));
        bool anyDiffers = false;
        for (int row = 0; row < side; row++)
            for (int column = 0; column < side; column++)
                if (blank[row, column] is { } dark)
                    Assert.All(new[] { zeros, ones, nines }, code => Assert.Equal(dark, code.IsDark(row, column)));
                else
                    anyDiffers |= zeros.IsDark(row, column) != ones.IsDark(row, column)
                        || zeros.IsDark(row, column) != nines.IsDark(row, column);
        Assert.True(anyDiffers);
    }

    /// <summary>ISO/IEC 18004: versions 3 and 4 have 567 and 807 modules for data.</summary>
    [Theory]
    [InlineData(20, 567)]
    [InlineData(33, 807)]
    public void Every_module_that_carries_data_is_left_empty(int words, int data) =>
        Assert.Equal(data, CardCode.Blank(words).Cast<bool?>().Count(m => m is null));

    [Theory]
    [InlineData(20, 5)]
    [InlineData(33, 9)]
    public void Words_fill_their_grid_downwards_and_none_twice(int words, int rows)
    {
        var places = Enumerable.Range(1, words).Select(n => CardGrid.Place(n, words)).ToList();

        Assert.Equal(rows, CardGrid.Rows(words));
        Assert.Equal((1, 0), places[1]);
        Assert.Equal((0, 1), places[rows]);
        Assert.Equal(words, places.Distinct().Count());
        Assert.All(places, p => Assert.True(p.Row < rows && p.Column < CardGrid.Columns));
    }

    private static CardCode Code(char digit, int words) => CardCode.OfDigits(Encoding.ASCII.GetBytes(new string(digit, 4 * words)));
}
