using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using KeyCeremony.Core;

namespace KeyCeremony.App.Devices;

/// <summary>A volume on its drive.</summary>
internal sealed record Stick(Drive Drive, Volume Volume)
{
    public string InWords => $"{Volume.Name}: {Drive.InWords}, {Volume.InWords}";
}

/// <summary>What a person chose to play a part. The same stick is known again in another port, under another name.</summary>
internal sealed record StickChoice(string Vendor, string Model, string Serial, long Bytes, int Partition)
{
    public static StickChoice Of(Stick stick) =>
        new(stick.Drive.Vendor, stick.Drive.Model, stick.Drive.Serial, stick.Drive.Bytes, stick.Drive.Volumes.IndexOf(stick.Volume));
}

/// <summary>Which stick plays which part: the chosen one, else the one with the label.</summary>
internal sealed record StickMatch(DriveList Found, ImmutableDictionary<StickRole, StickChoice> Choices)
{
    public static readonly StickMatch None = new(DriveList.Empty, ImmutableDictionary<StickRole, StickChoice>.Empty);

    public ImmutableArray<Stick> Sticks { get; } = [.. Found.Drives.SelectMany(d => d.Volumes.Select(v => new Stick(d, v)))];

    /// <summary>Refused: STICK-01 there is none. STICK-02 there are several.</summary>
    public bool TryFind(StickRole role, [NotNullWhen(true)] out Stick? stick, [NotNullWhen(false)] out Refusal? refusal)
    {
        bool chosen = Choices.TryGetValue(role, out StickChoice? choice);
        Stick[] fitting = [.. Sticks.Where(
            s => chosen ? StickChoice.Of(s) == choice : s.Volume.Label == role.Label && !Choices.ContainsValue(StickChoice.Of(s)))];
        stick = fitting.Length == 1 ? fitting[0] : null;
        string wanted = chosen ? "as the one that was chosen" : $"labelled {role.Label}";
        refusal = fitting.Length switch
        {
            0 => StickRules.Missing.Refuse($"There is no {role.Name}: no stick {wanted}."),
            1 => null,
            _ => StickRules.Ambiguous.Refuse($"{fitting.Length} sticks are {wanted}: {string.Join("; ", fitting.Select(s => s.InWords))}."),
        };
        return stick is not null;
    }

    /// <summary>Gives a stick a part; the part that it had by an earlier choice is free again.</summary>
    public StickMatch Choose(StickRole role, Stick stick) => this with
    {
        Choices = Choices.RemoveRange(Choices.Where(c => c.Value == StickChoice.Of(stick)).Select(c => c.Key))
            .SetItem(role, StickChoice.Of(stick)),
    };

    /// <summary>The part that a stick plays now; null when none.</summary>
    public StickRole? RoleOf(Stick stick) => StickRole.All.FirstOrDefault(r => TryFind(r, out Stick? found, out _) && found == stick);
}
