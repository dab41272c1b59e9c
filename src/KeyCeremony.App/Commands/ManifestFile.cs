using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using KeyCeremony.Core;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Pki;

namespace KeyCeremony.App.Commands;

/// <summary>Statements and envelopes as files. docs/formats/batch-manifest.md.</summary>
internal static class ManifestFile
{
    private const string EnvelopeEnding = ".dsse.json";
    private const string ChainEnding = ".chain.pem";

    public static bool TryReadEnvelope(string path, [NotNullWhen(true)] out DsseEnvelope? envelope,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        envelope = null;
        return InputFile.TryRead(path, DsseEnvelope.MaxBytes, BatchRules.File, out byte[]? file, out refusal)
            && DsseEnvelope.TryRead(file, out envelope, out refusal);
    }

    /// <summary>A statement, or the one in an envelope; then with the envelope.</summary>
    public static bool TryReadStatement(string path, [NotNullWhen(true)] out BatchStatement? statement,
        out DsseEnvelope? envelope, [NotNullWhen(false)] out Refusal? refusal)
    {
        (statement, envelope) = (null, null);
        if (!InputFile.TryRead(path, DsseEnvelope.MaxBytes, BatchRules.File, out byte[]? file, out refusal))
            return false;
        if (file.AsSpan().StartsWith("{\"_type\""u8))
            return BatchStatement.TryRead(file, out statement, out refusal);
        return DsseEnvelope.TryRead(file, out envelope, out refusal)
            && BatchStatement.TryRead(envelope.Payload.AsSpan(), out statement, out refusal);
    }

    /// <summary>What a machine needs of a statement; the rest stands in the file itself.</summary>
    public static void Members(Answer answer, BatchStatement statement)
    {
        answer.Member("batch", statement.BatchId);
        answer.Member("environment", statement.Environment);
        answer.Member("state", statement.IsDraft ? "draft" : "final");
        answer.Member("devices", statement.Devices.TreeSize);
        answer.Member("statementSha256", statement.Sha256());
    }

    /// <summary>The chain that is named, else the one beside the envelope, else none.</summary>
    public static bool TryReadChain(string? path, string envelopePath, out ImmutableArray<ParsedCertificate> chain,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        (chain, refusal) = ([], null);
        string? beside =
            envelopePath.EndsWith(EnvelopeEnding, StringComparison.Ordinal) ? envelopePath[..^EnvelopeEnding.Length] + ChainEnding : null;
        string? found = path ?? (File.Exists(beside) ? beside : null);
        return found is null || InputFile.TryReadChain(found, BatchRules.File, out chain, out refusal);
    }

    /// <summary>A new file; one that is there stays as it is.</summary>
    public static Refusal? Write(string path, ReadOnlySpan<byte> bytes)
    {
        try
        {
            using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
            file.Write(bytes);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return BatchRules.File.Refuse($"'{path}' cannot be written: {FileFaults.InWords(e)}.", "Give the path of a new file.");
        }
    }
}
