using System.Collections.Immutable;
using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Script;

/// <summary>Where a step stands and what is read aloud before it.</summary>
internal sealed record StepHeading(int Number, string Title, string Section, string Prose);

/// <summary>Turns one block into the step of its verb; asks exactly for the verb's fields.</summary>
internal static class StepBlock
{
    private static readonly string[] Algorithms = [.. KeyAlgorithm.All.Select(one => one.ScriptName)];

    // 9999-12-31 is what notAfter can say at all; 0 stands for it.
    private const int MaxDays = 36524;
    private const int MaxPathLength = 8;

    // BR 4.9.7: a list that covers CAs is at most twelve months old.
    private const int MaxCrlDays = 366;
    private const int MaxTokenLabel = 32;

    /// <returns>null when the verb is unknown; then it is reported, and the other fields cannot be judged.</returns>
    public static Step? Read(YamlMap map, StepHeading heading, Parameters parameters, int line, Action<string, int, string, string> report)
    {
        string verb = map.Entries.FirstOrDefault(e => e.Name == "do")?.Value is YamlValue { Text: var text } ? text : "";
        var f = new BlockFields(map, verb.Length == 0 ? "a step" : $"a `{verb}` step", parameters, report);
        f.Text("do");
        (string? id, int n, string? t, string? s, string? p) = (f.Name("id"), heading.Number,
            heading.Title, heading.Section, heading.Prose);
        string by = ReadRole(f, report);
        Step? step = verb switch
        {
            "roll-call" => new RollCallStep(id, n, t, s, p, by, line),
            "record" => new RecordStep(id, n, t, s, p, by, line, ReadFields(f, report)),
            "confirm" => new ConfirmStep(id, n, t, s, p, by, line, f.Text("ask"), f.Text("type")),
            "appliance-gate" => new GateStep(id, n, t, s, p, by, line),
            "clock" => new ClockStep(id, n, t, s, p, by, line, f.Number("tolerance-seconds", 1, 3600)),
            "open-bags" => new OpenBagsStep(id, n, t, s, p, by, line, f.Texts("contents"), f.OptionalTexts("optional")),
            "seal-bags" => new SealBagsStep(id, n, t, s, p, by, line, f.Texts("contents")),
            "ledger" => new LedgerStep(id, n, t, s, p, by, line),
            "inspect-hsm" => new InspectHsmStep(id, n, t, s, p, by, line, f.OneOf("token", "primary", "drill"),
                f.OneOf("expect", "blank", "commissioned")),
            "deal-shares" => new DealSharesStep(id, n, t, s, p, by, line, ReadSet(f),
                f.Name("quorum"), ReadBits(f), f.Truth("dice"), f.OptionalText("cards") ?? BagContents.Cards(ReadSet(f)),
                f.OptionalTexts("sites")),
            "commission-hsm" => new CommissionHsmStep(id, n, t, s, p, by, line, ReadTokenLabel(f)),
            "unlock-hsm" => new UnlockHsmStep(id, n, t, s, p, by, line),
            "preview-certificate" => ReadPreview(f,
                new PreviewCertificateStep(id, n, t, s, p, by, line, "", KeySource.Generated, "", "", "", "", [], 0, null, [], [], [])),
            "generate-key" => new GenerateKeyStep(id, n, t, s, p, by, line, f.Name("key"),
                f.OneOf("purpose", KeyPurposes.All), f.OneOf("algorithm", Algorithms), f.Truth("backup")),
            "sign-certificate" => new SignCertificateStep(id, n, t, s, p, by, line, f.Name("certificate")),
            "backup-key" => new BackupKeyStep(id, n, t, s, p, by, line, f.Name("key"), ReadSet(f)),
            "rewrap-key" => new RewrapKeyStep(id, n, t, s, p, by, line, f.Name("key"), ReadSet(f), IsForeign(f)),
            "destroy-wrap-key" => new DestroyWrapKeyStep(id, n, t, s, p, by, line, ReadSet(f)),
            "recovery-drill" => new RecoveryDrillStep(id, n, t, s, p, by, line, f.Name("key"), ReadSet(f)),
            "lock-key" => new LockKeyStep(id, n, t, s, p, by, line, f.Name("key")),
            "link-roots" => new LinkRootsStep(id, n, t, s, p, by, line, f.Texts("roots")),
            "import-request" => new ImportRequestStep(id, n, t, s, p, by, line, f.Name("request")),
            "import-certificate" => new ImportCertificateStep(id, n, t, s, p, by, line, f.Name("certificate")),
            "preview-crl" => new PreviewCrlStep(id, n, t, s, p, by, line, f.Name("crl"), f.Name("issuer"), f.Number("days", 1, MaxCrlDays),
                f.OptionalOneOf("scope", PreviewCrlStep.Scopes) ?? PreviewCrlStep.Full, f.OptionalText("address") ?? "", ReadShard(f),
                f.OptionalText("dcl-label") ?? "", f.OptionalText("dcl-url") ?? ""),
            "preview-manifests" => new PreviewManifestsStep(id, n, t, s, p, by, line),
            "sign-manifests" => new SignManifestsStep(id, n, t, s, p, by, line, f.Name("signer"), f.OptionalTexts("co-signers")),
            "import-builder" => new ImportBuilderStep(id, n, t, s, p, by, line, f.Name("builder")),
            "preview-release" => new PreviewReleaseStep(id, n, t, s, p, by, line, f.Name("release"), f.Name("signer"), f.Text("product"),
                f.Text("component")),
            "sign-release" => new SignReleaseStep(id, n, t, s, p, by, line, f.Name("release")),
            "withdraw-release" => new WithdrawReleaseStep(id, n, t, s, p, by, line, f.Name("release"), f.Text("version"),
                f.LongNumber("counter-floor", uint.MaxValue), f.Text("reason")),
            "sign-crl" => new SignCrlStep(id, n, t, s, p, by, line, f.Name("crl")),
            "change-activation" => new ChangeActivationStep(id, n, t, s, p, by, line),
            "retire-hsm" => new RetireHsmStep(id, n, t, s, p, by, line),
            "destroy-abandoned" => new DestroyAbandonedStep(id, n, t, s, p, by, line),
            "replace-hsm" => new ReplaceHsmStep(id, n, t, s, p, by, line),
            "empty-hsm" => new EmptyHsmStep(id, n, t, s, p, by, line),
            "destroy-key" => new DestroyKeyStep(id, n, t, s, p, by, line, f.Name("key")),
            "rest-key" => new RestKeyStep(id, n, t, s, p, by, line, f.Name("key")),
            "end-key" => new EndKeyStep(id, n, t, s, p, by, line, f.Name("key")),
            "withdraw-root" => new WithdrawRootStep(id, n, t, s, p, by, line, f.Name("root"), f.Name("successor")),
            "account-copies" => new AccountCopiesStep(id, n, t, s, p, by, line, f.Name("key")),
            "restore-key" => new RestoreKeyStep(id, n, t, s, p, by, line, f.Name("key"), IsForeign(f)),
            "show-results" => new ShowResultsStep(id, n, t, s, p, by, line),
            "check-cards" => new CheckCardsStep(id, n, t, s, p, by, line),
            "close" => new CloseStep(id, n, t, s, p, by, line, !f.Has("signed") || f.Truth("signed")),
            _ => null,
        };
        if (step is not null) f.Finish();
        else if (f.Has("do")) report(ScriptRules.Verb, f.LineOf("do"), "This step's `do` is no verb of the format.",
            "docs/formats/script.md lists the verbs.");
        return step;
    }

    private static string ReadRole(BlockFields f, Action<string, int, string, string> report)
    {
        string by = f.Text("by");
        if (by.Length > 0 && !Roles.All.Contains(by))
            report(ScriptRules.Role, f.LineOf("by"), $"There is no role `{by}`.", $"The roles are {string.Join(", ", Roles.All)}.");
        return by;
    }

    private static bool IsForeign(BlockFields f) => f.OptionalOneOf("cards", "dealt", "foreign") == "foreign";

    private static ImmutableArray<RecordField> ReadFields(BlockFields f, Action<string, int, string, string> report)
    {
        ImmutableArray<RecordField>.Builder fields = ImmutableArray.CreateBuilder<RecordField>();
        foreach (BlockFields entry in f.Maps("fields", "a field to record"))
        {
            var field = new RecordField(entry.Name("id"), entry.Text("ask"),
                entry.OneOf("kind", "text", "number", "serial", "sha256", "utc"), entry.OptionalTruth("optional"));
            entry.Finish();
            if (fields.Any(earlier => earlier.Id == field.Id))
                report(ScriptRules.DuplicateName, entry.LineOf("id"), $"The step records `{field.Id}` twice.",
                    "Give each field its own id.");
            fields.Add(field);
        }
        return fields.ToImmutable();
    }

    /// <summary>Exactly one of <c>key</c>, <c>request</c> and <c>existing</c> says whose key is certified.</summary>
    private static PreviewCertificateStep ReadPreview(BlockFields f, PreviewCertificateStep step)
    {
        (KeySource source, string field) = f.Has("request")
            ? (KeySource.Request, "request")
            : f.Has("existing") ? (KeySource.Existing, "existing") : (KeySource.Generated, "key");
        return step with
        {
            Certificate = f.Name("certificate"),
            Source = source,
            Key = f.Name(field),
            Issuer = f.Name("issuer"),
            Profile = f.Name("profile"),
            Algorithm = f.OneOf("algorithm", Algorithms),
            UnderClassical = f.OptionalText("under-classical") ?? "",
            Subject = source == KeySource.Existing ? [] : ReadSubject(f),
            Days = f.Number("days", 0, MaxDays),
            PathLength = f.OptionalNumber("path-length", 0, MaxPathLength),
            Purposes = ReadOids(f, "purposes"),
            Policies = ReadOids(f, "policies"),
            CrlAddresses = ReadAddresses(f),
        };
    }

    private static ImmutableArray<string> ReadOids(BlockFields f, string name)
    {
        ImmutableArray<string> oids = f.OptionalTexts(name);
        if (oids.Any(oid => !oid.Contains('.') || oid.Split('.').Any(arc => arc.Length == 0 || !arc.All(char.IsAsciiDigit)))
            || oids.Distinct().Count() != oids.Length)
            f.Wrong(f.LineOf(name), name, "object identifiers in dotted form, each once");
        return oids;
    }

    private static ImmutableArray<string> ReadAddresses(BlockFields f)
    {
        ImmutableArray<string> addresses = f.OptionalTexts("crl-addresses");
        if (addresses.Any(address => !address.StartsWith("http://", StringComparison.Ordinal))
            || addresses.Distinct().Count() != addresses.Length)
            f.Wrong(f.LineOf("crl-addresses"), "crl-addresses", "addresses that begin with `http://`, each once");
        return addresses;
    }

    private static Shard? ReadShard(BlockFields f)
    {
        if (f.OptionalText("shard") is not { } text) return null;
        if (text.Split(" of ") is [var index, var count] && int.TryParse(index, out int i)
            && int.TryParse(count, out int n) && $"{i} of {n}" == text && n is >= 2 and <= 65536 && i >= 1 && i <= n)
            return new Shard(i, n);
        f.Wrong(f.LineOf("shard"), "shard", "`2 of 8`: which part, of 2 to 65536");
        return null;
    }

    private static ImmutableArray<SubjectAttribute> ReadSubject(BlockFields f) =>
        [.. f.Pairs("subject").Select(pair => new SubjectAttribute(pair.Name, pair.Text))];

    private static string ReadSet(BlockFields f) => f.OneOf("set", "activation", "backup");

    private static int ReadBits(BlockFields f)
    {
        int bits = f.Number("bits", 128, 256);
        if (bits is not (128 or 256)) f.Wrong(f.LineOf("bits"), "bits", "128 or 256");
        return bits;
    }

    /// <summary>PKCS#11 pads the label to 32 bytes with spaces, so it is ASCII and does not end in one.</summary>
    private static string ReadTokenLabel(BlockFields f)
    {
        string label = f.Text("label");
        if (label.Length > MaxTokenLabel || label.Any(c => c is < ' ' or > '~'))
            f.Wrong(f.LineOf("label"), "label", $"1 to {MaxTokenLabel} printable ASCII characters");
        return label;
    }
}
