namespace KeyCeremony.Hsm.Tests;

/// <summary>The people outside who want something signed: their keys, made with openssl, and what they put on the import stick.</summary>
internal static class Visitors
{
    /// <summary>The requests that <c>rehearsal/periodic.json</c> names.</summary>
    public static void BringRequests(Table table)
    {
        foreach (string name in new[] { "tls-t1", "mtls-m1", "pai-1", "ocsp-o1", "crl-signer-c1" })
            BringRequest(table, name, $"/CN={name}", "ec", "-pkeyopt", "ec_paramgen_curve:P-256");
    }

    /// <summary>A request <c>NAME.csr</c> on the stick; its key stays on the table.</summary>
    public static void BringRequest(Table table, string name, string subject, params string[] key) =>
        Openssl(table, ["req", "-new", "-utf8", "-newkey", .. key, "-nodes", "-keyout",
            table.Part($"{name}.key"), "-subj", subject, "-out", table.OnStick($"{name}.csr")]);

    /// <summary>Another certification authority, <c>other-ca.pem</c>.</summary>
    public static void BringOtherAuthority(Table table) =>
        BringAuthority(table, "other-ca", "/C=DE/O=Other Devices/CN=REHEARSAL Other Devices Root", "P-384");

    /// <summary>The certificate <c>NAME.pem</c> on the stick.</summary>
    public static void BringAuthority(Table table, string name, string subject, string curve) =>
        Openssl(table, ["req", "-x509", "-newkey", "ec", "-pkeyopt", $"ec_paramgen_curve:{curve}",
            "-nodes", "-keyout", table.Part($"{name}.key"), "-days", "3650",
            "-subj", subject, "-addext", "keyUsage=critical,keyCertSign,cRLSign", "-out", table.OnStick($"{name}.pem")]);

    private static void Openssl(Table table, string[] arguments)
    {
        Directory.CreateDirectory(table.In);
        table.Other("openssl", arguments).Expect(0);
    }
}
