using System.Collections.Immutable;
using System.CommandLine;
using KeyCeremony.App.Devices;
using KeyCeremony.App.Ground;
using KeyCeremony.App.Ledger;
using KeyCeremony.App.Room;
using KeyCeremony.App.Terminal;
using KeyCeremony.App.Terminal.Watching;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;
using KeyCeremony.Pkcs11.Hosting;
using KeyCeremony.Verifier;
using Command = System.CommandLine.Command;

namespace KeyCeremony.App.Commands;

/// <summary><c>keyceremony run</c>: opens or resumes a ceremony.</summary>
internal static class RunCommand
{
    private const string Safe =
        "Nothing that was recorded is lost. Mend the cause, then run the same command again: the ceremony goes on where it stood.";

    /// <summary>The people left before the roll call was confirmed: whoever has a menu shows it again.</summary>
    public const int NothingBegun = -1;

    internal const string BigView = "big";
    internal const string StepsView = "steps";

    public static Command Make() => new OptionTable<RunWanted>("run", "Open or resume a ceremony.", new RunWanted())
        .With(new Argument<string?>("script") { DefaultValueFactory = _ => null },
            "The ceremony script. Left out: resume the ceremony that is running.",
            (wanted, script) => wanted with { Script = script })
        .With(new Option<string[]>("--ledger") { Arity = new ArgumentArity(1, 2) },
            "Directory of a record stick; twice.",
            (wanted, sticks) => wanted with { Ledger = sticks ?? [] })
        .With(OfEnvironment(Environments.Rehearsal),
            "rehearsal, development, staging or production.",
            (wanted, environment) => wanted with { Environment = environment })
        .Text("--module",
            "Path of the PKCS#11 module.",
            (wanted, path) => wanted with { Module = path })
        .With(CallSeconds(), CallSecondsHelp, (wanted, seconds) => wanted with { CallSeconds = seconds })
        .Texts("--module-variable",
            "Name of an environment variable that the module reads; its process sees the known ones only.",
            (wanted, names) => wanted with { Variables = [.. names] })
        .Text("--softhsm",
            "Rehearsal only: a directory for SoftHSM2 tokens; the module is found where Debian puts it.",
            (wanted, folder) => wanted with { SoftHsm = folder })
        .Text("--primary-serial",
            "Serial number of the primary HSM, when several blank ones are connected.",
            (wanted, serial) => wanted with { PrimarySerial = serial })
        .Text("--drill-serial",
            "Serial number of the drill HSM.",
            (wanted, serial) => wanted with { DrillSerial = serial })
        .Text("--out",
            "Directory that receives the bundle.",
            (wanted, folder) => wanted with { Out = folder ?? "" })
        .Text("--in",
            "Directory of the import stick: requests, certificates and revocations to be read.",
            (wanted, folder) => wanted with { In = folder })
        .Text("--answers",
            "Rehearsal only: play all people from this file.",
            (wanted, file) => wanted with { Answers = file })
        .Text("--envelopes",
            "Rehearsal only, with --answers: the directory that plays the officers' sealed envelopes.",
            (wanted, folder) => wanted with { Envelopes = folder })
        .Text("--record-answers",
            "Rehearsal only: write the given answers to this new file.",
            (wanted, file) => wanted with { Record = file })
        .Flag("--catch-up",
            "Bring a record stick up to date that lags behind by more than one entry; recorded as an exception.",
            wanted => wanted with { CatchUp = true })
        .Flag("--stay",
            "With --answers: wait for a line on standard input after the end.",
            wanted => wanted with { Stay = true })
        .Flag("--plain",
            "Questions as lines of text, for a screen reader or a teletype; by itself where TERM is dumb.",
            wanted => wanted with { Plain = true })
        .Text("--witness-tty",
            "A second terminal, such as /dev/ttyS0, that shows the room where the ceremony stands; nothing is read from it.",
            (wanted, device) => wanted with { WitnessTty = device })
        .Text("--view",
            "big: what is read aloud and whose turn it is, for a room that looks at a wall. Else steps.",
            (wanted, view) => wanted with { View = view ?? StepsView })
        .Flag("--no-bell",
            "The terminal does not ring when it is somebody's turn.",
            wanted => wanted with { NoBell = true })
        .Flag("--drives",
            "Real sticks instead of directories: found by their labels or chosen on the screen, mounted, read back.",
            wanted => wanted with { Drives = true })
        .With(DriveCommands.Images(), (wanted, folder) => wanted with { Images = DriveCommands.FullPath(folder) })
        .With(DriveCommands.Places(), (wanted, folder) => wanted with { Places = folder })
        .With(ScanCommand.Camera(), (wanted, device) => wanted with { Camera = device })
        .Texts("--pictures",
            "Rehearsal only: these pictures of codes, or folders of them, play the camera.",
            (wanted, pictures) => wanted with { Pictures = [.. pictures] })
        .Does(wanted => Guarded(() => Run(wanted, TimeProvider.System)));

    internal const string CallSecondsHelp =
        "How long a call into the module may take before its process is ended; a new key ten times. Left out: as its family says.";

    public static Option<int?> CallSeconds() => new("--call-seconds");

    /// <summary>A shell completes its values; one that there is not is refused by RUN-01 or the command's own rule.</summary>
    public static Option<string> OfEnvironment(string unset)
    {
        var environment = new Option<string>("--environment") { DefaultValueFactory = _ => unset };
        environment.CompletionSources.Add([.. Environments.All]);
        return environment;
    }

    /// <summary>Whatever stops the program, the room is told what happened, what was not lost and what to do.</summary>
    public static int Guarded(Func<int> run)
    {
        try
        {
            return run();
        }
        catch (Exception e) when (RefusalOf(e) is not null)
        {
            return Words.Refuse(RefusalOf(e)!);
        }
    }

    /// <summary>What the room is told of it; null: it is a fault of the program.</summary>
    public static Refusal? RefusalOf(Exception e) => e switch
    {
        CeremonyException met => met.Refusal,
        RecordStickException failed => new Refusal("LEDGER-00", failed.Sentence, Safe),
        ClockWentBackException back => back.Refusal,
        IOException or UnauthorizedAccessException or DllNotFoundException => new Refusal("RUN-08", e is SpokenException spoken
            ? spoken.Sentence : $"A file or a device did not do what it was asked for: {FileFaults.InWords(e)}.", Safe),
        _ => null,
    };

    public static int Run(RunWanted wanted, TimeProvider clock) => Attempt(wanted, clock) is not NothingBegun and var code ? code : 0;

    /// <param name="attached">Real sticks that are already in use; null: they are asked for when they are wanted.</param>
    /// <param name="front">Whoever has a menu: a refusal is thrown, and shown there; null: it is said, and ends the command.</param>
    /// <returns>The exit code, or <see cref="NothingBegun"/>.</returns>
    /// <exception cref="CeremonyException">Refused, for a menu.</exception>
    public static int Attempt(RunWanted wanted, TimeProvider clock, Sticks? attached = null, Front? front = null)
    {
        Func<Refusal, int> refuse = front is null ? Words.Refuse : refusal => throw new CeremonyException(refusal);
        if (wanted.Refuse() is { } unfit)
            return front is null ? Words.Misused(unfit) : refuse(unfit);
        if ((wanted.NamesHsm ? wanted.Module ?? SoftHsmTokens.Module() : "") is not { } module)
            return refuse(NoSoftHsm);
        if (wanted.SoftHsm is not null)
            SoftHsmTokens.PointTo(wanted.SoftHsm);
        Hardening.Apply();
        Front? people = wanted.Answers is not null ? null : front ?? new Front(wanted.IsPlain);
        HsmSettings tokens = wanted.Hsm(module);
        using OneModule process = tokens.Process;
        // It starts while the script is read.
        if (wanted.NamesHsm)
            process.Begin();
        CeremonyScript? script = null;
        if (wanted.Script is not null && !ScriptRead.Of(wanted.Script, people is { IsPlain: false }).IsFit(front is not null, out script))
            return 1;
        if (script is not null && wanted.RefuseWithout(script) is { } without)
            return refuse(without);
        // What is resumed is not read yet; a module that was named is looked at.
        if (wanted.NamesHsm && (script is null || ScriptNeeds.Of(script).AnyHsm) && Unfit(process, front) is { } wrong)
            return refuse(NoModule(wrong));
        if (!wanted.Drives)
            return Run(wanted, tokens, script, null, clock, people, refuse);
        if (attached is not null)
            return Run(wanted.On(attached), tokens, script, attached, clock, people, refuse);
        if (!Attaching.Try(wanted.Places, wanted.Images, people, out Sticks? sticks, out Refusal? refusal))
            return refusal is null ? 0 : refuse(refusal);
        using (sticks)
            return Run(wanted.On(sticks), tokens, script, sticks, clock, people, refuse);
    }

    private static Refusal NoSoftHsm { get; } = new("RUN-04", "SoftHSM2 is not installed.", "Install the package softhsm2.");

    /// <summary>Between the menu and the next page the terminal stays the program's.</summary>
    private static string? Unfit(OneModule process, Front? front) => front is null ? process.WhyNot()
        : front.Work("KeyCeremony", "The HSM's module is loaded.", _ => process.WhyNot());

    public static Refusal NoModule(string why) => new("RUN-12", why,
        "Name the PKCS#11 module of the HSM's maker with --module. Nothing was begun.");

    /// <param name="sticks">The real sticks that the wanted directories are; null: directories.</param>
    /// <param name="people">Null: they are played.</param>
    private static int Run(RunWanted wanted, HsmSettings tokens, CeremonyScript? script, Sticks? sticks, TimeProvider clock, Front? people,
        Func<Refusal, int> refuse)
    {
        if (wanted.SoftHsm is not null)
            SoftHsmTokens.Prepare(wanted.SoftHsm);
        using var custody = new Custody(System.Security.Cryptography.RandomNumberGenerator.Fill);
        foreach (string folder in sticks is null ? wanted.Ledger.Append(wanted.Out) : [])
            Directory.CreateDirectory(folder);
        bool attended = people is not null;
        ImmutableArray<Finding> seen = [];
        WitnessLine? watching = null;
        long began = clock.GetTimestamp();
        if (wanted.WitnessTty is { } device
            && !WitnessLine.TryOpen(device, () => clock.GetElapsedTime(began), out watching, out Refusal? unseen))
            return refuse(unseen);
        using WitnessLine? witness = watching;
        Refusal? Look(World world) => attended && !Tty.IsThere ? Attended.NoTerminal
            : Needs.Ask(script!, new NeedsLook(ScriptNeeds.Of(script!), world, wanted.Laid(tokens, sticks), clock.GetUtcNow()),
                people, out seen);
        // On empty sticks even the ledger is not made before all is there.
        bool first = script is not null && wanted.Ledger.Length == 2 && RecordLedger.NoneOn(wanted.Ledger)
            && script.Environments.Contains(wanted.Environment);
        if (first && Look(World.Empty with { Environment = wanted.Environment }) is { } missing)
            return Left(missing, refuse);
        if (!Opening.TryLedger(wanted.Ledger, wanted.Environment, wanted.CatchUp, clock, out RecordLedger? ledger, out Refusal? refusal))
            return refuse(refusal);
        using (ledger)
        {
            if (sticks is not null && !Attaching.AreTheRightOnes(sticks, ledger.Entries, people))
                return NothingBegun;
            if (attended && !Tty.IsThere)
                return refuse(Attended.NoTerminal);
            if (script is null && ledger.Entries.Select(e => e.Body).OfType<CeremonyOpened>().LastOrDefault() is { } open
                && wanted.RefuseWithout(Opening.Read(open.Script)) is { } without)
                return refuse(without);
            if (!Opening.TryCeremony(ledger, script, clock, out CeremonyState? state, out refusal, first ? null : Look, () => seen,
                attended ? ConsoleKeyboard.Said() : null))
                return Left(refusal, refuse);
            using var hsm = new Hsm(tokens);
            var second = new SecondOpinion(Path.GetTempPath());
            using var desks = Desks.Open(wanted.In, wanted.Ledger, second, Path.GetTempPath(), sticks is null ? null : sticks.AttachImport,
                new CameraDesk(new ReceivedFiles(wanted.Ledger, () => state.Id), wanted.Camera, wanted.Pictures));
            string[] places = [.. wanted.Ledger.Append(wanted.Out).Concat(wanted.In is null ? [] : [wanted.In])];
            StickExport? export = sticks is null ? null : new StickExport(sticks, Patience.Longest);
            using TerminalRecording? recording = state.Script.Recording && state.Format >= JournalFormats.Prepared && wanted.Answers is null
                ? new TerminalRecording(wanted.Ledger, state.Id, clock, () => ledger.IsHeld) : null;
            var eyes = new SecondLook(OwnProgram.Command(), tokens.Process.Ground?.Variables, wanted.Warden);
            var performer = new Performer(ledger, hsm, eyes, custody,
                new ApplianceGate("/", Hardening.MemoryLocks(), [.. places.Select(Path.GetFullPath)]), second, desks, wanted.Out, export)
            {
                Recording = recording,
            };
            var loop = new Loop(ledger, state, custody, clock);
            string Bundle() => !state.Script.IsSigned ? "" : export is not null ? export.Told : Path.Combine(Path.GetFullPath(wanted.Out),
                loop.State.World.Checkpoint is { } closed ? BundleFiles.FolderName(ledger.Entries, closed.Seq) : "");
            int code = wanted.Answers is null
                ? Attend(wanted.IsPlain ? PlainRoom.Run : Attended.Run, loop, performer, hsm, custody, ledger,
                    clock, Bundle, new RoomView(witness, !wanted.NoBell, wanted.View == BigView))
                : PlayFromFile(wanted, loop, performer, hsm, custody, ledger, clock, Bundle);
            hsm.Dispose();
            foreach (string line in tokens.Process.Log)
                Console.WriteLine($"     the HSM's module wrote: {line}");
            if (code == 0 && wanted.Record is not null)
                AnswersFile.Write(wanted.Record, ledger.Entries.Where(e => e.Ceremony == state.Id));
            return code;
        }
    }

    /// <summary>People who looked and left have said so themselves.</summary>
    private static int Left(Refusal refusal, Func<Refusal, int> refuse) => refusal == Needs.Left ? NothingBegun : refuse(refusal);

    private static int Attend(AttendRoom attend, Loop loop, Performer performer, Hsm hsm, Custody custody,
        RecordLedger ledger, TimeProvider clock, Func<string> bundle, RoomView view)
    {
        if (attend(loop, performer, hsm, custody, ledger, clock, bundle, view))
            Words.Ended(loop.State, bundle(), AuditLine.Of(loop.State, ledger.Entries, bundle()));
        else
        {
            Console.WriteLine(string.Join(Environment.NewLine, loop.Resting()));
            if (ledger.IsHeld)
                return NothingBegun;
        }
        return 0;
    }

    private static int PlayFromFile(RunWanted wanted, Loop loop, Performer performer,
        Hsm hsm, Custody custody, RecordLedger ledger, TimeProvider clock, Func<string> bundle)
    {
        if (!AnswersFile.TryRead(wanted.Answers!, out AnswersFile? file, out Refusal? refusal))
            return Words.Refuse(refusal!);
        Directory.CreateDirectory(wanted.Envelopes!);
        var people = new Unattended(file!, wanted.Envelopes!, custody, clock);
        string step = "";
        bool ended = loop.Run(
            (s, q, refused) =>
            {
                if (s.Step is { } now && now.Id != step)
                    Console.WriteLine($"{now.Number,3}. {now.Title}");
                step = s.Step?.Id ?? "";
                Words.Tell(q);
                return people.Ask(s, q, refused);
            },
            (s, effect) =>
            {
                Message answer = performer.Perform(s, effect);
                if (answer is Broke broke)
                    Console.WriteLine($"     {effect.Doing}: {broke.Where} {broke.What}");
                return answer;
            });
        custody.Dispose();
        hsm.Close();
        if (!ended)
            return Words.Refuse(people.Stopped!);
        Words.Ended(loop.State, bundle(), AuditLine.Of(loop.State, ledger.Entries, bundle()));
        if (wanted.Stay)
        {
            Console.WriteLine("closed");
            _ = Console.ReadLine();
        }
        return 0;
    }

    internal static string ModulePath(RunWanted wanted)
    {
        if (wanted.SoftHsm is null)
            return wanted.Module!;
        SoftHsmTokens.Prepare(wanted.SoftHsm);
        return wanted.Module ?? SoftHsmTokens.Module() ?? throw new CeremonyException(NoSoftHsm);
    }
}

/// <summary>What was asked for on the command line, each under its option's name.</summary>
internal sealed record RunWanted
{
    public string? Script { get; init; }

    public string[] Ledger { get; init; } = [];

    public string Environment { get; init; } = Environments.Rehearsal;

    public string? Module { get; init; }

    public string? SoftHsm { get; init; }

    /// <summary>The socket at which the module's process is asked for; null: it is a child of this one.</summary>
    public string? Warden { get; init; }

    /// <summary>How long a call into the module may take; null: as its family says.</summary>
    public int? CallSeconds { get; init; }

    /// <summary>Environment variables that the module reads besides those that are known.</summary>
    public ImmutableArray<string> Variables { get; init; } = [];

    public string? PrimarySerial { get; init; }

    public string? DrillSerial { get; init; }

    public string Out { get; init; } = "";

    public string? In { get; init; }

    public string? Answers { get; init; }

    public string? Envelopes { get; init; }

    public string? Record { get; init; }

    public bool CatchUp { get; init; }

    public bool Stay { get; init; }

    /// <summary>A terminal of lines is asked for.</summary>
    public bool Plain { get; init; }

    public string? WitnessTty { get; init; }

    public string View { get; init; } = RunCommand.StepsView;

    public bool NoBell { get; init; }

    /// <summary>Asked for, or the terminal says so of itself.</summary>
    public bool IsPlain => Plain || PlainRoom.IsWanted;

    /// <summary>Real sticks; the directories are theirs then.</summary>
    public bool Drives { get; init; }

    /// <summary>Of <see cref="Devices.Drives"/>.</summary>
    public string? Images { get; init; }

    public string Places { get; init; } = StickRole.DefaultFolder;

    /// <summary>The camera's device; null: whichever is there.</summary>
    public string? Camera { get; init; }

    /// <summary>They play the camera.</summary>
    public ImmutableArray<string> Pictures { get; init; } = [];

    public bool NamesHsm => (Module ?? SoftHsm) is not null;

    /// <param name="module">The module's path.</param>
    public HsmSettings Hsm(string module) => new(module, PrimarySerial, DrillSerial,
        HsmHost.Module(module, Variables, CallSeconds, keepsLog: Environment == Environments.Rehearsal, Warden));

    /// <summary>Where what the script will need is looked for.</summary>
    public NeedPlaces Laid(HsmSettings? hsm, Sticks? sticks) => new(
        hsm, [.. Ledger],
        Out.Length == 0 ? null : Out, In, sticks, Camera, !Pictures.IsEmpty);

    public RunWanted On(Sticks sticks) =>
        this with { Ledger = sticks.Records, Out = sticks.PathOf(StickRole.Export), In = sticks.PathOf(StickRole.Import) };

    public static Refusal? RefuseCallSeconds(int? seconds) => seconds is < 1 or > CallLimits.MostSeconds
        ? new("RUN-20", "A call into the module is given no such time.",
            $"Give --call-seconds 1 to {CallLimits.MostSeconds}; {CallLimits.UsualSeconds} is usual.")
        : null;

    /// <summary>Only a script that needs no HSM runs without: which one it is, is known when it was read.</summary>
    public Refusal? RefuseWithout(CeremonyScript script) => NamesHsm || !ScriptNeeds.Of(script).AnyHsm ? null
        : new("RUN-03", "No HSM is named.", "Name the PKCS#11 module with --module, or a folder with --softhsm to rehearse.");

    public static Refusal NoEnvironment(string name) =>
        new("RUN-01", $"There is no environment \"{name}\".", $"Use one of: {string.Join(", ", Environments.All)}.");

    /// <summary>RUN-01 … RUN-11, RUN-20: what does not go together.</summary>
    public Refusal? Refuse()
    {
        if (!Environments.All.Contains(Environment))
            return NoEnvironment(Environment);
        if (Environment != Environments.Rehearsal && (Answers ?? Envelopes ?? Record ?? SoftHsm) is not null)
            return new("RUN-02", "Answers files, envelopes and SoftHSM tokens exist in the rehearsal environment only.",
                "Leave these options out.");
        if (Environment != Environments.Rehearsal && Images is not null)
            return new("RUN-09", "Image files play sticks in the rehearsal environment only.", "Leave --images out.");
        if (Environment != Environments.Rehearsal && !Pictures.IsEmpty)
            return new("RUN-11", "Pictures play the camera in the rehearsal environment only.", "Leave --pictures out.");
        if (RefuseCallSeconds(CallSeconds) is { } never)
            return never;
        if (Drives ? Ledger.Length > 0 || Out.Length > 0 || In is not null : Ledger.Length == 0 || Out.Length == 0)
            return new("RUN-10", Drives ? "Both real sticks and directories are named." : "No sticks are named.",
                "Give either --drives, or directories with --ledger, --out and --in.");
        if (View is not (RunCommand.StepsView or RunCommand.BigView))
            return new("RUN-22", "There is no view of this name.", $"Use --view {RunCommand.BigView}, or leave it out.");
        if (Answers is not null && Envelopes is null)
            return new("RUN-05", "An unattended rehearsal needs a folder that plays the envelopes.", "Add --envelopes DIRECTORY.");
        return Drives || Ledger.Length == 2 || Environment == Environments.Rehearsal ? null
            : new("RUN-06", "Two record sticks are needed.", "Give --ledger twice.");
    }
}
