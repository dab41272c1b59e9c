using KeyCeremony.Core;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.App.Terminal;

/// <summary>Rolls of a die being typed. Secret; only their number is ever shown.</summary>
public sealed class DiceEntry : IDisposable
{
    private readonly SecretBytes _rolls = new(Dice.MaxRolls);

    public int Count { get; private set; }

    /// <summary>Secret: digits 1 to 6 in ASCII.</summary>
    public ReadOnlySpan<byte> Rolls => _rolls.Span[..Count];

    /// <summary>False for what is no roll, and when no more are taken.</summary>
    public bool TryAdd(int digit)
    {
        if (digit is < 1 or > 6 || Count == Dice.MaxRolls)
            return false;
        _rolls.Span[Count++] = (byte)('0' + digit);
        return true;
    }

    public void Backspace()
    {
        if (Count > 0)
            _rolls.Span[--Count] = 0;
    }

    public void Dispose() => _rolls.Dispose();

    public override string ToString() => $"{Count} rolls";
}
