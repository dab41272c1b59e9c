using System.Collections.Immutable;
using System.Diagnostics;

namespace KeyCeremony.Core.Script;

/// <param name="Rows">Plain text; an empty cell is room to write by hand, <see cref="PrintedPages.HashRoom"/> room for a hash.</param>
/// <param name="IsFacts">What something is called, and what it is: two columns, the second as wide as can be.</param>
/// <param name="Weights">How wide the columns are to each other; left out: alike.</param>
public sealed record PrintedTable(
    ImmutableArray<string> Headings, ImmutableArray<ImmutableArray<string>> Rows,
    bool IsFacts = false, ImmutableArray<int> Weights = default)
{
    /// <summary>One for each column.</summary>
    public ImmutableArray<int> ColumnWeights => Weights.IsDefault ? [.. Headings.Select(_ => 1)] : Weights;
}

/// <param name="Markdown">Text of the script as written, without the block.</param>
/// <param name="Step">The step whose tables follow; null for introductions and section headings.</param>
public sealed record PrintedPiece(string Markdown, Step? Step);

/// <summary>What stands on the pages of the binder copy, before it becomes Markdown, HTML or PDF.</summary>
public static class PrintedPages
{
    /// <summary>Two lines for 64 hex digits, in groups of eight as they are read aloud.</summary>
    public const string HashRoom = "________ ________ ________ ________\n________ ________ ________ ________";

    /// <summary>Room for the 32 words of a hash.</summary>
    public const string WordRoom = "\n\n\n";

    /// <summary>Heading of the last page but one.</summary>
    public const string ExceptionSheet = "Exceptions";

    /// <summary>Heading of the page that everybody signs.</summary>
    public const string AttestationSheet = "Attestation";

    /// <summary>What they sign.</summary>
    public const string AttestationNote =
        "I was present in the role that stands beside my name. The ceremony was carried out as this script says, step by step. "
            + "Whatever I know that went otherwise stands on the exception sheets.";

    /// <summary>Over the lines for exceptions.</summary>
    public const string ExceptionNote = "The witness writes down here whatever went otherwise "
        + "than the script says, even if it seems of no account, and signs each line. The same exception is recorded in the appliance.";

    private static readonly ImmutableArray<int> SignatureWeights = [3, 5, 5, 3];

    private static readonly (string, string)[] Elsewhere =
        [("Cards", "made elsewhere: no digest of the ledger knows them"), ("Typed", "those cards, and their passphrase")];

    private const int BatchLines = 4;
    private const int DeadKeyLines = 4;
    private const int CheckedLines = 8;
    private const int ResultLines = 6;
    private const int ExceptionLines = 12;

    /// <summary>What the script is, and who takes part.</summary>
    /// <param name="words">Spells a hash in words; null: hex only.</param>
    /// <param name="last">Where the bags' numbers come from; null: they are written by hand.</param>
    public static IEnumerable<PrintedTable> Cover(CeremonyScript script, Func<byte[], string>? words, LastTime? last = null)
    {
        ArgumentNullException.ThrowIfNull(script);
        var facts = new List<(string, string)>
        {
            ("Ceremony", script.Name),
            ("Version", script.Version.ToString()),
            ("May run in", string.Join(", ", script.Environments)),
            ("Steps", script.Steps.Length.ToString()),
            ("SHA-256 of the script", Groups(script.Sha256)),
        };
        if (words is not null) facts.Add(("The same in words", words(Convert.FromHexString(script.Sha256))));
        if (!script.Combined.IsEmpty) facts.Add(("Must be present", CombinedSeats.Needed(script)));
        facts.AddRange(CombinedSeats.Losses(script).Select(lost => ("Lost by combined seats", lost)));
        facts.AddRange(script.Quorums.Select(q => ($"Quorum {q.Name}", q.Plan.Title)));
        if (last is not null)
            facts.Add(("Bag numbers from", $"ledger {last.LedgerId} ({last.Environment}), "
                + $"entry {last.Seq}{(last.Ceremony.Length > 0 ? $", sealed last in {last.Ceremony}" : "")}"));
        facts.AddRange([("Date", ""), ("Place", ""), ("Begun at (UTC)", ""), ("Closed at (UTC)", "")]);
        yield return Facts("Script", facts);
        yield return Table(["Role", "Name", "Signature", "Date"], Seats(script).Select(seat => Row(seat, "", "", "")), SignatureWeights);
    }

    /// <summary>A line for everybody who took part, signed at the end.</summary>
    public static PrintedTable Attestation(CeremonyScript script)
    {
        ArgumentNullException.ThrowIfNull(script);
        return Table(["Role", "Name in print", "Signature", "Date and time (UTC)"],
            Seats(script).Select(seat => Row(seat, "", "", "")), SignatureWeights);
    }

    /// <summary>The whole body of the text in order; each step's block is taken out, its prose kept.</summary>
    public static IEnumerable<PrintedPiece> Body(CeremonyScript script)
    {
        ArgumentNullException.ThrowIfNull(script);
        string[] lines = script.Text.Split('\n');
        int from = Array.IndexOf(lines, FrontMatter.Mark, 1) + 1;
        foreach (Step step in script.Steps)
        {
            int block = step.Line - 1;
            int heading = Array.FindLastIndex(lines, block - 1, line => line.StartsWith("##", StringComparison.Ordinal));
            string before = Join(lines[from..heading]);
            if (before.Length > 0) yield return new PrintedPiece(before, null);
            yield return new PrintedPiece(Join(lines[heading..block]), step);
            from = Array.FindIndex(lines, block + 1,
                line => line.StartsWith("```", StringComparison.Ordinal) || line.StartsWith("~~~", StringComparison.Ordinal)) + 1;
        }
        string rest = Join(lines[from..]);
        if (rest.Length > 0) yield return new PrintedPiece(rest, null);
    }

    /// <summary>What the step does, room for what is written by hand, and the line of initials.</summary>
    /// <param name="last">The numbers of last time's bags; null: they are written by hand.</param>
    public static IEnumerable<PrintedTable> Tables(CeremonyScript script, Step step, LastTime? last = null)
    {
        ArgumentNullException.ThrowIfNull(script);
        ArgumentNullException.ThrowIfNull(step);
        yield return Facts($"Step {step.Id}", DescribeStep(script, step));
        if (Blanks(script, step, last) is { } blanks) yield return blanks;
        // Two people initial each step.
        string second = step.By != Roles.Witness ? Roles.Witness
            : script.SeatsFor(Roles.Administrator) > 0 ? Roles.Administrator : Roles.Operator;
        yield return Table([$"Initials {step.By}", $"Initials {second}", "Time (UTC)", "Exception no."], [Row("", "", "", "")]);
    }

    /// <summary>Empty lines for the witness.</summary>
    public static PrintedTable Exceptions() =>
        Table(["No.", "Step", "What happened", "What was decided", "Witness", "Time (UTC)"],
            Enumerable.Range(1, ExceptionLines).Select(n => Row(n.ToString(), "", "", "", "", "")), [2, 4, 12, 10, 5, 5]);

    private static List<(string, string)> DescribeStep(CeremonyScript script, Step step) => step switch
    {
        RollCallStep => [("Does", "calls the roll"), ("Typed", "the full name of each person, in the order of the cover")],
        RecordStep => [("Does", "records facts of the room"), ("Typed", "the answers below")],
        ConfirmStep s => [("Asks", s.Ask), ("Typed", s.Type)],
        GateStep => [("Does", "checks the appliance")],
        ClockStep s => [("Does", "compares the clock"), ("Largest offset", $"{s.ToleranceSeconds} seconds"),
            ("Typed", "the witness's time in UTC")],
        OpenBagsStep => [("Does", "opens bags"), ("Typed", "the number of each bag")],
        SealBagsStep => [("Does", "seals bags"), ("Typed", "the number of each new bag")],
        LedgerStep => [("Does", "reads and compares both record sticks")],
        InspectHsmStep s => [("Does", "inspects the HSM"), ("HSM", s.Token), ("Expected", s.Expect)],
        DealSharesStep s => [("Does", "deals shares"), ("Set", s.Set), ("Quorum", script.QuorumNamed(s.Quorum).Plan.Title),
            ("Secret", $"{s.Bits} bits"), ("Dice", s.Dice ? "thrown" : "not used"), ("Typed", "each card's words, by its own officer")],
        CommissionHsmStep s => [("Does", "commissions the primary HSM"), ("Token label", s.Label)],
        UnlockHsmStep => [("Does", "opens the primary HSM"), ("Typed", "activation shares, by enough officers")],
        PreviewCertificateStep s => DescribePreview(s),
        GenerateKeyStep s => [("Does", "generates a key in the primary HSM"), ("Key", s.Key),
            ("Purpose", s.Purpose), ("Algorithm", s.Algorithm), ("Backup", s.Backup ? "yes" : "no")],
        SignCertificateStep s => [("Does", "signs a certificate"), ("Certificate", s.Certificate)],
        BackupKeyStep s => [("Does", "backs up a key"), ("Key", s.Key), ("Shares", s.Set)],
        RewrapKeyStep s => [("Does", "makes a key's backup anew"), ("Key", s.Key), ("Shares", s.Set), .. s.Foreign ? Elsewhere : []],
        DestroyWrapKeyStep s => [("Does", "destroys the wrap key"), ("Shares", s.Set)],
        RecoveryDrillStep s => [("Does", "drills the recovery in the drill HSM"),
            ("Key", s.Key), ("Typed", $"{s.Set} shares, by enough officers")],
        LockKeyStep s => [("Does", "locks a key for good"), ("Key", s.Key)],
        LinkRootsStep s => [("Does", "lets two roots name each other"), ("Roots", string.Join(", ", s.Roots))],
        ChangeActivationStep => [("Does", "changes the PINs of the primary HSM to those of the new cards"),
            ("Typed", "the old activation shares, by enough officers; the word for it")],
        RetireHsmStep => [("Does", "retires the old HSM"), ("Typed", "what became of it")],
        DestroyAbandonedStep => [("Does", "destroys the keys that aborted ceremonies left in the primary HSM"),
            ("Typed", "the first two words of each key's ID")],
        ReplaceHsmStep => [("Does", "takes the HSM out of use whose keys move"), ("Typed", "the word for it")],
        EmptyHsmStep => [("Does", "destroys the keys in the former HSM, or says why they remain"),
            ("Typed", "the first two words of each key's ID; its activation shares, by enough officers")],
        DestroyKeyStep s => [("Does", "ends a key, and destroys it in the primary HSM"), ("Key", s.Key),
            ("Typed", "why it ends; the word that ends it; the first two words of its ID")],
        RestKeyStep s => [("Does", "destroys a key in the primary HSM that lives on as backup and cards"), ("Key", s.Key),
            ("Typed", "the first two words of its ID")],
        EndKeyStep s => [("Does", "ends a key by the witness's word"), ("Key", s.Key), ("Typed", "why it ends; the word that ends it")],
        WithdrawRootStep s => [("Does", "signs that a root is withdrawn"), ("Root", s.Root), ("Signed by", s.Successor)],
        AccountCopiesStep s => [("Does", "gives account of every copy of a key that ended"), ("Key", s.Key),
            ("Typed", "what became of each copy, and who did it or why it remains")],
        RestoreKeyStep s => [("Does", "restores a key into the primary HSM"), ("Key", s.Key),
            .. s.Foreign ? Elsewhere : [("Typed", "backup shares, by enough officers")]],
        ImportRequestStep s => [("Does", "reads a request from the import stick"),
            ("Request", s.Request), ("Typed", "the request's hash as its owner sent it by another way")],
        ImportCertificateStep s => [("Does", "reads a CA certificate from the import stick"),
            ("Certificate", s.Certificate), ("Typed", "the certificate's hash as its owner sent it by another way")],
        PreviewCrlStep s => DescribeCrl(s),
        SignCrlStep s => [("Does", "signs a revocation list"), ("List", s.Crl)],
        PreviewManifestsStep => [("Does", "reads and shows batches from the import stick"),
            ("Typed", "the hash of each statement as the factory sent it by another way")],
        SignManifestsStep s => [("Does", "signs the manifest of every batch"), ("Signer", s.Signer),
            .. s.CoSigners.Select(c => ("Co-signer", c))],
        ImportBuilderStep s => [("Does", "reads a builder's public key from the import stick"), ("Builder", s.Builder),
            ("Typed", "the hash of the key as the builder sent it by another way")],
        PreviewReleaseStep s => [("Does", "reads, judges and shows a release request from the import stick"), ("Release", s.Release),
            ("Product", s.Product), ("Component", s.Component), ("Signer", s.Signer),
            ("Typed", "the hash of release.yaml as the release engineer sent it by another way")],
        SignReleaseStep s => [("Does", "signs every image of a release"), ("Release", s.Release)],
        WithdrawReleaseStep s => [("Does", "withdraws a release"), ("Release", s.Release), ("Version", s.Version),
            ("Lowest counter from now on", $"{s.CounterFloor}"), ("Reason", s.Reason)],
        ShowResultsStep => [("Does", "shows results as QR codes, where they are wanted"),
            ("Typed", $"the first {Transfer.Acknowledgement.Words} words of each hash, as the receiver reads them")],
        CheckCardsStep => [("Does", "checks cards, one custodian after another; no secret is rebuilt"),
            ("Typed", "each card, by its custodian; or what became of it, by the witness")],
        CloseStep { Signed: false } => [("Does", "closes the ceremony; the next one signs what stands in the ledger")],
        CloseStep => [("Does", "closes the ceremony")],
        _ => throw new UnreachableException($"The print does not know {step.GetType().Name}."),
    };

    private static List<(string, string)> DescribePreview(PreviewCertificateStep s) =>
    [
        ("Does", "previews a certificate"),
        ("Certificate", s.Certificate),
        (s.Source switch { KeySource.Request => "Key from the request", KeySource.Existing => "Name and key of", _ => "Key" },
            $"{s.Key}, {s.Algorithm}"),
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

    private static PrintedTable? Blanks(CeremonyScript script, Step step, LastTime? last) => step switch
    {
        RecordStep s => Answers("Question",
            s.Fields.Select(f => (f.Optional ? $"{f.Ask} (may stay empty)" : f.Ask, f.Kind == "sha256" ? HashRoom : ""))),
        ClockStep => Table(["Witness's time (UTC)", "Offset in seconds"], [Row("", "")]),
        OpenBagsStep s => Table(["Out of the bag", "Number on the bag", last is null ? "As recorded (witness)" : "As recorded last time",
            "The same (witness)"],
            s.Contents.Select(c => Row(c, "", Recorded(c, last), ""))
                .Concat(s.Optional.Select(c => Row($"{c} (if it is needed)", "", Recorded(c, last), "")))),
        SealBagsStep s => Table(["Into the bag", "Bag number", "Sealed (witness)"], s.Contents.Select(c => Row(c, "", ""))),
        LedgerStep => Answers("Ledger", [("Its head in words", WordRoom), ("As in the last report (witness)", "")]),
        InspectHsmStep => Table(["Serial number on the screen", "As on the device (witness)"], [Row("", "")]),
        DealSharesStep s => Table(["Card", "Officer", "Read back without fault (initials)"],
            Enumerable.Range(1, script.QuorumNamed(s.Quorum).Count).Select(n => Row(BagContents.ShareCard(s.Cards, n), "", ""))),
        PreviewCertificateStep or SignCertificateStep or PreviewCrlStep or SignCrlStep => Answers("Found",
            [("Hash in words", WordRoom), ("As approved (witness)", "")]),
        ImportRequestStep or ImportCertificateStep => Answers("From its owner",
            [("File", ""), ("Hash, as its owner sent it", HashRoom), ("or in words", WordRoom), ("By which way (witness)", "")]),
        ImportBuilderStep => Answers("From the builder",
            [("File", ""), ("Hash of the key, as the builder sent it", HashRoom), ("or in words", WordRoom),
                ("By which way (witness)", "")]),
        PreviewReleaseStep => Answers("From the release engineer", [("Version and security counter", ""),
            ("Hash of release.yaml, as it was sent", HashRoom), ("or in words", WordRoom), ("By which way (witness)", "")]),
        SignReleaseStep => Answers("Signed", [("First words of what was signed of each image", WordRoom)]),
        WithdrawReleaseStep => Answers("Withdrawn", [("Version, as on the order to withdraw it (witness)", "")]),
        PreviewManifestsStep => Table(["Batch", "Devices, as on the delivery note",
            "Hash, as the factory sent it", "By which way (witness)"],
            Enumerable.Range(0, BatchLines).Select(_ => Row("", "", HashRoom, ""))),
        SignManifestsStep => Table(["Batch", "First words of its hash"], Enumerable.Range(0, BatchLines).Select(_ => Row("", ""))),
        DestroyAbandonedStep => Table(["Key", "First words of its ID", "Destroyed (witness)"],
            Enumerable.Range(0, DeadKeyLines).Select(_ => Row("", "", ""))),
        EmptyHsmStep => Table(["Key", "First words of its ID", "Destroyed (witness)"],
            Enumerable.Range(0, DeadKeyLines).Select(_ => Row("", "", ""))),
        DestroyKeyStep => Table(["HSM", "First words of its ID", "Destroyed (witness)"],
            Enumerable.Range(0, DeadKeyLines).Select(_ => Row("", "", ""))),
        RestKeyStep => Table(["HSM", "First words of its ID", "Destroyed (witness)"], [Row("", "", "")]),
        EndKeyStep => Answers("Ended", [("At (UTC)", ""), ("Why (witness)", "")]),
        AccountCopiesStep => Table(["Copy", "Cleared, purged, destroyed, or remains", "Who and how, or why", "Witness"],
            Enumerable.Range(0, CheckedLines).Select(_ => Row("", "", "", ""))),
        BackupKeyStep or RewrapKeyStep => Answers("Backup", [("Hash of the blob in words", WordRoom)]),
        ShowResultsStep => Table(["Result", "Receiver", "Received (witness)"],
            Enumerable.Range(0, ResultLines).Select(_ => Row("", "", ""))),
        CheckCardsStep => Table(["Card (set, number)", "Custodian", "Result", "Where it lies", "New bag"],
            Enumerable.Range(0, CheckedLines).Select(_ => Row("", "", "", "", ""))),
        CloseStep => Answers("Ledger", [("Its head", HashRoom), ("The same in words", WordRoom)]),
        _ => null,
    };

    private static string Recorded(string content, LastTime? last) =>
        last is null ? "" : last.Bags.GetValueOrDefault(content, "no bag is recorded");

    /// <summary>A line for each person: who has two seats signs once, for both.</summary>
    private static IEnumerable<string> Seats(CeremonyScript script) =>
        CombinedSeats.People(script).Select(person => CombinedSeats.InWords(script, person));

    private static PrintedTable Answers(string title, IEnumerable<(string Name, string Room)> answers) =>
        new([title, "Answer"], [.. answers.Select(a => Row(a.Name, a.Room))], IsFacts: true);

    /// <summary>Hex in groups of eight, as it is read aloud.</summary>
    private static string Groups(string hex) => string.Join(' ', hex.Chunk(8).Select(chunk => new string(chunk)));

    private static string Join(string[] lines) => string.Join('\n', lines).Trim('\n');

    private static PrintedTable Facts(string title, IEnumerable<(string Name, string Value)> facts) =>
        new([title, ""], [.. facts.Select(f => Row(f.Name, f.Value))], IsFacts: true);

    private static PrintedTable Table(
        ImmutableArray<string> headings, IEnumerable<ImmutableArray<string>> rows, ImmutableArray<int> weights = default) =>
        new(headings, [.. rows], Weights: weights);

    private static ImmutableArray<string> Row(params ImmutableArray<string> cells) => cells;
}
