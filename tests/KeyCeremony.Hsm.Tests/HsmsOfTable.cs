using KeyCeremony.App.Room;

namespace KeyCeremony.Hsm.Tests;

/// <summary>A kind of HSM whose files lie on a table, so that a copy of the table is a copy of its HSMs.</summary>
/// <param name="Module">What a stub hands its calls on to.</param>
/// <param name="SeesSharedMemory">Whether a program that works with them sees the machine's /dev/shm.</param>
/// <param name="PlugIn">Makes the HSMs of a table work until the result is disposed.</param>
/// <param name="HoldWhatTheLedgerKnows">Fails where they hold anything else.</param>
internal sealed record HsmsOfTable(string Module, bool SeesSharedMemory, Func<Table, IDisposable?> PlugIn,
    Action<Table> HoldWhatTheLedgerKnows)
{
    public static HsmsOfTable SoftHsm { get; } = new(
        SoftHsmTokens.Module() ?? throw new InvalidOperationException("SoftHSM2 is not installed: apt-get install softhsm2"),
        SeesSharedMemory: true, _ => null, Token.HoldsWhatTheLedgerKnows);

    /// <summary>Each table's tokens with a daemon of their own, which knows nothing of what was before.</summary>
    public static HsmsOfTable OpenCryptoki { get; } = OpenCryptokiIn(null);

    /// <param name="root">Of a newer Debian (<see cref="Tests.OpenCryptoki.NewerRoot"/>); null: the machine's.</param>
    public static HsmsOfTable OpenCryptokiIn(string? root) => new(Tests.OpenCryptoki.Module, SeesSharedMemory: false, table =>
    {
        var tokens = new OpenCryptoki(tokens: Directory.CreateDirectory(Path.Combine(table.Hsm, "opencryptoki")).FullName, root: root);
        tokens.Lay(table);
        return tokens;
    }, Tests.OpenCryptoki.HoldsWhatTheLedgerKnows);
}
