using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Reading;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Core.Ceremony.Retelling;

/// <summary>
/// Whether what an effect brought back says what the effect says: the same key, token, set, label, certificate, digests.
/// What can be computed from the journal is computed again and never believed. Each method says what is wrong, or null.
/// </summary>
internal static partial class Facts
{
    /// <summary>Null when this entry can be the answer of this effect in this state.</summary>
    public static string? Wrong(CeremonyState s, Effect effect, EntryBody fact) => (effect, fact) switch
    {
        (InspectAppliance, ApplianceInspected f) => FindingForms.Gate(f.Findings),
        (InspectLedger, LedgerInspected f) => Ledger(s, f),
        (ProbeToken e, TokenProbed f) => Probed(s, e, f),
        (MakeShares e, SharesMade f) => Dealt(s, e, f),
        (CombineSubsets e, SubsetsCombined f) => Combined(s.World.Sets[e.Set].Made, e, f),
        (RebuildSecret e, SecretRebuilt f) => Same(f, new SecretRebuilt(e.Set, e.KeyCheck)),
        (RebuildForeign e, SecretRebuilt f) => Same(f, new SecretRebuilt(e.Set, e.KeyCheck, Foreign: true)),
        (RebuildForeign e, ForeignMisfit f) => Same(f, new ForeignMisfit(e.Set, f.Rule))
            ?? (f.Rule is ShareRules.ForgedId or ShareRules.RecordedCheckValueId ? null : "what is wrong with the cards is none of both."),
        (ForgetSecret e, SecretForgotten f) => Same(f, new SecretForgotten(e.Set)),
        (CommissionToken e, TokenCommissioned f) => Commissioned(s, e, f),
        (ChangePins e, ActivationChanged f) => Same(f, new ActivationChanged(e.Serial, e.From, e.Set, f.Old))
            ?? (f.Old is ActivationChanged.Refused or ActivationChanged.NotTried ? null : "what the PIN before did is neither of both."),
        (UnlockToken e, TokenUnlocked f) => Same(f, new TokenUnlocked(e.Serial, e.Set, f.HeadSeq, f.Head))
            ?? (f.HeadSeq >= 0 && (f.HeadSeq == 0 ? f.Head.Length == 0 : IsSha256(f.Head)) ? null : "the head is none."),
        (LookAgain e, TokenLookedAt f) =>
            f.Token != e.Token || f.Serial != e.Serial ? "it is about another HSM." : FindingForms.Look(e, f.Keys, f.Findings),
        (LockToken e, TokenLocked f) => Same(f, new TokenLocked(e.Serial)),
        (LookForLeftovers e, LeftoversFound f) => Leftovers(e, f),
        (LookForImports e, ImportsFound f) => Stick(e, f),
        (ReadByCamera e, FileReceived f) => Received(e, f),
        (ReadByCamera e, ImportRefused f) => Refused(f, e.Kind, e.Subject, ImportWords.Camera),
        (ReadRequest e, RequestRead f) => Request(s, e, f),
        (ReadRequest e, ImportRefused f) => Refused(f, ImportWords.Request, e.Request, e.File),
        (ReadCertificate e, CertificateImported f) => Imported(s, e, f),
        (ReadCertificate e, ImportRefused f) => Refused(f, ImportWords.Certificate, e.Certificate, e.File),
        (ReadRevocations e, RevocationsRead f) => Revocations(s, e, f),
        (ReadRevocations e, SerialsUnclear f) => Unclear(s, e, f),
        (ReadRevocations e, ImportRefused f) => Refused(f, ImportWords.Revocations, e.Crl, e.File),
        (ReadBuilder e, BuilderRead f) => Builder(s, e, f),
        (ReadBuilder e, ImportRefused f) => Refused(f, ImportWords.Builder, e.Builder, e.File),
        (ReadRelease e, ReleasePreviewed f) => Release(s, e, f),
        (ReadRelease e, ImportRefused f) => Refused(f, ImportWords.Release, e.Step.Release, e.Folder),
        (CompareRelease e, ReleaseCompared f) => Same(f, new ReleaseCompared(e.Release, e.RequestSha256)),
        (CompareRelease e, ImportRefused f) => Refused(f, ImportWords.Release, e.Release, e.Folder),
        (SignRelease e, ReleaseSigned f) => ReleaseSigned(s, e, f),
        (ReadBatch e, BatchPreviewed f) => Batch(s, e, f),
        (ReadBatch e, ImportRefused f) => Refused(f, ImportWords.Batch, f.Subject, e.File),
        (PreviewCertificate e, CertificatePreviewed f) => Previewed(e, f),
        (SignCertificate e, CertificateSigned f) => Signed(s, e, f),
        (PreviewCrl e, CrlPreviewed f) => ListPreviewed(s, e, f),
        (PreviewCrl e, ImportRefused f) => Refused(f, ImportWords.Revocations, e.Step.Crl, ""),
        (SignCrl e, CrlSigned f) => ListSigned(s, e, f),
        (SignManifest e, ManifestSigned f) => ManifestSigned(s, e, f),
        (GenerateKey e, KeyGenerated f) => Generated(s, f, e.Key, e.Purpose, e.Algorithm, e.Id, e.Extractable),
        (AdoptKey e, KeyGenerated f) => Generated(s, f, e.Key, e.Purpose, e.Algorithm, e.Id, e.Extractable),
        (BackUpKey e, KeyBackedUp f) => BackedUp(s, e, null, f),
        (RewrapKey e, KeyBackedUp f) =>
            BackedUp(s, new BackUpKey(e.Key, "", e.Algorithm, e.Spki, e.Set, e.Mechanism, e.Wrap), e.From, f),
        (DestroyWrapKey e, WrapKeyDestroyed f) => Same(f, new WrapKeyDestroyed(e.Set)),
        (DrillRecovery e, BackupDrilled f) => Drilled(s, e, f),
        (LockKey e, KeyLocked f) => Same(f, new KeyLocked(e.Key, f.Tried)) ?? NotTried(s, f.Tried, isLocked: true),
        (LinkRoots e, RootsLinked f) => Linked(s, e, f),
        (WithdrawRoot e, RootWithdrawn f) => Withdrawn(s, e, f),
        (DestroyKey e, KeyDestroyed f) => Same(f, new KeyDestroyed(e.Key, e.Id, e.Serial)),
        (DestroyInFormer e, KeyDestroyed f) => Same(f, new KeyDestroyed(e.Key, e.Id, e.Serial)),
        (RestoreKey e, KeyRestored f) => Restored(s, e, f),
        (GatherResults, ResultsFound f) => Results(f),
        (KeepRecording, TerminalRecorded f) => Recorded(f),
        (SignCheckpoint e, CheckpointSigned f) => Checkpoint(s, e, f),
        (StoreHead e, HeadStored f) => Same(f, new HeadStored(e.Seq, e.Head, PrimarySerial(s))),
        (ExportBundle, BundleExported f) => Exported(s.World.Checkpoint!, f),
        _ => $"an entry of this kind never answers {effect.Name}.",
    };

    // ---- the room ----

    private static string? Ledger(CeremonyState s, LedgerInspected f) =>
        f.LedgerId != s.World.LedgerId || f.Seq != s.Last.Seq || f.Head != s.Last.HashHex
            ? "it is about another ledger or another entry than the last one."
        : FindingForms.Ledger(f.Findings, f.Seq, f.Head);

    private static string? Probed(CeremonyState s, ProbeToken e, TokenProbed f)
    {
        if (f.Token != e.Token)
            return $"it is about the {f.Token} HSM, and the {e.Token} one is inspected.";
        if (!FindingForms.IsText(f.Serial) || !IsShown(f.Label) || !IsShown(f.Manufacturer) || !IsShown(f.Model))
            return "the HSM's serial number or its names are empty or not plain.";
        if (s.Format >= JournalFormats.Accounted && e.Blank && WasRetired(s.World, f.Serial) is { } gone)
            return gone;
        if (f.PinMin < 0 || f.PinMax < f.PinMin || f.PinMax > ActivationPin.MaxLength)
            return "its PIN lengths cannot be.";
        bool wraps = f.WrapMechanism.Length > 0;
        if (wraps ? !Mechanism().IsMatch(f.WrapMechanism) || !IsFormat(s, f.WrapFormat) : f.WrapFormat.Length > 0)
            return "its wrap mechanism and format do not belong together.";
        return FindingForms.Probe(f.Findings, e.Blank, s.Format)
            ?? Described(s, f)
            ?? (wraps == FindingForms.Wraps(f.Findings)
                ? null
                : "its wrap mechanism and what the probe found of wrapping contradict each other.");
    }

    /// <summary>HSM-23, which the room says before it writes anything to it.</summary>
    private static string? WasRetired(World w, string serial) => HsmNumber.IsNone(serial) ? null
        : w.Departed.LastOrDefault(r => r.Serial == serial) is { } gone
            ? $"{CeremonyRules.RetiredToken} the HSM {serial} was retired in this ledger, as {gone.How}." : null;

    private static bool IsFormat(CeremonyState s, string format) => s.Format < JournalFormats.Prepared ? format == BackupBlob.Rfc5649
        : BackupBlob.Formats.Contains(format) && (format != BackupBlob.YubiHsm || s.Format >= JournalFormats.Kept);

    /// <summary>By which family's description it was tried, and whether its lock was seen to hold. Since format 4.</summary>
    private static string? Described(CeremonyState s, TokenProbed f) => s.Format < JournalFormats.Prepared
        ? (f.Lock ?? f.Family ?? f.FamilySha256) is null ? null : "it names a family, which its format does not know."
        : f.Family is null || !FamilyName().IsMatch(f.Family) || f.FamilySha256 is null || !IsSha256(f.FamilySha256)
            ? "its family or the hash of that family's description is none."
        : f.Lock != (FindingForms.Locks(f.Findings) ? TokenProbed.ExtractableFalse : "")
            ? "how it locks keys and what the probe found of that contradict each other."
        : null;

    // ---- secrets and tokens ----

    private static string? Dealt(CeremonyState s, MakeShares e, SharesMade f)
    {
        SharesMade right = f with
        {
            Set = e.Set,
            Name = e.SetName,
            Bits = e.Bits,
            Threshold = e.Threshold,
            Groups = e.Groups,
            Custodians = e.Custodians.All,
            Sources = e.Dice ? ["hsm", "kernel", "dice"] : ["hsm", "kernel"],
        };
        if (Same(f, right) is { } other)
            return other;
        if (f.Digests.Length != f.Custodians.Length || !f.Digests.All(IsSha256) || f.Digests.Distinct().Count() != f.Digests.Length)
            return "there is not one digest for each custodian.";
        if (f.Identifier is < 0 or > MaxIdentifier || !KeyCheck().IsMatch(f.KeyCheck))
            return "its identifier or its key-check value is none.";
        // Also of sets that are void or dead: whoever kept a card of one holds it beside the others.
        if (s.Format >= JournalFormats.Prepared
            && s.World.Sets.Values.FirstOrDefault(x => x.Made.Identifier == f.Identifier) is { } alike)
            return $"its cards begin with the same words as those of {alike.Made.Set}.";
        ShareSetFact? twin = s.World.Sets.Values.FirstOrDefault(x => x.Made.KeyCheck == f.KeyCheck
            || x.Made.Digests.Intersect(f.Digests).Any());
        return twin is null ? null : $"it has the secret or a card of {twin.Made.Set}.";
    }

    private static string? Combined(SharesMade made, CombineSubsets e, SubsetsCombined f) =>
        Same(f, new SubsetsCombined(e.Set, (int)made.Plan.Quorums, made.KeyCheck));

    private static string? Commissioned(CeremonyState s, CommissionToken e, TokenCommissioned f)
    {
        if (s.Probes.GetValueOrDefault("primary") is not { } probe)
            return "no HSM was inspected that could be commissioned.";
        int length = ActivationPin.LengthFor(probe.PinMin, probe.PinMax);
        return Same(f,
            new TokenCommissioned(e.Label, probe.Serial, probe.Manufacturer, probe.Model, e.Set, length, ActivationPin.Bits(length)));
    }

    private static string? Leftovers(LookForLeftovers e, LeftoversFound f) =>
        f.Effect != e.Attempt || f.Subject != e.AttemptSubject ? "it is about another attempt."
        : !f.Objects.All(FindingForms.IsText) ? "an object's name is not plain."
        : f.Complete && (e.Attempt != "generate-key" || f.Objects.Length != 2) ? "what was found cannot be complete."
        : null;

    // ---- keys ----

    private static string? Generated(CeremonyState s, KeyGenerated f, string key,
        string purpose, string algorithm, string id, bool extractable)
    {
        if (Same(f, new KeyGenerated(key, purpose, algorithm, id, PrimarySerial(s), f.Spki, extractable, f.Tried)) is { } other)
            return other;
        if (NotTried(s, f.Tried, !extractable) is { } untried)
            return untried;
        if (Base64(f.Spki) is not { } spki || KeyAlgorithm.Of(spki)?.ScriptName != algorithm)
            return $"its public key is no key of the kind {algorithm}.";
        if (s.World.Keys.Values.FirstOrDefault(k => k.Generated.Spki == f.Spki) is { } known)
            return $"it is the key \"{known.Generated.Key}\".";
        // What came from elsewhere was not made here: whoever owns it would sign as if it lay in the HSM.
        return IsFromElsewhere(s, f.Spki) ? "it is a key that this ledger knew before it was made." : null;
    }

    private static string? BackedUp(CeremonyState s, BackUpKey e, string? from, KeyBackedUp f)
    {
        if (Base64(f.Blob) is not { } bytes || !BackupBlob.TryRead(bytes, out BackupBlob? blob, out _))
            return "it is not a backup blob.";
        if (Same(f, new KeyBackedUp(e.Key, e.Set, f.Blob, Sha256(bytes), from)) is { } other)
            return other;
        BackupBlob right = blob with
        {
            LedgerId = s.World.LedgerId,
            Key = e.Key,
            Algorithm = e.Algorithm,
            SpkiSha256 = Sha256(Convert.FromBase64String(e.Spki)),
            Set = e.Set,
            KeyCheck = s.World.Sets[e.Set].Made.KeyCheck,
            Wrap = e.Wrap,
        };
        if (blob != right || !IsSha256(blob.Mac))
            return "the blob names another ledger, key, set or secret.";
        if (s.Format >= JournalFormats.Renewed && s.World.Sets.Values.SelectMany(x => x.Opens).FirstOrDefault(o => IsAlike(o.Body, blob))
            is { } alike)
            return $"what it holds is the backup of \"{alike.Body.Key}\" under {alike.Body.Set}: another wrap key gives other bytes.";
        return s.Format < JournalFormats.Replayed || blob.HasFormOfItsWrap
            ? null
            : $"what it holds was not wrapped as {blob.Wrap}: its length is none.";
    }

    /// <summary>A blob under another name. Of one wrap key and one key alone come the same bytes, and of no two wrap keys.</summary>
    private static bool IsAlike(KeyBackedUp known, BackupBlob blob) =>
        BackupBlob.TryRead(Convert.FromBase64String(known.Blob), out BackupBlob? other, out _)
            && (other.Wrapped == blob.Wrapped || other.Mac == blob.Mac);

    private static string? Drilled(CeremonyState s, DrillRecovery e, BackupDrilled f) =>
        f.Key != e.Key || f.Set != e.Set ? "it is about another key or set."
        : f.DrillSerial == PrimarySerial(s) ? "it was held in the primary HSM, which would have been wiped."
        : f.DrillSerial != e.Serial && (e.Serial.Length > 0 || f.DrillSerial == PrimarySerial(s))
        ? $"it was held in the HSM {f.DrillSerial}, and {e.Serial} was inspected for it."
        : s.Format >= JournalFormats.Accounted && WasRetired(s.World, f.DrillSerial) is { } gone ? gone
        : Proves(s, e.Key, e.Set, Challenges.Drill, f.Challenge, f.Signature);

    private static string? Restored(CeremonyState s, RestoreKey e, KeyRestored f) =>
        Same(f, new KeyRestored(e.Key, e.Set, e.Id, PrimarySerial(s), f.Challenge, f.Signature, f.Tried))
            ?? NotTried(s, f.Tried, isLocked: true)
            ?? Proves(s, e.Key, e.Set, Challenges.Restore, f.Challenge, f.Signature);

    /// <summary>A locked key was to be wrapped, and the HSM refused. Not asked in the first format.</summary>
    private static string? NotTried(CeremonyState s, Finding? tried, bool isLocked) => s.Format >= JournalFormats.Replayed && isLocked
        ? tried is null ? "nobody tried to wrap the locked key." : FindingForms.Tried(tried, s.Format, IsYubiHsm(s))
        : tried is null ? null : "it tells of a try that the program does not make here.";

    /// <summary>Its own way to wrap is tried besides. Since format 5.</summary>
    private static bool IsYubiHsm(CeremonyState s) => (s.Probes.GetValueOrDefault("primary") ?? s.World.Primary?.Probe)
        is { WrapFormat: BackupBlob.YubiHsm };

    /// <summary>A challenge begins with its purpose and what it is about: a signature made for something else is not one.</summary>
    private static string? Proves(CeremonyState s, string key, string set, string purpose, string challenge, string signature)
    {
        byte[] prefix = Challenges.Beginning(s, purpose, set, key), spki = Convert.FromBase64String(s.World.Keys[key].Generated.Spki);
        return Base64(challenge) is { } data && Base64(signature) is { } signed && data.Length == prefix.Length + Challenges.RandomBytes
            && data.AsSpan().StartsWith(prefix)
            && KeyAlgorithm.Of(spki) is { } algorithm && algorithm.Verify(spki, data, signed)
            ? null : $"its challenge does not verify under the key \"{key}\".";
    }

    // ---- what leaves the room ----

    private static string? Results(ResultsFound f) =>
        f.Results.All(r => FindingForms.IsText(r.Path) && FindingForms.IsText(r.Type) && r.Length > 0 && IsSha256(r.Sha256))
            && f.Others.All(FindingForms.IsText)
            && f.Results.Select(r => r.Path).Concat(f.Others).Distinct().Count() == f.Results.Length + f.Others.Length
            ? null : "a result is none, or stands twice.";

    private static string? Recorded(TerminalRecorded f) => f.Sessions.All(r =>
            r.Session is >= 1 and <= TerminalCast.MaxSessions && r.Length is >= 1 and <= TerminalCast.MaxBytes && IsSha256(r.Sha256))
        && f.Sessions.Zip(f.Sessions.Skip(1)).All(p => p.First.Session < p.Second.Session)
        && f.Sessions.Select(r => r.Sha256).Distinct().Count() == f.Sessions.Length
            ? null : "a recording is none, stands twice or in another order.";

    private static string? Checkpoint(CeremonyState s, SignCheckpoint e, CheckpointSigned f)
    {
        if (f.Seq != s.Last.Seq || f.Head != s.Last.HashHex)
            return "it is about another entry than the last one.";
        if (Base64(f.Statement) is not { } bytes || CheckpointStatement.Read(bytes) is not { } statement || Base64(f.Cms) is null)
            return "its statement is not in exact form.";
        if ((f.Cosignature is null) != (e.Cosigner is null) || f.Cosignature is { } cosignature && Base64(cosignature) is null)
            return "it does not hold one signature of each transcript key.";
        return (statement.LedgerId, statement.Environment, statement.Ceremony, statement.ScriptSha256,
            statement.Seq, statement.Head, statement.SignedAfter)
            == (s.World.LedgerId, s.World.Environment, s.Id, s.Script.Sha256, s.Last.Seq, s.Last.HashHex, s.Last.Utc)
            ? null : "its statement is about another ledger, environment, ceremony, script, entry or time.";
    }

    /// <summary>What the signed statement covers, the statement, its signatures, and the sums of them all.</summary>
    private static string? Exported(CheckpointSigned checkpoint, BundleExported f)
    {
        CheckpointStatement statement = CheckpointStatement.Read(Convert.FromBase64String(checkpoint.Statement))!;
        string[] signatures = checkpoint.Cosignature is null ? [CheckpointStatement.CmsName]
            : [CheckpointStatement.CmsName, CheckpointStatement.CosignatureName];
        string[] due = [.. statement.Files.Keys.Concat([CheckpointStatement.FileName, .. signatures, CheckpointStatement.SumsName])
            .Order(StringComparer.Ordinal)];
        byte[] sums = statement.Sums(Convert.FromBase64String(checkpoint.Cms),
            checkpoint.Cosignature is { } cosignature ? Convert.FromBase64String(cosignature) : null);
        return f.Sums != Sha256(sums) ? "its SHA256SUMS is not that of what was signed."
            : f.Files.Order(StringComparer.Ordinal).SequenceEqual(due) ? null : "its files are not those of what was signed.";
    }

    // ---- forms ----

    /// <summary>SLIP-39: 15 bits.</summary>
    private const int MaxIdentifier = (1 << 15) - 1;

    private static string PrimarySerial(CeremonyState s) => s.World.Primary?.Commissioned.Serial ?? "";

    /// <summary>Facts are compared as they stand in the journal.</summary>
    private static string? Same(EntryBody found, EntryBody due)
    {
        if (Entry.SameBody(found, due))
            return null;
        return $"it says something else than was to be done: {Entry.Difference(found, due)}.";
    }

    private static bool IsShown(string text) => text.Length <= 100 && PlainText.Is(text);

    internal static bool IsSha256(string text) => text.Length == 2 * SHA256.HashSizeInBytes && text.All(char.IsAsciiHexDigitLower);

    /// <summary>Null when it is not Base64 in its one form, or nothing.</summary>
    internal static byte[]? Base64(string text) => ExactBase64.Read(text) is { Length: > 0 } bytes ? bytes : null;

    internal static string Sha256(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\A0x[0-9A-F]{4,16}\z")]
    private static partial Regex Mechanism();

    [GeneratedRegex(@"\A[a-z0-9-]{1,40}\z")]
    private static partial Regex FamilyName();

    [GeneratedRegex(@"\A[0-9a-f]{16}\z")]
    private static partial Regex KeyCheck();
}
