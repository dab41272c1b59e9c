using System.Diagnostics.CodeAnalysis;
using KeyCeremony.Pkcs11.Hosting;
using KeyCeremony.Pkcs11.Native;
using static KeyCeremony.Pkcs11.Native.Cryptoki;

namespace KeyCeremony.Pkcs11;

/// <summary>
/// A vendor's PKCS#11 library, loaded and initialised: in a process of its own (<see cref="Start"/>), as the ceremony does, or in this
/// one (<see cref="Load"/>). PKCS#11 is process-wide, so in one process there is one <see cref="Module"/> per library, and it is
/// never unloaded: modules leave threads and exit handlers behind. Safe for several threads; each needs its own
/// <see cref="Session"/>.
/// </summary>
public sealed unsafe class Module
{
    /// <summary>No computer in the room has more; a larger count is a broken module.</summary>
    private const int MaxSlots = 1024;

    /// <summary>The standard numbers some 400 mechanisms; a larger count is a broken module.</summary>
    private const int MaxMechanisms = 4096;

    // The only static mutable state: it mirrors what the C library keeps process-wide.
    private static readonly Dictionary<nint, Module> Loaded = [];

    private readonly Lock slots = new();
    private readonly HashSet<Session> sessions = [];
    private readonly HashSet<(ulong Slot, string Serial, string Label)> refusedSoPins = [];
    private readonly ModuleCalls functions;
    private readonly HostedCalls? hosted;
    private bool loading;
    private bool shut;

    private Module(string path, ModuleCalls functions)
    {
        Path = path;
        this.functions = functions;
        hosted = functions as HostedCalls;
    }

    /// <summary>As first given to <see cref="Load"/>, made absolute.</summary>
    public string Path { get; }

    /// <summary>
    /// Loads and initialises the library; a library that is loaded already is returned as it is, after
    /// <see cref="ShutDown"/> initialised again.
    /// </summary>
    /// <exception cref="PlatformNotSupportedException">Not 64-bit Linux: the structures have another layout.</exception>
    /// <exception cref="NoModuleException">No such file, it lacks a library of its own, or it is no PKCS#11 module.</exception>
    /// <exception cref="Pkcs11Exception">C_Initialize failed, e.g. for want of its configuration.</exception>
    public static Module Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!OperatingSystem.IsLinux() || sizeof(nuint) != sizeof(ulong))
        {
            throw new PlatformNotSupportedException("PKCS#11 modules are driven on 64-bit Linux only.");
        }

        string absolute = System.IO.Path.GetFullPath(path);
        lock (Loaded)
        {
            LoadAnswer found = DirectCalls.TryLoad(absolute, out nint library, out DirectCalls? calls, out nuint refused);
            // The handle, not the path, is the identity: two links to one library are one module.
            if (Loaded.TryGetValue(library, out Module? known))
            {
                known.Initialise();
                return known;
            }

            if (calls is null)
            {
                throw NotLoaded(absolute, found, refused);
            }

            var module = new Module(absolute, calls) { shut = true };
            module.Initialise();
            Loaded.Add(library, module);
            return module;
        }
    }

    /// <summary>
    /// Loads and initialises the library in a process of its own, which ends with <see cref="ShutDown"/> and with this
    /// process. A fault of the library, or a call that does not end in its time, ends that process: a
    /// <see cref="HostLostException"/> says so, <see cref="IsLost"/> is true from then on, and another is started.
    /// </summary>
    /// <exception cref="NoModuleException">The file cannot be a module here.</exception>
    /// <exception cref="HsmException">The process is not started or lost, or C_Initialize failed.</exception>
    public static Module Start(string path, HostStart host)
    {
        Module module = Begin(path, host);
        try
        {
            module.Initialise();
            return module;
        }
        catch
        {
            module.ShutDown();
            throw;
        }
    }

    /// <summary>
    /// Begins to load the library in a process of its own, as <see cref="Start"/> does, and does not wait: that process takes as long
    /// to start as this one took. <see cref="Initialise"/> comes before any other call.
    /// </summary>
    /// <exception cref="NoModuleException">The file cannot be a module here.</exception>
    /// <exception cref="HsmException">The process is not started.</exception>
    public static Module Begin(string path, HostStart host)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(host);
        string absolute = path.Length == 0 ? path : System.IO.Path.GetFullPath(path);
        if (LibraryFile.WhyNot(absolute) is { } unfit)
        {
            throw new NoModuleException(unfit);
        }

        var calls = HostedCalls.Start(host);
        try
        {
            calls.BeginLoad(absolute);
            return new Module(absolute, calls) { loading = true, shut = true };
        }
        catch
        {
            calls.Dispose();
            throw;
        }
    }

    /// <summary>Its process is gone: nothing can be asked of this module any more. Of one in this process always false.</summary>
    public bool IsLost => functions.IsLost;

    /// <summary>The process that holds the library; null for one in this process, and for one that a warden started.</summary>
    public int? HostProcessId => hosted is { ProcessId: > 0 and int id } ? id : null;

    /// <summary>How long its process is waited for; null for one in this process.</summary>
    public CallLimits? Limits => hosted?.Limits;

    /// <summary>The last that the library wrote to its process's outputs: text of a stranger, which may hold anything.</summary>
    public string Said() => hosted?.Said() ?? "";

    /// <exception cref="Pkcs11Exception">C_GetInfo failed.</exception>
    public ModuleInfo GetInfo()
    {
        lock (slots)
        {
            CK_INFO info = default;
            Check("C_GetInfo", functions.C_GetInfo(&info));
            return ModuleInfo.From(info);
        }
    }

    /// <summary>
    /// Finalize, then Initialize: the one recovery that works with every module after a token was lost. Waits for
    /// calls in flight; every open session is dead afterwards, every login and handle void.
    /// </summary>
    /// <exception cref="Pkcs11Exception">The module does not come back.</exception>
    public void Reinitialize()
    {
        lock (slots)
        {
            AbandonSessions();
            nuint finalised = functions.C_Finalize();
            if (finalised is not (CKR_OK or CKR_CRYPTOKI_NOT_INITIALIZED))
            {
                // A module that lost its device may refuse to finalise and still start afresh: try.
                nuint started = TryInitialise();
                Check("C_Finalize", started == CKR_CRYPTOKI_ALREADY_INITIALIZED ? finalised : started);
                return;
            }

            BeInitialised();
        }
    }

    /// <summary>
    /// Waits until the library is loaded. It was asked for its functions, nothing more: it is not initialised. Afterwards this
    /// does nothing.
    /// </summary>
    /// <exception cref="NoModuleException">It lacks a library of its own, or it is no PKCS#11 module.</exception>
    /// <exception cref="HsmException">Its process is lost, or it refuses to give its functions.</exception>
    public void WaitUntilLoaded()
    {
        lock (slots)
        {
            if (!loading || hosted is null)
            {
                return;
            }

            LoadAnswer found = hosted.EndLoad(out nuint refused);
            loading = false;
            if (found != LoadAnswer.Loaded)
            {
                hosted.Dispose();
                throw NotLoaded(Path, found, refused);
            }
        }
    }

    /// <summary>Initialises a library that was only loaded, or was shut down in this process; else does nothing.</summary>
    /// <exception cref="NoModuleException">It lacks a library of its own, or it is no PKCS#11 module.</exception>
    /// <exception cref="HsmException">Its process is lost, or C_Initialize failed.</exception>
    public void Initialise()
    {
        lock (slots)
        {
            WaitUntilLoaded();
            if (shut)
            {
                BeInitialised();
            }
        }
    }

    /// <summary>
    /// Finalises the library: the last call before the process ends. Left to the exit handlers of the library and of
    /// those below it, sessions and locks are taken down in an order that nobody chose, some of them twice. Waits for
    /// calls in flight; every open session is dead afterwards. A process of its own is ended, whatever the library does.
    /// </summary>
    public void ShutDown()
    {
        lock (slots)
        {
            AbandonSessions();
            try
            {
                // Whatever it answers, nothing is asked of it any more.
                _ = shut ? CKR_CRYPTOKI_NOT_INITIALIZED : functions.C_Finalize();
            }
            catch (HostLostException)
            {
                // Its process is gone already.
            }

            shut = true;
            hosted?.Dispose();
        }
    }

    /// <summary>Every token present, in the order of the slots.</summary>
    /// <exception cref="HsmException">The module cannot tell.</exception>
    public IReadOnlyList<TokenInfo> Tokens()
    {
        lock (slots)
        {
            var tokens = new List<TokenInfo>();
            foreach (nuint slot in SlotsWithToken())
            {
                if (TryReadToken(slot, out TokenInfo? token))
                {
                    tokens.Add(token);
                }
            }

            return tokens;
        }
    }

    /// <summary>The token with this label and serial, or null when none or several are present.</summary>
    public TokenInfo? FindToken(string label, string serial)
    {
        var found = Tokens().Where(token => token.Label == label && token.Serial == serial).ToList();
        return found.Count == 1 ? found[0] : null;
    }

    /// <exception cref="TokenNotFoundException">None or several have this label and serial.</exception>
    public TokenInfo GetToken(string label, string serial)
    {
        IReadOnlyList<TokenInfo> there = Tokens();
        var found = there.Where(token => token.Label == label && token.Serial == serial).ToList();
        return found.Count == 1 ? found[0] : throw new TokenNotFoundException(label, serial, found.Count, OnlySerialOf(there, label));
    }

    /// <exception cref="HsmException">The token is gone, or the module cannot tell.</exception>
    public IReadOnlyList<TokenMechanism> Mechanisms(TokenInfo token)
    {
        ArgumentNullException.ThrowIfNull(token);
        lock (slots)
        {
            nuint slot = SlotOf(token);
            nuint[] codes = ReadList("C_GetMechanismList", MaxMechanisms,
                (list, count) => functions.C_GetMechanismList(slot, (nuint*)list, (nuint*)count));
            return [.. codes.Select(code => ReadMechanism(slot, code))];
        }
    }

    /// <summary>
    /// Erases the token and names it. On a token that was initialised before, <paramref name="soPin"/> must be its
    /// present security officer PIN; else it becomes that PIN. No session may be open on it.
    /// The user has no PIN afterwards.
    /// </summary>
    /// <param name="label">At most 32 bytes of UTF-8.</param>
    /// <returns>The token as it is now: serial and slot may be new.</returns>
    /// <exception cref="HsmException">Refused; with CKR_PIN_INCORRECT the token is unchanged.</exception>
    public TokenInfo InitToken(TokenInfo token, ReadOnlySpan<byte> soPin, string label)
    {
        ArgumentNullException.ThrowIfNull(token);
        ArgumentException.ThrowIfNullOrEmpty(label);
        Span<byte> paddedLabel = stackalloc byte[32];
        PaddedText.Write(label, paddedLabel);
        lock (slots)
        {
            nuint slot = SlotOf(token);
            fixed (byte* pin = soPin)
            fixed (byte* name = paddedLabel)
            {
                Check("C_InitToken", functions.C_InitToken(slot, pin, (nuint)soPin.Length, name));
            }

            return TryReadToken(slot, out TokenInfo? fresh) && fresh.Label == label
                ? fresh
                : throw new UntrustworthyAnswerException("C_InitToken", $"no token '{label}' is in its slot");
        }
    }

    /// <summary>A read/write session. The slot is looked up again by the token's label and serial.</summary>
    /// <exception cref="HsmException">The token is gone or has no free session.</exception>
    public Session OpenSession(TokenInfo token)
    {
        ArgumentNullException.ThrowIfNull(token);
        lock (slots)
        {
            nuint handle;
            nuint slot = SlotOf(token);
            Check("C_OpenSession",
                functions.C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, &handle));
            var session = new Session(this, functions, token, handle);
            sessions.Add(session);
            return session;
        }
    }

    /// <summary>A security officer's PIN was wrong here: a second try would bring the token nearer to its end.</summary>
    internal bool SoPinWasRefused(TokenInfo token)
    {
        lock (slots)
        {
            return refusedSoPins.Contains((token.Slot, token.Serial, token.Label));
        }
    }

    internal void RememberRefusedSoPin(TokenInfo token)
    {
        lock (slots)
        {
            refusedSoPins.Add((token.Slot, token.Serial, token.Label));
        }
    }

    internal void Close(Session session)
    {
        lock (slots)
        {
            sessions.Remove(session);
            session.Close();
        }
    }

    internal static void Check(string function, nuint returnValue)
    {
        if (returnValue != CKR_OK)
        {
            throw new Pkcs11Exception(function, returnValue);
        }
    }

    private static Exception NotLoaded(string path, LoadAnswer found, nuint refused) => found == LoadAnswer.Refused
        ? new Pkcs11Exception("C_GetFunctionList", refused)
        : new NoModuleException(DirectCalls.WhyNot(path, found));

    private void BeInitialised()
    {
        nuint started = TryInitialise();
        // Another part of this process may have been first; the standard lets all of them share the module.
        if (started != CKR_CRYPTOKI_ALREADY_INITIALIZED)
        {
            Check("C_Initialize", started);
        }

        shut = false;
    }

    private void AbandonSessions()
    {
        foreach (Session session in sessions)
        {
            session.Abandon();
        }

        sessions.Clear();
    }

    private nuint TryInitialise() => functions.C_Initialize(CKF_OS_LOCKING_OK);

    private nuint SlotOf(TokenInfo token)
    {
        if (TryReadToken((nuint)token.Slot, out TokenInfo? there) && there.IsSameTokenAs(token))
        {
            return (nuint)token.Slot;
        }

        IReadOnlyList<TokenInfo> all = Tokens();
        var found = all.Where(candidate => candidate.IsSameTokenAs(token)).ToList();
        return found.Count == 1
            ? (nuint)found[0].Slot
            : throw new TokenNotFoundException(token.Label, token.Serial, found.Count, OnlySerialOf(all, token.Label));
    }

    private static string? OnlySerialOf(IReadOnlyList<TokenInfo> tokens, string label) =>
        tokens.Where(token => token.Label == label).Select(token => token.Serial).ToList() is [var serial] ? serial : null;

    private nuint[] SlotsWithToken() => ReadList("C_GetSlotList", MaxSlots,
        (list, count) => functions.C_GetSlotList((nuint*)list, (nuint*)count));

    private bool TryReadToken(nuint slot, [NotNullWhen(true)] out TokenInfo? token)
    {
        CK_TOKEN_INFO info = default;
        nuint answer = functions.C_GetTokenInfo(slot, &info);
        if (answer is CKR_TOKEN_NOT_PRESENT or CKR_TOKEN_NOT_RECOGNIZED or CKR_SLOT_ID_INVALID)
        {
            // Unplugged since the slots were listed.
            token = null;
            return false;
        }

        Check("C_GetTokenInfo", answer);
        token = TokenFamilies.Identified(TokenInfo.From(slot, info));
        hosted?.WaitAsLongAs(CallLimits.Of(TokenFamilies.OfToken(Path, token)));
        return true;
    }

    private TokenMechanism ReadMechanism(nuint slot, nuint code)
    {
        CK_MECHANISM_INFO info = default;
        nuint answer = functions.C_GetMechanismInfo(slot, code, &info);
        if (answer == CKR_MECHANISM_INVALID)
        {
            // It lists what it says it does not know: a number that stands there and is of no use.
            return new TokenMechanism(code, 0, 0, 0);
        }

        Check("C_GetMechanismInfo", answer);
        return new TokenMechanism(code, info.MinKeySize, info.MaxKeySize, info.Flags);
    }

    /// <summary>
    /// Asks for the length, then for the list. SoftHSM refreshes its slots only when asked for the length.
    /// </summary>
    private static nuint[] ReadList(string function, int limit, Func<nint, nint, nuint> call)
    {
        nuint count = 0;
        Check(function, call(0, (nint)(&count)));
        if (count > (nuint)limit)
        {
            throw new UntrustworthyAnswerException(function, $"it counts {count} entries, more than {limit}");
        }

        if (count == 0)
        {
            return [];
        }

        nuint[] list = new nuint[count];
        nuint room = count;
        fixed (nuint* entries = list)
        {
            Check(function, call((nint)entries, (nint)(&count)));
        }

        return count <= room
            ? list[..(int)count]
            : throw new UntrustworthyAnswerException(function, $"it wrote {count} entries where there was room for {room}");
    }
}
