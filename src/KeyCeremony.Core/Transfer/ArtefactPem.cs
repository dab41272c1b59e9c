using System.Security.Cryptography;
using System.Text;

namespace KeyCeremony.Core.Transfer;

/// <summary>
/// An artefact for a serial line, where no picture can be shown: PEM (RFC 7468) with its name, size and hash in front. A file that is
/// PEM already stands as it is.
/// </summary>
public static class ArtefactPem
{
    private const string OtherLabel = "KEYCEREMONY ARTEFACT";

    private static readonly Dictionary<string, string> Labels = new()
    {
        [MediaTypes.Certificate] = "CERTIFICATE",
        [MediaTypes.RevocationList] = "X509 CRL",
        [MediaTypes.Request] = "CERTIFICATE REQUEST",
        [MediaTypes.Cms] = "CMS",
    };

    /// <summary>Lines of at most 76 characters that end with LF.</summary>
    public static string Write(Artefact artefact)
    {
        ArgumentNullException.ThrowIfNull(artefact);
        string body = artefact.Type == MediaTypes.Pem ? Encoding.Latin1.GetString(artefact.Bytes.Span) : Encode(artefact);
        return $"{Heading(artefact)}{body}\n";
    }

    /// <summary>Name, type, size and hash, which both sides compare.</summary>
    public static string Heading(Artefact artefact)
    {
        ArgumentNullException.ThrowIfNull(artefact);
        var text = new StringBuilder();
        text.Append($"Name:    {artefact.Name}\nType:    {artefact.Type}\nBytes:   {artefact.Bytes.Length}\nSHA-256: {artefact.Sha256}\n");
        foreach (string[] eight in artefact.Words.Split(' ').Chunk(8))
            text.Append($"         {string.Join(' ', eight)}\n");
        return text.ToString();
    }

    private static string Encode(Artefact artefact) =>
        PemEncoding.WriteString(Labels.GetValueOrDefault(artefact.Type, OtherLabel), artefact.Bytes.Span);
}
