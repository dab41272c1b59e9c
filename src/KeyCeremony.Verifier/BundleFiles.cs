using System.Collections.Immutable;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Requests;

namespace KeyCeremony.Verifier;

/// <summary>
/// The files of a bundle as a function of the journal: composed once to be signed and once more to be written,
/// byte for byte the same. docs/formats/bundle.md.
/// </summary>
public static class BundleFiles
{
    public const string StatementPath = CheckpointStatement.FileName;
    public const string CmsPath = CheckpointStatement.CmsName;
    public const string CosignaturePath = CheckpointStatement.CosignatureName;
    public const string SumsPath = CheckpointStatement.SumsName;
    public const string JournalPath = "journal.jsonl";
    public const string ScriptPath = "script.md";
    public const string ReportPath = "report.pdf";
    public const string StatementsFolder = "destroyed";
    public const string KnownKeysPath = "known-keys.csv";

    /// <summary>What the transcript key signs when the journal ends with the last of these entries.</summary>
    public static CheckpointStatement Statement(ImmutableArray<Entry> entries)
    {
        (Entry opening, CeremonyOpened opened) = CeremonyOf(entries);
        var created = (LedgerCreated)entries[0].Body;
        return new CheckpointStatement(created.LedgerId, created.Environment, opening.Ceremony, opened.ScriptSha256,
            entries[^1].Seq, entries[^1].HashHex, entries[^1].Utc,
            Covered(entries).Select(f => KeyValuePair.Create(f.Key, Sha256(f.Value)))
                .Concat(BundleList.Of(entries).Select(l => KeyValuePair.Create(l.Path, l.Sha256)))
                .ToImmutableSortedDictionary(StringComparer.Ordinal));
    }

    /// <summary>
    /// The whole bundle of the checkpoint but its revocation lists. Later entries, the checkpoint's own among them, are not in it.
    /// </summary>
    public static ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> Compose(ImmutableArray<Entry> entries,
        CheckpointSigned checkpoint)
    {
        ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> files = Covered(entries[..(int)checkpoint.Seq])
            .Add(StatementPath, Convert.FromBase64String(checkpoint.Statement))
            .Add(CmsPath, Convert.FromBase64String(checkpoint.Cms));
        if (checkpoint.Cosignature is { } cosignature)
            files = files.Add(CosignaturePath, Convert.FromBase64String(cosignature));
        return files.Add(SumsPath, Sums(files, BundleList.Of(entries[..(int)checkpoint.Seq])));
    }

    /// <summary>Eight digits of the ledger's number and the ceremony, e.g. <c>4f1c22aa-0001-root-creation</c>.</summary>
    public static string FolderName(ImmutableArray<Entry> entries, long seq)
    {
        ImmutableArray<Entry> covered = entries[..(int)seq];
        return NameOf(((LedgerCreated)covered[0].Body).LedgerId, CeremonyOf(covered).Opening.Ceremony);
    }

    /// <summary>The same before there is anything to put into it.</summary>
    public static string NameOf(string ledger, string ceremony) => $"{ledger[..8]}-{ceremony}";

    /// <summary><c>sha256sum -c</c> reads it.</summary>
    internal static byte[] Sums(IEnumerable<KeyValuePair<string, ReadOnlyMemory<byte>>> files, IEnumerable<BundleList> lists) =>
        CheckpointStatement.Sums(files.Select(f => KeyValuePair.Create(f.Key, Sha256(f.Value)))
            .Concat(lists.Select(l => KeyValuePair.Create(l.Path, l.Sha256))));

    internal static string Sha256(ReadOnlyMemory<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes.Span));

    /// <summary>Everything that the statement covers.</summary>
    internal static ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> Covered(ImmutableArray<Entry> entries) =>
        FromJournal(entries).Add(ReportPath, ReportPdf.Compose(entries));

    /// <summary>All but the report, which is compared by a rule of its own.</summary>
    internal static ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> FromJournal(ImmutableArray<Entry> entries)
    {
        ImmutableSortedDictionary<string, ReadOnlyMemory<byte>>.Builder files =
            ImmutableSortedDictionary.CreateBuilder<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        (Entry opening, _) = CeremonyOf(entries);
        files[JournalPath] = Lines(entries);
        foreach (Entry entry in entries)
            switch (entry.Body)
            {
                case CeremonyOpened opened:
                    files[entry.Seq == opening.Seq ? ScriptPath : $"scripts/{Plain(entry.Ceremony)}.md"] =
                        Encoding.UTF8.GetBytes(opened.Script);
                    break;
                case CertificateSigned signed:
                    files[$"certificates/{Plain(signed.Certificate)}.pem"] =
                        Encoding.ASCII.GetBytes(PemEncoding.WriteString("CERTIFICATE", Convert.FromBase64String(signed.Der)) + "\n");
                    break;
                case RequestRead request:
                    files[$"requests/{Plain(request.Request)}{(request.Form == ImportWords.KeyProof ? ".proof" : ".csr")}"] =
                        Convert.FromBase64String(request.Content);
                    break;
                case CertificateImported imported:
                    files[$"requests/{Plain(imported.Certificate)}.der"] = Convert.FromBase64String(imported.Der);
                    break;
            }
        HashSet<string> dead = [.. entries.Where(e => e.Body is CeremonyAborted).Select(e => e.Ceremony)
            .Except(entries.Where(e => e.Body is CeremonyClosed).Select(e => e.Ceremony))];
        foreach (Entry entry in entries)
            // The cards of a backup that was made anew and given up are void: the one before it is the key's. What was said of copies
            // is void too.
            if (Made(entry.Body) is { } made
                && !(entry.Body is KeyBackedUp { From: not null } or DestructionStated && dead.Contains(entry.Ceremony)))
                files[made.Path] = made.Bytes;
        var journal = new JournalFacts(entries);
        foreach (ManifestSigned manifest in Manifests(journal))
            foreach ((string path, ReadOnlyMemory<byte> bytes) in ManifestFiles.Of(journal, manifest)
                ?? throw new UnreachableException($"the manifest of {manifest.BatchId} is incomplete"))
                files[path] = bytes;
        foreach ((string path, ReadOnlyMemory<byte> bytes) in ReleaseFiles.All(journal)
            ?? throw new UnreachableException("a release is incomplete"))
            files[path] = bytes;
        files[KnownKeysPath] = KnownKeysFile.Write(KnownKeys(entries));
        return files.ToImmutable();
    }

    /// <summary>
    /// The file that this entry's step made, or null. What came in is none, nor is what is the same in another form. A later file of
    /// the same name takes the place of an earlier one, which stays in the journal.
    /// </summary>
    internal static (string Path, byte[] Bytes)? Made(EntryBody body) => body switch
    {
        CertificateSigned signed => ($"certificates/{Plain(signed.Certificate)}.der", Convert.FromBase64String(signed.Der)),
        CrlPreviewed { DclRecord.Length: > 0 } list => ($"{BundleList.Folder}/{Plain(list.Crl)}.dcl.json",
            Encoding.UTF8.GetBytes(list.DclRecord)),
        RootsLinked link => ($"certificates/{string.Join("-and-", link.Signatures.Select(s => Plain(s.Certificate)))}.dsse.json",
            Envelope(link.Statement, link.Signatures)),
        RootWithdrawn withdrawn => ($"certificates/{Plain(withdrawn.Root)}-withdrawn.dsse.json",
            Envelope(withdrawn.Statement, [withdrawn.Signature])),
        DestructionStated stated => ($"{StatementsFolder}/{Plain(stated.Key)}.txt", DestructionStated.FileOf(stated.Lines)),
        KeyBackedUp backup => ($"backup/{Plain(backup.Key)}.kcb", Convert.FromBase64String(backup.Blob)),
        _ => null,
    };

    /// <param name="statement">Base64, as the signatures are.</param>
    private static byte[] Envelope(string statement, IEnumerable<ManifestSignature> signatures) =>
        new DsseEnvelope([.. Convert.FromBase64String(statement)],
            [.. signatures.Select(s => new DsseSignature(s.KeyId, [.. Convert.FromBase64String(s.Signature)]))]).Write();

    /// <summary>
    /// Those of the ceremony that this bundle closes, and of aborted ones right before it, which left no bundle. Earlier ones are in
    /// earlier bundles.
    /// </summary>
    internal static IEnumerable<ManifestSigned> Manifests(JournalFacts journal)
    {
        int first = journal.Ceremonies.Length - 1;
        while (first > 0 && journal.Ceremonies[first - 1].Aborted)
            first--;
        return journal.Ceremonies[first..].SelectMany(run => run.Of<ManifestSigned>());
    }

    /// <summary>Every key this ledger generated or certified: the other environments refuse them.</summary>
    internal static ImmutableArray<KnownKey> KnownKeys(ImmutableArray<Entry> entries) =>
        [.. entries.Select(e => e.Body).Select<EntryBody, (string Name, string Spki)>(body => body switch
        {
            KeyGenerated k => (k.Key, k.Spki),
            CertificateSigned c => (c.Certificate, SpkiOf(c.Der)),
            CertificateImported c => (c.Certificate, SpkiOf(c.Der)),
            _ => ("", ""),
        })
        .Where(k => k.Spki.Length > 0)
        .Select(k => new KnownKey(Sha256(Convert.FromBase64String(k.Spki)), ((LedgerCreated)entries[0].Body).Environment, k.Name))
        .DistinctBy(k => k.SpkiSha256).OrderBy(k => k.SpkiSha256, StringComparer.Ordinal)];

    private static string SpkiOf(string der) =>
        CertificateReader.TryReadCertificate(Convert.FromBase64String(der), out ParsedCertificate? certificate, out Refusal? refusal)
        ? Convert.ToBase64String(certificate.ToBeSigned.SubjectPublicKeyInfo.Span)
        : throw new UnreachableException($"a certificate of the journal cannot be read: {refusal}");

    internal static (Entry Opening, CeremonyOpened Opened) CeremonyOf(ImmutableArray<Entry> entries)
    {
        Entry opening = entries.Last(e => e.Body is CeremonyOpened);
        return (opening, (CeremonyOpened)opening.Body);
    }

    /// <summary>The names of the script grammar; nothing that means something in a path.</summary>
    internal static bool IsPlain(string name) =>
        name.Length is > 0 and <= 64 && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-') && name[0] != '-';

    private static string Plain(string name) =>
        IsPlain(name) ? name : throw new UnreachableException($"\"{name}\" is no name of a script.");

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
