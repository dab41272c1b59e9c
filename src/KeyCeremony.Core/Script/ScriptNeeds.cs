using System.Collections.Immutable;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Core.Script;

/// <summary>
/// What a script will need on the table, read from its steps: it is looked at before the first of them, because afterwards a key
/// exists, and what is missing costs the day.
/// </summary>
public sealed record ScriptNeeds
{
    private readonly CeremonyScript _script;

    private ScriptNeeds(CeremonyScript script) => _script = script;

    public static ScriptNeeds Of(CeremonyScript script)
    {
        ArgumentNullException.ThrowIfNull(script);
        return new ScriptNeeds(script);
    }

    /// <summary>Of the script: a ceremony is called after it.</summary>
    public string Name => _script.Name;

    /// <summary>An HSM without anything on it, that becomes the primary one.</summary>
    public bool BlankPrimary => Steps<InspectHsmStep>().Any(s => s is { Token: "primary", Expect: "blank" });

    /// <summary>The HSM that the ledger knows.</summary>
    public bool KnownPrimary => !BlankPrimary && _script.Steps.Any(s => s is UnlockHsmStep or InspectHsmStep { Token: "primary" });

    /// <summary>Any HSM at all. A day on which cards are checked and nothing is signed needs none.</summary>
    public bool AnyHsm => Exports || BlankPrimary || KnownPrimary || Drill;

    /// <summary>A second one that is blank.</summary>
    public bool Drill => Steps<InspectHsmStep>().Any(s => s.Token == "drill");

    /// <summary>Of the keys that are generated, by their names in scripts. Those that are restored are the ledger's.</summary>
    public ImmutableArray<string> Algorithms =>
        [.. Steps<GenerateKeyStep>().Select(s => s.Algorithm).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Release keys of RSA are generated: they sign as RSASSA-PSS.</summary>
    public bool MakesPss => Steps<GenerateKeyStep>().Any(s => s is { Purpose: KeyPurposes.Release, Algorithm: "rsa-3072" });

    /// <summary>Certificates of release keys that sign: the ledger knows of what kind they are.</summary>
    public ImmutableArray<string> Releasers => [.. Steps<PreviewReleaseStep>().Select(s => s.Signer)];

    /// <summary>Keys that are restored: the ledger knows of what kind they are.</summary>
    public ImmutableArray<string> Restored => [.. Steps<RestoreKeyStep>().Select(s => s.Key)];

    /// <summary>A key leaves an HSM wrapped, or comes back.</summary>
    public bool Wraps => _script.Steps.Any(s => s is BackupKeyStep or RewrapKeyStep or RestoreKeyStep or RecoveryDrillStep);

    /// <summary>Certificates are previewed, which zlint reads too.</summary>
    public bool Previews => Steps<PreviewCertificateStep>().Any();

    /// <summary>Certificates whose names the script gives. What another CA is called is known when its certificate is read.</summary>
    public ImmutableArray<PreviewCertificateStep> NewCas =>
        [.. Steps<PreviewCertificateStep>().Where(s => s.Source is KeySource.Generated or KeySource.Request)];

    /// <summary>Something is signed that openssl is asked about.</summary>
    public bool Signs => _script.Steps.Any(s => s is SignCertificateStep or SignCrlStep or SignManifestsStep or SignReleaseStep);

    /// <summary>Without what is read there is nothing to sign.</summary>
    public bool Imports => _script.Steps.Any(s => s is ImportRequestStep or ImportCertificateStep or PreviewManifestsStep
        or ImportBuilderStep or PreviewReleaseStep);

    /// <summary>A folder is among what is read: no camera sees one.</summary>
    public bool ImportsFolder => Steps<PreviewReleaseStep>().Any();

    /// <summary>Revocations may be read, or typed.</summary>
    public bool MayImport => Steps<PreviewCrlStep>().Any();

    /// <summary>A bundle is written.</summary>
    public bool Exports => Steps<CloseStep>().Any(s => s.Signed);

    /// <summary>Cards may be read by camera.</summary>
    public bool ReadsCards => _script.CardCodes;

    /// <summary>A line for each, as people lay it on the table.</summary>
    public ImmutableArray<string> InWords =>
    [
        $"{(_script.Combined.IsEmpty ? "People: " : "")}{CombinedSeats.Needed(_script)}.",
        .. Tokens(),
        .. Steps<DealSharesStep>().Select(Cards),
        .. Steps<RewrapKeyStep>().Any(s => s.Foreign) || Steps<RestoreKeyStep>().Any(s => s.Foreign)
            ? ["The cards that were made elsewhere: as many as open their set; and whoever knows their passphrase."]
            : Array.Empty<string>(),
        .. Steps<RewrapKeyStep>().Where(s => !s.Foreign).Select(s => s.Set).Distinct()
            .Select(set => $"The old {set} cards in their bags: as many as open their set; more is better."),
        .. Steps<ChangeActivationStep>().Any() ? ["The old activation cards in their bags, all of them, and what burns or cuts them."]
            : Array.Empty<string>(),
        .. Steps<DestroyKeyStep>().Any() ? ["The backup cards of the key in their bags, all of them, and what burns or cuts them."]
            : Array.Empty<string>(),
        .. Bags(),
        "Two record sticks with room, on two devices.",
        .. Imports ? [ImportsFolder ? "The import stick with what is to be read."
                : "The import stick with what is to be read, or a camera."]
            : MayImport ? new[] { "The import stick, when revocations are read and not typed." } : [],
        .. Exports ? ["The export stick, with room; it may be pulled out again until the close."] : Array.Empty<string>(),
        .. Previews ? ["zlint, as a second reader of each certificate."] : Array.Empty<string>(),
        .. Signs ? ["openssl, as one more reader of what is signed."] : Array.Empty<string>(),
        .. ReadsCards ? ["A camera, when cards are not typed."] : Array.Empty<string>(),
    ];

    private IEnumerable<string> Tokens()
    {
        string keys = Algorithms.IsEmpty ? "" : $" that makes {string.Join(" and ", Algorithms)} keys";
        string wraps = Wraps ? $"{(keys.Length == 0 ? " that" : " and")} wraps them by AES key wrap" : "";
        if (BlankPrimary)
            yield return $"A blank HSM{keys}{wraps}.";
        if (Steps<ReplaceHsmStep>().Any())
            yield return "The HSM that the ledger knows, with its activation cards: it is emptied at the end.";
        if (KnownPrimary)
            yield return $"The HSM that the ledger knows{(keys.Length == 0 ? "" : $",{keys[5..]}")}.";
        if (Drill)
            yield return "A second, blank HSM for the drill, with another serial number.";
    }

    private string Cards(DealSharesStep step)
    {
        int words = Slip39.WordCount(step.Bits / 8);
        Quorum quorum = _script.QuorumNamed(step.Quorum);
        return $"{quorum.Count} blank cards of {words} words for the {step.Set} set{(step.Dice ? ", and dice" : "")}.";
    }

    private IEnumerable<string> Bags()
    {
        int bags = Steps<SealBagsStep>().Sum(s => s.Contents.Length);
        if (bags > 0)
            yield return $"{bags} new tamper-evident bags"
                + (Steps<CheckCardsStep>().Any() ? ", and one for each card that is checked."
                    : Steps<RewrapKeyStep>().Any(s => !s.Foreign) ? ", and one for each old card that is typed." : ".");
        int closed = Steps<OpenBagsStep>().Sum(s => s.Contents.Length);
        int optional = Steps<OpenBagsStep>().Sum(s => s.Optional.Length);
        if (closed > 0)
            yield return $"{closed} bags from the safe{(optional > 0 ? $", and of {optional} more as many as are needed" : "")}.";
    }

    private IEnumerable<T> Steps<T>() where T : Step => _script.Steps.OfType<T>();
}
