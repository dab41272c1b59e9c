using System.Diagnostics;
using System.Runtime.InteropServices;

namespace KeyCeremony.Pkcs11.Tests;

/// <summary>
/// Builds the tests' own native libraries with gcc: a PKCS#11 module that misbehaves on order (<c>stub/stub.c</c>) and
/// a library that kills a process at a flush to disk (<c>stub/killer.c</c>). The sources explain their variables.
/// </summary>
public static partial class StubModule
{
    private static readonly Lock Building = new();
    private static readonly HashSet<string> Built = [];

    /// <summary>The module's path, <c>FOLDER/stub.so</c>, built once a process.</summary>
    public static string Build(string folder) => Compile(folder, "stub");

    /// <summary>The path for <c>LD_PRELOAD</c>, <c>FOLDER/killer.so</c>, built once a process.</summary>
    public static string BuildKiller(string folder) => Compile(folder, "killer");

    /// <summary>Replaces the rules of a stub loaded in this process and starts its counts anew.</summary>
    public static unsafe void SetRules(string modulePath, string rules)
    {
        var set = (delegate* unmanaged[Cdecl]<byte*, void>)Export(modulePath, "stub_rules");
        nint text = Marshal.StringToCoTaskMemUTF8(rules);
        set((byte*)text);
        Marshal.FreeCoTaskMem(text);
    }

    /// <summary>Calls of a function since the rules were set.</summary>
    public static unsafe int CountCalls(string modulePath, string function)
    {
        var count = (delegate* unmanaged[Cdecl]<byte*, nuint>)Export(modulePath, "stub_count");
        nint text = Marshal.StringToCoTaskMemUTF8(function);
        int calls = (int)count((byte*)text);
        Marshal.FreeCoTaskMem(text);
        return calls;
    }

    /// <summary>The variable as <c>getenv</c> answers it; null when it is not set.</summary>
    public static string? NativeVariable(string name) => Marshal.PtrToStringUTF8(getenv(name));

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint getenv(string name);

    private static nint Export(string modulePath, string name) =>
        NativeLibrary.GetExport(NativeLibrary.Load(modulePath), name);

    private static string Compile(string folder, string name)
    {
        string source = Path.Combine(AppContext.BaseDirectory, "stub", name + ".c");
        string library = Path.Combine(folder, name + ".so");
        string fresh = $"{library}.{Environment.ProcessId}";
        lock (Building)
        {
            if (!Built.Add(library))
            {
                return library;
            }

            Directory.CreateDirectory(folder);
            Run("gcc", "-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-fvisibility=hidden",
                "-o", fresh, source, "-ldl", "-lpthread");
            // Renamed into place: another test process may have the old one loaded.
            File.Move(fresh, library, overwrite: true);
            return library;
        }
    }

    private static void Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} failed: {errors}");
        }
    }
}
