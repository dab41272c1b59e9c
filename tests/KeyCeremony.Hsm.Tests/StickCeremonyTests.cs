using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using KeyCeremony.App.Tests.Devices;

namespace KeyCeremony.Hsm.Tests;

/// <summary>
/// Whole ceremonies on image files that play the sticks, and what stands on the media afterwards.
/// <para>
/// The program has a table of mounts of its own. Whoever takes a copy of the machine's, as openCryptoki's tests beside these do and a build
/// of the image, keeps everything mounted that is in it: a stick could neither be mounted anew for reading nor pulled out.
/// </para>
/// </summary>
[Collection("loop devices")]
public sealed class StickCeremonyTests
{
    private static readonly ImmutableArray<string> Labels = ["KC-RECORD-A", "KC-RECORD-B", "KC-EXPORT"];

    [Fact]
    public void A_root_is_created_on_real_sticks_and_the_bundle_stands_on_the_medium()
    {
        if (!LoopSticks.CanPlay()) return;
        using var sticks = new LoopSticks();
        using var table = Table.Laid();
        foreach (string label in Labels)
            sticks.Plug(label, 32);
        Ran ran = Run(table, sticks, Script.SmallRoot).Expect(0);

        Assert.Contains("on the export stick (image file KC-EXPORT.img, serial KC-EXPORT", ran.Out, StringComparison.Ordinal);
        Assert.Contains("read back and compared; it may be pulled out", ran.Out, StringComparison.Ordinal);
        Assert.Contains("Record stick A (image file KC-RECORD-A.img", ran.Out, StringComparison.Ordinal);
        Assert.Contains("no serial number is recorded in this ledger yet", ran.Out, StringComparison.Ordinal);
        StandsOnTheMedia(table, sticks);
    }

    /// <summary>The ceremony rests on the failure, and goes on with a good stick: nothing is lost.</summary>
    [Fact]
    public void An_export_that_fails_is_tried_again_with_another_stick()
    {
        if (!LoopSticks.CanPlay()) return;
        using var sticks = new LoopSticks();
        using var table = Table.Laid();
        foreach (string label in Labels[..2])
            sticks.Plug(label, 32);
        Ran without = Run(table, sticks, Script.SmallRoot).Expect(1);
        Assert.Contains("WARNING NEED-09 No export stick is plugged in", without.Out, StringComparison.Ordinal);
        Assert.Contains("STICK-01", without.Said, StringComparison.Ordinal);

        string locked = sticks.Plug("KC-EXPORT", readOnly: true);
        table[":again/export-bundle"] = "again";
        Assert.Contains("STICK-03", Run(table, sticks, null).Expect(1).Said, StringComparison.Ordinal);

        sticks.PullOut(locked);
        File.Delete(sticks.ImageOf("KC-EXPORT"));
        sticks.Plug("KC-EXPORT", 32);
        Run(table, sticks, null).Expect(0);
        StandsOnTheMedia(table, sticks);
    }

    [Fact]
    public void An_export_stick_that_cannot_be_written_to_is_refused_before_there_is_a_ledger()
    {
        if (!LoopSticks.CanPlay()) return;
        using var sticks = new LoopSticks();
        using var table = Table.Laid();
        foreach (string label in Labels[..2])
            sticks.Plug(label, 32);
        string locked = sticks.Plug("KC-EXPORT", readOnly: true);
        Assert.Contains("(STICK-03)", Refused(table, sticks), StringComparison.Ordinal);

        sticks.PullOut(locked);
        File.Delete(sticks.ImageOf("KC-EXPORT"));
        sticks.Plug("KC-EXPORT", 12);
        Assert.Contains("16 MB are needed", Refused(table, sticks), StringComparison.Ordinal);

        static string Refused(Table table, LoopSticks sticks)
        {
            Ran refused = Run(table, sticks, Script.SmallRoot).Expect(1);
            Assert.Contains("NEED-09", refused.Err, StringComparison.Ordinal);
            Assert.DoesNotContain("serial number is recorded", refused.Said, StringComparison.Ordinal);
            return refused.Err;
        }
    }

    [Fact]
    public void Missing_and_doubled_record_sticks_are_refused_before_anything_begins()
    {
        if (!LoopSticks.CanPlay()) return;
        using var sticks = new LoopSticks();
        using var table = Table.Laid();
        sticks.Plug("KC-RECORD-A", 32);
        Assert.Contains("STICK-01  There is no record stick B: no stick labelled KC-RECORD-B.",
            Run(table, sticks, Script.SmallRoot).Expect(1).Err, StringComparison.Ordinal);
        sticks.Plug("KC-RECORD-B", 32);
        sticks.Plug("KC-RECORD-B", 32, name: "second.img");
        Assert.Contains("STICK-02", Run(table, sticks, null).Expect(1).Err, StringComparison.Ordinal);
        Assert.False(Directory.Exists(table.Hsm));
    }

    /// <summary>The program may mount nothing, as on the live image: a helper with rights does it, over its socket.</summary>
    [Fact]
    public void A_program_without_rights_has_its_sticks_mounted_by_the_helper()
    {
        if (!LoopSticks.CanPlay()) return;
        using var sticks = new LoopSticks();
        using var table = Table.Laid();
        foreach (string label in Labels)
            sticks.Plug(label, 32);
        string[] without = ["--bounding-set=-sys_admin", "--inh-caps=-sys_admin", "dotnet", Repository.Program];
        Assert.Contains("STICK-11", Tool.Run("setpriv", [.. without, .. Arguments(table, sticks, Script.SmallRoot)]).Expect(1).Err,
            StringComparison.Ordinal);

        using Process helper = Tool.Start(new ProcessStartInfo("unshare", ["--mount", "--", "dotnet", Repository.Program, "drive-helper",
            "--uid", "0", "--places", sticks.Places, "--images", sticks.Folder]));
        string[] beside = ["--target", helper.Id.ToString(CultureInfo.InvariantCulture), "--mount", "--", "setpriv", .. without];
        try
        {
            Assert.StartsWith("listening", helper.StandardOutput.ReadLine(), StringComparison.Ordinal);
            Assert.Contains("= export stick", Tool.Run("nsenter", [.. beside, "drives", "--places", sticks.Places]).Expect(0).Out,
                StringComparison.Ordinal);
            Ran ran = Tool.Run("nsenter", [.. beside, .. Arguments(table, sticks, Script.SmallRoot)]).Expect(0);
            Assert.Contains("may be pulled out", ran.Out, StringComparison.Ordinal);
        }
        finally
        {
            helper.Kill();
            helper.WaitForExit();
        }
        StandsOnTheMedia(table, sticks);
    }

    /// <summary>From the images alone: no file system of this kernel is asked.</summary>
    private static void StandsOnTheMedia(Table table, LoopSticks sticks)
    {
        foreach (string label in Labels)
        {
            string folder = Directory.CreateDirectory(Path.Combine(table.Folder, "read", label)).FullName;
            Tool.Run("/usr/sbin/debugfs", "-R", $"rdump / {folder}", sticks.ImageOf(label)).Expect(0);
            Tool.Run("/usr/sbin/e2fsck", "-fn", sticks.ImageOf(label)).Expect(0);
        }
        string[] ledgers = [.. Labels[..2].Select(l => Path.Combine(table.Folder, "read", l, "keyceremony.journal"))];
        Assert.True(File.ReadAllBytes(ledgers[0]).AsSpan().SequenceEqual(File.ReadAllBytes(ledgers[1])));
        string bundle = Directory.GetDirectories(Path.Combine(table.Folder, "read", "KC-EXPORT"))
            .Single(d => Path.GetFileName(d) != "lost+found");
        table.Program("verify", "--trust", Table.RootOf(bundle), bundle).Expect(0);
    }

    private static Ran Run(Table table, LoopSticks sticks, Script? script)
    {
        table.Within = ["unshare", "--mount", "--"];
        return table.Program(Arguments(table, sticks, script));
    }

    private static string[] Arguments(Table table, LoopSticks sticks, Script? script)
    {
        string[] ceremony = script is null ? [] : [script.WriteTo(table.Part("scripts"))];
        table.WriteAnswers();
        return ["run", .. ceremony, "--drives", "--images", sticks.Folder, "--places",
            sticks.Places, "--softhsm", table.Hsm, "--answers", table.AnswersFile, "--envelopes", table.Envelopes];
    }
}
