using System.Collections.Immutable;

namespace KeyCeremony.Core.Sharing;

/// <summary>All cards of one dealing. Disposing it wipes every share.</summary>
public sealed class ShareSet : IDisposable
{
    internal ShareSet(GroupPlan plan, ImmutableArray<ImmutableArray<Share>> groups)
    {
        Plan = plan;
        Groups = groups;
        Shares = [.. groups.SelectMany(group => group)];
    }

    public GroupPlan Plan { get; }

    /// <summary>By group index, then by member index.</summary>
    public ImmutableArray<ImmutableArray<Share>> Groups { get; }

    /// <summary>All shares in the order they are dealt.</summary>
    public ImmutableArray<Share> Shares { get; }

    public void Dispose()
    {
        foreach (Share share in Shares)
            share.Dispose();
    }
}
