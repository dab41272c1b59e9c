using System.Collections.Immutable;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Text;
using KeyCeremony.App.Room;
using KeyCeremony.App.Terminal;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Requests;
using KeyCeremony.Core.Script;
using KeyCeremony.Core.Sharing;
using KeyCeremony.Core.Transfer;
using KeyCeremony.Verifier;

namespace KeyCeremony.App.Tests.Terminal;

/// <summary>
/// A room where the engine is the real one and everything outside it answers the same every time: devices, clock,
/// randomness, people. So a whole ceremony is a list of screens that can be kept in files.
/// </summary>
internal sealed partial class FakeRoom : IDisposable
{
    private const int Patience = 2000;
    private const string LedgerId = "5eed00000000000000000000000000a1";

    private static readonly ImmutableDictionary<string, string> Names = new Dictionary<string, string>
    {
        ["name/administrator/1"] = "Ada Adams",
        ["name/operator/1"] = "Otto Olsen",
        ["name/witness/1"] = "Wilma Weiß",
        ["name/officer/1"] = "Bea Berg",
        ["name/officer/2"] = "Carl Castro",
        ["name/officer/3"] = "Dana Dvořák",
        ["name/officer/4"] = "Emil Eriksen",
        ["name/officer/5"] = "Fay Fischer",
        ["name/officer/6"] = "Hanna Holm",
        ["name/officer/7"] = "Ivo Ilić",
        ["name/auditor/1"] = "Gus Grant",
        ["receiver"] = "Rita Ruiz",
    }.ToImmutableDictionary();

    private readonly Dictionary<string, ShareSet> _sets = [];
    private readonly Dictionary<string, SecretBytes> _secrets = [];
    private readonly List<IDisposable> _held = [];
    private readonly ImmutableArray<Entry>.Builder _entries = ImmutableArray.CreateBuilder<Entry>();
    private DateTimeOffset _clock = new(2026, 11, 22, 9, 0, 0, TimeSpan.Zero);
    private int _tokens;
    private int _bags = 4100;

    public FakeRoom(string script, string environment = Environments.Rehearsal)
    {
        Write("", "", new LedgerCreated(LedgerId, environment, "keyceremony test"));
        State = Open(script);
    }

    public CeremonyState State { get; private set; }

    /// <summary>What the ledger knew before the ceremony of today was opened.</summary>
    public World Before { get; private set; } = World.Empty;

    public Move Move => Director.Next(State);

    public DateTimeOffset Utc => _clock;

    public Question Question => ((Ask)Move).Question;

    /// <summary>Opens another script in the same ledger.</summary>
    public void Continue(string script) => State = Open(script);

    /// <summary>The model of the present moment with the secrets that belong to it, nothing typed.</summary>
    public ScreenModel Model(Display display)
    {
        var model = new ScreenModel(display, State, Move, _clock) { Journal = _entries.ToImmutable() };
        return Move switch
        {
            Over when !State.Aborted && State.Script.IsSigned
                && BundleFiles.FolderName(model.Journal, State.World.Checkpoint!.Seq) is var name
                && $"/media/export/{name}" is var bundle =>
                model with { BundlePath = bundle, AuditLine = AuditLine.Of(State, model.Journal, bundle) },
            Perform p => model with { Work = new Work(p.Effect.Doing, _clock.AddSeconds(-3)) },
            Ask { Question: { Kind: AnswerKind.ShowShare, Share: { } share } } => model with { Shown = ShareOf(share) },
            Ask { Question: { Kind: AnswerKind.ReadBackShare, Share: { } share } } =>
                model with { Entry = Held(WordEntry.ReadBack(ShareOf(share))) },
            Ask { Question: { Kind: AnswerKind.CheckShare, Share: { } share } } => model with { Entry = Held(WordEntry.Any(share.Words)) },
            Ask { Question: { Kind: AnswerKind.PresentForeign, Share: { } share } } =>
                model with { Entry = Held(WordEntry.Any(share.Words)) },
            Ask { Question.Kind: AnswerKind.Passphrase } => model with { Passphrase = Held(new PassphraseEntry()) },
            Ask { Question: { Kind: AnswerKind.PresentShare, Share: { } share } } =>
                model with { Entry = Held(WordEntry.OfSet(share.Words, _sets[share.Set].Shares[0].Header)) },
            Ask { Question.Kind: AnswerKind.Dice } => model with { Dice = Held(new DiceEntry()) },
            _ => model,
        };
    }

    public Share ShareOf(ShareRef share) => _sets[share.Set].Shares[share.Share - 1];

    /// <summary>Every move up to the end, each before it is made.</summary>
    public IEnumerable<Move> Moves()
    {
        for (int i = 0; i < Patience; i++)
        {
            Move move = Move;
            yield return move;
            if (move is Over)
                yield break;
            Make(move);
        }
        throw new InvalidOperationException($"No end in sight at {State.Step?.Id}.");
    }

    /// <summary>Goes on until this step asks a question of this kind.</summary>
    public FakeRoom GoTo(string step, AnswerKind kind) => GoTo(m => m is Ask ask && State.Step!.Id == step && ask.Question.Kind == kind);

    public FakeRoom GoTo(Func<Move, bool> there)
    {
        for (int i = 0; !there(Move); i++)
        {
            Assert.True(i < Patience && Move is not Over, $"It was never asked; the ceremony is at {State.Step?.Id}.");
            Make(Move);
        }
        return this;
    }

    /// <summary>The ceremony takes the message; what it writes is in the ledger.</summary>
    public void Tell(Message message)
    {
        Decision decision = Director.Decide(State, message, _clock);
        Assert.True(decision.Refusal is null, $"{State.Step?.Id}: {decision.Refusal}");
        foreach (EntryBody body in decision.Entries)
            Record(body);
    }

    /// <summary>Somebody proposes to abort, and the witness agrees.</summary>
    public void GiveUp()
    {
        Tell(new Abort("The fire alarm went off."));
        Tell(new Answer("abort/decide", "abort"));
        Tell(new Answer("abort/word", "ABORT"));
        Make(Move);
    }

    public void Record(EntryBody body) => State = Replay.Apply(State, Write(State.Id, State.Step?.Id ?? "", body));

    public void Make(Move move)
    {
        switch (move)
        {
            case Ask ask:
                Tell(AnswerTo(ask.Question));
                break;
            case Perform perform:
                if (Director.Announce(State, perform.Effect) is { } attempt)
                    Record(attempt);
                Tell(new Happened(perform.Effect, FactOf(perform.Effect)));
                break;
            case Note note:
                Record(note.Body);
                break;
        }
    }

    public void Dispose()
    {
        foreach (IDisposable held in _held.Concat(_sets.Values).Concat(_secrets.Values))
            held.Dispose();
    }

    public static CeremonyScript Script(string name)
    {
        Assert.True(ScriptReader.TryLoad(name, ReadScript, out CeremonyScript? script, out _, out ImmutableArray<ScriptError> errors),
            string.Join('\n', errors));
        return script;
    }

    private static byte[]? ReadScript(string name)
    {
        string path = TestFiles.PathOf("ceremony-scripts", name);
        return File.Exists(path) ? File.ReadAllBytes(path) : null;
    }

    private CeremonyState Open(string name)
    {
        // Without the script's text in the ledger a word changed in a script changes the screens that show it and no hash.
        CeremonyScript script = Script(name) with { Sha256 = Hex(name) };
        World before = Before = Replay.WorldAfter(_entries);
        Entry opening = Write(Director.NextId(before, script.Name), "",
            new CeremonyOpened(script.Name, script.Version, script.Sha256, "", "keyceremony test", JournalFormats.Current));
        return Replay.Open(script, before, opening);
    }

    private Entry Write(string ceremony, string step, EntryBody body)
    {
        _clock = _clock.AddSeconds(20);
        var entry = Entry.Following(_entries.Count == 0 ? null : _entries[^1], ceremony, _clock, step, body);
        _entries.Add(entry);
        return entry;
    }

    private T Held<T>(T secret) where T : IDisposable
    {
        _held.Add(secret);
        return secret;
    }

    // ---- the people ----

    private Message AnswerTo(Question q) => Says?.Invoke(q) is { } said ? new Answer(q.Id, said) : q.Kind switch
    {
        AnswerKind.ReadBackShare => Typed(q, ShareOf(q.Share!)),
        AnswerKind.CheckShare => Typed(q, ShareOf(q.Share!)),
        AnswerKind.PresentShare => Typed(q, NotYetPresented(q.Share!.Set)),
        AnswerKind.PresentForeign => MadeElsewhere(q),
        AnswerKind.Passphrase => new Answer(q.Id, ForeignWords.WasTyped),
        AnswerKind.Typed or AnswerKind.ToldHash => new Answer(q.Id, q.Expected),
        AnswerKind.Choice => new Answer(q.Id, Chosen(q)),
        AnswerKind.ReceivedWords => new Answer(q.Id, Acknowledgement.Of(Convert.FromHexString(q.Expected))),
        AnswerKind.Utc => new Answer(q.Id, $"{_clock:yyyy-MM-dd HH:mm:ss}"),
        AnswerKind.Dice => new Answer(q.Id, "99 throws"),
        AnswerKind.Text when q.Expected.Length > 0 => new Answer(q.Id, q.Expected),
        AnswerKind.Text or AnswerKind.OptionalText => new Answer(q.Id, Said(q)),
        _ => new Answer(q.Id, ""),
    };

    private string Said(Question q)
    {
        if (Names.TryGetValue(q.Id, out string? name))
            return name;
        if (q.Kind == AnswerKind.OptionalText && State.Step is PreviewCrlStep)
            return "";
        if (q.Id.StartsWith("bag/", StringComparison.Ordinal))
            return State.Step is OpenBagsStep ? State.World.Bags.GetValueOrDefault(q.Id[4..]) ?? "KC-4000" : $"KC-{++_bags}";
        RecordField? field = (State.Step as RecordStep)?.Fields.FirstOrDefault(f => f.Id == q.Id);
        return field?.Kind switch
        {
            "number" => "12",
            "serial" => $"SN-{State.StepIndex:D2}-{field.Id}",
            "sha256" => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(field.Id))),
            _ => "As read aloud",
        };
    }

    private ShareTyped Typed(Question q, Share share) => new(q.Id, q.Share!.Set,
        NumberOf(q.Share.Set, share), share.Header.Identifier,
        Convert.ToHexStringLower(ShareDigest.Of(share)), Matches: true);

    /// <summary>Two groups of three, each of two cards that are needed; the first passphrase is a wrong one.</summary>
    private static ShareTyped MadeElsewhere(Question q)
    {
        int card = int.Parse(q.Id.Split('/')[1], System.Globalization.CultureInfo.InvariantCulture) - 1;
        return new ShareTyped(q.Id, q.Share!.Set, 0, 7777, Hex($"made elsewhere {card}"), Matches: true,
            new ShareHeader(7777, true, 1, card / 2, 2, 3, card % 2, 2));
    }

    private Share NotYetPresented(string set)
    {
        var presented = State.SoFar.Reverse().TakeWhile(e => e.Body is not (SecretRebuilt or Reopened))
            .Select(e => e.Body).OfType<SharePresented>()
            .Where(p => p.Set == set).Select(p => p.Share).ToHashSet();
        GroupPlan plan = _sets[set].Plan;
        return _sets[set].Shares.First(s =>
            plan.NumberOf(s.Header) is var card && !presented.Contains(card) && plan.Advances(card, presented));
    }

    private int NumberOf(string set, Share share) => _sets[set].Plan.NumberOf(share.Header);

    // ---- the devices ----

    private EntryBody FactOf(Effect effect) => effect switch
    {
        InspectAppliance => new ApplianceInspected(
        [
            new("GATE-01", "pass", "No network interface but the loopback."),
            new("GATE-02", "pass", "No swap."),
            new("GATE-03", "pass", "Core dumps are off."),
            new("GATE-04", "fail", "A disk is mounted that is neither the image nor a record stick: /media/holiday-pictures."),
            new("GATE-05", "warning", "A device that is not expected: USB 046d:c077, a mouse."),
        ]),
        InspectLedger => new LedgerInspected(State.World.LedgerId, State.Last.Seq, State.Last.HashHex,
            [new("LEDGER-01", "pass", "The chain is whole."), new("LEDGER-02", "pass", "Both record sticks hold the same bytes.")]),
        ProbeToken p => Probed(p),
        MakeShares m => Made(m),
        CombineSubsets c => new SubsetsCombined(c.Set, (int)_sets[c.Set].Plan.Quorums, State.World.Sets[c.Set].Made.KeyCheck),
        RebuildSecret r => new SecretRebuilt(r.Set, r.KeyCheck),
        RebuildForeign r => State.Latest<ForeignMisfit>() is null ? new ForeignMisfit(r.Set, ShareRules.RecordedCheckValueId)
            : new SecretRebuilt(r.Set, r.KeyCheck, Foreign: true),
        ForgetSecret f => new SecretForgotten(f.Set),
        CommissionToken c => new TokenCommissioned(c.Label, Serial(++_tokens), "SoftHSM project", "SoftHSM v2", c.Set, 32, 128),
        LookForImports { Kind: ImportWords.Builder or ImportWords.Release } l => Found(l),
        LookForImports l => new ImportsFound(l.Kind, l.Kind == ImportWords.Batch ? Drafts : Stick, Ignored),
        ReadRequest r => Read(r),
        ReadCertificate r => Read(r),
        ReadRevocations r => Read(r),
        ReadBatch b => Read(b),
        SignManifest m => Signed(m),
        ReadBuilder b => Read(b),
        ReadRelease r => Read(r),
        CompareRelease c => new ReleaseCompared(c.Release, c.RequestSha256),
        SignRelease r => Signed(r),
        PreviewCrl p => Previewed(p),
        SignCrl c => Signed(c),
        LockToken l => new TokenLocked(l.Serial),
        ChangePins c => new ActivationChanged(c.Serial, c.From, c.Set, ActivationChanged.Refused),
        UnlockToken u => new TokenUnlocked(u.Serial, u.Set, State.World.Head?.Serial == u.Serial ? State.World.Head.Seq : 0,
            State.World.Head?.Serial == u.Serial ? State.World.Head.Head : ""),
        PreviewCertificate p => Previewed(p),
        GenerateKey g => new KeyGenerated(g.Key, g.Purpose, g.Algorithm, g.Id, State.World.Primary!.Commissioned.Serial,
            Convert.ToBase64String(PublicKey(g.Algorithm, g.Key)), g.Extractable, g.Extractable ? null : Tried),
        AdoptKey g => new KeyGenerated(g.Key, g.Purpose, g.Algorithm, g.Id, State.World.Primary!.Commissioned.Serial,
            Convert.ToBase64String(PublicKey(g.Algorithm, g.Key)), g.Extractable, g.Extractable ? null : Tried),
        SignCertificate s => Signed(s),
        BackUpKey b => new KeyBackedUp(b.Key, b.Set, Noise(b.Key, 120), Hex($"blob {b.Key}")),
        RewrapKey r => new KeyBackedUp(r.Key, r.Set, Noise($"{r.Key} {r.Set}", 120), Hex($"blob {r.Key} {r.Set}"), r.From),
        DestroyWrapKey d => new WrapKeyDestroyed(d.Set),
        LookAgain l => Bundle.SoftwareRoom.Agreed(l),
        DrillRecovery d => new BackupDrilled(d.Key, d.Set, "DRILL-0007", Noise("challenge", 32), Noise("signature", 96)),
        LockKey l => new KeyLocked(l.Key, Tried),
        LinkRoots l => new RootsLinked(l.Statement, [.. l.Roots.All.Select(root =>
            new ManifestSignature(root, Dsse.KeyId(State.World.Certificates[root].Parsed), Noise(root, 96)))]),
        WithdrawRoot w => new RootWithdrawn(w.Root, w.Statement,
            new ManifestSignature(w.Successor, Dsse.KeyId(State.World.Certificates[w.Successor].Parsed), Noise(w.Root, 96))),
        RestoreKey r => new KeyRestored(r.Key, r.Set, r.Id, State.World.Primary!.Commissioned.Serial,
            Noise("challenge", 32), Noise("signature", 96), Tried),
        DestroyKey d => new KeyDestroyed(d.Key, d.Id, d.Serial),
        DestroyInFormer d => new KeyDestroyed(d.Key, d.Id, d.Serial),
        LookForLeftovers l => new LeftoversFound(l.Attempt, l.AttemptSubject, ["private key, complete", "public key, complete"], true),
        GatherResults => Gathered(),
        KeepRecording => new TerminalRecorded([new RecordedSession(1, 4711, Hex("recording"))]),
        SignCheckpoint c => new CheckpointSigned(State.Last.Seq, State.Last.HashHex, Noise("statement", 64), Noise("cms", 64),
            c.Cosigner is null ? null : Noise("cosignature", 64)),
        StoreHead h => new HeadStored(h.Seq, h.Head, State.World.Primary!.Commissioned.Serial),
        ExportBundle => new BundleExported(Hex("sums"), ["SHA256SUMS", "journal.jsonl", "report.pdf", "script.md"]),
        _ => throw new NotSupportedException(effect.Name),
    };

    private static Finding Tried => new("HSM-20", "pass",
        "Wrapping the locked key was tried and refused: 0x210A with CKR_KEY_UNEXTRACTABLE, 0x210B with CKR_MECHANISM_INVALID, "
            + "0x1085 with CKR_MECHANISM_INVALID, 0x80000171 with CKR_MECHANISM_INVALID.");

    private TokenProbed Probed(ProbeToken probe)
    {
        string serial = probe.Token == "drill"
            ? "DRILL-0007"
            : probe.Blank ? Serial(_tokens + 1) : State.World.Primary!.Commissioned.Serial;
        return new TokenProbed(probe.Token, probe.Blank ? "" : "root-r1", serial,
            "SoftHSM project", "SoftHSM v2", 4, 255, "0x210A", "rfc5649",
        [
            new("PROBE-01", "pass", "A non-extractable key cannot be wrapped."),
            new("PROBE-02", "pass", "An unwrapped key keeps what its template says."),
            new("PROBE-03", "warning", "Wrong PINs never lock this HSM."),
        ], TokenProbed.ExtractableFalse, "softhsm2", Hex("softhsm2"));
    }

    private SharesMade Made(MakeShares m)
    {
        var secret = SecretBytes.Random(m.Bits / 8, Counting($"secret {m.Set}"));
        var plan = GroupPlan.Told(m.Threshold, m.Custodians.All.Length, m.Groups);
        ShareSet set = Slip39.Split(secret, plan, Counting($"split {m.Set}"));
        _secrets.Add(m.Set, secret);
        _sets.Add(m.Set, set);
        return new SharesMade(m.Set, m.SetName, m.Bits, m.Threshold, set.Shares[0].Header.Identifier, m.Custodians.All,
            [.. set.Shares.Select(s => Convert.ToHexStringLower(ShareDigest.Of(s)))],
            KeyCheckValue.Of(secret), ["hsm", "kernel"], m.Groups);
    }

    private static CertificatePreviewed Previewed(PreviewCertificate p)
    {
        PreviewCertificateStep ask = p.Step;
        (byte[] spki, DistinguishedName? subject, RequestFile? request) = Brought(p);
        if (subject is null)
        {
            Assert.True(DistinguishedName.TryCreate([.. ask.Subject.Select(a => (a.Type, a.Value))],
                out DistinguishedName? plain, out Refusal? refusal), refusal?.ToString());
            Assert.True(plain.TryWithEnvironment(p.Environment, out subject, out refusal), refusal?.ToString());
        }
        // The screens need a certificate, not a right one.
        Assert.True(CertificateProfile.TryParse(ask.Profile, out CertificateProfile? profile)
            || CertificateProfile.TryParse("transcript-signer", out profile));
        Assert.True(KeyAlgorithm.TryParse(ask.Algorithm, out KeyAlgorithm? algorithm));
        ParsedCertificate? issuer = null;
        Assert.True(p.IssuerDer.Length == 0
            || CertificateReader.TryReadCertificate(Convert.FromBase64String(p.IssuerDer), out issuer, out _));
        var plan = new CertificatePlan
        {
            Profile = profile,
            Subject = subject,
            Issuer = issuer,
            Key = algorithm,
            Serial = SerialNumber.FromRandom(SHA256.HashData(Encoding.UTF8.GetBytes(ask.Certificate)).AsSpan(0, SerialNumber.RandomBytes)),
            NotBefore = p.NotBefore,
            NotAfter = ask.Days == 0 ? CertificatePlan.NoEnd : p.NotBefore.AddDays(ask.Days),
            PathLength = ask.PathLength,
            Policies = ask.Policies,
            CrlDistributionPoints = ask.CrlAddresses,
        };
        byte[] tbs = ToBeSigned.Write(plan, spki);
        return new CertificatePreviewed(ask.Certificate, KeySources.Of(ask.Source),
            ask.Key, ask.Issuer, Encoding.UTF8.GetString(PlanJson.Write(plan)), Convert.ToBase64String(tbs),
            Convert.ToHexStringLower(SHA256.HashData(tbs)),
            request is null ? [] : [.. RequestDifference.Between(request, plan, p.Environment).Rows.Select(r => r.ToString())],
            [new("CERT-01", "pass", "Read back strictly."), new("NAME-03", "warning", "The common name is longer than 32 characters.")]);
    }

    private static CertificateSigned Signed(SignCertificate s)
    {
        Assert.True(PlanJson.TryRead(Encoding.UTF8.GetBytes(s.Plan), out CertificatePlan? plan, out _));
        byte[] tbs = ToBeSigned.Write(plan, Convert.FromBase64String(s.Spki));
        Assert.True(KeyAlgorithm.TryParse(s.SignerAlgorithm, out KeyAlgorithm? algorithm));
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(tbs);
            writer.WriteEncodedValue(algorithm.SignatureAlgorithmIdentifier());
            writer.WriteBitString(NotASignature());
        }
        byte[] der = writer.Encode();
        return new CertificateSigned(s.Certificate, s.Key, Convert.ToBase64String(der),
            Convert.ToHexStringLower(SHA256.HashData(der)), "openssl agrees");
    }

    /// <summary>Of the right form: the screens only show it.</summary>
    private static byte[] NotASignature()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(1);
            writer.WriteInteger(2);
        }
        return writer.Encode();
    }

    private static byte[] PublicKey(string algorithm, string name)
    {
        ECCurve curve = algorithm == "ec-p384" ? ECCurve.NamedCurves.nistP384 : ECCurve.NamedCurves.nistP256;
        byte[] scalar = new byte[algorithm == "ec-p384" ? 48 : 32];
        SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 31).CopyTo(scalar.AsSpan(scalar.Length - 31));
        using var key = ECDsa.Create(new ECParameters { Curve = curve, D = scalar });
        return key.ExportSubjectPublicKeyInfo();
    }

    private static string Serial(int number) => $"e4d1c0de{number:D8}";

    private static string Noise(string name, int length)
    {
        byte[] noise = new byte[length];
        Counting(name)(noise);
        return Convert.ToBase64String(noise);
    }

    private static string Hex(string name) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)));

    /// <summary>Bytes that look random and are the same every time.</summary>
    private static FillRandom Counting(string name)
    {
        int block = 0;
        return destination =>
        {
            for (int at = 0; at < destination.Length; at += 32)
            {
                ReadOnlySpan<byte> hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{name} {block++}"));
                hash[..Math.Min(32, destination.Length - at)].CopyTo(destination[at..]);
            }
        };
    }
}
