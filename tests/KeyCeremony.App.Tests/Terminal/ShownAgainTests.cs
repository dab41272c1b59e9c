using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.App.Tests.Terminal;

public sealed class ShownAgainTests
{
    [Fact]
    public void A_card_that_cannot_be_read_is_shown_again_until_it_was_read_back()
    {
        using var room = new FakeRoom("root-creation.md");
        room.GoTo("deal-activation", AnswerKind.ReadBackShare);
        ShareRef card = room.Question.Share!;

        room.Tell(new Undo());

        Assert.Equal(AnswerKind.ShowShare, room.Question.Kind);
        Assert.Equal(card, room.Question.Share);
        Assert.Contains(card.Set, room.State.Held);
    }

    [Fact]
    public void A_card_that_was_read_back_is_never_shown_again()
    {
        using var room = new FakeRoom("root-creation.md");
        room.GoTo(m => m is Ask { Question: { Kind: AnswerKind.Acknowledge, Share: null } } && room.State.Facts<ShareReadBack>().Any());

        Decision decision = Director.Decide(room.State, new Undo(), room.Utc);

        Assert.Equal("UNDO-01", decision.Refusal?.Rule);
    }
}
