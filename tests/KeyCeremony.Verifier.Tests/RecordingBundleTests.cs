using System.Collections.Immutable;
using KeyCeremony.App.Bundle;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Reading;

namespace KeyCeremony.Verifier.Tests;

/// <summary>A bundle of a ceremony whose script has the terminal recorded: VERIFY-55.</summary>
public sealed class RecordingBundleTests : IDisposable
{
    private const string Path1 = "recordings/0001-root-creation-1.cast";

    private readonly string _folder = Directory.CreateTempSubdirectory("keyceremony-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_recording_is_signed_written_and_verified()
    {
        var room = new SoftwareRoom();
        string bundle = Written(room);

        Assert.True(File.Exists(Path.Combine(bundle, Path1)));
        VerifyReport report = BundleVerify.Run([bundle], new VerifyOptions());
        Assert.Equal((VerifyResult.Consistent, 3), (report.Result, report.ExitCode));
        Assert.True(report.Bundles[0].Checks.Single(c => c.Rule == VerifyRules.Recordings).Asked);
    }

    [Fact]
    public void A_recording_that_was_changed_or_left_out_is_found()
    {
        var room = new SoftwareRoom();
        string bundle = Written(room), file = Path.Combine(bundle, Path1);
        byte[] genuine = File.ReadAllBytes(file);

        File.WriteAllBytes(file, [.. TerminalCast.Header(80, 25, DateTimeOffset.UnixEpoch, "a room"),
            .. TerminalCast.Line(new CastEvent(TimeSpan.Zero, CastKind.Sent, "told"))]);
        Assert.Equal("VERIFY-02", Failed(bundle));
        File.Delete(file);
        Assert.Equal(VerifyResult.Incomplete, BundleVerify.Run([bundle], new VerifyOptions()).Result);
        File.WriteAllBytes(file, genuine);
        Assert.Equal(VerifyResult.Consistent, BundleVerify.Run([bundle], new VerifyOptions()).Result);
    }

    /// <summary>Signed as it is: whoever plays it with another program would be shown a title, or would answer a question.</summary>
    [Fact]
    public void A_signed_recording_that_steers_the_terminal_is_refused()
    {
        var room = new SoftwareRoom
        {
            Recording = [.. TerminalCast.Header(80, 25, DateTimeOffset.UnixEpoch, "a room"),
                .. TerminalCast.Line(new CastEvent(TimeSpan.Zero, CastKind.Sent, "\e[6n"))],
        };
        Assert.Equal("VERIFY-55", Failed(Written(room)));
    }

    [Fact]
    public void Without_the_words_in_the_script_nothing_is_recorded()
    {
        var room = new SoftwareRoom();
        room.Play(SoftwareRoom.Script("root-creation.md"));
        Assert.DoesNotContain(room.Entries, e => e.Body is TerminalRecorded);
        Assert.Empty(BundleList.Of(room.Entries));
    }

    private static string Failed(string bundle) =>
        BundleVerify.Run([bundle], new VerifyOptions()).Bundles[0].Checks.First(c => !c.Passed).Rule.Id;

    private string Written(SoftwareRoom room)
    {
        ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> files = room.Play(SoftwareRoom.Script("root-creation.md",
            text => text.Replace("\nversion: 1\n", "\nversion: 1\nrecording: true\n", StringComparison.Ordinal)));
        long seq = room.Entries.Select(e => e.Body).OfType<CheckpointSigned>().Last().Seq;
        Assert.True(BundleExport.TryWrite(files, BundleList.Of(room.Entries[..(int)seq]),
            _ => new MemoryStream(room.Recording, writable: false),
            "b", Directory.CreateDirectory(Path.Combine(_folder, Path.GetRandomFileName())).FullName, _ => { },
            out ExportedBundle? exported, out Refusal? refusal), refusal?.ToString());
        return exported.Path;
    }
}
