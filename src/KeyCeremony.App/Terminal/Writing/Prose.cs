using Markdig;
using Markdig.Helpers;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace KeyCeremony.App.Terminal.Writing;

/// <summary>
/// The script's prose on a sheet: paragraphs, lists, quotes, emphasis, code. A quote is for the witness and stands behind
/// a bar, as on paper.
/// </summary>
internal static class Prose
{
    private static readonly MarkdownPipeline Plain = new MarkdownPipelineBuilder().Build();

    public static void Write(Sheet sheet, string markdown)
    {
        foreach (Block block in Markdown.Parse(markdown, Plain))
            WriteBlock(sheet, block, "", Palette.Plain);
    }

    private static void WriteBlock(Sheet sheet, Block block, string indent, Look look)
    {
        switch (block)
        {
            case QuoteBlock quote:
                WriteAll(sheet, quote, indent + sheet.Glyph.Quote + " ", Palette.Witness);
                break;
            case ListBlock list:
                WriteList(sheet, list, indent, look);
                break;
            case ContainerBlock container:
                WriteAll(sheet, container, indent, look);
                break;
            case CodeBlock code:
                foreach (StringLine line in code.Lines.Lines.Take(code.Lines.Count))
                    sheet.AddBehind(indent + "  ", line.ToString(), Palette.Strong);
                sheet.Blank();
                break;
            case LeafBlock { Inline: { } inline }:
                sheet.AddBehind(indent, indent, Text(sheet, inline, look), look);
                sheet.Blank();
                break;
        }
    }

    private static void WriteAll(Sheet sheet, ContainerBlock container, string indent, Look look)
    {
        foreach (Block child in container)
            WriteBlock(sheet, child, indent, look);
    }

    private static void WriteList(Sheet sheet, ListBlock list, string indent, Look look)
    {
        int number = 1;
        foreach (ListItemBlock item in list.OfType<ListItemBlock>())
        {
            string mark = list.IsOrdered ? $"{number++}. " : $"{sheet.Glyph.Dot} ";
            string rest = new(' ', mark.Length);
            foreach (Block child in item)
            {
                if (child is LeafBlock { Inline: { } inline })
                    sheet.AddBehind(indent + mark, indent + rest, Text(sheet, inline, look), look);
                else
                    WriteBlock(sheet, child, indent + rest, look);
                mark = rest;
            }
        }
        sheet.Blank();
    }

    private static Paragraph Text(Sheet sheet, ContainerInline inlines, Look look)
    {
        var paragraph = new Paragraph();
        WriteInlines(sheet, paragraph, inlines, look);
        return paragraph;
    }

    private static void WriteInlines(Sheet sheet, Paragraph paragraph, ContainerInline inlines, Look look)
    {
        foreach (Inline inline in inlines)
            switch (inline)
            {
                case LiteralInline literal:
                    paragraph.Append(sheet.Clean(literal.Content.ToString()), look);
                    break;
                case CodeInline code:
                    paragraph.Append(sheet.Clean(code.Content), look.And(Palette.Strong));
                    break;
                case LineBreakInline { IsHard: true }:
                    paragraph.Append("\n", look);
                    break;
                case LineBreakInline:
                    paragraph.Append(" ", look);
                    break;
                case EmphasisInline emphasis:
                    WriteInlines(sheet, paragraph, emphasis, look.And(emphasis.DelimiterCount > 1 ? Palette.Strong : Palette.Emphasis));
                    break;
                case ContainerInline container:
                    WriteInlines(sheet, paragraph, container, look);
                    break;
            }
    }
}
