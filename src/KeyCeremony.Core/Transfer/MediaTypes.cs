using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace KeyCeremony.Core.Transfer;

/// <summary>What the files of our bundles are, by the end of their name. <c>docs/formats/transfer.md</c>, "Media types".</summary>
public static partial class MediaTypes
{
    public const string Certificate = "application/pkix-cert";
    public const string RevocationList = "application/pkix-crl";
    public const string Request = "application/pkcs10";
    public const string Cms = "application/cms";
    public const string Pem = "application/x-pem-file";
    public const string Archive = "application/x-tar";
    public const string Unknown = "application/octet-stream";

    // RFC 6838 4.2, in lower case.
    private const string Name = "[a-z0-9][a-z0-9!#$&^_.+-]*";

    /// <summary>The first that fits.</summary>
    public static ImmutableArray<(string Ending, string Type)> Known { get; } =
    [
        (".der", Certificate),
        (".crt", Certificate),
        (".cer", Certificate),
        (".crl", RevocationList),
        (".csr", Request),
        (".p10", Request),
        (".cms", Cms),
        (".p7s", Cms),
        (".pem", Pem),
        (".kcb", "application/x.keyceremony.backup-blob"),
        (".dsse.json", "application/vnd.dsse+json"),
        (".json", "application/json"),
        (".jsonl", "application/jsonl"),
        (".md", "text/markdown"),
        (".txt", "text/plain"),
        (Journal.CheckpointStatement.SumsName, "text/plain"),
        (".csv", "text/csv"),
        (".pdf", "application/pdf"),
        (".tar", Archive),
    ];

    public static string Of(string fileName)
    {
        ArgumentNullException.ThrowIfNull(fileName);
        foreach ((string? ending, string? type) in Known)
            if (fileName.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
                return type;
        return Unknown;
    }

    internal static bool IsWellFormed(string type) => type.Length <= TransferLimits.MaxTypeLength && WellFormed().IsMatch(type);

    [GeneratedRegex($@"\A{Name}/{Name}\z", RegexOptions.CultureInvariant)]
    private static partial Regex WellFormed();
}
