using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using KeyCeremony.App.Ground;
using KeyCeremony.App.Transfer;
using KeyCeremony.Core;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Transfer;
using KeyCeremony.Verifier;

namespace KeyCeremony.App.Room;

/// <summary>Packs what the running ceremony made for QR codes: the bytes that its bundle will hold.</summary>
internal sealed class ResultDesk(Func<ImmutableArray<Entry>> entries, CrlDesk crls)
{
    /// <summary>Nobody shows more one by one; and an entry of the journal names them all.</summary>
    public const int MaxResults = 100;

    private static readonly string[] Closing = [BundleFiles.StatementPath, BundleFiles.CmsPath,
        BundleFiles.CosignaturePath, BundleFiles.SumsPath, BundleFiles.ReportPath, BundleFiles.JournalPath];

    public ResultsFound Gather()
    {
        ImmutableArray<ResultFile> files = ResultFile.Of(entries());
        ImmutableArray<Result> results = [.. files.Where(f => TryPack(f, out _, out _))
            .Take(MaxResults).Select(f => new Result(f.Path, MediaTypes.Of(f.Path), f.Length, f.Sha256))];
        return new ResultsFound(results, [.. files.Select(f => f.Path).Except(results.Select(r => r.Path))]);
    }

    /// <summary>A result that was gathered, ready for its codes. Refused with SHOW-01 and SHOW-06.</summary>
    public bool TryPack(Result result, [NotNullWhen(true)] out OutgoingMessage? message, [NotNullWhen(false)] out Refusal? refusal)
    {
        (message, refusal) = (null, ShowRules.OtherResult(result.Path));
        try
        {
            return ResultFile.Of(entries()).FirstOrDefault(f => f.Path == result.Path && f.Sha256 == result.Sha256) is { } file
                && TryPack(file, out message, out refusal);
        }
        catch (CeremonyException e)
        {
            refusal = e.Refusal;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            refusal = ShowRules.Unreadable(result.Path, e);
        }
        return false;
    }

    /// <summary>
    /// What the bundle of the closed ceremony holds besides its results, as far as codes carry it: signature, sums, report, journal.
    /// </summary>
    public ImmutableArray<OutgoingMessage> OfBundle()
    {
        ImmutableArray<Entry> all = entries();
        ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> files = BundleFiles.Compose(all,
            all.Select(e => e.Body).OfType<CheckpointSigned>().Last());
        return [.. Closing.Where(files.ContainsKey).Select(path => TryPack(new ResultFile(path, "", files[path].Length, files[path]),
            out OutgoingMessage? message, out _) ? message : null).OfType<OutgoingMessage>()];
    }

    /// <summary>Refused with UR-18 when no QR codes carry it.</summary>
    private bool TryPack(ResultFile file, [NotNullWhen(true)] out OutgoingMessage? message, [NotNullWhen(false)] out Refusal? refusal)
    {
        message = null;
        refusal = TransferRules.TooLarge(file.Path, file.Length, TransferLimits.MaxContainerBytes);
        return file.Length <= TransferLimits.MaxContainerBytes
            && Artefact.TryCreate(Path.GetFileName(file.Path), MediaTypes.Of(file.Path),
                file.Bytes ?? List(file), out Artefact? artefact, out refusal)
            && OutgoingMessage.TryPack(artefact, out message, out refusal);
    }

    private byte[] List(ResultFile file)
    {
        using FileStream stream = crls.Open(new BundleList(file.Path, file.Sha256, file.Length));
        byte[] bytes = new byte[file.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
