using System.Diagnostics;
using System.Security.Cryptography;
using KeyCeremony.App.Ground;
using KeyCeremony.App.Room;
using KeyCeremony.Core;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.App.Tests.Room;

/// <summary>A stick from outside: whatever lies on it, only plain files are seen, and nothing hangs or is changed.</summary>
public sealed class ImportStickTests : IDisposable
{
    private readonly string _stick = Directory.CreateTempSubdirectory("import").FullName;

    private ImportStick Stick => new(_stick);

    /// <summary>A name that is no UTF-8 is none for .NET.</summary>
    public void Dispose() => Run("rm", "-rf", _stick);

    [Fact]
    public void Plain_files_are_seen_in_the_order_of_their_names()
    {
        Put("b.csr", 3);
        Put("a.csr", 2);
        Put("Zażółć gęślą.csr", 1);

        Assert.Equal([new FoundFile("Zażółć gęślą.csr", 1), new FoundFile("a.csr", 2), new FoundFile("b.csr", 3)],
            Stick.Look("request").Files.ToArray());
        Assert.True(Stick.TryRead("a.csr", out byte[]? bytes, out _));
        Assert.Equal(2, bytes.Length);
    }

    [Theory]
    [InlineData(".hidden")]
    [InlineData(".csr")]
    [InlineData("two  blanks.csr")]
    [InlineData(" blank-before.csr")]
    [InlineData("blank-after ")]
    [InlineData("line\nbreak.csr")]
    [InlineData("escape\u001b[2J.csr")]
    [InlineData("reversed\u202Ersc.csr")]
    [InlineData("zero\u200Bwidth.csr")]
    [InlineData("known-keys.csv")]
    public void A_name_that_nobody_could_read_aloud_is_not_seen(string name)
    {
        Put(name, 10);

        Assert.Equal((0, 1), Counted());
        if (name != ImportStick.KnownKeysName)
            Refused(name);
    }

    [Fact]
    public void A_name_of_a_hundred_characters_is_the_longest()
    {
        Put(new string('x', 100), 10);
        Put(new string('y', 101), 10);
        Put(new string('z', 255), 10);

        Assert.Equal((1, 2), Counted());
        Refused(new string('y', 101));
    }

    [Fact]
    public void A_name_that_is_no_utf8_is_not_seen()
    {
        Run("sh", "-c", $"printf x > \"$(printf '{_stick}/bad\\377name')\"");

        Assert.Equal((0, 1), Counted());
    }

    [Fact]
    public void Empty_and_too_long_files_are_not_seen()
    {
        Put("empty.csr", 0);
        Put("longest.csr", (int)ImportStick.MaxSmall);
        Put("too-long.csr", (int)ImportStick.MaxSmall + 1);

        Assert.Equal("longest.csr", Assert.Single(Stick.Look("request").Files).Name);
        Refused("too-long.csr");
        // A list of revocations may be long.
        Assert.Equal(2, Stick.Look("revocations").Files.Length);
    }

    [Fact]
    public void Directories_are_not_seen_and_what_is_in_them_is_not_either()
    {
        Directory.CreateDirectory(Path.Combine(_stick, "folder"));
        Put("folder/in.csr", 10);

        Assert.Equal((0, 1), Counted());
        Refused("folder");
        Refused("folder/in.csr");
        Refused("../" + Path.GetFileName(_stick) + "/folder/in.csr");
    }

    [Theory]
    [InlineData("/etc/hostname")]
    [InlineData("/dev/zero")]
    [InlineData("other.csr")]
    [InlineData("nothing")]
    [InlineData("link")]
    public void Links_are_not_followed(string target)
    {
        Put("other.csr", 10);
        File.CreateSymbolicLink(Path.Combine(_stick, "link"), target);

        Assert.Equal("other.csr", Assert.Single(Stick.Look("request").Files).Name);
        Refused("link");
    }

    [Fact]
    public void Nobody_waits_for_a_named_pipe()
    {
        Run("mkfifo", Path.Combine(_stick, "pipe.csr"));
        Run("mkfifo", Path.Combine(_stick, ImportStick.KnownKeysName));

        Assert.Equal((0, 2), Counted());
        Refused("pipe.csr");
        Assert.False(Stick.TryOpenRevocations("pipe.csr", out _, out Refusal? refusal));
        Assert.Equal("IN-02", refusal.Rule);
        Assert.False(Stick.TryReadKnownKeys(out _, out refusal));
        Assert.Equal("IN-02", refusal.Rule);
        Assert.Null(Stick.Find(new string('0', 64), 0));
    }

    [Fact]
    public void A_device_is_not_opened()
    {
        // Only who may make devices can try it; a directory of devices is there for everybody.
        var devices = new ImportStick("/dev");

        Assert.DoesNotContain(devices.Look("revocations").Files, f => f.Name is "zero" or "full" or "random" or "tty");
        Assert.False(devices.TryRead("zero", out _, out Refusal? refusal));
        Assert.Equal("IN-02", refusal.Rule);
    }

    [Fact]
    public void A_hundred_thousand_files_fill_neither_screen_nor_journal()
    {
        for (int i = 0; i < 100_000; i++)
            File.Create(Path.Combine(_stick, $"{i:D6}.csr")).Dispose();
        ImportsFound empty = Stick.Look("request");
        Assert.Empty(empty.Files);
        Assert.True(empty.Ignored >= 10_000);

        foreach (string path in Directory.EnumerateFiles(_stick).Take(12_000))
            File.WriteAllText(path, "x");
        ImportsFound found = Stick.Look("request");
        Assert.Equal(200, found.Files.Length);
        Assert.True(found.Ignored >= 9_800);
    }

    [Fact]
    public void A_list_is_found_by_its_hash_under_any_plain_name()
    {
        byte[] list = RandomNumberGenerator.GetBytes(1000);
        Put("other", 1000);
        File.WriteAllBytes(Path.Combine(_stick, "renamed.bin"), list);
        File.WriteAllBytes(Path.Combine(_stick, ".hidden"), list);
        string sha256 = Convert.ToHexStringLower(SHA256.HashData(list));

        using (FileStream? found = Stick.Find(sha256, list.Length))
            Assert.EndsWith("renamed.bin", found?.Name, StringComparison.Ordinal);
        Assert.Null(Stick.Find(sha256, list.Length + 1));
        Assert.Null(new ImportStick(null).Find(sha256, list.Length));
        File.Delete(Path.Combine(_stick, "renamed.bin"));
        Assert.Null(Stick.Find(sha256, list.Length));
    }

    [Fact]
    public void Without_a_stick_it_says_so()
    {
        Assert.Equal("IN-01", Assert.Throws<CeremonyException>(() => new ImportStick(null).Look("request")).Refusal.Rule);
        Assert.Equal("IN-01",
            Assert.Throws<CeremonyException>(() => new ImportStick(Path.Combine(_stick, "none")).Look("request")).Refusal.Rule);
        Assert.True(Stick.TryReadKnownKeys(out byte[]? keys, out _));
        Assert.Null(keys);
    }

    [Fact]
    public void Nothing_on_the_stick_is_changed()
    {
        Put("a.csr", 10);
        Run("chmod", "400", Path.Combine(_stick, "a.csr"));
        DateTime written = File.GetLastWriteTimeUtc(Path.Combine(_stick, "a.csr"));
        _ = Stick.Look("request");
        Assert.True(Stick.TryRead("a.csr", out _, out _));
        Assert.True(Stick.TryOpenRevocations("a.csr", out FileStream? file, out _));
        using (file)
            Assert.False(file.CanWrite);

        Assert.Equal(["a.csr"], Directory.GetFileSystemEntries(_stick).Select(Path.GetFileName));
        Assert.Equal(written, File.GetLastWriteTimeUtc(Path.Combine(_stick, "a.csr")));
    }

    private (int Files, int Ignored) Counted()
    {
        ImportsFound found = Stick.Look("request");
        return (found.Files.Length, found.Ignored);
    }

    private void Refused(string name)
    {
        Assert.False(Stick.TryRead(name, out _, out Refusal? refusal));
        Assert.Equal("IN-02", refusal.Rule);
        Assert.True(KeyCeremony.Core.PlainText.Is(refusal.Message));
    }

    private void Put(string name, int length) => File.WriteAllBytes(Path.Combine(_stick, name), new byte[length]);

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
