using KeyCeremony.Core;

namespace KeyCeremony.App.Transfer;

/// <summary>What can be wrong before anything is shown. <c>docs/formats/transfer.md</c>.</summary>
public static class ShowRules
{
    public const string UnreadableId = "SHOW-01";
    public const string NoFolderOfFilesId = "SHOW-02";
    public const string FramesFolderId = "SHOW-03";
    public const string NoTerminalId = "SHOW-04";
    public const string NoFramebufferId = "SHOW-05";
    public const string OtherResultId = "SHOW-06";

    internal static Refusal Unreadable(string path, Exception why) =>
        new(UnreadableId, $"{path} cannot be read: {FileFaults.InWords(why)}.", "Check the path.");

    internal static Refusal NoFolderOfFiles(string path, string why) => new(
        NoFolderOfFilesId, $"{path} cannot travel as one archive: {why}", "Show its files one by one, or carry it by USB.");

    internal static Refusal FramesFolder(string path) => new(
        FramesFolderId, $"{path} is there already and nothing is overwritten.", "Name a folder that does not exist yet.");

    internal static Refusal NoTerminal() => new(
        NoTerminalId, "There is no terminal to show codes on.", "Run it in a terminal, or ask for --as pem or --frames.");

    internal static Refusal NoFramebuffer(string path) => new(
        NoFramebufferId, $"{path} is no framebuffer that can be painted on.", "Ask for --as half-blocks or --as cells.");

    internal static Refusal OtherResult(string path) => new(
        OtherResultId, $"{path} is not what it was when the results were gathered.",
        "Go on without it: the export stick carries what the journal holds. Report it as a deviation.");
}
