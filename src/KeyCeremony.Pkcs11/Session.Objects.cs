using System.Buffers.Binary;
using System.Text;
using KeyCeremony.Pkcs11.Native;
using static KeyCeremony.Pkcs11.Native.Cryptoki;

namespace KeyCeremony.Pkcs11;

/// <summary>Finding, reading and destroying objects.</summary>
public sealed unsafe partial class Session
{
    /// <summary>The largest data object: a signed journal head has some hundred bytes.</summary>
    public const int MaxDataBytes = 64 * 1024;

    /// <summary>More objects than any ceremony token holds; a larger number is a broken module.</summary>
    public const int MaxObjects = 10_000;

    /// <summary>Labels, IDs, EC points and RSA-4096 moduli fit four times over.</summary>
    private const int MaxAttributeBytes = 2048;

    /// <summary>Objects that match everything given, in the token's order. Private ones only after login.</summary>
    public IReadOnlyList<ObjectHandle> Find(ObjectClass? objectClass = null, KeyId? id = null, string? label = null)
    {
        using Turn mine = TakeTurn();
        using var template = new Template();
        if (objectClass is { } wanted)
        {
            template.Add(CKA_CLASS, (nuint)wanted);
        }

        if (id is not null)
        {
            template.Add(CKA_ID, id.ToBytes());
        }

        if (label is not null)
        {
            template.Add(CKA_LABEL, label);
        }

        return FindAll(template);
    }

    /// <exception cref="ObjectNotFoundException">None or several; the session stays usable.</exception>
    public ObjectHandle GetPrivateKey(KeyId id) => GetOnly(ObjectClass.PrivateKey, id);

    /// <exception cref="ObjectNotFoundException">None or several; the session stays usable.</exception>
    public ObjectHandle GetPublicKey(KeyId id) => GetOnly(ObjectClass.PublicKey, id);

    /// <summary>Everything this login can see, to find what nobody asked for.</summary>
    public IReadOnlyList<StoredObject> Objects()
    {
        using Turn mine = TakeTurn();
        using var everything = new Template();
        return [.. FindAll(everything).Select(Describe)];
    }

    /// <summary>
    /// Everything in the token that this login can see, with all that a second look through another binding is compared
    /// for. What ends with a session of this process is left out: no other process sees it.
    /// </summary>
    public IReadOnlyList<SeenObject> Look()
    {
        using Turn mine = TakeTurn();
        using var everything = new Template();
        return [.. FindAll(everything).Select(See).Where(seen => seen.Flags[0] != false)];
    }

    public KeyAttributes ReadAttributes(ObjectHandle key)
    {
        using Turn mine = TakeTurn();
        bool?[] flags = ReadFlags(key, [CKA_SENSITIVE, CKA_EXTRACTABLE, CKA_ALWAYS_SENSITIVE, CKA_NEVER_EXTRACTABLE, CKA_LOCAL, CKA_TOKEN,
            CKA_PRIVATE, CKA_SIGN, CKA_DECRYPT, CKA_UNWRAP, CKA_MODIFIABLE]);
        return new KeyAttributes(
            Sensitive: flags[0],
            Extractable: flags[1],
            AlwaysSensitive: flags[2],
            NeverExtractable: flags[3],
            Local: flags[4],
            OnToken: flags[5],
            Private: flags[6],
            Sign: flags[7],
            Decrypt: flags[8],
            Unwrap: flags[9],
            Modifiable: flags[10]);
    }

    /// <summary>A public key object as SubjectPublicKeyInfo, DER. RFC 5480, RFC 8017.</summary>
    public byte[] ExportPublicKeyInfo(ObjectHandle publicKey)
    {
        using Turn mine = TakeTurn();
        return RequireNumber(publicKey, CKA_KEY_TYPE) switch
        {
            CKK_EC => PublicKeyInfo.FromEc(
                Require(publicKey, CKA_EC_PARAMS), Require(publicKey, CKA_EC_POINT), DistrustAttribute),
            CKK_ML_DSA => PublicKeyInfo.FromMlDsa(
                RequireNumber(publicKey, CKA_PARAMETER_SET), Require(publicKey, CKA_VALUE, MlDsaValueBytes), DistrustAttribute),
            CKK_RSA => PublicKeyInfo.FromRsa(Require(publicKey, CKA_MODULUS), Require(publicKey, CKA_PUBLIC_EXPONENT)),
            var type => throw Fail(DistrustAttribute($"the public key is of type 0x{type:X}, neither RSA nor EC nor ML-DSA")),
        };
    }

    /// <summary>
    /// Stores a value under application and label, and destroys what stood there. The new one is created first: when
    /// power fails in between, <see cref="ReadData"/> finds both and the caller knows which is the newer.
    /// </summary>
    /// <param name="value">At most <see cref="MaxDataBytes"/>.</param>
    /// <param name="isPrivate">CKA_PRIVATE: seen only after login.</param>
    public void WriteData(
        string application, string label, ReadOnlySpan<byte> value, bool isPrivate, Lifetime lifetime = Lifetime.Token)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value.Length, MaxDataBytes, nameof(value));
        using Turn mine = TakeTurn();
        List<ObjectHandle> old = FindData(application, label);
        using Template template = new Template(value.Length + 1024)
            .Add(CKA_CLASS, CKO_DATA)
            .Add(CKA_TOKEN, lifetime == Lifetime.Token)
            .Add(CKA_PRIVATE, isPrivate)
            .Add(CKA_APPLICATION, application)
            .Add(CKA_LABEL, label)
            .Add(CKA_VALUE, value);
        Create(template);
        foreach (ObjectHandle stale in old)
        {
            Check("C_DestroyObject", functions.C_DestroyObject(handle, (nuint)stale.Value));
        }
    }

    /// <summary>
    /// The values stored under application and label: none, one, or two when power was lost in
    /// <see cref="WriteData"/>.
    /// </summary>
    public IReadOnlyList<byte[]> ReadData(string application, string label)
    {
        using Turn mine = TakeTurn();
        return [.. FindData(application, label).Select(data => Require(data, CKA_VALUE, MaxDataBytes))];
    }

    /// <returns>How many objects there were.</returns>
    public int DestroyData(string application, string label)
    {
        using Turn mine = TakeTurn();
        List<ObjectHandle> found = FindData(application, label);
        foreach (ObjectHandle data in found)
        {
            Check("C_DestroyObject", functions.C_DestroyObject(handle, (nuint)data.Value));
        }

        return found.Count;
    }

    public void Destroy(ObjectHandle target)
    {
        using Turn mine = TakeTurn();
        Check("C_DestroyObject", functions.C_DestroyObject(handle, (nuint)target.Value));
    }

    /// <summary>Does the token give out the secret part of a key? It must not.</summary>
    /// <param name="kind">Null: a wrap key.</param>
    internal bool CanReadSecret(ObjectHandle key, KeyKind? kind)
    {
        using Turn mine = TakeTurn();
        // An ML-DSA key has its secret twice: expanded, and as the seed that it was made from.
        return kind?.IsMlDsa() is true
            ? Read(key, CKA_VALUE, MlDsaValueBytes) is { Length: > 0 } || Read(key, CKA_SEED) is { Length: > 0 }
            : Read(key, kind?.IsRsa() is true ? CKA_PRIVATE_EXPONENT : CKA_VALUE) is { Length: > 0 };
    }

    private static UntrustworthyAnswerException DistrustAttribute(string what) => new("C_GetAttributeValue", what);

    private ObjectHandle GetOnly(ObjectClass objectClass, KeyId id)
    {
        ArgumentNullException.ThrowIfNull(id);
        IReadOnlyList<ObjectHandle> found = Find(objectClass, id);
        return found.Count == 1 ? found[0] : throw new ObjectNotFoundException(objectClass, id, found.Count);
    }

    private List<ObjectHandle> FindData(string application, string label)
    {
        using Template template = new Template()
            .Add(CKA_CLASS, CKO_DATA)
            .Add(CKA_APPLICATION, application)
            .Add(CKA_LABEL, label);
        return FindAll(template);
    }

    private List<ObjectHandle> FindAll(Template template)
    {
        const int Batch = 64;
        var found = new List<ObjectHandle>();
        nuint* batch = stackalloc nuint[Batch];
        Check("C_FindObjectsInit", functions.C_FindObjectsInit(handle, template.Attributes, template.Count));
        while (true)
        {
            nuint count = 0;
            Check("C_FindObjects", functions.C_FindObjects(handle, batch, Batch, &count));
            if (count > Batch || found.Count + (int)count > MaxObjects)
            {
                throw Fail(new UntrustworthyAnswerException("C_FindObjects", $"it found {count} objects at once"));
            }

            if (count == 0)
            {
                break;
            }

            for (int i = 0; i < (int)count; i++)
            {
                found.Add(new ObjectHandle(batch[i]));
            }
        }

        Check("C_FindObjectsFinal", functions.C_FindObjectsFinal(handle));
        return found;
    }

    private StoredObject Describe(ObjectHandle target)
    {
        nuint objectClass = RequireNumber(target, CKA_CLASS);
        bool isKey = objectClass is CKO_PUBLIC_KEY or CKO_PRIVATE_KEY or CKO_SECRET_KEY;
        byte[]? id = objectClass == CKO_DATA ? null : Read(target, CKA_ID);
        return new StoredObject(
            target,
            objectClass,
            Encoding.UTF8.GetString(Read(target, CKA_LABEL) ?? []),
            id is { Length: >= 1 and <= KeyId.MaxBytes } ? KeyId.From(id) : null,
            isKey ? RequireNumber(target, CKA_KEY_TYPE) : null,
            objectClass == CKO_DATA ? Encoding.UTF8.GetString(Read(target, CKA_APPLICATION) ?? []) : null,
            OnToken: ReadFlag(target, CKA_TOKEN) ?? true,
            Private: ReadFlag(target, CKA_PRIVATE) ?? true);
    }

    private SeenObject See(ObjectHandle target)
    {
        nuint objectClass = RequireNumber(target, CKA_CLASS);
        bool isData = objectClass == CKO_DATA;
        bool isKey = objectClass is CKO_PUBLIC_KEY or CKO_PRIVATE_KEY or CKO_SECRET_KEY;
        nuint? keyType = isKey ? RequireNumber(target, CKA_KEY_TYPE) : null;
        // The value of a secret is never asked for; of ML-DSA it is the public key itself.
        bool isOpen = isData || objectClass == CKO_CERTIFICATE || objectClass == CKO_PUBLIC_KEY && keyType == CKK_ML_DSA;
        return new SeenObject(
            objectClass,
            Read(target, CKA_LABEL) ?? [],
            isData ? [] : Read(target, CKA_ID) ?? [],
            keyType,
            isData ? Read(target, CKA_APPLICATION) ?? [] : [],
            [.. ReadFlags(target, [CKA_TOKEN, CKA_PRIVATE, CKA_MODIFIABLE, CKA_SENSITIVE, CKA_EXTRACTABLE, CKA_ALWAYS_SENSITIVE,
                CKA_NEVER_EXTRACTABLE, CKA_LOCAL, CKA_SIGN, CKA_DECRYPT, CKA_WRAP, CKA_UNWRAP])],
            [
                isKey ? Read(target, CKA_EC_PARAMS) : null,
                isKey ? Read(target, CKA_EC_POINT) : null,
                isKey ? Read(target, CKA_MODULUS) : null,
                isKey ? Read(target, CKA_PUBLIC_EXPONENT) : null,
                isOpen ? Read(target, CKA_VALUE, MaxDataBytes) : null,
            ]);
    }

    private ObjectHandle Create(Template template)
    {
        nuint created;
        Check("C_CreateObject", functions.C_CreateObject(handle, template.Attributes, template.Count, &created));
        return new ObjectHandle(created);
    }

    private bool? ReadFlag(ObjectHandle target, nuint attribute) => Flag(attribute, Read(target, attribute, sizeof(byte)));

    private bool? Flag(nuint attribute, byte[]? value) => value switch
    {
        null => null,
        [0] => false,
        [1] => true,
        _ => throw Fail(DistrustAttribute($"attribute 0x{attribute:X} is no CK_BBOOL but {value.Length} bytes")),
    };

    /// <summary>
    /// All in one call: over a network each call is a round trip. A module that finds one attribute missing or secret must
    /// still answer for the others (PKCS#11 v2.40, 5.7); what it did not write is asked for again alone.
    /// </summary>
    private bool?[] ReadFlags(ObjectHandle target, ReadOnlySpan<nuint> attributes)
    {
        Span<byte> values = stackalloc byte[attributes.Length];
        CK_ATTRIBUTE* queries = stackalloc CK_ATTRIBUTE[attributes.Length];
        values.Fill(ModuleCalls.Unwritten);
        fixed (byte* value = values)
        {
            for (int i = 0; i < attributes.Length; i++)
            {
                queries[i] = new CK_ATTRIBUTE { Type = attributes[i], Value = value + i, ValueLength = sizeof(byte) };
            }

            nuint answer = functions.C_GetAttributeValue(handle, (nuint)target.Value, queries, (nuint)attributes.Length);
            if (answer is not (CKR_ATTRIBUTE_TYPE_INVALID or CKR_ATTRIBUTE_SENSITIVE))
            {
                Check("C_GetAttributeValue", answer);
            }
        }

        bool?[] flags = new bool?[attributes.Length];
        for (int i = 0; i < attributes.Length; i++)
        {
            flags[i] = queries[i].ValueLength == CK_UNAVAILABLE_INFORMATION ? null
                : queries[i].ValueLength != sizeof(byte)
                    ? throw Fail(DistrustAttribute($"attribute 0x{attributes[i]:X} claims {queries[i].ValueLength} bytes in a buffer of 1"))
                : values[i] == ModuleCalls.Unwritten ? ReadFlag(target, attributes[i])
                : Flag(attributes[i], [values[i]]);
        }

        return flags;
    }

    /// <summary>In a buffer of exactly its size: NSS refuses to write a number into a larger one.</summary>
    private nuint RequireNumber(ObjectHandle target, nuint attribute)
    {
        byte[] value = Require(target, attribute, sizeof(ulong));
        return value.Length == sizeof(ulong)
            ? (nuint)BinaryPrimitives.ReadUInt64LittleEndian(value)
            : throw Fail(DistrustAttribute($"attribute 0x{attribute:X} is no CK_ULONG but {value.Length} bytes"));
    }

    private byte[] Require(ObjectHandle target, nuint attribute, int limit = MaxAttributeBytes) =>
        Read(target, attribute, limit)
        ?? throw Fail(DistrustAttribute($"attribute 0x{attribute:X} is missing from an object that must have it"));

    /// <summary>
    /// One attribute in one call, into a buffer that is large enough for all we know: a length query of its own would
    /// be one more answer to distrust. Null when the object has no such attribute or keeps it secret.
    /// </summary>
    private byte[]? Read(ObjectHandle target, nuint attribute, int limit = MaxAttributeBytes)
    {
        byte[] buffer = new byte[limit];
        fixed (byte* bytes = buffer)
        {
            var query = new CK_ATTRIBUTE { Type = attribute, Value = bytes, ValueLength = (nuint)limit };
            nuint answer = functions.C_GetAttributeValue(handle, (nuint)target.Value, &query, 1);
            if (answer is CKR_ATTRIBUTE_TYPE_INVALID or CKR_ATTRIBUTE_SENSITIVE)
            {
                // An answer, not an error: the session is as good as before.
                return null;
            }

            Check("C_GetAttributeValue", answer);
            if (query.ValueLength == CK_UNAVAILABLE_INFORMATION)
            {
                return null;
            }

            return query.ValueLength <= (nuint)limit
                ? buffer[..(int)query.ValueLength]
                : throw Fail(DistrustAttribute($"attribute 0x{attribute:X} claims {query.ValueLength} bytes in a buffer of {limit}"));
        }
    }
}
