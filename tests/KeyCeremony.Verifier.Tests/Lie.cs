using System.Collections.Immutable;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.App.Tests.Room;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Verifier.Tests;

/// <summary>One way to tell it otherwise than it was.</summary>
/// <param name="Kind">Of the list in docs/assurance.md.</param>
/// <param name="Room">Which ledger is lied about: a property of <see cref="LyingRooms"/>.</param>
/// <param name="Says">Stands in the flaw (<see cref="Verdicts.Finds"/>).</param>
/// <param name="Tell">From the genuine entries to the forged ones.</param>
internal sealed record Lie(string Kind, string Name, Func<LyingRooms, SoftwareRoom> Room, string Rule, string Says,
    Func<SoftwareRoom, ImmutableArray<Entry>, IEnumerable<Entry>> Tell)
{
    public override string ToString() => $"{Kind}: {Name}";
}

/// <summary>
/// The ledgers that are lied about. The liar has every key of the room, the transcript key among them, and signs everything
/// anew: no lie is found by its hash or its signature.
/// </summary>
public sealed class LyingRooms : IDisposable
{
    private readonly SigningRooms _rooms = new();
    private readonly Lazy<SmallRoom> _smallTeam = new();
    private readonly Dictionary<SoftwareRoom, string> _lists = [];
    private readonly Lazy<SoftwareRoom> _root, _authority, _interrupted, _production, _revoked, _aborted, _recovered, _checked, _sited,
        _activated, _replaced, _twice, _small, _ended, _remains, _moved, _released, _attached, _updated, _spared, _fallen, _grouped,
        _foreign;

    public LyingRooms()
    {
        _root = new(() => _rooms.Rooted());
        _authority = new(() => Signed(_rooms.Rooted()));
        _interrupted = new(Interruptions);
        _revoked = new(() => Listed(_rooms.Rooted()));
        _aborted = new(() => Abandoned(_rooms.Rooted()));
        _recovered = new(() => _rooms.Rooted().Through("disaster-recovery.md"));
        _activated = new(() => ActivationChangeTests.Changed(_rooms.Rooted()));
        _replaced = new(() => _rooms.Rooted().Through("custodian-replacement.md"));
        // As for one that moved.
        _foreign = new(() => Elsewhere(Played(new SoftwareRoom(), "root-creation.md")));
        _attached = new(() => WithAttached(_rooms.Rooted()));
        _updated = new(() => WithUpdated(_rooms.Rooted()));
        _released = new(() => WithReleases(_rooms.Rooted()));
        _small = new(() => _smallTeam.Value.Signed());
        _twice = new(ReplacedTwice);
        _ended = new(() => KeyDestructionTests.Burnt(_rooms.Rooted(), 1, 2, 3).Through("key-destruction.md"));
        // A room of its own: forks share their keys by name, and a recovery makes a transcript-2 too.
        _moved = new(() => Played(new SoftwareRoom(), "root-creation.md").Through("hsm-migration.md"));
        _grouped = new(() => Played(new SoftwareRoom(), "root-creation-groups.md"));
        _spared = new(() => Played(new SoftwareRoom(), "root-creation.md").Through(SuccessionTests.Succession));
        _fallen = new(() => SuccessionTests.Fallen(Played(new SoftwareRoom(folder: _rooms.NewFolder()), "root-creation.md")));
        _remains = new(() => KeyDestructionTests.Burnt(_rooms.Rooted(), 1).Through("key-destruction.md"));
        _checked = new(() => CardRoom.Checked(_rooms.Rooted()).Through("crl-signing.md"));
        _sited = new(() =>
        {
            var room = new SoftwareRoom();
            _ = room.Play(SoftwareRoom.Script("root-creation.md").Replace("set: backup\nquorum: backup\nbits: 256\ndice: false\n",
                "set: backup\nquorum: backup\nbits: 256\ndice: false\nsites: [\"Basel, safe\", \"Zug, Bank\", \"Bern, notary\"]\n",
                StringComparison.Ordinal));
            return room;
        });
        _production = new(() => Played(new SoftwareRoom(Environments.Production), "root-creation.md"));
    }

    /// <summary>A root was created.</summary>
    internal SoftwareRoom Root => _root.Value;

    /// <summary>
    /// Two requests were signed, after record stick A came in another bag, and then a list that revokes one of them.
    /// </summary>
    internal SoftwareRoom Authority => _authority.Value;

    /// <summary>
    /// Power failed, cards became void, a key was taken over, an answer was taken back, somebody reported, people rested.
    /// </summary>
    internal SoftwareRoom Interrupted => _interrupted.Value;

    /// <summary>A root was created in earnest.</summary>
    internal SoftwareRoom Production => _production.Value;

    /// <summary>A file revoked one certificate, and people the other.</summary>
    internal SoftwareRoom Revoked => _revoked.Value;

    /// <summary>A list was given up, and then another one signed.</summary>
    internal SoftwareRoom Aborted => _aborted.Value;

    /// <summary>The HSM was lost, and the root came back from its backup.</summary>
    internal SoftwareRoom Recovered => _recovered.Value;

    /// <summary>Cards were checked on a day without an HSM, and then a list was signed.</summary>
    internal SoftwareRoom Checked => _checked.Value;

    /// <summary>The activation cards were replaced, and two of the old ones burnt.</summary>
    internal SoftwareRoom Activated => _activated.Value;

    /// <summary>The backup cards of the root were replaced.</summary>
    internal SoftwareRoom Replaced => _replaced.Value;

    /// <summary>The root ended, and all its cards are burnt.</summary>
    internal SoftwareRoom Ended => _ended.Value;

    /// <summary>The root moved to another HSM.</summary>
    internal SoftwareRoom Moved => _moved.Value;

    /// <summary>The next root rests, and the people who hold its cards hold those of the first one, too.</summary>
    internal SoftwareRoom Spared => _spared.Value;

    /// <summary>The first root fell, and the next one took over.</summary>
    internal SoftwareRoom Fallen => _fallen.Value;

    /// <summary>The root ended, and two of its three cards remain.</summary>
    internal SoftwareRoom Remains => _remains.Value;

    /// <summary>A release was signed, then withdrawn, then the next one signed.</summary>
    internal SoftwareRoom Released => _released.Value;

    /// <summary>A UEFI program was signed, and then the manifest of a RAUC bundle: both with CMS.</summary>
    internal SoftwareRoom Attached => _attached.Value;

    /// <summary>Two updates of a Secure Boot variable were signed.</summary>
    internal SoftwareRoom Updated => _updated.Value;

    /// <summary>Three people created a root and had a signing day.</summary>
    internal SoftwareRoom Small => _small.Value;

    /// <summary>A root whose backup was dealt to three departments.</summary>
    internal SoftwareRoom Grouped => _grouped.Value;

    /// <summary>Brought back with cards that were made elsewhere, behind a wrong passphrase.</summary>
    internal SoftwareRoom Foreign => _foreign.Value;

    /// <summary>
    /// A ledger of format 5 whose backup cards were replaced twice, once after it was given up; the cards of both old sets are destroyed.
    /// </summary>
    internal SoftwareRoom Twice => _twice.Value;

    /// <summary>A root was created, and the script says where each backup card will lie.</summary>
    internal SoftwareRoom Sited => _sited.Value;

    internal SigningRooms Rooms => _rooms;

    /// <summary>A folder that holds the lists of its bundle.</summary>
    internal string ListsOf(SoftwareRoom room)
    {
        lock (_lists)
        {
            if (!_lists.TryGetValue(room, out string? folder))
                _lists.Add(room, folder = room.Export(_rooms.NewFolder()));
            return folder;
        }
    }

    public void Dispose()
    {
        _rooms.Dispose();
        if (_smallTeam.IsValueCreated)
            _smallTeam.Value.Dispose();
    }

    private static SoftwareRoom Elsewhere(SoftwareRoom room)
    {
        room.WrongPassphrases = 1;
        return room.Through("disaster-recovery-foreign.md");
    }

    private static SoftwareRoom Signed(SoftwareRoom room)
    {
        // Everybody comes back from lunch: the HSM is locked and opened a second time.
        bool isLunch = false;
        room.PowerFails = e => e is { Step: "approve", Body: StepDone } && !isLunch && (isLunch = true);
        return room
            .Saying("bag/record stick A", "B77777").Through("intermediate-signing.md")
            .Saying("more", "certificate/tls-t1", "done").Saying("reason", "keyCompromise").Through("crl-signing.md");
    }

    private static SoftwareRoom ReplacedTwice()
    {
        const string replacement = "custodian-replacement.md";
        var room = new SoftwareRoom { Format = JournalFormats.Kept };
        _ = room.Play(SoftwareRoom.Script("root-creation.md"));
        room.Format = JournalFormats.Current;
        room.Open(SoftwareRoom.Script(replacement));
        _ = room.Until("seal-cards", "sealed");
        room.GiveUp();
        room.Through(replacement).Through(replacement);
        int turn = 1;
        foreach (string set in new[] { CardRoom.Backup, "0003-backup-1" })
            for (int card = 1; card <= 2; card++, turn += 2)
                CardRoom.Burnt(room, turn, set, card);
        return room.Saying($"check/{turn}/set", "done").Through(CardRoom.Script).Through("manifest-key.md");
    }

    private static SoftwareRoom WithReleases(SoftwareRoom room)
    {
        var first = new ReleaseFolder();
        ReleaseFolder.BringBuilders(room.Stick);
        first.Put(room, "application-1");
        room.Through("release-key.md").Through("release-signing.md");
        room.Open(SoftwareRoom.Script("release-withdrawal.md").Replace("1.15.0+7", first.Version, StringComparison.Ordinal));
        room.GoOn();
        new ReleaseFolder { Version = "1.15.0", Counter = 19 }.Put(room, "application-2");
        return room.Saying("file", "application-2").Through("release-signing.md");
    }

    private static SoftwareRoom WithUpdated(SoftwareRoom room)
    {
        ReleaseFolder.BringBuilders(room.Stick);
        room.Through("release-key.md");
        foreach (byte hour in new byte[] { 10, 11 })
        {
            string folder = $"update-{hour}";
            new ReleaseFolder
            {
                Format = "efi-variable",
                Target = "db",
                Image = EfiVariables.Hashes("db", hour, "a program"),
                Version = $"1.{hour}.0",
            }.Put(room, folder);
            room.Saying("file", folder).Through("release-signing.md");
        }
        return room;
    }

    private static SoftwareRoom WithAttached(SoftwareRoom room)
    {
        ReleaseFolder.BringBuilders(room.Stick);
        (ReleaseFolder.Of("efi") with { Version = "1.14.0" }).Put(room, "application-1");
        room.Through("release-key.md").Through("release-signing.md");
        ReleaseFolder.Of("rauc-verity").Put(room, "application-2");
        return room.Saying("file", "application-2").Through("release-signing.md");
    }

    private static SoftwareRoom Listed(SoftwareRoom room)
    {
        room.Through("intermediate-signing.md");
        CertificateSigned signed = room.Entries.Select(e => e.Body).OfType<CertificateSigned>().Single(c => c.Certificate == "tls-t1");
        string serial = Convert.ToHexStringLower(JournalFacts.Certificate(signed.Der)!.ToBeSigned.Serial.Span);
        room.Put("revoked.csv", System.Text.Encoding.ASCII.GetBytes($"serial,date,reason\n{serial},2026-11-02T08:00:00Z,superseded\n"));
        return room
            .Saying("more", "file", "done").Saying("file", "revoked.csv").Through("crl-signing.md")
            .Saying("more", "certificate/mtls-m1", "done").Saying("reason", "keyCompromise").Through("crl-signing.md");
    }

    private static SoftwareRoom Abandoned(SoftwareRoom room)
    {
        room.Open(SoftwareRoom.Script("crl-signing.md"));
        _ = room.Until("approve", "confirm");
        Assert.Null(room.Tell(new Abort("Fire alarm.", "")));
        Assert.Null(room.Say("abort"));
        Assert.Null(room.Say("ABORT"));
        return room.Through("crl-signing.md");
    }

    private static SoftwareRoom Interruptions()
    {
        var room = new SoftwareRoom();
        bool hasMade = false, isVoid = false, isUndone = false, isReported = false, hasRested = false, isUnsigned = false;
        room.PowerFails = e => e switch
        {
            // The key is in the HSM and no entry says so.
            null => room.State.Pending is { Effect: "generate-key", Subject: "root" } && !hasMade && (hasMade = true),
            { Body: ShareReadBack { Share: 1 } } => !isVoid && (isVoid = true),
            { Body: Attempted { Effect: "sign-certificate" } } => !isUnsigned && (isUnsigned = true),
            _ => false,
        };
        room.Instead = move => move is not Ask { Question.Id: var id } ? null
            : id == "video" && !isUndone && (isUndone = true) ? new Undo()
            : id == "confirm" && !isReported && (isReported = true) ? new Report("The lights went out.")
            : id == "confirm" && !hasRested && (hasRested = true) ? new TakeBreak([room.State.NameOf(Roles.Witness),
                room.State.NameOf(Roles.Operator)])
            : null;
        return Played(room, "root-creation.md");
    }

    private static SoftwareRoom Played(SoftwareRoom room, string script)
    {
        _ = room.Play(SoftwareRoom.Script(script));
        return room;
    }
}

/// <summary>How a journal is written otherwise.</summary>
internal static class Pen
{
    /// <summary>Each entry of this kind for which <paramref name="where"/> holds.</summary>
    public static Func<SoftwareRoom, ImmutableArray<Entry>, IEnumerable<Entry>> Change<T>(Func<T, EntryBody> change, Func<T,
        bool>? where = null)
        where T : EntryBody =>
        (_, entries) => entries.Select(e => e.Body is T body && where?.Invoke(body) != false ? e with { Body = change(body) } : e);

    public static Func<SoftwareRoom, ImmutableArray<Entry>, IEnumerable<Entry>> Rewrite(Func<Entry, EntryBody> change) =>
        (_, entries) => entries.Select(e => change(e) is var body && ReferenceEquals(body, e.Body) ? e : e with { Body = body });

    public static Func<SoftwareRoom, ImmutableArray<Entry>, IEnumerable<Entry>> Drop(Func<Entry, bool> which) =>
        (_, entries) => entries.Where(e => !which(e));

    /// <summary>Behind the first entry like this.</summary>
    public static Func<SoftwareRoom, ImmutableArray<Entry>, IEnumerable<Entry>> After(Func<Entry, bool> which, Func<SoftwareRoom,
        EntryBody[]> bodies) =>
        (room, entries) => entries.Take(At(entries, which) + 1)
            .Concat(bodies(room).Select(body => entries[At(entries, which)] with { Body = body })).Concat(entries.Skip(At(entries,
                which) + 1));

    public static Func<SoftwareRoom, ImmutableArray<Entry>, IEnumerable<Entry>> Both(
        params Func<SoftwareRoom, ImmutableArray<Entry>, IEnumerable<Entry>>[] tales) =>
        (room, entries) => tales.Aggregate(entries, (told, tell) => [.. tell(room, told)]);

    /// <summary>Other people, in every entry that names one.</summary>
    public static Func<SoftwareRoom, ImmutableArray<Entry>, IEnumerable<Entry>> Rename(Func<ImmutableArray<Person>, string, string> name) =>
        (_, entries) => entries.Select(e => Renamed(e.Body, n => name(entries.Select(x => x.Body).OfType<RoomOpened>().First().People,
            n)) is var body
            && Entry.SameBody(body, e.Body) ? e : e with { Body = body });

    public static bool IsAnswer(Entry e, string step, string question) => e.Step == step && e.Body is Answered a && a.Question == question;

    public static string Seated(ImmutableArray<Person> people, string role,
        int index = 1) => people.Single(p => p.Role == role && p.Index == index).Name;

    private static EntryBody Renamed(EntryBody body, Func<string, string> name) => body switch
    {
        Answered a => a with
        {
            Person = name(a.Person),
            Value = a.Question.StartsWith("name/",
            StringComparison.Ordinal) ? name(a.Value) : a.Value
        },
        RoomOpened r => r with { People = [.. r.People.Select(p => p with { Name = name(p.Name) })] },
        SharesMade s => s with { Custodians = [.. s.Custodians.Select(name)] },
        ShareReadBack r => r with { Custodian = name(r.Custodian) },
        SharePresented p => p with { Custodian = name(p.Custodian), Presenter = p.Presenter is { } hands ? name(hands) : null },
        ExceptionSignedOff x => x with { Witness = name(x.Witness) },
        _ => body,
    };

    private static int At(ImmutableArray<Entry> entries, Func<Entry, bool> which) => entries.IndexOf(entries.First(which));
}
