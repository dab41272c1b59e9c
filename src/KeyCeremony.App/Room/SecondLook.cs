using System.Collections.Immutable;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using KeyCeremony.App.Ground;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Eyes;
using KeyCeremony.Pkcs11;
using KeyCeremony.Pkcs11.Hosting;

namespace KeyCeremony.App.Room;

/// <summary>
/// A process of this program that loads the PKCS#11 module through Pkcs11Interop and reads what the token shows: it holds no
/// card and no journal, gets the PIN through a pipe and ends. A crash of it, a silence or nonsense is a failure that is tried
/// again; what it reads is compared with what our binding reads. docs/decisions/0018-second-opinion.md.
/// </summary>
/// <param name="program">How this program is started, without arguments.</param>
/// <param name="laid">Variables that the module's family lays around it; null: none.</param>
/// <param name="warden">Who starts it, in the unit in which the module runs; null: it is a child of this process.</param>
internal sealed class SecondLook(ImmutableArray<string> program, IReadOnlyDictionary<string, string>? laid = null, string? warden = null)
{
    public const string CommandName = "second-look";

    /// <summary>Exit code for a call that the token refused; the line says which.</summary>
    public const int Refused = 3;

    /// <summary>An HSM in a network takes seconds for a login; what takes longer hangs.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Ten thousand objects with the names that a token gives them; what is longer is cut off and read as none.</summary>
    private const int MaxSaid = 16 << 20;

    private const string Remedy =
        "Try again. If it happens again, the module cannot be used by two programs or is broken: leave the ceremony and find out.";

    /// <param name="ours">What our binding reads.</param>
    /// <param name="pin">The user's; null: nobody logs in.</param>
    /// <param name="family">The token's: what its PINs begin with, and whether its maker's module lacks what ours adds to it.</param>
    public TokenLookedAt Compare(LookAgain effect, TokenView ours, string module, SecretBytes? pin, TokenFamily? family = null)
    {
        ImmutableArray<string> words = [CommandName, Path.GetFullPath(module), effect.Serial];
        string prefix = family?.UserPin.Prefix ?? "";
        (int code, string said) = warden is null ? Ask(words, pin, prefix) : AskWarden(warden, words, pin, prefix);
        string[] lines = said.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (code == Refused && lines is [var line] && line.Split(' ') is [var function, var value]
            && ulong.TryParse(value, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong answer))
        {
            string where = $"{PlainText.Of(function, 40)} {ReturnValues.Name(answer)}";
            return !effect.MustShow && SecondLooks.Impossible(where) is { } impossible
                ? new TokenLookedAt(effect.Token, effect.Serial, [], [impossible])
                : throw Failed($"the HSM answered {where}, though it let itself be looked at by this process");
        }
        return code == 0 && TokenView.Read(lines) is { } theirs
            ? Compared(effect, ours, family?.Lifecycle == TokenLifecycle.Maker ? Added(ours, theirs) : theirs)
            : throw Failed($"the process that looks ended with {code} and without an answer");
    }

    /// <summary>
    /// What our binding adds to a module that lacks it, the other does not see: the token's name and state, and that nobody is left who
    /// could take a key out. That is taken from ours; everything else is compared.
    /// </summary>
    private static TokenView Added(TokenView ours, TokenView theirs)
    {
        int extractable = ObjectView.FlagNames.IndexOf("CKA_EXTRACTABLE");
        IEnumerable<ObjectView> objects = theirs.Objects.Select(o => o.IsExtractable && o.IsSecret
            && ours.Objects.Any(mine => mine.Name == o.Name && mine.Flag("CKA_EXTRACTABLE") == '0')
            ? o with { Flags = $"{o.Flags[..extractable]}0{o.Flags[(extractable + 1)..]}" } : o);
        return theirs with
        {
            Label = ours.Label,
            Initialised = ours.Initialised,
            HasUserPin = ours.HasUserPin,
            Objects = TokenView.Sorted(objects),
        };
    }

    private static TokenLookedAt Compared(LookAgain effect, TokenView ours, TokenView theirs)
    {
        ImmutableArray<ObjectView> secret = [.. theirs.Objects.Where(o => o.IsSecret)];
        ImmutableArray<string> keys = [.. secret.Select(o => o.Id).Order(StringComparer.Ordinal)];
        return new TokenLookedAt(effect.Token, effect.Serial, keys,
        [
            Finding(CeremonyRules.OtherObjects, OtherObjects(ours, theirs), SecondLooks.SameObjects),
            Finding(CeremonyRules.OtherProperties, OtherProperties(ours, theirs), SecondLooks.SameProperties),
            SecondLooks.Ledger(effect, keys, [.. secret.Where(o => o.IsExtractable).Select(o => o.Id)]),
        ]);
    }

    private static Finding Finding(string rule, string? wrong, string same) =>
        wrong is null ? new(rule, FindingResults.Pass, same) : new(rule, FindingResults.Fail, wrong);

    private static string? OtherObjects(TokenView ours, TokenView theirs)
    {
        if (!ours.IsOfSameToken(theirs))
            return "The bindings read another label, serial number or state of this HSM.";
        List<string> onlyOurs = [.. ours.Objects.Select(o => o.Name)], onlyTheirs = [.. theirs.Objects.Select(o => o.Name)];
        foreach (string name in onlyOurs.ToImmutableArray().Where(onlyTheirs.Remove))
            _ = onlyOurs.Remove(name);
        return onlyOurs is [] && onlyTheirs is [] ? null
            : string.Create(CultureInfo.InvariantCulture, $"Our binding lists {ours.Objects.Length} objects, the other "
                + $"{theirs.Objects.Length}; only one of them shows the object {Told(ours, theirs, onlyTheirs.Concat(onlyOurs).First())}.");
    }

    private static string Told(TokenView ours, TokenView theirs, string name)
    {
        ObjectView one = theirs.Objects.Concat(ours.Objects).First(o => o.Name == name);
        return string.Create(CultureInfo.InvariantCulture,
            $"of class {one.Class} with CKA_ID {(one.Id.Length == 0 ? "none" : PlainText.Of(one.Id, 64))}");
    }

    /// <summary>Of objects that both list; what only one lists is told already.</summary>
    private static string? OtherProperties(TokenView ours, TokenView theirs)
    {
        List<ObjectView> left = [.. theirs.Objects];
        foreach (ObjectView mine in ours.Objects.Where(o => !left.Remove(o)))
        {
            if (left.FirstOrDefault(o => o.Name == mine.Name) is not { } other)
                continue;
            string what = ObjectView.FlagNames.FirstOrDefault(f => mine.Flag(f) != other.Flag(f)) is { } flag
                ? $"{flag} is {mine.Flag(flag)} for ours and {other.Flag(flag)} for the other"
                : "its public key or value differs";
            return string.Create(CultureInfo.InvariantCulture, $"The bindings read the object "
                + $"of class {mine.Class} with CKA_ID {(mine.Id.Length == 0 ? "none" : PlainText.Of(mine.Id, 64))} differently: {what}.");
        }
        return null;
    }

    private (int Code, string Said) Ask(ImmutableArray<string> arguments, SecretBytes? pin, string prefix)
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(program[0], [.. program.Skip(1), .. arguments])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                // Caught and thrown away: what a maker's library says there is for nobody, and it must not stand on the screen.
                RedirectStandardError = true,
                UseShellExecute = false,
            },
        };
        foreach ((string name, string value) in laid ?? ImmutableSortedDictionary<string, string>.Empty)
            process.StartInfo.Environment[name] = value;
        try
        {
            process.Start();
            Task<string> said = AtMost(process.StandardOutput, MaxSaid);
            Task errors = process.StandardError.BaseStream.CopyToAsync(Stream.Null);
            Give(process, pin, prefix);
            if (!process.WaitForExit(Patience))
            {
                process.Kill(entireProcessTree: true);
                throw Failed(NoAnswer);
            }
            errors.GetAwaiter().GetResult();
            return (process.ExitCode, said.GetAwaiter().GetResult());
        }
        catch (Win32Exception)
        {
            throw Failed("the process that looks could not be started");
        }
    }

    private static (int Code, string Said) AskWarden(string warden, ImmutableArray<string> words, SecretBytes? pin, string prefix)
    {
        try
        {
            (int? code, string said) = WardedProgram.Run(warden, words,
                pin is null ? [] : Encoding.ASCII.GetBytes(prefix), pin is null ? [] : pin.Span, MaxSaid, Patience);
            return code is { } ended ? (ended, said) : throw Failed("the process that looks was lost");
        }
        catch (IOException)
        {
            throw Failed("the process that looks could not be started");
        }
        catch (TimeoutException)
        {
            throw Failed(NoAnswer);
        }
    }

    private static string NoAnswer =>
        string.Create(CultureInfo.InvariantCulture, $"there was no answer within {Patience.TotalSeconds} seconds");

    /// <summary>Reads on to the end, so that nobody waits before a full pipe, and keeps the beginning.</summary>
    private static async Task<string> AtMost(StreamReader reader, int characters)
    {
        var kept = new StringBuilder();
        char[] buffer = new char[4096];
        for (int read; (read = await reader.ReadAsync(buffer)) > 0;)
            _ = kept.Append(buffer, 0, Math.Min(read, characters - kept.Length));
        return kept.ToString();
    }

    /// <summary>Written as it lies in locked memory: no buffer of a writer keeps a copy.</summary>
    private static void Give(Process process, SecretBytes? pin, string prefix)
    {
        try
        {
            using Stream pipe = process.StandardInput.BaseStream;
            if (pin is null)
                return;
            pipe.Write(Encoding.ASCII.GetBytes(prefix));
            pipe.Write(pin.Span);
        }
        catch (IOException)
        {
            // It ended before it read: how it ended says the rest.
        }
    }

    private static CeremonyException Failed(string why) =>
        new(new Refusal(CeremonyRules.LookFailed, $"The second look failed: {why}.", Remedy));
}
