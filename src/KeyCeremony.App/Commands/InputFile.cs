using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using KeyCeremony.Core;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Requests;
using KeyCeremony.Core.Reading;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.App.Commands;

/// <summary>Files that a command is given. Each refuses with the rule that its command has for a file that cannot be read.</summary>
internal static class InputFile
{
    /// <summary>A signer and the authorities above it; no chain of ours has more than four.</summary>
    public const int MaxChain = 8;

    // A card is a small file; a list of devices may have gigabytes.
    private const int MaxLooked = 64 * 1024;

    public static bool TryOpen(string path, PkiRule rule, [NotNullWhen(true)] out FileStream? file,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        (file, refusal) = (null, null);
        if (Directory.Exists(path))
        {
            refusal = rule.Refuse($"'{path}' is a folder.", "Give the path of a file.");
            return false;
        }
        try
        {
            file = File.OpenRead(path);
            if (!file.CanSeek || !HoldsCard(file))
                return true;
            file.Dispose();
            file = null;
            refusal = rule.Refuse($"'{path}' could be a share card: it holds a card's words or digits. Nothing of it is shown.",
                "Whoever had this file can have read the card: tell the administrator of the ceremony.");
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            refusal = rule.Refuse($"'{path}' cannot be read: {FileFaults.InWords(e)}.", "Check the path.");
            return false;
        }
    }

    // What is refused for another reason is quoted on the screen, and a terminal keeps what it showed.
    private static bool HoldsCard(FileStream file)
    {
        byte[] start = new byte[(int)Math.Min(file.Length, MaxLooked)];
        int read = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        file.Position = 0;
        bool holds = CardTraces.AreInFile(start.AsSpan(0, read));
        CryptographicOperations.ZeroMemory(start);
        return holds;
    }

    /// <summary>At most a byte more than the limit, so that a file that is too long is refused by its own rule.</summary>
    public static bool TryRead(string path, int maxBytes, PkiRule rule, [NotNullWhen(true)] out byte[]? bytes,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        bytes = null;
        if (!TryOpen(path, rule, out FileStream? file, out refusal))
            return false;
        using (file)
        {
            bytes = new byte[maxBytes + 1];
            bytes = bytes[..file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
        }
        return true;
    }

    /// <summary>One certificate, DER or PEM.</summary>
    public static bool TryReadCertificate(string path, PkiRule rule, [NotNullWhen(true)] out ParsedCertificate? certificate,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        certificate = TryReadChain(path, rule, out ImmutableArray<ParsedCertificate> chain, out refusal) ? chain[0] : null;
        return certificate is not null;
    }

    /// <summary>One certificate in DER, or 1 to 8 in PEM; texts around the blocks are passed over.</summary>
    public static bool TryReadChain(string path, PkiRule rule, out ImmutableArray<ParsedCertificate> chain,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        chain = [];
        // PEM takes a third more than DER; the reader refuses what is cut off here.
        if (!TryRead(path, 2 * MaxChain * CertificateReader.MaxBytes, rule, out byte[]? file, out refusal))
            return false;
        PemFile? pem = PemFile.IsOne(file) ? PemFile.Read(file, ["CERTIFICATE"], MaxChain) : null;
        if (pem?.Wrong is { } wrong)
        {
            refusal = pem.IsPrivateKey ? PemBlock.HoldsPrivateKey()
                : rule.Refuse($"'{path}': {wrong}", pem.Remedy);
            return false;
        }
        ImmutableArray<ParsedCertificate>.Builder read = ImmutableArray.CreateBuilder<ParsedCertificate>();
        foreach (ReadOnlyMemory<byte> der in pem?.Blocks ?? [file])
        {
            refusal = PemBlock.Another(der.Span, DerKind.Certificate);
            if (refusal is not null || !CertificateReader.TryReadCertificate(der, out ParsedCertificate? certificate, out refusal))
                return false;
            read.Add(certificate);
        }
        chain = read.ToImmutable();
        return true;
    }
}
