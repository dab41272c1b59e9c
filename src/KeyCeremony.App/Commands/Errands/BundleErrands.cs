using System.Collections.Immutable;
using KeyCeremony.App.Ground;
using KeyCeremony.App.Room;
using KeyCeremony.App.Terminal;
using KeyCeremony.App.Transfer;
using KeyCeremony.Core;
using KeyCeremony.Core.Transfer;
using KeyCeremony.Verifier;

namespace KeyCeremony.App.Commands.Errands;

/// <summary>What is done with bundles and files from the menu: nothing is changed.</summary>
internal static class BundleErrands
{
    private const string Codes = "Show a file as codes";

    private static readonly MenuEntry VerifyEntry = new(StartMenu.Looking, MenuWords.Verify,
        ["Every entry, signature and file of a bundle is checked again, as an auditor does it. Nothing is changed.",
            "An auditor does it once more, elsewhere: this computer is the one that made it."]);

    public static MenuLine Verify(MenuTable table) => MenuLine.Of(VerifyEntry, () =>
        Shelf.ReadBundle(table, MenuWords.Verify, (bundle, name) =>
        {
            if (AskRoot(table.Front, MenuWords.Verify, mayBeUnknown: true) is not { } options)
                return;
            VerifyReport report = table.Front.Work(MenuWords.Verify, $"{name} is verified.", _ => BundleVerify.Run([bundle], options));
            table.Tell(MenuWords.Verify, [.. report.Text.TrimEnd('\n').Split('\n')]);
        }));

    public static MenuLine Show(MenuTable table) => MenuLine.Of(new MenuEntry(StartMenu.Looking, Codes,
        ["A file of the export stick or the import stick is shown as codes that the receiver's camera reads: a certificate, a list, a "
            + "report, or a whole bundle as one archive.", "The receiver reads words back; nobody records it. Nothing is changed."],
        table.Front.IsPlain ? MenuRules.NeedsScreen() : null), () => Shelf.ReadFile(table, Codes, path =>
        {
            if (!ArtefactFiles.TryPack([path], out ImmutableArray<OutgoingMessage> messages, out Refusal? refusal))
            {
                table.Tell(Codes, refusal);
                return;
            }
            using var tty = Tty.Open();
            (int width, int height) = tty.Size;
            ResultScreen.Show(tty, Display.Of(width, height, Environment.GetEnvironmentVariable), messages, table.Clock);
        }));

    /// <summary>Whose word the bundle has to be. Null: people went back.</summary>
    /// <param name="mayBeUnknown">Enter alone asks nobody's identity.</param>
    public static VerifyOptions? AskRoot(Front front, string title, bool mayBeUnknown)
    {
        Refusal? refused = null;
        LineInput typed = LineInput.Empty;
        while (true)
        {
            Refusal? shown = refused;
            LineInput before = typed;
            if (front.Line(display => new AskPage(display, title,
                ["Whose word is it? The root is named from a source of your own, the binder for one: its SHA-256 in 64 digits, or the "
                    + $"first {VerifyOptions.FewestWords} words or more of that hash.",
                    mayBeUnknown ? "Enter alone names nobody: then only that the bundle agrees with itself is proved." : ""],
                "the root's SHA-256 or its words", before, shown, mayBeUnknown)) is not { } line)
                return null;
            bool isHash = line.All(c => char.IsAsciiHexDigit(c) || c is ':' or ' ');
            if (VerifyOptions.TryRead(isHash && line.Length > 0 ? line : null, isHash || line.Length == 0 ? null : line, null,
                out VerifyOptions? options, out refused))
                return options;
            refused = refused with
            {
                Message = refused.Message.Replace(" to --trust", "", StringComparison.Ordinal)
                    .Replace(" to --words", "", StringComparison.Ordinal),
                Remedy = "Type 64 hexadecimal digits, or four words or more, as the binder has them.",
            };
            typed = LineInput.Of(line).Given();
        }
    }
}
