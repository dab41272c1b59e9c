using System.Text.Json;

namespace KeyCeremony.Receiver.Tests;

/// <summary>The page for everybody: by keyboard, with a screen reader, on a small phone, in the dark.</summary>
public sealed class PeopleTests(Page page) : IClassFixture<Page>
{
    [Theory]
    [InlineData(320, 568, false)]
    [InlineData(360, 740, true)]
    [InlineData(1280, 900, true)]
    public void In_every_state_a_checker_finds_nothing_and_nothing_is_cut_off(int width, int height, bool dark)
    {
        using var visit = new Visit(page, Sender.Codes(Artefacts.List(6_000).Artefact, version: 10))
        {
            Window = (width, height),
            Dark = dark,
            Calm = dark,
        };
        List<int> violations = [], overflows = [];
        LookAt("start");
        visit.Do("click", "Start the camera");
        visit.Do("see", "of ");
        LookAt("reading");
        visit.Do("until", "done");
        LookAt("done");
        visit.Do("evaluate", "document.querySelector('#done details').open = true");
        LookAt("digest");
        visit.Do("click", "The room says: wrong");
        LookAt("differs");
        visit.Do("click", "Undo");
        visit.Do("click", "The room says: right");
        LookAt("compared");
        visit.Do("click", "That was the last one");
        LookAt("kept");
        visit.Do("click", "Reset: forget everything");
        LookAt("forget");

        JsonElement[] answers = visit.Play();

        Assert.All(violations, at => Assert.Equal([], answers[at].Deserialize<string[]>()!));
        Assert.All(overflows, at => Assert.Equal(0, answers[at].GetInt32()));

        void LookAt(string state)
        {
            violations.Add(visit.Do("accessibility"));
            overflows.Add(visit.Do("overflow"));
            visit.Picture($"{state}-{width}{(dark ? "-dark" : "")}");
        }
    }

    [Fact]
    public void Everything_is_done_by_keyboard()
    {
        using var visit = new Visit(page, Sender.Codes(Artefacts.Certificate()));
        int start = Press("Tab");
        Press("Enter");
        visit.Do("until", "done");
        int title = visit.Do("focus");
        int right = Press("Tab");
        int wrong = Press("Tab");
        int remove = Press("Space");
        int undo = Press("Tab");
        int asked = Press("Enter");

        JsonElement[] answers = visit.Play();

        Assert.Equal("Start the camera", answers[start].GetString());
        Assert.Equal("Root certificate received", answers[title].GetString());
        Assert.Equal("The room says: right", answers[right].GetString());
        Assert.Equal("The room says: wrong", answers[wrong].GetString());
        Assert.Equal("Remove this file", answers[remove].GetString());
        Assert.Equal("Undo", answers[undo].GetString());
        Assert.Equal("The room says: right", answers[asked].GetString());

        int Press(string key)
        {
            visit.Do("press", key);
            return visit.Do("focus");
        }
    }

    [Fact]
    public void Progress_and_result_are_said_to_a_screen_reader()
    {
        using var visit = new Visit(page, Sender.Codes(Artefacts.Noise("said.bin", 12_000)));
        visit.Do("evaluate", """
            window.said = [];
            new MutationObserver(() => said.push(document.getElementById("status").textContent)).observe(document.getElementById("status"), { childList: true, characterData: true, subtree: true });
            0
            """);
        visit.Do("click", "Start the camera");
        visit.Do("until", "done");
        int said = visit.Do("evaluate", "said");

        string[] heard = visit.Play()[said].Deserialize<string[]>()!;

        Assert.Matches("^[0-9]+ percent received$", heard[0]);
        Assert.InRange(heard.Length, 2, 6);
        Assert.Equal("The file has arrived. Compare the words.", heard[^1]);
    }
}
