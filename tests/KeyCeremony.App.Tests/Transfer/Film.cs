using System.Diagnostics;
using KeyCeremony.App.Tests.Terminal;
using KeyCeremony.Core;
using KeyCeremony.Core.Transfer;

namespace KeyCeremony.App.Tests.Transfer;

/// <summary>A camera before a real terminal.</summary>
internal static class Film
{
    /// <summary>Pictures of the moving screen until they suffice.</summary>
    public static Artefact Of(TmuxTerminal terminal, int columns)
    {
        var collector = new FrameCollector();
        var watch = Stopwatch.StartNew();
        while (!collector.IsComplete)
        {
            Assert.True(watch.Elapsed < TimeSpan.FromMinutes(3),
                $"{collector.Known} of {collector.Count} fragments were read from the screen:\n{terminal.Screen()}");
            foreach (string text in Picture.Read(Picture.Of(terminal.Screen().Split('\n'), columns)))
                Assert.True(collector.TryTake(text, out Refusal? refused), refused?.ToString());
        }
        Assert.True(collector.TryFinish(out Artefact? artefact, out Refusal? refusal), refusal?.ToString());
        return artefact;
    }
}
