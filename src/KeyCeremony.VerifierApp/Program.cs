using System.CommandLine;
using KeyCeremony.App.Commands;
using KeyCeremony.Verifier;

Command verify = VerifyCommand.Make();
var root = new RootCommand("KeyCeremony, the verifier alone: bundles of ceremonies, and manifests of device batches.")
{
    verify,
    new Command("manifest", "Manifests of device batches.") { ManifestVerify.Make() },
};
return LastNet.Run(() =>
{
    ParseResult parsed = root.Parse(args);
    int code = parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
    return parsed.Errors.Count > 0 && parsed.CommandResult.Command == verify ? VerifyReport.UsageCode : code;
});
