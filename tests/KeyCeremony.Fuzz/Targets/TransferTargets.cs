using System.IO.Compression;
using System.Text;
using KeyCeremony.App.Camera;
using KeyCeremony.Core;
using KeyCeremony.Core.Sharing;
using KeyCeremony.Core.Transfer;

namespace KeyCeremony.Fuzz.Targets;

/// <summary>What a camera sees: frames of a transfer, texts, cards, pictures.</summary>
internal static class TransferTargets
{
    /// <summary>How an input of the target <c>ur</c> is meant: its first byte. Behind checksums nothing is found by chance.</summary>
    private const byte Codes = (byte)'0', PartBytes = (byte)'1', MessageBytes = (byte)'2', ContainerBytes = (byte)'3';

    private const int SmallScreen = 200;

    private static readonly byte[][] Ur = [.. FuzzTarget.WordsOf("ur:compressed/ UR:COMPRESSED/ 1-9 4294967295-4096 / - data name type "
        + "application/pkix-crl text/plain a.crl aeadaolazmjendeoti"),
        [0x85], [0x83], [0xa3], [0x1a], [0x1b], [0x58], [0x59], [0x5a], [0xbf], [0xff]];

    private static readonly byte[][] Cards = FuzzTarget.WordsOf("academic acid acne acquire acrobat zero yoga duckling enlarge eraser "
        + "0 1 1023 1024 0000 , . - : \" 1. 01 acad acid");

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("ur", 12 * 1024, ReadCodes, CodeSeeds, Ur),
        new("card", 2 * 1024, ReadCard, CardSeeds, Cards),
        new("card-file", 4 * 1024, ReadFile, FileSeeds,
            [.. Cards, .. FuzzTarget.WordsOf("%PDF-1.4 stream eJw eNo eCA H4sI <~ ~> begin 0x \\x %4"), [0x1F, 0x8B, 8], [0x78, 0x20],
                [0x78, 0x9C], [.. "PK"u8, 3, 4], [0xFF, 0xFE], [0xFE, 0xFF]]),
        new("camera", 4 * 1024, ReadPicture, PictureSeeds,
            FuzzTarget.WordsOf("<symbol type='QR-Code' <data> <![CDATA[ ]]></data></symbol> ]]> > < ")),
    ];

    private static void ReadCodes(byte[] input)
    {
        if (input.Length == 0)
            return;
        ReadOnlyMemory<byte> rest = input.AsMemory(1);
        switch (input[0])
        {
            case PartBytes:
                ReadPart(rest);
                break;
            case MessageBytes:
                Collect([Encoding.ASCII.GetBytes(FrameText.Whole(rest.Span))]);
                break;
            case ContainerBytes:
                Collect([Encoding.ASCII.GetBytes(FrameText.Whole(CompressedMessage.Write(rest.Span)))]);
                break;
            default:
                Collect(Lines(rest));
                break;
        }
    }

    /// <summary>A code a line; a code that holds a line feed is none of ours.</summary>
    private static IEnumerable<byte[]> Lines(ReadOnlyMemory<byte> rest)
    {
        while (!rest.IsEmpty)
        {
            int end = rest.Span.IndexOf((byte)'\n');
            yield return (end < 0 ? rest : rest[..end]).ToArray();
            rest = end < 0 ? default : rest[(end + 1)..];
        }
    }

    private static void ReadPart(ReadOnlyMemory<byte> bytes)
    {
        if (!Part.TryRead(bytes, out Part? part, out Refusal? refusal))
        {
            Held.Ours(refusal);
            return;
        }
        Held.Same(part.Write(), bytes.Span, "A part has one form.");
        if (part.Count <= TransferLimits.MaxFragments)
            Collect([Encoding.ASCII.GetBytes(FrameText.OfPart(part)),
                Encoding.ASCII.GetBytes(FrameText.OfPart(part with { Number = 1 }))]);
    }

    private static void Collect(IEnumerable<byte[]> codes)
    {
        var collector = new CodeCollector();
        foreach (byte[] code in codes)
        {
            ReadFrame(code);
            collector.Take(code);
            Held.That(collector.Known <= collector.Count && collector.Count <= TransferLimits.MaxFragments,
                "So many are known of so many.");
            if (collector.Refusal is { } refused)
                Held.Ours(refused);
            if (collector.Artefact is not { } artefact)
            {
                Held.Ours(collector.Missing());
                continue;
            }
            ShowAgain(artefact);
            collector.Next();
        }
    }

    private static void ReadFrame(byte[] code)
    {
        string text = Encoding.Latin1.GetString(code);
        if (!FrameText.TryRead(text, out byte[]? whole, out Part? part, out Refusal? refusal))
        {
            Held.Ours(refusal);
            return;
        }
        Held.That((whole is null) != (part is null) && text.Length <= TransferLimits.MaxFrameCharacters, "A frame is one of two.");
        Held.That(text.Equals(whole is null ? FrameText.OfPart(part!) : FrameText.Whole(whole), StringComparison.OrdinalIgnoreCase),
            "A frame has one form.");
    }

    private static void ShowAgain(Artefact artefact)
    {
        Held.That(!CardTraces.Are(artefact.Bytes.Span) && PlainText.Is(artefact.Name) && PlainText.Is(artefact.Type),
            "What comes in has a plain name and holds no card.");
        if (!OutgoingMessage.TryPack(artefact, out OutgoingMessage? message, out Refusal? refusal)
            || !message.TryCut(SmallScreen, out FrameSequence? frames, out refusal))
        {
            Held.Ours(refusal);
            return;
        }
        var collector = new FrameCollector();
        for (uint number = 1; number <= frames.Count; number++)
        {
            Held.That(frames.Text(number).Length <= SmallScreen, "No frame is longer than the screen takes.");
            Held.That(collector.TryTake(frames.Text(number), out _), "A frame that is shown is read.");
        }
        Held.That(collector.TryFinish(out Artefact? again, out _) && again.Name == artefact.Name && again.Type == artefact.Type
            && again.Bytes.Span.SequenceEqual(artefact.Bytes.Span), "What is shown again is the same.");
    }

    private static void ReadCard(byte[] input)
    {
        bool found = CardTraces.Are(input);
        if (Slip39.TryParseWords(Encoding.Latin1.GetString(input), out Share? share, out Refusal? refusal))
            Parsed(share, found);
        else
            Held.Ours(refusal);
        if (Slip39.TryParseNumeric(input, out share, out refusal))
            Parsed(share, found);
        else
            Held.Ours(refusal);
        TypeIn(input);
    }

    /// <summary>What a stick brings is looked through, whatever it claims to be packed in.</summary>
    private static void ReadFile(byte[] input) =>
        Held.That(CardTraces.AreInFile(input) || !CardTraces.Are(input), "What is a card in a text is one in a file.");

    private static void Parsed(Share share, bool found)
    {
        using (share)
        {
            Held.That(found, "A card that can be read is recognised as one.");
            byte[] digits = new byte[share.NumericLength];
            share.WriteNumeric(digits);
            Held.That(Slip39.TryParseNumeric(digits, out Share? again, out _) && again.Indices.SequenceEqual(share.Indices),
                "A card is read as it was written.");
            again!.Dispose();
        }
    }

    // The keys of a custodian: letters, and a blank that ends a word.
    private static void TypeIn(byte[] keys)
    {
        using var entry = WordEntry.Any(Slip39.MaxWords);
        foreach (byte key in keys.Where(key => key is >= 0x20 and < 0x7F).Take(400))
            if ((key == ' ' ? entry.Accept() : entry.Type((char)key)) is { } refusal)
                Held.Ours(refusal);
    }

    private static void ReadPicture(byte[] input)
    {
        if (PictureHeader.Of(input) is { } header)
            Held.That(header.Width > 0 && header.Height > 0 && header.Pixels > 0, "A picture has a size.");
        using var whole = new ZbarText();
        using var pieces = new ZbarText();
        var seen = new List<string>();
        var again = new List<string>();
        whole.Take(input, text => seen.Add(Encoding.Latin1.GetString(text)));
        foreach (byte one in input)
            pieces.Take([one], text => again.Add(Encoding.Latin1.GetString(text)));
        Held.That(seen.SequenceEqual(again), "How the pieces are cut changes nothing.");
    }

    private static IEnumerable<byte[]> CodeSeeds()
    {
        byte[] list = SeedFiles.OfBundle("crls/").First();
        Held.That(Artefact.TryCreate("root-3.crl", MediaTypes.Of("root-3.crl"), list, out Artefact? artefact, out _),
            "The seed has a name.");
        Held.That(OutgoingMessage.TryPack(artefact!, out OutgoingMessage? message, out _), "The seed can be packed.");
        byte[] container = ArtefactContainer.Write(artefact!);
        Held.That(message!.TryCut(SmallScreen, out FrameSequence? frames, out _), "The seed can be cut.");
        IEnumerable<string> texts = Enumerable.Range(1, frames!.Count + 2).Select(number => frames.Text((uint)number));
        yield return [Codes, .. Encoding.ASCII.GetBytes(string.Join('\n', texts))];
        yield return [Codes, .. Encoding.ASCII.GetBytes(FrameText.Whole(CompressedMessage.Write(container)))];
        yield return [Codes, .. SeedFiles.OfBundle("requests/mtls-m1.csr").First()];
        yield return [Codes, .. "-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n"u8];
        yield return [PartBytes, .. new Part(1, 2, 20, 7, new byte[10]).Write()];
        yield return [MessageBytes, .. CompressedMessage.Write(container)];
        yield return [ContainerBytes, .. container];
    }

    /// <summary>Cards of nobody: their secret is sixteen zeros.</summary>
    private static IEnumerable<byte[]> CardSeeds()
    {
        using var secret = new SecretBytes(16);
        var words = new List<byte[]>();
        Held.That(GroupPlan.TryCreate(2, 3, out GroupPlan? plan, out _), "The seed can be dealt.");
        using (ShareSet set = Slip39.Split(secret, plan!, bytes => bytes.Clear()))
            foreach (Share share in set.Shares)
            {
                words.Add(Encoding.ASCII.GetBytes(string.Join(' ',
                    Enumerable.Range(1, share.WordCount).Select(i => Encoding.ASCII.GetString(share.Word(i))))));
                byte[] digits = new byte[share.NumericLength];
                share.WriteNumeric(digits);
                words.Add(digits);
            }
        return words.Concat(SeedFiles.Texts("The quick officer opens bag KC-1001 at noon.", "1 academic\n2 acid\n3 acne\n"));
    }

    private static IEnumerable<byte[]> FileSeeds()
    {
        foreach (byte[] card in CardSeeds())
        {
            yield return card;
            yield return Packed(to => new GZipStream(to, CompressionLevel.Optimal), card);
            byte[] zlib = Packed(to => new ZLibStream(to, CompressionLevel.Optimal), card);
            yield return [.. "%PDF-1.4\nstream\n"u8, .. zlib, .. "\nendstream"u8];
            yield return Encoding.ASCII.GetBytes(Convert.ToBase64String(zlib, Base64FormattingOptions.InsertLineBreaks));
            yield return Encoding.ASCII.GetBytes(Convert.ToHexString(card));
        }
    }

    private static byte[] Packed(Func<Stream, Stream> pack, byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (Stream packing = pack(packed))
            packing.Write(bytes);
        return packed.ToArray();
    }

    private static IEnumerable<byte[]> PictureSeeds() =>
    [
        .. SeedFiles.Texts("<barcodes><symbol type='QR-Code' quality='1'><data><![CDATA[UR:COMPRESSED/AE]]></data></symbol></barcodes>",
            "<symbol type='QR-Code'><data format='base64' length='4'><![CDATA[AAAA]]></data></symbol>"),
        [0x89, .. "PNG"u8, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, .. "IHDR"u8, 0, 0, 1, 0, 0, 0, 1, 0],
        [0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 0, 0, 0xFF, 0xC0, 0, 11, 8, 0, 16, 0, 16, 0],
    ];
}
