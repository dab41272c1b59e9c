using KeyCeremony.Pkcs11.Native;
using static KeyCeremony.Pkcs11.Native.Cryptoki;

namespace KeyCeremony.Pkcs11.Hosting;

/// <summary>Each function as a frame, in the order of the standard. The other end is <see cref="ModuleHost"/>.</summary>
internal sealed unsafe partial class HostedCalls
{
    public override nuint C_Initialize(nuint flags)
    {
        using Exchange call = Begin(CallCode.C_Initialize);
        ask.Number(flags);
        return SendAndEnd();
    }

    public override nuint C_Finalize()
    {
        using Exchange call = Begin(CallCode.C_Finalize);
        return SendAndEnd();
    }

    public override nuint C_GetInfo(CK_INFO* info)
    {
        using Exchange call = Begin(CallCode.C_GetInfo);
        return SendFor(info, (nuint)sizeof(CK_INFO));
    }

    public override nuint C_GetSlotList(nuint* list, nuint* count)
    {
        using Exchange call = Begin(CallCode.C_GetSlotList);
        return SendForList(list, count);
    }

    public override nuint C_GetTokenInfo(nuint slot, CK_TOKEN_INFO* info)
    {
        using Exchange call = Begin(CallCode.C_GetTokenInfo);
        ask.Number(slot);
        return SendFor(info, (nuint)sizeof(CK_TOKEN_INFO));
    }

    public override nuint C_GetMechanismList(nuint slot, nuint* list, nuint* count)
    {
        using Exchange call = Begin(CallCode.C_GetMechanismList);
        ask.Number(slot);
        return SendForList(list, count);
    }

    public override nuint C_GetMechanismInfo(nuint slot, nuint code, CK_MECHANISM_INFO* info)
    {
        using Exchange call = Begin(CallCode.C_GetMechanismInfo);
        ask.Number(slot).Number(code);
        return SendFor(info, (nuint)sizeof(CK_MECHANISM_INFO));
    }

    public override nuint C_InitToken(nuint slot, byte* pin, nuint pinLength, byte* label)
    {
        using Exchange call = Begin(CallCode.C_InitToken);
        ask.Number(slot).Bytes(pin, pinLength).Bytes(label, ModuleHost.LabelBytes);
        return SendAndEnd();
    }

    public override nuint C_InitPIN(nuint session, byte* pin, nuint pinLength)
    {
        using Exchange call = Begin(CallCode.C_InitPIN);
        ask.Number(session).Bytes(pin, pinLength);
        return SendAndEnd();
    }

    public override nuint C_SetPIN(nuint session, byte* oldPin, nuint oldLength, byte* newPin, nuint newLength)
    {
        using Exchange call = Begin(CallCode.C_SetPIN);
        ask.Number(session).Bytes(oldPin, oldLength).Bytes(newPin, newLength);
        return SendAndEnd();
    }

    public override nuint C_OpenSession(nuint slot, nuint flags, nuint* session)
    {
        using Exchange call = Begin(CallCode.C_OpenSession);
        ask.Number(slot).Number(flags);
        return SendForHandle(session);
    }

    public override nuint C_CloseSession(nuint session)
    {
        using Exchange call = Begin(CallCode.C_CloseSession);
        ask.Number(session);
        return SendAndEnd();
    }

    public override nuint C_GetSessionInfo(nuint session, CK_SESSION_INFO* info)
    {
        using Exchange call = Begin(CallCode.C_GetSessionInfo);
        ask.Number(session);
        return SendFor(info, (nuint)sizeof(CK_SESSION_INFO));
    }

    public override nuint C_Login(nuint session, nuint role, byte* pin, nuint pinLength)
    {
        using Exchange call = Begin(CallCode.C_Login);
        ask.Number(session).Number(role).Bytes(pin, pinLength);
        return SendAndEnd();
    }

    public override nuint C_Logout(nuint session)
    {
        using Exchange call = Begin(CallCode.C_Logout);
        ask.Number(session);
        return SendAndEnd();
    }

    public override nuint C_CreateObject(nuint session, CK_ATTRIBUTE* template, nuint count, nuint* created)
    {
        using Exchange call = Begin(CallCode.C_CreateObject);
        ask.Number(session).Attributes(template, count);
        return SendForHandle(created);
    }

    public override nuint C_DestroyObject(nuint session, nuint target)
    {
        using Exchange call = Begin(CallCode.C_DestroyObject);
        ask.Number(session).Number(target);
        return SendAndEnd();
    }

    public override nuint C_GetAttributeValue(nuint session, nuint target, CK_ATTRIBUTE* template, nuint count)
    {
        using Exchange call = Begin(CallCode.C_GetAttributeValue);
        ask.Number(session).Number(target).Number(count);
        for (nuint i = 0; i < count; i++)
        {
            ask.Number(template[i].Type).Number(template[i].ValueLength);
        }

        Send();
        // Whatever the return value is: for some of several attributes there may be an answer.
        for (nuint i = 0; i < count; i++)
        {
            template[i].ValueLength = told.Claimed(template[i].Value, template[i].ValueLength);
        }

        return told.End();
    }

    public override nuint C_SetAttributeValue(nuint session, nuint target, CK_ATTRIBUTE* template, nuint count)
    {
        using Exchange call = Begin(CallCode.C_SetAttributeValue);
        ask.Number(session).Number(target).Attributes(template, count);
        return SendAndEnd();
    }

    public override nuint C_FindObjectsInit(nuint session, CK_ATTRIBUTE* template, nuint count)
    {
        using Exchange call = Begin(CallCode.C_FindObjectsInit);
        ask.Number(session).Attributes(template, count);
        return SendAndEnd();
    }

    public override nuint C_FindObjects(nuint session, nuint* found, nuint room, nuint* count)
    {
        using Exchange call = Begin(CallCode.C_FindObjects);
        ask.Number(session).Number(room);
        return SendForNumbers(found, room, count);
    }

    public override nuint C_FindObjectsFinal(nuint session)
    {
        using Exchange call = Begin(CallCode.C_FindObjectsFinal);
        ask.Number(session);
        return SendAndEnd();
    }

    public override nuint C_SignInit(nuint session, CK_MECHANISM* mechanism, nuint key)
    {
        using Exchange call = Begin(CallCode.C_SignInit);
        ask.Number(session).Mechanism(mechanism).Number(key);
        return SendAndEnd();
    }

    public override nuint C_Sign(nuint session, byte* data, nuint dataLength, byte* signature, nuint* signatureLength)
    {
        using Exchange call = Begin(CallCode.C_Sign);
        ask.Number(session).Bytes(data, dataLength).Number(*signatureLength);
        return SendForBytes(signature, signatureLength);
    }

    public override nuint C_SignUpdate(nuint session, byte* part, nuint partLength)
    {
        using Exchange call = Begin(CallCode.C_SignUpdate);
        ask.Number(session).Bytes(part, partLength);
        return SendAndEnd();
    }

    public override nuint C_SignFinal(nuint session, byte* signature, nuint* signatureLength)
    {
        using Exchange call = Begin(CallCode.C_SignFinal);
        ask.Number(session).Number(*signatureLength);
        return SendForBytes(signature, signatureLength);
    }

    public override nuint C_GenerateKeyPair(
        nuint session,
        CK_MECHANISM* mechanism,
        CK_ATTRIBUTE* publicTemplate,
        nuint publicCount,
        CK_ATTRIBUTE* privateTemplate,
        nuint privateCount,
        nuint* publicKey,
        nuint* privateKey)
    {
        using Exchange call = Begin(CallCode.C_GenerateKeyPair);
        ask.Number(session).Mechanism(mechanism)
            .Attributes(publicTemplate, publicCount).Attributes(privateTemplate, privateCount);
        if (Send() == CKR_OK)
        {
            *publicKey = told.Number();
            *privateKey = told.Number();
        }

        return told.End();
    }

    public override nuint C_WrapKey(
        nuint session, CK_MECHANISM* mechanism, nuint wrappingKey, nuint key, byte* wrapped, nuint* wrappedLength)
    {
        using Exchange call = Begin(CallCode.C_WrapKey);
        ask.Number(session).Mechanism(mechanism).Number(wrappingKey).Number(key).Number(*wrappedLength);
        return SendForBytes(wrapped, wrappedLength);
    }

    public override nuint C_UnwrapKey(
        nuint session,
        CK_MECHANISM* mechanism,
        nuint unwrappingKey,
        byte* wrapped,
        nuint wrappedLength,
        CK_ATTRIBUTE* template,
        nuint count,
        nuint* key)
    {
        using Exchange call = Begin(CallCode.C_UnwrapKey);
        ask.Number(session).Mechanism(mechanism).Number(unwrappingKey).Bytes(wrapped, wrappedLength).Attributes(template, count);
        return SendForHandle(key);
    }

    public override nuint C_GenerateRandom(nuint session, byte* random, nuint length)
    {
        using Exchange call = Begin(CallCode.C_GenerateRandom);
        ask.Number(session).Number(length);
        return SendFor(random, length);
    }

    private nuint SendFor(void* destination, nuint length)
    {
        if (Send() == CKR_OK)
        {
            told.Into(destination, length);
        }

        return told.End();
    }

    private nuint SendForHandle(nuint* handle)
    {
        if (Send() == CKR_OK)
        {
            *handle = told.Number();
        }

        return told.End();
    }

    private nuint SendForBytes(byte* bytes, nuint* length)
    {
        if (Send() == CKR_OK)
        {
            *length = told.Claimed(bytes, *length);
        }

        return told.End();
    }

    private nuint SendForList(nuint* list, nuint* count)
    {
        nuint room = list is null ? 0 : *count;
        ask.Number(room);
        return SendForNumbers(list, room, count);
    }

    /// <summary>A count, and so many numbers when there is room for them.</summary>
    private nuint SendForNumbers(nuint* list, nuint room, nuint* count)
    {
        if (Send() == CKR_OK)
        {
            *count = told.Number();
            if (room > 0 && *count <= room)
            {
                told.Into(list, *count * (nuint)sizeof(nuint));
            }
        }

        return told.End();
    }
}
