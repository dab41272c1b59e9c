using System.Collections.Immutable;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Ceremony.Steps;

/// <summary>What an aborted ceremony left is dead: it is refused wherever it is used, and destroyed in the HSM that holds it.</summary>
internal static class Dying
{
    private const string DestroyId = "destroy/";

    /// <summary>Each dead key of this HSM, the oldest first: the witness proves to have read which one, then it is destroyed.</summary>
    public static Move Destroy(CeremonyState s)
    {
        if (s.World.Primary is null)
            return Tokens.UnlockFirst(s);
        ImmutableArray<string> gone = [.. s.Facts<KeyDestroyed>().Select(d => $"destroyed {d.Key}, CKA_ID {d.CkaId}")];
        if (s.World.DeadKeys is not [var next, ..])
            return (gone.IsEmpty ? null : Eyes.Look(s, s.World.Primary.Commissioned.Serial))
                ?? Room.Seen(s, Roles.Witness, gone.IsEmpty ? "This HSM holds no dead key."
                : "No dead key is left in this HSM: it was asked for each and holds nothing of it.", [.. gone, .. Eyes.Lines(s)]);
        // The HSM is asked for what an interrupted attempt may have left, so it is named by its CKA_ID, as the HSM has it.
        string id = $"{DestroyId}{next.CkaId}";
        if (s.Answer(id) is null)
            return new Ask(new Question(id, Roles.Witness, 1,
                $"The key \"{next.Key}\" is destroyed for good. Type the first two words of its ID.", AnswerKind.Typed,
                "Nothing is signed with it any more, and nobody can bring it back. If it is not the one that was given up, abort (F9).",
                Evidence.FirstWords(next.CkaId),
                Evidence: [$"Key    {next.Key}", $"Made in {next.Ceremony}, which was aborted",
                    .. Evidence.Hash("CKA_ID", next.CkaId), .. gone]));
        return new Perform(new DestroyKey(next.Key, next.CkaId, s.World.Primary.Commissioned.Serial));
    }

    /// <summary>What the ledger knows to be left behind in the HSM.</summary>
    public static IEnumerable<string> Lines(CeremonyState s) =>
        s.World.DeadKeys.Select(d => $"DEAD    the key \"{d.Key}\" of {d.Ceremony} lies in the HSM: abandoned-keys.md destroys it");

    /// <param name="what">Begins the sentence, e.g. <c>The key "root"</c>.</param>
    public static Refusal Refuse(string what, string ceremony) => new(CeremonyRules.Dead,
        $"{what} was made in the ceremony {ceremony}, which was aborted: it is dead.",
        "Make another one, under another name in the script. abandoned-keys.md destroys what is left of it in the HSM.");

    /// <summary>Whether the key or the set of its backup is dead, or the key ended.</summary>
    public static Refusal? RefuseKey(CeremonyState s, string name, KeyFact key)
    {
        if (s.World.IsDead(key.Ceremony))
            return Refuse($"The key \"{name}\"", key.Ceremony);
        if (s.World.Ended.TryGetValue(name, out EndedKey? ended))
            return Ending.Refuse($"The key \"{name}\"", ended);
        return key.Backup is { } backup && s.World.Sets.TryGetValue(backup.Set, out ShareSetFact? set) && s.World.IsDead(set.Ceremony)
            ? Refuse($"The backup of the key \"{name}\"", set.Ceremony)
            : null;
    }
}
