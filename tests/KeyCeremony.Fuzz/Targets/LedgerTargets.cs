using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using KeyCeremony.App.Devices;
using KeyCeremony.App.Ledger;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony.Retelling;
using KeyCeremony.Core.Journal;
using KeyCeremony.Verifier;

namespace KeyCeremony.Fuzz.Targets;

/// <summary>Journals, bundles, backup blobs and what lies on sticks.</summary>
internal static class LedgerTargets
{
    private const string Whole = "format-3/spare/0001-hsm-commissioning";

    private static readonly byte[][] Journal = FuzzTarget.WordsOf("{\"seq\":1 \"ceremony\":\"\" \"utc\":\"2026-11-22T13:15:00.000Z\" "
        + "\"step\":\"\" \"body\":{\"kind\":\" \"} null [] {} 1e9 -1 \\u001b \\ud800 ceremonyOpened answered attempted failed finding "
        + "stepDone deviation");

    private static readonly Lazy<ImmutableSortedDictionary<string, ReadOnlyMemory<byte>>> Genuine = new(() => SeedFiles.Bundle(Whole)
        .ToImmutableSortedDictionary(file => file.Key, file => (ReadOnlyMemory<byte>)file.Value, StringComparer.Ordinal));

    private static readonly VerifyOptions Options = VerifyOptions.Trusting(new string('0', 64))!;

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("journal", 48 * 1024, ReadJournal, Journals, Journal),
        new("bundle", 64 * 1024, ReadBundle, Bundles, Journal) { MaxTime = TimeSpan.FromSeconds(20), MaxMemory = 1L << 30 },
        new("blob", 17 * 1024, ReadBlob, Blobs,
            FuzzTarget.WordsOf("ledger: key: algorithm: spki-sha256: set: key-check: wrap: wrapped: mac: rfc5649 =")),
        new("stick", 8 * 1024, ReadStick, Sticks, [[0x53, 0xef], [0x55, 0xaa], .. FuzzTarget.WordsOf("EXFAT FAT32")]),
    ];

    private static void ReadJournal(byte[] input)
    {
        (ImmutableArray<Entry> entries, Refusal? refusal) = JournalReader.ReadLines(input);
        if (refusal is not null)
        {
            Held.Ours(refusal);
            return;
        }
        Held.Same(entries.SelectMany(entry => entry.Bytes.Append((byte)'\n')).ToArray(), input, "A journal is its entries.");
        var chain = new ChainReader();
        foreach (Entry entry in entries)
        {
            Held.That(Entry.CanSay(entry.Body), "What was read may be written.");
            Held.That(RecordLine.TryRead(RecordLine.Of(entry).AsSpan()[..^1], chain, out Entry? again, out _)
                && again.Hash.AsSpan().SequenceEqual(entry.Hash.AsSpan()), "A stick holds it as it is.");
            chain.Add(entry);
        }
        if (Retold.Of(entries).Refusal is { } untold)
            Held.Ours(untold);
    }

    // NAME LF CONTENT: that file of a genuine bundle is another one, and the sums are those of what lies there.
    private static void ReadBundle(byte[] input)
    {
        int end = input.AsSpan().IndexOf((byte)'\n');
        if (end <= 0)
            return;
        string name = Encoding.Latin1.GetString(input.AsSpan(0, end));
        ReadOnlyMemory<byte> content = input.AsMemory(end + 1);
        ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> files = Genuine.Value.SetItem(name, content);
        if (name != BundleFiles.SumsPath)
            files = files.SetItem(BundleFiles.SumsPath, CheckpointStatement.Sums(files.Where(file => file.Key != BundleFiles.SumsPath)
                .Select(file => KeyValuePair.Create(file.Key, Convert.ToHexStringLower(SHA256.HashData(file.Value.Span))))));
        bool isGenuine = files.Count == Genuine.Value.Count
            && files.All(file => file.Value.Span.SequenceEqual(Genuine.Value[file.Key].Span));
        (BundleVerdict verdict, _) = BundleVerify.Check("bundle", files, Options);
        Held.That(!verdict.Passed, "Under another root nothing passes.");
        Held.That(isGenuine == verdict.Checks.TakeWhile(check => check.Rule != VerifyRules.Trust).All(check => check.Passed),
            "What was changed is found before its root is asked, and nothing else is.");
        foreach (string flaw in verdict.Checks.SelectMany(check => check.Flaws))
            Held.That(!flaw.StartsWith(BundleVerify.Broke, StringComparison.Ordinal), $"No check breaks: {flaw}");
        var report = new VerifyReport([verdict], [], Options);
        Held.That(report.Text.Split('\n').All(line => line.Length <= 80 && PlainText.Is(line)), "A report is plain and has 80 columns.");
        Held.That(report.Json.Split('\n').All(PlainText.Is) && report.ExitCode is 1 or 4 or 6, "A machine is told in plain text.");
    }

    private static void ReadBlob(byte[] input)
    {
        if (!BackupBlob.TryRead(input, out BackupBlob? blob, out Refusal? refusal))
            Held.Ours(refusal);
        else
        {
            Held.Same(blob.Bytes(), input, "A blob has one form.");
            using var key = new SecretBytes(BackupMacBytes);
            if (blob.Check(key) is { } wrong)
                Held.Ours(wrong);
            _ = blob.HasFormOfItsWrap;
        }
        if (CheckpointStatement.Read(input) is { } statement)
            Held.Same(statement.Write(), input, "A checkpoint has one form.");
        byte[] text = "text"u8.ToArray();
        Held.That(!DetachedCms.TryVerify(text, input, out _), "Nobody signed this.");
    }

    private const int BackupMacBytes = 32;

    private static void ReadStick(byte[] input)
    {
        const long size = 1L << 32;
        FileSystem? found = Superblock.Read((at, length) => Part(input, at, length), size);
        if (found is not null)
            Held.That(PlainText.Is(found.Label), "A stick's label is plain.");
    }

    // Beyond the input there are zeros, as on a new stick.
    private static byte[] Part(byte[] input, long at, int length)
    {
        Held.That(length is > 0 and <= 1 << 20 && at >= 0, "A look at a stick is short and on it.");
        byte[] part = new byte[length];
        if (at < input.Length)
            input.AsSpan((int)at, (int)Math.Min(length, input.Length - at)).CopyTo(part);
        return part;
    }

    /// <summary>The beginnings of two ledgers, and single entries of a long one.</summary>
    private static IEnumerable<byte[]> Journals()
    {
        foreach (string bundle in new[] { Whole, "format-3/authority/0001-root-creation" })
            foreach (int lines in new[] { 3, 12 })
                yield return Beginning(SeedFiles.Bundle(bundle)[BundleFiles.JournalPath], lines);
    }

    private static byte[] Beginning(byte[] journal, int lines)
    {
        int end = 0;
        for (int i = 0; i < lines; i++)
            end += journal.AsSpan(end).IndexOf((byte)'\n') + 1;
        return journal[..end];
    }

    private static IEnumerable<byte[]> Bundles() => SeedFiles.Bundle(Whole)
        .Where(file => file.Value.Length < 60 * 1024)
        .Select(file => (byte[])[.. Encoding.ASCII.GetBytes(file.Key + "\n"), .. file.Value]);

    private static IEnumerable<byte[]> Blobs() => SeedFiles.OfBundle("backup/").Concat(SeedFiles.OfBundle("checkpoint."));

    /// <summary>The first sectors of three kinds of stick, as their formats begin.</summary>
    private static IEnumerable<byte[]> Sticks()
    {
        byte[] ext = new byte[2048], fat = new byte[2048], exFat = new byte[2048];
        (ext[1024 + 0x38], ext[1024 + 0x39], ext[1024 + 0x4C], ext[1024 + 0x60], ext[1024 + 4]) = (0x53, 0xEF, 1, 0x40, 16);
        "KC-RECORD-A"u8.CopyTo(ext.AsSpan(1024 + 0x78));
        foreach (byte[] boot in new[] { fat, exFat })
            (boot[510], boot[511], boot[0], boot[11], boot[12], boot[13], boot[14], boot[16]) = (0x55, 0xAA, 0xEB, 0, 2, 8, 32, 2);
        "FAT32   "u8.CopyTo(fat.AsSpan(82));
        (fat[32], fat[36], fat[44]) = (64, 1, 2);
        "EXFAT   "u8.CopyTo(exFat.AsSpan(3));
        (exFat[72], exFat[88], exFat[92], exFat[96], exFat[108]) = (64, 4, 8, 2, 9);
        return [ext, fat, exFat];
    }
}
