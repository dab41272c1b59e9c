namespace KeyCeremony.Core.Script;

/// <summary>The model's part in which keys end.</summary>
internal sealed partial class ScriptFold
{
    /// <summary>By the key: whether account was given of its copies.</summary>
    private readonly Dictionary<string, bool> _ended = new(StringComparer.Ordinal);
    private bool _cardsChecked;
    private bool _confirmed;

    private void TakeDestroyKey(DestroyKeyStep destroy)
    {
        NeedUnlocked();
        if (_keys.ContainsKey(destroy.Key))
            Error(CheckRules.Ending, $"The key `{destroy.Key}` is made or restored here, and destroyed.",
                "Destroy a key that an earlier ceremony made.");
        if (!_ended.TryAdd(destroy.Key, false))
            Error(CheckRules.Ending, $"The key `{destroy.Key}` is destroyed twice.", "Destroy it once.");
        if (!_confirmed)
            Warn(CheckRules.Approval, "A key is destroyed and nobody has approved it.", "Put a `do: confirm` step before.");
        _cardsChecked = false;
    }

    /// <summary>Cards of a key that ended are destroyed between the two: before, its sets serve.</summary>
    private void TakeAccountCopies(AccountCopiesStep account)
    {
        NeedOpening();
        if (!_ended.TryGetValue(account.Key, out bool given))
            Error(CheckRules.Ending, $"Account is given of the copies of `{account.Key}`, which is not destroyed before.",
                "Put `do: destroy-key` before.");
        else if (given)
            Error(CheckRules.Ending, $"Account is given twice of the copies of `{account.Key}`.", "Give it once.");
        else if (!_cardsChecked)
            Warn(CheckRules.Ending, "No cards are destroyed between the key and the account of its copies.",
                "Put `do: check-cards` between, where its backup cards are typed and destroyed.");
        _ended[account.Key] = true;
    }

    private bool _replaced;
    private bool _emptied;

    private void TakeReplace()
    {
        TakeRetire();
        if (_primary != Hsm.Unknown)
            Error(CheckRules.Moving, "The HSM is replaced after it was opened.",
                "Put `do: replace-hsm` before: nothing is done in it any more.");
        _replaced = true;
    }

    private void TakeEmpty()
    {
        NeedUnlocked();
        NeedOfficers();
        if (!_replaced)
            Error(CheckRules.Moving, "A former HSM is emptied, and none was replaced.", "Put `do: replace-hsm` before.");
        if (_emptied)
            Error(CheckRules.Moving, "The former HSM is emptied twice.", "Empty it once, when every key has moved.");
        if (!_keys.Values.Any(k => k.Restored))
            Error(CheckRules.Moving, "The former HSM is emptied, and no key has moved before.", "Put `do: restore-key` before.");
        _emptied = true;
    }

    private void EndMoving()
    {
        if (_replaced && !_emptied)
            Error(CheckRules.Moving, "The HSM is replaced, and nobody says what becomes of the keys in it.",
                "Add `do: empty-hsm` after they have moved.");
    }

    private void EndEnding()
    {
        foreach (string key in _ended.Where(e => !e.Value).Select(e => e.Key))
            Error(CheckRules.Ending, $"The key `{key}` is destroyed, and no account is given of its copies.",
                "Add `do: account-copies` after the cards were destroyed.");
    }
}
