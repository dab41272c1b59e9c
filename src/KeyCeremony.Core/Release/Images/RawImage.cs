using System.Collections.Immutable;
using System.Security.Cryptography;

namespace KeyCeremony.Core.Release.Images;

/// <summary>
/// A file that nobody here looks into: a trusted application, a configuration, an image of a boot ROM. docs/formats/releases/raw.md.
/// </summary>
internal static class RawImage
{
    public static ImageFacts Read(ImagePass pass)
    {
        if (pass.Length == 0)
            throw new ImageRefused(ImageRules.RawEmpty, "The file is empty.", "Give the file that the device is to take.");
        pass.Also(HashAlgorithmName.SHA384);
        pass.Pass(pass.Length);
        return new ImageFacts
        {
            Digests = Digests(pass),
            Lines = [new("looked into", "nothing: the file is of no kind that is read here; the room sees its size and hash alone")],
        };
    }

    /// <summary>Of the whole file, which has passed.</summary>
    public static ImmutableArray<SigningDigest> Digests(ImagePass pass) =>
    [
        Digest(pass, HashAlgorithmName.SHA256, "SHA-256", "RSA and EC P-256"),
        Digest(pass, HashAlgorithmName.SHA384, "SHA-384", "EC P-384"),
    ];

    private static SigningDigest Digest(ImagePass pass, HashAlgorithmName hash, string title, string key) =>
        new(title, Convert.ToHexStringLower(pass.HashSoFar(hash)), $"the whole file, for a key of {key}");
}
