using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using KeyCeremony.App.Room;
using KeyCeremony.Core.Journal;
using KeyCeremony.Pkcs11;
using KeyCeremony.Pkcs11.Hosting;
using Xunit.Abstractions;

namespace KeyCeremony.Hsm.Tests;

/// <summary>
/// Who starts the process of an HSM's module on the live image. What systemd does there, a listener of five lines does here: it starts the
/// program's <c>hsm-warden</c> for each connection, with that for its third descriptor.
/// </summary>
public sealed class WardenTests : IDisposable
{
    private const string Listener = """
        import os, socket, subprocess, sys
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        listener.bind(sys.argv[1]); listener.listen()
        print("listens", flush=True)
        started = []
        while True:
            line, _ = listener.accept()
            started = [process for process in started if process.poll() is None] + [subprocess.Popen(sys.argv[2:], pass_fds=[3],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, preexec_fn=lambda: os.dup2(line.fileno(), 3))]
            line.close()
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly string Soft = SoftHsmTokens.Module()
        ?? throw new InvalidOperationException("SoftHSM2 is not installed: apt-get install softhsm2");

    private readonly string _folder = Directory.CreateTempSubdirectory("keyceremony-warden-").FullName;
    private readonly Process _listener;

    public WardenTests(ITestOutputHelper output)
    {
        SoftHsmTokens.Prepare(Path.Combine(_folder, "hsm"));
        var start = new ProcessStartInfo("python3",
            ["-c", Listener, Socket, "dotnet", Repository.Program, "hsm-warden", "--modules", "/usr/lib"]);
        start.Environment["SOFTHSM2_CONF"] = Path.Combine(_folder, "hsm", "softhsm2.conf");
        _listener = Tool.Start(start);
        _listener.ErrorDataReceived += (_, e) => output.WriteLine(e.Data ?? "");
        _listener.BeginErrorReadLine();
        Assert.Equal("listens", _listener.StandardOutput.ReadLine());
    }

    private string Socket => Path.Combine(_folder, "warden");

    public void Dispose()
    {
        _listener.Kill(entireProcessTree: true);
        _listener.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void A_module_in_its_keeping_does_what_it_does_as_a_child_and_ends_with_its_last_word()
    {
        var module = Module.Start(Soft, Asked(Soft));
        int host = Assert.Single(Hosts());
        Assert.Null(module.HostProcessId);
        TokenInfo token = module.InitToken(module.Tokens().Single(t => !t.Initialised), "1234"u8, "warded");
        using (Session session = module.OpenSession(token))
        {
            byte[] random = new byte[32];
            session.GenerateRandom(random);
            Assert.NotEqual(new byte[32], random);
        }
        // Its own folder: nothing of the program's variables comes with the order.
        Assert.DoesNotContain("KEYCEREMONY_", File.ReadAllText($"/proc/{host}/environ"), StringComparison.Ordinal);
        Assert.Equal("", module.Said());

        module.ShutDown();

        // The warden has said so before: another process may have the device at once.
        Assert.Empty(Hosts());
    }

    [Fact]
    public void How_its_process_ended_is_said_as_for_a_child()
    {
        var module = Module.Start(Soft, Asked(Soft));
        Tool.Run("kill", "-s", "KILL", Id(Assert.Single(Hosts()))).Expect(0);

        HostLostException lost = Assert.Throws<HostLostException>(() => module.Tokens());

        Assert.Equal(HostFault.Ended, lost.Fault);
        Assert.Contains("by SIGKILL, from outside or for want of memory", lost.Sentence, StringComparison.Ordinal);
        Assert.True(module.IsLost);
        module.ShutDown();
    }

    [Fact]
    public void One_that_hangs_is_ended_in_its_time()
    {
        var module = Module.Start(Soft, Asked(Soft) with { Limits = CallLimits.OfSeconds(20) });
        Tool.Run("kill", "-s", "STOP", Id(Assert.Single(Hosts()))).Expect(0);

        Assert.Equal(HostFault.Silent, Assert.Throws<HostLostException>(() => module.Tokens()).Fault);

        Assert.Empty(Hosts());
        module.ShutDown();
    }

    [Fact]
    public void It_ends_with_the_program_whatever_it_does()
    {
        int before = Wardens().Length;
        using (var program = new Socket(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified))
        {
            program.Connect(new UnixDomainSocketEndPoint(Socket));
            program.Send(Encoding.UTF8.GetBytes($"hsm-host\0{Soft}"));
            Until(() => Hosts().Length == 1);
            Tool.Run("kill", "-s", "STOP", Id(Hosts()[0])).Expect(0);
        }
        Until(() => Hosts().Length == 0 && Wardens().Length == before);
    }

    /// <summary>Nothing else is started: no other command, no file of somebody's stick, no way out of the folder.</summary>
    [Theory]
    [InlineData("run")]
    [InlineData("hsm-host")]
    [InlineData("hsm-host", "")]
    [InlineData("hsm-host", "libsofthsm2.so")]
    [InlineData("hsm-host", "/usr/lib/../../etc/hostname")]
    [InlineData("hsm-host", "{folder}/stick.so")]
    [InlineData("hsm-host", "{module}", "--option")]
    [InlineData("second-look", "{module}")]
    [InlineData("second-look", "{folder}/stick.so", "1")]
    public void What_is_not_a_module_of_the_image_is_not_started(params string[] words)
    {
        File.Copy(Soft, Path.Combine(_folder, "stick.so"));
        IEnumerable<string> order = words.Select(w => w.Replace("{folder}", _folder, StringComparison.Ordinal)
            .Replace("{module}", Soft, StringComparison.Ordinal));
        using var program = new Socket(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified) { ReceiveTimeout = 60_000 };
        program.Connect(new UnixDomainSocketEndPoint(Socket));
        program.Send(Encoding.UTF8.GetBytes(string.Join('\0', order)));

        Assert.Equal(0, program.Receive(new byte[64]));
        Assert.Empty(Hosts());
    }

    [Fact]
    public void Without_a_warden_the_room_hears_that_the_process_cannot_be_started()
    {
        HostStart nobody = Asked(Soft) with { Warden = Path.Combine(_folder, "nobody") };
        Assert.Equal(HostFault.NotStarted, Assert.Throws<HostLostException>(() => Module.Start(Soft, nobody)).Fault);
        Finding told = HsmUnit.Apart(Path.Combine(_folder, "nobody"));
        Assert.Equal(("SELF-13", FindingResults.Fail), (told.Id, told.Result));
    }

    /// <summary>The second look at a token, as the room takes it, with a PIN.</summary>
    [Fact]
    public void The_second_look_is_taken_in_its_keeping_too()
    {
        var module = Module.Start(Soft, Asked(Soft));
        TokenInfo token = module.InitToken(module.Tokens().Single(t => !t.Initialised), "security"u8, "warded");
        using (Session session = module.OpenSession(token))
        {
            session.Login(LoginRole.SecurityOfficer, "security"u8);
            session.InitPin("user-pin"u8);
            session.Logout();
            session.Login(LoginRole.User, "user-pin"u8);
            _ = session.GenerateKeyPair(KeyKind.EcP256, "root", KeyId.Parse("0102"));
        }
        token = module.Tokens().Single(t => t.Serial == token.Serial);
        module.ShutDown();

        ImmutableArray<string> look = [SecondLook.CommandName, Soft, token.Serial];
        (int? code, string said) = WardedProgram.Run(Socket, look, "user-"u8, "pin"u8, 1 << 20, Patience);
        Assert.Equal(0, code);
        Assert.EndsWith("end 2\n", said, StringComparison.Ordinal);

        // A wrong PIN is told as by a child: with the call's name and the token's own answer.
        (code, said) = WardedProgram.Run(Socket, look, [], "wrong-pin"u8, 1 << 20, Patience);
        Assert.Equal((SecondLook.Refused, "C_Login A0\n"), (code, said));
    }

    /// <summary>Here it has a network and all that is this user's: it must say so.</summary>
    [Fact]
    public void Asked_what_it_may_do_it_does_not_flatter_itself()
    {
        Finding apart = HsmUnit.Apart(Socket);
        Assert.Equal(("SELF-13", FindingResults.Fail), (apart.Id, apart.Result));
        Finding modules = HsmUnit.Modules(Socket, [Soft]);
        Assert.Equal(("SELF-14", FindingResults.Pass), (modules.Id, modules.Result));
        Assert.Contains("libsofthsm2.so sees SoftHSM project SoftHSM v2", modules.Text, StringComparison.Ordinal);
        Finding none = HsmUnit.Modules(Socket, [Path.Combine(_folder, "hsm", "softhsm2.conf")]);
        Assert.Equal(FindingResults.Fail, none.Result);
    }

    private HostStart Asked(string module) =>
        new(["hsm-host", module], ImmutableSortedDictionary<string, string>.Empty, CallLimits.Usual, Socket);

    private static string Id(int process) => process.ToString(CultureInfo.InvariantCulture);

    private int[] Wardens() => Children(_listener.Id);

    private int[] Hosts() => [.. Wardens().SelectMany(Children)];

    private static int[] Children(int process)
    {
        try
        {
            return [.. Directory.EnumerateDirectories($"/proc/{process}/task")
                .SelectMany(t => File.ReadAllText(Path.Combine(t, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Select(id => int.Parse(id, CultureInfo.InvariantCulture)).Where(IsAlive)];
        }
        catch (IOException)
        {
            return []; // It ended meanwhile.
        }
    }

    private static bool IsAlive(int process) => File.Exists($"/proc/{process}/stat")
        && !File.ReadAllText($"/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal);

    private static void Until(Func<bool> isSo)
    {
        for (var watch = Stopwatch.StartNew(); !isSo(); Thread.Sleep(20))
            Assert.True(watch.Elapsed < Patience, "it never became so");
    }
}
