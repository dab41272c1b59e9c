using System.Collections.Immutable;

namespace KeyCeremony.Pkcs11.Hosting;

/// <summary>How the process that holds a module is started.</summary>
/// <param name="Program">The program and its arguments; no secret among them.</param>
/// <param name="Environment">All of it: nothing is inherited.</param>
/// <param name="Limits">
/// Null: as the families say of the tokens that are seen behind the module, the longest of them; <see cref="CallLimits.Usual"/> before.
/// </param>
/// <param name="Warden">
/// The socket of a <see cref="ModuleWarden"/>, who starts it in a sandbox of its own: then <paramref name="Program"/> are the words that
/// he is asked with. Null: it is a child of this process.
/// </param>
public sealed record HostStart(
    ImmutableArray<string> Program, ImmutableSortedDictionary<string, string> Environment, CallLimits? Limits, string? Warden = null);
