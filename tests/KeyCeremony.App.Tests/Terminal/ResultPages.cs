using System.Collections.Immutable;
using KeyCeremony.App.Terminal;
using KeyCeremony.Core.Ceremony;
using static KeyCeremony.App.Tests.Terminal.Pages;

namespace KeyCeremony.App.Tests.Terminal;

/// <summary>What people see who show results to a receiver; the codes themselves are pages of their own.</summary>
internal static class ResultPages
{
    public static readonly ImmutableArray<(string Name, Func<Display, Frame> Draw)> All =
    [
        ("carry-too-large", d => Draw(d, Room(r => r.TooLarge = ["crls/devices-1-7.crl"]).GoTo(Step, ResultWords.Carry))),
        ("carry-one", d => Draw(d, new FakeRoom("hsm-commissioning.md").GoTo(Step, ResultWords.Carry))),
        ("receiver", d => Draw(d, Shown().GoTo(Step, ResultWords.Receiver))),
        ("first", d => Draw(d, Shown().GoTo(Step, First))),
        ("first-found", d => Draw(d, Shown().GoTo(Step, First), new Key(KeyKind.F5))),
        ("first-help", d => Draw(d, Shown().GoTo(Step, First), new Key(KeyKind.F1))),
        ("nothing-marked", d => Draw(d, Shown().GoTo(Step, First), new Key(KeyKind.Enter))),
        ("codes-left", d => Draw(d, Shown().GoTo(Step, First), Key.Of('1'), new Key(KeyKind.Enter))),
        ("last", d => Draw(d, Shown().GoTo(Step, "received/certificates/transcript.der"))),
        ("right", d => Draw(d, Shown().Answer(Step, "received/certificates/root.der", ResultWords.NotReceived).GoTo(Step, "right"))),
    ];

    private const string Step = "show-results";
    private const string First = "received/backup/root.kcb";

    private static FakeRoom Room(Action<FakeRoom>? prepare = null)
    {
        var room = new FakeRoom("root-creation.md");
        prepare?.Invoke(room);
        return room;
    }

    private static FakeRoom Shown() => Room().Answer(Step, ResultWords.Carry, ResultWords.Codes);
}
