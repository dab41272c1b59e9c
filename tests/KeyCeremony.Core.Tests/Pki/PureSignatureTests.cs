using System.Formats.Asn1;
using KeyCeremony.Core.Pki;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Security;

namespace KeyCeremony.Core.Tests.Pki;

/// <summary>ML-DSA and SLH-DSA as others bring them: the key's one form, the signature over the message and no other.</summary>
public sealed class PureSignatureTests
{
    private static readonly byte[] Message = "what is to be signed"u8.ToArray();

    /// <summary>The small sets of SLH-DSA sign for seconds each; one of them stands for all.</summary>
    public static TheoryData<string> Signing => [.. PureSignature.All.Select(one => one.Title)
        .Where(title => title.EndsWith('f') || title.StartsWith("ML", StringComparison.Ordinal) || title == "SLH-DSA-SHA2-128s")];

    public static TheoryData<string> MlDsa => ["ML-DSA-44", "ML-DSA-65", "ML-DSA-87"];

    [Theory]
    [MemberData(nameof(Signing))]
    [Trait("Takes", "long")]
    public void A_flipped_bit_of_message_signature_or_key_is_refused(string title)
    {
        (PureSignature kind, byte[] spki, Func<byte[], byte[]> sign) = Key(title);
        byte[] signature = sign(Message);
        Assert.Equal(SignatureVerdict.Holds, Judge(spki, kind, Message, signature));
        Assert.Equal(kind.SignatureBytes, signature.Length);

        Assert.Equal(SignatureVerdict.DoesNotHold, Judge(spki, kind, Flipped(Message, 0), signature));
        foreach (int at in new[] { 0, signature.Length / 2, signature.Length - 1 })
            Assert.Equal(SignatureVerdict.DoesNotHold, Judge(spki, kind, Message, Flipped(signature, at)));
        Assert.Equal(SignatureVerdict.DoesNotHold, Judge(Flipped(spki, spki.Length - 1), kind, Message, signature));
        Assert.Equal(SignatureVerdict.DoesNotHold, Judge(spki, kind, Message, signature[..^1]));
        Assert.Equal(SignatureVerdict.DoesNotHold, Judge(spki, kind, Message, [.. signature, 0]));
        Assert.Equal(SignatureVerdict.DoesNotHold, Judge(spki, kind, Message, []));
    }

    [Theory]
    [MemberData(nameof(MlDsa))]
    public void A_signature_under_another_context_or_over_a_hash_is_refused(string title)
    {
        (PureSignature kind, byte[] spki, MLDsaPrivateKeyParameters key) = MlDsaKey(title);
        var withContext = new MLDsaSigner(key.Parameters, deterministic: true);
        withContext.Init(true, new ParametersWithContext(key, "KeyCeremony"u8.ToArray()));
        withContext.BlockUpdate(Message, 0, Message.Length);
        Assert.Equal(SignatureVerdict.DoesNotHold, Judge(spki, kind, Message, withContext.GenerateSignature()));

        byte[] hash = System.Security.Cryptography.SHA512.HashData(Message);
        Assert.Equal(SignatureVerdict.DoesNotHold, Judge(spki, kind, Message, Sign(key, hash)));
    }

    [Fact]
    public void Of_another_kind_or_of_a_hashing_form_nothing_is_said_to_hold()
    {
        (PureSignature kind, byte[] spki, Func<byte[], byte[]> sign) = Key("ML-DSA-65");
        byte[] signature = sign(Message);
        Assert.Equal(SignatureVerdict.DoesNotHold, Judge(spki, PureSignature.MlDsa44, Message, signature));
        Assert.Equal(SignatureVerdict.DoesNotHold, Judge(Key("ML-DSA-87").Spki, kind, Message, signature));
        // id-hash-ml-dsa-65-with-sha512, RFC 9881 does not use it
        Assert.Equal(SignatureVerdict.CannotBeJudged,
            ForeignSignature.Judge(spki, Identifier("2.16.840.1.101.3.4.3.33", null), Message, signature));
        Assert.Equal(SignatureVerdict.CannotBeJudged,
            ForeignSignature.Judge(spki, Identifier(kind.Oid, w => w.WriteNull()), Message, signature));
        Assert.Equal(SignatureVerdict.CannotBeJudged, Judge(Samples.Key("key", KeyAlgorithm.EcP256).SubjectPublicKeyInfo.ToArray(), kind,
            Message, signature));
    }

    [Theory]
    [MemberData(nameof(Signing))]
    public void A_key_has_one_form(string title)
    {
        (PureSignature kind, byte[] spki, _) = Key(title);
        Assert.True(PureSignature.TryReadKey(spki, out PureSignature? found, out byte[] key));
        Assert.Same(kind, found);
        Assert.Equal(kind.KeyBytes, key.Length);
        Assert.Equal(spki, kind.SubjectPublicKeyInfo(key));

        Assert.False(PureSignature.TryReadKey([.. spki, 0], out _, out _));
        Assert.False(PureSignature.TryReadKey(kind.SubjectPublicKeyInfo(key.AsSpan(1)), out _, out _));
        Assert.False(PureSignature.TryReadKey(kind.SubjectPublicKeyInfo([.. key, 0]), out _, out _));
        Assert.False(PureSignature.TryReadKey(Info(Identifier(kind.Oid, w => w.WriteNull()), key, 0), out _, out _));
        Assert.False(PureSignature.TryReadKey(Info(kind.AlgorithmIdentifier(), [.. key[..^1], (byte)(key[^1] & 0xFE)], 1), out _, out _));
        Assert.False(PureSignature.TryReadKey(spki.AsSpan(0, spki.Length - 1), out _, out _));
    }

    [Fact]
    public void The_names_are_those_that_people_know()
    {
        Assert.Equal(15, PureSignature.All.Select(one => one.Oid).Distinct().Count());
        Assert.All(PureSignature.All, one => Assert.Equal(one.Title, Oids.NameOf(one.Oid)));
        Assert.All(PureSignature.All, one => Assert.Same(one, PureSignature.ByIdentifier(one.AlgorithmIdentifier())));
    }

    /// <summary>Whatever passes by, in however many pieces, is one message.</summary>
    [Theory]
    [MemberData(nameof(MlDsa))]
    public void A_message_in_pieces_is_the_whole_message(string title)
    {
        (PureSignature kind, byte[] spki, Func<byte[], byte[]> sign) = Key(title);
        byte[] message = [.. Enumerable.Range(0, 5000).Select(i => (byte)(i % 251))];
        byte[] signature = sign(message);
        Assert.True(PureSignature.TryReadKey(spki, out _, out byte[] key));
        foreach (int size in new[] { 1, 136, 137, 4999 })
        {
            PureVerifier verifier = kind.VerifierOf(key);
            foreach (byte[] piece in message.Chunk(size))
                verifier.Append(piece);
            Assert.Equal(SignatureVerdict.Holds, verifier.Judge(signature));
        }
    }

    [Fact]
    public void A_message_too_long_for_its_algorithm_is_not_judged()
    {
        (PureSignature kind, byte[] spki, _) = Key("SLH-DSA-SHA2-128f");
        Assert.True(PureSignature.TryReadKey(spki, out _, out byte[] key));
        PureVerifier verifier = kind.VerifierOf(key);
        byte[] piece = new byte[1 << 20];
        for (long length = 0; length <= PureVerifier.MostInMemory; length += piece.Length)
            verifier.Append(piece);
        Assert.Equal(SignatureVerdict.CannotBeJudged, verifier.Judge(new byte[kind.SignatureBytes]));
    }

    internal static (PureSignature Kind, byte[] Spki, Func<byte[], byte[]> Sign) Key(string title)
    {
        PureSignature kind = PureSignature.All.Single(one => one.Title == title);
        if (title.StartsWith("ML", StringComparison.Ordinal))
        {
            (_, byte[] spki, MLDsaPrivateKeyParameters key) = MlDsaKey(title);
            return (kind, spki, data => Sign(key, data));
        }
        var generator = new SlhDsaKeyPairGenerator();
        SlhDsaParameters parameters = new[]
        {
            SlhDsaParameters.slh_dsa_sha2_128s, SlhDsaParameters.slh_dsa_sha2_128f, SlhDsaParameters.slh_dsa_sha2_192f,
            SlhDsaParameters.slh_dsa_sha2_256f, SlhDsaParameters.slh_dsa_shake_128f, SlhDsaParameters.slh_dsa_shake_192f,
            SlhDsaParameters.slh_dsa_shake_256f,
        }.Single(one => one.Name.Equals(title, StringComparison.OrdinalIgnoreCase));
        generator.Init(new SlhDsaKeyGenerationParameters(new SecureRandom(), parameters));
        AsymmetricCipherKeyPair pair = generator.GenerateKeyPair();
        return (kind, kind.SubjectPublicKeyInfo(((SlhDsaPublicKeyParameters)pair.Public).GetEncoded()), SignBySlhDsa);

        byte[] SignBySlhDsa(byte[] data)
        {
            var signer = new SlhDsaSigner(parameters, deterministic: true);
            signer.Init(true, pair.Private);
            signer.BlockUpdate(data, 0, data.Length);
            return signer.GenerateSignature();
        }
    }

    private static (PureSignature Kind, byte[] Spki, MLDsaPrivateKeyParameters Key) MlDsaKey(string title)
    {
        PureSignature kind = PureSignature.All.Single(one => one.Title == title);
        MLDsaParameters parameters = title switch
        {
            "ML-DSA-44" => MLDsaParameters.ml_dsa_44,
            "ML-DSA-65" => MLDsaParameters.ml_dsa_65,
            _ => MLDsaParameters.ml_dsa_87,
        };
        var key = MLDsaPrivateKeyParameters.FromSeed(parameters, [.. Enumerable.Range(0, 32).Select(i => (byte)i)]);
        return (kind, kind.SubjectPublicKeyInfo(key.GetPublicKeyEncoded()), key);
    }

    private static byte[] Sign(MLDsaPrivateKeyParameters key, byte[] data)
    {
        var signer = new MLDsaSigner(key.Parameters, deterministic: true);
        signer.Init(true, key);
        signer.BlockUpdate(data, 0, data.Length);
        return signer.GenerateSignature();
    }

    private static SignatureVerdict Judge(byte[] spki, PureSignature kind, byte[] message, byte[] signature) =>
        ForeignSignature.Judge(spki, kind.AlgorithmIdentifier(), message, signature);

    private static byte[] Flipped(byte[] bytes, int at)
    {
        byte[] flipped = [.. bytes];
        flipped[at] ^= 1;
        return flipped;
    }

    private static byte[] Identifier(string oid, Action<AsnWriter>? parameters)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(oid);
            parameters?.Invoke(writer);
        }
        return writer.Encode();
    }

    private static byte[] Info(byte[] algorithm, byte[] key, int unusedBits)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(algorithm);
            writer.WriteBitString(key, unusedBits);
        }
        return writer.Encode();
    }
}
