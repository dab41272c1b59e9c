using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using KeyCeremony.Pkcs11.Hosting;
using KeyCeremony.Pkcs11.Makers;

namespace KeyCeremony.Pkcs11;

/// <summary>
/// What is known of a kind of token before it is touched: how it is told from its like, what it is like when blank, which ways
/// there are to back up a key. It says what to try; what counts is what the probe measures. docs/formats/token-family.md.
/// </summary>
/// <param name="Format"><see cref="CurrentFormat"/>.</param>
/// <param name="Family">Its name, as the journal has it.</param>
/// <param name="Title">As people call it.</param>
/// <param name="Match">One of these fits; none: for tokens that no other family is for.</param>
/// <param name="Refused">Why none of this family can be led through a ceremony, whatever a probe would find; null: it may be tried.</param>
public sealed record TokenFamily(
    string Format,
    string Family,
    string Title,
    FamilyState Shown,
    ImmutableArray<FamilyMatch> Match,
    FamilyModule Module,
    TokenIdentity Identity,
    BlankMark Blank,
    TokenLifecycle Lifecycle,
    FamilyPin SoPin,
    FamilyPin UserPin,
    WrongPins WrongPins,
    ProbeKeys ProbeKeys,
    KeyIdChoice KeyId,
    DataObjects Data,
    ImmutableArray<FamilyWrap> Wrap,
    LockWay Lock,
    TokenQuorum Quorum,
    FamilyRefusal? Refused)
{
    public const string CurrentFormat = "keyceremony-token-family 2";

    /// <summary>The longest that is shipped has a quarter of it.</summary>
    public const int MaxBytes = 16 * 1024;

    /// <summary>A family file that is not in its exact form.</summary>
    public const string NotInForm = "FAMILY-01";

    /// <summary>SHA-256 of the file, lower-case hex: which words the program went by stands in the journal.</summary>
    [JsonIgnore]
    public string Sha256 { get; private init; } = "";

    /// <summary>
    /// FAMILY-01 with what is wrong, unless every field is there, none is unknown or twice, and each has a value it can have.
    /// </summary>
    public static bool TryRead(
        ReadOnlySpan<byte> file, [NotNullWhen(true)] out TokenFamily? family, [NotNullWhen(false)] out string? wrong)
    {
        family = null;
        if (file.Length > MaxBytes)
        {
            wrong = $"{NotInForm} The file has {file.Length} bytes; {MaxBytes} are the most.";
            return false;
        }

        try
        {
            TokenFamily? read = JsonSerializer.Deserialize(file, FamilyJson.Default.TokenFamily);
            if (read?.Contradiction() is { } contradiction)
            {
                wrong = $"{NotInForm} {contradiction}";
                return false;
            }

            family = read is null ? null : read with { Sha256 = Convert.ToHexStringLower(SHA256.HashData(file)) };
            wrong = family is null ? $"{NotInForm} The file holds nothing." : null;
            return family is not null;
        }
        catch (JsonException unread)
        {
            wrong = string.Create(CultureInfo.InvariantCulture,
                $"{NotInForm} Line {unread.LineNumber + 1}, {unread.Path}: unknown, missing, twice, or of another kind.");
            return false;
        }
    }

    /// <summary>
    /// What this program would have to do otherwise than it does, each as a sentence: with a family that has such needs no token is
    /// commissioned. Empty: it may be tried.
    /// </summary>
    [JsonIgnore]
    public ImmutableArray<string> Unserved =>
    [
        .. Refused is { } refused ? [refused.Why] : Array.Empty<string>(),
        .. Lifecycle switch
        {
            TokenLifecycle.InitToken => [],
            TokenLifecycle.Maker when MakerCalls.Knows(this) => [],
            TokenLifecycle.Prepared => ["It is made ready with its maker's tool; this program commissions blank HSMs only."],
            _ => new[] { "It is commissioned by other calls than PKCS#11 has; this program knows none of them." },
        },
        .. Blank is BlankMark.Flag or BlankMark.Label || MakerCalls.Knows(this) ? []
            : new[] { "It never says of itself that it is blank; this program uses no HSM of which it cannot know that." },
        .. UserPin.Prefix.Length == 0 || MakerCalls.Knows(this) ? []
            : new[] { $"Its PIN begins with \"{UserPin.Prefix}\"; this program derives the whole PIN." },
        .. UserPin.Alphabet == PinLetters.Any ? []
            : new[] { $"Its PIN is of {UserPin.Alphabet} only; this program derives letters and digits." },
        .. KeyId == KeyIdChoice.Chosen || MakerCalls.Knows(this) ? []
            : new[] { "It gives a restored key an ID of its own; this program looks for the one that it chose." },
        .. Data == DataObjects.Private || MakerCalls.Knows(this) ? []
            : new[] { "It stores no private data object, in which the ledger's head is kept." },
        .. Lock == LockWay.ExtractableFalse || MakerCalls.Knows(this) ? []
            : new[] { "A key is not locked by CKA_EXTRACTABLE; this program knows no other way to lock one after its backup." },
        .. Quorum == TokenQuorum.Cards ? [] : new[] { "It has a quorum of its own; this program derives PINs from its officers' cards." },
        .. Wrap.IsEmpty ? ["It wraps in no way that this program can open: there would be no backup."] : Array.Empty<string>(),
    ];

    /// <summary>Whether this family is for this token; never for the one that has no match.</summary>
    /// <param name="file">The module's file name.</param>
    /// <param name="token">Null: there is none yet, and what needs one does not fit.</param>
    public bool IsFor(string file, ModuleInfo module, TokenInfo? token) => Match.Any(match => match.Fits(file, module, token));

    private string? Contradiction() => Format != CurrentFormat ? $"The format is \"{Format}\", not \"{CurrentFormat}\"."
        : Family.Length is 0 or > 40 || Family.Any(c => !char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '-')
            ? "The family's name has other characters than a-z, 0-9 and -, or more than 40."
        : Title.Length is 0 or > 80 ? "The title is empty or longer than 80 characters."
        : Match.Any(match => match.IsEmpty) ? "A match says nothing: it would fit every token."
        : Identity == TokenIdentity.SerialAndSlot && Match.Any(match => !match.IsOfTokenAlone)
            ? "A family that is told apart by its slots is known by its tokens' words alone."
        : (SoPin.Contradiction() ?? UserPin.Contradiction()) is { } pin ? pin
        : Module.Contradiction() is { } module ? module
        : Module.NeedsGround && !Match.Any(match => match.IsOfFileAlone)
            ? "What a module needs before it is loaded has a family that is known by the module's file alone."
        : Wrap.Any(w => WrapStrategy.Of(w.Mechanism) is not { } known || known.Name != w.Strategy)
            ? "A way to wrap has a mechanism that this program does not know, or another one's strategy."
        : (Shown == FamilyState.Refused) != (Refused is not null) ? "It is refused without a reason, or the other way round."
        : null;
}

/// <summary>How far this family was led in the program's own tests.</summary>
public enum FamilyState
{
    /// <summary>Whole ceremonies, closed and verified, on the real thing.</summary>
    Completed,

    /// <summary>Against a program that plays the device.</summary>
    Simulated,

    /// <summary>From the maker's documents only.</summary>
    Documents,

    /// <summary>It is known to be unfit.</summary>
    Refused,
}

/// <summary>What a token has to say of itself to be of a family. Null: anything. A <c>*</c> at the end: it begins so.</summary>
/// <param name="File">The module's file name.</param>
/// <param name="ModuleManufacturer">CK_INFO.</param>
/// <param name="TokenManufacturer">CK_TOKEN_INFO.</param>
public sealed record FamilyMatch(
    string? File, string? ModuleManufacturer, string? ModuleDescription, string? TokenManufacturer, string? TokenModel)
{
    internal bool IsEmpty => (File ?? ModuleManufacturer ?? ModuleDescription ?? TokenManufacturer ?? TokenModel) is null;

    internal bool IsOfFileAlone => File is not null && (ModuleManufacturer ?? ModuleDescription ?? TokenManufacturer ?? TokenModel) is null;

    internal bool IsOfTokenAlone => (File ?? ModuleManufacturer ?? ModuleDescription) is null;

    internal bool Fits(string file, ModuleInfo module, TokenInfo? token) =>
        Fits(File, file) && Fits(ModuleManufacturer, module.Manufacturer) && Fits(ModuleDescription, module.Description)
        && (token is null ? TokenManufacturer is null && TokenModel is null
            : Fits(TokenManufacturer, token.Manufacturer) && Fits(TokenModel, token.Model));

    internal static bool Fits(string? wanted, string said) => wanted is null
        || (wanted.EndsWith('*') ? said.StartsWith(wanted[..^1], StringComparison.Ordinal) : said == wanted);
}

/// <param name="Environment">What the maker's library reads from it.</param>
/// <param name="File">Its configuration; null: it needs none.</param>
/// <param name="CallSeconds">As <see cref="CallLimits.OfSeconds"/> takes it: for any call, ten times as long to make a key.</param>
public sealed record FamilyModule(ImmutableSortedDictionary<string, string> Environment, FamilyFile? File, int CallSeconds)
{
    /// <summary>What has to be laid before the library is loaded.</summary>
    internal bool NeedsGround => File is not null || !Environment.IsEmpty;

    internal string? Contradiction() => CallSeconds is < 1 or > CallLimits.MostSeconds
            ? $"A call takes 1 to {CallLimits.MostSeconds} seconds."
        : Environment.Keys.FirstOrDefault(name => !FamilyFile.IsVariable(name)) is { } name
            ? $"\"{name}\" is no name of a variable."
        : File?.Contradiction();
}

/// <summary>A configuration file that is written for the maker's library, where it finds none of its user's.</summary>
/// <param name="Variable">The variable in which the library looks for the file's path.</param>
/// <param name="Name">Without a folder: it gets one of its own.</param>
public sealed record FamilyFile(string Variable, string Name, string Text)
{
    private const int MaxName = 60;

    internal static bool IsVariable(string name) => name.Length is > 0 and <= MaxName && !char.IsAsciiDigit(name[0])
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    internal string? Contradiction() => !IsVariable(Variable) ? $"\"{Variable}\" is no name of a variable."
        : Name.Length is 0 or > MaxName || Name[0] == '.' || !Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-')
            ? "A configuration file's name is no plain one."
        : Text.Length == 0 || Text.Any(c => c != '\n' && c is < ' ' or > '~') ? "A configuration file is empty, or not of plain text."
        : null;
}

/// <summary>How two tokens of a family are told apart.</summary>
public enum TokenIdentity
{
    Serial,

    /// <summary>They report one serial number, or none; the slot that each is in is fixed by the module's configuration.</summary>
    SerialAndSlot,

    /// <summary>Not at all.</summary>
    None,
}

/// <summary>How a token says that nothing is on it.</summary>
public enum BlankMark
{
    /// <summary>CKF_TOKEN_INITIALIZED is not set.</summary>
    Flag,

    /// <summary>Nothing but a label that this program gave it.</summary>
    Label,

    /// <summary>The maker's PIN opens it.</summary>
    FactoryCredential,

    /// <summary>It has no user PIN.</summary>
    NoUserPin,

    /// <summary>It comes made ready by the maker's tool.</summary>
    Prepared,
}

/// <summary>How a token gets its PINs and is emptied.</summary>
public enum TokenLifecycle
{
    /// <summary>C_InitToken, C_InitPIN, C_SetPIN.</summary>
    InitToken,

    /// <summary>With the maker's tool, before.</summary>
    Prepared,

    /// <summary>By calls of the maker's own.</summary>
    Maker,
}

/// <param name="Factory">What it is when the token comes from its maker; null: none, the first one given counts.</param>
/// <param name="Prefix">What each of its PINs begins with.</param>
/// <param name="Min">Bytes, without the prefix.</param>
/// <param name="Max">Bytes, without the prefix.</param>
public sealed record FamilyPin(string? Factory, PinLetters Alphabet, string Prefix, int Min, int Max)
{
    internal string? Contradiction() => Min < 0 || Max < Min || Max > Session.MaxPinBytes ? "A PIN's lengths cannot be."
        : Prefix.Length > Session.MaxPinBytes || Factory?.Length > Session.MaxPinBytes ? "A PIN's prefix or factory value is too long."
        : null;
}

/// <summary>What a PIN may be made of.</summary>
public enum PinLetters
{
    Any,
    Digits,
    Hex,
}

/// <summary>Whether a throw-away user PIN may be entered wrongly until it locks.</summary>
public enum WrongPins
{
    /// <summary>It locks that user and nothing else, and erasing the token undoes it.</summary>
    Try,

    /// <summary>It would lock more than that, or nobody knows.</summary>
    Leave,
}

/// <summary>CKA_TOKEN of the keys that a probe makes.</summary>
public enum ProbeKeys
{
    Session,

    /// <summary>Session keys are stored all the same, or refused: what the probe made is looked for afterwards and destroyed.</summary>
    Token,
}

/// <summary>Whose CKA_ID a restored key has.</summary>
public enum KeyIdChoice
{
    Chosen,
    ReadBack,
}

/// <summary>Which data objects a token stores.</summary>
public enum DataObjects
{
    Private,
    Public,
    None,
}

/// <summary>How a key is kept from leaving after its backup.</summary>
public enum LockWay
{
    ExtractableFalse,
    AtGeneration,
    DestroyWrapKey,
    Policy,
}

/// <summary>Who holds the quorum.</summary>
public enum TokenQuorum
{
    /// <summary>This program's cards.</summary>
    Cards,

    /// <summary>The device's own cards or keys.</summary>
    Device,
}

/// <param name="Strategy">Of <see cref="WrapStrategy"/>.</param>
public sealed record FamilyWrap(string Strategy, WrapMechanism Mechanism);

/// <param name="WayOut">What to do instead.</param>
public sealed record FamilyRefusal(string Why, string WayOut);

/// <summary>Mechanism numbers stand in hex, as makers print them.</summary>
internal sealed class HexMechanism : JsonConverter<WrapMechanism>
{
    public override WrapMechanism Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetString() is { } text && text.StartsWith("0x", StringComparison.Ordinal)
        && ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong code)
            ? (WrapMechanism)code : throw new JsonException();

    public override void Write(Utf8JsonWriter writer, WrapMechanism value, JsonSerializerOptions options) =>
        writer.WriteStringValue($"0x{(ulong)value:X4}");
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.KebabCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true,
    AllowDuplicateProperties = false,
    MaxDepth = 8,
    Converters = [typeof(HexMechanism), typeof(KebabCase<FamilyState>), typeof(KebabCase<TokenIdentity>), typeof(KebabCase<BlankMark>),
        typeof(KebabCase<TokenLifecycle>), typeof(KebabCase<PinLetters>), typeof(KebabCase<WrongPins>), typeof(KebabCase<ProbeKeys>),
        typeof(KebabCase<KeyIdChoice>), typeof(KebabCase<DataObjects>), typeof(KebabCase<LockWay>), typeof(KebabCase<TokenQuorum>)])]
[JsonSerializable(typeof(TokenFamily))]
internal sealed partial class FamilyJson : JsonSerializerContext;

/// <summary>Words, never numbers.</summary>
internal sealed class KebabCase<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false)
    where T : struct, Enum;
