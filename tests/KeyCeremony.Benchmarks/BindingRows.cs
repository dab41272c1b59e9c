using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using KeyCeremony.Pkcs11;
using KeyCeremony.Pkcs11.Hosting;

namespace KeyCeremony.Benchmarks;

/// <summary>The PKCS#11 binding on SoftHSM2, next to the same calls on the same token from C: the limit of any binding.</summary>
internal static class BindingRows
{
    private const string Label = "bench";
    private const string SoPin = "so-pin-0123456789";
    private const string UserPin = "user-pin-9876543210";
    private const int Batches = 60;
    private const int Signatures = 20;
    private const int Calls = Signatures * 100; // as in calls.c

    private static readonly string[] ModulePlaces =
    [
        "/usr/lib/softhsm/libsofthsm2.so",
        "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
        "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
        "/usr/local/lib/softhsm/libsofthsm2.so",
    ];

    public static IReadOnlyList<Row> Measure()
    {
        string folder = Directory.CreateTempSubdirectory("keyceremony-bench-").FullName;
        try
        {
            using Session session = OpenToken(folder);
            string calls = CompileCalls(folder);
            return
            [
                .. Rows("P-256", session, calls, KeyKind.EcP256, SignatureScheme.EcdsaSha256),
                .. Rows("P-384", session, calls, KeyKind.EcP384, SignatureScheme.EcdsaSha384),
                .. HostRows(session),
                RequestRows.Measure(session, id => FromC(calls, id, SHA384.HashSizeInBytes).Signature),
            ];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // A call without work, the bare signature, and the one a certificate gets: its key found anew, verified in software.
    private static IEnumerable<Row> Rows(string curve, Session session, string calls, KeyKind kind, SignatureScheme scheme)
    {
        var id = KeyId.From(RandomNumberGenerator.GetBytes(16));
        ObjectHandle key = session.GenerateKeyPair(kind, curve, id).PrivateKey;
        using var generator = new TokenSignatureGenerator(session, id, scheme);
        byte[] data = new byte[512];
        byte[] hash = CryptographicOperations.HashData(scheme.Hash(), data);
        (double Call, double Signature) limit = FromC(calls, id, hash.Length);
        if (kind == KeyKind.EcP256)
            yield return new("PKCS#11 call, C_GetSessionInfo (ns)", Timing.Nanoseconds(Batches, Calls, () => session.GetState()),
                Limit: limit.Call);
        yield return new($"{curve} signature, bare (ns)",
            Timing.Nanoseconds(Batches, Signatures, () => session.SignHash(key, scheme, hash)), Limit: limit.Signature);
        yield return new($"{curve} signature, found and verified (ns)",
            Timing.Nanoseconds(Batches, Signatures, () => generator.SignData(data, scheme.Hash())),
            Limit: limit.Signature);
    }

    /// <summary>The same in a process of its own, as the ceremony does it; the limit is the call in this process.</summary>
    private static IEnumerable<Row> HostRows(Session direct)
    {
        var module = Module.Start(ModulePath(), Host());
        using Session hosted = module.OpenSession(module.GetToken(direct.Token.Label, direct.Token.Serial));
        hosted.Login(LoginRole.User, Encoding.ASCII.GetBytes(UserPin));
        yield return new("PKCS#11 call in a process of its own, C_GetSessionInfo (ns)",
            Timing.Nanoseconds(Batches, Signatures * 10, () => hosted.GetState()),
            Limit: Timing.Nanoseconds(Batches, Calls, () => direct.GetState()));
        byte[] random = new byte[32];
        yield return new("PKCS#11 call in a process of its own, 32 random bytes (ns)",
            Timing.Nanoseconds(Batches, Signatures * 10, () => hosted.GenerateRandom(random)),
            Limit: Timing.Nanoseconds(Batches, Signatures * 10, () => direct.GenerateRandom(random)));
        hosted.Dispose();
        module.ShutDown();
    }

    private static HostStart Host()
    {
        ImmutableSortedDictionary<string, string> variables = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal)
            .Add("DOTNET_gcServer", "0").Add("DOTNET_TieredPGO", "0").Add("SOFTHSM2_CONF", Environment.GetEnvironmentVariable("SOFTHSM2_CONF")!);
        foreach (string name in new[] { "PATH", "HOME", "DOTNET_ROOT" })
            if (Environment.GetEnvironmentVariable(name) is { } value)
                variables = variables.SetItem(name, value);
        return new HostStart(["dotnet", ProgramRows.Program, "hsm-host"], variables, CallLimits.Usual);
    }

    private static Session OpenToken(string folder)
    {
        string tokens = Directory.CreateDirectory(Path.Combine(folder, "tokens")).FullName;
        string configuration = Path.Combine(folder, "softhsm2.conf");
        File.WriteAllText(configuration, $"directories.tokendir = {tokens}\nobjectstore.backend = file\nlog.level = ERROR\n");
        NativeEnvironment.Set("SOFTHSM2_CONF", configuration);
        Environment.SetEnvironmentVariable("SOFTHSM2_CONF", configuration); // for the child

        var module = Module.Load(ModulePath());
        TokenInfo token = module.InitToken(module.Tokens().First(blank => !blank.Initialised), Encoding.ASCII.GetBytes(SoPin), Label);
        using (Session officer = module.OpenSession(token))
        {
            officer.Login(LoginRole.SecurityOfficer, Encoding.ASCII.GetBytes(SoPin));
            officer.InitPin(Encoding.ASCII.GetBytes(UserPin));
            officer.Logout();
        }
        Session session = module.OpenSession(module.GetToken(Label, token.Serial));
        session.Login(LoginRole.User, Encoding.ASCII.GetBytes(UserPin));
        return session;
    }

    private static string CompileCalls(string folder)
    {
        string program = Path.Combine(folder, "calls");
        Run("gcc", "-O2", "-std=gnu17", "-Wall", "-o", program, Path.Combine(AppContext.BaseDirectory, "native", "calls.c"), "-ldl");
        return program;
    }

    private static (double Call, double Signature) FromC(string calls, KeyId id, int hashBytes)
    {
        string[] numbers = Run(calls, ModulePath(), Label, UserPin, id.Hex, Text(hashBytes), Text(Batches), Text(Signatures)).Split(' ');
        return (double.Parse(numbers[0], CultureInfo.InvariantCulture), double.Parse(numbers[1], CultureInfo.InvariantCulture));
    }

    private static string ModulePath() => ModulePlaces.FirstOrDefault(File.Exists)
        ?? throw new FileNotFoundException("SoftHSM2 is not installed: apt-get install softhsm2");

    private static string Run(string program, params string[] arguments)
    {
        using Process child = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        string output = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        return child.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} ended with {child.ExitCode}");
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
