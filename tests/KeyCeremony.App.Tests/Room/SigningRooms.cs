using KeyCeremony.App.Tests.Bundle;

namespace KeyCeremony.App.Tests.Room;

/// <summary>A ledger with a root, played once; each test goes on from a copy of its own.</summary>
public sealed class SigningRooms : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("signing").FullName;
    private readonly SoftwareRoom _rooted;
    private int _forks;

    public SigningRooms()
        : this("root-creation.md")
    {
    }

    /// <param name="script">That created the root.</param>
    internal SigningRooms(string script)
    {
        _rooted = new SoftwareRoom(folder: Path.Combine(_root, "root")).Through(script);
        foreach (string request in new[] { "tls-t1", "mtls-m1", "ocsp-o1", "crl-signer-c1", "pai-1" })
            _rooted.Put($"{request}.csr", SoftwareRoom.Request());
        _rooted.Put("other-ca.pem", System.Text.Encoding.ASCII.GetBytes(SoftwareRoom.OtherCa()));
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    /// <summary>Good requests lie on its import stick.</summary>
    internal SoftwareRoom Rooted()
    {
        lock (_rooted)
            return _rooted.Fork(Path.Combine(_root, $"fork-{++_forks}"));
    }

    internal string NewFolder()
    {
        lock (_rooted)
            return Directory.CreateDirectory(Path.Combine(_root, $"folder-{++_forks}")).FullName;
    }
}
