using System.Collections.Immutable;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Script;
using KeyCeremony.Pkcs11;

namespace KeyCeremony.App.Room;

/// <summary>
/// Whether the HSMs on the table are those that a script will need. They are asked what they say of themselves and nothing else: no
/// session, no PIN, nothing changes.
/// </summary>
/// <param name="mechanisms">Codes that a token lists; null: it cannot tell.</param>
/// <param name="family">Which family a token is of.</param>
internal sealed class TokenNeeds(ScriptNeeds needs, World world, HsmSettings wanted, Func<TokenInfo, ImmutableHashSet<ulong>?> mechanisms,
    Func<TokenInfo, TokenFamily> family)
{
    private static readonly ImmutableArray<ulong> Ec = [0x1040, 0x1041]; // CKM_EC_KEY_PAIR_GEN, CKM_ECDSA
    private static readonly ImmutableArray<ulong> Rsa = [0x0000, 0x0001]; // CKM_RSA_PKCS_KEY_PAIR_GEN, CKM_RSA_PKCS
    private const ulong Pss = 0x000D; // CKM_RSA_PKCS_PSS
    private static readonly ImmutableArray<ulong> Wrap = [.. WrapStrategy.AllMechanisms.Select(m => (ulong)m)];

    public ImmutableArray<Finding> Look(IReadOnlyList<TokenInfo> tokens)
    {
        ImmutableArray<Finding>.Builder findings = ImmutableArray.CreateBuilder<Finding>();
        if (needs.KnownPrimary)
            findings.AddRange(Known(tokens));
        TokenInfo[] blank = [.. tokens.Where(t => Hsm.IsBlank(t) && (!IsPrimary(t) || world.Primary is null))];
        if (needs.BlankPrimary || needs.Drill)
        {
            // One that can never be commissioned may never say that it is blank, too: then that is not what is missing.
            findings.AddRange(Unfit(blank.Length > 0 ? blank : tokens.Where(t => !IsPrimary(t))));
            findings.AddRange(Blank(tokens, blank));
        }
        return findings.ToImmutable();
    }

    private IEnumerable<Finding> Unfit(IEnumerable<TokenInfo> tokens) => tokens.Select(family).Where(f => !f.Unserved.IsEmpty)
        .DistinctBy(f => f.Family)
        .Select(f => NeedRules.Family.Fail($"This is {f.Title}. {string.Join(" ", f.Unserved)}"));

    private string? KnownSerial => needs.KnownPrimary ? world.Primary?.Commissioned.Serial : null;

    private bool IsPrimary(TokenInfo token) => token.Serial == world.Primary?.Commissioned.Serial
        && token.Label == world.Primary.Commissioned.Label;

    private IEnumerable<Finding> Known(IReadOnlyList<TokenInfo> tokens)
    {
        if (world.Primary is not { Commissioned: var known })
            yield break; // The ledger's own rules say so, with what to do.
        TokenInfo[] same = [.. tokens.Where(t => t.Serial == known.Serial)];
        yield return same.Length == 0
            ? NeedRules.Known.Fail($"The HSM {known.Serial}, \"{known.Label}\", is not connected. {Connected(tokens)}")
            : same.Count(t => t.Label == known.Label) > 1
            ? NeedRules.Distinct.Fail($"{same.Length} HSMs report the serial number {known.Serial}.")
            : NeedRules.Known.Pass($"The HSM {known.Serial}, \"{known.Label}\", is connected.");
        if ((same.FirstOrDefault(t => t.Label == known.Label) ?? same.FirstOrDefault()) is not { } token)
            yield break;
        yield return token.UserPinLocked
            ? NeedRules.Usable.Fail($"The HSM {token.Serial} says that its PIN is locked: no quorum opens it any more.")
            : token.WriteProtected ? NeedRules.Usable.Fail($"The HSM {token.Serial} is write-protected.")
            : token.UserPinFinalTry ? NeedRules.Usable.Warn($"The HSM {token.Serial} says that one more wrong PIN locks it for good.")
            : token.PinPad ? NeedRules.Usable.Warn($"The HSM {token.Serial} says that PINs are typed on itself; nobody knows them.")
            : NeedRules.Usable.Pass($"The HSM {token.Serial} is not locked.");
        foreach (Finding finding in Lists(token, needs.Algorithms, needs.Wraps, NeedsPss))
            yield return finding;
    }

    private IEnumerable<Finding> Blank(IReadOnlyList<TokenInfo> tokens, TokenInfo[] blank)
    {
        int count = (needs.BlankPrimary ? 1 : 0) + (needs.Drill ? 1 : 0);
        TokenInfo[] primaries = Chosen(blank, wanted.PrimarySerial), drills = Chosen(blank, wanted.DrillSerial);
        TokenInfo[] used = [.. blank.Where(t => needs.BlankPrimary && primaries.Contains(t) || needs.Drill && drills.Contains(t))];
        string needed = $"{count} blank HSM{(count == 1 ? " is" : "s are")} needed.", have = $"{needed} {Connected(tokens)}";
        string there = used.Length switch { 0 => "None is there.", 1 => "One is there.", var n => $"{n} are there." };
        string missing = $"{needed} {Unchosen(blank) ?? there} {Connected(tokens)}";
        if (used.Length == 0 || needs.BlankPrimary && primaries.Length == 0 || needs.Drill && drills.Length == 0)
        {
            yield return NeedRules.Blank.Fail(missing);
            yield break;
        }
        ImmutableArray<TokenRetired> departed = world.Departed;
        if (used.Select(t => WhyRetired(t, departed)).FirstOrDefault(why => why is not null) is { } gone)
        {
            yield return NeedRules.Retired.Fail(gone);
            yield break;
        }
        if (Indistinct(used) is { } indistinct)
        {
            yield return NeedRules.Distinct.Fail(indistinct);
            yield break;
        }
        // A program makes a new HSM of the one that is always free, and gives it its number then.
        bool enough = used.Any(IsUnnumberedProgram) || used.Length >= count;
        yield return enough ? NeedRules.Blank.Pass(have) : NeedRules.Blank.Fail(missing);
        foreach (TokenInfo token in used)
        {
            string name = Name(token);
            // SoftHSM says of an HSM that has no PIN yet that it is locked.
            bool locked = token is { Initialised: true, SoPinLocked: true };
            if (locked || token.WriteProtected)
                yield return NeedRules.Usable.Fail(
                    $"The {name} {(locked ? "says that its security officer's PIN is locked" : "is write-protected")}.");
            if (world.Environment == Environments.Production && SoftwareTokens.Is(token.Manufacturer, token.Model))
                yield return NeedRules.Device.Fail($"The {name} is a program: {token.Manufacturer} {token.Model}.");
            foreach (Finding finding in Lists(token, NeededAlgorithms, needs.Wraps, needs.BlankPrimary && NeedsPss))
                yield return finding;
        }
    }

    /// <summary>
    /// In a sentence why a blank HSM is none that may be used: this ledger has retired it, so it is no more or others had it. Null: it was
    /// never retired.
    /// </summary>
    public static string? WhyRetired(TokenInfo token, ImmutableArray<TokenRetired> retired) =>
        HsmNumber.IsNone(token.Serial) || retired.LastOrDefault(r => r.Serial == token.Serial) is not { } gone ? null
            : $"The blank HSM {token.Serial} was retired in this ledger, as {gone.How}: \"{gone.Remark}\" Now it is back.";

    private ImmutableArray<string> NeededAlgorithms => [.. needs.Algorithms
        .Concat(needs.Restored.Select(k => world.Keys.GetValueOrDefault(k)?.Generated.Algorithm).OfType<string>())
        .Distinct().Order(StringComparer.Ordinal)];

    /// <summary>A release key of RSA is made, or signs.</summary>
    private bool NeedsPss => needs.MakesPss || needs.Releasers.Any(signer => world.Certificates.GetValueOrDefault(signer) is { } known
        && KeyAlgorithm.Of(known.Parsed.ToBeSigned.SubjectPublicKeyInfo.Span) is { IsRsa: true });

    /// <summary>A blank HSM is not taken for another one that was named: which one is waited for. Null: all named are there.</summary>
    private string? Unchosen(TokenInfo[] blank)
    {
        string[] missing = [.. new[] { needs.BlankPrimary ? wanted.PrimarySerial : null, needs.Drill ? wanted.DrillSerial : null }
            .OfType<string>().Where(serial => Chosen(blank, serial).Length == 0)];
        return missing.Length == 0 ? null : $"Named were {string.Join(" and ", missing)}: not there, or not blank.";
    }

    private static TokenInfo[] Chosen(TokenInfo[] blank, string? serial) => [.. blank.Where(t => serial is null || t.Serial == serial)];

    /// <summary>Null when each has a number of its own, which is not that of the ledger's HSM either.</summary>
    private string? Indistinct(TokenInfo[] used)
    {
        if (used.FirstOrDefault(t => HsmNumber.IsNone(t.Serial) && !IsUnnumberedProgram(t)) is { } nameless)
            return nameless.Serial.Length == 0 ? "A blank HSM reports no serial number."
                : $"A blank HSM reports the serial number {nameless.Serial}, which is none.";
        if (used.Where(t => !IsUnnumberedProgram(t)).GroupBy(t => t.Serial).FirstOrDefault(g => g.Count() > 1) is { } twins)
            return $"{twins.Count()} blank HSMs report the same serial number, {twins.Key}.";
        return KnownSerial is { } known && used.Any(t => t.Serial == known)
            ? $"A blank HSM reports the serial number {known}, as the HSM of this ledger does."
            : null;
    }

    private static bool IsUnnumberedProgram(TokenInfo token) =>
        !token.Initialised && token.Serial.Length == 0 && SoftwareTokens.Is(token.Manufacturer, token.Model);

    private IEnumerable<Finding> Lists(TokenInfo token, ImmutableArray<string> algorithms, bool wraps, bool pss)
    {
        if (algorithms.IsEmpty && !wraps && !pss)
            yield break;
        if (mechanisms(token) is not { Count: > 0 } listed)
        {
            yield return NeedRules.Mechanisms.Warn($"The {Name(token)} lists no mechanisms: what it can do shows at its inspection.");
            yield break;
        }
        string[] missing = [.. algorithms.Where(a => !(a.StartsWith("ec-", StringComparison.Ordinal) ? Ec : Rsa).All(listed.Contains)),
            .. pss && !listed.Contains(Pss) ? new[] { "RSASSA-PSS" } : [],
            .. wraps && !Wrap.Any(listed.Contains) ? new[] { "a way to wrap a key for its backup" } : []];
        string[] asked = [.. algorithms, .. pss ? new[] { "RSASSA-PSS" } : [], .. wraps ? new[] { "the backup" } : []];
        yield return missing.Length == 0
            ? NeedRules.Mechanisms.Pass($"The {Name(token)} lists mechanisms for {string.Join(", ", asked)}.")
            : NeedRules.Mechanisms.Fail($"The {Name(token)} lists no mechanism for {string.Join(", ", missing)}.");
    }

    private static string Name(TokenInfo token) => token.Serial.Length == 0 ? "blank HSM" : $"HSM {token.Serial}";

    private static string Connected(IReadOnlyList<TokenInfo> tokens) => tokens.Count == 0
        ? "None is connected."
        : $"Connected: {string.Join("; ", tokens.Select(Said))}.";

    private static string Said(TokenInfo t) => $"{(t.Serial.Length == 0 ? "one without a number" : t.Serial)}, "
        + $"{(Hsm.IsBlank(t) ? "blank" : $"\"{t.Label}\"")}, {t.Manufacturer} {t.Model}";
}
