using System.Globalization;
using System.Text.Json;
using KeyCeremony.App.Transfer;
using KeyCeremony.Core;
using KeyCeremony.Core.Transfer;
using Xunit.Abstractions;

namespace KeyCeremony.Receiver.Tests;

/// <summary>The page before the ceremony's screen: its camera sees the codes that the program shows.</summary>
public sealed class ReceivingTests(Page page, ITestOutputHelper output) : IClassFixture<Page>
{
    [Fact]
    public void A_certificate_arrives_is_compared_and_saved()
    {
        Artefact certificate = Artefacts.Certificate();
        using var visit = new Visit(page, Sender.Codes(certificate, version: 10)) { Window = (360, 740) };
        visit.Picture("start-phone");
        visit.Do("click", "Start the camera");
        visit.Do("until", "done");
        var seen = new Seen(visit);
        visit.Picture("done-phone");
        visit.Do("click", "The room says: right");
        int name = visit.Do("save", Path.Combine(visit.Folder, "saved"));
        visit.Picture("saved-phone");

        JsonElement[] answers = visit.Play();

        seen.IsOf(certificate, answers);
        Assert.Equal("root-r1.der", answers[name].GetString());
        Assert.Equal(certificate.Bytes.ToArray(), File.ReadAllBytes(Path.Combine(visit.Folder, "saved")));
        Assert.Equal("Root certificate received", seen.Title(answers));
        Assert.Contains("C=DE\nO=Example Devices GmbH\nCN=Example Root R1", seen.Facts(answers), StringComparison.Ordinal);
        Assert.Contains("from 2026-11-22 12:00:00 UTC\nto 2051-11-22 12:00:00 UTC", seen.Facts(answers), StringComparison.Ordinal);
        Assert.Contains("yes, path length 1", seen.Facts(answers), StringComparison.Ordinal);
    }

    [Fact]
    public void The_ceremony_accepts_the_words_that_the_page_asks_to_read_aloud()
    {
        Artefact request = Artefacts.Request();
        using var visit = new Visit(page, Sender.Codes(request));
        visit.Do("click", "Start the camera");
        visit.Do("until", "done");
        int words = visit.Do("readAll", "#first-words li");

        string[] read = visit.Play()[words].Deserialize<string[]>()!;

        Assert.True(request.TryAcknowledge(string.Join(' ', read), out Refusal? refusal), refusal?.Message);
        Assert.Equal(Acknowledgement.Words, read.Length);
    }

    [Fact]
    public void A_revocation_list_of_100_KB_arrives()
    {
        (Artefact list, int entries) = Artefacts.List(100_000);
        double seconds = Receive(list, Sender.Codes(list), facts => Assert.Contains(
            $"Revoked certificates\n{entries.ToString("N0", CultureInfo.InvariantCulture)}", facts, StringComparison.Ordinal));
        output.WriteLine($"revocation list of 100 KB at ten codes a second: {seconds:F1} s");
    }

    [Fact]
    public void A_file_of_100_KB_that_does_not_get_shorter_by_packing_arrives()
    {
        Artefact artefact = Artefacts.Noise("noise.bin", 100_000);
        double seconds = Receive(artefact, Sender.Codes(artefact));
        output.WriteLine(
            $"100 KB that do not pack at ten codes a second: {seconds:F1} s; {Sender.Cut(artefact).Sequence.Count} codes suffice");
    }

    [Fact]
    public void A_fifth_of_the_pictures_without_a_code_costs_time_and_nothing_else()
    {
        (Artefact list, _) = Artefacts.List(100_000);
        double seconds = Receive(list, Sender.Codes(list).Select((code, i) => i % 5 == 2 ? null : code));
        output.WriteLine($"revocation list of 100 KB at ten codes a second, a fifth of the pictures blank: {seconds:F1} s");
    }

    [Fact]
    public void Whoever_joins_late_receives_it_all()
    {
        Artefact artefact = Artefacts.Noise("late.bin", 20_000);
        QrFrames frames = Sender.Cut(artefact);
        // None of the first round: every code mixes several fragments.
        double seconds = Receive(artefact, Sender.Codes(frames, 4 * frames.Sequence.Count, from: (uint)frames.Sequence.Count + 7));
        output.WriteLine($"20 KB, joined late: {seconds:F1} s");
    }

    [Fact]
    public void Without_WebAssembly_the_other_decoder_reads()
    {
        Artefact artefact = Artefacts.Noise("plain.bin", 5_000);
        // As browsers run in lockdown mode: nothing is compiled, so there is no WebAssembly.
        using var visit = new Visit(page, Sender.Codes(artefact, version: 15)) { Flags = ["--js-flags=--jitless"] };
        visit.Do("see", "plain JavaScript");
        visit.Do("click", "Start the camera");
        visit.Do("until", "done");
        var seen = new Seen(visit);

        seen.IsOf(artefact, visit.Play());
    }

    [Fact]
    public void Several_files_arrive_one_after_the_other()
    {
        Artefact[] sent = [Artefacts.Certificate(), Artefacts.Request(), Artefacts.Noise("batch-7.csv", 4_000)];
        using var visit = new Visit(page, sent.SelectMany(artefact => Sender.Codes(artefact, version: 15)));
        List<Seen> seen = [];
        visit.Do("click", "Start the camera");
        foreach (Artefact artefact in sent)
        {
            visit.Do("until", "done");
            seen.Add(new Seen(visit));
            visit.Do("save", Path.Combine(visit.Folder, "saved-" + seen.Count));
            visit.Do("click", seen.Count < sent.Length ? "Receive the next file" : "That was the last one");
        }
        visit.Picture("received-desktop");
        int kept = visit.Do("readAll", "#kept-list .what");

        JsonElement[] answers = visit.Play();

        foreach ((Seen one, int i) in seen.Select((one, i) => (one, i)))
        {
            Artefact arrived = Assert.Single(sent, artefact => artefact.Name == one.Name(answers));
            one.IsOf(arrived, answers);
            Assert.Equal(arrived.Bytes.ToArray(), File.ReadAllBytes(Path.Combine(visit.Folder, $"saved-{i + 1}")));
        }
        Assert.Equal(3, answers[kept].Deserialize<string[]>()!.Distinct().Count());
    }

    [Fact]
    public void Of_two_cameras_the_other_can_be_chosen()
    {
        const string Chosen = "document.getElementById('picture').srcObject.getVideoTracks()[0].getSettings().deviceId "
            + "=== document.getElementById('cameras').value";
        using var visit = new Visit(page) { Flags = ["--use-fake-device-for-media-stream=device-count=2"] };
        visit.Do("click", "Start the camera");
        visit.Do("see", "Camera");
        int labels = visit.Do("readAll", "#cameras option");
        visit.Do("select", new { label = "Camera", index = 1 });
        visit.Do("see", "No code is seen.");
        int label = visit.Do("evaluate", "document.querySelector('#cameras option:checked').textContent");
        int chosen = visit.Do("evaluate", Chosen);
        visit.Do("click", "Stop");
        int live = visit.Do("evaluate", "document.getElementById('picture').srcObject.getVideoTracks()[0].readyState");

        JsonElement[] answers = visit.Play();

        string[] cameras = answers[labels].Deserialize<string[]>()!;
        Assert.Equal(2, cameras.Distinct().Count());
        Assert.Equal(cameras[1], answers[label].GetString());
        Assert.True(answers[chosen].GetBoolean());
        Assert.Equal("ended", answers[live].GetString());
    }

    private double Receive(Artefact artefact, IEnumerable<QrCode?> pictures, Action<string>? facts = null)
    {
        using var visit = new Visit(page, pictures);
        visit.Do("click", "Start the camera");
        visit.Do("see", "seconds left");
        visit.Picture($"reading-{artefact.Name}");
        int took = visit.Do("until", "done");
        var seen = new Seen(visit);
        visit.Picture($"done-{artefact.Name}");
        visit.Do("save", Path.Combine(visit.Folder, "saved"));

        JsonElement[] answers = visit.Play();

        seen.IsOf(artefact, answers);
        Assert.Equal(artefact.Bytes.ToArray(), File.ReadAllBytes(Path.Combine(visit.Folder, "saved")));
        facts?.Invoke(seen.Facts(answers));
        return answers[took].GetDouble() / 1000;
    }
}
