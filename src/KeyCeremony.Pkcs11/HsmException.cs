namespace KeyCeremony.Pkcs11;

/// <summary>
/// The device, or its module, did not do what it was asked. The session that saw it refuses further use: dispose it
/// and open a new one. Only a token or an object that is not there spoils nothing.
/// </summary>
public abstract class HsmException : Exception
{
    private protected HsmException(string function, string message)
        : base(message)
    {
        Function = function;
        Sentence = message;
    }

    /// <summary>What happened and what to do, in our own words: a person may see it.</summary>
    public string Sentence { get; }

    /// <summary>What happened, without what a room does next: for whoever is not in one.</summary>
    public virtual string Happened => Sentence;

    /// <summary>The PKCS#11 function that failed or whose answer cannot be believed, e.g. <c>C_Sign</c>.</summary>
    public string Function { get; }

    /// <summary>The token, its login or the module is gone, so this answers no question about what the token would do.</summary>
    public virtual bool MeansTokenIsLost => false;
}

/// <summary>How the process that holds a module was lost.</summary>
public enum HostFault
{
    /// <summary>It could not be started.</summary>
    NotStarted,

    /// <summary>A call took longer than its time.</summary>
    Silent,

    /// <summary>It ended inside a call, or before it.</summary>
    Ended,

    /// <summary>It answered what no answer to the call can be.</summary>
    Nonsense,

    /// <summary>It was ended on purpose.</summary>
    Stopped,
}

/// <summary>
/// The process that holds the module is gone, with every session and login. What it did of the call that was running is
/// not known: look, as after a loss of power.
/// </summary>
public sealed class HostLostException : HsmException
{
    private const string Whole = "What was recorded is whole, and so are this program and its cards; what the HSM did of this call "
        + "is looked up, not repeated. ";

    internal HostLostException(HostFault fault, string function, TimeSpan limit, string? end)
        : base(function, $"{What(fault, function, limit, end)} {Next(fault)}")
    {
        Fault = fault;
        Happened = What(fault, function, limit, end);
    }

    public override string Happened { get; }

    public HostFault Fault { get; }

    public override bool MeansTokenIsLost => true;

    private static string What(HostFault fault, string function, TimeSpan limit, string? end) => fault switch
    {
        HostFault.NotStarted => "The process for the HSM's module could not be started. Nothing was asked of the HSM.",
        HostFault.Silent => $"The HSM's module did not answer {function} within {InWords(limit)}: it hangs, or it waited for a touch "
            + "or a PIN on the device itself. Its process was ended.",
        HostFault.Ended => $"The process of the HSM's module ended in {function}{(end is null ? "" : $", {end}")}.",
        HostFault.Nonsense => $"The process of the HSM's module answered {function} with what no answer to it can be: its memory is "
            + "damaged, or the module is hostile. It was ended.",
        _ => "The HSM's module was shut down.",
    };

    private static string Next(HostFault fault) => fault switch
    {
        HostFault.NotStarted => "Try again; if it stays so, leave the ceremony, start the computer anew, and resume.",
        HostFault.Silent => $"{Whole}Unplug the HSM and plug it in again, then try again.",
        HostFault.Ended => $"{Whole}Try again. If it happens again, report it as a deviation: this module cannot be used for this.",
        HostFault.Nonsense => $"{Whole}Do not trust this module: stop, and find out why.",
        _ => "Leave the ceremony and resume it.",
    };

    private static string InWords(TimeSpan limit) => limit.TotalSeconds < 120
        ? FormattableString.Invariant($"{limit.TotalSeconds:0.###} seconds")
        : FormattableString.Invariant($"{limit.TotalMinutes:0} minutes");
}

/// <summary>An answer whose lengths or values cannot be right, whatever the return value said.</summary>
public sealed class UntrustworthyAnswerException : HsmException
{
    public UntrustworthyAnswerException(string function, string what)
        : base(function, $"{function} said CKR_OK, but {what}. Do not trust this module: stop, and find out why.")
    {
    }
}

/// <summary>The token signed something that does not verify under the key's own public key.</summary>
public sealed class SignatureMismatchException : HsmException
{
    public SignatureMismatchException(KeyId id)
        : base("C_Sign", $"C_Sign said CKR_OK, but the signature does not verify under the public key of {id}. " +
            "Discard it. The token is broken, or CKA_ID names another key than the one expected.")
    {
        Id = id;
    }

    public KeyId Id { get; }
}

/// <summary>
/// A private key did not take the protection it was given: still extractable, not sensitive, or open for
/// decryption. <see cref="KeyDestroyed"/> says whether it was removed again.
/// </summary>
public sealed class TemplateIgnoredException : HsmException
{
    public TemplateIgnoredException(string function, KeyAttributes found, bool keyDestroyed)
        : base(function, $"{function} said CKR_OK, but the key came out as {found.Describe()}. " + (keyDestroyed
            ? "It was destroyed again. This token cannot guard a restored key: use another."
            : "It is still in the token: destroy it before anything else."))
    {
        Found = found;
        KeyDestroyed = keyDestroyed;
    }

    public KeyAttributes Found { get; }

    public bool KeyDestroyed { get; }
}

/// <summary>No token, or more than one, has this label and serial.</summary>
public sealed class TokenNotFoundException : HsmException
{
    /// <param name="other">The serial number of the only token with this label; null: there is none, or several.</param>
    public TokenNotFoundException(string label, string serial, int matches, string? other = null)
        : base("C_GetSlotList", matches == 0 && other is not null
            ? $"No token '{label}' with serial '{serial}' is present: the one called so says '{other}' now. Connect the one that is meant. "
                + "If it is this device, its number changes: do not use it, nobody can tell it from another."
            : matches == 0
            ? $"No token '{label}' with serial '{serial}' is present. Plug it in or power it up, then look again."
            : $"{matches} tokens claim the label '{label}' and serial '{serial}'. Unplug all but the one meant.")
    {
    }
}

/// <summary>No object, or more than one, has this CKA_ID and class.</summary>
public sealed class ObjectNotFoundException : HsmException
{
    public ObjectNotFoundException(ObjectClass objectClass, KeyId id, int matches)
        : base("C_FindObjects", matches == 0
            ? $"The token holds no {objectClass} with CKA_ID {id}. Is it the right token, and is the user logged in?"
            : $"The token holds {matches} objects {objectClass} with CKA_ID {id}; which one is meant cannot be known.")
    {
        Matches = matches;
    }

    public int Matches { get; }
}
