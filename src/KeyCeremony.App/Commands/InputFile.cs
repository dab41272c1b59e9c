using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using KeyCeremony.Core;
using KeyCeremony.Core.Pki;

namespace KeyCeremony.App.Commands;

/// <summary>Files that a command is given. Each refuses with the rule that its command has for a file that cannot be read.</summary>
internal static class InputFile
{
    /// <summary>A signer and the authorities above it; no chain of ours has more than four.</summary>
    public const int MaxChain = 8;

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
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            refusal = rule.Refuse($"'{path}' cannot be read: {FileFaults.InWords(e)}.", "Check the path.");
            return false;
        }
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
        List<ReadOnlyMemory<byte>> ders = [.. Blocks(Encoding.Latin1.GetString(file)).Take(MaxChain + 1)];
        if (ders.Count > MaxChain)
        {
            refusal = rule.Refuse($"'{path}' holds more than {MaxChain} certificates.",
                "Give the signer's certificate and those above it alone.");
            return false;
        }
        ImmutableArray<ParsedCertificate>.Builder read = ImmutableArray.CreateBuilder<ParsedCertificate>();
        foreach (ReadOnlyMemory<byte> der in ders.Count > 0 ? ders : [file])
        {
            if (!CertificateReader.TryReadCertificate(der, out ParsedCertificate? certificate, out refusal))
                return false;
            read.Add(certificate);
        }
        chain = read.ToImmutable();
        return true;
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Blocks(string text)
    {
        for (int at = 0; PemEncoding.TryFind(text.AsSpan(at), out PemFields fields); at += fields.Location.End.Value)
            if (text.AsSpan(at)[fields.Label] is "CERTIFICATE")
                yield return Convert.FromBase64String(text.AsSpan(at)[fields.Base64Data].ToString());
    }
}
