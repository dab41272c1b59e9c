using System.Buffers.Binary;
using System.Security.Cryptography;
using static KeyCeremony.Hsm.Tests.YubiHsm.Numbers;

namespace KeyCeremony.Hsm.Tests.YubiHsm;

/// <summary>
/// What a YubiHSM 2 does inside a session, by its published commands. What an object is given must be given to its maker to give, its
/// domains are its maker's, and what shares no domain is not there. Objects of every type leave and come back under a wrap key, as in
/// the device: what may not be written by a command may not be brought in so either. Where the documents say nothing, it is the stricter.
/// </summary>
internal sealed class DeviceCommands(uint serial, IEnumerable<DeviceObject> objects)
{
    private const int Room = 256;
    private const int FirstFreeId = 0x100;

    private static readonly byte[] Version = [2, 4, 0];

    private readonly Dictionary<(ObjectType, ushort), DeviceObject> _objects = objects.ToDictionary(o => (o.Type, o.Id));
    private readonly Dictionary<(ObjectType, ushort), byte> _sequences = [];

    /// <summary>Which authentication keys are not any more what they were when somebody logged in with them.</summary>
    public event Action<ushort>? AuthenticationKeyGone;

    public IReadOnlyCollection<DeviceObject> Objects => _objects.Values;

    public DeviceObject? Find(ObjectType type, ushort id) => _objects.GetValueOrDefault((type, id));

    /// <summary>Somebody else put it there.</summary>
    public void Lay(DeviceObject theirs) => _objects.Add((theirs.Type, theirs.Id), theirs);

    /// <summary>As it comes from its factory.</summary>
    public void Reset()
    {
        foreach (DeviceObject key in _objects.Values.Where(o => o.Type == ObjectType.AuthenticationKey))
            AuthenticationKeyGone?.Invoke(key.Id);
        _objects.Clear();
        Put(new DeviceObject(ObjectType.AuthenticationKey, 1, Label("DEFAULT AUTHKEY CHANGE THIS ASAP"u8), 0xFFFF, Rights.All,
            Algorithms.AesAuthentication, DeviceObject.Imported, SecureChannel.KeysOf("password"u8), Rights.All, 0));
    }

    /// <summary>Anybody may ask.</summary>
    public byte[] Info()
    {
        byte[] number = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(number, serial);
        // Room of its log, how much of it is used, every algorithm that it knows.
        return [.. Version, .. number, 62, 0, .. Enumerable.Range(1, 55).Select(a => (byte)a)];
    }

    /// <param name="by">Who is logged in.</param>
    public byte[] Do(byte command, byte[] data, DeviceObject by) => command switch
    {
        0x01 => data, // echo
        0x06 => Info(),
        0x08 => ResetBy(by),
        0x41 => [.. U16(Room), .. U16(Room - _objects.Count), .. U16(1024), .. U16(1024 - _objects.Count), .. U16(126)], // storage
        0x42 => PutOpaque(data, by),
        0x43 => Get(ObjectType.Opaque, Id(data), by, Rights.GetOpaque).Value,
        0x44 => PutKey(ObjectType.AuthenticationKey, data, by, Rights.PutAuthenticationKey, 2 * SecureChannel.KeyBytes),
        0x46 => Generate(data, by),
        0x47 => Sign(data, by, Rights.SignPkcs, (key, hash) => ((RSA)key).SignHash(hash, NameOf(hash), RSASignaturePadding.Pkcs1)),
        0x48 => List(data, by),
        0x4A => Export(data, by),
        0x4B => Import(data, by),
        0x4C => PutKey(ObjectType.WrapKey, data, by, Rights.PutWrapKey, 32),
        0x4E => ObjectInfo(data, by),
        0x51 => Random(data, by),
        0x54 => Get(ObjectType.AsymmetricKey, Id(data), by) is var key ? [key.Algorithm, .. key.PublicKey()] : [],
        0x56 => Sign(data, by, Rights.SignEcdsa, (key, hash) => ((ECDsa)key).SignHash(hash, DSASignatureFormat.Rfc3279DerSequence)),
        0x58 => Delete(data, by),
        0x6C => ChangeKey(data, by),
        _ => throw new DeviceException(DeviceError.InvalidCommand),
    };

    private byte[] ResetBy(DeviceObject by)
    {
        Need(by, Rights.ResetDevice);
        Reset();
        return [];
    }

    private byte[] PutOpaque(byte[] data, DeviceObject by)
    {
        Need(by, Rights.PutOpaque);
        Head head = Read(data, by);
        return U16(Put(new DeviceObject(ObjectType.Opaque, head.Id, head.Label, head.Domains, head.Rights, head.Algorithm,
            DeviceObject.Imported, data[Head.Bytes..], 0, 0)));
    }

    private byte[] PutKey(ObjectType type, byte[] data, DeviceObject by, Rights need, int length)
    {
        Need(by, need);
        Head head = Read(data, by);
        var delegated = (Rights)BinaryPrimitives.ReadUInt64BigEndian(data.AsSpan(Head.Bytes));
        byte[] value = data[(Head.Bytes + sizeof(ulong))..];
        if (value.Length != length)
            throw new DeviceException(DeviceError.WrongLength);
        if ((delegated & ~by.Delegated) != 0)
            throw new DeviceException(DeviceError.InsufficientPermissions);
        return U16(Put(new DeviceObject(type, head.Id, head.Label, head.Domains, head.Rights, head.Algorithm, DeviceObject.Imported,
            value, delegated, 0)));
    }

    private byte[] Generate(byte[] data, DeviceObject by)
    {
        Need(by, Rights.GenerateAsymmetricKey);
        Head head = Read(data, by);
        return U16(Put(new DeviceObject(ObjectType.AsymmetricKey, head.Id, head.Label, head.Domains, head.Rights, head.Algorithm,
            DeviceObject.Generated, [], 0, 0, DeviceObject.Generate(head.Algorithm))));
    }

    private byte[] Sign(byte[] data, DeviceObject by, Rights need, Func<AsymmetricAlgorithm, byte[], byte[]> sign)
    {
        DeviceObject key = Get(ObjectType.AsymmetricKey, Id(data), by, need);
        Need(key, need);
        return sign(key.Key!, data[2..]);
    }

    private byte[] Export(byte[] data, DeviceObject by)
    {
        DeviceObject wrap = Get(ObjectType.WrapKey, Id(data), by, Rights.ExportWrapped);
        DeviceObject key = Get((ObjectType)data[2], BinaryPrimitives.ReadUInt16BigEndian(data.AsSpan(3)), by);
        Need(wrap, Rights.ExportWrapped);
        Need(key, Rights.ExportableUnderWrap);
        Passes(wrap, key);
        if ((wrap.Domains & key.Domains) == 0)
            throw new DeviceException(DeviceError.ObjectNotFound);
        return WrappedObject.Export(wrap, key);
    }

    private byte[] Import(byte[] data, DeviceObject by)
    {
        DeviceObject wrap = Get(ObjectType.WrapKey, Id(data), by, Rights.ImportWrapped);
        Need(wrap, Rights.ImportWrapped);
        DeviceObject key = WrappedObject.Import(wrap, data.AsSpan(2));
        Passes(wrap, key);
        if ((key.Domains & ~(by.Domains & wrap.Domains)) != 0 || key.Domains == 0)
            throw new DeviceException(DeviceError.InsufficientPermissions);
        return [(byte)key.Type, .. U16(Put(key))];
    }

    /// <summary>A wrap key lets through what is given to it to give: what an object may, and what that may give in its turn.</summary>
    private static void Passes(DeviceObject wrap, DeviceObject passing)
    {
        if (((passing.Rights | passing.Delegated) & ~wrap.Delegated) != 0)
            throw new DeviceException(DeviceError.InsufficientPermissions);
    }

    private byte[] List(byte[] data, DeviceObject by)
    {
        IEnumerable<DeviceObject> found = _objects.Values.Where(o => (o.Domains & by.Domains) != 0);
        for (int at = 0; at < data.Length;)
        {
            ReadOnlySpan<byte> value = data.AsSpan(at + 1);
            switch (data[at])
            {
                case 1:
                    ushort id = BinaryPrimitives.ReadUInt16BigEndian(value);
                    (found, at) = (found.Where(o => o.Id == id), at + 3);
                    break;
                case 2:
                    byte type = value[0];
                    (found, at) = (found.Where(o => (byte)o.Type == type), at + 2);
                    break;
                case 3:
                    ushort domains = BinaryPrimitives.ReadUInt16BigEndian(value);
                    (found, at) = (found.Where(o => (o.Domains & domains) != 0), at + 3);
                    break;
                case 4:
                    var rights = (Rights)BinaryPrimitives.ReadUInt64BigEndian(value);
                    (found, at) = (found.Where(o => rights == 0 || (o.Rights & rights) != 0), at + 9);
                    break;
                case 5:
                    byte algorithm = value[0];
                    (found, at) = (found.Where(o => o.Algorithm == algorithm), at + 2);
                    break;
                case 6:
                    byte[] label = value[..DeviceObject.LabelBytes].ToArray();
                    (found, at) = (found.Where(o => o.Label.AsSpan().SequenceEqual(label)), at + 1 + DeviceObject.LabelBytes);
                    break;
                default:
                    throw new DeviceException(DeviceError.InvalidData);
            }
        }

        return [.. found.SelectMany(o => U16(o.Id).Concat([(byte)o.Type, o.Sequence]))];
    }

    private byte[] ObjectInfo(byte[] data, DeviceObject by)
    {
        DeviceObject o = Get((ObjectType)data[2], Id(data), by);
        return [.. U64((ulong)o.Rights), .. U16(o.Id), .. U16((ushort)o.KeyBytes), .. U16(o.Domains), (byte)o.Type, o.Algorithm, o.Sequence,
            o.Origin, .. o.Label, .. U64((ulong)o.Delegated)];
    }

    private static byte[] Random(byte[] data, DeviceObject by)
    {
        Need(by, Rights.GetPseudoRandom);
        return RandomNumberGenerator.GetBytes(BinaryPrimitives.ReadUInt16BigEndian(data));
    }

    private byte[] Delete(byte[] data, DeviceObject by)
    {
        var type = (ObjectType)data[2];
        DeviceObject gone = Get(type, Id(data), by, type switch
        {
            ObjectType.Opaque => Rights.DeleteOpaque,
            ObjectType.AuthenticationKey => Rights.DeleteAuthenticationKey,
            ObjectType.AsymmetricKey => Rights.DeleteAsymmetricKey,
            _ => Rights.DeleteWrapKey,
        });
        _ = _objects.Remove((gone.Type, gone.Id));
        if (gone.Type == ObjectType.AuthenticationKey)
            AuthenticationKeyGone?.Invoke(gone.Id);
        return [];
    }

    /// <summary>Each his own only.</summary>
    private byte[] ChangeKey(byte[] data, DeviceObject by)
    {
        DeviceObject key = Get(ObjectType.AuthenticationKey, Id(data), by, Rights.ChangeAuthenticationKey);
        if (key.Id != by.Id)
            throw new DeviceException(DeviceError.InsufficientPermissions);
        if (data.Length != 3 + 2 * SecureChannel.KeyBytes)
            throw new DeviceException(DeviceError.WrongLength);
        _objects[(key.Type, key.Id)] = key with { Value = data[3..] };
        return U16(key.Id);
    }

    private DeviceObject Get(ObjectType type, ushort id, DeviceObject by, Rights need = 0)
    {
        Need(by, need);
        return _objects.TryGetValue((type, id), out DeviceObject? found) && (found.Domains & by.Domains) != 0 ? found
            : throw new DeviceException(DeviceError.ObjectNotFound);
    }

    private ushort Put(DeviceObject made)
    {
        if (_objects.Count >= Room)
            throw new DeviceException(DeviceError.StorageFailed);
        ushort id = made.Id;
        while (id == 0 || made.Id == 0 && _objects.ContainsKey((made.Type, id)))
            id = (ushort)RandomNumberGenerator.GetInt32(FirstFreeId, ushort.MaxValue);
        if (_objects.ContainsKey((made.Type, id)))
            throw new DeviceException(DeviceError.ObjectExists);
        // How often there was one of this type and number.
        byte sequence = (byte)(_sequences.TryGetValue((made.Type, id), out byte last) ? (last + 1) & 0xFF : 0);
        _sequences[(made.Type, id)] = sequence;
        _objects.Add((made.Type, id), made with { Id = id, Sequence = sequence });
        return id;
    }

    private static Head Read(byte[] data, DeviceObject by)
    {
        var head = new Head(BinaryPrimitives.ReadUInt16BigEndian(data), data[2..42], BinaryPrimitives.ReadUInt16BigEndian(data.AsSpan(42)),
            (Rights)BinaryPrimitives.ReadUInt64BigEndian(data.AsSpan(44)), data[52]);
        return (head.Rights & ~by.Delegated) == 0 && (head.Domains & ~by.Domains) == 0 && head.Domains != 0 ? head
            : throw new DeviceException(DeviceError.InsufficientPermissions);
    }

    private static void Need(DeviceObject by, Rights right)
    {
        if (!by.Rights.HasFlag(right))
            throw new DeviceException(DeviceError.InsufficientPermissions);
    }

    private static ushort Id(byte[] data) => BinaryPrimitives.ReadUInt16BigEndian(data);

    private static HashAlgorithmName NameOf(byte[] hash) => hash.Length switch
    {
        32 => HashAlgorithmName.SHA256,
        48 => HashAlgorithmName.SHA384,
        64 => HashAlgorithmName.SHA512,
        _ => throw new DeviceException(DeviceError.InvalidData),
    };

    private static byte[] Label(ReadOnlySpan<byte> text) => [.. text, .. new byte[DeviceObject.LabelBytes - text.Length]];

    /// <summary>How every object that is made begins.</summary>
    private sealed record Head(ushort Id, byte[] Label, ushort Domains, Rights Rights, byte Algorithm)
    {
        public const int Bytes = 53;
    }
}
