using System.Diagnostics;

namespace KeyCeremony.Pkcs11.Tests;

[Collection(ModuleCollection.Name)]
[Trait("Needs", "packages")]
public sealed class ModuleTests(SoftHsm hsm) : IClassFixture<SoftHsm>
{
    [Fact]
    public void A_missing_file_and_a_library_that_is_no_module_are_refused()
    {
        Assert.Throws<NoModuleException>(() => Module.Load("/nowhere/libnothing.so"));
        string folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            Assert.Throws<NoModuleException>(() => Module.Load(StubModule.BuildKiller(folder)));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void What_is_no_module_is_told_in_plain_words_before_it_is_used()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        string Made(string name, byte[] bytes)
        {
            string path = Path.Combine(folder, name);
            File.WriteAllBytes(path, bytes);
            return path;
        }

        byte[] With(int at, byte value)
        {
            byte[] changed = File.ReadAllBytes(SoftHsm.ModulePath);
            changed[at] = value;
            return changed;
        }

        try
        {
            Assert.Null(LibraryFile.WhyNot(SoftHsm.ModulePath));
            Assert.Equal($"There is no file {folder}/nothing.so.", LibraryFile.WhyNot($"{folder}/nothing.so"));
            Assert.EndsWith("is a folder.", LibraryFile.WhyNot(folder), StringComparison.Ordinal);
            Assert.EndsWith("is no library.", LibraryFile.WhyNot(Made("text.so", "This is a text.\n"u8.ToArray())),
                StringComparison.Ordinal);
            Assert.EndsWith("is no library.", LibraryFile.WhyNot(Made("empty.so", [])), StringComparison.Ordinal);
            Assert.Contains("32-bit", LibraryFile.WhyNot(Made("small.so", With(4, 1))), StringComparison.Ordinal);
            Assert.EndsWith("another kind of processor.", LibraryFile.WhyNot(Made("strange.so", With(18, 8))), StringComparison.Ordinal);
            Assert.EndsWith("or a part of one.", LibraryFile.WhyNot(Made("program", With(16, 2))), StringComparison.Ordinal);
            Assert.EndsWith("is no library, but a program.", LibraryFile.WhyNot("/bin/ls"), StringComparison.Ordinal);
            Assert.Equal("No file is named.", LibraryFile.WhyNot(""));
            Assert.Throws<NoModuleException>(() => Module.Begin("", OwnHost.With()));
            // Who opens it to read waits for ever.
            using (var made = Process.Start("mkfifo", Path.Combine(folder, "pipe.so")))
            {
                made.WaitForExit();
            }

            Assert.EndsWith("is a pipe or a device, and no file.", LibraryFile.WhyNot(Path.Combine(folder, "pipe.so")),
                StringComparison.Ordinal);
            Assert.Contains("is damaged: it ends", LibraryFile.WhyNot(Made("cut.so", File.ReadAllBytes(SoftHsm.ModulePath)[..4096])),
                StringComparison.Ordinal);
            Assert.EndsWith("is a library, but not a PKCS#11 module.",
                Assert.Throws<NoModuleException>(() => Module.Load(StubModule.BuildKiller(folder))).Sentence, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void One_library_is_one_module_whatever_path_leads_to_it()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            string link = Path.Combine(folder, "hsm.so");
            File.CreateSymbolicLink(link, SoftHsm.ModulePath);
            Assert.Same(hsm.Module, Module.Load(link));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_module_describes_itself_and_its_mechanisms()
    {
        Assert.Equal("SoftHSM", hsm.Module.GetInfo().Manufacturer);
        TokenInfo token = hsm.Commission("mechanisms");
        TokenMechanism ecdsa = hsm.Module.Mechanisms(token).Single(mechanism => mechanism.Code == 0x1041);
        Assert.True(ecdsa.MaxKeySize >= 384);
    }

    [Fact]
    public void A_restart_ends_every_session_and_the_way_back_is_login_and_find()
    {
        TokenInfo token = hsm.Commission("restart");
        var id = KeyId.Parse("77");
        Session before = hsm.OpenUserSession(token);
        before.GenerateKeyPair(KeyKind.EcP256, "stays", id);

        hsm.Module.Reinitialize();

        Assert.False(before.IsUsable);
        Assert.Throws<InvalidOperationException>(() => before.GetState());
        using Session after = hsm.OpenUserSession(token);
        // Closing the dead session must not close the one that inherited its handle.
        before.Dispose();
        Assert.Equal(SessionState.User, after.GetState());
        Assert.Single(after.Find(ObjectClass.PrivateKey, id));
    }

    [Fact]
    public void A_module_that_was_shut_down_has_no_sessions_and_is_started_again_by_loading_it()
    {
        TokenInfo token = hsm.Commission("shut");
        Session session = hsm.OpenUserSession(token);

        hsm.Module.ShutDown();

        Assert.False(session.IsUsable);
        Assert.Equal("CKR_CRYPTOKI_NOT_INITIALIZED", Assert.Throws<Pkcs11Exception>(() => hsm.Module.Tokens()).ConstantName);
        session.Dispose();
        Assert.Same(hsm.Module, Module.Load(hsm.Module.Path));
        using Session next = hsm.OpenUserSession(hsm.Module.GetToken(token.Label, token.Serial));
        Assert.Equal(SessionState.User, next.GetState());
    }

    [Fact]
    public void A_closed_session_refuses_and_closing_twice_is_harmless()
    {
        Session session = hsm.Module.OpenSession(hsm.Commission("closed"));
        session.Dispose();
        session.Dispose();
        Assert.Throws<InvalidOperationException>(() => session.GetState());
    }

    [Fact]
    public void A_session_that_saw_an_error_is_not_used_again()
    {
        TokenInfo token = hsm.Commission("error");
        using Session session = hsm.Module.OpenSession(token);
        Assert.Throws<Pkcs11Exception>(() => session.Login(LoginRole.User, "not the PIN"u8));

        InvalidOperationException refusal = Assert.Throws<InvalidOperationException>(() => session.Login(LoginRole.User, SoftHsm.UserPin));

        Assert.Contains("CKR_PIN_INCORRECT", refusal.Message, StringComparison.Ordinal);
        using Session next = hsm.OpenUserSession(token);
        Assert.Equal(SessionState.User, next.GetState());
    }

    [Fact]
    public void Sessions_of_several_threads_sign_side_by_side()
    {
        TokenInfo token = hsm.Commission("threads");
        var id = KeyId.Parse("7e");
        using Session keeper = hsm.OpenUserSession(token);
        keeper.GenerateKeyPair(KeyKind.EcP256, "shared", id);

        var signatures = Enumerable.Range(0, 4).AsParallel().WithDegreeOfParallelism(4).SelectMany(thread =>
        {
            using Session session = hsm.Module.OpenSession(token);
            using var generator = new TokenSignatureGenerator(session, id, SignatureScheme.EcdsaSha256);
            return Enumerable.Range(0, 50).Select(i => generator.SignData([(byte)thread, (byte)i], generator.HashAlgorithm)).ToList();
        }).ToList();

        Assert.Equal(200, signatures.Count);
    }

    [Fact]
    public void C_code_sees_what_is_set_and_what_is_removed()
    {
        NativeEnvironment.Set("KEYCEREMONY_TEST", "grüße");
        Assert.Equal("grüße", Environment.GetEnvironmentVariable("KEYCEREMONY_TEST"));
        Assert.Equal("grüße", StubModule.NativeVariable("KEYCEREMONY_TEST"));
        NativeEnvironment.Set("KEYCEREMONY_TEST", null);
        Assert.Null(StubModule.NativeVariable("KEYCEREMONY_TEST"));
        Assert.Throws<ArgumentException>(() => NativeEnvironment.Set("A=B", "C"));
    }
}
