namespace KeyCeremony.Core.Ceremony;

/// <summary>The serial number that an HSM reports: the ledger knows it by nothing else.</summary>
public static class HsmNumber
{
    /// <summary>Blanks and zeros are what makers leave where they have no number: two such HSMs cannot be told apart.</summary>
    public static bool IsNone(string serial)
    {
        ArgumentNullException.ThrowIfNull(serial);
        return serial.All(c => c is '0' or ' ');
    }
}
