using System.Security.Cryptography;
using static KeyCeremony.Hsm.Tests.YubiHsm.Numbers;

namespace KeyCeremony.Hsm.Tests.YubiHsm;

/// <summary>
/// Somebody who has every password of a YubiHSM and wants a key out of it. As everybody who is left he makes the most that each may: wrap
/// keys whose bytes he knows, authentication keys, and objects that he wrote himself and brings in under such a wrap key. What he made is
/// his next tool, until nothing new comes of it. More rights never open less, so the most of each is enough.
/// </summary>
internal sealed class Thief
{
    private const byte PutAuthenticationKey = 0x44;
    private const byte ExportWrapped = 0x4A;
    private const byte ImportWrapped = 0x4B;
    private const byte PutWrapKey = 0x4C;

    private static readonly byte[] KnownKey = SHA256.HashData("the thief's"u8);

    private readonly DeviceCommands _device;
    private readonly HashSet<(ObjectType, Rights, Rights, ushort)> _made = [];

    private Thief(IEnumerable<DeviceObject> objects) => _device = new DeviceCommands(0, objects);

    /// <param name="objects">What lies in the device; it stays as it is.</param>
    /// <param name="key">The number of an asymmetric key.</param>
    public static bool Takes(IEnumerable<DeviceObject> objects, ushort key)
    {
        var thief = new Thief(objects);
        while (thief.MakesMore())
        {
        }

        return thief.Export(key);
    }

    private DeviceObject[] People => Of(ObjectType.AuthenticationKey);

    private DeviceObject[] WrapKeys => Of(ObjectType.WrapKey);

    private bool MakesMore()
    {
        int before = _made.Count;
        foreach (DeviceObject person in People)
        {
            Make(person, ObjectType.WrapKey, person.Delegated, person.Domains, PutWrapKey, Written);
            Make(person, ObjectType.AuthenticationKey, person.Delegated, person.Domains, PutAuthenticationKey, Written);
            foreach (DeviceObject wrap in WrapKeys)
            {
                ushort domains = (ushort)(person.Domains & wrap.Domains);
                byte[] Forged(DeviceObject forged) => [.. U16(wrap.Id), .. WrappedObject.Export(wrap, forged)];
                Make(person, ObjectType.WrapKey, wrap.Delegated, domains, ImportWrapped, Forged);
                Make(person, ObjectType.AuthenticationKey, wrap.Delegated, domains, ImportWrapped, Forged);
            }
        }

        return _made.Count > before;
    }

    /// <summary>All rights that can be had, and all of them to give on. Once for each kind.</summary>
    private void Make(DeviceObject person, ObjectType type, Rights rights, ushort domains, byte command, Func<DeviceObject, byte[]> data)
    {
        if (domains == 0 || _made.Contains((type, rights, rights, domains)))
            return;
        byte algorithm = type == ObjectType.WrapKey ? Algorithms.Aes256CcmWrap : Algorithms.AesAuthentication;
        // An object that is brought in has its number already.
        ushort id = command == ImportWrapped ? Enumerable.Range(0x8000, 0x1000).Select(n => (ushort)n)
            .First(n => _device.Find(type, n) is null) : (ushort)0;
        var wanted = new DeviceObject(type, id, new byte[DeviceObject.LabelBytes], domains, rights, algorithm, DeviceObject.Imported,
            KnownKey, rights, 0);
        if (Asked(person, command, data(wanted)) is not null)
            _ = _made.Add((type, rights, rights, domains));
    }

    private bool Export(ushort key) => People.Any(person => WrapKeys.Any(wrap =>
        Asked(person, ExportWrapped, [.. U16(wrap.Id), (byte)ObjectType.AsymmetricKey, .. U16(key)]) is { } wrapped
            && WrappedObject.Import(wrap, wrapped).Key is not null));

    private byte[]? Asked(DeviceObject person, byte command, byte[] data)
    {
        try
        {
            return _device.Do(command, data, person);
        }
        catch (DeviceException)
        {
            return null;
        }
    }

    private DeviceObject[] Of(ObjectType type) => [.. _device.Objects.Where(o => o.Type == type)];

    private static byte[] Written(DeviceObject wanted) => [.. U16(wanted.Id), .. wanted.Label, .. U16(wanted.Domains),
        .. U64((ulong)wanted.Rights), wanted.Algorithm, .. U64((ulong)wanted.Delegated), .. wanted.Value];
}
