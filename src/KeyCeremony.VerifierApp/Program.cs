using System.CommandLine;
using KeyCeremony.App.Commands;

return LastNet.Run(() => new CommandLine("keyceremony-verify",
    new RootCommand("KeyCeremony, the verifier alone: bundles of ceremonies, and manifests of device batches.")
    {
        VerifyCommand.Make(),
        new Command("manifest", "Manifests of device batches.") { ManifestVerify.Make() },
    }).Run(args));
