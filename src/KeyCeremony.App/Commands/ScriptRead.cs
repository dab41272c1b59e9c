using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using KeyCeremony.App.Ground;
using KeyCeremony.App.Terminal;
using KeyCeremony.App.Terminal.Host;
using KeyCeremony.Core;
using KeyCeremony.Core.Script;
using KeyCeremony.Pkcs11;

namespace KeyCeremony.App.Commands;

/// <summary>A script that is to be run: read and checked.</summary>
/// <param name="Script">Null: it cannot be read.</param>
/// <param name="Unread">Why not.</param>
/// <param name="Errors">What the check says against it; a script with errors is not run.</param>
internal sealed record ScriptRead(CeremonyScript? Script, ImmutableArray<ScriptError> Unread, ImmutableArray<ScriptFinding> Errors)
{
    /// <param name="forScreen">
    /// People will be shown a page: what that needs first takes as long as the script, and is done beside it.
    /// </param>
    public static ScriptRead Of(string path, bool forScreen)
    {
        if (!forScreen || !Tty.IsThere || !File.Exists(path))
            return Of(path);
        // By its full path: the library's start moves this process into another folder for a moment.
        string full = Path.GetFullPath(path);
        Task<ScriptRead> reading = Task.Factory.StartNew(() => Of(full), CancellationToken.None, TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        Stage.Open();
        _ = TokenFamilies.All;
        return reading.GetAwaiter().GetResult();
    }

    /// <summary>Whether it may be run. What speaks against it is said.</summary>
    /// <param name="hasMenu">The first error of the check is for a page.</param>
    /// <exception cref="CeremonyException">The first error, for a menu.</exception>
    public bool IsFit(bool hasMenu, [NotNullWhen(true)] out CeremonyScript? script)
    {
        script = Script;
        foreach (ScriptError error in Unread)
            Console.Error.WriteLine(error);
        if (script is null)
            return false;
        if (hasMenu && Errors is [var first, ..])
            throw new CeremonyException(new Refusal(first.Rule, $"{script.Name}:{first.Line}: {first.Message}", first.Remedy));
        foreach (ScriptFinding error in Errors)
            Console.Error.WriteLine($"{script.Name}:{error.Line}: {error.Rule} {error.Message} {error.Remedy}");
        return Errors.IsEmpty;
    }

    private static ScriptRead Of(string path) =>
        Words.TryLoad(path, out CeremonyScript? script, out _, out ImmutableArray<ScriptError> errors)
        ? new ScriptRead(script, [], [.. ScriptCheck.Check(script, Words.Profiles).Where(f => f.Severity == Severity.Error)])
        : new ScriptRead(null, errors, []);
}
