using KeyCeremony.Pkcs11.Native;
using static KeyCeremony.Pkcs11.Native.Cryptoki;

namespace KeyCeremony.Pkcs11;

/// <summary>
/// A read/write session with one token, for one thread at a time. After an <see cref="HsmException"/> that came from
/// the device it refuses further use, because modules leave half-open operations behind: dispose it and open another.
/// Logging in or out counts for every session of this process on the same token; handles are void after a logout.
/// </summary>
public sealed unsafe partial class Session : IDisposable
{
    /// <summary>The longest PIN passed on; tokens have their own limits below it.</summary>
    public const int MaxPinBytes = 255;

    private readonly ModuleCalls functions;
    private readonly nuint handle;
    private readonly Lock turn = new();
    private HsmException? failure;
    private bool closed;

    internal Session(Module module, ModuleCalls functions, TokenInfo token, nuint handle)
    {
        Module = module;
        Token = token;
        this.functions = functions;
        this.handle = handle;
    }

    public Module Module { get; }

    /// <summary>As it was when the session was opened.</summary>
    public TokenInfo Token { get; }

    /// <summary>
    /// False after an error, after <see cref="Dispose"/>, after <see cref="Module.Reinitialize"/>, and when the module's process is lost.
    /// </summary>
    public bool IsUsable => failure is null && !closed && !functions.IsLost;

    /// <summary>
    /// Who is logged in. The cheapest call there is, and no health check: modules answer it without asking the device.
    /// </summary>
    public SessionState GetState()
    {
        using Turn mine = TakeTurn();
        CK_SESSION_INFO info = default;
        Check("C_GetSessionInfo", functions.C_GetSessionInfo(handle, &info));
        return info.State <= (nuint)SessionState.SecurityOfficer
            ? (SessionState)info.State
            : throw Fail(new UntrustworthyAnswerException("C_GetSessionInfo", $"the state {info.State} does not exist"));
    }

    /// <param name="pin">Not copied, not kept. An empty one asks the PIN pad of a token that has one.</param>
    /// <exception cref="Pkcs11Exception">CKR_PIN_INCORRECT, CKR_PIN_LOCKED, …</exception>
    public void Login(LoginRole role, ReadOnlySpan<byte> pin)
    {
        using Turn mine = TakeTurn();
        fixed (byte* bytes = Limited(pin))
        {
            Check("C_Login", functions.C_Login(handle, (nuint)role, bytes, (nuint)pin.Length));
        }
    }

    public void Logout()
    {
        using Turn mine = TakeTurn();
        Check("C_Logout", functions.C_Logout(handle));
    }

    /// <summary>Sets the user's PIN; the security officer is logged in.</summary>
    public void InitPin(ReadOnlySpan<byte> userPin)
    {
        using Turn mine = TakeTurn();
        fixed (byte* bytes = Limited(userPin))
        {
            Check("C_InitPIN", functions.C_InitPIN(handle, bytes, (nuint)userPin.Length));
        }
    }

    /// <summary>Changes the PIN of who is logged in; of the user when nobody is.</summary>
    public void SetPin(ReadOnlySpan<byte> present, ReadOnlySpan<byte> next)
    {
        using Turn mine = TakeTurn();
        fixed (byte* before = Limited(present))
        fixed (byte* after = Limited(next))
        {
            Check("C_SetPIN",
                functions.C_SetPIN(handle, before, (nuint)present.Length, after, (nuint)next.Length));
        }
    }

    /// <summary>Fills the span from the token's generator.</summary>
    public void GenerateRandom(Span<byte> destination)
    {
        using Turn mine = TakeTurn();
        fixed (byte* bytes = destination)
        {
            Check("C_GenerateRandom", functions.C_GenerateRandom(handle, bytes, (nuint)destination.Length));
        }
    }

    /// <summary>Closes the session; its session objects are gone. When it is the token's last, so is the login.</summary>
    public void Dispose() => Module.Close(this);

    /// <summary>Marks the session for an answer that was found wrong by checking it.</summary>
    internal HsmException Distrust(HsmException found) => Fail(found);

    /// <summary>Called by the module, so that no restart of the module comes in between.</summary>
    internal void Close()
    {
        lock (turn)
        {
            if (!closed)
            {
                closed = true;
                try
                {
                    // Whatever it answers, there is nothing left to do with this session.
                    _ = functions.C_CloseSession(handle);
                }
                catch (HostLostException)
                {
                    // It went with its process.
                }
            }
        }
    }

    /// <summary>The module was finalised: the handle means nothing any more. Waits for a call in flight.</summary>
    internal void Abandon()
    {
        lock (turn)
        {
            closed = true;
        }
    }

    private static ReadOnlySpan<byte> Limited(ReadOnlySpan<byte> pin) => pin.Length <= MaxPinBytes
        ? pin
        : throw new ArgumentException($"A PIN has at most {MaxPinBytes} bytes.", nameof(pin));

    /// <exception cref="InvalidOperationException">Another thread is inside, or the session is spoilt or closed.</exception>
    internal Turn TakeTurn()
    {
        // Two threads in one session crash some modules. Waiting would hide the mistake: refuse the second.
        if (!turn.TryEnter())
        {
            throw new InvalidOperationException("A session serves one thread at a time: open one for each.");
        }

        if (IsUsable)
        {
            return new Turn(turn);
        }

        turn.Exit();
        throw Unusable();
    }

    /// <summary>The right of one thread to call into the session, given back on dispose.</summary>
    internal readonly ref struct Turn(Lock held)
    {
        public void Dispose() => held.Exit();
    }

    private InvalidOperationException Unusable() => failure is null
        ? new InvalidOperationException("This session is closed, or its module's process is lost: open a new one.")
        : new InvalidOperationException($"This session saw an error and is not trusted any more: open a new one. {failure.Sentence}",
            failure);

    private void Check(string function, nuint returnValue)
    {
        if (returnValue != CKR_OK)
        {
            throw Fail(new Pkcs11Exception(function, returnValue));
        }
    }

    private HsmException Fail(HsmException what)
    {
        failure ??= what;
        return what;
    }
}
