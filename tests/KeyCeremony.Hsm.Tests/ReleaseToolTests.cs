using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace KeyCeremony.Hsm.Tests;

/// <summary>
/// RAUC, SWUpdate, espsecure and the tools of UEFI over what the room signed for them: each artefact made by its maker's tool, signed in an
/// HSM, attached and verified by the recipes of docs/formats/releases as they stand there, and refused with one byte flipped. What imgtool
/// and MCUboot do with a signature is written from their documentation.
/// </summary>
public sealed partial class ReleaseToolTests
{
    private const string Version = "1.15.0+7", Device = "LOCK-1";
    private const string Program = "/usr/lib/systemd/boot/efi/systemd-bootx64.efi";

    // What systemd-boot says when it was started, and of what firmware did not take.
    private const string Started = "Boot in ", NotWritten = "secure boot variable: ";

    private static readonly string[] Variables = ["db", "KEK", "PK"];

    private static readonly string EspTool = Path.Combine(Repository.Root, "artifacts", "tools", "esptool");

    /// <summary>No compression makes one block of it.</summary>
    private static byte[] RootFs { get; } =
        [.. Enumerable.Range(0, 2000).SelectMany(i => SHA256.HashData(BitConverter.GetBytes(i)))];

    [Fact]
    public void What_the_makers_tools_made_is_signed_attached_and_verified_by_them_and_a_flipped_byte_is_refused()
    {
        using var releaser = new Releaser();
        using var table = Table.After(Script.SmallRoot);
        table.Follow("periodic");
        releaser.BringBuilders(table);
        table.Run(Script.Small("release-key")).Expect(0);

        Workshop verity = Bundled(table, "verity"), plain = Bundled(table, "plain"), swupdate = Described(table), efi = new(table, "efi"),
            esp = Linked(table);
        verity.Runs("rauc-verity", 0);
        plain.Runs("rauc-plain", 0);
        File.Copy(Program, efi["program.efi"]);
        efi.Write("firmware.bin", "of any kind");
        releaser.BringRelease(table, "application-1.15.0", 18,
            ("manifest.raucm", "rauc-verity", verity.Read("manifest.raucm"), Device),
            ("payload.squashfs", "rauc-plain", plain.Read("payload.squashfs"), null),
            ("sw-description", "swupdate", swupdate.Read("sw-description"), "C2, C3"),
            ("program.efi", "efi", efi.Read("program.efi"), "x64"),
            ("firmware.bin", "cms", efi.Read("firmware.bin"), null),
            ("application.bin", "esp-secure-boot-v2", esp.Read("application.bin"), "esp32c3"),
            ("boot.bin", "mcuboot", Releaser.Mcuboot, null),
            ("pairing.conf", "raw", Releaser.Configuration, null));
        table.Run(Script.Small("release-signing")).Expect(0);
        table.Verifies();

        foreach ((int number, Workshop shop) in new[] { (1, verity), (2, plain), (3, swupdate), (4, efi) })
            shop.Take(table, number);
        Rauc(verity, plain);
        SwUpdate(swupdate);
        Efi(efi);
        Cms(table, efi);
        Esp(table, esp, number: 6);
        Mcuboot(table, number: 7);
        Raw(table, new Workshop(table, "raw"), 8, Releaser.Configuration, recipe: 0);
    }

    /// <summary>What an RSA key signs, openssl verifies. That the makers' tools take it: Core.Tests/Release/made.</summary>
    [Fact]
    public void What_an_RSA_key_signed_openssl_verifies_as_PSS_and_a_flipped_byte_is_refused()
    {
        using var releaser = new Releaser();
        using var table = Table.After(Script.SmallRoot);
        table.Follow("periodic");
        releaser.BringBuilders(table);
        (string, string)[] rsa = [.. Script.Small("release-key").Changes, ("algorithm: ec-p256", "algorithm: rsa-3072")];
        table.Run(new Script("release-key", rsa)).Expect(0);
        byte[] esp = File.ReadAllBytes(Path.Combine(Repository.Root, "tests", "KeyCeremony.Core.Tests", "Release", "made",
            "esp-rsa.signed.bin"))[..^4096];
        releaser.BringRelease(table, "application-1.15.0", 18, ("application.bin", "mcuboot", Releaser.Mcuboot, null),
            ("pairing.conf", "raw", Releaser.Configuration, null), ("radio.bin", "esp-secure-boot-v2", esp, "esp32c3"));
        table.Run(Script.Small("release-signing")).Expect(0);
        table.Verifies();
        Token.HoldsWhatTheLedgerKnows(table);

        Workshop shop = new(table, "rsa");
        Raw(table, shop, 2, Releaser.Configuration, recipe: 1);
        Raw(table, shop, 3, esp, recipe: 1);
        // Not the signature that openssl takes for an RSA key's unless it is told.
        Assert.NotEqual(0, shop.Bash(Recipes("raw")[0]).Code);

        shop.TakeSignature(table, 1);
        using var record = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(table.Bundles[^1], "releases", "application.record.json")));
        string digest = record.RootElement.GetProperty("images")[0].GetProperty("digest").GetString()!;
        Assert.Equal(0, shop.Bash($"DIGEST={digest}\n{Recipes("mcuboot")[0]}").Code);
        Assert.NotEqual(0, shop.Bash($"DIGEST={digest[2..]}00\n{Recipes("mcuboot")[0]}").Code);
    }

    /// <summary>
    /// The three variables of a computer's owner, made by efitools, and a program: signed by an RSA key, attached, and taken by EDK II.
    /// </summary>
    [Fact]
    public void What_an_RSA_key_signed_for_firmware_is_attached_and_taken_and_a_flipped_byte_is_refused()
    {
        using var releaser = new Releaser();
        using var table = Table.After(Script.SmallRoot);
        table.Follow("periodic");
        releaser.BringBuilders(table);
        (string, string)[] rsa = [.. Script.Small("release-key").Changes, ("algorithm: ec-p256", "algorithm: rsa-3072")];
        table.Run(new Script("release-key", rsa)).Expect(0);
        Workshop shop = new(table, "variables");
        File.Copy(Path.Combine(table.Bundles[^1], "certificates", "release-application.pem"), shop["signer.pem"]);
        using X509Certificate2 signer = X509CertificateLoader.LoadCertificateFromFile(shop["signer.pem"]);
        foreach (string variable in Variables)
            shop.RunsOf(variable, recipe: 0);
        File.Copy(Program, shop["program.efi"]);
        releaser.BringRelease(table, "application-1.15.0", 18,
            [.. Variables.Select(one => ($"{one}.tbs", "efi-variable", shop.Read($"{one}.tbs"), (string?)one)),
                ("program.efi", "efi", shop.Read("program.efi"), "x64")]);
        table.Run(Script.Small("release-signing")).Expect(0);
        table.Verifies();
        Token.HoldsWhatTheLedgerKnows(table);

        foreach ((int i, string variable) in Variables.Index())
        {
            shop.Take(table, i + 1);
            shop.RunsOf(variable, recipe: 1);
            FirmwareTakes(shop, variable, signer);
        }
        shop.Take(table, Variables.Length + 1);
        Efi(shop);
        shop.Flip("signed.efi", 0x1000);
        EdkTakes(table, shop);
    }

    private static void FirmwareTakes(Workshop shop, string variable, X509Certificate2 signer)
    {
        byte[] update = shop.Read($"{variable}.auth");
        Assert.True(UefiFirmware.Takes(update, variable, signer));
        // Its time, the end of its signature and of its entries.
        foreach (int at in new[] { 2, 15 + BitConverter.ToInt32(update, 16), update.Length - 1 })
        {
            byte[] flipped = [.. update];
            flipped[at] ^= 1;
            Assert.False(UefiFirmware.Takes(flipped, variable, signer), $"byte {at}");
        }
        Assert.False(UefiFirmware.Takes(update, variable == "db" ? "dbx" : "db", signer));
        shop.Flip($"{variable}.tbs", shop.Read($"{variable}.tbs").Length - 1);
        Assert.NotEqual(0, shop.Bash(Of(variable, recipe: 1)).Code);
    }

    /// <summary>systemd-boot gives firmware without a platform key what it finds; from then on its own signature is asked for.</summary>
    private static void EdkTakes(Table table, Workshop shop)
    {
        const string program = "EFI/BOOT/BOOTX64.EFI", keys = "loader/keys/auto";
        var computer = new Ovmf(table.Part("computer"));
        computer.Put(program, shop.Read("program.efi"));
        computer.Put("loader/loader.conf", "secure-boot-enroll force\n"u8.ToArray());
        foreach (string variable in Variables)
            computer.Put($"{keys}/{variable}.auth", shop.Read($"{variable}.auth"));
        byte[] platform = shop.Read("PK.auth");
        computer.Put($"{keys}/PK.auth", [.. platform[..^1], (byte)(platform[^1] ^ 1)]);
        Assert.Contains("Failed to write PK", computer.Start(NotWritten, Started), StringComparison.Ordinal);

        computer.Put($"{keys}/PK.auth", platform);
        Assert.DoesNotContain(NotWritten, computer.Start(NotWritten, Started), StringComparison.Ordinal);
        computer.Delete("loader");
        Assert.Contains("Access Denied", computer.Start("Access Denied", Started), StringComparison.Ordinal);
        computer.Put(program, shop.Read("signed.efi"));
        Assert.Contains(Started, computer.Start("Access Denied", Started), StringComparison.Ordinal);
    }

    /// <summary>As the page has it for db.</summary>
    private static string Of(string variable, int recipe) =>
        Recipes("efi-variable")[recipe].Replace("db", variable, StringComparison.Ordinal);

    private static void Raw(Table table, Workshop shop, int number, byte[] image, int recipe)
    {
        shop.TakeSignature(table, number);
        File.WriteAllBytes(shop["firmware.bin"], image);
        shop.Runs("raw", recipe);
        shop.Flip("firmware.bin", 1);
        Assert.NotEqual(0, shop.Bash(Recipes("raw")[recipe]).Code);
        shop.Flip("firmware.bin", 1);
    }

    private static void Rauc(Workshop verity, Workshop plain)
    {
        verity.Runs("rauc-verity", 1);
        verity.Runs("rauc-verity", 2);
        plain.Runs("rauc-plain", 1);
        Assert.Contains($"'{Version}'", verity.Runs("rauc-verity", 1).Said, StringComparison.Ordinal);

        // Of a verity bundle the signature is over the manifest inside it, and the tree over the rest.
        byte[] signed = verity.Read("signed.raucb");
        verity.Flip("signed.raucb", signed.AsSpan().LastIndexOf(Encoding.ASCII.GetBytes(Version)));
        Assert.NotEqual(0, verity.Bash("rauc -c system.conf info signed.raucb").Code);
        verity.Flip("payload", 1000);
        Assert.NotEqual(0, verity.Bash(Recipes("rauc-verity")[2]
            .Replace("head -c $((data + tree)) signed.raucb > payload", "", StringComparison.Ordinal)).Code);
        plain.Flip("signed.raucb", 1000);
        Assert.NotEqual(0, plain.Bash("rauc -c system.conf info signed.raucb").Code);
    }

    private static void SwUpdate(Workshop shop)
    {
        string recipe = Recipes("swupdate")[0], again = string.Join('\n', recipe.Split('\n')[1..]);
        Takes(recipe, it: true);
        string description = Encoding.UTF8.GetString(shop.Read("sw-description"));
        shop.Write("sw-description", description.Replace(Version, "1.16.0+7", StringComparison.Ordinal));
        Takes(again, it: false);
        shop.Write("sw-description", description);
        Takes(again, it: true);
        // Another's root signed nothing here, and a file that is not the one of the description is none.
        Takes(again.Replace("root.pem", "build.pem", StringComparison.Ordinal), it: false);
        shop.Flip("rootfs.img", 100);
        Takes(again, it: false);

        // After a success it ends with 1 in one of eight runs (2022.12), with the same words: they are believed, a refusal by both.
        void Takes(string lines, bool it)
        {
            Ran ran = shop.Bash(lines);
            Assert.True(ran.Said.Contains("SWUPDATE successful", StringComparison.Ordinal) == it && (it || ran.Code != 0), ran.Said);
        }
    }

    private static void Efi(Workshop shop)
    {
        shop.Runs("efi", 0);
        foreach (string file in new[] { "signed.efi", "also-signed.efi" })
        {
            shop.Flip(file, 0x1000);
            Assert.NotEqual(0, shop.Bash($"sbverify --cert root.pem {file}").Code);
            Assert.NotEqual(0, shop.Bash($"osslsigncode verify -CAfile root.pem -in {file}").Code);
        }
    }

    private static void Cms(Table table, Workshop shop)
    {
        shop.Take(table, 5);
        shop.Runs("cms", 0);
        shop.Flip("firmware.bin", 1);
        Assert.NotEqual(0, shop.Bash(Recipes("cms")[0]).Code);
    }

    private static void Esp(Table table, Workshop shop, int number)
    {
        File.Copy(Signed(table, $"application-{number}.signature"), shop["signature.bin"]);
        File.Copy(Signed(table, "application.pub.pem"), shop["key.pub.pem"]);
        Assert.Contains("Signature block 0 verification successful", shop.Runs("esp-secure-boot-v2", 0).Said, StringComparison.Ordinal);

        string[] recipe = Recipes("esp-secure-boot-v2")[0].Split('\n');
        int sector = shop.Read("application.bin").Length;
        foreach (int at in new[] { 100, sector - 1, sector + 50, sector + 110 })
        {
            byte[] signed = shop.Read("signed.bin");
            shop.Flip("signed.bin", at);
            Assert.NotEqual(0, shop.Bash(recipe[1]).Code);
            File.WriteAllBytes(shop["signed.bin"], signed);
        }
        Assert.Equal(0, shop.Bash(recipe[1]).Code);
        // Nor is it attached to an image that is not the one of the day.
        shop.Flip("application.bin", 100);
        Assert.NotEqual(0, shop.Bash(recipe[0]).Code);
    }

    private static void Mcuboot(Table table, int number)
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(Signed(table, "application.pub.pem")));
        byte[] signed = BootLoader.Attach(Releaser.Mcuboot, key,
            Convert.FromBase64String(File.ReadAllText(Signed(table, $"application-{number}.signature.b64"))));
        Assert.True(BootLoader.Starts(signed, key));
        Assert.All(BootLoader.EveryByteFlipped(signed), flipped => Assert.False(BootLoader.Starts(flipped, key)));
    }

    private static string Signed(Table table, string file) => Path.Combine(table.Bundles[^1], "releases", file);

    /// <summary>An application as a build links it, made an image by Espressif's tool.</summary>
    private static Workshop Linked(Table table)
    {
        Assert.True(Directory.Exists(EspTool), "esptool is not there: .ci/need-esptool");
        var shop = new Workshop(table, "esp");
        File.WriteAllBytes(shop["application.elf"], EspElf.Write(Version, counter: 18));
        Ran ran = shop.Bash("esptool --chip esp32c3 elf2image --secure-pad-v2 --output application.bin application.elf");
        Assert.True(ran.Code == 0, ran.Said);
        return shop;
    }

    /// <summary>A bundle as a build makes it, signed with a key of the build.</summary>
    private static Workshop Bundled(Table table, string format)
    {
        var shop = new Workshop(table, format);
        Directory.CreateDirectory(shop["content"]);
        File.WriteAllBytes(shop["content/rootfs.img"], RootFs);
        shop.Write("content/manifest.raucm", $"[update]\ncompatible={Device}\nversion={Version}\n\n[bundle]\nformat={format}\n\n"
            + "[image.rootfs]\nfilename=rootfs.img\n");
        shop.Write("system.conf", $"[system]\ncompatible={Device}\nbootloader=noop\n\n[keyring]\npath=root.pem\ncheck-purpose=codesign\n");
        Assert.Equal(0, shop.Bash("rauc bundle --cert=build.pem --key=build.key content bundle.raucb").Code);
        return shop;
    }

    private static Workshop Described(Table table)
    {
        var shop = new Workshop(table, "swupdate");
        File.WriteAllBytes(shop["rootfs.img"], RootFs);
        string sha256 = Convert.ToHexStringLower(SHA256.HashData(RootFs));
        shop.Write("sw-description", $$"""
            software =
            {
                version = "{{Version}}";
                hardware-compatibility: [ "C2", "C3" ];
                images: ( { filename = "rootfs.img"; device = "/dev/null"; sha256 = "{{sha256}}"; } );
            };

            """);
        return shop;
    }

    private static string[] Recipes(string page) =>
        [.. Block().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs", "formats", "releases", $"{page}.md")))
            .Select(match => match.Groups[1].Value)];

    [GeneratedRegex(@"^```sh\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    /// <summary>A folder in which a recipe is run, with a key of the build and the root of the devices.</summary>
    private sealed class Workshop
    {
        private readonly string _folder;

        public Workshop(Table table, string name)
        {
            _folder = Directory.CreateDirectory(table.Part($"shop-{name}")).FullName;
            File.Copy(Path.Combine(table.Bundles[0], "certificates", "root.pem"), this["root.pem"]);
            Assert.Equal(0, Bash("openssl req -x509 -newkey rsa:2048 -nodes -keyout build.key -out build.pem -subj /CN=build").Code);
        }

        public string this[string file] => Path.Combine(_folder, file);

        public byte[] Read(string file) => File.ReadAllBytes(this[file]);

        public void Write(string file, string text) => File.WriteAllText(this[file], text);

        public void Flip(string file, int at)
        {
            byte[] bytes = Read(file);
            bytes[at] ^= 1;
            File.WriteAllBytes(this[file], bytes);
        }

        /// <summary>What the recipes call the first image's.</summary>
        public void Take(Table table, int number) =>
            File.Copy(Signed(table, $"application-{number}.cms"), this["application-1.cms"], overwrite: true);

        public void TakeSignature(Table table, int number)
        {
            string releases = Path.Combine(table.Bundles[^1], "releases");
            File.Copy(Path.Combine(releases, $"application-{number}.signature"), this["application-1.signature"], overwrite: true);
            File.Copy(Path.Combine(releases, "application.pub.pem"), this["application.pub.pem"], overwrite: true);
        }

        public Ran Runs(string page, int recipe)
        {
            string text = Recipes(page)[recipe];
            if (text.Contains("replace-signature", StringComparison.Ordinal))
                File.Delete(this["signed.raucb"]);
            Ran ran = Bash(text);
            Assert.True(ran.Code == 0, $"{page}, {recipe}: {ran.Said}");
            return ran;
        }

        public void RunsOf(string variable, int recipe)
        {
            Ran ran = Bash(Of(variable, recipe));
            Assert.True(ran.Code == 0, $"{variable}, {recipe}: {ran.Said}");
        }

        /// <summary>SWUpdate opens sockets in the folder for temporary files, unpacks there, and deletes what it unpacked.</summary>
        public Ran Bash(string recipe) => Tool.Run(new ProcessStartInfo("bash", ["-eo", "pipefail", "-c", recipe])
        {
            WorkingDirectory = _folder,
            Environment =
            {
                ["TMPDIR"] = Directory.CreateDirectory(this["tmp"]).FullName,
                ["PATH"] = $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:{Path.Combine(EspTool, "bin")}",
                ["PYTHONPATH"] = Path.Combine(EspTool, "lib"),
            },
        });
    }
}
