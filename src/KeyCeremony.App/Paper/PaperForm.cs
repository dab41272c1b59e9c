using KeyCeremony.Verifier;

namespace KeyCeremony.App.Paper;

/// <summary>
/// A4 sheets that are filled in by hand. Measures are millimetres from the sheet's upper left corner. The same script gives the
/// same bytes on every machine: the fonts are the program's, and no sheet knows a date.
/// </summary>
internal sealed class PaperForm
{
    public const double SheetWidth = 210, SheetHeight = 297;

    private const double LineWidth = 0.4;
    private const double PointsPerMm = 72 / 25.4;

    private readonly PdfPages _pages = ReportFonts.Pages();
    private bool _begun;

    public PdfFont Regular => _pages.Regular;

    public PdfFont Bold => _pages.Bold;

    public PdfFont Mono => _pages.Mono;

    public void NewSheet()
    {
        if (_begun)
            _pages.NewPage();
        _begun = true;
    }

    /// <param name="y">Where the letters stand.</param>
    /// <param name="size">In points, as fonts are measured.</param>
    public void Text(string text, PdfFont font, double size, double x, double y) => _pages.At(text, font, size, Points(x), FromBelow(y));

    /// <param name="right">Where the text ends.</param>
    public void TextBefore(string text, PdfFont font, double size, double right, double y) =>
        Text(text, font, size, right - Measure(text, font, size), y);

    /// <summary>Several lines; a line that is too wide is a mistake of ours and shows in the tests.</summary>
    public void Lines(IEnumerable<string> lines, double size, double x, double y)
    {
        foreach (string line in lines)
        {
            Text(line, Regular, size, x, y);
            y += size * 1.35 / PointsPerMm;
        }
    }

    /// <summary>A line to write on, with what belongs there in small letters above it.</summary>
    public void Field(string label, double x, double y, double width)
    {
        Text(label, Regular, 6.5, x, y - 5);
        Line(x, y, x + width, y);
    }

    public void Line(double x1, double y1, double x2, double y2, double width = LineWidth) =>
        _pages.Stroke(Points(x1), FromBelow(y1), Points(x2), FromBelow(y2), width);

    /// <summary>Here it is cut, or folded.</summary>
    public void Cut(double x1, double y1, double x2, double y2) =>
        _pages.Stroke(Points(x1), FromBelow(y1), Points(x2), FromBelow(y2), LineWidth, dashed: true);

    public void Box(double x, double y, double width, double height, double line = LineWidth) =>
        _pages.Box(Points(x), FromBelow(y + height), Points(width), Points(height), line);

    public void Fill(double x, double y, double width, double height) =>
        _pages.Fill(Points(x), FromBelow(y + height), Points(width), Points(height));

    /// <summary>In millimetres.</summary>
    public static double Measure(string text, PdfFont font, double size) => font.Width(text, size) / PointsPerMm;

    public byte[] Write(string title, string footer) => _pages.Write(title, footer, date: null, "page {0} of {1}");

    private static double Points(double mm) => mm * PointsPerMm;

    private static double FromBelow(double y) => PdfPages.Height - Points(y);
}
