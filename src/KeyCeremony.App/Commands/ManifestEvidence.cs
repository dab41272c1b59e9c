using System.Security.Cryptography;
using KeyCeremony.Core;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Manifest.Devices;
using KeyCeremony.Core.Pki;

namespace KeyCeremony.App.Commands;

/// <summary>Something that is held against a verified statement: what it proves, or why it does not.</summary>
internal delegate Refusal? BatchEvidence(BatchStatement statement, out string proved);

/// <summary>The kinds of evidence that <c>manifest verify</c> takes.</summary>
internal static class ManifestEvidence
{
    /// <summary>One device stands in the batch; with its certificate, that one.</summary>
    public static BatchEvidence OfProof(string path, string? certificatePath) => (BatchStatement statement, out string proved) =>
    {
        proved = "";
        if (!InputFile.TryRead(path, DeviceProof.MaxBytes, BatchRules.File, out byte[]? file, out Refusal? refusal)
            || !DeviceProof.TryRead(file, out DeviceProof? proof, out refusal))
            return refusal;
        proved = $"device {proof.Device.SerialNo}, with certificate {proof.Device.CertSha256} "
            + $"and key {proof.Device.SpkiSha256}, is number {proof.Inclusion.Index + 1} of the {proof.Inclusion.TreeSize} in the batch";
        return proof.CheckAgainst(statement) ?? (certificatePath is null ? null : CheckCertificate(proof.Device, certificatePath));
    };

    /// <summary>Every device of a pack stands in the batch, and none is missing.</summary>
    public static BatchEvidence OfPack(string path) => (BatchStatement statement, out string proved) =>
    {
        proved = "";
        if (!InputFile.TryOpen(path, BatchRules.File, out FileStream? file, out Refusal? refusal))
            return refusal;
        using (file)
        {
            if (!ProofPackReader.TryOpen(file, out ProofPackReader? pack, out refusal)
                || (refusal = pack.CheckAgainst(statement)) is not null)
                return refusal;
            long devices = 0;
            while (pack.TryNext(out ProofBlock? block, out refusal))
                devices += block.Count;
            proved = $"all {devices} devices of the pack {Path.GetFileName(path)} stand in the batch, and none is missing";
            return refusal;
        }
    };

    /// <summary>The whole list of the batch: with the salts, its devices make the tree in the statement.</summary>
    public static BatchEvidence OfList(string path, string saltsPath, int threads) => (BatchStatement statement, out string proved) =>
    {
        proved = "";
        if (!ManifestLists.TryReadSalts(saltsPath, out SaltKey? salts, out Refusal? refusal))
            return refusal;
        using (salts)
        using (var interruptible = new Interruptible())
        using (var progress = new ListProgress(TimeProvider.System))
        {
            if (!ManifestLists.TryInput(path, salts, threads, progress, interruptible.Token, out DeviceTreeInput? input, out refusal))
                return refusal;
            if (!DeviceProving.TryVerify(input, statement, out DeviceTreeResult? tree, out DeviceListProblems? problems))
                return problems.Refusal;
            proved = $"{Path.GetFileName(path)} is the batch's device list: "
                + $"its {tree.TreeSize} devices, no serial number and no key twice, are those of the batch, and no other is";
            return null;
        }
    };

    /// <summary>The batch was built with this firmware.</summary>
    public static BatchEvidence OfFirmware(string path) => (BatchStatement statement, out string proved) =>
    {
        proved = "";
        if (!InputFile.TryOpen(path, BatchRules.File, out FileStream? file, out Refusal? refusal))
            return refusal;
        string sha256;
        using (file)
            sha256 = Convert.ToHexStringLower(SHA256.HashData(file));
        if (statement.Firmware.FirstOrDefault(image => image.Sha256 == sha256) is not { } found)
            return BatchRules.Image.Refuse($"'{path}' has the SHA-256 {sha256}, and the statement names no such image.",
                "The batch was stated to be built with another firmware.");
        proved =
            $"{Path.GetFileName(path)} is the batch's {found.Component}, version {found.Version}, security counter {found.SecurityCounter}";
        return null;
    };

    private static Refusal? CheckCertificate(DeviceRecord device, string path)
    {
        if (!InputFile.TryReadCertificate(path, BatchRules.File, out ParsedCertificate? certificate, out Refusal? refusal))
            return refusal;
        return Convert.ToHexStringLower(certificate.Sha256()) == device.CertSha256 && Dsse.KeyId(certificate) == device.SpkiSha256 ? null
            : BatchRules.Certificate.Refuse($"'{path}' is not the certificate of device {device.SerialNo} in the proof.",
                "Give the certificate that this device was built with.");
    }
}
