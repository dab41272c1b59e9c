using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Requests;
using KeyCeremony.Core.Reading;

namespace KeyCeremony.Core.Release.Tuf;

/// <summary>A key of a root file.</summary>
/// <param name="Id">64 lower-case hex digits, by which the roles and the signatures name it.</param>
/// <param name="Scheme">How it signs.</param>
/// <param name="Title">For people, e.g. <c>EC P-256</c>.</param>
/// <param name="SubjectPublicKeyInfo">DER: the key itself, whatever it is called.</param>
/// <param name="IsNamedByHash">The identifier is SHA-256 of the key's canonical JSON; else somebody chose it.</param>
/// <param name="Told">What the file says of it beyond what is known here, in canonical JSON; empty where it says nothing more.</param>
public sealed record TufKey(
    string Id, string Scheme, string Title, ReadOnlyMemory<byte> SubjectPublicKeyInfo, bool IsNamedByHash, string Told)
{
    public const string P256 = "ecdsa-sha2-nistp256";
    public const string P384 = "ecdsa-sha2-nistp384";
    public const string Pss = "rsassa-pss-sha256";
    public const string Ed25519 = "ed25519";

    private const int Ed25519Bytes = 32;

    // SubjectPublicKeyInfo { { 1.3.101.112 }, BIT STRING }, RFC 8410 4: the key follows.
    private static readonly byte[] Ed25519Head = [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00];

    /// <summary>SHA-256 of the key, lower-case hex: its name in every ledger.</summary>
    public string Sha256 => Convert.ToHexStringLower(SHA256.HashData(SubjectPublicKeyInfo.Span));

    public string InWords => $"{Title}, SHA-256 {Sha256}";

    public bool IsEd25519 => Scheme == Ed25519;

    /// <summary>The signature over these bytes holds; an Ed25519 key is not judged by the base library.</summary>
    public bool? Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (IsEd25519)
            return null;
        try
        {
            if (Scheme == Pss)
            {
                using var rsa = RSA.Create();
                rsa.ImportSubjectPublicKeyInfo(SubjectPublicKeyInfo.Span, out _);
                return rsa.VerifyData(data, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pss);
            }
            using var ecdsa = ECDsa.Create();
            ecdsa.ImportSubjectPublicKeyInfo(SubjectPublicKeyInfo.Span, out _);
            return BareSignature.IsDer(signature) && ecdsa.VerifyData(data, signature, Scheme == P384 ? HashAlgorithmName.SHA384
                : HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    // { keytype, scheme, keyval { public } }
    internal static TufKey Read(string id, JsonElement key)
    {
        string keytype = TufRoot.Text(key, "keytype", TufRules.Key), scheme = TufRoot.Text(key, "scheme", TufRules.Key);
        JsonElement keyval = TufRoot.Member(key, "keyval", JsonValueKind.Object, TufRules.Key);
        string value = TufRoot.Text(keyval, "public", TufRules.Key);
        if (HasPrivate(keyval))
            throw new TufRefused(PemBlock.HoldsPrivateKey());
        if (!IsId(id))
            throw Wrong(id, "has an identifier that is not 64 lower-case hex digits");
        (ReadOnlyMemory<byte> spki, string title) = (keytype, scheme) is (Ed25519, Ed25519) ? (ReadEd25519(id, value), "Ed25519")
            : ReadChecked(id, keytype, scheme, value);
        string hash = Convert.ToHexStringLower(SHA256.HashData(CanonicalJson.Write(key)));
        string told = string.Join(", ", key.EnumerateObject().Where(one => one.Name is not ("keytype" or "scheme" or "keyval"))
            .Concat(keyval.EnumerateObject().Where(one => one.Name != "public"))
            .Select(one => $"{one.Name} {CanonicalJson.InWords(one.Value)}"));
        var read = new TufKey(id, scheme, title, spki, hash == id, told);
        return PublishedTestKeys.NameOf(read.Sha256) is not { } name ? read : throw new TufRefused(TufRules.TestKey,
            $"The key {id} is one that everybody has: {name}.", "Take it out, and find out how it came in.");
    }

    internal static bool IsId(string id) => id.Length == 64 && id.All(char.IsAsciiHexDigitLower);

    // Old tools write an empty one. Another is somebody's key, and what a file says is shown.
    private static bool HasPrivate(JsonElement keyval) => keyval.TryGetProperty("private", out JsonElement half)
        && half.ValueKind != JsonValueKind.Null && !(half.ValueKind == JsonValueKind.String && half.GetString()!.Length == 0);

    private static byte[] ReadEd25519(string id, string value) =>
        value.Length == 2 * Ed25519Bytes && value.All(char.IsAsciiHexDigitLower) ? [.. Ed25519Head, .. Convert.FromHexString(value)]
            : throw Wrong(id, $"is not {Ed25519Bytes} bytes in lower-case hex");

    private static (ReadOnlyMemory<byte> Spki, string Title) ReadChecked(string id, string keytype, string scheme, string value)
    {
        byte[] text = Encoding.ASCII.GetBytes(value);
        if (!PemFile.IsOne(text) || PemFile.Read(text, ["PUBLIC KEY"]) is not { Wrong: null, IsPrivateKey: false, Blocks: [var der] })
            throw Wrong(id, "is not one public key in PEM");
        if (!PublicKeyChecks.TryCheck(der, out CheckedKey? key, out Refusal? refusal))
            throw new TufRefused(refusal with { Message = $"The key {id}: {refusal.Message}" });
        return TryScheme(keytype, key, out string? expected) && expected == scheme ? (key.SubjectPublicKeyInfo, key.Title)
            : throw Wrong(id,
                $"is {key.Title}, which does not fit keytype {PlainText.Of(keytype, 40)} with scheme {PlainText.Of(scheme, 40)}");
    }

    private static bool TryScheme(string keytype, CheckedKey key, [NotNullWhen(true)] out string? scheme)
    {
        scheme = key switch
        {
            { IsRsa: true } when keytype == "rsa" => Pss,
            { Title: "EC P-256" } when keytype is "ecdsa" or P256 => P256,
            { Title: "EC P-384" } when keytype is "ecdsa" or P384 => P384,
            _ => null,
        };
        return scheme is not null;
    }

    private static TufRefused Wrong(string id, string what) => new(TufRules.Key, $"The key {PlainText.Of(id, 64)} {what}.",
        "Known are ecdsa on P-256 and P-384 and rsa with rsassa-pss-sha256, in PEM, and ed25519 in hex.");
}
