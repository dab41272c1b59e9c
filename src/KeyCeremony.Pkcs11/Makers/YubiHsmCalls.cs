using System.Globalization;
using System.Text;
using KeyCeremony.Pkcs11.Hosting;
using KeyCeremony.Pkcs11.Native;
using static KeyCeremony.Pkcs11.Native.Cryptoki;

namespace KeyCeremony.Pkcs11.Makers;

/// <summary>
/// Yubico's PKCS#11 module with the functions that it lacks, done by authentication keys: to commission, to lock, to make what ends with
/// a session. Lives in the process that holds the module. docs/decisions/0029-yubihsm.md.
/// </summary>
internal sealed unsafe partial class YubiHsmCalls : PassingCalls
{
    /// <summary>In which the module looks for the path of its configuration.</summary>
    private const string Configuration = "YUBIHSM_PKCS11_CONF";

    /// <summary>Where it looks else.</summary>
    private const string UsualConfiguration = "yubihsm_pkcs11.conf";

    /// <summary>
    /// Lines of a configuration by which the library writes down what passes, wrap keys and session keys among it, or reads more lines.
    /// </summary>
    private static readonly string[] Logs = ["debug", "dinout", "libdebug", "debug-file", "include"];

    private const int SerialBytes = 16;

    private readonly List<YubiHsmDevice> devices = [];
    private readonly Dictionary<nuint, nuint> slots = [];
    private readonly Dictionary<nuint, List<nuint>> temporary = [];
    private readonly Dictionary<nuint, Login> logins = [];
    private readonly Dictionary<nuint, State> states = [];
    private readonly Dictionary<(nuint Slot, nuint Handle), Secret> wrapKeys = [];
    private readonly int prefixLength;

    /// <param name="prefix">Of every user's PIN: the number of the authentication key.</param>
    public YubiHsmCalls(ModuleCalls inner, string prefix)
        : base(inner) => prefixLength = prefix.Length;

    /// <summary>What a device was found to be; read anew when it was changed.</summary>
    /// <param name="Name">Null: it is not one of ours.</param>
    /// <param name="IsBlank">The maker's password opens all of it, no name was given to it, and nothing lies in it but passwords.</param>
    /// <param name="OfficerIsNobody">
    /// The maker's password opens all of it, and it was not commissioned: nothing of worth is in it, and who may all of it is not counted.
    /// </param>
    private sealed record State(byte[]? Name, bool IsBlank, bool HasUser, bool OfficerIsNobody);

    /// <summary>Bytes on a page of their own.</summary>
    private sealed class Secret : IDisposable
    {
        /// <summary>A page: longer than the longest PIN and than a wrap key.</summary>
        public const int MaxBytes = 4096;

        private readonly LockedPages page = new(MaxBytes);
        private readonly int length;

        public Secret(ReadOnlySpan<byte> bytes)
        {
            length = bytes.Length;
            bytes.CopyTo(new Span<byte>(page.Start, MaxBytes));
        }

        public ReadOnlySpan<byte> Bytes => new(page.Start, length);

        public void Dispose() => page.Dispose();
    }

    /// <summary>A PIN for as long as its login lasts: the exporters have the same.</summary>
    private sealed record Login(bool IsOfficer, Secret Pin) : IDisposable
    {
        public void Dispose() => Pin.Dispose();
    }

    public override nuint C_Initialize(nuint flags)
    {
        End();
        if (Configured().Any(line => Logs.Contains(line.Name)))
        {
            return CKR_FUNCTION_FAILED;
        }

        foreach (string url in Connectors())
        {
            devices.Add(new YubiHsmDevice(url));
        }

        return Inner.C_Initialize(flags);
    }

    public override nuint C_Finalize()
    {
        // Before the module's end, which is the library's.
        End();
        return Inner.C_Finalize();
    }

    public override nuint C_GetTokenInfo(nuint slot, CK_TOKEN_INFO* info)
    {
        nuint answer = Inner.C_GetTokenInfo(slot, info);
        return answer != CKR_OK ? answer : Try(() =>
        {
            State state = StateOf(slot);
            if (state.IsBlank)
            {
                info->Flags &= ~(CKF_TOKEN_INITIALIZED | CKF_USER_PIN_INITIALIZED);
                new Span<byte>(info->Label, ModuleHost.LabelBytes).Fill((byte)' ');
            }
            else if (state.Name is { } name)
            {
                info->Flags |= CKF_TOKEN_INITIALIZED;
                info->Flags = state.HasUser ? info->Flags | CKF_USER_PIN_INITIALIZED : info->Flags & ~CKF_USER_PIN_INITIALIZED;
                new Span<byte>(info->Label, ModuleHost.LabelBytes).Fill((byte)' ');
                name.AsSpan(0, Math.Min(name.Length, ModuleHost.LabelBytes)).CopyTo(new Span<byte>(info->Label, ModuleHost.LabelBytes));
            }

            return CKR_OK;
        });
    }

    /// <summary>Everything but the officer goes. Without one the eraser resets the device, and its PIN is the officer's again.</summary>
    public override nuint C_InitToken(nuint slot, byte* pin, nuint pinLength, byte* label) => Try(() =>
    {
        YubiHsmDevice device = Device(slot);
        var officerPin = new ReadOnlySpan<byte>(pin, (int)pinLength);
        YubiHsmSession? officer = device.TryOpen(YubiHsmRoles.Officer, officerPin);
        if (officer is null)
        {
            using (YubiHsmSession? eraser = device.TryOpen(YubiHsmRoles.Eraser, officerPin))
            {
                if (eraser is null)
                {
                    return CKR_PIN_INCORRECT;
                }

                device.Reset(eraser);
            }

            using (YubiHsmSession fresh = device.Open(YubiHsmRoles.Officer, YubiHsmRoles.FactoryPassword))
            {
                fresh.PutVisitor(new ReadOnlySpan<byte>(label, ModuleHost.LabelBytes));
                fresh.ChangePassword(YubiHsmRoles.Officer, officerPin);
            }

            officer = device.Open(YubiHsmRoles.Officer, officerPin);
        }

        using (officer)
        {
            // The name goes last: as long as anything else is there, it is known whose it is.
            foreach (YubiHsmObject old in officer.Objects(YubiHsmType.Any)
                .Where(o => (o.Type, o.Id) != (YubiHsmType.AuthenticationKey, YubiHsmRoles.Officer))
                .OrderBy(o => o.Type == YubiHsmType.AuthenticationKey)
                .ThenBy(o => o.Id == YubiHsmRoles.Visitor))
            {
                officer.Delete(old.Id, old.Type);
            }

            officer.PutVisitor(new ReadOnlySpan<byte>(label, ModuleHost.LabelBytes));
        }

        states.Remove(slot);
        return CKR_OK;
    });

    /// <summary>The user, and the fifteen who may take keys out, each in a domain of its own; all have this PIN.</summary>
    public override nuint C_InitPIN(nuint session, byte* pin, nuint pinLength) => Try(() =>
    {
        nuint slot = SlotOf(session);
        if (!logins.TryGetValue(slot, out Login? login) || !login.IsOfficer)
        {
            return CKR_USER_NOT_LOGGED_IN;
        }

        var userPin = new ReadOnlySpan<byte>(pin, (int)pinLength);
        using YubiHsmSession officer = Device(slot).Open(YubiHsmRoles.Officer, login.Pin.Bytes);
        officer.DeleteIfThere(YubiHsmRoles.User, YubiHsmType.AuthenticationKey);
        officer.PutAuthenticationKey(YubiHsmRoles.User, "keyceremony: user"u8, YubiHsmRoles.AllDomains,
            YubiHsmRoles.UserRights, YubiHsmRoles.UserGives, userPin);
        for (int i = 0; i < YubiHsmRoles.Exporters; i++)
        {
            ushort id = (ushort)(YubiHsmRoles.FirstExporter + i);
            officer.DeleteIfThere(id, YubiHsmType.AuthenticationKey);
            officer.PutAuthenticationKey(id, "keyceremony: exporter"u8, YubiHsmRoles.DomainOf(i),
                YubiHsmRoles.ExporterRights, YubiHsmRoles.ExporterGives, userPin);
        }

        states.Remove(slot);
        return CKR_OK;
    });

    /// <summary>
    /// The officer's. The maker's password back: it is changed. Another one: it becomes the eraser's, and the officer, who may all, goes.
    /// </summary>
    public override nuint C_SetPIN(nuint session, byte* oldPin, nuint oldLength, byte* newPin, nuint newLength) => Try(() =>
    {
        nuint slot = SlotOf(session);
        if (!logins.TryGetValue(slot, out Login? login) || !login.IsOfficer)
        {
            return CKR_FUNCTION_NOT_SUPPORTED;
        }

        YubiHsmDevice device = Device(slot);
        var next = new ReadOnlySpan<byte>(newPin, (int)newLength);
        using (YubiHsmSession? officer = device.TryOpen(YubiHsmRoles.Officer, new ReadOnlySpan<byte>(oldPin, (int)oldLength)))
        {
            if (officer is null)
            {
                return CKR_PIN_INCORRECT;
            }

            states.Remove(slot);
            if (next.SequenceEqual(YubiHsmRoles.FactoryPassword))
            {
                officer.ChangePassword(YubiHsmRoles.Officer, next);
                return CKR_OK;
            }

            officer.DeleteIfThere(YubiHsmRoles.Eraser, YubiHsmType.AuthenticationKey);
            officer.PutAuthenticationKey(YubiHsmRoles.Eraser, "keyceremony: eraser"u8, YubiHsmRoles.AllDomains,
                YubiHsmRoles.EraserRights, YubiHsmRights.None, next);
        }

        using YubiHsmSession eraser = device.Open(YubiHsmRoles.Eraser, next);
        eraser.Delete(YubiHsmRoles.Officer, YubiHsmType.AuthenticationKey);
        return CKR_OK;
    });

    public override nuint C_OpenSession(nuint slot, nuint flags, nuint* session)
    {
        nuint answer = Inner.C_OpenSession(slot, flags, session);
        if (answer == CKR_OK)
        {
            slots[*session] = slot;
        }

        return answer;
    }

    public override nuint C_CloseSession(nuint session)
    {
        if (!slots.TryGetValue(session, out nuint slot))
        {
            return Inner.C_CloseSession(session);
        }

        Destroy(session);
        nuint answer = Inner.C_CloseSession(session);
        slots.Remove(session);
        if (!slots.ContainsValue(slot))
        {
            // With the last session goes the login.
            Forget(slot);
        }

        return answer;
    }

    public override nuint C_Login(nuint session, nuint role, byte* pin, nuint pinLength) => Try(() =>
    {
        nuint slot = SlotOf(session);
        if (logins.ContainsKey(slot))
        {
            return CKR_USER_ALREADY_LOGGED_IN;
        }

        if (pinLength > (nuint)(Secret.MaxBytes - prefixLength))
        {
            return CKR_PIN_INCORRECT;
        }

        var login = new Login(role == CKU_SO, new Secret(new ReadOnlySpan<byte>(pin, (int)pinLength)));
        nuint answer = login.IsOfficer ? AsOfficer(slot, login) : AsUser(session, login);
        if (answer != CKR_OK)
        {
            login.Dispose();
            return answer;
        }

        logins[slot] = login;
        if (!login.IsOfficer)
        {
            Sweep(slot, login);
        }

        return CKR_OK;
    });

    public override nuint C_Logout(nuint session)
    {
        if (!slots.TryGetValue(session, out nuint slot) || !logins.TryGetValue(slot, out Login? login))
        {
            return Inner.C_Logout(session);
        }

        foreach (nuint one in slots.Where(s => s.Value == slot).Select(s => s.Key).ToArray())
        {
            Destroy(one);
        }

        bool officer = login.IsOfficer;
        Forget(slot);
        // The module knows of no officer.
        return officer ? CKR_OK : Inner.C_Logout(session);
    }

    /// <summary>The module asks for a login, PKCS#11 does not: before one the visitor is asked.</summary>
    public override nuint C_GenerateRandom(nuint session, byte* random, nuint length) => Try(() =>
    {
        nuint slot = SlotOf(session);
        if (logins.TryGetValue(slot, out Login? login) && !login.IsOfficer)
        {
            return Inner.C_GenerateRandom(session, random, length);
        }

        using YubiHsmSession visitor = Device(slot).Open(YubiHsmRoles.Visitor, YubiHsmRoles.VisitorPassword);
        visitor.Random(new Span<byte>(random, (int)length));
        return CKR_OK;
    });

    /// <summary>As the module reads them: the slots are in the order of these lines.</summary>
    private static IEnumerable<string> Connectors() => Configured().Where(line => line.Name == "connector").Select(line => line.Value);

    private static (string Name, string Value)[] Configured()
    {
        string path = Environment.GetEnvironmentVariable(Configuration) ?? UsualConfiguration;
        return !File.Exists(path) ? [] : [.. File.ReadAllLines(path).Select(Line)];
    }

    /// <summary>A name, then blanks, an equals sign or a colon, then a value that may be quoted: as gengetopt reads it.</summary>
    private static (string Name, string Value) Line(string line)
    {
        string text = line.Split('#')[0].Trim();
        int end = text.IndexOfAny([' ', '\t', '=', ':']);
        return end < 0 ? (text, "") : (text[..end], text[end..].Trim(' ', '\t', '=', ':', '"'));
    }

    private nuint AsOfficer(nuint slot, Login login)
    {
        using YubiHsmSession? officer = Device(slot).TryOpen(YubiHsmRoles.Officer, login.Pin.Bytes);
        return officer is null ? CKR_PIN_INCORRECT : CKR_OK;
    }

    /// <summary>The module's own login: its PIN begins with the authentication key's number.</summary>
    private nuint AsUser(nuint session, Login login)
    {
        using var page = new LockedPages(Secret.MaxBytes);
        var pin = new Span<byte>(page.Start, Secret.MaxBytes);
        _ = Encoding.ASCII.GetBytes(YubiHsmRoles.User.ToString($"x{prefixLength}", CultureInfo.InvariantCulture), pin);
        login.Pin.Bytes.CopyTo(pin[prefixLength..]);
        return Inner.C_Login(session, CKU_USER, page.Start, (nuint)(prefixLength + login.Pin.Bytes.Length));
    }

    /// <summary>A session that was cut off left what should have ended with it.</summary>
    private void Sweep(nuint slot, Login login)
    {
        using YubiHsmSession user = Device(slot).Open(YubiHsmRoles.User, login.Pin.Bytes);
        foreach (YubiHsmType type in new[] { YubiHsmType.AsymmetricKey, YubiHsmType.WrapKey })
        {
            foreach (YubiHsmObject left in user.Objects(type).Where(o => o.Label.AsSpan().SequenceEqual(YubiHsmRoles.SessionLabel)))
            {
                user.Delete(left.Id, left.Type);
            }
        }
    }

    private State StateOf(nuint slot)
    {
        if (states.TryGetValue(slot, out State? known))
        {
            return known;
        }

        YubiHsmDevice device = Device(slot);
        bool officerIsKnown, isEmpty;
        using (YubiHsmSession? factory = device.TryOpen(YubiHsmRoles.Officer, YubiHsmRoles.FactoryPassword))
        {
            officerIsKnown = factory is not null;
            // Somebody may use it so, with the maker's password: what he has in it is not erased.
            isEmpty = factory?.Objects(YubiHsmType.Any).All(o => o.Type == YubiHsmType.AuthenticationKey) ?? false;
        }

        using YubiHsmSession? visitor = device.TryOpen(YubiHsmRoles.Visitor, YubiHsmRoles.VisitorPassword);
        return states[slot] = visitor is null
            ? new State(null, isEmpty, HasUser: false, officerIsKnown)
            : new State(visitor.Info(YubiHsmRoles.Visitor, YubiHsmType.AuthenticationKey)?.Label ?? [], IsBlank: false,
                visitor.Info(YubiHsmRoles.User, YubiHsmType.AuthenticationKey) is not null,
                officerIsKnown && visitor.Info(YubiHsmRoles.Eraser, YubiHsmType.AuthenticationKey) is null);
    }

    /// <summary>The one behind the module's slot, and no other: what is done here may empty it.</summary>
    private YubiHsmDevice Device(nuint slot)
    {
        YubiHsmDevice device = (int)slot < devices.Count ? devices[(int)slot] : throw new YubiHsmException(YubiHsmLibrary.NoConnector);
        CK_TOKEN_INFO info;
        nuint answer = Inner.C_GetTokenInfo(slot, &info);
        return answer == CKR_OK
            && new ReadOnlySpan<byte>(info.SerialNumber, SerialBytes).TrimEnd((byte)' ').SequenceEqual(device.Serial())
            ? device : throw new YubiHsmException(YubiHsmLibrary.NoConnector);
    }

    private nuint SlotOf(nuint session) => slots.TryGetValue(session, out nuint slot) ? slot : throw new YubiHsmException(-14);

    private void Forget(nuint slot)
    {
        if (logins.Remove(slot, out Login? login))
        {
            login.Dispose();
        }
    }

    private void End()
    {
        foreach (nuint slot in logins.Keys.ToArray())
        {
            Forget(slot);
        }

        foreach (Secret key in wrapKeys.Values)
        {
            key.Dispose();
        }

        wrapKeys.Clear();
        slots.Clear();
        temporary.Clear();
        states.Clear();
        devices.ForEach(device => device.Dispose());
        devices.Clear();
    }

    private static nuint Try(Func<nuint> call)
    {
        try
        {
            return call();
        }
        catch (YubiHsmException refused)
        {
            return refused.ReturnValue;
        }
    }
}
