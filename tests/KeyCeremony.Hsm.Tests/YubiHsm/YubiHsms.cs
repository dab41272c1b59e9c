namespace KeyCeremony.Hsm.Tests.YubiHsm;

/// <summary>Two YubiHSMs that the tests play, behind Yubico's own module as Debian ships it.</summary>
internal sealed class YubiHsms : IDisposable
{
    /// <summary>Where the module's configuration lies.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("keyceremony-yubihsm-").FullName;

    /// <param name="serial">Of the first; the second's is the next.</param>
    public YubiHsms(uint serial)
    {
        First = new PlayedYubiHsm(serial);
        Second = new PlayedYubiHsm(serial + 1);
        File.WriteAllText(Configuration, $"connector = {First.Url}\nconnector = {Second.Url}\n");
    }

    /// <exception cref="InvalidOperationException">It is not there.</exception>
    public static string Module { get; } = Path.Combine(Repository.Root, "artifacts", "yubihsm", "yubihsm_pkcs11.so") is var path
        && File.Exists(path) ? path : throw new InvalidOperationException("Yubico's module is not there: .ci/need-yubihsm");

    public PlayedYubiHsm First { get; }

    public PlayedYubiHsm Second { get; }

    private string Configuration => Path.Combine(Folder, "yubihsm_pkcs11.conf");

    public PlayedYubiHsm Of(string serial) => First.Serial == serial ? First : Second;

    /// <summary>A table with these two on it.</summary>
    public Table Lay(Table table)
    {
        table.Module = Module;
        table.Variables["YUBIHSM_PKCS11_CONF"] = Configuration;
        table.Variables["LD_LIBRARY_PATH"] = Path.GetDirectoryName(Module)!;
        // They are no program to the ceremony: people read the numbers from them.
        table[":primary-hsm"] = First.Serial;
        table[":drill-hsm"] = Second.Serial;
        return table;
    }

    public void Dispose()
    {
        First.Dispose();
        Second.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
