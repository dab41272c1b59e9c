using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Release.Images;

/// <summary>A value of a description: a group of named ones, a list, or one that is none of both.</summary>
/// <param name="IsGroup">Its members have names.</param>
/// <param name="Scalar">Null of groups and lists.</param>
/// <param name="IsText">It was written in quotation marks.</param>
internal sealed record SettingNode(bool IsGroup, ImmutableArray<(string Name, SettingNode Value)> Members, string? Scalar, bool IsText)
{
    public SettingNode? Of(string name) => IsGroup ? Members.FirstOrDefault(member => member.Name == name).Value : null;
}

/// <summary>
/// Reads libconfig 1.5, which SWUpdate's descriptions are written in: groups, lists, arrays, texts, numbers and comments. No include: what
/// stands elsewhere is not signed.
/// </summary>
internal sealed class LibconfigReader(string text)
{
    /// <summary>software > board > selection > mode > images > image > properties</summary>
    public const int MaxDepth = 12;

    private const char End = '\0';

    private int _at;

    private char Next => _at < text.Length ? text[_at] : End;

    /// <exception cref="UnreadableException">With the line.</exception>
    public static SettingNode Read(string text) => new LibconfigReader(text).ReadGroup(End, 0);

    private SettingNode ReadGroup(char end, int depth)
    {
        ImmutableArray<(string, SettingNode)>.Builder members = ImmutableArray.CreateBuilder<(string, SettingNode)>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (SkipBlanks(); Next != end || (end == End && _at < text.Length); SkipBlanks())
        {
            string name = ReadName();
            if (!names.Add(name))
                throw Wrong($"the setting {PlainText.Quoted(name)} stands twice");
            SkipBlanks();
            if (Next is not ('=' or ':'))
                throw Wrong($"behind {PlainText.Quoted(name)} stands no value");
            _at++;
            SkipBlanks();
            members.Add((name, ReadValue(depth + 1)));
            SkipBlanks();
            if (Next is ';' or ',')
                _at++;
        }
        _at++;
        return new SettingNode(true, members.ToImmutable(), null, false);
    }

    private SettingNode ReadList(char end, int depth)
    {
        ImmutableArray<(string, SettingNode)>.Builder members = ImmutableArray.CreateBuilder<(string, SettingNode)>();
        for (SkipBlanks(); Next != end; SkipBlanks())
        {
            if (members.Count > 0)
            {
                if (Next != ',')
                    throw Wrong("no comma stands between two values");
                _at++;
                SkipBlanks();
            }
            members.Add(("", ReadValue(depth + 1)));
        }
        _at++;
        return new SettingNode(false, members.ToImmutable(), null, false);
    }

    private SettingNode ReadValue(int depth)
    {
        if (depth > MaxDepth)
            throw Wrong($"groups lie more than {MaxDepth} deep");
        switch (Next)
        {
            case '{':
                _at++;
                return ReadGroup('}', depth);
            case '(':
                _at++;
                return ReadList(')', depth);
            case '[':
                _at++;
                return ReadList(']', depth);
            case '"':
                return new SettingNode(false, [], ReadText(), true);
            default:
                int begin = _at;
                while (char.IsAsciiLetterOrDigit(Next) || Next is '+' or '-' or '.')
                    _at++;
                string word = text[begin.._at];
                return IsNumberOrBoolean(word) ? new SettingNode(false, [], word, false)
                    : throw Wrong("a value is no text, number, true or false, group or list");
        }
    }

    private string ReadName()
    {
        int begin = _at;
        if (!char.IsAsciiLetter(Next) && Next != '*')
            throw Wrong(Next == '@' ? "another file is included, which nobody signs"
                : "where a setting should begin stands something else");
        while (char.IsAsciiLetterOrDigit(Next) || Next is '-' or '_' or '*')
            _at++;
        return text[begin.._at];
    }

    /// <summary>Texts that follow one another are one.</summary>
    private string ReadText()
    {
        var read = new StringBuilder();
        while (Next == '"')
        {
            for (_at++; Next != '"'; _at++)
                if (_at >= text.Length)
                    throw Wrong("a text has no end");
                else
                    read.Append(Next == '\\' ? ReadEscape() : Next);
            _at++;
            SkipBlanks();
        }
        return read.ToString();
    }

    /// <summary>Ends on its last character.</summary>
    private char ReadEscape()
    {
        _at++;
        switch (Next)
        {
            case '"' or '\\':
                return Next;
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'f':
                return '\f';
            case 'x' when _at + 2 < text.Length && byte.TryParse(text.AsSpan(_at + 1, 2), NumberStyles.AllowHexSpecifier,
                CultureInfo.InvariantCulture, out byte code) && code is > 0 and < 0x80:
                _at += 2;
                return (char)code;
            default:
                throw Wrong("an escape in a text is not known");
        }
    }

    private void SkipBlanks()
    {
        while (_at < text.Length)
            if (Next is ' ' or '\t' or '\n' or '\r')
                _at++;
            else if (Next == '#' || text.AsSpan(_at).StartsWith("//"))
                _at = Behind("\n");
            else if (text.AsSpan(_at).StartsWith("/*"))
                _at = Behind("*/");
            else
                return;
    }

    private int Behind(string end)
    {
        int found = text.IndexOf(end, _at + 1, StringComparison.Ordinal);
        return found < 0 ? text.Length : found + end.Length;
    }

    private static bool IsNumberOrBoolean(string word) => word.ToUpperInvariant() is "TRUE" or "FALSE"
        || (word.Length > 0 && (char.IsAsciiDigit(word[0]) || word[0] is '+' or '-' or '.') && word.Any(char.IsAsciiDigit));

    private UnreadableException Wrong(string found) =>
        new($"line {text.AsSpan(0, Math.Min(_at, text.Length)).Count('\n') + 1}: {found}");
}
