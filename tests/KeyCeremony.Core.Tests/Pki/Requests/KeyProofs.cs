using System.Security.Cryptography;
using System.Text;

namespace KeyCeremony.Core.Tests.Pki.Requests;

/// <summary>Key proofs, sound until a part is replaced.</summary>
internal static class KeyProofs
{
    public static byte[] Make(ECDsa key, string purpose = "firmware-signing-ca",
        string environment = "production", Func<string, string>? change = null)
    {
        byte[] spki = key.ExportSubjectPublicKeyInfo();
        string statement = $"KeyCeremony key proof v1\npurpose: {purpose}\nenvironment: {environment}\n"
            + $"date: 2026-11-22\nkey-sha256: {Convert.ToHexStringLower(SHA256.HashData(spki))}\n";
        if (change is not null)
            statement = change(statement);
        byte[] signature = key.SignData(Encoding.ASCII.GetBytes(statement), HashAlgorithmName.SHA256,
            DSASignatureFormat.Rfc3279DerSequence);
        return Encoding.ASCII.GetBytes(
            $"{statement}{PemEncoding.WriteString("PUBLIC KEY", spki)}\n{PemEncoding.WriteString("SIGNATURE", signature)}\n");
    }
}
