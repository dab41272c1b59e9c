using System.Collections.Immutable;
using KeyCeremony.App.Camera;
using KeyCeremony.App.Terminal;
using KeyCeremony.Core;
using KeyCeremony.Core.Transfer;

namespace KeyCeremony.App.Room.Scan;

/// <summary>Codes on their way into the room: all that the screen is drawn from.</summary>
/// <param name="Cameras">One or more.</param>
/// <param name="Codes">Held by reference: it takes what the camera sees.</param>
/// <param name="Wanted">What the room waits for, e.g. <c>the request "i1"</c>; empty: whatever comes.</param>
internal sealed record ScanModel(Display Display, ImmutableArray<CameraDevice> Cameras, CodeCollector Codes, string Wanted = "")
{
    /// <summary>0-based camera.</summary>
    public int Selected { get; init; }

    /// <summary>The camera gives no pictures.</summary>
    public Refusal? Blind { get; init; }

    /// <summary>Why what was received was not taken.</summary>
    public Refusal? Refusal { get; init; }

    /// <summary>Since a code was seen last, whole seconds.</summary>
    public int Idle { get; init; }

    /// <summary>What was taken, in order.</summary>
    public ImmutableArray<Artefact> Kept { get; init; } = [];

    public bool IsOver { get; init; }

    /// <summary>A ceremony compares the hash afterwards with what its owner sent: who has to type it must not read it here.</summary>
    public bool HidesHash => Wanted.Length > 0;

    public CameraDevice Camera => Cameras[Selected];

    public ScanModel Resized(int width, int height) => this with { Display = Display.Resized(width, height) };
}

/// <summary>What a key asks of the loop.</summary>
internal enum ScanWish
{
    None,

    /// <summary>Take what was received.</summary>
    Keep,

    /// <summary>Open the selected camera anew.</summary>
    Camera,
}
