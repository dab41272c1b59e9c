using System.Formats.Tar;
using System.Security.Cryptography;
using KeyCeremony.App.Tests.Terminal;
using KeyCeremony.Core;
using KeyCeremony.Core.Transfer;

namespace KeyCeremony.App.Tests.Transfer;

/// <summary><c>keyceremony show</c> as people run it: into files, into a pipe, and in a real terminal.</summary>
public sealed class ShowCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("keyceremony-show-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Pictures_of_several_files_are_read_back()
    {
        (string root, string list) = (Write("root-r1.der", 700), Write("root-r1.crl", 4000));
        string frames = Path.Combine(_folder, "frames");
        Assert.Equal((0, "", ""), ProgramRun.Of("show", root, list, "--frames", frames, "--code-version", "10", "--more", "20"));

        AssertSame(root, Collect(frames, "root-r1.der", skip: 0));
        AssertSame(list, Collect(frames, "root-r1.crl", skip: 4));
    }

    [Fact]
    public void A_folder_goes_as_one_archive_that_is_the_same_every_time()
    {
        string bundle = Path.Combine(_folder, "4f1c22aa-0001-root-creation");
        Directory.CreateDirectory(Path.Combine(bundle, "certificates"));
        File.WriteAllText(Path.Combine(bundle, "script.md"), "# Script\n");
        File.WriteAllBytes(Path.Combine(bundle, "certificates", "root.der"), [1, 2, 3]);

        Assert.Equal(0, ProgramRun.Of("show", bundle + "/", "--frames", Path.Combine(_folder, "a")).Code);
        File.SetLastWriteTimeUtc(Path.Combine(bundle, "script.md"), DateTime.UnixEpoch.AddYears(40));
        Assert.Equal(0, ProgramRun.Of("show", bundle, "--frames", Path.Combine(_folder, "b")).Code);

        Artefact archive = Collect(Path.Combine(_folder, "a"), "", skip: 0);
        Assert.Equal(("4f1c22aa-0001-root-creation.tar", MediaTypes.Archive), (archive.Name, archive.Type));
        Assert.Equal(archive.Sha256, Collect(Path.Combine(_folder, "b"), "", skip: 0).Sha256);
        using var tar = new TarReader(new MemoryStream(archive.Bytes.ToArray()));
        var entries = new List<string>();
        while (tar.GetNextEntry(copyData: true) is { } entry)
            entries.Add($"{entry.Name} {entry.Length}");
        Assert.Equal(["4f1c22aa-0001-root-creation/certificates/root.der 3", "4f1c22aa-0001-root-creation/script.md 9"], entries);
    }

    [Fact]
    public void What_cannot_be_shown_is_refused()
    {
        AssertRefused("SHOW-01", "show", Path.Combine(_folder, "none.der"));
        AssertRefused("UR-16", "show", Write("zwei Worte.der", 10));
        AssertRefused("UR-18", "show", Write("large.bin", 2_000_000));
        AssertRefused("SHOW-02", "show", Directory.CreateDirectory(Path.Combine(_folder, "empty")).FullName);
        AssertRefused("SHOW-03", "show", Write("a.der", 10), "--frames", _folder);
        AssertRefused("SHOW-04", "show", Write("b.der", 10), "--as", "half-blocks");

        string links = Directory.CreateDirectory(Path.Combine(_folder, "links")).FullName;
        File.CreateSymbolicLink(Path.Combine(links, "passwd"), "/etc/passwd");
        AssertRefused("SHOW-02", "show", links);
    }

    [Fact]
    public void Into_a_pipe_it_is_PEM()
    {
        string path = Write("root-r1.der", 700);
        (int code, string said, _) = ProgramRun.Of("show", path);
        Assert.Equal(0, code);
        Assert.Contains("Name:    root-r1.der\n", said, StringComparison.Ordinal);
        PemFields pem = PemEncoding.Find(said);
        Assert.Equal(File.ReadAllBytes(path), Convert.FromBase64String(said[pem.Base64Data]));
    }

    [Fact]
    public void In_a_terminal_a_camera_receives_it_while_it_moves_and_the_words_end_it()
    {
        string path = Write("root-r1.der", 900);
        using var terminal = new TmuxTerminal(80, 25, "env", "TERM=xterm-256color", "dotnet", ProgramRun.Path, "show", path, "--words");
        terminal.WaitFor("the code", screen => screen.Contains("Enter received", StringComparison.Ordinal)
            && screen.Contains('█', StringComparison.Ordinal) || screen.Contains("ended", StringComparison.Ordinal), atRest: false);

        Artefact received = Film.Of(terminal, 80);
        AssertSame(path, received);

        terminal.Press("Enter");
        terminal.WaitFor("the question", screen => screen.Contains("Now:", StringComparison.Ordinal), atRest: false);
        Assert.DoesNotContain(received.Words.Split(' ')[3], terminal.Screen(), StringComparison.Ordinal);
        terminal.Type(string.Join(' ', received.Words.Split(' ').Take(Acknowledgement.Words)));
        terminal.Press("Enter");
        Assert.Equal(0, terminal.WaitForEnd());
        Assert.DoesNotContain('▀', terminal.Memory());
    }

    [Fact]
    public void In_a_terminal_who_leaves_ends_with_1()
    {
        using var terminal = new TmuxTerminal(80, 25, "env", "TERM=xterm-256color",
            "dotnet", ProgramRun.Path, "show", Write("root-r1.der", 900));
        terminal.WaitFor("the code", screen => screen.Contains("Enter received", StringComparison.Ordinal), atRest: false);
        terminal.Press("Escape");
        Assert.Equal(1, terminal.WaitForEnd());
    }

    [Fact]
    public void On_a_serial_terminal_it_is_PEM()
    {
        string path = Write("root-r1.der", 300);
        using var terminal = new TmuxTerminal(80, 40, "env", "TERM=vt220", "dotnet", ProgramRun.Path, "show", path);
        Assert.Equal(0, terminal.WaitForEnd());
        Assert.Contains("-----BEGIN CERTIFICATE-----", terminal.Screen(), StringComparison.Ordinal);
    }

    [Fact]
    public void On_a_serial_terminal_the_words_are_asked_after_the_PEM()
    {
        string path = Write("root-r1.der", 300);
        using var terminal = new TmuxTerminal(80, 40, "env", "TERM=vt220", "dotnet", ProgramRun.Path, "show", path, "--words");
        string screen = terminal.WaitFor("Any key goes on.");
        Assert.Contains("-----END CERTIFICATE-----", screen, StringComparison.Ordinal);
        terminal.Press("Enter");
        terminal.WaitFor("Space again");
        terminal.Press("Enter");
        terminal.WaitFor("Now:");
        terminal.Type("aardvark adroitness accrue adviser");
        terminal.Press("Enter");
        terminal.WaitFor(TransferRules.WordsId);
        terminal.Press("F10");
        Assert.Equal(1, terminal.WaitForEnd());
    }

    private static Artefact Collect(string folder, string name, int skip)
    {
        var collector = new FrameCollector();
        foreach (string text in Picture.Read(Directory.EnumerateFiles(folder, name + "*.png").Order(StringComparer.Ordinal).Skip(skip)))
            Assert.True(collector.TryTake(text, out Refusal? refused), refused?.ToString());
        Assert.True(collector.TryFinish(out Artefact? artefact, out Refusal? refusal), refusal?.ToString());
        return artefact;
    }

    private static void AssertSame(string path, Artefact artefact)
    {
        Assert.Equal((Path.GetFileName(path), MediaTypes.Of(path)), (artefact.Name, artefact.Type));
        Assert.Equal(File.ReadAllBytes(path), artefact.Bytes.ToArray());
    }

    private static void AssertRefused(string rule, params string[] arguments)
    {
        (int code, _, string errors) = ProgramRun.Of(arguments);
        Assert.Equal(1, code);
        Assert.StartsWith(rule, errors, StringComparison.Ordinal);
    }

    private string Write(string name, int length)
    {
        byte[] bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        string path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
