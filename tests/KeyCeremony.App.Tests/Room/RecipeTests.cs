using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using KeyCeremony.App.Tests.Terminal;
using KeyCeremony.Core.Tests;

namespace KeyCeremony.App.Tests.Room;

/// <summary>
/// The recipes of the documents, run as they stand there with the tools that they name. A recipe is a block whose first line begins with
/// a tool. What is not run here is counted, with the reason.
/// </summary>
[Trait("Needs", "packages")]
public sealed partial class RecipeTests : IDisposable
{
    private const string Auditor = "docs/handbook/auditor.md", Request = "docs/formats/request.md";
    private const string ForDevices = "they change devices, or need the appliance, its sticks or a terminal";
    private const string Elsewhere = "run by the manifest, register and recovery tests, on things that they make";
    private const string Attached = "run by ReleaseToolTests, on what an HSM signed";
    private const string Placeholders = "they show the forms of a command; its options have tests of their own";

    private readonly string _folder = Directory.CreateTempSubdirectory("keyceremony-recipes-").FullName;

    /// <summary>How many of a page's recipes are not run here, and why.</summary>
    private static readonly Dictionary<string, (int Count, string Reason)> NotRun = new()
    {
        ["README.md"] = (4, "make and what make demo leaves: run by make test"),
        ["docs/DESIGN.md"] = (3, "they build and test the program"),
        ["docs/formats/backup-blob.md"] = (2, "run by OpenCryptokiTests and the recovery tests, on backups that they make"),
        ["docs/formats/batch-manifest.md"] = (5, Elsewhere),
        ["docs/formats/drives.md"] = (1, ForDevices),
        ["docs/formats/bundle.md"] = (1, "run by PostQuantumTests, on a record that both roots' keys signed"),
        ["docs/formats/journal.md"] = (1, Elsewhere),
        ["docs/formats/releases/cms.md"] = (1, Attached),
        ["docs/formats/releases/efi.md"] = (1, Attached),
        ["docs/formats/releases/efi-variable.md"] = (2, Attached),
        ["docs/formats/releases/esp-secure-boot-v2.md"] = (1, Attached),
        ["docs/formats/releases/mcuboot.md"] = (2, "no registry of these tests has imgtool: what it does is done by their BootLoader"),
        ["docs/formats/releases/rauc-plain.md"] = (2, Attached),
        ["docs/formats/releases/rauc-verity.md"] = (3, Attached),
        ["docs/formats/releases/raw.md"] = (2, Attached),
        ["docs/formats/releases/swupdate.md"] = (1, Attached),
        ["docs/formats/register.md"] = (1, Placeholders),
        ["docs/formats/verify.md"] = (1, Placeholders),
        ["docs/handbook/README.md"] = (2, ForDevices),
        ["docs/handbook/appliance.md"] = (3, ForDevices),
        [Auditor] = (3, Placeholders),
        ["docs/handbook/camera.md"] = (1, ForDevices),
        ["docs/handbook/factory.md"] = (7, Elsewhere),
        ["docs/handbook/hsm.md"] = (1, ForDevices),
        ["docs/handbook/periodic.md"] = (4, Placeholders),
        ["docs/handbook/plain.md"] = (1, "played by PlainCeremonyTests"),
        ["docs/handbook/receiver.md"] = (1, "its second line is for Windows"),
        ["docs/handbook/recovery.md"] = (7, Elsewhere),
        ["docs/handbook/release.md"] = (1, "run by ReleaseDocsTests, with a statement that it makes"),
        ["docs/handbook/sticks.md"] = (3, ForDevices),
        ["docs/handbook/transfer.md"] = (1, ForDevices),
        ["docs/handbook/two-roots.md"] = (2, "run by PostQuantumTests, on a batch and a record that both roots' keys signed"),
    };

    /// <summary>Page, beginning of the first line, the bundle it is run in, and how it ends.</summary>
    public static TheoryData<string, string, string, int> Run => new()
    {
        { Request, "openssl req -new", "", 0 },
        { Request, "printf '%s\\n' 'country", "", 0 },
        { Request, "openssl pkey -in key.pem", "", 0 },
        { Request, "head -n 5 key-proof.txt", "proof", 0 },
        { "docs/formats/bundle.md", "sha256sum -c SHA256SUMS", "authority/0001-root-creation", 0 },
        { "docs/handbook/README.md", "keyceremony check", "scripts", 0 },
        { "docs/handbook/periodic.md", "keyceremony request inspect", "", 0 },
        { "docs/formats/releases/tuf.md", "keyceremony release root", "tuf", 0 },
        { "docs/handbook/release.md", "keyceremony release inspect", "release", 0 },
        { "docs/handbook/release.md", "keyceremony release root", "tuf", 0 },
        { Auditor, "sha256sum -c SHA256SUMS", "authority/0001-root-creation", 0 },
        { Auditor, "openssl cms -verify -binary -inform DER -in checkpoint", "authority/0001-root-creation", 0 },
        { Auditor, "jq -r '.files", "authority/0001-root-creation", 0 },
        { Auditor, "python3", "authority/0001-root-creation", 0 },
        { Auditor, "sha256sum script.md", "authority/0001-root-creation", 0 },
        { Auditor, "openssl verify", "authority/0001-root-creation", 0 },
        { Auditor, "jq -r 'select(.body.kind==\"certificate-previewed\"", "authority/0001-root-creation", 1 },
        { Auditor, "jq -r 'select(.body.kind==\"backup-drilled\")", "authority/0001-root-creation", 0 },
        { Auditor, "openssl crl -inform DER", "authority/0013-batch-manifest", 0 },
        { Auditor, "openssl cms -verify -binary -inform DER -in manifests", "authority/0013-batch-manifest", 0 },
        { Auditor, "jq -r .payload", "authority/0013-batch-manifest", 0 },
        { Auditor, "jq -c 'select(.body.kind==\"batch-previewed\")", "authority/0013-batch-manifest", 0 },
        { Auditor, "sha256sum requests/*", "authority/0005-crl-signing", 0 },
        { Auditor, "jq -c 'select(.body.kind==\"room-opened\")", "authority/0001-root-creation", 0 },
        { Auditor, "tail -n 1 keyceremony.journal", "authority/0001-root-creation", 0 },
        { Auditor, "h=$(printf", "authority/0001-root-creation", 0 },
    };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Run))]
    public void A_recipe_does_what_its_page_says(string page, string first, string bundle, int code)
    {
        string recipe = Assert.Single(Recipes(page), r => r.StartsWith(first, StringComparison.Ordinal));
        Lay(bundle);

        (int ended, string said, string errors) = Bash(Yours(recipe));

        Assert.True(ended == code, $"{page}: exit {ended}\n{recipe}\n{said}\n{errors}");
        Assert.DoesNotContain("broken:", said, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_recipe_is_run_or_has_its_reason()
    {
        string[] pages = [.. Directory.EnumerateFiles(TestFiles.PathOf("docs"), "*.md", SearchOption.AllDirectories)
            .Append(TestFiles.PathOf("README.md")).Select(f => Path.GetRelativePath(TestFiles.Root, f).Replace('\\', '/'))];
        Assert.Equal([], pages.Order(StringComparer.Ordinal)
            .Select(p => (Page: p, Found: Recipes(p).Count, Known: Run.Count(r => (string)r[0] == p) + NotRun.GetValueOrDefault(p).Count))
            .Where(p => p.Found != p.Known).Select(p => $"{p.Page}: {p.Found} recipes, {p.Known} known"));
    }

    private static List<string> Recipes(string page) => [.. Block().Matches(File.ReadAllText(TestFiles.PathOf(page)))
        .Where(m => m.Groups[1].Value is "" or "sh").Select(m => m.Groups[2].Value.TrimStart()).Where(text => Tool().IsMatch(text))];

    /// <summary>Names that stand for the reader's own.</summary>
    private static string Yours(string recipe) => recipe.Replace("BATCH", "b-1", StringComparison.Ordinal)
        .Replace("root-7.crl", "root-3.crl", StringComparison.Ordinal).Replace("root-6.crl", "root-2.crl", StringComparison.Ordinal)
        .Replace("BUNDLE/journal.jsonl", "bundle.jsonl", StringComparison.Ordinal).Replace("/tmp/", "./", StringComparison.Ordinal);

    private void Lay(string bundle)
    {
        File.WriteAllText(Path.Combine(_folder, "key.pem"), P384());
        if (bundle == "scripts")
        {
            Directory.CreateSymbolicLink(Path.Combine(_folder, "ceremony-scripts"), TestFiles.PathOf("ceremony-scripts"));
            return;
        }
        if (bundle is "release" or "tuf")
        {
            foreach (FileSystemInfo one in new DirectoryInfo(TestFiles.PathOf("docs", "examples", bundle)).EnumerateFileSystemInfos())
                Directory.CreateSymbolicLink(Path.Combine(_folder, one.Name), one.FullName);
            return;
        }
        if (bundle == "proof")
            Assert.Equal(0, Bash(Recipes(Request).Single(r => r.StartsWith("openssl pkey -in", StringComparison.Ordinal))).Code);
        if (!bundle.Contains('/', StringComparison.Ordinal))
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            File.WriteAllText(Path.Combine(_folder, "device-cloud.csr"), new System.Security.Cryptography.X509Certificates
                .CertificateRequest("CN=Example", key, HashAlgorithmName.SHA256).CreateSigningRequestPem());
            return;
        }
        Unpack(bundle, _folder);
        Unpack("authority/0006-crl-signing", Path.Combine(_folder, "..", $"{Path.GetFileName(_folder)}-older"));
        string journal = File.ReadAllText(Path.Combine(_folder, "journal.jsonl"));
        File.WriteAllText(Path.Combine(_folder, "bundle.jsonl"), journal);
        File.WriteAllText(Path.Combine(_folder, "keyceremony.journal"), Stick(journal));
    }

    /// <summary>As a record stick holds it: each line begins with the hash of the line before and of this one.</summary>
    private static string Stick(string journal)
    {
        byte[] head = new byte[32];
        var stick = new StringBuilder();
        foreach (string line in journal.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            head = SHA256.HashData([.. head, .. Encoding.UTF8.GetBytes(line)]);
            stick.Append(Convert.ToHexStringLower(head)).Append(' ').Append(line).Append('\n');
        }
        return stick.ToString();
    }

    private static void Unpack(string bundle, string folder)
    {
        Directory.CreateDirectory(folder);
        using FileStream file = File.OpenRead(TestFiles.PathOf("tests", "golden-bundles", "format-3", $"{bundle}.tar.gz"));
        using var zip = new GZipStream(file, CompressionMode.Decompress);
        TarFile.ExtractToDirectory(zip, folder, overwriteFiles: true);
    }

    private static string P384()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        return key.ExportPkcs8PrivateKeyPem();
    }

    private (int Code, string Said, string Errors) Bash(string recipe)
    {
        string older = $"../{Path.GetFileName(_folder)}-older";
        try
        {
            return EndedProcess.Of(new ProcessStartInfo("bash", ["-c", $$"""
                set -eo pipefail
                keyceremony() { dotnet '{{ProgramRun.Path}}' "$@"; }
                {{recipe.Replace("../OLDER-BUNDLE", older, StringComparison.Ordinal)}}
                """])
            { WorkingDirectory = _folder });
        }
        finally
        {
            if (Directory.Exists(Path.Combine(_folder, older)))
                Directory.Delete(Path.Combine(_folder, older), recursive: true);
        }
    }

    [GeneratedRegex(@"^ *```(\w*)\n(.*?)^ *```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"\A(?:\$ |\()?(?:keyceremony|openssl|certtool|softhsm2-util|jq|grep|sha256sum|make|dotnet|xxd|pkcs11-tool|head|tail"
        + @"|sed|python3|cut|cmp|diff|wipefs|rauc|osslsigncode|cert-to-efi-sig-list|espsecure|imgtool|cp|bytes=\$|mkdir|lsblk|dd"
        + @"|h=\$|field\(\)|seq|for|printf|cd|KEYCEREMONY_GOLDEN=\w+)[ (]")]
    private static partial Regex Tool();
}
