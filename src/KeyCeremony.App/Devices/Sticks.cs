using System.Collections.Immutable;
using KeyCeremony.App.Ground;
using KeyCeremony.Core;

namespace KeyCeremony.App.Devices;

/// <summary>The sticks of one ceremony: found, mounted at their places, and given free at the end.</summary>
/// <param name="places">The folder of the places.</param>
internal sealed class Sticks(AskDrives ask, string places) : IDisposable
{
    private readonly Dictionary<StickRole, Stick> _mounted = [];

    /// <summary>What the people chose; by label without.</summary>
    public ImmutableDictionary<StickRole, StickChoice> Choices { get; set; } = StickMatch.None.Choices;

    /// <summary>The record sticks' folders.</summary>
    public string[] Records => [PathOf(StickRole.RecordA), PathOf(StickRole.RecordB)];

    public string PathOf(StickRole role) => Path.Combine(places, role.Place);

    /// <summary>What is mounted now.</summary>
    public IReadOnlyDictionary<StickRole, Stick> InUse => _mounted;

    /// <exception cref="CeremonyException">A STICK rule.</exception>
    public DriveList Look() => Asked(new DriveRequest(DriveWords.List)).List
        ?? throw new CeremonyException(StickRules.NoHelp.Refuse("The drive helper's answer holds no list."));

    /// <summary>Takes the record sticks into use. What an earlier run left mounted is taken away first.</summary>
    /// <exception cref="CeremonyException">A STICK rule.</exception>
    public void Attach()
    {
        ReleaseAll();
        Mount(StickRole.RecordA, write: true);
        Mount(StickRole.RecordB, write: true);
    }

    /// <summary>The import stick, when it is not in use or another one was plugged in.</summary>
    /// <exception cref="CeremonyException">A STICK rule.</exception>
    public void AttachImport()
    {
        if (_mounted.TryGetValue(StickRole.Import, out Stick? now) && IsThere(now))
            return;
        Release(StickRole.Import);
        Mount(StickRole.Import, write: false);
    }

    /// <exception cref="CeremonyException">A STICK rule.</exception>
    public Stick Mount(StickRole role, bool write)
    {
        if (!new StickMatch(Look(), Choices).TryFind(role, out Stick? stick, out Refusal? refusal))
            throw new CeremonyException(refusal);
        MountAgain(role, stick, write);
        return stick;
    }

    /// <summary>The very same stick as before, or none.</summary>
    public void MountAgain(StickRole role, Stick stick, bool write)
    {
        _ = Asked(new DriveRequest(DriveWords.Mount, stick.Drive.Name, stick.Drive.Plugged, stick.Volume.Name, role.Place, write));
        _mounted[role] = stick;
    }

    /// <summary>Written out, unmounted, and forgotten by the kernel.</summary>
    public void Release(StickRole role)
    {
        _ = Asked(new DriveRequest(DriveWords.Unmount, Place: role.Place));
        _mounted.Remove(role);
    }

    /// <exception cref="CeremonyException">A STICK rule.</exception>
    public void ReleaseAll()
    {
        foreach (StickRole role in StickRole.All)
            Release(role);
    }

    public void Eject(Stick stick) => Asked(new DriveRequest(DriveWords.Eject, stick.Drive.Name, stick.Drive.Plugged));

    public bool IsThere(Stick stick) => Look().Drives.Any(d => d.Name == stick.Drive.Name && d.Plugged == stick.Drive.Plugged);

    /// <summary>What can be given free is given free; what cannot is said.</summary>
    public void Dispose()
    {
        foreach ((StickRole role, Stick stick) in _mounted.ToArray())
            try
            {
                Release(role);
                Console.WriteLine($"{Capital(role.Name)} ({stick.Drive.InWords}) may be pulled out.");
            }
            catch (CeremonyException e)
            {
                Console.Error.WriteLine($"{e.Refusal.Rule}  {e.Refusal.Message} Do not pull it out before the computer is off.");
            }
    }

    internal static string Capital(string name) => char.ToUpperInvariant(name[0]) + name[1..];

    private DriveAnswer Asked(DriveRequest request)
    {
        DriveAnswer answer = ask(request);
        return answer.Refused is null ? answer : throw new CeremonyException(answer.Refused);
    }
}
