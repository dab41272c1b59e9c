using System.ComponentModel;
using System.Runtime.InteropServices;

namespace KeyCeremony.Pkcs11;

/// <summary>
/// The environment as C code sees it. A module reads its configuration (<c>SOFTHSM2_CONF</c>) with <c>getenv</c>,
/// which <see cref="Environment.SetEnvironmentVariable(string, string?)"/> does not reach on Linux.
/// </summary>
public static partial class NativeEnvironment
{
    /// <summary>
    /// Sets the variable, or removes it when <paramref name="value"/> is null, for .NET and for C.
    /// Call it before <see cref="Module.Load"/> or before <see cref="Module.Reinitialize"/>, while no other thread
    /// is inside a module: <c>setenv</c> is not thread safe.
    /// </summary>
    /// <exception cref="ArgumentException">A name with <c>=</c> or without a letter.</exception>
    /// <exception cref="Win32Exception">The C library refused.</exception>
    public static void Set(string name, string? value)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Environment.SetEnvironmentVariable(name, value);
        int failed = value is null ? unsetenv(name) : setenv(name, value, 1);
        if (failed != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int setenv(string name, string value, int overwrite);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int unsetenv(string name);
}
