using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Manifest.Devices;

namespace KeyCeremony.Core.Tests.Manifest.Devices;

/// <summary>Device lists, and the tree of one made the slow way: a row, a leaf, a hash after the other.</summary>
internal static partial class DeviceLists
{
    public const string Header = "serialNo,certSha256,spkiSha256\n";

    public static readonly byte[] SaltFile = Encoding.ASCII.GetBytes("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n");

    /// <summary>The same for everybody: tests do not dispose it.</summary>
    public static readonly SaltKey Salts = SaltKey.TryRead(SaltFile, out SaltKey? key, out Refusal? refusal)
        ? key
        : throw new InvalidOperationException(refusal.ToString());

    /// <summary>A hash of this text, lower-case hex.</summary>
    public static string Hex(string of) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(of)));

    /// <summary>A text in which <c>&lt;x&gt;</c> stands for the hash of x.</summary>
    public static byte[] Filled(string text) => Encoding.UTF8.GetBytes(HashOf().Replace(text, match => Hex(match.Groups[1].Value)));

    public static string Row(int i) => Row($"SN-{i:D8}", $"cert {i}", $"key {i}");

    public static string Row(string serial, string cert, string key) => $"{serial},{Hex(cert)},{Hex(key)}\n";

    public static byte[] Csv(int devices) => Csv(Enumerable.Range(0, devices).Select(Row));

    public static byte[] Csv(IEnumerable<string> rows) => Encoding.UTF8.GetBytes(Header + string.Concat(rows));

    public static DeviceTreeInput Input(byte[] list, DeviceIssuer? issuer = null, int threads = 2) => new()
    {
        OpenList = () => new MemoryStream(list, writable: false),
        Salts = Salts,
        NewScratch = () => new MemoryStream(),
        Issuer = issuer,
        Threads = threads,
    };

    public static DeviceTreeResult Tree(byte[] list, DeviceIssuer? issuer = null, int threads = 2)
    {
        Assert.True(DeviceTree.TryCompute(Input(list, issuer, threads), out DeviceTreeResult? tree, out DeviceListProblems? problems),
            problems?.Refusal.ToString());
        return tree;
    }

    public static DeviceListProblems Problems(byte[] list, DeviceIssuer? issuer = null)
    {
        Assert.False(DeviceTree.TryCompute(Input(list, issuer), out DeviceTreeResult? tree, out DeviceListProblems? problems));
        Assert.Null(tree);
        return problems;
    }

    /// <summary>Of a CSV with the columns of <see cref="Header"/>, by the base library alone.</summary>
    public static string SlowRoot(byte[] csv)
    {
        using var aes = Aes.Create();
        aes.Key = Convert.FromHexString(Encoding.ASCII.GetString(SaltFile).TrimEnd());
        var level = Encoding.UTF8.GetString(csv).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Skip(1).Select((row, i) => SlowLeaf(aes, row.Split(','), i)).ToList();
        return Convert.ToHexStringLower(SlowNode(level, 0, level.Count));
    }

    /// <summary>A draft for such a list.</summary>
    public static BatchStatement Draft(byte[] list, DeviceTreeResult tree)
    {
        BatchStatement draft = Batches.Draft(devices: tree.TreeSize, root: Convert.ToHexStringLower(tree.Root.Span));
        return draft with
        {
            Subjects = draft.Subjects.SetItem(0, new("devices.csv", Convert.ToHexStringLower(SHA256.HashData(list)))),
            Yield = new(tree.TreeSize, 0, 0),
        };
    }

    private static byte[] SlowLeaf(Aes aes, string[] fields, long index)
    {
        byte[] counters = new byte[32];
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(counters.AsSpan(8), 2 * index);
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(counters.AsSpan(24), (2 * index) + 1);
        byte[] leaf = new byte[DeviceLeaf.MaxLength];
        int length = DeviceLeaf.Write(leaf, aes.EncryptEcb(counters, PaddingMode.None),
            Encoding.ASCII.GetBytes(fields[0]), Convert.FromHexString(fields[1]), Convert.FromHexString(fields[2]));
        return SHA256.HashData([0x00, .. leaf[..length]]);
    }

    // RFC 9162 2.1.1, as it is written there.
    private static byte[] SlowNode(List<byte[]> leaves, int start, int end)
    {
        if (end - start == 1)
            return leaves[start];
        int k = 1;
        while (2 * k < end - start)
            k *= 2;
        return SHA256.HashData([0x01, .. SlowNode(leaves, start, start + k), .. SlowNode(leaves, start + k, end)]);
    }

    [GeneratedRegex("<([^>]*)>")]
    private static partial Regex HashOf();
}
