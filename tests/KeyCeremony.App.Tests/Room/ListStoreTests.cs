using System.Security.Cryptography;
using KeyCeremony.App.Room;
using KeyCeremony.Core;

namespace KeyCeremony.App.Tests.Room;

public sealed class ListStoreTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("lists").FullName;
    private readonly byte[] _list = RandomNumberGenerator.GetBytes(5000);

    public ListStoreTests()
    {
        foreach (string stick in Sticks)
            Directory.CreateDirectory(stick);
        File.WriteAllBytes(Source, _list);
    }

    private string[] Sticks => [Path.Combine(_root, "a"), Path.Combine(_root, "b")];

    private string Source => Path.Combine(_root, "finished.crl");

    private string Sha256 => Convert.ToHexStringLower(SHA256.HashData(_list));

    private ListStore Store => new(Sticks);

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_list_lies_whole_on_both_sticks_under_its_hash()
    {
        Store.Keep(Source, Sha256);

        Assert.All(Sticks, stick => Assert.Equal([On(stick)], Directory.GetFileSystemEntries(Path.Combine(stick, ListStore.FolderName))));
        Assert.All(Sticks, stick => Assert.Equal(_list, File.ReadAllBytes(On(stick))));
        Assert.Equal(_list, Found());
    }

    [Fact]
    public void What_a_power_cut_left_half_is_written_again()
    {
        Directory.CreateDirectory(Path.Combine(Sticks[0], ListStore.FolderName));
        File.WriteAllBytes(On(Sticks[0]) + ".partial", _list[..100]);
        Assert.Null(Store.Find(Sha256));
        Store.Keep(Source, Sha256);

        Assert.Equal(_list, File.ReadAllBytes(On(Sticks[0])));
        Assert.Single(Directory.GetFiles(Path.Combine(Sticks[0], ListStore.FolderName)));
    }

    [Fact]
    public void Kept_on_one_stick_only_it_comes_to_the_other_one()
    {
        new ListStore(Sticks[..1]).Keep(Source, Sha256);
        Store.Keep(Source, Sha256);

        Assert.Equal(_list, File.ReadAllBytes(On(Sticks[1])));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_flipped_byte_on_one_stick_is_served_from_the_other(int broken)
    {
        Store.Keep(Source, Sha256);
        Flip(On(Sticks[broken]));

        Assert.Equal(_list, Found());
        Flip(On(Sticks[1 - broken]));
        Assert.Null(Store.Find(Sha256));
    }

    /// <summary>A stick that gives back other bytes is failing: that is seen, not written over.</summary>
    [Fact]
    public void Nothing_is_overwritten()
    {
        Store.Keep(Source, Sha256);
        Flip(On(Sticks[0]));
        byte[] broken = File.ReadAllBytes(On(Sticks[0]));

        Assert.Throws<IOException>(() => Store.Keep(Source, Sha256));
        Assert.Equal(broken, File.ReadAllBytes(On(Sticks[0])));
        Assert.Equal(_list, Found());
    }

    [Fact]
    public void A_good_list_is_not_written_twice()
    {
        Store.Keep(Source, Sha256);
        DateTime written = File.GetLastWriteTimeUtc(On(Sticks[0]));
        File.Delete(Source);
        Store.Keep(Source, Sha256);

        Assert.Equal(written, File.GetLastWriteTimeUtc(On(Sticks[0])));
    }

    [Fact]
    public void Bytes_that_are_not_the_hash_are_never_kept()
    {
        Assert.Throws<FileFaultException>(() => Store.Keep(Source, new string('0', 64)));

        Assert.All(Sticks, stick => Assert.False(File.Exists(Path.Combine(stick, ListStore.FolderName, new string('0', 64)))));
    }

    [Fact]
    public void A_link_is_no_list()
    {
        Directory.CreateDirectory(Path.Combine(Sticks[0], ListStore.FolderName));
        File.CreateSymbolicLink(On(Sticks[0]), Source);

        Assert.Null(Store.Find(Sha256));
    }

    private byte[] Found()
    {
        using FileStream? file = Store.Find(Sha256);
        Assert.NotNull(file);
        byte[] bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    private string On(string stick) => Path.Combine(stick, ListStore.FolderName, Sha256);

    private static void Flip(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(path, bytes);
    }
}
