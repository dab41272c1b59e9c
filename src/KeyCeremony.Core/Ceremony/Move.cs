using System.Collections.Immutable;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Core.Ceremony;

/// <summary>What happens next. A pure function of the state: <c>Director.Next</c>.</summary>
public abstract record Move;

/// <summary>A person is asked.</summary>
public sealed record Ask(Question Question) : Move;

/// <summary>A device or the outside acts. When it changes a device, <c>attempted</c> is written first.</summary>
public sealed record Perform(Effect Effect) : Move;

/// <summary>A fact that follows from what is already recorded.</summary>
public sealed record Note(EntryBody Body) : Move;

/// <summary>The ceremony is over.</summary>
public sealed record Over : Move;

/// <summary>What reaches the ceremony from outside.</summary>
public abstract record Message;

/// <summary>The text a person gave to the open question.</summary>
public sealed record Answer(string Question, string Value) : Message;

/// <summary>A share was typed whole and its checksum holds. Nothing in here is secret.</summary>
/// <param name="Matches">For a read-back: every word equals the card that was shown.</param>
/// <param name="Identifier">The share set's SLIP-39 identifier.</param>
/// <param name="Share">1-based member index.</param>
/// <param name="Header">What a card that was made elsewhere says of its set; null: the card is one that a ledger deals.</param>
public sealed record ShareTyped(string Question, string Set, int Share, int Identifier, string Digest, bool Matches,
    ShareHeader? Header = null) : Message;

/// <summary>An effect ended well.</summary>
public sealed record Happened(Effect Effect, EntryBody Fact) : Message;

/// <summary>An effect broke.</summary>
/// <param name="Where">The call, e.g. <c>C_Sign CKR_DEVICE_REMOVED</c>; starts with <c>C_</c> when the HSM broke.</param>
public sealed record Broke(Effect Effect, string Where, string What) : Message;

/// <summary>The last answer is taken back.</summary>
public sealed record Undo : Message;

/// <summary>Somebody reports a deviation.</summary>
public sealed record Report(string What) : Message;

/// <summary>Somebody set another keyboard layout.</summary>
public sealed record KeyboardSet(string Layout) : Message;

/// <summary>People leave for a while.</summary>
public sealed record TakeBreak(ImmutableArray<string> Remaining) : Message;

/// <summary>Somebody wants the ceremony to end without its goal.</summary>
/// <param name="Witness">In ceremonies of the first format: the witness's name as typed. Later ones ask the witness in person.</param>
public sealed record Abort(string Reason, string Witness = "") : Message;

/// <summary>What the ceremony says to a message: entries to append, or a refusal.</summary>
public sealed record Decision(ImmutableArray<EntryBody> Entries, Refusal? Refusal)
{
    public static Decision Take(params ImmutableArray<EntryBody> entries) => new(entries, null);

    public static Decision Refuse(string rule, string message, string remedy) => new([], new Refusal(rule, message, remedy));
}
