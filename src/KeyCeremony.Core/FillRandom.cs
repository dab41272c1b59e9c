namespace KeyCeremony.Core;

/// <summary>
/// Fills all of <paramref name="destination"/> with bytes nobody can foretell. Core never makes randomness; it is handed in.
/// </summary>
public delegate void FillRandom(Span<byte> destination);
