using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KeyCeremony.Core;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Crl;

namespace KeyCeremony.Benchmarks;

/// <summary>
/// What a child process does with CRLs; each takes a folder that <see cref="MakeInputs"/> has filled. ECDSA P-384, a reason for each entry,
/// 49 bytes an entry.
/// </summary>
internal static class CrlOperations
{
    public const string Index = "index.txt";
    public const string Key = "key.pem";
    public const string Certificate = "ca.pem";
    public const string MlDsaKey = "ml-dsa.key";
    public const string MlDsaCertificate = "ml-dsa.pem";

    /// <summary>What <c>large</c> leaves in the folder.</summary>
    public const string LargeCrl = "large.crl";

    private const int Batches = 15;
    private const int SerialBytes = 16;

    private static readonly DateTimeOffset Revoked = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset ThisUpdate = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Answers what the child prints.</summary>
    public static string Run(string operation, string folder, int count) => operation switch
    {
        "ours" => FromIndex(folder, CrlSigner.EcP384),
        "ours-ml-dsa" => FromIndex(folder, CrlSigner.MlDsa87),
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
        AddCaExtensions(request);
        using X509Certificate2 certificate = request.CreateSelfSigned(Revoked, Revoked.AddYears(20));
        File.WriteAllText(Path.Combine(folder, Certificate), certificate.ExportCertificatePem());
        CrlSigner.MakeMlDsa87(folder, Revoked);
        using var index = new StreamWriter(Path.Combine(folder, Index)) { NewLine = "\n" };
        for (int i = 0; i < count; i++)
            index.WriteLine($"R\t271231000000Z\t260101000000Z,keyCompromise\t{Convert.ToHexString(SerialOf(i))}\tunknown\t/CN=device-{i}");
    }

    public static void AddCaExtensions(CertificateRequest request)
    {
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.CrlSign | X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
    }

    /// <summary>Sixteen bytes, the top bits 01, different for each number and in no order.</summary>
    public static byte[] SerialOf(int i)
    {
        byte[] serial = new byte[SerialBytes];
        WriteSerial(i, serial);
        return serial;
    }

    // From the index to the signed file, read back twice: before the signature and after it.
    private static string FromIndex(string folder, CrlSigner signer)
    {
        using var sort = new RevocationSort(() => Scratch(folder));
        using (FileStream index = File.OpenRead(Path.Combine(folder, Index)))
            if (!RevocationFile.TryRead(index, RevocationFormat.OpenSslIndex, sort, out _, out IReadOnlyList<RowError>? errors))
                throw new InvalidOperationException(errors[0].ToString());
        using SortedRevocations additions = Finish(sort);
        using FileStream file = Scratch(folder);
        return Issue(folder, signer, SortedRevocations.Empty, additions, file);
    }

    // Nine of ten from the CRL before, though in no order; the signed file stays.
    private static string Large(string folder, int count)
    {
        using var previousSort = new RevocationSort(() => Scratch(folder));
        using var additionSort = new RevocationSort(() => Scratch(folder));
        for (int i = 0; i < count; i++)
            (i % 10 == 0 ? additionSort : previousSort).Add(EntryOf(i));
        using SortedRevocations previous = Finish(previousSort);
        using SortedRevocations additions = Finish(additionSort);
        using var file = new FileStream(Path.Combine(folder, LargeCrl), FileMode.CreateNew, FileAccess.ReadWrite);
        return Issue(folder, CrlSigner.EcP384, previous, additions, file);
    }

    private static string Issue(string folder, CrlSigner signer, SortedRevocations previous, SortedRevocations additions, FileStream file)
    {
        CrlPlan plan = Plan(Path.Combine(folder, signer.Certificate));
        MergedRevocations merged = Merge(previous, additions);
        int room = CrlWriter.RoomInFront(plan, merged);
        file.Position = room;
        PreparedCrl prepared = Prepare(plan, merged, file);
        file.Position = room;
        if (!CrlLint.Check(prepared, file).TryAccept(out LintedCrl? linted, out Refusal? refusal))
            throw new InvalidOperationException(refusal.ToString());
        file.Position = room;
        SignedCrl signed = signer.Sign(folder, linted, file);
        if (!signed.Complete(file, room))
            throw new InvalidOperationException("room");
        file.Position = 0;
        return CrlLint.Check(signed, file) is { HasErrors: false, File: { } written }
            ? written.Length.ToString(CultureInfo.InvariantCulture)
            : throw new InvalidOperationException("lint");
    }

    private static string DotNetBuilder(string folder, int count)
    {
        var builder = new CertificateRevocationListBuilder();
        for (int i = 0; i < count; i++)
            builder.AddEntry(SerialOf(i), Revoked, X509RevocationReason.KeyCompromise);
        using var certificate = X509Certificate2.CreateFromPemFile(Path.Combine(folder, Certificate), Path.Combine(folder, Key));
        byte[] crl = builder.Build(certificate, 1, ThisUpdate.AddDays(90), HashAlgorithmName.SHA384,
            rsaSignaturePadding: null, thisUpdate: ThisUpdate);
        File.WriteAllBytes(Path.Combine(folder, "dotnet.crl"), crl);
        return "";
    }

    // The writer alone (sorted entries to a signed file), and its limit (hash and write the same bytes and sign once):
    // milliseconds by the clock, the fastest of several, alternating, so that both meet the same machine; and milliseconds
    // of the processor, which other programs on the machine hardly change.
    private static string WriterAndLimit(string folder, int count)
    {
        using var sort = new RevocationSort(() => Scratch(folder));
        for (int i = 0; i < count; i++)
            sort.Add(EntryOf(i));
        using SortedRevocations entries = Finish(sort);
        MergedRevocations merged = Merge(SortedRevocations.Empty, entries);
        using var key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(Path.Combine(folder, Key)));
        var tbs = new MemoryStream();
        (Took? ours, Took? limit) = (new Took(), new Took());
        CrlPlan plan = Plan(Path.Combine(folder, Certificate));
        PreparedCrl expected = Prepare(plan, merged, tbs);
        if (!CrlLint.Check(expected, new MemoryStream(tbs.GetBuffer(), 0, (int)tbs.Length))
            .TryAccept(out LintedCrl? linted, out Refusal? refusal))
            throw new InvalidOperationException(refusal.ToString());
        for (int i = 0; i < Batches; i++)
        {
            ours.Take(() => Written(folder, merged, linted, key));
            limit.Take(() => Limit(folder, tbs.GetBuffer().AsSpan(0, (int)tbs.Length), key));
        }
        return string.Create(CultureInfo.InvariantCulture, $"{ours.Clock} {limit.Clock} {ours.Processor} {limit.Processor}");
    }

    private static void Written(string folder, MergedRevocations merged, LintedCrl linted, ECDsa key)
    {
        using FileStream file = Scratch(folder);
        int room = CrlWriter.RoomInFront(linted.Prepared.Plan, merged);
        file.Position = room;
        Prepare(linted.Prepared.Plan, merged, file);
        if (!CrlSigning.Sign(linted, hash => key.SignHash(hash.Span, DSASignatureFormat.Rfc3279DerSequence)).Complete(file, room))
            throw new InvalidOperationException("room");
        file.Flush();
    }

    private static void Limit(string folder, ReadOnlySpan<byte> tbs, ECDsa key)
    {
        using FileStream file = Scratch(folder);
        key.SignHash(SHA384.HashData(tbs), DSASignatureFormat.Rfc3279DerSequence);
        file.Write(tbs);
        file.Flush();
    }

    private static PreparedCrl Prepare(CrlPlan plan, MergedRevocations merged, Stream spool) =>
        CrlWriter.TryPrepare(plan, merged, spool, entriesWritten: null, out PreparedCrl? prepared, out Refusal? refusal)
            ? prepared
            : throw new InvalidOperationException(refusal.ToString());

    private static CrlPlan Plan(string certificate)
    {
        string pem = File.ReadAllText(certificate);
        byte[] der = Convert.FromBase64String(pem[PemEncoding.Find(pem).Base64Data]);
        if (!CertificateReader.TryReadCertificate(der, out ParsedCertificate? issuer, out Refusal? refusal))
            throw new InvalidOperationException(refusal.ToString());
        return new CrlPlan { Issuer = issuer, Number = 1, ThisUpdate = ThisUpdate, NextUpdate = ThisUpdate.AddDays(90) };
    }

    private static MergedRevocations Merge(SortedRevocations previous, SortedRevocations additions) =>
        CrlMerge.TryMerge(previous, Revoked, additions, [], shard: null, out MergedRevocations? merged, out Refusal? refusal)
            ? merged
            : throw new InvalidOperationException(refusal.ToString());

    private static SortedRevocations Finish(RevocationSort sort) => sort.TryFinish(out SortedRevocations? sorted, out Refusal? refusal)
        ? sorted
        : throw new InvalidOperationException(refusal.ToString());

    // Without garbage: what is made here must not count as memory of what is measured.
    private static Revocation EntryOf(int i)
    {
        Span<byte> content = stackalloc byte[SerialBytes];
        WriteSerial(i, content);
        return new(RevokedSerial.TryFromContent(content, out RevokedSerial serial) ? serial : throw new UnreachableException(),
            Revoked, RevocationReason.KeyCompromise);
    }

    private static void WriteSerial(int i, Span<byte> serial)
    {
        BinaryPrimitives.WriteUInt64BigEndian(serial, Mixed((ulong)i) >> 1 | 1UL << 62);
        BinaryPrimitives.WriteUInt64BigEndian(serial[8..], Mixed(~(ulong)i));
    }

    private static FileStream Scratch(string folder) =>
        new(Path.Combine(folder, Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite,
            FileShare.None, 64 * 1024, FileOptions.DeleteOnClose);

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
            TimeSpan before = Environment.CpuUsage.TotalTime;
            var watch = Stopwatch.StartNew();
            action();
            Clock = Math.Min(Clock, watch.Elapsed.TotalMilliseconds);
            Processor = Math.Min(Processor, (Environment.CpuUsage.TotalTime - before).TotalMilliseconds);
        }
    }
}
