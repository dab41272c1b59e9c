using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using static KeyCeremony.Pkcs11.Makers.YubiHsmLibrary;
using static KeyCeremony.Pkcs11.Native.Cryptoki;

namespace KeyCeremony.Pkcs11.Makers;

/// <summary>What <c>libyubihsm</c> refused, as PKCS#11 would say it.</summary>
internal sealed class YubiHsmException(int code) : Exception($"libyubihsm said {code}")
{
    public nuint ReturnValue { get; } = code switch
    {
        CryptogramMismatch or SessionAuthenticationFailed or DeviceAuthenticationFailed => CKR_PIN_INCORRECT,
        DeviceObjectNotFound => CKR_OBJECT_HANDLE_INVALID,
        -3 or -29 or NoConnector => CKR_DEVICE_REMOVED, // no connection, the connector's own error, none there
        -18 => CKR_DEVICE_MEMORY, // storage
        DeviceInsufficientPermissions => CKR_ACTION_PROHIBITED,
        -21 => CKR_DEVICE_ERROR, // the audit log is full
        _ => CKR_FUNCTION_FAILED,
    };
}

/// <summary>One YubiHSM behind its connector. Sessions are short: opened for a few commands, closed at once.</summary>
internal sealed unsafe class YubiHsmDevice(string url) : IDisposable
{
    /// <summary>A device that was emptied starts anew.</summary>
    private static readonly TimeSpan Restart = TimeSpan.FromSeconds(15);

    private nint connector;

    /// <exception cref="YubiHsmException">No such key, or another password.</exception>
    public YubiHsmSession Open(ushort key, ReadOnlySpan<byte> password)
    {
        Connect();
        nint session = 0;
        fixed (byte* bytes = password)
        {
            int answer = yh_create_session_derived(connector, key, bytes, (nuint)password.Length, 0, &session);
            if (answer != Success)
            {
                if (session != 0)
                {
                    _ = yh_destroy_session(&session);
                }

                throw new YubiHsmException(answer);
            }
        }

        return new YubiHsmSession(session);
    }

    /// <summary>As the module writes it.</summary>
    public byte[] Serial()
    {
        Connect();
        uint serial = 0;
        int answer = yh_util_get_device_info(connector, null, null, null, &serial, null, null, null, null);
        return answer == Success ? Encoding.ASCII.GetBytes(serial.ToString("D8", CultureInfo.InvariantCulture))
            : throw new YubiHsmException(answer);
    }

    /// <summary>Null when there is no such key, or its password is another one.</summary>
    public YubiHsmSession? TryOpen(ushort key, ReadOnlySpan<byte> password)
    {
        try
        {
            return Open(key, password);
        }
        catch (YubiHsmException no) when (no.ReturnValue is CKR_PIN_INCORRECT or CKR_OBJECT_HANDLE_INVALID)
        {
            return null;
        }
    }

    /// <summary>Empties the device, which starts anew as it came from its factory.</summary>
    public void Reset(YubiHsmSession by)
    {
        by.Reset();
        long began = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                Dispose();
                using YubiHsmSession fresh = Open(YubiHsmRoles.Officer, YubiHsmRoles.FactoryPassword);
                return;
            }
            catch (YubiHsmException) when (Stopwatch.GetElapsedTime(began) < Restart)
            {
                Thread.Sleep(200);
            }
        }
    }

    public void Dispose()
    {
        if (connector != 0)
        {
            _ = yh_disconnect(connector);
            connector = 0;
        }
    }

    private void Connect()
    {
        if (connector != 0)
        {
            return;
        }

        nint made = 0;
        int answer = yh_init();
        answer = answer == Success ? yh_init_connector(url, &made) : answer;
        answer = answer == Success ? yh_connect(made, 0) : answer;
        if (answer != Success)
        {
            throw new YubiHsmException(answer);
        }

        connector = made;
    }
}

/// <summary>What an object of a YubiHSM says of itself.</summary>
internal sealed record YubiHsmObject(
    ushort Id, YubiHsmType Type, byte Sequence, ushort Domains, YubiHsmRights Rights, byte[] Label)
{
    /// <summary>The handle that Yubico's module gives to it.</summary>
    public nuint Handle => (nuint)((uint)Sequence << 24 | (uint)Type << 16 | Id);
}

/// <summary>An authenticated session with a YubiHSM.</summary>
internal sealed unsafe class YubiHsmSession(nint session) : IDisposable
{
    /// <summary>The device stores no more.</summary>
    private const int MaxObjects = 256;

    /// <summary>What fits into every message.</summary>
    private const int MaxRandom = 1024;

    public IReadOnlyList<YubiHsmObject> Objects(YubiHsmType type)
    {
        var listed = new Descriptor[MaxObjects];
        nuint count = MaxObjects;
        byte[] any = new byte[CapabilityBytes];
        fixed (Descriptor* found = listed)
        fixed (byte* rights = any)
        {
            Check(yh_util_list_objects(session, 0, (int)type, 0, rights, 0, null, found, &count));
        }

        return [.. listed.Take((int)Math.Min(count, MaxObjects)).Select(o => Info(o.Id, (YubiHsmType)o.Type)).OfType<YubiHsmObject>()];
    }

    /// <summary>Null when there is none.</summary>
    public YubiHsmObject? Info(ushort id, YubiHsmType type)
    {
        Descriptor found = default;
        int answer = yh_util_get_object_info(session, id, (int)type, &found);
        if (answer == DeviceObjectNotFound)
        {
            return null;
        }

        Check(answer);
        return new YubiHsmObject(found.Id, (YubiHsmType)found.Type, found.Sequence, found.Domains,
            (YubiHsmRights)BinaryPrimitives.ReadUInt64BigEndian(new ReadOnlySpan<byte>(found.Capabilities, CapabilityBytes)),
            new ReadOnlySpan<byte>(found.Label, LabelBytes).TrimEnd((byte)0).ToArray());
    }

    public void Delete(ushort id, YubiHsmType type) => Check(yh_util_delete_object(session, id, (int)type));

    public void DeleteIfThere(ushort id, YubiHsmType type)
    {
        int answer = yh_util_delete_object(session, id, (int)type);
        if (answer != DeviceObjectNotFound)
        {
            Check(answer);
        }
    }

    public void PutAuthenticationKey(ushort id, ReadOnlySpan<byte> label, ushort domains, YubiHsmRights rights, YubiHsmRights gives,
        ReadOnlySpan<byte> password)
    {
        fixed (byte* name = Terminated(label))
        fixed (byte* may = YubiHsmRoles.Bytes(rights))
        fixed (byte* given = YubiHsmRoles.Bytes(gives))
        fixed (byte* secret = password)
        {
            Check(yh_util_import_authentication_key_derived(session, &id, name, domains, may, given, secret, (nuint)password.Length));
        }
    }

    /// <param name="name">Of the HSM, filled with blanks.</param>
    public void PutVisitor(ReadOnlySpan<byte> name) => PutAuthenticationKey(YubiHsmRoles.Visitor, name.TrimEnd((byte)' '),
        YubiHsmRoles.AllDomains, YubiHsmRoles.VisitorRights, YubiHsmRights.None, YubiHsmRoles.VisitorPassword);

    public void ChangePassword(ushort id, ReadOnlySpan<byte> password)
    {
        fixed (byte* secret = password)
        {
            Check(yh_util_change_authentication_key_derived(session, &id, secret, (nuint)password.Length));
        }
    }

    public YubiHsmObject Generate(int algorithm, ReadOnlySpan<byte> label, ushort domains, YubiHsmRights rights)
    {
        ushort id = 0;
        fixed (byte* name = Terminated(label))
        fixed (byte* may = YubiHsmRoles.Bytes(rights))
        {
            Check(algorithm is YubiHsmAlgorithm.EcP256 or YubiHsmAlgorithm.EcP384
                ? yh_util_generate_ec_key(session, &id, name, domains, may, algorithm)
                : yh_util_generate_rsa_key(session, &id, name, domains, may, algorithm));
        }

        return Info(id, YubiHsmType.AsymmetricKey) ?? throw new YubiHsmException(DeviceObjectNotFound);
    }

    /// <summary>For as long as a session, under the label of such.</summary>
    public YubiHsmObject PutWrapKey(ushort domains, YubiHsmRights rights, ReadOnlySpan<byte> key)
    {
        ushort id = 0;
        fixed (byte* name = Terminated(YubiHsmRoles.SessionLabel))
        fixed (byte* may = YubiHsmRoles.Bytes(rights))
        fixed (byte* given = YubiHsmRoles.Bytes(YubiHsmRoles.WrapKeyGives))
        fixed (byte* value = key)
        {
            Check(yh_util_import_wrap_key(session, &id, name, domains, may, YubiHsmAlgorithm.Aes256CcmWrap, given, value,
                (nuint)key.Length));
        }

        return Info(id, YubiHsmType.WrapKey) ?? throw new YubiHsmException(DeviceObjectNotFound);
    }

    /// <summary>False: whoever asks may not, or does not see one of the two.</summary>
    /// <param name="length">Room, then what was written.</param>
    public bool TryExport(ushort wrapKey, YubiHsmObject key, byte* wrapped, nuint* length)
    {
        // A refusal is written there, too.
        nuint written = *length;
        int answer = yh_util_export_wrapped(session, wrapKey, (int)key.Type, key.Id, wrapped, &written);
        if (answer is DeviceInsufficientPermissions or DeviceObjectNotFound)
        {
            return false;
        }

        Check(answer);
        *length = written;
        return true;
    }

    public void Random(Span<byte> destination)
    {
        for (int at = 0; at < destination.Length; at += MaxRandom)
        {
            Span<byte> part = destination.Slice(at, Math.Min(MaxRandom, destination.Length - at));
            nuint length = (nuint)part.Length;
            fixed (byte* bytes = part)
            {
                Check(yh_util_get_pseudo_random(session, length, bytes, &length));
            }

            if (length != (nuint)part.Length)
            {
                throw new YubiHsmException(WrongLength);
            }
        }
    }

    /// <summary>The session is gone with it, and nobody is there who could close it.</summary>
    public void Reset()
    {
        Check(yh_util_reset_device(session));
        nint gone = session;
        session = 0;
        _ = yh_destroy_session(&gone);
    }

    public void Dispose()
    {
        if (session == 0)
        {
            return;
        }

        // Whatever they answer, nothing is wanted of it any more.
        nint gone = session;
        session = 0;
        _ = yh_util_close_session(gone);
        _ = yh_destroy_session(&gone);
    }

    private static byte[] Terminated(ReadOnlySpan<byte> label) => [.. label[..Math.Min(label.Length, LabelBytes)], 0];

    private static void Check(int answer)
    {
        if (answer != Success)
        {
            throw new YubiHsmException(answer);
        }
    }
}
