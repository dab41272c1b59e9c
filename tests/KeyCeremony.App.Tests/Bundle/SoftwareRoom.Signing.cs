using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KeyCeremony.App.Bundle;
using KeyCeremony.App.Ground;
using KeyCeremony.App.Room;
using KeyCeremony.App.Tests.Camera;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;
using KeyCeremony.Verifier;

namespace KeyCeremony.App.Tests.Bundle;

/// <summary>The import stick, the record sticks' lists, and what is put on them: requests, another CA, revocations.</summary>
internal sealed partial class SoftwareRoom
{
    private static SecondOpinion Second => new(Path.GetTempPath());

    /// <summary>Answers before everybody else, from the state alone; null: as always.</summary>
    public Func<CeremonyState, Question, string?>? Knows { get; set; }

    /// <summary>What is answered to the next question of this ID, in this order; afterwards as always.</summary>
    public Dictionary<string, Queue<string>> Says { get; } = [];

    public string Stick => Path.Combine(_folder!, "in");

    public string[] RecordSticks => Sticks(_folder);

    public SoftwareRoom Saying(string question, params string[] answers)
    {
        if (!Says.TryGetValue(question, out Queue<string>? queue))
            Says[question] = queue = new Queue<string>();
        foreach (string answer in answers)
            queue.Enqueue(answer);
        return this;
    }

    /// <summary>Plays a shipped script to its end.</summary>
    public SoftwareRoom Through(string script)
    {
        Open(Script(script));
        GoOn();
        Assert.True(State is { Ended: true, Aborted: false } && Says.Values.All(q => q.Count == 0),
            $"{State.Step?.Id}: {string.Join(", ", Says.Where(s => s.Value.Count > 0).Select(s => s.Key))} was not asked");
        return this;
    }

    /// <summary>Plays on until this step asks this, and leaves the question open.</summary>
    public Question Until(string step, string question)
    {
        for (int moves = 0; moves < 2000; moves++)
        {
            Move move = Director.Next(State);
            if (move is Ask ask && State.Step?.Id == step && ask.Question.Id == question)
                return ask.Question;
            Assert.False(move is Over, $"{step}:{question} was never asked");
            Make(move);
        }
        throw new Xunit.Sdk.XunitException($"{step}:{question} was never asked: {State.Step?.Id} {Director.Next(State)}");
    }

    /// <summary>Answers the open question; what it leads to without people is done. Null: taken.</summary>
    public Refusal? Say(string value) => Tell(new Answer(Asked().Id, value));

    public Refusal? Tell(Message message)
    {
        Decision decision = Director.Decide(State, message, Now());
        if (message is ShareTyped typed && decision.Entries is [SharePresented])
            _device.Keep(typed);
        foreach (EntryBody body in decision.Entries)
            Append(body);
        for (Move move = Director.Next(State); decision.Refusal is null && move is not (Ask or Over); move = Director.Next(State))
            Make(move);
        return decision.Refusal;
    }

    /// <summary>The ceremony is aborted, and the witness agrees.</summary>
    public void GiveUp()
    {
        Assert.Null(Tell(new Abort("The fire alarm went off.", State.NameOf(Roles.Witness))));
        while (!State.Aborted)
            Assert.Null(Say(Asked() is { Kind: AnswerKind.Choice } ? "abort" : Asked().Expected));
    }

    /// <summary>The open question.</summary>
    public Question Asked() => Assert.IsType<Ask>(Director.Next(State)).Question;

    public CertificatePreviewed Previewed(PreviewCertificate effect) => _desks.Certificates.Preview(State, effect);

    public BatchPreviewed Read(ReadBatch effect) => Assert.IsType<BatchPreviewed>(_desks.Manifests.Read(State, effect, _ => { }));

    public ManifestSigned Signed(SignManifest effect) =>
        _desks.Manifests.Sign(State, effect, (key, pae) => SignChallenge(key.Generated.Key, pae),
            (key, hash) => SignHash(key.Generated.Key, hash));

    /// <summary>What the script needs was looked at before it was opened.</summary>
    public void Looked(params ImmutableArray<Finding> findings) => Append(new NeedsLookedAt(findings));

    /// <summary>One move further.</summary>
    public void Step() => Make(Director.Next(State));

    /// <summary>The same ledger and keys once more, with sticks of its own.</summary>
    public SoftwareRoom Fork(string folder)
    {
        var fork = new SoftwareRoom(this, Entries, folder);
        foreach (string file in Directory.EnumerateFiles(_folder!, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(folder, Path.GetRelativePath(_folder!, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
        return fork;
    }

    /// <summary>The program is stopped and started again at this very moment.</summary>
    public void Restart()
    {
        _device.Restart();
        _desks.Dispose();
        _desks = OpenDesks(_folder);
        _state = Replay.Running(Entries, Parse)!;
        _state = Replay.Apply(_state, Write(_state.Id, _state.Step?.Id ?? "", new Reopened("keyceremony test")));
    }

    /// <summary>The program is started again, and the witness has the words of its stop.</summary>
    public void ComeBack()
    {
        Restart();
        if (Asked().Id == "resume/head")
            Step();
    }

    /// <summary>The last bundle as a folder on a stick, with its lists.</summary>
    public string Export(string place)
    {
        CheckpointSigned checkpoint = Entries.Select(e => e.Body).OfType<CheckpointSigned>().Last();
        ImmutableArray<Entry> covered = Entries[..(int)checkpoint.Seq];
        Assert.True(BundleExport.TryWrite(Bundle(), BundleList.Of(covered), l => _desks.Crls.Find(l.Sha256, l.Length)!,
            BundleFiles.FolderName(Entries, checkpoint.Seq), place, _ => { }, out ExportedBundle? exported, out Refusal? refusal),
            refusal?.ToString());
        return exported.Path;
    }

    /// <summary>A request of a new P-256 key, DER.</summary>
    public static byte[] Request(ECDsa? key = null) =>
        new CertificateRequest("C=DE, O=Example Devices, CN=Somebody", key ?? ECDsa.Create(ECCurve.NamedCurves.nistP256),
            HashAlgorithmName.SHA256).CreateSigningRequest();

    /// <summary>The certificate of another CA, PEM.</summary>
    /// <param name="identifier">How it names its key; null: by the SHA-1.</param>
    public static string OtherCa(byte[]? identifier = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var request = new CertificateRequest("C=DE, O=Example Partner, CN=REHEARSAL Example Partner Root", key, HashAlgorithmName.SHA384);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(identifier is null
            ? new X509SubjectKeyIdentifierExtension(request.PublicKey, false)
            : new X509SubjectKeyIdentifierExtension(identifier, false));
        using X509Certificate2 certificate = request.CreateSelfSigned(Morning.AddYears(-1), Morning.AddYears(9));
        return certificate.ExportCertificatePem();
    }

    /// <summary>A file is held before the camera from now on, as pictures of its codes.</summary>
    public void Show(string name, byte[] bytes) => Show(Codes.Frames(name, bytes));

    public void Show(params IEnumerable<string> codes)
    {
        Codes.Draw(Path.Combine(_folder!, "codes"), codes);
        _desks.Dispose();
        _desks = OpenDesks(_folder);
    }

    public void Put(string name, byte[] bytes) => File.WriteAllBytes(Path.Combine(Stick, name), bytes);

    private Message Try(Effect effect)
    {
        try
        {
            return new Happened(effect, Do(effect));
        }
        catch (CeremonyException e)
        {
            return new Broke(effect, e.Refusal.Rule, $"{e.Refusal.Message} {e.Refusal.Remedy}");
        }
    }

    private string? Said(Question q) =>
        Knows?.Invoke(State, q) ?? (Says.TryGetValue(q.Id, out Queue<string>? said) && said.TryDequeue(out string? answer) ? answer : null);

    private string Chosen(Question q)
    {
        if (Said(q) is { } answer)
            return answer;
        string wanted = (q.Id, State.Step) switch
        {
            ("here/activation share card 3", _) => "stays",
            ({ } set, CheckCardsStep) when set.EndsWith("/set", StringComparison.Ordinal) && set != "check/1/set" => "done",
            ("file", ImportRequestStep r) => $"{r.Request}.csr",
            ("file", ImportBuilderStep b) => $"{b.Builder}.pub.pem",
            ("file", ImportCertificateStep c) => $"{c.Certificate}.pem",
            ({ } who, _) when who.StartsWith("present/", StringComparison.Ordinal) =>
                SeatOf(State.World.Sets[q.Share!.Set].Made.Custodians[CardOf(q, who.Split('/')[1]) - 1]),
            _ => "",
        };
        return q.Choices.Any(o => o.Key == wanted) ? wanted : q.Choices[0].Key;
    }

    /// <summary>As the choice of who presents a card names it; the first officer for somebody who is not here.</summary>
    public string SeatOf(string name) =>
        (State.People.FirstOrDefault(p => p.Name == name) ?? State.People.First(p => p.Role == Roles.Officer)) is var person
            ? $"{person.Role}/{person.Index}"
            : "";

    private Desks OpenDesks(string? folder)
    {
        if (folder is null)
            return Desks.Open(null, [], Second, Path.GetTempPath());
        foreach (string place in Sticks(folder).Append(Path.Combine(folder, "in")))
            Directory.CreateDirectory(place);
        var received = new ReceivedFiles(Sticks(folder), () => State.Id);
        string codes = Path.Combine(folder, "codes");
        return Desks.Open(Path.Combine(folder, "in"), Sticks(folder), Second, Path.GetTempPath(),
            camera: new CameraDesk(received, "", Directory.Exists(codes) ? [codes] : []));
    }

    private static string[] Sticks(string? folder) => [Path.Combine(folder!, "stick-a"), Path.Combine(folder!, "stick-b")];
}
