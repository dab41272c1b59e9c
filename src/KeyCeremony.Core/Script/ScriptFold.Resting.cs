namespace KeyCeremony.Core.Script;

/// <summary>The model's part in which the next root rests, and takes over.</summary>
internal sealed partial class ScriptFold
{
    /// <summary>Keys that end by a word alone.</summary>
    private readonly HashSet<string> _endedByWord = new(StringComparer.Ordinal);
    private readonly HashSet<string> _withdrawnRoots = new(StringComparer.Ordinal);

    private void TakeRest(RestKeyStep rest)
    {
        NeedUnlocked();
        if (!_keys.TryGetValue(rest.Key, out KeyState? key) || key.Restored)
        {
            Error(CheckRules.Resting, $"The key `{rest.Key}` is to rest, and it was not made here.",
                "Let a key rest in the ceremony that makes it: what serves is no spare.");
            return;
        }
        if (key.Rests)
            Error(CheckRules.Resting, $"The key `{rest.Key}` rests already.", "Leave this step out.");
        else if (!key.Drilled || !key.Locked)
            Error(CheckRules.Resting, $"The key `{rest.Key}` would be gone: its backup was not drilled, or the key not locked.",
                "Put `do: backup-key`, `do: recovery-drill` and `do: lock-key` before.");
        if (!_certificates.Values.Any(c => c.KeyName == rest.Key && c.Preview is { } p && p.Issuer == p.Certificate))
            Error(CheckRules.Resting, $"The key `{rest.Key}` has no root certificate.",
                "Let a root's key rest: no other takes over from one.");
        key.Rests = true;
    }

    private void TakeEndKey(EndKeyStep end)
    {
        NeedOpening();
        if (_keys.ContainsKey(end.Key))
            Error(CheckRules.Withdrawal, $"The key `{end.Key}` is made or restored here, and ends.",
                "End a key that an earlier ceremony made.");
        if (!_endedByWord.Add(end.Key) || _ended.ContainsKey(end.Key))
            Error(CheckRules.Withdrawal, $"The key `{end.Key}` ends twice.", "End it once.");
        // An approval of what was signed before it is none of this.
        if (script.Steps.IndexOf(end) is var at && (at < 1 || script.Steps[at - 1] is not ConfirmStep))
            Warn(CheckRules.Approval, "A key ends and nobody has approved it.", "Put a `do: confirm` step right before.");
    }

    /// <summary>The certificate of a root is called as its key.</summary>
    private void TakeWithdrawRoot(WithdrawRootStep withdraw)
    {
        NeedUnlocked();
        if (!_endedByWord.Contains(withdraw.Root) && !_ended.ContainsKey(withdraw.Root))
            Error(CheckRules.Withdrawal, $"The root `{withdraw.Root}` is withdrawn, and its key did not end.", "Put `do: end-key` before.");
        if (!_withdrawnRoots.Add(withdraw.Root))
            Error(CheckRules.Withdrawal, $"The root `{withdraw.Root}` is withdrawn twice.", "Withdraw it once.");
        if (withdraw.Root == withdraw.Successor)
            Error(CheckRules.Withdrawal, "A root is withdrawn by itself.", "Name the root that takes over as `successor`.");
        NeedAwake(withdraw.Successor, $"the withdrawal of `{withdraw.Root}`");
    }

    private void NeedAwake(string key, string what)
    {
        if (_keys.GetValueOrDefault(key) is { Rests: true })
            Error(CheckRules.Resting, $"The key `{key}` rests, and is to sign {what}.",
                "Put `do: rest-key` behind everything that it signs.");
        else if (_retired && _keys.GetValueOrDefault(key) is { Rewrapped: true })
            Error(CheckRules.Recovery, $"The key `{key}` is in no HSM that counts, and is to sign {what}: its backup alone was made anew.",
                "Put `do: restore-key` before.");
    }

    private void EndResting()
    {
        foreach (string root in _endedByWord.Where(r => !_withdrawnRoots.Contains(r)))
            Warn(CheckRules.Withdrawal, $"The key `{root}` ends, and nobody outside is told so.",
                "Add `do: withdraw-root` once the root that takes over is restored.");
        foreach (KeyState key in _keys.Values.Where(k => k.Rests && !_linked))
            Warn(CheckRules.Resting, $"The key `{key.Name}` rests, and no root says that it is ours.",
                "Add `do: link-roots` before it rests: the first root cannot say so when it has fallen.");
    }
}
