using System.Collections.Immutable;
using System.CommandLine;
using KeyCeremony.App.Camera;
using KeyCeremony.App.Room;
using KeyCeremony.App.Room.Scan;
using KeyCeremony.App.Terminal;
using KeyCeremony.Core;
using KeyCeremony.Core.Transfer;
using Command = System.CommandLine.Command;

namespace KeyCeremony.App.Commands;

/// <summary><c>keyceremony scan</c>: files enter the room as QR codes, through a camera or from pictures.</summary>
internal static class ScanCommand
{
    public static Command Make()
    {
        var output = new Option<string>("--out")
        {
            Description = "The folder for what is read. Nothing in it is overwritten.",
            Required = true,
        };
        Option<string?> camera = Camera();
        var pictures = new Option<string[]>("--pictures")
        {
            Description = "Read these pictures, PNG or JPEG, or folders of them, instead of a camera.",
            AllowMultipleArgumentsPerToken = true,
        };
        var command = new Command("scan", "Read files from QR codes. Ends with 0 when at least one was stored.") { output,
            camera, pictures };
        command.SetAction(parsed => RunCommand.Guarded(() =>
        {
            Hardening.Apply();
            string folder = parsed.GetValue(output)!;
            Directory.CreateDirectory(folder);
            return parsed.GetValue(pictures) is { Length: > 0 } files
                ? FromPictures(files, folder)
                : FromCamera(parsed.GetValue(camera), folder, TimeProvider.System);
        }));
        return command;
    }

    public static Option<string?> Camera() =>
        new("--camera") { Description = "The camera's device; left out: the first that gives pictures; empty: none." };

    private static int FromPictures(string[] files, string folder)
    {
        _ = PictureEye.TryRead(new Zbar(), files, out List<Artefact> artefacts, out Refusal? refusal);
        foreach (Artefact artefact in artefacts)
            if (Store(artefact, folder) is { } notStored)
                return Words.Refuse(notStored);
            else
                Console.WriteLine(ArtefactPem.Heading(artefact));
        return refusal is null ? 0 : Words.Refuse(refusal);
    }

    private static int FromCamera(string? camera, string folder, TimeProvider clock)
    {
        ImmutableArray<CameraDevice> cameras = string.IsNullOrEmpty(camera) ? CameraDevice.All() : [new CameraDevice(camera, "")];
        if (cameras.IsEmpty)
            return Words.Refuse(ScanRules.NoCamera());
        if (!Tty.IsThere)
            return Words.Refuse(ScanRules.NoTerminal());
        ScanModel model;
        using (var tty = Tty.Open())
            model = ScanLoop.Run(tty,
                new ScanModel(Display.Of(0, 0, Environment.GetEnvironmentVariable), cameras, new CodeCollector()), new Zbar(),
                artefact => Store(artefact, folder), isSingle: false, clock);
        foreach (Artefact kept in model.Kept)
            Console.WriteLine(ArtefactPem.Heading(kept));
        return model.Kept.IsEmpty ? 1 : 0;
    }

    /// <summary>Whole, under its name, and on the medium when this returns; else SCAN-05, and nothing is changed.</summary>
    private static Refusal? Store(Artefact artefact, string folder)
    {
        try
        {
            using var file = new NewFile(Path.Combine(folder, artefact.Name));
            file.Stream.Write(artefact.Bytes.Span);
            file.Commit();
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ScanRules.NotKept(e);
        }
    }
}
