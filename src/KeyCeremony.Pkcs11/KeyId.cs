namespace KeyCeremony.Pkcs11;

/// <summary>
/// A CKA_ID: 1 to 64 bytes that name a key pair and survive logout, restart and restore, unlike a handle.
/// Written as lower-case hex.
/// </summary>
public sealed record KeyId
{
    /// <summary>Longer than any digest; tokens with smaller limits say so in C_GenerateKeyPair.</summary>
    public const int MaxBytes = 64;

    private KeyId(string hex) => Hex = hex;

    public string Hex { get; }

    /// <exception cref="FormatException">Not hex, empty or longer than <see cref="MaxBytes"/>.</exception>
    public static KeyId Parse(string hex)
    {
        ArgumentNullException.ThrowIfNull(hex);
        return From(Convert.FromHexString(hex));
    }

    /// <exception cref="FormatException">Empty or longer than <see cref="MaxBytes"/>.</exception>
    public static KeyId From(ReadOnlySpan<byte> bytes) => bytes.Length is >= 1 and <= MaxBytes
        ? new KeyId(Convert.ToHexStringLower(bytes))
        : throw new FormatException($"A CKA_ID has 1 to {MaxBytes} bytes, not {bytes.Length}.");

    public byte[] ToBytes() => Convert.FromHexString(Hex);

    public override string ToString() => Hex;
}
