using System.Security.Cryptography;
using System.Text.Json;
using KeyCeremony.App.Room;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Hsm.Tests.YubiHsm;
using KeyCeremony.Pkcs11;
using KeyCeremony.Pkcs11.Hosting;

namespace KeyCeremony.Hsm.Tests;

/// <summary>
/// An HSM that has no PINs but authentication keys, wraps in its maker's own way, stores whatever is made and cannot change a key: whole
/// ceremonies through Yubico's module, each closed and verified, with devices that the tests play.
/// </summary>
public sealed class YubiHsmTests
{
    private const ushort FirstExporter = 0x11;

    [Fact]
    public void A_root_an_intermediate_and_a_list_are_made_and_the_root_comes_back()
    {
        using var hsms = new YubiHsms(7_000_001);
        using Table table = hsms.Lay(Table.Laid());

        table.Run(Script.SmallRoot).Expect(0);
        TokenProbed[] probed = [.. table.Entries().Select(e => e.Body).OfType<TokenProbed>()];
        Assert.All(probed, p => Assert.Equal(("0xD9554204", "yubihsm", "extractable-false", "yubihsm2"),
            (p.WrapMechanism, p.WrapFormat, p.Lock, p.Family)));
        World world = table.World();
        Assert.True(world.Keys["root"] is { Locked: true, Drilled: true, Backup: not null });
        Assert.Contains("0xD9554204 with CKR_", world.Keys["root"].Generated.Tried?.Text
            ?? table.Entries().Select(e => e.Body).OfType<KeyLocked>().Single().Tried!.Text, StringComparison.Ordinal);
        // The root's exporter is gone, the officer too: nobody can make another.
        HoldsWhatTheLedgerKnows(hsms, world, locked: 1);
        OthersOpenTheBackup(table);

        // The fire takes the HSM too: two new ones, as from the factory.
        using (var others = new YubiHsms(7_000_011))
        using (Table after = others.Lay(table.AfterTheFire()))
        {
            after.Run(Script.SmallRecovery).Expect(0);
            Assert.Equal(world.CertificateOf("root")!.Signed.Der, after.World().CertificateOf("root")!.Signed.Der);
            HoldsWhatTheLedgerKnows(others, after.World(), locked: 1);
            after.Verifies();
        }

        table.Follow("periodic");
        table.Run(Script.Small("intermediate-creation")).Expect(0);
        table.Run(Script.Small("crl-signing")).Expect(0);
        HoldsWhatTheLedgerKnows(hsms, table.World(), locked: 2);
        table.Verifies();

        // Its maker's module changes no PIN for a user: new cards come with another HSM.
        string before = table.World().Primary!.Commissioned.Set;
        Ran stopped = table.Run(Script.Small("activation-change")).Expect(1);
        Assert.Contains(CeremonyRules.PinsStay, stopped.Said, StringComparison.Ordinal);
        Assert.Contains("hsm-migration", stopped.Said, StringComparison.Ordinal);
        Assert.DoesNotContain(table.Entries(), e => e.Body is Attempted { Effect: ChangePins.EffectName });
        Assert.Equal((before, ""), (table.World().Primary!.Commissioned.Set, table.World().Primary!.Perhaps));
    }

    [Fact]
    public void The_probe_says_what_it_is_good_for_and_leaves_nothing()
    {
        using var hsms = new YubiHsms(7_000_021);
        using Table table = hsms.Lay(Table.Laid());
        string[] probe = ["hsm", "probe", "--module", YubiHsms.Module, "--module-variable", "LD_LIBRARY_PATH",
            "--scripts", Repository.Scripts, "--json", "--token", hsms.Second.Serial];

        // Twice: from its factory, and as an earlier probe left it.
        for (int time = 1; time <= 2; time++)
        {
            Ran ran = table.Program(probe).Expect(1);
            JsonElement report = JsonDocument.Parse(ran.Out).RootElement;
            Assert.Equal(HsmProbeTests.OfMlDsa, HsmProbeTests.Impossible(report));
            Assert.Equal("0xD9554204", report.GetProperty("backup").GetProperty("mechanism").GetString());
            Assert.Equal("yubihsm", report.GetProperty("backup").GetProperty("format").GetString());
            Assert.Contains("30 seconds for a call", report.GetProperty("given").ToString(), StringComparison.Ordinal);
            Assert.Contains("PROBE-19 pass The token shows 0 objects before the probe and 0 after it.",
                report.GetProperty("findings").EnumerateArray().Select(f => $"{f.GetProperty("id").GetString()} "
                    + $"{f.GetProperty("result").GetString()} {f.GetProperty("text").GetString()}"));
            // What is left is the officer of the factory and the name.
            Assert.Equal([1, 4], hsms.Second.Objects.Select(o => (int)o.Id).Order());
        }
    }

    [Fact]
    public void Under_its_officers_PIN_a_commissioned_one_is_emptied_and_under_no_other()
    {
        using var hsms = new YubiHsms(7_000_031);
        using Table table = hsms.Lay(Table.Laid());
        HostStart how = HsmHost.Of(["dotnet", Repository.Program], [], null, table.Variables);
        var module = Module.Start(YubiHsms.Module, how);
        try
        {
            TokenInfo token = module.Tokens().Single(t => t.Serial == hsms.First.Serial);
            Assert.False(token.Initialised);
            token = module.InitToken(token, "password"u8, "commissioned");
            using (Session session = module.OpenSession(token))
            {
                session.Login(LoginRole.SecurityOfficer, "password"u8);
                session.InitPin("user's own PIN"u8);
                session.SetPin("password"u8, "officer's own PIN"u8);
                session.Logout();
                Assert.Equal("CKR_PIN_INCORRECT",
                    Assert.Throws<Pkcs11Exception>(() => session.Login(LoginRole.User, "another one"u8)).ConstantName);
            }

            using (Session session = module.OpenSession(token))
            {
                session.Login(LoginRole.User, "user's own PIN"u8);
                _ = session.GenerateKeyPair(KeyKind.EcP256, "root", KeyId.Parse("0102030405060708"));
                // What ends with a session is stored, and destroyed with it.
                _ = session.ImportWrapKey(new byte[32]);
                Assert.Single(hsms.First.Objects, o => o.Type == ObjectType.WrapKey);
                session.Logout();
                Assert.DoesNotContain(hsms.First.Objects, o => o.Type == ObjectType.WrapKey);
            }

            Assert.Throws<Pkcs11Exception>(() => module.InitToken(token, "password"u8, "again"));
            Assert.Single(hsms.First.Objects, o => o.Type == ObjectType.AsymmetricKey);
            token = module.InitToken(token, "officer's own PIN"u8, "again");
            Assert.Equal(("again", false), (token.Label, token.UserPinSet));
            Assert.Equal([1, 4], hsms.First.Objects.Select(o => (int)o.Id).Order());
        }
        finally
        {
            module.ShutDown();
        }
    }

    /// <summary>Whoever has every PIN, and forges what he brings in: before the lock he takes the key, behind it he does not.</summary>
    [Fact]
    public void Nobody_who_is_left_takes_a_locked_key_out()
    {
        using var hsms = new YubiHsms(7_000_041);
        InHost(hsms, module =>
        {
            using Session session = Commissioned(module, hsms.First);
            var root = KeyId.Parse("0102030405060708");
            _ = session.GenerateKeyPair(KeyKind.EcP256, "root", root);
            _ = session.GenerateKeyPair(KeyKind.EcP256, "other", KeyId.Parse("0102030405060709"));
            ushort key = Number(session.GetPrivateKey(root));
            Assert.True(Thief.Takes(hsms.First.Objects, key));

            session.LockNonExtractable(session.GetPrivateKey(root));
            IReadOnlyList<DeviceObject> objects = hsms.First.Objects;
            Assert.False(Thief.Takes(objects, key));
            // The key beside it is not locked, and no way leads from there.
            Assert.True(Thief.Takes(objects, objects.Single(o => o.Type == ObjectType.AsymmetricKey && o.Id != key).Id));

            // What each of these would open. A user who gives the right to take out writes himself somebody who has it.
            Assert.True(Thief.Takes(With(objects, User, u => u with { Delegated = u.Delegated | Rights.ExportWrapped }), key));
            Assert.True(Thief.Takes(With(objects, FirstExporter + 1, e => e with { Domains = 0xFFFF }), key));
            using var fresh = new PlayedYubiHsm(7_000_049);
            Assert.True(Thief.Takes([.. objects, fresh.Objects.Single()], key)); // the officer of the factory
        });
    }

    [Fact]
    public void The_user_is_refused_what_the_device_does_not_let_him_do()
    {
        using var hsms = new YubiHsms(7_000_051);
        InHost(hsms, module =>
        {
            using Session session = Commissioned(module, hsms.First);
            var root = KeyId.Parse("0102030405060708");
            _ = session.GenerateKeyPair(KeyKind.EcP256, "root", root);
            ObjectHandle wrapKey = session.ImportWrapKey(SHA256.HashData("a wrap key"u8));
            byte[] wrapped = session.WrapPrivateKey(wrapKey, session.GetPrivateKey(root), WrapMechanism.YubicoAesCcmWrap);
            Assert.DoesNotContain(hsms.First.Objects, o => o.Type == ObjectType.WrapKey && o.Rights.HasFlag(Rights.ExportWrapped));

            // People talk, and the device ends a session that nobody uses.
            hsms.First.EndSessions();
            Assert.True(session.ReadAttributes(session.GetPrivateKey(root)).Extractable);

            session.LockNonExtractable(session.GetPrivateKey(root));
            Assert.False(session.ReadAttributes(session.GetPrivateKey(root)).Extractable);
            using (Session trial = module.OpenSession(Token(module, hsms.First)))
            {
                ObjectHandle another = trial.ImportWrapKey(SHA256.HashData("another wrap key"u8));
                Assert.Equal("CKR_KEY_UNEXTRACTABLE", Assert.Throws<Pkcs11Exception>(() =>
                    trial.WrapPrivateKey(another, trial.GetPrivateKey(root), WrapMechanism.YubicoAesCcmWrap)).ConstantName);
            }

            Assert.DoesNotContain(hsms.First.Sessions, s => s != User);

            // It comes back as what it was, and is locked where it comes back: its exporter is gone.
            session.Destroy(session.GetPrivateKey(root));
            ObjectHandle back = session.UnwrapPrivateKey(wrapKey, WrapMechanism.YubicoAesCcmWrap, wrapped, KeyKind.EcP256, "root", root);
            Assert.False(session.ReadAttributes(back).Extractable);
            Assert.False(Thief.Takes(hsms.First.Objects, Number(back)));
        });
    }

    /// <summary>After any of its commands: the same calls go on from there, or all of it is done.</summary>
    [Fact]
    public void Pulled_out_at_any_moment_of_its_commissioning_it_is_commissioned_by_the_same_calls()
    {
        using var hsms = new YubiHsms(7_000_061);
        InHost(hsms, module =>
        {
            int before = hsms.First.Answered;
            Commission(module, hsms.First);
            int all = hsms.First.Answered - before;
            ushort[] whole = Authentication(hsms.First);
            Assert.Equal(1 + 1 + 1 + 15, whole.Length);

            int cut = 0, done = 0;
            for (int after = 1; after < all; after += Math.Max(all / 9, 1))
            {
                _ = module.InitToken(Token(module, hsms.First), OfficersPin, "emptied");
                using (Session officer = module.OpenSession(Token(module, hsms.First)))
                {
                    officer.Login(LoginRole.SecurityOfficer, OfficersPin);
                    officer.SetPin(OfficersPin, "password"u8);
                }

                hsms.First.PulledOutAfter = after;
                if (Record.Exception(() => Commission(module, hsms.First)) is { } refused)
                {
                    Assert.IsAssignableFrom<HsmException>(refused);
                    cut++;
                }

                hsms.First.PulledOutAfter = -1;
                module.Reinitialize();
                if (Record.Exception(() => Commission(module, hsms.First)) is Pkcs11Exception { ConstantName: "CKR_PIN_INCORRECT" })
                    done++;
                Assert.Equal(whole, Authentication(hsms.First));
                using Session user = module.OpenSession(Token(module, hsms.First));
                user.Login(LoginRole.User, UsersPin);
            }

            Assert.InRange(cut, 5, all);
            Assert.InRange(done, 0, 2);
        });
    }

    [Fact]
    public void One_that_opens_to_its_makers_password_and_holds_a_key_is_not_blank()
    {
        using var hsms = new YubiHsms(7_000_081);
        hsms.First.Lay(new DeviceObject(ObjectType.AsymmetricKey, 0x1234, new byte[DeviceObject.LabelBytes], 1, Rights.SignEcdsa,
            Algorithms.EcP256, DeviceObject.Generated, [], 0, 0, DeviceObject.Generate(Algorithms.EcP256)));
        InHost(hsms, module =>
        {
            Assert.True(Token(module, hsms.First).Initialised);
            Assert.False(Token(module, hsms.Second).Initialised);
        });
        Assert.Equal(2, hsms.First.Objects.Count);
    }

    [Theory]
    [InlineData("libdebug")]
    [InlineData("debug-file = /tmp/keyceremony-yubihsm.log")]
    public void A_configuration_that_writes_down_what_passes_is_refused(string line)
    {
        using var hsms = new YubiHsms(7_000_091);
        File.AppendAllText(Path.Combine(hsms.Folder, "yubihsm_pkcs11.conf"), line + "\n");
        Assert.Equal("C_Initialize", Assert.Throws<Pkcs11Exception>(() => InHost(hsms, _ => { })).Function);
    }

    /// <summary>PIN, wrap key, and what the PIN becomes on its way to the device.</summary>
    [Fact]
    public void No_secret_stays_in_the_process_that_holds_it_or_lies_in_its_files()
    {
        using var hsms = new YubiHsms(7_000_071);
        InHost(hsms, module =>
        {
            int host = module.HostProcessId!.Value;
            using Session session = Commissioned(module, hsms.First);
            byte[] wrapKey = RandomNumberGenerator.GetBytes(32);
            var root = KeyId.Parse("0102030405060708");
            _ = session.GenerateKeyPair(KeyKind.EcP256, "root", root);
            _ = session.WrapPrivateKey(session.ImportWrapKey(wrapKey), session.GetPrivateKey(root), WrapMechanism.YubicoAesCcmWrap);
            using var typed = new Secrets();
            typed.AddValue("wrap key", wrapKey);
            typed.AddValue("user's PIN", UsersPin);
            typed.AddValue("officer's PIN", OfficersPin);
            using var derived = new Secrets();
            derived.AddValue("user's keys", SecureChannel.KeysOf(UsersPin));
            derived.AddValue("officer's keys", SecureChannel.KeysOf(OfficersPin));

            // While he is logged in, on pages that are kept out of swap and dumps; the library keeps what the PIN became.
            Assert.NotEmpty(typed.FindInMemory(host));
            Assert.Empty(typed.FindInUnlockedMemory(host));
            Assert.Empty(typed.FindInBytes("variables", File.ReadAllBytes($"/proc/{host}/environ")));
            Assert.Empty(typed.FindInBytes("arguments", File.ReadAllBytes($"/proc/{host}/cmdline")));
            session.LockNonExtractable(session.GetPrivateKey(root));
            session.Logout();
            Assert.Empty(typed.FindInMemory(host));
            Assert.Empty(derived.FindInMemory(host));
            Assert.Empty(typed.FindIn(hsms.Folder));
        });
    }

    private const ushort User = 2;

    private static ReadOnlySpan<byte> UsersPin => "a user's own PIN, of 32 letters."u8;

    private static ReadOnlySpan<byte> OfficersPin => "an officer's own PIN, 32 letters"u8;

    private static void InHost(YubiHsms hsms, Action<Module> use)
    {
        using Table table = hsms.Lay(Table.Laid());
        var module = Module.Start(YubiHsms.Module, HsmHost.Of(["dotnet", Repository.Program], [], null, table.Variables));
        try
        {
            use(module);
        }
        finally
        {
            module.ShutDown();
        }
    }

    private static TokenInfo Token(Module module, PlayedYubiHsm device) => module.Tokens().Single(t => t.Serial == device.Serial);

    private static void Commission(Module module, PlayedYubiHsm device)
    {
        TokenInfo token = module.InitToken(Token(module, device), "password"u8, "commissioned");
        using Session session = module.OpenSession(token);
        session.Login(LoginRole.SecurityOfficer, "password"u8);
        session.InitPin(UsersPin);
        session.SetPin("password"u8, OfficersPin);
        session.Logout();
    }

    /// <summary>With its user logged in.</summary>
    private static Session Commissioned(Module module, PlayedYubiHsm device)
    {
        Commission(module, device);
        Session session = module.OpenSession(Token(module, device));
        session.Login(LoginRole.User, UsersPin);
        return session;
    }

    private static ushort[] Authentication(PlayedYubiHsm device) =>
        [.. device.Objects.Where(o => o.Type == ObjectType.AuthenticationKey).Select(o => o.Id).Order()];

    private static IEnumerable<DeviceObject> With(IEnumerable<DeviceObject> objects, int authenticationKey,
        Func<DeviceObject, DeviceObject> other) =>
        objects.Select(o => o.Type == ObjectType.AuthenticationKey && o.Id == authenticationKey ? other(o) : o);

    private static ushort Number(ObjectHandle handle) => (ushort)(handle.Value & 0xFFFF);

    /// <summary>In the device itself, and none of it can leave.</summary>
    private static void HoldsWhatTheLedgerKnows(YubiHsms hsms, World world, int locked)
    {
        IReadOnlyList<DeviceObject> objects = hsms.Of(world.Primary!.Commissioned.Serial).Objects;
        Assert.Equal(world.Keys.Values.Count(k => k.Serial == world.Primary.Commissioned.Serial),
            objects.Count(o => o.Type == ObjectType.AsymmetricKey));
        Assert.DoesNotContain(objects, o => o.Type == ObjectType.WrapKey);
        DeviceObject[] may = [.. objects.Where(o => o.Type == ObjectType.AuthenticationKey)];
        Assert.DoesNotContain(may, a => a.Id == 1 || a.Rights.HasFlag(Rights.PutAuthenticationKey) || a.Delegated == Rights.All);
        Assert.Equal(15 - locked, may.Count(a => a.Id >= FirstExporter));
        Assert.All(objects.Where(o => o.Type == ObjectType.AsymmetricKey && o.Rights.HasFlag(Rights.ExportableUnderWrap)),
            key => Assert.DoesNotContain(may, a => a.Rights.HasFlag(Rights.ExportWrapped) && (a.Domains & key.Domains) != 0));
        Assert.All(objects.Where(o => o.Type == ObjectType.AsymmetricKey), key => Assert.False(Thief.Takes(objects, key.Id)));
    }

    /// <summary>docs/formats/backup-blob.md, to the letter: openssl, and twenty lines of Python.</summary>
    private static void OthersOpenTheBackup(Table table)
    {
        World world = table.World();
        string bundle = table.Bundles[^1], set = world.Keys["root"].Backup!.Set;
        using Core.SecretBytes secret = Cards.Secret(table, world.Sets[set]);
        File.Copy(Path.Combine(bundle, "backup", "root.kcb"), table.Part("root.kcb"));
        Assert.Contains("wrap: yubihsm", File.ReadAllLines(table.Part("root.kcb")));
        string page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "formats", "backup-blob.md"));
        const string Begin = "```python\n";
        int at = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        File.WriteAllText(table.Part("open.py"), string.Concat(page[at..page.IndexOf("```", at, StringComparison.Ordinal)]
            .Split('\n').Select(line => (line.StartsWith("     ", StringComparison.Ordinal) ? line[5..] : line) + "\n")));
        const string Recipe = """
            set -e
            cd "$1"
            K=$2
            openssl kdf -keylen 32 -kdfopt digest:SHA256 -kdfopt hexkey:$K -kdfopt info:keyceremony/backup-mac/1 -binary -out mac.key HKDF
            MAC=$(head -n 9 root.kcb | openssl dgst -sha256 -mac HMAC -macopt hexkey:$(xxd -p -c 64 mac.key) | sed 's/.* //')
            test "mac: $MAC" = "$(tail -n 1 root.kcb)"
            sed -n 's/^wrapped: //p' root.kcb | base64 -d > wrapped.bin
            python3 open.py $K wrapped.bin key.der
            openssl pkey -inform DER -in key.der -pubout
            """;
        string recovered = Tool.Run("sh", "-c", Recipe, "sh", table.Folder, Convert.ToHexStringLower(secret.Span)).Expect(0).Out;
        Assert.Equal(Tool.Run("openssl", "x509", "-in", Path.Combine(bundle, "certificates", "root.pem"), "-noout", "-pubkey")
            .Expect(0).Out, recovered);
    }
}
