using System.Collections.Immutable;
using KeyCeremony.App.Terminal;
using KeyCeremony.App.Terminal.Codes;
using KeyCeremony.Core;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Transfer;

namespace KeyCeremony.App.Room;

/// <summary>The codes of one result, alone on the ceremony's terminal.</summary>
internal static class ResultScreen
{
    /// <summary>Until words of the right hash were typed: these words; null when the person left before.</summary>
    /// <param name="results">All that were gathered, for the number beside the codes.</param>
    public static string? Words(Tty tty, Display display, OutgoingMessage message, Result result, ImmutableArray<Result> results, TimeProvider clock)
    {
        if (!CodeScreen.TryOpen(null, display, Environment.GetEnvironmentVariable("TERM") ?? "", out CodeScreen? pixels, out Refusal? refusal))
            throw new CeremonyException(refusal);
        using (pixels)
        {
            var first = new CodeShow(display, pixels.Surface, pixels.Geometry, [message], AsksWords: true) { Others = (results.IndexOf(result), results.Length) };
            return ShowLoop.Run(tty, first, pixels, clock).Received.GetValueOrDefault(0);
        }
    }
}
