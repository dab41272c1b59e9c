using System.Collections.Immutable;
using System.Net;
using System.Text;
using Markdig;

namespace KeyCeremony.Core.Script;

/// <summary>
/// The binder copy: the script as it runs, with room for signatures, initials, times, bag numbers and
/// exceptions. The same script and the same numbers always give the same bytes.
/// </summary>
public static class ScriptPrint
{
    private static readonly MarkdownPipeline Plain = new MarkdownPipelineBuilder().DisableHtml().Build();

    // Print first: black on white, one typeface, nothing fetched from anywhere.
    private const string Style = """
        @page { size: A4; margin: 18mm 16mm 20mm; }
        body { font: 11pt/1.45 serif; color: #000; background: #fff; max-width: 180mm; margin: 0 auto; }
        h1 { font-size: 20pt; margin: 0 0 6mm; }
        h2 { font-size: 15pt; margin: 10mm 0 3mm; break-after: avoid; }
        h3 { font-size: 12.5pt; margin: 6mm 0 2mm; break-after: avoid; }
        table { border-collapse: collapse; width: 100%; margin: 2mm 0 4mm; break-inside: avoid; }
        th, td { border: 0.3mm solid #000; padding: 1.5mm 2mm; text-align: left; vertical-align: top; height: 5mm; overflow-wrap: break-word; }
        th { font-size: 9pt; }
        table.facts { table-layout: fixed; }
        table.facts th:first-child { width: 48mm; }
        td.blank { min-width: 16mm; }
        td.hash { font: 14.2pt/2 monospace; white-space: nowrap; }
        blockquote { margin: 2mm 0; padding: 0 0 0 3mm; border-left: 1mm solid #000; font-style: italic; }
        code { font: 10pt monospace; }
        .cover, .exceptions { break-after: page; }
        .exceptions, .attestation { break-before: page; }
        .attestation td, .exceptions td { height: 12mm; }
        .step { break-inside: avoid; }
        """;

    /// <param name="words">Spells a hash in words; null: hex only.</param>
    /// <param name="last">The numbers of last time's bags; null: they are written by hand.</param>
    public static string Markdown(CeremonyScript script, Func<byte[], string>? words = null, LastTime? last = null)
    {
        ArgumentNullException.ThrowIfNull(script);
        var page = new StringBuilder();
        page.Append($"# {script.Title}\n");
        foreach (PrintedTable table in PrintedPages.Cover(script, words, last)) Append(page, table);
        foreach (PrintedPiece piece in PrintedPages.Body(script))
        {
            page.Append('\n').Append(piece.Markdown).Append('\n');
            if (piece.Step is null) continue;
            foreach (PrintedTable table in PrintedPages.Tables(script, piece.Step, last)) Append(page, table);
        }
        page.Append($"\n## {PrintedPages.ExceptionSheet}\n\n{PrintedPages.ExceptionNote}\n");
        Append(page, PrintedPages.Exceptions());
        page.Append($"\n## {PrintedPages.AttestationSheet}\n\n{PrintedPages.AttestationNote}\n");
        Append(page, PrintedPages.Attestation(script));
        return page.ToString();
    }

    /// <param name="words">Spells a hash in words; null: hex only.</param>
    /// <param name="last">The numbers of last time's bags; null: they are written by hand.</param>
    /// <returns>One page with its style inside; no script, no link, nothing to load.</returns>
    public static string Html(CeremonyScript script, Func<byte[], string>? words = null, LastTime? last = null)
    {
        ArgumentNullException.ThrowIfNull(script);
        var page = new StringBuilder();
        page.Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        page.Append($"<title>{Encode(script.Title)}</title>\n<style>\n{Style}\n{Margins(script)}\n</style>\n</head>\n<body>\n");
        page.Append($"<section class=\"cover\">\n<h1>{Encode(script.Title)}</h1>\n");
        foreach (PrintedTable table in PrintedPages.Cover(script, words, last)) AppendHtml(page, table);
        page.Append("</section>\n");
        foreach (PrintedPiece piece in PrintedPages.Body(script))
        {
            page.Append(piece.Step is null ? "<section>\n" : "<section class=\"step\">\n");
            page.Append(Markdig.Markdown.ToHtml(piece.Markdown, Plain));
            if (piece.Step is not null)
                foreach (PrintedTable table in PrintedPages.Tables(script, piece.Step, last)) AppendHtml(page, table);
            page.Append("</section>\n");
        }
        page.Append(
            $"<section class=\"exceptions\">\n<h2>{PrintedPages.ExceptionSheet}</h2>\n<p>{Encode(PrintedPages.ExceptionNote)}</p>\n");
        AppendHtml(page, PrintedPages.Exceptions());
        page.Append($"</section>\n<section class=\"attestation\">\n<h2>{PrintedPages.AttestationSheet}</h2>\n"
            + $"<p>{Encode(PrintedPages.AttestationNote)}</p>\n");
        AppendHtml(page, PrintedPages.Attestation(script));
        page.Append("</section>\n</body>\n</html>\n");
        return page.ToString();
    }

    /// <summary>
    /// At the foot of each page: which script this is, and which page of how many. A script's name has no character that CSS knows.
    /// </summary>
    private static string Margins(CeremonyScript script) => $$"""
        @page {
          @bottom-left { font: 7pt monospace; white-space: pre; content: "{{script.Name}}, version {{script.Version}}\A SHA-256 {{script.Sha256}}"; }
          @bottom-right { font: 7pt monospace; content: "page " counter(page) " of " counter(pages); }
        }
        """;

    private static void Append(StringBuilder page, PrintedTable table)
    {
        page.Append('\n');
        AppendRow(page, table.Headings);
        AppendRow(page, table.Headings.Select(_ => "---"));
        foreach (ImmutableArray<string> row in table.Rows) AppendRow(page, row.Select(Cell));
    }

    private static void AppendRow(StringBuilder page, IEnumerable<string> cells) =>
        page.Append("| ").AppendJoin(" | ", cells).Append(" |\n");

    private static void AppendHtml(StringBuilder page, PrintedTable table)
    {
        page.Append(table.IsFacts ? "<table class=\"facts\">\n" : "<table>\n");
        if (!table.Weights.IsDefault)
            page.AppendJoin("", table.Weights.Select(weight => $"<col style=\"width:{100 * weight / table.Weights.Sum()}%\">"))
                .Append('\n');
        page.Append("<tr>");
        foreach (string heading in table.Headings) page.Append($"<th>{Encode(heading)}</th>");
        page.Append("</tr>\n");
        foreach (ImmutableArray<string> row in table.Rows)
        {
            page.Append("<tr>");
            foreach (string cell in row)
                page.Append(cell == PrintedPages.HashRoom
                    ? "<td class=\"hash\">"
                    : cell.AsSpan().Trim('\n').IsEmpty ? "<td class=\"blank\">" : "<td>")
                    .Append(Encode(cell).Replace("\n", "<br>", StringComparison.Ordinal)).Append("</td>");
            page.Append("</tr>\n");
        }
        page.Append("</table>\n");
    }

    /// <summary>In a table a line ends by the one tag that every reader of Markdown knows.</summary>
    private static string Cell(string cell) => cell == PrintedPages.HashRoom
        ? string.Join("<br>", cell.Split('\n').Select(line => $"`{line}`"))
        : Escape(cell).Replace("\n", "<br>", StringComparison.Ordinal);

    /// <summary>Values are data: no character of theirs may act as Markdown.</summary>
    private static string Escape(string cell)
    {
        var escaped = new StringBuilder();
        foreach (char c in cell)
        {
            if (c is '|' or '\\' or '`' or '*' or '_' or '<' or '>' or '[' or ']' or '&') escaped.Append('\\');
            escaped.Append(c);
        }
        return escaped.ToString();
    }

    private static string Encode(string text) => WebUtility.HtmlEncode(text);
}
