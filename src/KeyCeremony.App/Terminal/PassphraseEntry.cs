using System.Text;
using KeyCeremony.Core;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.App.Terminal;

/// <summary>The passphrase of cards that were made elsewhere, being typed. Secret; neither it nor its length is ever shown.</summary>
public sealed class PassphraseEntry : IDisposable
{
    private readonly SecretBytes _typed = new(Slip39.MaxPassphraseLength);

    public int Count { get; private set; }

    /// <summary>Secret: printable ASCII.</summary>
    public ReadOnlySpan<byte> Typed => _typed.Span[..Count];

    /// <summary>False for what no passphrase has, and when no more is taken.</summary>
    public bool TryAdd(Rune key)
    {
        if (key.Value is < ' ' or > '~' || Count == Slip39.MaxPassphraseLength)
            return false;
        _typed.Span[Count++] = (byte)key.Value;
        return true;
    }

    public void Backspace()
    {
        if (Count > 0)
            _typed.Span[--Count] = 0;
    }

    public void Dispose() => _typed.Dispose();

    public override string ToString() => "•••";
}
