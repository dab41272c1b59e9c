using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using KeyCeremony.Core.Reading;

namespace KeyCeremony.Core.Pki.Requests;

/// <summary>
/// A raw public key with a proof that its private half is held, for keys that cannot make a PKCS #10 request. One text
/// file: five lines of statement, the key, and a SHA-256 signature by the key over the statement's bytes (ML-DSA and SLH-DSA: without a
/// hash). The first line separates these signatures from every other that the key makes. <c>docs/formats/request.md</c>.
/// </summary>
public sealed class KeyProof : RequestFile
{
    public const string FirstLine = "KeyCeremony key proof v1";

    private const string KeyBlock = "-----BEGIN PUBLIC KEY-----\n", SignatureBlock = "-----BEGIN SIGNATURE-----\n";
    private const string Again = "Make the key proof again with the commands of its page, and send the file as it is.";

    private static readonly string[] Fields = ["purpose: ", "environment: ", "date: ", "key-sha256: "];

    private KeyProof(ReadOnlyMemory<byte> file, CheckedKey key)
        : base(file, key)
    {
    }

    /// <summary>The script name of the profile that is asked for.</summary>
    public required string Purpose { get; init; }

    /// <summary>rehearsal, development, staging or production.</summary>
    public required string Environment { get; init; }

    /// <summary>The day the statement was made, as its maker wrote it: nobody vouches for it.</summary>
    public required DateOnly Date { get; init; }

    /// <summary>The signed bytes: five lines, each with its LF.</summary>
    public required ReadOnlyMemory<byte> Statement { get; init; }

    /// <summary>RSA: PKCS #1 v1.5. EC: DER of r and s. ML-DSA and SLH-DSA: as they are.</summary>
    public required ReadOnlyMemory<byte> Signature { get; init; }

    /// <summary>Else refused: REQ-01, REQ-02, REQ-30 to REQ-32, PUBKEY.</summary>
    public static bool TryRead(
        ReadOnlyMemory<byte> file,
        [NotNullWhen(true)] out KeyProof? proof,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        proof = null;
        if ((refusal = CheckSize(file)) is not null || !TryCut(file, out Parts parts, out refusal))
            return false;
        if (!TryReadStatement(parts.Statement.Span, out string[]? values, out refusal)
            || !PublicKeyChecks.TryCheck(parts.Key, out CheckedKey? key, out refusal))
            return false;
        refusal = CheckProof(parts, values[3], key);
        if (refusal is not null)
            return false;
        proof = new KeyProof(file.ToArray(), key)
        {
            Purpose = values[0],
            Environment = values[1],
            Date = DateOnly.ParseExact(values[2], "yyyy-MM-dd", CultureInfo.InvariantCulture),
            Statement = parts.Statement,
            Signature = parts.Signature,
        };
        return true;
    }

    internal static bool IsOne(ReadOnlySpan<byte> file) => file[TextForm.MarkLength(file)..].StartsWith("KeyCeremony"u8);

    private static bool TryCut(ReadOnlyMemory<byte> file, out Parts parts, [NotNullWhen(false)] out Refusal? refusal)
    {
        parts = default;
        string text = Encoding.Latin1.GetString(file.Span); // one character a byte
        int key = text.IndexOf(KeyBlock, StringComparison.Ordinal), signature = text.IndexOf(SignatureBlock, StringComparison.Ordinal);
        if (Changed(file.Span) is { } changed)
        {
            refusal = RequestRules.ProofForm.Refuse($"{changed} A key proof is signed as it stands, with LF line ends alone.", Again);
            return false;
        }
        if (key < 0 || signature < key)
        {
            refusal = RequestRules.ProofForm.Refuse("The key proof has no PUBLIC KEY block followed by a SIGNATURE block.", Again);
            return false;
        }
        var spki = PemFile.Read(file.Span[key..signature], ["PUBLIC KEY"], alone: true);
        var bits = PemFile.Read(file.Span[signature..], ["SIGNATURE"], alone: true);
        refusal = PemBlock.Refuse(spki) ?? PemBlock.Refuse(bits);
        if (refusal is null)
            parts = new Parts(file[..key].ToArray(), spki.Blocks[0], bits.Blocks[0]);
        return refusal is null;
    }

    /// <summary>What a tool on the way did to the lines, or null.</summary>
    private static string? Changed(ReadOnlySpan<byte> file) =>
        TextForm.MarkLength(file) > 0 ? "Line 1 begins with a byte-order mark."
        : file.IndexOf((byte)'\r') is >= 0 and var at ? $"Line {file[..at].Count((byte)'\n') + 1} holds a carriage return."
        : null;

    private static bool TryReadStatement(ReadOnlySpan<byte> statement, out string[] values, [NotNullWhen(false)] out Refusal? refusal)
    {
        string[] lines = Encoding.Latin1.GetString(statement).Split('\n');
        values = [];
        string? wrong = lines.Length != Fields.Length + 2 || lines[0] != FirstLine || lines[^1].Length > 0
            ? "it is not the first line and the four fields"
            : Enumerable.Range(0, Fields.Length).Any(i => !lines[i + 1].StartsWith(Fields[i], StringComparison.Ordinal))
            ? $"the fields are not {string.Join(", ", Fields.Select(field => field[..^2]))}, in this order"
            : CheckValues(values = [.. Fields.Select((field, i) => lines[i + 1][field.Length..])]);
        refusal = wrong is null ? null : RequestRules.ProofForm.Refuse($"The statement of the key proof cannot be read: {wrong}.", Again);
        return refusal is null;
    }

    private static string? CheckValues(string[] values) =>
        !CertificateProfile.TryParse(values[0], out _) ? "the purpose is no profile we know"
        : !EnvironmentPrefix.IsKnown(values[1]) ? "the environment is none of rehearsal, development, staging, production"
        : !DateOnly.TryParseExact(values[2], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _)
        ? "the date is not a day as 2026-11-22"
        : values[3].Length != 64 || !values[3].All(char.IsAsciiHexDigitLower) ? "key-sha256 is not 64 lower-case hex digits"
        : null;

    private static Refusal? CheckProof(Parts parts, string namedKey, CheckedKey key)
    {
        if (key.Sha256 != namedKey)
            return RequestRules.ProofKey.Refuse("The statement names another key than the one beside it.",
                "Take the SHA-256 of the public key in DER (openssl pkey -pubout -outform DER | sha256sum), and make the key proof again.");
        RequestSignature algorithm = RequestSignature.All.First(
            one => one.Fits(key) && (one.Pure is not null || one.Hash == HashAlgorithmName.SHA256));
        return algorithm.Verify(key, parts.Statement.Span, parts.Signature.Span) ? null
            : MadeOtherwise(parts, algorithm, key)
            ?? RequestRules.ProofSignature.Refuse("The signature does not hold over the statement under this key.",
                key.Pure is null
                    ? "Sign the five lines exactly as they stand in the file (openssl dgst -sha256 -sign), and make the key proof again."
                    : "Sign the five lines exactly as they stand in the file (openssl pkeyutl -sign -rawin), make the key proof again.");
    }

    /// <summary>The key signed these lines, and not as a key proof is signed: nothing of it was changed.</summary>
    private static Refusal? MadeOtherwise(Parts parts, RequestSignature asked, CheckedKey key)
    {
        if (asked.IsBare(key, parts.Statement.Span, parts.Signature.Span))
            return RequestRules.ProofSignature.Refuse(
                "The signature is this key's, and is written as r and s side by side; a key proof has it in DER.", BareSignature.Remedy);
        RequestSignature? other = RequestSignature.All.FirstOrDefault(o => o.Verify(key, parts.Statement.Span, parts.Signature.Span));
        if (other is null)
            return OddSignature.Of(key.SubjectPublicKeyInfo.Span, asked, parts.Statement.Span, parts.Signature.Span) is { } odd
                ? RequestRules.ProofSignature.Refuse($"The signature is this key's, and {odd.How}.",
                    $"{odd.Remedy} Then make the key proof again.")
                : null;
        return RequestRules.ProofSignature.Refuse(
                $"The signature is this key's, made with {other.Title}; a key proof is signed with {asked.Title}.",
                "Sign the five lines again so (openssl dgst -sha256 -sign), and make the key proof again.");
    }

    private protected override IEnumerable<TextLine> DescribeOwn() =>
    [
        new("file", $"key proof, {File.Length} bytes"),
        new("purpose", Purpose),
        new("environment", Environment),
        new("date stated", Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)),
        new("proof of possession", $"signature over the statement with {Key.Pure?.Title ?? "SHA-256"}, holds"),
    ];

    private readonly record struct Parts(ReadOnlyMemory<byte> Statement, ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Signature);
}
