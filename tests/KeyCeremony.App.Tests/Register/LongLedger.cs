using KeyCeremony.App.Ledger;
using KeyCeremony.App.Tests.Bundle;

namespace KeyCeremony.App.Tests.Register;

/// <summary>A ledger of many signing days, as long as a measurement needs: every entry is one that the engine wrote.</summary>
internal static class LongLedger
{
    /// <param name="stick">An empty folder.</param>
    /// <param name="least">Entries; it ends with the ceremony in which they are reached.</param>
    public static int Write(string stick, int least)
    {
        string folder = Directory.CreateTempSubdirectory("keyceremony-long-").FullName;
        try
        {
            SoftwareRoom room = new SoftwareRoom(folder: folder).Through("root-creation.md");
            while (room.Entries.Length < least)
                room.Through("crl-signing.md");
            RecordStick.Create(stick, room.Entries);
            Console.WriteLine(room.Entries.Length);
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
