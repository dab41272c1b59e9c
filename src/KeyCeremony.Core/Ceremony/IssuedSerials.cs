using System.Collections.Immutable;
using System.Globalization;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Crl;

namespace KeyCeremony.Core.Ceremony;

/// <summary>
/// What this ledger knows of all that the CA of a list has issued, so that what is to be revoked is compared with it: a serial that is
/// unknown may be another CA's, read in the wrong notation, or mistyped, and would stand on the list for ever.
/// </summary>
public sealed class IssuedSerials
{
    /// <summary>So many serials of a file are named one by one; the counts speak for the rest.</summary>
    public const int MostNamed = 100;

    private const int MostInAnException = 5;

    private readonly Dictionary<RevokedSerial, CertificateFact> _issued = [];
    private readonly Dictionary<RevokedSerial, ParsedCertificate> _own = [];

    /// <param name="signer">Name of the certificate whose key signs the list: a CA's, or its delegate's.</param>
    private IssuedSerials(World world, string signer)
    {
        CertificateFact own = world.Certificates[signer];
        CertificateFact ca = own.Parsed.ToBeSigned.BasicConstraints is { IsCa: true } ? own : world.Certificates[own.Preview.Issuer];
        Ca = ca.Parsed;
        foreach (CertificateFact c in world.Certificates.Values.Where(c => c.Parsed.ToBeSigned.Issuer.Equals(Ca.ToBeSigned.Subject)))
            if (RevokedSerial.TryFromContent(c.Parsed.ToBeSigned.Serial.Span, out RevokedSerial serial))
                _issued[serial] = c;
        // A CA may have several certificates that it signed itself.
        foreach (ParsedCertificate c in _issued.Values.Select(c => c.Parsed).Where(c => c.ToBeSigned.Subject.Equals(Ca.ToBeSigned.Subject))
            .Concat([Ca, own.Parsed]))
            if (RevokedSerial.TryFromContent(c.ToBeSigned.Serial.Span, out RevokedSerial serial))
                _own[serial] = c;
        string key = Convert.ToBase64String(Ca.ToBeSigned.SubjectPublicKeyInfo.Span);
        IsWhole = world.Keys.Values.Any(k => k.Generated.Spki == key);
    }

    public static IssuedSerials Of(World world, string signer) => new(world, signer);

    /// <summary>Whose certificates the list takes back.</summary>
    public ParsedCertificate Ca { get; }

    /// <summary>Whether the CA's key was made in this ledger: then it has issued nothing that does not stand here.</summary>
    public bool IsWhole { get; }

    /// <summary>Every certificate by its serial.</summary>
    public IEnumerable<KeyValuePair<RevokedSerial, string>> Names =>
        _issued.Select(c => KeyValuePair.Create(c.Key, c.Value.Signed.Certificate));

    /// <summary>The certificate's name; null: this ledger knows none with this serial.</summary>
    public string? NameOf(RevokedSerial serial) => _issued.GetValueOrDefault(serial)?.Signed.Certificate;

    /// <summary>REVOKE-08: neither the list's signer nor its CA stands on the list.</summary>
    public Refusal? CheckOwn(RevokedSerial serial) =>
        _own.TryGetValue(serial, out ParsedCertificate? own) ? CrlChain.CheckOwn(own, serial) : null;

    /// <summary>REVOKE-11: nothing is revoked before it began.</summary>
    public Refusal? CheckDate(RevokedSerial serial, DateTimeOffset revoked) =>
        _issued.GetValueOrDefault(serial) is { Parsed.ToBeSigned.NotBefore: var begin } known && revoked < begin.Value
            ? CrlRules.BeforeItBegan.Refuse($"The certificate \"{known.Signed.Certificate}\" began on {Text(begin.Value)} UTC, "
                + $"after {Text(revoked)} UTC.",
                "Correct the date where it comes from. Since when it is not to be believed is another date: the invalidity date.")
            : null;

    /// <summary>A line on one serial, as the journal holds it.</summary>
    public Finding Say(RevokedSerial serial, bool isEarly) => NameOf(serial) is not { } name
        ? new Finding(CrlRules.Unknown.Id, FindingResults.Unknown, $"{serial}: unknown to this ledger")
        : isEarly ? new Finding(CrlRules.BeforeItBegan.Id, FindingResults.Warning, $"{serial}: certificate \"{name}\", revoked before it began")
        : new Finding(CrlRules.Unknown.Id, FindingResults.Pass, $"{serial}: certificate \"{name}\"");

    /// <summary>What is known of these revocations, and a line for each of the first <see cref="MostNamed"/>.</summary>
    /// <param name="entries">Each serial once, in their order.</param>
    public (SerialCounts Counts, ImmutableArray<Finding> Findings) Compare(IEnumerable<Revocation> entries)
    {
        ImmutableArray<Finding>.Builder lines = ImmutableArray.CreateBuilder<Finding>();
        (long all, long known, long early) = (0, 0, 0);
        foreach (Revocation entry in entries)
        {
            bool isEarly = CheckDate(entry.Serial, entry.Date) is not null;
            all++;
            known += NameOf(entry.Serial) is null ? 0 : 1;
            early += isEarly ? 1 : 0;
            if (lines.Count < MostNamed)
                lines.Add(Say(entry.Serial, isEarly));
        }
        var counts = new SerialCounts(all, known, early);
        return (counts, [Counted(counts), .. lines]);
    }

    /// <summary>How many of a file's or a list's serials this ledger knows, in words.</summary>
    public static Finding Counted(SerialCounts counts) => Counted(counts.Serials, counts.Known);

    public static Finding Counted(long serials, long known) => new(CrlRules.Unknown.Id,
        known == serials ? FindingResults.Pass : FindingResults.Unknown,
        string.Create(CultureInfo.InvariantCulture,
            $"{serials} {(serials == 1 ? "serial" : "serials")}: {known} of certificates that this ledger knows, {serials - known} unknown to it"));

    /// <summary>REVOKE-09 in the words of an exception; null: nothing unknown is to be put on the list of a CA that is known whole.</summary>
    /// <param name="read">What was read from files.</param>
    /// <param name="typed">What was typed to be put on it.</param>
    public string? Unknown(ImmutableArray<RevocationsRead> read, ImmutableArray<RevokedSerial> typed)
    {
        ImmutableArray<RevokedSerial> unknown = [.. typed.Where(t => NameOf(t) is null)];
        long all = unknown.Length + read.Sum(r => r.Serials is { } c ? c.Serials - c.Known : 0);
        if (!IsWhole || all == 0)
            return null;
        ImmutableArray<string> named = [.. unknown.Select(u => u.ToString()),
            .. read.SelectMany(r => r.Findings.Skip(1)).Where(f => f.Result == FindingResults.Unknown).Select(f => f.Text.Split(':')[0])];
        return string.Create(CultureInfo.InvariantCulture, $"{all} of the serials that are to be revoked {(all == 1 ? "is" : "are")} of no "
            + $"certificate that '{Ca.ToBeSigned.Subject}' has issued in this ledger, and its key signed nowhere else: ")
            + string.Join(", ", named.Take(MostInAnException)) + (all > MostInAnException ? ", …" : "") + ".";
    }

    /// <summary>REVOKE-11 in the words of an exception; null: no certificate is revoked before it began.</summary>
    public static string? Early(ImmutableArray<RevocationsRead> read)
    {
        ImmutableArray<string> files = [.. read.Where(r => r.Serials is { Early: > 0 })
            .Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.Serials!.Early} in {r.File}"))];
        return files.IsEmpty ? null : $"Certificates are revoked as of a time before they began: {string.Join(", ", files)}.";
    }

    private static string Text(DateTimeOffset time) => time.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
