using System.Collections.Immutable;
using KeyCeremony.App.Terminal;
using KeyCeremony.App.Transfer;
using KeyCeremony.Core;
using KeyCeremony.Core.Transfer;

namespace KeyCeremony.App.Room.Codes;

/// <summary>Artefacts on their way out of the room: all that the screen is drawn from.</summary>
/// <param name="Geometry">Of the framebuffer; null for other surfaces.</param>
/// <param name="AsksWords">An artefact counts as received when the words that the receiver shows were typed.</param>
internal sealed record CodeShow(Display Display, CodeSurface Surface, FramebufferGeometry? Geometry,
    ImmutableArray<OutgoingMessage> Messages, bool AsksWords)
{
    /// <summary>Frames a second that can be chosen.</summary>
    public static readonly ImmutableArray<int> Speeds = [1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20];

    /// <summary>A smaller code has no room for a fragment beside its heading.</summary>
    public const int SmallestVersion = 4;

    private const int UsualSpeed = 10;

    /// <summary>A camera needs so many pixels of a module; characters are always larger.</summary>
    private const int MinPixels = 4;

    /// <summary>0-based.</summary>
    public int Selected { get; init; }

    /// <summary>How many others were shown before the first of these, and of how many all are; 0: these are all.</summary>
    public (int Before, int All) Others { get; init; }

    /// <summary>The frame that is shown, from 1. It only rises: a repeated frame tells the receiver nothing.</summary>
    public uint Number { get; init; } = 1;

    /// <summary>Frames a second.</summary>
    public int Speed { get; init; } = UsualSpeed;

    public bool IsPaused { get; init; }

    /// <summary>The version that the person asked for; null: the largest that fits and that cameras read.</summary>
    public int? Wanted { get; init; }

    /// <summary>The codes of the selected artefact; null when <see cref="Refusal"/> says why there are none.</summary>
    public QrFrames? Frames { get; init; }

    /// <summary>The words of the receiver while they are typed.</summary>
    public LineInput? Words { get; init; }

    public Refusal? Refusal { get; init; }

    /// <summary>What the page is for, and its keys, in place of the code.</summary>
    public bool HelpShown { get; init; }

    /// <summary>For a serial line: the artefact is to be printed once more.</summary>
    public bool IsPrinting { get; init; } = Surface == CodeSurface.Pem;

    /// <summary>What the receiver has, by its place, and the words that were typed for it; empty where none were asked.</summary>
    public ImmutableSortedDictionary<int, string> Received { get; init; } = ImmutableSortedDictionary<int, string>.Empty;

    /// <summary>Everything was received, or the person left.</summary>
    public bool IsOver { get; init; }

    public bool IsAllReceived => Received.Count == Messages.Length;

    public OutgoingMessage Message => Messages[Selected];

    /// <summary>The code takes these columns on the left, the text the others.</summary>
    public int CodeColumns => Display.Width - CodePage.PanelWidth - 1;

    /// <summary>The densest code that fits the screen.</summary>
    public int LargestVersion => QrVersion.LargestWithin(Dots / (Surface == CodeSurface.Framebuffer ? MinPixels : 1));

    /// <summary>Dots of the screen, pixels or parts of characters, that a module takes from edge to edge.</summary>
    public int Scale => Frames is null ? 1 : Math.Max(1, Dots / QrVersion.Side(Frames.Version));

    /// <summary>Something moves: several frames and no pause.</summary>
    public bool IsMoving => Frames is { Sequence.IsSingle: false } && !IsPaused && !HelpShown && Surface != CodeSurface.Pem;

    public QrCode? Code() => HelpShown ? null : Frames?.Code(Number);

    /// <summary>The next frame.</summary>
    public CodeShow Ticked() => IsMoving && Number < uint.MaxValue ? this with { Number = Number + 1 } : this;

    public CodeShow Resized(int width, int height)
    {
        Display display = Display.Resized(width, height);
        return display == Display ? this : (this with { Display = display }).Cut();
    }

    public CodeShow Select(int place) =>
        (this with { Selected = place, Number = 1, Words = null, IsPrinting = Surface == CodeSurface.Pem }).Cut();

    public CodeShow WithVersion(int version) =>
        (this with { Wanted = Math.Clamp(version, SmallestVersion, Math.Max(SmallestVersion, LargestVersion)) }).Cut();

    /// <summary>
    /// Cuts the selected artefact for the screen. Call it once before the first picture; a person's wish is kept where it still fits.
    /// </summary>
    public CodeShow Cut()
    {
        if (Surface == CodeSurface.Pem)
            return this with { Frames = null, Refusal = null };
        int version = Math.Min(Wanted ?? QrVersion.LargestForCameras, LargestVersion);
        if (version < SmallestVersion)
            return this with { Frames = null, Refusal = TransferRules.NoRoom("more rows and columns") };
        // Frames of another length are another transfer for the receiver: it begins with the first.
        return QrFrames.TryCut(Message, version, out QrFrames? frames, out Refusal? refusal)
            ? this with { Frames = frames, Refusal = null, Number = Frames?.Version == frames.Version ? Number : 1 }
            : this with { Frames = null, Refusal = refusal };
    }

    /// <summary>Dots from edge to edge of the largest square beside the text.</summary>
    private int Dots => Surface switch
    {
        CodeSurface.Framebuffer => Math.Min(CodeColumns * (Geometry!.Width / Display.Width), Geometry.Height),
        CodeSurface.HalfBlocks => Math.Min(CodeColumns, 2 * Display.Height),
        _ => Math.Min(CodeColumns / 2, Display.Height),
    };
}
