using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace KeyCeremony.Core.Sharing;

/// <param name="Extendable">True is the standard's advice: the same secret and passphrase can be dealt again.</param>
/// <param name="IterationExponent">0 to 15; each step doubles the time of the passphrase. 0 where it is empty.</param>
/// <param name="Identifier">15 bits; null takes a random one.</param>
public sealed record SplitSettings(bool Extendable = true, int IterationExponent = 0, ushort? Identifier = null);

/// <summary><paramref name="Done"/> of <paramref name="Total"/> combinations were compared.</summary>
public readonly record struct SubsetProgress(int Done, int Total);

/// <summary>
/// Shamir's secret sharing for words: SLIP-0039, complete. A secret of 128 or 256 bits (16 to 64 bytes, even) becomes
/// cards of 20 or 33 words.
/// </summary>
public static class Slip39
{
    /// <summary>128 bits, the least the standard allows.</summary>
    public const int MinSecretLength = 16;

    /// <summary>Ours: 512 bits, the largest seed any wallet deals; a card of more words is nobody's.</summary>
    public const int MaxSecretLength = 64;

    /// <summary>Words of a card with <see cref="MaxSecretLength"/> bytes.</summary>
    public const int MaxWords = 59;

    /// <summary>8 of 16, the group with the most combinations: so every legal group can be compared completely.</summary>
    public const int MaxSubsets = 12_870;

    /// <summary>Ours: a mnemonic of <see cref="MaxWords"/> words is well below this.</summary>
    public const int MaxMnemonicLength = 1024;

    /// <summary>Ours: no wallet takes a longer one.</summary>
    public const int MaxPassphraseLength = 1024;

    private const int MaxIterationExponent = 15;
    private const int IdentifierMask = 0x7FFF;

    /// <summary>Words on a card for a secret of <paramref name="secretLength"/> bytes: 20 for 16, 33 for 32.</summary>
    public static int WordCount(int secretLength) => ShareCodec.WordCount(secretLength);

    /// <summary>What tells the cards of one set from those of another: 15 bits.</summary>
    public static ushort RandomIdentifier(FillRandom random)
    {
        ArgumentNullException.ThrowIfNull(random);
        Span<byte> bytes = stackalloc byte[sizeof(ushort)];
        random(bytes);
        return (ushort)(BinaryPrimitives.ReadUInt16BigEndian(bytes) & IdentifierMask);
    }

    /// <summary>Deals <paramref name="secret"/> by <paramref name="plan"/>.</summary>
    /// <param name="secret">16 to 64 bytes, an even number.</param>
    /// <param name="passphrase">Printable ASCII; empty in our ceremonies.</param>
    /// <exception cref="ArgumentException">Length, exponent, identifier or passphrase is not of that shape.</exception>
    public static ShareSet Split(
        SecretBytes secret,
        GroupPlan plan,
        FillRandom random,
        SplitSettings? settings = null,
        ReadOnlySpan<byte> passphrase = default)
    {
        ArgumentNullException.ThrowIfNull(secret);
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(random);
        settings ??= new SplitSettings();
        if (secret.Length is < MinSecretLength or > MaxSecretLength || secret.Length % 2 != 0)
            throw new ArgumentException($"{secret.Length} bytes: a secret has 16 to 64, an even number", nameof(secret));
        if (settings.IterationExponent is < 0 or > MaxIterationExponent || settings.Identifier > IdentifierMask)
            throw new ArgumentException("the exponent has 4 bits, the identifier 15", nameof(settings));
        if (!IsPassphrase(passphrase))
            throw new ArgumentException("1024 printable ASCII characters at most", nameof(passphrase));

        var set = new ShareHeader(
            settings.Identifier ?? RandomIdentifier(random),
            settings.Extendable,
            settings.IterationExponent,
            GroupIndex: 0,
            plan.GroupThreshold,
            plan.Groups.Length,
            MemberIndex: 0,
            MemberThreshold: 1);
        using SecretBytes encrypted = Feistel.Encrypt(secret, passphrase, set);
        return new ShareSet(plan, DealGroups(encrypted, plan, set, random));
    }

    /// <summary>What every card says of its set when <see cref="Split"/> dealt it into one group with its own settings.</summary>
    /// <param name="identifier">As the journal has it; further bits than 15 are none.</param>
    public static ShareHeader SetOf(int identifier)
    {
        var settings = new SplitSettings();
        return new ShareHeader((ushort)(identifier & IdentifierMask), settings.Extendable, settings.IterationExponent, 0, 1, 1, 0, 1);
    }

    /// <summary>Reads list positions, 0 to 1023 each. Refuses with SHARE-01 and SHARE-04 to SHARE-07.</summary>
    public static bool TryParse(
        ReadOnlySpan<ushort> indices, [NotNullWhen(true)] out Share? share, [NotNullWhen(false)] out Refusal? refusal)
    {
        refusal = ShareCodec.Decode(indices, out share);
        return share is not null;
    }

    /// <summary>
    /// Reads whole words between blanks, in any case, as other software writes them; unlike <see cref="WordEntry"/>
    /// nothing is completed. Refuses as <see cref="TryParse"/> does. The caller wipes <paramref name="mnemonic"/>.
    /// </summary>
    public static bool TryParseWords(
        ReadOnlySpan<char> mnemonic, [NotNullWhen(true)] out Share? share, [NotNullWhen(false)] out Refusal? refusal)
    {
        share = null;
        using var memory = new SecretBytes(sizeof(ushort) * MaxWords);
        Span<ushort> indices = MemoryMarshal.Cast<byte, ushort>(memory.Span);
        int count = 0;
        foreach (Range range in mnemonic.SplitAny(' ', '\t', '\r', '\n'))
        {
            ReadOnlySpan<char> word = mnemonic[range];
            if (word.IsEmpty)
                continue;
            if (count == MaxWords || mnemonic.Length > MaxMnemonicLength)
            {
                refusal = ShareRules.WrongLength(count + 1);
                return false;
            }

            if (!WordList.TryFind(word, out int index))
            {
                refusal = ShareRules.UnknownWord(count + 1);
                return false;
            }

            indices[count++] = (ushort)index;
        }

        return TryParse(indices[..count], out share, out refusal);
    }

    /// <summary>Reads the text of a card's QR code, four ASCII digits a word. Refuses with SHARE-22 or as <see cref="TryParse"/>.</summary>
    public static bool TryParseNumeric(
        ReadOnlySpan<byte> digits, [NotNullWhen(true)] out Share? share, [NotNullWhen(false)] out Refusal? refusal)
    {
        share = null;
        refusal = ShareRules.Numeric();
        int words = digits.Length / NumericForm.DigitsPerWord;
        if (words is 0 or > MaxWords)
            return false;
        using var memory = new SecretBytes(sizeof(ushort) * words);
        Span<ushort> indices = MemoryMarshal.Cast<byte, ushort>(memory.Span);
        return NumericForm.TryRead(digits, indices) && TryParse(indices, out share, out refusal);
    }

    /// <summary>
    /// The secret behind exactly as many cards as the set asks for. Refuses with SHARE-08 to SHARE-16 and SHARE-23.
    /// A wrong passphrase is not noticed: it gives another secret. Compare the <see cref="KeyCheckValue"/>.
    /// Takes milliseconds for our cards; a foreign card's exponent of 15 makes it minutes.
    /// </summary>
    public static bool TryCombine(
        IReadOnlyList<Share> shares,
        ReadOnlySpan<byte> passphrase,
        [NotNullWhen(true)] out SecretBytes? secret,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        ArgumentNullException.ThrowIfNull(shares);
        secret = null;
        refusal = IsPassphrase(passphrase) ? CardFit.Check(shares) : ShareRules.Passphrase();
        if (refusal is not null)
            return false;

        if (!TryRecoverGroups(shares, out SecretBytes? encrypted, out refusal))
            return false;
        using (encrypted)
            secret = Feistel.Decrypt(encrypted, passphrase, shares[0].Header);
        return true;
    }

    /// <summary>Out of cards of one set as many as <see cref="TryCombine"/> takes; all of them where they are no quorum.</summary>
    public static IReadOnlyList<Share> Enough(IReadOnlyList<Share> shares)
    {
        ArgumentNullException.ThrowIfNull(shares);
        Share[][] complete = [.. shares.GroupBy(share => share.Header.GroupIndex)
            .Where(group => group.Count() >= group.First().Header.MemberThreshold)
            .Select(group => group.Take(group.First().Header.MemberThreshold).ToArray())];
        return shares.Count > 0 && complete.Length >= shares[0].Header.GroupThreshold
            ? [.. complete.Take(shares[0].Header.GroupThreshold).SelectMany(group => group)] : shares;
    }

    /// <summary>
    /// The secret behind a set, after every combination of threshold cards of a group, and every combination of threshold groups, out of
    /// <paramref name="shares"/> was seen to give the same one: so every quorum gives it. Refuses with SHARE-08 to SHARE-12, SHARE-14,
    /// SHARE-23, with SHARE-17 where the combinations betray one forged card, else with SHARE-16.
    /// </summary>
    /// <param name="progress">Told after each combination.</param>
    public static bool TryCombineSubsets(
        IReadOnlyList<Share> shares,
        ReadOnlySpan<byte> passphrase,
        Action<SubsetProgress>? progress,
        [NotNullWhen(true)] out SecretBytes? secret,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        ArgumentNullException.ThrowIfNull(shares);
        secret = null;
        refusal = IsPassphrase(passphrase) ? CardFit.CheckSubsets(shares) : ShareRules.Passphrase();
        if (refusal is not null)
            return false;

        if (!Subsets.TryCompare(shares, progress, out SecretBytes? encrypted, out refusal))
            return false;
        // PBKDF2 takes ten milliseconds: the encrypted secrets are compared, and one is decrypted.
        using (encrypted)
            secret = Feistel.Decrypt(encrypted, passphrase, shares[0].Header);
        return true;
    }

    private static ImmutableArray<ImmutableArray<Share>> DealGroups(
        SecretBytes encrypted, GroupPlan plan, ShareHeader set, FillRandom random)
    {
        ImmutableArray<ImmutableArray<Share>>.Builder groups = ImmutableArray.CreateBuilder<ImmutableArray<Share>>(plan.Groups.Length);
        SecretBytes[] groupSecrets = Shamir.Deal(encrypted, plan.GroupThreshold, plan.Groups.Length, random);
        for (int i = 0; i < groupSecrets.Length; i++)
        {
            using SecretBytes groupSecret = groupSecrets[i];
            (int threshold, int count) = plan.Groups[i];
            ShareHeader group = set with { GroupIndex = i, MemberThreshold = threshold };
            groups.Add([.. Shamir.Deal(groupSecret, threshold, count, random)
                .Select((value, member) => ShareCodec.Encode(group with { MemberIndex = member }, value))]);
        }

        return groups.MoveToImmutable();
    }

    // CardFit.Check has passed: threshold groups, each with threshold cards.
    private static bool TryRecoverGroups(
        IReadOnlyList<Share> shares,
        [NotNullWhen(true)] out SecretBytes? encrypted,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        encrypted = null;
        var groupPoints = new List<Point>();
        try
        {
            foreach (IGrouping<int, Share> group in shares.GroupBy(share => share.Header.GroupIndex))
            {
                if (Shamir.Recover(Points(group)) is not { } groupSecret)
                {
                    refusal = ShareRules.Forged(CardFit.Where(group.First().Header));
                    return false;
                }

                groupPoints.Add(new Point((byte)group.Key, groupSecret));
            }

            encrypted = Shamir.Recover(CollectionsMarshal.AsSpan(groupPoints));
            refusal = encrypted is null ? ShareRules.Forged("") : null;
            return encrypted is not null;
        }
        finally
        {
            foreach (Point point in groupPoints)
                point.Y.Dispose();
        }
    }

    private static Point[] Points(IEnumerable<Share> shares) =>
        [.. shares.Select(share => new Point((byte)share.Header.MemberIndex, share.Value))];

    /// <summary>Printable ASCII, <see cref="MaxPassphraseLength"/> characters at most; empty is none.</summary>
    public static bool IsPassphrase(ReadOnlySpan<byte> passphrase) =>
        passphrase.Length <= MaxPassphraseLength && !passphrase.ContainsAnyExceptInRange((byte)' ', (byte)'~');
}
