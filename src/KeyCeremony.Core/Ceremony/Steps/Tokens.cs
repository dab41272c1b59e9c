using System.Collections.Immutable;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Ceremony.Steps;

/// <summary>The HSMs: inspected, commissioned, unlocked, retired.</summary>
internal static class Tokens
{
    private const string SerialId = "serial";
    private const string AnotherId = "another/seen";

    public static Move Inspect(CeremonyState s, InspectHsmStep step)
    {
        bool blank = step.Expect == "blank";
        if (RefuseMlDsa(s) is { } later)
            return Stop(s, later.Rule, later.Message, later.Remedy);
        if (!blank && s.World.Primary is null)
            return NoToken(s);
        if (blank && step.Token == "primary" && s.World.Primary is { } present)
            return Stop(s, CeremonyRules.WrongToken, $"This ledger already has the HSM {present.Commissioned.Serial}.",
                "Retire it first, or use the script for a commissioned HSM.");
        if (s.Latest<TokenProbed>() is not { } probe)
            return new Perform(new ProbeToken(step.Token, blank, Algorithms(s)));
        if (Unsafe(s, step, probe) is { } stop)
            return ProbeAgain(s, step, probe, stop);
        return OtherSerial(s, step, probe, blank)
            ?? Room.Seen(s, Roles.Witness, "Compare the serial number with the device. Has the witness read what was found?",
                [.. Typed(s, step), .. Uncompared(s, step, probe), .. Lines(probe)]);
    }

    /// <summary>
    /// The drill HSM was lost in this effect, and the officers took another one: it is inspected as the first one was, and its number
    /// compared. Null: nobody took one, or it may be used.
    /// </summary>
    public static Move? Another(CeremonyState s, string effect, Step step)
    {
        if (!Interruption.TookAnother(s, effect))
            return null;
        var inspect = new InspectHsmStep(step.Id, step.Number, step.Title, step.Section, step.Prose, step.By, step.Line, "drill", "blank");
        ImmutableArray<EntryBody> since = s.Since(b => b is AttemptResolved r && r.Effect == effect);
        if (since.OfType<TokenProbed>().LastOrDefault() is not { } probe)
            return new Perform(new ProbeToken(inspect.Token, true, Algorithms(s)));
        if (Unsafe(s, inspect, probe) is { } stop)
            return ProbeAgain(s, inspect, probe, stop);
        return since.Answer(AnotherId) is null
            ? new Ask(new Question(AnotherId, Roles.Witness, 1,
                "Another drill HSM takes the place of the one that is gone. Has the witness compared its serial number with the device, "
                    + "and read what was found?", AnswerKind.Acknowledge, "Enter goes on.", Evidence: Lines(probe)))
            : null;
    }

    private static Move ProbeAgain(CeremonyState s, InspectHsmStep step, TokenProbed probe, Refusal stop) =>
        s.Since(b => b is TokenProbed).Answer("probe-again") is null
            ? new Ask(new Question("probe-again", Roles.Operator, 1, "This HSM cannot be used. Connect another one, then look again.",
                AnswerKind.Choice,
                "Every line that says FAIL would make the key or its backup unsafe.", Options: [new Option("again", "Inspect again")],
                Evidence: Lines(probe), Blocked: stop))
            : new Perform(new ProbeToken(step.Token, step.Expect == "blank", Algorithms(s)));

    /// <summary>
    /// The number that was read from the device and the one that the HSM says are two: another HSM is connected, or the witness lets it be.
    /// </summary>
    private static Move? OtherSerial(CeremonyState s, InspectHsmStep step, TokenProbed probe, bool blank)
    {
        if (s.Format < JournalFormats.Replayed || s.Printed.GetValueOrDefault(RecordField.OfHsm(step.Token)) is not { } printed
            || HsmNumber.IsSame(s.Format, printed, probe.Serial)
            || SoftwareTokens.Is(probe.Manufacturer, probe.Model))
            return null;
        ImmutableArray<EntryBody> since = s.Since(b => b is TokenProbed);
        return since.Answer(SerialId) switch
        {
            null => new Ask(new Question(SerialId, Roles.Witness, 1,
                $"The number on the {step.Token} HSM was read as {printed}, and the HSM says {probe.Serial}. The witness decides.",
                AnswerKind.Choice,
                "Look at the device again. If another one is connected, connect the right one. "
                    + "If this is the device, it is recorded as an exception.",
                Options: [new Option("again", "Another HSM is connected now: inspect again"),
                    new Option("exception", "It is this device: record an exception")], Evidence: [.. Typed(s, step), .. Lines(probe)])),
            "again" => new Perform(new ProbeToken(step.Token, blank, Algorithms(s))),
            _ when since.Any(b => b is ExceptionRaised { Rule: CeremonyRules.OtherSerial }) => null,
            _ => new Note(Room.Exception(s, CeremonyRules.OtherSerial,
                $"The number on the {step.Token} HSM was read as {printed}; the HSM says {probe.Serial}.")),
        };
    }

    private static IEnumerable<string> Typed(CeremonyState s, InspectHsmStep step) =>
        s.Printed.GetValueOrDefault(RecordField.OfHsm(step.Token)) is { } printed ? [$"Read from the device {printed}"] : [];

    /// <summary>A software HSM's number stands on no device: a rehearsal types any, and is told that nothing was compared.</summary>
    private static IEnumerable<string> Uncompared(CeremonyState s, InspectHsmStep step, TokenProbed probe) =>
        s.Printed.GetValueOrDefault(RecordField.OfHsm(step.Token)) is { } printed && SoftwareTokens.Is(probe.Manufacturer, probe.Model)
            && !HsmNumber.IsSame(s.Format, printed, probe.Serial)
                ? ["Not compared: a software HSM bears no number."] : [];

    public static Move Commission(CeremonyState s, CommissionHsmStep step)
    {
        if (s.Latest<TokenCommissioned>() is { } done)
            return Eyes.Look(s, done.Serial)
                ?? Room.Seen(s, Roles.Witness, "The HSM is commissioned. Nobody knows its PINs; only a quorum can make them again.",
                [$"Label  {done.Label}", $"Serial {done.Serial}", $"Maker  {done.Manufacturer} {done.Model}",
                    $"PIN    {done.PinLength} characters, {done.PinBits} bits", .. Eyes.Lines(s)]);
        ShareSetFact set = s.SetHere("activation")!;
        return s.Held.Contains(set.Made.Set)
            ? new Perform(new CommissionToken(step.Label, set.Made.Set, s.Probes.GetValueOrDefault("primary")?.Serial ?? "",
                Interruption.Resolution(s, "commission-token") == "repeat"))
            : Shares.Present(s, set);
    }

    public static Move Unlock(CeremonyState s)
    {
        if (s.World.Primary is null)
            return NoToken(s);
        return s.Unlocked
            ? Room.Seen(s, Roles.Witness, "The HSM is unlocked.",
                [$"Label  {s.World.Primary.Commissioned.Label}", $"Serial {s.World.Primary.Commissioned.Serial}", .. KeptHead(s)])
            : UnlockFirst(s);
    }

    /// <summary>The ledger head that the HSM keeps; it was compared when it was unlocked.</summary>
    private static ImmutableArray<string> KeptHead(CeremonyState s) => s.Latest<TokenUnlocked>() switch
    {
        null => [],
        { HeadSeq: 0 } => ["The HSM keeps no head yet: no ceremony was closed on it."],
        var kept => [.. Evidence.Hash($"Head that the HSM keeps, entry {kept.HeadSeq}: it is ours", kept.Head)],
    };

    /// <summary>A quorum presents its activation shares, the PIN is derived, the token answers with the ledger head it keeps.</summary>
    public static Move UnlockFirst(CeremonyState s)
    {
        if (s.World.Primary is not { } token)
            return NoToken(s);
        if (token.Perhaps.Length > 0)
            return Changing.Settle(s, token);
        string set = token.Commissioned.Set;
        return s.Held.Contains(set)
            ? new Perform(new UnlockToken(token.Commissioned.Serial, set))
            : Shares.Present(s, s.World.Sets[set], Lost(s));
    }

    /// <summary>Another binding looks at the primary HSM, then the witness at what was done.</summary>
    public static Move Seen(CeremonyState s, string serial, string what, ImmutableArray<string> lines) =>
        Eyes.Look(s, serial) ?? Room.Seen(s, Roles.Witness, what, [.. lines, .. Eyes.Lines(s)]);

    /// <summary>Why an HSM that was open is not any more.</summary>
    private static ImmutableArray<string> Lost(CeremonyState s)
    {
        EntryBody? last = s.SoFar.Select(e => e.Body).LastOrDefault(b => b is TokenUnlocked or TokenLocked or Reopened or TokenCommissioned
            || b is Failed f && Replay.LostTheHsm(f));
        return last is Failed lost ? [$"The HSM was lost: {lost.Where}", lost.Message]
            : s.Step is UnlockHsmStep ? []
            : ["The HSM is locked: it is opened again before this step goes on."];
    }

    public static Move Retire(CeremonyState s)
    {
        if (s.Latest<TokenRetired>() is not null)
            return Room.Done;
        if (s.World.Primary is null && s.Format >= JournalFormats.Replayed && s.World.Retired is [.., var gone])
            return Room.Seen(s, Roles.Witness, "No HSM is in use: the last one is retired already.",
                $"Serial {gone.Serial}", $"{gone.How}: {gone.Remark}");
        if (s.World.Primary is not { } old)
            return Stop(s, CeremonyRules.NoToken, "The ledger knows no HSM that could be retired.",
                "Restore the ledger from the right bundle.");
        ImmutableArray<string> evidence = [$"Label  {old.Commissioned.Label}", $"Serial {old.Commissioned.Serial}"];
        if (s.Answer("how") is not { } how)
            return new Ask(new Question("how", Roles.Witness, 1, "What became of the old HSM?", AnswerKind.Choice,
                "A lost HSM may still hold the key: decide afterwards whether certificates must be revoked.",
                Options: [new Option("destroyed", "It is destroyed beyond recovery"),
                    new Option("lost", "It is lost; somebody may have it")], Evidence: evidence));
        if (s.Answer("remark") is not { } remark)
            return new Ask(new Question("remark", Roles.Witness, 1, "How is this known? One sentence.",
                AnswerKind.Text, "It stands in the report.", Evidence: evidence));
        return s.Answer("right") is null
            ? new Ask(new Question("right", Roles.Witness, 1, "Is this right? It cannot be changed afterwards.",
                AnswerKind.Acknowledge, "Enter goes on. Undo takes the last answer back.",
                Evidence: [.. evidence, $"{how}: {remark}"]))
            : new Note(new TokenRetired(old.Commissioned.Serial, how, remark));
    }

    public static Move NoToken(CeremonyState s) => s.World.DeadToken is { } dead
        ? Stop(s, CeremonyRules.DeadToken, $"The HSM {dead.Commissioned.Serial} "
            + $"was commissioned in the ceremony {dead.Ceremony}, which was aborted: it is dead, and its cards open nothing.",
            "Erase it with its maker's tool, then run the script that commissions one again: "
                + "that it is found blank proves that nothing is left.")
        : Stop(s, CeremonyRules.NoToken, "The ledger knows no commissioned HSM.", "Use the script that commissions one.");

    /// <summary>There is no way on in this ceremony; it can be left or aborted.</summary>
    public static Move Stop(CeremonyState s, string rule, string what,
        string remedy) => new Ask(new Question("stopped",
        // A day without an HSM has none.
        s.Script.SeatsFor(Roles.Administrator) > 0 ? Roles.Administrator : Roles.Operator, 1,
        "The ceremony cannot go on from here.", AnswerKind.Choice, "Leave it and come back, or abort it (F9).",
        Options: [new Option("look-again", "Look again")], Evidence: [what, remedy], Blocked: new Refusal(rule, what, remedy)));

    /// <summary>Before a device is asked for anything: whether this format has the kinds of keys that the script names.</summary>
    public static Refusal? RefuseMlDsa(CeremonyState s) => s.Format < JournalFormats.PostQuantum
        && s.Script.Steps.Any(step =>
            KeyAlgorithm.IsNameOfMlDsa((step as GenerateKeyStep)?.Algorithm ?? (step as PreviewCertificateStep)?.Algorithm))
            ? new(CeremonyRules.KeyOfLaterFormat,
                "The script names an ML-DSA key, and this ceremony was opened by a program that leads none which makes one.",
                "Nothing was made. Abort, and open the same script again: this program leads it.")
            : null;

    /// <summary>The kinds of keys that this ceremony makes, and those of the keys that are in the HSM already.</summary>
    private static Names Algorithms(CeremonyState s) => new([.. s.Script.Steps
        .Select(step => step switch
        {
            GenerateKeyStep g => g.Algorithm,
            RestoreKeyStep r => s.World.Keys.GetValueOrDefault(r.Key)?.Generated.Algorithm,
            _ => null,
        })
        .OfType<string>()
        .Concat(s.World.Keys.Values.Where(k => k.Serial == s.World.Primary?.Commissioned.Serial).Select(k => k.Generated.Algorithm))
        .Distinct().Order(StringComparer.Ordinal)]);

    private static Refusal? Unsafe(CeremonyState s, InspectHsmStep step, TokenProbed probe)
    {
        if (s.Format >= JournalFormats.Compared && step.Expect == "blank" && HsmNumber.IsNone(probe.Serial))
            return new(CeremonyRules.NoNumber, $"This HSM reports the serial number \"{probe.Serial}\", which is none: "
                + "it cannot be told from the drill HSM, nor from any other on a later day.",
                "Connect one that reports a number of its own, then look again.");
        if (step.Token == "drill" && probe.Serial == s.World.Primary?.Commissioned.Serial)
            return new(CeremonyRules.SameToken, "The drill HSM is the primary HSM.", "Connect a second one: the drill wipes it.");
        // Under whatever label: at the drill it would be found with the root signed.
        if (s.Format >= JournalFormats.Prepared
            && s.Probes.FirstOrDefault(p => p.Key != step.Token && p.Value.Serial == probe.Serial).Key is { } other)
            return new(CeremonyRules.SameToken, $"The HSM {probe.Serial} was inspected already, as the {other} HSM: one cannot be both.",
                "Connect the other one. The drill wipes its HSM.");
        if (step.Expect == "commissioned" && probe.Serial != s.World.Primary?.Commissioned.Serial)
            return new(CeremonyRules.WrongToken,
                $"This is the HSM {probe.Serial}; the ledger knows {s.World.Primary?.Commissioned.Serial}.", "Connect the right one.");
        if (s.Format >= JournalFormats.Replayed && s.World.Environment == Environments.Production
            && SoftwareTokens.Is(probe.Manufacturer, probe.Model))
            return new(CeremonyRules.Software,
                $"This HSM is a program: {probe.Manufacturer} {probe.Model}. Whoever copies its files has the keys.",
                "In production connect a device. Programs play HSMs in the other environments.");
        return probe.Findings.Any(f => f.Result == "fail")
            ? new(CeremonyRules.Unsafe, "The HSM does something that is not safe, or could not be tried to its end: "
                + $"{string.Join(", ", probe.Findings.Where(f => f.Result == "fail").Select(f => f.Id))}.",
                "Read the lines that say FAIL; use an HSM without them.")
            : null;
    }

    private static ImmutableArray<string> Lines(TokenProbed p) =>
        [$"Label  {p.Label}", $"Serial {p.Serial}", $"Maker  {p.Manufacturer} {p.Model}",
            $"Backup {(p.WrapMechanism.Length == 0 ? "no safe way to wrap a key" : $"{BackupBlob.InWords(p.WrapFormat)}, as measured")}",
            .. p.WrapMechanism.Length == 0 ? [] : new[] { $"Return {BackupBlob.ComesBack(p.WrapFormat)}" },
            .. p.Family is null ? [] : new[] { $"Family {p.Family}, as described in the file whose hash begins {p.FamilySha256?[..16]}" },
            .. Appliance.Lines(p.Findings)];
}
