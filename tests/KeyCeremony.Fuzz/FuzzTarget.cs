using System.Globalization;
using System.Text;
using KeyCeremony.Fuzz.Targets;

namespace KeyCeremony.Fuzz;

/// <summary>A reader of what somebody else wrote, and what it promises.</summary>
/// <param name="Name">As <c>make fuzz TARGET=</c> takes it.</param>
/// <param name="MaxBytes">Of an input: the reader's own limit and a little, or so much that every branch is reached.</param>
/// <param name="Read">Reads and throws when a promise is broken; whatever else is thrown is a finding too.</param>
/// <param name="Seeds">Small inputs of our own to begin with.</param>
/// <param name="Words">What the format's texts and bytes are made of.</param>
internal sealed record FuzzTarget(string Name, int MaxBytes, Action<byte[]> Read, Func<IEnumerable<byte[]>> Seeds, byte[][] Words)
{
    /// <summary>Processor time for one input.</summary>
    public TimeSpan MaxTime { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Allocated for one input, also what is given back at once.</summary>
    public long MaxMemory { get; init; } = 64L * 1024 * 1024;

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        .. PkiTargets.All, .. ManifestTargets.All, .. ReleaseTargets.All, .. TransferTargets.All, .. TextTargets.All, .. LedgerTargets.All,
    ];

    /// <summary>Inputs that once broke a promise, in <c>kept/TARGET/</c>.</summary>
    public static string Kept { get; } = Path.Combine(SeedFiles.Root, "tests", "KeyCeremony.Fuzz", "kept");

    public static FuzzTarget Named(string name) => All.FirstOrDefault(target => target.Name == name)
        ?? throw new ArgumentException($"There is no target {name}: {string.Join(", ", All.Select(target => target.Name))}.");

    /// <summary>Reads one input within the target's time and memory.</summary>
    public void Try(byte[] input)
    {
        if (input.Length > MaxBytes)
            return;
        TimeSpan before = Environment.CpuUsage.TotalTime;
        long allocated = GC.GetTotalAllocatedBytes();
        Read(input);
        TimeSpan took = Environment.CpuUsage.TotalTime - before;
        Held.That(took <= MaxTime, string.Create(CultureInfo.InvariantCulture, $"An input takes {took.TotalSeconds:0.0} s."));
        allocated = GC.GetTotalAllocatedBytes() - allocated;
        Held.That(allocated <= MaxMemory, $"An input allocates {allocated} bytes.");
    }

    /// <summary>The seeds, what was kept, and the words as afl-fuzz reads them: <c>FOLDER/seeds/</c>, <c>FOLDER/words.dict</c>.</summary>
    public void Sow(string folder)
    {
        string seeds = Path.Combine(folder, "seeds");
        Directory.CreateDirectory(seeds);
        int number = 0;
        foreach (byte[] seed in Inputs().Where(seed => seed.Length <= MaxBytes))
            File.WriteAllBytes(Path.Combine(seeds, string.Create(CultureInfo.InvariantCulture, $"{number++:000}")), seed);
        File.WriteAllLines(Path.Combine(folder, "words.dict"),
            Words.Select((word, i) => string.Create(CultureInfo.InvariantCulture, $"word{i}=\"{Escaped(word)}\"")));
    }

    /// <summary>Seeds and kept inputs.</summary>
    public IEnumerable<byte[]> Inputs() => Seeds().Concat(KeptInputs());

    private IEnumerable<byte[]> KeptInputs() => Directory.Exists(Path.Combine(Kept, Name))
        ? Directory.EnumerateFiles(Path.Combine(Kept, Name)).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)
        : [];

    private static string Escaped(byte[] word) => string.Concat(word.Select(b => b is > 0x20 and < 0x7F and not (byte)'"' and not (byte)'\\'
        ? ((char)b).ToString() : string.Create(CultureInfo.InvariantCulture, $"\\x{b:x2}")));

    /// <summary>The words of a text, one between blanks.</summary>
    public static byte[][] WordsOf(string text) => [.. text.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries)
        .Distinct().Select(Encoding.UTF8.GetBytes)];
}
