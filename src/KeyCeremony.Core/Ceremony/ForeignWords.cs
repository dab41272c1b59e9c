namespace KeyCeremony.Core.Ceremony;

/// <summary>The questions about cards that were made elsewhere, and what is recorded of their passphrase.</summary>
public static class ForeignWords
{
    /// <summary>A passphrase was typed.</summary>
    public const string WasTyped = "typed";

    /// <summary>There is no passphrase.</summary>
    public const string IsNone = "none";

    /// <summary>Those that were typed are wiped, and all are typed again.</summary>
    public const string NewCards = "cards";

    internal const string Prefix = "foreign/";
    internal const string OriginId = Prefix + "origin";
    internal const string Who = "/who";

    /// <summary>Whether it asks who comes with a card.</summary>
    public static bool IsWho(string question)
    {
        ArgumentNullException.ThrowIfNull(question);
        return question.StartsWith(Prefix, StringComparison.Ordinal) && question.EndsWith(Who, StringComparison.Ordinal);
    }

    /// <summary>Whether it is about cards that another day does not have.</summary>
    public static bool IsOfThisDay(string question)
    {
        ArgumentNullException.ThrowIfNull(question);
        return question.StartsWith(Prefix, StringComparison.Ordinal) && question != OriginId;
    }
}
