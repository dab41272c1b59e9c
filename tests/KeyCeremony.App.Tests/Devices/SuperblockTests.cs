using KeyCeremony.App.Devices;

namespace KeyCeremony.App.Tests.Devices;

/// <summary>What other people's tools format is recognised; what is a byte off, or claims too much, is not, and nothing breaks.</summary>
public sealed class SuperblockTests
{
    private static readonly (string Kind, Func<string, Image> Format)[] Kinds =
        [(FileSystems.Fat32, Image.Fat32), (FileSystems.ExFat, Image.ExFat), (FileSystems.Ext4, l => Image.Ext4(l))];

    [Theory]
    [InlineData(0, "KC-RECORD-A")]
    [InlineData(1, "KC-RECORD-A")]
    [InlineData(1, "KC-Größe")]
    [InlineData(2, "KC-RECORD-A")]
    [InlineData(2, "sixteen-letters-")]
    public void Each_file_system_is_told_with_its_label(int kind, string label)
    {
        using Image image = Kinds[kind].Format(label);
        Assert.Equal(new FileSystem(Kinds[kind].Kind, label), Read(image.Bytes));
    }

    [Fact]
    public void Other_file_systems_are_none_of_the_three()
    {
        using var fat16 = Image.Made(32, "mkfs.vfat", "dosfstools", ["-F", "16", "-n", "KC-IMPORT"]);
        using var ext2 = Image.Made(32, "mkfs.ext2", "e2fsprogs", ["-q", "-L", "KC-IMPORT"]);
        Assert.Null(Read(fat16.Bytes));
        Assert.Null(Read(ext2.Bytes));
        Assert.Null(Read(new byte[65536]));
        Assert.Null(Read([]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_file_system_that_claims_more_than_the_drive_has_is_refused(int kind)
    {
        using Image image = Kinds[kind].Format("KC-EXPORT");
        byte[] bytes = image.Bytes;
        Assert.NotNull(Superblock.Read(Reader(bytes), bytes.Length));
        Assert.Null(Superblock.Read(Reader(bytes), bytes.Length / 2));
    }

    /// <summary>
    /// Every byte that is looked at, with every value that matters: an answer or none, never an exception, never a long read.
    /// </summary>
    [Theory]
    [InlineData(0, 0, 512)]
    [InlineData(1, 0, 512)]
    [InlineData(2, 1024, 1024)]
    public void No_byte_of_a_hostile_stick_does_harm(int kind, int from, int length)
    {
        using Image image = Kinds[kind].Format("KC-IMPORT");
        byte[] bytes = image.Bytes;
        for (int at = from; at < from + length; at++)
            foreach (byte value in new byte[] { 0, 1, 2, 0x0C, 0x7F, 0x80, 0xFF })
            {
                byte before = bytes[at];
                bytes[at] = value;
                FileSystem? found = Read(bytes);
                Assert.True(found is null || found.Label.Length <= 32);
                bytes[at] = before;
            }
    }

    [Fact]
    public void A_label_that_steers_the_terminal_is_cleaned()
    {
        using var image = Image.Ext4("KC-IMPORT");
        byte[] bytes = image.Bytes;
        "KC\e[2J\u202E"u8.CopyTo(bytes.AsSpan(1024 + 0x78));
        FileSystem? found = Read(bytes);
        Assert.NotNull(found);
        Assert.True(KeyCeremony.Core.PlainText.Is(found.Label), found.Label);
    }

    [Fact]
    public void A_live_image_is_recognised()
    {
        byte[] bytes = new byte[65536];
        Assert.False(Superblock.IsBootImage(Reader(bytes)));
        "CD001"u8.CopyTo(bytes.AsSpan(0x8001));
        Assert.True(Superblock.IsBootImage(Reader(bytes)));
    }

    private static FileSystem? Read(byte[] bytes) => Superblock.Read(Reader(bytes), bytes.Length);

    private static Func<long, int, byte[]> Reader(byte[] bytes) => (at, length) =>
    {
        Assert.InRange(at, 0, long.MaxValue);
        Assert.InRange(length, 1, 32 * 1024);
        return at >= bytes.Length ? [] : bytes.AsSpan((int)at, (int)Math.Min(length, bytes.Length - at)).ToArray();
    };
}
