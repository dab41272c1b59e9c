namespace KeyCeremony.Pkcs11.Tests;

/// <summary>
/// NSS's software token, which browsers keep their keys in, as it comes from Debian: it says CKR_OK to the lock of a key, reads it back
/// as locked, and then wraps it. No HSM of anybody's, but a real one of the kind that the probe is there for.
/// </summary>
[Collection(ModuleCollection.Name)]
public sealed class BadTokenTests : IDisposable
{
    private static readonly string[] UsualPlaces =
    [
        "/usr/lib/x86_64-linux-gnu/libsoftokn3.so",
        "/usr/lib/x86_64-linux-gnu/nss/libsoftokn3.so",
        "/usr/lib/aarch64-linux-gnu/libsoftokn3.so",
        "/usr/lib/aarch64-linux-gnu/nss/libsoftokn3.so",
    ];

    private static readonly byte[] UserPin = "nss-pin-0123456789"u8.ToArray();

    private readonly string folder = Directory.CreateTempSubdirectory("keyceremony-nss-").FullName;
    private readonly Module module;

    public BadTokenTests()
    {
        // Where its database lies it is told by the one who loads it, in a way of its own: the stub in front of it does that.
        NativeEnvironment.Set("STUB_INIT", $"configdir='sql:{folder}' certPrefix='' keyPrefix='' secmod='secmod.db' flags=");
        NativeEnvironment.Set("STUB_FORWARD", UsualPlaces.FirstOrDefault(File.Exists)
            ?? throw new FileNotFoundException("NSS is not installed: apt-get install libnss3", UsualPlaces[0]));
        string stub = StubModule.Build(AppContext.BaseDirectory);
        module = Module.Load(stub);
        StubModule.SetRules(stub, "");
        module.Reinitialize();
    }

    [Fact]
    public void A_token_that_wraps_locked_keys_is_refused_by_the_probe()
    {
        TokenInfo token = module.Tokens().Single(t => t.Label == "NSS Certificate DB");
        using (Session officer = module.OpenSession(token))
        {
            officer.Login(LoginRole.SecurityOfficer, []);
            officer.InitPin(UserPin);
            officer.Logout();
        }

        using Session session = module.OpenSession(module.Tokens().Single(t => t.Serial == token.Serial && t.Label == token.Label));
        session.Login(LoginRole.User, UserPin);
        TokenProfile profile = TokenProbe.RunOnCommissioned(session, [KeyKind.EcP256]);

        Assert.Equal(["PROBE-09", "PROBE-11"], profile.Findings.Where(f => f.Result == ProbeResult.Fail).Select(f => f.Id));
        Assert.All(profile.Findings.Where(f => f.Result == ProbeResult.Fail), f => Assert.True(f.StopsCeremony));
        // Everything that it says of itself is as it should be: only who tries finds out.
        Assert.All(profile.Findings.Where(f => f.Id is "PROBE-05" or "PROBE-10" or "PROBE-12"),
            f => Assert.Equal(ProbeResult.Pass, f.Result));
        Assert.Contains(new WrapMethod(WrapMechanism.AesKeyWrapKwp, WrapFormat.Rfc5649), profile.WrapFormats);

        // Keys that stay are read, too: NSS refuses to write a number of theirs into any buffer but one of its size.
        var id = KeyId.Parse("0b5e");
        session.GenerateKeyPair(KeyKind.EcP256, "stays", id);
        Assert.Equal(2, session.Objects().Count);
        Assert.NotEmpty(session.ExportPublicKeyInfo(session.GetPublicKey(id)));
        Assert.True(session.IsUsable);
    }

    public void Dispose()
    {
        module.ShutDown();
        NativeEnvironment.Set("STUB_INIT", null);
        NativeEnvironment.Set("STUB_FORWARD", null);
        Directory.Delete(folder, recursive: true);
    }
}
