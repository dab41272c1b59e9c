using KeyCeremony.Core;

namespace KeyCeremony.App.Camera;

/// <summary>What can be wrong with a camera, a picture, or the place for what is read. <c>docs/formats/transfer.md</c>.</summary>
public static class ScanRules
{
    public const string NoCameraId = "SCAN-01";
    public const string CameraLostId = "SCAN-02";
    public const string NotInstalledId = "SCAN-03";
    public const string NoPictureId = "SCAN-04";
    public const string NotKeptId = "SCAN-05";
    public const string NoTerminalId = "SCAN-06";

    internal static Refusal NoCamera() => new(
        NoCameraId, "There is no camera on this computer.", "Plug one in and try again, or bring the file on the import stick.");

    internal static Refusal CameraLost(string device, string said) => new(
        CameraLostId, $"The camera {device} gives no pictures{(said.Length == 0 ? "" : $": {said}")}.",
        "Look at its plug, then try again, or take another camera.");

    internal static Refusal NotInstalled(string program) => new(
        NotInstalledId, $"The program {program} is not on this computer.",
        "The appliance has it. Elsewhere install the package zbar-tools, or bring the file on the import stick.");

    internal static Refusal NoPicture(string path, string why) => new(
        NoPictureId, $"{path} cannot be read as a picture: {why}", "Give pictures in PNG or JPEG that show the codes.");

    internal static Refusal NotKept(Exception why) => new(
        NotKeptId, $"It was not stored: {FileFaults.InWords(why)}.",
        "Nothing is overwritten: name another folder, or move the older file away.");

    internal static Refusal NoTerminal() => new(
        NoTerminalId, "There is no terminal to aim the camera on.", "Run it in a terminal, or give photos with --pictures.");
}
