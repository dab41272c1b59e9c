using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace KeyCeremony.Hsm.Tests;

/// <summary>
/// Firmware that is given an update of a Secure Boot variable, written from UEFI 2.10 8.2.2 and from what EDK II asks for at fixed places.
/// </summary>
internal static class UefiFirmware
{
    private const int Time = 16, Head = 24, Length = 4;

    private static readonly byte[] Global = new Guid("8be4df61-93ca-11d2-aa0d-00e098032b8c").ToByteArray();
    private static readonly byte[] Database = new Guid("d719b2cb-3d3a-4596-a3bc-dad00e67656f").ToByteArray();

    // EFI_CERT_TYPE_PKCS7_GUID
    private static readonly byte[] Pkcs7 = new Guid("4aafd29d-68df-49ee-8aa9-347d375665a7").ToByteArray();

    private static readonly byte[] Sha256 = Convert.FromHexString("608648016503040201");

    /// <param name="update">EFI_VARIABLE_AUTHENTICATION_2 and the lists, as <c>.auth</c> files have them.</param>
    /// <param name="trusted">That PK or KEK holds.</param>
    public static bool Takes(byte[] update, string variable, X509Certificate2 trusted)
    {
        int length = BinaryPrimitives.ReadInt32LittleEndian(update.AsSpan(Time));
        ReadOnlySpan<byte> head = update.AsSpan(Time, Head);
        // WIN_CERTIFICATE_UEFI_GUID: revision 2.0, WIN_CERT_TYPE_EFI_GUID
        if (length <= Head || length > update.Length - Time || !head[Length..(2 * Length)].SequenceEqual((byte[])[0, 2, 0xF1, 0x0E])
            || !head[(2 * Length)..].SequenceEqual(Pkcs7))
            return false;
        byte[] signed = update[(Time + Head)..(Time + length)], lists = update[(Time + length)..];
        if (signed[0] != 0x30 || signed[1] != 0x82 || !signed.AsSpan(13, Sha256.Length).SequenceEqual(Sha256))
            return false;
        byte[] data =
        [
            .. Encoding.Unicode.GetBytes(variable), .. variable is "PK" or "KEK" ? Global : Database, 0x27, 0, 0, 0, .. update[..Time],
            .. lists,
        ];
        try
        {
            var cms = new SignedCms(new ContentInfo(data), detached: true);
            cms.Decode(InContentInfo(signed));
            cms.CheckSignature(verifySignatureOnly: true);
            return cms.SignerInfos is [var by] && by.SignedAttributes.Count == 0 && by.Certificate is { } signer
                && signer.RawData.AsSpan().SequenceEqual(trusted.RawData) && signer.GetRSAPublicKey() is not null;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static byte[] InContentInfo(byte[] signedData)
    {
        byte[] all = [.. Convert.FromHexString("06092a864886f70d010702"), 0xA0, 0x82, .. LengthOf(signedData), .. signedData];
        return [0x30, 0x82, .. LengthOf(all), .. all];
    }

    private static byte[] LengthOf(byte[] of)
    {
        byte[] length = new byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)of.Length);
        return length;
    }
}
