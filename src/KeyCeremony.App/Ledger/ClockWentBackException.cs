using KeyCeremony.Core;

namespace KeyCeremony.App.Ledger;

/// <summary>
/// The appliance's clock is before the last entry. Nothing was written; the same entry can be appended once the clock is right.
/// </summary>
public sealed class ClockWentBackException(Refusal refusal) : Exception(refusal.ToString())
{
    public Refusal Refusal { get; } = refusal;
}
