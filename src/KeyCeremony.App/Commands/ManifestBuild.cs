using System.Collections.Immutable;
using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using KeyCeremony.Core;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Manifest.Devices;
using KeyCeremony.Core.Script;

namespace KeyCeremony.App.Commands;

/// <summary>
/// <c>keyceremony manifest salts</c>, <c>build</c> and <c>merge</c>: what the factory does. Needs no HSM and no ledger.
/// docs/handbook/factory.md.
/// </summary>
internal static class ManifestBuild
{
    public static Command Salts()
    {
        var output = new Option<string>("--out") { Description = "A new file.", Required = true };
        var command = new Command("salts", "Make the salts of a batch that is built in shards. All shards get the same file.") { output };
        command.SetAction(parsed => ManifestLists.Run((_, _) =>
        {
            using var salts = SaltKey.Make(RandomNumberGenerator.Fill);
            using var file = new NewFile(parsed.GetValue(output)!, ManifestLists.OwnerOnly);
            Write(salts, file);
            file.Commit();
            Console.WriteLine($"{file.Path}  keep it with the device list, and nobody else sees it");
            return 0;
        }));
        return command;
    }

    public static Command Build() => new OptionTable<BuildWanted>("build",
            "Check a device list and everything a batch was built from; write the draft of its statement and its salts.", new BuildWanted())
        .With(Batch(), (wanted, file) => wanted with { Batch = file })
        .With(ManifestLists.Devices(), (wanted, file) => wanted with { Devices = file })
        .With(Out(), (wanted, folder) => wanted with { Out = folder })
        .Text("--shard",
            "Only this part of the list: I/N, from 1/N to N/N.",
            (wanted, part) => wanted with { Shard = part })
        .With(ManifestLists.Salts("The batch's salts, of 'manifest salts'. Left out: new ones are made; a shard needs them."),
            (wanted, file) => wanted with { Salts = file })
        .With(ManifestLists.Threads(), (wanted, threads) => wanted with { Threads = threads })
        .With(Earlier(), (wanted, files) => wanted with { Earlier = files })
        .Does(wanted => ManifestLists.Run((progress, cancellation) => wanted.Shard is null ? BuildWhole(wanted, progress, cancellation)
            : wanted.Earlier.Length > 0 ? Words.Refuse(BuildRules.Command.Refuse("A shard is not compared with earlier lists.",
                "Give --earlier to 'keyceremony manifest merge': it has the whole list."))
            : TryParse(wanted.Shard, out ListPart? part) && wanted.Salts is not null ? BuildShard(wanted, part, progress, cancellation)
            : Words.Misused(BuildRules.Command.Refuse($"--shard takes I/N, at most {ListPart.MaxCount} shards, and needs --salts.",
                "Make the salts once with 'keyceremony manifest salts', and give every shard the same file."))));

    public static Command Merge()
    {
        Option<string?> salts = ManifestLists.Salts("The salts that the shards were built with.");
        salts.Required = true;
        return new OptionTable<BuildWanted>("merge", "Put the shards of a batch together: the same draft as from one build.",
            new BuildWanted())
            .With(new Argument<string[]>("shard") { Arity = ArgumentArity.OneOrMore },
                "All shards, in any order.",
                (wanted, files) => wanted with { Shards = files })
            .With(Batch(), (wanted, file) => wanted with { Batch = file })
            .With(ManifestLists.Devices(), (wanted, file) => wanted with { Devices = file })
            .With(Out(), (wanted, folder) => wanted with { Out = folder })
            .With(salts, (wanted, file) => wanted with { Salts = file })
            .With(ManifestLists.Threads(), (wanted, threads) => wanted with { Threads = threads })
            .With(Earlier(), (wanted, files) => wanted with { Earlier = files })
            .Does(wanted => ManifestLists.Run((progress, cancellation) => MergeShards(wanted, wanted.Shards, progress, cancellation)));
    }

    private static int BuildWhole(BuildWanted wanted, ListProgress progress, CancellationToken cancellation)
    {
        if (!wanted.TryPrepare(progress, cancellation, out PreparedBuild? prepared))
            return 1;
        using (prepared)
            return prepared.RefuseExisting(prepared.StatementPath, prepared.SaltsPath)
                ?? (DeviceTree.TryCompute(prepared.Input, out DeviceTreeResult? tree, out DeviceListProblems? problems)
                    ? Finish(wanted, prepared, tree) : ManifestLists.Refuse(wanted.Devices, problems));
    }

    private static int BuildShard(BuildWanted wanted, ListPart part, ListProgress progress, CancellationToken cancellation)
    {
        if (!wanted.TryPrepare(progress, cancellation, out PreparedBuild? prepared))
            return 1;
        using (prepared)
        {
            string path = Path.Combine(wanted.Out, $"{prepared.BatchId}-{part.Index}-of-{part.Count}.shard");
            if (prepared.RefuseExisting(path) is { } code)
                return code;
            using var file = new NewFile(path);
            if (!ShardBuild.TryWrite(prepared.Input, part, file.Stream, out DeviceListProblems? problems))
                return ManifestLists.Refuse(wanted.Devices, problems);
            file.Commit();
            Console.WriteLine(file.Path);
            return 0;
        }
    }

    private static int MergeShards(BuildWanted wanted, string[] paths, ListProgress progress, CancellationToken cancellation)
    {
        if (!wanted.TryPrepare(progress, cancellation, out PreparedBuild? prepared))
            return 1;
        var files = new List<(string Name, Stream File)>();
        using (prepared)
        {
            try
            {
                if (prepared.RefuseExisting(prepared.StatementPath, prepared.SaltsPath) is { } code)
                    return code;
                foreach (string path in paths)
                {
                    if (!InputFile.TryOpen(path, DeviceRules.Shard, out FileStream? file, out Refusal? unread))
                        return Words.Refuse(unread);
                    files.Add((Path.GetFileName(path), file));
                }
                if (!ShardMerge.TryOpen(files, prepared.Input.Salts, prepared.Sources.Issuer, out ShardMerge? merge, out Refusal? refusal))
                    return Words.Refuse(refusal);
                return merge.TryMerge(prepared.Input, out DeviceTreeResult? tree, out DeviceListProblems? problems)
                    ? Finish(wanted, prepared, tree) : ManifestLists.Refuse(wanted.Devices, problems);
            }
            finally
            {
                files.ForEach(one => one.File.Dispose());
            }
        }
    }

    // The statement comes last: where it is, everything is.
    private static int Finish(BuildWanted wanted, PreparedBuild prepared, DeviceTreeResult tree)
    {
        if (EarlierLists.Find(prepared.Input, tree.ListSha256, prepared.Earlier) is { } found)
            return ManifestLists.Refuse(found.In ?? wanted.Devices, found.Problems);
        if (!prepared.Sources.TryState(prepared.ListName, tree, out BatchStatement? statement, out Refusal? refusal))
            return Words.Refuse(refusal);
        using var salts = new NewFile(prepared.SaltsPath, ManifestLists.OwnerOnly);
        using var draft = new NewFile(prepared.StatementPath);
        Write(prepared.Input.Salts, salts);
        draft.Stream.Write(statement.Write());
        salts.Commit();
        draft.Commit();
        Words.Say([.. statement.Describe(), new("draft", draft.Path), new("draft SHA-256", statement.Sha256()), new("salts", salts.Path)]);
        return 0;
    }

    private static void Write(SaltKey salts, NewFile file)
    {
        Span<byte> text = stackalloc byte[SaltKey.FileLength];
        salts.Write(text);
        file.Stream.Write(text);
        CryptographicOperations.ZeroMemory(text);
    }

    private static bool TryParse(string text, [NotNullWhen(true)] out ListPart? part)
    {
        part = text.Split('/') is [var index, var count]
            && int.TryParse(index, NumberStyles.None, CultureInfo.InvariantCulture, out int i)
            && int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out int n)
            && i >= 1 && i <= n && n <= ListPart.MaxCount ? new ListPart(i, n) : null;
        return part is not null;
    }

    private static Option<string> Batch() => new("--batch") { Description = "batch.yaml: what the batch was built from.", Required = true };

    private static Option<string[]> Earlier() => new("--earlier")
    {
        Description = "Device lists of earlier batches: no device of them may stand in this one.",
        AllowMultipleArgumentsPerToken = true,
    };

    private static Option<string> Out() =>
        new("--out") { Description = "A folder that does not hold the batch's files yet.", Required = true };
}

/// <summary>What was asked for on the command line.</summary>
internal sealed record BuildWanted
{
    public string Batch { get; init; } = "";

    public string Devices { get; init; } = "";

    public string Out { get; init; } = "";

    public string? Salts { get; init; }

    public int Threads { get; init; }

    /// <summary>Lists of earlier batches.</summary>
    public string[] Earlier { get; init; } = [];

    /// <summary>Of 'manifest build': only this part of the list.</summary>
    public string? Shard { get; init; }

    /// <summary>Of 'manifest merge'.</summary>
    public string[] Shards { get; init; } = [];

    /// <summary>Reads everything but the list, so that what is wrong there is told before an hour has passed.</summary>
    public bool TryPrepare(ListProgress progress, CancellationToken cancellation, [NotNullWhen(true)] out PreparedBuild? prepared)
    {
        prepared = null;
        if (!TryReadBatch(out BatchFile? batch) || !TryGather(batch, out BatchSources? sources))
            return false;
        SaltKey? salts = null;
        string name = Path.GetFileName(Devices);
        Refusal? refusal = sources.CheckBeforehand(name) ?? sources.CheckFinished(TimeProvider.System.GetUtcNow());
        if (refusal is null && Salts is null)
            salts = SaltKey.Make(RandomNumberGenerator.Fill);
        if (refusal is null && (salts is not null || ManifestLists.TryReadSalts(Salts!, out salts, out refusal))
            && ManifestLists.TryInput(Devices, salts, Threads, progress, cancellation, out DeviceTreeInput? input, out refusal))
            prepared = ManifestLists.TryEarlier(Earlier, out ImmutableArray<EarlierList> earlier, out refusal)
                ? new PreparedBuild(batch.BatchId, name, Out, sources, input with { Issuer = sources.Issuer }, earlier)
                : null;
        if (refusal is not null)
            Words.Refuse(refusal);
        if (prepared is null)
            salts?.Dispose();
        return prepared is not null;
    }

    private bool TryReadBatch([NotNullWhen(true)] out BatchFile? batch)
    {
        batch = null;
        if (!InputFile.TryRead(Batch, BatchFile.MaxBytes, BuildRules.Form, out byte[]? yaml, out Refusal? refusal))
        {
            Words.Refuse(refusal);
            return false;
        }
        if (BatchFile.TryRead(yaml, Path.GetFileName(Batch), out batch, out ImmutableArray<ScriptError> errors))
            return true;
        foreach (ScriptError error in errors)
            Console.Error.WriteLine(error);
        return false;
    }

    private bool TryGather(BatchFile batch, [NotNullWhen(true)] out BatchSources? sources)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(Batch))!;
        if (BatchSources.TryGather(batch,
            (string name, out Refusal? refusal) =>
                InputFile.TryOpen(Path.Combine(folder, name), BuildRules.Missing, out FileStream? file, out refusal) ? file : null,
            out sources, out ImmutableArray<Refusal> refusals))
            return true;
        foreach (Refusal refusal in refusals)
            Words.Refuse(refusal);
        return false;
    }
}

/// <summary>Everything but the list was read and is right.</summary>
internal sealed record PreparedBuild(string BatchId, string ListName, string Out, BatchSources Sources, DeviceTreeInput Input,
    ImmutableArray<EarlierList> Earlier) : IDisposable
{
    public string StatementPath => Path.Combine(Out, $"{BatchId}.statement.json");

    public string SaltsPath => Path.Combine(Out, $"{BatchId}.salts");

    /// <summary>
    /// Makes the folder, before the list is read: what cannot be written is known at once. The exit code when it holds one of these.
    /// </summary>
    /// <exception cref="IOException">The folder cannot be made.</exception>
    public int? RefuseExisting(params ReadOnlySpan<string> paths)
    {
        Directory.CreateDirectory(Out);
        foreach (string path in paths)
            if (File.Exists(path))
                return Words.Refuse(BuildRules.Command.Refuse($"'{path}' is there already.",
                    "Nothing is overwritten: give another folder, or look whether the batch was built before."));
        return null;
    }

    public void Dispose() => Input.Salts.Dispose();
}
