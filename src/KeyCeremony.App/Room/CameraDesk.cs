using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using KeyCeremony.App.Camera;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Transfer;

namespace KeyCeremony.App.Room;

/// <summary>Reads codes until one artefact was taken.</summary>
/// <param name="keep">Takes it; a refusal is shown, and reading goes on.</param>
internal delegate bool LookForCodes(ImmutableArray<CameraDevice> cameras, string wanted,
    Func<Artefact, Refusal?> keep, [NotNullWhen(true)] out Artefact? artefact, [NotNullWhen(false)] out Refusal? refusal);

/// <summary>Where files come in as codes. They are treated like files on the import stick from then on.</summary>
/// <param name="device">Null: whichever is there.</param>
/// <param name="pictures">Rehearsal only: they play the camera.</param>
internal sealed class CameraDesk(ReceivedFiles received, string? device, ImmutableArray<string> pictures)
{
    public bool IsPlayed => !pictures.IsEmpty;

    public ReceivedFiles Received => received;

    public static CameraDesk None { get; } = new(ReceivedFiles.None, "", []);

    /// <summary>What could be looked through now. An empty device is none: this ceremony has no camera.</summary>
    public int Count => IsPlayed ? 1 : Cameras().Length;

    /// <summary>Nobody is at the terminal: pictures only.</summary>
    public EntryBody Read(ReadByCamera effect) => Read(effect, FromPictures);

    /// <summary>A camera that is gone and people who gave up are facts too: the stick is still there.</summary>
    public EntryBody Read(ReadByCamera effect, LookForCodes look)
    {
        ImmutableArray<CameraDevice> cameras = IsPlayed ? [] : Cameras();
        Refusal? refusal = IsPlayed || cameras.Length > 0 ? null : ScanRules.NoCamera();
        return refusal is null && look(cameras, Wanted(effect), artefact => Unfit(effect, artefact) ?? received.Keep(artefact),
            out Artefact? artefact, out refusal)
            ? new FileReceived(effect.Kind, effect.Subject, ImportWords.FromCamera + artefact.Name, artefact.Bytes.Length, artefact.Sha256)
            : new ImportRefused(effect.Kind, effect.Subject, ImportWords.Camera, refusal!.Rule, refusal.Message, refusal.Remedy);
    }

    public static Refusal NothingTaken() =>
        new(ImportRules.NothingTaken, "No file was taken from the camera.", "Choose the camera again, or a file on the stick.");

    private static string Wanted(ReadByCamera effect) =>
        effect.Subject.Length == 0 ? $"the {effect.Kind}" : $"the {effect.Kind} \"{effect.Subject}\"";

    /// <summary>The same limits as on the stick.</summary>
    private static Refusal? Unfit(ReadByCamera effect,
        Artefact artefact) => ImportStick.CouldBe(effect.Kind, artefact.Name, artefact.Bytes.Length) ? null
        : new Refusal(ImportRules.NotThere, $"\"{artefact.Name}\" with {artefact.Bytes.Length:N0} bytes cannot be the {effect.Kind}: "
            + "its size or the end of its name does not fit.", "Discard it (d) and have the right file shown.");

    /// <summary>Cards are read through these only: pictures in files never hold one.</summary>
    public ImmutableArray<CameraDevice> Cameras() => device switch
    {
        null => CameraDevice.All(),
        "" => [],
        _ => [new CameraDevice(device, "")],
    };

    /// <summary>The first that did not come before; where all did, the last one is still before the camera.</summary>
    private bool FromPictures(ImmutableArray<CameraDevice> cameras, string wanted,
        Func<Artefact, Refusal?> keep, [NotNullWhen(true)] out Artefact? artefact, [NotNullWhen(false)] out Refusal? refusal)
    {
        (artefact, refusal) = (null, IsPlayed ? null : ScanRules.NoTerminal());
        if (refusal is not null || !PictureEye.TryRead(new Zbar(), pictures, out List<Artefact> artefacts, out refusal))
            return false;
        artefact = artefacts.Find(a => !received.Has(a.Sha256)) ?? artefacts[^1];
        refusal = keep(artefact);
        return refusal is null;
    }
}
