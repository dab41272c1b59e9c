using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.App.Tests.Room;

/// <summary>
/// KEY-03: no room of an earlier format makes an ML-DSA key, whichever step of a script names one. It is said before a device is asked
/// for anything, and there is no way on but to leave or to abort.
/// </summary>
public class MlDsaRoomTests
{
    [Theory]
    [InlineData("ml-dsa-44")]
    [InlineData("ml-dsa-65")]
    [InlineData("ml-dsa-87")]
    public void A_root_of_a_later_kind_stops_before_the_hsm_is_inspected(string algorithm)
    {
        SoftwareRoom room = Opened("root-creation.md", "algorithm: ec-p384", $"algorithm: {algorithm}");
        Refusal refusal = Stops(room);
        Assert.Equal(CeremonyRules.KeyOfLaterFormat, refusal.Rule);
        Assert.Contains("Nothing was made.", refusal.Remedy, StringComparison.Ordinal);
        NothingWasAsked(room);
    }

    [Fact]
    public void So_does_one_that_is_named_by_the_preview_alone()
    {
        string script = SoftwareRoom.Script("root-creation.md");
        const string Named = "algorithm: ${algorithm}";
        int preview = script.IndexOf("do: preview-certificate", StringComparison.Ordinal);
        var room = new SoftwareRoom { Format = JournalFormats.Renewed };
        int algorithm = script.IndexOf(Named, preview, StringComparison.Ordinal);
        room.Open(script[..algorithm] + "algorithm: ml-dsa-87" + script[(algorithm + Named.Length)..]);
        Assert.Equal(CeremonyRules.KeyOfLaterFormat, Stops(room).Rule);
        NothingWasAsked(room);
    }

    [Fact]
    public void A_script_without_one_is_led_past_it()
    {
        var room = new SoftwareRoom();
        room.Open(SoftwareRoom.Script("root-creation.md"));
        for (int moves = 0; moves < 2000 && !room.Entries.Any(e => e.Body is TokenProbed); moves++)
            room.Step();
        Assert.Contains(room.Entries, e => e.Body is TokenProbed);
    }

    private static SoftwareRoom Opened(string script, string from, string to)
    {
        var room = new SoftwareRoom { Format = JournalFormats.Renewed };
        room.Open(Replaced(SoftwareRoom.Script(script), from, to));
        return room;
    }

    private static string Replaced(string text, string from, string to)
    {
        Assert.Contains(from, text, StringComparison.Ordinal);
        return text.Replace(from, to, StringComparison.Ordinal);
    }

    private static Refusal Stops(SoftwareRoom room)
    {
        for (int moves = 0; moves < 2000; moves++)
        {
            if (Director.Next(room.State) is Ask { Question: { Id: "stopped", Blocked: { } refusal } })
                return refusal;
            Assert.IsNotType<Over>(Director.Next(room.State));
            room.Step();
        }
        throw new Xunit.Sdk.XunitException("It was never stopped.");
    }

    private static void NothingWasAsked(SoftwareRoom room) =>
        Assert.DoesNotContain(room.Entries, e => e.Body is TokenProbed or TokenCommissioned or KeyGenerated);
}
