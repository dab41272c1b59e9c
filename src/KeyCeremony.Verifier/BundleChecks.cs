using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using KeyCeremony.Core;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Reading;
using KeyCeremony.Core.Release;

namespace KeyCeremony.Verifier;

/// <summary>Whether the files of a bundle are those that were signed, and those that its journal makes.</summary>
internal static class BundleChecks
{
    public static IEnumerable<string> Sums(BundleContent content)
    {
        ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> files = content.Files;
        string[] found = Encoding.UTF8.GetString(files[BundleFiles.SumsPath].Span).Split('\n');
        string[] right = Encoding.UTF8.GetString(BundleFiles.Sums(files.Remove(BundleFiles.SumsPath), content.Lists)).Split('\n');
        HashSet<string> there = [.. right.Select(Name).Where(name => name.Length > 0)], listed = [.. found.Select(Name)];
        string[] flaws =
        [
            .. right.Except(found).Select(Name).Where(name => name.Length > 0).Select(name => listed.Contains(name)
                ? $"{name} is not the file that is listed: it was changed, or its line was." : $"{name} is there and not listed."),
            .. found.Except(right).Where(line => !there.Contains(Name(line)))
                .Select(line => line.Length > NameAt ? $"{Name(line)} is listed and missing." : $"A line names no file: {line}"),
        ];
        return flaws.Length > 0 || found.SequenceEqual(right) ? flaws : ["The lines are not in order, or a file stands twice."];

        static string Name(string line) => line[Math.Min(NameAt, line.Length)..];
    }

    /// <summary>Where the name begins in a line of SHA256SUMS: behind the hash and two blanks.</summary>
    private const int NameAt = (2 * 32) + 2;

    public static IEnumerable<string> StatementFiles(CheckpointStatement? statement, BundleContent content)
    {
        if (statement is null)
            return ["It is not a statement in its exact form."];
        var covered = content.Files
            .RemoveRange([BundleFiles.SumsPath, BundleFiles.StatementPath, BundleFiles.CmsPath, BundleFiles.CosignaturePath])
            .ToDictionary(f => f.Key, f => BundleFiles.Sha256(f.Value));
        foreach (BundleList list in content.Lists)
            covered[list.Path] = list.Sha256;
        return covered.Where(f => statement.Files.GetValueOrDefault(f.Key) != f.Value)
            .Select(f => $"{f.Key} has another hash than was signed.")
            .Concat(statement.Files.Keys.Where(f => !covered.ContainsKey(f)).Select(f => $"{f} was signed and is missing."));
    }

    /// <summary>Whether the statement names the journal as it stood after its first <paramref name="count"/> entries.</summary>
    public static IEnumerable<string> Position(CheckpointStatement statement, ImmutableArray<Entry> entries, int count)
    {
        Entry last = entries[count - 1];
        int at = count - 1;
        while (at > 0 && entries[at].Body is not CeremonyOpened)
            at--;
        if (entries[at] is not { Body: CeremonyOpened opened } opening)
            return ["The journal holds no ceremony."];
        var created = (LedgerCreated)entries[0].Body;
        return Differences(
            ("ledger", statement.LedgerId, created.LedgerId),
            ("environment", statement.Environment, created.Environment),
            ("ceremony", statement.Ceremony, opening.Ceremony),
            ("script's hash", statement.ScriptSha256, opened.ScriptSha256),
            ("last entry", $"{statement.Seq}", $"{last.Seq}"),
            ("head", statement.Head, last.HashHex),
            ("time", $"{statement.SignedAfter:O}", $"{last.Utc:O}"));
    }

    private static IEnumerable<string> Differences(params (string What, string Statement, string Journal)[] pairs) =>
        pairs.Where(p => p.Statement != p.Journal)
            .Select(p => $"The {p.What} is {p.Statement} in the statement and {p.Journal} in the journal.");

    public static IEnumerable<string> Recomposed(BundleContent content, ImmutableArray<Entry> entries)
    {
        ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> files = content.Files;
        string? unnamed = entries.Select(e => e.Body switch
        {
            CeremonyOpened => e.Ceremony,
            CertificateSigned c => c.Certificate,
            KeyBackedUp b => b.Key,
            RequestRead r => r.Request,
            CertificateImported c => c.Certificate,
            CrlPreviewed c => c.Crl,
            CrlSigned c => c.Crl,
            ManifestSigned m => m.BatchId,
            // Its images are counted in the names of its files.
            ReleaseSigned r => $"{r.Release}-{ReleaseRequest.MaxImages}",
            ReleaseWithdrawn r => r.Release,
            RootWithdrawn r => r.Root,
            _ => null,
        }).FirstOrDefault(n => n is not null && !BundleFiles.IsPlain(n));
        if (unnamed is not null)
            return [$"\"{unnamed}\" is no name of a script."];
        if (entries.Any(e => e.Body switch
        {
            CertificateSigned c => JournalFacts.Certificate(c.Der) is null,
            CertificateImported c => JournalFacts.Certificate(c.Der) is null,
            KeyBackedUp b => ExactBase64.Read(b.Blob) is null,
            RootsLinked l => ExactBase64.Read(l.Statement) is null || l.Signatures.Any(s => ExactBase64.Read(s.Signature) is null),
            RootWithdrawn w => ExactBase64.Read(w.Statement) is null || ExactBase64.Read(w.Signature.Signature) is null,
            KeyGenerated k => ExactBase64.Read(k.Spki) is null,
            RequestRead r => ExactBase64.Read(r.Content) is null || ExactBase64.Read(r.Spki) is null,
            _ => false,
        }))
            return ["The journal holds a text that is not Base64, or a certificate that cannot be read."];
        var journal = new JournalFacts(entries);
        if (BundleFiles.Manifests(journal).FirstOrDefault(m => ManifestFiles.Of(journal, m) is null) is { } incomplete)
            return [$"The journal has no statement, no Base64 or no path to a root for the manifest of \"{incomplete.BatchId}\"."];
        if (ReleaseFiles.All(journal) is null)
            return ["The journal has no request, no Base64 or no path to a root for a release that it says was signed or withdrawn."];
        ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> right = BundleFiles.FromJournal(entries);
        return right.Where(f => !files.TryGetValue(f.Key, out ReadOnlyMemory<byte> found) || !found.Span.SequenceEqual(f.Value.Span))
            .Select(f => $"{f.Key} is not what the journal holds.")
            .Concat(files.Keys.Where(f => f.Contains('/') && !right.ContainsKey(f)).Select(f => $"{f} is not in the journal."))
            .Concat(BundleList.Of(entries).Except(content.Lists)
                .Select(l => $"{l.Path} is missing, or is not the list that the journal names."))
            .Concat(content.Lists.Except(BundleList.Of(entries))
                .Select(l => $"{l.Path} is not in the journal, or is not its newest list."));
    }

    /// <summary>
    /// Told by what can be read of a journal that perhaps cannot be read: a later program's is not a forgery, and this one
    /// says nothing about it.
    /// </summary>
    public static IEnumerable<string> Newer(ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> files)
    {
        if (NewerThan(files[BundleFiles.StatementPath].Span, json => json.GetProperty("type").GetString() is { } type
            && type != CheckpointStatement.Type && type.StartsWith(StatementTypes, StringComparison.Ordinal) ? type : null) is { } other)
            yield return $"checkpoint.json is a {Clipped(other)}; this program knows {CheckpointStatement.Type}.";
        ReadOnlyMemory<byte> rest = files[BundleFiles.JournalPath];
        for (int line = 1; !rest.IsEmpty; line++)
        {
            int end = rest.Span.IndexOf((byte)'\n');
            ReadOnlyMemory<byte> entry = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            if (entry.Length <= Entry.MaxBytes && entry.Span.IndexOf("\"ceremony-opened\""u8) >= 0
                && NewerThan(entry.Span, json => json.GetProperty("body").GetProperty("format").GetInt32() is var format
                    && format > JournalFormats.Current ? $"{format}" : null) is { } found)
            {
                yield return $"Line {line} of the journal opens a ceremony of format {found}; "
                    + $"this program knows formats up to {JournalFormats.Current}.";
                yield break;
            }
        }
    }

    private const string StatementTypes = "keyceremony-checkpoint-v";

    private static string? NewerThan(ReadOnlySpan<byte> bytes, Func<JsonElement, string?> ask)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes.ToArray());
            return ask(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return null;
        }
    }

    private static string Clipped(string text) => text[..Math.Min(text.Length, 40)];

    public static IEnumerable<string> Unplayable(ImmutableArray<BundleList> recordings, BundleContent content)
    {
        foreach (BundleList recording in recordings)
        {
            byte[] bytes = new byte[recording.Length];
            using (FileStream file = content.Open(recording))
                file.ReadExactly(bytes);
            if (!TerminalCast.TryRead(bytes, out TerminalCast? cast, out Refusal? refusal) || (refusal = cast.Strange()) is not null)
                yield return $"{recording.Path}: {refusal.Rule} {refusal.Message}";
        }
    }
}
