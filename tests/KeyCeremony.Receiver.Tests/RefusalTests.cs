using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using KeyCeremony.App.Transfer;
using KeyCeremony.Core.Transfer;

namespace KeyCeremony.Receiver.Tests;

/// <summary>What goes wrong, what the page says then, and how a person goes on.</summary>
public sealed class RefusalTests(Page page) : IClassFixture<Page>
{
    [Fact]
    public void A_camera_that_is_not_allowed_is_refused_with_what_to_do()
    {
        using var visit = new Visit(page) { Denied = true, Window = (360, 740) };
        visit.Do("click", "Start the camera");
        visit.Do("see", "RECV-02");
        visit.Picture("refused-phone");
        int focus = visit.Do("focus");

        Assert.Equal("Receive a file from the ceremony room", visit.Play()[focus].GetString());
    }

    [Fact]
    public void A_foreign_code_is_told_and_costs_nothing()
    {
        Artefact artefact = Artefacts.Noise("after.bin", 1_000);
        var foreign = QrCode.Of("HTTPS://EXAMPLE.ORG/", version: 5);
        using var visit = new Visit(page, Enumerable.Repeat<QrCode?>(foreign, 60).Concat(Sender.Codes(artefact, version: 10)));
        visit.Do("click", "Start the camera");
        visit.Do("see", "UR-01");
        visit.Do("until", "done");
        var seen = new Seen(visit);

        seen.IsOf(artefact, visit.Play());
    }

    [Fact]
    public void Another_transfer_is_told_and_taken_when_the_person_says_so()
    {
        Artefact first = Artefacts.Noise("first.bin", 8_000), second = Artefacts.Noise("second.bin", 1_500);
        // The camera comes upon the second after a few codes of the first, and never sees enough of that.
        using var visit = new Visit(page,
            Sender.Codes(Sender.Cut(first), 8).Concat(Enumerable.Range(0, 6).SelectMany(_ => Sender.Codes(second))));
        visit.Do("click", "Start the camera");
        visit.Do("see", "UR-09");
        visit.Picture("other-transfer");
        visit.Do("click", "Give up the first, take the new one");
        visit.Do("until", "done");
        var seen = new Seen(visit);

        seen.IsOf(second, visit.Play());
    }

    [Fact]
    public void A_forged_code_ends_the_transfer_and_starting_over_is_possible()
    {
        QrFrames frames = Sender.Cut(Artefacts.Noise("forged.bin", 2_000), version: 10);
        using var visit = new Visit(page,
            Enumerable.Repeat(QrCode.Of(Forgery.Of(frames.Sequence.Text(2)), frames.Version), 40).Concat(Sender.Codes(frames, 60)));
        visit.Do("click", "Start the camera");
        visit.Do("until", "refused");
        int refused = visit.Do("read", "#refused");
        int focus = visit.Do("focus");
        visit.Picture("refused-forged");
        visit.Do("click", "Start over");
        visit.Do("until", "start");

        JsonElement[] answers = visit.Play();

        Assert.Contains("UR-10", answers[refused].GetString(), StringComparison.Ordinal);
        Assert.Equal("Not received", answers[focus].GetString());
    }

    [Fact]
    public void Wrong_words_forbid_saving_and_the_file_can_be_removed()
    {
        Artefact artefact = Artefacts.Certificate();
        using var visit = new Visit(page, Sender.Codes(artefact));
        visit.Do("click", "Start the camera");
        visit.Do("until", "done");
        visit.Do("click", "The room says: wrong");
        visit.Do("see", "RECV-10");
        visit.Picture("wrong-words");
        int disabled = visit.Do("evaluate", "document.getElementById('save').disabled");
        visit.Do("click", "Remove this file");
        visit.Do("until", "start");
        int kept = visit.Do("evaluate", "document.querySelectorAll('#kept-list li').length");

        JsonElement[] answers = visit.Play();

        Assert.True(answers[disabled].GetBoolean());
        Assert.Equal(0, answers[kept].GetInt32());
    }

    [Fact]
    public void Reset_asks_first_and_forgets_everything()
    {
        using var visit = new Visit(page, Sender.Codes(Artefacts.Certificate()));
        visit.Do("click", "Start the camera");
        visit.Do("until", "done");
        visit.Do("click", "Reset: forget everything");
        visit.Do("see", "One file is not saved.");
        visit.Do("click", "Keep it");
        visit.Do("click", "Reset: forget everything");
        visit.Do("click", "Forget");
        visit.Do("until", "start");
        int words = visit.Do("evaluate", "document.body.innerText.includes('Received')");

        Assert.False(visit.Play()[words].GetBoolean());
    }

    [Fact]
    public void A_failure_that_nobody_expected_is_told_too()
    {
        using var visit = new Visit(page);
        visit.Do("evaluate", "void Promise.reject(new Error('the canvas is gone')), 0");
        visit.Do("until", "refused");
        int said = visit.Do("read", "#refused");

        Assert.Contains("Error: the canvas is gone.", visit.Play()[said].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_hostile_name_is_shown_escaped()
    {
        using X509Certificate2 certificate = Artefacts.Root("CN=\"Example \u202E1R tooR\u202C<img src=x onerror=alert(1)>\"");
        using var visit = new Visit(page, Sender.Codes(Artefacts.Certificate(certificate)));
        visit.Do("click", "Start the camera");
        visit.Do("until", "done");
        var seen = new Seen(visit);
        int raw = visit.Do("evaluate", "document.body.innerText.includes('\\u202E') || document.querySelectorAll('img').length > 0");

        JsonElement[] answers = visit.Play();

        Assert.Contains("CN=Example \\u202E1R tooR\\u202C\\<img src=x onerror=alert(1)\\>", seen.Facts(answers), StringComparison.Ordinal);
        Assert.False(answers[raw].GetBoolean());
    }
}
