using System.Runtime.InteropServices;
using System.Text;
using KeyCeremony.Pkcs11.Makers;
using KeyCeremony.Pkcs11.Native;
using static KeyCeremony.Pkcs11.Hosting.Kernel;
using static KeyCeremony.Pkcs11.Native.Cryptoki;

namespace KeyCeremony.Pkcs11.Hosting;

/// <summary>
/// The other end of <see cref="HostedCalls"/>, in the process that holds the module: one frame, one call, one frame back. It knows
/// no token, no session and no limit of its own: it hands on. What a module leaves too long is told and not sent.
/// </summary>
public sealed unsafe partial class ModuleHost : IDisposable
{
    /// <summary>CK_TOKEN_INFO's label.</summary>
    internal const int LabelBytes = 32;

    /// <summary>Exit code of a process that was not started by the program.</summary>
    private const int NoSocket = 2;

    /// <summary>Exit code for a frame that the program does not write.</summary>
    private const int NoFrame = 3;

    private const int ClosedOnExec = 1; // FD_CLOEXEC
    private const int SetDescriptorFlags = 2; // F_SETFD

    private readonly LockedPages request = new(Frame.MaxBytes);
    private readonly LockedPages answer = new(Frame.MaxBytes);
    private readonly LockedPages output = new(Frame.MaxBytes);
    private readonly PacketSocket socket;
    private readonly FrameReader asked;
    private readonly FrameWriter tell;
    private ModuleCalls? calls;
    private ulong number;
    private int used;

    private ModuleHost(PacketSocket socket)
    {
        this.socket = socket;
        asked = new FrameReader(request, () => new InvalidDataException());
        tell = new FrameWriter(answer);
    }

    /// <summary>Serves the program that started this process until it is gone. Answers only when there is none.</summary>
    /// <returns>The exit code.</returns>
    public static int Serve()
    {
        if (PacketSocket.Inherited(HostProcess.SocketDescriptor) is not { } socket)
        {
            return NoSocket;
        }

        // Nothing that the module starts speaks with the program.
        _ = fcntl(HostProcess.SocketDescriptor, SetDescriptorFlags, ClosedOnExec);
        using var host = new ModuleHost(socket);
        try
        {
            while (host.ServeOne())
            {
            }

            Leave(0);
        }
        catch (InvalidDataException)
        {
            Leave(NoFrame);
        }

        return NoFrame;
    }

    public void Dispose()
    {
        request.Dispose();
        answer.Dispose();
        output.Dispose();
        socket.Dispose();
    }

    /// <summary>At once: exit handlers are a module's code, and it was finalised if it was to be.</summary>
    private static void Leave(int code) => _exit(code);

    /// <summary>False when the program is gone.</summary>
    private bool ServeOne()
    {
        int length = socket.Receive(request.Start, request.Length, limit: null);
        if (length <= 0)
        {
            return false;
        }

        try
        {
            (ulong code, number) = asked.Begin(length);
            Answer((CallCode)code);
            return socket.TrySend(answer.Start, tell.Length);
        }
        finally
        {
            request.Wipe(length);
            answer.Wipe(tell.Length);
            output.Wipe(used);
            used = 0;
        }
    }

    private void Answer(CallCode code)
    {
        if (code == CallCode.Load)
        {
            Load();
            return;
        }

        if (calls is null)
        {
            throw new InvalidDataException();
        }

        switch (code)
        {
            case CallCode.C_Initialize:
                Tell(calls.C_Initialize(One()));
                break;
            case CallCode.C_Finalize:
                None();
                Tell(calls.C_Finalize());
                break;
            case CallCode.C_GetInfo:
                None();
                var moduleInfo = (CK_INFO*)Room((nuint)sizeof(CK_INFO));
                Tell(calls.C_GetInfo(moduleInfo), moduleInfo, (nuint)sizeof(CK_INFO));
                break;
            case CallCode.C_GetSlotList:
                GetSlotList(calls);
                break;
            case CallCode.C_GetTokenInfo:
                var tokenInfo = (CK_TOKEN_INFO*)Room((nuint)sizeof(CK_TOKEN_INFO));
                Tell(calls.C_GetTokenInfo(One(), tokenInfo), tokenInfo, (nuint)sizeof(CK_TOKEN_INFO));
                break;
            case CallCode.C_GetMechanismList:
                GetMechanismList(calls);
                break;
            case CallCode.C_GetMechanismInfo:
                GetMechanismInfo(calls);
                break;
            case CallCode.C_InitToken:
                InitToken(calls);
                break;
            case CallCode.C_InitPIN:
                InitPin(calls);
                break;
            case CallCode.C_SetPIN:
                SetPin(calls);
                break;
            case CallCode.C_OpenSession:
                OpenSession(calls);
                break;
            case CallCode.C_CloseSession:
                Tell(calls.C_CloseSession(One()));
                break;
            case CallCode.C_GetSessionInfo:
                var sessionInfo = (CK_SESSION_INFO*)Room((nuint)sizeof(CK_SESSION_INFO));
                Tell(calls.C_GetSessionInfo(One(), sessionInfo), sessionInfo, (nuint)sizeof(CK_SESSION_INFO));
                break;
            case CallCode.C_Login:
                Login(calls);
                break;
            case CallCode.C_Logout:
                Tell(calls.C_Logout(One()));
                break;
            case CallCode.C_CreateObject:
                CreateObject(calls);
                break;
            case CallCode.C_DestroyObject:
                DestroyObject(calls);
                break;
            case CallCode.C_GetAttributeValue:
                GetAttributeValue(calls);
                break;
            case CallCode.C_SetAttributeValue:
                SetAttributeValue(calls);
                break;
            case CallCode.C_FindObjectsInit:
                FindObjectsInit(calls);
                break;
            case CallCode.C_FindObjects:
                FindObjects(calls);
                break;
            case CallCode.C_FindObjectsFinal:
                Tell(calls.C_FindObjectsFinal(One()));
                break;
            case CallCode.C_SignInit:
                SignInit(calls);
                break;
            case CallCode.C_Sign:
                Sign(calls);
                break;
            case CallCode.C_SignUpdate:
                SignUpdate(calls);
                break;
            case CallCode.C_SignFinal:
                SignFinal(calls);
                break;
            case CallCode.C_GenerateKeyPair:
                GenerateKeyPair(calls);
                break;
            case CallCode.C_WrapKey:
                WrapKey(calls);
                break;
            case CallCode.C_UnwrapKey:
                UnwrapKey(calls);
                break;
            case CallCode.C_GenerateRandom:
                GenerateRandom(calls);
                break;
            default:
                throw new InvalidDataException();
        }
    }

    private void Load()
    {
        byte* path = asked.Bytes(out nuint length);
        asked.End();
        string file = Encoding.UTF8.GetString(path, (int)length);
        LoadAnswer found = DirectCalls.TryLoad(file, out _, out DirectCalls? module, out nuint refused);
        calls = module is null ? null : MakerCalls.Of(file, module);
        Tell((nuint)found).Number(refused);
    }

    private void GetSlotList(ModuleCalls module)
    {
        nuint count = One();
        nuint room = count;
        nuint* list = room == 0 ? null : (nuint*)Room(room * (nuint)sizeof(nuint));
        TellNumbers(module.C_GetSlotList(list, &count), list, room, count);
    }

    private void GetMechanismList(ModuleCalls module)
    {
        nuint slot = asked.Number(), count = One();
        nuint room = count;
        nuint* list = room == 0 ? null : (nuint*)Room(room * (nuint)sizeof(nuint));
        TellNumbers(module.C_GetMechanismList(slot, list, &count), list, room, count);
    }

    private void GetMechanismInfo(ModuleCalls module)
    {
        nuint slot = asked.Number(), code = One();
        var info = (CK_MECHANISM_INFO*)Room((nuint)sizeof(CK_MECHANISM_INFO));
        Tell(module.C_GetMechanismInfo(slot, code, info), info, (nuint)sizeof(CK_MECHANISM_INFO));
    }

    private void InitToken(ModuleCalls module)
    {
        nuint slot = asked.Number();
        byte* pin = Pin(out nuint pinLength), label = asked.Bytes(out nuint labelLength);
        asked.End();
        Tell(labelLength == LabelBytes ? module.C_InitToken(slot, pin, pinLength, label) : throw new InvalidDataException());
    }

    private void InitPin(ModuleCalls module)
    {
        nuint session = asked.Number();
        byte* pin = Pin(out nuint length);
        asked.End();
        Tell(module.C_InitPIN(session, pin, length));
    }

    private void SetPin(ModuleCalls module)
    {
        nuint session = asked.Number();
        byte* before = Pin(out nuint beforeLength), after = Pin(out nuint afterLength);
        asked.End();
        Tell(module.C_SetPIN(session, before, beforeLength, after, afterLength));
    }

    private void OpenSession(ModuleCalls module)
    {
        nuint slot = asked.Number(), flags = One(), session = 0;
        TellNumbers(module.C_OpenSession(slot, flags, &session), session);
    }

    private void Login(ModuleCalls module)
    {
        nuint session = asked.Number(), role = asked.Number();
        byte* pin = Pin(out nuint length);
        asked.End();
        Tell(module.C_Login(session, role, pin, length));
    }

    private void CreateObject(ModuleCalls module)
    {
        CK_ATTRIBUTE* template = stackalloc CK_ATTRIBUTE[Frame.MaxAttributes];
        nuint session = asked.Number(), count = asked.Attributes(template), created = 0;
        asked.End();
        TellNumbers(module.C_CreateObject(session, template, count, &created), created);
    }

    private void DestroyObject(ModuleCalls module)
    {
        nuint session = asked.Number();
        Tell(module.C_DestroyObject(session, One()));
    }

    private void GetAttributeValue(ModuleCalls module)
    {
        CK_ATTRIBUTE* template = stackalloc CK_ATTRIBUTE[Frame.MaxAttributes];
        nuint* rooms = stackalloc nuint[Frame.MaxAttributes];
        nuint session = asked.Number(), target = asked.Number(), count = asked.NumberUpTo(Frame.MaxAttributes);
        for (nuint i = 0; i < count; i++)
        {
            nuint type = asked.Number();
            rooms[i] = asked.NumberUpTo(Frame.MaxBytes);
            byte* value = Room(rooms[i]);
            new Span<byte>(value, (int)rooms[i]).Fill(ModuleCalls.Unwritten);
            template[i] = new CK_ATTRIBUTE { Type = type, Value = value, ValueLength = rooms[i] };
        }

        asked.End();
        nuint answered = module.C_GetAttributeValue(session, target, template, count);
        // A module may have set the pointers, too: the room is where we made it.
        Tell(answered);
        byte* at = output.Start;
        for (nuint i = 0; i < count; i++)
        {
            tell.Claimed(at, template[i].ValueLength, rooms[i]);
            at += Frame.Padded((int)rooms[i]);
        }
    }

    private void SetAttributeValue(ModuleCalls module)
    {
        CK_ATTRIBUTE* template = stackalloc CK_ATTRIBUTE[Frame.MaxAttributes];
        nuint session = asked.Number(), target = asked.Number(), count = asked.Attributes(template);
        asked.End();
        Tell(module.C_SetAttributeValue(session, target, template, count));
    }

    private void FindObjectsInit(ModuleCalls module)
    {
        CK_ATTRIBUTE* template = stackalloc CK_ATTRIBUTE[Frame.MaxAttributes];
        nuint session = asked.Number(), count = asked.Attributes(template);
        asked.End();
        Tell(module.C_FindObjectsInit(session, template, count));
    }

    private void FindObjects(ModuleCalls module)
    {
        nuint session = asked.Number(), room = One(), count = 0;
        nuint* found = (nuint*)Room(room * (nuint)sizeof(nuint));
        TellNumbers(module.C_FindObjects(session, found, room, &count), found, room, count);
    }

    private void SignInit(ModuleCalls module)
    {
        nuint session = asked.Number();
        CK_MECHANISM mechanism = asked.Mechanism();
        Tell(module.C_SignInit(session, &mechanism, One()));
    }

    private void Sign(ModuleCalls module)
    {
        nuint session = asked.Number();
        byte* data = asked.Bytes(out nuint length);
        nuint room = One(), left = room;
        byte* signature = Room(room);
        TellClaimed(module.C_Sign(session, data, length, signature, &left), signature, left, room);
    }

    private void SignUpdate(ModuleCalls module)
    {
        nuint session = asked.Number();
        byte* part = asked.Bytes(out nuint length);
        asked.End();
        Tell(module.C_SignUpdate(session, part, length));
    }

    private void SignFinal(ModuleCalls module)
    {
        nuint session = asked.Number(), room = One(), left = room;
        byte* signature = Room(room);
        TellClaimed(module.C_SignFinal(session, signature, &left), signature, left, room);
    }

    private void GenerateKeyPair(ModuleCalls module)
    {
        CK_ATTRIBUTE* publicTemplate = stackalloc CK_ATTRIBUTE[Frame.MaxAttributes];
        CK_ATTRIBUTE* privateTemplate = stackalloc CK_ATTRIBUTE[Frame.MaxAttributes];
        nuint session = asked.Number();
        CK_MECHANISM mechanism = asked.Mechanism();
        nuint publicCount = asked.Attributes(publicTemplate), privateCount = asked.Attributes(privateTemplate);
        asked.End();
        nuint publicKey = 0, privateKey = 0;
        nuint answered = module.C_GenerateKeyPair(
            session, &mechanism, publicTemplate, publicCount, privateTemplate, privateCount, &publicKey, &privateKey);
        TellNumbers(answered, publicKey, privateKey);
    }

    private void WrapKey(ModuleCalls module)
    {
        nuint session = asked.Number();
        CK_MECHANISM mechanism = asked.Mechanism();
        nuint wrappingKey = asked.Number(), key = asked.Number(), room = One(), left = room;
        byte* wrapped = Room(room);
        TellClaimed(module.C_WrapKey(session, &mechanism, wrappingKey, key, wrapped, &left), wrapped, left, room);
    }

    private void UnwrapKey(ModuleCalls module)
    {
        CK_ATTRIBUTE* template = stackalloc CK_ATTRIBUTE[Frame.MaxAttributes];
        nuint session = asked.Number();
        CK_MECHANISM mechanism = asked.Mechanism();
        nuint unwrappingKey = asked.Number();
        byte* wrapped = asked.Bytes(out nuint length);
        nuint count = asked.Attributes(template), key = 0;
        asked.End();
        TellNumbers(module.C_UnwrapKey(session, &mechanism, unwrappingKey, wrapped, length, template, count, &key), key);
    }

    private void GenerateRandom(ModuleCalls module)
    {
        nuint session = asked.Number(), length = One();
        byte* random = Room(length);
        Tell(module.C_GenerateRandom(session, random, length), random, length);
    }

    /// <summary>No PIN at all is no pointer: that asks for the PIN pad of a token that has one.</summary>
    private byte* Pin(out nuint length)
    {
        byte* pin = asked.Bytes(out length);
        return length == 0 ? null : pin;
    }

    private void None() => asked.End();

    /// <summary>The last number of the request.</summary>
    private nuint One()
    {
        nuint only = asked.Number();
        asked.End();
        return only;
    }

    /// <summary>Room for what a module writes.</summary>
    private byte* Room(nuint bytes)
    {
        if (bytes > (nuint)(output.Length - used - Frame.Unit))
        {
            throw new InvalidDataException();
        }

        byte* room = output.Start + used;
        used += Frame.Padded((int)bytes);
        return room;
    }

    private FrameWriter Tell(nuint answered) => tell.Begin(number, answered);

    private void Tell(nuint answered, void* bytes, nuint length)
    {
        if (Tell(answered) is { } frame && answered == CKR_OK)
        {
            frame.Bytes(bytes, length);
        }
    }

    private void TellClaimed(nuint answered, void* bytes, nuint claimed, nuint room)
    {
        if (Tell(answered) is { } frame && answered == CKR_OK)
        {
            frame.Claimed(bytes, claimed, room);
        }
    }

    private void TellNumbers(nuint answered, params ReadOnlySpan<nuint> numbers)
    {
        FrameWriter frame = Tell(answered);
        foreach (nuint one in answered == CKR_OK ? numbers : [])
        {
            frame.Number(one);
        }
    }

    private void TellNumbers(nuint answered, nuint* list, nuint room, nuint count)
    {
        TellNumbers(answered, count);
        if (answered == CKR_OK && room > 0 && count <= room)
        {
            tell.Bytes(list, count * (nuint)sizeof(nuint));
        }
    }

    [LibraryImport("libc")]
    private static partial void _exit(int code);
}
