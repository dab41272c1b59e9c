using System.Diagnostics;
using System.Text;
using System.Text.Json;
using KeyCeremony.Core.Manifest;

namespace KeyCeremony.Core.Tests.Manifest;

/// <summary>Against other people's implementations of RFC 9162 and DSSE, and openssl over the bytes that DSSE signs.</summary>
[Trait("Needs", "packages")]
public class PeerTests
{
    private const int Most = 300;

    private static readonly Batch Batch = new(Most);
    private static readonly string[] LeafHex = [.. Batch.Devices.Select(Leaf)];

    [Fact]
    public void The_peer_finds_the_same_root_for_0_to_300_devices()
    {
        JsonElement roots = Peer.Ask(new { @do = "tree", leaves = LeafHex, sizes = Enumerable.Range(0, Most + 1) }).GetProperty("roots");

        var range = MerkleRange.At(0);
        for (int n = 0; n <= Most; n++)
        {
            Assert.Equal(roots[n].GetString(), Convert.ToHexStringLower(range.Root()));
            if (n < Most)
                range.Append(Batch.Leaves[n]);
        }
    }

    /// <summary>
    /// All devices of the small trees; of larger ones around powers of two, the ends and the places around their subtrees.
    /// </summary>
    [Fact]
    public void The_peer_finds_the_same_paths()
    {
        int[][] small = [.. Enumerable.Range(1, 33).SelectMany(n => Enumerable.Range(0, n).Select(i => new[] { i, n }))];
        int[][] large = [.. new[] { 63, 64, 65, 127, 128, 129, 255, 256, 257, 300 }.SelectMany(
            n => new[] { 0, 63, 64, 127, 128, 255, 256, n - 2, n - 1 }.Where(i => i < n).Distinct().Select(i => new[] { i, n }))];
        int[][] places = [.. small, .. large];
        JsonElement paths = Peer.Ask(new { @do = "paths", leaves = LeafHex, places }).GetProperty("paths");

        Assert.True(places.Length > 600);
        for (int k = 0; k < places.Length; k++)
        {
            (int i, int n) = (places[k][0], places[k][1]);
            var ours = InclusionProof.Of(Trees.Range(Batch.Leaves, 0, i), Trees.Range(Batch.Leaves, i + 1, n));
            Assert.Equal(string.Concat(paths[k].EnumerateArray().Select(hash => hash.GetString())),
                Convert.ToHexStringLower(ours.Path.Span));
        }
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(300, 0)]
    [InlineData(300, 255)]
    [InlineData(300, 299)]
    public void The_peer_accepts_our_proofs_and_no_changed_one(int devices, int index)
    {
        var batch = new Batch(devices);
        DeviceProof proof = batch.Prove(index);
        string[] path = [.. proof.Inclusion.Path.ToArray().Chunk(32).Select(hash => Convert.ToHexStringLower(hash))];

        Assert.True(Includes(Leaf(proof.Device), path));
        Assert.False(Includes(Leaf(proof.Device with { SerialNo = "SN-other" }), path));
        Assert.False(path.Length > 0 && Includes(Leaf(proof.Device), [.. path.Skip(1)]));

        bool Includes(string leaf, string[] path) =>
            Peer.Ask(new { @do = "includes", root = Convert.ToHexStringLower(batch.Root), leaf, index, size = devices, path })
                .GetProperty("holds").GetBoolean();
    }

    [Fact]
    public void The_peer_verifies_our_envelope_and_no_changed_one()
    {
        DsseEnvelope envelope = Batches.Sign(Batches.Final(), Signers.Manifest);
        byte[] bytes = envelope.Payload.ToArray();
        bytes[100] ^= 1;

        Assert.True(Holds(envelope, Signers.Manifest).TryGetProperty("holds", out _));
        Assert.True(Holds(envelope, Signers.Officer).TryGetProperty("error", out _));
        Assert.True(Holds(envelope with { Payload = [.. bytes] }, Signers.Manifest).TryGetProperty("error", out _));

        JsonElement Holds(DsseEnvelope envelope, Signer by) =>
            Peer.Ask(new { @do = "envelope", envelope = Encoding.UTF8.GetString(envelope.Write()), key = by.PublicKeyPem });
    }

    [Theory]
    [InlineData("")]
    [InlineData("00ff0a")]
    [InlineData("7b7d0a")]
    public void The_peer_signs_the_same_bytes(string payload) =>
        Assert.Equal(Peer.Ask(new { @do = "pae", payloadType = Dsse.PayloadType, payload }).GetProperty("pae").GetString(),
            Convert.ToHexStringLower(Dsse.Pae(Convert.FromHexString(payload))));

    /// <summary>The recipe of docs/formats/batch-manifest.md: printf for the encoding, openssl for the signature.</summary>
    [Theory]
    [InlineData(256)]
    [InlineData(384)]
    public void Openssl_verifies_what_printf_encodes(int bits)
    {
        Signer signer = bits == 256 ? Signers.Manifest : Signers.OtherOfficer;
        DsseEnvelope envelope = Batches.Sign(Batches.Final(), signer);
        DirectoryInfo folder = Directory.CreateTempSubdirectory("keyceremony-test-");
        try
        {
            string inFolder(string name) => Path.Combine(folder.FullName, name);
            File.WriteAllBytes(inFolder("statement.json"), envelope.Payload.AsSpan());
            File.WriteAllBytes(inFolder("signature"), envelope.Signatures[0].Sig.AsSpan());
            File.WriteAllText(inFolder("signer.pem"), signer.X509.ExportCertificatePem());
            const string pae =
                "{ printf 'DSSEv1 28 application/vnd.in-toto+json %s ' \"$(stat -c %s statement.json)\"; cat statement.json; } > pae && ";
            string verify =
                $"openssl x509 -in signer.pem -noout -pubkey > key.pem && openssl dgst -sha{bits} -verify key.pem -signature signature pae";

            Assert.Equal((0, "Verified OK"), Shell(folder.FullName, pae + verify));
            Assert.Equal(Dsse.Pae(envelope.Payload.AsSpan()), File.ReadAllBytes(inFolder("pae")));
            Assert.Equal((1, "Verification failure"), Shell(folder.FullName, $"printf x >> pae && {verify}"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static (int Code, string Said) Shell(string folder, string command)
    {
        var start = new ProcessStartInfo("sh", ["-c", command])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        string said = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        return (process.ExitCode, said);
    }

    private static string Leaf(DeviceRecord device)
    {
        byte[] leaf = new byte[DeviceLeaf.MaxLength];
        int length = DeviceLeaf.Write(leaf, Convert.FromHexString(device.Salt), Encoding.ASCII.GetBytes(device.SerialNo),
            Convert.FromHexString(device.CertSha256), Convert.FromHexString(device.SpkiSha256));
        return Convert.ToHexStringLower(leaf.AsSpan(0, length));
    }
}
