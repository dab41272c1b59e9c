using System.Collections.Immutable;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Script;
using KeyCeremony.Core.Sharing;
using static KeyCeremony.Verifier.Tests.Pen;

namespace KeyCeremony.Verifier.Tests;

/// <summary>What no script asks for, made with the real keys.</summary>
public sealed partial class LiesTests
{
    private static IEnumerable<Lie> Extras()
    {
        const string kind = "extras";
        yield return new Lie(kind, "a second share set for a stranger and a second backup under it", r => r.Root, Replay,
            "(attempted, step \"backup-root\") … due was an answer to \"seen\"",
            After(e => e.Body is KeyBackedUp, StrangersBackup));
        yield return new Lie(kind, "one card more than was dealt", r => r.Root, Replay, "(shares-made … custodians is",
            Change<SharesMade>(s => s with { Custodians = s.Custodians.Add("Nina Nobody"), Digests = s.Digests.Add(new string('7', 64)) },
                s => s.Name == "backup"));
        foreach ((string set, int threshold) in new[] { ("activation", 1), ("backup", 1), ("backup", 3) })
            yield return new Lie(kind, $"{threshold} of the {set} cards are enough", r => r.Root, Replay,
                $"(shares-made … threshold is {threshold}, due is 2",
                Change<SharesMade>(s => s with { Threshold = threshold }, s => s.Name == set));
        yield return new Lie(kind, "backup cards that are the activation cards", r => r.Root, Replay,
            "(shares-made … it has the secret or a card of 0001-activation-1",
            (_, entries) =>
            {
                SharesMade first = entries.Select(e => e.Body).OfType<SharesMade>().First();
                return Change<SharesMade>(s => s with { Digests = first.Digests, KeyCheck = first.KeyCheck },
                    s => s.Name == "backup")(null!, entries);
            });
        yield return new Lie(kind, "a secret from dice that nobody threw", r => r.Root, Replay, "(shares-made … sources is",
            Change<SharesMade>(s => s with { Sources = s.Sources.Contains("dice") ? ["hsm", "kernel"] : ["hsm", "kernel", "dice"] }));
        yield return new Lie(kind, "a key that no script asks for", r => r.Root, Replay,
            "(attempted, step \"generate-root\") … due was an answer to \"seen\"",
            After(e => e is { Step: "generate-root", Body: TokenLookedAt }, room =>
            [
                new Attempted("generate-key", "spare", new string('5', 32), 2),
                room.Fact(new GenerateKey("spare", KeyPurposes.Ca, "ec-p384", new string('5', 32), true, false)),
            ]));
        yield return new Lie(kind, "a key of another kind than the script's", r => r.Root, Replay,
            "(key-generated … its public key is no key of the kind ec-p384",
            (room, entries) => entries.Select(e => e.Body is KeyGenerated { Key: "root" } k
                ? e with { Body = k with { Spki = Convert.ToBase64String(room.KeyOf("transcript").ExportSubjectPublicKeyInfo()) } } : e));
        yield return new Lie(kind, "a key that can be taken out", r => r.Root, Replay, "(key-generated … extractable is true",
            Change<KeyGenerated>(k => k with { Extractable = true }, k => k.Key == "transcript"));
        yield return new Lie(kind, "a certificate beyond the script", r => r.Authority, Replay,
            "(certificate-previewed, step \"sign-tls\") … due was an answer to \"seen\"",
            After(e => e.Body is CertificateSigned { Certificate: "tls-t1" }, Beyond));
        yield return new Lie(kind, "a certificate beyond the script, in a ceremony for lists", r => r.Authority, Replay,
            "(certificate-previewed, step \"sign-list\") … due was an answer to \"seen\"",
            After(e => e.Body is CrlSigned, Beyond));
        foreach ((string name, string rule, Func<CertificatePlan, CertificatePlan> change) in new (string, string, Func<CertificatePlan,
            CertificatePlan>)[]
        {
            ("path length", "TBS-01", p => p with { PathLength = 3 }),
            ("purposes", "TLS-04", p => p with { ExtendedKeyUsage = ["1.3.6.1.5.5.7.3.3"] }),
            ("policies", "TBS-01", p => p with { Policies = ["1.3.6.1.4.1.99999.1"] }),
            ("list addresses", "TBS-01", p => p with { CrlDistributionPoints = ["http://lists.example/other.crl"] }),
            ("end", "TBS-01", p => p with { NotAfter = p.NotAfter.AddYears(1) }),
            ("begin", "CERT-08", p => p with { NotBefore = p.NotBefore.AddHours(-1) }),
        })
        {
            yield return new Lie(kind, $"a certificate with another {name} than the script's", r => r.Authority, Replay,
                "(certificate-previewed, step \"preview-tls\") … its plan is not the script's",
                (room, entries) => Otherwise(room, entries, change, alsoPlan: true));
            yield return new Lie(kind, $"a certificate with another {name} than was previewed", r => r.Authority, Replay,
                $"(certificate-signed, step \"sign-tls\") … it cannot be what sign-certificate brought: {rule}",
                (room, entries) => Otherwise(room, entries, change, alsoPlan: false));
        }
        yield return new Lie(kind, "a certificate for another key than was brought", r => r.Authority, Replay,
            "(certificate-previewed, step \"preview-tls\") … its public key is not the one that was brought",
            (room, entries) => Otherwise(room, entries, p => p, alsoPlan: true,
                spki: room.KeyOf("transcript").ExportSubjectPublicKeyInfo()));
        yield return new Lie(kind, "a certificate signed by another key", r => r.Authority, Replay,
            "(certificate-signed, step \"sign-tls\") … it cannot be what sign-certificate brought: CERT-",
            (room, entries) => Otherwise(room, entries, p => p, alsoPlan: false, signer: "transcript"));
        yield return new Lie(kind, "a request's key in another certificate", r => r.Authority, Replay,
            "(request-read … it brings a key that this ledger already knew",
            (_, entries) =>
            {
                // The stick is told to match: two requests may differ in length, and then that would betray it, not the key.
                RequestRead[] read = [.. entries.Select(e => e.Body).OfType<RequestRead>()];
                long length = Convert.FromBase64String(read[0].Content).Length;
                FoundFile Match(FoundFile file) => file.Name == read[1].File ? file with { Length = length } : file;
                return entries.Select(e => e.Body switch
                {
                    RequestRead q when q == read[1] => e with { Body = read[0] with { Request = q.Request, File = q.File } },
                    ImportsFound f => e with { Body = f with { Files = [.. f.Files.Select(Match)] } },
                    _ => e,
                });
            });
        yield return new Lie(kind, "a restore inside a root creation", r => r.Root, Replay,
            "(attempted, step \"lock-root\") … due was an answer to \"seen\"",
            After(e => e is { Step: "lock-root", Body: TokenLookedAt }, room =>
            {
                KeyFact root = WorldOf(room).Keys["root"];
                return
                [
                    new Attempted("restore-key", "root", new string('6', 32), 1),
                    room.Fact(new RestoreKey("root", root.Generated.Algorithm, new string('6', 32), root.Backup!.Set, root.Backup.Blob, "",
                        "0x210A", false)),
                ];
            }));
        yield return new Lie(kind, "an HSM retired in passing", r => r.Root, Replay, "(token-retired … due was",
            After(e => e is { Step: "lock-root", Body: TokenLookedAt },
                _ => [new TokenRetired("P1", "destroyed", "We drilled through it.")]));
        yield return new Lie(kind, "a bag whose content never existed", r => r.Root, Replay,
            "(bag-sealed, step \"seal-equipment\") … due was",
            After(e => e.Body is BagSealed { Content: "record stick B" }, _ => [new BagSealed("gold", "B99999")]));
        yield return new Lie(kind, "a bag that was opened and never sealed", r => r.Authority, Replay,
            "(bag-opened, step \"open-bags\") … due was",
            After(e => e.Body is BagOpened { Content: "record stick B" }, _ => [new BagOpened("gold", "B99999")]));
        yield return new Lie(kind, "a bag sealed that the script does not name, with an answer", r => r.Root, Replay,
            "(answered, step \"seal-equipment\") … due was an answer to \"sealed\"",
            (_, entries) => entries.SelectMany(e => IsAnswer(e, "seal-equipment", "bag/record stick B")
                ? new[] { e, e with { Body = (Answered)e.Body with { Question = "bag/gold", Value = "B99999" } } } : [e]));
        yield return new Lie(kind, "a request left out that was signed", r => r.Authority, Replay, "(left-out … due was",
            After(e => e.Body is RequestRead { Request: "mtls-m1" }, _ => [new LeftOut("request", "mtls-m1")]));
        yield return new Lie(kind, "a ceremony inside a ceremony", r => r.Root, Replay, "REPLAY-04 … (ceremony-opened … OPEN-01",
            (_, entries) => entries.SelectMany(e => e is { Step: "approve", Body: StepDone } ? new[] { e,
                entries[1] with { Ceremony = "0002-root-creation", Utc = e.Utc } } : [e]));
        yield return new Lie(kind, "a ledger created twice", r => r.Root, "VERIFY-04", "JOURNAL-04 … is a second ledger-created",
            (_, entries) => entries.SelectMany(e => e is { Step: "approve", Body: StepDone } ? new[] { e,
                entries[0] with { Utc = e.Utc } } : [e]));
        yield return new Lie(kind, "a later ceremony by the rules of the first format", r => r.Authority, Replay,
            $"REPLAY-04 … its format is 0, after format {JournalFormats.Current}",
            Rewrite(e => e.Body is CeremonyOpened { Name: "crl-signing" } o ? o with { Format = 0 } : e.Body));
        yield return new Lie(kind, "a ledger restored in the middle", r => r.Root, Replay,
            "REPLAY-05 … a ledger is restored only at the end of a bundle",
            (_, entries) => entries.SelectMany(e => e is { Step: "approve", Body: StepDone }
                ? new[] { e, e with { Ceremony = "", Step = "", Body = new LedgerRestored(e.Seq, e.HashHex, new string('0',
                    64)) } } : [e]));
    }

    /// <summary>Dealt 1 of 1, read back, combined; then the root wrapped under it. Nobody but the stranger would ever know.</summary>
    private static EntryBody[] StrangersBackup(SoftwareRoom room)
    {
        World world = WorldOf(room);
        var dealt = (SharesMade)room.Fact(new MakeShares("0001-backup-2", "backup", 256, 1, new Names(["Nina Nobody"]), false, true));
        const string card = "card/0001-backup-2/1/";
        string wrapKey = dealt.KeyCheck;
        KeyBackedUp genuine = world.Keys["root"].Backup!;
        byte[] blob = Encoding.ASCII.GetBytes(Encoding.ASCII.GetString(Convert.FromBase64String(genuine.Blob))
            .Replace("0001-backup-1", "0001-backup-2", StringComparison.Ordinal).Replace(world.Sets["0001-backup-1"].Made.KeyCheck, wrapKey,
                StringComparison.Ordinal));
        return
        [
            new Attempted("make-shares", "0001-backup-2", "", 1), dealt,
            new Answered(card + "alone", Roles.Officer, "Nina Nobody", "yes"), new Answered(card + "written", Roles.Officer, "Nina Nobody",
                "yes"),
            new ShareReadBack("0001-backup-2", 1, "Nina Nobody", dealt.Digests[0]), new SubsetsCombined("0001-backup-2", 1, wrapKey),
            new Attempted("back-up-key", "root", "", 2),
            new KeyBackedUp("root", "0001-backup-2", Convert.ToBase64String(blob), Convert.ToHexStringLower(SHA256.HashData(blob))),
        ];
    }

    /// <summary>A shadow of tls-t1 for a key of the liar's, previewed, announced and really signed by the root.</summary>
    private static EntryBody[] Beyond(SoftwareRoom room)
    {
        CertificatePreviewed genuine = WorldOf(room).Previews["tls-t1"].Previewed;
        CertificatePlan plan = PlanOf(genuine);
        plan = plan with { Serial = SerialNumber.FromRandom(SHA256.HashData("shadow"u8).AsSpan(0, SerialNumber.RandomBytes)) };
        byte[] spki = room.KeyOf("transcript").ExportSubjectPublicKeyInfo(), tbs = ToBeSigned.Write(plan, spki), der = SignedBy(room,
            "root", tbs);
        return
        [
            genuine with { Certificate = "shadow", Plan = Encoding.UTF8.GetString(PlanJson.Write(plan)), Tbs = Convert.ToBase64String(tbs),
                TbsSha256 = Convert.ToHexStringLower(SHA256.HashData(tbs)) },
            new Attempted("sign-certificate", "shadow", "", 3),
            new CertificateSigned("shadow", "tls-t1", Convert.ToBase64String(der), Convert.ToHexStringLower(SHA256.HashData(der)),
                SecondOpinions.Certificate.In(JournalFormats.Current)),
        ];
    }

    /// <summary>tls-t1 with another plan: previewed, read aloud, signed by the real key, offered as a result.</summary>
    /// <param name="alsoPlan">Otherwise the preview stays what it was, and only what was signed differs.</param>
    private static IEnumerable<Entry> Otherwise(SoftwareRoom room, ImmutableArray<Entry> entries, Func<CertificatePlan,
        CertificatePlan> change, bool alsoPlan,
        byte[]? spki = null, string signer = "root")
    {
        CertificatePreviewed genuine = entries.Select(e => e.Body).OfType<CertificatePreviewed>().Single(p => p.Certificate == "tls-t1");
        CertificatePlan plan = change(PlanOf(genuine));
        byte[] tbs = ToBeSigned.Write(plan, spki ?? Convert.FromBase64String(entries.Select(e => e.Body).OfType<RequestRead>().Single(r =>
            r.Request == "tls-t1").Spki));
        byte[] der = SignedBy(room, signer, tbs);
        string hash = Convert.ToHexStringLower(SHA256.HashData(tbs)), sha256 = Convert.ToHexStringLower(SHA256.HashData(der));
        return Rewrite(e => e.Body switch
        {
            CertificatePreviewed { Certificate: "tls-t1" } p when alsoPlan => p with
            {
                Plan = Encoding.UTF8.GetString(PlanJson.Write(plan)),
                Tbs = Convert.ToBase64String(tbs),
                TbsSha256 = hash,
                Lint = CertificatePreview.TryRestore(plan, tbs, out PreviewedCertificate? preview, out _)
                    ? [.. CertificatePlanning.Recorded(CertificateLint.Check(preview)), CertificatePlanning.ZlintNotAsked] : p.Lint,
            },
            Answered { Question: "words" } a when alsoPlan && e.Step == "preview-tls" =>
                a with { Value = PgpWords.Of(Convert.FromHexString(hash).AsSpan(0, 2)) },
            CertificateSigned { Certificate: "tls-t1" } c => c with { Der = Convert.ToBase64String(der), Sha256 = sha256 },
            ResultsFound f => f with
            {
                Results = [.. f.Results.Select(x => x.Path == "certificates/tls-t1.der"
                ? x with { Length = der.Length, Sha256 = sha256 } : x)]
            },
            var same => same,
        })(room, entries);
    }

    private static World WorldOf(SoftwareRoom room) => Core.Ceremony.Replay.WorldAfter(room.Entries);

    private static CertificatePlan PlanOf(CertificatePreviewed preview)
    {
        Assert.True(PlanJson.TryRead(Encoding.UTF8.GetBytes(preview.Plan), out CertificatePlan? plan, out _));
        return plan;
    }

    /// <summary>Whatever its rules say: the liar's pen is no program of ours.</summary>
    private static byte[] SignedBy(SoftwareRoom room, string key, byte[] tbs)
    {
        var signer = (ECDsa)room.KeyOf(key);
        var generator = X509SignatureGenerator.CreateForECDsa(signer);
        HashAlgorithmName hash = signer.KeySize == 384 ? HashAlgorithmName.SHA384 : HashAlgorithmName.SHA256;
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(tbs);
            writer.WriteEncodedValue(generator.GetSignatureAlgorithmIdentifier(hash));
            writer.WriteBitString(generator.SignData(tbs, hash));
        }
        return writer.Encode();
    }
}
