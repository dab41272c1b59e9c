using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace KeyCeremony.Core.Manifest.Devices;

/// <summary>
/// What a shard says about itself: the first line of its file, padded with blanks. Behind it stand the fingerprints of its
/// rows, so that the merge finds what stands twice in two shards. docs/formats/device-list.md.
/// </summary>
/// <param name="Shard">From 1.</param>
/// <param name="FromByte">Where its first row begins in the list.</param>
/// <param name="ToByte">Behind its last row.</param>
/// <param name="PartSha256">Of the list's header and its rows, lower-case hex.</param>
/// <param name="SaltCheck">Of <see cref="SaltKey.CheckValue"/>.</param>
/// <param name="Range">Of <see cref="MerkleRange.Hashes"/>, lower-case hex.</param>
/// <param name="FingerprintsSha256">Lower-case hex.</param>
/// <param name="Issuer">Of <see cref="DeviceIssuer.ToString"/>: under which CA, and when, the certificates were verified; null when they
/// were not.</param>
/// <param name="Sha256">Of this line with nothing in this field, lower-case hex: a range that was damaged would lead to another
/// root.</param>
internal sealed record ShardHeader(
    string Type, int Shard, int Shards, long ListBytes, long FromByte, long ToByte, string PartSha256,
    long FirstRow, long Rows, string SaltCheck, IReadOnlyList<string> Range, string FingerprintsSha256,
    string? Issuer = null, string Sha256 = "")
{
    /// <summary>A range of 10^9 devices has at most 60 hashes; everything else takes less than 1 KiB.</summary>
    public const int Length = 8192;

    public const string ShardType = "keyceremony-shard-v2";

    private const byte Blank = (byte)' ', End = (byte)'\n';

    /// <summary>A serial number's, a key's and a certificate's.</summary>
    public const int Fingerprints = 3;

    public const int BytesPerRow = Fingerprints * sizeof(ulong);

    public long FileLength => Length + (Rows * BytesPerRow);

    /// <summary>With its <see cref="Sha256"/>.</summary>
    public ShardHeader Sealed() => this with { Sha256 = Convert.ToHexStringLower(SHA256.HashData((this with { Sha256 = "" }).Write())) };

    public byte[] Write()
    {
        byte[] line = new byte[Length];
        line.AsSpan().Fill(Blank);
        JsonSerializer.SerializeToUtf8Bytes(this, ShardJsonContext.Strict.ShardHeader).CopyTo(line, 0);
        line[^1] = End;
        return line;
    }

    /// <summary>Only what <see cref="Write"/> would write, with a range that has the right hashes; else null.</summary>
    public static ShardHeader? Read(ReadOnlySpan<byte> line)
    {
        try
        {
            ShardHeader? header = JsonSerializer.Deserialize(line.TrimEnd(" \n"u8), ShardJsonContext.Strict.ShardHeader);
            return header is
            {
                Type: ShardType, Shard: > 0, Shards: <= ListPart.MaxCount,
                FirstRow: >= 0, Rows: >= 0 and <= BatchStatement.MaxDevices, FromByte: >= 0
            }
                && header.Shard <= header.Shards && header.FromByte <= header.ToByte && header.ToByte <= header.ListBytes
                && header.Hashes.All(hash => hash is not null && DeviceRecord.IsHash(hash)) && header.MerkleRange() is not null
                && header.Sha256 == header.Sealed().Sha256 && header.Write().AsSpan().SequenceEqual(line) ? header : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public MerkleRange? MerkleRange() =>
        FirstRow <= BatchStatement.MaxDevices
            ? Manifest.MerkleRange.From(FirstRow, FirstRow + Rows, Convert.FromHexString(string.Concat(Range)))
            : null;

    private IEnumerable<string> Hashes => Range.Append(PartSha256).Append(FingerprintsSha256);
}

[JsonSerializable(typeof(ShardHeader))]
internal sealed partial class ShardJsonContext : JsonSerializerContext
{
    // The header and its range; writing counts the values too.
    private const int Depth = 3;

    public static ShardJsonContext Strict { get; } = new(BatchJson.Strict(Depth));
}
