using System.Collections.Immutable;

namespace KeyCeremony.Core.Ceremony;

/// <summary>
/// Tokens that are programs: whoever copies their files has the keys. Found by what they say of themselves, whatever path their
/// module has. Not found: one that lies about its maker; the people who connect the device see that.
/// </summary>
public static class SoftwareTokens
{
    /// <summary>
    /// Parts of CK_TOKEN_INFO's manufacturerID or model: SoftHSM 1 and 2, openCryptoki's soft token, NSS's internal tokens,
    /// p11-kit's trust tokens, kryoptic, and what makers call their own simulators.
    /// </summary>
    private static readonly ImmutableArray<string> Marks =
        ["softhsm", "soft token", "softtok", "mozilla", "nss ", "p11-kit", "opencryptoki", "kryoptic", "simulator", "emulator"];

    public static bool Is(string manufacturer, string model) =>
        Marks.Any(mark => $"{manufacturer} | {model} ".Contains(mark, StringComparison.OrdinalIgnoreCase))
        || model.Trim().Equals("Soft", StringComparison.OrdinalIgnoreCase);
}
