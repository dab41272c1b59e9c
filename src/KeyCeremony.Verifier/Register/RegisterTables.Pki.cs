using System.Security.Cryptography;
using System.Text.Json;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Pki;

namespace KeyCeremony.Verifier.Register;

/// <summary>Certificates, serial numbers, revocation lists, batches.</summary>
internal static partial class RegisterTables
{
    public static RegisterTable Certificates { get; } = new("certificates", "Certificates", "name subject serial notAfter state",
    [
        Text("name", "Certificate"),
        Text("subject", "Subject"),
        Text("serial", "Serial number"),
        Text("issuer", "Issuer"),
        Text("profile", "Profile"),
        Text("key", "Key"),
        Text("source", "Source"),
        Text("algorithm", "Algorithm"),
        Flag("ca", "CA"),
        Time("notBefore", "Not before (UTC)"),
        Time("notAfter", "Not after (UTC)"),
        Text("state", "State"),
        Text("sha256", "SHA-256"),
        Text("spkiSha256", "SHA-256 of the key"),
    ], FindCertificates);

    public static RegisterTable Serials { get; } = new("serials", "Serial numbers", "serial what certificate reason date list",
    [
        Text("serial", "Serial number"),
        Text("what", "What"),
        Text("issuer", "Issuer"),
        Text("certificate", "Certificate"),
        Text("reason", "Reason"),
        Time("date", "Date (UTC)"),
        Text("list", "List"),
    ],
    ledger => FindIssued(ledger).Concat(FindListed(ledger)).OrderBy(f => f.Entry.Seq));

    public static RegisterTable Crls { get; } = new("crls", "Revocation lists", "list number issuer nextUpdate revoked state newest",
    [
        Text("list", "List"),
        Text("number", "Number"),
        Text("issuer", "Issuer"),
        Time("thisUpdate", "This update (UTC)"),
        Time("nextUpdate", "Next update (UTC)"),
        Number("revoked", "Revoked"),
        Number("added", "Added"),
        Number("changed", "Changed"),
        Number("removed", "Removed"),
        Text("state", "State"),
        Flag("newest", "Newest"),
        Flag("partitioned", "Partitioned"),
        Number("length", "Bytes"),
        Text("sha256", "SHA-256"),
    ], FindLists);

    public static RegisterTable Batches { get; } = new("batches", "Device batches", "batch state devices site sku signedBy",
    [
        Text("batch", "Batch"),
        Text("state", "State"),
        Number("devices", "Devices"),
        Text("site", "Site"),
        Text("line", "Line"),
        Text("operator", "Operator"),
        Text("vid", "VID"),
        Text("pid", "PID"),
        Text("sku", "SKU"),
        Text("hwRev", "Hardware"),
        Time("started", "Started (UTC)"),
        Time("finished", "Finished (UTC)"),
        Number("built", "Built"),
        Number("scrapped", "Scrapped"),
        Number("reworked", "Reworked"),
        Text("signedBy", "Signed by"),
        Text("statementSha256", "SHA-256 of the statement"),
        Text("file", "Draft"),
        Text("draftSha256", "SHA-256 of the draft"),
    ], FindBatches);

    public static RegisterTable Firmware { get; } = new("firmware", "Firmware of batches",
        "batch component version securityCounter state releasedIn",
    [
        Text("batch", "Batch"),
        Text("component", "Component"),
        Text("version", "Version"),
        Number("securityCounter", "Security counter"),
        Text("sha256", "SHA-256"),
        Text("signingKey", "Signing key"),
        Text("state", "State"),
        Text("release", "Release"),
        Text("releasedIn", "Released in"),
        Text("withdrawnIn", "Withdrawn in"),
        Text("faults", "What does not agree"),
    ], FindFirmware);

    public static RegisterTable Releases { get; } = new("releases", "Releases", "component version securityCounter state signedBy",
    [
        Text("release", "Release"),
        Text("state", "State"),
        Text("product", "Product"),
        Text("hardwareRevision", "Hardware"),
        Text("component", "Component"),
        Text("version", "Version"),
        Number("securityCounter", "Security counter"),
        Number("images", "Images"),
        Text("builders", "Builders"),
        Text("signedBy", "Signed by"),
        Number("floor", "Lowest counter from then on"),
        Text("reason", "Why withdrawn"),
        Text("folder", "Folder"),
        Text("requestSha256", "SHA-256 of release.yaml"),
    ], FindReleases);

    public static RegisterTable Builders { get; } = new("builders", "Builders", "builder state sha256",
    [
        Text("builder", "Builder"),
        Text("state", "State"),
        Text("sha256", "SHA-256 of the key"),
    ], FindBuilders);

    private static IEnumerable<Found> FindCertificates(LedgerFacts ledger)
    {
        foreach (Entry entry in ledger.Journal.Entries)
            switch (entry.Body)
            {
                case CertificateSigned signed when JournalFacts.Certificate(signed.Der) is { } certificate:
                    CertificatePreviewed? preview = ledger.Journal.PreviewOf(signed.Certificate, entry.Seq)?.Body;
                    yield return Row(entry, signed.Certificate, certificate, ProfileOf(preview), signed.Key, preview?.Source,
                        ledger.Dead.Contains(entry.Ceremony) ? DeadWord : ledger.World.IsRevoked(signed.Certificate) ? "revoked" : Good,
                            signed.Sha256);
                    break;
                case CertificateImported imported when JournalFacts.Certificate(imported.Der) is { } certificate:
                    yield return Row(entry, imported.Certificate, certificate, null, null, "imported", "not ours", imported.Sha256);
                    break;
            }

        static Found Row(Entry entry, string name, ParsedCertificate certificate, string? profile, string? key, string? source,
            string state, string sha256)
        {
            ParsedTbs tbs = certificate.ToBeSigned;
            return new Found(entry, name, tbs.Subject.ToString(), LedgerFacts.Hex(certificate), tbs.Issuer.ToString(), profile, key, source,
                tbs.KeyAlgorithm?.ScriptName, tbs.BasicConstraints is { IsCa: true }, tbs.NotBefore.Value, tbs.NotAfter.Value, state,
                    sha256,
                Convert.ToHexStringLower(SHA256.HashData(tbs.SubjectPublicKeyInfo.Span)));
        }
    }

    private static IEnumerable<Found> FindIssued(LedgerFacts ledger)
    {
        foreach (Entry entry in ledger.Journal.Entries)
            switch (entry.Body)
            {
                case CertificateSigned signed when JournalFacts.Certificate(signed.Der) is { } certificate:
                    yield return new Found(entry, LedgerFacts.Hex(certificate), ledger.Dead.Contains(entry.Ceremony) ? "issued, dead"
                        : "issued",
                        certificate.ToBeSigned.Issuer.ToString(), signed.Certificate, null, certificate.ToBeSigned.NotBefore.Value, null);
                    break;
                case CertificateImported imported when JournalFacts.Certificate(imported.Der) is { } certificate:
                    yield return new Found(entry, LedgerFacts.Hex(certificate), "imported", certificate.ToBeSigned.Issuer.ToString(),
                        imported.Certificate,
                        null, certificate.ToBeSigned.NotBefore.Value, null);
                    break;
            }
    }

    /// <summary>What a signed list says of serial numbers that the journal names. Those that came in a file stand in the list
    /// alone.</summary>
    private static IEnumerable<Found> FindListed(LedgerFacts ledger)
    {
        foreach ((Entry entry, CrlSigned list) in ledger.Journal.All<CrlSigned>())
        {
            if (ledger.Journal.PreviewOf(list, entry.Seq) is not { Body: var preview })
                continue;
            string name = $"{list.Crl} {list.Number}", dead = ledger.Dead.Contains(entry.Ceremony) ? ", dead" : "";
            string? issuer = JournalIssuer(ledger, list);
            foreach (TypedRevocation typed in preview.Typed)
                yield return new Found(entry, typed.Serial, $"typed{dead}", issuer, preview.Certificates.FirstOrDefault(c =>
                    ledger.SerialOf(c)?.Serial == typed.Serial),
                    typed.Reason, typed.Revoked, name);
            foreach (string certificate in preview.Certificates)
                if (ledger.SerialOf(certificate) is { } known)
                    yield return new Found(entry, known.Serial, $"listed{dead}", known.Issuer, certificate, null, preview.ThisUpdate, name);
        }
    }

    private static IEnumerable<Found> FindLists(LedgerFacts ledger)
    {
        HashSet<CrlSigned> newest = [.. BundleList.Newest(ledger.Journal.Entries)];
        foreach ((Entry entry, CrlSigned list) in ledger.Journal.All<CrlSigned>())
        {
            CrlPreviewed? preview = ledger.Journal.PreviewOf(list, entry.Seq)?.Body;
            yield return new Found(entry, list.Crl, list.Number, list.Issuer, preview?.ThisUpdate, preview?.NextUpdate, preview?.Entries,
                preview?.Added, preview?.Changed, preview?.Removed,
                ledger.Dead.Contains(entry.Ceremony) ? DeadWord : Good, newest.Contains(list), preview?.IsPartitioned, list.Length,
                    list.Sha256);
        }
    }

    private static IEnumerable<Found> FindBatches(LedgerFacts ledger)
    {
        var found = new List<Found>();
        foreach ((Entry entry, ManifestSigned signed) in ledger.Journal.All<ManifestSigned>())
            if (ledger.Journal.PreviewOf(signed, entry.Seq) is { Body: var preview })
                found.Add(Row(entry, preview, ledger.Dead.Contains(entry.Ceremony) ? DeadWord : "signed", string.Join(", ",
                    signed.Signatures.Select(s => s.Certificate))));
        foreach (BatchFact batch in ledger.World.Batches.Values.Where(b => b.Signed is null))
            found.Add(Row(ledger.Journal.Entries[(int)batch.Seq - 1], batch.Preview, ledger.Dead.Contains(batch.Ceremony) ? DeadWord
                : batch.IsTaken ? "taken" : "previewed", null));
        return found.OrderBy(f => f.Entry.Seq);

        static Found Row(Entry entry, BatchPreviewed preview, string state, string? signedBy)
        {
            BatchStatement statement = BatchPlanning.Statement(preview);
            return new Found(entry, preview.BatchId, state, statement.Devices.TreeSize, statement.Site, statement.Line, statement.Operator,
                statement.Product.Vid, statement.Product.Pid, statement.Product.Sku, statement.Product.HwRev, statement.StartedOn,
                    statement.FinishedOn,
                statement.Yield.Built, statement.Yield.Scrapped, statement.Yield.Reworked, signedBy, preview.StatementSha256, preview.File,
                    preview.DraftSha256);
        }
    }

    private static IEnumerable<Found> FindFirmware(LedgerFacts ledger)
    {
        foreach (BatchFirmwareFact image in FirmwareChecks.Of(ledger.Journal))
        {
            BatchFirmware named = image.Lineage.Firmware;
            string state = image.WithdrawnIn is not null ? "withdrawn" : image.Lineage.IsFaulty ? "unlike its release"
                : image.Lineage.Release is null ? "no release" : image.Lineage.IsByHash ? "released" : "released, by its key";
            yield return new Found(image.Preview!, image.Batch, named.Component, named.Version, (long)named.SecurityCounter, named.Sha256,
                named.SigningKeyId, state, image.Release, image.Lineage.Release?.Ceremony, image.WithdrawnIn,
                image.Lineage.IsFaulty ? string.Join("; ", image.Lineage.Faults) : null);
        }
    }

    private static IEnumerable<Found> FindReleases(LedgerFacts ledger)
    {
        Entry[] previews = [.. ledger.Journal.All<ReleasePreviewed>().Select(p => p.Entry)];
        foreach ((ReleaseFact release, Entry entry) in ledger.World.Releases.Zip(previews))
            yield return new Found(entry, release.Preview.Release, release.Withdrawn is not null ? "withdrawn"
                : ledger.Dead.Contains(release.Ceremony) ? DeadWord : release.Signed is not null ? "signed"
                : release.IsTaken ? "taken" : "previewed", release.Request.Product, release.Request.HardwareRevision,
                release.Request.Component, release.Request.Version, (long)release.Request.SecurityCounter,
                (long)release.Request.Images.Length,
                string.Join(", ", release.Request.Builders.Select(b => b.Id)), release.Signed?.Certificate, release.Withdrawn?.Floor,
                release.Withdrawn?.Reason, release.Preview.Folder, release.Preview.RequestSha256);
    }

    private static IEnumerable<Found> FindBuilders(LedgerFacts ledger)
    {
        foreach ((Entry entry, BuilderKnown builder) in ledger.Journal.All<BuilderKnown>())
            yield return new Found(entry, builder.Builder, ledger.World.Builders[builder.Builder] == builder ? "in use" : "replaced",
                builder.Sha256);
    }

    private static string? JournalIssuer(LedgerFacts ledger, CrlSigned list) =>
        ledger.Journal.TryCertificate(list.Issuer, out ParsedCertificate? issuer) ? issuer.ToBeSigned.Subject.ToString() : null;

    internal static string? ProfileOf(CertificatePreviewed? preview)
    {
        if (preview is null)
            return null;
        using var plan = JsonDocument.Parse(preview.Plan);
        return plan.RootElement.TryGetProperty("profile", out JsonElement profile) ? profile.GetString() : null;
    }
}
