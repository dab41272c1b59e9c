using System.Runtime.Versioning;
using KeyCeremony.App.Ledger;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.App.Tests.Terminal;

namespace KeyCeremony.App.Tests.Room;

/// <summary>Cards are checked while the HSM lies in its safe: nobody names one, and what needs one is refused before it is begun.</summary>
[SupportedOSPlatform("linux")]
public sealed class NoHsmTests(SigningRooms rooms) : IClassFixture<SigningRooms>, IDisposable
{
    private readonly string _place = Directory.CreateTempSubdirectory("nohsm").FullName;

    public void Dispose() => Directory.Delete(_place, recursive: true);

    [Fact]
    public void A_script_that_signs_is_refused_without_an_HSM_and_a_card_check_begins()
    {
        SoftwareRoom room = rooms.Rooted();
        string[] sticks = [.. new[] { "a", "b" }.Select(name => Directory.CreateDirectory(Path.Combine(_place, name)).FullName)];
        foreach (string stick in sticks)
            RecordStick.Create(stick, room.Entries);
        string answers = Path.Combine(_place, "answers.json");
        File.WriteAllText(answers, """
            { "roll-call:name/operator/1": "Anna Brown", "roll-call:name/witness/1": "Otto Olsen" }
            """);

        (int code, _, string errors) = Run("crl-signing.md");
        Assert.Equal(1, code);
        Assert.StartsWith("RUN-03", errors, StringComparison.Ordinal);

        // It begins, and stops behind the roll call at the first question that nobody plays.
        (_, _, errors) = Run("card-check.md");
        Assert.Contains("ANSWERS-01", errors, StringComparison.Ordinal);
        Assert.Contains("room:room", errors, StringComparison.Ordinal);
        Assert.Contains("0002-card-check", File.ReadAllText(RecordStick.PathIn(sticks[0])), StringComparison.Ordinal);

        // Nor is one asked for when it goes on.
        (_, _, errors) = Run(null);
        Assert.Contains("ANSWERS-01", errors, StringComparison.Ordinal);

        (int Code, string Said, string Errors) Run(string? script) => ProgramRun.Of(["run",
            .. script is null ? [] : new[] { TestFiles.PathOf("ceremony-scripts", script) },
            "--ledger", sticks[0], "--ledger", sticks[1], "--out", Path.Combine(_place, "out"), "--answers", answers,
            "--envelopes", _place]);
    }
}
