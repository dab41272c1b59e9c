using System.Text;
using KeyCeremony.Core.Reading;

namespace KeyCeremony.Core.Manifest.Devices;

/// <summary>
/// Looks into the list again for the rows whose fingerprints repeat, and compares what stands there: only what really
/// stands twice is refused, with both lines.
/// </summary>
internal static class DuplicateConfirmation
{
    // The fingerprints that are followed up, and some that share one by chance.
    public const int MostValues = 4 * DuplicateSearch.MostRepeated;

    private const string Remedy =
        "Find out which device has it. Correct the list where it is made; never remove a row only to get through.";

    /// <summary>What stands twice, or null.</summary>
    /// <param name="sha256">Of the part when it was read first.</param>
    public static DeviceListProblems? Find(DeviceTreeInput input, ListPart part,
        ReadOnlyMemory<byte> sha256, DuplicateSearches searches)
    {
        RepeatedFingerprints repeated = searches.Repeated(input.Threads);
        if (repeated.IsEmpty && !searches.IsContrived)
            return null;
        var values = new RepeatedValues();
        using Stream stream = input.OpenList();
        using var list = new DeviceListReader(stream);
        list.Start(part);
        if (!DeviceRowReader.TryFind(list, out Func<DeviceRowReader>? newReader, out DeviceListProblems? problems))
            return problems;
        new ChunkPipeline<LookAlikes>(list, input.Threads, input.Cancellation).Run(
            () => new LookAlikeWorker(newReader(), repeated, input.IsSigned),
            (_, found) => values.Add(found));
        if (!list.Sha256().AsSpan().SequenceEqual(sha256.Span))
            return ListChanged();
        return values.Problems() ?? (searches.IsContrived || values.IsContrived ? Contrived() : null);
    }

    /// <summary>What tells its certificate: issuer and serial number, or its hash where the list has nothing else of it.</summary>
    public static ulong OfCertificate(DeviceRow row) => Fingerprint.Of(row.IssuerAndSerial.IsEmpty ? row.CertSha256 : row.IssuerAndSerial);

    public static DeviceListProblems ListChanged() => DeviceListProblems.Of(1, DeviceRules.Changed, "The list changed while it was read.",
        "Let nobody write it, and build again.");

    public static DeviceListProblems Contrived() => DeviceListProblems.Of(1, DeviceRules.Contrived,
        "Thousands of different values in the list look the same to the search for duplicates. That does not happen by chance.",
        "Find out who made the list, and why.");

    private sealed class RepeatedValues
    {
        private readonly Dictionary<(DeviceColumn Column, string Value), (long Line, string Thing)> _first = [];
        private readonly ProblemList _problems = new();

        public bool IsContrived { get; private set; }

        public DeviceListProblems? Problems() => _problems.Problems();

        public void Add(LookAlikes found)
        {
            foreach (LookAlike row in found.Rows)
                if (_first.TryGetValue((row.Column, row.Value), out (long Line, string Thing) first))
                {
                    // One certificate with one key is told by its key.
                    if (row.Column is not (DeviceColumn.Certificate or DeviceColumn.CertSha256) || row.Thing != first.Thing)
                        _problems.Add(new DeviceListProblem(row.Line, 1, Refuse(row, first.Line)));
                }
                else if (_first.Count < MostValues)
                    _first.Add((row.Column, row.Value), (row.Line, row.Thing));
                else
                    IsContrived = true;
        }

        private static Refusal Refuse(LookAlike row, long first) => row.Column switch
        {
            DeviceColumn.SerialNo => DeviceRules.SerialTwice.Refuse(
                $"The serial number '{row.Shown}' stands in line {first} already.{Rounded(row.Shown)}"
                + (row.Value == row.Shown ? "" : " Of an address of 6 or 8 bytes the digits count, not what parts them."), Remedy),
            DeviceColumn.SpkiSha256 => DeviceRules.KeyTwice.Refuse($"The key {row.Shown} stands in line {first} already.", Remedy),
            DeviceColumn.Certificate => DeviceRules.CertificateSerialTwice.Refuse(
                $"The certificate in line {first} has the same serial number {row.Shown} of the same issuer.",
                "Whoever revokes one of them revokes both. Have the issuing CA count right, and certify the devices anew."),
            DeviceColumn.CertSha256 => DeviceRules.CertificateTwice.Refuse(
                $"The certificate {row.Shown} stands in line {first} already, with another key.",
                "A certificate has one key, and one device has it. Have the hashes made anew from the certificates themselves."),
            _ => throw new System.Diagnostics.UnreachableException($"{row.Column}"),
        };

        // Two different numbers of a SIM or a module become one.
        private static string Rounded(string serial) => default(RoundedNumbers).With(Encoding.ASCII.GetBytes(serial), line: 1).Zeros > 1
            ? $" It ends with zeros behind its {RoundedNumbers.Kept}th digit, as a spreadsheet rounds long numbers: format the column as "
                + "text." : "";
    }
}

/// <summary>Rows of a chunk that have a fingerprint which was seen twice.</summary>
internal sealed class LookAlikes : RowsFound
{
    public List<LookAlike> Rows { get; } = [];

    public override void Clear(int rows)
    {
        base.Clear(rows);
        Rows.Clear();
    }
}

/// <param name="Shown">What is said of it.</param>
/// <param name="Thing">What has it: of two certificates that are one, only the key is told.</param>
internal sealed record LookAlike(DeviceColumn Column, string Value, string Shown, string Thing, long Line);

/// <summary>Finds them.</summary>
/// <param name="exactly">An address that is written in two ways is two serial numbers.</param>
internal sealed class LookAlikeWorker(DeviceRowReader reader, RepeatedFingerprints repeated, bool exactly = false)
    : RowWorker<LookAlikes>(reader, issuer: null)
{
    protected override void Take(DeviceRow row, ListChunk chunk, int i, LookAlikes found)
    {
        ReadOnlySpan<byte> serial = exactly ? row.Serial : row.SerialIdentity;
        if (repeated.Serials.Contains(Fingerprint.Of(serial)))
            found.Rows.Add(new LookAlike(DeviceColumn.SerialNo, Encoding.ASCII.GetString(serial),
                Encoding.ASCII.GetString(row.Serial), "", chunk.FirstLine + i));
        if (repeated.Keys.Contains(Fingerprint.Of(row.KeySha256)))
            found.Rows.Add(new LookAlike(DeviceColumn.SpkiSha256, Convert.ToHexStringLower(row.KeySha256), Shown(row),
                Convert.ToHexStringLower(row.KeySha256), chunk.FirstLine + i));
        if (!repeated.Certificates.Contains(DuplicateConfirmation.OfCertificate(row)))
            return;
        if (row.IssuerAndSerial.IsEmpty)
            found.Rows.Add(new LookAlike(DeviceColumn.CertSha256, Convert.ToHexStringLower(row.CertSha256),
                Convert.ToHexStringLower(row.CertSha256), Convert.ToHexStringLower(row.SpkiSha256), chunk.FirstLine + i));
        else
            found.Rows.Add(new LookAlike(DeviceColumn.Certificate, Convert.ToHexStringLower(row.IssuerAndSerial),
                Convert.ToHexStringLower(row.CertificateSerial), Convert.ToHexStringLower(row.CertSha256), chunk.FirstLine + i));
    }

    private static string Shown(DeviceRow row) => Convert.ToHexStringLower(row.SpkiSha256)
        + (row.SpkiSha256.SequenceEqual(row.KeySha256) ? "" : ", which is written in another form than is usual,");

    protected override void Finish(ListChunk chunk, LookAlikes found)
    {
    }
}
