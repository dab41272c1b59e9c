using System.Collections.Immutable;
using System.Globalization;
using KeyCeremony.Core;
using KeyCeremony.Pkcs11;
using KeyCeremony.Pkcs11.Hosting;

namespace KeyCeremony.App.Room;

/// <summary>
/// The process of this program that holds the HSM's module: no card, no journal, no terminal. docs/decisions/0026-module-host.md.
/// </summary>
internal static class HsmHost
{
    public const string CommandName = "hsm-host";

    /// <summary>What programs and the modules known to the handbook read; everything else stays outside.</summary>
    private static readonly ImmutableArray<string> Variables =
    [
        "PATH", "HOME", "TMPDIR", "XDG_RUNTIME_DIR", "DOTNET_ROOT", "DOTNET_ROOT_X64", "DOTNET_ROOT_ARM64",
        "SOFTHSM2_CONF", "OPENSC_CONF", "YUBIHSM_PKCS11_CONF", "TPM2_PKCS11_STORE", "TPM2_PKCS11_TCTI", "NSS_LIB_PARAMS",
        "P11_KIT_SERVER_ADDRESS", "PKCS11_PROXY_SOCKET", "PCSCLITE_CSOCK_NAME",
        "ChrystokiConfigurationPath", "CS_PKCS11_R2_CFG", "CS_PKCS11_R3_CFG", "CRYPTOSERVER", "NFAST_HOME", "CKNFASTRC",
    ];

    /// <summary>Of the runtime itself: no door for a debugger, no dump, one small heap.</summary>
    private static readonly ImmutableSortedDictionary<string, string> Runtime = ImmutableSortedDictionary.CreateRange(
        StringComparer.Ordinal,
        [
            KeyValuePair.Create("LANG", "C.UTF-8"),
            KeyValuePair.Create("DOTNET_EnableDiagnostics", "0"),
            KeyValuePair.Create("DOTNET_DbgEnableMiniDump", "0"),
            KeyValuePair.Create("DOTNET_gcServer", "0"),
            KeyValuePair.Create("DOTNET_gcConcurrent", "0"),
            KeyValuePair.Create("DOTNET_GCHeapHardLimit", (64 << 20).ToString("X", CultureInfo.InvariantCulture)),
            KeyValuePair.Create("DOTNET_TieredPGO", "0"),
        ]);

    /// <summary>The module of this path, in such a process.</summary>
    /// <param name="variables">Names of variables that it reads besides.</param>
    /// <param name="callSeconds">How long somebody wants a call to take at most; null: as its family says.</param>
    /// <param name="keepsLog">Of <see cref="OneModule"/>.</param>
    /// <param name="warden">Who starts it, in a unit of its own: <see cref="HsmUnit"/>. Null: it is a child of this process.</param>
    /// <exception cref="IOException">What its family needs cannot be laid around it.</exception>
    public static OneModule Module(string path, IEnumerable<string> variables, int? callSeconds, bool keepsLog = false,
        string? warden = null)
    {
        // A warden lays what he gives to the module himself.
        var ground = ModuleGround.Lay(path, callSeconds, Environment.GetEnvironmentVariable);
        if (warden is not null)
            return new(() => Pkcs11.Module.Begin(path, Asked(warden, path, ground.Limits)), keepsLog, ground);
        return new(() => Pkcs11.Module.Begin(path, Of(OwnProgram.Command(), variables, ground.Limits, ground.Variables)), keepsLog, ground);
    }

    private static HostStart Asked(string warden, string path, CallLimits? limits) => new(
        [CommandName, Path.GetFullPath(path)], ImmutableSortedDictionary<string, string>.Empty, limits, warden);

    /// <param name="program">How this program is started, without arguments.</param>
    /// <param name="variables">Names of variables that this module reads besides.</param>
    /// <param name="limits">Null: those of the families.</param>
    /// <param name="laid">What the module's family lays around it; what this process has itself counts more.</param>
    public static HostStart Of(ImmutableArray<string> program, IEnumerable<string> variables, CallLimits? limits,
        IReadOnlyDictionary<string, string>? laid = null)
    {
        ImmutableSortedDictionary<string, string> given = laid is null ? Runtime : Runtime.SetItems(laid);
        foreach (string name in Variables.Concat(variables).Distinct())
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
                given = given.SetItem(name, value);
        }
        return new HostStart([.. program, CommandName], given, limits);
    }
}

/// <summary>What is said when that process is lost.</summary>
internal static class HostRules
{
    public const string NotLoaded = "HSM-34";

    /// <summary>Which call and which rule, for the record: a name that begins with C_ says that the HSM's session is lost.</summary>
    public static string Where(HsmException e) => e switch
    {
        Pkcs11Exception p => $"{p.Function} {p.ConstantName}",
        HostLostException lost => $"{lost.Function} {Of(lost.Fault)}",
        _ => e.Function,
    };

    /// <summary>The file was there when the program looked at it first.</summary>
    public static Refusal NoModule(NoModuleException e) => new(NotLoaded, e.Sentence,
        "What was recorded is whole. Leave the ceremony, mend that, and resume.");

    private static string Of(HostFault fault) => fault switch
    {
        HostFault.NotStarted => "HSM-30",
        HostFault.Silent => "HSM-31",
        HostFault.Nonsense => "HSM-33",
        _ => "HSM-32",
    };
}
