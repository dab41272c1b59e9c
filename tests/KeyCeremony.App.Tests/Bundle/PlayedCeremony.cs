using Files = System.Collections.Immutable.ImmutableSortedDictionary<string, System.ReadOnlyMemory<byte>>;

namespace KeyCeremony.App.Tests.Bundle;

/// <summary>One played ceremony for all tests of this folder.</summary>
public sealed class PlayedCeremony
{
    public PlayedCeremony() => Files = Room.Play(SoftwareRoom.Script("root-creation.md"));

    internal SoftwareRoom Room { get; } = new();

    internal Files Files { get; }
}
