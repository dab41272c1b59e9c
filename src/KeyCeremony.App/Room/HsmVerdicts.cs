using System.Collections.Immutable;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;
using KeyCeremony.Pkcs11;

namespace KeyCeremony.App.Room;

/// <summary>Whether a ceremony can be held with an HSM, by what was measured of it.</summary>
/// <param name="Script">The ceremony's name.</param>
/// <param name="Reasons">Why not; empty: it can.</param>
/// <param name="Also">What it will need besides.</param>
internal sealed record HsmVerdict(string Script, bool Possible, ImmutableArray<string> Reasons, ImmutableArray<string> Also);

/// <summary>The same reasons for which the room would refuse this HSM, before anybody comes to the room.</summary>
internal static class HsmVerdicts
{
    // CKM_RSA_PKCS_PSS, as a profile writes it.
    private const string Pss = "0x0000000D";

    /// <param name="profile">Null: it was not touched, because its family cannot be led through a ceremony.</param>
    public static HsmVerdict Of(CeremonyScript script, TokenFamily family, TokenProfile? profile)
    {
        var needs = ScriptNeeds.Of(script);
        if (!needs.AnyHsm)
            return new HsmVerdict(script.Name, true, [], ["It needs no HSM."]);
        string[] stops = profile is null ? []
            : [.. ProbeFacts.Findings(profile).Where(f => f.Result == FindingResults.Fail).Select(f => f.Id)];
        ImmutableArray<string> reasons =
        [
            .. family.Unserved,
            .. stops is [] ? [] : new[] { $"Its inspection would stop the ceremony: {string.Join(", ", stops)}." },
            .. profile is null ? [] : needs.Algorithms.Where(a => !profile.KeyKinds.Contains(Hsm.Kind(a)))
                .Select(a => $"It makes no key of the kind {a}, which this script asks for."),
            .. profile is not null && needs.MakesPss && !profile.Mechanisms.Contains(Pss)
                ? ["It lists no RSASSA-PSS, with which a release key of RSA signs."] : Array.Empty<string>(),
            .. profile is not null && (needs.BlankPrimary || needs.Drill) && HsmNumber.IsNone(profile.Token.Serial)
                ? ["It reports no serial number: it cannot be told from a second one."] : Array.Empty<string>(),
        ];
        return new HsmVerdict(script.Name, reasons.IsEmpty, reasons, needs.Drill && reasons.IsEmpty
            ? ["A second, blank one with another serial number is needed for the drill; this one was tried alone."] : []);
    }
}
