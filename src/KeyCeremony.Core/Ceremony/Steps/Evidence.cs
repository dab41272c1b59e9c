using System.Collections.Immutable;
using System.Security.Cryptography;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Core.Ceremony.Steps;

/// <summary>Hashes as people compare them: hex in groups of four, and PGP words.</summary>
internal static class Evidence
{
    public static string Words(string hashHex) => PgpWords.Of(Convert.FromHexString(hashHex));

    /// <summary>Two words are 16 bits: enough that nobody types them without looking.</summary>
    public static string FirstWords(string hashHex) => PgpWords.Of(Convert.FromHexString(hashHex).AsSpan(0, 2));

    public static string Sha256(string base64) => Convert.ToHexStringLower(SHA256.HashData(Convert.FromBase64String(base64)));

    /// <summary>A hash on lines of 32 digits in groups of four.</summary>
    public static ImmutableArray<string> Hex(string hashHex) =>
        [.. hashHex.Chunk(32).Select(line => string.Join(' ', line.Chunk(4).Select(c => new string(c))))];

    /// <summary>Four words a line: fits half of an 80-column screen.</summary>
    public static ImmutableArray<string> Wrap(string words) =>
        [.. words.Split(' ').Chunk(4).Select(line => string.Join(' ', line))];

    public static ImmutableArray<string> Hash(string title, string hashHex) => [title, .. Hex(hashHex), .. Wrap(Words(hashHex))];
}
