using static KeyCeremony.Pkcs11.Native.Cryptoki;

namespace KeyCeremony.Pkcs11;

/// <summary>A PKCS#11 function returned something else than <c>CKR_OK</c>.</summary>
public sealed class Pkcs11Exception : HsmException
{
    public Pkcs11Exception(string function, ulong returnValue)
        : base(function, $"{function} returned {ReturnValues.Name(returnValue)}. {AdviceFor(returnValue)}")
    {
        ReturnValue = returnValue;
    }

    public ulong ReturnValue { get; }

    /// <summary>The constant's C name, e.g. <c>CKR_PIN_LOCKED</c>; a vendor's value in hex.</summary>
    public string ConstantName => ReturnValues.Name(ReturnValue);

    public override string Happened => $"{Function} returned {ConstantName}.";

    public override bool MeansTokenIsLost => (nuint)ReturnValue is CKR_DEVICE_REMOVED or CKR_TOKEN_NOT_PRESENT
        or CKR_SESSION_HANDLE_INVALID or CKR_SESSION_CLOSED or CKR_CRYPTOKI_NOT_INITIALIZED or CKR_USER_NOT_LOGGED_IN;

    /// <summary>What a person does next, in one or two sentences.</summary>
    public string Advice => AdviceFor(ReturnValue);

    private static string AdviceFor(ulong returnValue) => (nuint)returnValue switch
    {
        CKR_PIN_INCORRECT => "The PIN is wrong. Check which token this is before trying again: most lock after a few tries.",
        CKR_PIN_LOCKED => "Too many wrong PINs. Nobody knows a PIN of a commissioned token, the security officer's neither: no cards "
            + "open this one any more. Its keys come back from their backups, in a blank token, by the script disaster-recovery.",
        CKR_PIN_LEN_RANGE => "The token takes no PIN of the length that it named when it was inspected. "
            + "Nobody can make this PIN another one: connect another token.",
        CKR_PIN_INVALID => "The token does not take the characters of its PIN. "
            + "Nobody can make this PIN another one: connect another token.",
        CKR_PIN_TOO_WEAK or CKR_PIN_TOO_WEAK_P11_KIT => "The token's own rules find its PIN too weak. "
            + "Nobody can make this PIN another one: connect another token, or have its maker's tool switch these rules off.",
        CKR_PIN_EXPIRED => "The token lets its PINs expire, and nobody knows one that could be renewed. Treat it as lost: "
            + "its keys come back in a blank token whose PINs do not expire, by the script disaster-recovery.",
        CKR_USER_PIN_NOT_INITIALIZED => "The token has no user PIN yet. Commission it first.",
        CKR_USER_NOT_LOGGED_IN => "Nobody is logged in to the token. Try again: a quorum brings its cards.",
        CKR_USER_ALREADY_LOGGED_IN => "Somebody is logged in already. Unplug the token and plug it in again, then try again.",
        CKR_USER_ANOTHER_ALREADY_LOGGED_IN => "The other role is logged in. Unplug the token and plug it in again, then try again.",
        CKR_DEVICE_REMOVED => "The token was unplugged or lost power. Plug it in again and resume; what it finished is "
            + "found by looking, never by repeating.",
        CKR_TOKEN_NOT_PRESENT => "The slot is empty. Plug the token in, wait for its light, then resume.",
        CKR_TOKEN_NOT_RECOGNIZED => "The module does not know this device. Leave the ceremony and resume it with the module of the "
            + "device's maker.",
        CKR_TOKEN_WRITE_PROTECTED => "The token is write protected. Release the protection on the device, then resume.",
        CKR_DEVICE_ERROR => "The device failed inside, or the way to it broke. Check the cable or the server. "
            + "Power-cycle it, then resume; if it happens again, stop using it.",
        CKR_DEVICE_MEMORY => "The token is full. Use an empty one, or destroy what it should not hold.",
        CKR_GENERAL_ERROR or CKR_FUNCTION_FAILED => "The module gives no reason. Try again; if it stays so, leave the ceremony, start "
            + "the computer anew, and resume.",
        CKR_SESSION_HANDLE_INVALID or CKR_SESSION_CLOSED => "The session ended: the token was unplugged, or the module "
            + "restarted. Try again: a quorum brings its cards.",
        CKR_SESSION_COUNT => "The token has no free session. Unplug it and plug it in again, then try again.",
        CKR_SESSION_EXISTS => "A session is still open on this token. Unplug it and plug it in again, then try again.",
        CKR_OBJECT_HANDLE_INVALID or CKR_KEY_HANDLE_INVALID => "The object's handle is void, usually after a logout. "
            + "Try again: it is looked up anew.",
        CKR_KEY_UNEXTRACTABLE or CKR_KEY_NOT_WRAPPABLE => "The key may not leave the token. That is as it should be once "
            + "it is locked; a backup must be made before.",
        CKR_WRAPPED_KEY_INVALID or CKR_ENCRYPTED_DATA_INVALID => "The backup does not fit this wrap key. Check that blob "
            + "and shares belong together.",
        CKR_ATTRIBUTE_READ_ONLY or CKR_ACTION_PROHIBITED => "The token does not let this be changed. Report a deviation; "
            + "if the ceremony cannot go on without it, connect another token.",
        CKR_MECHANISM_INVALID or CKR_FUNCTION_NOT_SUPPORTED => "The token cannot do this. Connect one that can: "
            + "the inspection says what each does.",
        CKR_TEMPLATE_INCONSISTENT => "The token does not take a key with these properties. "
            + "Connect another one, or have a script approved for keys that this one makes.",
        CKR_BUFFER_TOO_SMALL => "The answer is longer than anything this product expects. Do not trust this module: leave "
            + "the ceremony, and resume it with the module of the device's maker, or with another token.",
        CKR_CRYPTOKI_NOT_INITIALIZED => "The module is not initialised. Leave the ceremony and resume it.",
        _ => "Try again; if it stays so, report it as a deviation, leave the ceremony, start the computer anew, and resume.",
    };
}
