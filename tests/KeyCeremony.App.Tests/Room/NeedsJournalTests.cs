using System.Collections.Immutable;
using KeyCeremony.App.Ledger;
using KeyCeremony.App.Room;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.App.Tests.Terminal;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Ceremony.Retelling;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;
using KeyCeremony.Verifier;

namespace KeyCeremony.App.Tests.Room;

/// <summary>What was looked at before a ceremony began stands in its record, and only what the program can have seen.</summary>
public sealed class NeedsJournalTests : IDisposable
{
    private static readonly ImmutableArray<Finding> Seen =
    [
        NeedRules.ModuleAnswers.Pass("The module answers: SoftHSM."), NeedRules.Distinct.Pass("They report different numbers."),
        NeedRules.Records.Pass("Record stick A can be written to."), NeedRules.Records.Pass("Record stick B can be written to."),
        NeedRules.Export.Warn("No export stick is plugged in: whether it can be written to shows at the close."),
        NeedRules.Zlint.Warn("zlint is not installed."), NeedRules.Openssl.Pass("openssl is there."),
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("keyceremony-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void It_stands_in_the_record_is_verified_and_printed()
    {
        SoftwareRoom room = Begun(JournalFormats.Current);
        ImmutableArray<Finding> seen = SeenFor(room);
        room.Looked(seen);
        room.GoOn();

        Assert.Equal(seen, Assert.Single(room.Entries.Select(e => e.Body).OfType<NeedsLookedAt>()).Findings);
        Disturbed.Verifies(room, Directory.CreateDirectory(Path.Combine(_folder, "bundle")).FullName);
        var without = new SoftwareRoom();
        _ = without.Play(SoftwareRoom.Script("root-creation.md"));
        Assert.True(room.Bundle()[BundleFiles.ReportPath].Length > without.Bundle()[BundleFiles.ReportPath].Length);
    }

    public static TheoryData<string, string> Lies => new()
    {
        { "something was missing", "the result \"fail\" is none that NEED-12 can have" },
        { "something nobody looks at", "GATE-01 is no rule that is asked here" },
        { "one record stick", "NEED-08 stands there 1 times" },
        { "zlint was not looked for", "NEED-12 stands there 0 times" },
        { "openssl twice", "NEED-13 stands there 2 times" },
        { "no module", "NEED-01 stands there 0 times" },
        { "nothing said", "the text of NEED-03 is empty" },
    };

    [Theory]
    [MemberData(nameof(Lies))]
    public void What_the_program_cannot_have_seen_is_refused(string lie, string says)
    {
        SoftwareRoom room = Begun(JournalFormats.Current);
        ImmutableArray<Finding> good = SeenFor(room);
        Assert.Null(Then(room, good));
        Refusal? refusal = Then(room, lie switch
        {
            "something was missing" => [.. good.Select(f => f.Id == "NEED-12" ? f with { Result = FindingResults.Fail } : f)],
            "something nobody looks at" => good.Add(new Finding("GATE-01", FindingResults.Pass, "No network.")),
            "one record stick" => good.RemoveAt(2),
            "zlint was not looked for" => [.. good.Where(f => f.Id != "NEED-12")],
            "openssl twice" => good.Add(NeedRules.Openssl.Pass("openssl is there.")),
            "no module" => good.RemoveAt(0),
            _ => good.SetItem(1, good[1] with { Text = "" }),
        });
        Assert.Equal(ReplayRules.NotTheFact, refusal?.Rule);
        Assert.Contains(says, refusal!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void It_stands_at_the_beginning_once_and_in_no_earlier_format()
    {
        SoftwareRoom earlier = Begun(JournalFormats.Compared), room = Begun(JournalFormats.Current);
        ImmutableArray<Finding> good = SeenFor(room);
        Assert.Equal(ReplayRules.NotDue, Then(earlier, good)?.Rule);

        room.Looked(good);
        Assert.Equal(ReplayRules.NotDue, Then(room, good)?.Rule);
        SoftwareRoom late = Begun(JournalFormats.Current);
        Assert.Null(late.Say("Ada Adams"));
        Assert.Equal(ReplayRules.NotDue, Then(late, good)?.Rule);
    }

    /// <summary>As the command opens it: with what people saw on the page before.</summary>
    [Fact]
    public void The_opening_writes_what_was_seen_behind_itself()
    {
        string[] sticks = [.. new[] { "a", "b" }.Select(n => Directory.CreateDirectory(Path.Combine(_folder, n)).FullName)];
        Assert.True(Commands.Words.TryLoad(TestFiles.PathOf("ceremony-scripts", "root-creation.md"), out CeremonyScript? script));
        Assert.True(Opening.TryLedger(sticks, Environments.Rehearsal, false, TimeProvider.System, out RecordLedger? ledger, out _));
        using (ledger)
        {
            ImmutableArray<Finding> seen = [];
            Refusal? Look(World world)
            {
                seen = new NeedsLook(ScriptNeeds.Of(script!), world, new NeedPlaces(null, [.. sticks], null, null, null, "", false),
                    DateTimeOffset.UnixEpoch).Look();
                seen = seen.Insert(0, NeedRules.ModuleAnswers.Pass("The module answers: a label \u202E of its maker."));
                return NeedRules.Refuse(script!, seen);
            }
            Assert.True(Opening.TryCeremony(ledger, script, TimeProvider.System, out CeremonyState? state, out Refusal? refusal, Look,
                () => seen), refusal?.Message);

            Assert.Equal(state.Last, ledger.Entries[^1]);
            Assert.Equal(seen.Select(f => f.Id), Assert.IsType<NeedsLookedAt>(state.Last.Body).Findings.Select(f => f.Id));
            Assert.Null(Retold.Of(ledger.Entries).Refusal);
            Assert.Equal("name/administrator/1", Assert.IsType<Ask>(Director.Next(state)).Question.Id);
        }
    }

    private SoftwareRoom Begun(int format)
    {
        string folder = Directory.CreateDirectory(Path.Combine(_folder, Path.GetRandomFileName())).FullName;
        var room = new SoftwareRoom(folder: folder) { Format = format };
        room.Open(SoftwareRoom.Script("root-creation.md"));
        return room;
    }

    /// <summary>Whether a camera is looked for goes by the script.</summary>
    private static ImmutableArray<Finding> SeenFor(SoftwareRoom room) =>
        room.State.Script.CardCodes ? Seen.Add(NeedRules.Camera.Pass("A camera is there.")) : Seen;

    private static Refusal? Then(SoftwareRoom room, ImmutableArray<Finding> findings) => Retold.Of(room.Entries).Then(
        Entry.Following(room.Entries[^1], room.State.Id, room.State.Last.Utc, room.State.Step!.Id, new NeedsLookedAt(findings))).Refusal;
}
