using KeyCeremony.Core;

namespace KeyCeremony.App.Camera;

/// <summary>Takes the text of a code that was seen. It may be a card's: the span is wiped when the call returns.</summary>
/// <param name="text">Empty for a code that holds no text, or more than a code can hold.</param>
internal delegate void CodeSeen(ReadOnlySpan<byte> text);

/// <summary>
/// Reads what zbar says about a picture, in pieces as they come. Its XML tells where a text ends, which its other forms do not:
/// <c>&lt;symbol type='QR-Code' …&gt;&lt;data&gt;&lt;![CDATA[TEXT]]&gt;&lt;/data&gt;&lt;/symbol&gt;</c>; a text that holds <c>]]&gt;</c> or
/// no text at all stands there in base64 with a format attribute.
/// </summary>
internal sealed class ZbarText : IDisposable
{
    /// <summary>Digits of the largest QR code: no other mode holds more.</summary>
    private const int MaxText = 7089;

    private const int MaxTag = 96;
    private const string TextBegins = "![CDATA[";
    private const string QrCode = "symbol type='QR-Code'";
    private const string PlainData = "data";

    private static ReadOnlySpan<byte> TextEnds => "]]>"u8;

    private readonly SecretBytes _text = new(MaxText + TextEnds.Length);
    private string _tag = "";
    private int _length;
    private int _closing;
    private bool _inTag;
    private bool _inText;
    private bool _isQrCode;
    private bool _isPlain;

    /// <summary>No text of a code is in memory here.</summary>
    internal bool IsWiped => !_text.Span.ContainsAnyExcept((byte)0);

    public void Take(ReadOnlySpan<byte> said, CodeSeen seen)
    {
        foreach (byte value in said)
            if (_inText)
                TakeText(value, seen);
            else if (_inTag)
                TakeTag((char)value);
            else
                (_inTag, _tag) = (value == '<', "");
    }

    public void Dispose() => _text.Dispose();

    private void TakeTag(char value)
    {
        if (value == '>')
        {
            _inTag = false;
            _isQrCode = _tag.StartsWith("symbol", StringComparison.Ordinal) ? _tag.StartsWith(QrCode, StringComparison.Ordinal) : _isQrCode;
            _isPlain = _tag == PlainData;
        }
        else if (_tag.Length < MaxTag)
        {
            _tag += value;
            if (_tag == TextBegins)
                (_inTag, _inText, _length, _closing) = (false, true, 0, 0);
        }
    }

    private void TakeText(byte value, CodeSeen seen)
    {
        if (_length < _text.Length)
            _text.Span[_length] = value;
        _length = Math.Min(_length + 1, _text.Length + 1);
        bool closes = value == TextEnds[_closing];
        _closing = closes ? _closing + 1 : value == ']' ? Math.Min(_closing, 2) : 0;
        if (_closing < TextEnds.Length)
            return;
        if (_isQrCode)
            seen(_isPlain && _length <= _text.Length ? _text.Span[..(_length - TextEnds.Length)] : []);
        _text.Span.Clear();
        _inText = false;
    }
}
