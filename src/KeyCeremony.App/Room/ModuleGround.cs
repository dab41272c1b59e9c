using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using KeyCeremony.Pkcs11;
using KeyCeremony.Pkcs11.Hosting;

namespace KeyCeremony.App.Room;

/// <summary>
/// What a module's family says that the maker's library needs around it: variables, and a configuration file, in a folder of its own that
/// nobody else reads and that goes with this. What the person who starts the program has set counts more.
/// </summary>
internal sealed class ModuleGround : IDisposable
{
    private readonly TokenFamily? _family;
    private readonly int? _callSeconds;
    private string? _folder;

    private ModuleGround(TokenFamily? family, int? callSeconds)
    {
        _family = family;
        _callSeconds = callSeconds;
    }

    /// <summary>For both processes that load the module.</summary>
    public ImmutableSortedDictionary<string, string> Variables { get; private set; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Somebody's own; null: those of the families.</summary>
    public CallLimits? Limits => _callSeconds is { } seconds ? CallLimits.OfSeconds(seconds) : null;

    /// <param name="module">Its path: a family that needs something is known by the file's name.</param>
    /// <param name="callSeconds">What somebody asked for; null: nothing.</param>
    /// <param name="own">A variable of this process; null: it is not set.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static ModuleGround Lay(string module, int? callSeconds, Func<string, string?> own)
    {
        var ground = new ModuleGround(module.Length == 0 ? null : TokenFamilies.OfFile(module), callSeconds);
        if (ground._family?.Module is not { } needs)
            return ground;
        ground.Variables = needs.Environment;
        if (needs.File is { } file && own(file.Variable) is null)
        {
            ground._folder = Directory.CreateTempSubdirectory("keyceremony-module-").FullName;
            string path = Path.Combine(ground._folder, file.Name);
            using (var written = new FileStream(path, FileMode.CreateNew, FileAccess.Write))
                written.Write(Encoding.UTF8.GetBytes(file.Text));
            ground.Variables = ground.Variables.SetItem(file.Variable, path);
        }
        foreach (string name in ground.Variables.Keys.Where(name => own(name) is not null).ToArray())
            ground.Variables = ground.Variables.SetItem(name, own(name)!);
        return ground;
    }

    private FamilyFile? Written => _folder is null ? null : _family?.Module.File;

    /// <summary>For a probe's report: what the module was given, and how long it is waited for.</summary>
    /// <param name="limits">In force.</param>
    public ImmutableArray<string> Told(CallLimits limits) =>
    [
        .. Variables.Where(v => Written is null || v.Key != Written.Variable).Select(v => $"{v.Key}={v.Value}"),
        .. Written is not { } file ? [] : new[] { $"{file.Variable}: a file with {string.Join("; ", file.Text.TrimEnd().Split('\n'))}" },
        string.Create(CultureInfo.InvariantCulture, $"{limits.Call.TotalSeconds:0} seconds for a call, {limits.Key.TotalSeconds:0} ")
            + $"for a new key, {(_callSeconds is null ? "as its family says" : "as was asked for")}",
    ];

    public void Dispose()
    {
        if (_folder is { } folder && Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        _folder = null;
    }
}
