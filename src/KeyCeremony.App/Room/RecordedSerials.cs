using System.Collections.Immutable;
using KeyCeremony.App.Devices;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;

namespace KeyCeremony.App.Room;

/// <summary>The serial numbers that people read from devices in this ledger's ceremonies: answers to fields of the kind serial.</summary>
internal sealed class RecordedSerials
{
    private readonly ImmutableArray<(string Serial, string Field, string Ceremony)> _known;

    private RecordedSerials(ImmutableArray<(string, string, string)> known) => _known = known;

    public static RecordedSerials Of(ImmutableArray<Entry> entries)
    {
        var asked = new HashSet<(string Ceremony, string Step, string Field)>();
        var known = new List<(long Seq, string Serial, string Field, string Ceremony)>();
        foreach (Entry entry in entries)
            switch (entry.Body)
            {
                case CeremonyOpened opened:
                    asked.UnionWith(Opening.Read(opened.Script).Steps.OfType<RecordStep>()
                        .SelectMany(s => s.Fields.Where(f => f.Kind == "serial").Select(f => (entry.Ceremony, s.Id, f.Id))));
                    break;
                case Answered answer when asked.Contains((entry.Ceremony, entry.Step, answer.Question)):
                    known.Add((entry.Seq, answer.Value, answer.Question, entry.Ceremony));
                    break;
                case Withdrawn withdrawn:
                    known.RemoveAll(k => k.Seq == withdrawn.Seq);
                    break;
            }
        return new RecordedSerials([.. known.Select(k => (k.Serial, k.Field, k.Ceremony))]);
    }

    /// <summary>Whether this stick is one that the ledger expects, said in words.</summary>
    public string Say(Drive drive)
    {
        if (_known.IsEmpty)
            return "no serial number is recorded in this ledger yet";
        (string Serial, string Field, string Ceremony) found =
            _known.LastOrDefault(k => string.Equals(k.Serial, drive.Serial, StringComparison.OrdinalIgnoreCase));
        return found.Serial is null
            ? "NOT a serial number that this ledger knows"
            : $"expected: recorded as {found.Field} in {found.Ceremony}";
    }
}
