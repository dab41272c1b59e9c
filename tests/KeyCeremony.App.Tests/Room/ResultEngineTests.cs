using System.Collections.Immutable;
using System.Security.Cryptography;
using KeyCeremony.App.Room;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.App.Transfer;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Sharing;
using KeyCeremony.Core.Transfer;
using KeyCeremony.Verifier;

namespace KeyCeremony.App.Tests.Room;

/// <summary>
/// Results leave by QR code in the middle of a ceremony: which, acknowledged by which words, and what an unlucky room does to it.
/// </summary>
public sealed class ResultEngineTests(SigningRooms rooms) : IClassFixture<SigningRooms>
{
    private const string Step = "show-results";
    private const string Root = "certificates/root.der";

    private static readonly string Script = SoftwareRoom.Script("root-creation.md");

    // ---- words ----

    [Theory]
    [InlineData("aardvark adroitness accrue adviser", "UR-20")]
    [InlineData("aardvark adroitness", "UR-20")]
    [InlineData("", "UR-20")]
    [InlineData("show", "PGPWORD-01")]
    [InlineData("certificates/root.der", "PGPWORD-01")]
    public void Words_of_something_else_are_refused_and_nothing_is_lost(string words, string rule)
    {
        SoftwareRoom room = At("received/" + Root);
        int before = room.Entries.Length;

        Refusal? refusal = room.Say(words);

        Assert.Equal(rule, refusal?.Rule);
        Assert.DoesNotContain(Acknowledgement.Of(Hash(room)), $"{refusal!.Message} {refusal.Remedy}", StringComparison.OrdinalIgnoreCase);
        Assert.Equal((before, "received/" + Root), (room.Entries.Length, room.Asked().Id));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(7)]
    [InlineData(32)]
    public void The_first_words_are_taken_in_any_case_and_recorded_as_the_list_spells_them(int count)
    {
        SoftwareRoom room = At("received/" + Root);
        string words = PgpWords.Of(Hash(room).AsSpan(0, count));

        Assert.Null(room.Say(words.ToUpperInvariant().Replace(" ", "   ", StringComparison.Ordinal)));
        room.GoOn();

        Assert.Equal(words, Shown(room).Results.Single(r => r.Path == Root).Words);
        Verifies(room);
    }

    [Fact]
    public void A_question_about_words_does_not_show_them()
    {
        Question question = At("received/" + Root).Asked();
        string[] words = Acknowledgement.Of(Convert.FromHexString(question.Expected)).Split(' ');

        Assert.All(words, word => Assert.DoesNotContain(word,
            string.Join('\n', question.EvidenceLines.Append(question.Prompt).Append(question.Help)), StringComparison.OrdinalIgnoreCase));
    }

    // ---- which results ----

    [Fact]
    public void What_a_root_creation_offers_is_what_its_bundle_holds()
    {
        SoftwareRoom room = Carrying(new SoftwareRoom());
        ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> files = room.Play(Script);

        Assert.Equal(["backup/root.kcb", Root, "certificates/transcript.der"], Found(room).Results.Select(r => r.Path));
        Assert.All(Found(room).Results, r => Assert.Equal(
            (BundleFiles.Sha256(files[r.Path]), (long)files[r.Path].Length, MediaTypes.Of(r.Path)), (r.Sha256, r.Length, r.Type)));
        Assert.All(Shown(room).Results, r => Assert.Equal(Acknowledgement.Of(Convert.FromHexString(r.Sha256)), r.Words));
    }

    /// <summary>Not what came in, not what an earlier ceremony made, and of a revocation list what the record sticks hold.</summary>
    [Fact]
    public void What_later_ceremonies_offer_is_what_they_made()
    {
        SoftwareRoom room = Carrying(rooms.Rooted()).Through("intermediate-signing.md");
        Assert.Equal(["certificates/mtls-m1.der", "certificates/tls-t1.der"], Found(room).Results.Select(r => r.Path));

        room.Through("crl-signing.md");
        Result list = Assert.Single(Found(room).Results);
        BundleList held = Assert.Single(BundleList.Of(room.Entries));
        Assert.Equal((held.Path, held.Sha256, held.Length, MediaTypes.RevocationList), (list.Path, list.Sha256, list.Length, list.Type));
        Verifies(room);
    }

    [Fact]
    public void Every_file_of_a_batch_is_offered()
    {
        SoftwareRoom room = Carrying(rooms.Rooted().Through("intermediate-signing.md").Through("manifest-key.md"));
        ManifestRooms.Put(room, ManifestRooms.Draft(room, "b-1"));
        room.Through("batch-manifest.md");

        Assert.Equal(["b-1.chain.pem", "b-1.cms", "b-1.dsse.json", "b-1.statement.json"],
            Found(room).Results.Select(r => Path.GetFileName(r.Path)));
        Verifies(room);
    }

    [Fact]
    public void What_no_codes_carry_leaves_by_the_stick_alone()
    {
        SoftwareRoom room = Carrying(new SoftwareRoom());
        _ = room.Play(Script);
        var huge = new KeyBackedUp("huge", "0001-backup-1", Convert.ToBase64String(RandomNumberGenerator.GetBytes(2_000_000)), "");
        ImmutableArray<Entry> entries = room.Entries.Add(Entry.Following(room.Entries[^1],
            room.State.Id, SoftwareRoom.Morning, Step, huge));

        ResultsFound found = new ResultDesk(() => entries, null!).Gather();

        Assert.Equal("backup/huge.kcb", Assert.Single(found.Others));
        Assert.Equal(3, found.Results.Length);
    }

    [Fact]
    public void A_ceremony_with_nothing_to_show_asks_nobody()
    {
        var room = new SoftwareRoom
        {
            Instead = move => move is Perform { Effect: GatherResults gather } ? new Happened(gather, new ResultsFound([], [])) : null,
        };
        _ = room.Play(Script);

        // That it was nothing is a lie here, for VERIFY-42 to find: a root and its backup were made.
        Assert.DoesNotContain(room.Entries, e => e.Step == Step && e.Body is Answered);
    }

    // ---- ways out ----

    [Fact]
    public void Without_a_receiver_the_ceremony_goes_on_after_one_answer()
    {
        var room = new SoftwareRoom();
        _ = room.Play(Script);

        Assert.Equal(ResultWords.Stick,
            Assert.Single(room.Entries.Where(e => e.Step == Step).Select(e => e.Body).OfType<Answered>()).Value);
        Assert.DoesNotContain(room.Entries, e => e.Body is ResultsShown);
        Verifies(room);
    }

    [Fact]
    public void A_result_that_was_not_received_is_recorded_without_words()
    {
        SoftwareRoom room = Carrying(new SoftwareRoom()).Saying("received/" + Root, ResultWords.NotReceived)
            .Saying(ResultWords.Receiver, "Rita Ruiz");
        _ = room.Play(Script);

        Assert.Equal("Rita Ruiz", Shown(room).Receiver);
        Assert.Equal([Root], Shown(room).Results.Where(r => r.Words.Length == 0).Select(r => r.Path));
        Verifies(room);
    }

    [Fact]
    public void Whoever_wants_no_more_is_asked_for_no_more()
    {
        SoftwareRoom room = Carrying(new SoftwareRoom()).Saying("received/" + Root, ResultWords.NoMore);
        _ = room.Play(Script);

        Assert.Equal([true, false, false], Shown(room).Results.Select(r => r.Words.Length > 0));
        Assert.DoesNotContain(room.Entries, e => e.Body is Answered { Question: "received/certificates/transcript.der" });
        Verifies(room);
    }

    [Fact]
    public void After_the_last_result_there_are_no_more_to_leave_out()
    {
        SoftwareRoom room = At("received/certificates/transcript.der");

        Assert.DoesNotContain(room.Asked().Choices, o => o.Key == ResultWords.NoMore);
        Assert.Equal("PGPWORD-01", room.Say(ResultWords.NoMore)?.Rule);
    }

    [Fact]
    public void Every_answer_may_be_taken_back_until_the_witness_agrees()
    {
        SoftwareRoom room = Carrying(new SoftwareRoom(folder: rooms.NewFolder()));
        room.Open(Script);
        _ = room.Until(Step, "right");
        for (int answers = 5; answers > 0; answers--)
            Assert.Null(room.Tell(new Undo()));
        Assert.Equal(ResultWords.Carry, room.Asked().Id);

        Assert.True(Disturbed.AtEveryQuestion(room) >= 5);
        Assert.Single(room.Entries, e => e.Body is ResultsShown);
        Verifies(room);
    }

    [Fact]
    public void The_power_fails_after_every_entry_of_the_step()
    {
        SoftwareRoom room = Carrying(new SoftwareRoom());
        long last = 0;
        int failures = 0;
        room.PowerFails = entry =>
        {
            bool fails = room.State.Step?.Id == Step && entry?.Body is not Answered { Question: "resume/head" }
                && (entry is null ? room.Entries[^1].Body is StepDone : entry.Seq > last);
            last = Math.Max(last, entry?.Seq ?? 0);
            failures += fails ? 1 : 0;
            return fails && failures < 50;
        };
        _ = room.Play(Script);

        Assert.InRange(failures, 7, 49);
        Assert.All(Shown(room).Results, r => Assert.NotEmpty(r.Words));
        Verifies(room);
    }

    // ---- the desk ----

    [Fact]
    public void A_packed_result_is_the_bundle_s_file()
    {
        SoftwareRoom room = Carrying(new SoftwareRoom());
        ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> files = room.Play(Script);
        var desk = new ResultDesk(() => room.Entries, null!);

        foreach (Result result in Found(room).Results)
        {
            Assert.True(desk.TryPack(result, out OutgoingMessage? message, out Refusal? refusal), refusal?.ToString());
            Assert.Equal((Path.GetFileName(result.Path), result.Type, result.Sha256),
                (message.Artefact.Name, message.Artefact.Type, message.Artefact.Sha256));
            Assert.True(files[result.Path].Span.SequenceEqual(message.Artefact.Bytes.Span));
        }
    }

    [Fact]
    public void After_the_end_the_rest_of_the_bundle_can_be_shown()
    {
        var room = new SoftwareRoom();
        ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> files = room.Play(Script);

        ImmutableArray<OutgoingMessage> messages = new ResultDesk(() => room.Entries, null!).OfBundle();

        Assert.Equal(["checkpoint.json", "checkpoint.cms", "SHA256SUMS", "report.pdf", "journal.jsonl"],
            messages.Select(m => m.Artefact.Name));
        Assert.All(messages, m => Assert.True(files[m.Artefact.Name].Span.SequenceEqual(m.Artefact.Bytes.Span), m.Artefact.Name));
    }

    [Fact]
    public void A_result_that_is_another_one_now_is_refused()
    {
        SoftwareRoom room = Carrying(new SoftwareRoom());
        _ = room.Play(Script);
        var desk = new ResultDesk(() => room.Entries, null!);

        Assert.False(desk.TryPack(Found(room).Results[0] with { Sha256 = new string('0', 64) }, out _, out Refusal? refusal));
        Assert.Equal(ShowRules.OtherResultId, refusal.Rule);
        Assert.False(desk.TryPack(Found(room).Results[0] with { Path = "journal.jsonl" }, out _, out refusal));
        Assert.Equal(ShowRules.OtherResultId, refusal.Rule);
    }

    [Fact]
    public void A_list_that_is_on_no_record_stick_any_more_is_refused()
    {
        SoftwareRoom room = Carrying(rooms.Rooted()).Through("crl-signing.md");
        using var desks = Desks.Open(room.Stick, room.RecordSticks, new SecondOpinion(Path.GetTempPath()), Path.GetTempPath());
        var desk = new ResultDesk(() => room.Entries, desks.Crls);
        Result list = Assert.Single(Found(room).Results);
        Assert.True(desk.TryPack(list, out _, out _));

        foreach (string stick in room.RecordSticks)
            Directory.Delete(Path.Combine(stick, ListStore.FolderName), recursive: true);

        Assert.False(desk.TryPack(list, out _, out Refusal? refusal));
        Assert.Equal(ImportRules.ListMissing, refusal.Rule);
    }

    // ---- files of answers ----

    [Fact]
    public void Recorded_answers_hold_no_words_of_a_hash_and_what_was_left_out()
    {
        SoftwareRoom room = Carrying(new SoftwareRoom()).Saying("received/" + Root, ResultWords.NotReceived);
        _ = room.Play(Script);
        string path = Path.Combine(rooms.NewFolder(), "answers.json");
        AnswersFile.Write(path, room.Entries);

        Assert.True(AnswersFile.TryRead(path, out AnswersFile? answers, out _));
        Assert.Equal((ResultWords.Codes, "1234", ResultWords.NotReceived, null),
            (answers!.For(Step, ResultWords.Carry), answers.For(Step, ResultWords.Receiver),
                answers.For(Step, "received/" + Root), answers.For(Step, "received/backup/root.kcb")));
    }

    private static SoftwareRoom Carrying(SoftwareRoom room)
    {
        room.Knows = (_, question) => question.Id == ResultWords.Carry ? ResultWords.Codes : null;
        return room;
    }

    private static SoftwareRoom At(string question)
    {
        SoftwareRoom room = Carrying(new SoftwareRoom());
        room.Open(Script);
        _ = room.Until(Step, question);
        return room;
    }

    private static byte[] Hash(SoftwareRoom room) => Convert.FromHexString(room.Asked().Expected);

    private static ResultsFound Found(SoftwareRoom room) => room.Entries.Select(e => e.Body).OfType<ResultsFound>().Last();

    private static ResultsShown Shown(SoftwareRoom room) => room.Entries.Select(e => e.Body).OfType<ResultsShown>().Last();

    private void Verifies(SoftwareRoom room) => Disturbed.Verifies(room, rooms.NewFolder());
}
