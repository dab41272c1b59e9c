using KeyCeremony.App.Camera;
using KeyCeremony.App.Tests.Terminal;
using KeyCeremony.Core.Transfer;

namespace KeyCeremony.App.Tests.Camera;

/// <summary><c>keyceremony scan</c> as people run it: from pictures, and in a real terminal with a camera that a program plays.</summary>
public sealed class ScanCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("keyceremony-scan-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_show_writes_as_pictures_scan_reads()
    {
        string path = Path.Combine(_folder, "root-r1.der"), frames = Path.Combine(_folder, "frames");
        File.WriteAllBytes(path, Transfer.Shows.Message("x", 1500).Artefact.Bytes.ToArray());
        Assert.Equal(0, ProgramRun.Of("show", path, "--frames", frames, "--code-version", "10", "--more", "12").Code);
        File.Delete(Path.Combine(frames, "root-r1.der-0002.png"));

        (int code, string said, string errors) = ProgramRun.Of("scan", "--out", Out, "--pictures", frames);
        Assert.Equal((0, ""), (code, errors));
        Assert.Contains($"Name:    root-r1.der\nType:    application/pkix-cert\n"
            + $"Bytes:   1500\nSHA-256: {Transfer.Shows.Message("x", 1500).Artefact.Sha256}", said, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllBytes(path), File.ReadAllBytes(Path.Combine(Out, "root-r1.der")));
        Assert.Single(Directory.EnumerateFileSystemEntries(Out));
    }

    [Fact]
    public void Nothing_is_overwritten()
    {
        string frames = Codes.Draw(Path.Combine(_folder, "frames"), Codes.Frames("a.der", 100, 1));
        Directory.CreateDirectory(Out);
        File.WriteAllText(Path.Combine(Out, "a.der"), "older");
        (int code, _, string errors) = ProgramRun.Of("scan", "--out", Out, "--pictures", frames);
        Assert.Equal(1, code);
        Assert.StartsWith(ScanRules.NotKeptId, errors, StringComparison.Ordinal);
        Assert.Equal("older", File.ReadAllText(Path.Combine(Out, "a.der")));
        Assert.Single(Directory.EnumerateFileSystemEntries(Out));
    }

    [Fact]
    public void Without_a_camera_and_without_a_terminal_it_is_refused()
    {
        Assert.StartsWith(ScanRules.NoTerminalId, ProgramRun.Of("scan", "--out", Out, "--camera", "/dev/video0").Errors,
            StringComparison.Ordinal);
        if (CameraDevice.All().IsEmpty)
            Assert.StartsWith(ScanRules.NoCameraId, ProgramRun.Of("scan", "--out", Out).Errors, StringComparison.Ordinal);
        Assert.StartsWith(ScanRules.NoPictureId,
            ProgramRun.Of("scan", "--out", Out, "--pictures", Path.Combine(_folder, "none.png")).Errors, StringComparison.Ordinal);
        Assert.StartsWith(TransferRules.MissingId,
            ProgramRun.Of("scan", "--out", Out, "--pictures", Codes.Draw(Path.Combine(_folder, "none"))).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void In_a_terminal_two_files_come_by_camera_and_are_stored_when_taken()
    {
        Artefact root = Transfer.Shows.Message("root.der", 700).Artefact;
        using TmuxTerminal terminal = Start([.. Codes.Frames("root.der", 700, 30), .. Codes.Frames("a.crl", 300, 20, seed: 2)], pause: 0.2);
        terminal.WaitFor("the file", screen => screen.Contains("Enter take", StringComparison.Ordinal), atRest: false);
        Assert.Contains(root.Sha256[..4] + " " + root.Sha256[4..8], terminal.Screen(), StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(Out, "root.der")));
        terminal.Press("Enter");
        terminal.WaitFor("the second file", screen => screen.Contains("a.crl", StringComparison.Ordinal), atRest: false);
        Assert.Equal(root.Bytes.ToArray(), File.ReadAllBytes(Path.Combine(Out, "root.der")));
        terminal.Type("d");
        terminal.WaitFor("aiming", screen => screen.Contains("hold the codes", StringComparison.Ordinal), atRest: false);
        terminal.Press("Escape");
        Assert.Equal(0, terminal.WaitForEnd());
        Assert.Contains("Name:    root.der", terminal.Screen(), StringComparison.Ordinal);
        Assert.Single(Directory.EnumerateFileSystemEntries(Out));
    }

    [Fact]
    public void In_a_terminal_a_camera_that_vanishes_can_be_tried_again_and_what_came_stays()
    {
        using TmuxTerminal terminal = Start(Codes.Frames("root.der", 700, 2), ends: "No such device");
        string screen = terminal.WaitFor("the loss", s => s.Contains(ScanRules.CameraLostId, StringComparison.Ordinal), atRest: false);
        Assert.Contains("2 of", screen, StringComparison.Ordinal);
        _ = Codes.PlayCamera(Path.Combine(_folder, "bin"), Codes.Frames("root.der", 700, 30)[2..]);
        terminal.Press("Enter");
        terminal.WaitFor("the file", s => s.Contains("Enter take", StringComparison.Ordinal), atRest: false);
        terminal.Press("Enter");
        terminal.WaitFor("the file taken", s => s.Contains("Taken:", StringComparison.Ordinal), atRest: false);
        terminal.Press("F10");
        Assert.Equal(0, terminal.WaitForEnd());
        Assert.Equal(Transfer.Shows.Message("root.der", 700).Artefact.Bytes.ToArray(), File.ReadAllBytes(Path.Combine(Out, "root.der")));
    }

    private string Out => Path.Combine(_folder, "out");

    private TmuxTerminal Start(IEnumerable<string> codes, string? ends = null, double pause = 0.02)
    {
        string bin = Path.Combine(_folder, "bin");
        _ = Codes.PlayCamera(bin, codes, ends, pause);
        return new TmuxTerminal(80, 25, "env", "TERM=xterm-256color", $"PATH={bin}:{Environment.GetEnvironmentVariable("PATH")}",
            "dotnet", ProgramRun.Path, "scan", "--out", Out, "--camera", "/dev/video0");
    }
}
