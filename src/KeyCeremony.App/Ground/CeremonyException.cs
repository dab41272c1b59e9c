using KeyCeremony.Core;

namespace KeyCeremony.App.Ground;

/// <summary>An effect met a refusal: the message and remedy are for the room.</summary>
internal sealed class CeremonyException(Refusal refusal) : Exception(refusal.ToString())
{
    public Refusal Refusal { get; } = refusal;
}
