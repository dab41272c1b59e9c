using System.Security.Cryptography;
using System.Text;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Requests;

namespace KeyCeremony.Core.Tests.Pki.Requests;

/// <summary>
/// r and s side by side, as PKCS #11 and cloud services give a signature: nobody is told that something was changed, or that they do not
/// have the key, when it is a matter of notation.
/// </summary>
public sealed class BareSignatureTests
{
    public static TheoryData<string> Curves => ["nistP256", "nistP384", "nistP521"];

    [Theory]
    [MemberData(nameof(Curves))]
    public void It_becomes_the_signature_that_is_verified(string curve)
    {
        using var key = ECDsa.Create(ECCurve.CreateFromFriendlyName(curve));
        byte[] data = "what was signed"u8.ToArray();
        // Of many some begin with a zero, or with a bit that INTEGER has for the sign.
        for (int i = 0; i < 300; i++)
        {
            byte[] bare = key.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
            byte[]? der = BareSignature.InDer(bare, key.KeySize);
            Assert.NotNull(der);
            Assert.True(key.VerifyData(data, der, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
        }
        Assert.Null(BareSignature.InDer(new byte[10], key.KeySize));
        byte[] zeros = new byte[2 * ((key.KeySize + 7) / 8)];
        Assert.Equal("3006020100020100", Convert.ToHexStringLower(BareSignature.InDer(zeros, key.KeySize)!));
    }

    /// <summary>
    /// The runtime passes over the sign of r and s, and openssl and BouncyCastle do not: what was taken here would have been refused by
    /// whoever verifies the ceremony.
    /// </summary>
    [Fact]
    public void Numbers_that_are_negative_or_too_long_are_no_signature_at_any_door()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] spki = key.ExportSubjectPublicKeyInfo(), data = "what was signed"u8.ToArray(), bare;
        do
            bare = key.SignData(data, HashAlgorithmName.SHA256);
        while (bare[0] < 0x80 || bare[32] is 0 or >= 0x80);
        byte[] good = BareSignature.InDer(bare, 256)!;
        byte[] negative = Der.Sequence(Der.Value(2, bare[..32]), Der.Value(2, bare[32..]));
        Assert.True(key.VerifyData(data, negative, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
        byte[][] odd = [negative, [.. good, 0], Der.Sequence(Der.Value(2, [0, .. bare[..32]]), Der.Value(2, [0, .. bare[32..]]))];
        ReadOnlyMemory<byte> algorithm = KeyAlgorithm.EcP256.SignatureAlgorithmIdentifier();
        Assert.All(odd, signature =>
        {
            Assert.False(BareSignature.IsDer(signature));
            Assert.False(KeyAlgorithm.EcP256.Verify(spki, data, signature));
            Assert.Equal(SignatureVerdict.DoesNotHold, ForeignSignature.Judge(spki, algorithm, data, signature));
        });
        Assert.True(BareSignature.IsDer(good) && KeyAlgorithm.EcP256.Verify(spki, data, good));
        Assert.Equal(SignatureVerdict.Holds, ForeignSignature.Judge(spki, algorithm, data, good));
    }

    [Fact]
    public void A_key_proof_that_pkcs11_tool_signed_by_its_default_is_told_so()
    {
        Refusal refusal = Proof(key => data => key.SignData(data, HashAlgorithmName.SHA256,
            DSASignatureFormat.IeeeP1363FixedFieldConcatenation));
        Assert.Equal("REQ-32", refusal.Rule);
        Assert.Equal("The signature is this key's, and is written as r and s side by side; a key proof has it in DER.", refusal.Message);
        Assert.Contains("--signature-format openssl", refusal.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_proof_with_another_hash_is_told_so()
    {
        Refusal refusal = Proof(key => data => key.SignData(data, HashAlgorithmName.SHA384, DSASignatureFormat.Rfc3279DerSequence));
        Assert.Equal("REQ-32", refusal.Rule);
        Assert.Equal("The signature is this key's, made with ecdsa-with-SHA384; a key proof is signed with ecdsa-with-SHA256.",
            refusal.Message);
    }

    [Fact]
    public void A_key_proof_of_another_key_is_what_it_is()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        foreach (DSASignatureFormat format in Enum.GetValues<DSASignatureFormat>())
            Assert.Equal("The signature does not hold over the statement under this key.",
                Proof(_ => data => other.SignData(data, HashAlgorithmName.SHA256, format)).Message);
    }

    [Fact]
    public void A_request_is_told_so_and_nobody_is_accused()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        RequestWriter request = RequestWriter.With(key) with
        {
            Signer = data => key.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation),
        };
        Assert.False(RequestFile.TryRead(request.Write(), out _, out Refusal? refusal));
        Assert.Equal("REQ-11", refusal.Rule);
        Assert.Equal("The request's signature is its key's, and is written as r and s side by side; a request has it in DER.",
            refusal.Message);

        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.False(RequestFile.TryRead((request with
        {
            Signer = data => other.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation),
        }).Write(), out _, out refusal));
        Assert.Equal("REQ-12", refusal.Rule);
    }

    private static Refusal Proof(Func<ECDsa, Func<byte[], byte[]>> signer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] spki = key.ExportSubjectPublicKeyInfo();
        string statement = "KeyCeremony key proof v1\npurpose: firmware-signing-ca\nenvironment: production\ndate: 2026-11-22\n"
            + $"key-sha256: {Convert.ToHexStringLower(SHA256.HashData(spki))}\n";
        byte[] signature = signer(key)(Encoding.ASCII.GetBytes(statement));
        Assert.False(RequestFile.TryRead(Encoding.ASCII.GetBytes(
            $"{statement}{PemEncoding.WriteString("PUBLIC KEY", spki)}\n{PemEncoding.WriteString("SIGNATURE", signature)}\n"),
            out _, out Refusal? refusal));
        return refusal;
    }
}
