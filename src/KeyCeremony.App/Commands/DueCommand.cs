using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using KeyCeremony.Core;
using KeyCeremony.Core.Pki;
using KeyCeremony.Verifier;
using KeyCeremony.Verifier.Register;

namespace KeyCeremony.App.Commands;

/// <summary><c>keyceremony due</c>: what has to be done by a day, from ledgers and bundles, for people, monitors and calendars.</summary>
internal static class DueCommand
{
    private const int Width = 80;
    private const int MaxFlaw = 1000;
    private const string DayForm = "yyyy-MM-dd";
    private const int MostDays = 36500;

    /// <summary>Behind it a number of days may lead out of the calendar.</summary>
    private const int LastYear = 9000;

    public static Command Make()
    {
        var sources = new Argument<string[]>("source")
        {
            Description = "Record sticks, copies of their keyceremony.journal, bundles: of one ledger or of several.",
            Arity = ArgumentArity.OneOrMore,
        };
        Option<int> within = Days("--within", 60, "So many days before its day a thing is due.");
        Option<int> cards = Days("--card-days", 365, "A card is checked so often.");
        Option<int> drills = Days("--drill-days", 1095, "The way back of a key is practised so often.");
        Option<int> bags = Days("--bag-days", 365, "A sealed bag is looked at so often.");
        var at = new Option<string?>("--at") { Description = "Asked about this day, 2030-01-31, and not about today." };
        var json = new Option<bool>("--json") { Description = Answer.OptionHelp };
        var calendar = new Option<bool>("--ics") { Description = "The answer as a calendar, RFC 5545, to be subscribed or imported." };
        var root = new RootOptions();
        var command = new Command("due",
            "What has to be done by a day: lists, certificates, cards, drills, bags. Ends with 7 or 8 when something is due or overdue.")
        { sources, within, cards, drills, bags, at, json, calendar, root.Trust, root.Words };
        command.SetAction(parsed => RunCommand.Guarded(() =>
        {
            var answer = new Answer("due", parsed.GetValue(json));
            DateTimeOffset now = TimeProvider.System.GetUtcNow();
            if (parsed.GetValue(json) && parsed.GetValue(calendar))
                return answer.Misused(Misuse("An answer is JSON or a calendar.", "Give --json or --ics."));
            if (parsed.GetValue(at) is { } day && (!DateTimeOffset.TryParseExact(day, DayForm, CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal, out now) || now.Year > LastYear))
                return answer.Misused(Misuse("What was given to --at is no day.", "Give it as 2030-01-31."));
            if (new[] { within, cards, drills, bags }.Any(o => parsed.GetValue(o) is < 0 or > MostDays))
                return answer.Misused(Misuse("A number of days is not from 0 to 36500.", "Give fewer days."));
            if (!VerifyOptions.TryRead(parsed.GetValue(root.Trust), parsed.GetValue(root.Words), null, out VerifyOptions? options,
                out Refusal? refusal))
                return answer.Misused(refusal);
            var wanted = new DueWanted(now, parsed.GetValue(cards), parsed.GetValue(drills), parsed.GetValue(bags));
            return Answered(parsed.GetValue(sources)!, options, wanted, parsed.GetValue(within), parsed.GetValue(calendar), answer);
        }));
        return command;
    }

    private static Option<int> Days(string name, int usual, string help) =>
        new(name) { Description = help, DefaultValueFactory = _ => usual };

    private static Refusal Misuse(string what, string remedy) => new("DUE-01", what, remedy);

    private static int Answered(string[] places, VerifyOptions options, DueWanted wanted, int within, bool calendar, Answer answer)
    {
        var sources = RegisterSources.Read(places, options, CancellationToken.None);
        if (!sources.Refusals.IsEmpty)
        {
            foreach ((_, Refusal refused) in sources.Refusals)
                _ = answer.Refuse(refused with { Message = PlainText.Of(refused.Message, MaxFlaw) });
            return answer.End(sources.Refusals.Any(r => r.Code == 1) ? 1 : sources.Refusals.Max(r => r.Code));
        }
        foreach (string note in sources.Notes)
            Console.Error.WriteLine(RegisterAnswer.Shown(note));
        ImmutableArray<(LedgerRegister Ledger, DueItem Item)> items =
            [.. sources.Ledgers.SelectMany(l => l.Due(wanted).Select(i => (l, i))).OrderBy(x => x.i.Date)];
        DateTimeOffset soon = wanted.Now.AddDays(within);
        int code = items.Any(x => x.Item.Date < wanted.Now) ? ExitCodes.Overdue : items.Any(x => x.Item.Date <= soon) ? ExitCodes.Soon : 0;
        if (calendar)
        {
            Console.Write(DueCalendar.Of(items, wanted.Now));
            return code;
        }
        answer.Member("now", wanted.Now);
        answer.Member("within", within);
        answer.Objects("ledgers", sources.Ledgers, (json, ledger) =>
        {
            json.WriteString("id", ledger.LedgerId);
            json.WriteString("environment", ledger.Environment);
            json.WriteString("proof", ledger.Proof);
            json.WriteNumber("entries", ledger.Last.Seq);
            json.WriteString("head", ledger.Last.HashHex);
        });
        answer.Objects("items", items, (json, x) =>
        {
            json.WriteString("ledger", x.Ledger.LedgerId);
            json.WriteString("kind", x.Item.Kind);
            json.WriteString("subject", x.Item.Subject);
            json.WriteString("date", Answer.Time(x.Item.Date));
            json.WriteNumber("days", Days(x.Item.Date, wanted.Now));
            json.WriteString("state", x.Item.Date < wanted.Now ? "overdue" : x.Item.Date <= soon ? "due" : "later");
            json.WriteString("what", x.Item.What);
        });
        answer.Say(items.Select(x => new TextLine(Line(x.Item, wanted.Now, soon), Named(sources, x.Ledger) + x.Item.What)), Show);
        answer.Tell(code switch
        {
            ExitCodes.Overdue => "Something is overdue.",
            ExitCodes.Soon => $"Something is due within {within} days.",
            _ => $"Nothing is due within {within} days.",
        });
        return answer.End(code);
    }

    private static string Named(RegisterSources sources, LedgerRegister ledger) => sources.Ledgers.Length > 1 ? $"{ledger.Id}: " : "";

    /// <summary>From one day of the calendar to another, UTC: the hour at which somebody asks makes nothing due a day earlier.</summary>
    private static int Days(DateTimeOffset to, DateTimeOffset from) => (to.UtcDateTime.Date - from.UtcDateTime.Date).Days;

    private static string Line(DueItem item, DateTimeOffset now, DateTimeOffset soon)
    {
        int days = Days(item.Date, now);
        return string.Create(CultureInfo.InvariantCulture, $"{item.Date:yyyy-MM-dd}  {(item.Date < now ? "OVERDUE" : item.Date <= soon
            ? $"DUE in {days} {(days == 1 ? "day" : "days")}" : $"in {days} days")}  {item.Kind}");
    }

    private static void Show(TextLine[] lines)
    {
        foreach (TextLine line in lines)
        {
            Console.WriteLine(line.Label);
            foreach (string wrapped in RegisterAnswer.Wrapped(line.Value, Width - 4))
                Console.WriteLine($"    {wrapped}");
        }
    }
}
