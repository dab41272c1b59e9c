using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Release;
using KeyCeremony.Core.Release.Images;

namespace KeyCeremony.Verifier;

/// <summary>
/// A signed release as it leaves the room: what the makers' tools attach, the record, the request and its builders' statements; and the
/// notice of one that is withdrawn. docs/formats/releases/signing.md.
/// </summary>
internal static class ReleaseFiles
{
    public const string Folder = "releases";
    public const string Record = ".record.json";
    public const string Request = ".release.yaml";
    public const string Statement = ".builder.json";
    public const string Signature = ".signature";
    public const string Base64Signature = ".signature.b64";
    public const string Cms = ".cms";
    public const string PublicKey = ".pub.pem";
    public const string Chain = ".chain.pem";
    public const string Notice = ".withdrawn.json";

    /// <summary>Sixteen images with their texts stay far below.</summary>
    public const long MaxRecord = 64 * 1024;

    /// <summary>RSA 3072, and the same in Base64.</summary>
    public const long MaxSignature = 1024;

    /// <summary>A text may stand inside.</summary>
    public const long MaxCms = DetachedCms.MaxBytes + Entry.MaxBytes;

    public const string RecordType = "urn:keyceremony:release-record:v1";
    public const string NoticeType = "urn:keyceremony:release-withdrawal:v1";

    private static readonly JsonWriterOptions Form = new() { Indented = true, NewLine = "\n" };

    /// <summary>Null when the journal lacks the request, a text is not Base64, or the signer has no path to a root.</summary>
    public static IEnumerable<KeyValuePair<string, ReadOnlyMemory<byte>>>? Of(JournalFacts journal, Entry entry, ReleaseSigned signed)
    {
        if (!TryPreview(journal, signed.Release, signed.RequestSha256, entry.Seq, out ReleasePreviewed? preview,
            out ReleaseRequest? request)
            || !journal.TryCertificate(signed.Certificate, out ParsedCertificate? signer)
            || journal.PathOf(signer.Der.Span) is not { } path)
            return null;
        byte[]?[] signatures = [.. signed.Signatures.Select(s => ExactBase64.Read(s.Signature))],
            statements = [.. preview.Statements.Select(s => ExactBase64.Read(s.Envelope))];
        if (signatures.Contains(null) || statements.Contains(null) || signatures.Length != request.Images.Length
            || statements.Length != request.Builders.Length || preview.Images.Length != request.Images.Length
            || KeyAlgorithm.Of(signer.ToBeSigned.SubjectPublicKeyInfo.Span) is null || !signed.Signatures.All(s => IsHex(s.Digest)))
            return null;
        string pem = PemEncoding.WriteString("PUBLIC KEY", signer.ToBeSigned.SubjectPublicKeyInfo.Span) + "\n",
            chain = string.Concat(path.Select(c => PemEncoding.WriteString("CERTIFICATE", c.Der.Span) + "\n"));
        return
        [
            new(Path(signed.Release, Record), Write(json => WriteRecord(json, journal, entry, signed, request, statements!))),
            new(Path(signed.Release, Request), Convert.FromBase64String(preview.Request)),
            new(Path(signed.Release, PublicKey), Encoding.ASCII.GetBytes(pem)),
            new(Path(signed.Release, Chain), Encoding.ASCII.GetBytes(chain)),
            .. statements.Select((bytes, i) => new KeyValuePair<string, ReadOnlyMemory<byte>>(Path(signed.Release, Statement, i), bytes!)),
            .. signatures.SelectMany((bytes, i) => Attached(journal, entry, signed, i, request, preview, bytes!, path)),
        ];
    }

    /// <summary>What the signature of an image is over; null where it is over the digest itself.</summary>
    /// <param name="index">0-based.</param>
    public static SignedContent? Content(ReleaseRequest request, ReleasePreviewed preview, int index, byte[] digest) =>
        ReleasePlanning.Content(request.Images[index], preview.Images[index], digest);

    /// <summary>The time that stands in the CMS of a release: of the attempt right before its entry.</summary>
    public static DateTimeOffset SignedAt(JournalFacts journal, Entry entry) => journal.Entries[Math.Max(0, (int)entry.Seq - 2)].Utc;

    /// <summary>One CMS, or the signature in two forms.</summary>
    private static KeyValuePair<string, ReadOnlyMemory<byte>>[] Attached(JournalFacts journal, Entry entry, ReleaseSigned signed, int index,
        ReleaseRequest request, ReleasePreviewed preview, byte[] signature, IReadOnlyList<ParsedCertificate> path) =>
        Content(request, preview, index, Convert.FromHexString(signed.Signatures[index].Digest)) is { } content
        ? [new(Path(signed.Release, Cms, index), SignedDataForm.Write(content, path, SignedAt(journal, entry), signature))]
        :
        [
            new(Path(signed.Release, Signature, index), signature),
            new(Path(signed.Release, Base64Signature, index), Encoding.ASCII.GetBytes(Convert.ToBase64String(signature) + "\n")),
        ];

    /// <summary>Null when the journal lacks the release.</summary>
    public static KeyValuePair<string, ReadOnlyMemory<byte>>? Of(JournalFacts journal, Entry entry, ReleaseWithdrawn withdrawn) =>
        TryPreview(journal, withdrawn.Release, withdrawn.RequestSha256, entry.Seq, out _, out ReleaseRequest? request)
            ? new(Path(withdrawn.Release, Notice), Write(json => WriteNotice(json, journal, entry, withdrawn, request)))
            : null;

    /// <summary>Those of the ceremony that this bundle closes; earlier ones are in earlier bundles.</summary>
    public static IEnumerable<(Entry Entry, ReleaseSigned Body)> Signed(JournalFacts journal) => OfLast<ReleaseSigned>(journal);

    public static IEnumerable<(Entry Entry, ReleaseWithdrawn Body)> Withdrawn(JournalFacts journal) => OfLast<ReleaseWithdrawn>(journal);

    /// <summary>Every file of these two; null when one of them cannot be made.</summary>
    public static IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>>>? All(JournalFacts journal)
    {
        List<KeyValuePair<string, ReadOnlyMemory<byte>>> files = [];
        foreach ((Entry entry, ReleaseSigned signed) in Signed(journal))
            if (Of(journal, entry, signed) is { } made)
                files.AddRange(made);
            else
                return null;
        foreach ((Entry entry, ReleaseWithdrawn withdrawn) in Withdrawn(journal))
            if (Of(journal, entry, withdrawn) is { } notice)
                files.Add(notice);
            else
                return null;
        return files;
    }

    /// <summary>The preview of exactly this request that stands last before an entry.</summary>
    public static bool TryPreview(JournalFacts journal, string release, string requestSha256, long before,
        [NotNullWhen(true)] out ReleasePreviewed? preview, [NotNullWhen(true)] out ReleaseRequest? request)
    {
        request = null;
        preview = journal.All<ReleasePreviewed>().LastOrDefault(p => p.Entry.Seq < before && p.Body.Release == release
            && p.Body.RequestSha256 == requestSha256).Body;
        return preview is not null && ExactBase64.Read(preview.Request) is { } yaml
            && ReleaseRequest.TryRead(yaml, ReleaseRequest.FileName, out request, out _);
    }

    private static IEnumerable<(Entry Entry, T Body)> OfLast<T>(JournalFacts journal) where T : EntryBody =>
        journal.Ceremonies is [.., var last] ? journal.All<T>().Where(one => one.Entry.Ceremony == last.Id) : [];

    private static void WriteRecord(Utf8JsonWriter json, JournalFacts journal, Entry entry, ReleaseSigned signed, ReleaseRequest request,
        byte[][] statements)
    {
        WriteHead(json, RecordType, journal, entry, request);
        json.WriteString("requestSha256", signed.RequestSha256);
        json.WriteStartObject("signer");
        json.WriteString("certificate", signed.Certificate);
        json.WriteString("keySha256", signed.KeyId);
        json.WriteEndObject();
        json.WriteStartArray("images");
        foreach ((ReleaseImage image, int i) in request.Images.Select((image, i) => (image, i)))
        {
            json.WriteStartObject();
            json.WriteString("file", image.File);
            json.WriteString("format", image.Format);
            json.WriteNumber("size", image.Size);
            json.WriteString("sha256", image.Sha256);
            json.WriteString("target", image.Target);
            json.WriteString("algorithm", signed.Signatures[i].Algorithm);
            json.WriteString("digest", signed.Signatures[i].Digest);
            json.WriteString("signature",
                Path(signed.Release, ImageFormat.Of(image.Format).Form == SignatureForm.Digest ? Signature : Cms, i));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("builders");
        foreach ((ReleaseBuilder builder, int i) in request.Builders.Select((builder, i) => (builder, i)))
        {
            json.WriteStartObject();
            json.WriteString("id", builder.Id);
            json.WriteString("site", builder.Site);
            json.WriteString("keySha256", builder.Key);
            json.WriteString("statement", Path(signed.Release, Statement, i));
            json.WriteString("statementSha256", BundleFiles.Sha256(statements[i]));
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteNotice(Utf8JsonWriter json, JournalFacts journal, Entry entry, ReleaseWithdrawn withdrawn,
        ReleaseRequest request)
    {
        WriteHead(json, NoticeType, journal, entry, request);
        json.WriteString("requestSha256", withdrawn.RequestSha256);
        json.WriteNumber("lowestSecurityCounter", withdrawn.Floor);
        json.WriteString("reason", withdrawn.Reason);
        json.WriteStartArray("images");
        foreach (ReleaseImage image in request.Images)
        {
            json.WriteStartObject();
            json.WriteString("file", image.File);
            json.WriteString("sha256", image.Sha256);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteHead(Utf8JsonWriter json, string type, JournalFacts journal, Entry entry, ReleaseRequest request)
    {
        json.WriteString("type", type);
        json.WriteString("ledger", ((LedgerCreated)journal.Entries[0].Body).LedgerId);
        json.WriteString("environment", journal.Environment);
        json.WriteString("ceremony", entry.Ceremony);
        json.WriteNumber("entry", entry.Seq);
        json.WriteString("head", entry.HashHex);
        json.WriteString("utc", entry.Utc.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        json.WriteString("product", request.Product);
        json.WriteString("hardwareRevision", request.HardwareRevision);
        json.WriteString("component", request.Component);
        json.WriteString("version", request.Version);
        json.WriteNumber("securityCounter", request.SecurityCounter);
    }

    private static ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Form))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }
        stream.WriteByte((byte)'\n');
        return stream.ToArray();
    }

    public static bool IsHex(string text) => text.Length % 2 == 0 && text.All(char.IsAsciiHexDigitLower);

    private static string Path(string release, string ending) => $"{Folder}/{release}{ending}";

    /// <param name="index">0-based; files count from 1.</param>
    private static string Path(string release, string ending, int index) =>
        string.Create(CultureInfo.InvariantCulture, $"{Folder}/{release}-{index + 1}{ending}");
}
