using System.Text;
using KeyCeremony.App.Ledger;
using KeyCeremony.Core;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.App.Tests.Ledger.PowerCut;

/// <summary>The same ledger in every run: entries of the sizes that a real ceremony has.</summary>
internal static class WrittenLedger
{
    private static readonly DateTimeOffset Start = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    /// <summary>What is said on standard output once an entry is on both sticks: everything later may rely on it.</summary>
    public const string Acknowledged = "ACK ";

    public static IReadOnlyList<Entry> Entries(int count)
    {
        var entries = new List<Entry>();
        for (int i = 0; i < count; i++)
            entries.Add(Entry.Following(entries.LastOrDefault(), Ceremony(i), Start.AddSeconds(i), i == 0 ? "" : "step", Body(i)));
        return entries;
    }

    /// <summary>Creates it and appends to it, as the program does.</summary>
    public static int Write(string a, string b, int count)
    {
        if (!RecordLedger.TryCreate([a, b], Start, (LedgerCreated)Body(0), out RecordLedger? ledger, out Refusal? refusal))
            return Say(refusal);
        using Stream output = Console.OpenStandardOutput();
        using (ledger)
            for (int i = 1; ; i++)
            {
                output.Write(Encoding.ASCII.GetBytes($"{Acknowledged}{i}\n"));
                if (i == count)
                    return 0;
                ledger.Append(Ceremony(i), Start.AddSeconds(i), "step", Body(i));
            }
    }

    /// <summary>Opens it and puts right what a loss of power has left.</summary>
    public static int Open(string a, string b)
    {
        if (!RecordLedger.TryOpen([a, b], null, allowCatchUp: false, out RecordLedger? ledger, out Refusal? refusal))
            return Say(refusal);
        ledger.Dispose();
        return 0;
    }

    private static string Ceremony(int i) => i == 0 ? "" : "0001-root-creation";

    private static EntryBody Body(int i) => i switch
    {
        0 => new LedgerCreated(new string('1', 32), "rehearsal", "power cuts"),
        1 => new CeremonyOpened("root-creation", 1, new string('a', 64), Text(i, 14_000), "power cuts"),
        _ when i % 20 == 5 => new CertificateSigned($"c{i}", "root", Text(i, 1200), new string('b', 64), ""),
        _ when i % 50 == 33 => new KeyBackedUp($"k{i}", "backup", Text(i, 4000), new string('c', 64)),
        _ when i % 7 == 3 => new StepDone(),
        _ => new Answered($"question-{i}", "administrator", "Ada Adams", Text(i, 8 + i * 37 % 80)),
    };

    /// <summary>Not the same everywhere: a piece of another entry must not pass for this one.</summary>
    private static string Text(int seed, int length)
    {
        var random = new Random(seed);
        return string.Create(length, random, (text, from) =>
        {
            for (int i = 0; i < text.Length; i++)
                text[i] = (char)('a' + from.Next(26));
        });
    }

    private static int Say(Refusal refusal)
    {
        Console.Error.WriteLine(refusal);
        return 1;
    }
}
