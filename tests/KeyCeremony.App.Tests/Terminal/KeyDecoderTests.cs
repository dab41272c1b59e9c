using System.Text;
using FsCheck;
using FsCheck.Fluent;
using KeyCeremony.App.Terminal;

namespace KeyCeremony.App.Tests.Terminal;

public sealed class KeyDecoderTests
{
    public static TheoryData<string, KeyKind> Sequences => new()
    {
        { "\r", KeyKind.Enter },
        { "\n", KeyKind.Enter },
        { "\eOM", KeyKind.Enter },
        { "\x7F", KeyKind.Backspace },
        { "\b", KeyKind.Backspace },
        { "\t", KeyKind.Tab },
        { "\e[A", KeyKind.Up },
        { "\eOB", KeyKind.Down },
        { "\e[C", KeyKind.Right },
        { "\e[1;5D", KeyKind.Left },
        { "\e[3~", KeyKind.Delete },
        { "\e[5~", KeyKind.PageUp },
        { "\e[6~", KeyKind.PageDown },
        { "\e[H", KeyKind.Home },
        { "\e[1~", KeyKind.Home },
        { "\e[7~", KeyKind.Home },
        { "\eOF", KeyKind.End },
        { "\e[4~", KeyKind.End },
        { "\eOP", KeyKind.F1 }, // xterm, tmux, VT100
        { "\eOS", KeyKind.F4 },
        { "\e[11~", KeyKind.F1 }, // VT220, rxvt
        { "\e[15~", KeyKind.F5 },
        { "\e[17~", KeyKind.F6 },
        { "\e[21~", KeyKind.F10 },
        { "\e[[A", KeyKind.F1 }, // the Linux console
        { "\e[[E", KeyKind.F5 },
        { "\e1", KeyKind.F1 }, // Esc and a digit, sent as one by Alt
        { "\e0", KeyKind.F10 },
        { "\x03", KeyKind.Ctrl },
        { "\x1C", KeyKind.Ctrl },
        { "a", KeyKind.Rune },
        { "ž", KeyKind.Rune },
        { "𝔸", KeyKind.Rune },
    };

    [Theory]
    [MemberData(nameof(Sequences))]
    public void A_key_is_known_whole_and_cut_anywhere(string sent, KeyKind key)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(sent);
        for (int cut = 0; cut < bytes.Length; cut++)
            Assert.Equal([key], Decoded(bytes[..cut], bytes[cut..]));
    }

    [Fact]
    public void A_lone_escape_is_the_escape_key_only_when_nothing_follows()
    {
        using var decoder = new KeyDecoder();
        Receive(decoder, [0x1B]);
        Assert.False(decoder.TryNext(out _));
        Assert.True(decoder.IsWaiting);
        Assert.True(decoder.TryFlush(out Key key));
        Assert.Equal(KeyKind.Esc, key.Kind);
        Assert.False(decoder.IsWaiting);
    }

    [Fact]
    public void Control_c_is_a_key_with_its_letter()
    {
        using var decoder = new KeyDecoder();
        Receive(decoder, [3]);
        Assert.True(decoder.TryNext(out Key key));
        Assert.True(key.IsCtrl('c'));
    }

    [Theory]
    [InlineData("\e[99~x")]
    [InlineData("\e[?25hx")]
    [InlineData("\e[[Zx")]
    [InlineData("\0x")]
    public void What_is_unknown_is_dropped_and_the_next_key_is_not(string sent) =>
        Assert.Equal([KeyKind.Rune], Decoded(Encoding.UTF8.GetBytes(sent)));

    [Fact]
    public void A_pasted_text_answers_nothing()
    {
        List<KeyKind> keys = Decoded(Encoding.UTF8.GetBytes("\e[200~yes\rno\n\x03\e[201~"));
        Assert.Equal(Enumerable.Repeat(KeyKind.Rune, 5), keys);
    }

    [Fact]
    public void Ten_kilobytes_of_paste_are_taken_piece_by_piece()
    {
        using var decoder = new KeyDecoder();
        byte[] paste = [.. Enumerable.Repeat((byte)'w', 10 * 1024)];
        int keys = 0;
        for (int at = 0; at < paste.Length;)
        {
            int take = Math.Min(decoder.Room.Length, paste.Length - at);
            Receive(decoder, paste.AsSpan(at, take));
            at += take;
            while (decoder.TryNext(out _))
                keys++;
        }
        Assert.Equal(paste.Length, keys);
    }

    [Fact]
    public void What_was_decoded_is_wiped()
    {
        using var decoder = new KeyDecoder();
        Receive(decoder, "academic"u8);
        while (decoder.TryNext(out _))
            continue;
        Assert.Equal(KeyDecoder.Capacity, decoder.Room.Length);
        Assert.True(decoder.Room.IndexOfAnyExcept((byte)0) < 0);
    }

    [Fact]
    public void A_key_never_prints_its_character() => Assert.Equal("Rune", Key.Of('s').ToString());

    [Fact]
    public void Any_bytes_are_used_up_and_never_throw() =>
        Prop.ForAll<byte[]>(bytes =>
        {
            using var decoder = new KeyDecoder();
            foreach (byte[] piece in bytes.Chunk(7))
            {
                Receive(decoder, piece);
                while (decoder.TryNext(out _))
                    continue;
            }
            while (decoder.TryFlush(out _))
                continue;
            return !decoder.IsWaiting;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Escape_sequences_of_any_kind_are_used_up_and_never_throw()
    {
        char[] signs = ['\e', '[', 'O', '1', '9', ';', '~', 'A', '?', ' ', 'z', '\r'];
        Prop.ForAll(Gen.Elements(signs).ArrayOf().ToArbitrary(), typed =>
        {
            using var decoder = new KeyDecoder();
            foreach (char[] piece in typed.Chunk(5))
            {
                Receive(decoder, Encoding.ASCII.GetBytes(piece));
                while (decoder.TryNext(out _))
                    continue;
            }
            while (decoder.TryFlush(out _))
                continue;
            return !decoder.IsWaiting;
        }).QuickCheckThrowOnFailure();
    }

    private static List<KeyKind> Decoded(params byte[][] pieces)
    {
        using var decoder = new KeyDecoder();
        var keys = new List<KeyKind>();
        foreach (byte[] piece in pieces)
        {
            Receive(decoder, piece);
            while (decoder.TryNext(out Key key))
                keys.Add(key.Kind);
        }
        return keys;
    }

    private static void Receive(KeyDecoder decoder, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(decoder.Room);
        decoder.Received(bytes.Length);
    }
}
