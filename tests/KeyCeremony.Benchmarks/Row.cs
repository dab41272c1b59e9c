namespace KeyCeremony.Benchmarks;

/// <summary>One line of the table. Less is better; the unit stands in the name.</summary>
/// <param name="Ours">What this program takes.</param>
/// <param name="Peer">What the best-known other program takes, measured in the same run; null where there is none.</param>
/// <param name="Limit">What the work cannot go below, measured in the same run; null where it is not known.</param>
/// <param name="PeakMemoryMB">Resident peak of a process that does only this; null where memory is no question.</param>
/// <param name="PeerWasStopped">The peer was not done after this time; then the ratio to it is less than the one shown.</param>
internal sealed record Row(string Name, double Ours, double? Peer = null, double? Limit = null,
    double? PeakMemoryMB = null, bool PeerWasStopped = false)
{
    public double? RatioToPeer => Ours / Peer;

    public double? RatioToLimit => Ours / Limit;
}
