using System.Collections.Immutable;
using KeyCeremony.Pkcs11.Hosting;

namespace KeyCeremony.Pkcs11.Tests;

/// <summary>A process of its own for a module, of this assembly run as a program.</summary>
internal static class OwnHost
{
    /// <param name="variables">What the module reads, beside what the runtime needs.</param>
    public static HostStart With(params (string Name, string Value)[] variables)
    {
        var given = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);
        foreach (string name in new[] { "PATH", "HOME", "DOTNET_ROOT" })
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
            {
                given = given.SetItem(name, value);
            }
        }

        given = given.SetItems(variables.Select(one => KeyValuePair.Create(one.Name, one.Value)));
        return new HostStart(["dotnet", typeof(OwnHost).Assembly.Location, "hsm-host"], given, CallLimits.Usual);
    }
}
