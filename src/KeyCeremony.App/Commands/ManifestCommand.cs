using System.CommandLine;

namespace KeyCeremony.App.Commands;

/// <summary><c>keyceremony manifest</c>: what a factory built, signed once, and what anyone can prove with it for years.</summary>
internal static class ManifestCommand
{
    public static Command Make() => new("manifest", "Manifests of device batches.")
    {
        ManifestBuild.Salts(),
        ManifestBuild.Build(),
        ManifestBuild.Merge(),
        ManifestProve.Make(),
        ManifestInspect.Make(),
        ManifestVerify.Make(),
        ManifestCosign.Pae(),
        ManifestCosign.Make(),
    };
}
