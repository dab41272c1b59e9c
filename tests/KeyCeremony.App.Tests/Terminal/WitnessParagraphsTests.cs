using System.Collections.Immutable;
using System.Text.RegularExpressions;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Script;

namespace KeyCeremony.App.Tests.Terminal;

/// <summary>
/// What a script tells the witness to see on the screen stands on the screen of that step. A paragraph that is new or was changed
/// is named here, with what it is about.
/// </summary>
public sealed class WitnessParagraphsTests
{
    /// <summary>The beginning of a paragraph, and what must have stood in the step; empty: it is about people and things.</summary>
    private static readonly ImmutableArray<(string Begins, string Shown)> Paragraphs =
    [
        ("the screen says that the attempt was refused",
            @"HSM-20 Wrapping the locked key was tried and refused: AES key wrap \(PAD\) with CKR_"),
        ("the screen says that the key is locked",
            @"The key is locked: EXTRACTABLE = false, read back from the HSM.*HSM-20 Wrapping the locked key was tried and refused"),
        ("the screen says that no wrap key is left", @"No wrap key is left in the HSM"),
        ("the officers read from their own cards. The screen ends with an empty drill", @"Drill HSM \S+ It was wiped: it is empty"),
        ("the officers read from their new cards. The screen ends with an empty drill", @"Drill HSM \S+ It was wiped: it is empty"),
        ("each old card comes out of its bag now", @"SHA-256 of the backup blob ([0-9a-f]{4} ){16}([a-zA-Z]+ ){4}"),
        ("you say who made these cards and with what", @"SHA-256 of the backup blob ([0-9a-f]{4} ){16}([a-zA-Z]+ ){4}"),
        ("a lost card is said to be lost", ""),
        ("compare the serial number on the screen", @"Serial \S+"),
        ("compare the serial number with the one on the old device", @"Former HSM \S+"),
        ("the screen shows the label and the serial number", @"Label +\S+ Serial +\S+"),
        ("the issuer on the screen is", @"(?i)issuer +\S+"),
        ("compare the words with the last page of that report", "Head of the last ceremony, as in its report"),
        ("compare the words with the last page of the last ceremony's report",
            @"first ceremony: before it the ledger was empty|Head of the last ceremony, as in its report"),
        ("the camera must not see the screen now. Between two officers the screen shows no card, only a word",
            @"Then [^.]+ types the word below"),
        ("the camera must not see the screen now", @"card \d"),
        ("the fingerprint words of both roots",
            @"(has signed, and its signature holds\. SHA-256 of the certificate ([0-9a-f]{4} ){16}.*){2}"),
        ("compare the fingerprint words of the second root certificate", @"SHA-256 of the certificate ([0-9a-f]{4} ){16}([a-zA-Z]+ ){31}"),
        ("compare the fingerprint words of the root certificate", @"SHA-256 of the certificate ([0-9a-f]{4} ){16}([a-zA-Z]+ ){31}"),
        ("write the first four words of the blob's hash", @"SHA-256 of the backup blob ([0-9a-f]{4} ){16}([a-zA-Z]+ ){4}"),
        ("write the fingerprint words on your copy", @"SHA-256 of the certificate ([0-9a-f]{4} ){16}([a-zA-Z]+ ){4}"),
        ("write the number and the fingerprint words", @"number \d+.*SHA-256 of the list ([0-9a-f]{4} ){16}"),
        ("write each batch and the first words of its hash", @"SHA-256 of what is signed ([0-9a-f]{4} ){16}"),
        ("another person than for the first builder", ""),
        ("compare version and counter with the order", @"Security counter \d+"),
        ("write the first words of what was signed", @"Signed of \S+: SHA-(256|384) of .* ([0-9a-f]{4} ){16}"),
        ("write the words of the ceremony's head", @"Head of the ceremony, entry \d+ ([0-9a-f]{4} ){16}"),
        ("write the first words of the fingerprint", @"SHA-256 of the certificate ([0-9a-f]{4} ){16}([a-zA-Z]+ ){4}"),
        ("write the words of the last page", "The words of its end come next: the witness writes them"),
        ("the hash comes from your own sheet", @"SHA-256"),
        ("compare the difference with the order", @"entries: \d+.*added: \d+"),
        ("compare the name and the ceremony with the exception sheet", @"Made in \S+, which was aborted"),
        ("compare the words with those the officers approved", @"SHA-256 of the to-be-signed bytes ([0-9a-f]{4} ){16}"),
        ("follow letter by letter", @"subject +\S+"),
        ("the subject is the other authority", @"subject +\S+"),
        ("the list is that of the next root and its first", @"List root-next, number 1: .*entries: 0"),
        ("the subject is the next root", @"subject +\S+"),
        ("the screen names the key that was made today", @"Key +root-next"),
        ("the word is yours alone", "From this word on the key \"root\" is dead"),
        ("compare the fingerprint words of its certificate", @"SHA-256 of the certificate ([0-9a-f]{4} ){16}([a-zA-Z]+ ){4}"),
        ("the hash of the certificate on the screen", @"SHA-256 of the certificate ""root-next"" ([0-9a-f]{4} ){16}([a-zA-Z]+ ){4}"),
        ("the words come from the receiver's screen", ""),
        ("check an identity document", ""),
        ("see that the camera runs", ""),
        ("see that no camera and no window shows", ""),
        ("look at the machine yourself", ""),
        ("look at each seal", ""),
        ("a bag that was open", ""),
        ("read year, month, day", ""),
        ("type the word only after", ""),
        ("keep these bags in your hand", ""),
        ("hold each thing in front of the camera", ""),
        ("read its number aloud", ""),
        ("the package was sealed until now", ""),
        ("each bag is new", ""),
        ("everybody but the officer", ""),
        ("see the old cards cut", ""),
        ("write down the time", ""),
        ("the decision is signed", ""),
        ("you will ask that person tomorrow", ""),
        ("compare the hash of the public key with the report", @"SHA-256 of the public key ([0-9a-f]{4} ){16}([a-zA-Z]+ ){4}"),
        ("the last revocation list is signed and published", ""),
        ("the last list is signed, or you know why", ""),
        ("you will ask these people tomorrow", ""),
        ("see each card destroyed yourself", ""),
        ("nobody is blamed for a copy that remains", ""),
        ("from the word that begins it until the HSM is open again", ""),
        ("the set's name on the card is the old one", ""),
    ];

    public static TheoryData<string, string[]> Ceremonies => GoldenScreenTests.Ceremonies;

    [Theory]
    [MemberData(nameof(Ceremonies))]
    public void What_the_witness_is_told_to_see_stands_on_the_screen(string name, string[] scripts)
    {
        using FakeRoom room = GoldenScreenTests.Standing(scripts);
        Assert.NotEmpty(name);
        var shown = new Dictionary<string, string>();
        foreach (Move move in room.Moves())
            if (move is Ask { Question: var question } && room.State.Step is { } step)
                shown[step.Id] = $"{shown.GetValueOrDefault(step.Id)} {question.Prompt} {string.Join(' ', question.EvidenceLines)}";
        foreach (Step step in room.State.Script.Steps)
            foreach (string paragraph in step.Prose.Split("> Witness: ").Skip(1))
            {
                string text = Plain(paragraph.Split("\n\n")[0]);
                (string begins, string wanted) = Paragraphs.FirstOrDefault(p => text.StartsWith(p.Begins, StringComparison.Ordinal));
                Assert.True(begins is not null, $"{step.Id}: nobody says whether this is true: {text}");
                Assert.True(wanted.Length == 0 || Regex.IsMatch(Plain(shown.GetValueOrDefault(step.Id, "")), wanted),
                    $"{step.Id}: \"{text}\" and the screen shows:\n{shown.GetValueOrDefault(step.Id)}");
                Assert.False(wanted.Length == 0 && text.Contains("the screen s", StringComparison.Ordinal),
                    $"{step.Id}: it is about the screen: {text}");
            }
    }

    private static string Plain(string text) => Regex.Replace(text.Replace("> ", "", StringComparison.Ordinal), @"\s+", " ").Trim();
}
