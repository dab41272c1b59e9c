using System.Buffers.Text;
using System.IO.Compression;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using KeyCeremony.Core.Sharing;
using KeyCeremony.Core.Tests.Manifest.Devices;
using KeyCeremony.Core.Tests.Pki;
using KeyCeremony.Core.Transfer;

namespace KeyCeremony.Core.Tests.Sharing;

/// <summary>A card is known by its words and digits, whatever stands between; ordinary files are none.</summary>
public sealed class CardTracesTests
{
    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    private static readonly Dictionary<string, Func<ushort[], string>> Notations = new()
    {
        ["words"] = card => string.Join(' ', Words(card)),
        ["a word a line, CR LF"] = card => string.Join("\r\n", Words(card)),
        ["capitals"] = card => string.Join(' ', Words(card)).ToUpperInvariant(),
        ["commas"] = card => string.Join(", ", Words(card)),
        ["hyphens"] = card => string.Join('-', Words(card)),
        ["underscores"] = card => string.Join('_', Words(card)),
        ["semicolons"] = card => string.Join(';', Words(card)),
        ["bars"] = card => string.Join('|', Words(card)),
        ["slashes"] = card => string.Join('/', Words(card)),
        ["numbered"] = card => string.Join('\n', Words(card).Select((word, i) => $"{i + 1}. {word}")),
        ["numbered, close"] = card => string.Join(' ', Words(card).Select((word, i) => $"{i + 1}{word}")),
        ["named and numbered"] = card => string.Join('\n', Words(card).Select((word, i) => $"Word {i + 1}: {word}")),
        ["JSON"] = card => $"{{\"card\":[{string.Join(',', Words(card).Select(word => $"\"{word}\""))}]}}",
        ["CSV with positions"] = card => "n,word,position\n" + string.Concat(card.Select((p, i) => $"{i + 1},{WordList.Words[p]},{p}\n")),
        ["four letters"] = card => string.Join(' ', Words(card).Select(word => word[..4])),
        ["four letters, capitals, commas"] = card => string.Join(',', Words(card).Select(word => word[..4].ToUpperInvariant())),
        ["four letters, run together"] = card => string.Concat(Words(card).Select(word => word[..4])),
        ["run together"] = card => string.Concat(Words(card)),
        ["run together, a capital each"] = card => string.Concat(Words(card).Select(word => char.ToUpperInvariant(word[0]) + word[1..])),
        ["in two columns"] = card => string.Join('\n', Words(card).Chunk(2).Select((two, i) => $"{i}: {string.Join('\t', two)}")),
        ["each in a sentence"] = card => string.Join('\n', Words(card)
            .Select(word => $"And the one in row {card.Length} of it is: {word}.")),
        ["digits of its code"] = card => Digits(card, ""),
        ["digits in groups"] = card => Digits(card, " "),
        ["digits with hyphens"] = card => Digits(card, "-"),
        ["digits in lines of five"] = card => string.Join('\n', Digits(card, "").Chunk(5).Select(five => new string(five))),
        ["positions from 0"] = card => string.Join(", ", card),
        ["positions from 1"] = card => string.Join(' ', card.Select(p => p + 1)),
        ["positions, numbered"] = card => string.Join('\n', card.Select((p, i) => $"{i + 1}: {p}")),
        ["positions as JSON"] = card => $"{{\"card\":[{string.Join(',', card)}]}}",
        ["hex"] = card => Convert.ToHexStringLower(Packed(card)),
        ["hex in groups"] = card => string.Join(' ', Convert.ToHexString(Packed(card)).Chunk(4).Select(four => new string(four))),
        ["hex with a name"] = card => $"share = {Convert.ToHexStringLower(Packed(card))}\n",
        ["base32"] = card => string.Concat(card.Select(p => $"{Base32[p >> 5]}{Base32[p & 31]}")),
        ["base64"] = card => Convert.ToBase64String(Packed(card)),
        ["base64 of the words"] = card => Convert.ToBase64String(Encoding.ASCII.GetBytes(string.Join(' ', Words(card)))),
        ["base64 of the words, in lines"] = card => Convert.ToBase64String(Encoding.ASCII.GetBytes(string.Join(' ', Words(card))),
            Base64FormattingOptions.InsertLineBreaks),
        ["hex of the words"] = card => Convert.ToHexString(Encoding.ASCII.GetBytes(string.Join(' ', Words(card)))),
        ["a part of a card, with commas"] = card => string.Join(", ", Words(card).Take(7)),
        ["a misread word, numbered"] = card => string.Join('\n', Words(card).Select((word, i) => i == 3 ? "3. smudged" : $"{i}. {word}")),
        ["text above a request"] = card => $"{string.Join(' ', Words(card))}\n-----BEGIN CERTIFICATE REQUEST-----\n"
            + $"{Convert.ToBase64String(Samples.Certificate("root").Der.Span)}\n-----END CERTIFICATE REQUEST-----\n",
    };

    /// <summary>Looked for in files, codes and names alone.</summary>
    private static readonly Dictionary<string, Func<ushort[], string>> FileNotations = new()
    {
        ["full width"] = card => Wide(string.Join(' ', Words(card))),
        ["circled"] = card => string.Concat(string.Join(' ', Words(card)).Select(c => c == ' ' ? ' ' : (char)(c - 'a' + 0x24D0))),
        ["mathematical"] = card => string.Concat(string.Join(' ', Words(card))
            .Select(c => c == ' ' ? " " : char.ConvertFromUtf32(c - 'a' + 0x1D41A))),
        ["Cyrillic letters that look alike"] = card => string.Concat(string.Join(' ', Words(card)).Select(c => c switch
        {
            'a' => '\u0430',
            'c' => '\u0441',
            'e' => '\u0435',
            'i' => '\u0456',
            'o' => '\u043E',
            'p' => '\u0440',
            'y' => '\u0443',
            _ => c,
        })),
        ["accents"] = card => string.Join(' ', Words(card)).Replace('a', '\u00E1').Replace('e', '\u00E8').Replace('o', '\u00F6'),
        ["capitals of Turkish"] = card => string.Join(' ', Words(card)).ToUpperInvariant().Replace('I', '\u0130'),
        ["with a soft hyphen in each word"] = card => string.Join(' ', Words(card).Select(word => word.Insert(3, "\u00AD"))),
        ["with an accent over each letter"] = card => string.Concat(string.Join(' ', Words(card)).Select(c => $"{c}\u0301")),
        ["spelt"] = card => string.Join(' ', string.Concat(Words(card)).AsEnumerable()),
        ["spelt with hyphens, capitals"] = card => string.Join('-', string.Concat(Words(card)).ToUpperInvariant().AsEnumerable()),
        ["code in full-width digits"] = card => Wide(Digits(card, " ")),
        ["code in Arabic digits"] = card => string.Concat(Digits(card, " ").Select(c => c == ' ' ? c : (char)(c - '0' + 0x0660))),
        ["positions in Devanagari digits"] = card => string.Concat(string.Join(' ', card)
            .Select(c => c == ' ' ? c : (char)(c - '0' + 0x0966))),
        ["positions in hex"] = card => string.Join(' ', card.Select(p => $"{p:x3}")),
        ["positions in C"] = card => string.Join(", ", card.Select(p => $"0x{p:X}")),
        ["positions in hex, numbered"] = card => string.Join('\n', card.Select((p, i) => $"{i + 1}: {p:X}")),
        ["positions in octal"] = card => string.Join(' ', card.Select(p => Convert.ToString(p, 8))),
        ["positions in binary"] = card => string.Join(' ', card.Select(p => Convert.ToString(p, 2).PadLeft(10, '0'))),
        ["bits"] = card => string.Concat(card.Select(p => Convert.ToString(p, 2).PadLeft(10, '0'))),
        ["bits in bytes"] = card => string.Join(' ', Packed(card).Select(b => Convert.ToString(b, 2).PadLeft(8, '0'))),
        ["one decimal number"] = card => $"{Number(card)}\n",
        ["base 36"] = card => InBase(Number(card), "0123456789abcdefghijklmnopqrstuvwxyz"),
        ["base 58"] = card => InBase(Number(card), "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"),
        ["base 45"] = card => Base45(Packed(card)),
        ["PGP words"] = card => PgpWords.Of(Packed(card)),
        ["PGP words, numbered"] = card => string.Join('\n', PgpWords.Words(Packed(card)).Select((word, i) => $"{i + 1}. {word}")),
    };

    /// <summary>A card within what is encoded, dumped or packed, and as bytes.</summary>
    private static readonly Dictionary<string, Func<ushort[], byte[]>> Wrapped = new()
    {
        ["base64url"] = card => Ascii(Base64Url.EncodeToString(Packed(card))),
        ["base64url of the words"] = card => Ascii(Base64Url.EncodeToString(Text(card))),
        ["base64url within a line"] = card => Ascii($"token: {Base64Url.EncodeToString(Text(card))}; kept"),
        ["base64 of the words without its end"] = card => Ascii(Convert.ToBase64String(Text(card)).TrimEnd('=')),
        ["base64 of base64"] = card => Ascii(Convert.ToBase64String(Ascii(Convert.ToBase64String(Text(card))))),
        ["base32 of the words"] = card => Ascii(InBase32(Text(card))),
        ["base32 in lower case and groups"] = card => Ascii(string.Join(' ', InBase32(Text(card)).ToLowerInvariant().Chunk(8)
            .Select(eight => new string(eight)))),
        ["base32hex"] = card => Ascii(InBase(Number(card), "0123456789ABCDEFGHIJKLMNOPQRSTUV")),
        ["xxd"] = card => Ascii(Dump(Text(card), i => $"{i:x8}: ", 2, " ", letters => $"  {letters}")),
        ["hexdump -C"] = card => Ascii(Dump(Text(card), i => $"{i:x8}  ", 1, " ", letters => $"  |{letters}|")),
        ["hexdump, two bytes turned"] = card => Ascii(Dump(Turned(Text(card)), i => $"{i:x7} ", 2, " ", _ => "")),
        ["hexdump of the bytes"] = card => Ascii(Dump(Packed(card), i => $"{i:x8}  ", 1, " ", _ => "")),
        ["an array in C"] = card => Ascii(string.Join(", ", Text(card).Select(b => $"0x{b:X2}"))),
        ["escapes"] = card => Ascii(string.Concat(Text(card).Select(b => $"\\x{b:x2}"))),
        ["percent"] = card => Ascii(string.Concat(Text(card).Select(b => $"%{b:X2}"))),
        ["bytes in decimal"] = card => Ascii($"[{string.Join(", ", Text(card))}]"),
        ["od"] = card => Ascii(string.Join('\n', Text(card).Chunk(16).Select((line, i) =>
            $"{Convert.ToString(16 * i, 8).PadLeft(7, '0')} "
                + string.Join(' ', line.Select(b => Convert.ToString(b, 8).PadLeft(3, '0')))))),
        ["uuencode"] = card => Ascii($"begin 644 card.txt\n{Uuencoded(Text(card), ' ')}`\nend\n"),
        ["uuencode of the bytes, in a mail"] = card => Ascii($"Dear all,\n\nbegin 600 c\n{Uuencoded(Packed(card), '`')}`\nend\n"),
        ["Ascii85"] = card => Ascii($"<~{In85(Text(card), Ascii85)}~>"),
        ["Ascii85 in lines, without a frame"] = card => Ascii(string.Join('\n', In85(Text(card), Ascii85).Chunk(60)
            .Select(line => new string(line)))),
        ["Ascii85 of the bytes"] = card => Ascii(In85(Packed(card), Ascii85)),
        ["Z85 within a line"] = card => Ascii($"key {In85(Text(card), Z85)} kept"),
        ["base 85 of git"] = card => Ascii(In85(Text(card), Git85)),
        ["bytewords, as UR has them"] = card => Ascii($"ur:bytes/{Bytewords.Write(InCbor(Text(card))).ToLowerInvariant()}"),
        ["bytewords of the bytes"] = card => Ascii(Bytewords.Write(Packed(card))),
        ["bytewords of the bytes in CBOR, in a text"] = card => Ascii($"the code is {Bytewords.Write(InCbor(Packed(card)))} kept"),
        ["bytewords of the words, written out"] = card => Ascii($"Note: {WrittenOut(Bytewords.Write(Text(card)), " ")}\n"),
        ["bytewords of the bytes, written out with hyphens"] = card => Ascii(WrittenOut(Bytewords.Write(Packed(card)), "-")),
        ["gzip"] = card => Pressed(to => new GZipStream(to, CompressionLevel.Optimal), Text(card)),
        ["gzip of the code"] = card => Pressed(to => new GZipStream(to, CompressionLevel.Optimal), Ascii(Digits(card, ""))),
        ["gzip in base64"] = card => Ascii(Convert.ToBase64String(
            Pressed(to => new GZipStream(to, CompressionLevel.Optimal), Text(card)), Base64FormattingOptions.InsertLineBreaks)),
        ["zlib"] = card => Pressed(to => new ZLibStream(to, CompressionLevel.Optimal), Text(card)),
        ["zip"] = card => Zipped(card, 1),
        ["a spreadsheet of many sheets"] = card => Zipped(card, 20),
        ["a PDF"] = card => [.. "%PDF-1.4\n1 0 obj\n<</Filter/FlateDecode>>\nstream\n"u8,
            .. Pressed(to => new ZLibStream(to, CompressionLevel.Optimal), Text(card)), .. "\nendstream"u8],
        ["lines of base64 between dashes"] = card => Ascii("-----BEGIN CARD-----\n"
            + Convert.ToBase64String(Text(card), Base64FormattingOptions.InsertLineBreaks) + "\n-----END CARD-----\n"),
        ["lines of base64 in JSON"] = card => Ascii("{\"note\": \""
            + Convert.ToBase64String(Text(card), Base64FormattingOptions.InsertLineBreaks).ReplaceLineEndings("\\n") + "\"}"),
        ["UTF-16 in base64"] = card => Ascii(Convert.ToBase64String(Encoding.Unicode.GetBytes(Encoding.ASCII.GetString(Text(card))))),
        ["escapes of JSON"] = card => Ascii(string.Concat(Text(card).Select(b => $"\\u{b:x4}"))),
        ["a word of the list before each"] = card => Ascii(string.Join('\n',
            Words(card).Select((word, i) => $"{i + 1}. Wort: {word} gut"))),
        ["bytes"] = Packed,
        ["bytes and a line feed"] = card => [.. Packed(card), (byte)'\n'],
        ["two bytes a word"] = card => [.. card.SelectMany(p => new[] { (byte)(p >> 8), (byte)(p & 0xFF) })],
        ["two bytes a word, turned"] = card => [.. card.SelectMany(p => new[] { (byte)(p & 0xFF), (byte)(p >> 8) })],
    };

    [Theory]
    [MemberData(nameof(EveryWrapping))]
    public void A_card_in_a_file_is_found_within_what_is_encoded_dumped_or_packed(string wrapping, int length)
    {
        byte[] file = Wrapped[wrapping](Card(length, wrapping.Length));
        Assert.True(CardTraces.AreInFile(file), Encoding.Latin1.GetString(file));
        Assert.False(Artefact.TryCreate("notes.bin", MediaTypes.Unknown, file, out _, out Refusal? refusal));
        Assert.Equal(TransferRules.PerhapsACardId, refusal!.Rule);
    }

    /// <summary>RFC 1950 2.2, FDICT: what nobody can unpack without its dictionary. A line of any certificate may begin so.</summary>
    [Fact]
    public void What_only_looks_packed_is_no_card_and_no_fault()
    {
        byte[] preset = [0x78, 0x20, 0, 0, 0, 1, .. Enumerable.Range(0, 60).Select(i => unchecked((byte)(i * 37)))];
        Assert.False(CardTraces.AreInFile(preset));
        Assert.False(CardTraces.AreInFile(Ascii($"-----BEGIN CERTIFICATE-----\nMIIB{Convert.ToBase64String(new byte[45])}\n"
            + $"{Convert.ToBase64String(preset[..48])}\n-----END CERTIFICATE-----\n")));
    }

    public static TheoryData<string, int> EveryWrapping()
    {
        var all = new TheoryData<string, int>();
        foreach (string wrapping in Wrapped.Keys)
        {
            all.Add(wrapping, 16);
            all.Add(wrapping, 32);
        }
        return all;
    }

    private const string Ascii85 = "!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstu";
    private const string Z85 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
    private const string Git85 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";

    private static string In85(byte[] bytes, string digits) => string.Concat(bytes.Chunk(4).Select(four =>
    {
        uint value = 0;
        for (int i = 0; i < 4; i++)
            value = (value << 8) | (i < four.Length ? four[i] : 0u);
        char[] five = new char[5];
        for (int i = 4; i >= 0; i--, value /= 85)
            five[i] = digits[(int)(value % 85)];
        return new string(five[..(four.Length + 1)]);
    }));

    // RFC 8949 3.1: a string of bytes.
    private static byte[] InCbor(byte[] bytes) => bytes.Length < 256 ? [0x58, (byte)bytes.Length, .. bytes]
        : [0x59, (byte)(bytes.Length >> 8), (byte)(bytes.Length & 0xFF), .. bytes];

    // Two letters between the first and the last one stand for those of the byte's word.
    private static string WrittenOut(string letters, string between) =>
        string.Join(between, letters.ToLowerInvariant().Chunk(2).Select(two => $"{two[0]}xx{two[1]}"));

    private static string Uuencoded(byte[] bytes, char zero) => string.Concat(bytes.Chunk(45).Select(line =>
        $"{Uu(line.Length)}{string.Concat(line.Chunk(3).Select(three =>
        {
            int value = (three[0] << 16) | (three.ElementAtOrDefault(1) << 8) | three.ElementAtOrDefault(2);
            return string.Concat(new[] { 18, 12, 6, 0 }.Select(shift => Uu((value >> shift) & 0x3F))).Replace(' ', zero);
        }))}\n"));

    private static char Uu(int value) => (char)(value + ' ');

    /// <summary>Nobody here looks into it: what cannot be told is not taken along.</summary>
    [Theory]
    [InlineData("xz", new byte[] { 0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00, 1, 2 })]
    [InlineData("bzip2", new byte[] { 0x42, 0x5A, 0x68, 0x39, 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, 1, 2 })]
    [InlineData("zstd", new byte[] { 0x28, 0xB5, 0x2F, 0xFD, 1, 2 })]
    [InlineData("7z", new byte[] { 0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C })]
    [InlineData("lz4", new byte[] { 0x04, 0x22, 0x4D, 0x18, 0x64, 0x40 })]
    [InlineData("lzip", new byte[] { 0x4C, 0x5A, 0x49, 0x50, 0x01, 0x0C })]
    [InlineData("lzop", new byte[] { 0x89, 0x4C, 0x5A, 0x4F, 0x00, 0x0D })]
    [InlineData("compress", new byte[] { 0x1F, 0x9D, 0x90, 0x2D, 0x5A })]
    [InlineData("cab", new byte[] { 0x4D, 0x53, 0x43, 0x46, 0, 0, 0, 0, 0x2C })]
    public void What_is_packed_and_cannot_be_looked_into_does_not_pass(string packer, byte[] file)
    {
        Assert.False(Artefact.TryCreate("notes.bin", MediaTypes.Unknown, file, out _, out Refusal? refusal));
        Assert.Equal(TransferRules.PackedId, refusal!.Rule);
        Assert.Contains(packer, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Archives_dumps_and_codes_of_anything_else_are_no_cards()
    {
        byte[] text = File.ReadAllBytes(Path.Combine(Repository.Root, "README.md")), der = Samples.Certificate("root").Der.ToArray();
        foreach (byte[] file in new[] { text, der, SHA256.HashData(text) })
        {
            Assert.False(CardTraces.AreInFile(Pressed(to => new GZipStream(to, CompressionLevel.Fastest), file)));
            Assert.False(CardTraces.AreInFile(Ascii(Base64Url.EncodeToString(file))));
            Assert.False(CardTraces.AreInFile(Ascii(InBase32(file))));
            Assert.False(CardTraces.AreInFile(Ascii(Dump(file, i => $"{i:x8}: ", 2, " ", letters => $"  {letters}"))));
        }
        foreach (string digits in new[] { Ascii85, Z85, Git85 })
            Assert.False(CardTraces.AreInFile(Ascii(In85(text, digits))));
        Assert.False(CardTraces.AreInFile(Ascii($"begin 644 README.md\n{Uuencoded(text, '`')}`\nend\n")));
        Assert.False(CardTraces.AreInFile([0x1F, 0x8B, .. SHA256.HashData(text)]));
        Assert.False(CardTraces.AreInFile([.. "PK\x3\x4"u8, .. new byte[40]]));
    }

    [Theory]
    [MemberData(nameof(EveryFileNotation))]
    public void A_card_in_a_file_is_found_in_further_notations(string notation, int length)
    {
        for (int seed = 1; seed <= 3; seed++)
        {
            byte[] text = Encoding.UTF8.GetBytes(FileNotations[notation](Card(length, seed)));
            Assert.True(CardTraces.AreInFile(text), Encoding.UTF8.GetString(text));
            var codes = new CodeCollector();
            codes.Take(text);
            Assert.Null(codes.Artefact);
            Assert.Equal(TransferRules.PerhapsACardId, codes.Refusal?.Rule);
            Assert.False(Artefact.TryCreate("notes.txt", MediaTypes.Unknown, text, out _, out Refusal? refusal));
            Assert.Equal(TransferRules.PerhapsACardId, refusal!.Rule);
        }
    }

    public static TheoryData<string, int> EveryFileNotation()
    {
        var all = new TheoryData<string, int>();
        foreach (string notation in FileNotations.Keys)
        {
            all.Add(notation, 16);
            all.Add(notation, 32);
        }
        return all;
    }

    [Fact]
    public void A_card_in_full_width_and_UTF16_is_found() =>
        Assert.True(CardTraces.AreInFile([0xFE, 0xFF, .. Encoding.BigEndianUnicode.GetBytes(Wide(string.Join(' ', Words(Card(16, 1)))))]));

    [Theory]
    [MemberData(nameof(EveryCard))]
    public void A_card_is_found_in_every_notation(string notation, int length)
    {
        for (int seed = 1; seed <= 3; seed++)
        {
            string text = Notations[notation](Card(length, seed));
            Assert.True(CardTraces.Are(Encoding.UTF8.GetBytes(text)), text);
            var codes = new CodeCollector();
            codes.Take(Encoding.UTF8.GetBytes(text));
            Assert.Null(codes.Artefact);
            Assert.Equal(TransferRules.PerhapsACardId, codes.Refusal?.Rule);
        }
    }

    public static TheoryData<string, int> EveryCard()
    {
        var all = new TheoryData<string, int>();
        foreach (string notation in Notations.Keys)
        {
            all.Add(notation, 16);
            all.Add(notation, 32);
        }
        return all;
    }

    [Fact]
    public void A_card_in_UTF16_is_found() =>
        Assert.True(CardTraces.Are([0xFF, 0xFE, .. Encoding.Unicode.GetBytes(string.Join(' ', Words(Card(16, 1))))]));

    [Fact]
    public void A_card_that_travels_as_a_file_is_refused()
    {
        byte[] card = Encoding.ASCII.GetBytes(string.Join(' ', Words(Card(32, 1))));
        Assert.False(Artefact.TryCreate("notes.txt", MediaTypes.Unknown, card, out _, out Refusal? refusal));
        Assert.Equal(TransferRules.PerhapsACardId, refusal!.Rule);
        Assert.False(Artefact.TryCreate(Digits(Card(16, 1), ""), MediaTypes.Unknown, "empty"u8.ToArray(), out _, out refusal));
        Assert.Equal(TransferRules.PerhapsACardId, refusal!.Rule);
    }

    /// <summary>The pages and sources of this program are English, tables, hashes and JSON of every kind; none of them is a card.</summary>
    [Fact]
    public void Ordinary_files_are_no_cards()
    {
        string root = Repository.Root;
        // What shows a card or the words is found, and must be.
        string[] found = [.. new[] { "docs", "ceremony-scripts", "src/KeyCeremony.Core", "src/KeyCeremony.App", "iso" }
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(root, folder), "*", SearchOption.AllDirectories))
            .Where(f => !f.Contains("/bin/", StringComparison.Ordinal) && !f.Contains("/obj/", StringComparison.Ordinal))
            .Where(f => CardTraces.AreInFile(File.ReadAllBytes(f))).Select(f => Path.GetRelativePath(root, f))
            .Order(StringComparer.Ordinal)];
        Assert.Equal(["docs/formats/share-card.md", "src/KeyCeremony.Core/Sharing/WordList.cs"], found);
    }

    [Fact]
    public void Certificates_lists_and_hashes_are_no_cards()
    {
        foreach (string profile in new[] { "root" })
        {
            byte[] der = Samples.Certificate(profile).Der.ToArray();
            Assert.False(CardTraces.AreInFile(der));
            Assert.False(CardTraces.AreInFile(Encoding.ASCII.GetBytes(PemEncoding.WriteString("CERTIFICATE", der))));
        }
        Assert.False(CardTraces.AreInFile(DeviceLists.Csv(5000)));
        string revocations = "serial,date,reason\n" + string.Concat(Enumerable.Range(1, 2000).Select(i =>
            $"{Convert.ToHexStringLower(SHA256.HashData(BitConverter.GetBytes(i))[..20])},2026-01-01T00:00:{i % 60:00}Z,superseded\n"));
        Assert.False(CardTraces.AreInFile(Encoding.ASCII.GetBytes(revocations)));
        string decimals = "serial,date,reason\n" + string.Concat(Enumerable.Range(1, 2000).Select(i =>
            $"{new BigInteger(SHA256.HashData(BitConverter.GetBytes(i)).AsSpan(0, 16), isUnsigned: true)},"
            + "2026-01-01T00:00:00Z,keyCompromise\n"));
        Assert.False(CardTraces.AreInFile(Encoding.ASCII.GetBytes(decimals)));
        string table = string.Concat(Enumerable.Range(0, 2000).Select(i => $"{i % 17};{i * 31 % 1000};{i * 7 % 512};10.0.{i % 256}.1\n"));
        Assert.False(CardTraces.AreInFile(Encoding.ASCII.GetBytes(table)));
        Assert.False(CardTraces.AreInFile(new byte[4096]));
        Assert.False(CardTraces.AreInFile([]));
    }

    /// <summary>Random bytes in every code: what has a share's checksum by chance is rarer than one in a hundred million.</summary>
    [Fact]
    [Trait("Takes", "long")]
    public void Random_codes_are_no_cards()
    {
        for (int seed = 0; seed < 1000; seed++)
        {
            byte[] random = SHA512.HashData(BitConverter.GetBytes(seed));
            Assert.False(CardTraces.AreInFile(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(random[..25]))));
            Assert.False(CardTraces.AreInFile(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(random[..42]))));
            Assert.False(CardTraces.AreInFile(Encoding.ASCII.GetBytes(Convert.ToBase64String(random[..42]))));
            Assert.False(CardTraces.AreInFile(Encoding.ASCII.GetBytes(string.Join(' ', random.Select(b => b * 4)))));
            Assert.False(CardTraces.AreInFile(Encoding.ASCII.GetBytes(string.Join(' ', random.Select(b => $"{b * 4:x}")))));
            Assert.False(CardTraces.AreInFile(Encoding.ASCII.GetBytes($"{new BigInteger(random.AsSpan(..42), isUnsigned: true)}")));
            Assert.False(CardTraces.AreInFile(Encoding.ASCII.GetBytes(PgpWords.Of(random))));
        }
    }

    private static ushort[] Card(int length, int seed)
    {
        using ShareSet set = Tests.Sharing.Cards.Deal(2, 3, length, seed);
        return set.Shares[seed % 3].Indices.ToArray();
    }

    private static byte[] Ascii(string text) => Encoding.ASCII.GetBytes(text);

    private static byte[] Text(ushort[] card) => Ascii(string.Join(' ', Words(card)));

    private static byte[] Turned(byte[] text) => [.. text.Chunk(2).SelectMany(two => two.Reverse())];

    private static string Dump(byte[] bytes, Func<int, string> offset, int together, string between, Func<string, string> behind) =>
        string.Join('\n', bytes.Chunk(16).Select((line, i) => offset(16 * i)
            + string.Join(between, line.Chunk(together).Select(Convert.ToHexStringLower))
            + behind(string.Concat(line.Select(b => b is >= 0x20 and < 0x7F ? (char)b : '.')))));

    private static byte[] Pressed(Func<Stream, Stream> press, byte[] file)
    {
        using var pressed = new MemoryStream();
        using (Stream stream = press(pressed))
            stream.Write(file);
        return pressed.ToArray();
    }

    private static byte[] Zipped(ushort[] card, int before)
    {
        using var file = new MemoryStream();
        using (var archive = new ZipArchive(file, ZipArchiveMode.Create))
        {
            for (int i = 0; i < before; i++)
                using (Stream other = archive.CreateEntry($"readme-{i}.txt").Open())
                    other.Write("Nothing to see here, and nothing to see there, and nothing to see here."u8);
            using Stream entry = archive.CreateEntry("notes.txt").Open();
            entry.Write(Text(card));
        }
        return file.ToArray();
    }

    private static string InBase32(byte[] bytes)
    {
        string bits = string.Concat(bytes.Select(b => Convert.ToString(b, 2).PadLeft(8, '0')));
        return string.Concat(bits.Chunk(5).Select(five => Base32[Convert.ToInt32(new string(five).PadRight(5, '0'), 2)]));
    }

    private static IEnumerable<string> Words(ushort[] card) => card.Select(position => WordList.Words[position]);

    private static string Digits(ushort[] card, string between) => string.Join(between, card.Select(position => $"{position:D4}"));

    private static string Wide(string text) => string.Concat(text.Select(c => c == ' ' ? '\u3000' : (char)(c + 0xFEE0)));

    private static BigInteger Number(ushort[] card) => new(Packed(card), isUnsigned: true, isBigEndian: true);

    private static string InBase(BigInteger value, string digits)
    {
        string text = "";
        for (; value > 0; value /= digits.Length)
            text = digits[(int)(value % digits.Length)] + text;
        return text;
    }

    // RFC 9285 4.
    private static string Base45(byte[] bytes)
    {
        const string Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
        return string.Concat(bytes.Chunk(2).Select(two => two.Length == 1
            ? $"{Digits[two[0] % 45]}{Digits[two[0] / 45]}"
            : $"{Digits[((two[0] << 8) | two[1]) % 45]}{Digits[((two[0] << 8) | two[1]) / 45 % 45]}"
                + $"{Digits[((two[0] << 8) | two[1]) / 2025]}"));
    }

    // Ten bits a word, filled up with zeros in front.
    private static byte[] Packed(ushort[] card)
    {
        BigInteger bits = card.Aggregate(BigInteger.Zero, (all, position) => (all << 10) | position);
        byte[] bytes = new byte[((10 * card.Length) + 7) / 8];
        byte[] found = bits.ToByteArray(isUnsigned: true, isBigEndian: true);
        found.CopyTo(bytes, bytes.Length - found.Length);
        return bytes;
    }
}
