using System.Buffers.Binary;
using System.Security.Cryptography;
using Org.BouncyCastle.Crypto.Engines;
using Org.BouncyCastle.Crypto.Macs;
using Org.BouncyCastle.Crypto.Parameters;

namespace KeyCeremony.Hsm.Tests.YubiHsm;

/// <summary>
/// The device's end of an encrypted session: GlobalPlatform SCP03 with the numbers of a YubiHSM 2. Amendment D, 4.1.5 (derivation), 6.2.2
/// (cryptograms), 6.2.4 and 6.2.6 (commands and answers).
/// </summary>
internal sealed class SecureChannel
{
    public const int ChallengeBytes = 8;
    public const int MacBytes = 8;
    public const int KeyBytes = 16;

    // Derivation constants: Amendment D, table 4-1.
    private const byte CardCryptogram = 0;
    private const byte HostCryptogram = 1;
    private const byte EncryptionKey = 4;
    private const byte CommandMacKey = 6;
    private const byte AnswerMacKey = 7;

    private const int Block = 16;

    private readonly byte[] _context;
    private readonly byte[] _encryption;
    private readonly byte[] _commandMac;
    private readonly byte[] _answerMac;
    private byte[] _chaining = new byte[Block];
    private ulong _counter = 1;

    /// <param name="keys">Of the authentication key: for encryption, for the MAC.</param>
    /// <param name="context">The host's challenge, then the device's.</param>
    public SecureChannel(byte[] keys, byte[] context)
    {
        _context = context;
        _encryption = Derive(keys.AsSpan(0, KeyBytes), EncryptionKey, context, KeyBytes);
        _commandMac = Derive(keys.AsSpan(KeyBytes), CommandMacKey, context, KeyBytes);
        _answerMac = Derive(keys.AsSpan(KeyBytes), AnswerMacKey, context, KeyBytes);
    }

    /// <summary>The keys of an authentication key that has a password: PBKDF2 with Yubico's salt.</summary>
    public static byte[] KeysOf(ReadOnlySpan<byte> password) =>
        Rfc2898DeriveBytes.Pbkdf2(password, "Yubico"u8, 10_000, HashAlgorithmName.SHA256, 2 * KeyBytes);

    /// <summary>That the device knows the key.</summary>
    public byte[] Cryptogram => Derive(_commandMac, CardCryptogram, _context, MacBytes);

    /// <summary>Whether the host knows it, too. The MAC begins the chain.</summary>
    public bool Authenticate(ReadOnlySpan<byte> cryptogram, byte[] message, ReadOnlySpan<byte> mac) =>
        HasMac(message, mac) && cryptogram.SequenceEqual(Derive(_commandMac, HostCryptogram, _context, MacBytes));

    /// <summary>Whether a command comes from the host, in its order.</summary>
    public bool HasMac(byte[] message, ReadOnlySpan<byte> mac)
    {
        byte[] full = Mac(_commandMac, [.. _chaining, .. message]);
        if (!mac.SequenceEqual(full.AsSpan(0, MacBytes)))
            return false;
        _chaining = full;
        return true;
    }

    public byte[] MacOfAnswer(byte[] message) => Mac(_answerMac, [.. _chaining, .. message])[..MacBytes];

    /// <summary>The next command, without its padding.</summary>
    public (byte[] Plain, byte[] Vector) Decrypt(ReadOnlySpan<byte> command)
    {
        byte[] counter = new byte[Block];
        BinaryPrimitives.WriteUInt64BigEndian(counter.AsSpan(Block - sizeof(ulong)), _counter++);
        using var aes = Aes.Create();
        aes.SetKey(_encryption);
        byte[] vector = aes.EncryptEcb(counter, PaddingMode.None);
        byte[] padded = aes.DecryptCbc(command, vector, PaddingMode.None);
        return (padded[..padded.AsSpan().LastIndexOf((byte)0x80)], vector);
    }

    public byte[] Encrypt(byte[] answer, byte[] vector)
    {
        byte[] padded = new byte[(answer.Length / Block + 1) * Block];
        answer.CopyTo(padded, 0);
        padded[answer.Length] = 0x80;
        using var aes = Aes.Create();
        aes.SetKey(_encryption);
        return aes.EncryptCbc(padded, vector, PaddingMode.None);
    }

    private static byte[] Derive(ReadOnlySpan<byte> key, byte constant, byte[] context, int bytes) => Mac(key.ToArray(),
        [.. new byte[11], constant, 0, (byte)(bytes * 8 >> 8), (byte)(bytes * 8 & 0xFF), 1, .. context])[..bytes];

    private static byte[] Mac(byte[] key, byte[] message)
    {
        var mac = new CMac(new AesEngine());
        mac.Init(new KeyParameter(key));
        mac.BlockUpdate(message, 0, message.Length);
        byte[] full = new byte[Block];
        _ = mac.DoFinal(full, 0);
        return full;
    }
}
