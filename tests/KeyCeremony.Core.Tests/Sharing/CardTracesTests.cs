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
    public void Random_codes_are_no_cards()
    {
        for (int seed = 0; seed < 2000; seed++)
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
