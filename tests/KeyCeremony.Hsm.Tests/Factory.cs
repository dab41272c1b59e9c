using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace KeyCeremony.Hsm.Tests;

/// <summary>
/// A factory that has the key of the intermediate <c>mtls-m1</c>: it certifies devices, and lets the program build the statement
/// of each batch onto the import stick, with everything that the room may compare beside it.
/// </summary>
internal static class Factory
{
    /// <summary>The batches that <c>rehearsal/periodic.json</c> names, after the ceremonies that they need.</summary>
    public static void BringBatches(Table table)
    {
        Visitors.BringRequests(table);
        table.Run(Script.Small("intermediate-signing")).Expect(0);
        table.Run(Script.Small("manifest-key")).Expect(0);
        BringBatch(table, "b-1", 3);
        BringBatch(table, "b-2", 5);
    }

    /// <summary>Built until an hour ago, with the newest bundle's certificate of <c>mtls-m1</c>.</summary>
    /// <param name="today">What the factory's clocks show; null: what this machine's do.</param>
    public static void BringBatch(Table table, string id, int devices, string environment = "rehearsal", int counter = 7,
        DateTimeOffset? today = null)
    {
        string line = Directory.CreateDirectory(table.Part($"factory-{id}")).FullName;
        DateTimeOffset finished = (today ?? DateTimeOffset.UtcNow).AddHours(-1);
        File.Copy(Path.Combine(table.Bundles[^1], "certificates", "mtls-m1.pem"), Path.Combine(line, "issuing-ca.pem"));
        File.WriteAllText(Path.Combine(line, $"{id}.bin"), $"the firmware of {id}");
        File.WriteAllText(Path.Combine(line, $"{id}.cdx.json"),
            """{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"type":"device","name":"ATECC608A"}]}""");
        File.WriteAllText(Path.Combine(line, "batch.yaml"), $$"""
            batchId: {{id}}
            environment: {{environment}}
            site: Zürich Nord
            line: SMT 4
            operator: Example Manufacturing AG
            startedOn: {{Time(finished.AddHours(-9))}}
            finishedOn: {{Time(finished)}}
            product:
              vid: FFF1
              pid: "8001"
              sku: LOCK-1
              hwRev: C2
            firmware:
              - component: application
                version: 1.14.0
                file: {{id}}.bin
                securityCounter: {{counter}}
                signingKeyId: fw-key-2
            hardware:
              hbom: {{id}}.cdx.json
              criticalParts:
                - mpn: ATECC608B
                  supplier: Example Parts
                  lot: L4711
                  dateCode: "2614"
                  substitution:
                    replaces: ATECC608A
                    revalidation: ECO-2026-17
            issuingCA: issuing-ca.pem
            yield:
              built: {{devices}}
              scrapped: 1
              reworked: 0

            """);
        File.WriteAllLines(Path.Combine(line, $"{id}.csv"), Certify(table, line, id, devices, finished).Prepend("serialNo,certificate"));
        table.Program("manifest", "build", "--batch", Path.Combine(line, "batch.yaml"),
            "--devices", Path.Combine(line, $"{id}.csv"), "--out", table.In).Expect(0);
        foreach (string beside in new[] { $"{id}.csv", $"{id}.bin", $"{id}.cdx.json" })
            File.Copy(Path.Combine(line, beside), table.OnStick(beside));
    }

    public static string SerialOf(string batch, int device) => $"{batch.ToUpperInvariant()}-{device:D4}";

    private static IEnumerable<string> Certify(Table table, string line, string id, int devices, DateTimeOffset finished)
    {
        using var ca = X509Certificate2.CreateFromPemFile(Path.Combine(line, "issuing-ca.pem"), table.Part("mtls-m1.key"));
        using ECDsa issuer = ca.GetECDsaPrivateKey()!;
        foreach (int device in Enumerable.Range(1, devices))
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest($"O=Example Devices, CN={SerialOf(id, device)}", key, HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
            using X509Certificate2 certificate = request.Create(ca.SubjectName, X509SignatureGenerator.CreateForECDsa(issuer),
                finished.AddDays(-1), finished.AddYears(1), [1, .. RandomNumberGenerator.GetBytes(15)]);
            yield return $"{SerialOf(id, device)},{Convert.ToBase64String(certificate.RawData)}";
        }
    }

    private static string Time(DateTimeOffset time) => time.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
