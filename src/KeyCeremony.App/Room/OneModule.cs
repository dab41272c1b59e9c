using System.Collections.Immutable;
using KeyCeremony.App.Ground;
using KeyCeremony.Core;
using KeyCeremony.Pkcs11;

namespace KeyCeremony.App.Room;

/// <summary>
/// The module of one ceremony: its process is started when it is first needed, or begun before, and once more when it was lost.
/// </summary>
/// <param name="begin">As <see cref="Module.Begin"/>.</param>
/// <param name="keepsLog">Whether what the module writes is kept for its people: a rehearsal's PINs are worth nothing.</param>
/// <param name="ground">What lies around it; goes with this. Null: nothing.</param>
internal sealed class OneModule(Func<Module> begin, bool keepsLog = false, ModuleGround? ground = null) : IDisposable
{
    /// <summary>For a person who reads it afterwards.</summary>
    private const int MaxLines = 20;
    private const int MaxColumns = 160;

    private readonly List<string> _log = [];
    private Module? _begun;
    private bool _isRunning;

    /// <summary>What the module's family lays around it.</summary>
    public ModuleGround? Ground => ground;

    /// <summary>The last lines that the module wrote, of each process of it; empty where they are not kept.</summary>
    public ImmutableArray<string> Log => [.. _log.TakeLast(MaxLines)];

    /// <summary>Its process starts while something else is done. Whether it can be had is asked later.</summary>
    public void Begin() => _ = Loaded(wait: false);

    /// <summary>
    /// Why the file cannot be a module here, in words for a person; null when it can. The library is loaded and not initialised: no HSM is
    /// asked.
    /// </summary>
    public string? WhyNot() => Loaded(wait: true);

    /// <exception cref="CeremonyException">HSM-34: the file is no module any more.</exception>
    /// <exception cref="HsmException">Its process is lost, or it cannot be initialised.</exception>
    public Module Running() => Running(out _);

    /// <param name="isFresh">It was initialised now: it knows what is plugged in.</param>
    public Module Running(out bool isFresh)
    {
        if (_begun is { IsLost: true })
            GiveUp();
        isFresh = !_isRunning;
        try
        {
            _begun ??= begin();
            if (!_isRunning)
                _begun.Initialise();
            _isRunning = true;
            return _begun;
        }
        catch (NoModuleException e)
        {
            GiveUp();
            throw new CeremonyException(HostRules.NoModule(e));
        }
        catch (HsmException) when (!_isRunning)
        {
            GiveUp();
            throw;
        }
    }

    public void Dispose()
    {
        GiveUp();
        ground?.Dispose();
    }

    private string? Loaded(bool wait)
    {
        try
        {
            _begun ??= begin();
            if (wait)
                _begun.WaitUntilLoaded();
            return null;
        }
        catch (Exception e) when (e is NoModuleException or HsmException)
        {
            GiveUp();
            return e is HsmException refused ? refused.Happened : ((NoModuleException)e).Sentence;
        }
    }

    private void GiveUp()
    {
        if (_begun is not { } module)
            return;
        if (keepsLog)
            _log.AddRange(module.Said().Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(MaxLines)
                .Select(line => PlainText.Of(line, MaxColumns)));
        module.ShutDown();
        (_begun, _isRunning) = (null, false);
    }
}
