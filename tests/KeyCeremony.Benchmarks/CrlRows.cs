using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace KeyCeremony.Benchmarks;

/// <summary>CRLs next to other tools: whole processes, and the writer alone next to what it cannot go below.</summary>
internal static class CrlRows
{
    private const int Large = 10_000_000;

    // What takes longer is no peer to wait for.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public static IReadOnlyList<Row> Measure() =>
    [
        .. Rows(10_000, "10k", repetitions: 3, withCertTool: true, withDotNet: true),
        .. Rows(100_000, "100k", repetitions: 2, withCertTool: true, withDotNet: true),
        // .NET's builder is quadratic: at a million it would take a quarter of an hour.
        .. Rows(1_000_000, "1M", repetitions: 2, withCertTool: false, withDotNet: false),
        InFolder(count: 1, folder => LargeRow(folder)),
    ];

    private static Row[] Rows(int count, string name, int repetitions, bool withCertTool, bool withDotNet) => InFolder(count, folder =>
    {
        var ours = Process("ours", folder, count, repetitions);
        var writer = Child("writer", folder, count);
        var alone = writer.Output.Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture)).ToArray();
        var rows = new List<Row>
        {
            Next(name, "openssl ca", ours, Fastest(repetitions, () => OpenSsl(folder))),
        };
        if (withDotNet)
            rows.Add(Next(name, ".NET builder", ours, Process("dotnet", folder, count, repetitions: 1)));
        if (withCertTool)
            rows.Add(Next(name, "certtool", ours, CertTool(folder, count)));
        rows.Add(new Row($"CRL of {name}, writer alone (ms)", alone[0], Limit: alone[1], PeakMemoryMB: writer.PeakMemoryMB));
        return rows.ToArray();
    });

    private static Row Next(string name, string peer, Run ours, Run? theirs)
    {
        if (theirs is not null)
            Console.WriteLine($"CRL of {name}: {peer} takes {theirs.PeakMemoryMB:F0} MB");
        return new Row($"CRL of {name} from index.txt, next to {peer} (ms)", ours.Milliseconds, theirs?.Milliseconds, PeakMemoryMB: ours.PeakMemoryMB);
    }

    private static Row LargeRow(string folder)
    {
        var run = Child("large", folder, Large);
        return new Row("CRL of 10M, 9M of them from the one before (ms)", run.Milliseconds, PeakMemoryMB: run.PeakMemoryMB);
    }

    private static Run Process(string operation, string folder, int count, int repetitions) => Fastest(repetitions, () => Child(operation, folder, count));

    private static Run Child(string operation, string folder, int count) =>
        Start(Environment.ProcessPath!, folder, "crl", operation, folder, count.ToString(CultureInfo.InvariantCulture)) ?? throw new TimeoutException(operation);

    private static Run OpenSsl(string folder)
    {
        File.WriteAllText(Path.Combine(folder, "ca.cnf"),
            "[ca]\ndefault_ca=a\n[a]\ndatabase=index.txt\ncrlnumber=number\ndefault_md=sha384\ndefault_crl_days=90\ncrl_extensions=e\n[e]\nauthorityKeyIdentifier=keyid\n");
        File.WriteAllText(Path.Combine(folder, "number"), "01\n");
        return Start("openssl", folder, "ca", "-config", "ca.cnf", "-gencrl", "-keyfile", CrlOperations.Key, "-cert", CrlOperations.Certificate, "-out", "openssl.crl")
            ?? throw new TimeoutException("openssl ca");
    }

    // It takes certificates, not serials: one certificate again and again, with other serials.
    private static Run? CertTool(string folder, int count)
    {
        if (!Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(place => File.Exists(Path.Combine(place, "certtool"))))
            return null;
        WriteCertificates(Path.Combine(folder, "revoked.pem"), count);
        File.WriteAllText(Path.Combine(folder, "crl.cfg"), "crl_next_update = 90\ncrl_number = 1\n");
        var run = Start("certtool", folder, "--generate-crl", "--load-ca-privkey", CrlOperations.Key, "--load-ca-certificate", CrlOperations.Certificate,
            "--load-certificate", "revoked.pem", "--template", "crl.cfg", "--outfile", "certtool.crl");
        if (run is null)
            Console.WriteLine($"certtool was not done with {count} certificates after {Patience.TotalMinutes} minutes");
        return run;
    }

    private static void WriteCertificates(string path, int count)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var marker = CrlOperations.SerialOf(0);
        using var certificate = new CertificateRequest("CN=device", key, HashAlgorithmName.SHA256)
            .Create(new X500DistinguishedName("CN=Bench CA"), X509SignatureGenerator.CreateForECDsa(key), DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(90), marker);
        var der = certificate.RawData;
        var at = der.AsSpan().IndexOf(marker);
        using var file = new StreamWriter(path) { NewLine = "\n" };
        for (var i = 0; i < count; i++)
        {
            CrlOperations.SerialOf(i).CopyTo(der.AsSpan(at));
            file.WriteLine(PemEncoding.WriteString("CERTIFICATE", der));
        }
    }

    private static Run Fastest(int repetitions, Func<Run> once) => Enumerable.Range(0, repetitions).Select(_ => once()).MinBy(run => run.Milliseconds)!;

    // Whole process; the resident peak is looked up while it runs, so the last milliseconds of its growth may be missing.
    private static Run? Start(string program, string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        var watch = Stopwatch.StartNew();
        using var process = System.Diagnostics.Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        var peak = 0.0;
        while (!process.WaitForExit(2))
        {
            peak = Math.Max(peak, PeakOf(process.Id));
            if (watch.Elapsed < Patience)
                continue;
            process.Kill();
            process.WaitForExit();
            return null;
        }
        var took = watch.Elapsed.TotalMilliseconds;
        return process.ExitCode == 0 ? new Run(took, peak, output.Result) : throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {errors.Result}");
    }

    private static double PeakOf(int process)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null ? 0 : double.Parse(line["VmHWM:".Length..^"kB".Length], CultureInfo.InvariantCulture) / 1024;
        }
        catch (IOException)
        {
            return 0; // it has just ended
        }
    }

    private static T InFolder<T>(int count, Func<string, T> measure)
    {
        var folder = Directory.CreateTempSubdirectory("keyceremony-bench-").FullName;
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

    private sealed record Run(double Milliseconds, double PeakMemoryMB, string Output);
}
