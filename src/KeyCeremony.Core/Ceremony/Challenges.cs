using System.Security.Cryptography;
using System.Text;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.Core.Ceremony;

/// <summary>
/// What a key signs to prove that it came back. It begins with our own words, so it can never be mistaken for a certificate.
/// </summary>
public static class Challenges
{
    public const string Drill = "drill";
    public const string Restore = "restore";

    /// <summary>Of a challenge, in its end.</summary>
    public const int RandomBytes = 32;

    /// <summary>
    /// All but its random end. From the second format on it names ledger, ceremony, share set and key by their hash: a signature made
    /// in another drill proves nothing here.
    /// </summary>
    /// <param name="purpose"><see cref="Drill"/> or <see cref="Restore"/>.</param>
    public static byte[] Beginning(CeremonyState s, string purpose, string set, string key) => s.Format < JournalFormats.Replayed
        ? Encoding.ASCII.GetBytes($"keyceremony/{purpose}-challenge/1\n")
        : [.. Encoding.ASCII.GetBytes($"keyceremony/{purpose}-challenge/2\n"),
            .. SHA256.HashData(Encoding.UTF8.GetBytes($"{s.World.LedgerId}\n{s.Id}\n{set}\n{key}"))];
}
