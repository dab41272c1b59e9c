using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Ceremony.Steps;

/// <summary>
/// What changes a device or deals cards cannot be taken back, so it never starts on the key that ended the step before: once the text of
/// the step was read, somebody types the word for it. Asked again after a restart, because another person may sit there then.
/// </summary>
internal static class Beginning
{
    private const string Id = "begin";

    /// <summary>The move itself, or the question before it. Not asked in ceremonies of the first format.</summary>
    public static Move Of(CeremonyState s, Move move) => s.Format >= JournalFormats.Replayed && s.Pending is null
        && move is Perform { Effect: var effect } && (effect.ChangesDevice || effect is MakeShares)
        && About(effect) is { } about && s.Since(b => b is Reopened).Answer(Id) is null
            ? new Ask(Before(s, about.Word, about.Happens))
            : move;

    private static Question Before(CeremonyState s, string word, string happens) => new(Id,
        s.Script.SeatsFor(Roles.Operator) > 0 ? Roles.Operator : s.Step!.By, 1, $"Was the text read to its end? {happens}",
        AnswerKind.Typed,
        "Nothing has begun. It begins with this word and cannot be taken back.", word);

    /// <summary>Null where a word of its own was typed for it just before: closing, and each dead key that is destroyed.</summary>
    private static (string Word, string Happens)? About(Effect effect) => effect switch
    {
        ProbeToken e => ("inspect", $"The {e.Token} HSM is tried out: it must be the blank one, and it is initialised for that."),
        MakeShares e => ("deal", $"The secret of the {e.SetName} cards is made; then the cards are dealt, one officer after another."),
        CommissionToken e => ("commission", $"The HSM is initialised as \"{e.Label}\", under PINs that nobody knows."),
        ChangePins e => ("change", $"The PINs of the HSM become those of {e.Set}: from then on the old cards open nothing."),
        GenerateKey e => ("generate", $"The key \"{e.Key}\" is made inside the HSM."),
        SignCertificate e => ("sign", $"The certificate \"{e.Certificate}\" is signed."),
        SignCrl e => ("sign", $"The revocation list \"{e.Crl}\" is signed."),
        SignManifest => ("sign", "The manifests of all batches that were taken are signed."),
        SignRelease e => ("sign", $"The release \"{e.Release}\" is signed."),
        BackUpKey e => ("wrap", $"The key \"{e.Key}\" is wrapped for its backup."),
        RewrapKey e => ("rewrap", $"The key \"{e.Key}\" comes out of its backup in the drill HSM, is wrapped under the new cards, "
            + "and the drill HSM is wiped."),
        DestroyWrapKey => ("destroy", "The wrap key is destroyed, in the HSM and in memory."),
        DrillRecovery e => ("drill", $"The key \"{e.Key}\" comes back in the drill HSM, which is wiped afterwards."),
        LockKey e => ("lock", $"The key \"{e.Key}\" is locked for good."),
        LinkRoots => ("sign", "Both roots sign the statement that names them."),
        WithdrawRoot e => ("sign", $"\"{e.Successor}\" signs that the root \"{e.Root}\" is withdrawn."),
        RestoreKey e => ("restore", $"The key \"{e.Key}\" is restored in this HSM."),
        _ => null,
    };
}
