using System.Collections.Immutable;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.App.Bundle;

/// <summary>
/// The files of a bundle as a function of the journal: composed once to be signed and once more to be written,
/// byte for byte the same. docs/formats/bundle.md.
/// </summary>
public static class BundleFiles
{
    public const string StatementPath = "checkpoint.json";
    public const string CmsPath = "checkpoint.cms";
    public const string SumsPath = "SHA256SUMS";
    public const string JournalPath = "journal.jsonl";
    public const string ScriptPath = "script.md";
    public const string ReportPath = "report.pdf";

    /// <summary>What the transcript key signs when the journal ends with the last of these entries.</summary>
    public static CheckpointStatement Statement(ImmutableArray<Entry> entries)
    {
        (Entry opening, CeremonyOpened opened) = CeremonyOf(entries);
        var created = (LedgerCreated)entries[0].Body;
        return new CheckpointStatement(created.LedgerId, created.Environment, opening.Ceremony, opened.ScriptSha256,
            entries[^1].Seq, entries[^1].HashHex, entries[^1].Utc,
            Covered(entries).ToImmutableSortedDictionary(f => f.Key, f => Sha256(f.Value), StringComparer.Ordinal));
    }

    /// <summary>The whole bundle of the checkpoint. Later entries, the checkpoint's own among them, are not in it.</summary>
    public static ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> Compose(ImmutableArray<Entry> entries, CheckpointSigned checkpoint)
    {
        ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> files = Covered(entries[..(int)checkpoint.Seq])
            .Add(StatementPath, Convert.FromBase64String(checkpoint.Statement))
            .Add(CmsPath, Convert.FromBase64String(checkpoint.Cms));
        return files.Add(SumsPath, Sums(files));
    }

    /// <summary>Eight digits of the ledger's number and the ceremony, e.g. <c>4f1c22aa-0001-root-creation</c>.</summary>
    public static string FolderName(ImmutableArray<Entry> entries, long seq)
    {
        ImmutableArray<Entry> covered = entries[..(int)seq];
        return $"{((LedgerCreated)covered[0].Body).LedgerId[..8]}-{CeremonyOf(covered).Opening.Ceremony}";
    }

    /// <summary><c>sha256sum -c</c> reads it.</summary>
    internal static byte[] Sums(IEnumerable<KeyValuePair<string, ReadOnlyMemory<byte>>> files) =>
        Encoding.UTF8.GetBytes(string.Concat(files.Select(f => $"{Sha256(f.Value)}  {f.Key}\n")));

    internal static string Sha256(ReadOnlyMemory<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes.Span));

    /// <summary>Everything that the statement covers.</summary>
    internal static ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> Covered(ImmutableArray<Entry> entries) =>
        FromJournal(entries).Add(ReportPath, ReportPdf.Compose(entries));

    /// <summary>The files that depend on the journal alone; the report needs fonts besides.</summary>
    internal static ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> FromJournal(ImmutableArray<Entry> entries)
    {
        var files = ImmutableSortedDictionary.CreateBuilder<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        (Entry opening, _) = CeremonyOf(entries);
        files[JournalPath] = Lines(entries);
        foreach (Entry entry in entries)
            switch (entry.Body)
            {
                case CeremonyOpened opened:
                    files[entry.Seq == opening.Seq ? ScriptPath : $"scripts/{Plain(entry.Ceremony)}.md"] = Encoding.UTF8.GetBytes(opened.Script);
                    break;
                // A later certificate of the same name takes the file; the earlier one stays in the journal.
                case CertificateSigned signed:
                    byte[] der = Convert.FromBase64String(signed.Der);
                    files[$"certificates/{Plain(signed.Certificate)}.der"] = der;
                    files[$"certificates/{Plain(signed.Certificate)}.pem"] = Encoding.ASCII.GetBytes(PemEncoding.WriteString("CERTIFICATE", der) + "\n");
                    break;
                case KeyBackedUp backup:
                    files[$"backup/{Plain(backup.Key)}.kcb"] = Convert.FromBase64String(backup.Blob);
                    break;
            }
        return files.ToImmutable();
    }

    internal static (Entry Opening, CeremonyOpened Opened) CeremonyOf(ImmutableArray<Entry> entries)
    {
        Entry opening = entries.Last(e => e.Body is CeremonyOpened);
        return (opening, (CeremonyOpened)opening.Body);
    }

    /// <summary>The names of the script grammar; nothing that means something in a path.</summary>
    internal static bool IsPlain(string name) =>
        name.Length is > 0 and <= 64 && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-') && name[0] != '-';

    private static string Plain(string name) => IsPlain(name) ? name : throw new UnreachableException($"\"{name}\" is no name of a script.");

    private static byte[] Lines(ImmutableArray<Entry> entries)
    {
        var lines = new MemoryStream();
        foreach (Entry entry in entries)
        {
            lines.Write(entry.Bytes.AsSpan());
            lines.WriteByte((byte)'\n');
        }
        return lines.ToArray();
    }
}
