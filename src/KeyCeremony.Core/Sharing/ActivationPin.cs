using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace KeyCeremony.Core.Sharing;

/// <summary>Whose PIN: the two roles of PKCS#11.</summary>
public enum PinPurpose
{
    SecurityOfficer,
    User,
}

/// <summary>
/// The HSM's PINs, derived from the activation secret that exists only while a quorum presents its cards.
/// </summary>
/// <remarks>
/// HKDF-SHA-256 (RFC 5869) without salt over the secret; info is the ASCII text
/// <c>keyceremony/activation-pin/1/PURPOSE/LENGTH/ALPHABET</c>, a zero byte, and the context. PURPOSE is <c>so</c> or
/// <c>user</c>. The 2048 bytes of output are read one by one: a byte below the largest multiple of the alphabet's size
/// gives the character at its remainder, any other is passed over, until the PIN is long enough. So all PINs are equally likely.
/// </remarks>
public static class ActivationPin
{
    /// <summary>PKCS#11 tokens take 4 at least; ours is what the smallest useful profile has.</summary>
    public const int MinLength = 4;

    /// <summary>More than any token takes.</summary>
    public const int MaxLength = 255;

    /// <summary>A token's label and serial.</summary>
    public const int MaxContextLength = 256;

    private const int Wanted = 22;

    private const int ActivationBits = 128;

    // A byte is passed over with a probability below one half, so 2048 bytes run out before 255 characters never.
    private const int StreamLength = 2048;

    /// <summary><paramref name="length"/> ASCII characters of <paramref name="alphabet"/>.</summary>
    /// <param name="activation">At least 128 bits.</param>
    /// <param name="context">Public; names the token, so that no two tokens share a PIN.</param>
    public static SecretBytes Derive(
        SecretBytes activation, ReadOnlySpan<byte> context, PinPurpose purpose, int length, PinAlphabet alphabet)
    {
        ArgumentNullException.ThrowIfNull(activation);
        ArgumentNullException.ThrowIfNull(alphabet);
        ArgumentOutOfRangeException.ThrowIfLessThan(activation.Length, Slip39.MinSecretLength, nameof(activation));
        ArgumentOutOfRangeException.ThrowIfLessThan(length, MinLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, MaxLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(context.Length, MaxContextLength, nameof(context));

        byte[] info = [.. Encoding.ASCII.GetBytes($"keyceremony/activation-pin/1/{Name(purpose)}/{length}/{alphabet.Name}\0"), .. context];
        using var stream = new SecretBytes(StreamLength);
        HKDF.DeriveKey(HashAlgorithmName.SHA256, activation.Span, stream.Span, salt: [], info);

        var pin = new SecretBytes(length);
        FillFrom(stream.Span, pin.Span, alphabet);
        return pin;
    }

    /// <summary>Bits an attacker has to guess: length · log2 of the alphabet's size, as long as the activation secret has more.</summary>
    public static double EntropyBits(int length, PinAlphabet alphabet)
    {
        ArgumentNullException.ThrowIfNull(alphabet);
        return length * Math.Log2(alphabet.Size);
    }

    /// <summary>22 letters and digits carry the activation secret's 128 bits; a token that takes less gets what it takes.</summary>
    public static int LengthFor(int min, int max) => Math.Max(min, Math.Min(Wanted, max));

    /// <summary>Bits of a PIN of this length of letters and digits; never more than its secret has.</summary>
    public static int Bits(int length) => (int)Math.Min(ActivationBits, EntropyBits(length, PinAlphabet.LettersAndDigits));

    private static string Name(PinPurpose purpose) => purpose switch
    {
        PinPurpose.SecurityOfficer => "so",
        PinPurpose.User => "user",
        _ => throw new UnreachableException(),
    };

    // Which bytes are passed over shows in the time, and tells nothing of those that are kept.
    private static void FillFrom(ReadOnlySpan<byte> stream, Span<byte> pin, PinAlphabet alphabet)
    {
        int limit = 256 / alphabet.Size * alphabet.Size;
        int filled = 0;
        foreach (byte octet in stream)
        {
            if (octet >= limit)
                continue;
            pin[filled++] = Select(alphabet, octet % alphabet.Size);
            if (filled == pin.Length)
                return;
        }

        throw new UnreachableException("2048 bytes did not give a PIN");
    }

    // Every symbol is read, so the cache does not tell which one was taken.
    private static byte Select(PinAlphabet alphabet, int position)
    {
        int selected = 0;
        for (int i = 0; i < alphabet.Size; i++)
            selected |= alphabet.Symbols[i] & ((((i ^ position) - 1) >> 31) & 0xFF);
        return (byte)selected;
    }
}
