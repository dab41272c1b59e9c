using System.Text.Json;
using System.Text.RegularExpressions;
using KeyCeremony.App.Room;
using KeyCeremony.Pkcs11.Tests;

namespace KeyCeremony.Hsm.Tests;

/// <summary><c>keyceremony hsm probe</c> before any ceremony day: what an HSM is good for, and a plain word for what is none.</summary>
public sealed class HsmProbeTests : IDisposable
{
    private readonly Table _table = Table.Laid();

    public HsmProbeTests()
    {
        // The program's own way would name the folder to this process, too, in which other tests use tokens of theirs.
        string tokens = Directory.CreateDirectory(Path.Combine(_table.Hsm, "tokens")).FullName;
        string configuration = Path.Combine(_table.Hsm, "softhsm2.conf");
        File.WriteAllText(configuration, $"directories.tokendir = {tokens}\nobjectstore.backend = file\nlog.level = ERROR\n");
        _table.Variables["SOFTHSM2_CONF"] = configuration;
    }

    public void Dispose() => _table.Dispose();

    [Fact]
    public void A_blank_HSM_is_tried_and_every_ceremony_but_those_of_ML_DSA_can_be_held_with_it()
    {
        Ran text = Probe(SoftHsmTokens.Module()!).Expect(1);
        Assert.Equal(OfMlDsa, Regex.Matches(text.Out, "^NO +([a-z-]+)$", RegexOptions.Multiline).Select(m => m.Groups[1].Value));
        Assert.Contains("Family   softhsm2: SoftHSM2, a program; completed", text.Out, StringComparison.Ordinal);
        Assert.Contains("Given    60 seconds for a call, 600 for a new key, as its family says", text.Out, StringComparison.Ordinal);
        Assert.Contains("Backup   0x210A, measured as rfc5649", text.Out, StringComparison.Ordinal);
        Assert.Contains("Return   into any maker's HSM that opens RFC 5649, and no other;", text.Out, StringComparison.Ordinal);
        Assert.Contains("of those that the handbook knows: luna, softhsm2\n", text.Out, StringComparison.Ordinal);
        Assert.Contains("WARNING  PROBE-18", text.Out, StringComparison.Ordinal);
        Assert.Contains("PASS     PROBE-19 The token shows 0 objects before the probe and 0 after it.", text.Out, StringComparison.Ordinal);
        Assert.Contains("YES      root-creation", text.Out, StringComparison.Ordinal);
        Assert.Contains("A second, blank one", text.Out, StringComparison.Ordinal);

        // It is blank again, and is probed again; as JSON.
        string[] again = ["--token", "keyceremony-probe", "--json", "--call-seconds", "45"];
        JsonElement report = JsonDocument.Parse(Probe(SoftHsmTokens.Module()!, again).Expect(1).Out).RootElement;
        Assert.Equal("45 seconds for a call, 450 for a new key, as was asked for",
            Assert.Single(report.GetProperty("given").EnumerateArray()).GetString());
        Assert.Equal(19, report.GetProperty("findings").GetArrayLength());
        Assert.Equal(["luna", "softhsm2"], report.GetProperty("returns").EnumerateArray().Select(f => f.GetString()));
        Assert.Equal("extractable-false", report.GetProperty("lock").GetString());
        Assert.Equal(64, report.GetProperty("familySha256").GetString()!.Length);
        Assert.Contains(report.GetProperty("ceremonies").EnumerateArray(), c => c.GetProperty("script").GetString() == "disaster-recovery");
        Assert.Equal(OfMlDsa, Impossible(report));
    }

    [Theory]
    [InlineData("C_WrapKey=garbage", "PROBE-08")]
    [InlineData("C_SetAttributeValue=ignore", "PROBE-10")]
    [InlineData("C_GetTokenInfo=zeros", "It reports no serial number")]
    public void One_that_is_unfit_is_told_so_for_each_ceremony(string rules, string why)
    {
        Lie(rules);
        Ran ran = Probe(StubModule.Build(AppContext.BaseDirectory)).Expect(1);
        Assert.Matches($"NO +root-creation\n(.*\n)*?.*{why}", ran.Out);
    }

    [Fact]
    public void One_with_another_PIN_of_its_officer_is_asked_once()
    {
        Lie("C_InitToken=CKR_PIN_INCORRECT");
        _table.Variables["STUB_LOG"] = _table.Part("calls");
        Ran ran = Probe(StubModule.Build(AppContext.BaseDirectory)).Expect(1);
        Assert.Contains("HSM-42", ran.Err, StringComparison.Ordinal);
        Assert.Single(File.ReadLines(_table.Part("calls")), l => l.StartsWith("C_InitToken ", StringComparison.Ordinal));
    }

    [Fact]
    public void One_that_fails_in_the_middle_is_told_by_its_call()
    {
        Lie("C_GenerateKeyPair:3+=CKR_DEVICE_REMOVED");
        Ran ran = Probe(StubModule.Build(AppContext.BaseDirectory)).Expect(1);
        Assert.Contains("HSM-43  The HSM did not let itself be tried to the end: C_GenerateKeyPair returned CKR_DEVICE_REMOVED",
            ran.Err, StringComparison.Ordinal);
    }

    [Fact]
    public void One_in_use_is_not_touched()
    {
        _table.Run(Script.SmallRoot).Expect(0);
        string label = _table.World().Primary!.Commissioned.Label;
        Ran ran = Probe(SoftHsmTokens.Module()!, "--token", label).Expect(1);
        Assert.Contains("HSM-44", ran.Err, StringComparison.Ordinal);
        Token.HoldsWhatTheLedgerKnows(_table);
    }

    [Fact]
    public void Two_with_one_serial_number_are_refused()
    {
        _ = Probe(SoftHsmTokens.Module()!).Expect(1);
        Lie("C_GetTokenInfo=zeros");
        Ran ran = Probe(StubModule.Build(AppContext.BaseDirectory)).Expect(1);
        Assert.Contains("NEED-03  2 HSMs report the serial number 0000000000000000.", ran.Err, StringComparison.Ordinal);
    }

    /// <summary>As Debian ships them.</summary>
    [Theory]
    [InlineData("HSM-41", "wraps keys that are locked", "libsoftokn3.so")]
    [InlineData("HSM-41", "fixed list of mechanisms", "pkcs11/p11-kit-client.so")]
    [InlineData("HSM-03", "the module sees none", "opensc-pkcs11.so")]
    [InlineData("RUN-12", "not a PKCS#11 module", "libc.so.6")]
    public void What_is_no_HSM_is_refused_with_a_way_out(string rule, string why, string file)
    {
        Ran ran = Probe(Debian(file)).Expect(1);
        Assert.Contains(rule, ran.Err, StringComparison.Ordinal);
        Assert.Contains(why, ran.Err, StringComparison.Ordinal);
        Assert.Empty(ran.Out);
    }

    /// <summary>Its daemon does not run in a namespace of this one's own.</summary>
    [Fact]
    public void A_module_whose_service_does_not_run_is_told_at_the_desk_and_before_the_roll_call()
    {
        _table.Within = ["unshare", "--mount", "--ipc", "--"];
        Ran desk = Probe(OpenCryptoki.Module).Expect(1);
        Assert.Contains("NEED-01  The module does not answer: C_Initialize returned CKR_FUNCTION_FAILED.", desk.Err,
            StringComparison.Ordinal);
        Assert.Contains("that the service runs", desk.Err, StringComparison.Ordinal);
        // Nobody sits in a ceremony.
        Assert.DoesNotContain("resume", desk.Err, StringComparison.Ordinal);

        _table.Module = OpenCryptoki.Module;
        Ran room = _table.Run(Script.SmallRoot).Expect(1);
        Assert.Contains("NEED-01  The module does not answer: C_Initialize says CKR_FUNCTION_FAILED.", room.Err, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(_table.StickA));
    }

    [Theory]
    [InlineData("", "No file is named.")]
    [InlineData("/bin/ls", "is no library, but a program.")]
    [InlineData("/bin", "is a folder.")]
    public void What_is_no_file_of_a_module_is_told_at_the_desk_and_in_the_room(string module, string why)
    {
        Assert.Contains(why, Probe(module).Expect(1).Err, StringComparison.Ordinal);
        _table.Module = module;
        Ran room = _table.Run(Script.SmallRoot).Expect(1);
        Assert.Contains("RUN-12", room.Err, StringComparison.Ordinal);
        Assert.Contains(why, room.Err, StringComparison.Ordinal);
    }

    /// <summary>What is no HSM at the desk is none in the room: before the roll call, and with nothing on the sticks.</summary>
    [Theory]
    [InlineData("NEED-16", "wraps keys that are locked", "libsoftokn3.so")]
    [InlineData("NEED-16", "fixed list of mechanisms", "pkcs11/p11-kit-client.so")]
    [InlineData("NEED-02", "None is connected", "opensc-pkcs11.so")]
    [InlineData("RUN-12", "not a PKCS#11 module", "libc.so.6")]
    public void What_is_no_HSM_is_refused_before_the_roll_call(string rule, string why, string file)
    {
        _table.Module = Debian(file);
        Ran room = _table.Run(Script.SmallRoot).Expect(1);
        Assert.Contains($"{rule}  ", room.Err, StringComparison.Ordinal);
        Assert.Contains(why, room.Err, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_table.StickA) && Directory.EnumerateFiles(_table.StickA).Any());
    }

    [Fact]
    public void Two_with_one_serial_number_are_refused_before_the_roll_call()
    {
        _ = Probe(SoftHsmTokens.Module()!).Expect(1);
        Lie("C_GetTokenInfo=zeros");
        _table.Module = StubModule.Build(AppContext.BaseDirectory);
        Ran room = _table.Run(Script.SmallRoot).Expect(1);
        Assert.Contains("NEED-03  ", room.Err, StringComparison.Ordinal);
        Assert.Contains("0000000000000000", room.Err, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(_table.StickA));
    }

    /// <summary>
    /// A TPM that swtpm plays, behind the real module: refused by what the module says of itself where its file is called otherwise. It
    /// holds what it held, and its PIN still opens it.
    /// </summary>
    [Fact]
    public void A_TPM_is_not_touched_whatever_its_module_is_called()
    {
        using var tpm = new PlayedTpm(_table);
        string before = tpm.Tool("--list-slots");
        foreach (string module in new[] { PlayedTpm.Module, tpm.OtherName })
        {
            Ran desk = Probe(module).Expect(1);
            Assert.Contains("HSM-41  This is a TPM behind tpm2-pkcs11.", desk.Err, StringComparison.Ordinal);
            Assert.Contains("Connect an HSM, and name the module of its maker.", desk.Err, StringComparison.Ordinal);

            _table.Module = module;
            Ran room = _table.Run(Script.SmallRoot).Expect(1);
            Assert.Contains("NEED-16  This is a TPM behind tpm2-pkcs11.", room.Err, StringComparison.Ordinal);
            Assert.Empty(Directory.EnumerateFiles(_table.StickA));
        }

        Assert.Equal(before, tpm.Tool("--list-slots"));
        Assert.Contains("ours", tpm.Tool("--login", "--pin", PlayedTpm.Pin, "--token-label", "ours", "--list-objects"),
            StringComparison.Ordinal);
    }

    /// <summary>A SmartCard-HSM, or what says that it is one: its backup by DKEK shares is not built, and it is told so.</summary>
    [Fact]
    public void A_smart_card_is_not_touched_at_the_desk_and_before_the_roll_call()
    {
        Lie("C_GetTokenInfo=card-contact");
        _table.Variables["STUB_LOG"] = _table.Part("calls");
        string module = StubModule.Build(AppContext.BaseDirectory);
        const string Why = "It wraps in no way that this program can open: there would be no backup.";

        Ran desk = Probe(module).Expect(1);
        Assert.Contains("Family   smartcard-hsm: SmartCard-HSM and Nitrokey HSM 2; documents", desk.Out, StringComparison.Ordinal);
        Assert.Contains("It was not touched.", desk.Out, StringComparison.Ordinal);
        Assert.Matches($"NO +root-creation\n(.*\n)*? +{Why}", desk.Out);
        // A check of cards needs no HSM.
        Assert.Equal(["card-check"],
            desk.Out.Split('\n').Where(l => l.StartsWith("YES", StringComparison.Ordinal)).Select(l => l[3..].Trim()));

        _table.Module = module;
        Ran room = _table.Run(Script.SmallRoot).Expect(1);
        Assert.Contains("NEED-16  This is SmartCard-HSM and Nitrokey HSM 2.", room.Err, StringComparison.Ordinal);
        Assert.Contains(Why, room.Err, StringComparison.Ordinal);
        Assert.DoesNotContain(File.ReadLines(_table.Part("calls")), l => l.StartsWith("C_InitToken ", StringComparison.Ordinal)
            || l.StartsWith("C_OpenSession ", StringComparison.Ordinal) || l.StartsWith("C_Login ", StringComparison.Ordinal));
    }

    /// <summary>By its name, which is all that the stub has of it.</summary>
    [Fact]
    public void A_TPM_is_refused_before_its_module_is_started_at_the_desk_and_before_the_roll_call()
    {
        string tpm = _table.Part("libtpm2_pkcs11.so.1");
        File.Copy(StubModule.Build(AppContext.BaseDirectory), tpm);
        _table.Variables["STUB_LOG"] = _table.Part("calls");

        Ran desk = Probe(tpm).Expect(1);
        Assert.Contains("HSM-41  This is a TPM behind tpm2-pkcs11.", desk.Err, StringComparison.Ordinal);

        _table.Module = tpm;
        Ran room = _table.Run(Script.SmallRoot).Expect(1);
        Assert.Contains("NEED-16  This is a TPM behind tpm2-pkcs11.", room.Err, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(_table.StickA));
        Assert.False(File.Exists(_table.Part("calls")));
    }

    [Fact]
    public void Without_scripts_nothing_is_tried() => Assert.Contains("HSM-45",
        _table.Program("hsm", "probe", "--module", SoftHsmTokens.Module()!, "--scripts", _table.Part("nowhere")).Expect(1).Err,
        StringComparison.Ordinal);

    private static string Debian(string file) => new[] { "x86_64-linux-gnu", "aarch64-linux-gnu" }
        .SelectMany(a => new[] { $"/usr/lib/{a}/{file}", $"/usr/lib/{a}/nss/{file}", $"/lib/{a}/{file}" }).FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException($"{file} is not installed: see TEST_PACKAGES in Makefile");

    /// <summary>The shipped ceremonies that make ML-DSA keys, which few HSMs do.</summary>
    internal static readonly string[] OfMlDsa = ["disaster-recovery-dual", "hsm-migration-dual", "root-addition", "root-creation-dual"];

    internal static IEnumerable<string> Impossible(JsonElement report) => report.GetProperty("ceremonies").EnumerateArray()
        .Where(c => !c.GetProperty("possible").GetBoolean()).Select(c => c.GetProperty("script").GetString()!);

    private Ran Probe(string module, params string[] more) =>
        _table.Program(["hsm", "probe", "--module", module, "--scripts", Repository.Scripts, .. Known(), .. more]);

    /// <summary>The module's process sees no other.</summary>
    private string[] Known() => [.. _table.Variables.Keys.Where(name => name.StartsWith("STUB_", StringComparison.Ordinal))
        .SelectMany(name => new[] { "--module-variable", name })];

    private void Lie(string rules)
    {
        _table.Variables["STUB_FORWARD"] = SoftHsmTokens.Module()!;
        _table.Variables["STUB_RULES"] = rules;
    }
}
