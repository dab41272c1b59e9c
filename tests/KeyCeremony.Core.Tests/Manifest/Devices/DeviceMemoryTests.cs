using KeyCeremony.Core.Manifest.Devices;

namespace KeyCeremony.Core.Tests.Manifest.Devices;

/// <summary>
/// Memory does not grow with the list. In a process of its own, for the other tests take memory too; ten million are in the benchmarks.
/// </summary>
public sealed class DeviceMemoryTests
{
    private const int Devices = 1_000_000;
    private const double LimitMB = 150;

    [Fact]
    public async Task A_million_devices_take_little_memory()
    {
        if (await PeakMemory.Of("device-memory", Devices) is { } peak)
            Assert.InRange(peak, 1, LimitMB);
    }

    /// <summary>The child's side: builds the tree of a list of so many devices. Megabytes.</summary>
    internal static double PeakOfBuilding(int devices)
    {
        using FileStream list = Scratch();
        LargeList.WriteTo(list, devices);
        list.Flush();
        var input = new DeviceTreeInput
        {
            OpenList = () => new FileStream(list.Name, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete),
            Salts = DeviceLists.Salts,
            NewScratch = Scratch,
        };
        if (!DeviceTree.TryCompute(input, out _, out DeviceListProblems? problems))
            throw new InvalidOperationException(problems.Refusal.ToString());
        return PeakMemory.Own();
    }

    private static FileStream Scratch() =>
        new(Path.Combine(Path.GetTempPath(), $"keyceremony-test-{Path.GetRandomFileName()}"),
            FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, 64 * 1024, FileOptions.DeleteOnClose);
}
