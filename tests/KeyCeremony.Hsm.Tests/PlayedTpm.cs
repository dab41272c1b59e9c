using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace KeyCeremony.Hsm.Tests;

/// <summary>
/// A TPM of its own, played by swtpm, behind Debian's tpm2-pkcs11, with one token on it and a key in that. Whoever starts a program on the
/// table reaches it.
/// </summary>
internal sealed class PlayedTpm : IDisposable
{
    public const string Pin = "648219";

    private readonly string _folder = Directory.CreateTempSubdirectory("keyceremony-tpm-").FullName;
    private readonly Process _tpm;
    private readonly Dictionary<string, string> _variables;

    public PlayedTpm(Table table)
    {
        int port = FreePair();
        string state = Directory.CreateDirectory(Path.Combine(_folder, "state")).FullName;
        _tpm = Tests.Tool.Start(new ProcessStartInfo("swtpm", ["socket", "--tpm2", "--tpmstate", $"dir={state}", "--server",
            string.Create(CultureInfo.InvariantCulture, $"type=tcp,port={port}"), "--ctrl",
            string.Create(CultureInfo.InvariantCulture, $"type=tcp,port={port + 1}"), "--flags", "not-need-init,startup-clear"]));
        _variables = new()
        {
            ["TPM2_PKCS11_STORE"] = Directory.CreateDirectory(Path.Combine(_folder, "store")).FullName,
            ["TPM2_PKCS11_TCTI"] = string.Create(CultureInfo.InvariantCulture, $"swtpm:host=127.0.0.1,port={port}"),
            ["TSS2_LOG"] = "all+NONE",
        };
        foreach ((string name, string value) in _variables)
            table.Variables[name] = value;
        WaitUntilItListens(port);
        _ = Tool("--init-token", "--slot-index", "0", "--label", "ours", "--so-pin", "12345678");
        _ = Tool("--token-label", "ours", "--login", "--login-type", "so", "--so-pin", "12345678", "--init-pin", "--pin", Pin);
        _ = Tool("--token-label", "ours", "--login", "--pin", Pin, "--keypairgen", "--key-type", "EC:prime256v1", "--label", "ours");
        OtherName = Path.Combine(_folder, "hsm.so");
        File.Copy(Module, OtherName);
    }

    /// <exception cref="InvalidOperationException">It is not installed.</exception>
    public static string Module { get; } =
        new[] { "/usr/lib/x86_64-linux-gnu/libtpm2_pkcs11.so.1", "/usr/lib/aarch64-linux-gnu/libtpm2_pkcs11.so.1" }
            .FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException("tpm2-pkcs11 is not installed: apt-get install libtpm2-pkcs11-1");

    /// <summary>The same module in a file whose name says nothing.</summary>
    public string OtherName { get; }

    /// <summary>What OpenSC's tool says of it.</summary>
    public string Tool(params string[] arguments)
    {
        var start = new ProcessStartInfo("pkcs11-tool", ["--module", Module, .. arguments]);
        foreach ((string name, string value) in _variables)
            start.Environment[name] = value;
        return Tests.Tool.Run(start).Expect(0).Out;
    }

    public void Dispose()
    {
        _tpm.Kill();
        _tpm.WaitForExit();
        _tpm.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>The module takes the control channel to be one above.</summary>
    private static int FreePair()
    {
        while (true)
        {
            using var first = new TcpListener(IPAddress.Loopback, 0);
            first.Start();
            int port = ((IPEndPoint)first.LocalEndpoint).Port;
            try
            {
                using var second = new TcpListener(IPAddress.Loopback, port + 1);
                second.Start();
                return port;
            }
            catch (SocketException)
            {
                // The next pair.
            }
        }
    }

    /// <summary>On the control channel: on the other it serves one after the other.</summary>
    private static void WaitUntilItListens(int port)
    {
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < TimeSpan.FromSeconds(30); Thread.Sleep(50))
        {
            try
            {
                using var client = new TcpClient("127.0.0.1", port + 1);
                return;
            }
            catch (SocketException)
            {
                // Not yet.
            }
        }

        throw new InvalidOperationException("swtpm does not start.");
    }
}
