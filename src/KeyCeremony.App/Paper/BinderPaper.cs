using System.Text;
using KeyCeremony.Core.Script;
using KeyCeremony.Core.Sharing;
using KeyCeremony.Verifier;
using Markdig;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace KeyCeremony.App.Paper;

/// <summary>The binder copy as a PDF: the pages of <see cref="PrintedPages"/>, each with its number and the script's hash.</summary>
internal sealed class BinderPaper
{
    private const double BodySize = 10.5, TableSize = 9, HashSize = 14.2;
    private const double FactsWidth = 125;
    private const double LeastRow = 22, LeastSignature = 40;

    private static readonly MarkdownPipeline Plain = new MarkdownPipelineBuilder().DisableHtml().Build();

    private readonly PdfPages _pages = ReportFonts.Pages();

    private BinderPaper()
    {
    }

    /// <param name="last">The numbers of last time's bags; null: they are written by hand.</param>
    public static byte[] Write(CeremonyScript script, LastTime? last)
    {
        var binder = new BinderPaper();
        binder.Cover(script, last);
        foreach (PrintedPiece piece in PrintedPages.Body(script))
            binder.Piece(script, piece, last);
        binder.Sheet(PrintedPages.ExceptionSheet, PrintedPages.ExceptionNote, PrintedPages.Exceptions(), LeastSignature);
        binder.Sheet(PrintedPages.AttestationSheet, PrintedPages.AttestationNote, PrintedPages.Attestation(script), LeastSignature);
        return binder._pages.Write(script.Title, CardPaper.Footer(script), date: null, "page {0} of {1}");
    }

    private void Cover(CeremonyScript script, LastTime? last)
    {
        _pages.Text(script.Title, _pages.Bold, 19);
        foreach (PrintedTable table in PrintedPages.Cover(script, bytes => PgpWords.Of(bytes), last))
            Table(table, LeastRow);
        _pages.NewPage();
    }

    private void Piece(CeremonyScript script, PrintedPiece piece, LastTime? last)
    {
        foreach (Block block in Markdown.Parse(piece.Markdown, Plain))
            Prose(block, barred: false);
        if (piece.Step is null)
            return;
        foreach (PrintedTable table in PrintedPages.Tables(script, piece.Step, last))
            Table(table, LeastRow);
    }

    private void Sheet(string title, string note, PrintedTable table, double least)
    {
        _pages.NewPage();
        _pages.Text(title, _pages.Bold, 15);
        _pages.Space(6);
        _pages.Text(note, _pages.Regular, BodySize);
        Table(table, least);
    }

    private void Prose(Block block, bool barred)
    {
        switch (block)
        {
            case HeadingBlock heading:
                _pages.Keep(110);
                _pages.Space(14);
                _pages.Text(Text(heading.Inline!), _pages.Bold, heading.Level <= 2 ? 15 : 12.5);
                break;
            case ListBlock list:
                foreach ((Block item, int number) in list.Select((item, i) => (item, i + 1)))
                    foreach (Block part in (ContainerBlock)item)
                        Paragraph((list.IsOrdered ? $"{number}. " : "- ") + Text(((LeafBlock)part).Inline!), barred);
                break;
            case ContainerBlock container:
                foreach (Block child in container)
                    Prose(child, barred || block is QuoteBlock);
                break;
            case LeafBlock { Inline: { } inline }:
                Paragraph(Text(inline), barred);
                break;
        }
    }

    private void Paragraph(string text, bool barred)
    {
        _pages.Space(5);
        if (barred)
            _pages.Barred(text, _pages.Regular, BodySize);
        else
            _pages.Text(text, _pages.Regular, BodySize);
    }

    private void Table(PrintedTable table, double least)
    {
        double[] widths = Widths(table);
        _pages.Space(7);
        _pages.Boxes(
        [
            [.. table.Headings.Select((h, i) => (h, _pages.Bold, TableSize - 1, widths[i]))],
            .. table.Rows.Select(row => row.Select((cell, i) => cell == PrintedPages.HashRoom
                ? (Spaced(cell), _pages.Mono, HashSize, widths[i]) : (cell, _pages.Regular, TableSize, widths[i])).ToArray()),
        ], least);
    }

    /// <summary>A column with room for hashes is as wide as that asks for; the others share the rest by their weight.</summary>
    private double[] Widths(PrintedTable table)
    {
        if (table.IsFacts)
            return [FactsWidth, PdfPages.Width - FactsWidth];
        int hash = table.Rows.Select(row => row.IndexOf(PrintedPages.HashRoom)).Max();
        double wide = hash < 0 ? 0 : _pages.Mono.Width(PrintedPages.HashRoom.Split('\n')[0], HashSize) + 10;
        double unit = (PdfPages.Width - wide) / table.ColumnWeights.Where((_, i) => i != hash).Sum();
        return [.. table.ColumnWeights.Select((weight, i) => i == hash ? wide : weight * unit)];
    }

    private static string Spaced(string hash) => "\n" + hash.Replace("\n", "\n\n", StringComparison.Ordinal);

    private static string Text(ContainerInline inlines)
    {
        var text = new StringBuilder();
        foreach (Inline inline in inlines)
            text.Append(inline switch
            {
                LiteralInline literal => literal.Content.ToString(),
                CodeInline code => code.Content,
                LineBreakInline => " ",
                HtmlEntityInline entity => entity.Transcoded.ToString(),
                AutolinkInline link => link.Url,
                ContainerInline container => Text(container),
                _ => "",
            });
        return text.ToString();
    }
}
