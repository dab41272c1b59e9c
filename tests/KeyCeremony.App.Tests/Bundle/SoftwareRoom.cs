using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using KeyCeremony.App.Bundle;
using KeyCeremony.App.Room;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Ceremony.Retelling;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Reading;
using KeyCeremony.Core.Script;
using KeyCeremony.Core.Sharing;
using KeyCeremony.Core.Transfer;
using KeyCeremony.Verifier;

namespace KeyCeremony.App.Tests.Bundle;

/// <summary>
/// Plays a shipped script with the real director and answers that are always right; keys are software keys,
/// shares are only digests. What it leaves is a journal as a real ceremony leaves it.
/// </summary>
internal sealed partial class SoftwareRoom
{
    public static readonly DateTimeOffset Morning = new(2026, 11, 22, 9, 0, 0, TimeSpan.Zero);
    private readonly Dictionary<string, (AsymmetricAlgorithm Key, KeyAlgorithm Algorithm)> _keys = [];

    /// <summary>Those of ML-DSA, which the base library does not have everywhere.</summary>
    private readonly Dictionary<string, ThrowAwayKey> _mlDsa = [];
    private readonly byte[] _wrapKey = SHA256.HashData("wrap key of the tests"u8);
    private readonly string _environment;
    private readonly FakeDevice _device = new();
    private readonly string? _folder;
    private Desks _desks;
    private int _bag;
    private CeremonyState? _state;
    private Retold? _retold;

    /// <param name="folder">Holds the import stick and the lists of the record sticks; null: there are none.</param>
    public SoftwareRoom(string environment = "rehearsal", string? folder = null)
    {
        _environment = environment;
        _folder = folder;
        _desks = OpenDesks(folder);
        Entries = [Entry.Following(null, "", Morning, "",
            new LedgerCreated("4f1c22aa000000000000000000000001", environment, "keyceremony test"))];
    }

    private SoftwareRoom(SoftwareRoom other, ImmutableArray<Entry> entries, string? folder = null)
    {
        _environment = other._environment;
        _folder = folder;
        _desks = OpenDesks(folder);
        _bag = other._bag;
        Rested = other.Rested;
        Pace = other.Pace;
        Format = other.Format;
        _keys = other._keys;
        _mlDsa = other._mlDsa;
        Entries = entries;
    }

    public ImmutableArray<Entry> Entries { get; private set; }

    /// <summary>False: this test records what no device and no program of ours would bring.</summary>
    public bool IsHonest { get; set; } = true;

    /// <summary>What the HSMs call themselves.</summary>
    public string Model { get; set; } = "Model";

    /// <summary>The rules that its ceremonies are led by.</summary>
    public int Format { get; set; } = JournalFormats.Current;

    /// <param name="change">Of the script's own file, before what it includes is put in.</param>
    public static string Script(string name, Func<string, string>? change = null)
    {
        string root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "KeyCeremony.sln")))
            root = Path.GetDirectoryName(root)!;
        string folder = Path.Combine(root, "ceremony-scripts");
        Assert.True(ScriptReader.TryLoad(name, f => !File.Exists(Path.Combine(folder, f)) ? null
                : f == name && change is not null
                ? Encoding.UTF8.GetBytes(change(File.ReadAllText(Path.Combine(folder, f))))
                : File.ReadAllBytes(Path.Combine(folder, f)),
            out CeremonyScript? script, out _, out ImmutableArray<ScriptError> errors), string.Join("\n", errors));
        return script.Text;
    }

    /// <summary>Plays to the end and gives the bundle that was exported.</summary>
    public ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> Play(string scriptText)
    {
        Open(scriptText);
        GoOn();
        return Bundle();
    }

    public CeremonyState State => _state!;

    /// <summary>Also in a room that was not opened, but only has the ledger of one.</summary>
    private CeremonyState Here => _state ?? Replay.Running(Entries, Parse)!;

    public bool HoldsNothing => _device.HoldsNothing;

    /// <summary>Asked before each effect and each answer: what to send instead, or null.</summary>
    public Func<Move, Message?>? Instead { get; set; }

    /// <summary>Asked after each entry and, with null, after each effect that is not recorded yet: whether the power fails now.</summary>
    public Func<Entry?, bool>? PowerFails { get; set; }

    /// <summary>From one entry to the next.</summary>
    public TimeSpan Pace { get; set; } = TimeSpan.FromSeconds(7);

    /// <summary>Asked when a key is generated: what this HSM makes in place of a good one, or null.</summary>
    public Func<string, AsymmetricAlgorithm?>? OtherKey { get; set; }

    /// <summary>How long the ceremony has rested.</summary>
    public TimeSpan Rested { get; set; }

    public void Open(string scriptText)
    {
        CeremonyScript script = Parse(scriptText);
        World before = Replay.WorldAfter(Entries);
        Assert.Null(Director.MayOpen(before, script, Now()));
        string id = Director.NextId(before, script.Name);
        Entry opening = Write(id, "", new CeremonyOpened(script.Name, script.Version,
            script.Sha256, script.Text, "keyceremony test", Format == JournalFormats.First ? 0 : Format));
        _state = Replay.Open(script, before, opening);
    }

    /// <summary>Plays the opened ceremony to its end.</summary>
    public void GoOn()
    {
        for (int moves = 0; moves < 3000; moves++)
        {
            Move move = Director.Next(State);
            if (move is Over)
                return;
            try
            {
                Make(move);
            }
            catch (PowerFailure)
            {
                _device.Restart();
                _desks.Dispose();
                _desks = OpenDesks(_folder);
                _state = Replay.Running(Entries, Parse)!;
                _state = Replay.Apply(_state, Write(_state.Id, _state.Step?.Id ?? "", new Reopened("keyceremony test")));
            }
        }
        throw new Xunit.Sdk.XunitException($"The ceremony does not end: {State.Step?.Id} {Director.Next(State)} after {State.Last}");
    }

    public ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> Bundle() =>
        BundleFiles.Compose(Entries, Entries.Select(e => e.Body).OfType<CheckpointSigned>().Last());

    private void Make(Move move)
    {
        switch (move)
        {
            case Note note:
                Append(note.Body);
                break;
            case Perform perform:
                if (Director.Announce(State, perform.Effect) is { } attempted)
                    Append(attempted);
                Message answer = Instead?.Invoke(move) ?? Try(perform.Effect);
                if (answer is Broke { Effect: RebuildSecret rebuild })
                    _device.Forget(rebuild.Set);
                if (answer is Broke { Where: var where } && where.StartsWith("C_", StringComparison.Ordinal))
                    _device.Lock();
                if (PowerFails?.Invoke(null) == true)
                    throw new PowerFailure();
                Take(answer);
                break;
            case Ask ask:
                Take(Instead?.Invoke(move) ?? Say(ask.Question));
                break;
        }
    }

    /// <summary>
    /// The same room after somebody with the transcript key wrote the last bundle's journal anew, signed and hashed as it must be.
    /// Earlier checkpoints stay as they were; what else names the chain follows it, so that nothing but the lie is there to be found.
    /// </summary>
    /// <param name="forge">From the entries to (ceremony, utc, step, body) of the forged ones.</param>
    public ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> Forge(Func<IEnumerable<Entry>, IEnumerable<Entry>> forge)
    {
        ImmutableArray<Entry> forged = Forged(forge, (_, genuine) => genuine);
        return BundleFiles.Compose(forged, new SoftwareRoom(this, forged).Sign(forged));
    }

    /// <summary>The last bundle with another report, signed and hashed as it must be.</summary>
    public ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> WithReport(byte[] report)
    {
        ImmutableArray<Entry> covered = Entries[..(int)Entries.Select(e => e.Body).OfType<CheckpointSigned>().Last().Seq];
        CheckpointStatement statement = BundleFiles.Statement(covered);
        CheckpointSigned signed = SignAs(covered, TranscriptOf(covered),
            s => s with { Files = s.Files.SetItem(BundleFiles.ReportPath, Hex(report)) });
        ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> files = BundleFiles.Compose(covered, signed)
            .SetItem(BundleFiles.ReportPath, report).Remove(BundleFiles.SumsPath);
        return files.Add(BundleFiles.SumsPath, BundleFiles.Sums(files, []));
    }

    /// <summary>
    /// As <see cref="Forge"/>, and every earlier checkpoint is signed anew as well: the whole history is forged consistently.
    /// </summary>
    /// <param name="sign">Signs the earlier checkpoints, from the entries so far; null: as they were.</param>
    public ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> ForgeAll(Func<IEnumerable<Entry>, IEnumerable<Entry>> forge,
        Func<ImmutableArray<Entry>, CheckpointSigned>? sign = null)
    {
        ImmutableArray<Entry> forged = ForgedAll(forge, sign);
        return BundleFiles.Compose(forged, new SoftwareRoom(this, forged).Sign(forged));
    }

    /// <summary>The journal of <see cref="ForgeAll"/>, of which perhaps no files can be made.</summary>
    public ImmutableArray<Entry> ForgedAll(Func<IEnumerable<Entry>, IEnumerable<Entry>> forge,
        Func<ImmutableArray<Entry>, CheckpointSigned>? sign = null) =>
        Forged(forge, (entries, _) => (sign ?? new SoftwareRoom(this, entries).Sign)(entries));

    /// <param name="checkpoint">From the entries so far and the genuine checkpoint to the one that stands there now.</param>
    private ImmutableArray<Entry> Forged(Func<IEnumerable<Entry>, IEnumerable<Entry>> forge,
        Func<ImmutableArray<Entry>, CheckpointSigned, CheckpointSigned> checkpoint)
    {
        long seq = Entries.Select(e => e.Body).OfType<CheckpointSigned>().Last().Seq;
        ImmutableArray<Entry> forged = [];
        var chain = new ChainNames([]);
        foreach (Entry entry in forge(Entries[..(int)seq]))
        {
            // What the forger wrote stands as it is; what is genuine is made to fit.
            bool genuine = entry.Seq <= Entries.Length && ReferenceEquals(entry.Body, Entries[(int)entry.Seq - 1].Body);
            EntryBody body = !genuine || forged.IsEmpty
                ? entry.Body
                : entry.Body is CheckpointSigned signed ? checkpoint(forged, signed)
                : Carried(forged, entry.Body) ?? chain.Follow(entry.Body, forged[^1]);
            chain.Learn(body);
            forged = forged.Add(Entry.Following(forged.IsEmpty ? null : forged[^1], entry.Ceremony, entry.Utc, entry.Step, body));
        }
        return forged;
    }

    /// <summary>What names files of the bundle, of which some name the chain; null: it names none.</summary>
    private static EntryBody? Carried(ImmutableArray<Entry> before, EntryBody body)
    {
        if (body is not (ResultsFound or ResultsShown or Answered { Question: ['r', 'e', 'c', 'e', 'i', 'v', 'e', 'd', '/', ..] }))
            return null;
        ImmutableArray<ResultFile> files = ResultFile.Of(before);
        string Now(string path, string was) => files.FirstOrDefault(f => f.Path == path)?.Sha256 ?? was;
        return body switch
        {
            ResultsFound f => f with { Results = [.. f.Results.Select(r => r with { Sha256 = Now(r.Path, r.Sha256) })] },
            ResultsShown s => s with
            {
                Results = [.. s.Results.Select(r => r with
                {
                    Sha256 = Now(r.Path, r.Sha256),
                    Words = r.Words.Length == 0 || Now(r.Path, r.Sha256) == r.Sha256 ? r.Words
                        : Acknowledgement.Of(Convert.FromHexString(Now(r.Path, r.Sha256))),
                })],
            },
            Answered a when a.Question.StartsWith("received/", StringComparison.Ordinal) && a.Value.Contains(' ')
                && files.FirstOrDefault(f => f.Path == a.Question["received/".Length..]) is { } file =>
                a with { Value = Acknowledgement.Of(Convert.FromHexString(file.Sha256)) },
            _ => null,
        };
    }

    public static CeremonyScript Parse(string text)
    {
        Assert.True(ScriptReader.TryRead(text, null, out CeremonyScript? script, out ImmutableArray<ScriptError> errors),
            string.Join("\n", errors));
        return script;
    }

    private void Take(Message message)
    {
        Decision decision = Director.Decide(_state!, message, Now());
        Assert.True(decision.Refusal is null, $"{_state!.Step?.Id}: {message}: {decision.Refusal}");
        if (message is ShareTyped typed && decision.Entries is not [CardChecked])
            _device.Keep(typed);
        foreach (EntryBody body in decision.Entries)
            Append(body);
    }

    private void Append(EntryBody body)
    {
        Entry entry = Write(State.Id, State.Step?.Id ?? "", body);
        _state = Replay.Apply(State, entry);
        if (PowerFails?.Invoke(entry) == true)
            throw new PowerFailure();
    }

    private Entry Write(string ceremony, string step, EntryBody body)
    {
        var entry = Entry.Following(Entries[^1], ceremony, Now(), step, body);
        Entries = Entries.Add(entry);
        // Whatever a test makes the room do: a verifier that leads the ceremony again must come to the same.
        _retold = (_retold ?? Retold.Of(Entries[..^1])).Then(entry);
        Assert.True(!IsHonest || _retold.Refusal is null, $"{_retold.Refusal}");
        return entry;
    }

    private DateTimeOffset Now() => Morning + (Pace * Entries.Length) + Rested;

    private Message Say(Question q)
    {
        Assert.True(q.Blocked is null || q.Id.StartsWith("again/", StringComparison.Ordinal) || Says.GetValueOrDefault(q.Id)?.Count > 0,
            $"{_state!.Step?.Id}: {q.Blocked}");
        return q.Kind switch
        {
            AnswerKind.Typed or AnswerKind.ToldHash => new Answer(q.Id, q.Expected),
            AnswerKind.Choice => new Answer(q.Id, Chosen(q)),
            AnswerKind.ReceivedWords => new Answer(q.Id, Said(q) ?? Acknowledgement.Of(Convert.FromHexString(q.Expected))),
            AnswerKind.Utc => new Answer(q.Id, Now().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)),
            AnswerKind.Text or AnswerKind.OptionalText => new Answer(q.Id, TextFor(q)),
            AnswerKind.Dice => new Answer(q.Id, "99 throws"),
            AnswerKind.ReadBackShare => Typed(q, q.Share!.Share),
            AnswerKind.CheckShare => Typed(q, q.Share!.Share),
            AnswerKind.PresentForeign => MadeElsewhere(q, int.Parse(q.Id.Split('/')[1], CultureInfo.InvariantCulture)),
            AnswerKind.Passphrase => new Answer(q.Id, ForeignWords.WasTyped),
            AnswerKind.PresentShare => Typed(q, CardOf(q, q.Id.Split('/')[^1])),
            _ => new Answer(q.Id, ""),
        };
    }

    private string TextFor(Question q)
    {
        if (Said(q) is { } answer)
            return answer;
        if (q.Id == "resume/head" || q.Id.StartsWith("end/", StringComparison.Ordinal))
            return q.Expected;
        if (q.Id.StartsWith("name/", StringComparison.Ordinal))
            return $"{char.ToUpperInvariant(q.Id.Split('/')[1][0])}nna {"Żółć Müller Иванова Brown Rossi"[(q.Id.Length % 3)..]} {q.Id[^1]}";
        if (q.Kind == AnswerKind.OptionalText && _state!.Step is PreviewCrlStep)
            return "";
        if (q.Id.StartsWith("bag/", StringComparison.Ordinal))
            return _state!.World.Bags.GetValueOrDefault(q.Id[4..]) is { } sealedIn && _state.Step is OpenBagsStep
                ? sealedIn
                : $"B{++_bag:D5}";
        if (q.Id.StartsWith("opened/", StringComparison.Ordinal))
            return q.Expected;
        if (q.Id.StartsWith("sign-off/", StringComparison.Ordinal))
            return "All of us saw it.";
        if ((_state!.Step as RecordStep)?.Fields.FirstOrDefault(f => f.Id == q.Id) is { Kind: RecordField.Serial } serial)
            return serial.Id switch { "primary-hsm" => Primary, "drill-hsm" => "D1", var id => $"S-{id}" };
        return _state!.Step is RecordStep r && r.Fields.FirstOrDefault(f => f.Id == q.Id)?.Kind == "sha256" ? new string('a', 64) : "1234";
    }

    /// <summary>Cards are brought in the order in which they were dealt, of each group as many as it needs.</summary>
    private int CardOf(Question q, string turn)
    {
        GroupPlan plan = _state!.World.Sets[q.Share!.Set].Made.Plan;
        int[] useful = [.. Enumerable.Range(1, plan.Cards).Where(card => plan.Advances(card, Enumerable.Range(1, card - 1)))];
        return useful[int.Parse(turn, CultureInfo.InvariantCulture) - 1];
    }

    /// <summary>Of one group, of which two are needed, as another program dealt it.</summary>
    public static ShareTyped MadeElsewhere(Question q, int card) => new(q.Id, q.Share!.Set, 0, 9000,
        Hex(Encoding.UTF8.GetBytes($"made elsewhere/{card}")), true, new ShareHeader(9000, true, 1, 0, 1, 1, card - 1, 2));

    /// <summary>So many passphrases are wrong before the right one comes.</summary>
    public int WrongPassphrases { get; set; }

    private ShareTyped Typed(Question q, int share)
    {
        SharesMade made = _state!.World.Sets[q.Share!.Set].Made;
        Assert.True(q.Kind is AnswerKind.PresentShare or AnswerKind.CheckShare || _device.HasDealt(made.Set),
            $"{made.Set} is not in memory");
        return new ShareTyped(q.Id, made.Set, share, made.Identifier, made.Digests[share - 1], true);
    }

    private EntryBody Do(Effect effect)
    {
        _device.Check(effect);
        EntryBody fact = Fact(effect);
        _device.Did(effect, fact is not ForeignMisfit);
        return fact;
    }

    /// <summary>What an effect brings in this room, now and of its own keys.</summary>
    public EntryBody Fact(Effect effect) => effect switch
    {
        InspectAppliance =>
            new ApplianceInspected([.. Enumerable.Range(1, 13).Select(n => new Finding($"GATE-{n:D2}", "pass", "as it should be"))]),
        InspectLedger => new LedgerInspected(_state!.World.LedgerId, Entries[^1].Seq, Entries[^1].HashHex,
            [.. new[] { "stick-a", "stick-b" }.Select(stick => new Finding("LEDGER-10",
                "pass", $"{stick}: {Entries.Length} entries, unbroken, head {Entries[^1].HashHex}"))]),
        ProbeToken p => Probed(Here.Format, p.Token, p.Token == "primary" ? Primary : "D1", Model, p.Blank),
        MakeShares m => new SharesMade(m.Set, m.SetName, m.Bits, m.Threshold, 4711 + Here.World.Sets.Count, m.Custodians.All,
            [.. m.Custodians.All.Select((c, i) => Hex(Encoding.UTF8.GetBytes($"{m.Set}/{i}")))],
            KeyCheck(m.Set), m.Dice ? ["hsm", "kernel", "dice"] : ["hsm", "kernel"], m.Groups),
        CombineSubsets c => new SubsetsCombined(c.Set, Quorums(_state!.World.Sets[c.Set].Made), KeyCheck(c.Set)),
        RebuildSecret r => new SecretRebuilt(r.Set, KeyCheck(r.Set)),
        RebuildForeign r when WrongPassphrases > Here.Facts<ForeignMisfit>().Count() =>
            new ForeignMisfit(r.Set, ShareRules.RecordedCheckValueId),
        RebuildForeign r => new SecretRebuilt(r.Set, KeyCheck(r.Set), Foreign: true),
        ForgetSecret f => new SecretForgotten(f.Set),
        CommissionToken c => new TokenCommissioned(c.Label, Primary, "Maker", "Model", c.Set, 22, 128),
        LockToken l => new TokenLocked(l.Serial),
        ChangePins c => new ActivationChanged(c.Serial, c.From, c.Set, ActivationChanged.Refused),
        UnlockToken u => new TokenUnlocked(u.Serial, u.Set, _state!.World.Head?.Seq ?? 0, _state.World.Head?.Head ?? ""),
        LookForImports l => _desks.Imports.Look(l.Kind),
        ReadByCamera r => _desks.Camera.Read(r),
        ReadRequest r => _desks.Certificates.Read(_state!, r, BundleFiles.KnownKeys(Entries)),
        ReadCertificate r => _desks.Certificates.Read(_state!, r),
        ReadRevocations r => _desks.Crls.Read(_state!, r),
        ReadBatch b => _desks.Manifests.Read(_state!, b, _ => { }),
        SignManifest m => Signed(m),
        ReadBuilder b => _desks.Releases.Read(_state!, b),
        ReadRelease r => _desks.Releases.Read(_state!, r),
        CompareRelease c => _desks.Releases.Compare(_state!, c),
        SignRelease r => ReleaseDesk.Sign(_state!, r, (key, hash) => SignDigest(key.Generated.Key, hash),
            (key, hash) => SignHash(key.Generated.Key, hash)),
        PreviewCertificate p => _desks.Certificates.Preview(_state!, p),
        PreviewCrl p => _desks.Crls.Preview(_state!, p, _ => { }),
        SignCrl c => _desks.Crls.Sign(_state!, c, new ListSigner(hash => SignHash(NameOf(c.SignerCkaId), hash.ToArray()),
            message => SignMessage(NameOf(c.SignerCkaId), message)), Second, _ => { }),
        GenerateKey g => Generate(g),
        AdoptKey a => new KeyGenerated(a.Key, a.Purpose, a.Algorithm, a.Id, Primary,
            Convert.ToBase64String(SpkiOf(a.Key)), a.Extractable, a.Extractable ? null : Tried()),
        LookForLeftovers l => new LeftoversFound(l.Attempt, l.AttemptSubject, _device.Has(l.Id) ? ["private key", "public key"] : [],
            _device.Has(l.Id) && l.Attempt == "generate-key"),
        SignCertificate c => Sign(c),
        BackUpKey b => BackUp(b),
        DestroyWrapKey d => new WrapKeyDestroyed(d.Set),
        LookAgain l => Agreed(l),
        RewrapKey r => BackUp(new BackUpKey(r.Key, "", r.Algorithm, r.Spki, r.Set, r.Mechanism, r.Wrap)) with { From = r.From },
        DrillRecovery d => Drill(d),
        LockKey l => new KeyLocked(l.Key, Tried()),
        LinkRoots l => Link(l),
        WithdrawRoot w => new RootWithdrawn(w.Root, w.Statement, SignedBy(w.Successor, w.Statement)),
        GatherResults => new ResultDesk(() => Entries, _desks.Crls).Gather(),
        SignCheckpoint => Sign(Entries),
        RestoreKey r => Restore(r),
        DestroyKey d => new KeyDestroyed(d.Key, d.Id, d.Serial),
        DestroyInFormer d => new KeyDestroyed(d.Key, d.Id, d.Serial),
        KeepRecording => Recorded(),
        StoreHead h => new HeadStored(h.Seq, h.Head, Primary),
        ExportBundle => Exported(),
        _ => throw new Xunit.Sdk.XunitException(effect.Name),
    };

    /// <summary>The serial number of the HSM in use, or of the one that this script brings in its place.</summary>
    private string Primary => $"P{1 + Here.World.Retired.Select(r => r.Serial).Distinct().Count() + (IsRetiring ? 1 : 0)}";

    private bool IsRetiring => Here.World.Primary is { } token && token.Ceremony != Here.Id
        && Here.Script.Steps.Any(s => s is ReplaceHsmStep or RetireHsmStep);

    /// <summary>What the terminal would have shown, where the script has it recorded.</summary>
    public byte[] Recording { get; init; } =
    [
        .. TerminalCast.Header(80, 25, DateTimeOffset.UnixEpoch, "a room"),
        .. TerminalCast.Line(new CastEvent(TimeSpan.Zero, CastKind.Sent, "seen")),
    ];

    private TerminalRecorded Recorded() => new([new RecordedSession(1, Recording.Length, Hex(Recording))]);

    private BundleExported Exported()
    {
        ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> files = Bundle();
        long seq = Entries.Select(e => e.Body).OfType<CheckpointSigned>().Last().Seq;
        return new BundleExported(Hex(files["SHA256SUMS"].ToArray()),
            [.. files.Keys, .. BundleList.Of(Entries[..(int)seq]).Select(l => l.Path)]);
    }

    private KeyGenerated Generate(GenerateKey g)
    {
        Assert.True(KeyAlgorithm.TryParse(g.Algorithm, out KeyAlgorithm? algorithm));
        if (algorithm.IsMlDsa)
        {
            _mlDsa[g.Key] = algorithm.CreateThrowAway();
            return new KeyGenerated(g.Key, g.Purpose, g.Algorithm, g.Id, Primary, Convert.ToBase64String(SpkiOf(g.Key)),
                g.Extractable, g.Extractable ? null : Tried());
        }
        AsymmetricAlgorithm key = OtherKey?.Invoke(g.Key) ?? (algorithm.IsRsa ? RSA.Create(algorithm.Bits)
            : ECDsa.Create(algorithm.Bits == 384 ? ECCurve.NamedCurves.nistP384 : ECCurve.NamedCurves.nistP256));
        _keys[g.Key] = (key, algorithm);
        return new KeyGenerated(g.Key, g.Purpose, g.Algorithm, g.Id, Primary, Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()),
            g.Extractable, g.Extractable ? null : Tried());
    }

    /// <summary>An HSM of no family that is known, which does all that it should.</summary>
    public static TokenProbed Probed(int format, string token, string serial, string model, bool blank)
    {
        bool prepared = format >= JournalFormats.Prepared;
        return new TokenProbed(token, "blank", serial, "Maker", model, 4, 64, "0x210A", "rfc5649",
            [.. Enumerable.Range(1, blank && !prepared ? 18 : 19)
                .Select(n => new Finding($"PROBE-{n:D2}", "pass", "It does what it should."))],
            prepared ? "extractable-false" : null, prepared ? "generic" : null, prepared ? Hex("generic"u8.ToArray()) : null);
    }

    /// <summary>A locked key was to be wrapped.</summary>
    public Finding? Tried() => Here.Format < JournalFormats.Replayed ? null
        : new("HSM-20", "pass", "Wrapping the locked key was tried and refused: "
            + "0x210A with CKR_KEY_UNEXTRACTABLE, 0x210B with CKR_MECHANISM_INVALID"
            + (Here.Format < JournalFormats.Prepared ? "."
                : ", 0x1085 with CKR_MECHANISM_INVALID, 0x80000171 with CKR_MECHANISM_INVALID."));

    private CertificateSigned Sign(SignCertificate effect)
    {
        string signer = _state!.World.Keys.Values.Single(k => k.Generated.Spki == effect.SignerSpki).Generated.Key;
        X509SignatureGenerator generator = _mlDsa.TryGetValue(signer, out ThrowAwayKey? pure) ? pure.Generator
            : _keys[signer].Key is ECDsa ec ? X509SignatureGenerator.CreateForECDsa(ec)
            : X509SignatureGenerator.CreateForRSA((RSA)_keys[signer].Key, RSASignaturePadding.Pkcs1);
        ParsedCertificate? certificate = null;
        bool signed = PlanJson.TryRead(Encoding.UTF8.GetBytes(effect.Plan), out CertificatePlan? plan, out Refusal? refusal)
            & CertificatePreview.TryRestore(plan!, Convert.FromBase64String(effect.Tbs), out PreviewedCertificate? preview, out refusal)
            && CertificateLint.Check(preview!).TryAccept(out LintedCertificate? linted, out refusal)
            && CertificateSigning.TrySign(linted, Convert.FromBase64String(effect.Spki), generator, out certificate, out refusal);
        Assert.True(signed, refusal?.ToString());
        return new CertificateSigned(effect.Certificate, effect.Key, Convert.ToBase64String(certificate!.Der.Span),
            Convert.ToHexStringLower(certificate.Sha256()), SecondOpinions.Certificate.In(State.Format));
    }

    private KeyBackedUp BackUp(BackUpKey b)
    {
        using SecretBytes secret = SecretBytes.Copy(_wrapKey), mac = BackupMac.DeriveKey(secret);
        byte[] blob = BackupBlob.Seal(_state!.World.LedgerId, b.Key, b.Algorithm,
            Hex(Convert.FromBase64String(b.Spki)), b.Set, KeyCheck(b.Set), b.Wrap,
            SHA512.HashData([.. _wrapKey, .. Encoding.UTF8.GetBytes($"{b.Set} {b.Key}")]), mac).Bytes();
        return new KeyBackedUp(b.Key, b.Set, Convert.ToBase64String(blob), Hex(blob));
    }

    /// <summary>A second look that finds everything as it should be.</summary>
    public static TokenLookedAt Agreed(LookAgain look)
    {
        ImmutableArray<string> keys = [.. look.Locked.All.Concat(look.Open.All).Order(StringComparer.Ordinal)];
        return new TokenLookedAt(look.Token, look.Serial, keys,
            [new("EYES-01", "pass", SecondLooks.SameObjects), new("EYES-02", "pass", SecondLooks.SameProperties),
                SecondLooks.Ledger(look, keys, [])]);
    }

    private KeyRestored Restore(RestoreKey r)
    {
        byte[] challenge = [.. Challenges.Beginning(Here, Challenges.Restore, r.Set, r.Key),
            .. SHA256.HashData(Encoding.UTF8.GetBytes(r.Key))];
        return new KeyRestored(r.Key, r.Set, r.Id, Primary, Convert.ToBase64String(challenge),
            Convert.ToBase64String(SignChallenge(r.Key, challenge)), Tried());
    }

    /// <summary>As a key signs that came back from its backup.</summary>
    public byte[] SignChallenge(string name, byte[] challenge)
    {
        if (_mlDsa.TryGetValue(name, out ThrowAwayKey? pure))
            return pure.Generator.SignData(challenge, pure.Algorithm.Hash);
        (AsymmetricAlgorithm key, KeyAlgorithm algorithm) = _keys[name];
        return key is ECDsa ec
            ? ec.SignData(challenge, algorithm.Hash, DSASignatureFormat.Rfc3279DerSequence)
            : ((RSA)key).SignData(challenge, algorithm.Hash, RSASignaturePadding.Pkcs1);
    }

    private BackupDrilled Drill(DrillRecovery d)
    {
        byte[] challenge = [.. Challenges.Beginning(Here, Challenges.Drill, d.Set, d.Key),
            .. SHA256.HashData(Encoding.UTF8.GetBytes(d.Key))];
        return new BackupDrilled(d.Key, d.Set, d.Serial.Length > 0 ? d.Serial : "D1", Convert.ToBase64String(challenge),
            Convert.ToBase64String(SignChallenge(d.Key, challenge)));
    }

    /// <summary>The private key of a name, as nobody has it outside the HSM.</summary>
    public AsymmetricAlgorithm KeyOf(string name) => _keys[name].Key;

    public CheckpointSigned Sign(ImmutableArray<Entry> entries) =>
        SignAs(entries, TranscriptOf(entries), s => s);

    private static string TranscriptOf(ImmutableArray<Entry> entries) => entries.Select(e => e.Body).OfType<KeyGenerated>()
        .Last(k => k.Purpose == "transcript" && !KeyAlgorithm.IsNameOfMlDsa(k.Algorithm)).Key;

    /// <summary>The transcript key of ML-DSA in the HSM that is in use; null: it holds none.</summary>
    private static string? CosignerOf(ImmutableArray<Entry> entries)
    {
        var dead = entries.Where(e => e.Body is CeremonyAborted).Select(e => e.Ceremony)
            .Except(entries.Where(e => e.Body is CeremonyClosed).Select(e => e.Ceremony)).ToHashSet();
        Entry[] living = [.. entries.Where(e => !dead.Contains(e.Ceremony))];
        // Its keys have no backup: each was made after the HSM was commissioned.
        return living.Skip(Array.FindLastIndex(living, e => e.Body is TokenCommissioned) + 1).Select(e => e.Body).OfType<KeyGenerated>()
            .LastOrDefault(k => k.Purpose == "transcript" && KeyAlgorithm.IsNameOfMlDsa(k.Algorithm))?.Key;
    }

    /// <summary>A checkpoint by any key of this room, over any statement.</summary>
    public CheckpointSigned SignAs(ImmutableArray<Entry> entries, string key, Func<CheckpointStatement, CheckpointStatement> change)
    {
        CheckpointStatement statement = change(BundleFiles.Statement(entries));
        byte[] bytes = statement.Write(),
            der = Convert.FromBase64String(entries.Select(e => e.Body).OfType<CertificateSigned>().Last(c => c.Key == key).Der);
        X509Certificate2[] path = [.. new JournalFacts(entries).PathOf(der)!
            .Select(c => X509CertificateLoader.LoadCertificate(c.Der.Span))];
        byte[] cms = StatementSigning.Sign(bytes, path[0], path, hash => SignHash(key, hash), entries[^1].Utc);
        return new CheckpointSigned(statement.Seq, statement.Head, Convert.ToBase64String(bytes), Convert.ToBase64String(cms),
            CosignerOf(entries) is { } second ? Convert.ToBase64String(Cosign(entries, second, bytes)) : null);
    }

    /// <summary>The second signature, by any key of ML-DSA of this room.</summary>
    public byte[] Cosign(ImmutableArray<Entry> entries, string key, byte[] statement) => StatementSigning.Cosign(statement,
        new JournalFacts(entries).PathOf(Convert.FromBase64String(
            entries.Select(e => e.Body).OfType<CertificateSigned>().Last(c => c.Key == key).Der))!,
        attributes => SignChallenge(key, attributes), entries[^1].Utc);

    /// <summary>The last bundle, restored onto new sticks: what anybody can do with it.</summary>
    /// <param name="withCheckpoint">As today's program does it; the first one left the checkpoint out.</param>
    public SoftwareRoom Restored(bool withCheckpoint = true, string? folder = null)
    {
        CheckpointSigned checkpoint = Entries.Select(e => e.Body).OfType<CheckpointSigned>().Last();
        ImmutableArray<Entry> covered = Entries[..(int)checkpoint.Seq];
        var restored = new LedgerRestored(checkpoint.Seq, checkpoint.Head, Hex(Convert.FromBase64String(checkpoint.Statement)),
            withCheckpoint ? checkpoint.Statement : null, withCheckpoint ? checkpoint.Cms : null,
            withCheckpoint ? checkpoint.Cosignature : null);
        return new SoftwareRoom(this, covered.Add(Entry.Following(covered[^1], "", covered[^1].Utc, "", restored)), folder);
    }

    private RootsLinked Link(LinkRoots l) => new(l.Statement, [.. l.Roots.All.Select(root => SignedBy(root, l.Statement))]);

    private ManifestSignature SignedBy(string root, string statement) =>
        new(root, Dsse.KeyId(State.World.Certificates[root].Parsed), Convert.ToBase64String(
            SignChallenge(State.World.Certificates[root].Signed.Key, Dsse.Pae(Convert.FromBase64String(statement)))));

    private string NameOf(string ckaId) => _state!.World.Keys.Values.Single(k => k.CkaId == ckaId).Generated.Key;

    private byte[] SpkiOf(string name) => _mlDsa.TryGetValue(name, out ThrowAwayKey? pure)
        ? pure.SubjectPublicKeyInfo.ToArray() : _keys[name].Key.ExportSubjectPublicKeyInfo();

    private byte[] SignMessage(string key, IEnumerable<ReadOnlyMemory<byte>> message) =>
        SignChallenge(key, [.. message.SelectMany(piece => piece.ToArray())]);

    private byte[] SignHash(string key, byte[] hash) => _keys[key].Key is ECDsa ec
        ? ec.SignHash(hash, DSASignatureFormat.Rfc3279DerSequence)
        : ((RSA)_keys[key].Key).SignHash(hash, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

    private byte[] SignDigest(string key, byte[] hash) => _keys[key].Key is RSA rsa
        ? rsa.SignHash(hash, HashAlgorithmName.SHA256, RSASignaturePadding.Pss) : SignHash(key, hash);

    private static string KeyCheck(string set) => Hex(Encoding.UTF8.GetBytes(set))[..16];

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>Every choice of cards with as many of as many groups as are needed, and none besides: counted one by one.</summary>
    private static int Quorums(SharesMade made)
    {
        int count = made.Custodians.Length, found = 0;
        for (int subset = 0; subset < 1 << count; subset++)
        {
            int[] held = made.Plan.Held(Enumerable.Range(1, count).Where(card => (subset >> (card - 1) & 1) == 1));
            found += held.Zip(made.Plan.Groups).All(group => group.First == 0 || group.First == group.Second.Threshold)
                && held.Count(cards => cards > 0) == made.Plan.GroupThreshold ? 1 : 0;
        }
        return found;
    }
}

/// <summary>The power fails: whatever is in memory is gone.</summary>
internal sealed class PowerFailure : Exception;

/// <summary>What the real room would have in memory and in the HSM: an effect that counts on more fails the test.</summary>
internal sealed class FakeDevice
{
    private readonly HashSet<string> _objects = [], _secrets = [], _dealt = [];
    private readonly Dictionary<string, int> _typed = [];
    private readonly Dictionary<string, GroupPlan> _plans = [];
    private bool _unlocked;

    /// <summary>Whose PINs an HSM has, as far as this room has set them; by its serial number.</summary>
    private readonly Dictionary<string, string> _opens = [];

    public bool Has(string ckaId) => _objects.Contains(ckaId);

    public bool HasDealt(string set) => _dealt.Contains(set);

    public void Keep(ShareTyped share) => _typed[share.Set] = _typed.GetValueOrDefault(share.Set) + 1;

    /// <summary>Shares that did not give the secret are wiped.</summary>
    public void Forget(string set) => _typed.Remove(set);

    public void Lock() => _unlocked = false;

    public void Restart()
    {
        _secrets.Clear();
        _dealt.Clear();
        _typed.Clear();
        _unlocked = false;
    }

    public void Check(Effect effect)
    {
        Assert.True(!effect.NeedsHsm || _unlocked, $"{effect.Name} on a locked HSM");
        switch (effect)
        {
            case CommissionToken c:
                Assert.Contains(c.Set, _secrets);
                break;
            case ChangePins c:
                Assert.Contains(c.From, _secrets);
                Assert.Contains(c.Set, _secrets);
                Assert.False(_unlocked, "the old quorum opens it for this alone");
                break;
            case UnlockToken u:
                Assert.Contains(u.Set, _secrets);
                Assert.Equal(_opens.GetValueOrDefault(u.Serial, u.Set), u.Set);
                break;
            case BackUpKey b:
                Assert.Contains(b.Set, _secrets);
                break;
            case RewrapKey r:
                Assert.Contains(r.From, _secrets);
                Assert.Contains(r.Set, _secrets);
                break;
            case DrillRecovery d:
                Assert.Contains(d.Set, _secrets);
                break;
            case DestroyInFormer d:
                Assert.Contains(d.Set, _secrets);
                break;
            case RestoreKey r:
                Assert.Contains(r.Set, _secrets);
                Assert.True(r.Clean || !Has(r.Id), "an object with this ID is there");
                break;
            case GenerateKey g:
                Assert.True(g.Clean || !Has(g.Id), "an object with this ID is there");
                break;
            case AdoptKey a:
                Assert.True(Has(a.Id));
                break;
            case CombineSubsets c:
                Assert.Equal(_plans[c.Set].Cards, _typed.GetValueOrDefault(c.Set));
                break;
            case RebuildSecret r:
                GroupPlan? plan = _plans.GetValueOrDefault(r.Set);
                int fewest = plan?.Fewest ?? 2;
                Assert.InRange(_typed.GetValueOrDefault(r.Set), fewest, plan is { HasGroups: true } ? plan.Cards : fewest);
                break;
        }
    }

    /// <param name="opened">The cards gave the secret that was asked for.</param>
    public void Did(Effect effect, bool opened = true)
    {
        switch (effect)
        {
            case MakeShares m:
                _secrets.Add(m.Set);
                _dealt.Add(m.Set);
                _plans[m.Set] = GroupPlan.Told(m.Threshold, m.Custodians.All.Length, m.Groups);
                break;
            case CombineSubsets c:
                _dealt.Remove(c.Set);
                _typed.Remove(c.Set);
                break;
            case RebuildSecret r:
                _typed.Remove(r.Set);
                _secrets.Add(r.Set);
                break;
            case RebuildForeign r when opened:
                _typed.Remove(r.Set);
                _secrets.Add(r.Set);
                break;
            case ForgetSecret f:
                _typed.Remove(f.Set);
                _secrets.Remove(f.Set);
                break;
            case DestroyWrapKey d:
                _secrets.Remove(d.Set);
                break;
            case CommissionToken c:
                _objects.Clear();
                _opens[c.Serial] = c.Set;
                _unlocked = true;
                break;
            case ChangePins c:
                _opens[c.Serial] = c.Set;
                break;
            case UnlockToken:
                _unlocked = true;
                break;
            case LockToken:
                _unlocked = false;
                break;
            case GenerateKey g:
                _objects.Add(g.Id);
                break;
            case RestoreKey r:
                _objects.Add(r.Id);
                break;
            case DestroyKey d:
                _objects.Remove(d.Id);
                break;
            case DestroyInFormer d:
                _objects.Remove(d.Id);
                break;
        }
    }

    public bool HoldsNothing => _secrets.Count + _dealt.Count + _typed.Count == 0;
}
