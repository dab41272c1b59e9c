using System.Collections.Immutable;
using System.Diagnostics;
using KeyCeremony.Core.Ceremony.Steps;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Ceremony;

/// <summary>Folds entries into state. What is not in an entry does not exist.</summary>
public static class Replay
{
    /// <summary>The ledger's world after these entries.</summary>
    public static World WorldAfter(IEnumerable<Entry> entries) => entries.Aggregate(World.Empty, Learn);

    /// <summary>The world that another one becomes by the next entry.</summary>
    public static World WorldAfter(World before, Entry entry) => Learn(before, entry);

    /// <summary>The state of the ceremony that the last <see cref="CeremonyOpened"/> began.</summary>
    /// <param name="read">Reads the script text recorded in the journal; it was accepted once, so it is a script.</param>
    public static CeremonyState? Running(ImmutableArray<Entry> entries, Func<string, CeremonyScript> read)
    {
        int opening = -1;
        for (int i = 0; i < entries.Length; i++)
            if (entries[i].Body is CeremonyOpened)
                opening = i;
        if (opening < 0)
            return null;
        World before = WorldAfter(entries.Take(opening));
        var opened = (CeremonyOpened)entries[opening].Body;
        CeremonyState state = Open(read(opened.Script), before, entries[opening]);
        return entries.Skip(opening + 1).Aggregate(state, Apply);
    }

    public static CeremonyState Open(CeremonyScript script, World before, Entry opening) => new(
        script, opening.Ceremony, Learn(before, opening), opening, 0, [], [], [], false, null, false, [], 0, null,
        ImmutableDictionary<string, TokenProbed>.Empty, false, false, before.LastUtc)
    {
        StoodAt = Convert.ToHexStringLower(before.LastHash.AsSpan()),
    };

    public static CeremonyState Apply(CeremonyState state, Entry entry)
    {
        // Which keys people press is no part of any step: what was answered last, or failed last, is so still.
        if (entry.Body is KeyboardUsed keyboard)
            return state with { World = Learn(state.World, entry), Last = entry, Keyboard = keyboard.Layout };
        CeremonyState s = state with { World = Learn(state.World, entry), Last = entry, SoFar = state.SoFar.Add(entry) };
        return entry.Body switch
        {
            Withdrawn w => s with { SoFar = s.SoFar.RemoveAll(e => e.Seq == w.Seq || e.Seq == entry.Seq) },
            StepDone => s with
            {
                StepIndex = s.StepIndex + 1,
                SoFar = [],
                Printed = s.Printed.SetItems(SerialsOf(state)),
                Skipped = IsSkipped(state) ? s.Skipped.Add(s.StepIndex) : s.Skipped,
            },
            BagOpened b when !state.World.Bags.ContainsKey(b.Content) => s with { Unbagged = s.Unbagged.Add(b.Content) },
            BagOpened b when s.Step is not OpenBagsStep => s with { OutOfBag = s.OutOfBag.Add(b.Content) },
            BagSealed b => s with { OutOfBag = Bagged(state, b) },
            CardChecked { Result: CardChecked.Destroyed or CardChecked.DestroyedUnread or CardChecked.Lost } c
                when Bags.HolderOf(s.World, s.World.Sets[c.Set], c.Share) is { } content =>
                s with { OutOfBag = s.OutOfBag.Remove(content) },
            TokenLocked => s with { Unlocked = false },
            Reopened =>
                s with { Held = [], Unlocked = false, Interrupted = s.Pending is not null, StoppedAt = Resuming.HeadToCompare(state) },
            Answered { Question: Resuming.HeadId, Value: not Resuming.Nothing } => s with { StoppedAt = null },
            Attempted a => s with { Pending = a, Interrupted = false },
            Failed f => s with { Interrupted = s.Pending is not null, Unlocked = s.Unlocked && !LostTheHsm(f) },
            AttemptResolved => s with { Pending = null, Interrupted = false },
            ExceptionRaised x => s with
            {
                OpenExceptions = s.OpenExceptions.Add(x),
                ExceptionCount = x.Number,
                StoppedAt = x.Rule == CeremonyRules.NothingWritten ? null : s.StoppedAt,
                Strangers = x.Rule == CeremonyRules.Stranger ? s.Strangers.Add(x.What) : s.Strangers,
            },
            ExceptionSignedOff x => s with { OpenExceptions = s.OpenExceptions.RemoveAll(o => o.Number == x.Number) },
            BreakBegan b => s with { Break = b },
            BreakEnded => s with { Break = null },
            RoomOpened r => s with { People = r.People },
            TokenProbed p => Settled(s with { Probes = s.Probes.SetItem(p.Token, p) }),
            SharesMade m => Settled(s with { Held = s.Held.Add(m.Set) }),
            SecretRebuilt r => s with { Held = s.Held.Add(r.Set) },
            SecretForgotten f => s with { Held = s.Held.Remove(f.Set) },
            ShareSetVoided v => s with { Held = s.Held.Remove(v.Set) },
            TokenCommissioned => Settled(s with { Unlocked = true }),
            // The session that changed them is closed: that the new ones open is shown by unlocking.
            ActivationChanged => Settled(s with { Unlocked = false }),
            TokenUnlocked => s with { Unlocked = true },
            WrapKeyDestroyed w => Settled(s with { Held = s.Held.Remove(w.Set) }),
            KeyGenerated or CertificateSigned or KeyBackedUp or BackupDrilled or KeyLocked or KeyRestored
                or CrlSigned or ManifestSigned or ReleaseSigned or RootsLinked or RootWithdrawn or CheckpointSigned or HeadStored
                or KeyDestroyed => Settled(s),
            LedgerRestored => Settled(s with { StepIndex = s.Script.Steps.Length, SoFar = [] }),
            CeremonyClosed => s with { ClosedEntry = true },
            CeremonyAborted => s with { Aborted = true },
            _ => s,
        };
    }

    /// <summary>A new card's first bag does not hold the old card that was taken out of a bag of this name.</summary>
    private static ImmutableHashSet<string> Bagged(CeremonyState s, BagSealed bag) =>
        s.OutOfBag.Contains(bag.Content) && Yields(s.World, bag) is { } old
            ? s.OutOfBag.Remove(bag.Content).Add(BagContents.Replaced(bag.Content, old))
            : s.OutOfBag.Remove(bag.Content);

    /// <summary>The set whose card gives its name to that of a later one with this bag; null: none does.</summary>
    private static string? Yields(World w, BagSealed bag) => w.Format >= JournalFormats.Renewed
        && w.Holders.GetValueOrDefault(bag.Content) is { } old && Bags.IsLive(w, w.Sets[old])
        && Bags.NewestWith(w, bag.Content) is { } newest && newest.Made.Set != old
            ? old : null;

    private static IEnumerable<KeyValuePair<string, string>> SerialsOf(CeremonyState s) => s.Step is not RecordStep step ? []
        : step.Fields.Where(f => f.Kind == RecordField.Serial && s.Answer(f.Id) is { Length: > 0 })
            .Select(f => KeyValuePair.Create(f.Id, s.Answer(f.Id)!));

    /// <summary>What it is about was left out, in this step or before.</summary>
    private static bool IsSkipped(CeremonyState s) => s.SoFar.IsEmpty || s.Facts<LeftOut>().Any();

    /// <summary>After an error of a PKCS#11 call its session is thrown away, and with it the login.</summary>
    internal static bool LostTheHsm(Failed f) => f.Where.StartsWith("C_", StringComparison.Ordinal) || f.Where == CeremonyRules.Locked;

    /// <summary>A device's answer ends the attempt that asked for it.</summary>
    private static CeremonyState Settled(CeremonyState s) => s with { Pending = null, Interrupted = false };

    private static World Learn(World w, Entry entry) => Fact(w, entry) with { LastUtc = entry.Utc, LastHash = entry.Hash };

    private static World Fact(World w, Entry entry) => entry.Body switch
    {
        LedgerCreated c => w with { LedgerId = c.LedgerId, Environment = c.Environment },
        LedgerRestored r => w with
        {
            Head = new HeadStored(r.Seq, r.Head, w.Primary?.Commissioned.Serial ?? ""),
            HeadIn = w.Ceremonies[^1].Id,
            Restorations = w.Restorations.Add(entry.Seq),
        },
        CeremonyOpened o => Opened(w, new(entry.Ceremony, o, entry.Utc, "")),
        Attempted { Effect: DrillRecovery.EffectName or RewrapKey.EffectName } a => w with
        {
            Objects = w.Objects.Add(new(a.Subject, "", w.DrillSerial, entry.Utc, KeyObject.Drill, "")),
        },
        Attempted { Effect: GenerateKey.EffectName or RestoreKey.EffectName } a when w.Primary is { } token =>
            w with { Begun = w.Begun.SetItem(a.CkaId, new(a.Subject, a.CkaId, token.Commissioned.Serial, entry.Ceremony, entry.Seq)) },
        Attempted { Effect: ChangePins.EffectName } a when w.Primary is { } token =>
            w with { Primary = token with { Perhaps = a.Subject } },
        ActivationChanged c => Changed(w, c, entry.Utc),
        TokenUnlocked u when w.Primary is { Perhaps.Length: > 0 } => Unchanged(w),
        ExceptionRaised { Rule: CeremonyRules.FormerRemains } => w with { FormerRemains = true },
        CeremonyClosed => w with { Ceremonies = Ended(w.Ceremonies, entry.Ceremony, "closed") },
        CeremonyAborted => Aborted(w, entry.Ceremony),
        BagSealed b => Sealed(w, b),
        BagOpened b => w with { Bags = w.Bags.Remove(b.Content) },
        SharesMade m => w with { Sets = w.Sets.Add(m.Set, Bags.Placed(w, new(m, entry.Ceremony, [], false, null) { Seq = entry.Seq })) },
        ShareReadBack r => w with
        {
            Sets = Change(w.Sets, r.Set, s => s.Saw(r.Share, CardChecked.Good, entry.Utc) with
            {
                ReadBack = s.ReadBack.Add(r.Share),
            })
        },
        SecretRebuilt { Foreign: true } r => w with
        {
            Sets = Known(w.Sets, r.Set, s => s with { ForeignUtc = s.ForeignUtc ?? entry.Utc }),
        },
        SharePresented p => w with { Sets = Known(w.Sets, p.Set, s => s.Saw(p.Share, CardChecked.Good, entry.Utc)) },
        CardChecked c => Checked(w with
        {
            Sets = Change(w.Sets, c.Set, s => s.Saw(c.Share, c.Result, entry.Utc, c.Site.Length == 0 ? null : c.Site)),
        }, c),
        BundleExported => w with { Exports = w.Exports.Add(entry.Seq) },
        ResultsShown r => w with { Shown = w.Shown.Add((entry.Seq, r)) },
        SubsetsCombined c => w with { Sets = Change(w.Sets, c.Set, s => s with { Combined = true }) },
        ShareSetVoided v => w with { Sets = Change(w.Sets, v.Set, s => s with { Voided = v.Reason }) },
        TokenProbed { Token: "drill" } p => w with { DrillSerial = p.Serial },
        TokenProbed { Token: "primary" } p =>
            w with { Primary = w.Primary?.Commissioned.Serial == p.Serial ? w.Primary with { Probe = p } : w.Primary },
        TokenCommissioned c => Erased(w, c.Serial, entry.Utc) with
        {
            Primary = new(c, null, entry.Ceremony, entry.Seq),
            DeadToken = null,
            Sets = Known(w.Sets, c.Set, s => s with { Commissioned = s.Commissioned.Add(c.Serial) }),
        },
        TokenLookedAt t => SecondLooks.WasLookedAt(t) ? w with { LookedAt = w.LookedAt.Add(t.Serial) } : w,
        TokenRetired r => w with
        {
            Retired = w.Retired.Add(r),
            Sets = w.Primary is { Perhaps: { Length: > 0 } perhaps } ? Change(w.Sets, perhaps, s => Entered(s, r.Serial)) : w.Sets,
            Primary = w.Primary?.Commissioned.Serial == r.Serial ? null : w.Primary,
            Former = r.How == TokenRetired.Replaced && w.Primary is { } token
                ? new FormerToken(token, entry.Ceremony, [.. w.Keys.Values.Where(k => k.Serial == r.Serial)]) : w.Former,
            FormerRemains = r.How != TokenRetired.Replaced && w.FormerRemains,
        },
        CertificatePreviewed p => w with { Previews = w.Previews.SetItem(p.Certificate, new(p, entry.Ceremony, entry.Seq)) },
        KeyGenerated k => w with
        {
            Keys = w.Keys.SetItem(k.Key, new(k, entry.Ceremony, entry.Seq, k.Serial, k.CkaId, !k.Extractable, null, false)),
            Begun = w.Begun.Remove(k.CkaId),
            Objects = w.Objects.Add(new(k.Key, k.CkaId, k.Serial, entry.Utc, KeyObject.Generated, "")),
        },
        KeyDestroyed d => Gone(w, o => o.CkaId == d.CkaId && o.Serial == d.Serial,
            $"destroyed in it on {entry.Utc:yyyy-MM-dd}, and it was asked afterwards") with
        {
            Keys = w.Keys.TryGetValue(d.Key, out KeyFact? key) && key.CkaId == d.CkaId
                ? w.Keys.SetItem(d.Key, key with { Serial = "", RestsSince = Rests(w, key, d) ? entry.Utc : key.RestsSince })
                : w.Keys,
            Begun = w.Begun.Remove(d.CkaId),
        },
        RootsLinked l => w with
        {
            Links = w.Links.Add(new(entry.Ceremony, [.. l.Signatures.Select(x => x.Certificate)])),
        },
        RootWithdrawn r => w with { Withdrawn = w.Withdrawn.SetItem(r.Root, new(r, entry.Ceremony, entry.Utc)) },
        KeyEnded e => w with
        {
            Ended = w.Ended.SetItem(e.Key, new(e, entry.Ceremony, entry.Utc, ImmutableDictionary<string, CopyAnswer>.Empty, "")),
        },
        CopyAnswered a => w with
        {
            Ended = Change(w.Ended, a.Key, k => k with
            {
                Answers = k.Answers.SetItems(a.Copies.Select(c =>
                    KeyValuePair.Create(c, new CopyAnswer(a, entry.Ceremony, entry.Utc)))),
            }),
        },
        DestructionStated d => w with { Ended = Change(w.Ended, d.Key, k => k with { StatedIn = entry.Ceremony }) },
        CertificateSigned c => w with
        {
            Certificates = w.Certificates.SetItem(c.Certificate, new(c, w.Previews[c.Certificate].Previewed, entry.Ceremony, entry.Seq)),
        },
        RequestRead r => w with { Requests = w.Requests.SetItem(r.Request, new(r, entry.Ceremony, entry.Seq)) },
        CertificateImported c => w with { Imported = w.Imported.SetItem(c.Certificate, c) },
        LeftOut l => w with { LeftOut = w.LeftOut.Add((entry.Ceremony, l.Subject)) },
        CrlPreviewed p => w with { CrlPreviews = w.CrlPreviews.SetItem(p.Crl, new(p, entry.Ceremony, entry.Seq)) },
        CrlSigned c => w with { Crls = w.Crls.SetItem(c.Crl, new(c, w.CrlPreviews[c.Crl].Previewed, entry.Seq)) },
        BatchPreviewed p => w with { Batches = w.Batches.SetItem(p.BatchId, new(p, entry.Ceremony, entry.Seq, false, null)) },
        BatchTaken t => w with { Batches = Change(w.Batches, t.BatchId, b => b with { IsTaken = true }) },
        ManifestSigned m => w with { Batches = Change(w.Batches, m.BatchId, b => b with { Signed = m }) },
        BuilderKnown b => w with { Builders = w.Builders.SetItem(b.Builder, b), EveryBuilder = w.EveryBuilder.Add(b) },
        ReleasePreviewed p => w with { Releases = w.Releases.Add(new(p, entry.Ceremony, false, null, null)) },
        ReleaseTaken t => w with
        {
            Releases = Change(w.Releases, r => r.Is(t.Release, t.RequestSha256) && r.Ceremony == entry.Ceremony,
                r => r with { IsTaken = true }),
        },
        ReleaseSigned x => w with
        {
            Releases = Change(w.Releases, r => r.Is(x.Release, x.RequestSha256) && r.IsTaken && r.Ceremony == entry.Ceremony,
                r => r with { Signed = x }),
        },
        ReleaseWithdrawn x => w with
        {
            Releases = Change(w.Releases, r => r.Is(x.Release, x.RequestSha256) && r.Signed is not null, r => r with { Withdrawn = x }),
        },
        KeyBackedUp b => (b.From is null ? w : Drilled(w, b.Key, w.DrillSerial, entry.Utc)) with
        {
            Keys = Change(w.Keys, b.Key, k => k with { Backup = b, Drilled = false }),
            Sets = Known(w.Sets, b.Set, s => s with { Opens = s.Opens.Add(new(b, entry.Seq, false)) }),
        },
        BackupDrilled d => Drilled(w, d.Key, d.DrillSerial, entry.Utc) with
        {
            Keys = Change(w.Keys, d.Key, k => k with { Drilled = true }),
            Sets = Known(w.Sets, d.Set, s => s.Proved(d.Key)),
        },
        KeyLocked l => w with { Keys = Change(w.Keys, l.Key, k => k with { Locked = true }) },
        KeyRestored r => w with
        {
            Keys = Change(w.Keys, r.Key,
                k => k with { Serial = r.Serial, CkaId = r.CkaId, Locked = true, Drilled = true, RestoredIn = entry.Ceremony }),
            Begun = w.Begun.Remove(r.CkaId),
            Objects = w.Objects.Add(new(r.Key, r.CkaId, r.Serial, entry.Utc, KeyObject.Restored, "")),
        },
        CheckpointSigned c => w with { Checkpoint = c },
        HeadStored h => w with { Head = h, HeadIn = entry.Ceremony },
        _ => w,
    };

    /// <summary>Whether its object goes because it is to be brought back one day, and not because it is dead, ended or moved.</summary>
    private static bool Rests(World w, KeyFact key, KeyDestroyed gone) => key is { Backup: not null, Drilled: true, Locked: true }
        && key.Serial == gone.Serial && gone.Serial == w.Primary?.Commissioned.Serial && !w.Ended.ContainsKey(gone.Key)
        && !w.IsDead(key.Ceremony);

    /// <summary>The world as this ceremony finds it: a token that a dead one commissioned is not in use.</summary>
    internal static World Opened(World w, CeremonyFact ceremony)
    {
        World opened = w with
        {
            Ceremonies = w.Ceremonies.Add(ceremony),
            Ends = w.Ceremonies.IsEmpty ? w.Ends : w.Ends.SetItem(w.Ceremonies[^1].Id, Convert.ToHexStringLower(w.LastHash.AsSpan())),
        };
        return opened.Primary is { } token && opened.IsDead(token.Ceremony) ? opened with { Primary = null, DeadToken = token } : opened;
    }

    private static ImmutableArray<CeremonyFact> Ended(ImmutableArray<CeremonyFact> all, string id, string end) =>
        [.. all.Select(c => c.Id == id ? c with { End = end } : c)];

    /// <summary>It is dead, unless it was closed before.</summary>
    private static World Aborted(World w, string ceremony)
    {
        bool wasClosed = w.Ceremonies.Any(c => c.Id == ceremony && c.End == "closed");
        World aborted = w with { Ceremonies = Ended(w.Ceremonies, ceremony, "aborted") };
        return wasClosed ? aborted
            : WithFormer(WithoutRestored(WithoutDeadCards(WithoutRewrapped(
                WithoutAnswers(aborted, ceremony) with { Dead = w.Dead.Add(ceremony) }), ceremony), ceremony), ceremony);
    }

    /// <summary>What was said of copies is said again: the key stays ended, what was destroyed stays destroyed.</summary>
    private static World WithoutAnswers(World w, string ceremony) => w with
    {
        Ended = w.Ended.SetItems(w.Ended.Select(k => KeyValuePair.Create(k.Key, k.Value with
        {
            Answers = k.Value.Answers.RemoveRange(k.Value.Answers.Where(a => a.Value.Ceremony == ceremony).Select(a => a.Key)),
            StatedIn = k.Value.StatedIn == ceremony ? "" : k.Value.StatedIn,
        }))),
    };

    /// <summary>A backup that a dead ceremony made anew opens to nobody who counts: the one before it is the key's.</summary>
    private static World WithoutRewrapped(World w)
    {
        bool Died(KeyBackedUp backup) => w.Sets.TryGetValue(backup.Set, out ShareSetFact? set) && w.Dead.Contains(set.Ceremony);
        IEnumerable<KeyValuePair<string, KeyFact>> before =
            from key in w.Keys.Values
            where key.Backup is { From: not null } && Died(key.Backup)
            let last = w.Sets.Values.SelectMany(s => s.Opens)
                .Where(o => o.Body.Key == key.Generated.Key && !Died(o.Body)).MaxBy(o => o.Seq)
            where last is not null
            select KeyValuePair.Create(key.Generated.Key, key with { Backup = last.Body, Drilled = last.Drilled });
        return w with { Keys = w.Keys.SetItems(before) };
    }

    /// <summary>A key that a dead ceremony brought back is where it was: in its backup. What lies in the token is a dead object.</summary>
    private static World WithoutRestored(World w, string ceremony)
    {
        if (!w.IsDead(ceremony))
            return w;
        KeyFact[] restored = [.. w.Keys.Values.Where(k => k.RestoredIn == ceremony)];
        return w with
        {
            Keys = w.Keys.SetItems(restored.Select(k => KeyValuePair.Create(k.Generated.Key, k with { Serial = "", RestoredIn = "" }))),
            Begun = w.Begun.SetItems(
                restored.Select(k => KeyValuePair.Create(k.CkaId, new BegunKey(k.Generated.Key, k.CkaId, k.Serial, ceremony, k.Seq)))),
        };
    }

    /// <summary>An HSM that a dead ceremony replaced is the ledger's again, with whatever was not destroyed in it.</summary>
    private static World WithFormer(World w, string ceremony)
    {
        if (w.Former is not { } former || former.Ceremony != ceremony)
            return w;
        bool IsThere(KeyFact key) => w.Objects.Any(o => o.CkaId == key.CkaId && o.Serial == former.Serial && o.Gone.Length == 0);
        return w with
        {
            Primary = former.Token,
            Former = null,
            Retired = [.. w.Retired.Where(r => r.Serial != former.Serial || r.How != TokenRetired.Replaced)],
            Keys = w.Keys.SetItems(former.Keys.Where(IsThere).Select(k => KeyValuePair.Create(k.Generated.Key,
                w.Keys[k.Generated.Key] with { Serial = k.Serial, CkaId = k.CkaId, RestoredIn = k.RestoredIn }))),
        };
    }

    /// <summary>Bags with the cards of dead sets are none that the ledger knows: their cards open nothing.</summary>
    private static World WithoutDeadCards(World w, string ceremony)
    {
        if (!w.IsDead(ceremony) || w.Ceremonies.LastOrDefault(c => c.Id == ceremony) is not { } fact
            || !ScriptReader.TryRead(fact.Opened.Script, null, out CeremonyScript? script, out _))
            return w;
        if (w.Format >= JournalFormats.Renewed)
            return w.Sets.Values.Where(set => set.Ceremony == ceremony && w.IsDead(set)).SelectMany(Bags.ContentsOf).Distinct().Aggregate(w,
                (was, content) => WithEarlierCard(was, ceremony, content));
        IEnumerable<string> cards =
            from set in w.Sets.Values
            where set.Ceremony == ceremony
            from deal in script.Steps.OfType<DealSharesStep>()
            where deal.Set == set.Made.Name
            from number in Enumerable.Range(1, set.Made.Custodians.Length)
            select BagContents.ShareCard(deal.Cards, number);
        return w with { Bags = w.Bags.RemoveRange(cards) };
    }

    /// <summary>What a dead set's card was sealed in is no bag; the name goes back to the card that had it, and to its bag.</summary>
    private static World WithEarlierCard(World w, string ceremony, string content)
    {
        if (w.Holders.GetValueOrDefault(content) is not { } holder || w.Sets[holder].Ceremony != ceremony
            || !w.IsDead(w.Sets[holder]))
            return w;
        World without = w with { Bags = w.Bags.Remove(content), Holders = w.Holders.Remove(content) };
        if (Bags.NewestWith(w, content)?.Made.Set is not { } earlier)
            return without;
        string aside = BagContents.Replaced(content, earlier);
        return without with
        {
            Holders = without.Holders.SetItem(content, earlier),
            Bags = without.Bags.TryGetValue(aside, out string? number)
                ? without.Bags.Remove(aside).SetItem(content, number)
                : without.Bags,
        };
    }

    private static World Sealed(World w, BagSealed bag)
    {
        ImmutableDictionary<string, string> bags = Yields(w, bag) is { } old && w.Bags.TryGetValue(bag.Content, out string? closed)
            ? w.Bags.SetItem(BagContents.Replaced(bag.Content, old), closed)
            : w.Bags;
        return w with
        {
            Bags = bags.SetItem(bag.Content, bag.Number),
            UsedBagNumbers = w.UsedBagNumbers.Add(bag.Number),
            Holders = Bags.NewestWith(w, bag.Content) is { } set ? w.Holders.SetItem(bag.Content, set.Made.Set) : w.Holders,
        };
    }

    private static World Changed(World w, ActivationChanged c, DateTimeOffset utc) => w with
    {
        Primary = w.Primary! with { Commissioned = w.Primary.Commissioned with { Set = c.Set }, Perhaps = "" },
        Sets = Change(Change(w.Sets, c.From, s => s with { Left = s.Left.SetItem(c.Serial, utc) }), c.Set,
            s => Entered(s, c.Serial)),
    };

    /// <summary>It opens this token, or may do so for ever: nobody finds out any more.</summary>
    private static ShareSetFact Entered(ShareSetFact set, string serial) =>
        set with { Commissioned = set.Commissioned.Add(serial), Entered = set.Entered.Add(serial) };

    /// <summary>The set before opens the token: nothing was changed in it, and cards that an abort would have killed are dead.</summary>
    private static World Unchanged(World w)
    {
        ShareSetFact perhaps = w.Sets[w.Primary!.Perhaps];
        World settled = w with { Primary = w.Primary with { Perhaps = "" } };
        return settled.IsDead(perhaps)
            ? Bags.ContentsOf(perhaps).Aggregate(settled, (was, content) => WithEarlierCard(was, perhaps.Ceremony, content))
            : settled;
    }

    /// <summary>A token was blank when it was commissioned: no key that it held before is in it.</summary>
    private static World Erased(World w, string serial, DateTimeOffset utc) => w.Format < JournalFormats.Replayed ? w
        : Gone(w, o => o.Serial == serial, $"erased: the HSM was blank on {utc:yyyy-MM-dd}") with
        {
            Keys = w.Keys.SetItems(w.Keys.Where(k => k.Value.Serial == serial)
            .Select(k => KeyValuePair.Create(k.Key, k.Value with { Serial = "" }))),
            Begun = w.Begun.RemoveRange(w.Begun.Where(b => b.Value.Serial == serial).Select(b => b.Key)),
        };

    private static World Gone(World w, Func<KeyObject, bool> which, string how) => w with
    {
        Objects = [.. w.Objects.Select(o => o.Gone.Length == 0 && which(o) ? o with { Gone = how } : o)],
    };

    /// <summary>
    /// The drill token is initialised before and wiped after: whatever an attempt before this one left in it is gone too.
    /// </summary>
    private static World Drilled(World w, string key, string serial, DateTimeOffset utc)
    {
        World wiped = Gone(w, o => o.Came == KeyObject.Drill && o.Serial == serial, $"wiped on {utc:yyyy-MM-dd}");
        return wiped.Objects.Any(o => o.Came == KeyObject.Drill && o.Key == key && o.Serial == serial) ? wiped : wiped with
        {
            Objects = wiped.Objects.Add(new(key, "", serial, utc, KeyObject.Drill, $"wiped on {utc:yyyy-MM-dd}")),
        };
    }

    /// <summary>What is lost is in no bag that anybody could open.</summary>
    private static World Checked(World w, CardChecked c) =>
        c.Result == CardChecked.Lost && Bags.HolderOf(w, w.Sets[c.Set], c.Share) is { } content
            ? w with { Bags = w.Bags.Remove(content) }
            : w;

    /// <summary>What the first format did not ask is not asked here either.</summary>
    private static ImmutableDictionary<string, ShareSetFact> Known(ImmutableDictionary<string, ShareSetFact> all, string set,
        Func<ShareSetFact, ShareSetFact> change) => all.TryGetValue(set, out ShareSetFact? fact) ? all.SetItem(set, change(fact)) : all;

    /// <summary>The newest one that is meant.</summary>
    private static ImmutableArray<ReleaseFact> Change(ImmutableArray<ReleaseFact> all, Func<ReleaseFact, bool> isMeant,
        Func<ReleaseFact, ReleaseFact> change) =>
        all.LastOrDefault(isMeant) is { } meant
            ? all.Replace(meant, change(meant))
            : throw new UnreachableException("the ledger does not know this release");

    private static ImmutableDictionary<string, T> Change<T>(ImmutableDictionary<string, T> all, string key, Func<T, T> change) =>
        all.TryGetValue(key, out T? fact)
            ? all.SetItem(key, change(fact))
            : throw new UnreachableException($"the ledger does not know {key}");
}
