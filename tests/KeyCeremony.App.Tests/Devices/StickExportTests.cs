using System.Collections.Immutable;
using KeyCeremony.App.Bundle;
using KeyCeremony.App.Devices;
using KeyCeremony.App.Ground;
using KeyCeremony.App.Room;
using KeyCeremony.Core;
using KeyCeremony.Verifier;

namespace KeyCeremony.App.Tests.Devices;

/// <summary>
/// What an export makes of every way in which a stick can fail. The stick is a folder and the keeper of the drives is
/// played, so that every failure comes at will and without rights; LoopStickTests has real mounts.
/// </summary>
public sealed class StickExportTests : IDisposable
{
    private static readonly ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> Files = WithSums(new()
    {
        ["certificates/root.der"] = new byte[2_000],
        ["report.pdf"] = new byte[200_000],
        ["script.md"] = "# Script\n"u8.ToArray(),
    });

    private readonly string _folder = Directory.CreateTempSubdirectory("export").FullName;
    private readonly List<string> _asked = [];
    private Drive? _plugged = Labelled("KC-EXPORT");
    private Func<DriveRequest, Refusal?> _fails = _ => null;
    private Action<DriveRequest> _before = _ => { };

    private string OnStick => Path.Combine(_folder, "export", "bundle");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_bundle_is_written_forgotten_mounted_for_reading_compared_and_ejected()
    {
        double progress = 0;
        ExportedBundle exported = Write(out StickExport export, share => progress = share);

        Assert.Equal(["unmount", "mount rw", "unmount", "mount ro", "unmount", "eject", "unmount"], _asked);
        Assert.Equal(1.0, progress);
        Assert.Equal(Files.Keys, exported.Files);
        Assert.Contains("bundle on the export stick (Maker Model, serial 17,", export.Told, StringComparison.Ordinal);
        Assert.Contains("may be pulled out", export.Told, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_stick_nothing_is_written()
    {
        _plugged = Labelled("HOLIDAY");
        Refused("STICK-01");
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [Theory]
    [InlineData(28, "STICK-04")]
    [InlineData(5, "STICK-14")]
    [InlineData(30, "STICK-14")]
    public void A_device_that_fails_while_it_is_written_is_named(int errno, string rule) =>
        Refused(rule, (_, _) => throw new IOException("device", errno));

    [Fact]
    public void A_stick_that_becomes_write_protected_is_named() => Refused("STICK-03", (_, _) =>
    {
        _plugged = _plugged! with { WriteProtected = true };
        throw new IOException("device", 30);
    });

    [Fact]
    public void A_stick_that_is_pulled_out_is_named() => Refused("STICK-05", (_, _) =>
    {
        _plugged = null;
        throw new IOException("device", 5);
    });

    [Fact]
    public void A_stick_that_was_exchanged_is_not_taken_for_the_first() => Refused("STICK-05", (_, _) =>
    {
        _plugged = _plugged! with { Plugged = 8 };
        throw new IOException("device", 5);
    });

    [Theory]
    [InlineData("certificates/root.der")]
    [InlineData("script.md")]
    [InlineData("SHA256SUMS")]
    public void A_stick_that_gives_back_other_bytes_is_named(string name)
    {
        _before = request =>
        {
            if (request is { Do: "mount", Write: false })
                Flip(Path.Combine(OnStick, name));
        };
        Refused("STICK-06");
    }

    [Theory]
    [InlineData("script.md")]
    [InlineData("SHA256SUMS")]
    [InlineData("")]
    public void A_stick_that_loses_what_was_written_is_named(string name)
    {
        _before = request =>
        {
            if (request is { Do: "mount", Write: false })
                Run("rm", "-r", Path.Combine(OnStick, name));
        };
        Refused("STICK-06");
    }

    [Fact]
    public void A_stick_that_cannot_be_mounted_again_lied()
    {
        _fails = request => request is { Do: "mount", Write: false } ? StickRules.Unreadable.Refuse("no file system") : null;
        Refused("STICK-06");
    }

    [Fact]
    public void A_stick_that_stops_answering_is_given_up_and_the_room_goes_on()
    {
        using var never = new ManualResetEventSlim();
        Refused("STICK-07", (_, _) => { never.Wait(); throw new IOException("late"); });
        never.Set();
    }

    [Fact]
    public void A_slow_stick_is_waited_for_while_it_answers()
    {
        int blocks = 0;
        Assert.Equal(8, Patience.With(TimeSpan.FromSeconds(2), answered =>
        {
            for (; blocks < 8; blocks++, answered())
                Thread.Sleep(400);
            return blocks;
        }));
    }

    [Fact]
    public void What_cannot_be_unmounted_may_not_be_pulled_out()
    {
        int unmounts = 0;
        _fails = request => request.Do == "unmount" && ++unmounts == 2 ? StickRules.Busy.Refuse("in use") : null;
        Refused("STICK-09");
        Assert.DoesNotContain("eject", _asked);
    }

    /// <summary>The engine offers "try again": another stick, and everything is as if nothing had been.</summary>
    [Fact]
    public void After_every_failure_another_stick_can_be_taken()
    {
        Refused("STICK-04", (_, _) => throw new IOException("device", 28));
        _plugged = Labelled("KC-EXPORT") with { Plugged = 8, Serial = "18" };
        _asked.Clear();
        Write(out StickExport export, _ => { });
        Assert.Contains("serial 18", export.Told, StringComparison.Ordinal);
    }

    /// <summary>A bundle that is whole on the stick is not written twice, and an unfinished one is cleared.</summary>
    [Fact]
    public void The_same_stick_can_be_tried_again()
    {
        Directory.CreateDirectory(OnStick + ".partial");
        File.WriteAllText(Path.Combine(OnStick + ".partial", "script.md"), "half");
        Write(out _, _ => { });
        Write(out _, _ => { });
        Assert.False(Directory.Exists(OnStick + ".partial"));
    }

    private ExportedBundle Write(out StickExport export, Action<double> progress, Func<string, Action, ExportedBundle>? write = null)
    {
        export = new StickExport(new Sticks(Keep, _folder), TimeSpan.FromSeconds(2));
        return export.Write(write ?? WriteBundle, progress);
    }

    private static ExportedBundle WriteBundle(string place, Action answered)
    {
        Assert.True(BundleExport.TryWrite(Files, [], _ => Stream.Null, "bundle",
            place, _ => answered(), out ExportedBundle? exported, out Refusal? refusal), refusal?.ToString());
        return exported;
    }

    private void Refused(string rule, Func<string, Action, ExportedBundle>? write = null)
    {
        Refusal refusal = Assert.Throws<CeremonyException>(() => Write(out _, _ => { }, write)).Refusal;
        Assert.True(refusal.Rule == rule, refusal.ToString());
        Assert.Equal(StickRules.All.Single(r => r.Id == rule).Remedy, refusal.Remedy);
        // Nothing stays in use, whatever happened.
        Assert.Equal("unmount", _asked[^1]);
    }

    private DriveAnswer Keep(DriveRequest request)
    {
        if (request.Do != "list")
            _asked.Add(request.Do == "mount" ? $"mount {(request.Write ? "rw" : "ro")}" : request.Do);
        _before(request);
        if (_fails(request) is { } refusal)
            return new DriveAnswer(Refused: refusal);
        if (request.Do == "mount")
            Directory.CreateDirectory(Path.Combine(_folder, request.Place!));
        return request.Do == "list" ? new DriveAnswer(new DriveList(_plugged is null ? [] : [_plugged], [])) : new DriveAnswer();
    }

    private static Drive Labelled(string label) =>
        new("sdb", 7, "Maker", "Model", "17", 64_000_000, false, [new Volume("sdb1", 64_000_000, FileSystems.Fat32, label, "")]);

    private static void Flip(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 1;
        File.WriteAllBytes(path, bytes);
    }

    private static void Run(string program, params string[] arguments) => Image.Run(program, arguments);

    private static ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> WithSums(Dictionary<string, ReadOnlyMemory<byte>> files)
    {
        var sorted = files.ToImmutableSortedDictionary(StringComparer.Ordinal);
        return sorted.Add(BundleFiles.SumsPath, BundleFiles.Sums(sorted, []));
    }
}
