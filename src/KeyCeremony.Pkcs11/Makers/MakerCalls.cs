using KeyCeremony.Pkcs11.Native;

namespace KeyCeremony.Pkcs11.Makers;

/// <summary>Which families' modules get the functions that they lack from this program, by calls of their makers' own.</summary>
internal static class MakerCalls
{
    private const string YubiHsm = "yubihsm2";

    /// <summary>Whether a lifecycle by its maker's calls is one that this program knows.</summary>
    public static bool Knows(TokenFamily family) => family.Family == YubiHsm;

    /// <summary>The module as it is, or with what it lacks.</summary>
    /// <param name="path">Of the module: such a family is known by the file's name.</param>
    public static ModuleCalls Of(string path, ModuleCalls module) =>
        TokenFamilies.OfFile(path) is { Lifecycle: TokenLifecycle.Maker } family && Knows(family)
            ? new YubiHsmCalls(module, family.UserPin.Prefix) : module;
}
