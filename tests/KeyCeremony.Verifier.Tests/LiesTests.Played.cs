using System.Collections.Immutable;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;
using static KeyCeremony.Verifier.Tests.Pen;
using Files = System.Collections.Immutable.ImmutableSortedDictionary<string, System.ReadOnlyMemory<byte>>;

namespace KeyCeremony.Verifier.Tests;

/// <summary>What was revoked, what was given up, and ceremonies that were played as no people play them.</summary>
public sealed partial class LiesTests
{
    /// <summary>The lie, with the number of known serials that fits it.</summary>
    private static CrlPreviewed Counted(CrlPreviewed p) =>
        p with { Lint = p.Lint.SetItem(1, IssuedSerials.Counted(p.Entries, p.Certificates.Length)) };

    /// <summary>What is revoked counts as good, and what was brought was compared with nothing.</summary>
    private static IEnumerable<Lie> Revocations()
    {
        const string kind = "revocation";
        yield return List("a revoked certificate is not named", r => r.Authority, p => p with { Certificates = [] },
            "the certificate \"tls-t1\" is revoked and not named on it");
        yield return List("a good certificate is named", r => r.Authority, p => p with { Certificates = ["mtls-m1", "tls-t1"] },
            "it names certificates that nobody revoked");
        yield return List("a stranger's certificate is named", r => r.Authority, p => p with { Certificates = ["gold", "tls-t1"] },
            "it names the certificate \"gold\", which is not this issuer's");
        yield return List("a certificate is named twice", r => r.Authority, p => p with { Certificates = ["tls-t1", "tls-t1"] },
            "its certificates are not named once each and in order");
        yield return List("what was typed is not on it", r => r.Authority, p => p with { Typed = [] }, "typed is");
        yield return List("more than was typed is on it", r => r.Authority, p => p with
        {
            Typed = p.Typed.Add(new TypedRevocation("0a0b0c",
            p.ThisUpdate, "superseded", null))
        }, "typed is");
        yield return List("an entry more than was counted", r => r.Authority, p => p with { Entries = p.Entries + 1 },
            "its numbers cannot be");
        yield return List("another difference was shown", r => r.Authority, p => p with
        {
            Difference = p.Difference.SetItem(0,
            "entries: 0")
        }, "the difference that was shown does not say its numbers");
        yield return List("it lasts longer than the script says", r => r.Authority, p => p with { NextUpdate = p.NextUpdate.AddYears(1) },
            "nextUpdate is");
        yield return List("it begins on another day", r => r.Authority, p => p with
        {
            ThisUpdate = p.ThisUpdate.AddDays(-1),
            NextUpdate = p.NextUpdate.AddDays(-1)
        }, "thisUpdate is");
        yield return List("its number is not the next one", r => r.Authority, p => p with { Number = "7" },
            "number is \"7\", due is \"1\"");
        yield return List("read from a file that nobody read", r => r.Revoked,
            p => p.Files.IsEmpty ? p : p with { Files = [p.Files[0] with { Sha256 = new string('0', 64) }] }, "files is");
        yield return List("read from a file more than was chosen", r => r.Revoked,
            p => p.Files.IsEmpty ? p : p with { Files = p.Files.Add(new RevocationSource("more.csv", new string('0', 64))) }, "files is");
        yield return List("read from no file", r => r.Revoked, p => p with { Files = [] }, "files is");
        yield return new Lie(kind, "another file was read than was chosen", r => r.Revoked, Replay,
            "(revocations-read … file is \"other.csv\"",
            Change<RevocationsRead>(f => f with { File = "other.csv" }));
        yield return new Lie(kind, "a file that was never chosen", r => r.Revoked, Replay,
            "(revocations-read … due was an answer to \"file\"",
            Drop(e => e.Step == "preview-list" && e.Body is Answered { Question: "file" }));
        yield return new Lie(kind, "the witness never looked at the list", r => r.Authority, Replay,
            "(answered, step \"preview-list\") … due was an answer to \"list\" by witness",
            Drop(e => e.Step == "preview-list" && e.Body is Answered { Question: "list" }));
        yield return new Lie(kind, "the witness wanted another list", r => r.Authority, Replay,
            "(answered, step \"preview-list\") … due was an answer to \"more\"",
            In("crl-signing", body => body is Answered { Question: "list" } a ? a with { Value = "again" } : body));
        yield return new Lie(kind, "the witness left it out and it was entered", r => r.Authority, Replay,
            "(revocation-entered … due was an answer to \"more\"",
            In("crl-signing", body => body is Answered { Question: "enter" } a ? a with { Value = "drop" } : body));
        yield return new Lie(kind, "another reason than was typed", r => r.Authority, Replay,
            "(revocation-entered … due was revocation-entered. reason is",
            Change<RevocationEntered>(x => x with { Reason = "superseded" }));
        yield return new Lie(kind, "a hold in place of a revocation, and released at once", r => r.Authority, Replay,
            "(revocation-entered … due was revocation-entered. reason is",
            Change<RevocationEntered>(x => x with { Reason = "removeFromCRL" }));

        // What a file revoked, the list itself says, and no entry but the preview.
        yield return new Lie(kind, "a certificate that a file revoked is named on no list", r => r.Revoked, "VERIFY-37",
            "crls/root-2.crl revokes the ledger's certificates \"mtls-m1\", \"tls-t1\"; the journal names \"mtls-m1\"",
            Change<CrlPreviewed>(p => Counted(p with { Certificates = p.Certificates.Remove("tls-t1") })));
        yield return new Lie(kind, "one serial more is said to be known", r => r.Revoked, Replay,
            "(crl-previewed, step \"preview-list\") … its findings are not those of the lint of lists",
            Change<CrlPreviewed>(p => p with
            {
                Lint = p.Lint.SetItem(1, p.Lint[1] with
                {
                    Text = "2 serials: 0 of certificates that this "
                + "ledger knows, 2 unknown to it"
                })
            }));
        yield return new Lie(kind, "a file's serial is said to be unknown", r => r.Revoked, Replay,
            "(revocations-read … is not what this ledger knows of the serial",
            Change<RevocationsRead>(f => f with
            {
                Findings = f.Findings.SetItem(1, new Finding(f.Findings[1].Id, "unknown",
                $"{f.Findings[1].Text.Split(':')[0]}: unknown to this ledger"))
            }));
        yield return new Lie(kind, "a file's counts are others than those of its serials", r => r.Revoked, Replay,
            "(revocations-read … its counts are not those of the serials that it names",
            Change<RevocationsRead>(f => f with { Serials = f.Serials! with { Known = 0, Early = 0 } }));
        yield return new Lie(kind, "a file was read in a notation that nobody chose", r => r.Revoked, Replay,
            "(revocations-read … notation is",
            Change<RevocationsRead>(f => f with { Notation = "decimal" }));
        yield return new Lie(kind, "nobody compared a file's serials", r => r.Revoked, Replay,
            "(revocations-read … it does not say of each serial whether this ledger knows it",
            Change<RevocationsRead>(f => f with { Findings = [], Serials = null }));
        yield return new Lie(kind, "a certificate that a file revoked is named one list late", r => r.Revoked, Replay,
            "(crl-previewed, step \"preview-list\") … it names certificates that nobody revoked",
            Change<CrlPreviewed>(p => Counted(p with { Certificates = p.Certificates.Remove("tls-t1") }), p => p.Number == "1"));
        yield return new Lie(kind, "a good certificate is named as if a file had revoked it", r => r.Revoked, "VERIFY-09",
            "was revoked by a list of an earlier ceremony",
            Change<CrlPreviewed>(p => p with { Certificates = [.. p.Certificates.Add("transcript").Order(StringComparer.Ordinal)] }));
        yield return new Lie(kind, "another list than was previewed, and its words read aloud", r => r.Authority, "VERIFY-37",
            "crls/root-1.crl is not the list that was previewed",
            Rewrite(e => e switch
            {
                { Body: CrlPreviewed p } => p with { TbsSha256 = new string('a', 64) },
                { Step: "preview-list", Body: Answered { Question: "words" } a } => a with
                {
                    Value = Core.Sharing.PgpWords.Of([0xaa,
                    0xaa])
                },
                _ => e.Body,
            }));

        foreach ((string name, Func<Answered, Answered> change, string question, string says) in new (string, Func<Answered, Answered>,
            string, string)[]
        {
            ("told another hash", a => a with { Value = new string('0', 64) }, "told-hash", "due was an answer to \"told-hash\""),
            ("told no hash", a => a with { Value = "" }, "told-hash", "due was an answer to \"told-hash\""),
            ("the witness said that it is another file", a => a with { Value = "again" }, "told", "never answers look-for-imports"),
            ("the witness did not take it", a => a with { Value = "again" }, "take", "never answers look-for-imports"),
            ("the operator compared it", a => a with { By = Roles.Operator }, "told-hash", "by is \"operator\""),
        })
            yield return new Lie(kind, $"a request: {name}", r => r.Authority, Replay, $"step \"request-tls\") … {says}",
                (_, entries) => entries.Select(e => IsAnswer(e, "request-tls", question) ? e with { Body = change((Answered)e.Body) } : e));
        foreach (string question in new[] { "told", "told-hash", "take", "file" })
            yield return new Lie(kind, $"a request: nobody answered \"{question}\"", r => r.Authority, Replay,
                $"step \"request-tls\") … due was an answer to \"{question}\"",
                Drop(e => IsAnswer(e, "request-tls", question)));
        yield return new Lie(kind, "a request: the comparison was taken back", r => r.Authority, Replay,
            "(answered, step \"request-tls\") … due was an answer to \"told-hash\"",
            (_, entries) => entries.SelectMany(e => IsAnswer(e, "request-tls", "told-hash") ? new[] { e,
                e with { Body = new Withdrawn(e.Seq) } } : [e]));
        yield return new Lie(kind, "a request with another hash than the file's", r => r.Authority, Replay, "(request-read … sha256 is",
            Change<RequestRead>(q => q with { Sha256 = new string('0', 64) }));
        yield return new Lie(kind, "a request that does not prove its key", r => r.Authority, Replay,
            "(request-read … its content is no request that proves its key",
            Change<RequestRead>(q => q with { Content = Broken(q.Content) }));

        Lie List(string name, Func<LyingRooms, SoftwareRoom> room, Func<CrlPreviewed, CrlPreviewed> change, string says) =>
            new(kind, $"a list: {name}", room, Replay, $"(crl-previewed, step \"preview-list\") … {says}",
                Change<CrlPreviewed>(p => change(p)));
    }

    /// <summary>An end that the witness did not want, or that never came.</summary>
    private static IEnumerable<Lie> Aborts()
    {
        const string kind = "given up";
        yield return new Lie(kind, "aborted and nobody proposed it", r => r.Aborted, Replay, "(answered … due was an answer to \"confirm\"",
            Drop(e => e.Body is AbortProposed));
        yield return new Lie(kind, "aborted and the witness was not asked", r => r.Aborted, Replay,
            "(ceremony-aborted … due was an answer to \"abort/decide\" by witness",
            Drop(e => e.Body is Answered { Question: "abort/decide" or "abort/word" }));
        yield return new Lie(kind, "aborted without the word", r => r.Aborted, Replay,
            "(ceremony-aborted … due was an answer to \"abort/word\" by witness",
            Drop(e => e.Body is Answered { Question: "abort/word" }));
        yield return new Lie(kind, "aborted by the operator", r => r.Aborted, Replay,
            "(answered … due was an answer to \"abort/decide\" … by is \"operator\"",
            Change<Answered>(a => a with { By = Roles.Operator }, a => a.Question == "abort/decide"));
        yield return new Lie(kind, "aborted although the witness went on", r => r.Aborted, Replay,
            "(answered … due was an answer to \"confirm\"",
            Change<Answered>(a => a with { Value = "go-on" }, a => a.Question == "abort/decide"));
        yield return new Lie(kind, "aborted for another reason", r => r.Aborted, Replay,
            "(ceremony-aborted … due was ceremony-aborted. reason is",
            Change<CeremonyAborted>(a => a with { Reason = "It was late." }));
        yield return new Lie(kind, "aborted with another witness", r => r.Aborted, Replay,
            "(ceremony-aborted … due was ceremony-aborted. witness is",
            Change<CeremonyAborted>(a => a with { Witness = "Nina Nobody" }));
        yield return new Lie(kind, "an abort that did not happen", r => r.Aborted, Replay, "REPLAY-04 … OPEN-01",
            Drop(e => e.Body is CeremonyAborted));
    }

    /// <summary>
    /// The real program of format 1 led this: the root's creation was given up before its backup, and CAs were signed under it.
    /// </summary>
    [Fact]
    public void What_hangs_under_a_root_that_was_given_up_is_found()
    {
        SoftwareRoom room = GivenUp();
        Judged(room, room.ForgeAll(e => e)).Finds("VERIFY-52",
            "uses what 0001-root-creation made, which was aborted before it was closed: it is dead");

        Files files = room.ForgeAll(Format(2));
        Judged(room, files).Finds("VERIFY-08", "The journal knows a newer transcript key");
        // As long as it is told that it was closed, all is missing that the second format asks, from the roll call on.
        files = room.ForgeAll(entries => Format(2)(entries).Select(e => e.Body is CeremonyAborted ? e with { Body = new CeremonyClosed() }
            : e));
        Judged(room, files).Finds(Replay, "(step-done, step \"roll-call\") … due was an answer to \"script\"");
        // Told with all that the second format asks until then, backup, drill and lock are missing.
        room = rooms.Authority;
        Judged(room, room.ForgeAll(ClosedBeforeTheBackup)).Finds(Replay,
            "(ceremony-closed, step \"deal-backup\") … due was an answer to \"card/0001-backup-1/1/alone\"");

        static Func<IEnumerable<Entry>, IEnumerable<Entry>> Format(int format) =>
            entries => WithLooks(format, entries.Select(e => e.Body switch
            {
                CeremonyOpened o => e with { Body = o with { Format = format } },
                // A forger knows the words of each format.
                CertificateSigned c => e with { Body = c with { Second = SecondOpinions.Certificate.In(format) } },
                _ => e,
            }));
    }

    /// <summary>A forger knows, too, where each format looks a second time: behind a commissioning and behind each new key.</summary>
    private static IEnumerable<Entry> WithLooks(int format, IEnumerable<Entry> entries)
    {
        ImmutableArray<string> keys = [];
        foreach (Entry entry in entries)
        {
            yield return entry;
            keys = entry.Body is KeyGenerated made ? [.. keys.Add(made.CkaId).Order(StringComparer.Ordinal)] : keys;
            if (format >= JournalFormats.Replayed && entry is ({ Body: KeyGenerated } or { Step: "commission", Body: SecretForgotten }))
                yield return entry with
                {
                    Body = new TokenLookedAt("primary", "P1", keys, [new("EYES-01", "pass", SecondLooks.SameObjects),
                        new("EYES-02", "pass", SecondLooks.SameProperties), new("EYES-03", "pass", SecondLooks.AsTheLedgerSays(keys))]),
                };
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(50)]
    [InlineData(200)]
    public void A_production_ceremony_of_no_time_is_found(int milliseconds)
    {
        var room = new SoftwareRoom(Environments.Production) { Pace = TimeSpan.FromMilliseconds(milliseconds) };
        Files files = room.Play(SoftwareRoom.Script("root-creation.md"));

        Judged(room, files).Finds("VERIFY-51", "0001-root-creation took … people need");
    }

    [Fact]
    public void A_second_ceremony_of_no_time_is_found()
    {
        var room = new SoftwareRoom(Environments.Production, rooms.Rooms.NewFolder());
        room.Through("root-creation.md");
        room.Rested += room.Pace * room.Entries.Length;
        room.Pace = TimeSpan.Zero;
        room.Through("crl-signing.md");

        Judged(room, room.ForgeAll(e => e)).Finds("VERIFY-51", "0002-crl-signing took 0 seconds");
    }

    /// <summary>Rehearsals are played from files; nobody would be told anything by their time.</summary>
    [Fact]
    public void A_rehearsal_takes_no_time()
    {
        var room = new SoftwareRoom { Pace = TimeSpan.Zero };

        Assert.Empty(Judged(room, room.Play(SoftwareRoom.Script("root-creation.md"))).Rules());
    }

    private static SoftwareRoom GivenUp()
    {
        // What today's program would not open, the first one did.
        var room = new SoftwareRoom(folder: Directory.CreateTempSubdirectory("given-up").FullName) { Format = 0, IsHonest = false };
        room.Open(SoftwareRoom.Script("root-creation.md"));
        _ = room.Until("deal-backup", "card/0001-backup-1/1/alone");
        Assert.Null(room.Tell(new Abort("Fire alarm.", room.State.NameOf(Roles.Witness))));
        foreach (string request in new[] { "tls-t1", "mtls-m1" })
            room.Put($"{request}.csr", SoftwareRoom.Request());
        room.Saying("here/activation share card 1", "open");
        return room.Through("intermediate-signing.md");
    }

    /// <summary>The first backup card is made and shown to nobody; what came behind it never was.</summary>
    private static IEnumerable<Entry> ClosedBeforeTheBackup(IEnumerable<Entry> genuine)
    {
        ImmutableArray<Entry> entries = [.. genuine];
        long from = entries.First(e => IsAnswer(e, "deal-backup", "card/0001-backup-1/1/alone")).Seq;
        return entries
            .Where(e => IsEarlier(e) || e.Body is CeremonyClosed)
            .Select(e => IsEarlier(e) ? e : e with { Step = "deal-backup" });

        bool IsEarlier(Entry e) => e.Seq < from || e.Ceremony != "0001-root-creation";
    }

    /// <summary>The last byte belongs to the signature.</summary>
    private static string Broken(string base64)
    {
        byte[] bytes = Convert.FromBase64String(base64);
        bytes[^1] ^= 1;
        return Convert.ToBase64String(bytes);
    }
}
