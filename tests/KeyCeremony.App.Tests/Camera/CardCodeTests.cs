using System.Text;
using KeyCeremony.App.Camera;
using KeyCeremony.App.Room.Scan;
using KeyCeremony.App.Terminal;
using KeyCeremony.App.Tests.Terminal;
using KeyCeremony.App.Tests.Transfer;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Sharing;
using KeyCeremony.Core.Transfer;

namespace KeyCeremony.App.Tests.Camera;

/// <summary>
/// Cards as codes: on the screen only where the script allows it, painted apart from every frame, read by a camera as they are.
/// </summary>
public sealed class CardCodeTests
{
    [Theory]
    [InlineData(16)]
    [InlineData(32)]
    public void What_is_painted_a_camera_reads_back_as_the_same_card(int bytes)
    {
        for (int seed = 1; seed <= 12; seed++)
        {
            using ShareSet set = Deal(bytes, seed);
            Share share = set.Shares[seed % 3];
            using var code = CardCode.Of(share);
            string digits = Assert.Single(Picture.Read(Picture.Of(Painted(share, code.Side + 2 * CardCode.QuietZone),
                code.Side + 2 * CardCode.QuietZone)));
            Assert.True(Slip39.TryParseNumeric(Encoding.ASCII.GetBytes(digits), out Share? read, out Core.Refusal? refusal),
                refusal?.ToString());
            using (read)
                Assert.Equal(ShareDigest.Of(share), ShareDigest.Of(read));
        }
    }

    [Fact]
    public void A_script_that_does_not_allow_codes_knows_no_key_for_them()
    {
        using var room = new FakeRoom("root-creation.md");
        ScreenModel shown = room.GoTo("deal-activation", AnswerKind.ShowShare).Model(Shows.Narrow);
        Assert.Equal((false, null), Press(shown, Key.Of('c')));
        Assert.DoesNotContain("code", Screen.View(shown).Text, StringComparison.Ordinal);
        room.Make(room.Move);
        (_, Command? command) = Screen.Update(room.Model(Shows.Narrow), Key.Ctrl('r'));
        Assert.Null(command);
    }

    [Fact]
    public void Where_it_is_allowed_c_goes_to_the_code_and_back_and_the_terminal_is_wiped_between()
    {
        using var room = new FakeRoom("root-creation.md");
        ScreenModel shown = Allowed(room.GoTo("deal-activation", AnswerKind.ShowShare).Model(Shows.Narrow));
        (ScreenModel coded, Command? command) = Screen.Update(shown, Key.Of('c'));
        Assert.IsType<Redraw>(command);
        Assert.All(Screen.View(coded).Spots, spot => Assert.Equal(SpotKind.CodeRow, spot.Kind));
        Assert.Equal((false, typeof(Redraw)), Press(coded, Key.Of('c')));

        ScreenModel hiding = Screen.Update(coded, new Key(KeyKind.Enter)).Model;
        Assert.IsType<ShareShown>(Screen.Update(hiding, new Key(KeyKind.Enter)).Command);
        Assert.False(coded.Follow(coded.State, coded.Move).CodeShown);
    }

    [Fact]
    public void A_terminal_that_cannot_draw_it_is_told_so()
    {
        using var room = new FakeRoom("root-creation.md");
        ScreenModel shown = Allowed(room.GoTo("deal-activation", AnswerKind.ShowShare)
            .Model(Shows.Narrow with { Glyphs = GlyphSet.Ascii }));
        ScreenModel refused = Screen.Update(shown, Key.Of('c')).Model;
        Assert.Equal((TransferRules.ScreenId, false), (refused.Refusal?.Rule, refused.CodeShown));
    }

    /// <summary>Nothing of the code stands in the picture that the program keeps.</summary>
    [Theory]
    [InlineData(80, 24)]
    [InlineData(80, 25)]
    [InlineData(120, 40)]
    public void The_frame_has_places_for_the_code_and_nothing_of_it(int width, int height)
    {
        using var room = new FakeRoom("root-creation.md");
        ScreenModel coded = Screen.Update(Allowed(room.GoTo("deal-backup",
            AnswerKind.ShowShare).Model(Shows.Narrow with { Width = width, Height = height })), Key.Of('c')).Model;
        Frame frame = Screen.View(coded);
        Assert.Equal(Enumerable.Range(0, 21), frame.Spots.Select(s => s.Number));
        Assert.DoesNotContain(frame.Rows, row => row.AsSpan().ContainsAny("▀▄█"));
        Assert.Contains("Now:", frame.Text, StringComparison.Ordinal);

        var painted = new List<string>();
        SecretPainter.Paint(frame.Spots, coded.Shown, null, bytes => painted.Add(Encoding.UTF8.GetString(bytes)));
        Assert.Equal(21, painted.Count);
        Assert.All(painted.Zip(frame.Spots),
            p => Assert.StartsWith($"\e[{p.Second.Row + 1};{p.Second.Column + 1}H", p.First, StringComparison.Ordinal));
        Compare($"card-code-{width}x{height}", frame);
        Compare($"card-code-hiding-{width}x{height}", Screen.View(coded with { Hiding = true }));
    }

    [Fact]
    public void Typing_offers_the_camera_where_it_is_allowed()
    {
        using var room = new FakeRoom("root-creation.md");
        room.GoTo("deal-activation", AnswerKind.ReadBackShare);
        ScreenModel typing = Allowed(room.Model(Shows.Narrow));
        Assert.Contains("^R reads a code by camera", Screen.View(typing).Text, StringComparison.Ordinal);
        Assert.IsType<ScanCard>(Screen.Update(typing, Key.Ctrl('r')).Command);
    }

    [Theory]
    [InlineData(80, 25)]
    [InlineData(120, 40)]
    public void The_page_of_the_camera_says_what_was_refused_and_nothing_that_was_read(int width, int height)
    {
        var camera = new CameraDevice("/dev/video0", "HD Webcam C270");
        using var entry = WordEntry.Any(20);
        Compare($"card-aim-{width}x{height}", CardLoop.View(Shows.Narrow with { Width = width, Height = height }, camera, null));
        Compare($"card-refused-{width}x{height}",
            CardLoop.View(Shows.Narrow with { Width = width, Height = height }, camera, entry.Scan("00000001102300000001"u8)));
    }

    private static (bool, Type?) Press(ScreenModel model, Key key)
    {
        (ScreenModel next, Command? command) = Screen.Update(model, key);
        return (next.CodeShown, command?.GetType());
    }

    private static ScreenModel Allowed(ScreenModel model) =>
        model with { State = model.State with { Script = model.State.Script with { CardCodes = true } } };

    private static ShareSet Deal(int bytes, int seed)
    {
        var random = new Random(seed);
        using var secret = Core.SecretBytes.Random(bytes, random.NextBytes);
        Assert.True(GroupPlan.TryCreate(2, 3, out GroupPlan? plan, out _));
        return Slip39.Split(secret, plan, random.NextBytes);
    }

    private static string[] Painted(Share share, int modules)
    {
        IEnumerable<Spot> spots = Enumerable.Range(0, (modules + 1) / 2).Select(row => new Spot(row, 0, modules, SpotKind.CodeRow, row));
        var rows = new List<string>();
        SecretPainter.Paint([.. spots], share, null, bytes => rows.Add(Encoding.UTF8.GetString(bytes)));
        return [.. rows.Select(row => row[(row.IndexOf('m', StringComparison.Ordinal) + 1)..row.LastIndexOf('\e')])];
    }

    private static void Compare(string name, Frame frame)
    {
        string path = TestFiles.PathOf("tests", "KeyCeremony.App.Tests", "Camera", "golden-cards", name + ".txt");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
            File.WriteAllText(path, frame.Text, new UTF8Encoding(false));
        Assert.True(File.ReadAllText(path) == frame.Text, $"{name} looks different now:\n{frame.Text}");
    }
}
