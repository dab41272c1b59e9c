using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace KeyCeremony.App.Tests.Ledger.PowerCut;

/// <summary>What a program really did to a folder, from strace: each write with its bytes, each sync, each name.</summary>
internal static partial class SystemCalls
{
    private const string Traced = "lseek,open,openat,creat,write,pwrite64,writev,pwritev,pwritev2,ftruncate,truncate,fsync,fdatasync,"
        + "sync_file_range,rename,renameat,renameat2,link,linkat,unlink,unlinkat,fallocate,copy_file_range,sendfile,msync";

    /// <summary>Runs this assembly as a program under strace.</summary>
    /// <param name="log">A file that is not there yet.</param>
    public static IReadOnlyList<DiskCall> Of(string folder, string log, params string[] arguments)
    {
        string[] traced = ["-f", "-y", "-xx", "-s", "2000000", "-e", $"trace={Traced}", "-e", "signal=none", "-o", log];
        var start = new ProcessStartInfo("strace", [.. traced, "dotnet", typeof(SystemCalls).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors.Result);
        return [.. new Reader(folder).Read(File.ReadLines(log))];
    }

    private sealed class Reader(string folder)
    {
        private readonly Dictionary<string, string> _half = [];
        private readonly Dictionary<int, long> _position = [];
        private readonly HashSet<int> _synchronous = [];

        public IEnumerable<DiskCall> Read(IEnumerable<string> lines)
        {
            foreach (string line in lines)
            {
                string whole = line, thread = line[..line.IndexOf(' ', StringComparison.Ordinal)];
                if (line.IndexOf("<unfinished ...>", StringComparison.Ordinal) is > 0 and int cut)
                {
                    _half[thread] = line[..cut].TrimEnd();
                    continue;
                }
                if (Resumed().Match(line) is { Success: true } resumed && _half.Remove(thread, out string? half))
                    whole = half + resumed.Groups[1].Value;
                if (Call().Match(whole) is not { Success: true } call)
                    continue;
                long result = long.Parse(call.Groups[3].Value, CultureInfo.InvariantCulture);
                if (result >= 0)
                    foreach (DiskCall made in Made(call.Groups[1].Value, call.Groups[2].Value, result))
                        yield return made;
            }
        }

        private IEnumerable<DiskCall> Made(string call, string arguments, long result)
        {
            string[] texts = [.. Quoted().Matches(arguments).Select(m => m.Groups[1].Value)];
            return call switch
            {
                "openat" or "open" => Opened(Path(texts[0]), arguments, (int)result),
                "unlink" or "unlinkat" => Path(texts[0]) is { } name ? [new DiskCall.Unlink(name)] : [],
                "rename" or "renameat" or "renameat2" => Path(texts[1]) is { } to ? [new DiskCall.Rename(Path(texts[0])!, to)] : [],
                "link" or "linkat" => Path(texts[1]) is { } second ? [new DiskCall.Link(Path(texts[0])!, second)] : [],
                _ => OnDescriptor(call, arguments, texts, result),
            };
        }

        private IEnumerable<DiskCall> Opened(string? name, string arguments, int descriptor)
        {
            _position[descriptor] = 0;
            _synchronous.Remove(descriptor);
            if (name is null)
                yield break;
            if (arguments.Contains("SYNC", StringComparison.Ordinal))
                _synchronous.Add(descriptor);
            if (arguments.Contains("O_CREAT", StringComparison.Ordinal))
                yield return new DiskCall.Create(name);
            if (arguments.Contains("O_TRUNC", StringComparison.Ordinal))
                yield return new DiskCall.Truncate(name, 0);
        }

        private IEnumerable<DiskCall> OnDescriptor(string call, string arguments, string[] texts, long result)
        {
            if (Descriptor().Match(arguments) is not { Success: true } at)
                yield break;
            int descriptor = int.Parse(at.Groups[1].Value, CultureInfo.InvariantCulture);
            string? name = Path(at.Groups[2].Value);
            if (name is null)
            {
                string said = call == "write" ? Encoding.ASCII.GetString(Bytes(texts[0])) : "";
                const string acknowledged = WrittenLedger.Acknowledged;
                if (said.StartsWith(acknowledged, StringComparison.Ordinal))
                    yield return new DiskCall.Acknowledge(int.Parse(said[acknowledged.Length..], CultureInfo.InvariantCulture));
                yield break;
            }
            string end = arguments[(arguments.LastIndexOf(',') + 1)..];
            long last = call is "pwrite64" or "ftruncate" ? long.Parse(end, CultureInfo.InvariantCulture) : 0;
            switch (call)
            {
                case "lseek":
                    _position[descriptor] = result;
                    yield break;
                case "write" or "pwrite64":
                    long offset = call == "write" ? _position[descriptor] : last;
                    yield return new DiskCall.Write(name, offset, Bytes(texts[0])[..(int)result]);
                    if (call == "write")
                        _position[descriptor] += result;
                    if (_synchronous.Contains(descriptor))
                        yield return new DiskCall.Sync(name);
                    yield break;
                case "ftruncate":
                    yield return new DiskCall.Truncate(name, last);
                    yield break;
                case "fsync" or "fdatasync":
                    yield return name is "a" or "b" ? new DiskCall.SyncFolder(name) : new DiskCall.Sync(name);
                    yield break;
                default:
                    throw new NotSupportedException($"{call} is not modelled");
            }
        }

        /// <summary>Null outside of the folder.</summary>
        private string? Path(string hex)
        {
            string path = Encoding.UTF8.GetString(Bytes(hex));
            return path.StartsWith(folder + "/", StringComparison.Ordinal) ? path[(folder.Length + 1)..] : null;
        }

        private static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace("\\x", "", StringComparison.Ordinal));
    }

    [GeneratedRegex(@"^\d+\s+<\.\.\. \w+ resumed>(.*)$")]
    private static partial Regex Resumed();

    [GeneratedRegex(@"^\d+\s+(\w+)\((.*)\)\s+=\s+(-?\d+)")]
    private static partial Regex Call();

    [GeneratedRegex("\"([^\"]*)\"")]
    private static partial Regex Quoted();

    /// <summary>A file whose name is gone is still named, with a remark.</summary>
    [GeneratedRegex(@"^(\d+)<((?:\\x[0-9a-f]{2})*)[^>]*>")]
    private static partial Regex Descriptor();
}
