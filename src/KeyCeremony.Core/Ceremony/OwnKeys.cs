using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Ceremony;

/// <summary>
/// Keys that a certificate which is brought to be cross-certified may not have: it would make a CA of a key that this ledger made or
/// certified for something else, or certify one key twice in a day. Not asked in the first three formats of the journal.
/// </summary>
public static class OwnKeys
{
    /// <summary>IMPORT-03 when something of this ledger has the key, else null.</summary>
    /// <param name="name">The script's name of the certificate that was read.</param>
    public static Refusal? Refuse(CeremonyState s, string name, ParsedCertificate certificate)
    {
        ArgumentNullException.ThrowIfNull(s);
        ArgumentNullException.ThrowIfNull(certificate);
        return s.Format >= JournalFormats.Prepared && Has(s, name, SpkiOf(certificate)) is { } known
            ? new(CeremonyRules.OwnKey, $"This certificate has the key of {known}.",
                "Only another CA's key comes by a certificate, and once in a ceremony. A CA of this ledger is named in the script by its "
                    + "certificate's name; nothing is brought for it.")
            : null;
    }

    /// <summary>
    /// ISSUE-06 when a list of this ledger took back what certified this key, and nothing of the ledger that certifies it is in force: the
    /// new certificate would undo that. Asked when the certificate is read; the facts of a journal are not judged by it.
    /// </summary>
    public static Refusal? RefuseTakenBack(CeremonyState s, ParsedCertificate certificate)
    {
        ArgumentNullException.ThrowIfNull(s);
        ArgumentNullException.ThrowIfNull(certificate);
        string spki = SpkiOf(certificate);
        CertificateFact[] known = [.. s.World.Certificates.Values.Where(c => SpkiOf(c.Parsed) == spki)];
        return Array.Exists(known, c => s.World.RevokedIn(c) is null && s.World.DeadIn(c) is null
                && c.Parsed.ToBeSigned.NotAfter.Value >= s.Last.Utc) ? null
            : Array.Find(known, c => s.World.IsRevoked(c.Signed.Certificate)) is { } gone
                ? new(CeremonyRules.KeyTakenBack, $"This certificate has the key of \"{gone.Signed.Certificate}\", which a revocation list "
                    + "of this ledger took back.",
                    "Nothing certifies a key again that was taken back: ask that CA for a new key, or leave it out. Where not the key was "
                        + "wrong, the new certificate comes first and the old one is taken back after it.")
            : null;
    }

    private static string? Has(CeremonyState s, string name, string spki)
    {
        World w = s.World;
        // A partner's CA is certified again when its cross-certificate has run out: that is no twin.
        if (w.Keys.Values.FirstOrDefault(k => k.Generated.Spki == spki) is { } key)
            return $"\"{key.Generated.Key}\", which this ledger generated";
        if (w.Certificates.Values.FirstOrDefault(c => c.Preview.Source != KeySources.Existing && SpkiOf(c.Parsed) == spki) is { } signed)
            return $"\"{signed.Signed.Certificate}\", which this ledger certified";
        if (w.BuilderOf(spki) is { } builder)
            return $"the builder \"{builder.Builder}\"";
        if (w.Requests.Values.FirstOrDefault(r => r.Ceremony == s.Id && r.Read.Spki == spki && !w.LeftOut.Contains((s.Id, r.Read.Request)))
            is { } request)
            return $"the request \"{request.Read.Request}\" of today";
        return s.Script.Steps.Take(s.StepIndex).OfType<ImportCertificateStep>()
            .Where(i => i.Certificate != name && !w.LeftOut.Contains((s.Id, i.Certificate)))
            .FirstOrDefault(i => w.Imported.TryGetValue(i.Certificate, out CertificateImported? other)
                && CertificateReader.TryReadCertificate(Convert.FromBase64String(other.Der), out ParsedCertificate? read, out _)
                && SpkiOf(read) == spki) is { } twin
            ? $"\"{twin.Certificate}\", which was brought today"
            : null;
    }

    private static string SpkiOf(ParsedCertificate certificate) => Convert.ToBase64String(certificate.ToBeSigned.SubjectPublicKeyInfo.Span);
}
