using System.Text;
using KeyCeremony.App.Room;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Sharing;
using KeyCeremony.Eyes;
using KeyCeremony.Pkcs11;

namespace KeyCeremony.Hsm.Tests;

/// <summary>What the tokens on a table really hold, seen without the program.</summary>
internal static class Token
{
    /// <summary>PKCS#11 and its configuration are process-wide.</summary>
    private static readonly Lock OneTable = new();

    /// <summary>
    /// The primary token holds the keys that the ledger says it holds and the ledger's head, all of them locked; no
    /// token holds anything else.
    /// </summary>
    public static void HoldsWhatTheLedgerKnows(Table table)
    {
        World world = table.World();
        string pin = Cards.Pin(table, world, PinPurpose.User), serial = world.Primary!.Commissioned.Serial;
        KeyFact[] keys = [.. world.Keys.Values.Where(k => k.Serial == serial)];
        IEnumerable<string> expected = keys
            .SelectMany(k => new[] { $"{ObjectClass.PrivateKey} {k.CkaId}", $"{ObjectClass.PublicKey} {k.CkaId}" })
            .Append($"{ObjectClass.Data} ledger-head");
        lock (OneTable)
        {
            Module module = Open(table);
            foreach (TokenInfo other in module.Tokens().Where(t => t.Initialised && t.Serial != serial))
            {
                using Session visitor = module.OpenSession(other);
                Assert.Empty(visitor.Objects());
                Assert.Empty(Witness.Sees(table, other.Serial).Objects);
            }
            using Session session = module.OpenSession(module.Tokens().Single(t => t.Serial == serial));
            session.Login(LoginRole.User, Encoding.ASCII.GetBytes(pin));
            Assert.Equal(expected.Order(StringComparer.Ordinal), session.Objects().Select(Named).Order(StringComparer.Ordinal));
            TokenView seen = Witness.Sees(table, serial, pin);
            Assert.Equal(expected.Order(StringComparer.Ordinal), seen.Objects.Select(Witness.Named).Order(StringComparer.Ordinal));
            foreach (KeyFact key in keys)
            {
                KeyAttributes found = session.ReadAttributes(session.GetPrivateKey(KeyId.Parse(key.CkaId)));
                Assert.True(found is { Sensitive: true, Extractable: false, OnToken: true, Private: true },
                    $"{key.Generated.Key}: {found}");
                ObjectView other = seen.Objects.Single(o => Witness.Named(o) == $"{ObjectClass.PrivateKey} {key.CkaId}");
                Assert.Equal(("1", "0", "1", "1"),
                    (Said(other, "CKA_SENSITIVE"), Said(other, "CKA_EXTRACTABLE"), Said(other, "CKA_TOKEN"), Said(other, "CKA_PRIVATE")));
            }
        }
    }

    /// <summary>The HSMs of a table in this process; one table at a time.</summary>
    public static void With(Table table, Action<Module> use)
    {
        lock (OneTable)
            use(Open(table));
    }

    /// <summary>SoftHSM on the table's folder.</summary>
    private static Module Open(Table table)
    {
        SoftHsmTokens.Prepare(table.Hsm);
        var module = Module.Load(SoftHsmTokens.Module()
            ?? throw new InvalidOperationException("SoftHSM2 is not installed: apt-get install softhsm2"));
        module.Reinitialize();
        return module;
    }

    private static string Said(ObjectView key, string flag) => key.Flag(flag).ToString();

    private static string Named(StoredObject o) =>
        o.Is(ObjectClass.PrivateKey) ? $"{ObjectClass.PrivateKey} {o.Id?.Hex}"
        : o.Is(ObjectClass.PublicKey) ? $"{ObjectClass.PublicKey} {o.Id?.Hex}"
        : o.Is(ObjectClass.Data) ? $"{ObjectClass.Data} {o.Label}"
        : $"{o.Class} {o.Label}";
}
