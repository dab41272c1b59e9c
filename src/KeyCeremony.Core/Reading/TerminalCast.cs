using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace KeyCeremony.Core.Reading;

/// <summary>What a moment of a recording is.</summary>
public enum CastKind
{
    /// <summary>Text that was sent to the terminal.</summary>
    Sent,

    /// <summary>A place that somebody may want to go to: a step, a page that is not recorded.</summary>
    Marker,

    /// <summary>The terminal has another size from here on: <c>80x25</c>.</summary>
    Resized,
}

/// <param name="At">Since the recording began.</param>
public sealed record CastEvent(TimeSpan At, CastKind Kind, string Text);

/// <summary>
/// What a terminal was sent, in asciicast v2: a header, then a moment a line. docs/formats/recording.md. A recording is anybody's file:
/// what is read of it is shown only through <see cref="Permitted"/>.
/// </summary>
public sealed record TerminalCast(int Width, int Height, long Timestamp, string Title, ImmutableArray<CastEvent> Events)
{
    /// <summary>An eight-hour day whose clock moves every second, and every page of it, is a tenth of this.</summary>
    public const int MaxBytes = 32 * 1024 * 1024;

    /// <summary>The program is started anew after each interruption; nobody is interrupted so often.</summary>
    public const int MaxSessions = 64;

    /// <summary>Columns and rows; the largest terminal that is drawn.</summary>
    public const int MaxSide = 1000;

    public const string Extension = ".cast";

    private const int MaxEvents = 2_000_000;
    private const int MaxTitle = 200;

    private const char Escape = '\e';

    // Everything that the program's own screens send: docs/formats/recording.md has the list.
    private static readonly ImmutableHashSet<string> Words = ["\e[2J", "\e[3J", "\e[H", "\e[K", "\e[?25h", "\e[?25l"];

    private static readonly JsonWriterOptions Form = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The first line, with its LF.</summary>
    public static byte[] Header(int width, int height, DateTimeOffset began, string title) => Line(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("version", 2);
        json.WriteNumber("width", width);
        json.WriteNumber("height", height);
        json.WriteNumber("timestamp", began.ToUnixTimeSeconds());
        json.WriteString("title", title);
        json.WriteEndObject();
    });

    /// <summary>A line of its own, with its LF. Milliseconds.</summary>
    public static byte[] Line(CastEvent one) => Line(json =>
    {
        json.WriteStartArray();
        json.WriteRawValue(one.At.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture));
        json.WriteStringValue(Letter(one.Kind));
        json.WriteStringValue(one.Text);
        json.WriteEndArray();
    });

    /// <summary>The whole of it, or why not: CAST-01, CAST-02. What an interrupted recording ends with is no line, and refused.</summary>
    public static bool TryRead(ReadOnlySpan<byte> file, [NotNullWhen(true)] out TerminalCast? cast,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        cast = null;
        if (file.Length > MaxBytes)
        {
            refusal = CastRules.Size.Refuse($"The recording has more than {MaxBytes} bytes.");
            return false;
        }
        ImmutableArray<CastEvent>.Builder events = ImmutableArray.CreateBuilder<CastEvent>();
        (int Width, int Height, long Timestamp, string Title)? head = null;
        int number = 0;
        while (!file.IsEmpty)
        {
            number++;
            int end = file.IndexOf((byte)'\n');
            if (end < 0)
            {
                refusal = CastRules.Form.Refuse($"Line {number} has no end: the recording was cut off.");
                return false;
            }
            bool good = number == 1 ? TryHead(file[..end], out head)
                : TryEvent(file[..end], events.Count == 0 ? TimeSpan.Zero : events[^1].At, out CastEvent? one) && Add(events, one);
            if (!good)
            {
                refusal = CastRules.Form.Refuse($"Line {number} is none of asciicast v2, or its time goes back.");
                return false;
            }
            file = file[(end + 1)..];
        }
        if (head is not { } first)
        {
            refusal = CastRules.Form.Refuse("The file is empty.");
            return false;
        }
        cast = new TerminalCast(first.Width, first.Height, first.Timestamp, first.Title, events.ToImmutable());
        refusal = null;
        return true;
    }

    /// <summary>CAST-03 for a moment that holds what the program's screens never send; null: all is.</summary>
    public Refusal? Strange() => Events.FirstOrDefault(e => Permitted(e.Text, e.Kind == CastKind.Sent) != e.Text) is { } strange
        ? CastRules.Sequence.Refuse($"At {strange.At.TotalSeconds:0.000} seconds stands what no screen of this program sends.") : null;

    /// <summary>The text with a question mark for each character that steers the terminal in another way than our screens do.</summary>
    /// <param name="sequences">False: not even those.</param>
    public static string Permitted(string text, bool sequences = true)
    {
        if (PlainText.Is(text))
            return text;
        var safe = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length;)
        {
            int length = sequences ? Sequence(text, i) : 0;
            if (length == 0)
            {
                length = char.IsSurrogatePair(text, i) ? 2 : 1;
                string one = text.Substring(i, length);
                safe.Append(PlainText.Is(one) || sequences && one is "\r" or "\n" && sequences ? one : "?");
            }
            else
                safe.Append(text, i, length);
            i += length;
        }
        return safe.ToString();
    }

    /// <summary>How long the permitted sequence is that begins here; 0: none does.</summary>
    private static int Sequence(string text, int at)
    {
        if (text[at] != Escape || at + 2 >= text.Length || text[at + 1] != '[')
            return 0;
        int end = at + 2;
        while (end < text.Length && end - at < 32 && (char.IsAsciiDigit(text[end]) || text[end] is ';' or '?'))
            end++;
        if (end == text.Length)
            return 0;
        int length = end - at + 1;
        string all = text.Substring(at, length);
        // SGR; cursor to a place; cursor to the right.
        return Words.Contains(all) || text[end] is 'm' or 'H' or 'C' && !all.Contains('?', StringComparison.Ordinal) ? length : 0;
    }

    private static bool Add(ImmutableArray<CastEvent>.Builder events, CastEvent? one)
    {
        if (one is null || events.Count == MaxEvents)
            return false;
        events.Add(one);
        return true;
    }

    private static bool TryHead(ReadOnlySpan<byte> line, out (int Width, int Height, long Timestamp, string Title)? head)
    {
        head = null;
        if (Parsed(line) is not { ValueKind: JsonValueKind.Object } json
            || !json.TryGetProperty("version", out JsonElement version) || !Is(version, 2, 2, out _)
            || !json.TryGetProperty("width", out JsonElement w) || !Is(w, 1, MaxSide, out int width)
            || !json.TryGetProperty("height", out JsonElement h) || !Is(h, 1, MaxSide, out int height))
            return false;
        long timestamp = json.TryGetProperty("timestamp", out JsonElement t) && t.ValueKind == JsonValueKind.Number
            && t.TryGetInt64(out long seconds) ? seconds : 0;
        string title = json.TryGetProperty("title", out JsonElement s) && s.ValueKind == JsonValueKind.String
            && Text(s) is { } text ? PlainText.Of(text, MaxTitle) : "";
        head = (width, height, timestamp, title);
        return true;
    }

    private static bool TryEvent(ReadOnlySpan<byte> line, TimeSpan before, [NotNullWhen(true)] out CastEvent? one)
    {
        one = null;
        if (Parsed(line) is not { ValueKind: JsonValueKind.Array } json || json.GetArrayLength() != 3
            || json[0].ValueKind != JsonValueKind.Number || !json[0].TryGetDouble(out double seconds)
            || !(seconds >= 0) || seconds > TimeSpan.FromDays(30).TotalSeconds
            || json[1].ValueKind != JsonValueKind.String || json[2].ValueKind != JsonValueKind.String
            || Text(json[2]) is not { } text)
            return false;
        CastKind? kind = Text(json[1]) switch { "o" => CastKind.Sent, "m" => CastKind.Marker, "r" => CastKind.Resized, _ => null };
        var at = TimeSpan.FromMilliseconds(Math.Round(seconds * 1000));
        if (kind is null || at < before || kind == CastKind.Resized && !TrySize(text, out _, out _))
            return false;
        one = new CastEvent(at, kind.Value, text);
        return true;
    }

    /// <summary>Of a <see cref="CastKind.Resized"/>.</summary>
    public static bool TrySize(string text, out int width, out int height)
    {
        (width, height) = (0, 0);
        return text.Split('x') is [var w, var h]
            && int.TryParse(w, NumberStyles.None, CultureInfo.InvariantCulture, out width) && width is >= 1 and <= MaxSide
            && int.TryParse(h, NumberStyles.None, CultureInfo.InvariantCulture, out height) && height is >= 1 and <= MaxSide;
    }

    private static bool Is(JsonElement value, int least, int most, out int number)
    {
        number = 0;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out number) && number >= least && number <= most;
    }

    private static JsonElement? Parsed(ReadOnlySpan<byte> line)
    {
        try
        {
            using var document = JsonDocument.Parse(line.ToArray(), new JsonDocumentOptions { MaxDepth = 4 });
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Null: it holds half a surrogate pair, or bytes that are no UTF-8.</summary>
    private static string? Text(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static string Letter(CastKind kind) => kind switch { CastKind.Sent => "o", CastKind.Marker => "m", _ => "r" };

    private static byte[] Line(Action<Utf8JsonWriter> write)
    {
        using var line = new MemoryStream();
        using (var json = new Utf8JsonWriter(line, Form))
            write(json);
        line.WriteByte((byte)'\n');
        return line.ToArray();
    }
}

/// <summary>The rules of recordings.</summary>
internal sealed record CastRule(string Id, string Remedy)
{
    public Refusal Refuse(string what) => new(Id, what, Remedy);
}

internal static class CastRules
{
    public static readonly CastRule Form = new("CAST-01", "Take the recording from a bundle that verifies, or a file in asciicast v2.");
    public static readonly CastRule Size = new("CAST-02",
        "A recording of this program is never so long: take it from a bundle that verifies.");
    public static readonly CastRule Sequence = new("CAST-03", "This program did not write it. Do not send it to a terminal as it is.");
}
