using System.Collections.Immutable;
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
    /// <summary>Of one serial that stands on a list more than once.</summary>
    private const int MostEntries = 3;

    private const int LongestNumber = 20; // bytes: RFC 5280 5.2.3

    public static Command Make() => new("crl", "Certificate revocation lists.") { Inspect() };

    private static Command Inspect() => new OptionTable<InspectWanted>("inspect",
            "Who signed a CRL, its number, dates and reasons. Ends with 1 when it cannot be taken or is not signed by --issuer.",
            new InspectWanted())
        .With(new Argument<string>("file"),
            "The CRL, DER or PEM.",
            (wanted, file) => wanted with { File = file })
        .Text("--serial",
            "Says whether this serial is on it: hex, and of digits only also decimal.",
            (wanted, serial) => wanted with { Serial = serial })
        .Text("--issuer",
            "The issuer's certificate, DER or PEM: the signature is verified.",
            (wanted, file) => wanted with { Issuer = file })
        .Text("--against",
            "Another CRL: says how the entries differ from it.",
            (wanted, file) => wanted with { Against = file })
        .Flag("--json", Answer.OptionHelp, wanted => wanted with { Json = true })
        .Does(wanted => Inspect(wanted.File, wanted.Serial, wanted.Issuer, wanted.Against, new Answer("crl-inspect", wanted.Json)));

    private static int Inspect(string path, string? serialText, string? issuerPath, string? againstPath, Answer answer)
    {
        ImmutableArray<(string Notation, RevokedSerial Serial)> wanted = Readings(serialText);
        if (serialText is not null && wanted.IsEmpty)
            return answer.Misused(CrlRules.Rows.Refuse($"'{serialText}' is no serial.",
                "Give a positive number of at most 20 bytes in hex."));
        if (!TryReadIssuer(issuerPath, out ParsedCertificate? issuer, out Refusal? refusal))
            return answer.End(answer.Refuse(refusal));
        var found = new ImmutableArray<Revocation>[wanted.Length];
        Array.Fill(found, []);
        bool holdsIssuer = false;
        RevokedSerial? before = null, twice = null;
        RevokedSerial? own = issuer is not null && RevokedSerial.TryFromContent(issuer.ToBeSigned.Serial.Span, out RevokedSerial its)
            ? its : null;
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        if (!TryRead(path, Look, issuer, out CrlFacts? facts, out refusal))
            return answer.End(answer.Refuse(refusal));
        Members(answer, facts);
        answer.Objects("serials", wanted.Zip(found), (json, one) =>
        {
            json.WriteString("serial", one.First.Serial.ToString());
            json.WriteString("readAs", one.First.Notation);
            json.WriteBoolean("revoked", one.Second.Any(IsRevoked));
            json.WriteString("reason", one.Second is [.., { Reason: var reason }] ? RevocationReasons.NameOf(reason) : null);
            json.WriteString("date", one.Second is [.., { Date: var date }] ? Answer.Time(date) : null);
        });
        answer.Say(CrlText.Describe(facts));
        answer.Say([.. wanted.Select((one, i) => new TextLine(
            $"serial {one.Serial}{(wanted.Length > 1 ? $" (read as {one.Notation})" : "")}",
            found[i].IsEmpty ? "is not on it"
                : $"{(found[i].Any(IsRevoked) ? "REVOKED" : "on it, and NOT REVOKED")}: "
                    + string.Join("; ", found[i].Take(MostEntries))))]);
        ImmutableArray<string> remarks = [.. Remarks(facts, issuer, now, holdsIssuer), .. twice is { } repeated
            ? new[] { $"The serial {repeated} stands on it more than once: which date and reason count, nobody can tell." } : []];
        answer.Member("remarks", remarks);
        answer.Say(remarks.Select(remark => new TextLine("remark", remark)));
        if (againstPath is not null && Compare(path, againstPath, answer) is { } notCompared)
            return answer.End(answer.Refuse(notCompared));
        int code = issuer is null ? NotVerified(answer) : Verify(facts, issuer, now, answer);
        answer.Member("signature", issuer is null ? "not-asked" : code == 0 ? "verified" : "refused");
        return answer.End(code);

        void Look(in Revocation entry)
        {
            holdsIssuer |= own is { } serial && entry.Serial == serial;
            // Of a list of any size what stands side by side; what was asked for wherever it stands.
            if (before is { } last && entry.Serial == last)
                twice = last;
            before = entry.Serial;
            for (int i = 0; i < found.Length; i++)
                if (entry.Serial == wanted[i].Serial)
                {
                    found[i] = found[i].Add(entry);
                    twice = found[i].Length > 1 ? entry.Serial : twice;
                }
        }
    }

    /// <summary>RFC 5280 5.3.1: removeFromCRL takes an entry off, where it stands on a list that says what changed.</summary>
    private static bool IsRevoked(Revocation entry) => entry.Reason != RevocationReason.RemoveFromCrl;

    /// <summary>What others ask of a list that is whole and well formed, and a ceremony of one that it takes entries from.</summary>
    private static IEnumerable<string> Remarks(CrlFacts facts, ParsedCertificate? issuer, DateTimeOffset now, bool holdsIssuer)
    {
        if (facts.NextUpdate is { } next && next.Value < facts.ThisUpdate.Value)
            yield return "The next one was to come before this one was made.";
        bool isSigned = issuer is not null && facts.IsSignedBy(issuer);
        if (isSigned && facts.AuthorityKeyIdentifier is { KeyIdentifier: not null } named && named.IsOfAnotherKey(issuer!.ToBeSigned))
            yield return "It names another key than its issuer's certificate does: programs that look for the key by its name find none.";
        if (isSigned && facts.AuthorityKeyIdentifier?.NamesAnother(issuer!.ToBeSigned) is true)
            yield return "It names its issuer's certificate by issuer and serial number, and means another than this one: programs "
                + "that ask find no path.";
        if (issuer is not null && issuer.ToBeSigned.BasicConstraints is not { IsCa: true })
            yield return "The certificate that is given as its issuer's is no CA's (basicConstraints): programs take a list of the CA "
                + "itself, or of a signer that the certificates name (cRLIssuer, RFC 5280 4.2.1.13).";
        if (facts.NextUpdate is null)
            yield return "It does not say when the next one comes (RFC 5280 5.1.2.5): an old one is not told from a new one.";
        else if (facts.NextUpdate.Value < now)
            yield return $"It RAN OUT on {facts.NextUpdate.Value:yyyy-MM-dd HH:mm:ss} UTC: the CA has a newer one.";
        if (facts.ThisUpdate.Value > now)
            yield return "It is of a time that has not come yet by this computer's clock.";
        if (facts.Number is null)
            yield return "It has no number (RFC 5280 5.2.3).";
        else if (facts.Number.Value.GetByteCount() > LongestNumber)
            yield return $"Its number is longer than {LongestNumber} bytes: programs need not read it (RFC 5280 5.2.3).";
        if (facts.AuthorityKeyIdentifier is null)
            yield return "It does not name the key that signed it (RFC 5280 5.2.1).";
        if (facts.LatestDate is { } latest && latest > facts.ThisUpdate.Value)
            yield return $"An entry is dated {latest:yyyy-MM-dd HH:mm:ss} UTC, later than the list.";
        if (facts.MisformedDates > 0)
            yield return (facts.MisformedDates == 1 ? "A date before 2050 is" : $"{facts.MisformedDates} dates before 2050 are")
                + " GeneralizedTime (RFC 5280 5.1.2.6).";
        if (facts.ByReason.FirstOrDefault(r => r.Reason == RevocationReason.RemoveFromCrl) is { Count: > 0 } removed)
            yield return $"removeFromCRL stands on it {(removed.Count == 1 ? "once" : $"{removed.Count} times")}: only a delta list says "
                + "so (RFC 5280 5.3.1).";
        if (holdsIssuer)
            yield return "The serial number of the CA's own certificate is on it: no CA takes itself back so.";
    }

    private static void Members(Answer answer, CrlFacts facts)
    {
        answer.Member("issuer", facts.Issuer.ToString());
        answer.Member("number", facts.Number?.ToString());
        answer.Member("thisUpdate", facts.ThisUpdate.Value);
        answer.Member("nextUpdate", facts.NextUpdate?.Value);
        answer.Member("authorityKey", facts.AuthorityKeyIdentifier?.KeyIdentifier is { } key ? Convert.ToHexStringLower(key.Span) : null);
        answer.Member("entries", facts.Count);
        answer.Member("bytes", facts.Length);
        answer.Member("sha256", Convert.ToHexStringLower(facts.Sha256.Span));
    }

    /// <summary>
    /// Digits only are looked for in both notations: each is another certificate. As openssl prints it (<c>serial=0A1B</c>) and certtool
    /// (<c>0x0a1b</c>) it is hex.
    /// </summary>
    private static ImmutableArray<(string Notation, RevokedSerial Serial)> Readings(string? text)
    {
        if (text is null)
            return [];
        string told = text.Trim();
        return
        [
            .. new[] { SerialNotation.Hex, SerialNotation.Decimal }
                .Where(notation => notation == SerialNotation.Hex || SerialNotation.IsUnclear(told))
                .Select(n => (Notation: n, IsOne: SerialNotation.TryRead(told, n, out RevokedSerial serial), Serial: serial))
                .Where(reading => reading.IsOne).Select(reading => (reading.Notation, reading.Serial)),
        ];
    }

    private static int NotVerified(Answer answer)
    {
        answer.Say([new TextLine("signature", "not verified: give --issuer")]);
        return 0;
    }

    private static int Verify(CrlFacts facts, ParsedCertificate issuer, DateTimeOffset now, Answer answer)
    {
        if (!facts.Issuer.Equals(issuer.ToBeSigned.Subject))
        {
            (string list, string subject) = DistinguishedName.Apart(facts.Issuer, issuer.ToBeSigned.Subject);
            bool isItsOwn = facts.IsSignedBy(issuer) && facts.Issuer.ReadsLike(issuer.ToBeSigned.Subject);
            return answer.Refuse(CrlRules.Issuer.Refuse($"The CRL is of {list}, the certificate is of {subject}."
                + (isItsOwn ? " The signature verifies under the certificate's key." : ""),
                isItsOwn ? "Have the CA write its name in its lists as it stands in its certificate (RFC 5280 5.1.2.3): programs that "
                        + "compare names byte for byte take none of its lists."
                    : "Give the certificate of the CRL's issuer."));
        }
        switch (facts.Judge(issuer))
        {
            case SignatureVerdict.CannotBeJudged:
                return answer.Refuse(CrlRules.Signature.Refuse("Whether the signature is this CA's cannot be judged: its algorithm or the "
                    + "CA's key is of a kind that is not verified here.",
                    "Nothing is said against the CRL. Verify it with another program."));
            case SignatureVerdict.OtherKind:
                return answer.Refuse(CrlRules.Signature.Refuse("The CRL does not fit this certificate: its signature algorithm "
                    + CrlText.OfOtherKind(facts), "Give the certificate of the key that signed the CRL."));
            case SignatureVerdict.DoesNotHold when facts.AuthorityKeyIdentifier?.IsOfAnotherKey(issuer.ToBeSigned) is true:
                return answer.Refuse(CrlRules.Signature.Refuse(
                    "The CRL does not fit this certificate: it names another key of a CA with the same name.",
                    "Give the certificate of the key that signed the CRL."));
            case SignatureVerdict.DoesNotHold:
                return answer.Refuse(CrlRules.Signature.Refuse("The signature does not verify under this certificate's key.",
                    "Do not use this CRL."));
        }
        // RFC 5280 6.3.3 (f): what is absent forbids nothing.
        if (issuer.ToBeSigned.KeyUsage is { } usage && !usage.HasFlag(KeyUsages.CrlSign))
            return answer.Refuse(CrlRules.Signer.Refuse("The signature verifies, but the certificate's keyUsage does not allow its key "
                + "to sign revocation lists (cRLSign): programs that ask do not take this list.",
                "Give the certificate of the key that signs this CA's lists; if it is this one, the CA needs another certificate."));
        if (facts.ThisUpdate.Value < issuer.ToBeSigned.NotBefore.Value || facts.ThisUpdate.Value > issuer.ToBeSigned.NotAfter.Value)
            return answer.Refuse(CrlRules.WithinIssuer.Refuse("The signature verifies, but the certificate was not valid when the list was "
                + $"made, {facts.ThisUpdate.Value:yyyy-MM-dd HH:mm:ss} UTC: it is from "
                + $"{issuer.ToBeSigned.NotBefore.Value:yyyy-MM-dd HH:mm:ss} to {issuer.ToBeSigned.NotAfter.Value:yyyy-MM-dd HH:mm:ss}.",
                "Give the certificate that the CA had when it signed this list. If it is this one, "
                    + "programs that ask do not take the list."));
        answer.Say([new TextLine("signature", "verifies under the issuer's key"),
            .. issuer.ToBeSigned.NotAfter.Value is var end && end < now
                ? [new TextLine("issuer's certificate", $"RAN OUT on {end:yyyy-MM-dd}: programs that ask take none of its lists today")]
                : issuer.ToBeSigned.NotBefore.Value is var begin && begin > now
                ? [new TextLine("issuer's certificate", $"BEGINS on {begin:yyyy-MM-dd}, later than this machine's clock")]
                : Array.Empty<TextLine>()]);
        return 0;
    }

    private static Refusal? Compare(string path, string againstPath, Answer answer)
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
                answer.Objects("compared", [comparison], (json, one) =>
                {
                    json.WriteNumber("onlyHere", one.Added);
                    json.WriteNumber("onlyInTheOther", one.Gone);
                    json.WriteNumber("changed", one.Changed);
                    json.WriteNumber("same", one.Same);
                });
                answer.Say([new TextLine("compared with", $"number {facts.Number?.ToString() ?? "absent"}, "
                    + $"thisUpdate {facts.ThisUpdate.Value:yyyy-MM-dd HH:mm:ss} UTC, {facts.Count} entries"), .. comparison.Describe()]);
            }
        }
        return null;
    }

    /// <param name="issuer">Under whose key a signature is judged that is not over a hash.</param>
    private static bool TryRead(string path, CrlEntry each, ParsedCertificate? issuer, [NotNullWhen(true)] out CrlFacts? facts,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        facts = null;
        if (!InputFile.TryOpen(path, CrlRules.Encoding, out FileStream? file, out refusal))
            return false;
        using (file)
            return CrlReader.TryRead(file, each, issuer is null ? [] : [issuer], out facts, out refusal);
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

        public bool Json { get; init; }
    }
}
