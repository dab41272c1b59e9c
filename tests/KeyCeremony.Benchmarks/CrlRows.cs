using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace KeyCeremony.Benchmarks;

/// <summary>CRLs next to other tools: whole processes, and the writer alone next to what it cannot go below.</summary>
internal static class CrlRows
{
    private const int Large = 10_000_000;

    // What takes longer is no peer to wait for.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    // Ours is waited for: what it takes is what is asked.
    private static readonly TimeSpan OwnPatience = TimeSpan.FromMinutes(30);

    private static readonly string Program =
        Path.Combine(Results.Root(), "src", "KeyCeremony.App", "bin", "Release", "net10.0", "keyceremony.dll");

    // As the image's program is compiled: .ci/need-program.
    private static readonly string Ahead = Path.Combine(Results.Root(), "artifacts", "program", "crl");

    public static IReadOnlyList<Row> Measure() =>
    [
        .. Rows(10_000, "10k", repetitions: 3, withCertTool: true),
        .. Rows(100_000, "100k", repetitions: 2, withCertTool: true),
        // certtool is not done at a tenth of it, and would take more than 8 GB.
        .. Rows(1_000_000, "1M", repetitions: 2, withCertTool: false),
        .. InFolder(count: 1, LargeRows),
    ];

    private static Row[] Rows(int count, string name, int repetitions, bool withCertTool) => InFolder(count, folder =>
    {
        var ours = ChildRun.Fastest(repetitions, () => Native("ours", folder, count));
        ChildRun writer = Child("writer", folder, count);
        double[] alone = writer.Output.Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture)).ToArray();
        return (Row[])
        [
            Next(name, "openssl ca", ours, Peer(() => ChildRun.Fastest(repetitions, () => OpenSsl(folder)))),
            .. withCertTool ? [Next(name, "certtool", ours, Peer(() => CertTool(folder, count)))] : Array.Empty<Row>(),
            Next(name, ".NET builder", ours, Peer(() => DotNetBuilder(folder, count))),
            // 4,627 bytes of signature over the list itself, which passes by the key and its judge.
            WithMlDsa(name, ours, ChildRun.Fastest(repetitions, () => Native("ours-ml-dsa", folder, count))),
            new Row($"CRL of {name}, writer alone (ms)", alone[0], Limit: alone[1]),
            new Row($"CRL of {name}, writer alone, processor time (ms)", alone[2], Limit: alone[3]),
        ];
    });

    private static Row WithMlDsa(string name, ChildRun classical, ChildRun ours) =>
        new($"CRL of {name} from index.txt with ML-DSA-87, next to P-384 (ms)", ours.Milliseconds, classical.Milliseconds,
            PeakMemoryMB: ours.PeakMemoryMB);

    private static Row Next(string name, string peer, ChildRun ours, ChildRun? theirs)
    {
        if (theirs is not null)
            Console.WriteLine(
                $"CRL of {name}: {peer} {(theirs.WasStopped ? $"was stopped after {Patience.TotalMinutes} minutes, at" : "takes")} "
                    + $"{theirs.PeakMemoryMB:F0} MB");
        return new Row($"CRL of {name} from index.txt, next to {peer} (ms)", ours.Milliseconds,
            theirs?.Milliseconds, PeakMemoryMB: ours.PeakMemoryMB, PeerWasStopped: theirs is { WasStopped: true });
    }

    // One that fails must not take the other rows with it.
    private static ChildRun? Peer(Func<ChildRun?> run)
    {
        try
        {
            return run();
        }
        catch (InvalidOperationException e)
        {
            Console.WriteLine(e.Message);
            return null;
        }
    }

    private static Row[] LargeRows(string folder)
    {
        ChildRun issued = Child("large", folder, Large);
        string crl = Path.Combine(folder, CrlOperations.LargeCrl);
        ChildRun inspected = Keyceremony(folder, crl);
        ChildRun compared = Keyceremony(folder, crl, "--against", crl);
        return
        [
            new Row("CRL of 10M, 9M of them from the one before (ms)", issued.Milliseconds, PeakMemoryMB: issued.PeakMemoryMB),
            new Row("keyceremony crl inspect, 10M entries (ms)", inspected.Milliseconds, PeakMemoryMB: inspected.PeakMemoryMB),
            new Row("keyceremony crl inspect --against, 10M entries each (ms)", compared.Milliseconds, PeakMemoryMB: compared.PeakMemoryMB),
        ];
    }

    private static ChildRun Keyceremony(string folder, params string[] arguments) =>
        ChildRun.Start("dotnet", folder, OwnPatience, [Program, "crl", "inspect", .. arguments]);

    private static ChildRun Native(string operation, string folder, int count) =>
        ChildRun.Start(Ahead, folder, OwnPatience, operation, folder, count.ToString(CultureInfo.InvariantCulture));

    private static ChildRun Child(string operation, string folder, int count) => Child(operation, folder, count, OwnPatience);

    private static ChildRun Child(string operation, string folder, int count, TimeSpan patience) =>
        ChildRun.Start(Environment.ProcessPath!, folder, patience, "crl", operation, folder, count.ToString(CultureInfo.InvariantCulture));

    // Quadratic: at a million it would take a quarter of an hour.
    private static ChildRun DotNetBuilder(string folder, int count) => Child("dotnet", folder, count, Patience);

    private static ChildRun OpenSsl(string folder)
    {
        File.WriteAllText(Path.Combine(folder, "ca.cnf"),
            "[ca]\ndefault_ca=a\n[a]\ndatabase=index.txt\ncrlnumber=number\ndefault_md=sha384\n"
                + "default_crl_days=90\ncrl_extensions=e\n[e]\nauthorityKeyIdentifier=keyid\n");
        File.WriteAllText(Path.Combine(folder, "number"), "01\n");
        return ChildRun.Start("openssl", folder, Patience, "ca", "-config", "ca.cnf",
            "-gencrl", "-keyfile", CrlOperations.Key, "-cert", CrlOperations.Certificate, "-out", "openssl.crl");
    }

    // It takes certificates, not serials: one certificate again and again, with other serials.
    private static ChildRun? CertTool(string folder, int count)
    {
        if (!Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(place => File.Exists(Path.Combine(place, "certtool"))))
            return null;
        WriteCertificates(Path.Combine(folder, "revoked.pem"), count);
        File.WriteAllText(Path.Combine(folder, "crl.cfg"), "crl_next_update = 90\ncrl_number = 1\n");
        return ChildRun.Start("certtool", folder, Patience, "--generate-crl", "--load-ca-privkey",
            CrlOperations.Key, "--load-ca-certificate", CrlOperations.Certificate,
            "--load-certificate", "revoked.pem", "--template", "crl.cfg", "--outfile", "certtool.crl");
    }

    private static void WriteCertificates(string path, int count)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] marker = CrlOperations.SerialOf(0);
        using X509Certificate2 certificate = new CertificateRequest("CN=device", key, HashAlgorithmName.SHA256)
            .Create(new X500DistinguishedName("CN=Bench CA"), X509SignatureGenerator.CreateForECDsa(key),
                DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(90), marker);
        byte[] der = certificate.RawData;
        int at = der.AsSpan().IndexOf(marker);
        using var file = new StreamWriter(path) { NewLine = "\n" };
        for (int i = 0; i < count; i++)
        {
            CrlOperations.SerialOf(i).CopyTo(der.AsSpan(at));
            file.WriteLine(PemEncoding.WriteString("CERTIFICATE", der));
        }
    }

    private static T InFolder<T>(int count, Func<string, T> measure)
    {
        string folder = Directory.CreateTempSubdirectory("keyceremony-bench-").FullName;
        try
        {
            CrlOperations.MakeInputs(folder, count);
            return measure(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
