using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace KeyCeremony.Core.Sharing;

/// <summary>Rolls of a die as 32 bytes: SHA-256 of the digits 1 to 6 in ASCII, nothing between them.</summary>
public static class Dice
{
    /// <summary>99 · log2 6 = 255.9 bits.</summary>
    public const int MinRolls = 99;

    /// <summary>Ours: an hour of rolling.</summary>
    public const int MaxRolls = 1000;

    /// <summary>Refuses with DICE-01 too few rolls, with DICE-02 what is no roll. The caller wipes <paramref name="rolls"/>.</summary>
    public static bool TryHash(
        ReadOnlySpan<byte> rolls, [NotNullWhen(true)] out SecretBytes? hash, [NotNullWhen(false)] out Refusal? refusal)
    {
        hash = null;
        refusal = Check(rolls);
        if (refusal is not null)
            return false;
        hash = new SecretBytes(SHA256.HashSizeInBytes);
        SHA256.HashData(rolls, hash.Span);
        return true;
    }

    private static Refusal? Check(ReadOnlySpan<byte> rolls)
    {
        if (rolls.Length > MaxRolls)
            return ShareRules.TooManyRolls(rolls.Length);
        int strange = rolls.IndexOfAnyExceptInRange((byte)'1', (byte)'6');
        if (strange >= 0)
            return ShareRules.NotADie(strange + 1);
        return rolls.Length < MinRolls ? ShareRules.TooFewRolls(rolls.Length) : null;
    }
}
