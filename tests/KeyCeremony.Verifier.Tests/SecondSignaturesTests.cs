using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using KeyCeremony.App.Tests.Room;
using KeyCeremony.Core;
using KeyCeremony.Core.Pki.Requests;
using KeyCeremony.Core.Release;
using KeyCeremony.Core.Script;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Engines;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Security;

namespace KeyCeremony.Verifier.Tests;

/// <summary>What BouncyCastle says of builders' statements and of signatures over digests.</summary>
public sealed class SecondSignaturesTests : IDisposable
{
    private readonly string _stick = Directory.CreateTempSubdirectory("second-signatures").FullName;

    public void Dispose() => Directory.Delete(_stick, recursive: true);

    /// <summary>No statement passes one implementation and not the other; so a signature is changed behind the first one's back.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_builder_whose_signature_the_second_implementation_does_not_accept_is_refused(int builder)
    {
        ReleaseJudgement judgement = Judged();
        Assert.Null(SecondSignatures.Refuse(judgement));
        Assert.True(MemoryMarshal.TryGetArray(judgement.Builders[builder].Signature, out ArraySegment<byte> signature));
        signature.Array![signature.Count - 1] ^= 1;

        Refusal? refusal = SecondSignatures.Refuse(judgement);

        Assert.Equal("BUILDER-09", refusal?.Rule);
        Assert.StartsWith($"'{judgement.Request.Builders[builder].Statement}': ", refusal!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("digest")]
    [InlineData("signature")]
    [InlineData("key")]
    public void A_signature_over_another_digest_or_of_another_key_is_none(string what)
    {
        byte[] digest = SHA256.HashData("an image"u8), key = ReleaseFolder.KeyA.ExportSubjectPublicKeyInfo();
        byte[] signature = ReleaseFolder.KeyA.SignHash(digest, DSASignatureFormat.Rfc3279DerSequence);
        Assert.Null(BouncyCastleOpinion.OfDigest(digest, signature, key));
        Assert.True(ReleaseSigning.Holds(key, null, digest, DateTimeOffset.UnixEpoch, signature));
        switch (what)
        {
            case "digest":
                digest[3] ^= 1;
                break;
            case "signature":
                signature[^1] ^= 1;
                break;
            default:
                key = ReleaseFolder.KeyB.ExportSubjectPublicKeyInfo();
                break;
        }

        Assert.NotNull(BouncyCastleOpinion.OfDigest(digest, signature, key));
        Assert.False(ReleaseSigning.Holds(key, null, digest, DateTimeOffset.UnixEpoch, signature));
    }

    /// <summary>RSASSA-PSS has parameters: both take SHA-256 with a salt of 32 bytes, as devices do, and nothing else.</summary>
    [Theory]
    [InlineData("as devices take it", true)]
    [InlineData("another digest", false)]
    [InlineData("a changed signature", false)]
    [InlineData("a salt of 20 bytes", false)]
    [InlineData("no salt", false)]
    [InlineData("a mask of SHA-1", false)]
    [InlineData("PKCS #1 v1.5", false)]
    [InlineData("another size", false)]
    public void A_signature_of_an_RSA_key_over_a_digest_is_PSS_in_one_form(string what, bool holds)
    {
        using var key = RSA.Create(what == "another size" ? 2048 : 3072);
        byte[] digest = SHA256.HashData("an image"u8), spki = key.ExportSubjectPublicKeyInfo();
        IDigest mask = what == "a mask of SHA-1" ? new Sha1Digest() : new Sha256Digest();
        int salt = what switch { "a salt of 20 bytes" => 20, "no salt" => 0, _ => 32 };
        var signer = PssSigner.CreateRawSigner(new RsaBlindedEngine(), new Sha256Digest(), mask, salt, PssSigner.TrailerImplicit);
        signer.Init(forSigning: true, DotNetUtilities.GetRsaKeyPair(key.ExportParameters(true)).Private);
        signer.BlockUpdate(digest, 0, digest.Length);
        byte[] signature = what == "PKCS #1 v1.5" ? key.SignHash(digest, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : signer.GenerateSignature();
        if (what == "another digest")
            digest[3] ^= 1;
        if (what == "a changed signature")
            signature[17] ^= 1;

        Assert.Equal(holds, BouncyCastleOpinion.OfDigest(digest, signature, spki) is null);
        Assert.Equal(holds, ReleaseSigning.Holds(spki, null, digest, DateTimeOffset.UnixEpoch, signature));
        Assert.False(ReleaseSigning.Holds(spki, ReleaseSigning.Content("cms", digest, []), digest, DateTimeOffset.UnixEpoch, signature));
    }

    private ReleaseJudgement Judged()
    {
        new ReleaseFolder().Put(_stick, "application");
        string folder = Path.Combine(_stick, "application");
        Assert.True(ReleaseRequest.TryRead(File.ReadAllBytes(Path.Combine(folder, "release.yaml")), "release.yaml",
            out ReleaseRequest? request, out ImmutableArray<ScriptError> errors), string.Join('\n', errors));
        Assert.True(ReleaseJudgement.TryJudge(request, Directory.EnumerateFiles(folder).Select(path => Path.GetFileName(path)),
            name => File.OpenRead(Path.Combine(folder, name)), [Key(ReleaseFolder.KeyA), Key(ReleaseFolder.KeyB)],
            out ReleaseJudgement? judgement, out ImmutableArray<Refusal> refusals), string.Join('\n', refusals));
        return judgement;
    }

    private static CheckedKey Key(ECDsa key)
    {
        Assert.True(PublicKeyChecks.TryCheck(key.ExportSubjectPublicKeyInfo(), out CheckedKey? read, out Refusal? refusal), $"{refusal}");
        return read;
    }
}
