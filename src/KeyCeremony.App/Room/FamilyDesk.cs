using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Pkcs11;

namespace KeyCeremony.App.Room;

/// <summary>What is said of an HSM for the family that it is of, before it is touched.</summary>
internal static class FamilyDesk
{
    private const string Elsewhere =
        "Nothing was done to it. Take another HSM: the handbook's page on HSMs has those that can be used.";

    /// <summary>Null when it may be tried.</summary>
    public static Refusal? Refuse(TokenFamily family) => family.Unserved is [var first, ..]
        ? new Refusal(CeremonyRules.FamilyUnfit, $"This is {family.Title}. {first}", WayOut(family))
        : null;

    public static string WayOut(TokenFamily family) => family.Refused?.WayOut ?? Elsewhere;

    public static Refusal SoPin(SoPinRefusedException e) => new(CeremonyRules.SoPinWrong, e.Sentence,
        "Connect another blank HSM. This one is erased with its maker's tool and the right PIN; then its security officer's PIN is as from "
            + "the factory, or none.");
}
