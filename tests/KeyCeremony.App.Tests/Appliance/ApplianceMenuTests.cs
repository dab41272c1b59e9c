using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using KeyCeremony.App.Commands;
using KeyCeremony.App.Ledger;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.App.Tests.Devices;
using KeyCeremony.App.Tests.Terminal;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.App.Tests.Appliance;

/// <summary>
/// The appliance as people without a shell meet it, played on lines of text: whatever is wrong with a stick is mended where it is read,
/// and the menu is there again.
/// </summary>
public sealed class ApplianceMenuTests : IClassFixture<PlayedCeremony>, IDisposable
{
    private const string GoOn = "It is as published; go on";
    private const string Back = "Back to the menu";
    private const string Off = "Switch off";

    /// <summary>With the number of the next line: nothing forbids it.</summary>
    private const string Possible = "Signing of production intermediates from requests 14.";

    private static readonly ImmutableArray<Finding> Gate = [new("GATE-01", FindingResults.Pass, "no network interface but loopback")];

    private readonly string _folder = Directory.CreateTempSubdirectory("keyceremony-appliance-").FullName;
    private readonly PlayedCeremony _played;
    private readonly PluggedSticks _table;
    private readonly Conversation _people = new();

    public ApplianceMenuTests(PlayedCeremony played) => (_played, _table) = (played, new PluggedSticks(_folder));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private ImmutableArray<Entry> Entries => _played.Room.Entries;

    private string Root => Convert.ToHexStringLower(SHA256.HashData(_played.Files["certificates/root.der"].Span));

    [Fact]
    public void A_lost_stick_is_replaced_where_its_loss_is_read()
    {
        string a = _table.Plug("KC-RECORD-A"), b = _table.Plug("KC-RECORD-B");
        RecordStick.Create(a, Entries);
        string list = Beside(a, "lists", "a list"), received = Beside(a, Path.Combine("received", "c-1"), "a request", "-request.pem");
        Beside(a, "lists", "damaged", wrong: true);

        _people.Choose(GoOn).Type(Conversation.Empty)
            .Hears("LEDGER-05", "put an empty stick in its place, then choose \"Copy a record stick onto a new one\" in the menu",
                "To mend LEDGER-05: 1. Copy a record stick onto a new one", "Creation of a root certification authority (not now)")
            .Choose("Copy a record stick").Hears("From record stick A, which is only read", "To record stick B, which holds no ledger")
            .Choose("Copy it onto record stick B").Hears("Copied and compared: the ledger, and 2 files beside it.", "Not copied: lists/")
            .Choose(Back).Hears("Copy a record stick onto a new one (not now)", Possible)
            .Choose(Off);
        Assert.Equal(0, Play());

        Assert.Equal(File.ReadAllBytes(RecordStick.PathIn(a)), File.ReadAllBytes(RecordStick.PathIn(b)));
        Assert.All(new[] { list, received }, path => Assert.True(File.Exists(Path.Combine(b, path)), path));
        Assert.DoesNotContain("keyceremony ledger", _people.Said, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_the_answer_nothing_is_copied()
    {
        RecordStick.Create(_table.Plug("KC-RECORD-A"), Entries);
        string b = _table.Plug("KC-RECORD-B");
        _people.Choose(GoOn).Type(Conversation.Empty).Choose("Copy a record stick").Choose("Go back; nothing is done")
            .Choose("Copy a record stick").Type(".back").Hears("LEDGER-05").Choose(Off);
        Assert.Equal(0, Play());
        Assert.Empty(Directory.EnumerateFileSystemEntries(b));
    }

    /// <summary>The ledger is written last: a copy that was cut off anywhere is no ledger, is said again, and is made again.</summary>
    [Fact]
    public void A_copy_that_lost_power_is_made_again()
    {
        string a = _table.Plug("KC-RECORD-A"), b = _table.Plug("KC-RECORD-B");
        RecordStick.Create(a, Entries);
        string list = Beside(a, "lists", "a list");
        Directory.CreateDirectory(Path.Combine(b, "lists"));
        File.WriteAllText(Path.Combine(b, list) + ".partial", "a l");
        File.WriteAllBytes(RecordStick.PathIn(b) + ".new", File.ReadAllBytes(RecordStick.PathIn(a))[..100]);

        _people.Choose(GoOn).Type(Conversation.Empty).Hears("LEDGER-05").Choose("Copy a record stick").Choose("Copy it onto")
            .Choose(Back).Choose(Off);
        Assert.Equal(0, Play());
        Assert.Equal("a list", File.ReadAllText(Path.Combine(b, list)));
        Assert.True(RecordLedger.TryLook([a, b], "rehearsal", allowCatchUp: false, out ImmutableArray<Entry> read, out _));
        Assert.Equal(Entries.Length, read.Length);
    }

    [Fact]
    public void A_damaged_stick_is_put_aside_and_replaced_without_leaving_the_program()
    {
        string a = _table.Plug("KC-RECORD-A"), b = _table.Plug("KC-RECORD-B");
        RecordStick.Create(a, Entries);
        RecordStick.Create(b, Entries);
        byte[] bytes = File.ReadAllBytes(RecordStick.PathIn(b));
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(RecordStick.PathIn(b), bytes);
        string replacement = "";

        _people.Choose(GoOn).Type(Conversation.Empty).Hears("LEDGER-10", "To mend LEDGER-10: 1. Take other sticks")
            .Choose("Take other sticks").Then(() =>
            {
                _table.PullOut(b);
                replacement = _table.Plug("KC-RECORD-B");
            })
            .Type(Conversation.Empty).Hears("LEDGER-05").Choose("Copy a record stick").Choose("Copy it onto")
            .Choose(Back).Hears(Possible).Choose(Off);
        Assert.Equal(0, Play());
        Assert.Equal(File.ReadAllBytes(RecordStick.PathIn(a)), File.ReadAllBytes(RecordStick.PathIn(replacement)));
        Assert.Equal(bytes, File.ReadAllBytes(RecordStick.PathIn(b)));
    }

    [Fact]
    public void Two_lost_sticks_are_restored_from_a_bundle_under_the_root_that_is_named()
    {
        string a = _table.Plug("KC-RECORD-A"), b = _table.Plug("KC-RECORD-B");
        Bundle(_table.Plug("KC-EXPORT"));
        const string Restore = "Restore the ledger from a bundle";

        _people.Choose(GoOn).Type(Conversation.Empty)
            .Choose(Restore).Choose("Export stick").Choose("the-bundle").Type("no such words").Type(new string('0', 64))
            .Choose("Verify it and restore the ledger").Hears("LEDGER-17", "does not verify").Then(() => Assert.Empty(Files(a)))
            .Choose(Back)
            .Choose(Restore).Choose("Export stick").Choose("the-bundle").Type(Root)
            .Choose("Verify it and restore the ledger").Hears("stands at entry", "on both sticks")
            .Choose(Back).Hears("Restore the ledger from a bundle (not now)", Possible).Choose(Off);
        Assert.Equal(0, Play());
        Assert.Equal(File.ReadAllBytes(RecordStick.PathIn(a)), File.ReadAllBytes(RecordStick.PathIn(b)));
        Assert.Equal("unmount export", _table.Asked.Last(x => x.Contains("export", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_stick_that_is_far_behind_is_taken_when_people_say_that_it_is_old_and_written_by_the_ceremony()
    {
        string a = _table.Plug("KC-RECORD-A"), b = _table.Plug("KC-RECORD-B");
        RecordStick.Create(a, Entries);
        RecordStick.Create(b, Entries[..^4]);
        byte[] before = File.ReadAllBytes(RecordStick.PathIn(b));

        _people.Choose(GoOn).Type(Conversation.Empty).Hears("LEDGER-13", "4 entries behind", "choose \"Bring a record stick up to date\"")
            .Choose("Bring a record stick up to date").Hears("If nobody knows: stop").Choose("It is known to be old; take it")
            .Hears("The stick that is behind will be brought up to date.", "Bring a record stick up to date (not now)",
                Possible)
            .Choose(Off);
        Assert.Equal(0, Play());
        Assert.Equal(before, File.ReadAllBytes(RecordStick.PathIn(b)));
    }

    [Fact]
    public void What_needs_no_ledger_and_what_needs_one_is_done_and_the_menu_is_there_again()
    {
        string a = _table.Plug("KC-RECORD-A"), export = _table.Plug("KC-EXPORT");
        RecordStick.Create(a, Entries);
        RecordStick.Create(_table.Plug("KC-RECORD-B"), Entries);
        Bundle(export);

        _people.Choose(GoOn).Type(Conversation.Empty)
            .Choose("Verify a bundle").Choose("Export stick").Choose("the-bundle").Type(Root)
            .Hears("VERIFIED, under the root that you named").Choose(Back)
            .Choose("Verify a bundle").Choose("Export stick").Choose("the-bundle").Type(Conversation.Empty).Choose(Back)
            .Choose("Look things up").Hears("rehearsal ledger").Choose("Certificates: ").Choose("root")
            .Hears("Certificates, row").Choose("Back")
            .Type(".back").Type(".back")
            .Choose("Papers to print").Choose("Creation of a root certification authority").Choose("Blank cards")
            .Hears("root-creation-1-cards.pdf on the export stick", "read back and compared").Choose(Back)
            .Choose("Papers to print").Choose("Creation of a root certification authority").Choose("Blank cards")
            .Hears("root-creation-1-cards-2.pdf").Choose(Back)
            .Choose("Papers to print").Choose("Periodic revocation list").Choose("Blank cards").Hears("PRINT-01").Choose(Back)
            .Type("show a file as codes").Hears("Show a file as codes (not now)").Type(".about 38")
            .Hears("Codes are drawn", "Not now").Type(".again")
            .Choose(Off);
        Assert.Equal(0, Play());
        byte[] pdf = File.ReadAllBytes(Path.Combine(export, "root-creation-1-cards.pdf"));
        Assert.Equal("%PDF", Encoding.ASCII.GetString(pdf[..4]));
        Assert.Equal(pdf, File.ReadAllBytes(Path.Combine(export, "root-creation-1-cards-2.pdf")));
        Assert.Equal(Entries.Length, _played.Room.Entries.Length);
        Assert.Contains("eject", string.Join(' ', _table.Asked), StringComparison.Ordinal);
    }

    [Fact]
    public void A_record_stick_that_was_pulled_out_is_said_and_nothing_is_begun_without_it()
    {
        string a = _table.Plug("KC-RECORD-A"), b = _table.Plug("KC-RECORD-B");
        _people.Choose(GoOn).Type(Conversation.Empty).Hears("1. Creation of a root certification authority")
            .Type("what this").Hears("What this computer is")
            .Choose("What this computer is").Then(() => _table.PullOut(b)).Choose(Back)
            .Hears("STICK-05", "Record stick B", "To mend STICK-05: 1. Take other sticks",
                "Creation of a root certification authority (not now)",
                "Restore the ledger from a bundle (not now)")
            .Choose("Take other sticks").Type(".back").Hears("STICK-01", "is not in use").Choose(Off);
        Assert.Equal(0, Play());
        Assert.Empty(Files(a));
        Assert.Empty(Files(b));
    }

    [Fact]
    public void Back_goes_a_page_back_from_every_page_and_the_first_page_has_none_before_it()
    {
        _table.Plug("KC-RECORD-A");
        _table.Plug("KC-RECORD-B");
        _people.Choose(GoOn).Type(Conversation.Empty).Hears("KeyCeremony: the environment").Choose("staging")
            .Hears("KeyCeremony: staging").Type(".back").Hears("KeyCeremony: the environment").Type(".help")
            .Hears("Production is the real thing")
            .Type(".back").Hears("KeyCeremony: the sticks").Type(".help").Hears("If both are lost, plug in two empty ones")
            .Type(".back").Hears("KeyCeremony: what this computer is").Type(".help").Hears("compares the words of the image's hash")
            .Type(".back").Type(".again").Hears("KeyCeremony: what this computer is").Choose(Off);
        Assert.Equal(0, Play(isRehearsal: false));
        Assert.StartsWith("unmount", _table.Asked[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Sticks_of_another_environment_are_refused_with_a_way_on()
    {
        RecordStick.Create(_table.Plug("KC-RECORD-A"), Entries);
        RecordStick.Create(_table.Plug("KC-RECORD-B"), Entries);
        _people.Choose(GoOn).Type(Conversation.Empty).Choose("production").Hears("LEDGER-12", "To mend LEDGER-12: 1. Take other sticks")
            .Type(".back").Choose("Switch off");
        Assert.Equal(0, Play(isRehearsal: false));
    }

    /// <summary>What is refused when a ceremony is opened is shown in the menu too.</summary>
    [Fact]
    public void A_ceremony_that_is_refused_ends_nothing()
    {
        _table.Plug("KC-RECORD-A");
        _table.Plug("KC-RECORD-B");
        _people.Choose(GoOn).Type(Conversation.Empty).Choose("development").Choose("Creation of a root certification authority")
            .Hears("KeyCeremony: the HSM").Choose("a broken one").Hears("RUN-12", "Choose another line on the page of the HSMs.",
                "KeyCeremony: development")
            .Choose("Creation of a root certification authority").Choose("Go back").Hears("KeyCeremony: development").Choose(Off);
        Assert.Equal(0, Play(isRehearsal: false));
        Assert.Contains("The HSM's module is loaded. Now: wait.", _people.Said, StringComparison.Ordinal);
    }

    private sealed class At(DateTimeOffset utc) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => utc;
    }

    private int Play(bool isRehearsal = true)
    {
        using KeyCeremony.App.Devices.Sticks sticks = _table.Sticks();
        int code = new ApplianceRoom(_people.Front, sticks, isRehearsal, TestFiles.PathOf("ceremony-scripts"),
            [new("a broken one", Path.Combine(_folder, "no-module.so")), new("another", Path.Combine(_folder, "none.so"))])
        {
            Clock = new At(Entries[^1].Utc.AddDays(1)),
        }.Run(() => Gate);
        _people.Ends();
        return code;
    }

    private void Bundle(string stick)
    {
        foreach ((string path, ReadOnlyMemory<byte> bytes) in _played.Files)
        {
            string file = Path.Combine(stick, "the-bundle", path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllBytes(file, bytes.ToArray());
        }
    }

    private static string[] Files(string stick) => [.. Directory.EnumerateFiles(stick)];

    /// <summary>A file under the hash in its name; answers its path on the stick.</summary>
    private static string Beside(string stick, string folder, string content, string ending = "", bool wrong = false)
    {
        string name = Path.Combine(folder,
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(wrong ? "another" : content))) + ending);
        Directory.CreateDirectory(Path.Combine(stick, folder));
        File.WriteAllText(Path.Combine(stick, name), content);
        return name;
    }
}
