using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using KeyCeremony.App.Camera;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.App.Tests.Terminal;

namespace KeyCeremony.App.Tests.Camera;

/// <summary>People at a terminal who read a request by camera in a running ceremony, and lose power behind it.</summary>
public sealed class ImportAtTheTerminalTests : IDisposable
{
    private const string Name = "tls-by-camera.csr";

    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "keyceremony.dll");

    private readonly string _folder = Directory.CreateTempSubdirectory("keyceremony-import-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_request_comes_by_camera_and_survives_the_loss_of_power()
    {
        byte[] request = SoftwareRoom.Request();
        _ = Codes.PlayCamera(Bin, [], ends: "No such device");
        Assert.Equal(0, Play("root-creation.md", Answers("root-creation.json")));
        Assert.Equal(1, Play("intermediate-signing.md", AnswersWithoutAFile()));
        using var terminal = new TmuxTerminal(120, 40, SigningDay());
        var people = new PeopleAtTheTerminal(terminal);
        _ = people.ComeBack();
        ReadScreen question = people.PlayUntil("the choice of a file",
            s => s.Now.Contains("Which file is the request", StringComparison.Ordinal));

        Choose(terminal, question, "Read it by camera");
        terminal.WaitFor("that the camera is lost", s => s.Contains(ScanRules.CameraLostId, StringComparison.Ordinal), atRest: false);
        terminal.Press("Escape");
        ReadScreen refused = people.Read();
        Assert.Contains("Nothing came by camera", refused.Now, StringComparison.Ordinal);
        Choose(terminal, refused, "Choose another file");
        question = people.After(refused);

        _ = Codes.PlayCamera(Bin, Codes.Frames(Name, request));
        Choose(terminal, question, "Read it by camera");
        string received = terminal.WaitFor("the file", s => s.Contains("Enter take", StringComparison.Ordinal), atRest: false);
        Assert.Contains(Name, received, StringComparison.Ordinal);
        Assert.Contains("the request \"tls-t1\"", received, StringComparison.Ordinal);
        string sha256 = Convert.ToHexStringLower(SHA256.HashData(request));
        Assert.DoesNotContain($"{sha256[..4]} {sha256[4..8]}", received, StringComparison.Ordinal);
        terminal.Press("Enter");
        ReadScreen told = people.After(question);
        Assert.Contains($"camera/{Name}", told.Text, StringComparison.Ordinal);

        terminal.Kill();
        terminal.StartAgain();
        Assert.Equal(told.Now, people.ComeBack().Now);
        foreach (string stick in Sticks)
            Assert.Equal(request, File.ReadAllBytes(Assert.Single(Directory.GetFiles(Path.Combine(stick, "received"),
                $"{sha256}-{Name}", SearchOption.AllDirectories))));
        terminal.Kill();
    }

    private string Bin => Path.Combine(_folder, "bin");

    private string[] Sticks => [Path.Combine(_folder, "stick-a"), Path.Combine(_folder, "stick-b")];

    private static void Choose(TmuxTerminal terminal, ReadScreen screen, string line)
    {
        string number = System.Text.RegularExpressions.Regex.Match(screen.Now, $@"(?<number>\d+) {line}").Groups["number"].Value;
        Assert.True(number.Length > 0, screen.Text);
        terminal.Press(number);
        terminal.WaitFor("the line marked", now => ReadScreen.Of(now).Now.Contains($"▶ {number} ", StringComparison.Ordinal));
        terminal.Press("Enter");
    }

    private static string Answers(string name) => TestFiles.PathOf("ceremony-scripts", "rehearsal", name);

    /// <summary>A run with these stops at the first question about a file, and people go on from there.</summary>
    private string AnswersWithoutAFile()
    {
        Dictionary<string, string> answers = JsonSerializer.Deserialize<Dictionary<string, string>>(
            File.ReadAllBytes(Answers("periodic.json")))!;
        string path = Path.Combine(_folder, "answers.json");
        File.WriteAllBytes(path,
            JsonSerializer.SerializeToUtf8Bytes(answers.Where(a => !a.Key.EndsWith(":file", StringComparison.Ordinal)).ToDictionary()));
        return path;
    }

    private int Play(string script, string answers)
    {
        using Process run = Process.Start(new ProcessStartInfo("dotnet", [.. Common(script),
            "--answers", answers, "--envelopes", Path.Combine(_folder, "envelopes")])
        { RedirectStandardOutput = true })!;
        _ = run.StandardOutput.ReadToEnd();
        run.WaitForExit();
        return run.ExitCode;
    }

    /// <summary>Without a script: the ceremony that rests is resumed.</summary>
    private string[] SigningDay() =>
        ["env", "TERM=xterm-256color", $"PATH={Bin}:{Environment.GetEnvironmentVariable("PATH")}", "dotnet", .. Common("")];

    private string[] Common(string script) =>
    [
        Program, "run", .. script.Length == 0 ? [] : new[] { TestFiles.PathOf("ceremony-scripts", script) },
        "--camera", "/dev/video0", "--ledger", Sticks[0], "--ledger", Sticks[1],
        "--softhsm", Path.Combine(_folder, "hsm"), "--out", Path.Combine(_folder, "export"),
        // An empty stick: without one and without a camera the ceremony would not begin.
        "--in", Directory.CreateDirectory(Path.Combine(_folder, "import-stick")).FullName,
    ];
}
