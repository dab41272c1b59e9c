using System.Collections.Immutable;
using System.Text;
using KeyCeremony.Core.Pki.Requests;
using KeyCeremony.Core.Release;
using KeyCeremony.Core.Release.Images;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Tests.Release;

/// <summary>release.yaml, and whether the images are what it says.</summary>
public sealed class ReleaseRequestTests : IDisposable
{
    private static readonly string Example = File.ReadAllText(Path.Combine(Releases.ExampleFolder, "release.yaml"));

    private readonly Releases _release = new Releases().Fill();

    public void Dispose() => _release.Dispose();

    [Theory]
    [InlineData("component: application", "component: application\ncolour: red", 4, "`colour` is unknown")]
    [InlineData("version: 1.15.0+7", "version: 1.15.0+7\nversion: 1.15.0", 5, "`version` stands twice")]
    [InlineData("product: LOCK-1\n", "", 1, "`product` is missing")]
    [InlineData("securityCounter: 18", "securityCounter: -1", 5, "`securityCounter`")]
    [InlineData("securityCounter: 18", "securityCounter: 4294967296", 5, "`securityCounter`")]
    [InlineData("securityCounter: 18", "securityCounter: \"18\"", 5, "`securityCounter`")]
    [InlineData("environment: production", "environment: testing", 6, "`environment`")]
    [InlineData("format: mcuboot", "format: elf", 9, "`format`")]
    [InlineData("size: 416", "size: 416.0", 10, "`size`")]
    [InlineData("size: 416", "size: 68719476737", 10, "`size`")]
    [InlineData("    sha256: ", "    sha256: 0", 11, "`sha256`")]
    [InlineData("    key: ", "    key: A", 15, "`key`")]
    [InlineData("    site: Zürich Nord, build room\n", "", 13, "`site` is missing in a builder")]
    [InlineData("component: application", "component: application # ours", 3, "comment")]
    [InlineData("component: application", "component: &a application", 3, "anchor")]
    [InlineData("component: application", "component: app\u200blication", 3, "U+200B")]
    [InlineData("component: application", "component: |\n  application", 3, "several lines")]
    public void What_is_no_request_is_refused_with_its_line(string find, string instead, int line, string words)
    {
        Assert.Contains(find, Example, StringComparison.Ordinal);
        int at = Example.IndexOf(find, StringComparison.Ordinal);
        string changed = Example[..at] + instead + Example[(at + find.Length)..];
        Assert.False(ReleaseRequest.TryRead(Encoding.UTF8.GetBytes(changed), "release.yaml", out _,
            out ImmutableArray<ScriptError> errors));
        Assert.All(errors, error => Assert.Equal(("RELEASE-01", "release.yaml"), (error.Rule, error.File)));
        Assert.Contains(errors, error => error.Line == line && error.Message.Contains(words, StringComparison.Ordinal));
    }

    [Fact]
    public void Too_many_bytes_images_and_builders_are_refused()
    {
        Assert.False(ReleaseRequest.TryRead(new byte[ReleaseRequest.MaxBytes + 1], "release.yaml", out _,
            out ImmutableArray<ScriptError> errors));
        Assert.Equal("RELEASE-01", Assert.Single(errors).Rule);
        string yaml = _release.Yaml();
        string image = yaml[yaml.IndexOf("  - file", StringComparison.Ordinal)..yaml.IndexOf("builders:", StringComparison.Ordinal)];
        foreach (int count in new[] { ReleaseRequest.MaxImages, ReleaseRequest.MaxImages + 1 })
            Assert.Equal(count == ReleaseRequest.MaxImages, ReleaseRequest.TryRead(Encoding.UTF8.GetBytes(yaml.Replace(image,
                string.Concat(Enumerable.Repeat(image, count)), StringComparison.Ordinal)), "release.yaml", out _, out _));
    }

    [Fact]
    public void The_example_is_right_and_every_field_is_told()
    {
        ImmutableArray<CheckedKey> keys = [.. new[] { "a", "b" }.Select(runner =>
        {
            byte[] file = File.ReadAllBytes(Path.Combine(Releases.ExampleFolder, "..", $"runner-{runner}.pub.pem"));
            Assert.True(BuilderKeyFile.TryRead(file, out CheckedKey? key, out Refusal? refusal), refusal?.ToString());
            return key;
        })];
        string[] names = [.. Directory.EnumerateFiles(Releases.ExampleFolder).Select(path => Path.GetFileName(path))];
        Assert.True(ReleaseJudgement.TryJudge(Releases.Read(Example), names,
            name => File.OpenRead(Path.Combine(Releases.ExampleFolder, name)), keys, out ReleaseJudgement? judgement,
            out ImmutableArray<Refusal> refusals), string.Join('\n', refusals));

        string told = string.Join('\n', judgement.Describe());
        foreach (string said in new[]
        {
            "LOCK-1", "hardware revision C2", "application", "1.15.0+7", "18", "production", "MCUboot image", "416 bytes",
            judgement.Images[0].Sha256, judgement.Images[0].Digests[0].Hex, "https://ci.example.com/runner-a", "Zürich Nord, build room",
            "https://builds.example.org/runner-b", "git+https://example.com/lock.git", "https://example.com/firmware-build/v1",
        })
            Assert.Contains(said, told, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("product: LOCK-1", "product: LОCK-1", "RELEASE-02")] // a Cyrillic O
    [InlineData("site: Graz", "site: Graz  II", "RELEASE-02")]
    [InlineData("file: application.bin", "file: ../application.bin", "RELEASE-03")]
    [InlineData("file: application.bin", "file: .application.bin", "RELEASE-03")]
    [InlineData("file: application.bin", "file: application:bin", "RELEASE-03")]
    [InlineData("statement: runner-b.dsse.json", "statement: RUNNER-A.dsse.json", "RELEASE-03")]
    [InlineData("statement: runner-b.dsse.json", "statement: release.yaml", "RELEASE-03")]
    [InlineData("file: application.bin", "file: firmware.bin", "RELEASE-04")]
    [InlineData("version: 1.15.0+7", "version: 1.15.0+8", "RELEASE-07")]
    [InlineData("securityCounter: 18", "securityCounter: 17", "RELEASE-08")]
    [InlineData("    format: mcuboot", "    format: mcuboot\n    target: nrf5340", "RELEASE-09")]
    public void What_does_not_agree_is_refused(string find, string instead, string rule)
    {
        string yaml = _release.Yaml();
        Assert.Contains(find, yaml, StringComparison.Ordinal);
        Assert.Contains(_release.Judge(yaml.Replace(find, instead, StringComparison.Ordinal)), refusal => refusal.Rule == rule);
    }

    [Fact]
    public void A_request_that_is_right_is_taken_and_what_lies_beside_it_is_refused()
    {
        Assert.Empty(_release.Judge());
        Refusal refusal = Assert.Single(_release.Judge(beside: "debug.elf"));
        Assert.Equal("RELEASE-05", refusal.Rule);
        Assert.Contains("'debug.elf'", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_exchanged_image_is_refused_by_size_and_hash()
    {
        string yaml = _release.Yaml();
        _release.Files[Releases.ImageName] = ImageBytes.Mcuboot(inside: ImageBytes.Record(0x01A0, [1]));
        Assert.Equal(["RELEASE-06", "RELEASE-06"], _release.Judge(yaml).Select(refusal => refusal.Rule));
        _release.Files[Releases.ImageName] = ImageBytes.Changed(_release.Files[Releases.ImageName], 100, 1);
        Refusal refusal = Assert.Single(_release.Judge(yaml));
        Assert.Equal("MCUBOOT-05", refusal.Rule);
        Assert.StartsWith("'application.bin': ", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_target_that_is_missing_or_another_is_refused()
    {
        foreach (string? target in new[] { "esp32c3", "esp32s3", null })
        {
            using var release = new Releases { Format = "esp-secure-boot-v2", Target = target };
            string[] rules = target == "esp32c3" ? [] : ["RELEASE-09"];
            Assert.Equal(rules, release.Fill(ImageBytes.Esp()).Judge().Select(refusal => refusal.Rule));
        }
    }

    [Fact]
    public void A_file_that_nobody_looks_into_has_no_version_to_agree_with()
    {
        using var release = new Releases { Format = "raw" };
        Assert.Empty(release.Fill([1, 2, 3]).Judge());
        Assert.Equal("RAW-01", Assert.Single(release.Fill([]).Judge()).Rule);
    }

    [Fact]
    public void An_image_that_grows_or_ends_while_it_is_read_is_refused()
    {
        byte[] image = ImageBytes.Mcuboot();
        foreach (int length in new[] { image.Length - 1, image.Length + 1 })
        {
            Assert.False(ImageFormat.Of("raw").TryRead(new MemoryStream(image), length, out _, out Refusal? refusal));
            Assert.Equal("RELEASE-04", refusal.Rule);
        }
        Assert.False(ImageFormat.Of("raw").TryRead(new Torn(), 4096, out _, out Refusal? torn));
        Assert.Equal("RELEASE-04", torn.Rule);
        Assert.Contains("EIO", torn.Message, StringComparison.Ordinal);
    }

    /// <summary>The child's side of <see cref="Two_gigabytes_take_little_memory"/>.</summary>
    public static double PeakOfReading(int megabytes)
    {
        long bytes = (long)megabytes << 20;
        Assert.True(ImageFormat.Of("raw").TryRead(new Zeros(bytes), bytes, out ImageFacts? facts, out Refusal? refusal),
            refusal?.ToString());
        Assert.Equal(bytes, facts.Size);
        return PeakMemory.Own();
    }

    [Fact]
    [Trait("Takes", "long")]
    public async Task Two_gigabytes_take_little_memory()
    {
        if (await PeakMemory.Of("release-memory", 2048) is { } peak)
            Assert.InRange(peak, 1, 100);
    }

    private sealed class Zeros(long bytes) : Nothing
    {
        private long _left = bytes;

        public override int Read(Span<byte> buffer)
        {
            int count = (int)Math.Min(buffer.Length, _left);
            buffer[..count].Clear();
            _left -= count;
            return count;
        }
    }

    /// <summary>A stick that is pulled out.</summary>
    private sealed class Torn : Nothing
    {
        public override int Read(Span<byte> buffer) => throw new IOException("?", 5);
    }

    private abstract class Nothing : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
