using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Tests.Pki;

namespace KeyCeremony.Core.Tests.Manifest;

/// <summary>The worked example, docs/formats/batch-manifest: a batch of three devices with every file it has.</summary>
internal static class ExampleFiles
{
    public const string Id = "b-2026-0142";

    public static string Folder { get; } = Repository.PathOf("docs", "formats", "batch-manifest");

    public static byte[] Read(string name) => File.ReadAllBytes(Path.Combine(Folder, name));

    public static string Text(string name) => Encoding.UTF8.GetString(Read(name));

    public static ParsedCertificate Certificate(string name)
    {
        string text = Text(name);
        PemFields fields = PemEncoding.Find(text);
        Assert.True(CertificateReader.TryReadCertificate(Convert.FromBase64String(text[fields.Base64Data]),
            out ParsedCertificate? certificate, out Refusal? refusal), refusal?.ToString());
        return certificate;
    }

    /// <summary>The rows of the list with the salts that the key of the batch makes.</summary>
    public static IReadOnlyList<DeviceRecord> Devices()
    {
        using var aes = Aes.Create();
        aes.Key = Convert.FromHexString(Text($"{Id}.salts").Trim());
        return [.. Text("devices.csv").TrimEnd('\n').Split('\n').Skip(1)
            .Select((row, i) => row.Split(',') is [var serial, var certificate, var key]
            ? new DeviceRecord(Convert.ToHexStringLower([.. Block(2 * i), .. Block((2 * i) + 1)]), serial, certificate, key)
            : throw new FormatException(row))];

        byte[] Block(int counter)
        {
            byte[] block = new byte[16];
            BinaryPrimitives.WriteInt32BigEndian(block.AsSpan(12), counter);
            return aes.EncryptEcb(block, PaddingMode.None);
        }
    }
}
