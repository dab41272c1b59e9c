using KeyCeremony.App.Room;
using KeyCeremony.Pkcs11.Hosting;

namespace KeyCeremony.App.Tests.Room;

/// <summary>What a family says that its module needs: laid, told, taken away; what a person has set counts more.</summary>
public sealed class ModuleGroundTests
{
    private const string Yubico = "/usr/lib/pkcs11/yubihsm_pkcs11.so";

    [Fact]
    public void A_configuration_file_is_written_told_and_taken_away()
    {
        string path;
        using (var ground = ModuleGround.Lay(Yubico, null, _ => null))
        {
            path = ground.Variables["YUBIHSM_PKCS11_CONF"];
            Assert.Equal("connector = yhusb://\n", File.ReadAllText(path));
            Assert.Null(ground.Limits);
            Assert.Equal<string>(
                ["YUBIHSM_PKCS11_CONF: a file with connector = yhusb://", "30 seconds for a call, 300 for a new key, as its family says"],
                ground.Told(CallLimits.OfSeconds(30)));
        }

        Assert.False(Directory.Exists(Path.GetDirectoryName(path)));
    }

    [Fact]
    public void What_a_person_has_set_counts_more()
    {
        using var ground = ModuleGround.Lay(Yubico, 45, name => name == "YUBIHSM_PKCS11_CONF" ? "/etc/own.conf" : null);
        Assert.False(ground.Variables.ContainsKey("YUBIHSM_PKCS11_CONF"));
        Assert.Equal(CallLimits.OfSeconds(45), ground.Limits);
        Assert.Equal<string>(["45 seconds for a call, 450 for a new key, as was asked for"], ground.Told(ground.Limits!));

        using var tpm = ModuleGround.Lay("/usr/lib/libtpm2_pkcs11.so.1", null, name => name == "TSS2_LOG" ? "all+DEBUG" : null);
        Assert.Equal("all+DEBUG", tpm.Variables["TSS2_LOG"]);
        using var quiet = ModuleGround.Lay("/usr/lib/libtpm2_pkcs11.so.1", null, _ => null);
        Assert.Equal<string>(["TSS2_LOG=all+NONE", "60 seconds for a call, 600 for a new key, as its family says"],
            quiet.Told(CallLimits.Usual));
    }

    [Fact]
    public void A_module_of_no_known_name_gets_nothing()
    {
        using var ground = ModuleGround.Lay("/usr/lib/softhsm/libsofthsm2.so", null, _ => null);
        Assert.Empty(ground.Variables);
        using var none = ModuleGround.Lay("", null, _ => null);
        Assert.Empty(none.Variables);
    }
}
