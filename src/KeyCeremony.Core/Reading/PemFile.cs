namespace KeyCeremony.Core.Reading;

/// <summary>The blocks of a PEM file in memory; how it may be written: <see cref="TextForm"/>, <see cref="PemLines"/>.</summary>
public sealed class PemFile
{
    private PemFile(IReadOnlyList<ReadOnlyMemory<byte>> blocks, int linesAround, PemFault? wrong, bool isPrivateKey) =>
        (Blocks, LinesAround, Wrong, Remedy, IsPrivateKey) = (blocks, linesAround, wrong?.Sentence, wrong?.Remedy ?? "", isPrivateKey);

    /// <summary>The DER of each; none where something is wrong.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Blocks { get; }

    /// <summary>Lines of text around the blocks: not looked at.</summary>
    public int LinesAround { get; }

    /// <summary>A sentence with line and cause, or null.</summary>
    public string? Wrong { get; }

    /// <summary>That fits the cause; empty where nothing is wrong.</summary>
    public string Remedy { get; }

    /// <summary>Whether it is wrong because it holds a private key.</summary>
    public bool IsPrivateKey { get; }

    /// <summary>Whether it has to be read as PEM: it is a text. DER is none.</summary>
    public static bool IsOne(ReadOnlySpan<byte> file) => TextForm.IsText(file);

    /// <param name="labels">Of the blocks that are taken; the first one is named where none is found.</param>
    /// <param name="most">Blocks.</param>
    /// <param name="alone">Text around is refused.</param>
    public static PemFile Read(ReadOnlySpan<byte> file, IReadOnlyList<string> labels, int most = 1, bool alone = false)
    {
        var lines = new PemLines(labels, most, alone);
        var blocks = new List<ReadOnlyMemory<byte>>();
        byte[] der = new byte[file.Length + 3];
        int from = 0, to = 0, number = 0;
        PemFault? wrong = null;
        try
        {
            ReadOnlySpan<byte> rest = file;
            while (wrong is null && TextForm.TryNext(ref rest, ref number, out ReadOnlySpan<byte> line))
            {
                wrong = lines.Take(number, line, der.AsSpan(to), out int written);
                to += written;
                if (!lines.HasEnded)
                    continue;
                blocks.Add(der.AsMemory(from, to - from));
                from = to;
            }
            wrong ??= lines.Finish();
        }
        catch (TextFault fault)
        {
            wrong = new PemFault(fault.Sentence, fault.Remedy);
        }
        // A key that stands where nobody would look for it is found all the same.
        bool isPrivateKey = lines.IsPrivateKey || file.IndexOf("PRIVATE KEY-----"u8) >= 0
            || (wrong is not null && PrivateKeyTraces.AreIn(file));
        return wrong is null && !isPrivateKey ? new PemFile(blocks, lines.LinesAround, null, false)
            : new PemFile([], lines.LinesAround, wrong
                ?? new PemFault("The file holds a private key.", "Send what is public alone."), isPrivateKey);
    }
}
