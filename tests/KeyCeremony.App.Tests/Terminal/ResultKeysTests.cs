using KeyCeremony.App.Terminal;
using KeyCeremony.Core.Ceremony;

namespace KeyCeremony.App.Tests.Terminal;

/// <summary>Keys that lead to codes.</summary>
public sealed class ResultKeysTests : IDisposable
{
    private static readonly Display Screen80 = new(80, 25, GlyphSet.Unicode, Attributes: true, Colour: true, FunctionKeys: true);

    private readonly FakeRoom _room = new("root-creation.md");

    public void Dispose() => _room.Dispose();

    /// <summary>Neither key says that anything was received.</summary>
    [Fact]
    public void Showing_codes_is_no_answer_and_going_on_without_them_is_one()
    {
        _room.Answer("show-results", ResultWords.Carry, ResultWords.Codes).GoTo("show-results", AnswerKind.ReceivedWords);
        ScreenModel model = _room.Model(Screen80);

        Assert.Null(Enter(model));
        Assert.Equal(new ShowCodes(model.Question!), Enter(Marked(model, '1')));
        Assert.Equal(new Send(new Answer(model.Question!.Id, ResultWords.NotReceived)), Enter(Marked(model, '2')));
        Assert.Equal(new Send(new Answer(model.Question!.Id, ResultWords.NoMore)), Enter(Marked(model, '3')));
    }

    [Fact]
    public void The_bundle_is_shown_when_the_ceremony_is_closed_and_never_when_it_was_aborted()
    {
        Assert.Null(Screen.Update(_room.Model(Screen80), Key.Of('c')).Command);
        Assert.IsType<ShowBundle>(Screen.Update(_room.ToTheEnd().Model(Screen80), Key.Of('c')).Command);

        using FakeRoom aborted = new FakeRoom("root-creation.md").GoTo("clock", AnswerKind.Utc);
        aborted.GiveUp();
        Assert.Null(Screen.Update(aborted.Model(Screen80), Key.Of('c')).Command);
    }

    private static ScreenModel Marked(ScreenModel model, char line) => Screen.Update(model, Key.Of(line)).Model;

    private static Command? Enter(ScreenModel model) => Screen.Update(model, new Key(KeyKind.Enter)).Command;
}
