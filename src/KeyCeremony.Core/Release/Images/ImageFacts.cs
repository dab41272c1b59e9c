using System.Collections.Immutable;
using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Release.Images;

/// <summary>What an image says of itself, and what is signed of it.</summary>
public sealed record ImageFacts
{
    public ImageFormat Format { get; init; } = null!;

    public long Size { get; init; }

    /// <summary>Of the whole file, lower-case hex.</summary>
    public string Sha256 { get; init; } = "";

    /// <summary>Null where the format has none.</summary>
    public string? Version { get; init; }

    /// <summary>Null where the format has none.</summary>
    public uint? SecurityCounter { get; init; }

    /// <summary>What it runs on; null where the format says nothing.</summary>
    public string? Target { get; init; }

    /// <summary>What is signed: of several, the one that the device's key asks for.</summary>
    public required ImmutableArray<SigningDigest> Digests { get; init; }

    /// <summary>What else its header says.</summary>
    public ImmutableArray<TextLine> Lines { get; init; } = [];

    /// <summary>The whole file, where its format is kept in the journal; else nothing.</summary>
    public ImmutableArray<byte> Text { get; init; } = [];
}

/// <summary>A digest that the ceremony signs.</summary>
/// <param name="Algorithm"><c>SHA-256</c>, <c>SHA-384</c> or <c>SHA-512</c>.</param>
/// <param name="Hex">Lower-case.</param>
/// <param name="Over">Of what it is the digest, and how it is signed.</param>
public sealed record SigningDigest(string Algorithm, string Hex, string Over);
