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

    public static Command Make() => new OptionTable<ShowWanted>("show",
            "Show files as animated QR codes. Ends with 0 when the receiver has all of them.", new ShowWanted())
        .With(new Argument<string[]>("file") { Arity = ArgumentArity.OneOrMore },
            "Files; a folder, such as a bundle, goes as one archive.",
            (wanted, files) => wanted with { Files = files })
        .With(Surface(),
            "framebuffer, half-blocks, cells or pem; auto takes the best that the terminal shows.",
            (wanted, surface) => wanted with { Surface = surface })
        .Flag("--words",
            "A file counts as received when the words that the receiver shows were typed.",
            wanted => wanted with { Words = true })
        .With(Version(),
            $"Size of the codes, {CodeShow.SmallestVersion} to {QrVersion.Largest}; "
                + $"left out: the largest that fits, {UsualPictureVersion} in pictures.",
            (wanted, version) => wanted with { Version = version })
        .Text("--frames",
            "Write the codes as PNG into this new folder instead.",
            (wanted, folder) => wanted with { Frames = folder })
        .With(new Option<int>("--more"),
            "With --frames: so many mixed frames behind those that suffice.",
            (wanted, more) => wanted with { More = Math.Max(0, more) })
        .Does(wanted => RunCommand.Guarded(() => Run(wanted)));

    private static Option<string> Surface()
    {
        var surface = new Option<string>("--as") { DefaultValueFactory = _ => Auto };
        surface.AcceptOnlyFromAmong([Auto, .. Surfaces.Keys]);
        return surface;
    }

    private static Option<int?> Version()
    {
        var version = new Option<int?>("--code-version");
        version.Validators.Add(result =>
        {
            if (result.Tokens is [var given] && int.TryParse(given.Value, out int number)
                && number is < CodeShow.SmallestVersion or > QrVersion.Largest)
                result.AddError($"--code-version is {CodeShow.SmallestVersion} to {QrVersion.Largest}.");
        });
        return version;
    }

    private static int Run(ShowWanted wanted)
    {
        if (!ArtefactFiles.TryPack(wanted.Files, out ImmutableArray<OutgoingMessage> messages, out Refusal? refusal))
            return Words.Refuse(refusal);
        return wanted.Frames is { } folder
            ? Write(messages, wanted.Version ?? UsualPictureVersion, wanted.More, folder)
            : Show(messages, wanted.Surface, wanted.Version, wanted.Words, TimeProvider.System);
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
        var display = Display.Of(0, 0, Environment.GetEnvironmentVariable);
        if (!CodeScreen.TryOpen(surface, display, Environment.GetEnvironmentVariable("TERM") ?? "",
            out CodeScreen? screen, out Refusal? refusal))
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

    private sealed record ShowWanted
    {
        public string[] Files { get; init; } = [];

        public string Surface { get; init; } = Auto;

        public bool Words { get; init; }

        public int? Version { get; init; }

        public string? Frames { get; init; }

        public int More { get; init; }
    }
}
