using FsCheck;
using FsCheck.Fluent;

namespace KeyCeremony.Core.Tests;

public sealed class ExactBase64Tests
{
    [Theory]
    [InlineData("QQ")] // no padding
    [InlineData("QQ= =")]
    [InlineData(" QQ==")]
    [InlineData("QQ==\n")]
    [InlineData("QR==")] // a spare bit
    [InlineData("QUI=QQ==")]
    [InlineData("-_8=")] // the other alphabet
    [InlineData("Q")]
    [InlineData("====")]
    public void Another_spelling_is_refused(string text) => Assert.Null(ExactBase64.Read(text));

    [Fact]
    public void An_empty_text_is_no_bytes() => Assert.Empty(ExactBase64.Read("")!);

    [Fact]
    public void What_is_written_is_read() =>
        Prop.ForAll<byte[]>(bytes => ExactBase64.Read(Convert.ToBase64String(bytes))!.SequenceEqual(bytes))
        .QuickCheckThrowOnFailure();
}
