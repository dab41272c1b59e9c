using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Security.Cryptography;

namespace KeyCeremony.Core.Pki.Crl;

/// <summary>
/// A TBSCertList that lies on a spool, ready to be looked at and signed. The same plan and entries always give the same
/// bytes, so that an interrupted ceremony prepares it again. Only <see cref="CrlWriter"/> makes one.
/// </summary>
public sealed class PreparedCrl
{
    internal PreparedCrl()
    {
    }

    public required CrlPlan Plan { get; init; }

    public required MergedRevocations Entries { get; init; }

    public required long TbsLength { get; init; }

    /// <summary>For people: shown before the signature, and proved of the file after it.</summary>
    public required ReadOnlyMemory<byte> TbsSha256 { get; init; }

    /// <summary>
    /// What the device signs: the TBSCertList's hash by the signature algorithm. ML-DSA signs the TBSCertList itself; this is its SHA-256
    /// then, by which the bytes that are signed and those of the file are held to be the ones that were linted.
    /// </summary>
    public required ReadOnlyMemory<byte> SignatureHash { get; init; }

    public long Count => Entries.Count;

    public CrlDifference Difference => Entries.Difference;

    /// <summary>For the screen: every field, the difference, the hashes.</summary>
    public IReadOnlyList<TextLine> Describe() => CrlText.Describe(this);
}

/// <summary>Writes the TBSCertList, RFC 5280 5.1.2, in one pass over the entries: their lengths are known from the merge.</summary>
public static class CrlWriter
{
    /// <summary>Progress is told at every so many entries, and at the end.</summary>
    public const int ProgressEntries = 1 << 16;

    /// <summary>
    /// How many bytes must stand free in front of the TBSCertList so that its spool becomes the file:
    /// <see cref="SignedCrl.Complete"/>.
    /// </summary>
    public static int RoomInFront(CrlPlan plan, MergedRevocations entries)
    {
        KeyAlgorithm algorithm = plan.SignatureAlgorithm ?? throw new UnreachableException("The plan was checked.");
        (byte[]? before, byte[]? after) = Around(plan, algorithm, entries);
        return DerHeader.Sequence(before.Length + entries.EncodedLength + after.Length + SignedCrl.LongestAfterTbs(algorithm)).Length;
    }

    /// <summary>
    /// Refused: the rules of <see cref="CrlPlanRules.Check"/>, CRL-16, CRL-17, and REVOKE-06 when the entries are of another shard than the
    /// plan's.
    /// </summary>
    /// <param name="spool">Where the TBSCertList goes, from the current position; left open.</param>
    /// <param name="entriesWritten">Told how many entries were written so far.</param>
    public static bool TryPrepare(
        CrlPlan plan,
        MergedRevocations entries,
        Stream spool,
        IProgress<long>? entriesWritten,
        [NotNullWhen(true)] out PreparedCrl? prepared,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        prepared = null;
        refusal = CrlPlanRules.Check(plan) ?? CheckEntries(plan, entries);
        if (refusal is not null)
            return false;
        KeyAlgorithm algorithm = plan.SignatureAlgorithm ?? throw new UnreachableException("The plan was checked.");
        (byte[]? before, byte[]? after) = Around(plan, algorithm, entries);
        using var hashes = new BackgroundHash(
            algorithm.IsMlDsa || algorithm.Hash == HashAlgorithmName.SHA256
                ? [HashAlgorithmName.SHA256] : [HashAlgorithmName.SHA256, algorithm.Hash]);
        var output = new SpoolWriter(spool, hashes);
        output.Write(before);
        WriteEntries(entries, output, entriesWritten);
        output.Write(after);
        output.Flush();
        byte[][] written = hashes.Finish();
        prepared = new PreparedCrl
        {
            Plan = plan,
            Entries = entries,
            TbsLength = output.Length,
            TbsSha256 = written[0],
            SignatureHash = written[^1],
        };
        return true;
    }

    /// <summary>What the entries alone can break: CRL-16, CRL-17, REVOKE-06. Asked as soon as they are read.</summary>
    public static Refusal? CheckEntries(CrlPlan plan, MergedRevocations entries)
    {
        if (entries.Shard != plan.Partition?.Shard)
            return CrlRules.Shard.Refuse("The entries were chosen for another shard than the plan's.", "Merge them again.");
        if (plan.CoversCaCertificates && entries.WithoutReason is { } without)
            return CrlRules.ReasonRequired.Refuse($"The entry '{without}' has no reason, and the CRL covers CA certificates.",
                "Find out the reason and give it.");
        return entries.Latest is { } latest && Math.Max(latest.DateSeconds, latest.InvaliditySeconds) > Revocation.Seconds(plan.ThisUpdate)
            ? CrlRules.EntryDates.Refuse($"The entry '{latest}' has a date after thisUpdate, {plan.ThisUpdate:yyyy-MM-dd HH:mm:ss} UTC.",
                "Check the clock and the date.")
            : null;
    }

    // What stands before and after the entries; the length of all is already in it.
    private static (byte[] Before, byte[] After) Around(CrlPlan plan, KeyAlgorithm algorithm, MergedRevocations entries)
    {
        var fields = new AsnWriter(AsnEncodingRules.DER);
        // version
        fields.WriteInteger(1);
        // signature
        fields.WriteEncodedValue(algorithm.SignatureAlgorithmIdentifier());
        // issuer: the bytes as they stand in the issuer's certificate
        fields.WriteEncodedValue(plan.Issuer.ToBeSigned.Subject.Der.Span);
        // thisUpdate
        WriteTime(fields, plan.ThisUpdate);
        // nextUpdate
        WriteTime(fields, plan.NextUpdate);
        // revokedCertificates OPTIONAL: absent when empty
        byte[] listHeader = entries.Count == 0 ? [] : DerHeader.Sequence(entries.EncodedLength);
        // crlExtensions
        byte[] extensions = CrlExtensions.Write(plan);
        byte[] head = fields.Encode();
        long length = head.Length + listHeader.Length + entries.EncodedLength + extensions.Length;
        return ([.. DerHeader.Sequence(length), .. head, .. listHeader], extensions);
    }

    // RFC 5280 5.1.2.4, 5.1.2.5
    private static void WriteTime(AsnWriter writer, DateTimeOffset time)
    {
        Span<byte> encoded = stackalloc byte[2 + DerTime.GeneralizedLength];
        writer.WriteEncodedValue(encoded[..DerTime.Write(Revocation.Seconds(time), encoded)]);
    }

    private static void WriteEntries(MergedRevocations entries, SpoolWriter output, IProgress<long>? progress)
    {
        long written = 0;
        foreach (ArraySegment<Revocation> batch in entries.Batches())
        {
            foreach (ref readonly Revocation entry in batch.AsSpan())
            {
                output.Write(entry);
                if (++written % ProgressEntries == 0)
                    progress?.Report(written);
            }
        }
        progress?.Report(written);
        if (written != entries.Count)
            throw new UnreachableException($"The merge counted {entries.Count} entries and gave {written}.");
    }

    private sealed class SpoolWriter(Stream stream, BackgroundHash hashes)
    {
        private const int BufferBytes = 256 * 1024;

        private readonly byte[] _buffer = new byte[BufferBytes];
        private int _used;

        public long Length { get; private set; }

        public void Write(in Revocation entry)
        {
            if (BufferBytes - _used < EntryCode.MaxLength)
                Flush();
            _used += EntryCode.Write(entry, _buffer.AsSpan(_used));
        }

        public void Write(ReadOnlySpan<byte> bytes)
        {
            Flush();
            Send(bytes);
        }

        public void Flush()
        {
            Send(_buffer.AsSpan(0, _used));
            _used = 0;
        }

        private void Send(ReadOnlySpan<byte> bytes)
        {
            hashes.Append(bytes);
            stream.Write(bytes);
            Length += bytes.Length;
        }
    }
}

/// <summary>Headers of values longer than <see cref="AsnWriter"/> can hold in memory. X.690 8.1.3, 10.1.</summary>
internal static class DerHeader
{
    public static byte[] Sequence(long length) => Of(0x30, length);

    public static byte[] Of(byte tag, long length)
    {
        if (length < 0x80)
            return [tag, (byte)length];
        var bytes = new Stack<byte>();
        for (long rest = length; rest > 0; rest >>= 8)
            bytes.Push((byte)(rest & 0xFF));
        return [tag, (byte)(0x80 | bytes.Count), .. bytes];
    }
}
