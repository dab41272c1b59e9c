using System.Text;
using KeyCeremony.Core.Ceremony.Steps;
using KeyCeremony.Core.Script;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Core.Ceremony;

/// <summary>
/// What the room asks before a message is decided: more than the rules of the journal ask, which are those of its format for ever.
/// <see cref="Director"/> would take what is refused here, and so does whoever replays a journal in which it stands.
/// </summary>
public static class Doubts
{
    /// <summary>
    /// ASK-07 a card in a notation that answers are not replayed by; TYPED-05 no number where one is unique; BAG-04 another number than the
    /// recorded one, the first time. Null: nothing.
    /// </summary>
    /// <param name="before">What was refused here just before; null: nothing was.</param>
    public static Refusal? Of(CeremonyState s, Message message, Message? before)
    {
        string text = message switch
        {
            Answer a => a.Value,
            Report r => r.What,
            Abort a => a.Reason,
            _ => "",
        };
        Question? asked = message is Answer answer && Director.Next(s) is Ask { Question: var q } && q.Id == answer.Question ? q : null;
        if (text.Length > 0 && !(asked is not null && Answers.IsTheProgramsOwn(asked, text))
            && CardTraces.AreInFile(Encoding.UTF8.GetBytes(text)))
            return Answers.ACard;
        if (asked is null)
            return null;
        if ((IsSerial(s, asked) || Bags.AsksForNew(s, asked)) && text.Trim().Length > 0 && HsmNumber.IsNoneTyped(text))
            return new Refusal(CeremonyRules.NoNumberTyped, "That says that there is no number.",
                "Type the number that is printed on it. If it bears none, write one on it that nothing else here has, and type that.");
        return Bags.AsksForKnown(asked) && !Bags.IsSame(text, asked.Expected) && text.Trim().Length > 0 && !message.Equals(before)
            ? new Refusal(CeremonyRules.BagOnceMore, "That is not the number that was recorded when the bag was sealed."
                    + (Bags.KnownAs(s.World, text.Trim()) is { } other ? $" {other}" : ""),
                "Nothing was recorded yet. The witness reads the bag again, and it is typed once more. Typed the same twice it is taken: "
                    + "an exception, which the witness signs off.")
            : null;
    }

    /// <summary>The number of a recorded bag as the ledger spells it, however it was typed.</summary>
    public static Message Meant(CeremonyState s, Message message) =>
        message is Answer answer && Director.Next(s) is Ask { Question: var q } && q.Id == answer.Question && Bags.AsksForKnown(q)
            && Bags.IsSame(answer.Value, q.Expected) ? answer with { Value = q.Expected } : message;

    private static bool IsSerial(CeremonyState s, Question q) =>
        s.Step is RecordStep record && record.Fields.Any(f => f.Id == q.Id && f.Kind == RecordField.Serial);
}
