using System.Collections.Immutable;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Verifier;

namespace KeyCeremony.App.Room;

/// <summary>What the auditor types about the bundle of a ceremony: it works when it is copied.</summary>
internal static class AuditLine
{
    /// <summary>
    /// The words of the line; on a screen they may stand on rows of their own. Empty: nothing was closed.
    /// </summary>
    /// <param name="bundle">The bundle itself, or where it is in words: then the line is typed in the stick's folder.</param>
    public static ImmutableArray<string> Of(CeremonyState s, ImmutableArray<Entry> entries, string bundle)
    {
        if (s.Aborted || !s.Script.IsSigned || s.World.Checkpoint is not { } checkpoint)
            return [];
        string place = Path.IsPathRooted(bundle) ? bundle : BundleFiles.FolderName(entries, checkpoint.Seq);
        string[] trust = Root(s.World) is { } sha256 ? [$"--trust {sha256}"] : [];
        return ["keyceremony verify", .. trust, Quoted(place)];
    }

    /// <summary>Under whom the record was signed: the end of the path from the transcript key's certificate.</summary>
    private static string? Root(World world)
    {
        CertificateFact? at = world.TranscriptKey is { } key ? world.CertificateOf(key.Generated.Key) : null;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (at is not null && seen.Add(at.Signed.Certificate)
            && world.Certificates.TryGetValue(at.Preview.Issuer, out CertificateFact? above))
            at = above;
        return at?.Signed.Sha256;
    }

    private static string Quoted(string path) => path.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '_' or '-')
        ? path : $"'{path.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
