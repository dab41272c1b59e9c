using System.Security.Cryptography;
using KeyCeremony.Hsm.Tests;
using Xunit.Abstractions;

namespace KeyCeremony.Iso.Tests;

/// <summary>
/// The image's program is native, and the packages in it were written for .NET: what they do there they must do here. It runs in the
/// image's own root, without the machine around it. docs/decisions/0033-native-appliance.md
/// </summary>
public sealed class NativeProgramTests(ITestOutputHelper output) : IDisposable
{
    private const string Scripts = "/usr/share/keyceremony/ceremony-scripts";

    /// <summary>What LiteDB's language may be asked here, each function once: RegisterQuery.</summary>
    private static readonly string[] Queries =
    [
        "SELECT $ FROM bags WHERE content LIKE '%HSM%' ORDER BY recorded DESC LIMIT 5 OFFSET 1",
        "SELECT FIRST(*.name) AS f, LAST(*.name) AS l, COUNT(*) AS n, MIN(*.recorded) AS a, MAX(*.recorded) AS b FROM people GROUP BY name",
        "SELECT SUM(*.seq) AS s, AVG(*.seq) AS a FROM bags WHERE seq BETWEEN 1 AND 1000 GROUP BY state HAVING COUNT(*) > 0",
        "SELECT LOWER(name) AS a, UPPER(name) AS b, LENGTH(name) AS c, INDEXOF(name, 'o') AS d FROM certificates",
        "SELECT TRIM(name) AS a, LTRIM(name) AS b, RTRIM(name) AS c, SUBSTRING(notAfter, 0, 4) AS d FROM certificates",
        "SELECT IIF(seq > 10, 'late', 'early') AS a, COALESCE(ceremony, key) AS b, IS_NULL(ceremony) AS c FROM keys",
        "SELECT STRING(seq) AS a, INT32(seq) AS b, INT64(seq) AS c, DOUBLE(seq) AS d, ABS(seq) AS e, ROUND(seq, 0) AS f FROM bags",
        "SELECT COUNT(DISTINCT(ARRAY(*.state))) AS a, JOIN(ARRAY(*.number), ' ') AS b, ANY(*.seq) AS c FROM bags",
        "SELECT name FROM people WHERE name LIKE 'O%' AND (name != 'Otto Olsen' OR FALSE) AND name IN ['Olga Orlova', 'Omar Osman']",
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("keyceremony-native-").FullName;

    private string Root => Path.Combine(_folder, "root");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void It_leads_a_root_creation_answers_the_register_as_on_dotnet_and_reads_no_settings_of_its_packages()
    {
        Tool.Run("unsquashfs", "-no-progress", "-quiet", "-dest", Root, Image.PathOf("root.img")).Expect(0);
        string room = Directory.CreateDirectory(Path.Combine(Root, "tmp/room")).FullName;
        // Who opens one of them to read waits for ever: where it is started, and at home.
        foreach (string place in (string[])[Path.Combine(Root, ".tui"), Path.Combine(room, ".tui")])
        {
            Directory.CreateDirectory(place);
            Tool.Run("mkfifo", Path.Combine(place, "config.json"), Path.Combine(place, "keyceremony.config.json")).Expect(0);
        }

        // Played to its end: with each second look at the token, which is Pkcs11Interop's.
        output.WriteLine(Run("run", $"{Scripts}/root-creation.md", "--ledger", "/tmp/room/a", "--ledger", "/tmp/room/b",
            "--softhsm", "/tmp/room/hsm", "--out", "/tmp/room/out", "--answers", $"{Scripts}/rehearsal/root-creation.json",
            "--envelopes", "/tmp/room/cards").Expect(0).Out);
        string bundle = Assert.Single(Directory.GetDirectories(Path.Combine(room, "out")));
        string hash = Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(Path.Combine(bundle, "certificates/root.der"))));
        Tool.Run("dotnet", Repository.Program, "verify", "--trust", hash, bundle).Expect(0);
        Ran verified = Run("verify", "--trust", hash, $"/tmp/room/out/{Path.GetFileName(bundle)}").Expect(0);
        Assert.Contains("VERIFIED", verified.Out, StringComparison.Ordinal);

        foreach (string query in Queries)
        {
            Ran native = Run("register", "/tmp/room/a", "--csv", "--query", query).Expect(0);
            Ran there = Tool.Run("dotnet", Repository.Program, "register", Path.Combine(room, "a"), "--csv", "--query", query).Expect(0);
            Assert.Equal(there.Out, native.Out);
            Assert.True(native.Out.Count(c => c == '\n') > 1, $"no rows: {query}");
        }
    }

    /// <summary>By the image's loader and libraries, with the folder as its root.</summary>
    private Ran Run(params string[] arguments)
    {
        const string script = "root=$1; shift; mount --rbind /dev $root/dev; mount -t proc proc $root/proc;"
            + " HOME=/tmp/room TERM=dumb exec chroot $root /opt/keyceremony/keyceremony \"$@\"";
        return Tool.Run("unshare", ["--mount", "--pid", "--fork", "--kill-child", "sh", "-c", script, "sh", Root, .. arguments]);
    }
}
