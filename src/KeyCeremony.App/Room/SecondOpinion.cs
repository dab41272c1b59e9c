using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using KeyCeremony.App.Ground;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Pki;
using KeyCeremony.Verifier;

namespace KeyCeremony.App.Room;

/// <summary>
/// The other implementations' verdicts on what was signed: BouncyCastle's always, in this process, and <c>openssl</c>'s beside
/// it where it is installed. A refusal of either stops the ceremony: SIGN-02, SIGN-01.
/// </summary>
internal sealed partial class SecondOpinion(string temporaryDirectory)
{
    private const string FindOut = "Do not use it. Abort, and find out which of the implementations is wrong.";

    private const int MaxSeconds = 30;

    /// <summary>openssl takes several times a list's length in memory, and the appliance has no swap.</summary>
    private const long MaxOpensslBytes = 64L * 1024 * 1024;

    /// <summary>Says in words what both said.</summary>
    /// <param name="format">Of the ceremony, which decides about the words.</param>
    /// <param name="issuer">DER; the certificate itself when it is self-signed.</param>
    public string Ask(int format, byte[] certificate, byte[] issuer)
    {
        ReadOnlyMemory<byte> key = Read(issuer).ToBeSigned.SubjectPublicKeyInfo;
        MustAgree("the certificate", BouncyCastleOpinion.OfCertificate(Read(certificate), key));
        return InFolder(folder => !Knows(key) ? SecondOpinions.UnknownKey : Ask("the certificate",
            ["verify", "-x509_strict", "-check_ss_sig", "-partial_chain", "-CAfile", WritePem(folder, "issuer.pem", issuer),
                WritePem(folder, "certificate.pem", certificate)], SecondOpinions.Certificate)).In(format);
    }

    /// <summary>
    /// What they say of a certificate that is yet to be signed, by its twin of a throw-away key: null, or SIGN-01, SIGN-02. Today's clock
    /// is not asked. Nothing is recorded: what was signed is asked about in its turn.
    /// </summary>
    /// <param name="issuer">The twin's, DER.</param>
    public Refusal? AskBefore(ReadOnlyMemory<byte> certificate, ReadOnlyMemory<byte> issuer)
    {
        const string What = "a certificate with this name and this key";
        try
        {
            MustAgree(What, BouncyCastleOpinion.OfCertificate(Read(certificate.ToArray()),
                Read(issuer.ToArray()).ToBeSigned.SubjectPublicKeyInfo));
            _ = InFolder(folder => !Knows(Read(issuer.ToArray()).ToBeSigned.SubjectPublicKeyInfo) ? SecondOpinions.UnknownKey : Ask(What,
                ["verify", "-x509_strict", "-check_ss_sig", "-partial_chain", "-no_check_time", "-CAfile",
                    WritePem(folder, "issuer.pem", issuer.Span), WritePem(folder, "certificate.pem", certificate.Span)],
                SecondOpinions.Certificate));
            return null;
        }
        catch (CeremonyException e)
        {
            return e.Refusal with
            {
                Remedy = "Nothing was signed. Bring another file, whose name and key other programs read, or go on without it.",
            };
        }
    }

    /// <summary>The same about a revocation list of any length.</summary>
    /// <param name="list">Path of the DER file.</param>
    /// <param name="issuer">Base64 of the issuer's certificate.</param>
    public string AskAboutList(int format, string list, string issuer)
    {
        byte[] issuerDer = Convert.FromBase64String(issuer);
        ReadOnlyMemory<byte> key = Read(issuerDer).ToBeSigned.SubjectPublicKeyInfo;
        using (FileStream file = File.OpenRead(list))
            MustAgree("the revocation list", BouncyCastleOpinion.OfList(file, key));
        SecondVerdict verdict = new FileInfo(list).Length > MaxOpensslBytes ? SecondOpinions.TooLong
            : InFolder(folder => !Knows(key) ? SecondOpinions.UnknownKey : Ask("the revocation list",
                ["crl", "-inform", "DER", "-in", list, "-noout", "-verify",
                    "-CAfile", WritePem(folder, "issuer.pem", issuerDer)], SecondOpinions.List));
        return verdict.In(format);
    }

    /// <summary>The same about a detached signature over a batch's statement, with nothing but the root to trust.</summary>
    /// <param name="path">DER, the signer's certificate first and the root last.</param>
    public string AskAboutManifest(int format, byte[] statement, byte[] cms, IReadOnlyList<byte[]> path)
    {
        MustAgree("the manifest's signature", BouncyCastleOpinion.OfCms(statement, cms, [.. path.Select(Read)]));
        return InFolder(folder => Ask("the manifest's signature",
            ["cms", "-verify", "-binary", "-x509_strict", "-inform", "DER", "-in", Write(folder, "manifest.cms", cms),
                "-content", Write(folder, "statement.json", statement), "-CAfile", WritePem(folder, "root.pem", path[^1]),
                "-purpose", "any", "-out", "/dev/null"], SecondOpinions.Manifest)).In(format);
    }

    /// <summary>A signature in an envelope. No command of openssl reads those.</summary>
    /// <param name="pae">The pre-authentication encoding.</param>
    /// <param name="spki">DER of the signer's SubjectPublicKeyInfo.</param>
    public static void AskAboutSignature(string what, byte[] pae, byte[] signature, byte[] spki) =>
        MustAgree(what, BouncyCastleOpinion.OfSignature(pae, signature, spki));

    /// <summary>A signature over the digest of an image. No command of openssl is asked: it would need the hash's name besides.</summary>
    public static void AskAboutDigest(byte[] digest, byte[] signature, byte[] key) =>
        MustAgree("the signature of an image", BouncyCastleOpinion.OfDigest(digest, signature, key));

    /// <summary>The CMS that a maker's tool attaches to an image.</summary>
    public static void AskAboutImage(SignedContent content, byte[] cms, IReadOnlyList<ParsedCertificate> path) =>
        MustAgree("the signature of an image", BouncyCastleOpinion.OfCms(content, cms, path));

    /// <summary>
    /// The checkpoint at the close. Its verdict has no place in the journal, which it closes; <c>keyceremony verify</c> asks again.
    /// </summary>
    public static void AskAboutCheckpoint(byte[] statement, byte[] cms, IReadOnlyList<ParsedCertificate> path) =>
        MustAgree("the checkpoint's signature", BouncyCastleOpinion.OfCms(statement, cms, path));

    private static void MustAgree(string what, string? flaw)
    {
        if (flaw is not null)
            throw new CeremonyException(new Refusal("SIGN-02", $"BouncyCastle does not accept {what}: {flaw}.", FindOut));
    }

    private static ParsedCertificate Read(byte[] der) =>
        CertificateReader.TryReadCertificate(der, out ParsedCertificate? certificate, out Refusal? refusal)
            ? certificate : throw new CeremonyException(refusal);

    /// <summary>Releases before 3.5 have no ML-DSA: they could not say more than that.</summary>
    private static bool Knows(ReadOnlyMemory<byte> key) => KeyAlgorithm.Of(key.Span) is not { IsMlDsa: true }
        || Said("the list of its kinds of keys", ["list", "-public-key-algorithms"]).Answer.Contains("ML-DSA", StringComparison.Ordinal);

    private static SecondVerdict Ask(string what, string[] arguments, SecondVerdict said)
    {
        (int exitCode, string answer) = Said(what, arguments);
        // `openssl crl` ends well even when the signature is wrong: what it says decides.
        return exitCode == 0 && (arguments[0] != "crl" || answer.Trim() == "verify OK") ? said
            : throw Refused(what, Found(arguments[0], exitCode, answer));
    }

    private static (int ExitCode, string Answer) Said(string what, string[] arguments)
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
        Task<string> output = openssl.StandardOutput.ReadToEndAsync(), errors = openssl.StandardError.ReadToEndAsync();
        if (!openssl.WaitForExit(TimeSpan.FromSeconds(MaxSeconds)))
        {
            openssl.Kill(entireProcessTree: true);
            throw Refused(what, $"it gave no answer within {MaxSeconds} seconds");
        }
        return (openssl.ExitCode, output.GetAwaiter().GetResult() + errors.GetAwaiter().GetResult());
    }

    // Its words may quote what it read, paths and lines of its source; its numbers do not. openssl-verification-options(1) lists them.
    private static string Found(string command, int exitCode, string answer) =>
        ErrorNumber().Match(answer) is { Success: true } error
            ? $"its {command} finds the error {error.Groups[1].Value} at depth {error.Groups[2].Value}"
            : $"its {command} ends with {exitCode} and names no error by its number, as for what it cannot read";

    private static CeremonyException Refused(string what, string found) =>
        new(new Refusal("SIGN-01", $"openssl does not accept {what}: {found}.", FindOut));

    [GeneratedRegex("error ([0-9]{1,4}) at ([0-9]{1,2}) depth", RegexOptions.CultureInvariant)]
    private static partial Regex ErrorNumber();

    private SecondVerdict InFolder(Func<string, SecondVerdict> ask)
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

    private static string WritePem(string folder, string name, ReadOnlySpan<byte> der) =>
        Write(folder, name, Encoding.ASCII.GetBytes(PemEncoding.WriteString("CERTIFICATE", der)));

    private static string Write(string folder, string name, byte[] bytes)
    {
        string path = Path.Combine(folder, name);
        using var file = new FileStream(path, FileMode.CreateNew);
        file.Write(bytes);
        return path;
    }
}
