using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Hsm.Tests;

/// <summary>
/// Secrets in every encoding that a program could write them in: raw, hex, base64 at its three alignments, words,
/// numbered words in the columns of a screen, word positions as decimals, as 16- and 32-bit numbers in both byte orders and packed to 10
/// bits; texts as ASCII and UTF-16.
/// </summary>
internal sealed class Secrets : IDisposable
{
    private const int MinLength = 8;
    private const int Window = 1 << 20;

    /// <summary>The first words of a card say which set and card it is, the last three are the checksum.</summary>
    private const int HeaderWords = 4;
    private const int ChecksumWords = 3;

    private readonly Dictionary<ushort, List<(string Name, byte[] Bytes)>> _byStart = [];
    private int _longest = MinLength;

    public void Add(string name, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < MinLength)
            throw new ArgumentException($"{name} is too short to be told from chance", nameof(bytes));
        ushort start = MemoryMarshal.Read<ushort>(bytes);
        if (!_byStart.TryGetValue(start, out List<(string, byte[])>? all))
            _byStart[start] = all = [];
        all.Add((name, bytes.ToArray()));
        _longest = Math.Max(_longest, bytes.Length);
    }

    public void AddText(string name, string text)
    {
        Add($"{name} as ASCII", Encoding.ASCII.GetBytes(text));
        Add($"{name} as UTF-16", Encoding.Unicode.GetBytes(text));
    }

    public void AddValue(string name, ReadOnlySpan<byte> value)
    {
        Add($"{name}, raw", value);
        Add($"{name}, raw, second half", value[(value.Length / 2)..]);
        AddText($"{name} as hex", Convert.ToHexStringLower(value));
        AddText($"{name} as HEX", Convert.ToHexString(value));
        for (int shift = 0; shift < 3; shift++)
        {
            // What stands before the secret decides how it falls on base64's groups: drop the characters that it shares.
            string text = Convert.ToBase64String([.. new byte[shift], .. value]).TrimEnd('=');
            AddText($"{name} as base64 at {shift}", text[(shift == 0 ? 0 : shift + 1)..^1]);
        }
    }

    public void AddCard(string name, string words)
    {
        using Share share = Cards.Read(words);
        string[] all = words.Split(' ');
        ushort[] positions = share.Indices.ToArray();
        // Three words in a row give a leak away; a whole card need not be there.
        for (int i = HeaderWords; i + 3 <= all.Length; i++)
            foreach ((string called, string separator) in new[] { ("blanks", " "),
                ("lines", "\n"), ("commas", ","), ("nothing", ""), ("zeros", "\0") })
                AddText($"{name}: words {i + 1} to {i + 3} with {called}", string.Join(separator, all[i..(i + 3)]));
        for (int i = HeaderWords; i < all.Length; i++)
            AddText($"{name}: word {i + 1} as it stands on the screen", $"{i + 1,2} {all[i],-8}");
        for (int i = HeaderWords; i + 6 <= positions.Length; i++)
            AddPositions($"{name}: positions of words {i + 1} to {i + 6}", positions[i..(i + 6)]);
        byte[] value = Packed(positions[HeaderWords..^ChecksumWords]);
        Add($"{name}: value", value.AsSpan(1, value.Length - 2));
        byte[] packed = Packed(positions);
        Add($"{name}: packed", packed.AsSpan(6, 16));
        Array.Clear(positions);
    }

    /// <summary>Every regular file below the folder.</summary>
    public ImmutableArray<string> FindIn(string folder) =>
        Directory.Exists(folder)
            ? [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).SelectMany(f => FindInFile(f))]
            : [];

    public ImmutableArray<string> FindInFile(string path)
    {
        using FileStream file = File.OpenRead(path);
        ImmutableArray<string>.Builder hits = ImmutableArray.CreateBuilder<string>();
        for (long at = 0; at < file.Length; at += Window - _longest)
            hits.AddRange(FindInBytes($"{path} at {at}", Read(file.SafeFileHandle, at, (int)Math.Min(Window, file.Length - at))));
        return hits.ToImmutable();
    }

    /// <summary>Every readable page of another process, which root may look at.</summary>
    public ImmutableArray<string> FindInMemory(int process) => FindInMaps(process, File.ReadAllLines($"/proc/{process}/maps"));

    /// <summary>The same, without the pages that are kept out of swap and left out of dumps.</summary>
    public ImmutableArray<string> FindInUnlockedMemory(int process)
    {
        var maps = new List<string>();
        foreach (string line in File.ReadAllLines($"/proc/{process}/smaps"))
        {
            string first = line.Split(' ', 2)[0];
            if (!first.EndsWith(':'))
                maps.Add(line);
            else if (first == "VmFlags:" && line.Split(' ') is var flags && flags.Contains("lo") && flags.Contains("dd"))
                maps.RemoveAt(maps.Count - 1);
        }
        return FindInMaps(process, maps);
    }

    public ImmutableArray<string> FindInBytes(string place, ReadOnlySpan<byte> bytes)
    {
        ImmutableArray<string>.Builder hits = ImmutableArray.CreateBuilder<string>();
        for (int at = 0; at + MinLength <= bytes.Length; at++)
            if (_byStart.TryGetValue(MemoryMarshal.Read<ushort>(bytes[at..]), out List<(string Name, byte[] Bytes)>? all))
                foreach ((string name, byte[] secret) in all)
                    if (bytes[at..].StartsWith(secret))
                        hits.Add($"{name}: {place}");
        return hits.ToImmutable();
    }

    public void Dispose()
    {
        foreach ((_, byte[] bytes) in _byStart.Values.SelectMany(v => v))
            Array.Clear(bytes);
    }

    private ImmutableArray<string> FindInMaps(int process, IEnumerable<string> maps)
    {
        using Microsoft.Win32.SafeHandles.SafeFileHandle memory = File.OpenHandle($"/proc/{process}/mem");
        ImmutableArray<string>.Builder hits = ImmutableArray.CreateBuilder<string>();
        foreach (string map in maps)
        {
            string[] fields = map.Split(' ', 6);
            if (!fields[1].StartsWith('r') || map.EndsWith("[vvar]", StringComparison.Ordinal)
                || map.Contains("[vsyscall]", StringComparison.Ordinal))
                continue;
            long[] bounds = [.. fields[0].Split('-').Select(b => (long)ulong.Parse(b, NumberStyles.HexNumber))];
            for (long at = bounds[0]; at < bounds[1]; at += Window - _longest)
                hits.AddRange(FindInBytes(map, Read(memory, at, (int)Math.Min(Window, bounds[1] - at))));
        }
        return hits.ToImmutable();
    }

    private void AddPositions(string name, ushort[] positions)
    {
        AddText($"{name} as decimals", string.Concat(positions.Select(p => p.ToString("D4"))));
        AddText($"{name} as a list", string.Join(',', positions));
        Add($"{name}, 16 bits, little end first", [.. positions.SelectMany(p => new[] { (byte)(p & 0xFF), (byte)(p >> 8) })]);
        Add($"{name}, 16 bits, big end first", [.. positions.SelectMany(p => new[] { (byte)(p >> 8), (byte)(p & 0xFF) })]);
        Add($"{name}, 32 bits, little end first", [.. positions.SelectMany(p => new byte[] { (byte)(p & 0xFF), (byte)(p >> 8), 0, 0 })]);
    }

    /// <summary>Ten bits a word, the highest first, the value's padding in front.</summary>
    private static byte[] Packed(ushort[] positions)
    {
        byte[] bytes = new byte[((positions.Length * 10) + 7) / 8];
        int bit = (bytes.Length * 8) - (positions.Length * 10);
        foreach (ushort position in positions)
            for (int i = 9; i >= 0; i--, bit++)
                bytes[bit / 8] |= (byte)(((position >> i) & 1) << (7 - (bit % 8)));
        return bytes;
    }

    private static byte[] Read(Microsoft.Win32.SafeHandles.SafeFileHandle file, long at, int wanted)
    {
        byte[] bytes = new byte[wanted];
        int read = 0;
        try
        {
            while (read < wanted && RandomAccess.Read(file, bytes.AsSpan(read), at + read) is > 0 and int some)
                read += some;
        }
        catch (IOException)
        {
            // A guard page: what was read before it counts.
        }
        return bytes[..read];
    }
}
