using KeyCeremony.Pkcs11;

namespace KeyCeremony.App.Room;

/// <summary>SoftHSM2 for rehearsals: its tokens live in a folder of their own and touch nothing of the system.</summary>
internal static class SoftHsmTokens
{
    private static readonly string[] Places =
        ["/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
            "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so", "/usr/local/lib/softhsm/libsofthsm2.so"];

    public static string? Module() => Places.FirstOrDefault(File.Exists);

    /// <summary>The module is told where its configuration will lie; it reads that when it is initialised.</summary>
    public static void PointTo(string folder) => NativeEnvironment.Set("SOFTHSM2_CONF", ConfigurationIn(folder));

    /// <summary>The folder is made, if it is not there, and is the one that the module uses.</summary>
    public static void Prepare(string folder)
    {
        string tokens = Path.Combine(Path.GetFullPath(folder), "tokens"), configuration = ConfigurationIn(folder);
        Directory.CreateDirectory(tokens);
        if (!File.Exists(configuration))
        {
            using var file = new StreamWriter(new FileStream(configuration, FileMode.CreateNew));
            file.Write($"directories.tokendir = {tokens}\nobjectstore.backend = file\nlog.level = ERROR\nslots.removable = false\n");
        }
        PointTo(folder);
    }

    private static string ConfigurationIn(string folder) => Path.Combine(Path.GetFullPath(folder), "softhsm2.conf");
}
