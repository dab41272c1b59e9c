using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using KeyCeremony.Core;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Crl;
using KeyCeremony.Verifier;

namespace KeyCeremony.App.Commands;

/// <summary><c>keyceremony crl inspect</c>: what a CRL says, of any size and from any tool, without changing anything.</summary>
internal static class CrlCommand
{
    public static Command Make() => new("crl", "Certificate revocation lists.") { Inspect() };

    private static Command Inspect() => new OptionTable<InspectWanted>("inspect",
            "Who signed a CRL, its number, dates and reasons. Ends with 1 when it cannot be taken or is not signed by --issuer.",
            new InspectWanted())
        .With(new Argument<string>("file"),
            "The CRL, DER or PEM.",
            (wanted, file) => wanted with { File = file })
        .Text("--serial",
            "Says whether this serial (hex) is on it.",
            (wanted, serial) => wanted with { Serial = serial })
        .Text("--issuer",
            "The issuer's certificate, DER or PEM: the signature is verified.",
            (wanted, file) => wanted with { Issuer = file })
        .Text("--against",
            "Another CRL: says how the entries differ from it.",
            (wanted, file) => wanted with { Against = file })
        .Does(wanted => Inspect(wanted.File, wanted.Serial, wanted.Issuer, wanted.Against));

    private static int Inspect(string path, string? serialText, string? issuerPath, string? againstPath)
    {
        RevokedSerial wanted = default;
        if (serialText is not null && !RevokedSerial.TryParse(serialText, out wanted))
            return Words.Refuse(CrlRules.Rows.Refuse($"'{serialText}' is no serial.",
                "Give a positive number of at most 20 bytes in hex."));
        if (!TryReadIssuer(issuerPath, out ParsedCertificate? issuer, out Refusal? refusal))
            return Words.Refuse(refusal);
        Revocation? found = null;
        if (!TryRead(path, (in Revocation entry) => found = entry.Serial == wanted ? entry : found, out CrlFacts? facts, out refusal))
            return Words.Refuse(refusal);
        Words.Say(CrlText.Describe(facts));
        if (serialText is not null)
            Words.Say([new TextLine($"serial {wanted}", found is { } entry ? $"REVOKED: {entry}" : "is not on it")]);
        if (againstPath is not null && Compare(path, againstPath) is { } notCompared)
            return Words.Refuse(notCompared);
        return issuer is null ? NotVerified() : Verify(facts, issuer);
    }

    private static int NotVerified()
    {
        Words.Say([new TextLine("signature", "not verified: give --issuer")]);
        return 0;
    }

    private static int Verify(CrlFacts facts, ParsedCertificate issuer)
    {
        if (!facts.Issuer.Equals(issuer.ToBeSigned.Subject))
            return Words.Refuse(
                CrlRules.Issuer.Refuse($"The CRL is of '{facts.Issuer}', the certificate is of '{issuer.ToBeSigned.Subject}'.",
                    "Give the certificate of the CRL's issuer."));
        switch (facts.Judge(issuer))
        {
            case SignatureVerdict.CannotBeJudged:
                return Words.Refuse(CrlRules.Signature.Refuse("Whether the signature is this CA's cannot be judged: its algorithm or the "
                    + "CA's key is of a kind that is not verified here.",
                    "Nothing is said against the CRL. Verify it with another program."));
            case SignatureVerdict.DoesNotHold when IsOfAnotherKey(facts, issuer):
                return Words.Refuse(CrlRules.Signature.Refuse(
                    "The CRL does not fit this certificate: it names another key of a CA with the same name.",
                    "Give the certificate of the key that signed the CRL."));
            case SignatureVerdict.DoesNotHold:
                return Words.Refuse(CrlRules.Signature.Refuse("The signature does not verify under this certificate's key.",
                    "Do not use this CRL."));
        }
        Words.Say([new TextLine("signature", "verifies under the issuer's key")]);
        return 0;
    }

    private static bool IsOfAnotherKey(CrlFacts facts, ParsedCertificate issuer) =>
        facts.AuthorityKeyIdentifier?.KeyIdentifier is { } named
        && issuer.ToBeSigned.SubjectKeyIdentifier is { } own && !named.Span.SequenceEqual(own.Span);

    private static Refusal? Compare(string path, string againstPath)
    {
        if (!InputFile.TryOpen(againstPath, CrlRules.Encoding, out FileStream? earlier, out Refusal? refusal))
            return refusal;
        using (earlier)
        {
            if (!InputFile.TryOpen(path, CrlRules.Encoding, out FileStream? later, out refusal))
                return refusal;
            using (later)
            {
                if (!CrlComparison.TryOf(earlier, later, ScratchFiles.New, out CrlComparison? comparison, out CrlFacts? facts, out refusal))
                    return refusal;
                Words.Say([new TextLine("compared with", $"number {facts.Number?.ToString() ?? "absent"}, "
                    + $"thisUpdate {facts.ThisUpdate.Value:yyyy-MM-dd HH:mm:ss} UTC, {facts.Count} entries"), .. comparison.Describe()]);
            }
        }
        return null;
    }

    private static bool TryRead(string path, CrlEntry each, [NotNullWhen(true)] out CrlFacts? facts,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        facts = null;
        if (!InputFile.TryOpen(path, CrlRules.Encoding, out FileStream? file, out refusal))
            return false;
        using (file)
            return CrlReader.TryRead(file, each, out facts, out refusal);
    }

    private static bool TryReadIssuer(string? path, out ParsedCertificate? issuer, [NotNullWhen(false)] out Refusal? refusal)
    {
        (issuer, refusal) = (null, null);
        return path is null || InputFile.TryReadCertificate(path, CrlRules.Encoding, out issuer, out refusal);
    }

    private sealed record InspectWanted
    {
        public string File { get; init; } = "";

        public string? Serial { get; init; }

        public string? Issuer { get; init; }

        public string? Against { get; init; }
    }
}
