using KeyCeremony.App.Transfer;
using QRCoder.Exceptions;

namespace KeyCeremony.App.Tests.Transfer;

/// <summary>Our table of codes against the library that draws them.</summary>
public sealed class QrVersionTests
{
    [Fact]
    public void Every_version_holds_what_the_table_says_and_no_more()
    {
        for (int version = 1; version <= QrVersion.Largest; version++)
        {
            int most = QrVersion.Characters(version);
            Assert.Equal(QrVersion.Side(version), QrCode.Of(new string('Z', most), version).Side);
            Assert.Throws<DataTooLongException>(() => QrCode.Of(new string('Z', most + 1), version));
        }
    }

    [Fact]
    public void The_version_for_a_room_or_a_text_is_found()
    {
        Assert.Equal((0, 1, 1, 2),
            (QrVersion.LargestWithin(28), QrVersion.LargestWithin(29), QrVersion.LargestWithin(32), QrVersion.LargestWithin(33)));
        Assert.Equal((0, QrVersion.Largest), (QrVersion.LargestWithin(-5), QrVersion.LargestWithin(100_000)));
        for (int version = 1; version < QrVersion.Largest; version++)
        {
            Assert.Equal(version, QrVersion.SmallestFor(QrVersion.Characters(version)));
            Assert.Equal(version + 1, QrVersion.SmallestFor(QrVersion.Characters(version) + 1));
        }
    }

    [Fact]
    public void A_code_is_dark_on_light()
    {
        var code = QrCode.Of("UR:COMPRESSED/", 1);
        Assert.All(Enumerable.Range(0, code.Side), i => Assert.True(code.IsLit(0, i) && code.IsLit(3, i) && code.IsLit(i, code.Side - 1)));
        Assert.False(code.IsLit(4, 4)); // the finder's corner
    }

    [Fact]
    public void What_the_library_names_for_Windows_is_not_taken_along() =>
        Assert.DoesNotMatch("System.Drawing|SystemEvents",
            File.ReadAllText(Path.ChangeExtension(typeof(QrCode).Assembly.Location, ".deps.json")));
}
