using System.Collections.Immutable;
using System.CommandLine;
using KeyCeremony.App.Room.Codes;
using KeyCeremony.App.Terminal;
using KeyCeremony.App.Transfer;
using KeyCeremony.Core;
using KeyCeremony.Core.Transfer;
using Command = System.CommandLine.Command;

namespace KeyCeremony.App.Commands;

/// <summary><c>keyceremony show</c>: files leave the room as QR codes, or as text where no picture can be shown.</summary>
internal static class ShowCommand
{
    private const int UsualPictureVersion = 20;
    private const string Auto = "auto";
    private const string Pem = "pem";

    private static readonly Dictionary<string, CodeSurface> Surfaces = new()
    {
        ["framebuffer"] = CodeSurface.Framebuffer,
        ["half-blocks"] = CodeSurface.HalfBlocks,
        ["cells"] = CodeSurface.Cells,
        [Pem] = CodeSurface.Pem,
    };

    public static Command Make()
    {
        var files = new Argument<string[]>("file") { Description = "Files; a folder, such as a bundle, goes as one archive.", Arity = ArgumentArity.OneOrMore };
        var surface = new Option<string>("--as") { Description = "framebuffer, half-blocks, cells or pem; auto takes the best that the terminal shows.", DefaultValueFactory = _ => Auto };
        surface.AcceptOnlyFromAmong([Auto, .. Surfaces.Keys]);
        var words = new Option<bool>("--words") { Description = "A file counts as received when the words that the receiver shows were typed." };
        var version = new Option<int?>("--code-version") { Description = $"Size of the codes, {CodeShow.SmallestVersion} to {QrVersion.Largest}; left out: the largest that fits, {UsualPictureVersion} in pictures." };
        version.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() is < CodeShow.SmallestVersion or > QrVersion.Largest)
                result.AddError($"--code-version is {CodeShow.SmallestVersion} to {QrVersion.Largest}.");
        });
        var frames = new Option<string?>("--frames") { Description = "Write the codes as PNG into this new folder instead." };
        var more = new Option<int>("--more") { Description = "With --frames: so many mixed frames behind those that suffice." };
        var command = new Command("show", "Show files as animated QR codes. Ends with 0 when the receiver has all of them.") { files, surface, words, version, frames, more };
        command.SetAction(parsed => RunCommand.Guarded(() =>
        {
            if (!ArtefactFiles.TryPack(parsed.GetValue(files)!, out ImmutableArray<OutgoingMessage> messages, out Refusal? refusal))
                return Words.Refuse(refusal);
            return parsed.GetValue(frames) is { } folder
                ? Write(messages, parsed.GetValue(version) ?? UsualPictureVersion, Math.Max(0, parsed.GetValue(more)), folder)
                : Show(messages, parsed.GetValue(surface)!, parsed.GetValue(version), parsed.GetValue(words), TimeProvider.System);
        }));
        return command;
    }

    private static int Write(ImmutableArray<OutgoingMessage> messages, int version, int more, string folder) =>
        FramePictures.TryWrite(messages, version, more, folder, out Refusal? refusal) ? 0 : Words.Refuse(refusal);

    private static int Show(ImmutableArray<OutgoingMessage> messages, string wanted, int? version, bool asksWords, TimeProvider clock)
    {
        CodeSurface? surface = Surfaces.TryGetValue(wanted, out CodeSurface named) ? named : null;
        if (surface == CodeSurface.Pem && !asksWords || surface is null && !Tty.IsThere)
            return Print(messages);
        if (!Tty.IsThere)
            return Words.Refuse(ShowRules.NoTerminal());
        Display display = Display.Of(0, 0, Environment.GetEnvironmentVariable);
        if (!CodeScreen.TryOpen(surface, display, Environment.GetEnvironmentVariable("TERM") ?? "", out CodeScreen? screen, out Refusal? refusal))
            return Words.Refuse(refusal);
        using (screen)
        {
            if (screen.Surface == CodeSurface.Pem && !asksWords)
                return Print(messages);
            using var tty = Tty.Open();
            var show = new CodeShow(display, screen.Surface, screen.Geometry, messages, asksWords) { Wanted = version };
            return ShowLoop.Run(tty, show, screen, clock).IsAllReceived ? 0 : 1;
        }
    }

    private static int Print(ImmutableArray<OutgoingMessage> messages)
    {
        foreach (OutgoingMessage message in messages)
            Console.Write(ArtefactPem.Write(message.Artefact));
        return 0;
    }
}
