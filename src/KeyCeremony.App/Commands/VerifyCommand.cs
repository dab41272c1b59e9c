using System.CommandLine;
using KeyCeremony.Core;
using KeyCeremony.Verifier;

namespace KeyCeremony.App.Commands;

/// <summary><c>keyceremony verify</c>: re-checks bundles with no HSM and no trust in the appliance.</summary>
internal static class VerifyCommand
{
    public static Command Make()
    {
        var bundles = new Argument<string[]>("bundle") { Description = "One bundle, or several of the same ledger in their order.", Arity = ArgumentArity.OneOrMore };
        var trust = new Option<string?>("--trust") { Description = "SHA-256 of the root certificate, known by another way." };
        var command = new Command("verify", "Re-check bundles: needs no HSM.") { bundles, trust };
        command.SetAction(parsed =>
        {
            VerifyOptions? options = parsed.GetValue(trust) is { } sha256 ? VerifyOptions.Trusting(sha256) : new VerifyOptions();
            if (options is null)
                return Words.Refuse(new Refusal("VERIFY-00", "That is not a SHA-256.", "Give 64 hexadecimal digits."));
            VerifyReport report = BundleVerify.Run(parsed.GetValue(bundles)!, options);
            Console.Write(report.Text);
            return report.ExitCode;
        });
        return command;
    }
}
