using System.Collections.Immutable;
using System.Text.RegularExpressions;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;
using KeyCeremony.Core.Sharing;
using static KeyCeremony.Verifier.Tests.Pen;

namespace KeyCeremony.Verifier.Tests;

/// <summary>What was found, and what it was found on.</summary>
public sealed partial class LiesTests
{
    /// <summary>Left out, renamed, invented, spelt otherwise.</summary>
    private static IEnumerable<Lie> Findings()
    {
        const string kind = "findings";
        yield return Gate("one left out of the gate", f => f.RemoveAt(0), "the finding GATE-01 is missing");
        yield return Gate("the gate's last left out", f => f.RemoveAt(12), "the finding GATE-13 is missing");
        yield return Gate("a gate without any", _ => [], "the finding GATE-01 is missing");
        yield return Gate("one of the gate renamed", f => f.SetItem(2, f[2] with { Id = "GATE-77" }), "the finding GATE-03 is missing");
        yield return Gate("one invented for the gate", f => f.Add(new Finding("GATE-15", "pass", "The window was shut.")),
            "GATE-15 is no rule that is asked here");
        yield return Gate("one asked twice in another's place", f => f.SetItem(1, f[0]), "the finding GATE-02 is missing");
        yield return Gate("the gate in another order", f => f.SetItem(0, f[1]).SetItem(1, f[0]), "not each asked once and in order");
        yield return Gate("FAIL spelt FAILED", f => f.SetItem(0, f[0] with { Result = "FAILED" }),
            "the result \"FAILED\" is none that GATE-01 can have");
        yield return Gate("FAIL spelt with a capital", f => f.SetItem(3, f[3] with { Result = "Fail" }),
            "the result \"Fail\" is none that GATE-04 can have");
        yield return Gate("fail with a blank", f => f.SetItem(3, f[3] with { Result = "fail " }),
            "the result \"fail \" is none that GATE-04 can have");
        yield return Gate("a failure softened to a warning", f => f.SetItem(4, f[4] with { Result = "warning" }),
            "the result \"warning\" is none that GATE-05 can have");
        yield return Gate("a text left empty", f => f.SetItem(4, f[4] with { Text = "" }), "the text of GATE-05 is empty");
        yield return new Lie(kind, "a failed gate in production, and on they went", r => r.Production, Replay,
            "(answered, step \"gate\") … due was an answer to \"gate-again\"",
            Change<ApplianceInspected>(a => a with { Findings = a.Findings.SetItem(0, a.Findings[0] with { Result = "fail" }) }));

        foreach (string token in new[] { "primary", "drill" })
        {
            yield return Probe($"one left out of the {token} probe", token, p => p with { Findings = p.Findings.RemoveAt(4) },
                "the finding PROBE-05 is missing");
            yield return Probe($"a {token} probe without any", token, p => p with { Findings = [] }, "the finding PROBE-01 is missing");
            yield return Probe($"FAIL of the {token} probe spelt otherwise", token, p => p with
            {
                Findings = p.Findings.SetItem(2,
                p.Findings[2] with { Result = "FAIL" })
            }, "the result \"FAIL\" is none that PROBE-03 can have");
            yield return Probe($"one of the {token} probe renamed", token, p => p with
            {
                Findings = p.Findings.SetItem(2,
                p.Findings[2] with { Id = "PROBE-3" })
            }, "the finding PROBE-03 is missing");
            yield return Probe($"a wrap mechanism that the {token} probe did not find", token,
                p => p with { Findings = p.Findings.SetItem(7, p.Findings[7] with { Result = "unknown" }) },
                "its wrap mechanism and what the probe found of wrapping contradict each other");
            yield return Probe($"another wrap format of the {token} HSM", token, p => p with { WrapFormat = "raw" },
                "its wrap mechanism and format do not belong together");
            yield return Probe($"a {token} HSM of no family", token, p => p with { Family = null }, "its family or the hash");
            yield return Probe($"a {token} HSM of a family with a strange name", token, p => p with { Family = "Soft HSM" },
                "its family or the hash");
            yield return Probe($"a {token} HSM by a description without a hash", token, p => p with { FamilySha256 = "00" },
                "its family or the hash");
            yield return Probe($"a lock that the {token} probe did not find", token,
                p => p with { Findings = p.Findings.SetItem(11, p.Findings[11] with { Result = "unknown" }) },
                "how it locks keys and what the probe found of that contradict each other");
            yield return Probe($"another lock of the {token} HSM", token, p => p with { Lock = "glue" },
                "how it locks keys and what the probe found of that contradict each other");
            yield return new Lie(kind, $"the {token} HSM failed, and on they went", r => r.Root, Replay,
                $"(answered, step \"inspect-{token}\") … due was an answer to \"probe-again\"",
                Change<TokenProbed>(p => p with { Findings = p.Findings.SetItem(2, p.Findings[2] with { Result = "fail" }) },
                    p => p.Token == token));
        }

        yield return Lint("a lint list replaced by one pass", _ => [new Finding("LINT-00", "pass", "all is well")],
            "the finding LINT-00 pass is not what lint finds in these bytes");
        yield return Lint("lint asked fewer rules", l => l.SetItem(0, l[0] with { Text = "3 rules asked" }),
            "is not what lint finds in these bytes");
        yield return Lint("the first finding of lint left out", l => l.RemoveAt(0),
            "lint finds LINT-00 pass in these bytes, and it is not among the findings");
        yield return Lint("a rule of lint invented", l => l.Insert(1, new Finding("CERT-05", "pass", "It is good.")),
            "the finding CERT-05 pass is not what lint finds in these bytes");
        yield return Lint("zlint silent", Silent, "what it holds of zlint is not as the program records it");
        yield return Lint("zlint that said nothing passed", l => Silent(l).Add(CertificatePlanning.ZlintNotAsked with { Result = "pass" }),
            "what it holds of zlint is not as the program records it");
        yield return Lint("zlint not asked for another reason",
            l => Silent(l).Add(CertificatePlanning.ZlintNotAsked with { Text = "zlint was out of order" }),
            "in other words than the program's that zlint was not asked");
        yield return new Lie(kind, "a certificate failed lint, and on they went", r => r.Root, Replay,
            "(answered, step \"preview-root\") … due was an answer to \"stopped\"",
            Change<CertificatePreviewed>(p => p with { Lint = p.Lint.Insert(1, new Finding("CERT-05", "fail", "no")) },
                p => p.Certificate == "root"));

        string ofLists = SecondOpinions.List.In(JournalFormats.Current);
        foreach (string said in new[] { "does not verify", "", "openssl verify: error 7", SecondOpinions.Certificate.First, ofLists })
        {
            yield return new Lie(kind, $"a second opinion on a certificate says \"{said}\"", r => r.Root, Replay,
                "(certificate-signed … its second opinion is none that the program records",
                Change<CertificateSigned>(c => c with { Second = said }));
            if (said != ofLists && said != SecondOpinions.Certificate.First)
                yield return new Lie(kind, $"a second opinion on a list says \"{said}\"", r => r.Authority, Replay,
                    "(crl-signed … its second opinion is none that the program records",
                    Change<CrlSigned>(c => c with { Second = said }));
        }

        yield return Sticks("one record stick was read", f => f.RemoveAt(1),
            "it holds 1 findings about record sticks, where two sticks are read");
        yield return Sticks("no record stick was read", _ => [], "it holds 0 findings about record sticks");
        yield return Sticks("a stick with another head", f => f.SetItem(0, f[0] with { Text = f[0].Text[..^4] + "beef" }),
            "the finding LEDGER-10 pass about a record stick is none of the program's");
        yield return Sticks("a broken stick that passes", f => f.SetItem(0, new Finding("JOURNAL-04", "pass", "The chain is broken.")),
            "the finding JOURNAL-04 pass about a record stick");
        yield return new Lie(kind, "a list that was linted by fewer rules", r => r.Authority, Replay,
            "(crl-previewed … its findings are not those of the lint of lists",
            Change<CrlPreviewed>(p => p with { Lint = [p.Lint[0] with { Text = "3 rules asked" }] }));
        yield return new Lie(kind, "a key compared with nobody's", r => r.Authority, Replay,
            "(request-read … its findings are not those of the comparison with known keys",
            Change<RequestRead>(q => q with { Findings = [] }));
        yield return new Lie(kind, "a key compared with more than was there", r => r.Authority, Replay,
            "(request-read … its findings are not those of the comparison with known keys",
            Change<RequestRead>(q => q with { Findings = [q.Findings[0] with { Result = "pass" }] },
                q => q.Findings[0].Result == "unknown"));

        Lie Gate(string name, Func<ImmutableArray<Finding>, ImmutableArray<Finding>> change, string says) =>
            new(kind, name, r => r.Root, Replay, $"(appliance-inspected, step \"gate\") … {says}",
                Change<ApplianceInspected>(a => a with { Findings = change(a.Findings) }));

        Lie Probe(string name, string token, Func<TokenProbed, TokenProbed> change, string says) =>
            new(kind, name, r => r.Root, Replay, $"(token-probed, step \"inspect-{token}\") … {says}", Change<TokenProbed>(change,
                p => p.Token == token));

        Lie Lint(string name, Func<ImmutableArray<Finding>, ImmutableArray<Finding>> change, string says) =>
            new(kind, name, r => r.Root, Replay, $"(certificate-previewed, step \"preview-root\") … {says}",
                Change<CertificatePreviewed>(p => p with { Lint = change(p.Lint) }, p => p.Certificate == "root"));

        Lie Sticks(string name, Func<ImmutableArray<Finding>, ImmutableArray<Finding>> change, string says) =>
            new(kind, name, r => r.Root, Replay, $"(ledger-inspected, step \"ledger\") … {says}", (_, entries) =>
            {
                // As it must be where it stands; only then is it lied about.
                Entry at = entries.First(e => e.Body is LedgerInspected), before = entries[(int)at.Seq - 2];
                return entries.Select(e => e == at && e.Body is LedgerInspected i && before.Seq == i.Seq
                    ? e with { Body = i with { Findings = change(i.Findings) } } : e);
            });
    }

    /// <summary>Another HSM than the one that was looked at, or nobody who opened it.</summary>
    private static IEnumerable<Lie> Equipment()
    {
        const string kind = "equipment";
        yield return new Lie(kind, "a key in another HSM", r => r.Root, Replay,
            "(key-generated, step \"generate-root\") … serial is \"X9\", due is \"P1\"",
            Change<KeyGenerated>(k => k with { Serial = "X9" }, k => k.Key == "root"));
        yield return new Lie(kind, "a transcript key in another HSM", r => r.Root, Replay,
            "(key-generated … serial is \"X9\", due is \"P1\"",
            Change<KeyGenerated>(k => k with { Serial = "X9" }, k => k.Key == "transcript"));
        yield return new Lie(kind, "commissioned another than was inspected", r => r.Root, Replay,
            "(token-commissioned … serial is \"X9\", due is \"P1\"",
            Rewrite(e => e.Body switch
            {
                TokenCommissioned c => c with { Serial = "X9" },
                KeyGenerated k => k with { Serial = "X9" },
                TokenUnlocked u => u with { Serial = "X9" },
                var same => same,
            }));
        yield return new Lie(kind, "inspected another than was commissioned", r => r.Root, Replay,
            "(token-commissioned … serial is \"P1\", due is \"X9\"",
            Both(Change<TokenProbed>(p => p with { Serial = "X9" }, p => p.Token == "primary"),
                Rewrite(e => IsAnswer(e, "equipment", "primary-hsm") ? (Answered)e.Body with { Value = "X9" } : e.Body)));
        yield return new Lie(kind, "another maker's HSM than was inspected", r => r.Root, Replay,
            "(token-commissioned … manufacturer is \"Other\", due is \"Maker\"",
            Change<TokenCommissioned>(c => c with { Manufacturer = "Other" }));
        yield return new Lie(kind, "an HSM commissioned under another set of cards", r => r.Root, Replay, "(token-commissioned … set is",
            Change<TokenCommissioned>(c => c with { Set = "0001-backup-1" }));
        yield return new Lie(kind, "a PIN longer than the HSM takes", r => r.Root, Replay, "(token-commissioned … pinLength is 64",
            Change<TokenCommissioned>(c => c with { PinLength = 64, PinBits = 400 }));
        yield return new Lie(kind, "an HSM never inspected", r => r.Root, Replay,
            "(answered, step \"inspect-primary\") … an entry of this kind never answers probe-token",
            Drop(e => e.Body is TokenProbed { Token: "primary" }));
        yield return new Lie(kind, "an HSM never inspected, and a script that does not ask for it", r => r.Root, Replay,
            "(token-commissioned … no HSM was inspected that could be commissioned",
            Both(Drop(e => e.Step == "inspect-primary"), Script(WithoutStep("inspect-primary"))));
        yield return new Lie(kind, "a drill HSM never inspected, and a script that does not ask for it", r => r.Root, Replay,
            "(answered, step \"drill\") … due was an answer to \"stopped\"",
            Both(Drop(e => e.Step == "inspect-drill"), Script(WithoutStep("inspect-drill")),
                Change<BackupDrilled>(d => d with { DrillSerial = "X9" })));
        yield return new Lie(kind, "a drill in an HSM never inspected", r => r.Root, Replay,
            "(backup-drilled … it was held in the HSM X9, and D1 was inspected for it",
            Change<BackupDrilled>(d => d with { DrillSerial = "X9" }));
        yield return new Lie(kind, "a drill in the HSM that holds the key", r => r.Root, Replay,
            "(backup-drilled … it was held in the primary HSM, which would have been wiped",
            Change<BackupDrilled>(d => d with { DrillSerial = "P1" }));
        yield return new Lie(kind, "a drill HSM that is the primary one", r => r.Root, Replay,
            "(answered, step \"inspect-drill\") … due was an answer to \"probe-again\"",
            Both(Change<TokenProbed>(p => p with { Serial = "P1" }, p => p.Token == "drill"),
                Change<BackupDrilled>(d => d with { DrillSerial = "P1" })));
        yield return new Lie(kind, "an HSM swapped between ceremonies", r => r.Authority, Replay,
            "(token-unlocked … serial is \"X9\", due is \"P1\"",
            In("intermediate-signing", body => body switch
            {
                TokenProbed p => p with { Serial = "X9" },
                TokenUnlocked u => u with { Serial = "X9" },
                _ => body,
            }));
        yield return new Lie(kind, "an HSM swapped after it was unlocked", r => r.Authority, Replay,
            "(answered, step \"inspect-primary\") … due was an answer to \"probe-again\"",
            In("crl-signing", body => body is TokenProbed p ? p with { Serial = "X9" } : body));
        yield return new Lie(kind, "unlocked by nobody", r => r.Authority, Replay,
            "(answered, step \"unlock\") … due was an answer to \"present/1\"",
            Drop(e => e.Ceremony.EndsWith("intermediate-signing", StringComparison.Ordinal)
                && e.Body is SharePresented or SecretRebuilt or SecretForgotten && e.Step == "unlock"));
        yield return new Lie(kind, "never unlocked", r => r.Authority, Replay,
            "(answered, step \"unlock\") … due was an answer to \"present/1\"",
            Drop(e => e.Ceremony.EndsWith("intermediate-signing", StringComparison.Ordinal)
                && e.Body is SharePresented or SecretRebuilt or TokenUnlocked or SecretForgotten));
        yield return new Lie(kind, "unlocked by one card", r => r.Authority, Replay,
            "(secret-rebuilt, step \"unlock\") … due was an answer to \"present/2\"",
            Drop(e => e.Ceremony.EndsWith("intermediate-signing", StringComparison.Ordinal) && e.Body is SharePresented { Share: 2 }));
        yield return new Lie(kind, "a head that was never asked", r => r.Authority, Replay,
            "(token-unlocked, step \"unlock\") … HSM-05 The HSM keeps a ledger head at entry 0",
            In("intermediate-signing", body => body is TokenUnlocked u ? u with { HeadSeq = 0, Head = "" } : body));
        yield return new Lie(kind, "a head of another history", r => r.Authority, Replay, "(token-unlocked, step \"unlock\") … HSM-05",
            In("crl-signing", body => body is TokenUnlocked u ? u with { Head = new string('0', 64) } : body));
        yield return new Lie(kind, "a head that is no hash", r => r.Authority, Replay,
            "(token-unlocked, step \"unlock\") … the head is none",
            In("crl-signing", body => body is TokenUnlocked u ? u with { Head = "yes" } : body));
        yield return new Lie(kind, "a head stored in another HSM", r => r.Authority, Replay,
            "(head-stored … serial is \"X9\", due is \"P1\"",
            Change<HeadStored>(h => h with { Serial = "X9" }));
        yield return new Lie(kind, "another secret than was dealt opens it", r => r.Authority, Replay,
            "(secret-rebuilt … keyCheck is \"0123456789abcdef\"",
            In("intermediate-signing", body => body is SecretRebuilt s ? s with { KeyCheck = "0123456789abcdef" } : body));
    }

    private const string Replay = "VERIFY-50";

    /// <summary>Of the last ceremony of this name.</summary>
    private static Func<SoftwareRoom, ImmutableArray<Entry>, IEnumerable<Entry>> In(string ceremony, Func<EntryBody, EntryBody> change,
        string step = "") =>
        Rewrite(e => e.Ceremony.EndsWith(ceremony, StringComparison.Ordinal) && (step.Length == 0 || e.Step == step) ? change(e.Body)
            : e.Body);

    /// <summary>Another script in every opening, compared by the witness as it is.</summary>
    private static Func<SoftwareRoom, ImmutableArray<Entry>, IEnumerable<Entry>> Script(Func<string,
        string> change) => Both(Change<CeremonyOpened>(o =>
    {
        CeremonyScript script = SoftwareRoom.Parse(change(o.Script));
        return o with { Script = script.Text, ScriptSha256 = script.Sha256 };
    }), (_, entries) => entries.Select(e => e.Body is Answered { Question: "script" } a ? e with
    {
        Body = a with
        {
            Value = PgpWords.Of(Convert.FromHexString(entries.Where(o => o.Ceremony == e.Ceremony).Select(o => o.Body)
            .OfType<CeremonyOpened>().Single().ScriptSha256).AsSpan(0, 2))
        }
    } : e));

    /// <summary>The whole section of a step.</summary>
    private static Func<string, string> WithoutStep(string id) => text =>
    {
        int step = text.IndexOf($"\nid: {id}\n", StringComparison.Ordinal), from = text.LastIndexOf("\n#", step, StringComparison.Ordinal);
        int end = text.IndexOf("\n```\n", step, StringComparison.Ordinal) + 5;
        int number = 0;
        return Heading().Replace(text[..from] + "\n" + text[end..], _ => $"### {++number}. ");
    };

    [GeneratedRegex("^### [0-9]+\\. ", RegexOptions.Multiline)]
    private static partial Regex Heading();

    /// <summary>Whether zlint is installed where the tests run is nothing that a lie hangs on.</summary>
    private static ImmutableArray<Finding> Silent(ImmutableArray<Finding> lint) => [.. lint.Where(f => f.Id != CeremonyRules.Zlint)];
}
