using System.CommandLine;
using KeyCeremony.Core;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Manifest.Devices;

namespace KeyCeremony.App.Commands;

/// <summary><c>keyceremony manifest prove</c>: from the list and the salts, the proof of one device or of all.</summary>
internal static class ManifestProve
{
    public static Command Make()
    {
        var statement = new Option<string>("--statement", "--envelope")
        {
            Description = "The statement, or the envelope with it. Its signature is not verified here.",
            Required = true,
        };
        Option<string> devices = ManifestLists.Devices();
        Option<string?> salts = ManifestLists.Salts("The batch's salts.");
        salts.Required = true;
        var serial = new Option<string?>("--serial") { Description = "The device's serial number." };
        var all = new Option<bool>("--all") { Description = "The proofs of all devices, in one file." };
        var output = new Option<string>("--out") { Description = "A folder.", Required = true };
        Option<int> threads = ManifestLists.Threads();
        var command = new CheckedCommand("prove", "Prove that a device belongs to a batch, or write the proofs of all.",
            parsed => parsed.GetValue(all) == (parsed.GetValue(serial) is not null) ? "Give either --serial or --all." : null)
        { statement, devices, salts, serial, all, output, threads };
        command.SetAction(parsed => ManifestLists.Run((progress, cancellation) =>
        {
            if (!ManifestFile.TryReadStatement(parsed.GetValue(statement)!, out BatchStatement? stated, out _, out Refusal? refusal)
                || !ManifestLists.TryReadSalts(parsed.GetValue(salts)!, out SaltKey? key, out refusal))
                return Words.Refuse(refusal);
            using (key)
            {
                if (!ManifestLists.TryInput(parsed.GetValue(devices)!, key, parsed.GetValue(threads),
                    progress, cancellation, out DeviceTreeInput? input, out refusal))
                    return Words.Refuse(refusal);
                DeviceListProblems? problems = parsed.GetValue(serial) is { } one
                    ? WriteOne(input, stated, one, parsed.GetValue(output)!)
                    : WriteAll(input, stated, parsed.GetValue(output)!);
                return problems is null ? 0 : ManifestLists.Refuse(parsed.GetValue(devices)!, problems);
            }
        }));
        return command;
    }

    private static DeviceListProblems? WriteOne(DeviceTreeInput input, BatchStatement statement, string serial, string folder)
    {
        if (!DeviceProving.TryProve(input, statement, serial, out DeviceProof? proof, out DeviceListProblems? problems))
            return problems;
        using var file = new NewFile(Path.Combine(folder, proof.FileName));
        file.Stream.Write(proof.Write());
        file.Commit();
        Words.Say(
        [
            new("device", proof.Device.SerialNo),
            new("in the batch", $"{proof.BatchId}, number {proof.Inclusion.Index + 1} of {proof.Inclusion.TreeSize}"),
            new("proof", file.Path),
        ]);
        return null;
    }

    private static DeviceListProblems? WriteAll(DeviceTreeInput input, BatchStatement statement, string folder)
    {
        // Every salt stands in it.
        using var file = new NewFile(Path.Combine(folder, $"{statement.BatchId}.proofs"), ManifestLists.OwnerOnly);
        if (!DeviceProving.TryWritePack(input, statement, file.Stream, out DeviceListProblems? problems))
            return problems;
        file.Commit();
        Words.Say([new("batch", statement.BatchId), new("devices", statement.Devices.TreeSize.ToString()), new("proofs", file.Path)]);
        return null;
    }
}
