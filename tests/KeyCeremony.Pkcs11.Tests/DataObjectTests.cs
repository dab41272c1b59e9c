using System.Text;

namespace KeyCeremony.Pkcs11.Tests;

[Collection(ModuleCollection.Name)]
public sealed class DataObjectTests : IClassFixture<SoftHsm>
{
    private const string Application = "KeyCeremony";

    private readonly SoftHsm hsm;
    private readonly TokenInfo token;

    public DataObjectTests(SoftHsm hsm)
    {
        this.hsm = hsm;
        token = hsm.Module.Tokens().FirstOrDefault(known => known.Label == "data") ?? hsm.Commission("data");
    }

    [Fact]
    public void A_value_over_the_limit_is_refused_before_the_token_is_asked()
    {
        using Session session = hsm.OpenUserSession(token);
        Assert.Throws<ArgumentOutOfRangeException>(
            () => session.WriteData(Application, "large", new byte[Session.MaxDataBytes + 1], isPrivate: true));
        Assert.True(session.IsUsable);
    }

    [Fact]
    public void What_is_written_is_replaced_read_and_destroyed()
    {
        using (Session session = hsm.OpenUserSession(token))
        {
            Assert.Empty(session.ReadData(Application, "head"));
            session.WriteData(Application, "head", "entry 41"u8, isPrivate: true);
            session.WriteData(Application, "head", "entry 42"u8, isPrivate: true);
            session.WriteData(Application, "other", "kept"u8, isPrivate: true);
        }

        hsm.Module.Reinitialize();

        using Session later = hsm.OpenUserSession(token);
        Assert.Equal("entry 42", Encoding.UTF8.GetString(Assert.Single(later.ReadData(Application, "head"))));
        Assert.Empty(later.ReadData("somebody else", "head"));
        Assert.Equal(1, later.DestroyData(Application, "head"));
        Assert.Equal(0, later.DestroyData(Application, "head"));
        Assert.Single(later.ReadData(Application, "other"));
    }

    [Fact]
    public void The_largest_value_comes_back_whole()
    {
        byte[] value = Enumerable.Range(0, Session.MaxDataBytes).Select(i => (byte)(i % 251)).ToArray();
        using Session session = hsm.OpenUserSession(token);
        session.WriteData(Application, "largest", value, isPrivate: true);
        Assert.Equal(value, Assert.Single(session.ReadData(Application, "largest")));
    }

    [Fact]
    public void Only_a_public_value_is_seen_without_login()
    {
        using (Session session = hsm.OpenUserSession(token))
        {
            session.WriteData(Application, "public", "open"u8, isPrivate: false);
            session.WriteData(Application, "private", "closed"u8, isPrivate: true);
            session.Logout();
        }

        using Session nobody = hsm.Module.OpenSession(token);
        Assert.Equal(SessionState.Public, nobody.GetState());
        Assert.Single(nobody.ReadData(Application, "public"));
        Assert.Empty(nobody.ReadData(Application, "private"));
        StoredObject seen = nobody.Objects().Single(thing => thing.Label == "public");
        Assert.True(seen.Is(ObjectClass.Data));
        Assert.Equal((Application, false, true), (seen.Application, seen.Private, seen.OnToken));
    }
}
