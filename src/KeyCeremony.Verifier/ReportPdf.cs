using System.Collections.Immutable;
using System.Globalization;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Ceremony.Steps;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Script;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Verifier;

/// <summary>The report that is printed, signed by hand and given to the auditor. It says nothing that is not in the journal.</summary>
internal sealed partial class ReportPdf
{
    private const double OpinionHeight = 290;

    private readonly PdfPages _pages;
    private readonly ImmutableArray<Entry> _all;

    /// <summary>What the ledger knows at the end; few reports ask.</summary>
    private readonly Lazy<World> _world;

    private readonly ImmutableArray<Entry> _entries;
    private readonly CeremonyOpened _opened;
    private readonly string _id;
    private readonly LedgerCreated _ledger;

    /// <summary>A report of format 1 says what its program said, letter by letter.</summary>
    private readonly bool _first;
    private readonly bool _isAccounted;

    private ReportPdf(ImmutableArray<Entry> all, PdfPages pages)
    {
        (Entry opening, _opened) = BundleFiles.CeremonyOf(all);
        _all = all;
        _world = new(() => Replay.WorldAfter(all));
        _id = opening.Ceremony;
        _entries = [.. all.Where(e => e.Ceremony == _id)];
        _ledger = (LedgerCreated)all[0].Body;
        _first = JournalFormats.Of(_opened) < JournalFormats.Replayed;
        _isAccounted = JournalFormats.Of(_opened) >= JournalFormats.Accounted;
        _pages = pages;
    }

    /// <summary>The report of the last ceremony in these entries.</summary>
    /// <param name="fonts">Of <see cref="ReportFonts"/>: when they were built.</param>
    public static byte[] Compose(ImmutableArray<Entry> entries, uint fonts = ReportFonts.Built)
    {
        PdfPages pages = ReportFonts.Pages(fonts);
        var report = new ReportPdf(entries, pages);
        report.Cover();
        report.People();
        report.Timeline();
        report.Facts();
        report.Inspections();
        report.Keys();
        report.CameByCamera();
        report.Requests();
        report.Certificates();
        report.Lists();
        report.Manifests();
        report.Releases();
        report.Shares();
        report.Copies();
        report.Bags();
        report.Results();
        report.Deviations();
        report.Position();
        report.Signatures();
        return pages.Write($"Ceremony {report._id}",
            $"{report._ledger.Environment.ToUpperInvariant()}   {report._id}   entry {entries[^1].Seq}   {entries[^1].HashHex[..16]}",
            entries[^1].Utc);
    }

    private void Cover()
    {
        _pages.Text("Ceremony report", _pages.Bold, 24);
        _pages.Space(4);
        _pages.Text(_id, _pages.Bold, 16);
        if (_ledger.Environment != Environments.Production)
        {
            _pages.Space(14);
            _pages.Text(_ledger.Environment.ToUpperInvariant(), _pages.Bold, 40);
            _pages.Space(6);
            _pages.Text("Nothing in this report concerns a production key.", _pages.Regular, 10);
        }
        _pages.Space(16);
        Pair("Environment", _ledger.Environment);
        Pair("Ledger", _ledger.LedgerId, mono: true);
        Pair("Script", $"{_opened.Name}, version {_opened.Version}");
        Pair("Script SHA-256", _opened.ScriptSha256, mono: true);
        Pair("in words", Words(_opened.ScriptSha256));
        Pair("Program", _opened.Program);
        Pair("Opened", Time(_entries[0].Utc));
        Pair("This report ends", Time(_all[^1].Utc));
        Pair("Exceptions",
            Of<ExceptionRaised>().Count() is var n and > 0 ? $"{n}{(_first ? "" : " in this ceremony")}, see \"Deviations\"" : "none");
    }

    private void People()
    {
        Heading("People");
        foreach (RoomOpened room in Of<RoomOpened>())
            foreach (Person person in room.People)
                Pair(room.People.Count(p => p.Role == person.Role) > 1 ? $"{person.Role} {person.Index}" : person.Role, person.Name);
        foreach (Attendant person in Attendants().Where(p => p.Seats.Length > 1))
            Pair("One person", $"{person.Name}: {RolesOf(person)}");
        if (Read() is { } script)
            foreach (string lost in CombinedSeats.Losses(script))
                Pair("Lost by it", lost);
    }

    private void Timeline()
    {
        Heading("Steps");
        Table([("Step", 215), ("Began", 115), ("Ended", 70), ("Took", 60)], head: true);
        Dictionary<string, string> titles = Titles();
        foreach (IGrouping<string, Entry> step in _entries.Where(e => e.Step.Length > 0).GroupBy(e => e.Step))
        {
            DateTimeOffset began = step.First().Utc, ended = step.Last().Utc;
            Table([(titles.GetValueOrDefault(step.Key, step.Key), 215), (Time(began), 115),
                (step.Any(e => e.Body is StepDone) ? Clock(ended) : NotDone(step.Last()), 70), (Took(ended - began), 60)]);
        }
    }

    /// <summary>The report is written inside the last step, which cannot be done before it.</summary>
    private string NotDone(Entry last) =>
        !_first && last.Seq == _all[^1].Seq && !_entries.Any(e => e.Body is CeremonyAborted) ? "with this report" : "not done";

    private void Facts()
    {
        Heading("What was said and typed");
        var withdrawn = Of<Withdrawn>().Select(w => w.Seq).ToHashSet();
        ReportWords? words = _first ? null : ReportWords.Of(_opened.Script);
        string step = "";
        foreach (Entry entry in _entries)
        {
            if (entry.Body is not Answered a || withdrawn.Contains(entry.Seq))
                continue;
            string said = a.Value.Length > 0 ? a.Value : "(empty)";
            if (words is null)
            {
                Table([(Clock(entry.Utc), 52), ($"{entry.Step}: {a.Question}", 170),
                    (a.Person.Length > 0 ? a.Person : a.By, 110), (said, 150)]);
                continue;
            }
            if (entry.Step != step)
            {
                _pages.Keep(34);
                _pages.Space(3);
                _pages.Text(words.Title(entry.Step), _pages.Bold, 8);
            }
            step = entry.Step;
            Table([(Clock(entry.Utc), 52), (words.Asked(entry.Step, a.Question), 200),
                (a.Person.Length > 0 ? a.Person : a.By, 95), (words.Said(a.Question, said), 135)]);
        }
    }

    private void Inspections()
    {
        Heading("What the appliance found");
        // Ceremonies of the first three formats have none.
        foreach (NeedsLookedAt i in Of<NeedsLookedAt>())
            Findings("Before it began", i.Findings);
        foreach (ApplianceInspected i in Of<ApplianceInspected>())
            Findings("Appliance", i.Findings);
        foreach (ClockCompared c in Of<ClockCompared>())
            Pair("Clock", $"appliance {Time(c.Appliance)}, witness {Time(c.Witness)}, difference {c.OffsetSeconds} s");
        // None before format 4.
        foreach (Entry entry in _entries.Where(e => e.Body is KeyboardUsed))
            Pair("Keyboard layout", $"{Keyboards.InWords(((KeyboardUsed)entry.Body).Layout)}, from entry {entry.Seq} on");
        foreach (LedgerInspected i in Of<LedgerInspected>())
        {
            Pair("Ledger", $"entry {i.Seq}, head {i.Head}", mono: true);
            Findings("Record sticks", i.Findings);
        }
        UnsignedDays();
        foreach (TokenProbed p in Of<TokenProbed>())
        {
            Pair($"HSM ({p.Token})", $"{p.Manufacturer} {p.Model}, label \"{p.Label}\", serial {p.Serial}; PIN of "
                + $"{p.PinMin} to {p.PinMax}; wraps {(p.WrapMechanism.Length > 0 ? $"{p.WrapFormat} by {p.WrapMechanism}" : "nothing")}");
            Findings("Probe", p.Findings);
        }
        foreach (TokenCommissioned c in Of<TokenCommissioned>())
            Pair("Commissioned",
                $"\"{c.Label}\", serial {c.Serial}, PINs of {c.PinLength} characters ({c.PinBits} bits) from share set {c.Set}");
        // Ceremonies of the first format have none.
        foreach (TokenLookedAt l in Of<TokenLookedAt>())
            Findings($"HSM ({l.Token}), other eyes", l.Findings);
        // None before format 7.
        foreach (ActivationChanged c in Of<ActivationChanged>())
            Pair("PINs changed", $"serial {c.Serial}: from share set {c.From} to share set {c.Set}; the user's PIN before was "
                + (c.Old == ActivationChanged.Refused ? "tried once more and refused" : "not tried again"));
        foreach (TokenUnlocked u in Of<TokenUnlocked>())
            Pair("Unlocked", $"serial {u.Serial} by share set {u.Set}; it kept ledger entry {u.HeadSeq}");
        foreach (TokenRetired r in Of<TokenRetired>())
            Pair("Retired", $"serial {r.Serial}: {r.How}. {r.Remark}");
    }

    private void Keys()
    {
        Heading("Keys");
        foreach (Entry entry in _entries)
            switch (entry.Body)
            {
                case KeyGenerated k:
                    Pair(k.Key, $"generated {Time(entry.Utc)} in HSM {k.Serial}: {k.Purpose}, "
                        + $"{k.Algorithm}, CKA_ID {k.CkaId}, {(k.Extractable ? "extractable until it is locked" : "never extractable")}");
                    break;
                case KeyBackedUp b:
                    Pair(b.Key, b.From is { } from
                        ? $"brought out of its backup by cards of {from} and wrapped anew under share set {b.Set}; blob SHA-256 {b.Sha256}"
                        : $"backed up under share set {b.Set}; blob SHA-256 {b.Sha256}");
                    break;
                case BackupDrilled d:
                    Pair(d.Key, $"recovered in the drill HSM {d.DrillSerial} with share set {d.Set}; it signed a challenge");
                    break;
                case WrapKeyDestroyed w:
                    Pair(w.Set, "wrap key destroyed");
                    break;
                case KeyLocked l:
                    Pair(l.Key,
                        l.Tried is { } tried ? $"locked: never extractable again. {tried.Text}" : "locked: never extractable again");
                    break;
                case RootsLinked l:
                    Pair(string.Join(", ", l.Signatures.Select(s => s.Certificate)), "both signed one statement that both roots are ours; "
                        + string.Join(", ", l.Signatures.Select(s => $"SHA-256 of the public key of {s.Certificate} {s.KeyId}")));
                    break;
                case RootWithdrawn w:
                    Pair(w.Root, $"withdrawn {Time(entry.Utc)} by the word of {w.Signature.Certificate}, which takes over; "
                        + $"SHA-256 of the public key of {w.Signature.Certificate} {w.Signature.KeyId}");
                    break;
                case KeyEnded e:
                    Pair(e.Key, $"ended {Time(entry.Utc)}: {e.Reason}");
                    break;
                case KeyDestroyed d:
                    Pair(d.Key, $"destroyed {Time(entry.Utc)} in HSM {d.Serial}: "
                        + $"{Why(entry)}nothing is left under CKA_ID {d.CkaId}");
                    break;
                case KeyRestored r:
                    Pair(r.Key,
                        $"restored {Time(entry.Utc)} into HSM {r.Serial} with share set {r.Set}, CKA_ID {r.CkaId}; it signed a challenge");
                    break;
            }
        Spares();
    }

    /// <summary>Which roots take over when the one that serves falls; nothing where none ever rested. None before format 7.</summary>
    private void Spares()
    {
        if (!_all.Any(e => e.Body is Attempted { Effect: DestroyKey.RestName }))
            return;
        World world = _world.Value;
        Pair("Plan B", world.Spares.IsEmpty ? "no spare root is left" : string.Join("; ", world.Spares.Select(s => s.InWords(world))));
    }

    /// <summary>What was destroyed: a key that served, one that rests in its backup, or the dead key of an aborted ceremony.</summary>
    private string Why(Entry destroyed) => _entries.LastOrDefault(e => e.Seq < destroyed.Seq && e.Body is Attempted)?.Body switch
    {
        Attempted { Effect: DestroyKey.EndName or DestroyInFormer.EffectName } => "",
        Attempted { Effect: DestroyKey.RestName } => "it rests, its backup and cards bring it back; ",
        _ => "made in an aborted ceremony; ",
    };

    private void Certificates()
    {
        Heading("Certificates");
        foreach (CertificateSigned signed in Of<CertificateSigned>())
        {
            _pages.Keep(90);
            _pages.Space(6);
            _pages.Text(signed.Certificate, _pages.Bold, 10);
            Pair("SHA-256", signed.Sha256, mono: true);
            Pair("in words", Words(signed.Sha256));
            Pair("Second opinion", signed.Second);
            if (Of<CertificatePreviewed>().LastOrDefault(p => p.Certificate == signed.Certificate) is { } preview)
            {
                Pair("Previewed TBS", preview.TbsSha256, mono: true);
                Findings("Lint", preview.Lint);
            }
            if (CertificateReader.TryReadCertificate(Convert.FromBase64String(signed.Der), out ParsedCertificate? certificate, out _))
                foreach (TextLine line in CertificateText.Describe(certificate, tellsLikeness: _isAccounted))
                    Pair(line.Label, line.Value);
        }
    }

    private void CameByCamera()
    {
        if (!Of<FileReceived>().Any())
            return;
        Heading("Files that came by camera");
        foreach (FileReceived received in Of<FileReceived>())
        {
            Pair(received.File, $"{received.Length:N0} bytes, as the {received.Wanted} {received.Subject}".TrimEnd());
            Pair("SHA-256", received.Sha256, mono: true);
        }
    }

    private void Requests()
    {
        if (!Of<RequestRead>().Any() && !Of<CertificateImported>().Any() && !Of<ImportRefused>().Any())
            return;
        Heading("Requests");
        foreach (RequestRead read in Of<RequestRead>())
        {
            Pair(read.Request, $"{read.File} ({read.Form})");
            Pair("SHA-256", read.Sha256, mono: true);
            Pair("in words", Words(read.Sha256));
            Findings("Checks", read.Findings);
        }
        foreach (CertificateImported imported in Of<CertificateImported>())
        {
            Pair(imported.Certificate, $"{imported.File}, a certificate from elsewhere");
            Pair("SHA-256", imported.Sha256, mono: true);
        }
        foreach (ImportRefused refused in Of<ImportRefused>())
            Pair($"Refused: {refused.Subject}", $"{refused.File} {refused.Rule} {refused.Message}");
    }

    private void Lists()
    {
        if (!Of<CrlSigned>().Any())
            return;
        Heading("Revocation lists");
        foreach (CrlSigned signed in Of<CrlSigned>())
        {
            _pages.Keep(90);
            _pages.Space(6);
            _pages.Text($"{signed.Crl}, number {signed.Number}", _pages.Bold, 10);
            Pair("SHA-256", signed.Sha256, mono: true);
            Pair("in words", Words(signed.Sha256));
            Pair("Second opinion", signed.Second);
            if (Of<CrlPreviewed>().LastOrDefault(p => p.Crl == signed.Crl && p.Number == signed.Number) is not { } preview)
                continue;
            Pair("Issuer", signed.Issuer);
            Pair("Valid", $"{Time(preview.ThisUpdate)} to {Time(preview.NextUpdate)}");
            Pair("Previewed TBS", preview.TbsSha256, mono: true);
            foreach (RevocationSource file in preview.Files)
                Pair($"Read {file.Name}", file.Sha256, mono: true);
            foreach (string line in preview.Difference)
                Pair("", line);
            foreach (string certificate in preview.Certificates)
                Pair("Revoked here", certificate);
            Findings("Lint", preview.Lint);
        }
    }

    private void Shares()
    {
        Heading("Shares");
        foreach (SharesMade made in Of<SharesMade>())
        {
            _pages.Keep(80);
            _pages.Space(6);
            _pages.Text($"{made.Set}: {made.Plan.Title}, {made.Bits} bits", _pages.Bold, 10);
            Pair("Purpose", made.Name);
            Pair("SLIP-39 identifier", made.Identifier.ToString(CultureInfo.InvariantCulture));
            Pair("Randomness", string.Join(", ", made.Sources));
            Pair("Key-check value", made.KeyCheck, mono: true);
            if (Of<ShareSetVoided>().FirstOrDefault(v => v.Set == made.Set) is { } voided)
                Pair("Voided", voided.Reason);
            Pair("Quorums combined", Of<SubsetsCombined>().LastOrDefault(c => c.Set == made.Set) is { } combined
                ? $"{combined.Subsets}, all gave the same secret" : "no");
            Table([("Share", 40), ("Custodian", 110), ("Read back", 60), ("SHA-256 of the share", 272)], head: true);
            for (int i = 0; i < Math.Min(made.Custodians.Length, made.Digests.Length); i++)
                Table([($"{i + 1}", 40), (made.Custodians[i], 110),
                    (Of<ShareReadBack>().Any(r => r.Set == made.Set && r.Share == i + 1 && r.Digest == made.Digests[i]) ? "yes" : "NO", 60),
                    (made.Digests[i], 272)], monoLast: true);
        }
        foreach (IGrouping<string, SharePresented> set in Of<SharePresented>().GroupBy(p => p.Set))
            Pair($"Presented of {set.Key}", string.Join(", ", set.Select(p => p.Presenter is { } hands && hands != p.Custodian
                ? $"share {p.Share} of {p.Custodian} by {hands}" : $"share {p.Share} by {p.Custodian}").Distinct()));
        foreach (IGrouping<string, ForeignCardPresented> set in Of<ForeignCardPresented>().GroupBy(p => p.Set))
            Pair($"Made elsewhere, for {set.Key}", string.Join(", ", set.Select(p =>
                $"{(p.GroupCount == 1 ? "" : $"group {p.Group + 1} ")}card {p.Member + 1} by {p.Presenter}").Distinct())
                + (Of<SecretRebuilt>().Any(r => r.Foreign && r.Set == set.Key) ? "; they opened it" : "; they did not open it"));
        ReplacedCards();
        CheckedCards();
    }

    /// <summary>What the old cards are from now on. None before format 6.</summary>
    private void ReplacedCards()
    {
        string[] sets = [.. Of<KeyBackedUp>().SelectMany(b => b.From is null ? [] : new[] { b.From, b.Set }).Distinct()
            .Order(StringComparer.Ordinal)];
        if (sets.Length == 0)
            return;
        _pages.Keep(80);
        _pages.Space(6);
        _pages.Text("Cards that were replaced, and the new ones", _pages.Bold, 10);
        // A forged journal may name a set that there never was: its report is composed all the same, and replay refuses it.
        foreach (string set in sets.Where(_world.Value.Sets.ContainsKey))
            foreach (string line in CardAccount.Of(_world.Value, _world.Value.Sets[set]).InWords)
                _pages.Text(line, _pages.Regular, 8);
    }

    /// <summary>
    /// Cards that were checked today, and on days without an HSM since the last record was signed: no bundle told of those. None before
    /// format 5.
    /// </summary>
    private void CheckedCards()
    {
        long signed = _all.LastOrDefault(e => e.Body is CheckpointSigned)?.Seq ?? 0;
        Entry[] days = [.. _all.Where(e => e.Seq > signed)];
        if (!days.Any(e => e.Body is CardChecked))
            return;
        _pages.Keep(80);
        _pages.Space(6);
        _pages.Text("Cards checked since the last signed record", _pages.Bold, 10);
        Table([("When", 105), ("Card", 130), ("Custodian", 90), ("Result", 60), ("Lies in", 97)], head: true);
        foreach (Entry entry in days)
            if (entry.Body is CardChecked c)
                Table([(Time(entry.Utc), 105), ($"{c.Share} of {c.Set}", 130),
                    (c.Presenter is { } hands ? $"{c.Custodian}, by {hands}" : c.Custodian, 90), (c.Result, 60), (c.Site, 97)]);
        foreach (Entry entry in days.Where(e => e.Ceremony != _id))
            if (entry.Body is ExceptionRaised x)
                Pair($"Exception {x.Number} of {entry.Ceremony}", $"{x.Rule} {x.What}");
            else if (entry.Body is ExceptionSignedOff o)
                Pair($"Signed off by {o.Witness}", o.Remark);
        foreach (string set in days.Select(e => e.Body).OfType<CardChecked>().Select(c => c.Set).Distinct().Order(StringComparer.Ordinal))
            foreach (string line in CardAccount.Of(_world.Value, _world.Value.Sets[set]).InWords)
                _pages.Text(line, _pages.Regular, 8);
    }

    /// <summary>The account of keys that ended. None before format 7.</summary>
    private void Copies()
    {
        if (!Of<DestructionStated>().Any())
            return;
        Heading("Copies of keys that ended");
        foreach (DestructionStated stated in Of<DestructionStated>())
        {
            _pages.Keep(80);
            _pages.Space(6);
            _pages.Text(stated.Key, _pages.Bold, 10);
            Pair("Statement", $"{BundleFiles.StatementsFolder}/{stated.Key}.txt");
            Pair("SHA-256", stated.Sha256, mono: true);
            Pair("in words", Words(stated.Sha256));
            foreach (string line in stated.Lines)
                _pages.Text(line, _pages.Regular, 8);
        }
    }

    private void Bags()
    {
        Heading("Tamper-evident bags");
        foreach (Entry entry in _entries)
            if (entry.Body is BagOpened opened)
                Table([(Clock(entry.Utc), 60), ("opened", 60), (opened.Content, 220), (opened.Number, 140)]);
            else if (entry.Body is BagSealed bag)
                Table([(Clock(entry.Utc), 60), ("sealed", 60), (bag.Content, 220), (bag.Number, 140)]);
    }

    private void Deviations()
    {
        Heading("Deviations");
        bool none = true;
        foreach (Entry entry in _entries)
        {
            string? what = entry.Body switch
            {
                ExceptionRaised x => $"Exception {x.Number} ({x.Rule}): {x.What} "
                    + (Of<ExceptionSignedOff>().LastOrDefault(o => o.Number == x.Number) is { } off
                    ? $"Signed off by {off.Witness}: {off.Remark}" : "NOT SIGNED OFF."),
                Failed f when _isAccounted => $"{Interruption.AtTheBeginning(f.Effect, f.Subject)} failed. {f.Where}: {f.Message}",
                Failed f => $"{f.Effect} {f.Subject} failed in {f.Where}: {f.Message}",
                AttemptResolved r when _isAccounted =>
                    $"{Interruption.AtTheBeginning(r.Effect, r.Subject)} was interrupted: {Interruption.Resolved(r.Resolution)}.",
                AttemptResolved r => $"The interrupted {r.Effect} {r.Subject} was resolved: {r.Resolution}.",
                Reopened => "The program was started again.",
                Withdrawn w => $"The answer of entry {w.Seq} was taken back.",
                BreakBegan b => $"Break; in the room stayed {string.Join(", ", b.Remaining)}.",
                BreakEnded => "The break ended.",
                AbortProposed p => $"It was proposed to abort: {p.Reason}",
                CeremonyAborted a => $"ABORTED: {a.Reason} (witness {a.Witness})",
                _ => null,
            };
            if (what is null)
                continue;
            none = false;
            Table([(Clock(entry.Utc), 60), ($"entry {entry.Seq}", 70), (what, 350)]);
        }
        if (none)
            _pages.Text("None was recorded.", _pages.Regular, 9);
    }

    /// <summary>Days that no signature covered until now, and what the witness had of their ends. None before format 5.</summary>
    private void UnsignedDays()
    {
        const string endOf = "end/";
        var withdrawn = Of<Withdrawn>().Select(w => w.Seq).ToHashSet();
        foreach (Entry entry in _entries)
            if (entry.Body is Answered a && !withdrawn.Contains(entry.Seq) && a.Question.StartsWith(endOf, StringComparison.Ordinal))
                Pair($"End of {a.Question[endOf.Length..]}", a.Value == "none"
                    ? "not signed that day; compared with nothing, because nobody had the words of its end"
                    : $"not signed that day; {a.Person} had the words of its end in the binder: {a.Value}");
    }

    private void Position()
    {
        Heading("Position of the ledger");
        Pair("Last entry", _all[^1].Seq.ToString(CultureInfo.InvariantCulture));
        Pair("Head", _all[^1].HashHex, mono: true);
        Pair("in words", Words(_all[^1].HashHex));
        _pages.Space(4);
        _pages.Text("The bundle's checkpoint.json names this head and the SHA-256 of every file, this "
            + "report among them, and is signed by the transcript key. Check it anywhere: keyceremony verify BUNDLE", _pages.Regular, 9);
    }

    private void Signatures()
    {
        _pages.NewPage();
        _pages.Text("Signatures", _pages.Bold, 14);
        _pages.Space(6);
        _pages.Text("The ceremony was carried out as this report describes. Every deviation that I know of is listed in it.",
            _pages.Regular, 10);
        // ETSI EN 319 411-1 GEN-6.5.1: the security officer in charge and a witness independent of the operation.
        if (_first)
        {
            Line("Security officer", NameOf(Roles.Officer));
            Line("Independent witness", NameOf(Roles.Witness));
            Line("Ceremony administrator", NameOf(Roles.Administrator));
        }
        else
            foreach (Attendant person in Attendants())
                Line(person.Seats is [{ Role: Roles.Witness }] ? "Independent witness" : Capital(RolesOf(person)), person.Name);
        _pages.Space(26);
        // Nobody signs an opinion that stands on another page.
        if (!_first)
            _pages.Keep(OpinionHeight);
        _pages.Text("Auditor's opinion", _pages.Bold, 14);
        _pages.Space(6);
        _pages.Text("I have verified the bundle that contains this report with "
            + "the program's verify command and with tools of my own choice, and compared the script with the one approved. In my opinion "
            + "the keys named in this report were generated, protected and backed up in accordance with the script", _pages.Regular, 10);
        _pages.Space(10);
        _pages.Text("[  ]  without exception", _pages.Regular, 10);
        _pages.Text("[  ]  except for the following:", _pages.Regular, 10);
        for (int i = 0; i < 3; i++)
        {
            _pages.Space(22);
            _pages.Rule();
        }
        Line("Auditor", NameOf(Roles.Auditor));
    }

    private void Line(string role, string name)
    {
        _pages.Keep(70);
        _pages.Space(44);
        _pages.Rule(300);
        _pages.Text(name.Length > 0 ? $"{role}: {name}" : role, _pages.Regular, 9);
        _pages.Text("Signature, place, date", _pages.Regular, 7);
    }

    private void Heading(string text)
    {
        _pages.Keep(70);
        _pages.Space(16);
        _pages.Text(text, _pages.Bold, 14);
        _pages.Rule();
        _pages.Space(2);
    }

    private void Pair(string label, string value, bool mono = false) =>
        _pages.Row([(label, _pages.Bold, 120), (value, mono ? _pages.Mono : _pages.Regular, PdfPages.Width - 120)], 8.5);

    private void Table(IReadOnlyList<(string Text, double Width)> cells, bool head = false, bool monoLast = false) =>
        _pages.Row([.. cells.Select((c, i) => (c.Text, head ? _pages.Bold : monoLast && i == cells.Count - 1 ? _pages.Mono : _pages.Regular,
            c.Width))], head ? 8 : monoLast ? 7.5 : 8);

    private void Findings(string title, ImmutableArray<Finding> findings)
    {
        Pair(title, !_first ? ReportWords.Sum(findings) : findings.Count(f => f.Result != FindingResults.Pass) is var open and > 0
            ? $"{open} of {findings.Length} did not pass" : findings.IsEmpty ? "nothing was found" : "passed");
        foreach (Finding finding in findings)
            _pages.Row([("", _pages.Regular, 120), (finding.Id, _pages.Mono, 70),
                (finding.Result, finding.Result == FindingResults.Pass ? _pages.Regular : _pages.Bold, 50),
                (finding.Text, _pages.Regular, PdfPages.Width - 240)], 7.5);
    }

    private IEnumerable<T> Of<T>() where T : EntryBody => _entries.Select(e => e.Body).OfType<T>();

    private Dictionary<string, string> Titles() => Read() is { } script
        ? script.Steps.ToDictionary(s => s.Id, s => $"{s.Number}. {s.Title}")
        : [];

    private CeremonyScript? Read() => ScriptReader.TryRead(_opened.Script, null, out CeremonyScript? script, out _) ? script : null;

    /// <summary>Everybody who came, in the order of the roll call, each person once; the auditor signs below.</summary>
    private ImmutableArray<Attendant> Attendants() => JournalFormats.Of(_opened) < JournalFormats.Renewed
        ? [.. Present().Select(p => new Attendant(p.Name, [p]))] : Attendant.Of(Present());

    private IEnumerable<Person> Present() => Of<RoomOpened>().SelectMany(r => r.People).Where(p => p.Role != Roles.Auditor).Distinct();

    private string RolesOf(Attendant person)
    {
        string[] roles = [.. person.Seats.Select(RoleOf)];
        return roles.Length < 2 ? roles[0] : $"{string.Join(", ", roles[..^1])} and {roles[^1]}";
    }

    private string RoleOf(Person person) =>
        Of<RoomOpened>().SelectMany(r => r.People).Where(p => p.Role == person.Role).Distinct().Count() is 1
        ? person.Role : string.Create(CultureInfo.InvariantCulture, $"{person.Role} {person.Index}");

    private static string Capital(string role) => char.ToUpperInvariant(role[0]) + role[1..];

    private string NameOf(string role) =>
        Of<RoomOpened>().SelectMany(r => r.People).FirstOrDefault(p => p.Role == role)?.Name ?? "";

    private static string Words(string hex) => PgpWords.Of(Convert.FromHexString(hex));

    private static string Time(DateTimeOffset utc) =>
        utc.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) + " UTC";

    private static string Clock(DateTimeOffset utc) => utc.UtcDateTime.ToString("HH:mm:ss", CultureInfo.InvariantCulture);

    private static string Took(TimeSpan time) => time.TotalHours >= 1
        ? $"{(int)time.TotalHours} h {time.Minutes} min"
        : time.TotalMinutes >= 1 ? $"{(int)time.TotalMinutes} min {time.Seconds} s" : $"{time.TotalSeconds:0.0} s";
}
