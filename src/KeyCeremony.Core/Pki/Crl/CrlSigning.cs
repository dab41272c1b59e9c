using System.Diagnostics;
using System.Formats.Asn1;
using System.Security.Cryptography;

namespace KeyCeremony.Core.Pki.Crl;

/// <summary>Signs what was prepared and linted, and nothing else.</summary>
public static class CrlSigning
{
    private const int BufferBytes = 256 * 1024;

    /// <summary>Has the device sign the hash once and verifies the signature in software. Of every kind of key but ML-DSA.</summary>
    /// <param name="signHash">Takes the hash (of <see cref="KeyAlgorithm.Hash"/>), answers an ECDSA signature in DER or an RSA one of PKCS
    /// #1 v1.5.</param>
    /// <exception cref="CryptographicException">The device's signature does not verify under the issuer's key.</exception>
    public static SignedCrl Sign(LintedCrl linted, Func<ReadOnlyMemory<byte>, byte[]> signHash)
    {
        PreparedCrl prepared = linted.Prepared;
        KeyAlgorithm algorithm = prepared.Plan.SignatureAlgorithm ?? throw new UnreachableException("The plan was checked.");
        if (algorithm.IsMlDsa)
            throw new UnreachableException("An ML-DSA key signs no hash.");
        byte[] signature = signHash(prepared.SignatureHash);
        ReadOnlySpan<byte> key = prepared.Plan.Issuer.ToBeSigned.SubjectPublicKeyInfo.Span;
        return CrlSignature.Verify(key, algorithm.SignatureAlgorithmIdentifier(), prepared.SignatureHash.Span, signature)
            ? new SignedCrl(prepared, signature)
            : throw new KeyFaultException("The device answered with a signature that does not verify under the issuer's key.");
    }

    /// <summary>
    /// Of an ML-DSA key: has the device sign the TBSCertList itself as it passes by, proves that these were the bytes that were linted, and
    /// verifies the signature in software.
    /// </summary>
    /// <param name="spool">The TBSCertList from its first byte; read to its end, left open.</param>
    /// <param name="signMessage">Takes the message piece by piece, none empty, and answers the signature.</param>
    /// <exception cref="CryptographicException">The device's signature does not verify under the issuer's key.</exception>
    /// <exception cref="FileFaultException">The spool no longer holds what was linted.</exception>
    public static SignedCrl SignWhole(LintedCrl linted, Stream spool, Func<IEnumerable<ReadOnlyMemory<byte>>, byte[]> signMessage)
    {
        PreparedCrl prepared = linted.Prepared;
        KeyAlgorithm algorithm = prepared.Plan.SignatureAlgorithm ?? throw new UnreachableException("The plan was checked.");
        if (CrlSignature.VerifiersOf(algorithm.SignatureAlgorithmIdentifier(), [prepared.Plan.Issuer.ToBeSigned.SubjectPublicKeyInfo])
            .Values.SingleOrDefault() is not { } verifier)
            throw new UnreachableException("This key signs a hash.");
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] signature = signMessage(Pieces(spool, hash, verifier));
        if (!hash.GetHashAndReset().AsSpan().SequenceEqual(prepared.TbsSha256.Span))
            throw new FileFaultException(
                "The device was given something else than what was prepared: the spool changed, or was not read whole.");
        return verifier.Judge(signature) == SignatureVerdict.Holds
            ? new SignedCrl(prepared, signature)
            : throw new KeyFaultException("The device answered with a signature that does not verify under the issuer's key.");
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Pieces(Stream spool, IncrementalHash hash, PureVerifier verifier)
    {
        byte[] buffer = new byte[BufferBytes];
        for (int read; (read = spool.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false)) > 0;)
        {
            hash.AppendData(buffer, 0, read);
            verifier.Append(buffer.AsSpan(0, read));
            yield return buffer.AsMemory(0, read);
        }
    }
}

/// <summary>The length and the hash of a CRL's file.</summary>
public sealed record CrlFile(long Length, ReadOnlyMemory<byte> Sha256);

/// <summary>A prepared CRL with its signature. Only <see cref="CrlSigning.Sign"/> makes one.</summary>
public sealed class SignedCrl
{
    /// <summary>signatureAlgorithm and signatureValue: of the hashing kinds RSA 4096 has the longest.</summary>
    internal static int LongestAfterTbs(KeyAlgorithm algorithm) => algorithm.IsMlDsa ? algorithm.LongestSignature + 32 : 600;

    private const int BufferBytes = 256 * 1024;

    internal SignedCrl(PreparedCrl prepared, ReadOnlyMemory<byte> signature)
    {
        Prepared = prepared;
        Signature = signature;
    }

    public PreparedCrl Prepared { get; }

    public ReadOnlyMemory<byte> Signature { get; }

    /// <summary>
    /// Makes the spool itself the file: the header goes into the room in front, the signature behind. What was written is
    /// believed only when it was read back: <see cref="CrlLint.Check(SignedCrl, Stream)"/>, which answers its hash.
    /// </summary>
    /// <param name="spool">Holds <see cref="CrlWriter.RoomInFront"/> bytes and then the TBSCertList; left open.</param>
    /// <returns>False when the room does not fit, as happens at the few lengths where a signature's length decides; nothing was
    /// written.</returns>
    public bool Complete(Stream spool, int roomInFront)
    {
        byte[] after = AfterTbs();
        byte[] before = DerHeader.Sequence(Prepared.TbsLength + after.Length);
        if (before.Length != roomInFront)
            return false;
        // A signature that was written before and not believed may have been longer.
        spool.SetLength(roomInFront + Prepared.TbsLength);
        spool.Position = 0;
        spool.Write(before);
        spool.Position = spool.Length;
        spool.Write(after);
        spool.Flush();
        return true;
    }

    /// <summary>
    /// Writes the CertificateList (RFC 5280 5.1.1) in one pass: only now the length of the signature, and with it the
    /// length that stands in front of all, is known. What was written is believed only when it was read back:
    /// <see cref="CrlLint.Check(SignedCrl, Stream)"/>.
    /// </summary>
    /// <param name="spool">The TBSCertList from its first byte; read to its end, left open.</param>
    /// <param name="output">An empty file; left open.</param>
    /// <exception cref="FileFaultException">The spool does not hold as many bytes as were prepared.</exception>
    public CrlFile Assemble(Stream spool, Stream output)
    {
        byte[] after = AfterTbs();
        byte[] before = DerHeader.Sequence(Prepared.TbsLength + after.Length);
        using var hash = new BackgroundHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[BufferBytes];
        long copied = 0;
        Send(before);
        for (int read; (read = spool.Read(buffer)) > 0; copied += read)
            Send(buffer.AsSpan(0, read));
        Send(after);
        return copied == Prepared.TbsLength
            ? new CrlFile(before.Length + copied + after.Length, hash.Finish()[0])
            : throw new FileFaultException($"The spool holds {copied} bytes; {Prepared.TbsLength} were prepared.");

        void Send(ReadOnlySpan<byte> bytes)
        {
            hash.Append(bytes);
            output.Write(bytes);
        }
    }

    private byte[] AfterTbs()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        // signatureAlgorithm
        writer.WriteEncodedValue(Prepared.Plan.SignatureAlgorithm!.SignatureAlgorithmIdentifier());
        // signatureValue
        writer.WriteBitString(Signature.Span);
        return writer.Encode();
    }
}
