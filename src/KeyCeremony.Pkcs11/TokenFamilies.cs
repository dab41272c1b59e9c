using System.Collections.Immutable;
using System.Diagnostics;

namespace KeyCeremony.Pkcs11;

/// <summary>The families that this program knows: one file each in <c>families/</c>, in the program itself.</summary>
public static class TokenFamilies
{
    /// <summary>By name. One has no match: the one for everything else.</summary>
    public static ImmutableArray<TokenFamily> All { get; } =
    [
        .. FamilyFiles.Resources
            .Select(Read)
            .OrderBy(family => family.Family, StringComparer.Ordinal),
    ];

    private static ModuleInfo Nothing { get; } = new("", "", "", "");

    private static ImmutableArray<TokenFamily> BySlot { get; } = [.. All.Where(family => family.Identity == TokenIdentity.SerialAndSlot)];

    private static TokenFamily Unknown { get; } = All.Single(family => family.Match.IsEmpty);

    /// <summary>The family of a token behind a module.</summary>
    /// <param name="modulePath">Of the module; only its file name counts.</param>
    public static TokenFamily Of(string modulePath, ModuleInfo module, TokenInfo token)
    {
        ArgumentNullException.ThrowIfNull(token);
        return Find(modulePath, module, token) ?? Unknown;
    }

    /// <summary>The family of a token by the module's file and its own words, where the module was not asked for its.</summary>
    internal static TokenFamily OfToken(string modulePath, TokenInfo token) => Find(modulePath, Nothing, token) ?? Unknown;

    /// <summary>A family that is known by its module alone, before there is a token; null: none is.</summary>
    public static TokenFamily? Of(string modulePath, ModuleInfo module) => Find(modulePath, module, null);

    /// <summary>A family that is known by the name of the module's file alone, before it is loaded; null: none is.</summary>
    public static TokenFamily? OfFile(string modulePath)
    {
        (string file, string real) = Names(modulePath);
        return FamilyFiles.MayName(file) || FamilyFiles.MayName(real) ? Find(modulePath, Nothing, null) : null;
    }

    /// <summary>
    /// The token under the name by which its family tells it from its like. Such families are known by their tokens alone.
    /// </summary>
    internal static TokenInfo Identified(TokenInfo token) => BySlot.Any(family => family.IsFor("", Nothing, token))
        ? token with { Serial = $"{token.Serial}{(token.Serial.Length == 0 ? "" : "-")}slot-{token.Slot}" }
        : token;

    private static TokenFamily? Find(string modulePath, ModuleInfo module, TokenInfo? token)
    {
        ArgumentNullException.ThrowIfNull(module);
        (string file, string real) = Names(modulePath);
        // What is refused for its module is refused whatever token is behind it.
        return All.OrderBy(family => family.Refused is null)
            .FirstOrDefault(family => family.IsFor(file, module, token) || family.IsFor(real, module, token));
    }

    /// <summary>Links have other names than what they lead to.</summary>
    private static (string File, string Real) Names(string modulePath)
    {
        ArgumentNullException.ThrowIfNull(modulePath);
        string file = Path.GetFileName(modulePath);
        return (file, File.Exists(modulePath)
            ? Path.GetFileName(File.ResolveLinkTarget(modulePath, returnFinalTarget: true)?.FullName ?? modulePath) : file);
    }

    private static TokenFamily Read(string resource) =>
        TokenFamily.TryRead(FamilyFiles.Bytes(resource), out TokenFamily? family, out string? wrong) ? family
            : throw new UnreachableException($"{resource}: {wrong}");
}
