using System.Security.Cryptography;
using Xunit.Abstractions;

namespace KeyCeremony.Pkcs11.Tests;

/// <summary>
/// A real module that makes ML-DSA keys: the NSS of a newer Debian, which <c>.ci/need-nss</c> unpacks beside. It lives in a process of its
/// own, with its libraries in front of the machine's. Where it is not there, or makes no such keys, the tests say so and pass.
/// </summary>
[Collection(ModuleCollection.Name)]
[Trait("Needs", "packages")]
public sealed class MlDsaTokenTests : IDisposable
{
    private static readonly byte[] UserPin = "nss-pin-0123456789"u8.ToArray();
    private static readonly KeyId Id = KeyId.Parse("3d5a");

    private readonly ITestOutputHelper output;
    private readonly string folder = Directory.CreateTempSubdirectory("keyceremony-newer-nss-").FullName;
    private readonly Module? module;

    public MlDsaTokenTests(ITestOutputHelper output)
    {
        this.output = output;
        string? nss = Newer();
        if (nss is null)
        {
            return;
        }

        string libraries = Path.GetDirectoryName(nss)!;
        module = Module.Start(StubModule.Build(AppContext.BaseDirectory), OwnHost.With(
            ("STUB_FORWARD", nss),
            ("STUB_INIT", $"configdir='sql:{folder}' certPrefix='' keyPrefix='' secmod='secmod.db' flags="),
            ("LD_LIBRARY_PATH", libraries)));
    }

    [Theory]
    [InlineData(KeyKind.MlDsa44)]
    [InlineData(KeyKind.MlDsa65)]
    [InlineData(KeyKind.MlDsa87)]
    public void A_key_is_made_signs_whole_and_in_pieces_and_comes_back_from_its_backup(KeyKind kind)
    {
        if (Commissioned() is not { } token)
        {
            return;
        }

        using Session session = OpenUser(token);
        KeyPair pair;
        try
        {
            pair = session.GenerateKeyPair(kind, "ml-dsa", Id, Lifetime.Session);
        }
        catch (Pkcs11Exception refused)
        {
            Skip($"it makes no {kind}: {refused.ConstantName}");
            return;
        }

        byte[] publicKeyInfo = session.ExportPublicKeyInfo(pair.PublicKey);
        var key = MlDsaKey.Read(publicKeyInfo);
        using (var generator = new TokenSignatureGenerator(session, Id, SignatureScheme.MlDsa))
        {
            byte[] message = [.. "the to-be-signed bytes of a certificate"u8];
            byte[] signature = generator.SignData(message, HashAlgorithmName.SHA512);
            Assert.True(key.Verifies(message, signature));
            signature[^1] ^= 1;
            Assert.False(key.Verifies(message, signature));
        }

        byte[] list = RandomNumberGenerator.GetBytes((3 * Session.PieceBytes) + 5);
        Assert.True(key.Verifies(list, session.SignMessage(pair.PrivateKey, list)));
        Assert.False(session.CanReadSecret(pair.PrivateKey, kind));

        byte[] wrapKey = RandomNumberGenerator.GetBytes(Session.WrapKeyBytes);
        byte[] wrapped = session.WrapPrivateKey(session.ImportWrapKey(wrapKey), pair.PrivateKey, WrapMechanism.AesKeyWrapKwp);
        (WrapFormat format, byte[] plain) = SoftwareKeyWrap.Open(WrapStrategy.Of(WrapMechanism.AesKeyWrapKwp)!, wrapKey, wrapped);
        Assert.Equal(WrapFormat.Rfc5649, format);
        output.WriteLine($"{kind}: a PKCS#8 of {plain.Length} bytes in a blob of {wrapped.Length}");
        Assert.Equal(publicKeyInfo, MlDsaKey.PublicHalf(plain));

        session.Destroy(pair.PrivateKey);
        session.Destroy(pair.PublicKey);
        ObjectHandle back = session.UnwrapPrivateKey(session.ImportWrapKey(wrapKey), WrapMechanism.AesKeyWrapKwp, wrapped, kind, "back", Id,
            Lifetime.Session);
        Assert.True(key.Verifies(list, session.SignMessage(back, list)));
        ObjectHandle again = session.CreatePublicKey(publicKeyInfo, "back", Id, Lifetime.Session);
        Assert.Equal(publicKeyInfo, session.ExportPublicKeyInfo(again));
        Assert.True(session.IsUsable);
    }

    [Fact]
    public void The_probe_names_its_kinds_and_still_finds_that_it_wraps_locked_keys()
    {
        if (Commissioned() is not { } token)
        {
            return;
        }

        using Session session = OpenUser(token);
        if (!module!.Mechanisms(token).Any(one => one.Code == Native.Cryptoki.CKM_ML_DSA_KEY_PAIR_GEN))
        {
            Skip("it lists no ML-DSA");
            return;
        }

        TokenProfile profile = TokenProbe.RunOnCommissioned(session, [KeyKind.MlDsa65]);

        Assert.Equal([KeyKind.MlDsa65], profile.KeyKinds);
        Assert.Contains(new WrapMethod(WrapMechanism.AesKeyWrapKwp, WrapFormat.Rfc5649), profile.WrapFormats);
        Assert.Equal("Generated, signed and verified: ML-DSA-65.", profile.Findings.Single(f => f.Id == "PROBE-02").Sentence);
        output.WriteLine(string.Join('\n', profile.Findings.Select(f => $"{f.Id} {f.Result} {f.Sentence}")));
        Assert.Contains(profile.Findings, f => f.Id == "PROBE-11" && f.Result == ProbeResult.Fail);
    }

    public void Dispose()
    {
        module?.ShutDown();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Upwards from the tests to the repository's tools.</summary>
    private static string? Newer()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string here = Path.Combine(at.FullName, "artifacts", "tools", "nss", "libsoftokn3.so");
            if (File.Exists(here))
            {
                return here;
            }
        }

        return null;
    }

    private TokenInfo? Commissioned()
    {
        if (module is null)
        {
            Skip("no newer NSS is unpacked: .ci/need-nss");
            return null;
        }

        TokenInfo token = module.Tokens().Single(t => t.Label == "NSS Certificate DB");
        using Session officer = module.OpenSession(token);
        officer.Login(LoginRole.SecurityOfficer, []);
        officer.InitPin(UserPin);
        officer.Logout();
        return module.Tokens().Single(t => t.Serial == token.Serial && t.Label == token.Label);
    }

    private Session OpenUser(TokenInfo token)
    {
        Session session = module!.OpenSession(token);
        session.Login(LoginRole.User, UserPin);
        return session;
    }

    /// <summary>Said where a person sees it: a passed test hides its own output.</summary>
    private void Skip(string why)
    {
        output.WriteLine($"SKIPPED: {why}");
        Console.Error.WriteLine($"ML-DSA on a real module SKIPPED: {why}");
    }
}
