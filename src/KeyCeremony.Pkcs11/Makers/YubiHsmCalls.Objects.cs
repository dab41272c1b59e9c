using System.Buffers.Binary;
using KeyCeremony.Pkcs11.Native;
using static KeyCeremony.Pkcs11.Native.Cryptoki;

namespace KeyCeremony.Pkcs11.Makers;

/// <summary>Keys: made in a domain of their own, taken out by its exporter, locked by the end of that exporter.</summary>
internal sealed unsafe partial class YubiHsmCalls
{
    private const byte Off = 0;

    public override nuint C_CreateObject(nuint session, CK_ATTRIBUTE* template, nuint count, nuint* created) => Try(() =>
    {
        switch (Number(template, count, CKA_CLASS))
        {
            case CKO_SECRET_KEY when Number(template, count, CKA_KEY_TYPE) == CKK_AES:
                return PutWrapKey(session, template, count, created);
            case CKO_PUBLIC_KEY:
                return NamePublicHalf(session, template, count, created);
            default:
                // Whatever is stored is seen after a login only, and the module takes no other word for it.
                bool ends = EndsWithSession(template, count);
                Overwrite(template, count, CKA_PRIVATE, Off);
                nuint answer = Inner.C_CreateObject(session, template, count, created);
                return Remember(answer, ends, session, created);
        }
    });

    public override nuint C_GenerateKeyPair(nuint session, CK_MECHANISM* mechanism, CK_ATTRIBUTE* publicTemplate, nuint publicCount,
        CK_ATTRIBUTE* privateTemplate, nuint privateCount, nuint* publicKey, nuint* privateKey) => Try(() =>
    {
        (nuint slot, Login user) = UserOf(session);
        if (AlgorithmOf(mechanism->Mechanism, publicTemplate, publicCount) is not { } algorithm)
        {
            return CKR_TEMPLATE_INCONSISTENT;
        }

        YubiHsmRights rights = algorithm is YubiHsmAlgorithm.EcP256 or YubiHsmAlgorithm.EcP384 ? YubiHsmRights.SignEcdsa
            : YubiHsmRights.SignPkcs | YubiHsmRights.SignPss;
        bool ends = EndsWithSession(privateTemplate, privateCount);
        ReadOnlySpan<byte> label = ends ? YubiHsmRoles.SessionLabel : Value(privateTemplate, privateCount, CKA_LABEL);
        ushort by = YubiHsmRoles.User, domains = YubiHsmRoles.AllDomains;
        if (IsTrue(privateTemplate, privateCount, CKA_EXTRACTABLE))
        {
            if (FreeExporter(slot) is not { } exporter)
            {
                return CKR_DEVICE_MEMORY;
            }

            (by, domains) = (exporter.Id, exporter.Domains);
            rights |= YubiHsmRights.ExportableUnderWrap;
        }

        YubiHsmObject made;
        using (YubiHsmSession maker = Device(slot).Open(by, user.Pin.Bytes))
        {
            made = maker.Generate(algorithm, label, domains, rights);
        }

        *privateKey = made.Handle;
        *publicKey = PublicHalf(made.Handle);
        return Remember(NamedOrGone(session, made.Handle, privateTemplate, privateCount), ends, session, privateKey);
    });

    /// <summary>
    /// The device is asked by everybody who is left and has the user's PIN, in the order in which they may: of a locked key each of them is
    /// refused, or it is not locked. Who takes a key out puts the wrap key into his own domain for that time.
    /// </summary>
    public override nuint C_WrapKey(
        nuint session, CK_MECHANISM* mechanism, nuint wrappingKey, nuint key, byte* wrapped, nuint* wrappedLength) => Try(() =>
    {
        if ((WrapMechanism)mechanism->Mechanism != WrapMechanism.YubicoAesCcmWrap)
        {
            return CKR_MECHANISM_INVALID;
        }

        (nuint slot, Login user) = UserOf(session);
        if (!IsKey(key) || !wrapKeys.TryGetValue((slot, wrappingKey), out Secret? wrapKey))
        {
            return CKR_KEY_HANDLE_INVALID;
        }

        YubiHsmDevice device = Device(slot);
        YubiHsmObject found = Visited(slot, key) ?? throw new YubiHsmException(YubiHsmLibrary.DeviceObjectNotFound);
        foreach (YubiHsmObject exporter in ExportersOfAll(slot).OrderBy(e => (e.Domains & found.Domains) == 0))
        {
            using YubiHsmSession taker = device.Open(exporter.Id, user.Pin.Bytes);
            YubiHsmObject own = taker.PutWrapKey(exporter.Domains, YubiHsmRights.ExportWrapped, wrapKey.Bytes);
            bool taken;
            try
            {
                taken = taker.TryExport(own.Id, found, wrapped, wrappedLength);
            }
            finally
            {
                taker.Delete(own.Id, YubiHsmType.WrapKey);
            }

            if (taken)
            {
                return CKR_OK;
            }
        }

        using YubiHsmSession last = device.Open(YubiHsmRoles.User, user.Pin.Bytes);
        return last.TryExport((ushort)(wrappingKey & 0xFFFF), found, wrapped, wrappedLength) ? CKR_OK : CKR_KEY_UNEXTRACTABLE;
    });

    /// <summary>It comes back with its old rights and no CKA_ID: it is given the one that was asked for, which is read back.</summary>
    public override nuint C_UnwrapKey(nuint session, CK_MECHANISM* mechanism, nuint unwrappingKey, byte* wrapped, nuint wrappedLength,
        CK_ATTRIBUTE* template, nuint count, nuint* key) => Try(() =>
    {
        nuint answer = Inner.C_UnwrapKey(session, mechanism, unwrappingKey, wrapped, wrappedLength, template, count, key);
        if (answer != CKR_OK)
        {
            return answer;
        }

        return Remember(NamedOrGone(session, *key, template, count), EndsWithSession(template, count), session, key);
    });

    /// <summary>A key may leave when it says so, and somebody is there who may take it.</summary>
    public override nuint C_GetAttributeValue(nuint session, nuint target, CK_ATTRIBUTE* template, nuint count)
    {
        nuint answer = Inner.C_GetAttributeValue(session, target, template, count);
        return !IsKey(target) || !slots.TryGetValue(session, out nuint slot) ? answer : Try(() =>
        {
            for (nuint i = 0; i < count; i++)
            {
                if (template[i] is { Type: CKA_EXTRACTABLE, ValueLength: 1 } && *(byte*)template[i].Value == 1
                    && Exporters(slot, target).Count == 0)
                {
                    *(byte*)template[i].Value = Off;
                }
            }

            return answer;
        });
    }

    /// <summary>CKA_EXTRACTABLE to false: whoever may take the key out is destroyed. Nobody can be made anew, so true is refused.</summary>
    public override nuint C_SetAttributeValue(nuint session, nuint target, CK_ATTRIBUTE* template, nuint count)
    {
        return count == 1 && template->Type == CKA_EXTRACTABLE && IsKey(target)
            ? Try(() => *(byte*)template->Value == Off ? Lock(session, target) : CKR_ATTRIBUTE_READ_ONLY)
            : Inner.C_SetAttributeValue(session, target, template, count);
    }

    public override nuint C_DestroyObject(nuint session, nuint target)
    {
        nuint answer = Inner.C_DestroyObject(session, target);
        if (answer == CKR_OK)
        {
            ForgetWrapKey(session, target);
            foreach (List<nuint> made in temporary.Values)
            {
                _ = made.Remove(target);
            }
        }

        // A key's halves are one object here: whoever destroys what he found destroys the second half after the first.
        return answer == CKR_OBJECT_HANDLE_INVALID && ((target >> 16) & 0x7F) == (nuint)YubiHsmType.AsymmetricKey ? CKR_OK : answer;
    }

    private nuint Lock(nuint session, nuint key)
    {
        (nuint slot, Login login) = UserOf(session);
        using (YubiHsmSession user = Device(slot).Open(YubiHsmRoles.User, login.Pin.Bytes))
        {
            foreach (YubiHsmObject exporter in Exporters(slot, key))
            {
                user.Delete(exporter.Id, YubiHsmType.AuthenticationKey);
            }
        }

        return Exporters(slot, key).Count == 0 ? CKR_OK : CKR_FUNCTION_FAILED;
    }

    /// <summary>
    /// Who may take this key out, or make somebody who may: every authentication key with such a right in a domain of the key's. The
    /// officer of a device that was not commissioned is not counted: nothing of worth is in it.
    /// </summary>
    private List<YubiHsmObject> Exporters(nuint slot, nuint key)
    {
        bool officerIsNobody = StateOf(slot).OfficerIsNobody;
        using YubiHsmSession visitor = Device(slot).Open(YubiHsmRoles.Visitor, YubiHsmRoles.VisitorPassword);
        return visitor.Info((ushort)(key & 0xFFFF), YubiHsmType.AsymmetricKey) is not { } found ? []
            : [.. visitor.Objects(YubiHsmType.AuthenticationKey).Where(a => (a.Rights & YubiHsmRoles.Takes) != 0
                && (a.Domains & found.Domains) != 0 && !(officerIsNobody && a.Id == YubiHsmRoles.Officer))];
    }

    private List<YubiHsmObject> ExportersOfAll(nuint slot)
    {
        using YubiHsmSession visitor = Device(slot).Open(YubiHsmRoles.Visitor, YubiHsmRoles.VisitorPassword);
        return [.. visitor.Objects(YubiHsmType.AuthenticationKey).Where(YubiHsmRoles.IsExporter).OrderBy(a => a.Id)];
    }

    private YubiHsmObject? Visited(nuint slot, nuint key)
    {
        using YubiHsmSession visitor = Device(slot).Open(YubiHsmRoles.Visitor, YubiHsmRoles.VisitorPassword);
        return visitor.Info((ushort)(key & 0xFFFF), YubiHsmType.AsymmetricKey);
    }

    /// <summary>The first whose domain holds no key that may leave; null: all are used up or busy.</summary>
    private YubiHsmObject? FreeExporter(nuint slot)
    {
        using YubiHsmSession visitor = Device(slot).Open(YubiHsmRoles.Visitor, YubiHsmRoles.VisitorPassword);
        YubiHsmObject[] open = [.. visitor.Objects(YubiHsmType.AsymmetricKey)
            .Where(k => k.Rights.HasFlag(YubiHsmRights.ExportableUnderWrap))];
        return visitor.Objects(YubiHsmType.AuthenticationKey).OrderBy(a => a.Id)
            .FirstOrDefault(a => YubiHsmRoles.IsExporter(a) && open.All(k => (k.Domains & a.Domains) == 0));
    }

    private nuint PutWrapKey(nuint session, CK_ATTRIBUTE* template, nuint count, nuint* created)
    {
        (nuint slot, Login login) = UserOf(session);
        using YubiHsmSession user = Device(slot).Open(YubiHsmRoles.User, login.Pin.Bytes);
        ReadOnlySpan<byte> value = Value(template, count, CKA_VALUE);
        *created = user.PutWrapKey(YubiHsmRoles.AllDomains, YubiHsmRights.ImportWrapped, value).Handle;
        ForgetWrapKey(session, *created);
        wrapKeys[(slot, *created)] = new Secret(value);
        return Remember(CKR_OK, EndsWithSession(template, count), session, created);
    }

    private void ForgetWrapKey(nuint session, nuint handle)
    {
        if (slots.TryGetValue(session, out nuint slot) && wrapKeys.Remove((slot, handle), out Secret? key))
        {
            key.Dispose();
        }
    }

    /// <summary>The public half is there already, with its key: it has that name.</summary>
    private nuint NamePublicHalf(nuint session, CK_ATTRIBUTE* template, nuint count, nuint* created)
    {
        nuint wanted = CKO_PUBLIC_KEY, found = 0, many = 0;
        CK_ATTRIBUTE* search = stackalloc CK_ATTRIBUTE[2];
        search[0] = new CK_ATTRIBUTE { Type = CKA_CLASS, Value = &wanted, ValueLength = (nuint)sizeof(nuint) };
        search[1] = *Find(template, count, CKA_ID);
        nuint answer = Inner.C_FindObjectsInit(session, search, 2);
        answer = answer == CKR_OK ? Inner.C_FindObjects(session, &found, 1, &many) : answer;
        _ = Inner.C_FindObjectsFinal(session);
        *created = found;
        return answer != CKR_OK ? answer : many == 1 ? CKR_OK : CKR_FUNCTION_NOT_SUPPORTED;
    }

    /// <summary>A key that cannot be found by its name again does not stay.</summary>
    private nuint NamedOrGone(nuint session, nuint key, CK_ATTRIBUTE* template, nuint count)
    {
        nuint named = Name(session, key, template, count);
        if (named != CKR_OK)
        {
            _ = Inner.C_DestroyObject(session, key);
        }

        return named;
    }

    /// <summary>CKA_ID and CKA_LABEL of both halves, and the ID read back.</summary>
    private nuint Name(nuint session, nuint key, CK_ATTRIBUTE* template, nuint count)
    {
        CK_ATTRIBUTE* name = stackalloc CK_ATTRIBUTE[2];
        name[0] = *Find(template, count, CKA_ID);
        name[1] = *Find(template, count, CKA_LABEL);
        nuint answer = Inner.C_SetAttributeValue(session, key, name, 2);
        answer = answer == CKR_OK ? Inner.C_SetAttributeValue(session, PublicHalf(key), name, 2) : answer;
        if (answer != CKR_OK)
        {
            return answer;
        }

        byte* read = stackalloc byte[KeyId.MaxBytes];
        var back = new CK_ATTRIBUTE { Type = CKA_ID, Value = read, ValueLength = KeyId.MaxBytes };
        answer = Inner.C_GetAttributeValue(session, key, &back, 1);
        return answer != CKR_OK ? answer
            : new ReadOnlySpan<byte>(read, (int)back.ValueLength).SequenceEqual(Value(name, 2, CKA_ID)) ? CKR_OK : CKR_FUNCTION_FAILED;
    }

    private (nuint Slot, Login User) UserOf(nuint session)
    {
        nuint slot = SlotOf(session);
        return logins.TryGetValue(slot, out Login? login) && !login.IsOfficer ? (slot, login) : throw new YubiHsmException(-20);
    }

    private nuint Remember(nuint answer, bool ends, nuint session, nuint* made)
    {
        if (answer == CKR_OK && ends)
        {
            if (!temporary.TryGetValue(session, out List<nuint>? list))
            {
                temporary[session] = list = [];
            }

            list.Add(*made);
        }

        return answer;
    }

    /// <summary>What ends with a session ends now.</summary>
    private void Destroy(nuint session)
    {
        if (temporary.Remove(session, out List<nuint>? made))
        {
            foreach (nuint one in made)
            {
                _ = Inner.C_DestroyObject(session, one);
                ForgetWrapKey(session, one);
            }
        }
    }

    /// <summary>Null: none that this program asks for. Nothing else is made in its place.</summary>
    private static int? AlgorithmOf(nuint mechanism, CK_ATTRIBUTE* template, nuint count)
    {
        ReadOnlySpan<byte> curve = Value(template, count, CKA_EC_PARAMS);
        return mechanism switch
        {
            CKM_EC_KEY_PAIR_GEN when curve.SequenceEqual(KeyKind.EcP256.CurveParameters()) => YubiHsmAlgorithm.EcP256,
            CKM_EC_KEY_PAIR_GEN when curve.SequenceEqual(KeyKind.EcP384.CurveParameters()) => YubiHsmAlgorithm.EcP384,
            CKM_RSA_PKCS_KEY_PAIR_GEN when Number(template, count, CKA_MODULUS_BITS) == 3072 => YubiHsmAlgorithm.Rsa3072,
            CKM_RSA_PKCS_KEY_PAIR_GEN when Number(template, count, CKA_MODULUS_BITS) == 4096 => YubiHsmAlgorithm.Rsa4096,
            _ => null,
        };
    }

    private static bool IsKey(nuint handle) => ((handle >> 16) & 0xFF) == (nuint)YubiHsmType.AsymmetricKey;

    private static nuint PublicHalf(nuint privateKey) => privateKey | (0x80u << 16);

    /// <summary>The module stores everything, and refuses another word for it.</summary>
    private static bool EndsWithSession(CK_ATTRIBUTE* template, nuint count) =>
        Find(template, count, CKA_TOKEN) is not null && !IsTrue(template, count, CKA_TOKEN);

    private static void Overwrite(CK_ATTRIBUTE* template, nuint count, nuint type, byte value)
    {
        if (Find(template, count, type) is var found and not null)
        {
            *(byte*)found->Value = value;
        }
    }

    private static CK_ATTRIBUTE* Find(CK_ATTRIBUTE* template, nuint count, nuint type)
    {
        for (nuint i = 0; i < count; i++)
        {
            if (template[i].Type == type)
            {
                return template + i;
            }
        }

        return null;
    }

    private static ReadOnlySpan<byte> Value(CK_ATTRIBUTE* template, nuint count, nuint type)
    {
        CK_ATTRIBUTE* found = Find(template, count, type);
        return found is null ? [] : new ReadOnlySpan<byte>(found->Value, (int)found->ValueLength);
    }

    private static nuint? Number(CK_ATTRIBUTE* template, nuint count, nuint type) =>
        Value(template, count, type) is { Length: sizeof(ulong) } bytes ? (nuint)BinaryPrimitives.ReadUInt64LittleEndian(bytes) : null;

    private static bool IsTrue(CK_ATTRIBUTE* template, nuint count, nuint type) => Value(template, count, type) is [1];
}
