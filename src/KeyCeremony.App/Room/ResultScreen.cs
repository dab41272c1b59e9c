using System.Collections.Immutable;
using KeyCeremony.App.Ground;
using KeyCeremony.App.Room.Codes;
using KeyCeremony.App.Terminal;
using KeyCeremony.Core;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Transfer;

namespace KeyCeremony.App.Room;

/// <summary>Codes alone on the ceremony's terminal.</summary>
internal static class ResultScreen
{
    /// <summary>Until words of the right hash were typed: these words; null when the person left before.</summary>
    /// <param name="results">All that were gathered, for the number beside the codes.</param>
    public static string? Words(Tty tty, Display display, OutgoingMessage message,
        Result result, ImmutableArray<Result> results, TimeProvider clock) =>
        Run(tty, display, [message], clock, (results.IndexOf(result), results.Length)).Received.GetValueOrDefault(0);

    /// <summary>Until the words of all were typed or the person leaves. Nobody records it.</summary>
    public static void Show(Tty tty, Display display, ImmutableArray<OutgoingMessage> messages, TimeProvider clock) =>
        Run(tty, display, messages, clock, default);

    private static CodeShow Run(Tty tty, Display display, ImmutableArray<OutgoingMessage> messages, TimeProvider clock, (int, int) others)
    {
        if (!CodeScreen.TryOpen(null, display, Environment.GetEnvironmentVariable("TERM") ?? "",
            out CodeScreen? pixels, out Refusal? refusal))
            throw new CeremonyException(refusal);
        using (pixels)
            return ShowLoop.Run(tty, new CodeShow(display, pixels.Surface, pixels.Geometry, messages, AsksWords: true) { Others = others },
                pixels, clock);
    }
}
