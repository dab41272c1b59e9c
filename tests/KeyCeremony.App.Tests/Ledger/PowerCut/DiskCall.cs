namespace KeyCeremony.App.Tests.Ledger.PowerCut;

/// <summary>A system call that changes what a medium holds, or promises something about it. Names begin at both sticks' folder.</summary>
internal abstract record DiskCall
{
    public sealed record Create(string Name) : DiskCall;

    public sealed record Write(string Name, long Offset, byte[] Bytes) : DiskCall;

    public sealed record Truncate(string Name, long Length) : DiskCall;

    public sealed record Sync(string Name) : DiskCall;

    public sealed record SyncFolder(string Name) : DiskCall;

    public sealed record Unlink(string Name) : DiskCall;

    public sealed record Link(string From, string To) : DiskCall;

    public sealed record Rename(string From, string To) : DiskCall;

    /// <summary>The writer has said that this many entries are on both sticks.</summary>
    public sealed record Acknowledge(int Entries) : DiskCall;
}
