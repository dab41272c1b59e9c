using System.Text.Json;

namespace KeyCeremony.Pkcs11.Tests;

[Collection(ModuleCollection.Name)]
public sealed class ProbeTests(SoftHsm hsm) : IClassFixture<SoftHsm>
{
    private static readonly KeyKind[] FastKinds = [KeyKind.EcP256, KeyKind.EcP384];

    [Fact]
    public void A_blank_softhsm_has_the_known_profile_and_is_blank_again()
    {
        TokenProfile profile = TokenProbe.RunOnBlank(
            hsm.Module, hsm.BlankToken(), SoftHsm.SoPin, SoftHsm.UserPin, [.. FastKinds, KeyKind.Rsa3072]);

        Assert.Empty(profile.Unsafe);
        Assert.Equal(
            [new WrapMethod(WrapMechanism.AesKeyWrapKwp, WrapFormat.Absent),
                new WrapMethod(WrapMechanism.AesKeyWrapPad, WrapFormat.Rfc5649),
                new WrapMethod(WrapMechanism.LunaAesKwp, WrapFormat.Absent),
                new WrapMethod(WrapMechanism.AesCbcPad, WrapFormat.Absent),
                new WrapMethod(WrapMechanism.YubicoAesCcmWrap, WrapFormat.Absent)],
            profile.WrapFormats);
        Assert.Equal(("softhsm2", TokenFamilies.All.Single(f => f.Family == "softhsm2").Sha256), (profile.Family, profile.FamilySha256));
        Assert.True(profile.Locks);
        Assert.Equal(WrapMechanism.AesKeyWrapPad, profile.BackupMechanism);
        Assert.Equal([KeyKind.EcP256, KeyKind.EcP384, KeyKind.Rsa3072], profile.KeyKinds);
        Assert.Contains("0x00001041", profile.Mechanisms);
        Assert.Null(profile.LockedAfterTries);
        // SoftHSM never locks: the room should know, and a rehearsal may go on.
        Assert.Equal("PROBE-18", Assert.Single(profile.Warnings).Id);
        Assert.Equal(
            Enumerable.Range(1, 19).Select(number => $"PROBE-{number:00}"),
            profile.Findings.Select(finding => finding.Id));

        Assert.Equal(profile.Token, hsm.Module.GetToken(TokenProbe.Label, profile.Token.Serial));
        Assert.False(profile.Token.UserPinSet);
        using Session officer = hsm.Module.OpenSession(profile.Token);
        officer.Login(LoginRole.SecurityOfficer, SoftHsm.SoPin);
        Assert.Empty(officer.Objects());
    }

    [Fact]
    public void A_token_in_use_is_probed_without_a_trace()
    {
        TokenInfo token = hsm.Commission("in-use");
        using Session session = hsm.OpenUserSession(token);
        var id = KeyId.Parse("11");
        session.GenerateKeyPair(KeyKind.EcP384, "root", id);
        session.WriteData("KeyCeremony", "head", "42"u8, isPrivate: true);
        IReadOnlyList<StoredObject> before = session.Objects();

        TokenProfile profile = TokenProbe.RunOnCommissioned(session, FastKinds);

        Assert.Empty(profile.Unsafe);
        Assert.Equal(["PROBE-17", "PROBE-18"], profile.Warnings.Select(finding => finding.Id));
        Assert.Equal(before, session.Objects());
        Assert.Equal(SessionState.User, session.GetState());
        Assert.False(hsm.Module.GetToken("in-use", token.Serial).UserPinCountLow);
    }

    [Fact]
    public void A_token_nobody_logged_in_to_is_not_probed()
    {
        using Session session = hsm.Module.OpenSession(hsm.Commission("public"));
        Assert.Throws<InvalidOperationException>(() => TokenProbe.RunOnCommissioned(session, FastKinds));
    }

    [Fact]
    public void A_profile_survives_json()
    {
        using Session session = hsm.OpenUserSession(hsm.Commission("json"));
        TokenProfile profile = TokenProbe.RunOnCommissioned(session, [KeyKind.EcP256]);

        string json = JsonSerializer.Serialize(profile);
        TokenProfile read = JsonSerializer.Deserialize<TokenProfile>(json)!;

        Assert.Equal(profile.Token, read.Token);
        Assert.Equal(profile.Findings, read.Findings);
        Assert.Equal(profile.WrapFormats, read.WrapFormats);
        Assert.Equal(json, JsonSerializer.Serialize(read));
    }
}
