using System.Security.Cryptography;
using System.Text;
using KeyCeremony.Core.Release.Images;

namespace KeyCeremony.Core.Tests.Release;

/// <summary>What update tools read before they install: descriptions of SWUpdate, manifests and payloads of RAUC.</summary>
public sealed class TextImageTests
{
    public static TheoryData<string, string> Descriptions => new()
    {
        { "", "SWUPDATE-01" },
        { "\uFEFFsoftware = { }", "SWUPDATE-01" },
        { "software = { a = \"\u202E\"; }", "SWUPDATE-01" },
        { "software = {", "SWUPDATE-01" },
        { "software = { a = 1; a = 2; }", "SWUPDATE-01" },
        { "software = { a = 1; } }", "SWUPDATE-01" },
        { "software = { a = (1 2); }", "SWUPDATE-01" },
        { "software = { a = \"x; }", "SWUPDATE-01" },
        { "software = { a = \"\\q\"; }", "SWUPDATE-01" },
        { "software = { a = x; }", "SWUPDATE-01" },
        { "software { }", "SWUPDATE-01" },
        { "@include \"other\"", "SWUPDATE-01" },
        { "software = { @include \"other\" }", "SWUPDATE-01" },
        { "{ \"software\": { \"a\": 1, \"a\": 2 } }", "SWUPDATE-01" },
        { "{ \"software\": ", "SWUPDATE-01" },
        { "software = 1;", "SWUPDATE-02" },
        { "software = { }; other = { };", "SWUPDATE-02" },
        { "software = { hardware-compatibility = [ \"C2\" ]; };", "SWUPDATE-02" },
        { "software = { version = 1; hardware-compatibility = [ \"C2\" ]; };", "SWUPDATE-02" },
        { "software = { version = \"1\"; board = { version = \"2\"; }; hardware-compatibility = [ \"C2\" ]; };", "SWUPDATE-02" },
        { "software = { version = \"1\"; };", "SWUPDATE-03" },
        { "software = { version = \"1\"; hardware-compatibility = [ ]; };", "SWUPDATE-03" },
        { "software = { version = \"1\"; hardware-compatibility = \"C2\"; };", "SWUPDATE-03" },
        { "software = { version = \"1\"; hardware-compatibility = [ \"C2\" ]; images: ( { filename = \"a\"; } ); };", "SWUPDATE-04" },
        { "software = { version = \"1\"; hardware-compatibility = [ \"C2\" ]; files: ( { filename = \"a\"; sha256 = \"@a\"; } ); };",
            "SWUPDATE-04" },
    };

    [Theory]
    [MemberData(nameof(Descriptions))]
    public void A_hostile_description_is_refused(string text, string rule) =>
        Assert.Equal(rule, ImageBytes.Refused("swupdate", Encoding.UTF8.GetBytes(text))?.Rule);

    [Fact]
    public void A_description_says_its_version_its_hardware_and_every_setting()
    {
        byte[] file = Encoding.UTF8.GetBytes(ImageBytes.SwDescription);
        ImageFacts facts = ImageBytes.Taken("swupdate", file);

        Assert.Equal((ImageBytes.Version, null, "C2, #RE:^C[0-9]+$"), (facts.Version, facts.SecurityCounter, facts.Target));
        Assert.Equal(file, facts.Text);
        Assert.Equal([Convert.ToHexStringLower(SHA256.HashData(file)), Convert.ToHexStringLower(SHA384.HashData(file))],
            facts.Digests.Select(digest => digest.Hex));
        Assert.Equal(["version", "lock-1.hardware-compatibility[0]", "lock-1.hardware-compatibility[1]",
            "stable.copy-1.images[0].filename", "stable.copy-1.images[0].device", "stable.copy-1.images[0].compressed",
            "stable.copy-1.images[0].installed-directly", "stable.copy-1.images[0].size", "stable.copy-1.images[0].sha256",
            "stable.copy-1.images[1].filename", "stable.copy-1.images[1].sha256", "stable.copy-1.images[1].properties",
            "scripts[0].type", "scripts[0].filename", "scripts[0].sha256", "scripts[0].data"], facts.Lines.Select(line => line.Label));
        Assert.Contains(facts.Lines, line => line.Value == "kernel.img");
        Assert.Contains(facts.Lines, line => line.Value.StartsWith("7 bytes, SHA-256 ", StringComparison.Ordinal));
    }

    [Fact]
    public void A_description_may_be_of_JSON()
    {
        ImageFacts facts = ImageBytes.Taken("swupdate", Encoding.UTF8.GetBytes($$$"""
            { "software": { "version": "2", "hardware-compatibility": ["1.0"],
              "files": [{ "filename": "a", "sha256": "{{{new string('a', 64)}}}" }] } }
            """));
        Assert.Equal(("2", "1.0"), (facts.Version, facts.Target));
    }

    /// <summary>Wherever it is cut off, it is refused or says another version or hash; nothing is thrown.</summary>
    [Theory]
    [InlineData("swupdate")]
    [InlineData("rauc-verity")]
    public void A_text_that_was_cut_off_is_refused(string format)
    {
        byte[] file = Encoding.UTF8.GetBytes(format == "swupdate" ? ImageBytes.SwDescription : ImageBytes.RaucManifest);
        int end = format == "swupdate" ? ImageBytes.SwDescription.LastIndexOf('}') : file.Length - 1;
        for (int length = 0; length <= end; length++)
            Assert.NotNull(ImageBytes.Refused(format, file[..length]));
    }

    [Fact]
    public void A_text_of_too_many_settings_or_bytes_is_refused()
    {
        string many = string.Concat(Enumerable.Range(0, 200).Select(i => $"a{i} = 1;\n"));
        Assert.Equal("SWUPDATE-01", Refused("swupdate", $"software = {{ version = \"1\"; {many} }};"));
        Assert.Equal("SWUPDATE-01", Refused("swupdate", new string(' ', 70_000)));
        Assert.Equal("SWUPDATE-01", Refused("swupdate", string.Concat(Enumerable.Repeat("a = (", 40_000 / 5))));
        Assert.Equal("SWUPDATE-01", Refused("swupdate", $"software = {{ {new string('a', 300)} = 1; }};"));
        Assert.Equal("RAUC-01", Refused("rauc-verity", ImageBytes.RaucManifest + many.Replace(" = ", "=", StringComparison.Ordinal)));
    }

    /// <summary>What a file makes long stays a sentence on a screen.</summary>
    [Theory]
    [InlineData("software = { §", "SWUPDATE-01")]
    [InlineData("software = { § = 1; § = 1; }", "SWUPDATE-01")]
    [InlineData("software = { version = \"§\"; hardware-compatibility = [ \"C2\" ]; };", "SWUPDATE-02")]
    [InlineData("software = { version = \"1\"; hardware-compatibility = [ \"§\" ]; };", "SWUPDATE-03")]
    [InlineData("software = { version = \"1\"; hardware-compatibility = [ \"C2\" ]; f: ( { filename = \"§\"; } ); };", "SWUPDATE-04")]
    public void What_is_quoted_is_short(string text, string rule)
    {
        Refusal? refusal = ImageBytes.Refused("swupdate",
            Encoding.UTF8.GetBytes(text.Replace("§", new string('a', 12_000), StringComparison.Ordinal)));
        Assert.Equal(rule, refusal?.Rule);
        Assert.True(refusal!.Message.Length < 200, refusal.Message);
    }

    public static TheoryData<string, string, string> Manifests => new()
    {
        { "compatible=LOCK-1 C2\n", "", "RAUC-02" },
        { "compatible=LOCK-1 C2", "compatible=", "RAUC-02" },
        { $"version={ImageBytes.Version}\n", "", "RAUC-02" },
        { "format=verity", "format=plain", "RAUC-03" },
        { "format=verity", "format=crypt", "RAUC-03" },
        { "verity-size=4096", "verity-size=4097", "RAUC-03" },
        { "verity-hash=aa", "verity-hash=a", "RAUC-03" },
        { "verity-salt=", "verity-sal=", "RAUC-03" },
        { "filename=rootfs.img\n", "", "RAUC-04" },
        { "size=102400", "size=-1", "RAUC-04" },
        { "sha256=cc", "sha256=CC", "RAUC-04" },
        { "[image.rootfs]", "[slot.rootfs]", "RAUC-04" },
        { "[bundle]", "[update]", "RAUC-01" },
        { "[bundle]", "[bundle", "RAUC-01" },
        { "build=", "version=2", "RAUC-01" },
        { "build=", "build = 7", "RAUC-01" },
        { "build=", "build", "RAUC-01" },
        { "# made by rauc\n", "a=b\n", "RAUC-01" },
        { "rootfs.img\n", "rootfs.img\r\n", "RAUC-01" },
    };

    [Theory]
    [MemberData(nameof(Manifests))]
    public void A_hostile_manifest_is_refused(string find, string instead, string rule) =>
        Assert.Equal(rule, Refused("rauc-verity", ImageBytes.RaucManifest.Replace(find, instead, StringComparison.Ordinal)));

    [Fact]
    public void A_manifest_says_its_version_its_device_and_every_setting()
    {
        byte[] file = Encoding.UTF8.GetBytes(ImageBytes.RaucManifest);
        ImageFacts facts = ImageBytes.Taken("rauc-verity", file);

        Assert.Equal((ImageBytes.Version, "LOCK-1 C2"), (facts.Version, facts.Target));
        Assert.Equal(file, facts.Text);
        Assert.Equal(10, facts.Lines.Length);
        Assert.Contains(facts.Lines, line => line is { Label: "update build", Value: "(empty)" });
    }

    public static TheoryData<int, ulong, int, string> Payloads => new()
    {
        { 0, 5000, 95, "RAUC-05" },
        { 1, 5000, 8192, "RAUC-05" },
        { 0, 9000, 8192, "RAUC-05" },
        { 0, 95, 8192, "RAUC-05" },
        { 0, ulong.MaxValue, 8192, "RAUC-05" },
        { 0, 4000, 8192, "RELEASE-11" },
        { 2, 5000, 8192, "RAUC-05" },
    };

    /// <param name="what">0: only the sizes are wrong; 1: no squashfs; 2: something in what fills it.</param>
    [Theory]
    [MemberData(nameof(Payloads))]
    public void A_hostile_payload_is_refused(int what, ulong used, int length, string rule)
    {
        byte[] file = ImageBytes.Squashfs(used, Math.Max(length, 2048));
        if (what == 1)
            file[0] = (byte)'H';
        else if (what == 2)
            file[^1] = 1;
        Assert.Equal(rule, ImageBytes.Refused("rauc-plain", file[..length])?.Rule);
    }

    [Fact]
    public void A_payload_is_a_squashfs_with_or_without_what_fills_it()
    {
        Assert.Contains(ImageBytes.Taken("rauc-plain", ImageBytes.Squashfs()).Lines,
            line => line.Value == "5000 bytes, 7 files and folders, gzip");
        Assert.Equal(2, ImageBytes.Taken("rauc-plain", ImageBytes.Squashfs()[..5000]).Digests.Length);
    }

    private static string? Refused(string format, string text) => ImageBytes.Refused(format, Encoding.UTF8.GetBytes(text))?.Rule;
}
