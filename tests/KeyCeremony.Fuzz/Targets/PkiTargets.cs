using System.Collections.Immutable;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using KeyCeremony.Core;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Crl;
using KeyCeremony.Core.Pki.Requests;
using KeyCeremony.Core.Reading;

namespace KeyCeremony.Fuzz.Targets;

/// <summary>Requests, certificates, revocation lists and the tables and PEM files that they come in.</summary>
internal static class PkiTargets
{
    private static readonly byte[][] Der =
    [
        [0x30, 0x82], [0x30, 0x80], [0x02, 0x01, 0x02], [0x02, 0x01, 0x00], [0x31, 0x0b], [0x01, 0x01, 0xff], [0x05, 0x00],
        [0x03, 0x02, 0x00],
        [0x04, 0x02, 0x30, 0x00], [0x06, 0x03, 0x55, 0x04, 0x03], [0x06, 0x03, 0x55, 0x1d, 0x13], [0x06, 0x03, 0x55, 0x1d, 0x0f],
        [0x06, 0x03, 0x55, 0x1d, 0x0e], [0x06, 0x03, 0x55, 0x1d, 0x23], [0x06, 0x03, 0x55, 0x1d, 0x20], [0x06, 0x03, 0x55, 0x1d, 0x1f],
        [0x06, 0x03, 0x55, 0x1d, 0x25], [0x06, 0x03, 0x55, 0x1d, 0x11], [0x06, 0x03, 0x55, 0x1d, 0x1c], [0x06, 0x03, 0x55, 0x1d, 0x14],
        [0x06, 0x03, 0x55, 0x1d, 0x15], [0x06, 0x03, 0x55, 0x1d, 0x18], [0x06, 0x03, 0x55, 0x1d, 0x1d],
        [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x0e], [0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02],
        [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b],
        [0x06, 0x0a, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0xa2, 0x7c, 0x02, 0x01],
        [0x0c, 0x02, 0xc3, 0xa9], [0x13, 0x02, 0x44, 0x45], [0x14, 0x01], [0x16, 0x01], [0x1e, 0x02], [0x1c, 0x04], [0x0c, 0x01, 0x1b],
        .. FuzzTarget.WordsOf("20491231235959Z 20500101000000Z 491231235959Z 500101000000Z"),
        [0xa0], [0xa1], [0xa2], [0xa3], [0x80], [0x81], [0x82], [0x84], [0x86],
    ];

    private static readonly byte[][] Table = FuzzTarget.WordsOf("serial date reason invalidity serial,date,reason keyCompromise "
        + "CACompromise certificateHold superseded removeFromCRL expired keyTime CAkeyTime holdInstruction unspecified "
        + "2026-11-22T13:15:00Z "
        + "261122131500Z 20261122131500Z V R E 1,2E+38 \"\" sep= spkiSha256,environment,note serial,cause,notAfter rehearsal");

    private static readonly byte[][] Pem = [.. FuzzTarget.WordsOf("-----BEGIN -----END CERTIFICATE NEW REQUEST----- ----- X509 CRL "
        + "PRIVATE KEY----- Proc-Type: ="), [0x0d, 0x0a], [0xef, 0xbb, 0xbf], [0xff, 0xfe], "\n\n"u8.ToArray()];

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("request", RequestFile.MaxBytes + 64, ReadRequest, Requests, [.. Der, .. Pem]),
        new("certificate", 8 * 1024, ReadCertificate, Certificates, Der),
        new("crl", 8 * 1024, ReadCrl, Lists, Der),
        new("revocations", 8 * 1024, ReadRevocations, Tables, Table),
        new("pem", 8 * 1024, ReadPem, PemFiles, Pem),
    ];

    private static void ReadRequest(byte[] input)
    {
        if (!RequestFile.TryRead(input, out RequestFile? request, out Refusal? refusal))
        {
            Held.Ours(refusal);
            return;
        }
        Held.Same(request.File.Span, input, "The file is kept as it came.");
        Held.That(request.Sha256 == Convert.ToHexStringLower(SHA256.HashData(input)), "The hash is the file's.");
        Lines(request.Describe());
        if (request is not SigningRequest signing)
            return;
        Held.That(RequestFile.TryRead(signing.Der, out RequestFile? again, out _) && again.Key.Sha256 == request.Key.Sha256,
            "What stands in the PEM is the same request.");
        Held.That(NameHygiene.CheckRead(signing.Subject.Attributes) is null, "No name that deceives is read.");
    }

    private static void ReadCertificate(byte[] input)
    {
        if (!CertificateReader.TryReadCertificate(input, out ParsedCertificate? certificate, out Refusal? refusal))
        {
            Held.Ours(refusal);
            return;
        }
        Held.Same(certificate.Der.Span, input, "The certificate is the whole input.");
        ParsedTbs tbs = certificate.ToBeSigned;
        Held.That(CertificateReader.TryReadToBeSigned(tbs.Der, out ParsedTbs? alone, out _)
            && alone.Serial.Span.SequenceEqual(tbs.Serial.Span), "What is to be signed is read alike alone.");
        Lines(CertificateText.Describe(certificate));
        foreach (DistinguishedName name in new[] { tbs.Subject, tbs.Issuer })
            Held.That(DistinguishedName.TryDecode(name.Der, out DistinguishedName? again, out _)
                && again.Attributes.SequenceEqual(name.Attributes), "A name is read alike alone.");
        AgreeWithTheBaseLibrary(input, tbs);
    }

    // It takes more, and less, than we do; about what both take there is one answer.
    private static void AgreeWithTheBaseLibrary(byte[] input, ParsedTbs tbs)
    {
        X509Certificate2 other;
        try
        {
            other = X509CertificateLoader.LoadCertificate(input);
        }
        catch (CryptographicException)
        {
            return;
        }
        using (other)
        {
            Held.Same(other.SubjectName.RawData, tbs.Subject.Der.Span, "Both read one subject.");
            Held.Same(other.IssuerName.RawData, tbs.Issuer.Der.Span, "Both read one issuer.");
            Held.That(other.SerialNumber == Convert.ToHexString(tbs.Serial.Span), "Both read one serial.");
            Held.That(other.Extensions.Count == tbs.Extensions.Count, "Both read as many extensions.");
            Held.Same(other.PublicKey.ExportSubjectPublicKeyInfo(), tbs.SubjectPublicKeyInfo.Span, "Both read one key.");
        }
    }

    private static void ReadCrl(byte[] input)
    {
        var entries = new List<Revocation>();
        if (!CrlReader.TryRead(new MemoryStream(input), (in Revocation entry) => entries.Add(entry), out CrlFacts? facts,
            out Refusal? refusal))
        {
            Held.Ours(refusal);
            return;
        }
        Held.That(entries.Count == facts.Count && facts.ByReason.Sum(reason => reason.Count) <= facts.Count, "Every entry is told once.");
        Held.That(facts.IsSorted == entries.Zip(entries.Skip(1)).All(pair => pair.First.Serial.CompareTo(pair.Second.Serial) < 0),
            "Sorted is what is sorted.");
        Lines(CrlText.Describe(facts));
        if (!PemFile.IsOne(input))
            ReadAlone(input, facts);
        Sort(entries);
    }

    private static void ReadAlone(byte[] input, CrlFacts facts)
    {
        Held.That(facts.Length == input.Length, "The list is the whole input.");
        ReadOnlyMemory<byte> tbs = new AsnReader(input, AsnEncodingRules.DER).ReadSequence().ReadEncodedValue();
        Held.That(CrlReader.TryReadToBeSigned(new MemoryStream(tbs.ToArray()), null, out CrlFacts? alone, out _)
            && alone.Count == facts.Count && alone.TbsSha256.Span.SequenceEqual(facts.TbsSha256.Span)
            && alone.Number == facts.Number, "What is to be signed is read alike alone.");
    }

    private static void Sort(IEnumerable<Revocation> entries)
    {
        using var sort = new RevocationSort(() => new MemoryStream());
        foreach (Revocation entry in entries)
            sort.Add(entry);
        Finish(sort);
    }

    private static void Finish(RevocationSort sort)
    {
        if (!sort.TryFinish(out SortedRevocations? sorted, out Refusal? refusal))
        {
            Held.Ours(refusal);
            return;
        }
        using (sorted)
        {
            RevokedSerial? last = null;
            foreach (Revocation entry in sorted.Entries())
            {
                Held.That(last is not { } before || before.CompareTo(entry.Serial) < 0, "Serials rise.");
                last = entry.Serial;
            }
        }
    }

    private static void ReadRevocations(byte[] input)
    {
        foreach (string notation in new[] { SerialNotation.Hex, SerialNotation.Decimal })
            ReadRows(input, notation);
        if (!RemovalFile.TryRead(new MemoryStream(input), out IReadOnlyList<Removal> removals, out IReadOnlyList<RowError> errors))
            Rows(errors);
        Held.That(errors.Count == 0 || removals.Count == 0, "Nothing is taken of a file with an error.");
        if (!KnownKeysFile.TryRead(input, out ImmutableArray<KnownKey> keys, out Refusal? refusal))
            Held.Ours(refusal);
        else
            Held.That(KnownKeysFile.TryRead(KnownKeysFile.Write(keys), out ImmutableArray<KnownKey> again, out _)
                && again.SequenceEqual(keys), "Known keys that are read are written and read again.");
    }

    private static void ReadRows(byte[] input, string notation)
    {
        ReadOnlySpan<byte> start = input.AsSpan(0, Math.Min(input.Length, RevocationFile.EnoughToTell));
        if (RevocationFile.Detect(start) is not { } format)
        {
            Held.Ours(RevocationFile.Unknown(start));
            return;
        }
        using var sort = new RevocationSort(() => new MemoryStream());
        if (!RevocationFile.TryRead(new MemoryStream(input), format, sort, out RevocationFileFacts? facts,
            out IReadOnlyList<RowError> errors, notation))
        {
            Rows(errors);
            return;
        }
        Held.That(errors.Count == 0 && facts.Revoked == sort.Added && facts.Rows == facts.Revoked + facts.Ignored,
            "Every row is told once.");
        Finish(sort);
    }

    private static void Rows(IReadOnlyList<RowError> errors)
    {
        Held.That(errors.Count is > 0 and <= RevocationFile.MostErrors, "What is not read is refused.");
        foreach (RowError error in errors)
        {
            Held.Ours(error.Refusal);
            Held.That(error.Line >= 0 && error.Column >= 0, "An error has a place.");
        }
    }

    private static void ReadPem(byte[] input)
    {
        string[] labels = ["CERTIFICATE", "CERTIFICATE REQUEST", "X509 CRL"];
        var pem = PemFile.Read(input, labels, most: 3);
        Held.That(pem.Wrong is null || pem.Blocks.Count == 0, "Nothing is taken of a file that is wrong.");
        if (pem.Wrong is { } wrong)
            Held.Words(wrong);
        foreach (ReadOnlyMemory<byte> block in pem.Blocks)
        {
            var alone = PemFile.Read(Encoding.ASCII.GetBytes(PemEncoding.WriteString("CERTIFICATE", block.Span) + "\n"), labels,
                alone: true);
            Held.That(alone.Wrong is null && alone.Blocks.Count == 1, "A block that was read is one.");
            Held.Same(alone.Blocks[0].Span, block.Span, "A block is read as it was written.");
        }
        if (pem.Blocks.Count > 0)
            Held.That(input.AsSpan().IndexOf("PRIVATE KEY-----"u8) < 0, "Nothing is taken of a file with a private key.");
    }

    private static void Lines(IReadOnlyList<TextLine> lines)
    {
        foreach (TextLine line in lines)
            Held.That(PlainText.Is(line.Label) && PlainText.Is(line.Value), $"{PlainText.Of(line.Label, 60)} is plain text.");
    }

    private static IEnumerable<byte[]> Requests() => SeedFiles.OfBundle("requests/");

    private static IEnumerable<byte[]> Certificates() => SeedFiles.OfBundle("certificates/", ".der")
        .Concat(SeedFiles.OfBundle("requests/", ".der"));

    private static IEnumerable<byte[]> Lists() => SeedFiles.OfBundle("crls/");

    private static IEnumerable<byte[]> Tables() => SeedFiles.OfBundle("crls/").Concat(SeedFiles.OfBundle("known-keys.csv"))
        .Concat(SeedFiles.Texts("serial,date,reason\n0A,2026-11-22T13:15:00Z,keyCompromise\n\"0b\",2026-11-22T13:15:00Z,\n",
            "serial;date;reason;invalidity\r\n10;2026-11-22T13:15:00Z;superseded;2026-11-21T00:00:00Z\r\n",
            "V\t361122131500Z\t\t0A\tunknown\t/CN=a\nR\t361122131500Z\t261122131500Z,keyTime,20261122131500Z\t0B\tunknown\t/CN=b\n",
            "serial,cause,notAfter\n0A,removeFromCRL,\n0B,expired,2026-11-22T13:15:00Z\n"));

    private static IEnumerable<byte[]> PemFiles() => SeedFiles.OfBundle("certificates/root.pem")
        .Concat(SeedFiles.OfBundle("manifests/b-1.chain.pem"))
        .Concat(SeedFiles.Texts("Bag Attributes\r\n-----BEGIN CERTIFICATE-----\r\nMIIBAA==\r\n-----END CERTIFICATE-----\r\n",
            "-----BEGIN X509 CRL-----\nAAAA\nAAA=\n-----END X509 CRL-----", "-----BEGIN EC PRIVATE KEY-----\nAAAA\n"));
}
