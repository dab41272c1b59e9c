using System.Diagnostics;
using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Tests.Pki;

/// <summary>What other implementations say to a certificate.</summary>
internal static class OtherTools
{
    public static bool HasCertTool =>
        Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, "certtool")));

    /// <summary>Runs a tool in a fresh folder that holds the certificates as PEM, by file name.</summary>
    public static (int ExitCode, string Output) Run(string tool, string[] arguments,
        params (string File, IEnumerable<ParsedCertificate> Certificates)[] files)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("keyceremony-pki-");
        try
        {
            foreach ((string? file, IEnumerable<ParsedCertificate>? certificates) in files)
                File.WriteAllText(Path.Combine(folder.FullName, file), string.Join('\n', certificates.Select(Pem)));
            return Run(tool, arguments, folder.FullName);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static (int ExitCode, string Output) Run(string tool, string[] arguments, string folder)
    {
        (int code, string said, string errors) = EndedProcess.Of(new ProcessStartInfo(tool, arguments) { WorkingDirectory = folder });
        return (code, said + errors);
    }

    private static string Pem(ParsedCertificate certificate) =>
        new(System.Security.Cryptography.PemEncoding.Write("CERTIFICATE", certificate.Der.Span));
}
