using System.Collections.Immutable;
using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using KeyCeremony.App.Register;
using KeyCeremony.Core;
using KeyCeremony.Verifier;
using KeyCeremony.Verifier.Register;

namespace KeyCeremony.App.Commands;

/// <summary><c>keyceremony register</c>: questions to ledgers and bundles. It decides nothing and writes nothing but its answer.
/// docs/formats/register.md.</summary>
internal static class RegisterCommand
{
    private const int PageWidth = 80;
    private const int Narrowest = 40;
    private const int MaxFlaw = 1000;

    /// <summary>An interrupted question is waited for so long before its files are taken away under it.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    public static Command Make()
    {
        var sources = new Argument<string[]>("source")
        {
            Description = "Record sticks, copies of their keyceremony.journal, bundles: of one ledger or of several.",
            Arity = ArgumentArity.OneOrMore,
        };
        var of = new Option<string?>("--of")
        {
            Description = $"The table that is asked: {string.Join(", ", RegisterTable.All.Select(t => t.Name))}. "
                + "Left out: how much each ledger knows of each.",
        };
        of.CompletionSources.Add([.. RegisterTable.All.Select(t => t.Name)]);
        var where = new Option<string[]>("--where")
        {
            Description = "A column, = != < <= > >= or ~ (holds), and a value, e.g. 'notAfter<2030'. Several: all must hold.",
        };
        var find = new Option<string?>("--find") { Description = "Words that must stand in a row, anywhere." };
        var columns = new Option<string?>("--columns") { Description = "Names of columns, with commas between them, or all." };
        var query = new Option<string?>("--query") { Description = "Instead: one SELECT in LiteDB's language, from one table." };
        var csv = new Option<bool>("--csv") { Description = "The answer as CSV, all columns." };
        var json = new Option<bool>("--json") { Description = "The answer as JSON, all columns, for machines." };
        var root = new RootOptions();
        var command = new Command("register",
            "Ask ledgers and bundles: certificates, keys, cards, bags, lists, batches, people, exceptions. Needs no HSM.")
        { sources, of, where, find, columns, query, csv, json, root.Trust, root.Words };
        command.SetAction(parsed => RunCommand.Guarded(() =>
        {
            var asked = new Asked(parsed.GetValue(of), [.. parsed.GetValue(where) ?? []], parsed.GetValue(find) ?? "",
                parsed.GetValue(columns), parsed.GetValue(query), parsed.GetValue(csv), parsed.GetValue(json));
            Refusal? refusal = null;
            if (!VerifyOptions.TryRead(parsed.GetValue(root.Trust), parsed.GetValue(root.Words), null, out VerifyOptions? options,
                out refusal)
                || !Question.TryParse(asked, out Question? question, out refusal))
                return Words.Misused(refusal);
            return Interruptibly(stop => Answer(parsed.GetValue(sources)!, options, question, stop), RegisterSources.Marks);
        }));
        return command;
    }

    /// <summary>On a thread of its own, so that an interruption is never longer than a moment, whatever a query computes.</summary>
    private static int Interruptibly(Func<(PrivateFolder Folder, CancellationToken Stop), int> answer, IReadOnlyCollection<string> marks)
    {
        // Before the folder is made: whoever interrupts in between leaves nothing behind either.
        using var interruptible = new Interruptible();
        if (!PrivateFolder.TryMake(marks, out PrivateFolder? folder, out Refusal? refusal))
            return Words.Refuse(refusal);
        using (folder)
        {
            CancellationToken stop = interruptible.Token;
            Task<int> work = Task.Run(() => answer((folder, stop)), CancellationToken.None);
            WaitHandle.WaitAny([stop.WaitHandle, ((IAsyncResult)work).AsyncWaitHandle]);
            if (!stop.IsCancellationRequested)
                return work.GetAwaiter().GetResult();
            ((IAsyncResult)work).AsyncWaitHandle.WaitOne(Grace);
            return Interruptible.ExitCode;
        }
    }

    private static int Answer(string[] places, VerifyOptions options, Question question, (PrivateFolder Folder,
        CancellationToken Stop) with)
    {
        var sources = RegisterSources.Read(places, options, with.Stop);
        // A bundle of anybody's says what is wrong with it in its own words.
        foreach ((_, Refusal refused) in sources.Refusals)
            Words.Refuse(refused with { Message = PlainText.Of(refused.Message, MaxFlaw) });
        if (!sources.Refusals.IsEmpty)
            return sources.Refusals.Max(r => r.Code is 1 ? int.MaxValue : r.Code) is var worst && worst == int.MaxValue ? 1 : worst;
        if (!TryAnswer(sources.Ledgers, question, with.Folder.Path, with.Stop, out RegisterAnswer? answer, out Refusal? refusal))
            return Words.Misused(refusal);
        with.Stop.ThrowIfCancellationRequested();
        Say(sources, question, answer, options);
        return 0;
    }

    private static bool TryAnswer(ImmutableArray<LedgerRegister> ledgers, Question question, string folder, CancellationToken stop,
        [NotNullWhen(true)] out RegisterAnswer? answer, [NotNullWhen(false)] out Refusal? refusal)
    {
        (answer, refusal) = (null, null);
        if (question.Query is { } query)
            return RegisterDatabase.TryQuery(folder, query, RegisterAnswer.Of(query.Table, ledgers), stop, out answer, out refusal);
        if (question.Table is not { } table)
        {
            answer = RegisterAnswer.Overview(ledgers, question.Find);
            return true;
        }
        answer = RegisterAnswer.Of(table, ledgers);
        if (!question.Filters.IsEmpty)
            answer = RegisterDatabase.Where(folder, table, answer, question.Filters, stop);
        answer = answer.Having(question.Find);
        if (question.Columns is { } chosen)
            answer = answer.Showing(chosen);
        return true;
    }

    private static void Say(RegisterSources sources, Question question, RegisterAnswer answer, VerifyOptions options)
    {
        if (question.Json)
            Console.Write(answer.Json(question.Query?.Text, question.Query?.Table ?? question.Table, sources.Ledgers));
        else if (question.Csv)
            Console.Write(answer.Csv());
        else
        {
            foreach (LedgerRegister ledger in sources.Ledgers)
                Line($"{ledger.Environment} ledger {ledger.LedgerId}, {ledger.Proof}: {ledger.Last.Seq} "
                    + $"entries, until {RegisterAnswer.Stored(ledger.Last.Utc)}, from {string.Join(", ", ledger.Sources)}");
            Console.WriteLine();
            if (question is { Table: { } table, Columns: null })
                answer = answer.Showing(RegisterAnswer.Brief(table, sources.Ledgers.Length > 1));
            Console.Write(answer.Text(Width));
        }
        foreach (string note in sources.Notes.Concat(Unproven(sources, options)))
            Console.Error.WriteLine(RegisterAnswer.Shown(note));
    }

    private static IEnumerable<string> Unproven(RegisterSources sources, VerifyOptions options)
    {
        if (sources.Ledgers.Any(l => l.Proof == RegisterSources.Retold))
            yield return "retold: chained, and as the engine writes it; nobody signed its end. Compare its head.";
        if (options.TrustedRoot is null && sources.Ledgers.Any(l => l.Proof == RegisterSources.Signed))
            yield return "signed: nobody's identity was checked, because --trust or --words names no root.";
    }

    private static void Line(string text)
    {
        foreach (string line in RegisterAnswer.Wrapped(text, Width))
            Console.WriteLine(line);
    }

    private static int Width => Console.IsOutputRedirected ? PageWidth : Math.Max(Narrowest, Console.WindowWidth);

    /// <summary>As it was typed.</summary>
    private sealed record Asked(string? Of, ImmutableArray<string> Where, string Find, string? Columns, string? Query, bool Csv, bool Json);

    private sealed record Question(RegisterTable? Table, ImmutableArray<RegisterFilter> Filters, string Find,
        ImmutableArray<RegisterColumn>? Columns, RegisterQuery? Query, bool Csv, bool Json)
    {
        private const string All = "all";

        public static bool TryParse(Asked asked, [NotNullWhen(true)] out Question? question, [NotNullWhen(false)] out Refusal? refusal)
        {
            question = null;
            RegisterQuery? query = null;
            RegisterTable? table = asked.Of is null ? null : RegisterTable.Named(asked.Of);
            ImmutableArray<RegisterFilter> filters = [];
            ImmutableArray<RegisterColumn>? columns = null;
            bool isPlain = asked.Of is null && asked.Where.IsEmpty && asked.Columns is null;
            refusal = asked is { Csv: true, Json: true } ? RegisterRules.Question.Refuse("An answer is CSV or JSON.",
                "Give --csv or --json.")
                : asked.Query is not null && !(isPlain && asked.Find.Length == 0)
                    ? RegisterRules.Question.Refuse("A query is asked alone.",
                    "Say in the query what --of, --where, --find and --columns would say.")
                : asked.Of is not null && table is null
                    ? RegisterRules.Question.Refuse($"There is no table {PlainText.Of(asked.Of, RegisterQuery.MaxName)}.",
                    $"There are {string.Join(", ", RegisterTable.All.Select(t => t.Name))}.")
                : table is null && !isPlain ? RegisterRules.Question.Refuse("--where and --columns belong to a table.",
                    "Name it: --of certificates")
                : null;
            if (refusal is null && asked.Query is not null && !RegisterQuery.TryParse(asked.Query, out query, out refusal)
                || refusal is null && table is not null && (!TryFilters(table, asked.Where, out filters, out refusal) || !TryColumns(table,
                    asked.Columns, out columns, out refusal)))
                return false;
            question = refusal is null ? new Question(table, filters, asked.Find, columns, query, asked.Csv, asked.Json) : null;
            return refusal is null;
        }

        private static bool TryFilters(RegisterTable table, ImmutableArray<string> texts, out ImmutableArray<RegisterFilter> filters,
            [NotNullWhen(false)] out Refusal? refusal)
        {
            (filters, refusal) = ([], null);
            foreach (string text in texts)
                if (RegisterFilter.TryParse(table, text, out RegisterFilter? filter, out refusal))
                    filters = filters.Add(filter);
                else
                    return false;
            return true;
        }

        private static bool TryColumns(RegisterTable table, string? names, out ImmutableArray<RegisterColumn>? columns,
            [NotNullWhen(false)] out Refusal? refusal)
        {
            (columns, refusal) = (null, null);
            if (names is null)
                return true;
            if (names == All)
            {
                columns = table.Columns;
                return true;
            }
            ImmutableArray<RegisterColumn>.Builder chosen = ImmutableArray.CreateBuilder<RegisterColumn>();
            foreach (string name in names.Split(',', StringSplitOptions.TrimEntries))
                if (table.Column(name) is { } column && !chosen.Contains(column))
                    chosen.Add(column);
                else
                {
                    refusal = RegisterRules.Question.Refuse(
                        $"\"{PlainText.Of(name, RegisterQuery.MaxName)}\" is no column of {table.Name}, or was named twice.",
                        $"There are {string.Join(", ", table.Columns.Select(c => c.Name))}.");
                    return false;
                }
            columns = chosen.ToImmutable();
            return true;
        }
    }
}
