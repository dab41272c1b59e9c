using KeyCeremony.App.Camera;
using KeyCeremony.Core;
using KeyCeremony.Core.Transfer;

namespace KeyCeremony.App.Tests.Camera;

/// <summary>Codes drawn by our own code, read by zbar: what belongs together, what does not, and what is no picture.</summary>
public sealed class PictureEyeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("keyceremony-pictures-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_is_no_picture_or_too_large_a_one_is_refused_before_anything_decodes_it()
    {
        AssertNoPicture("none.png", null, "no such file");
        AssertNoPicture("text.png", "a text"u8.ToArray(), "neither PNG nor JPEG");
        AssertNoPicture("vector.svg", "<svg><image href='/etc/passwd'/></svg>"u8.ToArray(), "neither PNG nor JPEG");
        AssertNoPicture("huge.png", Codes.PngHeader(20_000, 20_000), "400,000,000 pixels");
        AssertNoPicture("broad.jpg", [0xFF, 0xD8, 0xFF, 0xC0, 0, 17, 8, 0xFF, 0xFF, 0xFF, 0xFF, 3], "4,294,836,225 pixels");
        AssertNoPicture("negative.png", Codes.PngHeader(-1, 10), "neither PNG nor JPEG");
        AssertNoPicture("long.png", new byte[(32 * 1024 * 1024) + 1], "33,554,433 bytes");
        AssertNoPicture("cut.png", Codes.PngHeader(100, 100), "gave up");
    }

    [Fact]
    public void Without_zbar_it_is_refused()
    {
        string file = Save("code.png", Codes.Png("1234"u8.ToArray()));
        Assert.False(PictureEye.TryLook(new Zbar("no-zbarcam", "no-zbarimg"), file, _ => { }, out Refusal? refusal));
        Assert.Equal(ScanRules.NotInstalledId, refusal.Rule);
    }

    [Fact]
    public void Three_kilobytes_of_rubbish_are_refused()
    {
        byte[] rubbish = new byte[2900];
        new Random(1).NextBytes(rubbish);
        Save("rubbish.png", Codes.Png(rubbish));
        AssertRefused(TransferRules.NoTextId);
    }

    [Fact]
    public void A_picture_of_a_share_card_is_refused()
    {
        Codes.Draw(_folder, string.Concat(Enumerable.Range(0, 20).Select(i => $"{i * 50:D4}")));
        AssertRefused(TransferRules.PerhapsACardId);
    }

    [Fact]
    public void White_pictures_alone_and_too_few_frames_are_told()
    {
        Codes.Draw(_folder, "", "");
        AssertRefused(TransferRules.MissingId);
        Codes.Draw(_folder, Codes.Frames("root.der", 700, 3));
        Assert.Contains("3 of", AssertRefused(TransferRules.MissingId).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Blanked_repeated_and_foreign_frames_between_do_no_harm()
    {
        string[] frames = Codes.Frames("root.der", 700, 16), foreign = Codes.Frames("other.der", 700, 3, seed: 2);
        Codes.Draw(_folder, [frames[0], foreign[0], frames[1], "", foreign[1], frames[1], "", "", foreign[2], .. frames[3..]]);
        Artefact received = Assert.Single(Read());
        Assert.Equal(Transfer.Shows.Message("root.der", 700).Artefact.Sha256, received.Sha256);
        Assert.Equal("root.der", received.Name);
    }

    [Fact]
    public void Several_artefacts_come_one_after_another()
    {
        const string Pem = "-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n";
        Codes.Draw(_folder, [.. Codes.Frames("root.der", 300, 4), Pem, .. Codes.Frames("a.crl", 300, 9, seed: 2)]);
        Assert.Equal(["root.der", "code-pem", "a.crl"],
            Read().Select(a => a.Name.StartsWith("code-", StringComparison.Ordinal) ? "code-pem" : a.Name));
    }

    private List<Artefact> Read()
    {
        Assert.True(PictureEye.TryRead(new Zbar(), [_folder], out List<Artefact> artefacts, out Refusal? refusal), refusal?.ToString());
        return artefacts;
    }

    private Refusal AssertRefused(string rule)
    {
        Assert.False(PictureEye.TryRead(new Zbar(), [_folder], out List<Artefact> artefacts, out Refusal? refusal));
        Assert.Equal(rule, refusal.Rule);
        Assert.Empty(artefacts);
        return refusal;
    }

    private void AssertNoPicture(string name, byte[]? bytes, string says)
    {
        string path = bytes is null ? Path.Combine(_folder, name) : Save(name, bytes);
        Assert.False(PictureEye.TryLook(new Zbar(), path, _ => Assert.Fail("a code was seen"), out Refusal? refusal));
        Assert.Equal(ScanRules.NoPictureId, refusal.Rule);
        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
    }

    private string Save(string name, byte[] bytes)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
