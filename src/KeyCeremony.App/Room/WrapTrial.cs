using System.Security.Cryptography;
using KeyCeremony.App.Ground;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Pkcs11;

namespace KeyCeremony.App.Room;

/// <summary>
/// That a key is locked is not believed from its attributes alone: the program tries to take it out, in every way to wrap that it
/// knows, under a key that nobody keeps. The HSM must refuse each.
/// </summary>
internal static class WrapTrial
{
    /// <summary>A session each: one that saw a refusal is not used any more, and its wrap key goes with it.</summary>
    /// <param name="format">
    /// Of the journal: before format 4 two ways were known, before format 5 four; since, the family's own come behind them.
    /// </param>
    /// <exception cref="CeremonyException">HSM-20: the HSM handed the key out.</exception>
    public static Finding Of(Module module, TokenInfo token, KeyId key, int format)
    {
        WrapMechanism[] known = [WrapMechanism.AesKeyWrapPad, WrapMechanism.AesKeyWrapKwp];
        WrapMechanism[] standard = [WrapMechanism.AesCbcPad, WrapMechanism.LunaAesKwp];
        IEnumerable<WrapMechanism> own = TokenFamilies.Of(module.Path, module.GetInfo(), token).Wrap.Select(w => w.Mechanism);
        IEnumerable<string> refusals = (format < JournalFormats.Prepared ? known
                : known.Union(standard).Union(format < JournalFormats.Kept ? [] : own))
            .Select(m => $"0x{(ulong)m:X4} with {Refusal(module, token, key, m)}");
        return new(CeremonyRules.StillWraps, FindingResults.Pass,
            $"Wrapping the locked key was tried and refused: {string.Join(", ", refusals)}.");
    }

    private static string Refusal(Module module, TokenInfo token, KeyId key, WrapMechanism mechanism)
    {
        using Session session = module.OpenSession(token);
        ObjectHandle locked = session.GetPrivateKey(key);
        using var thrownAway = SecretBytes.Random(32, RandomNumberGenerator.Fill);
        try
        {
            byte[] wrapped = session.WrapPrivateKey(session.ImportWrapKey(thrownAway.Span), locked, mechanism);
            CryptographicOperations.ZeroMemory(wrapped);
        }
        catch (Pkcs11Exception refused) when (!refused.MeansTokenIsLost)
        {
            return refused.ConstantName;
        }
        throw new CeremonyException(new Refusal(CeremonyRules.StillWraps,
            $"The HSM wrapped the key {key} although it is locked: it does not guard its keys.",
            "Do not go on with this HSM, and do not use the key."));
    }
}
