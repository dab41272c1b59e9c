using System.Collections.Immutable;
using System.Text.RegularExpressions;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;
using static KeyCeremony.Verifier.Tests.Pen;

namespace KeyCeremony.Verifier.Tests;

/// <summary>Who did it, when, and whether it was announced.</summary>
public sealed partial class LiesTests
{
    /// <summary>One person in two seats, somebody from elsewhere, the wrong one.</summary>
    private static IEnumerable<Lie> People()
    {
        const string kind = "people";
        foreach ((string name, Func<string, string> twin, string rule, string says) in new (string, Func<string, string>, string, string)[]
        {
            ("the very same name", n => n, Replay, "ROLE-01"),
            ("another case", n => n.ToUpperInvariant(), Replay, "ROLE-01"),
            ("a blank behind it", n => n + " ", Replay, "ROLE-01"),
            ("two blanks inside it", n => n.Replace(" ", "  ", StringComparison.Ordinal), Replay, "ROLE-01"),
            ("a look-alike letter", n => n.Replace('a', 'а'), Replay, "ROLE-02"),
            ("an accent nobody hears", n => n.Replace('a', 'á'), Replay, "ROLE-02"),
            ("a letter in two parts", n => n.Replace("a", "a\u0301", StringComparison.Ordinal), Replay, "ROLE-02"),
            ("a wide letter", n => n.Replace('a', 'ａ'), Replay, "ROLE-02"),
            ("a full stop", n => n + ".", Replay, "ROLE-02"),
        })
            yield return new Lie(kind, $"two officers under one name, with {name}", r => r.Root, rule,
                $"(answered, step \"roll-call\") … due was an answer to \"name/officer/2\" … {says}",
                Rename((people, n) => n == Seated(people, Roles.Officer, 2) ? twin(Seated(people, Roles.Officer)) : n));
        foreach ((string name, char hidden) in new[] { ("a zero-width joiner", '\u200d'), ("a zero-width blank", '\u200b'),
            ("a soft hyphen", '\u00ad'), ("a mark that turns the line", '\u202e') })
            yield return new Lie(kind, $"two officers under one name, with {name}", r => r.Root, "VERIFY-04", "JOURNAL-0",
                Rename((people, n) => n == Seated(people, Roles.Officer, 2) ? Seated(people, Roles.Officer).Insert(2, $"{hidden}") : n));
        yield return new Lie(kind, "a witness who is the administrator", r => r.Root, Replay,
            "(answered, step \"roll-call\") … due was an answer to \"name/witness/1\" … ROLE-01",
            Rename((people, n) => n == Seated(people, Roles.Witness) ? Seated(people, Roles.Administrator) : n));
        yield return new Lie(kind, "a person in the room who was not in the roll call", r => r.Root, Replay,
            "(room-opened, step \"roll-call\") … due was room-opened. people is",
            Change<RoomOpened>(o => o with { People = o.People.Add(new Person(Roles.Witness, 2, "Nina Nobody")) }));
        yield return new Lie(kind, "an empty seat", r => r.Root, Replay, "(room-opened … due was room-opened. people is",
            Change<RoomOpened>(o => o with { People = o.People.RemoveAt(2) }));
        yield return new Lie(kind, "a card presented by a person who is not in the room", r => r.Authority, Replay,
            "(share-presented, step \"unlock\") … due was an answer to \"present/1\" … custodian is \"Nina Nobody\"",
            In("intermediate-signing", body => body is SharePresented { Share: 1 } p ? p with { Custodian = "Nina Nobody" } : body));
        yield return new Lie(kind, "a card whose custodian stayed at home", r => r.Authority, Replay,
            "(share-presented, step \"unlock\") … due was an answer to \"present/1\" … presenter is",
            (room, entries) =>
            {
                string ceremony = entries.First(e => e.Ceremony.EndsWith("intermediate-signing", StringComparison.Ordinal)).Ceremony;
                string officer = Seated(entries.Where(e => e.Ceremony == ceremony).Select(e => e.Body).OfType<RoomOpened>().Single().People,
                    Roles.Officer);
                var renamed = Rename((_, n) => n == officer ? "Nina Nobody" : n)(room, entries).ToImmutableArray();
                return entries.Zip(renamed, (e, other) => e.Ceremony == ceremony && e.Body is not SharePresented ? other : e);
            });
        yield return new Lie(kind, "the same card twice", r => r.Authority, Replay,
            "(share-presented, step \"unlock\") … due was an answer to \"present/2\" … PRESENT-02",
            (_, entries) =>
            {
                var first = (SharePresented)entries.First(e => e.Step == "unlock" && e.Body is SharePresented { Share: 1 }).Body;
                return entries.Select(e => e.Step == "unlock" && e.Body is SharePresented { Share: 2 } ? e with { Body = first } : e);
            });
        yield return new Lie(kind, "a card of another set", r => r.Authority, Replay,
            "(share-presented, step \"unlock\") … due was an answer to \"present/1\"",
            In("intermediate-signing", body => body is SharePresented { Share: 1 } p ? p with { Set = "0001-backup-1" } : body));
        yield return new Lie(kind, "a card that was not dealt", r => r.Authority, Replay,
            "(share-presented, step \"unlock\") … due was an answer to \"present/1\" … PRESENT-03",
            In("intermediate-signing", body => body is SharePresented { Share: 1 } p ? p with { Digest = new string('0', 64) } : body));
        yield return new Lie(kind, "cards presented once and the HSM opened again and again", r => r.Authority, Replay,
            "(answered, step \"sign-tls\") … due was an answer to \"present/1\"",
            Drop(e => e.Ceremony.EndsWith("intermediate-signing", StringComparison.Ordinal) && e.Body is SharePresented
                && e.Step != "unlock"));
        yield return new Lie(kind, "backup cards presented once and rebuilt again for the drill", r => r.Root, Replay,
            "(answered, step \"drill\") … due was an answer to \"present/1\"",
            Drop(e => e.Body is SharePresented && e.Step == "drill"));
        yield return new Lie(kind, "a card read back by another officer", r => r.Root, Replay, "(share-read-back … custodian is",
            (_, entries) => Change<ShareReadBack>(s => s with
            {
                Custodian = Seated(entries.Select(e =>
                e.Body).OfType<RoomOpened>().Single().People, Roles.Officer, 3)
            }, s => s.Share == 1)(null!, entries));
        yield return new Lie(kind, "cards for people who were not there", r => r.Root, Replay, "(shares-made … custodians is",
            Change<SharesMade>(s => s with { Custodians = s.Custodians.SetItem(0, "Nina Nobody") }, s => s.Name == "backup"));

        foreach ((string step, string question) in new[] { ("approve", "confirm"), ("gate", "seen"), ("preview-root", "words"), ("room",
            "right"), ("seal-equipment", "sealed") })
        {
            yield return Answer($"the operator answers for the witness: {step}", step, question, (a,
                people) => a with { By = Roles.Operator, Person = Seated(people, Roles.Operator) },
                "by is \"operator\", due is \"witness\"");
            yield return Answer($"the operator under the witness's role: {step}", step, question, (a,
                people) => a with { Person = Seated(people, Roles.Operator) }, "person is");
            yield return Answer($"nobody answers: {step}", step, question, (a, _) => a with { Person = "" }, "person is \"\"");
        }
        yield return Answer("an approval in other words", "approve", "confirm", (a, _) => a with { Value = "yes" }, "ASK-04");
        yield return Answer("the words of another hash", "preview-root", "words", (a, _) => a with { Value = "aardvark adroitness" },
            "ASK-04");
        yield return Answer("closed by the witness", "close", "close", (a, people) => a with
        {
            By = Roles.Witness,
            Person = Seated(people,
            Roles.Witness)
        }, "by is \"witness\", due is \"administrator\"");
        yield return new Lie(kind, "a break in which one stays", r => r.Interrupted, Replay, "(break-began … BREAK-01",
            Change<BreakBegan>(b => b with { Remaining = b.Remaining.RemoveAt(0) }));
        yield return new Lie(kind, "a break in which somebody stays who was never there", r => r.Interrupted, Replay,
            "(break-began … BREAK-01",
            Change<BreakBegan>(b => b with { Remaining = b.Remaining.SetItem(0, "Nina Nobody") }));
        yield return new Lie(kind, "a break that never ended", r => r.Interrupted, Replay, "due was an answer to \"break/end\" by witness",
            Drop(e => e.Body is BreakEnded));

        Lie Answer(string name, string step, string question, Func<Answered, ImmutableArray<Person>, Answered> change, string says) =>
            new(kind, name, r => r.Root, Replay, $"(answered, step \"{step}\") … due was an answer to \"{question}\" … {says}",
                (_, entries) => entries.Select(e => IsAnswer(e, step, question) ? e with
                {
                    Body = change((Answered)e.Body,
                    entries.Select(x => x.Body).OfType<RoomOpened>().First().People)
                } : e));
    }

    /// <summary>What a device did without a word, and what people changed without one.</summary>
    private static IEnumerable<Lie> Announcements()
    {
        const string kind = "announcements";
        foreach (string effect in new[] { "commission-token", "generate-key", "sign-certificate", "make-shares", "back-up-key",
            "destroy-wrap-key", "drill-recovery", "lock-key" })
        {
            yield return new Lie(kind, $"{effect} without its announcement", r => r.Root, Replay, $"due was attempted {effect}",
                Drop(e => e.Body is Attempted a && a.Effect == effect));
            yield return new Lie(kind, $"{effect} announced for something else", r => r.Root, Replay,
                $"(attempted … due was attempted {effect}. subject is \"other\"",
                Change<Attempted>(a => a with { Subject = "other" }, a => a.Effect == effect));
            yield return new Lie(kind, $"{effect} announced twice", r => r.Root, Replay,
                $"(attempted … it cannot be what {effect} brought: an entry of this kind never answers {effect}",
                (_, entries) => entries.SelectMany(e => e.Body is Attempted a && a.Effect == effect ? new[] { e, e } : [e]));
        }
        yield return new Lie(kind, "a signature announced as the second try", r => r.Root, Replay,
            "(attempted … due was attempted sign-certificate. try is 2",
            Change<Attempted>(a => a with { Try = 2 }, a => a.Effect == "sign-certificate"));
        yield return new Lie(kind, "another object than will be made", r => r.Root, Replay,
            "(attempted … due was attempted generate-key. ckaId is",
            Change<Attempted>(a => a with { CkaId = new string('0', 32) }, a => a.Effect == "generate-key"));
        yield return new Lie(kind, "a signature that stopped and stands there", r => r.Root, Replay, "(certificate-signed … due was",
            After(e => e.Body is Attempted { Effect: "sign-certificate" }, _ => [new Reopened("keyceremony test")]));

        yield return new Lie(kind, "leftovers taken over without the exception", r => r.Interrupted, Replay,
            "(attempt-resolved … due was exception-raised",
            DropException("ATTEMPT-01"));
        yield return new Lie(kind, "leftovers taken over and nobody signed off", r => r.Interrupted, Replay,
            "(attempt-resolved … due was an answer to \"sign-off/",
            DropSignOff("ATTEMPT-01"));
        yield return new Lie(kind, "leftovers taken over that nobody looked for", r => r.Interrupted, Replay,
            "an entry of this kind never answers look-for-leftovers",
            Drop(e => e.Body is LeftoversFound));
        yield return new Lie(kind, "leftovers taken over that were not whole", r => r.Interrupted, Replay,
            "(answered … due was an answer to \"resolve\" … ASK-05",
            Change<LeftoversFound>(l => l with { Complete = false }));
        yield return new Lie(kind, "half a key that is whole", r => r.Interrupted, Replay,
            "(leftovers-found … what was found cannot be complete",
            Change<LeftoversFound>(l => l with { Objects = l.Objects.RemoveAt(0) }, l => l.Complete));
        yield return new Lie(kind, "an attempt settled otherwise than the officers said", r => r.Interrupted, Replay,
            "(attempt-resolved … due was attempt-resolved. resolution is",
            Change<AttemptResolved>(a => a with { Resolution = a.Resolution == "adopt" ? "repeat" : "adopt" }));
        yield return new Lie(kind, "an interruption that nobody mentions", r => r.Interrupted, Replay,
            "an entry of this kind never answers look-for-leftovers",
            Drop(e => e.Body is LeftoversFound or AttemptResolved || e.Body is Answered { Question: "resolve" }
                || e.Body is ExceptionRaised { Rule: "ATTEMPT-01" }));

        yield return new Lie(kind, "cards void without the exception", r => r.Interrupted, Replay, "due was exception-raised",
            DropException("DEAL-02"));
        yield return new Lie(kind, "cards void and nobody signed off", r => r.Interrupted, Replay, "due was an answer to \"sign-off/",
            DropSignOff("DEAL-02"));
        yield return new Lie(kind, "cards dealt again and the first not void", r => r.Interrupted, Replay, "due was share-set-voided",
            Drop(e => e.Body is ShareSetVoided));
        yield return new Lie(kind, "cards void that were good", r => r.Root, Replay, "(share-set-voided … due was",
            After(e => e.Body is SubsetsCombined { Set: "0001-backup-1" }, _ => [new ShareSetVoided("0001-backup-1",
                "The program was started again before every share was read back.")]));
        yield return new Lie(kind, "cards of which not every one was read back", r => r.Root, Replay,
            "(answered, step \"deal-backup\") … due was an answer to \"card/0001-backup-1/2/alone\"",
            Drop(e => e.Body is ShareReadBack { Share: 2, Set: "0001-backup-1" } || e.Body is Answered a
                && a.Question.StartsWith("card/0001-backup-1/2/", StringComparison.Ordinal)));

        yield return new Lie(kind, "an answer changed in silence", r => r.Interrupted, Replay,
            "(answered, step \"room\") … due was an answer to",
            Drop(e => e.Body is Withdrawn));
        yield return new Lie(kind, "an answer given twice", r => r.Root, Replay,
            "(answered, step \"room\") … due was an answer to \"door-log\"",
            After(e => IsAnswer(e, "room", "room"), room => [new Answered("room", Roles.Operator,
                room.Entries.Select(e => e.Body).OfType<RoomOpened>().First().People.Single(p => p.Role == Roles.Operator).Name,
                "elsewhere")]));
        yield return new Lie(kind, "what was done is taken back", r => r.Root, Replay, "(withdrawn … UNDO-01",
            After(e => e is { Step: "generate-root", Body: TokenLookedAt }, room => [new Withdrawn(room.Entries.First(e =>
                e.Body is KeyGenerated { Key: "root" }).Seq)]));
        yield return new Lie(kind, "an older answer is taken back", r => r.Root, Replay, "(withdrawn, step \"room\") … seq is",
            After(e => IsAnswer(e, "room", "video"), room => [new Withdrawn(room.Entries.First(e => IsAnswer(e, "room", "room")).Seq)]));

        foreach ((string step, string question) in new[] { ("approve", "confirm"), ("gate", "seen"), ("room", "right"), ("generate-root",
            "seen"), ("close", "close") })
            yield return new Lie(kind, $"a step done by nobody: {step}", r => r.Root, Replay, $"due was an answer to \"{question}\" by",
                Drop(e => IsAnswer(e, step, question)));
        foreach (string step in new[] { "approve", "gate", "clock", "lock-root" })
            yield return new Lie(kind, $"a step that nobody came to: {step}", r => r.Root, Replay, "REPLAY-01 … it is written for",
                Drop(e => e.Step == step));
        yield return new Lie(kind, "a step that is not over", r => r.Root, Replay, "REPLAY-01 … it is written for",
            Drop(e => e is { Step: "approve", Body: StepDone }));

        // Whoever rewrites both sticks of an open ceremony cannot rewrite the witness's paper; the journal must at least say that it was
        // asked.
        yield return new Lie(kind, "a stopped ceremony goes on and nobody compares where it stood", r => r.Interrupted, Replay,
            "due was an answer to \"resume/head\" by witness",
            Drop(e => e.Body is Answered { Question: "resume/head" }));
        yield return new Lie(kind, "a stopped ceremony goes on from other words", r => r.Interrupted, Replay,
            "(answered … due was an answer to \"resume/head\" … RESUME-02",
            Change<Answered>(a => a with { Value = "aardvark adroitness aardvark adroitness aardvark adroitness aardvark adroitness" },
                a => a.Question == "resume/head"));
        yield return new Lie(kind, "a stopped ceremony goes on, nothing was written down, and that is no exception", r => r.Interrupted,
            Replay, "due was exception-raised",
            Change<Answered>(a => a with { Value = "none" }, a => a.Question == "resume/head"));

        static Func<SoftwareRoom, ImmutableArray<Entry>, IEnumerable<Entry>> DropException(string rule) => (_, entries) =>
        {
            HashSet<int> numbers = Numbers(entries, rule);
            return entries.Where(e => !(e.Body is ExceptionRaised r && numbers.Contains(r.Number)) && !(e.Body is ExceptionSignedOff o
                && numbers.Contains(o.Number)));
        };

        static Func<SoftwareRoom, ImmutableArray<Entry>, IEnumerable<Entry>> DropSignOff(string rule) => (_, entries) =>
        {
            HashSet<int> numbers = Numbers(entries, rule);
            return entries.Where(e => !(e.Body is ExceptionSignedOff o && numbers.Contains(o.Number)));
        };

        static HashSet<int> Numbers(ImmutableArray<Entry> entries, string rule) => [.. entries.Select(e =>
            e.Body).OfType<ExceptionRaised>().Where(x => x.Rule == rule).Select(x => x.Number)];
    }

    private static IEnumerable<Lie> Times()
    {
        const string kind = "time";
        yield return new Lie(kind, "an offset that is not the difference", r => r.Root, Replay,
            "(clock-compared … due was clock-compared. offsetSeconds is 90",
            Change<ClockCompared>(c => c with { OffsetSeconds = 90 }));
        yield return new Lie(kind, "a watch that was not read so", r => r.Root, Replay,
            "(clock-compared … due was clock-compared. witness is",
            Change<ClockCompared>(c => c with
            {
                Witness = c.Witness.AddYears(1),
                OffsetSeconds = (int)(c.Appliance - c.Witness.AddYears(1)).TotalSeconds
            }));
        yield return new Lie(kind, "the clock of another moment", r => r.Root, Replay,
            "(clock-compared … due was clock-compared. appliance is",
            Change<ClockCompared>(c => c with { Appliance = c.Appliance.AddHours(1), OffsetSeconds = c.OffsetSeconds + 3600 }));
        foreach ((string name, int years) in new[] { ("ahead", 1), ("far ahead", 40) })
            yield return new Lie(kind, $"the witness's watch {name} and no exception", r => r.Root, Replay,
                "(answered, step \"clock\") … due was exception-raised",
                Watch(years));
        yield return new Lie(kind, "the witness's watch a year off under an unrelated exception", r => r.Root, Replay,
            "(exception-raised, step \"clock\") … due was exception-raised. rule is \"DEVIATION-01\", due is \"CLOCK-03\"",
            Both(Watch(1), After(e => e is { Step: "clock", Body: ClockCompared }, room =>
            [
                new ExceptionRaised(1, "DEVIATION-01", "The door stood open."),
                new ExceptionSignedOff(1, Seated(room.Entries.Select(e => e.Body).OfType<RoomOpened>().First().People, Roles.Witness),
                    "It is shut."),
            ])));
        yield return new Lie(kind, "the witness's watch a year off under an exception of the name and another sentence", r => r.Root,
            Replay, "(exception-raised, step \"clock\") … due was exception-raised. what is",
            Both(Watch(1), After(e => e is { Step: "clock", Body: ClockCompared }, _ => [new ExceptionRaised(1, "CLOCK-03",
                "The clock is a little off.")])));
        yield return new Lie(kind, "the witness's watch before the ledger", r => r.Authority, Replay,
            "(answered, step \"clock\") … CLOCK-02",
            In("crl-signing", body => body is Answered { Question: "utc" } a ? a with { Value = "2024-01-01 00:00:00" } : body));
        yield return new Lie(kind, "a clock that goes back", r => r.Root, "VERIFY-04", "JOURNAL-0",
            (_, entries) => entries.Select(e => e.Body is KeyGenerated ? e with { Utc = e.Utc.AddDays(-1) } : e));
        yield return new Lie(kind, "a revocation that lies ahead", r => r.Authority, Replay, "(answered, step \"preview-list\") … TYPED-02",
            In("crl-signing", body => body is Answered { Question: "revoked" } a ? a with { Value = "2031-01-01 00:00:00" } : body));

        static Func<SoftwareRoom, ImmutableArray<Entry>, IEnumerable<Entry>> Watch(int years) => Rewrite(e => e.Body switch
        {
            Answered { Question: "utc" } a => a with
            {
                Value = e.Utc.AddYears(years).ToString("yyyy-MM-dd HH:mm:ss",
                System.Globalization.CultureInfo.InvariantCulture)
            },
            ClockCompared c when new DateTimeOffset(c.Appliance.Ticks / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond,
                TimeSpan.Zero).AddYears(years) is var witness =>
                c with { Witness = witness, OffsetSeconds = (int)(c.Appliance - witness).TotalSeconds },
            var same => same,
        });
    }

    /// <summary>Bags, and exceptions that are to excuse everything.</summary>
    private static IEnumerable<Lie> Bags()
    {
        const string kind = "exceptions";
        yield return new Lie(kind, "another bag without a word", r => r.Root, Replay, "(bag-sealed … due was bag-sealed. number is",
            Change<BagSealed>(b => b with { Number = "B99999" }, b => b.Content == "record stick A"));
        yield return new Lie(kind, "a bag of an earlier ceremony excuses a later one", r => r.Authority, Replay,
            "(bag-opened, step \"open-bags\") … due was an answer to \"differs/record stick A\"",
            In("crl-signing", body => body switch
            {
                BagOpened { Content: "record stick A" } b => b with { Number = "B88888" },
                Answered { Question: "bag/record stick A" } a => a with { Value = "B88888" },
                _ => body,
            }, "open-bags"));
        yield return new Lie(kind, "a bag that differs and nobody decided", r => r.Authority, Replay,
            "(exception-raised, step \"open-bags\") … due was an answer to \"differs/record stick A\"",
            Drop(e => e.Body is Answered { Question: "differs/record stick A" }));
        yield return new Lie(kind, "a bag that differs and is no exception", r => r.Authority, Replay,
            "(bag-opened, step \"open-bags\") … due was exception-raised",
            Drop(e => e.Body is ExceptionRaised { Rule: "BAG-01" } or ExceptionSignedOff && e.Step == "open-bags"));
        yield return new Lie(kind, "the exception of one bag excuses another", r => r.Authority, Replay,
            "due was an answer to \"differs/record stick B\"",
            In("intermediate-signing", body => body switch
            {
                BagOpened { Content: "record stick B" } b => b with { Number = "B88888" },
                Answered { Question: "bag/record stick B" } a => a with { Value = "B88888" },
                _ => body,
            }, "open-bags"));
        yield return new Lie(kind, "an exception about another bag than the one that came", r => r.Authority, Replay,
            "(exception-raised … due was exception-raised. what is",
            Change<ExceptionRaised>(x => x with { What = x.What.Replace("stick A", "stick B", StringComparison.Ordinal) },
                x => x.Rule == "BAG-01"));
        yield return new Lie(kind, "an exception of a milder rule", r => r.Authority, Replay,
            "(exception-raised … due was exception-raised. rule is",
            Change<ExceptionRaised>(x => x with { Rule = "DEVIATION-01" }, x => x.Rule == "BAG-01"));
        yield return new Lie(kind, "an exception without a number", r => r.Authority, Replay,
            "(exception-raised … due was exception-raised. number is 0",
            Change<ExceptionRaised>(x => x with { Number = 0 }, x => x.Rule == "BAG-01"));
        // Behind the ceremony that was given up no bag is known of what it opened.
        yield return new Lie(kind, "bags that nobody knows and no exception", r => r.Aborted, Replay,
            "(answered, step \"open-bags\") … due was exception-raised",
            Drop(e => e.Step == "open-bags" && e.Body is ExceptionRaised { Rule: "BAG-02" } or ExceptionSignedOff));
        yield return new Lie(kind, "bags that nobody knows, and nobody signed it off", r => r.Aborted, Replay,
            "(answered, step \"open-bags\") … due was an answer to \"sign-off/1\"",
            Drop(e => e is { Step: "open-bags", Body: ExceptionSignedOff }));
        foreach ((string name, Func<string, string> change) in new (string, Func<string, string>)[]
        {
            ("fewer bags than nobody knows", what => Regex.Replace(what, "\"record stick A\" carries [^,]*, ", "")),
            ("other bags than nobody knows", what => what.Replace("\"record stick A\"", "\"gold\"", StringComparison.Ordinal)),
            ("bags that nobody knows, with another number", what => Regex.Replace(what, "(?<=\"record stick A\" carries )[^,]*", "B88888")),
        })
            yield return new Lie(kind, $"an exception about {name}", r => r.Aborted, Replay,
                "(exception-raised, step \"open-bags\") … due was exception-raised. what is",
                Change<ExceptionRaised>(x => x with { What = change(x.What) }, x => x.Rule == "BAG-02"));
        yield return new Lie(kind, "a bag that nobody knows is one that differs", r => r.Aborted, Replay,
            "(exception-raised, step \"open-bags\") … due was exception-raised. rule is",
            Change<ExceptionRaised>(x => x with { Rule = "BAG-01" }, x => x.Rule == "BAG-02"));
        yield return new Lie(kind, "a bag number that is no number", r => r.Root, Replay, "(answered, step \"seal-equipment\") … ASK-06",
            Change<Answered>(a => a with { Value = "B1 <b>" }, a => a.Question == "bag/record stick A"));
        yield return new Lie(kind, "a bag used twice", r => r.Root, Replay, "(answered, step \"seal-equipment\") … BAG-03",
            (_, entries) =>
            {
                string used = entries.Select(e => e.Body).OfType<BagSealed>().First().Number;
                return Rewrite(e => e.Body switch
                {
                    Answered { Question: "bag/record stick A" } a => a with { Value = used },
                    BagSealed { Content: "record stick A" } b => b with { Number = used },
                    var same => same,
                })(null!, entries);
            });
        foreach ((string name, string remark, string says) in new[] { ("an empty sign-off", "", "ASK-02"), ("a sign-off of blanks", "   ",
            "ASK-02"), ("a sign-off that steers a terminal", "fine\u202e", "") })
            yield return new Lie(kind, name, r => r.Interrupted, says.Length == 0 ? "VERIFY-04" : Replay,
                says.Length == 0 ? "JOURNAL-0" : $"(exception-signed-off … due was an answer to \"sign-off/1\" … {says}",
                Change<ExceptionSignedOff>(x => x with { Remark = remark }));
        yield return new Lie(kind, "signed off by the operator", r => r.Interrupted, Replay, "(exception-signed-off … witness is",
            (_, entries) => Change<ExceptionSignedOff>(x => x with
            {
                Witness = Seated(entries.Select(e =>
                e.Body).OfType<RoomOpened>().First().People, Roles.Operator)
            })(null!, entries));
        yield return new Lie(kind, "signed off by nobody", r => r.Interrupted, Replay, "(exception-signed-off … witness is \"\"",
            Change<ExceptionSignedOff>(x => x with { Witness = "" }));
        yield return new Lie(kind, "another exception signed off", r => r.Interrupted, Replay, "(exception-signed-off … number is 9",
            Change<ExceptionSignedOff>(x => x with { Number = 9 }));
        yield return new Lie(kind, "an exception that nobody signed off", r => r.Interrupted, Replay,
            "due was an answer to \"sign-off/1\" by witness",
            Drop(e => e.Body is ExceptionSignedOff { Number: 1 }));
        yield return new Lie(kind, "a report that was not made in the room", r => r.Root, Replay, "(exception-raised … due was",
            After(e => e.Body is CeremonyClosed, _ => [new ExceptionRaised(1, "DEVIATION-01", "All was well.")]));
    }
}
