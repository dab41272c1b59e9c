using System.Security.Cryptography;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki.Requests;
using KeyCeremony.Core.Script;
using KeyCeremony.Core.Sharing;
using KeyCeremony.Verifier;

namespace KeyCeremony.App.Tests.Room;

/// <summary>What comes in on a stick: chosen, refused, compared, left out; undone and restarted at every question.</summary>
public class ImportEngineTests(SigningRooms rooms) : IClassFixture<SigningRooms>
{
    private const string Tls = "request-tls";

    private static readonly string Script = SoftwareRoom.Script("intermediate-signing.md");

    [Fact]
    public void A_refused_file_makes_way_for_another_one()
    {
        SoftwareRoom room = At(Tls, "file", r => r.Put("not-a-request.csr", "nonsense"u8.ToArray()));

        Assert.Null(room.Say("not-a-request.csr"));
        Assert.Equal("refused", room.Asked().Id);
        Assert.Equal("REQ-02", room.Asked().Blocked?.Rule);
        Assert.Null(room.Say("again"));
        Assert.Equal("file", room.Asked().Id);
        Assert.Null(room.Say("tls-t1.csr"));
        Assert.Equal("told", room.Asked().Id);
        room.GoOn();

        Assert.Equal("not-a-request.csr", Assert.Single(Here<ImportRefused>(room)).File);
        Assert.Equal(["tls-t1", "mtls-m1"], Here<CertificateSigned>(room).Select(c => c.Certificate));
        Verifies(room);
    }

    [Theory]
    [InlineData("file", "leave-out")]
    [InlineData("refused", "leave-out")]
    public void What_is_left_out_is_an_exception_and_is_not_signed(string question, string answer)
    {
        SoftwareRoom room = At(Tls, "file", r => r.Put("not-a-request.csr", "nonsense"u8.ToArray()));
        if (question == "refused")
            Assert.Null(room.Say("not-a-request.csr"));
        Assert.Equal(question, room.Asked().Id);

        Assert.Null(room.Say(answer));
        Assert.StartsWith("sign-off/", room.Asked().Id, StringComparison.Ordinal);
        room.GoOn();

        Assert.Equal(CeremonyRules.ImportLeftOut, Assert.Single(Here<ExceptionRaised>(room)).Rule);
        Assert.Equal(["mtls-m1"], Here<CertificateSigned>(room).Select(c => c.Certificate));
        Verifies(room);
    }

    [Fact]
    public void A_ceremony_without_any_request_closes_and_signs_nothing()
    {
        SoftwareRoom room = At(Tls, "file");
        room.Knows = (s, q) => q.Id == "file" ? "leave-out" : null;
        room.GoOn();

        Assert.Empty(Here<CertificateSigned>(room));
        Assert.Equal(2, Here<LeftOut>(room).Count());
        Verifies(room);
    }

    /// <summary>The wrong file was taken first, by mistake; it is another one's request, which must still be signed.</summary>
    [Fact]
    public void A_request_that_was_read_and_left_out_does_not_burn_its_key()
    {
        SoftwareRoom room = At(Tls, "file");
        Assert.Null(room.Say("mtls-m1.csr"));
        Assert.Null(room.Say("again"));
        Assert.Null(room.Say("leave-out"));
        room.GoOn();

        Assert.Equal(["mtls-m1"], Here<CertificateSigned>(room).Select(c => c.Certificate));
        Verifies(room);
    }

    [Fact]
    public void One_key_for_two_certificates_is_refused()
    {
        SoftwareRoom room = At(Tls, "file", r => r.Put("mtls-m1.csr", File.ReadAllBytes(Path.Combine(r.Stick, "tls-t1.csr"))));
        _ = room.Until("request-mtls", "refused");

        Assert.Equal("PUBKEY-20", room.Asked().Blocked?.Rule);
    }

    [Fact]
    public void A_key_of_another_environment_is_refused()
    {
        SoftwareRoom room = At(Tls, "file", r =>
        {
            Assert.True(RequestFile.TryRead(File.ReadAllBytes(Path.Combine(r.Stick, "tls-t1.csr")), out RequestFile? request, out _));
            r.Put("known-keys.csv", KnownKeysFile.Write([new KnownKey(request.Key.Sha256, "production", "tls-t1")]));
        });
        Assert.DoesNotContain(room.Asked().Choices, o => o.Key == "known-keys.csv");
        Assert.Null(room.Say("tls-t1.csr"));

        Assert.Equal("PUBKEY-20", room.Asked().Blocked?.Rule);
    }

    [Fact]
    public void The_told_hash_must_be_the_files()
    {
        SoftwareRoom room = At(Tls, "told");
        string sha256 = Here<RequestRead>(room).Last().Sha256;
        Assert.Null(room.Say("type"));
        Question told = room.Asked();
        Assert.DoesNotContain(told.EvidenceLines,
            line => line.Replace(" ", "", StringComparison.Ordinal).Contains(sha256[..8], StringComparison.Ordinal));

        Assert.Equal("REQ-40", room.Say(sha256[..62])?.Rule);
        Assert.Equal(CeremonyRules.Empty, room.Say("")?.Rule);
        Assert.Equal("REQ-41", room.Say(Flipped(sha256))?.Rule);
        Assert.Equal(told.Id, room.Asked().Id);
        Assert.Null(room.Say(PgpWords.Of(Convert.FromHexString(sha256)).ToUpperInvariant()));
        Assert.Equal("take", room.Asked().Id);
        Assert.Equal(sha256, Here<Answered>(room).Last(a => a.Question == "told-hash").Value);

        Assert.Null(room.Tell(new Undo()));
        Assert.Null(room.Say(string.Join(':', sha256.ToUpperInvariant().Chunk(2).Select(c => new string(c)))));
        room.GoOn();
        Verifies(room);
    }

    [Fact]
    public void The_witness_may_compare_the_hash_with_the_screen()
    {
        SoftwareRoom room = At(Tls, "told");
        string words = PgpWords.Of(Convert.FromHexString(Here<RequestRead>(room).Last().Sha256));
        Assert.Null(room.Say("compare"));
        Assert.Contains(room.Asked().EvidenceLines, line => words.StartsWith(line, StringComparison.Ordinal));

        Assert.Equal(CeremonyRules.NotThePhrase, room.Say("aardvark adroitness")?.Rule);
        Assert.Null(room.Say(string.Join(' ', words.Split(' ')[..2])));
        Assert.Equal("take", room.Asked().Id);
        room.GoOn();
        Verifies(room);
    }

    /// <summary>Who finds that the hash is another one must not have to say that it is right.</summary>
    [Theory]
    [InlineData("told")]
    [InlineData("told-hash")]
    [InlineData("compared")]
    [InlineData("take")]
    public void Another_file_can_be_chosen_from_every_question_about_a_file(string question)
    {
        SoftwareRoom room = At(Tls, "told");
        if (question == "take")
            _ = room.Until(Tls, "take");
        else if (question != "told")
        {
            Assert.Null(room.Say(question == "compared" ? "compare" : "type"));
            Assert.Equal(question, room.Asked().Id);
            Assert.Null(room.Tell(new Undo()));
        }
        Assert.Null(room.Say("again"));

        Assert.Equal("file", room.Asked().Id);
        Assert.DoesNotContain(room.State.SoFar.Reverse().TakeWhile(e => e.Body is not RequestRead),
            e => e.Body is Answered { Question: "compared" });
        room.GoOn();
        Verifies(room);
    }

    [Fact]
    public void A_read_file_is_not_unread_by_undo()
    {
        SoftwareRoom room = At(Tls, "told");

        Assert.Equal(CeremonyRules.NothingToUndo, room.Tell(new Undo())?.Rule);
    }

    [Theory]
    [InlineData("intermediate-signing.md")]
    [InlineData("cross-signing.md")]
    [InlineData("service-certificates.md")]
    public void Restarted_and_undone_at_every_question_it_goes_on(string script)
    {
        SoftwareRoom room = rooms.Rooted();
        room.Open(SoftwareRoom.Script(script));
        int undone = Disturbed.AtEveryQuestion(room);

        Assert.True(undone > 4, $"{undone} answers were taken back");
        Verifies(room);
    }

    [Fact]
    public void A_partners_key_keeps_the_name_that_the_partner_gave_it()
    {
        byte[] identifier = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];
        SoftwareRoom room = rooms.Rooted();
        room.Put("other-ca.pem", System.Text.Encoding.ASCII.GetBytes(SoftwareRoom.OtherCa(identifier)));
        room.Through("cross-signing.md");

        CertificateFact cross = room.State.World.Certificates.Values.Single(c => c.Preview.Source == "existing");
        Assert.Equal(identifier, cross.Parsed.ToBeSigned.SubjectKeyIdentifier!.Value.ToArray());
        Verifies(room);
    }

    [Fact]
    public void A_file_that_is_gone_before_it_is_read_is_refused_and_another_one_is_chosen()
    {
        SoftwareRoom room = At(Tls, "file");
        File.Move(Path.Combine(room.Stick, "tls-t1.csr"), Path.Combine(room.Stick, "tls.csr"));

        Assert.Null(room.Say("tls-t1.csr"));
        Assert.Equal("IN-02", room.Asked().Blocked?.Rule);
        Assert.Null(room.Say("again"));
        Assert.Null(room.Say("tls.csr"));
        room.GoOn();
        Verifies(room);
    }

    [Fact]
    public void Without_a_stick_somebody_is_asked_to_plug_it_in()
    {
        SoftwareRoom room = rooms.Rooted();
        Directory.Move(room.Stick, room.Stick + "-away");
        room.Open(Script);
        _ = room.Until(Tls, "again/look-for-imports");

        Assert.Equal("IN-01", room.Asked().Blocked?.Rule);
        Directory.Move(room.Stick + "-away", room.Stick);
        Assert.Null(room.Say("again"));
        Assert.Equal("file", room.Asked().Id);
    }

    [Theory]
    [InlineData("again")]
    [InlineData("leave-out")]
    public void A_file_named_like_another_choice_is_not_offered(string name)
    {
        SoftwareRoom room = At(Tls, "file", r => r.Put(name, SoftwareRoom.Request()));

        Assert.Single(room.Asked().Choices, o => o.Key == name);
        Assert.Contains("1 other thing is not shown and not touched.", room.Asked().EvidenceLines);
    }

    [Fact]
    public void A_name_that_was_signed_before_is_refused()
    {
        SoftwareRoom room = rooms.Rooted().Through("intermediate-signing.md");
        room.Open(Script);
        _ = room.Until(Tls, "stopped");

        Assert.Equal(CeremonyRules.ImportNameUsed, room.Asked().Blocked?.Rule);
    }

    /// <summary>At its preview there would be no way on but to abort, for the other requests as well.</summary>
    [Fact]
    public void A_request_that_contradicts_the_script_is_refused_when_it_is_read()
    {
        SoftwareRoom room = rooms.Rooted();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        room.Put("mtls-m1.csr", SoftwareRoom.Request(key));
        room.Open(Script);
        _ = room.Until("request-mtls", "refused");

        Assert.Equal("REQ-23", room.Asked().Blocked?.Rule);
        Assert.Null(room.Say("leave-out"));
        room.GoOn();
        Assert.Equal(["tls-t1"], Here<CertificateSigned>(room).Select(c => c.Certificate));
        Verifies(room);
    }

    [Fact]
    public void Bags_that_stay_closed_are_neither_opened_nor_sealed()
    {
        SoftwareRoom room = rooms.Rooted();
        string number = Replay.WorldAfter(room.Entries).Bags["activation share card 3"];
        room.Through("intermediate-signing.md");

        Assert.Equal(number, room.State.World.Bags["activation share card 3"]);
        Assert.DoesNotContain(Here<BagOpened>(room), b => b.Content == "activation share card 3");
        Assert.DoesNotContain(Here<Answered>(room), a => a.Question == "bag/activation share card 3");
        Assert.Equal(["activation share card 1", "activation share card 2"],
            Here<BagSealed>(room).Select(b => b.Content).Where(c => c.StartsWith("activation", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_bag_that_was_called_needless_can_still_be_opened_by_undo()
    {
        SoftwareRoom room = rooms.Rooted();
        room.Open(Script);
        _ = room.Until("open-bags", "here/activation share card 3");
        Assert.Null(room.Say("stays"));
        Assert.Equal("seen", room.Asked().Id);
        Assert.Null(room.Tell(new Undo()));
        Assert.Null(room.Say("open"));
        room.GoOn();

        Assert.Contains(Here<BagSealed>(room), b => b.Content == "activation share card 3");
        Verifies(room);
    }

    private SoftwareRoom At(string step, string question, Action<SoftwareRoom>? prepare = null)
    {
        SoftwareRoom room = rooms.Rooted();
        prepare?.Invoke(room);
        room.Open(Script);
        _ = room.Until(step, question);
        return room;
    }

    private static string Flipped(string hex)
    {
        byte[] bytes = Convert.FromHexString(hex);
        bytes[^1] ^= 1;
        return Convert.ToHexStringLower(bytes);
    }

    private static IEnumerable<T> Here<T>(SoftwareRoom room)
        where T : EntryBody => room.Entries.Where(e => e.Ceremony == room.State.Id).Select(e => e.Body).OfType<T>();

    private void Verifies(SoftwareRoom room) => Disturbed.Verifies(room, rooms.NewFolder());
}

/// <summary>A ceremony that is stopped and taken back all the time.</summary>
internal static class Disturbed
{
    /// <summary>
    /// At each question of a signing step the program is started again, which asks the same; and each answer that can be
    /// taken back is given twice. Gives how many could.
    /// </summary>
    public static int AtEveryQuestion(SoftwareRoom room)
    {
        int undone = 0;
        for (Move move = Director.Next(room.State); move is not Over; move = Director.Next(room.State))
        {
            if (move is not Ask ask || room.State.Step is not (ImportRequestStep or ImportCertificateStep
                or PreviewCertificateStep or PreviewCrlStep or PreviewManifestsStep or ShowResultsStep or OpenBagsStep))
            {
                room.Step();
                continue;
            }
            room.Step();
            if (room.State.Last.Body is Answered && Director.Next(room.State) is Ask next && room.State.Step is not null)
            {
                Assert.Null(room.Tell(new Undo()));
                Assert.Equal(ask.Question.Id, room.Asked().Id);
                room.Step();
                Assert.Equal(next.Question.Id, room.Asked().Id);
                undone++;
            }
            if (Director.Next(room.State) is Ask { Question: var before })
            {
                room.ComeBack();
                Assert.Equal((before.Id, before.Prompt), (room.Asked().Id, room.Asked().Prompt));
            }
        }
        return undone;
    }

    public static void Verifies(SoftwareRoom room, string folder)
    {
        Assert.True(room.State is { Ended: true, Aborted: false, Pending: null }, room.State.Step?.Id);
        VerifyReport report = BundleVerify.Run([room.Export(folder)], new VerifyOptions());
        Assert.True(report.Passed, report.Text);
    }
}
