using KeyCeremony.Core.Ceremony;

namespace KeyCeremony.App.Terminal.Watching;

/// <summary>When the terminal's bell rings: it is somebody else's turn now, or a device that worked long is done.</summary>
internal sealed class Bell
{
    /// <summary>BEL, the control character.</summary>
    public const string Sound = "\a";

    /// <summary>What is done before anybody looks away needs no bell.</summary>
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(3);

    private string? _turn;

    /// <summary>
    /// Asked once for each question. Never on a page with a secret, nor by what is typed there: who stands outside hears no more than that
    /// the page was left.
    /// </summary>
    /// <param name="worked">How long the appliance worked before this question.</param>
    public bool Rings(CeremonyState state, Question question, TimeSpan worked)
    {
        string turn = Turn.Of(state, question), before = _turn ?? turn;
        _turn = turn;
        return !IsSecret(question) && (turn != before || worked >= Long);
    }

    /// <summary>A card or dice stand on the page or are typed there.</summary>
    public static bool IsSecret(Question question) =>
        question.AsksForCard || question.Kind is AnswerKind.ShowShare or AnswerKind.Dice or AnswerKind.Passphrase;
}
