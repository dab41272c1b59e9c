using KeyCeremony.App.Room;
using KeyCeremony.Eyes;

namespace KeyCeremony.Hsm.Tests;

/// <summary>
/// Who says what a token holds when our own binding says it, too: Pkcs11Interop, in a process of its own. No test about a
/// token's state rests on our binding alone.
/// </summary>
internal static class Witness
{
    private const ulong Data = 0, PublicKey = 2, PrivateKey = 3;

    /// <param name="pin">The user's; empty: what anybody sees.</param>
    public static TokenView Sees(Table table, string serial, string pin = "")
    {
        string module = SoftHsmTokens.Module()
            ?? throw new InvalidOperationException("SoftHSM2 is not installed: apt-get install softhsm2");
        string[] lines = Tool.Run(table.ProcessOf(SecondLook.CommandName, module, serial), pin).Expect(0).Out.Split('\n',
            StringSplitOptions.RemoveEmptyEntries);
        return TokenView.Read(lines) ?? throw new Xunit.Sdk.XunitException($"The witness cannot be understood: {string.Join('\n', lines)}");
    }

    /// <summary>As <see cref="Token"/> names what our binding lists.</summary>
    public static string Named(ObjectView seen) => seen.Class switch
    {
        PrivateKey => $"{Pkcs11.ObjectClass.PrivateKey} {seen.Id}",
        PublicKey => $"{Pkcs11.ObjectClass.PublicKey} {seen.Id}",
        Data => $"{Pkcs11.ObjectClass.Data} {System.Text.Encoding.UTF8.GetString(Convert.FromHexString(seen.Label))}",
        _ => $"{seen.Class} {seen.Label}",
    };
}
