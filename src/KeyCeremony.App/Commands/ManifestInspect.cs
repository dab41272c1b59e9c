using System.CommandLine;
using KeyCeremony.Core;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Pki;

namespace KeyCeremony.App.Commands;

/// <summary><c>keyceremony manifest inspect</c>: what a statement says, in words; nothing is verified.</summary>
internal static class ManifestInspect
{
    public static Command Make()
    {
        var file = new Argument<string>("file") { Description = "A draft of the factory, a statement or an envelope." };
        var json = new Option<bool>("--json") { Description = Answer.OptionHelp };
        var command = new Command("inspect", "A statement in words. Verifies no signature.") { file, json };
        command.SetAction(parsed => Inspect(parsed.GetValue(file)!, new Answer("manifest-inspect", parsed.GetValue(json))));
        return command;
    }

    private static int Inspect(string path, Answer answer)
    {
        if (!ManifestFile.TryReadStatement(path, out BatchStatement? statement, out DsseEnvelope? envelope, out Refusal? refusal))
            return answer.End(answer.Refuse(refusal));
        ManifestFile.Members(answer, statement);
        answer.Member("signedBy", envelope?.Signatures.Select(s => s.KeyId) ?? []);
        answer.Say([.. statement.Describe(), new("statement SHA-256", statement.Sha256())]);
        if (envelope is null)
            return answer.End(0);
        answer.Say(envelope.Signatures.Select((signature, i) => new TextLine($"signature {i + 1}",
            $"not verified; of the key {(signature.KeyId.Length == 0 ? "(none named)" : signature.KeyId)}")));
        answer.Tell("No signature was verified: use 'keyceremony manifest verify'.");
        return answer.End(0);
    }
}
