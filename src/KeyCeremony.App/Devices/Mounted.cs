namespace KeyCeremony.App.Devices;

/// <summary>What is mounted or swapped to, by proc(5).</summary>
internal sealed class Mounted
{
    private readonly List<(string Number, string Source, string Point)> _mounts = [];
    private readonly string _dev;

    private Mounted(string dev) => _dev = dev;

    public static Mounted Read(KernelView kernel)
    {
        var mounted = new Mounted(kernel.Dev);
        foreach (string[] f in Lines(kernel, "self/mountinfo"))
            if (Array.IndexOf(f, "-") is > 5 and int dash && f.Length > dash + 2)
                mounted._mounts.Add((f[2], Plain(f[dash + 2]), Plain(f[4])));
        foreach (string[] f in Lines(kernel, "swaps").Skip(1))
            mounted._mounts.Add(("", Plain(f[0]), "swap"));
        return mounted;
    }

    /// <summary>Every mount point of a device.</summary>
    /// <param name="number">major:minor.</param>
    public IEnumerable<string> At(string name, string number) =>
        _mounts.Where(m => m.Number.Length > 0 && m.Number == number || m.Source == Path.Combine(_dev, name)).Select(m => m.Point);

    /// <summary>The kernel's name of what is mounted there, e.g. <c>sdb1</c>; null when nothing is.</summary>
    public string? On(string point) =>
        _mounts.LastOrDefault(m => m.Point == point) is { Source: { } source } ? Path.GetFileName(source) : null;

    private static IEnumerable<string[]> Lines(KernelView kernel, string file) => File.Exists(Path.Combine(kernel.Proc, file))
        ? File.ReadLines(Path.Combine(kernel.Proc, file)).Select(l => l.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            .Where(f => f.Length > 0) : [];

    /// <summary>Blanks and the like are written as three octal digits.</summary>
    private static string Plain(string text) => text.Replace("\\040", " ", StringComparison.Ordinal)
        .Replace("\\011", "\t", StringComparison.Ordinal).Replace("\\134", "\\", StringComparison.Ordinal);
}
