using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Script;

/// <summary>The model's part that follows keys from their making over backup, drill and lock to another HSM.</summary>
internal sealed partial class ScriptFold
{
    private void TakeGenerate(GenerateKeyStep generate)
    {
        NeedUnlocked();
        var previews = _certificates.Values.Where(c => c.Preview?.Key == generate.Key).ToList();
        if (_keys.ContainsKey(generate.Key))
            Error(CheckRules.Key, $"There is a key `{generate.Key}` already.", "Give the new key another name.");
        if (previews.Count == 0)
            Error(CheckRules.PreviewFirst, $"The key `{generate.Key}` is generated and no certificate for it was previewed.",
                "Preview its certificate before: a mistake found then leaves no orphaned key behind.");
        else if (!_approved) Warn(CheckRules.Approval, "A key is generated and nobody has approved the previewed certificates.",
            "Put a `do: confirm` step between.");
        foreach (CertificateState? preview in previews.Where(c => c.Preview!.Algorithm != generate.Algorithm))
            Error(CheckRules.Algorithm,
                $"The key is {generate.Algorithm}; the certificate `{preview.Name}` was previewed for {preview.Preview!.Algorithm}.",
                "Write the same algorithm, best as one parameter.");
        if (generate.Purpose == KeyPurposes.Release && KeyAlgorithm.IsNameOfMlDsa(generate.Algorithm))
            Error(CheckRules.MlDsa, "The release key is of ML-DSA, and no ceremony signs releases with such a key.",
                "Write a classical kind for it: it signs for some years, and another one takes its place long before the root's does.");
        if (generate is { Purpose: not (KeyPurposes.Ca or KeyPurposes.Release), Backup: true })
            Error(CheckRules.Backup, $"The {generate.Purpose} key is to be backed up.",
                "Write `backup: false`: a copy could sign a second record, and a new key can always take its place.");
        if (generate is { Purpose: KeyPurposes.Release, Algorithm: not ("ec-p256" or "ec-p384" or "rsa-3072") })
            Error(CheckRules.Release, $"The release key is {generate.Algorithm}.",
                "Write ec-p256, ec-p384 or rsa-3072: other signatures on releases are not made here.");
        _keys[generate.Key] = new KeyState(generate.Key)
        {
            Purpose = generate.Purpose,
            IsMlDsa = KeyAlgorithm.IsNameOfMlDsa(generate.Algorithm),
            WantsBackup = generate.Backup,
            Locked = !generate.Backup,
        };
    }

    /// <summary>
    /// Where ML-DSA may stand, and what under what. An issuer that only the ledger knows has no kind here: its ceremony asks again.
    /// </summary>
    private void CheckMlDsa(PreviewCertificateStep preview)
    {
        if (!KeyAlgorithm.TryParse(preview.Algorithm, out KeyAlgorithm? key))
            return;
        if (CertificateProfile.TryParse(preview.Profile, out CertificateProfile? profile)
            && PlanRules.CheckPlace(profile, key) is { } place)
            Error(CheckRules.MlDsa, place.Message, place.Remedy);
        bool selfSigned = preview.Issuer == preview.Certificate;
        KeyAlgorithm? signer = selfSigned ? key
            : _certificates.GetValueOrDefault(preview.Issuer)?.Preview?.Algorithm is { } name && KeyAlgorithm.TryParse(name,
                out KeyAlgorithm? known) ? known : null;
        if ((PlanRules.CheckUnderMlDsa(key, signer) ?? PlanRules.CheckUnderClassical(key, signer, preview.UnderClassical)) is { } under)
            Error(CheckRules.MlDsa, under.Message, under.Remedy);
        else if (preview.UnderClassical.Length == 0) return;
        else if (!key.IsMlDsa || signer is { IsMlDsa: true })
            Error(CheckRules.MlDsa, "A reason is given for what is not so: no ML-DSA key stands under a classical one here.",
                "Leave `under-classical` out.");
        else
            Warn(CheckRules.MlDsa, $"The ML-DSA key of `{preview.Certificate}` is believed for as long as the classical key above it is.",
                "Have the reason in `under-classical` approved with the script; an ML-DSA root beside the classical one needs none.");
    }

    private void TakeBackup(BackupKeyStep backup)
    {
        NeedUnlocked();
        Use(NeedBackupSet(backup.Set), "their wrap key wraps it");
        if (_sets.TryGetValue(backup.Set, out ShareSetState? set) && set.WrapKeyDestroyed)
            Error(CheckRules.WrapKey, "The wrap key is gone before the key was wrapped.", "Back up before `do: destroy-wrap-key`.");
        if (NeedKey(backup.Key) is not { } key) return;
        if (key.BackedUp)
            Error(CheckRules.Backup, $"The key `{key.Name}` is backed up twice.", "Back it up once; every copy must be accounted for.");
        else if (key.Locked) Error(CheckRules.Backup, $"The key `{key.Name}` cannot be wrapped: it is locked.",
            "Generate it with `backup: true` and lock it after the drill.");
        key.BackedUp = true;
    }

    /// <summary>Key, certificate and the cards that bring it out are the ledger's; what they wrap it under is dealt before.</summary>
    private void TakeRewrap(RewrapKeyStep rewrap)
    {
        NeedOpening();
        NeedOfficers();
        _drilled = true;
        if (!_drillHsmBlank) Error(CheckRules.Drill, "The key comes out of its backup in the drill HSM, which was not inspected.",
            "Put `do: inspect-hsm` with `token: drill`, `expect: blank` before it.");
        Use(NeedBackupSet(rewrap.Set), "the new wrap key is on them");
        if (_sets.TryGetValue(rewrap.Set, out ShareSetState? set) && set.WrapKeyDestroyed)
            Error(CheckRules.WrapKey, "The wrap key is gone before the key was wrapped.",
                "Make the backup anew before `do: destroy-wrap-key`.");
        if (_keys.ContainsKey(rewrap.Key))
            Error(CheckRules.Key, $"There is a key `{rewrap.Key}` at this step already.",
                "Make anew the backup of a key that only the ledger knows, and each once.");
        _keys[rewrap.Key] = new KeyState(rewrap.Key)
        {
            Restored = true,
            Rewrapped = true,
            WantsBackup = true,
            Locked = true,
            BackedUp = true,
        };
        _certificates[rewrap.Key] = new CertificateState(rewrap.Key) { Signed = true };
    }

    private void TakeDestroyWrapKey(DestroyWrapKeyStep destroy)
    {
        NeedUnlocked();
        if (!_sets.TryGetValue(NeedBackupSet(destroy.Set), out ShareSetState? set))
        {
            Error(CheckRules.ShareSet, $"The {destroy.Set} shares were not dealt.", "Deal them before, or leave this step out.");
            return;
        }
        if (set.WrapKeyDestroyed) Error(CheckRules.WrapKey, "The wrap key is destroyed already.", "Destroy it once.");
        set.WrapKeyDestroyed = true;
    }

    private void TakeDrill(RecoveryDrillStep drill)
    {
        NeedOpening();
        NeedOfficers();
        _drilled = true;
        if (!_drillHsmBlank) Error(CheckRules.Drill, "The drill HSM was not inspected.",
            "Put `do: inspect-hsm` with `token: drill`, `expect: blank` before it.");
        if (_sets.TryGetValue(NeedBackupSet(drill.Set), out ShareSetState? set) && !set.WrapKeyDestroyed)
            Error(CheckRules.WrapKey, "The drill would prove nothing: the wrap key still exists.", "Put `do: destroy-wrap-key` before it.");
        if (NeedKey(drill.Key) is not { } key) return;
        if (!key.BackedUp)
            Error(CheckRules.Drill, $"The key `{key.Name}` has no backup to drill.", "Put `do: backup-key` before the drill.");
        if (!CertifiesSigned(key.Name))
            Error(CheckRules.Drill, $"The drill's challenge has no certificate to verify under: that of `{key.Name}` is not signed.",
                "Sign the certificate before the drill.");
        key.Drilled = true;
    }

    private void TakeLock(LockKeyStep locking)
    {
        NeedUnlocked();
        if (NeedKey(locking.Key) is not { } key) return;
        if (key.Locked) Error(CheckRules.Lock, $"The key `{key.Name}` is locked already.", "Leave this step out.");
        else if (!key.BackedUp) Error(CheckRules.Lock, $"The key `{key.Name}` is locked before its backup.", "Lock it after the drill.");
        else if (!key.Drilled) Error(CheckRules.Lock, $"The key `{key.Name}` is locked before its drill.",
            "Lock it after the drill: a backup that fails must be made again.");
        key.Locked = true;
    }

    /// <summary>A root that only the ledger knows is asked for on the day.</summary>
    private void TakeLink(LinkRootsStep link)
    {
        NeedUnlocked();
        if (_linked)
            Error(CheckRules.LinkedRoots, "Roots are linked twice.", "Link them once.");
        _linked = true;
        if (link.Roots.Length != 2 || link.Roots[0] == link.Roots[1])
            Error(CheckRules.LinkedRoots, "Two different roots are linked, no more and no fewer.", "Name two in `roots`.");
        foreach (CertificateState root in link.Roots.Select(r => _certificates.GetValueOrDefault(r)).OfType<CertificateState>())
            if (_keys.GetValueOrDefault(root.KeyName) is { Rests: true })
                NeedAwake(root.KeyName, "the statement that links the roots");
            else if (!root.Signed)
                Error(CheckRules.LinkedRoots, $"The certificate `{root.Name}` is not signed when the roots are linked.",
                    "Put `do: sign-certificate` before it.");
            else if (root.Preview is { } preview && preview.Issuer != preview.Certificate)
                Error(CheckRules.LinkedRoots, $"The certificate `{root.Name}` is no root.", "Name certificates that sign themselves.");
        if (!_commissionedBefore)
            foreach (string unknown in link.Roots.Where(r => !_certificates.ContainsKey(r)))
                Error(CheckRules.LinkedRoots, $"The root `{unknown}` is not known here.", "Make it before, or name those of the ledger.");
    }

    /// <summary>A second root that nothing leads to is found by nobody when the first one falls.</summary>
    private void EndLinking()
    {
        CertificateState[] roots = [.. _certificates.Values.Where(c => c.Preview is { } p && p.Issuer == p.Certificate)];
        if (!_linked && (roots.Length > 1 || _commissionedBefore)
            && roots.Any(r => KeyAlgorithm.IsNameOfMlDsa(r.Preview!.Algorithm)))
            Warn(CheckRules.LinkedRoots, "An ML-DSA root is made beside another one, and neither says that the other is ours.",
                "Add `do: link-roots` once both are signed.");
    }

    private void TakeRetire()
    {
        NeedBefore(_ledgerRead, "ledger", "an HSM is retired, because it stands in it");
        if (_retired) Error(CheckRules.Recovery, "The old HSM is retired twice.", "Retire it once.");
        if (_inspected) Error(CheckRules.Recovery, "The old HSM is retired after the new one was inspected.",
            "Retire it before: the ledger knows one primary HSM at a time.");
        _retired = true;
        _inBags.Remove(BagContents.PrimaryHsm);
    }

    private void TakeRestore(RestoreKeyStep restore)
    {
        NeedUnlocked();
        NeedOfficers();
        // A key that rests comes back into the HSM in use: whether it rests, the ledger knows on the day.
        if (!_retired && !_commissionedBefore)
            Error(CheckRules.Recovery, "A key is restored while the HSM that holds it still counts.",
                "Put `do: retire-hsm` before, or `do: replace-hsm` where it works.");
        if (_emptied)
            Error(CheckRules.Moving, $"The key `{restore.Key}` moves after the former HSM was emptied.", "Put `do: empty-hsm` behind it.");
        if (restore.Foreign)
            Warn(CheckRules.Recovery,
                $"Whoever has the cards that were made elsewhere can bring the key `{restore.Key}` back afterwards, too.",
                "Deal new cards, and make its backup anew with `do: rewrap-key` and `cards: foreign`.");
        else if (_outOfBags.Count == 0) Warn(CheckRules.Bag, "The backup cards come out of no bag.",
            "Open their bags with `do: open-bags`, so that their numbers are compared.");
        if (_keys.TryGetValue(restore.Key, out KeyState? known) && !(known.Rewrapped && !restore.Foreign))
            Error(CheckRules.Key, $"There is a key `{restore.Key}` already.", "Restore a key that only the ledger knows.");
        else if (known is { Drilled: false })
            Error(CheckRules.Recovery, $"The key `{restore.Key}` is restored from its new backup before that was drilled.",
                "Put `do: recovery-drill` before.");
        // The ledger knows the key's certificate under the key's name; the unwrapped key is locked from birth.
        _keys[restore.Key] = new KeyState(restore.Key) { Restored = true, Locked = true, BackedUp = true, Drilled = true };
        _certificates[restore.Key] = new CertificateState(restore.Key) { Signed = true };
    }

    private void EndKey(KeyState key)
    {
        if (!key.Restored && !_certificates.Values.Any(c => c.KeyName == key.Name))
            Error(CheckRules.Unfinished, $"The key `{key.Name}` has no certificate.", "Preview and sign one, or do not generate the key.");
        if (!key.WantsBackup) return;
        if (!key.BackedUp) Error(CheckRules.Backup, $"The key `{key.Name}` wants a backup and gets none.",
            "Add `do: backup-key`, or write `backup: false`.");
        else if (!key.Drilled) Error(CheckRules.Drill, $"The backup of `{key.Name}` was never drilled.", "Add `do: recovery-drill`.");
        if (!key.Locked)
            Error(CheckRules.Lock, $"The key `{key.Name}` can still be taken out of the HSM.", "Add `do: lock-key` after the drill.");
    }

    private void EndSet(ShareSetState set)
    {
        if (!set.Used)
            Error(CheckRules.ShareSet, $"The {set.Name} shares are dealt and open nothing.",
                set.Name == "activation" ? "Commission the HSM with them, or change its PINs to theirs." : "Back up a key with them.");
        if (set.Name == "backup" && !set.WrapKeyDestroyed)
            Error(CheckRules.WrapKey, "The wrap key still exists at the close.", "Add `do: destroy-wrap-key` after the backup.");
    }

    private KeyState? NeedKey(string name)
    {
        if (_keys.TryGetValue(name, out KeyState? key)) return key;
        Error(CheckRules.Key, $"There is no key `{name}` at this step.", "Generate or restore it before.");
        return null;
    }

    private string NeedBackupSet(string set)
    {
        if (set != "backup") Error(CheckRules.ShareSet, "Only the backup shares belong to a wrap key.", "Write `set: backup`.");
        return set;
    }

    private sealed class KeyState(string name)
    {
        public string Name => name;
        public bool Restored { get; init; }
        public bool Rewrapped { get; init; }

        /// <summary>A key that comes back from a backup is a CA's: no other has one.</summary>
        public string Purpose { get; init; } = KeyPurposes.Ca;

        public bool IsMlDsa { get; init; }
        public bool WantsBackup { get; init; }
        public bool BackedUp { get; set; }
        public bool Drilled { get; set; }
        public bool Locked { get; set; }
        public bool Rests { get; set; }
    }
}
