namespace KeyCeremony.Core.Sharing;

/// <summary>
/// The public part of a share: what its first four words say. SLIP-0039 "Format of the share mnemonic".
/// </summary>
/// <param name="Identifier">15 bits, random, the same in every share of a set.</param>
/// <param name="Extendable">The identifier takes no part in the encryption, so the secret can be dealt again.</param>
/// <param name="IterationExponent">e, 0 to 15: PBKDF2 runs 10000·2^e rounds.</param>
/// <param name="GroupIndex">0 to 15.</param>
/// <param name="GroupThreshold">1 to 16: how many groups are needed.</param>
/// <param name="GroupCount">1 to 16, at least the threshold.</param>
/// <param name="MemberIndex">0 to 15: the share's x coordinate within its group.</param>
/// <param name="MemberThreshold">1 to 16: how many shares of the group are needed.</param>
public sealed record ShareHeader(
    ushort Identifier,
    bool Extendable,
    int IterationExponent,
    int GroupIndex,
    int GroupThreshold,
    int GroupCount,
    int MemberIndex,
    int MemberThreshold)
{
    /// <summary>
    /// Counted from one: <c>card 3</c>. Of several groups the words do not tell the card's number through all of them, by
    /// which the room calls it (<see cref="GroupPlan.Card"/>), and so it is called by none: <c>card (member 3 of group 2)</c>.
    /// </summary>
    public string Card => GroupCount == 1 ? $"card {MemberIndex + 1}" : $"card (member {MemberIndex + 1} of group {GroupIndex + 1})";

    /// <summary>Whether both can stem from one split: all that is not the group's or the member's own is equal.</summary>
    public bool IsOfSameSet(ShareHeader other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Identifier == other.Identifier
            && Extendable == other.Extendable
            && IterationExponent == other.IterationExponent
            && GroupThreshold == other.GroupThreshold
            && GroupCount == other.GroupCount;
    }

    /// <summary>Words 1 and 2 as list positions: identifier, extendable, exponent. Equal within a set.</summary>
    internal (ushort First, ushort Second) SetWords
    {
        get
        {
            int bits = (Identifier << 5) | ((Extendable ? 1 : 0) << 4) | IterationExponent;
            return ((ushort)(bits >> 10), (ushort)(bits & 0x3FF));
        }
    }
}
