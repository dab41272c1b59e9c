using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.App.Tests.Room;
using KeyCeremony.Core.Ceremony.Retelling;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.Verifier.Tests;

/// <summary>
/// Every entry of honest journals is dropped, repeated, swapped, moved, and each of its values changed; the chain is made anew
/// behind it, and whatever else names a hash of the chain follows. No mutant may be retold to its end but those of
/// <c>survivors.txt</c>, where each kind of value stands with the reason why nothing but the signature proves it.
/// </summary>
public sealed class JournalMutationTests
{
    private static readonly JsonSerializerOptions Exact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly ImmutableSortedDictionary<string, string> Listed = ReadListed();

    private readonly SortedDictionary<string, string> _survivors = new(StringComparer.Ordinal);
    private int _mutants;

    [Fact]
    public void What_the_engine_would_not_have_written_is_refused()
    {
        using var rooms = new SigningRooms();
        foreach ((string name, ImmutableArray<Entry> journal, int from) in Journals(rooms))
            Mutate(name, journal, from);

        Assert.True(_mutants > 5000, $"{_mutants} mutants");
        Assert.True(Listed.Keys.SequenceEqual(_survivors.Keys),
            $"{_mutants} mutants; not listed: {string.Join("; ", _survivors.Keys.Except(Listed.Keys))}; "
                + $"no longer alive: {string.Join("; ", Listed.Keys.Except(_survivors.Keys))}");
        Assert.All(Listed.Values, reason => Assert.NotEmpty(reason));
        Assert.Contains($"{Listed.Count} kinds",
            File.ReadAllText(Path.Combine(App.Tests.Ledger.RecordLedgerTests.Root(), "docs/assurance.md")), StringComparison.Ordinal);
    }

    /// <summary>From an entry on, because those before it were mutated in the journal before.</summary>
    private static IEnumerable<(string Name, ImmutableArray<Entry> Entries, int From)> Journals(SigningRooms rooms)
    {
        SoftwareRoom room = rooms.Rooted();
        yield return ("root-creation", Bundled(room), 0);
        foreach (string script in new[] { "intermediate-signing.md", "cross-signing.md",
            "crl-signing.md", "manifest-key.md", "disaster-recovery.md" })
        {
            int from = room.Entries.Length;
            if (script == "crl-signing.md")
                room.Saying("more", "serial", "certificate/tls-t1", "done").Saying("serial", "0a0b0c")
                    .Saying("reason", "certificateHold", "superseded");
            room.Through(script);
            yield return (script, Bundled(room), from);
        }
        yield return ("interrupted", Interrupted(), 0);
        // What the other journals do not have; cards are checked on a day of which no bundle of its own tells.
        SoftwareRoom replaced = rooms.Rooted().Through("custodian-replacement.md");
        yield return ("custodian-replacement", Bundled(replaced), IndexOf(replaced, e => e.Step == "rewrap-root"));
        SoftwareRoom changed = ActivationChangeTests.Changed(rooms.Rooted());
        yield return ("activation-change", Bundled(changed), IndexOf(changed, e => e.Step == "change-pins"));
        SoftwareRoom ended = KeyDestructionTests.Burnt(rooms.Rooted(), 1).Through("key-destruction.md");
        yield return ("key-destruction", Bundled(ended), IndexOf(ended, e => e.Step == "destroy-root"));
    }

    /// <summary>The power fails after entries of every kind of step, and officers decide what becomes of it.</summary>
    private static ImmutableArray<Entry> Interrupted()
    {
        var cut = new HashSet<string> { "generate-key", "make-shares", "sign-certificate", "commission-token" };
        var room = new SoftwareRoom { PowerFails = e => e?.Body is Attempted a && cut.Remove(a.Effect) };
        room.Open(SoftwareRoom.Script("root-creation.md"));
        room.GoOn();
        return Bundled(room);
    }

    private static int IndexOf(SoftwareRoom room, Func<Entry, bool> which) => room.Entries.IndexOf(room.Entries.First(which));

    /// <summary>The entries that the last checkpoint covers.</summary>
    private static ImmutableArray<Entry> Bundled(SoftwareRoom room) =>
        room.Entries[..(int)room.Entries.Select(e => e.Body).OfType<CheckpointSigned>().Last().Seq];

    private void Mutate(string name, ImmutableArray<Entry> journal, int from)
    {
        var before = new Retold[journal.Length + 1];
        before[0] = Retold.Of([]);
        for (int i = 0; i < journal.Length; i++)
            before[i + 1] = before[i].Then(journal[i]);
        Assert.True(before[^1].Refusal is null, $"{name}: {before[^1].Refusal}");
        Parallel.For(from, journal.Length, i =>
        {
            Retold stand = before[i];
            foreach ((string what, EntryBody[] bodies) in Orders(journal, i))
                Try($"{what}", stand, journal, i, bodies, what.StartsWith("swapped", StringComparison.Ordinal) ? i + 2 : i + 1);
            foreach ((string what, EntryBody body) in Values(journal[i]))
                Try(what, stand, journal, i, [body], i + 1);
        });
    }

    private static IEnumerable<(string, EntryBody[])> Orders(ImmutableArray<Entry> journal, int i)
    {
        string kind = ReplayRules.KindOf(journal[i].Body);
        yield return ($"dropped {kind}", []);
        yield return ($"repeated {kind}", [journal[i].Body, journal[i].Body]);
        if (i + 1 < journal.Length)
            yield return ($"swapped {kind} and {ReplayRules.KindOf(journal[i + 1].Body)}", [journal[i + 1].Body, journal[i].Body]);
        if (i > 10)
            yield return ($"inserted {ReplayRules.KindOf(journal[i - 7].Body)} before {kind}", [journal[i - 7].Body, journal[i].Body]);
    }

    /// <summary>The journal with these bodies in place of one entry, everything behind chained anew, retold.</summary>
    private void Try(string what, Retold stand, ImmutableArray<Entry> journal, int at, EntryBody[] bodies, int next)
    {
        Interlocked.Increment(ref _mutants);
        lock (_survivors)
            if (_survivors.ContainsKey(what))
                return;
        Entry? last = at == 0 ? null : journal[at - 1];
        Retold retold = stand;
        var chain = new ChainNames(journal[..at]);
        foreach ((Entry place, EntryBody body) in bodies.Select(b => (journal[at], b)).Concat(journal[next..].Select(e => (e, e.Body))))
        {
            var entry = Entry.Following(last, place.Ceremony, place.Utc, place.Step,
                ReferenceEquals(place, journal[at]) ? body : chain.Follow(body, last!));
            if (Entry.Read(entry.Bytes.AsSpan(), last?.Hash ?? Entry.Genesis) is null || (retold = retold.Then(entry)).Refusal is not null)
                return;
            chain.Learn(entry.Body);
            last = entry;
        }
        // Without its end it is no bundle: VERIFY-15.
        if (last?.Body is not Attempted { Effect: "sign-checkpoint" })
            return;
        lock (_survivors)
            _survivors.TryAdd(what, "");
    }

    private static IEnumerable<(string, EntryBody)> Values(Entry entry)
    {
        string kind = ReplayRules.KindOf(entry.Body);
        foreach ((string path, Func<JsonNode, bool> change) in Changes(JsonNode.Parse(entry.Bytes.AsSpan())!["body"]!, ""))
        {
            JsonNode line = JsonNode.Parse(entry.Bytes.AsSpan())!;
            if (!change(line["body"]!))
                continue;
            if (Entry.Read(Encoding.UTF8.GetBytes(line.ToJsonString(Exact)), Entry.Genesis) is { } mutant)
                yield return ($"{kind}{path}", mutant.Body);
        }
    }

    /// <summary>Where, and how: a change of each leaf, and each list shorter, longer and in another order.</summary>
    private static IEnumerable<(string Path, Func<JsonNode, bool> Change)> Changes(JsonNode node, string path)
    {
        switch (node)
        {
            case JsonObject members:
                foreach ((string name, JsonNode? value) in members.Where(m => m.Key != "kind" && m.Value is not null))
                {
                    foreach ((string deeper, Func<JsonNode, bool> change) in Changes(value!, $"{path}.{name}"))
                        yield return (deeper, parent => change(parent[name]!));
                    if (value is JsonValue leaf)
                        foreach (JsonNode other in Others(leaf))
                            yield return ($"{path}.{name}", parent => Set(parent, name, other));
                }
                break;
            case JsonArray items:
                for (int i = 0; i < items.Count; i++)
                {
                    int at = i;
                    foreach ((string deeper, Func<JsonNode, bool> change) in Changes(items[i]!, $"{path}[]"))
                        yield return (deeper, list => change(list[at]!));
                    if (items[i] is JsonValue leaf)
                        foreach (JsonNode other in Others(leaf))
                            yield return ($"{path}[]", list => Replace(list, at, other));
                }
                if (items.Count > 0)
                {
                    yield return ($"{path} shorter", list => Do(() => list.AsArray().RemoveAt(0)));
                    yield return ($"{path} longer", list => Do(() => list.AsArray().Add(list[0]!.DeepClone())));
                }
                if (items.Count > 1)
                    yield return ($"{path} turned", list => Do(() =>
                    {
                        JsonNode first = list[0]!;
                        list.AsArray().RemoveAt(0);
                        list.AsArray().Add(first);
                    }));
                break;
        }
    }

    private static bool Set(JsonNode parent, string name, JsonNode value) => Do(() => parent[name] = value.DeepClone());

    private static bool Replace(JsonNode list, int at, JsonNode value) => Do(() => list[at] = value.DeepClone());

    private static bool Do(Action change)
    {
        change();
        return true;
    }

    private static IEnumerable<JsonNode> Others(JsonValue value)
    {
        switch (value.GetValueKind())
        {
            case JsonValueKind.String:
                string text = value.GetValue<string>();
                yield return JsonValue.Create(text + "x");
                if (text.Length == 0)
                    break;
                yield return JsonValue.Create("");
                // Another value of the same form, whatever it is: hex, Base64, a word, a time.
                char last = text[^1];
                yield return JsonValue.Create(text[..^1]
                    + (char.IsAsciiDigit(last) ? (char)('0' + (last - '0' + 1) % 10) : last == 'a' ? 'b' : 'a'));
                char first = text[0];
                yield return JsonValue.Create(
                    (char.IsAsciiDigit(first) ? (char)('0' + (first - '0' + 1) % 10) : first == 'a' ? 'b' : 'a') + text[1..]);
                foreach (string word in new[] { "pass", "warning", "fail", "unknown" })
                    if (text is "pass" or "warning" or "fail" or "unknown" && word != text)
                        yield return JsonValue.Create(word);
                break;
            case JsonValueKind.Number:
                yield return JsonValue.Create(value.GetValue<long>() + 1);
                yield return JsonValue.Create(value.GetValue<long>() - 1);
                break;
            case JsonValueKind.True or JsonValueKind.False:
                yield return JsonValue.Create(!value.GetValue<bool>());
                break;
        }
    }

    /// <summary>A line each: the kind of mutant, two blanks or more, the reason.</summary>
    private static ImmutableSortedDictionary<string, string> ReadListed() =>
        File.ReadLines(Path.Combine(App.Tests.Ledger.RecordLedgerTests.Root(), "tests/KeyCeremony.Verifier.Tests/survivors.txt"))
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line.Split("  ", 2, StringSplitOptions.TrimEntries))
            .ToImmutableSortedDictionary(parts => parts[0], parts => parts[1], StringComparer.Ordinal);
}
