using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using KeyCeremony.Core.Reading;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Core.Manifest.Devices;

/// <summary>
/// The key that all salts of one batch are made from: docs/formats/device-list.md, <c>.salts</c>. Whoever has it and a serial
/// number can look for the device in a published tree; whoever has one device's salt knows nothing about another's.
/// </summary>
public sealed class SaltKey : IDisposable
{
    /// <summary>Bytes.</summary>
    public const int Length = 32;

    /// <summary>Of the file: hex digits and a line feed.</summary>
    public const int FileLength = (2 * Length) + 1;

    private static readonly SearchValues<byte> LowerHex = SearchValues.Create("0123456789abcdef"u8);

    private readonly SecretBytes _key;

    private SaltKey(SecretBytes key) => _key = key;

    /// <summary>A new batch's.</summary>
    public static SaltKey Make(FillRandom random) => new(SecretBytes.Random(Length, random));

    /// <summary>From the file's bytes, which the caller wipes. Else refused: SALT-01.</summary>
    public static bool TryRead(ReadOnlySpan<byte> file, [NotNullWhen(true)] out SaltKey? key, [NotNullWhen(false)] out Refusal? refusal)
    {
        (key, refusal) = (null, null);
        if (file.Length == FileLength && file[^1] == '\n' && !file[..^1].ContainsAnyExcept(LowerHex))
        {
            var secret = new SecretBytes(Length);
            Convert.FromHexString(file[..^1], secret.Span, out _, out _);
            key = new SaltKey(secret);
            return true;
        }
        refusal = DeviceRules.Salts.Refuse(
            TextForm.Unread(file) ?? (TextForm.MarkLength(file) > 0 ? "Line 1 begins with a byte-order mark: the salts file was saved anew."
                : file.EndsWith("\r\n"u8) ? "Line 1 ends with CR LF: the salts file was saved anew."
                : "This is not a salts file."),
            "Give the file that 'keyceremony manifest build' or 'manifest salts' wrote, unchanged.");
        return false;
    }

    /// <summary>The file's bytes, <see cref="FileLength"/>; the caller wipes them.</summary>
    public void Write(Span<byte> file)
    {
        Convert.TryToHexStringLower(_key.Span, file[..^1], out _);
        file[FileLength - 1] = (byte)'\n';
    }

    /// <summary>Tells whether two files hold the same key, and nothing else about it.</summary>
    public string CheckValue() => KeyCheckValue.Of(_key);

    /// <summary>Makes salts. One thread at a time has it.</summary>
    internal DeviceSalts Salts() => new(_key);

    public void Dispose() => _key.Dispose();

    public override string ToString() => _key.ToString();
}
