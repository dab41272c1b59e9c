using System.Collections.Immutable;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Core.Script;

/// <summary>A parsed ceremony script: what was reviewed, printed and is read aloud is what runs.</summary>
/// <param name="Name">Lower-case words joined by hyphens, e.g. <c>root-creation</c>.</param>
/// <param name="Environments">The environments the script may run in.</param>
/// <param name="Seats">Roles in the order of the roll call, with how many people hold each.</param>
/// <param name="Quorums">Named quorums; a share set names the one it is dealt by.</param>
/// <param name="Steps">In the order they are performed.</param>
/// <param name="Text">The complete composed Markdown, includes already in place.</param>
/// <param name="Sha256">SHA-256 of <paramref name="Text"/> in UTF-8, lower-case hex.</param>
public sealed record CeremonyScript(
    string Name,
    int Version,
    string Title,
    ImmutableArray<string> Environments,
    ImmutableArray<Seat> Seats,
    ImmutableArray<Quorum> Quorums,
    ImmutableArray<Step> Steps,
    string Text,
    string Sha256)
{
    /// <summary>Seats that one person holds together; a seat in none of these has a person of its own.</summary>
    public ImmutableArray<ImmutableArray<SeatRef>> Combined { get; init; } = [];

    /// <summary>Cards may be shown as QR codes, and read by the appliance's camera in place of typing.</summary>
    public bool CardCodes { get; init; }

    /// <summary>What the terminal shows is recorded, but for secret pages, and goes into the bundle.</summary>
    public bool Recording { get; init; }

    /// <summary>What is read aloud before the first step: Markdown between the front matter and the first heading.</summary>
    public string Introduction { get; } = IntroductionOf(Text);

    public Quorum QuorumNamed(string name) => Quorums.First(q => q.Name == name);

    /// <summary>Whether its record is signed at the close and leaves the room; else the next ceremony's signature covers it.</summary>
    public bool IsSigned => Steps is not [.., CloseStep { Signed: false }];

    /// <summary>Whether a step lets the bag with this content stay closed.</summary>
    public bool MayStayClosed(string content) => Steps.OfType<OpenBagsStep>().Any(o => o.Optional.Contains(content));

    public int SeatsFor(string role) => Seats.FirstOrDefault(s => s.Role == role)?.Count ?? 0;

    private static string IntroductionOf(string text)
    {
        string[] lines = text.Split('\n');
        int from = Array.IndexOf(lines, FrontMatter.Mark, Math.Min(1, lines.Length)) + 1;
        return from == 0 ? "" : string.Join('\n', lines.Skip(from).TakeWhile(line => !line.StartsWith('#'))).Trim();
    }
}

/// <param name="Role">administrator, operator, witness, officer or auditor.</param>
/// <param name="Count">How many people sit in this role, 1 to 16.</param>
public sealed record Seat(string Role, int Count);

/// <param name="Plan">How many shares are needed, of how many groups; they are dealt one to each officer in roll-call order.</param>
public sealed record Quorum(string Name, GroupPlan Plan)
{
    /// <summary>How many shares are needed at least.</summary>
    public int Threshold => Plan.Fewest;

    /// <summary>How many shares are dealt.</summary>
    public int Count => Plan.Cards;
}

/// <summary>The roles a script may name.</summary>
public static class Roles
{
    public const string Administrator = "administrator";
    public const string Operator = "operator";
    public const string Witness = "witness";
    public const string Officer = "officer";
    public const string Auditor = "auditor";

    public static readonly ImmutableArray<string> All = [Administrator, Operator, Witness, Officer, Auditor];
}

/// <summary>The environments a ledger can belong to. Nothing crosses from one to another.</summary>
public static class Environments
{
    public const string Rehearsal = "rehearsal";
    public const string Development = "development";
    public const string Staging = "staging";
    public const string Production = "production";

    public static readonly ImmutableArray<string> All = [Rehearsal, Development, Staging, Production];
}
