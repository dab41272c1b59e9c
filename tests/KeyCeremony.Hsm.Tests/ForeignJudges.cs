using System.Globalization;
using System.Security.Cryptography;

namespace KeyCeremony.Hsm.Tests;

/// <summary>
/// openssl and certtool, at the time that the table's clocks show, with the newest bundle in their hands and nothing else. Each is told
/// the root that it trusts.
/// </summary>
internal sealed class ForeignJudges(Table table)
{
    private const int OpensslRefuses = 2, CerttoolRefuses = 1;

    /// <param name="by">CAs between the root and the certificate, from below; whoever asks brings them along.</param>
    public void Accept(string certificate, string root, params string[] by)
    {
        Openssl(certificate, root, by).Expect(0);
        Certtool(certificate, root, by).Expect(0);
    }

    /// <param name="openssl">Words of what it says.</param>
    /// <param name="certtool">Words of what it says.</param>
    public void Refuse(string certificate, string root, string openssl, string certtool, params string[] by)
    {
        Assert.Contains(openssl, Openssl(certificate, root, by).Expect(OpensslRefuses).Said, StringComparison.Ordinal);
        Assert.Contains(certtool, Certtool(certificate, root, by).Expect(CerttoolRefuses).Said, StringComparison.Ordinal);
    }

    /// <summary>certtool does not ask whether a list is still good: openssl alone refuses.</summary>
    public void RefuseForItsList(string certificate, string root)
    {
        Assert.Contains("CRL has expired", Openssl(certificate, root, []).Expect(OpensslRefuses).Said, StringComparison.Ordinal);
        Certtool(certificate, root, []).Expect(0);
    }

    /// <summary>In the newest bundle.</summary>
    public string Certificate(string name) => InLastBundle("certificates", $"{name}.pem");

    /// <summary>The newest one that a CA signed, DER, in the newest bundle.</summary>
    public string List(string issuer) => Directory.GetFiles(InLastBundle("crls"), $"{issuer}-*.crl")
        .Where(path => Number(path, issuer) is not null).MaxBy(path => Number(path, issuer))
        ?? throw new FileNotFoundException($"There is no list of {issuer} in {table.Bundles[^1]}.");

    private Ran Openssl(string certificate, string root, string[] by) => table.Other("openssl", [
        "verify", "-x509_strict", "-crl_check_all", "-CAfile", Certificate(root), "-CRLfile", Lists([root, .. by]),
        .. by.SelectMany(ca => new[] { "-untrusted", Certificate(ca) }), Certificate(certificate)]);

    private Ran Certtool(string certificate, string root, string[] by) => table.Other("certtool", "--verify",
        "--load-ca-certificate", Certificate(root), "--load-crl", Lists([root]), "--infile", Chain([certificate, .. by]));

    private string Chain(string[] certificates)
    {
        string file = table.Part("chain.pem");
        File.WriteAllText(file, string.Concat(certificates.Select(c => File.ReadAllText(Certificate(c)))));
        return file;
    }

    /// <summary>The newest list of each of these CAs as PEM, one behind the other.</summary>
    private string Lists(string[] issuers)
    {
        string file = table.Part("lists.pem");
        File.WriteAllText(file, string.Concat(issuers.Select(issuer =>
            PemEncoding.WriteString("X509 CRL", File.ReadAllBytes(List(KeyOf(issuer)))) + "\n")));
        return file;
    }

    /// <summary>A cross-certificate has the key of its root, and so its list.</summary>
    private static string KeyOf(string issuer) =>
        issuer.EndsWith("-cross", StringComparison.Ordinal) ? issuer[..^"-cross".Length] : issuer;

    private static int? Number(string path, string issuer) =>
        int.TryParse(Path.GetFileNameWithoutExtension(path)[(issuer.Length + 1)..], NumberStyles.None, CultureInfo.InvariantCulture,
            out int number) ? number : null;

    private string InLastBundle(params string[] path) => Path.Combine([table.Bundles[^1], .. path]);
}
