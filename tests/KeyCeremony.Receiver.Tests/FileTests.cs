using System.Diagnostics;
using System.Text.Json;
using KeyCeremony.App.Transfer;
using KeyCeremony.Core.Transfer;

namespace KeyCeremony.Receiver.Tests;

/// <summary>Where a camera cannot be used: pictures and videos of the ceremony's screen.</summary>
public sealed class FileTests(Page page) : IClassFixture<Page>
{
    [Fact]
    public void Pictures_that_the_program_wrote_are_read()
    {
        Artefact artefact = Artefacts.Noise("pictures.bin", 3_000);
        using var visit = new Visit(page);
        string file = Path.Combine(visit.Folder, artefact.Name), frames = Path.Combine(visit.Folder, "frames");
        File.WriteAllBytes(file, artefact.Bytes.ToArray());
        using (var program = Process.Start("dotnet",
            [Path.Combine(AppContext.BaseDirectory, "keyceremony.dll"), "show", file, "--frames", frames]))
            program.WaitForExit();
        visit.Do("choose", Directory.GetFiles(frames).OrderDescending(StringComparer.Ordinal));
        visit.Do("until", "done");
        var seen = new Seen(visit);

        seen.IsOf(artefact, visit.Play());
    }

    [Fact]
    public void Pictures_that_are_dropped_are_read()
    {
        Artefact artefact = Artefacts.Certificate();
        using var visit = new Visit(page);
        visit.Do("drop", Pictures(visit, artefact, 1));
        visit.Do("until", "done");
        var seen = new Seen(visit);

        seen.IsOf(artefact, visit.Play());
    }

    [Fact]
    public void A_video_is_read()
    {
        Artefact artefact = Artefacts.Noise("video.bin", 1_500);
        using var visit = new Visit(page);
        string video = Path.Combine(visit.Folder, "screen.webm");
        visit.Do("record", new { pictures = Pictures(visit, artefact, 30, version: 10), file = video });
        visit.Do("choose", new[] { video });
        visit.Do("until", "done");
        var seen = new Seen(visit);

        seen.IsOf(artefact, visit.Play());
    }

    [Fact]
    public void Too_few_pictures_say_so_and_further_ones_complete_them()
    {
        Artefact artefact = Artefacts.Noise("in-parts.bin", 3_000);
        int pieces = Sender.Cut(artefact).Sequence.Count;
        using var visit = new Visit(page);
        string[] pictures = [.. Pictures(visit, artefact, pieces)];
        visit.Do("choose", pictures[1..]);
        visit.Do("see", "RECV-09");
        int refused = visit.Do("read", "#start");
        visit.Do("choose", pictures[..1]);
        visit.Do("until", "done");
        var seen = new Seen(visit);

        JsonElement[] answers = visit.Play();

        Assert.Contains($"{pieces - 1} of {pieces} pieces", answers[refused].GetString(), StringComparison.Ordinal);
        seen.IsOf(artefact, answers);
    }

    [Fact]
    public void What_is_no_picture_is_refused()
    {
        using var visit = new Visit(page);
        string file = Path.Combine(visit.Folder, "note.txt");
        File.WriteAllText(file, "nothing to see");
        visit.Do("drop", new[] { file });
        visit.Do("see", "RECV-06");

        visit.Play();
    }

    [Fact]
    public void A_picture_without_a_code_is_refused()
    {
        using var visit = new Visit(page);
        string file = Path.Combine(visit.Folder, "page.png");
        visit.Do("picture", file);
        visit.Do("choose", new[] { file });
        visit.Do("see", "RECV-08");
        visit.Picture("refused-desktop");

        visit.Play();
    }

    /// <summary>The first codes, one a file.</summary>
    private static IEnumerable<string> Pictures(Visit visit, Artefact artefact, int count, int version = Sender.Usual)
    {
        const int PixelsPerModule = 6;
        foreach ((QrCode code, int i) in Sender.Codes(Sender.Cut(artefact, version), count).Select((code, i) => (code, i)))
        {
            string file = Path.Combine(visit.Folder, $"{artefact.Name}-{i:D4}.png");
            File.WriteAllBytes(file, code.Png(PixelsPerModule));
            yield return file;
        }
    }
}
