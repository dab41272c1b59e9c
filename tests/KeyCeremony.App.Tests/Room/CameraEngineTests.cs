using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using KeyCeremony.App.Camera;
using KeyCeremony.App.Room;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Transfer;

namespace KeyCeremony.App.Tests.Room;

/// <summary>What comes in by camera: asked beside the stick, treated like its files, there again after the power failed.</summary>
public sealed class CameraEngineTests(SigningRooms rooms) : IClassFixture<SigningRooms>
{
    private const string Tls = "request-tls";
    private const string ByCamera = "camera/tls-by-camera.csr";

    [Fact]
    public void Without_a_camera_it_is_not_offered()
    {
        SoftwareRoom room = At(Tls);
        Assert.DoesNotContain(room.Asked().Choices, o => o.Key == ImportWords.Camera);
        Assert.DoesNotContain("cameras", System.Text.Encoding.UTF8.GetString(room.Entries.Last(e => e.Body is ImportsFound).Bytes.AsSpan()),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_request_by_camera_is_compared_taken_and_signed_like_one_from_the_stick()
    {
        byte[] request = SoftwareRoom.Request();
        SoftwareRoom room = At(Tls, r => r.Show("tls-by-camera.csr", request));
        Assert.Null(room.Say(ImportWords.Camera));

        Assert.Equal("told", room.Asked().Id);
        Assert.Contains(room.Asked().EvidenceLines, line => line.Contains(ByCamera, StringComparison.Ordinal));
        FileReceived received = Assert.Single(Here<FileReceived>(room));
        string sha256 = Convert.ToHexStringLower(SHA256.HashData(request));
        Assert.Equal(new FileReceived("request", "tls-t1", ByCamera, request.Length, sha256), received);
        Assert.Equal((ByCamera, sha256), Here<RequestRead>(room).Select(r => (r.File, r.Sha256)).Single());
        room.GoOn();
        Assert.Equal(["tls-t1", "mtls-m1"], Here<CertificateSigned>(room).Select(c => c.Certificate));
        Verifies(room);
    }

    [Fact]
    public void Power_that_fails_at_every_entry_loses_nothing_that_came_by_camera()
    {
        SoftwareRoom room = At(Tls, r => r.Show("tls-by-camera.csr", SoftwareRoom.Request()));
        long last = 0;
        int failures = 0;
        room.PowerFails = entry =>
        {
            bool fails = entry is { Body: ImportsFound or FileReceived or RequestRead or Answered { Question: "file" or "told" or "take" } }
                && entry.Seq > last;
            if (!fails)
                return false;
            last = entry!.Seq;
            failures++;
            return true;
        };
        room.Knows = (s, q) => q.Id == "file" && s.Step?.Id == Tls ? ImportWords.Camera : null;
        room.GoOn();

        Assert.True(failures > 6, $"the power failed {failures} times");
        Assert.Single(Here<FileReceived>(room));
        Assert.Equal(ByCamera, Here<RequestRead>(room).First(r => r.Request == "tls-t1").File);
        Verifies(room);
    }

    /// <summary>Before it is recorded nothing came: it is read once more, and the copy that lies there already is the one.</summary>
    [Fact]
    public void Power_that_fails_before_the_entry_reads_it_once_more()
    {
        SoftwareRoom room = At(Tls, r => r.Show("tls-by-camera.csr", SoftwareRoom.Request()));
        room.Knows = (s, q) => q.Id == "file" && s.Step?.Id == Tls && !Here<RequestRead>(room).Any()
            ? room.Asked().Choices.Any(o => o.Key == ByCamera) ? ByCamera : ImportWords.Camera : null;
        bool failed = false;
        room.PowerFails = entry => entry is null && !failed && (failed = Stored(room).Length > 0);
        room.GoOn();
        Assert.True(failed);
        Verifies(room);
    }

    [Fact]
    public void It_can_be_chosen_again_and_a_copy_that_was_changed_on_one_stick_is_not_read()
    {
        SoftwareRoom room = At(Tls, r => r.Show("tls-by-camera.csr", SoftwareRoom.Request()));
        Assert.Null(room.Say(ImportWords.Camera));
        Assert.Null(room.Say("again"));
        Assert.Contains(room.Asked().Choices, o => o.Key == ByCamera);
        string[] copies = Stored(room);
        Assert.Equal(2, copies.Length);
        File.AppendAllText(copies[0], "x");
        Assert.Null(room.Say(ByCamera));
        Assert.Equal("told", room.Asked().Id);

        Assert.Null(room.Say("again"));
        File.AppendAllText(copies[1], "x");
        Assert.Null(room.Say(ByCamera));
        Assert.Equal("IN-02", room.Asked().Blocked?.Rule);
    }

    [Fact]
    public void What_is_no_request_is_refused_by_its_rule_and_the_stick_is_still_there()
    {
        SoftwareRoom room = At(Tls, r => r.Show("nonsense.csr", "nonsense"u8.ToArray()));
        Assert.Null(room.Say(ImportWords.Camera));
        Assert.Equal("REQ-02", room.Asked().Blocked?.Rule);
        Assert.Null(room.Say("again"));
        Assert.Null(room.Say("tls-t1.csr"));
        room.GoOn();
        Verifies(room);
    }

    [Fact]
    public void A_card_before_the_camera_is_refused_and_the_ceremony_goes_on_with_the_stick()
    {
        const string Card = "00010002000300040005000600070008";
        SoftwareRoom room = At(Tls, r => r.Show(Card));
        Assert.Null(room.Say(ImportWords.Camera));
        Assert.Equal(("refused", TransferRules.PerhapsACardId), (room.Asked().Id, room.Asked().Blocked?.Rule));
        Assert.StartsWith("Nothing came by camera", room.Asked().Prompt, StringComparison.Ordinal);
        Assert.Null(room.Say("again"));
        Assert.Null(room.Say("tls-t1.csr"));
        room.GoOn();
        Assert.DoesNotContain(room.Entries,
            e => System.Text.Encoding.UTF8.GetString(e.Bytes.AsSpan()).Contains(Card, StringComparison.Ordinal));
        Verifies(room);
    }

    [Fact]
    public void With_a_camera_no_stick_is_needed()
    {
        SoftwareRoom room = At(Tls, r =>
        {
            r.Show("tls-by-camera.csr", SoftwareRoom.Request());
            Directory.Move(r.Stick, r.Stick + "-away");
        });
        Assert.Equal([ImportWords.Camera], room.Asked().Choices.Select(o => o.Key).Except(["again", "leave-out"]));
        Assert.Null(room.Say(ImportWords.Camera));
        Assert.Equal("told", room.Asked().Id);
    }

    [Fact]
    public void Revocations_by_camera_are_found_again_when_the_list_is_signed_after_a_restart()
    {
        SoftwareRoom room = rooms.Rooted();
        room.Show("lost.csv", "serial,date,reason\n0a,2026-11-01T00:00:00Z,keyCompromise\n"u8.ToArray());
        room.Open(SoftwareRoom.Script("crl-signing.md"));
        _ = room.Until("preview-list", "more");
        Assert.Null(room.Say("file"));
        Assert.Null(room.Say(ImportWords.Camera));
        Assert.Equal("camera/lost.csv", Assert.Single(Here<RevocationsRead>(room)).File);
        bool restarted = false;
        room.PowerFails = entry => !restarted && (restarted = entry is { Body: CrlPreviewed });
        room.GoOn();
        Assert.True(restarted);
        Assert.Equal(1, Here<CrlPreviewed>(room).Last().Entries);
        Verifies(room);
    }

    [Theory]
    [InlineData("batch", "a.csr", 100, false)]
    [InlineData("batch", "b-1.statement.json", 100, true)]
    [InlineData("request", "empty.csr", 0, false)]
    [InlineData("request", "long.csr", ImportStick.MaxSmall + 1, false)]
    [InlineData("revocations", "long.csv", ImportStick.MaxSmall + 1, true)]
    public void The_limits_are_those_of_the_stick(string kind, string name, int length, bool isTaken)
    {
        CameraDesk desk = Desk("/dev/video0");
        EntryBody fact = desk.Read(new ReadByCamera(kind, "x"), Held(name, new byte[length]));
        Assert.Equal(isTaken ? "" : "IN-02", fact is ImportRefused refused ? refused.Rule : "");
        Assert.Equal(isTaken ? 1 : 0, desk.Received.All().Length);
    }

    [Fact]
    public void Another_file_of_the_same_name_is_refused_and_nothing_is_overwritten()
    {
        CameraDesk desk = Desk("/dev/video0");
        Assert.IsType<FileReceived>(desk.Read(new ReadByCamera("request", "x"), Held("a.csr", [1])));
        Assert.IsType<FileReceived>(desk.Read(new ReadByCamera("request", "x"), Held("a.csr", [1])));
        Assert.Equal("IN-12", Assert.IsType<ImportRefused>(desk.Read(new ReadByCamera("request", "x"), Held("a.csr", [2]))).Rule);
        Assert.Equal([1], File.ReadAllBytes(desk.Received.Find("camera/a.csr")!));
    }

    [Fact]
    public void Who_leaves_the_camera_is_told_so()
    {
        EntryBody fact = Desk("/dev/video0").Read(new ReadByCamera("request", "x"), Left);
        Assert.Equal(("IN-11", ImportWords.Camera), fact is ImportRefused refused ? (refused.Rule, refused.File) : default);

        static bool Left(ImmutableArray<CameraDevice> cameras, string wanted, Func<Artefact, Refusal?> keep,
            [NotNullWhen(true)] out Artefact? artefact, [NotNullWhen(false)] out Refusal? refusal)
        {
            (artefact, refusal) = (null, CameraDesk.NothingTaken());
            return false;
        }
    }

    [Fact]
    public void A_ceremony_whose_camera_is_gone_is_told_so()
    {
        EntryBody fact = Desk("").Read(new ReadByCamera("request", "x"), Held("a.csr", [1]));
        Assert.Equal((ScanRules.NoCameraId, ImportWords.Camera), fact is ImportRefused refused ? (refused.Rule, refused.File) : default);
    }

    [Fact]
    public void A_name_that_leads_out_of_the_folder_finds_nothing()
    {
        CameraDesk desk = Desk("/dev/video0");
        Assert.IsType<FileReceived>(desk.Read(new ReadByCamera("request", "x"), Held("a.csr", [1])));
        string stick = rooms.NewFolder();
        Directory.CreateDirectory(Path.Combine(stick, "camera"));
        File.WriteAllBytes(Path.Combine(stick, "a.csr"), [1]);
        var imports = new ImportStick(stick, null, desk);
        foreach (string name in new[] { "camera/../a.csr", "camera/camera/../../a.csr", "camera//a.csr", "camera/", "camera/a" })
        {
            Assert.Null(desk.Received.Find(name));
            Assert.False(imports.TryRead(name, out _, out Refusal? refusal));
            Assert.Equal("IN-02", refusal.Rule);
        }
        Assert.True(imports.TryRead("camera/a.csr", out _, out _));
    }

    /// <summary>A record stick that somebody else wrote on.</summary>
    [Fact]
    public void What_nobody_could_read_aloud_or_is_not_what_its_name_says_is_not_taken()
    {
        CameraDesk desk = Desk("/dev/video0", out string stick);
        string folder = Directory.CreateDirectory(Path.Combine(stick, ReceivedFiles.FolderName, "0002-test")).FullName;
        string sha256 = Convert.ToHexStringLower(SHA256.HashData([1]));
        foreach (string name in new[] { $"{sha256}-escape\e[2J.csr", $"{sha256}-", "short.csr", $"{sha256}-a.csr.partial" })
            File.WriteAllBytes(Path.Combine(folder, name), [1]);
        File.WriteAllBytes(Path.Combine(folder, $"{sha256}-other.csr"), [2]);
        var imports = new ImportStick(null, null, desk);
        Assert.Equal(["camera/other.csr"], imports.Look("request").Files.Select(f => f.Name));
        Assert.False(imports.TryRead("camera/other.csr", out _, out Refusal? refusal));
        Assert.Equal("IN-02", refusal.Rule);
    }

    private CameraDesk Desk(string device) => Desk(device, out _);

    private CameraDesk Desk(string device, out string stick)
    {
        stick = rooms.NewFolder();
        return new CameraDesk(new ReceivedFiles([stick], () => "0002-test"), device, []);
    }

    /// <summary>Somebody who holds this file before the camera, and takes it.</summary>
    private static LookForCodes Held(string name, byte[] bytes)
    {
        return Look;

        bool Look(ImmutableArray<CameraDevice> cameras, string wanted, Func<Artefact, Refusal?> keep,
            [NotNullWhen(true)] out Artefact? artefact, [NotNullWhen(false)] out Refusal? refusal)
        {
            Assert.True(Artefact.TryCreate(name, MediaTypes.Of(name), bytes, out artefact, out _));
            refusal = keep(artefact);
            return refusal is null;
        }
    }

    private static string[] Stored(SoftwareRoom room) =>
        [.. room.RecordSticks.Select(stick => Path.Combine(stick, ReceivedFiles.FolderName))
            .Where(Directory.Exists).SelectMany(folder => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))];

    private SoftwareRoom At(string step, Action<SoftwareRoom>? prepare = null)
    {
        SoftwareRoom room = rooms.Rooted();
        prepare?.Invoke(room);
        room.Open(SoftwareRoom.Script("intermediate-signing.md"));
        _ = room.Until(step, "file");
        return room;
    }

    private static IEnumerable<T> Here<T>(SoftwareRoom room)
        where T : EntryBody => room.Entries.Where(e => e.Ceremony == room.State.Id).Select(e => e.Body).OfType<T>();

    private void Verifies(SoftwareRoom room) => Disturbed.Verifies(room, rooms.NewFolder());
}
