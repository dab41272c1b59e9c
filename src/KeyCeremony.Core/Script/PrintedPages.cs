using System.Collections.Immutable;
using System.Diagnostics;

namespace KeyCeremony.Core.Script;

/// <param name="Rows">Plain text; an empty cell is room to write by hand.</param>
internal sealed record PrintedTable(ImmutableArray<string> Headings, ImmutableArray<ImmutableArray<string>> Rows);

/// <param name="Markdown">Text of the script as written, without the block.</param>
/// <param name="Step">The step whose tables follow; null for introductions and section headings.</param>
internal sealed record PrintedPiece(string Markdown, Step? Step);

/// <summary>What stands on the pages of the binder copy, before it becomes Markdown or HTML.</summary>
internal static class PrintedPages
{
    public const string ExceptionSheet = "Exceptions";
    public const string ExceptionNote = "The witness writes down here whatever went otherwise than the script says, even if it seems of no account, and signs each line. The same exception is recorded in the appliance.";

    private const int BatchLines = 4;
    private const int DeadKeyLines = 4;
    private const int ResultLines = 6;
    private const int ExceptionLines = 12;

    public static IEnumerable<PrintedTable> Cover(CeremonyScript script, Func<byte[], string>? words)
    {
        var facts = new List<(string, string)>
        {
            ("Ceremony", script.Name),
            ("Version", script.Version.ToString()),
            ("May run in", string.Join(", ", script.Environments)),
            ("Steps", script.Steps.Length.ToString()),
            ("SHA-256 of the script", Groups(script.Sha256)),
        };
        if (words is not null) facts.Add(("The same in words", words(Convert.FromHexString(script.Sha256))));
        facts.AddRange(script.Quorums.Select(q => ($"Quorum {q.Name}", $"{q.Threshold} of {q.Count}")));
        facts.AddRange([("Date", ""), ("Place", ""), ("Begun at (UTC)", ""), ("Closed at (UTC)", "")]);
        yield return Facts("Script", facts);
        yield return Table(["Role", "Name", "Signature", "Date"],
            script.Seats.SelectMany(seat => Enumerable.Range(1, seat.Count).Select(n => Row(seat.Count == 1 ? seat.Role : $"{seat.Role} {n}", "", "", ""))));
    }

    /// <summary>The whole body of the text in order; each step's block is taken out, its prose kept.</summary>
    public static IEnumerable<PrintedPiece> Body(CeremonyScript script)
    {
        var lines = script.Text.Split('\n');
        var from = Array.IndexOf(lines, FrontMatter.Mark, 1) + 1;
        foreach (var step in script.Steps)
        {
            var block = step.Line - 1;
            var heading = Array.FindLastIndex(lines, block - 1, line => line.StartsWith("##", StringComparison.Ordinal));
            var before = Join(lines[from..heading]);
            if (before.Length > 0) yield return new PrintedPiece(before, null);
            yield return new PrintedPiece(Join(lines[heading..block]), step);
            from = Array.FindIndex(lines, block + 1, line => line.StartsWith("```", StringComparison.Ordinal) || line.StartsWith("~~~", StringComparison.Ordinal)) + 1;
        }
        var rest = Join(lines[from..]);
        if (rest.Length > 0) yield return new PrintedPiece(rest, null);
    }

    /// <summary>What the step does, room for what is written by hand, and the line of initials.</summary>
    public static IEnumerable<PrintedTable> Tables(CeremonyScript script, Step step)
    {
        yield return Facts($"Step {step.Id}", DescribeStep(script, step));
        if (Blanks(script, step) is { } blanks) yield return blanks;
        // Two people initial each step.
        var second = step.By == Roles.Witness ? Roles.Administrator : Roles.Witness;
        yield return Table([$"Initials {step.By}", $"Initials {second}", "Time (UTC)", "Exception no."], [Row("", "", "", "")]);
    }

    public static PrintedTable Exceptions() =>
        Table(["No.", "Step", "What happened", "What was decided", "Witness", "Time (UTC)"],
            Enumerable.Range(1, ExceptionLines).Select(n => Row(n.ToString(), "", "", "", "", "")));

    private static List<(string, string)> DescribeStep(CeremonyScript script, Step step) => step switch
    {
        RollCallStep => [("Does", "calls the roll"), ("Typed", "the full name of each person, in the order of the cover")],
        RecordStep => [("Does", "records facts of the room"), ("Typed", "the answers below")],
        ConfirmStep s => [("Asks", s.Ask), ("Typed", s.Type)],
        GateStep => [("Does", "checks the appliance")],
        ClockStep s => [("Does", "compares the clock"), ("Largest offset", $"{s.ToleranceSeconds} seconds"), ("Typed", "the witness's time in UTC")],
        OpenBagsStep => [("Does", "opens bags"), ("Typed", "the number of each bag")],
        SealBagsStep => [("Does", "seals bags"), ("Typed", "the number of each new bag")],
        LedgerStep => [("Does", "reads and compares both record sticks")],
        InspectHsmStep s => [("Does", "inspects the HSM"), ("HSM", s.Token), ("Expected", s.Expect)],
        DealSharesStep s => [("Does", "deals shares"), ("Set", s.Set), ("Quorum", Spell(script, s.Quorum)), ("Secret", $"{s.Bits} bits"), ("Dice", s.Dice ? "thrown" : "not used"), ("Typed", "each card's words, by its own officer")],
        CommissionHsmStep s => [("Does", "commissions the primary HSM"), ("Token label", s.Label)],
        UnlockHsmStep => [("Does", "opens the primary HSM"), ("Typed", "activation shares, by enough officers")],
        PreviewCertificateStep s => DescribePreview(s),
        GenerateKeyStep s => [("Does", "generates a key in the primary HSM"), ("Key", s.Key), ("Purpose", s.Purpose), ("Algorithm", s.Algorithm), ("Backup", s.Backup ? "yes" : "no")],
        SignCertificateStep s => [("Does", "signs a certificate"), ("Certificate", s.Certificate)],
        BackupKeyStep s => [("Does", "backs up a key"), ("Key", s.Key), ("Shares", s.Set)],
        DestroyWrapKeyStep s => [("Does", "destroys the wrap key"), ("Shares", s.Set)],
        RecoveryDrillStep s => [("Does", "drills the recovery in the drill HSM"), ("Key", s.Key), ("Typed", $"{s.Set} shares, by enough officers")],
        LockKeyStep s => [("Does", "locks a key for good"), ("Key", s.Key)],
        RetireHsmStep => [("Does", "retires the old HSM"), ("Typed", "what became of it")],
        DestroyAbandonedStep => [("Does", "destroys the keys that aborted ceremonies left in the primary HSM"), ("Typed", "the first two words of each key's ID")],
        RestoreKeyStep s => [("Does", "restores a key into the primary HSM"), ("Key", s.Key), ("Typed", "backup shares, by enough officers")],
        ImportRequestStep s => [("Does", "reads a request from the import stick"), ("Request", s.Request), ("Typed", "the request's hash as its owner sent it by another way")],
        ImportCertificateStep s => [("Does", "reads a CA certificate from the import stick"), ("Certificate", s.Certificate), ("Typed", "the certificate's hash as its owner sent it by another way")],
        PreviewCrlStep s => DescribeCrl(s),
        SignCrlStep s => [("Does", "signs a revocation list"), ("List", s.Crl)],
        PreviewManifestsStep => [("Does", "reads and shows batches from the import stick"), ("Typed", "the hash of each statement as the factory sent it by another way")],
        SignManifestsStep s => [("Does", "signs the manifest of every batch"), ("Signer", s.Signer), .. s.CoSigners.Select(c => ("Co-signer", c))],
        ShowResultsStep => [("Does", "shows results as QR codes, where they are wanted"), ("Typed", $"the first {Transfer.Acknowledgement.Words} words of each hash, as the receiver reads them")],
        CloseStep => [("Does", "closes the ceremony")],
        _ => throw new UnreachableException($"The print does not know {step.GetType().Name}."),
    };

    private static List<(string, string)> DescribePreview(PreviewCertificateStep s) =>
    [
        ("Does", "previews a certificate"),
        ("Certificate", s.Certificate),
        (s.Source switch { KeySource.Request => "Key from the request", KeySource.Existing => "Name and key of", _ => "Key" }, $"{s.Key}, {s.Algorithm}"),
        ("Issuer", s.Issuer == s.Certificate ? "itself" : s.Issuer),
        ("Profile", s.Profile),
        .. s.Subject.Select(a => ($"Subject {a.Type}", a.Value)),
        ("Valid for", s.Days == 0 ? "no end (99991231235959Z)" : $"{s.Days} days"),
        ("Path length", s.PathLength is { } length ? length.ToString() : "absent"),
        .. s.Purposes.Select(oid => ("Purpose", oid)),
        .. s.Policies.Select(oid => ("Policy", oid)),
        .. s.CrlAddresses.Select(uri => ("Revocation list at", uri)),
    ];

    private static List<(string, string)> DescribeCrl(PreviewCrlStep s) =>
    [
        ("Does", "previews a revocation list"),
        ("List", s.Crl),
        ("Issuer", s.Issuer),
        ("Next update after", $"{s.Days} days"),
        ("Covers", s.Scope == PreviewCrlStep.Full ? "every certificate of the issuer" : s.Scope),
        .. s.Address.Length == 0 ? Array.Empty<(string, string)>() : [("Distribution point", s.Address)],
        .. s.Shard is { } shard ? [("Part", $"{shard.Index} of {shard.Count}")] : Array.Empty<(string, string)>(),
        .. s.DclUrl.Length == 0 ? Array.Empty<(string, string)>() : [("Matter revocation point", $"{s.DclLabel}, {s.DclUrl}")],
        ("Typed", "each revocation, or the file that lists them"),
    ];

    private static PrintedTable? Blanks(CeremonyScript script, Step step) => step switch
    {
        RecordStep s => Table(["Question", "Answer"], s.Fields.Select(f => Row(f.Optional ? $"{f.Ask} (may stay empty)" : f.Ask, ""))),
        ClockStep => Table(["Witness's time (UTC)", "Offset in seconds"], [Row("", "")]),
        OpenBagsStep s => Table(["Out of the bag", "Bag number", "As recorded (witness)"],
            s.Contents.Select(c => Row(c, "", "")).Concat(s.Optional.Select(c => Row($"{c} (if it is needed)", "", "")))),
        SealBagsStep s => Table(["Into the bag", "Bag number", "Sealed (witness)"], s.Contents.Select(c => Row(c, "", ""))),
        LedgerStep => Table(["Head of the ledger in words", "As in the last report (witness)"], [Row("", "")]),
        InspectHsmStep => Table(["Serial number on the screen", "As on the device (witness)"], [Row("", "")]),
        DealSharesStep s => Table(["Card", "Officer", "Read back without fault (initials)"],
            Enumerable.Range(1, script.QuorumNamed(s.Quorum).Count).Select(n => Row(BagContents.ShareCard(s.Cards, n), "", ""))),
        PreviewCertificateStep or SignCertificateStep or PreviewCrlStep or SignCrlStep => Table(["Hash in words", "As approved (witness)"], [Row("", "")]),
        ImportRequestStep or ImportCertificateStep => Table(["File", "Hash in words, as its owner sent it", "By which way (witness)"], [Row("", "", "")]),
        PreviewManifestsStep => Table(["Batch", "Devices, as on the delivery note", "Hash in words, as the factory sent it", "By which way (witness)"], Enumerable.Range(0, BatchLines).Select(_ => Row("", "", "", ""))),
        SignManifestsStep => Table(["Batch", "First words of its hash"], Enumerable.Range(0, BatchLines).Select(_ => Row("", ""))),
        DestroyAbandonedStep => Table(["Key", "First words of its ID", "Destroyed (witness)"], Enumerable.Range(0, DeadKeyLines).Select(_ => Row("", "", ""))),
        BackupKeyStep => Table(["Hash of the blob in words"], [Row("")]),
        ShowResultsStep => Table(["Result", "Receiver", "Received (witness)"], Enumerable.Range(0, ResultLines).Select(_ => Row("", "", ""))),
        CloseStep => Table(["Head of the ledger in words"], [Row("")]),
        _ => null,
    };

    private static string Spell(CeremonyScript script, string name)
    {
        var quorum = script.QuorumNamed(name);
        return $"{quorum.Threshold} of {quorum.Count}";
    }

    /// <summary>Hex in groups of eight, as it is read aloud.</summary>
    private static string Groups(string hex) => string.Join(' ', hex.Chunk(8).Select(chunk => new string(chunk)));

    private static string Join(string[] lines) => string.Join('\n', lines).Trim('\n');

    private static PrintedTable Facts(string title, IEnumerable<(string Name, string Value)> facts) =>
        Table([title, ""], facts.Select(f => Row(f.Name, f.Value)));

    private static PrintedTable Table(ImmutableArray<string> headings, IEnumerable<ImmutableArray<string>> rows) => new(headings, [.. rows]);

    private static ImmutableArray<string> Row(params ImmutableArray<string> cells) => cells;
}
