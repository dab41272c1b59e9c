using System.CommandLine;
using KeyCeremony.Core;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Pki;

namespace KeyCeremony.App.Commands;

/// <summary>
/// <c>keyceremony manifest pae</c> and <c>cosign</c>: an officer signs with a key of their own, wherever it is. This
/// program sees the signature and never the key.
/// </summary>
internal static class ManifestCosign
{
    public static Command Pae()
    {
        var file = new Argument<string>("file") { Description = "The statement or envelope that left the ceremony." };
        var output = new Option<string?>("--out") { Description = "A new file; left out: standard output." };
        var command = new Command("pae", "Write the bytes that a co-signer signs (DSSE pre-authentication encoding).") { file, output };
        command.SetAction(parsed => WritePae(parsed.GetValue(file)!, parsed.GetValue(output)));
        return command;
    }

    public static Command Make() => new OptionTable<CosignWanted>("cosign",
        "Add a co-signer's signature to an envelope, after verifying it.", new CosignWanted())
        .Must("--envelope",
            "The envelope; it stays as it is.",
            (wanted, file) => wanted with { Envelope = file })
        .Must("--signature",
            "ECDSA in DER over the bytes of 'manifest pae'.",
            (wanted, file) => wanted with { Signature = file })
        .Must("--certificate",
            "The co-signer's certificate, DER or PEM.",
            (wanted, file) => wanted with { Certificate = file })
        .Must("--out",
            "A new file for the envelope with one signature more.",
            (wanted, file) => wanted with { Out = file })
        .Does(wanted => Cosign(wanted.Envelope, wanted.Signature, wanted.Certificate, wanted.Out, TimeProvider.System.GetUtcNow()));

    private static int WritePae(string path, string? output)
    {
        if (!ManifestFile.TryReadStatement(path, out BatchStatement? statement, out _, out Refusal? refusal))
            return Words.Refuse(refusal);
        if (BatchVerification.CheckFinal(statement) is { } draft)
            return Words.Refuse(draft);
        byte[] pae = Dsse.Pae(statement.Write());
        if (output is not null)
            return ManifestFile.Write(output, pae) is { } notWritten ? Words.Refuse(notWritten) : 0;
        using Stream console = Console.OpenStandardOutput();
        console.Write(pae);
        return 0;
    }

    private static int Cosign(string envelopePath, string signaturePath, string certificatePath, string output, DateTimeOffset now)
    {
        if (!ManifestFile.TryReadEnvelope(envelopePath, out DsseEnvelope? envelope, out Refusal? refusal)
            || !InputFile.TryRead(signaturePath, DsseEnvelope.MaxSignature, BatchRules.File, out byte[]? signature, out refusal)
            || !InputFile.TryReadCertificate(certificatePath, BatchRules.File, out ParsedCertificate? certificate, out refusal)
            || (refusal = Cosigning.CheckToday(certificate, now)) is not null
            || !Cosigning.TryAdd(envelope, certificate, signature, out DsseEnvelope? cosigned, out refusal)
            || (refusal = ManifestFile.Write(output, cosigned.Write())) is not null)
            return Words.Refuse(refusal);
        Words.Say(
        [
            new("co-signer", certificate.ToBeSigned.Subject.ToString()),
            new("key", Dsse.KeyId(certificate)),
            new("signatures now", cosigned.Signatures.Length.ToString()),
            new("envelope", output),
            .. certificate.ToBeSigned.NotAfter.Value is var end && end < now
                ? [new("NOTE", $"the co-signer's certificate ran out on {end:yyyy-MM-dd}: it was signed before that, or not in order")]
                : Array.Empty<TextLine>(),
        ]);
        return 0;
    }

    private sealed record CosignWanted
    {
        public string Envelope { get; init; } = "";

        public string Signature { get; init; } = "";

        public string Certificate { get; init; } = "";

        public string Out { get; init; } = "";
    }
}
