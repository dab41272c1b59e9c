using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Crl;

namespace KeyCeremony.Benchmarks;

/// <summary>What a child process does with CRLs; each takes a folder that <see cref="MakeInputs"/> has filled. ECDSA P-384, a reason for each entry, 49 bytes an entry.</summary>
internal static class CrlOperations
{
    public const string Index = "index.txt";
    public const string Key = "key.pem";
    public const string Certificate = "ca.pem";

    /// <summary>What <c>large</c> leaves in the folder.</summary>
    public const string LargeCrl = "large.crl";

    private const int Batches = 15;
    private const int SerialBytes = 16;

    private static readonly DateTimeOffset Revoked = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset ThisUpdate = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Answers what the child prints.</summary>
    public static string Run(string operation, string folder, int count) => operation switch
    {
        "ours" => FromIndex(folder),
        "dotnet" => DotNetBuilder(folder, count),
        "writer" => WriterAndLimit(folder, count),
        "large" => Large(folder, count),
        _ => throw new ArgumentException(operation, nameof(operation)),
    };

    /// <summary>A CA, and an index.txt of so many revoked serials in no order.</summary>
    public static void MakeInputs(string folder, int count)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        File.WriteAllText(Path.Combine(folder, Key), key.ExportECPrivateKeyPem());
        var request = new CertificateRequest("CN=Bench CA", key, HashAlgorithmName.SHA384);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.CrlSign | X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using var certificate = request.CreateSelfSigned(Revoked, Revoked.AddYears(20));
        File.WriteAllText(Path.Combine(folder, Certificate), certificate.ExportCertificatePem());
        using var index = new StreamWriter(Path.Combine(folder, Index)) { NewLine = "\n" };
        for (var i = 0; i < count; i++)
            index.WriteLine($"R\t271231000000Z\t260101000000Z,keyCompromise\t{Convert.ToHexString(SerialOf(i))}\tunknown\t/CN=device-{i}");
    }

    /// <summary>Sixteen bytes, the top bits 01, different for each number and in no order.</summary>
    public static byte[] SerialOf(int i)
    {
        var serial = new byte[SerialBytes];
        WriteSerial(i, serial);
        return serial;
    }

    // From the index to the signed file, read back twice: before the signature and after it.
    private static string FromIndex(string folder)
    {
        using var sort = new RevocationSort(() => Scratch(folder));
        using (var index = File.OpenRead(Path.Combine(folder, Index)))
            if (!RevocationFile.TryRead(index, RevocationFormat.OpenSslIndex, sort, out _, out var errors))
                throw new InvalidOperationException(errors[0].ToString());
        using var additions = Finish(sort);
        using var file = Scratch(folder);
        return Issue(folder, SortedRevocations.Empty, additions, file);
    }

    // Nine of ten from the CRL before, though in no order; the signed file stays.
    private static string Large(string folder, int count)
    {
        using var previousSort = new RevocationSort(() => Scratch(folder));
        using var additionSort = new RevocationSort(() => Scratch(folder));
        for (var i = 0; i < count; i++)
            (i % 10 == 0 ? additionSort : previousSort).Add(EntryOf(i));
        using var previous = Finish(previousSort);
        using var additions = Finish(additionSort);
        using var file = new FileStream(Path.Combine(folder, LargeCrl), FileMode.CreateNew, FileAccess.ReadWrite);
        return Issue(folder, previous, additions, file);
    }

    private static string Issue(string folder, SortedRevocations previous, SortedRevocations additions, FileStream file)
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(Path.Combine(folder, Key)));
        var merged = Merge(previous, additions);
        var room = CrlWriter.RoomInFront(Plan(folder), merged);
        file.Position = room;
        var prepared = Prepare(folder, merged, file);
        file.Position = room;
        if (!CrlLint.Check(prepared, file).TryAccept(out var linted, out var refusal))
            throw new InvalidOperationException(refusal.ToString());
        var signed = CrlSigning.Sign(linted, hash => key.SignHash(hash.Span, DSASignatureFormat.Rfc3279DerSequence));
        if (!signed.Complete(file, room))
            throw new InvalidOperationException("room");
        file.Position = 0;
        return CrlLint.Check(signed, file) is { HasErrors: false, File: { } written } ? written.Length.ToString(CultureInfo.InvariantCulture) : throw new InvalidOperationException("lint");
    }

    private static string DotNetBuilder(string folder, int count)
    {
        var builder = new CertificateRevocationListBuilder();
        for (var i = 0; i < count; i++)
            builder.AddEntry(SerialOf(i), Revoked, X509RevocationReason.KeyCompromise);
        using var certificate = X509Certificate2.CreateFromPemFile(Path.Combine(folder, Certificate), Path.Combine(folder, Key));
        var crl = builder.Build(certificate, 1, ThisUpdate.AddDays(90), HashAlgorithmName.SHA384, rsaSignaturePadding: null, thisUpdate: ThisUpdate);
        File.WriteAllBytes(Path.Combine(folder, "dotnet.crl"), crl);
        return "";
    }

    // The writer alone (sorted entries to a signed file), and its limit (hash and write the same bytes and sign once):
    // milliseconds by the clock, the fastest of several, alternating, so that both meet the same machine; and milliseconds
    // of the processor, which other programs on the machine hardly change.
    private static string WriterAndLimit(string folder, int count)
    {
        using var sort = new RevocationSort(() => Scratch(folder));
        for (var i = 0; i < count; i++)
            sort.Add(EntryOf(i));
        using var entries = Finish(sort);
        var merged = Merge(SortedRevocations.Empty, entries);
        using var key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(Path.Combine(folder, Key)));
        var tbs = new MemoryStream();
        var (ours, limit) = (new Took(), new Took());
        var expected = Prepare(folder, merged, tbs);
        if (!CrlLint.Check(expected, new MemoryStream(tbs.GetBuffer(), 0, (int)tbs.Length)).TryAccept(out var linted, out var refusal))
            throw new InvalidOperationException(refusal.ToString());
        for (var i = 0; i < Batches; i++)
        {
            ours.Take(() => Written(folder, merged, linted, key));
            limit.Take(() => Limit(folder, tbs.GetBuffer().AsSpan(0, (int)tbs.Length), key));
        }
        return string.Create(CultureInfo.InvariantCulture, $"{ours.Clock} {limit.Clock} {ours.Processor} {limit.Processor}");
    }

    private static void Written(string folder, MergedRevocations merged, LintedCrl linted, ECDsa key)
    {
        using var file = Scratch(folder);
        var room = CrlWriter.RoomInFront(linted.Prepared.Plan, merged);
        file.Position = room;
        Prepare(folder, merged, file);
        if (!CrlSigning.Sign(linted, hash => key.SignHash(hash.Span, DSASignatureFormat.Rfc3279DerSequence)).Complete(file, room))
            throw new InvalidOperationException("room");
        file.Flush();
    }

    private static void Limit(string folder, ReadOnlySpan<byte> tbs, ECDsa key)
    {
        using var file = Scratch(folder);
        key.SignHash(SHA384.HashData(tbs), DSASignatureFormat.Rfc3279DerSequence);
        file.Write(tbs);
        file.Flush();
    }

    private static PreparedCrl Prepare(string folder, MergedRevocations merged, Stream spool) =>
        CrlWriter.TryPrepare(Plan(folder), merged, spool, entriesWritten: null, out var prepared, out var refusal) ? prepared : throw new InvalidOperationException(refusal.ToString());

    private static CrlPlan Plan(string folder)
    {
        var fields = PemEncoding.Find(File.ReadAllText(Path.Combine(folder, Certificate)));
        var der = Convert.FromBase64String(File.ReadAllText(Path.Combine(folder, Certificate))[fields.Base64Data]);
        if (!CertificateReader.TryReadCertificate(der, out var issuer, out var refusal))
            throw new InvalidOperationException(refusal.ToString());
        return new CrlPlan { Issuer = issuer, Number = 1, ThisUpdate = ThisUpdate, NextUpdate = ThisUpdate.AddDays(90) };
    }

    private static MergedRevocations Merge(SortedRevocations previous, SortedRevocations additions) =>
        CrlMerge.TryMerge(previous, Revoked, additions, [], shard: null, out var merged, out var refusal) ? merged : throw new InvalidOperationException(refusal.ToString());

    private static SortedRevocations Finish(RevocationSort sort) => sort.TryFinish(out var sorted, out var refusal) ? sorted : throw new InvalidOperationException(refusal.ToString());

    // Without garbage: what is made here must not count as memory of what is measured.
    private static Revocation EntryOf(int i)
    {
        Span<byte> content = stackalloc byte[SerialBytes];
        WriteSerial(i, content);
        return new(RevokedSerial.TryFromContent(content, out var serial) ? serial : throw new UnreachableException(), Revoked, RevocationReason.KeyCompromise);
    }

    private static void WriteSerial(int i, Span<byte> serial)
    {
        BinaryPrimitives.WriteUInt64BigEndian(serial, Mixed((ulong)i) >> 1 | 1UL << 62);
        BinaryPrimitives.WriteUInt64BigEndian(serial[8..], Mixed(~(ulong)i));
    }

    private static FileStream Scratch(string folder) =>
        new(Path.Combine(folder, Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 64 * 1024, FileOptions.DeleteOnClose);

    // SplitMix64's finalizer: a bijection.
    private static ulong Mixed(ulong number)
    {
        unchecked
        {
            number += 0x9E3779B97F4A7C15;
            number = (number ^ (number >> 30)) * 0xBF58476D1CE4E5B9;
            number = (number ^ (number >> 27)) * 0x94D049BB133111EB;
            return number ^ (number >> 31);
        }
    }

    // The least of each.
    private sealed class Took
    {
        public double Clock { get; private set; } = double.MaxValue;

        public double Processor { get; private set; } = double.MaxValue;

        public void Take(Action action)
        {
            var before = Environment.CpuUsage.TotalTime;
            var watch = Stopwatch.StartNew();
            action();
            Clock = Math.Min(Clock, watch.Elapsed.TotalMilliseconds);
            Processor = Math.Min(Processor, (Environment.CpuUsage.TotalTime - before).TotalMilliseconds);
        }
    }
}
