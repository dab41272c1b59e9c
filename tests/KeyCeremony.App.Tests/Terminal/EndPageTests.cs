using System.Diagnostics;
using KeyCeremony.App.Room;
using KeyCeremony.App.Terminal;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Tests;

namespace KeyCeremony.App.Tests.Terminal;

/// <summary>The last screen names the bundle itself, and the line that verifies it: copied from the screen it works.</summary>
public sealed class EndPageTests(PlayedCeremony played) : IClassFixture<PlayedCeremony>, IDisposable
{
    private static readonly Display Narrow = new(80, 25, GlyphSet.Unicode, Attributes: true, Colour: true, FunctionKeys: true);

    private readonly string _folder = Directory.CreateTempSubdirectory("keyceremony-end-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_line_on_the_screen_verifies_the_bundle()
    {
        string bundle = Written("export");
        (int code, string said, string errors) = Typed(LineOn(Picture(bundle)), "/");
        Assert.True(code == 0, said + errors);
        Assert.Contains("VERIFIED", said, StringComparison.Ordinal);
        Assert.DoesNotContain("nobody was named", said, StringComparison.Ordinal);
    }

    [Fact]
    public void On_a_stick_it_is_typed_in_the_sticks_folder()
    {
        string bundle = Written("export");
        string line = LineOn(Picture($"{Path.GetFileName(bundle)} on the export stick (Acme 4 GB), read back and compared"));
        Assert.Equal(0, Typed(line, Path.GetDirectoryName(bundle)!).Code);
    }

    [Fact]
    public void A_path_with_a_blank_is_quoted()
    {
        string bundle = Written("it's here");
        Assert.Equal(0, Typed(LineOn(Picture(bundle)), "/").Code);
    }

    [Fact]
    public void Another_root_is_not_verified()
    {
        string line = LineOn(Picture(Written("export")));
        int at = line.IndexOf("--trust ", StringComparison.Ordinal) + "--trust ".Length;
        Assert.NotEqual(0, Typed(line[..at] + (line[at] == '0' ? '1' : '0') + line[(at + 1)..], "/").Code);
    }

    /// <summary>What a person marks with the mouse: from the program's name to the row that does not go on.</summary>
    public static string LineOn(string screen)
    {
        string[] rows = [.. screen.Split('\n').Select(row => row.TrimEnd())
            .SkipWhile(row => !row.Contains("keyceremony verify", StringComparison.Ordinal))];
        int last = Array.FindIndex(rows, row => !row.EndsWith('\\'));
        return string.Join('\n', rows[..(last + 1)]);
    }

    public static (int Code, string Said, string Errors) Typed(string line, string folder) => EndedProcess.Of(new ProcessStartInfo("bash",
        ["-c", $"keyceremony() {{ dotnet '{ProgramRun.Path}' \"$@\"; }}\n{line}"])
    { WorkingDirectory = folder });

    private string Picture(string bundle)
    {
        CeremonyState state = Replay.Running([.. played.Room.Entries], SoftwareRoom.Parse)!;
        return Screen.View(new ScreenModel(Narrow, state, new Over(), state.Last.Utc)
        {
            BundlePath = bundle,
            AuditLine = AuditLine.Of(state, [.. played.Room.Entries], bundle),
        }).Text;
    }

    private string Written(string place)
    {
        CeremonyState state = Replay.Running([.. played.Room.Entries], SoftwareRoom.Parse)!;
        string bundle = Path.Combine(_folder, place,
            Verifier.BundleFiles.FolderName([.. played.Room.Entries], state.World.Checkpoint!.Seq));
        foreach ((string name, ReadOnlyMemory<byte> bytes) in played.Files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(bundle, name))!);
            File.WriteAllBytes(Path.Combine(bundle, name), bytes.ToArray());
        }
        return bundle;
    }
}
