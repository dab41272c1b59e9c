using System.Buffers.Binary;
using System.Security.Cryptography;

namespace KeyCeremony.Core.Sharing;

/// <summary>
/// The passphrase's part: four Feistel rounds with PBKDF2-HMAC-SHA-256 over the two halves of the secret.
/// SLIP-0039 "Encryption of the master secret".
/// </summary>
/// <remarks>With the empty passphrase it hides nothing; it is done so that any SLIP-39 software gets the same secret.</remarks>
internal static class Feistel
{
    private const int Rounds = 4;
    private const int BaseIterations = 10_000;

    private static ReadOnlySpan<byte> SaltName => "shamir"u8;

    public static SecretBytes Encrypt(SecretBytes secret, ReadOnlySpan<byte> passphrase, ShareHeader header) =>
        Run(secret, passphrase, header, [0, 1, 2, 3]);

    public static SecretBytes Decrypt(SecretBytes encrypted, ReadOnlySpan<byte> passphrase, ShareHeader header) =>
        Run(encrypted, passphrase, header, [3, 2, 1, 0]);

    private static SecretBytes Run(
        SecretBytes input, ReadOnlySpan<byte> passphrase, ShareHeader header, ReadOnlySpan<byte> rounds)
    {
        int half = input.Length / 2;
        int iterations = (BaseIterations << header.IterationExponent) / Rounds;
        Span<byte> named = stackalloc byte[SaltName.Length + sizeof(ushort)];
        ReadOnlySpan<byte> saltPrefix = SaltPrefix(header, named);

        using var left = SecretBytes.Copy(input.Span[..half]);
        using var right = SecretBytes.Copy(input.Span[half..]);
        using var salt = new SecretBytes(saltPrefix.Length + half);
        using var password = new SecretBytes(1 + passphrase.Length);
        using var mask = new SecretBytes(half);
        saltPrefix.CopyTo(salt.Span);
        passphrase.CopyTo(password.Span[1..]);

        foreach (byte round in rounds)
        {
            // L, R = R, L ⊕ F(round, R)
            password.Span[0] = round;
            right.Span.CopyTo(salt.Span[saltPrefix.Length..]);
            Rfc2898DeriveBytes.Pbkdf2(password.Span, salt.Span, mask.Span, iterations, HashAlgorithmName.SHA256);
            for (int i = 0; i < half; i++)
                (left.Span[i], right.Span[i]) = (right.Span[i], (byte)(left.Span[i] ^ mask.Span[i]));
        }

        // The halves come out swapped: R ‖ L.
        var output = new SecretBytes(input.Length);
        right.Span.CopyTo(output.Span);
        left.Span.CopyTo(output.Span[half..]);
        return output;
    }

    // "shamir" ‖ identifier, or nothing where the set is extendable.
    private static ReadOnlySpan<byte> SaltPrefix(ShareHeader header, Span<byte> buffer)
    {
        if (header.Extendable)
            return [];
        SaltName.CopyTo(buffer);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[SaltName.Length..], header.Identifier);
        return buffer;
    }
}
