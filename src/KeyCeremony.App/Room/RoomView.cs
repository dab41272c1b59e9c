using KeyCeremony.App.Terminal.Watching;

namespace KeyCeremony.App.Room;

/// <summary>What a room asked for besides the ceremony.</summary>
/// <param name="Witness">A second terminal that shows where the ceremony stands; null: there is none.</param>
/// <param name="HasBell">The terminal rings when it is somebody's turn.</param>
/// <param name="IsBig">The screen begins in the view for people who look from far away.</param>
internal sealed record RoomView(WitnessLine? Witness, bool HasBell, bool IsBig);
