using System.Collections.Immutable;
using KeyCeremony.App.Ground;
using KeyCeremony.App.Ledger;
using KeyCeremony.App.Terminal;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.App.Room;

/// <summary>What a person gave: a message, and for a typed share the share itself.</summary>
internal sealed record Reply(Message Message, Share? Typed = null);

/// <summary>Asks a person. Null: the person leaves; the ceremony can be reopened.</summary>
/// <param name="refused">Why the last reply was not taken.</param>
internal delegate Reply? AskPerson(CeremonyState state, Question question, Refusal? refused);

/// <summary>Runs an effect while the person sees that something is going on.</summary>
internal delegate Message RunEffect(CeremonyState state, Effect effect);

/// <summary>
/// People at a terminal, to the end. Whether the ceremony ended; if not, they left it where it stands. The terminal is the shell's again.
/// </summary>
internal delegate bool AttendRoom(Loop loop, Performer performer, Hsm hsm, Custody custody, RecordLedger ledger, TimeProvider clock,
    Func<string> bundle, RoomView view);

/// <summary>
/// Key press → message → decision → entry on both sticks → applied → effect → its answer is the next message.
/// An entry is durable before anything follows from it.
/// </summary>
internal sealed class Loop(RecordLedger ledger, CeremonyState opened, Custody custody, TimeProvider clock)
{
    /// <summary>Two sticks take an entry in less, also slow ones.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>What was refused last and can be said once more.</summary>
    private Message? _doubted;

    /// <summary>Whoever has it writes entries; a signal that ends the program takes it and never gives it back.</summary>
    private readonly Lock _writing = new();

    public CeremonyState State { get; private set; } = opened;

    /// <summary>
    /// No entry is written any more: a signal ends the program. What people at the terminal read then is what they read when they stop it;
    /// nothing where an entry is just being written and does not come to its end.
    /// </summary>
    public ImmutableArray<string> Halt() => _writing.TryEnter(Patience) ? Resting() : [];

    /// <summary>How a ceremony that did not end goes on, and what is written on paper for it.</summary>
    public ImmutableArray<string> Resting() => State.Ended ? []
        : ledger.IsHeld ? ["Nothing was begun; the record sticks are as they were."]
        : [$"The ceremony {State.Id} rests at entry {ledger.Last.Seq}.", "Run the same command again to go on.",
            .. LeaveDialog.ToWrite(State)];

    /// <summary>True when the ceremony came to its end, false when the person left.</summary>
    public bool Run(AskPerson ask, RunEffect run)
    {
        Refusal? refused = null;
        while (true)
        {
            switch (Director.Next(State))
            {
                case Over:
                    return true;
                case Note note:
                    Append(note.Body);
                    break;
                case Perform perform:
                    // Done but not recordable, e.g. because the clock went back: doing it again would be a second attempt that nobody
                    // allowed. The program ends, and the next start finds the open attempt.
                    if (Take(new Reply(Perform(perform.Effect, run))) is { } unrecorded)
                        throw new CeremonyException(unrecorded);
                    refused = null;
                    break;
                case Ask question:
                    if (ask(State, question.Question, refused) is not { } reply)
                        return false;
                    refused = Take(reply);
                    break;
            }
        }
    }

    private Message Perform(Effect effect, RunEffect run)
    {
        ledger.WriteHeld();
        if (Director.Announce(State, effect) is { } attempted)
            Append(attempted);
        return run(State, effect);
    }

    private Refusal? Take(Reply reply)
    {
        Refusal? doubt = Doubts.Of(State, reply.Message, _doubted);
        _doubted = doubt is null ? null : reply.Message;
        Decision? decision = doubt is null ? Director.Decide(State, Doubts.Meant(State, reply.Message), clock.GetUtcNow()) : null;
        if (decision is null or { Refusal: not null })
        {
            reply.Typed?.Dispose();
            return doubt ?? decision!.Refusal;
        }
        if (reply is { Typed: { } share, Message: ShareTyped typed })
        {
            // A card that is checked opens nothing today: it is gone with its digest.
            if (decision.Entries is [CardChecked])
                share.Dispose();
            else
                custody.Keep(typed.Set, share);
        }
        foreach (EntryBody body in decision.Entries)
            Append(body);
        return null;
    }

    private void Append(EntryBody body)
    {
        lock (_writing)
        {
            Entry entry = ledger.Append(State.Id, clock.GetUtcNow(), State.Step?.Id ?? "", body);
            // What is more than a name typed in the roll call, and less than the roll call itself, is worth recording: a deviation, an
            // abort.
            if (!(State.Step is RollCallStep && body is Answered or Withdrawn or KeyboardUsed))
                ledger.WriteHeld();
            State = Replay.Apply(State, entry);
        }
    }
}
