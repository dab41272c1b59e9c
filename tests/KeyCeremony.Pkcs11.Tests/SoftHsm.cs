using System.Text;

namespace KeyCeremony.Pkcs11.Tests;

/// <summary>
/// A SoftHSM2 with a folder of its own: no test sees another's tokens. PKCS#11 is process-wide, so all classes that
/// use it belong to <see cref="ModuleCollection"/>.
/// </summary>
public sealed class SoftHsm : IDisposable
{
    private static readonly string[] UsualPlaces =
    [
        "/usr/lib/softhsm/libsofthsm2.so",
        "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
        "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
        "/usr/local/lib/softhsm/libsofthsm2.so",
    ];

    private readonly string folder = Directory.CreateTempSubdirectory("keyceremony-softhsm-").FullName;

    public SoftHsm()
    {
        string tokens = Directory.CreateDirectory(Path.Combine(folder, "tokens")).FullName;
        Configuration = Path.Combine(folder, "softhsm2.conf");
        File.WriteAllText(Configuration, $"directories.tokendir = {tokens}\nobjectstore.backend = file\nlog.level = ERROR\n");
        NativeEnvironment.Set("SOFTHSM2_CONF", Configuration);
        Module = Module.Load(ModulePath);
        Module.Reinitialize();
    }

    /// <exception cref="FileNotFoundException">SoftHSM2 is not installed: <c>apt-get install softhsm2</c>.</exception>
    public static string ModulePath { get; } = UsualPlaces.FirstOrDefault(File.Exists)
        ?? throw new FileNotFoundException("SoftHSM2 is not installed: apt-get install softhsm2", UsualPlaces[0]);

    public static byte[] SoPin => Encoding.ASCII.GetBytes("so-pin-0123456789");

    public static byte[] UserPin => Encoding.ASCII.GetBytes("user-pin-9876543210");

    public string Configuration { get; }

    public Module Module { get; }

    /// <summary>A token without a name, as it comes from the factory.</summary>
    public TokenInfo BlankToken() => Module.Tokens().First(token => !token.Initialised);

    /// <summary>A token with both PINs set.</summary>
    public TokenInfo Commission(string label, Module? through = null)
    {
        Module module = through ?? Module;
        TokenInfo token = module.InitToken(module.Tokens().First(blank => !blank.Initialised), SoPin, label);
        using Session session = module.OpenSession(token);
        session.Login(LoginRole.SecurityOfficer, SoPin);
        session.InitPin(UserPin);
        session.Logout();
        return module.GetToken(label, token.Serial);
    }

    public Session OpenUserSession(TokenInfo token, Module? through = null)
    {
        Session session = (through ?? Module).OpenSession(token);
        if (session.GetState() != SessionState.User)
        {
            session.Login(LoginRole.User, UserPin);
        }

        return session;
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}

[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ModuleCollection
{
    public const string Name = "PKCS#11 modules are process-wide";
}
