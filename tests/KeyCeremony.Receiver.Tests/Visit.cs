using System.Text.Json;
using System.Text.Json.Serialization;
using KeyCeremony.App.Transfer;

namespace KeyCeremony.Receiver.Tests;

/// <summary>
/// A person's visit to the page in Debian's Chromium: first what they do, then <see cref="Play"/>, then what they saw. After every
/// visit it holds that the page asked for nothing but itself and complained about nothing.
/// </summary>
internal sealed class Visit : IDisposable
{
    private readonly List<Dictionary<string, object>> _steps = [];
    private readonly string _film = "";

    public Visit(Page page, IEnumerable<QrCode?>? seen = null)
    {
        Page = page;
        Folder = Directory.CreateTempSubdirectory("receiver-").FullName;
        if (seen is null)
            return;
        _film = Path.Combine(Folder, "film.y4m");
        Film.Write(_film, seen);
    }

    public Page Page { get; }

    /// <summary>For the files of this visit; removed at its end.</summary>
    public string Folder { get; }

    /// <summary>Width and height of the window in CSS pixels.</summary>
    public (int Width, int Height) Window { get; init; } = (1280, 900);

    public bool Dark { get; init; }

    /// <summary>The person wants no motion.</summary>
    public bool Calm { get; init; }

    /// <summary>The person does not allow the camera.</summary>
    public bool Denied { get; init; }

    /// <summary>Further flags of Chromium.</summary>
    public string[] Flags { get; init; } = [];

    /// <summary>Adds a step, by its name in steps.mjs. The number is the place of its answer.</summary>
    public int Do(string step, object? with = null)
    {
        _steps.Add(new() { [step] = with ?? true });
        return _steps.Count - 1;
    }

    /// <summary>Keeps what is seen now as <c>artifacts/receiver/NAME.png</c>, for people to look at.</summary>
    public void Picture(string name) => Do("picture", Path.Combine(Page.Pictures, name + ".png"));

    /// <summary>Does all of it, and gives the answers of the steps.</summary>
    public JsonElement[] Play()
    {
        string question = JsonSerializer.Serialize(new
        {
            page = Page.File,
            film = _film,
            denied = Denied,
            flags = Flags,
            width = Window.Width,
            height = Window.Height,
            dark = Dark,
            calm = Calm,
            steps = _steps,
        });
        Answer answer = JsonSerializer.Deserialize<Answer>(Node.Run(Path.Combine(Repository.Peer, "browser.mjs"), question))!;

        string[] wrong = [.. answer.Complaints, .. answer.Requests.Where(IsForeign).Select(address => $"the page asked for {address}")];
        return wrong.Length == 0 ? answer.Answers : throw new InvalidOperationException(string.Join('\n', wrong));
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    /// <summary>Anything but the page itself, and what was chosen by the person.</summary>
    private bool IsForeign(string address) =>
        address != new Uri(Page.File).AbsoluteUri && !address.StartsWith("blob:", StringComparison.Ordinal);

    private sealed record Answer(
        [property: JsonPropertyName("answers")] JsonElement[] Answers,
        [property: JsonPropertyName("requests")] string[] Requests,
        [property: JsonPropertyName("complaints")] string[] Complaints);
}
