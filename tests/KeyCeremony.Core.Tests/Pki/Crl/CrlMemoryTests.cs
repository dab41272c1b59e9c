using System.Diagnostics;
using KeyCeremony.Core.Pki.Crl;

namespace KeyCeremony.Core.Tests.Pki.Crl;

/// <summary>
/// Memory does not grow with the list. In a process of its own, for the other tests take memory too; ten million are in the benchmarks.
/// </summary>
public sealed class CrlMemoryTests
{
    private const int Entries = 2_000_000;
    private const double LimitMB = 150;

    [Fact]
    [Trait("Takes", "long")]
    public async Task Two_million_entries_are_signed_in_little_memory()
    {
        if (await PeakMemory.Of("crl-memory", Entries) is { } peak)
            Assert.InRange(peak, 1, LimitMB);
    }

    /// <summary>
    /// The child's side: nine of ten entries from the CRL before, none in order; prepared, linted, signed, assembled, linted. Megabytes.
    /// </summary>
    internal static double PeakOfIssuing(int count)
    {
        using var previousSort = new RevocationSort(Scratch);
        using var additionSort = new RevocationSort(Scratch);
        for (int i = 1; i <= count; i++)
            (i % 10 == 0 ? additionSort : previousSort).Add(EntryOf(i));
        using SortedRevocations previous = Finish(previousSort);
        using SortedRevocations additions = Finish(additionSort);
        if (!CrlMerge.TryMerge(previous, CrlRoom.Start, additions, [], shard: null, out MergedRevocations? merged, out Refusal? refusal)
            || !IsIssued(CrlRoom.P384.Plan, merged))
            throw new InvalidOperationException(refusal?.ToString() ?? "The CRL was not as planned.");
        return PeakMemory.Own();
    }

    private static bool IsIssued(CrlPlan plan, MergedRevocations merged)
    {
        using FileStream spool = Scratch();
        using FileStream file = Scratch();
        if (!CrlWriter.TryPrepare(plan, merged, spool, entriesWritten: null, out PreparedCrl? prepared, out Refusal? refusal))
            throw new InvalidOperationException(refusal.ToString());
        spool.Position = 0;
        SignedCrl signed = CrlRoom.P384.Sign(CrlLint.Check(prepared, spool));
        spool.Position = 0;
        signed.Assemble(spool, file);
        file.Position = 0;
        return !CrlLint.Check(signed, file).HasErrors;
    }

    // Without garbage: what is made here must not count.
    private static Revocation EntryOf(int i)
    {
        Span<byte> content = stackalloc byte[16];
        BitConverter.TryWriteBytes(content, unchecked((ulong)i * 0x9E3779B97F4A7C15));
        BitConverter.TryWriteBytes(content[8..], (long)i);
        content[0] = (byte)(content[0] & 0x3F | 0x40);
        return new Revocation(RevokedSerial.TryFromContent(content, out RevokedSerial serial) ? serial : throw new UnreachableException(),
            CrlRoom.Start, RevocationReason.KeyCompromise);
    }

    private static SortedRevocations Finish(RevocationSort sort) => sort.TryFinish(out SortedRevocations? sorted, out Refusal? refusal)
        ? sorted
        : throw new InvalidOperationException(refusal.ToString());

    private static FileStream Scratch() =>
        new(Path.Combine(Path.GetTempPath(), $"keyceremony-test-{Path.GetRandomFileName()}"),
            FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 64 * 1024, FileOptions.DeleteOnClose);
}
