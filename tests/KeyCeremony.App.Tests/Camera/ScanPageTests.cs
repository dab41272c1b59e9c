using System.Collections.Immutable;
using System.Text;
using KeyCeremony.App.Camera;
using KeyCeremony.App.Room.Scan;
using KeyCeremony.App.Terminal;
using KeyCeremony.App.Tests.Terminal;
using KeyCeremony.App.Tests.Transfer;
using KeyCeremony.Core;
using KeyCeremony.Core.Transfer;

namespace KeyCeremony.App.Tests.Camera;

/// <summary>
/// What people see while they aim, as text files that a reviewer can read, and what their keys do. UPDATE_GOLDEN=1 writes the files anew.
/// </summary>
public sealed class ScanPageTests
{
    private static readonly ImmutableArray<CameraDevice> One = [new("/dev/video0", "HD Webcam C270")];
    private static readonly ImmutableArray<CameraDevice> Two = [.. One, new("/dev/video2", "Document camera")];
    private static readonly string[] Frames = Codes.Frames("intermediate-i1.csr", 900, 40);

    private static readonly Dictionary<string, Func<Display, ScanModel>> Pages = new()
    {
        ["aiming"] = display => new ScanModel(display, One, new CodeCollector()),
        ["receiving"] = display => Taken(display, Two, [.. Frames[..3], "UR:OTHER/AAAA"], "the request \"i1\"") with { Selected = 1 },
        ["gap"] = display => Taken(display, One, Frames[..2]) with { Idle = 7 },
        ["card"] = display => Taken(display, One, ["00000001102300000001102300000001"]),
        ["received"] = display => Taken(display, One, Frames),
        ["received-in-a-ceremony"] = display => Taken(display, One, Frames, "the request \"i1\""),
        ["not-stored"] = display => Taken(display, One,
            Frames) with
        { Refusal = ScanRules.NotKept(new FileFaultException("'in/intermediate-i1.csr' is there already.")) },
        ["blind"] = display => Taken(display, Two,
            Frames[..2]) with
        { Blind = ScanRules.CameraLost("/dev/video0", "ERROR: zbar video in v4l2_dq(): No such device") },
        ["kept"] = display => new ScanModel(display, One, new CodeCollector())
        {
            Kept = [Shows.Message("a.der", 700).Artefact, Shows.Message("b.crl", 5000).Artefact],
        },
    };

    [Theory]
    [InlineData(80, 25)]
    [InlineData(120, 40)]
    public void Every_page_looks_as_it_was_reviewed(int width, int height)
    {
        string folder = TestFiles.PathOf("tests", "KeyCeremony.App.Tests", "Camera", "golden");
        foreach ((string name, Func<Display, ScanModel> page) in Pages)
        {
            Frame frame = ScanPage.View(page(Shows.Narrow with { Width = width, Height = height }));
            Assert.Equal(height, frame.Rows.Length);
            Assert.All(frame.Rows, row => Assert.Equal(width, row.Length));
            string path = Path.Combine(folder, $"{name}-{width}x{height}.txt");
            if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
                File.WriteAllText(path, frame.Text, new UTF8Encoding(false));
            Assert.True(File.ReadAllText(path) == frame.Text, $"{name} looks different now:\n{frame.Text}");
        }
        Assert.Equal(2 * Pages.Count, Directory.EnumerateFiles(folder).Count());
    }

    /// <summary>Who types the hash that its owner sent must not copy it from here.</summary>
    [Fact]
    public void In_a_ceremony_the_hash_is_not_shown()
    {
        Artefact artefact = Shows.Message("intermediate-i1.csr", 900).Artefact;
        foreach (string shown in new[] { artefact.Sha256[..4], artefact.Words.Split(' ')[0] })
        {
            Assert.Contains(shown, ScanPage.View(Pages["received"](Shows.Narrow)).Text, StringComparison.Ordinal);
            Assert.DoesNotContain(shown, ScanPage.View(Pages["received-in-a-ceremony"](Shows.Narrow)).Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void It_fits_any_terminal()
    {
        foreach ((int width, int height) in new[] { (1, 1), (10, 3), (40, 12), (300, 100) })
            foreach (Func<Display, ScanModel> page in Pages.Values)
                Assert.Equal(height, ScanPage.View(page(Shows.Narrow with { Width = width, Height = height })).Rows.Length);
    }

    [Fact]
    public void Enter_takes_only_what_was_received()
    {
        Assert.Equal(ScanWish.None, Press(Pages["aiming"](Shows.Narrow), KeyKind.Enter).Wish);
        Assert.Equal(ScanWish.None, Press(Pages["gap"](Shows.Narrow), KeyKind.Enter).Wish);
        Assert.Equal(ScanWish.Keep, Press(Pages["received"](Shows.Narrow), KeyKind.Enter).Wish);
        Assert.Equal(ScanWish.Camera, Press(Pages["blind"](Shows.Narrow), KeyKind.Enter).Wish);
    }

    [Fact]
    public void Discarding_goes_on_aiming_and_passes_it_over()
    {
        ScanModel model = ScanKeys.After(Pages["received"](Shows.Narrow), Key.Of('d')).Model;
        Assert.Null(model.Codes.Artefact);
        foreach (string frame in Frames)
            model.Codes.Take(Encoding.ASCII.GetBytes(frame));
        Assert.Null(model.Codes.Artefact);

        model = ScanKeys.After(model, Key.Of('r')).Model;
        foreach (string frame in Frames)
            model.Codes.Take(Encoding.ASCII.GetBytes(frame));
        Assert.NotNull(model.Codes.Artefact);
    }

    [Fact]
    public void The_other_camera_is_taken_only_where_there_is_one()
    {
        Assert.Equal(ScanWish.None, ScanKeys.After(Pages["aiming"](Shows.Narrow), Key.Of('c')).Wish);
        (ScanModel model, ScanWish wish) = ScanKeys.After(Pages["blind"](Shows.Narrow), Key.Of('c'));
        Assert.Equal(("/dev/video2", ScanWish.Camera, null), (model.Camera.Path, wish, model.Blind));
        Assert.Equal("/dev/video0", ScanKeys.After(model, Key.Of('c')).Model.Camera.Path);
    }

    [Fact]
    public void Escape_leaves() => Assert.True(Press(Pages["received"](Shows.Narrow), KeyKind.Esc).Model.IsOver);

    private static (ScanModel Model, ScanWish Wish) Press(ScanModel model, KeyKind kind) => ScanKeys.After(model, new Key(kind));

    private static ScanModel Taken(Display display, ImmutableArray<CameraDevice> cameras, string[] codes, string wanted = "")
    {
        var model = new ScanModel(display, cameras, new CodeCollector(), wanted);
        foreach (string code in codes)
            model.Codes.Take(Encoding.ASCII.GetBytes(code));
        return model;
    }
}
