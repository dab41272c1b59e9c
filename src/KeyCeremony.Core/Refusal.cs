namespace KeyCeremony.Core;

/// <summary>
/// What a person gave cannot be taken. Nothing was lost and nothing was done.
/// </summary>
/// <param name="Rule">The rule's ID, e.g. <c>SHARE-04</c>: the same in code, test, journal and handbook.</param>
/// <param name="Message">What is wrong, in a sentence the room can read aloud.</param>
/// <param name="Remedy">What to do next.</param>
public sealed record Refusal(string Rule, string Message, string Remedy)
{
    public override string ToString() => $"{Rule} {Message} {Remedy}";
}
