using System.Security.Cryptography;
using System.Text;
using KeyCeremony.Core.Manifest;

namespace KeyCeremony.Hsm.Tests;

/// <summary>Two builders and the release engineer: their keys, and what they put on the import stick.</summary>
internal sealed class Releaser : IDisposable
{
    private readonly ECDsa _keyA = ECDsa.Create(ECCurve.NamedCurves.nistP256), _keyB = ECDsa.Create(ECCurve.NamedCurves.nistP384);

    /// <summary>A MCUboot image of version 1.15.0+7 with the security counter 18, made by imgtool.</summary>
    public static byte[] Mcuboot { get; } = File.ReadAllBytes(Path.Combine(Repository.Root, "docs", "examples", "release",
        "application-1.15.0", "application-1.15.0.bin"));

    public static byte[] Configuration { get; } = Encoding.ASCII.GetBytes("pairing: off\n");

    public void Dispose()
    {
        _keyA.Dispose();
        _keyB.Dispose();
    }

    public void BringBuilders(Table table)
    {
        Directory.CreateDirectory(table.In);
        File.WriteAllText(table.OnStick("runner-a.pub.pem"), _keyA.ExportSubjectPublicKeyInfoPem());
        File.WriteAllBytes(table.OnStick("runner-b.pub.pem"), _keyB.ExportSubjectPublicKeyInfo());
    }

    /// <summary>The folder that <c>rehearsal/periodic.json</c> names: an image of MCUboot and a file of any kind.</summary>
    public void BringRelease(Table table, string folder = "application-1.15.0", long counter = 18) => BringRelease(table, folder, counter,
        ("application.bin", "mcuboot", Mcuboot, null), ("pairing.conf", "raw", Configuration, null));

    public void BringRelease(Table table, string folder, long counter,
        params (string Name, string Format, byte[] Bytes, string? Target)[] images)
    {
        string path = Directory.CreateDirectory(table.OnStick(folder)).FullName;
        string subjects = string.Join(',', images.Select(i => $$$"""{"name":"{{{i.Name}}}","digest":{"sha256":"{{{Hash(i.Bytes)}}}"}}"""));
        (string Id, ECDsa Key, string File)[] builders =
        [
            ("https://ci.example.com/runner-a", _keyA, "runner-a.dsse.json"),
            ("https://builds.example.org/runner-b", _keyB, "runner-b.dsse.json"),
        ];
        foreach ((string name, _, byte[] bytes, _) in images)
            File.WriteAllBytes(Path.Combine(path, name), bytes);
        foreach ((string id, ECDsa key, string file) in builders)
            File.WriteAllBytes(Path.Combine(path, file), Envelope(key,
                $$$"""
                {"_type":"https://in-toto.io/Statement/v1","subject":[{{{subjects}}}],"predicateType":"urn:keyceremony:release-build:v1",
                "predicate":{"builder":"{{{id}}}","source":"git+https://example.com/lock.git","commit":"5f0c8b3a"}}
                """));
        File.WriteAllText(Path.Combine(path, "release.yaml"), $"""
            product: LOCK-1
            hardwareRevision: C2
            component: application
            version: 1.15.0+7
            securityCounter: {counter}
            environment: rehearsal
            images:
            {string.Join('\n', images.Select(i =>
                $"  - file: {i.Name}\n    format: {i.Format}\n    size: {i.Bytes.Length}\n    sha256: {Hash(i.Bytes)}"
                    + (i.Target is null ? "" : $"\n    target: {i.Target}")))}
            builders:
            {string.Join('\n', builders.Select(b =>
                $"  - id: {b.Id}\n    site: Zürich\n    key: {Hash(b.Key.ExportSubjectPublicKeyInfo())}\n    statement: {b.File}"))}

            """);
    }

    private static byte[] Envelope(ECDsa key, string payload)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(payload);
        byte[] signature = key.SignData(Dsse.Pae(bytes), key.KeySize == 256 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA384,
            DSASignatureFormat.Rfc3279DerSequence);
        return new DsseEnvelope([.. bytes], [new DsseSignature("", [.. signature])]).Write();
    }

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
