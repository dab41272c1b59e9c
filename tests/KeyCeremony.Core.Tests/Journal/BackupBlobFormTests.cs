using KeyCeremony.Core.Journal;

namespace KeyCeremony.Core.Tests.Journal;

/// <summary>What can be seen of a wrapped key without the wrap key: its length, by the format that its blob names.</summary>
public sealed class BackupBlobFormTests
{
    [Theory]
    [InlineData("rfc5649", 24, true)]
    [InlineData("rfc5649", 160, true)]
    [InlineData("rfc5649", 16, false)]
    [InlineData("rfc5649", 28, false)]
    [InlineData("cbc-pad", 48, true)]
    [InlineData("cbc-pad", 1808, true)]
    [InlineData("cbc-pad", 32, false)]
    [InlineData("cbc-pad", 56, false)]
    [InlineData("yubihsm", 184, true)]
    [InlineData("yubihsm", 1432, true)]
    [InlineData("yubihsm", 183, false)]
    [InlineData("yubico-ccm", 48, false)]
    [InlineData("", 48, false)]
    public void A_length_fits_its_format_or_does_not(string wrap, int length, bool fits)
    {
        var blob = new BackupBlob(new string('0', 32), "root", "ec-p256", new string('0', 64), "0001-backup-1", "", wrap,
            Convert.ToBase64String(new byte[length]), "");
        Assert.Equal(fits, blob.HasFormOfItsWrap);
        Assert.Equal(fits || wrap is "rfc5649" or "cbc-pad" or "yubihsm", BackupBlob.Formats.Contains(wrap));
    }
}
