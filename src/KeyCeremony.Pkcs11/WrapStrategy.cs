using System.Collections.Immutable;
using System.Security.Cryptography;

namespace KeyCeremony.Pkcs11;

/// <summary>
/// A way to take a private key out of a token under a wrap key and to bring it back. Which one is used a token's probe decides;
/// the wrap key is put in the same way for all, and the cards carry the same 256 bits.
/// </summary>
public sealed class WrapStrategy
{
    private readonly int parameterBytes;

    private WrapStrategy(string name, WrapFormat format, int parameterBytes, params ImmutableArray<WrapMechanism> mechanisms)
    {
        (Name, Format, Mechanisms) = (name, format, mechanisms);
        this.parameterBytes = parameterBytes;
    }

    /// <summary>AES key wrap with padding, RFC 5649, under whichever number a token knows it.</summary>
    public static WrapStrategy Kwp { get; } = new("kwp", WrapFormat.Rfc5649, 0,
        WrapMechanism.AesKeyWrapKwp, WrapMechanism.AesKeyWrapPad, WrapMechanism.LunaAesKwp);

    /// <summary>
    /// AES-CBC with PKCS#7 padding, the initialisation vector in front. It guards nothing by itself: the blob's MAC is checked before
    /// any of it reaches a token.
    /// </summary>
    public static WrapStrategy CbcPad { get; } = new("cbc-pad", WrapFormat.CbcPad, 16, WrapMechanism.AesCbcPad);

    /// <summary>A YubiHSM's own: AES-CCM, which guards what it wraps; the nonce stands in front and is the device's.</summary>
    public static WrapStrategy YubiHsm { get; } = new("yubihsm", WrapFormat.YubiHsm, 0, WrapMechanism.YubicoAesCcmWrap);

    public static ImmutableArray<WrapStrategy> All { get; } = [Kwp, CbcPad, YubiHsm];

    /// <summary>Every mechanism of every strategy: what a locked key has to be refused under.</summary>
    public static ImmutableArray<WrapMechanism> AllMechanisms { get; } = [.. All.SelectMany(s => s.Mechanisms)];

    /// <summary>As families name it.</summary>
    public string Name { get; }

    /// <summary>What a token has to be measured to make.</summary>
    public WrapFormat Format { get; }

    public ImmutableArray<WrapMechanism> Mechanisms { get; }

    /// <summary>Null: none of this program's.</summary>
    public static WrapStrategy? Of(WrapMechanism mechanism) => All.FirstOrDefault(s => s.Mechanisms.Contains(mechanism));

    /// <summary>A mechanism's fresh parameter; it stands in front of what is wrapped.</summary>
    internal byte[] NewParameter() => parameterBytes == 0 ? [] : RandomNumberGenerator.GetBytes(parameterBytes);

    /// <summary>The parameter in front and the rest.</summary>
    /// <exception cref="ArgumentException">It is too short to have one.</exception>
    internal (byte[] Parameter, byte[] Key) Split(ReadOnlySpan<byte> wrapped) => wrapped.Length > parameterBytes
        ? (wrapped[..parameterBytes].ToArray(), wrapped[parameterBytes..].ToArray())
        : throw new ArgumentException($"{wrapped.Length} bytes are no key that was wrapped by {Name}.", nameof(wrapped));
}
