using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;
using KeyCeremony.Core;

namespace KeyCeremony.App.Room;

/// <summary>A second implementation's verdict on a certificate: <c>openssl verify</c> where it is installed.</summary>
internal sealed class SecondOpinion(string temporaryDirectory)
{
    private const int MaxSeconds = 30;

    /// <summary>Says in words what openssl said; a refusal of openssl's stops the ceremony.</summary>
    /// <param name="issuer">DER; the certificate itself when it is self-signed.</param>
    public string Ask(byte[] certificate, byte[] issuer)
    {
        string folder = Path.Combine(temporaryDirectory, $"second-opinion-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}");
        Directory.CreateDirectory(folder);
        try
        {
            string subject = WritePem(folder, "certificate.pem", certificate), root = WritePem(folder, "issuer.pem", issuer);
            using var openssl = new Process
            {
                StartInfo = new ProcessStartInfo("openssl", ["verify", "-x509_strict", "-check_ss_sig", "-partial_chain", "-CAfile", root, subject])
                {
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                    UseShellExecute = false,
                },
            };
            openssl.Start();
            string said = openssl.StandardOutput.ReadToEnd() + openssl.StandardError.ReadToEnd();
            if (!openssl.WaitForExit(TimeSpan.FromSeconds(MaxSeconds)) || openssl.ExitCode != 0)
                throw new CeremonyException(new Refusal("SIGN-01", $"openssl does not accept the certificate: {said.Replace(folder, "", StringComparison.Ordinal).Trim()}", "Do not use it. Abort, and find out which of the two implementations is wrong."));
            return "openssl verify -x509_strict -check_ss_sig: OK";
        }
        catch (Win32Exception)
        {
            return "openssl is not installed on this appliance: no second opinion";
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string WritePem(string folder, string name, byte[] der)
    {
        string path = Path.Combine(folder, name);
        using var file = new StreamWriter(new FileStream(path, FileMode.CreateNew));
        file.Write(PemEncoding.WriteString("CERTIFICATE", der));
        return path;
    }
}
