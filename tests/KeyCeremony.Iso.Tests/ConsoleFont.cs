namespace KeyCeremony.Iso.Tests;

/// <summary>The signs of the VGA adapter's own font, code page 437.</summary>
internal static class ConsoleFont
{
    private const string Upper =
        "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■ ";

    public static char Sign(byte cell) => cell >= 0x80 ? Upper[cell - 0x80] : cell < ' ' ? ' ' : (char)cell;
}
