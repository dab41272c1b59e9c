using System.Collections.Immutable;
using System.Text;
using KeyCeremony.App.Room;
using KeyCeremony.App.Terminal;
using KeyCeremony.App.Tests.Appliance;
using KeyCeremony.App.Tests.Terminal;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;
using KeyCeremony.Pkcs11;

namespace KeyCeremony.App.Tests.Room;

/// <summary>What is missing or unfit is found before the roll call, by its own rule, with something that can be done.</summary>
public sealed class NeedsTests : IDisposable
{
    private static readonly CeremonyScript Root = Script("root-creation.md");
    private static readonly CeremonyScript Signing = Script("intermediate-signing.md");
    private static readonly ImmutableHashSet<ulong> All = [0x1040, 0x1041, 0x0, 0x1, 0x210A, 0x210B];
    private readonly string _folder = Directory.CreateTempSubdirectory("keyceremony-needs-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Two_blank_devices_with_numbers_of_their_own_are_enough() =>
        Assert.DoesNotContain(Look(Root, [Blank("A1"), Blank("B2")]), f => f.Result != FindingResults.Pass);

    [Theory]
    [InlineData("A1", "A1")]
    [InlineData("", "B2")]
    [InlineData("0000000000000000", "B2")]
    [InlineData("0000000000000000", "0000000000000000")]
    public void HSMs_that_cannot_be_told_apart_are_refused(string one, string other) =>
        Refuses(NeedRules.Distinct, Look(Root, [Blank(one), Blank(other)]));

    [Fact]
    public void One_that_is_the_ledgers_and_a_drill_HSM_with_its_number_are_refused()
    {
        World world = Knowing("A1", "root-r1");
        CeremonyScript drill = Root with
        {
            Steps = [.. Root.Steps.Where(s => s is not InspectHsmStep { Token: "primary" }),
            Signing.Steps.OfType<UnlockHsmStep>().First()]
        };
        Refuses(NeedRules.Distinct, Look(drill, [Used("A1", "root-r1"), Blank("A1")], world));
        Assert.Null(Refused(Look(drill, [Used("A1", "root-r1"), Blank("B2")], world)));
    }

    /// <summary>As destroyed or as lost: it is back, and its number is known to the ledger.</summary>
    [Theory]
    [InlineData("destroyed")]
    [InlineData("lost")]
    public void A_blank_HSM_that_this_ledger_has_retired_is_refused_before_anything_is_begun(string how)
    {
        World world = World.Empty with
        {
            Environment = Environments.Rehearsal,
            Retired = [new TokenRetired("A1", how, "Shredded in front of the camera.")],
        };
        ImmutableArray<Finding> found = Look(Root, [Blank("A1"), Blank("B2")], world);
        Refuses(NeedRules.Retired, found);
        Assert.Contains($"A1 was retired in this ledger, as {how}: \"Shredded in front of the camera.\"",
            Assert.Single(found, f => f.Id == NeedRules.Retired.Id).Text, StringComparison.Ordinal);
        Assert.Null(Refused(Look(Root, [Blank("C3"), Blank("B2")], world)));
    }

    /// <summary>A YubiHSM 2 never says that it is blank: that one is missing would be no help.</summary>
    [Fact]
    public void One_of_a_family_that_cannot_be_led_is_refused_with_its_reasons_and_first()
    {
        TokenInfo yubihsm = Used("A1", "YubiHSM") with { Manufacturer = "Yubico (www.yubico.com)", Model = "YubiHSM" };
        ImmutableArray<Finding> found = Look(Root, [yubihsm, yubihsm with { Serial = "B2" }]);
        Refuses(NeedRules.Family, found);
        Assert.Contains("other calls than PKCS#11 has", Assert.Single(found, f => f.Id == NeedRules.Family.Id).Text,
            StringComparison.Ordinal);
        Assert.Null(Refused(Look(Root, [yubihsm, Blank("C3"), Blank("D4")])));
    }

    [Theory]
    [InlineData("libtpm2_pkcs11.so.1")]
    [InlineData("p11-kit-client.so")]
    [InlineData("libsoftokn3.so")]
    public void A_module_that_is_known_to_be_unfit_is_refused_before_it_is_started(string file)
    {
        string path = Path.Combine(_folder, file);
        File.WriteAllText(path, "no library: it would not even load");
        var settings = new HsmSettings(path, null, null, Unasked());
        Refuses(NeedRules.Family, Look(Root, new NeedPlaces(settings, [], null, null, null, null, false)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Too_few_are_refused(int count) => Refuses(NeedRules.Blank, Look(Root, [.. new[] { Blank("A1") }.Take(count)]));

    [Fact]
    public void One_that_is_in_use_is_not_blank() => Refuses(NeedRules.Blank, Look(Root, [Blank("A1"), Used("B2", "somebody's")]));

    [Fact]
    public void A_number_that_was_asked_for_must_be_there()
    {
        ImmutableArray<Finding> found = Look(Root, [Blank("A1"), Blank("B2")], primary: "C3");
        Refuses(NeedRules.Blank, found);
        Assert.StartsWith("2 blank HSMs are needed. Named were C3: not there, or not blank. Connected: A1, blank",
            Assert.Single(found, f => f.Id == NeedRules.Blank.Id).Text, StringComparison.Ordinal);
        Assert.StartsWith("2 blank HSMs are needed. One is there. Connected: A1, blank",
            Assert.Single(Look(Root, [Blank("A1")]), f => f.Id == NeedRules.Blank.Id).Text, StringComparison.Ordinal);
    }

    /// <summary>What the bundle will be called is known: a stick that has such a folder would refuse it at the close.</summary>
    [Theory]
    [InlineData("")]
    [InlineData(".partial")]
    public void An_export_stick_that_holds_a_bundle_of_that_name_is_refused(string ending)
    {
        string export = Stick("export");
        World world = World.Empty with { Environment = Environments.Rehearsal, LedgerId = new string('a', 32) };
        var places = new NeedPlaces(null, [], export, null, null, null, false);
        Directory.CreateDirectory(Path.Combine(export, $"aaaaaaaa-0002-{Root.Name}"));
        Assert.Null(Refused(Look(Root, places, world)));
        Directory.CreateDirectory(Path.Combine(export, $"aaaaaaaa-0001-{Root.Name}{ending}"));
        Refuses(NeedRules.Export, Look(Root, places, world));
        // A ceremony that goes on may have written it itself.
        var opened = new CeremonyFact($"0001-{Root.Name}",
            new CeremonyOpened(Root.Name, 1, "", "", "test", JournalFormats.Current), DateTimeOffset.UnixEpoch, "");
        Assert.Null(Refused(Look(Root, places, world with { Ceremonies = [opened] })));
    }

    /// <summary>SoftHSM has one free HSM always, and gives it its number when it is initialised.</summary>
    [Fact]
    public void A_program_that_makes_HSMs_is_enough_but_not_in_production()
    {
        TokenInfo[] free = [Program(Blank(""))];
        Assert.Null(Refused(Look(Root, free)));
        Refuses(NeedRules.Device, Look(Root, free, World.Empty with { Environment = Environments.Production }));
        Assert.Null(Refused(Look(Root, [free[0] with { SoPinLocked = true }])));
        Refuses(NeedRules.Distinct, Look(Root, [Program(Blank("0000000000000000"))]));
    }

    [Fact]
    public void The_ledgers_HSM_must_be_there_and_open()
    {
        World world = Knowing("A1", "root-r1");
        TokenInfo own = Used("A1", "root-r1");
        Assert.Null(Refused(Look(Signing, [own], world)));
        Refuses(NeedRules.Known, Look(Signing, [Used("B2", "root-r1")], world));
        Refuses(NeedRules.Distinct, Look(Signing, [own, own], world));
        Refuses(NeedRules.Usable, Look(Signing, [own with { UserPinLocked = true }], world));
        Refuses(NeedRules.Usable, Look(Signing, [own with { WriteProtected = true }], world));
        Assert.Contains(Look(Signing, [own with { UserPinFinalTry = true }], world),
            f => f is { Id: "NEED-05", Result: FindingResults.Warning } && f.Text.Contains("one more wrong PIN", StringComparison.Ordinal));
    }

    [Fact]
    public void A_blank_one_that_cannot_be_initialised_is_refused()
    {
        TokenInfo tried = Used("A1", TokenProbe.Label);
        Assert.Null(Refused(Look(Root, [tried, Blank("B2")])));
        Refuses(NeedRules.Usable, Look(Root, [tried with { SoPinLocked = true }, Blank("B2")]));
        Refuses(NeedRules.Usable, Look(Root, [Blank("A1"), Blank("B2") with { WriteProtected = true }]));
    }

    [Theory]
    [InlineData(0x1040UL, "ec-p384")]
    [InlineData(0x1041UL, "ec-p384")]
    public void One_without_the_mechanisms_is_refused(ulong missing, string said)
    {
        ImmutableArray<Finding> found = Look(Root, [Blank("A1"), Blank("B2")], listed: _ => All.Remove(missing));
        Refuses(NeedRules.Mechanisms, found);
        Assert.Contains(said, Refused(found)!.Message, StringComparison.Ordinal);
    }

    /// <summary>CKM_RSA_PKCS_PSS.</summary>
    [Fact]
    public void An_RSA_release_key_is_made_where_RSASSA_PSS_is_and_no_other_key_asks_for_it()
    {
        const ulong pss = 0x000D;
        CeremonyScript Release(string algorithm) => Script("release-key.md", "algorithm: ec-p256", $"algorithm: {algorithm}");
        TokenInfo[] tokens = [Used("A1", "root-r1"), Blank("B2")];
        World world = Knowing("A1", "root-r1");
        ImmutableArray<Finding> without = Look(Release("rsa-3072"), tokens, world, listed: _ => All.Remove(pss));
        Refuses(NeedRules.Mechanisms, without);
        Assert.Contains("lists no mechanism for RSASSA-PSS", Refused(without)!.Message, StringComparison.Ordinal);
        Assert.Null(Refused(Look(Release("rsa-3072"), tokens, world, listed: _ => All.Add(pss))));
        Assert.Null(Refused(Look(Release("ec-p256"), tokens, world, listed: _ => All.Remove(pss))));
    }

    [Fact]
    public void One_that_wraps_nothing_is_refused_and_one_that_lists_nothing_is_inspected_later()
    {
        Refuses(NeedRules.Mechanisms, Look(Root, [Blank("A1"), Blank("B2")], listed: _ => All.Remove(0x210A).Remove(0x210B)));
        ImmutableArray<Finding> silent = Look(Root, [Blank("A1"), Blank("B2")], listed: _ => null);
        Assert.Null(Refused(silent));
        Assert.Contains(silent, f => f is { Id: "NEED-06", Result: FindingResults.Warning });
    }

    /// <summary>Between the menu and the page, and whenever people look again, the program says what it does.</summary>
    [Fact]
    public void People_are_told_that_things_are_looked_at()
    {
        var look = new NeedsLook(ScriptNeeds.Of(Root), World.Empty,
            new NeedPlaces(null, [Stick("a"), Stick("b")], Stick("export"), null, null, "", false), DateTimeOffset.UnixEpoch);
        Conversation people = new Conversation().Choose("Look again").Choose("Leave; nothing is begun");
        Assert.Equal(Needs.Left, Needs.Ask(Root, look, people.Front, out ImmutableArray<Finding> found));
        people.Ends();
        Assert.NotEmpty(found);
        Assert.Equal(2, people.Said.Split("What it will need is looked at. Now: wait.").Length - 1);
    }

    [Fact]
    public void Sticks_are_written_to_and_leave_nothing_behind()
    {
        string a = Stick("a"), b = Stick("b"), export = Stick("export");
        Assert.Null(Refused(Look(Root, new NeedPlaces(null, [a, b], export, null, null, "", false))));
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(_folder, "*", SearchOption.AllDirectories), File.Exists);
    }

    [Fact]
    public void A_stick_that_cannot_be_written_to_is_refused()
    {
        const string ReadOnly = "/proc/self/fdinfo";
        Refuses(NeedRules.Export, Look(Root, new NeedPlaces(null, [Stick("a"), Stick("b")], ReadOnly, null, null, "", false)));
        Refuses(NeedRules.Records, Look(Root, new NeedPlaces(null, [Stick("a"), ReadOnly], Stick("export"), null, null, "", false)));
    }

    [Fact]
    public void Two_sticks_are_two()
    {
        string a = Stick("a"), b = Stick("b");
        Refuses(NeedRules.TwoSticks, Look(Root, new NeedPlaces(null, [a, a], Stick("export"), null, null, "", false)));
        Refuses(NeedRules.TwoSticks, Look(Root, new NeedPlaces(null, [a, b], a, null, null, "", false)));
        Refuses(NeedRules.TwoSticks, Look(Signing, new NeedPlaces(null, [a, b], Stick("export"), b, null, "", false)));
    }

    [Fact]
    public void What_is_to_be_read_is_there()
    {
        string a = Stick("a"), b = Stick("b"), export = Stick("export"), import = Stick("import");
        NeedPlaces none = new(null, [a, b], export, null, null, "", false);
        Refuses(NeedRules.Import, Look(Signing, none));
        Assert.Null(Refused(Look(Signing, none with { PlaysCamera = true })));
        ImmutableArray<Finding> empty = Look(Signing, none with { In = import });
        Assert.Contains(empty, f => f is { Id: "NEED-10", Result: FindingResults.Warning, Text: "The import stick is empty." });
        File.WriteAllText(Path.Combine(import, "ca.csr"), "");
        Assert.Contains(Look(Signing, none with { In = import }), f => f is { Id: "NEED-10", Result: FindingResults.Pass });
    }

    /// <summary>A folder of a release.</summary>
    [Fact]
    public void What_no_camera_can_read_comes_by_stick()
    {
        CeremonyScript release = Script("release-signing.md");
        NeedPlaces none = new(null, [Stick("a"), Stick("b")], Stick("export"), null, null, "", PlaysCamera: true);
        ImmutableArray<Finding> found = Look(release, none);
        Assert.Contains(found, f => f is
        {
            Id: "NEED-10", Result: FindingResults.Fail,
            Text: "No import stick was named (--in)."
        });
        const string remedy = "Plug in the import stick with the folder to be read: no camera reads one. Then look again.";
        Assert.Equal($"{remedy} Nothing was begun.", NeedRules.Refuse(release, found)!.Remedy);
        Assert.Contains($"        {remedy}", Needs.Text(release, found));
        Assert.Contains("or connect a camera", NeedRules.Refuse(Signing, Look(Signing, none with { PlaysCamera = false }))!.Remedy,
            StringComparison.Ordinal);
        // Where something else is read as well, the folder still comes by stick.
        CeremonyScript both = release with { Steps = [.. Signing.Steps.OfType<ImportRequestStep>(), .. release.Steps] };
        Assert.Contains(Look(both, none), f => f is { Id: "NEED-10", Result: FindingResults.Fail });
        Assert.Contains("The import stick with what is to be read.", ScriptNeeds.Of(release).InWords);
        Assert.Contains("The import stick with what is to be read, or a camera.", ScriptNeeds.Of(Signing).InWords);
    }

    [Fact]
    public void The_page_says_what_is_missing_first_and_what_to_do()
    {
        ImmutableArray<Finding> found = Look(Root, [Blank("A1"), Blank("A1")]);
        string screen = Needs.Page(new Display(80, 25, GlyphSet.Unicode, true, true, true), Root, found, ["Look again"]).View().Text;

        Assert.Contains("KeyCeremony: what \"Creation of a root certification authority\" will need", screen, StringComparison.Ordinal);
        Assert.StartsWith("FAIL    NEED-03 2 blank HSMs report the same serial number, A1.", Needs.Text(Root, found).First(),
            StringComparison.Ordinal);
        Assert.Equal($"        {NeedRules.Distinct.Remedy}", Needs.Text(Root, found).ElementAt(1));
        Assert.Contains("▶ 1  Look again", screen, StringComparison.Ordinal);
    }

    /// <summary>The appliance has no shell: a remedy is something for hands, or something that a menu has.</summary>
    [Fact]
    public void No_remedy_asks_for_a_command() =>
        Assert.DoesNotContain(NeedRules.All, r => r.Remedy.Contains("keyceremony ", StringComparison.Ordinal)
            || r.Remedy.Contains("--", StringComparison.Ordinal) || r.Remedy.Contains('`', StringComparison.Ordinal));

    private static void Refuses(HouseRule rule, ImmutableArray<Finding> found)
    {
        Refusal? refusal = Refused(found);
        Assert.True(refusal?.Rule == rule.Id, string.Join('\n', found));
        Assert.Contains("Nothing was begun.", refusal!.Remedy, StringComparison.Ordinal);
    }

    private static Refusal? Refused(ImmutableArray<Finding> found) => NeedRules.Refuse(Root, found);

    private static OneModule Unasked() => new(() => throw new InvalidOperationException("no module is asked"));

    private static ImmutableArray<Finding> Look(CeremonyScript script, TokenInfo[] tokens, World? world = null, string? primary = null,
        Func<TokenInfo, ImmutableHashSet<ulong>?>? listed = null) =>
        new TokenNeeds(ScriptNeeds.Of(script), world ?? World.Empty with { Environment = Environments.Rehearsal },
            new HsmSettings("", primary, null, Unasked()),
            listed ?? (_ => All), t => TokenFamilies.Of("libmaker.so", new ModuleInfo("", "", "", ""), t)).Look(tokens);

    private static ImmutableArray<Finding> Look(CeremonyScript script, NeedPlaces places, World? world = null) =>
        new NeedsLook(ScriptNeeds.Of(script), world ?? World.Empty, places, DateTimeOffset.UnixEpoch).Look();

    private string Stick(string name) => Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;

    private static World Knowing(string serial, string label) => World.Empty with
    {
        Environment = Environments.Rehearsal,
        Primary = new TokenFact(new TokenCommissioned(label, serial, "Maker", "Model", "activation", 16, 80), null,
            "0001-root-creation", 1),
    };

    private static TokenInfo Blank(string serial) => new(0, "", serial, "Maker", "Model", "1.0", Initialised: false, UserPinSet: false,
        LoginRequired: true, WriteProtected: false, PinPad: false, UserPinCountLow: false, UserPinFinalTry: false, UserPinLocked: false,
        SoPinCountLow: false, SoPinFinalTry: false, SoPinLocked: false, PinMinLength: 4, PinMaxLength: 64);

    private static TokenInfo Used(string serial, string label) =>
        Blank(serial) with { Label = label, Initialised = true, UserPinSet = true };

    private static TokenInfo Program(TokenInfo token) => token with { Manufacturer = "SoftHSM project", Model = "SoftHSM v2" };

    private static CeremonyScript Script(string name, string find = "\n", string instead = "\n")
    {
        Assert.True(ScriptReader.TryLoad(name, file => Encoding.UTF8.GetBytes(File.ReadAllText(TestFiles.PathOf("ceremony-scripts", file))
            .Replace(find, instead, StringComparison.Ordinal)), out CeremonyScript? script, out _, out _));
        return script!;
    }
}
