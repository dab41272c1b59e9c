namespace KeyCeremony.Core.Ceremony;

/// <summary>
/// The journal's words for results that leave by QR code: questions, and the answers to them that are no words of a hash.
/// </summary>
public static class ResultWords
{
    /// <summary>Whether results are shown at all: <see cref="Codes"/> or <see cref="Stick"/>.</summary>
    public const string Carry = "carry";
    public const string Codes = "codes";
    public const string Stick = "stick";

    /// <summary>Who reads the codes.</summary>
    public const string Receiver = "receiver";

    /// <summary>The path of the result follows. Its answer is the words, <see cref="NotReceived"/> or <see cref="NoMore"/>.</summary>
    public const string Received = "received/";

    /// <summary>Never recorded: the screen shows the codes, and what is typed beside them is the answer.</summary>
    public const string ShowCodes = "show";
    public const string NotReceived = "not-received";
    public const string NoMore = "no-more";

    /// <summary>Whether this answer goes on without an acknowledgement.</summary>
    public static bool IsWayOut(string answer) => answer is NotReceived or NoMore;
}
