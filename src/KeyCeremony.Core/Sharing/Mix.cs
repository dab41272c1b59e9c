namespace KeyCeremony.Core.Sharing;

/// <summary>
/// One key from several sources: HSM randomness ⊕ kernel randomness ⊕ dice. It is as good as the best of them, as long
/// as none of them sees the others first.
/// </summary>
public static class Mix
{
    /// <param name="dice">Null where none were rolled.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static SecretBytes Xor(SecretBytes hsm, SecretBytes kernel, SecretBytes? dice = null)
    {
        var mixed = SecretBytes.Xor(hsm, kernel);
        if (dice is null)
            return mixed;
        using (mixed)
            return SecretBytes.Xor(mixed, dice);
    }
}
