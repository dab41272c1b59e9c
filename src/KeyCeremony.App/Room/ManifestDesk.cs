using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KeyCeremony.App.Bundle;
using KeyCeremony.App.Ground;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Manifest.Devices;
using KeyCeremony.Verifier;

namespace KeyCeremony.App.Room;

/// <summary>
/// Reads what the factory says it built, compares it with the ledger and with every file that lies on the stick, writes the
/// exact statement, and signs the statements that were taken.
/// </summary>
internal sealed class ManifestDesk(ImportStick imports, SecondOpinion second, string temporaryDirectory)
{
    /// <summary>A batch that cannot be taken is a fact too: another file may be chosen.</summary>
    public EntryBody Read(CeremonyState s, ReadBatch effect, Action<double> progress)
    {
        if (!imports.TryReadStatement(effect.File, out byte[]? bytes, out Refusal? refusal)
            || !BatchStatement.TryRead(bytes, out BatchStatement? draft, out refusal))
            return Refused("", effect.File, refusal);
        if (!draft.IsDraft)
            return Refused(draft.BatchId, effect.File, new Refusal(ImportRules.NoDraft,
                "It is a statement that a ceremony has written already.", "Bring the draft that the factory's build wrote."));
        BatchLedger ledger = BatchPlanning.Ledger(s.World, s.Id);
        BatchStatement statement = draft with
        {
            PrevManifest = draft.PrevManifest ?? ledger.Predecessor(draft),
            CeremonyTranscriptHash = effect.TranscriptHash,
        };
        ImmutableArray<Refusal> wrong = [.. ledger.Check(statement, s.Last.Utc)];
        if (!wrong.IsEmpty)
            return Refused(draft.BatchId, effect.File, wrong[0] with { Message = string.Join(' ', wrong.Select(w => w.Message)) });
        if (!TryCompare(statement, progress, out ImmutableArray<Finding> compared, out refusal))
            return Refused(draft.BatchId, effect.File, refusal);
        byte[] written = statement.Write();
        return new BatchPreviewed(statement.BatchId, effect.File, Sha256(bytes),
            Convert.ToBase64String(written), Sha256(written), [.. BatchPlanning.Asked(s.World, ledger, statement), .. compared]);
    }

    /// <param name="sign">A signature of a key over a message, which a second implementation accepted.</param>
    /// <param name="signHash">The same over a hash, for the CMS.</param>
    public ManifestSigned Sign(CeremonyState s, SignManifest effect, Func<KeyFact, byte[], byte[]> sign,
        Func<KeyFact, byte[], byte[]> signHash)
    {
        byte[] statement = Convert.FromBase64String(s.World.Batches[effect.BatchId].Preview.Statement);
        if (Sha256(statement) != effect.StatementSha256)
            throw new CeremonyException(new Refusal(ImportRules.OtherStatement, "The statement is not the one that was previewed.",
                "Do not sign it. Abort, and find out what changed."));
        byte[] pae = Dsse.Pae(statement);
        ImmutableArray<ManifestSignature> signatures = [.. effect.Signers.All.Select(name => Sign(s, name, pae, sign))];
        (byte[] cms, string verdict) = SignCms(s, effect.Signers.All[0], statement, signHash);
        return new ManifestSigned(effect.BatchId, effect.StatementSha256, signatures, Convert.ToBase64String(cms), verdict);
    }

    /// <summary>
    /// Every file that the statement names is compared where it lies on the stick; the devices are counted and hashed again.
    /// </summary>
    private bool TryCompare(BatchStatement batch, Action<double> progress, out ImmutableArray<Finding> compared,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        (compared, refusal) = ([], null);
        foreach (BatchSubject subject in batch.Subjects)
        {
            using FileStream? file = imports.FindNamed(subject.Name);
            if (file is null)
            {
                compared = compared.Add(BatchFindings.NotCompared(subject.Name));
                continue;
            }
            if (Convert.ToHexStringLower(SHA256.HashData(file)) != subject.Sha256)
            {
                refusal = new Refusal(ImportRules.OtherFile, $"{subject.Name} on the stick is not the file that the statement names.",
                    "Bring the right file, or have the statement built again.");
                return false;
            }
            compared = compared.Add(BatchFindings.Compared(subject.Name));
        }
        if (!TryCount(batch, progress, out Finding? counted, out refusal))
            return false;
        compared = compared.Insert(0, counted);
        return true;
    }

    /// <summary>The tree of the devices is built once more, from the list and the salts; without them the room is told so.</summary>
    private bool TryCount(BatchStatement batch, Action<double> progress, [NotNullWhen(true)] out Finding? counted,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        (counted, refusal) = (null, null);
        string list = batch.Subjects[0].Name, saltsName = BatchFindings.SaltsOf(batch.BatchId);
        if (!TryReadSalts(saltsName, out SaltKey? salts, out refusal))
            return false;
        using (salts)
        {
            if (salts is null || !imports.Has(list))
            {
                counted = BatchFindings.NotCounted(salts is null ? saltsName : list);
                return true;
            }
            var input = new DeviceTreeInput
            {
                OpenList = () => imports.FindNamed(list) ?? throw new FileFaultException($"{list} is not on the stick any more."),
                Salts = salts,
                NewScratch = () => ScratchFiles.NewIn(temporaryDirectory),
                Threads = Environment.ProcessorCount,
                Progress = p => progress(p.TotalBytes is > 0 and var all ? (double)p.Bytes / all : 0),
            };
            if (!DeviceTree.TryCompute(input, out DeviceTreeResult? tree, out DeviceListProblems? problems))
                refusal = problems.Refusal;
            else if (tree.TreeSize != batch.Devices.TreeSize || Convert.ToHexStringLower(tree.ListSha256.Span) != batch.Subjects[0].Sha256
                || Convert.ToHexStringLower(tree.Root.Span) != batch.Devices.Root)
                refusal = new Refusal(ImportRules.OtherDevices,
                    $"The {tree.TreeSize:N0} devices of {list} are not those of the statement, which names {batch.Devices.TreeSize:N0}.",
                    "The list or the salts belong to another batch, or were changed: have the statement built again.");
            else
                counted = BatchFindings.Counted(tree.TreeSize);
            return counted is not null;
        }
    }

    private bool TryReadSalts(string name, out SaltKey? salts, [NotNullWhen(false)] out Refusal? refusal)
    {
        (salts, refusal) = (null, null);
        if (!imports.Has(name))
            return true;
        if (!imports.TryRead(name, out byte[]? bytes, out refusal))
            return false;
        try
        {
            return SaltKey.TryRead(bytes, out salts, out refusal);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    private static ManifestSignature Sign(CeremonyState s, string name, byte[] pae, Func<KeyFact, byte[], byte[]> sign)
    {
        CertificateFact known = s.World.Certificates[name];
        byte[] signature = sign(s.World.Keys[known.Signed.Key], pae);
        if (!Dsse.Holds(known.Parsed, pae, signature))
            throw new CeremonyException(new Refusal(CeremonyRules.NoManifestSigner,
                $"The signature of \"{name}\" does not verify under its certificate.", "Do not use this HSM."));
        return new ManifestSignature(name, Dsse.KeyId(known.Parsed), Convert.ToBase64String(signature));
    }

    private (byte[] Cms, string Verdict) SignCms(CeremonyState s, string name, byte[] statement, Func<KeyFact, byte[], byte[]> signHash)
    {
        CertificateFact known = s.World.Certificates[name];
        X509Certificate2[] path = [.. BatchPlanning.Path(s.World, name)
            .Select(c => X509CertificateLoader.LoadCertificate(Convert.FromBase64String(c.Signed.Der)))];
        try
        {
            byte[] cms = StatementSigning.Sign(statement, path[0], path,
                hash => signHash(s.World.Keys[known.Signed.Key], hash), s.Last.Utc);
            return (cms, second.AskAboutManifest(s.Format, statement, cms, [.. path.Select(c => c.RawData)]));
        }
        finally
        {
            foreach (X509Certificate2 certificate in path)
                certificate.Dispose();
        }
    }

    private static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static ImportRefused Refused(string batch, string file, Refusal refusal) =>
        new(ImportWords.Batch, batch, file, refusal.Rule, refusal.Message, refusal.Remedy);
}
