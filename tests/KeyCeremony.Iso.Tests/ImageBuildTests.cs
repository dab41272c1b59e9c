using System.Diagnostics;
using System.Text.RegularExpressions;
using KeyCeremony.App.Room;
using KeyCeremony.Hsm.Tests;

namespace KeyCeremony.Iso.Tests;

/// <summary>The scripts that build the image refuse what they must, and its lists say what they should.</summary>
public sealed class ImageBuildTests : IDisposable
{
    private static readonly string Iso = Path.Combine(Repository.Root, "iso");
    private readonly string _folder = Directory.CreateTempSubdirectory("keyceremony-build-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("register_netdev")]
    [InlineData("wiphy_register")]
    [InlineData("hci_register_dev")]
    public void A_driver_of_a_network_or_a_radio_stops_the_build_wherever_it_lies(string symbol)
    {
        Ran refused = Modules("kernel/drivers/innocent/driver.ko.xz:\n", ("kernel/drivers/innocent/driver.ko.xz", symbol),
            "drivers/innocent/driver  a reason\n").Expect(1);
        Assert.Contains($"kernel/drivers/innocent/driver.ko.xz imports {symbol}", refused.Err, StringComparison.Ordinal);
    }

    [Fact]
    public void A_driver_that_another_module_needs_is_looked_at_too()
    {
        Ran refused = Modules("kernel/fs/files.ko.xz: kernel/net/hidden.ko.xz\nkernel/net/hidden.ko.xz:\n",
            ("kernel/net/hidden.ko.xz", "register_netdevice"), "fs/files  a reason\n").Expect(1);
        Assert.Contains("kernel/net/hidden.ko.xz", refused.Err, StringComparison.Ordinal);
    }

    [Fact]
    public void A_module_that_the_kernel_does_not_have_is_named()
    {
        Ran refused = Modules("kernel/fs/files.ko.xz:\n", ("kernel/fs/files.ko.xz", "printk"), "fs/files  a reason\nfs/gone  a reason\n")
            .Expect(1);
        Assert.Contains(":2: the kernel has no module fs/gone", refused.Err, StringComparison.Ordinal);
    }

    [Fact]
    public void A_package_that_the_mirror_no_longer_has_is_named()
    {
        string gone = Lock("gone-package", "1.2-3", new string('a', 64));
        Ran refused = Fetch(gone).Expect(3);
        Assert.Contains("gone-package 1.2-3 amd64", refused.Err, StringComparison.Ordinal);
        Assert.Contains("1 of the locked packages", refused.Err, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_bytes_under_a_packages_name_are_noticed()
    {
        string hash = new('b', 64);
        string pool = Directory.CreateDirectory(Path.Combine(_folder, "cache", "pool")).FullName;
        File.WriteAllText(Path.Combine(pool, hash + ".deb"), "not what was locked");
        Ran refused = Fetch(Lock("exchanged-package", "1", hash)).Expect(3);
        Assert.Contains("exchanged-package", refused.Err, StringComparison.Ordinal);
    }

    [Fact]
    public void Everything_on_the_image_has_its_reason()
    {
        foreach (string list in Directory.EnumerateFiles(Path.Combine(Iso, "lists"), "*.list")
            .Where(l => Path.GetFileName(l) != "units.list"))
            foreach (string line in File.ReadLines(list).Where(l => l.Length > 0 && l[0] != '#'))
                Assert.True(Regex.IsMatch(line, @"^(early )?\S+\s{2,}\S|^(early )?\S+ \S"),
                    $"{Path.GetFileName(list)}: no reason for \"{line}\"");
    }

    [Fact]
    public void The_self_check_expects_the_programs_of_the_list()
    {
        IEnumerable<string> listed = File.ReadLines(Path.Combine(Iso, "lists", "executables.list")).Select(l => l.Split(' ')[0])
            .Where(l => l.StartsWith("usr/bin/", StringComparison.Ordinal) || l.StartsWith("usr/sbin/", StringComparison.Ordinal))
            .Select(l => Path.GetFileName(l));
        Assert.Equal(listed.Order(StringComparer.Ordinal), SelfCheck.Programs);
    }

    /// <summary>What the people compare, the builders compare, and the handbook says is one set of values.</summary>
    [Fact]
    public void The_handbook_has_the_values_of_the_published_image()
    {
        string values = File.ReadAllText(Path.Combine(Iso, "expected"));
        Assert.Matches(@"^sources [0-9a-f]{64}\nimage keyceremony.iso SHA-256 [0-9a-f]{64}\n( {4}[A-Za-z ]+\n){4}", values);
        Assert.Contains(values[(values.IndexOf('\n', StringComparison.Ordinal) + 1)..],
            File.ReadAllText(Path.Combine(Repository.Root, "docs", "handbook", "appliance-values.md")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("image")]
    [InlineData("boot")]
    [InlineData("builder")]
    public void Every_listed_package_is_locked(string name)
    {
        string[][] locked = [.. File.ReadLines(Path.Combine(Iso, "lock", $"{name}.lock")).Select(l => l.Split(' '))];
        Assert.All(locked, l => Assert.Matches("^[0-9a-f]{64}$", l[3]));
        foreach (string package in File.ReadLines(Path.Combine(Iso, "lists", $"{name}.list"))
            .Where(l => l.Length > 0 && l[0] != '#').Select(l => l.Split(' ')[0]))
            Assert.Contains(locked,
                l => package == "linux-image-amd64" ? l[0].StartsWith("linux-image-", StringComparison.Ordinal) : l[0] == package);
    }

    /// <summary>Whoever builds uses the mirror of their own machine.</summary>
    [Fact]
    public void No_mirror_is_named() => Assert.All(Directory.EnumerateFiles(Iso, "*", SearchOption.AllDirectories),
        f => Assert.DoesNotMatch(@"https?://", File.ReadAllText(f)));

    private Ran Modules(string dependencies, (string Path, string Symbol) module, string list)
    {
        File.WriteAllText(Path.Combine(_folder, "list"), list);
        foreach (string path in dependencies.Split([':', ' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Distinct())
        {
            string file = Path.Combine(_folder, "kernel-package", path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file[..^3], $"\0{(path == module.Path ? module.Symbol : "printk")}\0");
            Tool.Run("xz", file[..^3]).Expect(0);
        }
        File.WriteAllText(Path.Combine(_folder, "kernel-package", "modules.dep"), dependencies);
        return Tool.Run("python3", Path.Combine(Iso, "stages", "modules.py"), Path.Combine(_folder, "list"),
            Path.Combine(_folder, "kernel-package"), Path.Combine(_folder, "root"), Path.Combine(_folder, "early"));
    }

    private static string Line(string package, string version, string hash) =>
        $"{package} {version} amd64 {hash} 100 pool/main/p/{package}.deb\n";

    private string Lock(string package, string version, string hash)
    {
        string folder = Directory.CreateDirectory(Path.Combine(_folder, "lock")).FullName;
        foreach (string name in new[] { "image", "boot", "builder" })
            File.WriteAllText(Path.Combine(folder, $"{name}.lock"), name == "image" ? Line(package, version, hash) : "");
        return folder;
    }

    /// <summary>From a mirror that has nothing.</summary>
    private Ran Fetch(string locks)
    {
        var start = new ProcessStartInfo(Path.Combine(Iso, "fetch"));
        start.Environment["KEYCEREMONY_ISO_LOCK"] = locks;
        start.Environment["KEYCEREMONY_ISO_CACHE"] = Path.Combine(_folder, "cache");
        start.Environment["MIRROR"] = $"file:{_folder}/no-mirror";
        return Tool.Run(start);
    }
}
