using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Crl;
using KeyCeremony.Core.Pki.Requests;

namespace KeyCeremony.Core.Tests.Pki;

/// <summary>
/// What the readers make of a folder of other people's certificates, requests and lists: how many they take, by which sentence they
/// refuse the others, and how many files hold none of the three. The folders are fetched and never kept here.
/// </summary>
internal static partial class Corpora
{
    private const int MaxFile = 4 * 1024 * 1024;
    private const int MostNamed = 2;

    private static readonly Dictionary<string, string> Kinds = new()
    {
        ["CERTIFICATE"] = "certificate",
        ["X509 CERTIFICATE"] = "certificate",
        ["TRUSTED CERTIFICATE"] = "",
        ["CERTIFICATE REQUEST"] = "request",
        ["NEW CERTIFICATE REQUEST"] = "request",
        ["X509 CRL"] = "crl",
    };

    /// <summary>Prints the counts, the most frequent sentence first, each with two of the files that it was said of.</summary>
    /// <param name="kind">Of files without a PEM block: certificate, request or crl. Empty: such files are not read.</param>
    public static void Print(string folder, string kind)
    {
        var said = new Dictionary<string, List<string>>();
        int unread = 0;
        foreach (string path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            List<(string Kind, byte[] Der)> found = new FileInfo(path).Length > MaxFile ? [] : [.. Pieces(File.ReadAllBytes(path), kind)];
            unread += found.Count == 0 ? 1 : 0;
            foreach ((string what, byte[] der) in found)
            {
                string answer = $"{what}: {Number().Replace(Answer(what, der), "#")}";
                if (!said.TryGetValue(answer, out List<string>? files))
                    said[answer] = files = [];
                files.Add(Path.GetRelativePath(folder, path));
            }
        }
        foreach ((string answer, List<string> files) in said.OrderByDescending(one => one.Value.Count))
            Console.WriteLine($"{files.Count,6}  {answer}  [{string.Join(", ", files.Take(MostNamed))}]");
        Console.WriteLine($"{unread,6}  files without a certificate, request or list");
    }

    private static IEnumerable<(string Kind, byte[] Der)> Pieces(byte[] file, string kind)
    {
        string text = Encoding.Latin1.GetString(file);
        bool hasBlock = false;
        for (int at = 0; PemEncoding.TryFind(text.AsSpan(at), out PemFields fields); at += fields.Location.End.Value)
        {
            hasBlock = true;
            if (Kinds.GetValueOrDefault(text[at..][fields.Label]) is { Length: > 0 } known)
                yield return (known, Convert.FromBase64String(text[at..][fields.Base64Data]));
        }
        if (!hasBlock && kind.Length > 0)
            yield return (kind, file);
    }

    private static string Answer(string kind, byte[] der)
    {
        Refusal? refusal = kind switch
        {
            "certificate" => CertificateReader.TryReadCertificate(der, out _, out Refusal? r) ? null : r,
            "request" => SigningRequest.TryRead(der, out _, out Refusal? r) ? null : r,
            _ => CrlReader.TryRead(new MemoryStream(der), each: null, out _, out Refusal? r) ? null : r,
        };
        return refusal is null ? "accepted" : $"{refusal.Rule} {refusal.Message}";
    }

    [GeneratedRegex("[0-9a-f]{8,}|(?<![A-Z0-9.-])[0-9]+")]
    private static partial Regex Number();
}
