using System.Collections.Frozen;
using System.Text;

namespace KeyCeremony.App.Terminal.Writing;

/// <summary>
/// A few words three rows high, for people who look from the other end of a room: capitals and digits of three by five dots.
/// </summary>
internal static class BigLetters
{
    private const int Rows = 5;

    /// <summary>Three rows of half blocks show six rows of dots: the last one is empty.</summary>
    public const int Height = 3;

    // A letter a row, its dots from top to bottom.
    private static readonly FrozenDictionary<char, string[]> Dots = """
        A .#. #.# ### #.# #.#
        B ##. #.# ##. #.# ##.
        C .## #.. #.. #.. .##
        D ##. #.# #.# #.# ##.
        E ### #.. ##. #.. ###
        F ### #.. ##. #.. #..
        G .## #.. #.# #.# .##
        H #.# #.# ### #.# #.#
        I ### .#. .#. .#. ###
        J ..# ..# ..# #.# .#.
        K #.# #.# ##. #.# #.#
        L #.. #.. #.. #.. ###
        M #...# ##.## #.#.# #...# #...#
        N #..# ##.# #.## #..# #..#
        O .#. #.# #.# #.# .#.
        P ##. #.# ##. #.. #..
        Q .#. #.# #.# ### .##
        R ##. #.# ##. #.# #.#
        S .## #.. .#. ..# ##.
        T ### .#. .#. .#. .#.
        U #.# #.# #.# #.# .##
        V #.# #.# #.# #.# .#.
        W #...# #...# #.#.# ##.## #...#
        X #.# #.# .#. #.# #.#
        Y #.# #.# .#. .#. .#.
        Z ### ..# .#. #.. ###
        0 .#. #.# #.# #.# .#.
        1 .#. ##. .#. .#. ###
        2 ##. ..# .#. #.. ###
        3 ##. ..# .#. ..# ##.
        4 #.# #.# ### ..# ..#
        5 ### #.. ##. ..# ##.
        6 .## #.. ##. #.# .#.
        7 ### ..# ..# .#. .#.
        8 .#. #.# .#. #.# .#.
        9 .#. #.# .## ..# ##.
        """.Split('\n').Select(line => line.Trim().Split(' ')).ToFrozenDictionary(line => line[0][0], line => line[1..]);

    /// <summary>The rows of a text, or none when it is wider than that or has a sign that is not drawn.</summary>
    public static IReadOnlyList<string> Of(string text, int width)
    {
        string capitals = text.ToUpperInvariant();
        if (capitals.Any(c => c != ' ' && !Dots.ContainsKey(c)))
            return [];
        var rows = new StringBuilder[Height];
        for (int row = 0; row < Height; row++)
            rows[row] = new StringBuilder();
        foreach (char letter in capitals)
            for (int row = 0; row < Height; row++)
                rows[row].Append(letter == ' ' ? "  " : Row(Dots[letter], row) + " ");
        return rows[0].Length > width ? [] : [.. rows.Select(row => row.ToString().TrimEnd())];
    }

    private static string Row(string[] dots, int row)
    {
        var line = new StringBuilder();
        for (int column = 0; column < dots[0].Length; column++)
            line.Append((Is(dots, 2 * row, column), Is(dots, (2 * row) + 1, column)) switch
            {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                _ => ' ',
            });
        return line.ToString();
    }

    private static bool Is(string[] dots, int row, int column) => row < Rows && dots[row][column] == '#';
}
