using System.Text;

namespace KeyCeremony.App.Terminal;

/// <summary>A UTC time typed as 14 digits; the signs between them stand already.</summary>
internal static class UtcMask
{
    public const int Digits = 14;

    private const string Mask = "____-__-__ __:__:__";

    /// <summary>The mask filled as far as digits are there.</summary>
    public static string Shown(string digits)
    {
        var shown = new StringBuilder(Mask);
        for (int i = 0; i < Math.Min(digits.Length, Digits); i++)
            shown[Column(i)] = digits[i];
        return shown.ToString();
    }

    /// <summary>What is sent: the filled part only, so that a refusal does not quote blanks.</summary>
    public static string Answer(string digits) =>
        Shown(digits)[..(digits.Length == 0 ? 0 : Column(Math.Min(digits.Length, Digits) - 1) + 1)];

    /// <summary>Where digit <paramref name="index"/> stands; behind the last one for index 14.</summary>
    public static int Column(int index)
    {
        int column = 0;
        for (int at = 0; column < Mask.Length; column++)
            if (Mask[column] == '_' && at++ == index)
                return column;
        return column;
    }
}
