using System.Collections.Immutable;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KeyCeremony.App.Bundle;
using KeyCeremony.App.Ground;
using KeyCeremony.App.Ledger;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Sharing;
using KeyCeremony.Pkcs11;
using KeyCeremony.Verifier;

namespace KeyCeremony.App.Room;

/// <summary>Where requests, certificates, revocation lists and batch manifests are worked on.</summary>
internal sealed record Desks(CameraDesk Camera, ImportStick Imports, CertificateDesk Certificates, CrlDesk Crls, ManifestDesk Manifests,
    ReleaseDesk Releases)
    : IDisposable
{
    public static Desks Open(string? importFolder, IReadOnlyList<string> sticks,
        SecondOpinion second, string temporaryDirectory, Action? attachImport = null, CameraDesk? camera = null)
    {
        var imports = new ImportStick(importFolder, attachImport, camera);
        return new Desks(camera ?? CameraDesk.None, imports, new CertificateDesk(imports, second, new Zlint(temporaryDirectory)),
            new CrlDesk(imports, new ListStore(sticks), temporaryDirectory), new ManifestDesk(imports, second, temporaryDirectory),
            new ReleaseDesk(imports));
    }

    public void Dispose() => Crls.Dispose();
}

/// <summary>Does what the ceremony wants done and brings the fact back. With the loop the only impure place.</summary>
/// <param name="stick">Writes the bundle to a real stick; null: into <paramref name="outDirectory"/>.</param>
/// <param name="eyes">Looks at a token a second time.</param>
internal sealed class Performer(RecordLedger ledger, Hsm hsm, SecondLook eyes, Custody custody,
    ApplianceGate gate, SecondOpinion second, Desks desks, string outDirectory, StickExport? stick = null)
{
    /// <summary>Of an export's time, before it is read back.</summary>
    private const double WritingShare = 0.7;

    /// <summary>Of the terminal; null: the script does not say so.</summary>
    public TerminalRecording? Recording { get; init; }

    /// <summary>What people show as QR codes meanwhile.</summary>
    public ResultDesk Results { get; } = new(() => ledger.Entries, desks.Crls);

    /// <summary>0 to 1 of the effect that runs, or null when it cannot be known. Read by the screen.</summary>
    public double? Progress { get; private set; }

    public CameraDesk Camera => desks.Camera;

    /// <summary>Whether people aim a camera for this effect: then it is not <see cref="Perform"/> that does it.</summary>
    public bool IsAimed(Effect effect) => effect is ReadByCamera && !desks.Camera.IsPlayed;

    public Message Perform(CeremonyState state, Effect effect) => Try(effect, () =>
    {
        Progress = null;
        if (!state.Unlocked)
            hsm.Close();
        return Fact(state, effect);
    });

    /// <summary>On any thread: nothing of the HSM is touched.</summary>
    public Message ReadByCamera(ReadByCamera effect, LookForCodes look) => Try(effect, () => desks.Camera.Read(effect, look));

    private Message Try(Effect effect, Func<EntryBody> fact)
    {
        try
        {
            return new Happened(effect, fact());
        }
        catch (HsmException e)
        {
            hsm.Close();
            return new Broke(effect, HostRules.Where(e), e.Sentence);
        }
        catch (CeremonyException e)
        {
            return new Broke(effect, e.Refusal.Rule, $"{e.Refusal.Message} {e.Refusal.Remedy}");
        }
        catch (CryptographicException e)
        {
            return new Broke(effect, e.GetType().Name, e is KeyFaultException fault ? fault.Sentence
                : "The cryptographic library refused what it was given. Nothing was signed that was not shown before.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Broke(effect, e.GetType().Name, e is SpokenException spoken ? spoken.Sentence
                : $"A file or a stick did not do what it was asked for: {FileFaults.InWords(e)}. What was recorded before is whole.");
        }
    }

    private EntryBody Fact(CeremonyState s, Effect effect) => effect switch
    {
        InspectAppliance => gate.Inspect(),
        InspectLedger => ledger.Inspect(),
        ProbeToken p => hsm.Probe(p, PrimarySerial(s), s.World.Departed, s.Format),
        MakeShares m => Make(s, m),
        CombineSubsets c => custody.CombineSubsets(c.Set, p => Progress = (double)p.Done / p.Total),
        RebuildSecret r => custody.Rebuild(r),
        RebuildForeign r => custody.Rebuild(r),
        ForgetSecret f => custody.Forget(f.Set),
        CommissionToken c => Commission(s, c),
        ChangePins c => ChangePins(s, c),
        UnlockToken u => Unlock(s, u),
        LockToken l => LockUp(l),
        LookForImports l => desks.Imports.Look(l.Kind),
        ReadByCamera r => desks.Camera.Read(r),
        ReadRequest r => desks.Certificates.Read(s, r, BundleFiles.KnownKeys(ledger.Entries)),
        ReadCertificate r => desks.Certificates.Read(s, r),
        ReadRevocations r => desks.Crls.Read(s, r),
        PreviewCertificate p => desks.Certificates.Preview(s, p),
        PreviewCrl p => desks.Crls.Preview(s, p, done => Progress = done),
        SignCrl c => desks.Crls.Sign(s, c, new ListSigner(hash => hsm.SignHash(c.SignerCkaId, c.SignerAlgorithm, hash.ToArray()),
            message => hsm.SignMessage(c.SignerCkaId, message)), second, done => Progress = done),
        ReadBatch b => desks.Manifests.Read(s, b, done => Progress = done),
        SignManifest m => desks.Manifests.Sign(s, m, (key, pae) => SignPae(key, pae, "a signature of the envelope"),
            (key, hash) => hsm.SignHash(key.CkaId, key.Generated.Algorithm, hash)),
        ReadBuilder b => desks.Releases.Read(s, b),
        ReadRelease r => desks.Releases.Read(s, r),
        CompareRelease c => desks.Releases.Compare(s, c),
        SignRelease r => ReleaseDesk.Sign(s, r, (key, hash) => hsm.SignDigest(key.CkaId, key.Generated.Algorithm, hash),
            (key, hash) => hsm.SignHash(key.CkaId, key.Generated.Algorithm, hash)),
        GenerateKey g => Tried(s, hsm.Generate(g)),
        AdoptKey a => Tried(s, hsm.Adopt(a)),
        LookAgain { Token: "former" } l => InFormer(s, s.World.Former!.Token.Commissioned.Set, pin => hsm.LookIntoFormer(l, eyes, pin)),
        DestroyInFormer d => InFormer(s, d.Set, pin => hsm.DestroyInFormer(d, pin)),
        LookAgain l => hsm.LookAgain(l, eyes),
        LookForLeftovers l => hsm.Leftovers(l),
        SignCertificate c => desks.Certificates.Sign(s, c, hsm),
        BackUpKey b => BackUp(s, b),
        RewrapKey r => Rewrap(s, r),
        DestroyWrapKey d => DestroyWrapKey(d),
        DrillRecovery d => Drill(s, d),
        LockKey l => Lock(s, l),
        LinkRoots l => Link(s, l),
        WithdrawRoot w => Withdraw(s, w),
        RestoreKey r => Restore(s, r),
        DestroyKey d => hsm.Destroy(d),
        GatherResults => Results.Gather(),
        KeepRecording => Recording?.Keep() ?? new TerminalRecorded([]),
        SignCheckpoint c => Checkpoint(c),
        StoreHead h => new HeadStored(h.Seq, h.Head, hsm.StoreHead(s.World.LedgerId, h.Seq, h.Head)),
        ExportBundle => Export(s),
        _ => throw new System.Diagnostics.UnreachableException(effect.Name),
    };

    private SharesMade Make(CeremonyState s, MakeShares effect)
    {
        using SecretBytes random = hsm.Random(blank: !s.Unlocked, s.Probes.GetValueOrDefault("primary")?.Serial);
        return custody.Make(effect, random, [.. s.World.Sets.Values.Select(x => x.Made.Identifier)]);
    }

    private TokenCommissioned Commission(CeremonyState s, CommissionToken effect)
    {
        TokenProbed probe = s.Probes["primary"];
        int length = ActivationPin.LengthFor(probe.PinMin, probe.PinMax);
        using Pins pins = custody.Pins(s.World.LedgerId, effect.Set, length);
        return hsm.Commission(effect, pins.SecurityOfficer, pins.User, ActivationPin.Bits(length));
    }

    /// <summary>They stay as long as they were.</summary>
    private ActivationChanged ChangePins(CeremonyState s, ChangePins effect)
    {
        int length = s.World.Primary!.Commissioned.PinLength;
        using Pins before = custody.Pins(s.World.LedgerId, effect.From, length);
        using Pins after = custody.Pins(s.World.LedgerId, effect.Set, length);
        return hsm.ChangePins(effect, before, after);
    }

    private TokenUnlocked Unlock(CeremonyState s, UnlockToken effect)
    {
        using Pins pins = custody.Pins(s.World.LedgerId, effect.Set, s.World.Primary!.Commissioned.PinLength);
        return hsm.Unlock(effect, pins.User);
    }

    private T InFormer<T>(CeremonyState s, string set, Func<SecretBytes, T> use)
    {
        using Pins pins = custody.Pins(s.World.LedgerId, set, s.World.Former!.Token.Commissioned.PinLength);
        return use(pins.User);
    }

    private TokenLocked LockUp(LockToken effect)
    {
        hsm.Close();
        return new TokenLocked(effect.Serial);
    }

    private KeyBackedUp BackUp(CeremonyState s, BackUpKey effect)
    {
        SecretBytes wrapKey = custody.Secret(effect.Set);
        return Sealed(s, effect, wrapKey, hsm.Wrap(effect, wrapKey));
    }

    private KeyBackedUp Rewrap(CeremonyState s, RewrapKey effect)
    {
        SecretBytes from = custody.Secret(effect.From), to = custody.Secret(effect.Set);
        BackupBlob blob = Checked(effect.Blob, from);
        byte[] wrapped = hsm.Rewrap(blob, from, to, effect.Mechanism, PrimarySerial(s), effect.Serial);
        var backup = new BackUpKey(effect.Key, "", effect.Algorithm, effect.Spki, effect.Set, effect.Mechanism, effect.Wrap);
        return Sealed(s, backup, to, wrapped) with { From = effect.From };
    }

    private static KeyBackedUp Sealed(CeremonyState s, BackUpKey effect, SecretBytes wrapKey, byte[] wrapped)
    {
        using SecretBytes mac = BackupMac.DeriveKey(wrapKey);
        byte[] blob = BackupBlob.Seal(s.World.LedgerId, effect.Key, effect.Algorithm,
            Convert.ToHexStringLower(SHA256.HashData(Convert.FromBase64String(effect.Spki))),
            effect.Set, KeyCheckValue.Of(wrapKey), effect.Wrap, wrapped, mac).Bytes();
        return new KeyBackedUp(effect.Key, effect.Set, Convert.ToBase64String(blob), Convert.ToHexStringLower(SHA256.HashData(blob)));
    }

    private WrapKeyDestroyed DestroyWrapKey(DestroyWrapKey effect)
    {
        hsm.DestroyWrapKeys();
        _ = custody.Forget(effect.Set);
        return new WrapKeyDestroyed(effect.Set);
    }

    private BackupDrilled Drill(CeremonyState s, DrillRecovery effect)
    {
        SecretBytes wrapKey = custody.Secret(effect.Set);
        BackupBlob blob = Checked(effect.Blob, wrapKey);
        byte[] challenge = Challenge(s, Challenges.Drill, effect.Set, effect.Key), spki = Spki(effect.CertificateDer);
        (string serial, byte[] signature) = hsm.Drill(blob, wrapKey, effect.Mechanism, challenge, spki, PrimarySerial(s), effect.Serial);
        return new BackupDrilled(effect.Key, effect.Set, serial, Convert.ToBase64String(challenge), Convert.ToBase64String(signature));
    }

    private KeyGenerated Tried(CeremonyState s, KeyGenerated made) =>
        made.Extractable ? made : made with { Tried = TryWrap(s, made.CkaId) };

    private KeyLocked Lock(CeremonyState s, LockKey effect)
    {
        hsm.Lock(effect.KeyCkaId);
        return new KeyLocked(effect.Key, TryWrap(s, effect.KeyCkaId));
    }

    private RootsLinked Link(CeremonyState s, LinkRoots effect) =>
        new(effect.Statement, [.. effect.Roots.All.Select(root => SignedBy(s, root, effect.Statement))]);

    private RootWithdrawn Withdraw(CeremonyState s, WithdrawRoot effect) =>
        new(effect.Root, effect.Statement, SignedBy(s, effect.Successor, effect.Statement));

    /// <param name="statement">Base64 of what the root signs in its pre-authentication encoding.</param>
    private ManifestSignature SignedBy(CeremonyState s, string root, string statement)
    {
        byte[] pae = Dsse.Pae(Convert.FromBase64String(statement));
        KeyFact key = s.World.Keys[s.World.Certificates[root].Signed.Key];
        byte[] signature = SignPae(key, pae, "a root's signature over a statement about roots");
        return new ManifestSignature(root, Dsse.KeyId(Convert.FromBase64String(key.Generated.Spki)), Convert.ToBase64String(signature));
    }

    /// <summary>Whatever kind the key is: of ML-DSA it signs the encoding itself, else its hash.</summary>
    private byte[] SignPae(KeyFact key, byte[] pae, string what)
    {
        using TokenSignatureGenerator generator = hsm.Generator(key.CkaId, key.Generated.Algorithm, key.Generated.Spki);
        byte[] signature = generator.SignData(pae, generator.HashAlgorithm);
        SecondOpinion.AskAboutSignature(what, pae, signature, Convert.FromBase64String(key.Generated.Spki));
        return signature;
    }

    /// <summary>A ceremony of the first format goes on by its own rules.</summary>
    private Finding? TryWrap(CeremonyState s, string ckaId) => s.Format < JournalFormats.Replayed ? null : hsm.TryWrap(ckaId, s.Format);

    private KeyRestored Restore(CeremonyState s, RestoreKey effect)
    {
        SecretBytes wrapKey = custody.Secret(effect.Set);
        BackupBlob blob = Checked(effect.Blob, wrapKey);
        byte[] challenge = Challenge(s, Challenges.Restore, effect.Set, effect.Key), spki = Spki(effect.CertificateDer);
        byte[] signature = hsm.Restore(effect, blob, wrapKey, challenge, spki);
        return new KeyRestored(effect.Key, effect.Set, effect.Id, hsm.PrimarySerial,
            Convert.ToBase64String(challenge), Convert.ToBase64String(signature), TryWrap(s, effect.Id));
    }

    private CheckpointSigned Checkpoint(SignCheckpoint effect)
    {
        CheckpointStatement statement = BundleFiles.Statement(ledger.Entries);
        byte[] bytes = statement.Write();
        return new CheckpointSigned(statement.Seq, statement.Head, Convert.ToBase64String(bytes),
            Convert.ToBase64String(Signed(bytes, effect.Signer)),
            effect.Cosigner is { } second ? Convert.ToBase64String(Cosigned(bytes, second)) : null);
    }

    private byte[] Signed(byte[] statement, TranscriptSigner by)
    {
        IReadOnlyList<ParsedCertificate> parsed = PathOf(by);
        X509Certificate2[] path = [.. parsed.Select(c => X509CertificateLoader.LoadCertificate(c.Der.Span))];
        try
        {
            byte[] cms = StatementSigning.Sign(statement, path[0], path, hash => hsm.SignHash(by.CkaId, by.Algorithm, hash),
                ledger.Last.Utc);
            SecondOpinion.AskAboutCheckpoint(statement, cms, parsed);
            return cms;
        }
        finally
        {
            foreach (X509Certificate2 certificate in path)
                certificate.Dispose();
        }
    }

    private byte[] Cosigned(byte[] statement, TranscriptSigner by)
    {
        IReadOnlyList<ParsedCertificate> path = PathOf(by);
        using TokenSignatureGenerator generator = hsm.Generator(by.CkaId, by.Algorithm,
            Convert.ToBase64String(path[0].ToBeSigned.SubjectPublicKeyInfo.Span));
        byte[] cms = StatementSigning.Cosign(statement, path, attributes => generator.SignData(attributes, generator.HashAlgorithm),
            ledger.Last.Utc);
        SecondOpinion.AskAboutCheckpoint(statement, cms, path);
        return cms;
    }

    private IReadOnlyList<ParsedCertificate> PathOf(TranscriptSigner signer) =>
        new JournalFacts(ledger.Entries).PathOf(Convert.FromBase64String(signer.Certificate))
            ?? throw new UnreachableException("the transcript certificate has no path");

    private BundleExported Export(CeremonyState s)
    {
        CheckpointSigned checkpoint = s.World.Checkpoint!;
        ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> files = BundleFiles.Compose(ledger.Entries, checkpoint);
        ImmutableArray<BundleList> lists = BundleList.Of(ledger.Entries[..(int)checkpoint.Seq]);
        long done = 0, all = files.Values.Sum(f => (long)f.Length) + lists.Sum(l => l.Length);
        ExportedBundle Write(string place, Action answered)
        {
            void Written(int bytes)
            {
                answered();
                done += bytes;
                Progress = WritingShare * done / all;
            }
            return BundleExport.TryWrite(files, lists, desks.Crls.Open, BundleFiles.FolderName(ledger.Entries, checkpoint.Seq),
                place, Written, out ExportedBundle? written, out Refusal? refusal)
                ? written : throw new CeremonyException(refusal);
        }
        ExportedBundle exported = stick is null
            ? Write(outDirectory, () => { })
            : stick.Write(Write, share => Progress = WritingShare + (1 - WritingShare) * share);
        return new BundleExported(exported.Sums, [.. exported.Files]);
    }

    private static BackupBlob Checked(string base64, SecretBytes wrapKey)
    {
        using SecretBytes mac = BackupMac.DeriveKey(wrapKey);
        if (!BackupBlob.TryRead(Convert.FromBase64String(base64), out BackupBlob? blob, out Refusal? refusal))
            throw new CeremonyException(refusal);
        return blob.Check(mac) is { } wrong ? throw new CeremonyException(wrong) : blob;
    }

    private static byte[] Challenge(CeremonyState s, string purpose, string set, string key) =>
        [.. Challenges.Beginning(s, purpose, set, key), .. RandomNumberGenerator.GetBytes(Challenges.RandomBytes)];

    private static byte[] Spki(string certificateDer)
    {
        using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(Convert.FromBase64String(certificateDer));
        return certificate.PublicKey.ExportSubjectPublicKeyInfo();
    }

    private static string? PrimarySerial(CeremonyState s) => s.World.Primary?.Commissioned.Serial;
}
