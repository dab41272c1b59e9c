using static KeyCeremony.Hsm.Tests.YubiHsm.Numbers;

namespace KeyCeremony.Hsm.Tests.YubiHsm;

/// <summary>The device that the tests play refuses what a YubiHSM refuses: else a ceremony on it would show nothing.</summary>
public sealed class PlayedYubiHsmTests
{
    private const ushort OpaqueId = 0x100, KeyId = 0x101, WrapId = 0x102, PersonId = 0x103;

    private static readonly byte[] Secret = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    /// <summary>Every command that needs a right, with everything but that one, and with it.</summary>
    [Fact]
    public void Each_command_needs_its_right()
    {
        (Rights Right, byte Command, byte[] Data)[] commands =
        [
            (Rights.ResetDevice, 0x08, []),
            (Rights.PutOpaque, 0x42, [.. Head(0, 1, 0, 30), 1, 2, 3]),
            (Rights.GetOpaque, 0x43, U16(OpaqueId)),
            (Rights.PutAuthenticationKey, 0x44, [.. Head(0, 1, 0, Algorithms.AesAuthentication), .. U64(0), .. Secret]),
            (Rights.GenerateAsymmetricKey, 0x46, Head(0, 1, Rights.SignEcdsa, Algorithms.EcP256)),
            (Rights.ExportWrapped, 0x4A, [.. U16(WrapId), (byte)ObjectType.AsymmetricKey, .. U16(KeyId)]),
            (Rights.ImportWrapped, 0x4B, [.. U16(WrapId), .. WrappedObject.Export(Wrap, Key with { Id = 0x200 })]),
            (Rights.PutWrapKey, 0x4C, [.. Head(0, 1, 0, Algorithms.Aes256CcmWrap), .. U64(0), .. Secret]),
            (Rights.GetPseudoRandom, 0x51, U16(8)),
            (Rights.SignEcdsa, 0x56, [.. U16(KeyId), .. Secret]),
            (Rights.DeleteOpaque, 0x58, [.. U16(OpaqueId), (byte)ObjectType.Opaque]),
            (Rights.DeleteAuthenticationKey, 0x58, [.. U16(PersonId), (byte)ObjectType.AuthenticationKey]),
            (Rights.DeleteAsymmetricKey, 0x58, [.. U16(KeyId), (byte)ObjectType.AsymmetricKey]),
            (Rights.DeleteWrapKey, 0x58, [.. U16(WrapId), (byte)ObjectType.WrapKey]),
            (Rights.ChangeAuthenticationKey, 0x6C, [.. U16(PersonId), Algorithms.AesAuthentication, .. Secret]),
        ];
        foreach ((Rights right, byte command, byte[] data) in commands)
        {
            Assert.Equal(DeviceError.InsufficientPermissions, Refused(Person with { Rights = ~right }, command, data));
            Assert.Null(Refused(Person, command, data));
        }
    }

    /// <summary>What is made may have, and give, what its maker may give; and lies in his domains.</summary>
    [Fact]
    public void Nobody_gives_what_is_not_his_to_give()
    {
        DeviceObject person = Person with { Delegated = Rights.SignEcdsa, Domains = 0b11 };
        Assert.Null(Refused(person, 0x46, Head(0, 0b11, Rights.SignEcdsa, Algorithms.EcP256)));
        Assert.NotNull(Refused(person, 0x46, Head(0, 0b11, Rights.SignEcdsa | Rights.ExportableUnderWrap, Algorithms.EcP256)));
        Assert.NotNull(Refused(person, 0x46, Head(0, 0b111, Rights.SignEcdsa, Algorithms.EcP256)));
        Assert.NotNull(Refused(person, 0x46, Head(0, 0, Rights.SignEcdsa, Algorithms.EcP256)));
        Assert.NotNull(Refused(person, 0x4C, [.. Head(0, 1, Rights.ExportWrapped, Algorithms.Aes256CcmWrap), .. U64(0), .. Secret]));
        Assert.NotNull(Refused(person, 0x44,
            [.. Head(0, 1, 0, Algorithms.AesAuthentication), .. U64((ulong)Rights.ExportWrapped), .. Secret]));
        // Another's password is not his to change.
        Assert.NotNull(Refused(person with { Id = 0x300 }, 0x6C, [.. U16(PersonId), Algorithms.AesAuthentication, .. Secret]));
    }

    [Fact]
    public void What_shares_no_domain_is_not_there()
    {
        DeviceObject elsewhere = Person with { Domains = 0b10 };
        Assert.Equal(DeviceError.ObjectNotFound, Refused(elsewhere, 0x56, [.. U16(KeyId), .. Secret]));
        Assert.Equal(DeviceError.ObjectNotFound, Refused(elsewhere, 0x4E, [.. U16(KeyId), (byte)ObjectType.AsymmetricKey]));
        Assert.Equal(DeviceError.ObjectNotFound, Refused(elsewhere, 0x4A,
            [.. U16(WrapId), (byte)ObjectType.AsymmetricKey, .. U16(KeyId)]));
        // He sees himself.
        Assert.Equal([.. U16(PersonId), (byte)ObjectType.AuthenticationKey, 0], Device(elsewhere).Do(0x48, [], elsewhere));
    }

    [Theory]
    [InlineData(ObjectType.AuthenticationKey)]
    [InlineData(ObjectType.WrapKey)]
    public void A_wrap_key_lets_in_what_it_may_give_and_no_more(object type)
    {
        DeviceObject forged = Person with { Type = (ObjectType)type, Id = 0x200, Rights = Rights.SignEcdsa, Delegated = 0 };
        DeviceObject wrap = Wrap with { Delegated = Rights.SignEcdsa };
        Assert.Null(Refused(Person, 0x4B, [.. U16(WrapId), .. WrappedObject.Export(Wrap, forged)], wrap));
        DeviceObject[] withMore = [forged with { Rights = Rights.ExportWrapped }, forged with { Delegated = Rights.ExportWrapped },
            forged with { Domains = 0b11 }];
        foreach (DeviceObject more in withMore)
            Assert.Equal(DeviceError.InsufficientPermissions,
                Refused(Person, 0x4B, [.. U16(WrapId), .. WrappedObject.Export(Wrap, more)], wrap));
        // Nor does it let out what it may not give.
        Assert.Equal(DeviceError.InsufficientPermissions, Refused(Person, 0x4A,
            [.. U16(WrapId), (byte)ObjectType.AsymmetricKey, .. U16(KeyId)], wrap));
    }

    private static DeviceObject Person => new(ObjectType.AuthenticationKey, PersonId, new byte[DeviceObject.LabelBytes], 1, Rights.All,
        Algorithms.AesAuthentication, DeviceObject.Imported, Secret, Rights.All, 0);

    private static DeviceObject Wrap => Person with
    {
        Type = ObjectType.WrapKey,
        Id = WrapId,
        Algorithm = Algorithms.Aes256CcmWrap,
    };

    private static DeviceObject Key => Person with
    {
        Type = ObjectType.AsymmetricKey,
        Id = KeyId,
        Rights = Rights.SignEcdsa | Rights.ExportableUnderWrap,
        Delegated = 0,
        Algorithm = Algorithms.EcP256,
        Value = [],
        Key = DeviceObject.Generate(Algorithms.EcP256),
    };

    private static DeviceCommands Device(DeviceObject person, DeviceObject? wrap = null) => new(7,
        [person, wrap ?? Wrap, Key, Person with { Type = ObjectType.Opaque, Id = OpaqueId, Delegated = 0 },
            .. person.Id == PersonId ? Array.Empty<DeviceObject>() : [Person]]);

    /// <summary>Null: it was done.</summary>
    private static DeviceError? Refused(DeviceObject person, byte command, byte[] data, DeviceObject? wrap = null)
    {
        try
        {
            _ = Device(person, wrap).Do(command, data, person);
            return null;
        }
        catch (DeviceException refused)
        {
            return refused.Error;
        }
    }

    private static byte[] Head(ushort id, ushort domains, Rights rights, byte algorithm) =>
        [.. U16(id), .. new byte[DeviceObject.LabelBytes], .. U16(domains), .. U64((ulong)rights), algorithm];
}
