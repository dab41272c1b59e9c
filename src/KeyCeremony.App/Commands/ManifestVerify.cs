using System.Collections.Immutable;
using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using KeyCeremony.Core;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Pki;
using KeyCeremony.Verifier;

namespace KeyCeremony.App.Commands;

/// <summary>
/// <c>keyceremony manifest verify</c>: from an envelope and one trusted certificate to what is proven about a batch and
/// its devices. Needs no ledger, no network and no clock.
/// </summary>
internal static class ManifestVerify
{
    private static readonly string[] NotProved =
    [
        "when it was signed, and that the signer's certificate was not revoked by then",
        "that what the factory stated is true: the signature proves who vouched for these words, and that nobody changed them since",
        "that a device in your hand is the one of a proof: have it sign a challenge with the key of its certificate",
    ];

    public static Command Make()
    {
        var envelope = new Option<string>("--envelope") { Description = "The signed statement, BATCH.dsse.json.", Required = true };
        var trust = new Option<string>("--trust")
        {
            Description = "The certificate that is trusted: the root, or the manifest signer's own. DER or PEM.",
            Required = true,
        };
        var chain = new Option<string?>("--chain")
        {
            Description = "PEM, the manifest signer's certificate first. Left out: BATCH.chain.pem beside the envelope.",
        };
        Option<string[]> cosigner = Many("--cosigner", "Certificate of an officer who signed as well, DER or PEM.");
        var require = new Option<int>("--require") { Description = "How many of the co-signers must have signed." };
        Option<string[]> proof = Many("--proof", "Proof of a device, BATCH-SERIAL.proof.json.");
        var certificate = new Option<string?>("--certificate")
        {
            Description = "The device's certificate, with one --proof: says whether it is the one in the proof.",
        };
        Option<string[]> proofs = Many("--proofs", "The proofs of all devices, BATCH.proofs.");
        var devices = new Option<string?>("--devices")
        {
            Description = "The device list, with --salts: says whether its devices are those of the batch, all and no other.",
        };
        Option<string?> salts = ManifestLists.Salts("The batch's salts, with --devices.");
        Option<int> threads = ManifestLists.Threads();
        Option<string[]> firmware = Many("--firmware", "A firmware image: says whether the batch was built with it.");
        var json = new Option<bool>("--json") { Description = Answer.OptionHelp };
        var command = new CheckedCommand("verify",
            "What an envelope and its proofs prove under one trusted certificate. Ends with 1 when anything fails.",
            parsed => parsed.GetValue(certificate) is not null && parsed.GetValue(proof) is not [_]
                    ? "--certificate belongs to exactly one --proof."
                : (parsed.GetValue(devices) is null) != (parsed.GetValue(salts) is null) ? "--devices and --salts go together."
                : parsed.GetValue(require) < 0 ? "--require is a number of co-signers." : null)
        {
            envelope, trust, chain, cosigner, require, proof, certificate, proofs, devices, salts, threads, firmware, json,
        };
        command.SetAction(parsed => Verify(
            parsed.GetValue(envelope)!, parsed.GetValue(trust)!, parsed.GetValue(chain),
            parsed.GetValue(cosigner)!, parsed.GetValue(require),
            [
                .. parsed.GetValue(proof)!.Select(path => ManifestEvidence.OfProof(path, parsed.GetValue(certificate))),
                .. parsed.GetValue(proofs)!.Select(ManifestEvidence.OfPack),
                .. parsed.GetValue(devices) is { } list
                    ? [ManifestEvidence.OfList(list, parsed.GetValue(salts)!, parsed.GetValue(threads))]
                    : Array.Empty<BatchEvidence>(),
                .. parsed.GetValue(firmware)!.Select(ManifestEvidence.OfFirmware),
            ],
            new Answer("manifest-verify", parsed.GetValue(json))));
        return command;
    }

    private static Option<string[]> Many(string name, string description) =>
        new(name) { Description = description, AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [] };

    private static int Verify(string envelopePath, string trustPath, string? chainPath,
        string[] cosignerPaths, int required, IReadOnlyList<BatchEvidence> evidence, Answer answer)
    {
        if (!ManifestFile.TryReadEnvelope(envelopePath, out DsseEnvelope? envelope, out Refusal? refusal)
            || !TryReadTrust(envelopePath, trustPath, chainPath, cosignerPaths, required, out BatchTrust? trust, out refusal)
            || !BatchVerification.TryVerify(envelope, trust, out BatchVerification? verified, out refusal)
            || (refusal = SecondSignatures.Refuse(envelope, verified)) is not null)
            return answer.End(answer.Refuse(refusal));
        ManifestFile.Members(answer, verified.Statement);
        answer.Member("trustedSha256", Convert.ToHexStringLower(verified.Trusted.Sha256()));
        answer.Member("signerSha256", Convert.ToHexStringLower(verified.Signer.Sha256()));
        answer.Objects("signatures", verified.Signatures, (json, finding) =>
        {
            json.WriteString("keyId", finding.KeyId);
            json.WriteString("standing", finding.Standing switch
            {
                SignatureStanding.Manifest => "signer",
                SignatureStanding.Cosigner => "cosigner",
                SignatureStanding.Broken => "broken",
                _ => "unknown",
            });
        });
        answer.Say([.. verified.Statement.Describe(), .. verified.Describe()]);
        List<string> proved = [$"the statement about batch {verified.Statement.BatchId} "
            + "is, byte for byte, what the manifest signer signed; a second implementation agrees"];
        bool holds = true;
        foreach (BatchEvidence one in evidence)
        {
            refusal = one(verified.Statement, out string found);
            if (refusal is null)
                proved.Add(found);
            else
                holds = answer.Refuse(refusal) == 0;
        }
        Tell(answer, "PROVED", "proved", proved);
        Tell(answer, "NOT PROVED", "notProved",
            evidence.Count > 0 ? NotProved : [.. NotProved, "anything about a single device: give its proof"]);
        return answer.End(holds ? 0 : 1);
    }

    private static bool TryReadTrust(string envelopePath, string trustPath, string? chainPath,
        string[] cosignerPaths, int required, [NotNullWhen(true)] out BatchTrust? trust, [NotNullWhen(false)] out Refusal? refusal)
    {
        trust = null;
        if (!InputFile.TryReadCertificate(trustPath, BatchRules.File, out ParsedCertificate? trusted, out refusal)
            || !ManifestFile.TryReadChain(chainPath, envelopePath, out ImmutableArray<ParsedCertificate> chain, out refusal))
            return false;
        ImmutableArray<ParsedCertificate>.Builder cosigners = ImmutableArray.CreateBuilder<ParsedCertificate>();
        foreach (string path in cosignerPaths)
        {
            if (!InputFile.TryReadCertificate(path, BatchRules.File, out ParsedCertificate? cosigner, out refusal))
                return false;
            cosigners.Add(cosigner);
        }
        trust = new BatchTrust(trusted, chain, cosigners.ToImmutable(), required);
        return true;
    }

    private static void Tell(Answer answer, string what, string member, IReadOnlyList<string> sentences)
    {
        answer.Tell(what);
        foreach (string sentence in sentences)
            answer.Tell($"  {sentence}");
        answer.Member(member, sentences);
    }
}
