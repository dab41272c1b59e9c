using KeyCeremony.Core;

namespace KeyCeremony.App.Bundle;

/// <summary>What a bundle's export and restoration can be refused for.</summary>
public static class BundleRules
{
    public static readonly HouseRule SameBundle = new("BUNDLE-01",
        "A bundle of the same name that is already there is complete and the same, byte for byte.",
        "Take another export stick; nothing is overwritten.");

    public static readonly HouseRule Place = new("BUNDLE-02",
        "The directory for the bundle exists and is a directory.",
        "Plug in the export stick, then try again.");

    public static readonly HouseRule NotOurs = new("BUNDLE-03",
        "What has the name of an unfinished bundle is one: it holds nothing but files that this bundle has.",
        "Take another export stick. Whose this is shows on another computer; the program deletes nothing that it did not write.");

    public static readonly IReadOnlyList<HouseRule> All = [SameBundle, Place, NotOurs];
}
