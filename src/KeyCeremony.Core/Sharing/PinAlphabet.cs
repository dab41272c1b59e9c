using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace KeyCeremony.Core.Sharing;

/// <summary>The characters a token takes in a PIN: a property of the token's profile.</summary>
public sealed class PinAlphabet
{
    private PinAlphabet(string name, string symbols)
    {
        Name = name;
        Symbols = [.. Encoding.ASCII.GetBytes(symbols)];
    }

    /// <summary>0 to 9: 3.3 bits each.</summary>
    public static PinAlphabet Digits { get; } = new("digits", "0123456789");

    /// <summary>62 characters, 5.95 bits each.</summary>
    public static PinAlphabet LettersAndDigits { get; } =
        new("letters-digits", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>The letters and digits of Base64 with <c>-</c> and <c>_</c>: 64 characters, 6 bits each.</summary>
    public static PinAlphabet UrlSafe { get; } =
        new("url-safe", "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz");

    private static readonly ImmutableArray<PinAlphabet> All = [Digits, LettersAndDigits, UrlSafe];

    /// <summary>As a token profile writes it; part of the derivation.</summary>
    public string Name { get; }

    public int Size => Symbols.Length;

    /// <summary>ASCII, in the order that the derivation counts them.</summary>
    internal ImmutableArray<byte> Symbols { get; }

    public static bool TryFind(string name, [NotNullWhen(true)] out PinAlphabet? alphabet)
    {
        alphabet = All.FirstOrDefault(candidate => candidate.Name == name);
        return alphabet is not null;
    }

    public override string ToString() => Name;
}
