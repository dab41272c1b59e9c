using System.CommandLine;
using KeyCeremony.Core;
using KeyCeremony.Verifier;

namespace KeyCeremony.App.Commands;

/// <summary><c>keyceremony verify</c>: re-checks bundles with no HSM and no trust in the appliance. docs/formats/verify.md.</summary>
internal static class VerifyCommand
{
    public static Command Make()
    {
        var bundles = new Argument<string[]>("bundle")
        {
            Description = "One bundle, or several of the same ledger in their order.",
            Arity = ArgumentArity.OneOrMore,
        };
        var root = new RootOptions();
        var script = new Option<string?>("--script") { Description = "SHA-256 of the approved script of the last ceremony." };
        var json = new Option<bool>("--json") { Description = "The whole report as JSON, for machines." };
        var command = new Command("verify", "Re-check bundles: needs no HSM.") { bundles, root.Trust, root.Words, script, json };
        command.SetAction(parsed =>
        {
            if (!VerifyOptions.TryRead(parsed.GetValue(root.Trust), parsed.GetValue(root.Words),
                parsed.GetValue(script), out VerifyOptions? options, out Refusal? refusal))
                return Words.Misused(refusal);
            VerifyReport report = BundleVerify.Run(parsed.GetValue(bundles)!, options);
            Console.Write(parsed.GetValue(json) ? report.Json : report.Text);
            return report.ExitCode;
        });
        return command;
    }
}

/// <summary>How a root is named that is known from a source of one's own.</summary>
internal sealed record RootOptions
{
    public Option<string?> Trust { get; } = new("--trust") { Description = "SHA-256 of the root certificate, known by another way." };

    public Option<string?> Words { get; } = new("--words")
    {
        Description = "Instead: the first four or more words of that hash, as the binder has them.",
    };
}
