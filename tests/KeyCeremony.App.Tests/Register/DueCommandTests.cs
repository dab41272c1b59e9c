using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using System.Text;
using System.Text.Json;
using KeyCeremony.App.Ledger;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.App.Tests.Room;
using KeyCeremony.App.Tests.Terminal;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Verifier.Register;

namespace KeyCeremony.App.Tests.Register;

/// <summary><c>keyceremony due</c>: the days to come, from a ledger with a root, intermediates, a list and cards.</summary>
[SupportedOSPlatform("linux")]
public sealed class DueCommandTests : IClassFixture<DueCommandTests.OneLedger>, IDisposable
{
    private readonly OneLedger _ledger;
    private readonly string _place = Directory.CreateTempSubdirectory("due").FullName;
    private readonly string _stick;

    public DueCommandTests(OneLedger ledger)
    {
        _ledger = ledger;
        _stick = Directory.CreateDirectory(Path.Combine(_place, "stick")).FullName;
        RecordStick.Create(_stick, ledger.Room.Entries);
    }

    private World World => _ledger.Room.State.World;

    private DateTimeOffset Today => _ledger.Room.Entries[^1].Utc;

    public void Dispose() => Directory.Delete(_place, recursive: true);

    [Theory]
    [InlineData("DUE-01", "--json", "--ics")]
    [InlineData("DUE-01", "--at", "31.1.2030")]
    [InlineData("DUE-01", "--at", "9999-12-31")]
    [InlineData("DUE-01", "--within", "36501")]
    [InlineData("VERIFY-00", "--trust", "abc")]
    public void A_line_that_is_not_understood_ends_with_2_and_says_nothing(string rule, params string[] options)
    {
        (int code, string said, string errors) = ProgramRun.Of(["due", _stick, .. options]);
        Assert.Equal((2, ""), (code, said));
        Assert.StartsWith(rule, errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_ledger_that_was_changed_is_asked_nothing()
    {
        string file = RecordStick.PathIn(_stick);
        File.WriteAllText(file, File.ReadAllText(file).Replace("Anna", "Otto", StringComparison.Ordinal));
        (int code, string said, string errors) = ProgramRun.Of(["due", _stick]);
        Assert.Equal((1, ""), (code, said));
        Assert.StartsWith("LEDGER-10", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void The_next_list_is_due_on_the_day_on_which_the_last_runs_out()
    {
        CrlFact list = World.Crls["root"];
        Assert.Equal(list.Preview.NextUpdate, Item(Today, DueKinds.Crl, "root").Date);
        // The cards of the other ledger are a matter of their own.
        string calm = Stick("calm", _ledger.Calm);
        Assert.Equal(0, CodeOf(calm, _ledger.CalmList.AddDays(-61), Seldom));
        Assert.Equal(7, CodeOf(calm, _ledger.CalmList.AddDays(-10), Seldom));
        Assert.Equal(8, CodeOf(calm, _ledger.CalmList.AddDays(1), Seldom));
    }

    [Fact]
    public void Every_certificate_has_its_end_and_the_last_day_on_which_it_can_be_replaced()
    {
        string[] ends = [.. Items(Today).Where(i => i.Kind is DueKinds.Certificate or DueKinds.Transcript).Select(i => i.Subject)];
        Assert.Equal(World.Certificates.Keys.Order(StringComparer.Ordinal), ends.Order(StringComparer.Ordinal));
        foreach (CertificateFact certificate in World.Certificates.Values.Where(c => c.Preview.Issuer != c.Signed.Certificate
            && c.Signed.Key != "transcript"))
        {
            Core.Pki.ParsedTbs tbs = certificate.Parsed.ToBeSigned;
            Assert.Equal(tbs.NotAfter.Value, Item(Today, DueKinds.Certificate, certificate.Signed.Certificate).Date);
            DateTimeOffset last = End("root") - (tbs.NotAfter.Value - tbs.NotBefore.Value);
            DueItem[] replaced = [.. Items(Today).Where(i => i.Kind == DueKinds.Replacement
                && i.Subject == certificate.Signed.Certificate)];
            Assert.Equal(last < tbs.NotAfter.Value ? [last] : [], replaced.Select(i => i.Date));
        }
        // It lives for 6,000 days under a root of 9,131.
        Assert.Contains(Items(Today), i => i.Kind == DueKinds.Replacement);
        Assert.DoesNotContain(Items(End("root")), i => i.Kind == DueKinds.Replacement);
    }

    /// <summary>Nobody finds the list that the certificates name.</summary>
    [Fact]
    public void A_CA_whose_certificates_name_a_list_and_that_never_signed_one_is_due_at_once()
    {
        string unlisted = Stick("unlisted", _ledger.Unlisted);
        DueItem due = Assert.Single(ItemsOf(unlisted, Today), i => i.Kind == DueKinds.Crl);
        Assert.Equal(("root", Today.Date), (due.Subject, due.Date.Date));
        Assert.Contains("never signed a list", due.What, StringComparison.Ordinal);
        Assert.Equal(7, CodeOf(unlisted, Today, Seldom));
        Assert.DoesNotContain(Items(Today), i => i.What.Contains("never signed", StringComparison.Ordinal));
    }

    /// <summary>Two of three cards are good, and both lie in one bank.</summary>
    [Fact]
    public void Cards_without_one_to_spare_or_in_one_place_are_due_at_once()
    {
        Assert.Equal(Today.Date, Item(Today, DueKinds.CardCheck, CardRoom.Backup, Seldom).Date.Date);
        Assert.Equal(7, Code(Today, Seldom));
        Assert.Equal(0, CodeOf(Stick("calm", _ledger.Calm), Today, Seldom));
    }

    [Fact]
    public void The_last_day_of_a_replacement_stays_overdue_when_it_has_passed()
    {
        DueItem last = Items(Today).Where(i => i.Kind == DueKinds.Replacement).MinBy(i => i.Date)!;
        DateTimeOffset after = last.Date.AddDays(2);
        Assert.Equal(last.Date, Items(after).Single(i => i.Kind == last.Kind && i.Subject == last.Subject).Date);
        Assert.Equal(8, Code(after, Seldom));
    }

    /// <summary>TRANSCRIPT-01 lets no ceremony begin that signs: a monitor says so before people stand in the room.</summary>
    [Fact]
    public void A_transcript_certificate_that_is_revoked_is_due_at_once()
    {
        string revoked = Stick("revoked", _ledger.Revoked);
        DateTimeOffset day = _ledger.Revoked[^1].Utc.AddDays(1);
        DueItem due = Assert.Single(ItemsOf(revoked, day), i => i.Kind == DueKinds.Transcript);
        Assert.Equal(day.Date, due.Date.Date);
        Assert.Contains("revoked", due.What, StringComparison.Ordinal);
        Assert.Equal(7, CodeOf(revoked, day, Seldom));
    }

    [Fact]
    public void Devices_begin_to_fail_with_the_first_end_of_their_chain()
    {
        Assert.Equal(new[] { End("mtls-m1"), End("root") }.Min(), Item(Today, DueKinds.Devices, "mtls-m1").Date);
        Assert.Equal(World.Crls["root"].Preview.NextUpdate, Item(Today, DueKinds.DeviceLists, "mtls-m1").Date);
        // Nobody's device hangs under the root itself.
        Assert.DoesNotContain(Items(Today), i => i.Kind == DueKinds.Devices && i.Subject == "root");
    }

    /// <summary>Nobody can do what was said of it while its key lived.</summary>
    [Fact]
    public void Nothing_is_replaced_under_a_root_that_fell()
    {
        ImmutableArray<Entry> fallen = _ledger.Fallen();
        DueItem[] items = [.. ItemsOf(Stick("fallen", fallen), fallen[^1].Utc).Where(i => i.Kind == DueKinds.Certificate)];
        Assert.Equal("The root certificate \"root\" ends, and everything under it. Its key ended before.", What("root"));
        Assert.Equal("The certificate \"transcript\" ends. The key of \"root\" ended: nothing under it is replaced.", What("transcript"));
        Assert.EndsWith("The next root is made and cross-signed before.", What("root-next"), StringComparison.Ordinal);

        string What(string subject) => items.Single(i => i.Subject == subject).What;
    }

    [Fact]
    public void What_is_over_stays_overdue_until_something_took_its_place()
    {
        Assert.Contains(Items(End("root").AddDays(1)), i => i.Kind == DueKinds.Certificate && i.Subject == "root" && i.Date == End("root"));
        Assert.Equal(8, Code(End("root").AddDays(1)));
        // A CA that ended signs no list any more.
        Assert.Contains(Items(End("root")), i => i.Kind == DueKinds.Crl && i.Subject == "root");
        Assert.DoesNotContain(Items(End("root").AddDays(1)), i => i.Kind is DueKinds.Crl or DueKinds.DeviceLists);
    }

    [Fact]
    public void Cards_drills_and_bags_are_due_a_while_after_they_were_seen_last()
    {
        var activation = CardAccount.Of(World, World.Sets[CardRoom.Activation]);
        Assert.Equal(activation.GoodSince!.Value.AddDays(100),
            Item(Today, DueKinds.CardCheck, CardRoom.Activation, "--card-days", "100").Date);
        Assert.Contains("WARNING", Item(Today, DueKinds.CardCheck, CardRoom.Backup).What, StringComparison.Ordinal);
        DateTimeOffset drilled = _ledger.Room.Entries.Last(e => e.Body is BackupDrilled { Key: "root" }).Utc;
        Assert.Equal(drilled.AddDays(10), Item(Today, DueKinds.Drill, "root", "--drill-days", "10").Date);
        string[] bags = [.. Items(Today).Where(i => i.Kind == DueKinds.Bags).Select(i => i.What)];
        Assert.All(World.Bags.Keys, content => Assert.Contains(bags, b => b.Contains(content, StringComparison.Ordinal)));
    }

    [Fact]
    public void A_bundle_of_the_same_ledger_says_the_same()
    {
        string bundle = _ledger.Room.Export(Directory.CreateDirectory(Path.Combine(_place, "bundle")).FullName);
        string day = Today.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        JsonElement Found(string place)
        {
            (int code, string said, string errors) = ProgramRun.Of(["due", place, "--json", "--at", day]);
            Assert.True(code is 0 or 7 or 8, errors);
            return JsonDocument.Parse(said).RootElement.GetProperty("items");
        }
        Assert.Equal($"{Found(_stick)}", $"{Found(bundle)}");
    }

    [Fact]
    public void People_read_it_in_eighty_columns_and_machines_the_same_days()
    {
        (int code, string said, _) = ProgramRun.Of(["due", _stick]);
        Assert.True(code is 0 or 7 or 8);
        Assert.All(said.Split('\n'), line => Assert.True(line.Length <= 80, line));
        foreach (DueItem item in Items(DateTimeOffset.UtcNow))
            Assert.Contains($"{item.Date:yyyy-MM-dd}", said, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Needs", "packages")]
    public void Another_reader_of_calendars_finds_every_day()
    {
        (_, string calendar, string errors) = ProgramRun.Of(["due", _stick, "--ics"]);
        Assert.Equal("", errors.Split('\n')[0].StartsWith("retold", StringComparison.Ordinal) ? "" : errors);
        string[] lines = calendar.Split("\r\n");
        Assert.Equal("", lines[^1]);
        Assert.All(lines, line => Assert.True(
            Encoding.UTF8.GetByteCount(line) <= 75 && !line.Contains('\n', StringComparison.Ordinal), line));

        DueItem[] items = [.. Items(DateTimeOffset.UtcNow)];
        JsonElement[] events = [.. Ask(calendar).GetProperty("events").EnumerateArray()];
        Assert.Equal(items.Select(i => $"{i.Date:yyyy-MM-dd} {i.What}"),
            events.Select(e => $"{e.GetProperty("date").GetString()} {e.GetProperty("description").GetString()}"));
        Assert.All(events, e => Assert.True(e.GetProperty("isDay").GetBoolean()));
        Assert.All(events, e => Assert.Equal("-P28D", e.GetProperty("alarm").GetString()));
        Assert.Equal(items.Length, events.Select(e => e.GetProperty("uid").GetString()).Distinct().Count());
    }

    private static readonly string[] Seldom = ["--within", "60", "--card-days", "9000", "--drill-days", "9000", "--bag-days", "9000"];

    private string Stick(string name, ImmutableArray<Entry> entries)
    {
        string folder = Directory.CreateDirectory(Path.Combine(_place, name)).FullName;
        RecordStick.Create(folder, entries);
        return folder;
    }

    private int Code(DateTimeOffset at, params string[] options) => CodeOf(_stick, at, options);

    private static int CodeOf(string stick, DateTimeOffset at, params string[] options) =>
        ProgramRun.Of(["due", stick, "--at", at.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), .. options]).Code;

    private DateTimeOffset End(string certificate) => World.Certificates[certificate].Parsed.ToBeSigned.NotAfter.Value;

    private DueItem Item(DateTimeOffset at, string kind, string subject, params string[] options) =>
        Items(at, options).Single(i => i.Kind == kind && i.Subject == subject);

    private IEnumerable<DueItem> Items(DateTimeOffset at, params string[] options) => ItemsOf(_stick, at, options);

    private static IEnumerable<DueItem> ItemsOf(string stick, DateTimeOffset at, params string[] options)
    {
        (int code, string said, string errors) = ProgramRun.Of(["due", stick, "--json", "--at",
            at.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), .. options]);
        Assert.True(code is 0 or 7 or 8, errors);
        using var json = JsonDocument.Parse(said);
        return [.. json.RootElement.GetProperty("items").EnumerateArray().Select(i => new DueItem(i.GetProperty("kind").GetString()!,
            i.GetProperty("subject").GetString()!, i.GetProperty("date").GetDateTimeOffset(), i.GetProperty("what").GetString()!))];
    }

    private static JsonElement Ask(string calendar)
    {
        string folder = TestFiles.PathOf("tests", "ics-peer");
        Assert.True(Directory.Exists(Path.Combine(folder, "node_modules", "ical.js")), $"run `npm ci` in {folder}");
        using Process node = Process.Start(new ProcessStartInfo("node", [Path.Combine(folder, "peer.js")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        node.StandardInput.Write(calendar);
        node.StandardInput.Close();
        string answer = node.StandardOutput.ReadToEnd();
        node.WaitForExit();
        return JsonDocument.Parse(answer).RootElement;
    }

    /// <summary>Played once.</summary>
    public sealed class OneLedger : IDisposable
    {
        private readonly SigningRooms _rooms = new();

        public OneLedger()
        {
            Room = Signed();
            Unlisted = Room.Entries;
            _ = CardRoom.Checked(Room).Through("crl-signing.md");
            SoftwareRoom calm = Signed().Through("crl-signing.md");
            (Calm, CalmList) = (calm.Entries, calm.State.World.Crls["root"].Preview.NextUpdate);
            calm.Open(SoftwareRoom.Script("crl-signing.md"));
            _ = calm.Until("preview-list", "more");
            foreach (string answer in new[] { "certificate/transcript", "keyCompromise", "", "", "enter" })
                Assert.Null(calm.Say(answer));
            _ = calm.Until("close", "stopped");
            calm.GiveUp();
            Revoked = calm.Entries;
        }

        internal SoftwareRoom Room { get; }

        /// <summary>Before a list was signed.</summary>
        internal ImmutableArray<Entry> Unlisted { get; }

        /// <summary>With a list, and all cards as they were dealt.</summary>
        internal ImmutableArray<Entry> Calm { get; }

        internal DateTimeOffset CalmList { get; }

        internal ImmutableArray<Entry> Revoked { get; }

        private SoftwareRoom Signed()
        {
            SoftwareRoom room = _rooms.Rooted();
            room.Open(SoftwareRoom.Script("intermediate-signing.md").Replace("days: 3650", "days: 6000", StringComparison.Ordinal));
            room.GoOn();
            return room;
        }

        internal ImmutableArray<Entry> Fallen() => SuccessionTests.Fallen(_rooms.Rooted()).Entries;

        public void Dispose() => _rooms.Dispose();
    }
}
