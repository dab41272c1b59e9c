using KeyCeremony.App.Room;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Pkcs11;

namespace KeyCeremony.Hsm.Tests;

/// <summary>
/// The wrap key is in the HSM for the one call that needs it. The module is in this process, which sees its sessions' objects.
/// </summary>
public sealed class WrapKeyTests
{
    private const string Id = "00112233445566778899aabbccddeeff";

    [Theory]
    [InlineData("0x210A", false)]
    [InlineData("", true)]
    [InlineData("0x210G", true)]
    public void It_is_gone_after_a_backup_however_that_ends(string mechanism, bool fails)
    {
        using var table = Table.Laid();
        using var wrapKey = SecretBytes.Random(32, System.Security.Cryptography.RandomNumberGenerator.Fill);
        Token.With(table, module =>
        {
            using var hsm = new App.Room.Hsm(new HsmSettings(module.Path, null, null, new OneModule(() => module)));
            using SecretBytes so = SecretBytes.Copy("12345678"u8), user = SecretBytes.Copy("87654321"u8);
            string blank = module.Tokens().Single(t => !t.Initialised).Serial;
            string serial = hsm.Commission(new CommissionToken("wrap", "set", blank, Again: false), so, user, 26).Serial;
            _ = hsm.Generate(new GenerateKey("root", "ca", "ec-p256", Id, Extractable: true, Clean: false));
            var effect = new BackUpKey("root", Id, "ec-p256", "", "set", mechanism, "rfc5649");

            Exception? thrown = Record.Exception(() => hsm.Wrap(effect, wrapKey));

            Assert.Equal(fails, thrown is not null);
            Assert.False(thrown is HsmException);
            TokenInfo token = module.Tokens().Single(t => t.Serial == serial);
            using Session visitor = module.OpenSession(token), other = module.OpenSession(token);
            Assert.Equal(2, visitor.Objects().Count);
            Assert.Equal([$"{ObjectClass.PrivateKey} {Id}", $"{ObjectClass.PublicKey} {Id}"],
                Witness.Sees(table, serial, "87654321").Objects.Select(Witness.Named).Order(StringComparer.Ordinal));
            // Sessions see each other's objects: one that had stayed would have been found.
            _ = other.ImportWrapKey(wrapKey.Span);
            Assert.Single(visitor.Find(ObjectClass.SecretKey));
        });
    }
}
