using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;

namespace KeyCeremony.App.Room;

/// <summary>A second implementation's verdict on what was signed: <c>openssl</c> where it is installed.</summary>
internal sealed class SecondOpinion(string temporaryDirectory)
{
    private const int MaxSeconds = 30;
    private const long MaxListBytes = 64L * 1024 * 1024;

    /// <summary>Says in words what openssl said; a refusal of openssl's stops the ceremony.</summary>
    /// <param name="issuer">DER; the certificate itself when it is self-signed.</param>
    public string Ask(byte[] certificate, byte[] issuer) => InFolder(folder => Ask("the certificate", folder,
        ["verify", "-x509_strict", "-check_ss_sig", "-partial_chain", "-CAfile", WritePem(folder, "issuer.pem", issuer), WritePem(folder, "certificate.pem", certificate)],
        SecondOpinions.Certificate));

    /// <summary>The same about a revocation list. openssl reads it whole into memory, so it is not asked about very long ones.</summary>
    /// <param name="list">Path of the DER file.</param>
    /// <param name="issuer">Base64 of the issuer's certificate.</param>
    public string AskAboutList(string list, string issuer) => new FileInfo(list).Length > MaxListBytes
        ? SecondOpinions.TooLong
        : InFolder(folder => Ask("the revocation list", folder,
            ["crl", "-inform", "DER", "-in", list, "-noout", "-verify", "-CAfile", WritePem(folder, "issuer.pem", Convert.FromBase64String(issuer))], SecondOpinions.List));

    /// <summary>The same about a detached signature over a batch's statement, with nothing but the root to trust.</summary>
    public string AskAboutManifest(byte[] statement, byte[] cms, byte[] root) => InFolder(folder => Ask("the manifest's signature", folder,
        ["cms", "-verify", "-binary", "-inform", "DER", "-in", Write(folder, "manifest.cms", cms), "-content", Write(folder, "statement.json", statement),
            "-CAfile", WritePem(folder, "root.pem", root), "-purpose", "any", "-out", "/dev/null"], SecondOpinions.Manifest));

    private static string Ask(string what, string folder, string[] arguments, string said)
    {
        using var openssl = new Process
        {
            StartInfo = new ProcessStartInfo("openssl", arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
            },
        };
        openssl.Start();
        string answer = openssl.StandardOutput.ReadToEnd() + openssl.StandardError.ReadToEnd();
        // `openssl crl` ends well even when the signature is wrong: what it says decides.
        bool refused = !openssl.WaitForExit(TimeSpan.FromSeconds(MaxSeconds)) || openssl.ExitCode != 0 || arguments[0] == "crl" && answer.Trim() != "verify OK";
        return refused
            ? throw new CeremonyException(new Refusal("SIGN-01", $"openssl does not accept {what}: {answer.Replace(folder, "", StringComparison.Ordinal).Trim()}", "Do not use it. Abort, and find out which of the two implementations is wrong."))
            : said;
    }

    private string InFolder(Func<string, string> ask)
    {
        string folder = Path.Combine(temporaryDirectory, $"second-opinion-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}");
        Directory.CreateDirectory(folder);
        try
        {
            return ask(folder);
        }
        catch (Win32Exception)
        {
            return SecondOpinions.NotInstalled;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string WritePem(string folder, string name, byte[] der) => Write(folder, name, Encoding.ASCII.GetBytes(PemEncoding.WriteString("CERTIFICATE", der)));

    private static string Write(string folder, string name, byte[] bytes)
    {
        string path = Path.Combine(folder, name);
        using var file = new FileStream(path, FileMode.CreateNew);
        file.Write(bytes);
        return path;
    }
}
