using System.Collections.Immutable;
using KeyCeremony.App.Ground;
using KeyCeremony.Core;
using KeyCeremony.Pkcs11;

namespace KeyCeremony.App.Room;

/// <summary>The module of one ceremony: its process is started when it is first needed, and once more when it was lost.</summary>
/// <param name="ground">What lies around it; goes with this. Null: nothing.</param>
/// <param name="keepsLog">Whether what the module writes is kept for its people: a rehearsal's PINs are worth nothing.</param>
internal sealed class OneModule(Func<Module> start, bool keepsLog = false, ModuleGround? ground = null) : IDisposable
{
    /// <summary>For a person who reads it afterwards.</summary>
    private const int MaxLines = 20;
    private const int MaxColumns = 160;

    private readonly List<string> _log = [];
    private Module? _running;

    /// <summary>What the module's family lays around it.</summary>
    public ModuleGround? Ground => ground;

    /// <summary>The last lines that the module wrote, of each process of it; empty where they are not kept.</summary>
    public ImmutableArray<string> Log => [.. _log.TakeLast(MaxLines)];

    /// <exception cref="CeremonyException">HSM-34: the file is no module any more.</exception>
    public Module Running()
    {
        if (_running is { IsLost: true })
            GiveUp();
        try
        {
            return _running ??= start();
        }
        catch (NoModuleException e)
        {
            throw new CeremonyException(HostRules.NoModule(e));
        }
    }

    public void Dispose()
    {
        GiveUp();
        ground?.Dispose();
    }

    private void GiveUp()
    {
        if (_running is not { } module)
            return;
        if (keepsLog)
            _log.AddRange(module.Said().Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(MaxLines)
                .Select(line => PlainText.Of(line, MaxColumns)));
        module.ShutDown();
        _running = null;
    }
}
