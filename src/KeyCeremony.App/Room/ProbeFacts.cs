using System.Collections.Immutable;
using System.Diagnostics;
using KeyCeremony.App.Ground;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Pkcs11;

namespace KeyCeremony.App.Room;

/// <summary>What a probe measured, as the journal has it: found, never claimed.</summary>
internal static class ProbeFacts
{
    /// <param name="format">Of the journal: what an earlier one has no place for is left out.</param>
    public static TokenProbed Of(ProbeToken effect, TokenProfile profile, int format)
    {
        TokenInfo token = profile.Token;
        string wrap = profile.Backup is { } backup ? Name(backup.Format) : "";
        var probed = new TokenProbed(effect.Token, token.Label, token.Serial, token.Manufacturer, token.Model,
            (int)token.PinMinLength, (int)token.PinMaxLength, profile.BackupMechanism is { } m ? Code(m) : "", wrap, Findings(profile),
            profile.Locks ? TokenProbed.ExtractableFalse : "", profile.Family, profile.FamilySha256);
        bool known = wrap switch
        {
            "" or BackupBlob.Rfc5649 => true,
            BackupBlob.YubiHsm => format >= JournalFormats.Kept,
            _ => format >= JournalFormats.Prepared,
        };
        return known ? format >= JournalFormats.Prepared ? probed : Earlier(probed, effect.Blank)
            : throw new CeremonyException(new Refusal(CeremonyRules.OtherFormat,
                $"This HSM wraps as {wrap}, and the ceremony was begun by a program that did not know it.",
                "Nothing was recorded. Connect an HSM that wraps so, or abort and begin again."));
    }

    public static ImmutableArray<Finding> Findings(TokenProfile profile) =>
        [.. profile.Findings.Select(f => new Finding(f.Id, Result(f), f.Sentence))];

    public static string Code(WrapMechanism mechanism) => $"0x{(ulong)mechanism:X4}";

    public static string Name(WrapFormat format) => format switch
    {
        WrapFormat.Rfc5649 => BackupBlob.Rfc5649,
        WrapFormat.CbcPad => BackupBlob.CbcPad,
        WrapFormat.YubiHsm => BackupBlob.YubiHsm,
        _ => throw new UnreachableException(),
    };

    /// <summary>What is left behind was asked of a token in use only, as the last question.</summary>
    private static TokenProbed Earlier(TokenProbed probed, bool blank) => probed with
    {
        Lock = null,
        Family = null,
        FamilySha256 = null,
        Findings = blank ? probed.Findings[..^1] : probed.Findings,
    };

    private static string Result(ProbeFinding f) => f.Result switch
    {
        ProbeResult.Pass => FindingResults.Pass,
        _ when f.StopsCeremony => FindingResults.Fail,
        ProbeResult.Unknown => FindingResults.Unknown,
        _ => FindingResults.Warning,
    };
}
