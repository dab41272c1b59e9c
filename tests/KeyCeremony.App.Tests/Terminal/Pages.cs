using KeyCeremony.App.Terminal;
using KeyCeremony.Core.Ceremony;

namespace KeyCeremony.App.Tests.Terminal;

/// <summary>How a page is come to and drawn.</summary>
internal static class Pages
{
    /// <summary>A ledger in which these ceremonies were held, and this one opened.</summary>
    public static FakeRoom After(string script, Action<FakeRoom>? prepare, params string[] before)
    {
        var room = new FakeRoom(before[0]);
        foreach (string next in before.Skip(1).Append(script))
            room.ToTheEnd().Continue(next);
        prepare?.Invoke(room);
        return room;
    }

    public static Frame Draw(Display display, FakeRoom room, params Key[] keys)
    {
        ScreenModel model = room.Model(display);
        foreach (Key key in keys)
        {
            (model, Command? command) = Screen.Update(model, key);
            if (command is Send { Message: Answer answer } && Director.Decide(room.State, answer, room.Utc).Refusal is { } refusal)
                model = model.Refused(refusal);
        }
        return Screen.View(model);
    }
}
