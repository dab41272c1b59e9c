using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using KeyCeremony.App.Room;
using KeyCeremony.Pkcs11;
using KeyCeremony.Pkcs11.Hosting;
using KeyCeremony.Pkcs11.Tests;

namespace KeyCeremony.Hsm.Tests;

/// <summary>
/// The process that holds a module, with a toy module that does what it should not in one function after another: this process
/// learns which call it was and what happened, in time, and starts another.
/// </summary>
public sealed class ModuleHostTests
{
    /// <summary>A hang is waited out in every function.</summary>
    private const int ShortSeconds = 15;

    /// <summary>They wait more than they work.</summary>
    private static readonly ParallelOptions SideBySide = new() { MaxDegreeOfParallelism = 6 };

    /// <summary>Whoever hangs takes time and no processor.</summary>
    private static readonly ParallelOptions Waiting = new() { MaxDegreeOfParallelism = 16 };

    private static readonly string Stub = StubModule.Build(AppContext.BaseDirectory);

    /// <summary>Every function that the product calls.</summary>
    private static readonly ImmutableArray<string> Functions =
    [
        "C_Initialize", "C_GetInfo", "C_GetSlotList", "C_GetTokenInfo", "C_GetMechanismList", "C_GetMechanismInfo", "C_InitToken",
        "C_OpenSession", "C_GetSessionInfo", "C_Login", "C_InitPIN", "C_SetPIN", "C_GenerateRandom", "C_CreateObject", "C_GenerateKeyPair",
        "C_FindObjectsInit", "C_FindObjects", "C_FindObjectsFinal", "C_GetAttributeValue", "C_SetAttributeValue", "C_SignInit", "C_Sign",
        "C_SignUpdate", "C_SignFinal", "C_WrapKey", "C_UnwrapKey", "C_DestroyObject", "C_Logout", "C_CloseSession", "C_Finalize",
    ];

    /// <summary>After these two nothing is wanted of a module: that it was lost there is told to nobody.</summary>
    private static readonly ImmutableArray<string> Goodbyes = ["C_CloseSession", "C_Finalize"];

    /// <summary>What these say is no matter: where a search ends, and one mechanism of a list.</summary>
    private static readonly ImmutableArray<string> Quiet = [.. Goodbyes];

    [Theory]
    [InlineData("crash", HostFault.Ended, "SIGSEGV")]
    [InlineData("abort", HostFault.Ended, "SIGABRT")]
    [InlineData("exit", HostFault.Ended, "by itself, with 7")]
    [InlineData("close", HostFault.Ended, "")]
    [InlineData("overrun", HostFault.Ended, "")]
    [InlineData("forge", HostFault.Nonsense, "no answer to it can be")]
    [InlineData("hang", HostFault.Silent, "within 15 seconds")]
    public void Whatever_a_module_does_in_any_call_ends_its_process_alone(string action, HostFault fault, string says)
    {
        var wrong = new ConcurrentBag<string>();
        Parallel.ForEach(Functions, action == "hang" ? Waiting : SideBySide, function =>
        {
            HostLostException? lost = null;
            try
            {
                UseAll(Rules($"{function}={action}", action == "hang" ? ShortSeconds : CallLimits.UsualSeconds));
            }
            catch (HostLostException e)
            {
                lost = e;
            }

            bool asExpected = lost is null ? Goodbyes.Contains(function)
                : lost.Function == function && lost.Fault == fault
                    && lost.Sentence.Contains(says, StringComparison.Ordinal)
                    && lost.Sentence.Contains("What was recorded is whole", StringComparison.Ordinal);
            if (!asExpected)
                wrong.Add($"{function}: {lost?.Function} {lost?.Fault} {lost?.Sentence}");
        });

        Assert.Empty(wrong);
        // Nothing of it stays: the next process does all of it.
        UseAll(Rules(""));
    }

    [Fact]
    public void A_module_that_takes_all_memory_in_any_call_has_so_much_and_no_more()
    {
        var wrong = new ConcurrentBag<string>();
        // Each takes half a gigabyte of addresses.
        Parallel.ForEach(Functions, new ParallelOptions { MaxDegreeOfParallelism = 2 }, function =>
        {
            Exception? refused = Record.Exception(() => UseAll(Rules($"{function}=burn")));

            // It is told so by the kernel and says so, or its process dies of it.
            bool asExpected = refused is null ? Quiet.Contains(function)
                : refused is Pkcs11Exception { ReturnValue: 2 } or HostLostException { Fault: HostFault.Ended }
                    && ((HsmException)refused).Function == function;
            if (!asExpected)
                wrong.Add($"{function}: {refused}");
        });

        Assert.Empty(wrong);
    }

    [Fact]
    public void What_a_module_writes_in_any_call_is_caught()
    {
        var wrong = new ConcurrentBag<string>();
        Parallel.ForEach(Functions.Except(Goodbyes), SideBySide, function =>
        {
            string said = UseAll(Rules($"{function}=shout"), until: 2);
            if (said.Split('\n') is not [.. { Length: >= 2 } lines, ""] || lines.Any(l => l != "stub: SECRET-LOOKING LINE OF A MODULE"))
                wrong.Add($"{function}: {said}");
        });

        Assert.Empty(wrong);
    }

    [Fact]
    public void Every_call_that_the_product_makes_is_misused_here() =>
        Assert.Equal(Enum.GetNames<CallCode>().Where(name => name != nameof(CallCode.Load)).Order(), Functions.Order());

    [Fact]
    public void What_a_module_writes_is_caught_and_bounded()
    {
        var module = Module.Start(Stub, Rules("C_GetInfo=shout"));
        _ = module.GetInfo();
        string said = module.Said();
        for (var watch = Stopwatch.StartNew(); said.Split('\n').Length < 3 && watch.Elapsed < TimeSpan.FromSeconds(30); Thread.Sleep(10))
            said = module.Said();
        module.ShutDown();
        // To its two outputs. A terminal it has not.
        Assert.Equal(["stub: SECRET-LOOKING LINE OF A MODULE", "stub: SECRET-LOOKING LINE OF A MODULE", ""], said.Split('\n'));
        Assert.Empty(module.Said());

        module = Module.Start(Stub, Rules("C_GetInfo=flood", ShortSeconds));
        Assert.Equal(HostFault.Silent, Assert.Throws<HostLostException>(() => module.GetInfo()).Fault);
        Assert.InRange(module.Said().Length, 1000, 32 * 1024);
        module.ShutDown();
    }

    [Fact]
    public void What_a_module_starts_ends_with_its_process()
    {
        var module = Module.Start(Stub, Rules("C_GetInfo=fork"));
        int host = module.HostProcessId!.Value;
        _ = module.GetInfo();
        Assert.Equal(2, Group(host));

        module.ShutDown();

        for (var watch = Stopwatch.StartNew(); Group(host) > 0 && watch.Elapsed < TimeSpan.FromSeconds(30);)
            Thread.Sleep(20);
        Assert.Equal(0, Group(host));
    }

    [Fact]
    public void The_process_has_no_terminal_no_files_and_no_variables_of_the_program()
    {
        Environment.SetEnvironmentVariable("KEYCEREMONY_NOT_FOR_MODULES", "secret of the shell");
        // Tests beside this one change variables of this process: asked once.
        HostStart rules = Rules("");
        var module = Module.Start(Stub, rules);
        int host = module.HostProcessId!.Value;
        try
        {
            string[] variables = File.ReadAllText($"/proc/{host}/environ").Split('\0', StringSplitOptions.RemoveEmptyEntries);
            // A shell script that stands for the runtime's program adds what a shell adds.
            Assert.Empty(rules.Environment.Select(v => $"{v.Key}={v.Value}").Except(variables));
            Assert.Empty(variables.Select(v => v.Split('=')[0]).Except(rules.Environment.Keys).Except(["PWD", "OLDPWD", "SHLVL", "_"]));

            string[] stat = ProcessState.Stat(host);
            Assert.Equal($"{host}", stat[3]); // its own session
            Assert.Equal("0", stat[4]); // no terminal

            string status = File.ReadAllText($"/proc/{host}/status");
            Assert.Contains("NoNewPrivs:\t1", status, StringComparison.Ordinal);
            string limits = File.ReadAllText($"/proc/{host}/limits");
            Assert.Matches(@"Max core file size\s+0\s+0", limits);
            Assert.Matches(@"Max address space\s+\d+\s+\d+", limits);
            Assert.Equal("1000", File.ReadAllText($"/proc/{host}/oom_score_adj").Trim());

            // What the runtime itself opens has no path of ours; the input is empty and both outputs are one pipe.
            var files = Directory.EnumerateFiles($"/proc/{host}/fd")
                .ToDictionary(f => Path.GetFileName(f), f => new FileInfo(f).LinkTarget ?? "", StringComparer.Ordinal);
            Assert.Equal("/dev/null", files["0"]);
            Assert.StartsWith("pipe:", files["1"], StringComparison.Ordinal);
            Assert.Equal(files["1"], files["2"]);
            Assert.StartsWith("socket:", files["3"], StringComparison.Ordinal);
            Assert.DoesNotContain(files, f => f.Value.StartsWith("/tmp", StringComparison.Ordinal)
                || f.Value.StartsWith("/dev/tty", StringComparison.Ordinal) || f.Value.StartsWith("/dev/pts", StringComparison.Ordinal));
            // The library is there, and not here.
            Assert.Contains("stub.so", File.ReadAllText($"/proc/{host}/maps"), StringComparison.Ordinal);
        }
        finally
        {
            module.ShutDown();
            Environment.SetEnvironmentVariable("KEYCEREMONY_NOT_FOR_MODULES", null);
        }
    }

    [Fact]
    [SupportedOSPlatform("linux")]
    public void What_a_family_lays_around_its_module_is_there_for_as_long_as_the_module_is()
    {
        string folder;
        using (var process = new OneModule(() => throw new InvalidOperationException("not started"), ground: Yubico()))
        {
            string path = process.Ground!.Variables["YUBIHSM_PKCS11_CONF"];
            folder = Path.GetDirectoryName(path)!;
            var module = Module.Start(Stub, HsmHost.Of(["dotnet", Repository.Program], [], null, process.Ground.Variables));
            Assert.Contains($"YUBIHSM_PKCS11_CONF={path}",
                File.ReadAllText($"/proc/{module.HostProcessId}/environ").Split('\0', StringSplitOptions.RemoveEmptyEntries));
            module.ShutDown();
            Assert.Equal("connector = yhusb://\n", File.ReadAllText(path));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
        }

        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public void A_tokens_family_says_how_long_its_module_is_waited_for_unless_somebody_else_does()
    {
        string luna = Path.Combine(Directory.CreateTempSubdirectory("keyceremony-host-").FullName, "libCryptoki2_64.so");
        File.Copy(Stub, luna);
        try
        {
            var module = Module.Start(luna, HsmHost.Of(["dotnet", Repository.Program], [], null));
            Assert.Equal(CallLimits.Usual, module.Limits);
            _ = module.Tokens();
            Assert.Equal(CallLimits.OfSeconds(TokenFamilies.All.Single(f => f.Family == "luna").Module.CallSeconds), module.Limits);
            Assert.NotEqual(CallLimits.Usual, module.Limits);
            module.ShutDown();

            module = Module.Start(luna, HsmHost.Of(["dotnet", Repository.Program], [], CallLimits.OfSeconds(7)));
            _ = module.Tokens();
            Assert.Equal(CallLimits.OfSeconds(7), module.Limits);
            module.ShutDown();
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(luna)!, recursive: true);
        }
    }

    private static ModuleGround Yubico() => ModuleGround.Lay("/usr/lib/pkcs11/yubihsm_pkcs11.so", null, _ => null);

    [Fact]
    public void No_secret_stays_in_its_memory_or_in_a_dump_of_it()
    {
        var module = Module.Start(Stub, Rules(""));
        int host = module.HostProcessId!.Value;
        string core = Path.Combine(Directory.CreateTempSubdirectory("keyceremony-host-").FullName, "core");
        try
        {
            using Session session = module.OpenSession(module.Tokens()[0]);
            using var secrets = new Secrets();
            foreach ((string name, Action<byte[]> use) in new (string, Action<byte[]>)[]
            {
                ("wrap key", key => session.ImportWrapKey(key)),
                ("user PIN", pin => session.Login(LoginRole.User, pin)),
                ("first PIN", pin => session.InitPin(pin)),
                ("changed PIN", pin => session.SetPin(pin, pin)),
                ("security officer's PIN", pin => module.InitToken(module.Tokens()[0], pin, "stub")),
            })
            {
                byte[] secret = RandomNumberGenerator.GetBytes(32);
                use(secret);
                secrets.AddValue(name, secret);
            }

            byte[] random = new byte[32];
            session.GenerateRandom(random);
            secrets.AddValue("random", random);
            Tool.Run("gcore", "-o", core, $"{host}").Expect(0);
            using (var known = new Secrets())
            {
                // The search finds what is there: where the module lies.
                known.AddText("folder", AppContext.BaseDirectory);
                Assert.NotEmpty(known.FindInMemory(host));
            }

            Assert.Empty(secrets.FindInMemory(host));
            Assert.Empty(secrets.FindInFile(Directory.EnumerateFiles(Path.GetDirectoryName(core)!).Single()));
        }
        finally
        {
            module.ShutDown();
            Directory.Delete(Path.GetDirectoryName(core)!, recursive: true);
        }
    }

    /// <summary>Killed in a call that hangs: the host has nobody to tell.</summary>
    [Fact]
    public void The_process_ends_with_the_program()
    {
        using var table = Table.Laid();
        table.Module = Stub;
        table.Variables["STUB_FORWARD"] = SoftHsmTokens.Module()
            ?? throw new InvalidOperationException("SoftHSM2 is not installed: apt-get install softhsm2");
        table.Variables["STUB_RULES"] = "C_GenerateKeyPair=hang";
        table.Variables["STUB_LOG"] = table.Part("calls");
        using Process program = table.Start(Script.SmallRoot);
        for (var watch = Stopwatch.StartNew(); !Hangs(table) && watch.Elapsed < TimeSpan.FromMinutes(3);)
            Thread.Sleep(50);
        Assert.True(Hangs(table));
        int host = Assert.Single(Children(program.Id));

        program.Kill();
        program.WaitForExit();

        for (var watch = Stopwatch.StartNew(); ProcessState.Of(host) is not (null or "Z")
            && watch.Elapsed < TimeSpan.FromSeconds(30);)
            Thread.Sleep(20);
        Assert.True(ProcessState.Of(host) is null or "Z");
    }

    [Fact]
    public void By_hand_it_does_nothing()
    {
        using var table = Table.Laid();
        Assert.Equal(2, table.Program("hsm-host").Code);
        Assert.DoesNotContain("hsm-host", table.Program("--help").Said, StringComparison.Ordinal);
    }

    private static bool Hangs(Table table) => File.Exists(table.Part("calls"))
        && File.ReadAllText(table.Part("calls")).Contains("C_GenerateKeyPair", StringComparison.Ordinal);

    private static HostStart Rules(string rules, int seconds = CallLimits.UsualSeconds)
    {
        HostStart usual = HsmHost.Of(["dotnet", Repository.Program], [], CallLimits.OfSeconds(seconds));
        return usual with
        {
            Limits = usual.Limits! with { Key = usual.Limits.Call, Erase = usual.Limits.Call, Goodbye = usual.Limits.Call },
            Environment = usual.Environment.SetItem("STUB_RULES", rules),
        };
    }

    /// <summary>Every function once, in an order that a token takes. Answers what the module wrote.</summary>
    /// <param name="until">How many lines of it are waited for.</param>
    private static string UseAll(HostStart host, int until = 0)
    {
        var module = Module.Start(Stub, host);
        try
        {
            _ = module.GetInfo();
            TokenInfo token = module.Tokens()[0];
            _ = module.Mechanisms(token);
            token = module.InitToken(token, "so-pin"u8, "stub");
            using Session session = module.OpenSession(token);
            _ = session.GetState();
            session.Login(LoginRole.SecurityOfficer, "so-pin"u8);
            session.InitPin("user-pin"u8);
            session.SetPin("user-pin"u8, "next-pin"u8);
            session.GenerateRandom(new byte[32]);
            ObjectHandle wrapKey = session.ImportWrapKey(new byte[32]);
            var id = KeyId.Parse("01");
            KeyPair pair = session.GenerateKeyPair(KeyKind.EcP256, "stub", id);
            _ = session.Find(ObjectClass.PrivateKey, id);
            _ = session.ReadAttributes(pair.PrivateKey);
            session.LockNonExtractable(pair.PrivateKey);
            _ = session.SignHash(pair.PrivateKey, SignatureScheme.EcdsaSha256, new byte[32]);
            _ = session.SignMessage(pair.PrivateKey, new ReadOnlyMemory<byte>[] { new byte[1] });
            byte[] wrapped = session.WrapPrivateKey(wrapKey, pair.PrivateKey, WrapMechanism.AesKeyWrapKwp);
            _ = session.UnwrapPrivateKey(wrapKey, WrapMechanism.AesKeyWrapKwp, wrapped, KeyKind.EcP256, "stub", id);
            session.Destroy(pair.PrivateKey);
            session.Logout();
            string said = module.Said();
            for (var watch = Stopwatch.StartNew(); said.Count(c => c == '\n') < until && watch.Elapsed < TimeSpan.FromSeconds(30);)
            {
                Thread.Sleep(10);
                said = module.Said();
            }

            return said;
        }
        finally
        {
            module.ShutDown();
        }
    }

    private static int[] Children(int process) => [.. Directory.EnumerateDirectories($"/proc/{process}/task")
        .SelectMany(t => File.ReadAllText(Path.Combine(t, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Select(id => int.Parse(id, CultureInfo.InvariantCulture))];

    /// <summary>How many live processes are of a group.</summary>
    private static int Group(int group)
    {
        int count = 0;
        foreach (string folder in Directory.EnumerateDirectories("/proc").Where(f => char.IsAsciiDigit(Path.GetFileName(f)[0])))
        {
            try
            {
                string[] stat = ProcessState.Stat(int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture));
                count += stat[2] == $"{group}" && stat[0] != "Z" ? 1 : 0;
            }
            catch (IOException)
            {
                // It ended meanwhile.
            }
        }

        return count;
    }
}
