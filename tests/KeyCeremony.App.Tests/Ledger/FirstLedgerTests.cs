using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using KeyCeremony.App.Ledger;
using KeyCeremony.App.Ledger.FirstProgram;
using KeyCeremony.Core;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.App.Tests.Ledger;

/// <summary>Ledgers that the first program wrote, in tests/first-program, and what is done to them.</summary>
public sealed class FirstLedgerTests : IDisposable
{
    private const int PageSize = 4096;
    private readonly string _root = Directory.CreateTempSubdirectory("first-ledger").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void What_is_converted_is_what_the_first_program_exported()
    {
        string table = Unpack("closed"), a = Stick("a"), b = Stick("b");
        byte[] old = File.ReadAllBytes(Old(table, "stick-a"));
        Assert.Null(FirstLedger.Convert(Path.Combine(table, "stick-a"), a).Refusal);
        Assert.Null(FirstLedger.Convert(Path.Combine(table, "stick-b"), b).Refusal);
        Assert.True(RecordLedger.TryOpen([a, b], "rehearsal", false, out RecordLedger? ledger, out Refusal? refusal), refusal?.ToString());
        using (ledger)
            Assert.Equal((152, 0), (ledger.Entries.Length, ledger.Findings.Length));
        Assert.Equal(old, File.ReadAllBytes(Old(table, "stick-a")));
        string exported = File.ReadAllText(Directory.GetFiles(table, "journal.jsonl", SearchOption.AllDirectories).Single());
        string entries = string.Concat(File.ReadAllLines(RecordStick.PathIn(a)).Select(line => line[65..] + "\n"));
        Assert.StartsWith(exported, entries, StringComparison.Ordinal);
        Assert.InRange(entries.Length - exported.Length, 1, 10_000);
    }

    [Fact]
    public void The_command_converts_in_its_place_and_says_where_it_stands()
    {
        string stick = Path.Combine(Unpack("closed"), "stick-a");
        (int code, string said, string errors) = ProgramRun.Of("ledger", "convert", stick, stick);
        Assert.Equal((0, ""), (code, errors));
        Assert.Matches("^Converted: 152 entries, read back, head [0-9a-f]{64}\\.\n$", said);
        IEnumerable<string?> files = Directory.GetFiles(stick).Select(Path.GetFileName).Order(StringComparer.Ordinal);
        Assert.Equal(["keyceremony.journal", "keyceremony.ledger"], files);
        (code, _, errors) = ProgramRun.Of("ledger", "convert", stick, stick);
        Assert.Equal(1, code);
        Assert.Contains("LEDGER-03", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unfinished_write_is_refused_and_the_program_that_finishes_it_is_named()
    {
        string table = Unpack("stopped"), place = Stick("new");
        (_, Refusal? refusal) = FirstLedger.Convert(Path.Combine(table, "stick-b"), place);
        Assert.Equal("LEDGER-20", refusal?.Rule);
        Assert.Contains("KeyCeremony 1.0.0, commit 3c12c26", refusal!.Remedy, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(place));
        Assert.Null(FirstLedger.Convert(Path.Combine(table, "stick-a"), place).Refusal);
    }

    [Fact]
    public void Nothing_is_overwritten()
    {
        string table = Unpack("closed"), place = Stick("new"), old = Path.Combine(table, "stick-a");
        File.WriteAllText(RecordStick.PathIn(place), "");
        Assert.Equal("LEDGER-03", FirstLedger.Convert(old, place).Refusal?.Rule);
        Assert.Equal("LEDGER-03", FirstLedger.Convert(old, Path.Combine(table, "stick-b")).Refusal?.Rule);
        Assert.Equal("LEDGER-03", FirstLedger.Convert(old, Path.Combine(_root, "none")).Refusal?.Rule);
        Assert.Equal("LEDGER-04", FirstLedger.Convert(Stick("empty"), Stick("other")).Refusal?.Rule);
        Assert.Equal(0, new FileInfo(RecordStick.PathIn(place)).Length);
    }

    [Theory]
    [InlineData("a text\n", "LEDGER-19")]
    [InlineData("", "LEDGER-19")]
    public void Another_file_is_refused(string content, string rule)
    {
        string stick = Stick("other");
        File.WriteAllText(Path.Combine(stick, RecordStick.OldFileName), content);
        Assert.Equal(rule, FirstLedger.Read(stick).Refusal?.Rule);
    }

    /// <summary>A byte of any page's header, of any row, of any free space: refused, or nothing of the ledger.</summary>
    [Fact]
    public void Damage_anywhere_is_refused_or_changes_nothing()
    {
        string stick = Path.Combine(Unpack("closed"), "stick-a");
        byte[] good = File.ReadAllBytes(Old(stick));
        ImmutableArray<Entry> entries = FirstLedger.Read(stick).Entries;
        int refused = 0;
        for (int at = 0; at < good.Length; at += at < 112 || at % PageSize < 16 ? 1 : 211)
        {
            byte[] damaged = [.. good];
            damaged[at] ^= 0x41;
            refused += Refused(stick, damaged, entries);
        }
        for (int page = 0; page < good.Length; page += PageSize)
        {
            Assert.Equal(1, Refused(stick, good[..page], entries));
            byte[] damaged = [.. good];
            Array.Clear(damaged, page, PageSize);
            Assert.Equal(1, Refused(stick, damaged, entries));
        }
        Assert.True(refused > 500, $"{refused}");
    }

    /// <summary>A tree that leads back to itself, and a row that has no end.</summary>
    [Fact]
    public void Pages_that_point_in_circles_are_refused()
    {
        string stick = Path.Combine(Unpack("closed"), "stick-a");
        byte[] good = File.ReadAllBytes(Old(stick));
        const int root = PageSize;
        Assert.Equal(0x05, good[root]);
        int cell = root + BinaryPrimitives.ReadUInt16BigEndian(good.AsSpan(root + 12));
        foreach (uint to in new uint[] { 1, 2, 0, uint.MaxValue })
        {
            byte[] circle = [.. good];
            BinaryPrimitives.WriteUInt32BigEndian(circle.AsSpan(cell), to);
            Assert.Equal(1, Refused(stick, circle, []));
        }
        // The script lies in overflow pages: the first four bytes of each name the next one.
        int overflows = 0;
        for (int page = 2 * PageSize; page < good.Length; page += PageSize)
        {
            if (good[page] != 0)
                continue;
            byte[] circle = [.. good];
            BinaryPrimitives.WriteUInt32BigEndian(circle.AsSpan(page), (uint)(page / PageSize + 1));
            Assert.Equal(1, Refused(stick, circle, []));
            overflows++;
        }
        Assert.True(overflows > 2, $"{overflows}");
    }

    /// <summary>Whoever can write a database can chain it anew; what the engine would not have written is refused all the same.</summary>
    [Fact]
    public void A_whole_chain_that_does_not_replay_is_refused()
    {
        string stick = Path.Combine(Unpack("closed"), "stick-a"), place = Stick("new");
        byte[] file = File.ReadAllBytes(Old(stick));
        ImmutableArray<Entry> entries = FirstLedger.Read(stick).Entries;
        Entry signed = entries.Last(e => e.Body is CheckpointSigned);
        ImmutableArray<byte> before = entries[(int)signed.Seq - 2].Hash;
        long of = ((CheckpointSigned)signed.Body).Seq;
        foreach (Entry entry in entries.Skip((int)signed.Seq - 1))
        {
            string told = entry.ToString();
            if (entry == signed)
                told = told.Replace($"\"seq\":{of},\"head", $"\"seq\":{of - 1},\"head", StringComparison.Ordinal);
            byte[] bytes = Encoding.UTF8.GetBytes(told), hash = SHA256.HashData([.. before, .. bytes]);
            Replace(file, [.. entry.Hash], hash);
            if (entry == signed)
                Replace(file, [.. entry.Bytes], bytes);
            before = [.. hash];
        }
        File.WriteAllBytes(Old(stick), file);
        Assert.Null(FirstLedger.Read(stick).Refusal);
        Assert.Equal("LEDGER-21", FirstLedger.Convert(stick, place).Refusal?.Rule);
        Assert.Empty(Directory.GetFiles(place));
    }

    private static void Replace(byte[] file, byte[] what, byte[] with)
    {
        int found = 0;
        for (int at = 0; file.AsSpan(at).IndexOf(what) is >= 0 and int next; at += next + with.Length)
        {
            with.CopyTo(file, at + next);
            found++;
        }
        Assert.NotEqual(0, found);
    }

    private static int Refused(string stick, byte[] file, ImmutableArray<Entry> entries)
    {
        File.WriteAllBytes(Old(stick), file);
        (ImmutableArray<Entry> read, Refusal? refusal) = FirstLedger.Read(stick);
        if (refusal is null)
            Assert.Equal(entries.Select(e => e.HashHex), read.Select(e => e.HashHex));
        else
            Assert.Matches("LEDGER-(10|19)", refusal.Rule);
        return refusal is null ? 0 : 1;
    }

    private static string Old(params string[] stick) => Path.Combine([.. stick, RecordStick.OldFileName]);

    private string Stick(string name) => Directory.CreateDirectory(Path.Combine(_root, name)).FullName;

    private string Unpack(string name)
    {
        string folder = Stick($"table-{name}");
        using FileStream file = File.OpenRead(Path.Combine(RecordLedgerTests.Root(), "tests", "first-program", $"{name}.tar.gz"));
        using var zip = new GZipStream(file, CompressionMode.Decompress);
        TarFile.ExtractToDirectory(zip, folder, overwriteFiles: false);
        return folder;
    }
}
