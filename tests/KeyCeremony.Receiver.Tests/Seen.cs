using System.Text.Json;
using KeyCeremony.Core.Transfer;

namespace KeyCeremony.Receiver.Tests;

/// <summary>What the page showed of a file at one moment of a visit.</summary>
internal sealed class Seen(Visit visit)
{
    private readonly int _title = visit.Do("read", "#done-title");
    private readonly int _name = visit.Do("read", "#file-name");
    private readonly int _facts = visit.Do("read", "#facts");
    private readonly int _open = visit.Do("evaluate", "document.querySelector('#done details').open = true");
    private readonly int _words = visit.Do("readAll", "#all-words li");
    private readonly int _hex = visit.Do("readAll", "#hex span");

    public string Title(JsonElement[] answers) => answers[_title].GetString()!;

    public string Name(JsonElement[] answers) => answers[_name].GetString()!;

    /// <summary>Labels and lines, each on a line.</summary>
    public string Facts(JsonElement[] answers) => answers[_facts].GetString()!;

    /// <summary>Name and digest are those that the ceremony's program shows.</summary>
    public void IsOf(Artefact artefact, JsonElement[] answers)
    {
        Assert.True(answers[_open].GetBoolean());
        Assert.Equal(artefact.Name, Name(answers));
        Assert.Equal(artefact.Words, string.Join(' ', answers[_words].Deserialize<string[]>()!));
        Assert.Equal(artefact.Sha256, string.Concat(answers[_hex].Deserialize<string[]>()!));
    }
}
