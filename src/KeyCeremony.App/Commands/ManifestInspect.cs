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
        var command = new Command("inspect", "A statement in words. Verifies no signature.") { file };
        command.SetAction(parsed => Inspect(parsed.GetValue(file)!));
        return command;
    }

    private static int Inspect(string path)
    {
        if (!ManifestFile.TryReadStatement(path, out BatchStatement? statement, out DsseEnvelope? envelope, out Refusal? refusal))
            return Words.Refuse(refusal);
        Words.Say([.. statement.Describe(), new("statement SHA-256", statement.Sha256())]);
        if (envelope is null)
            return 0;
        Words.Say(envelope.Signatures.Select((signature, i) => new TextLine($"signature {i + 1}",
            $"not verified; of the key {(signature.KeyId.Length == 0 ? "(none named)" : signature.KeyId)}")));
        Console.WriteLine("No signature was verified: use 'keyceremony manifest verify'.");
        return 0;
    }
}
