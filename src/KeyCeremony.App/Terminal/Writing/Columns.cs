using System.Globalization;
using System.Text;
using Wcwidth;

namespace KeyCeremony.App.Terminal.Writing;

/// <summary>How much room a text takes on a terminal. A person's character is one text element, of one column or two.</summary>
internal static class Columns
{
    public static int Of(string text)
    {
        if (text.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0)
            return text.Length;
        int columns = 0;
        foreach (string element in Elements(text))
            columns += OfElement(element);
        return columns;
    }

    public static int OfElement(string element)
    {
        int columns = 0;
        foreach (Rune rune in element.EnumerateRunes())
            columns += Math.Max(0, UnicodeCalculator.GetWidth(rune));
        return Math.Clamp(columns, 1, 2);
    }

    public static IEnumerable<string> Elements(string text)
    {
        TextElementEnumerator elements = StringInfo.GetTextElementEnumerator(text);
        while (elements.MoveNext())
            yield return elements.GetTextElement();
    }
}
