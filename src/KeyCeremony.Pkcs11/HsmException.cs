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

    /// <summary>The PKCS#11 function that failed or whose answer cannot be believed, e.g. <c>C_Sign</c>.</summary>
    public string Function { get; }
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
    public TokenNotFoundException(string label, string serial, int matches)
        : base("C_GetSlotList", matches == 0
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
