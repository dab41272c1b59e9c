using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace KeyCeremony.Core.Tests;

/// <summary>
/// The floors of the executable, held by namespaces. What a name does not show, the compiled program does: its own test asks it.
/// </summary>
public sealed partial class TidyTests
{
    private const string App = "src/KeyCeremony.App/";

    private static readonly ImmutableArray<string> AppSources = [.. Sources.Where(f => f.StartsWith(App, StringComparison.Ordinal))];

    [Fact]
    public void Namespaces_follow_folders()
    {
        IEnumerable<string> strangers = AppSources.Where(f => f != App + "Program.cs")
            .Where(f => Namespace().Match(Code(f)).Groups[1].Value
                != $"KeyCeremony.App.{Path.GetDirectoryName(f)![App.Length..].Replace('/', '.')}");

        Assert.Empty(strangers);
    }

    [Fact]
    public void Every_folder_of_the_program_has_a_floor() =>
        Assert.Equal(AppSources.Select(FolderOf).Where(f => f.Length > 0).Distinct().Order(StringComparer.Ordinal),
            ReadFloors().Folders.Order(StringComparer.Ordinal));

    [Fact]
    public void No_folder_knows_a_neighbour_or_a_floor_above()
    {
        Floors floors = ReadFloors();

        Assert.Empty(AppSources.Where(f => FolderOf(f).Length > 0)
            .SelectMany(f => Named(f).Where(other => !floors.MayKnow(FolderOf(f), other)).Select(other => $"{f} names {other}")));
    }

    [Theory]
    [InlineData("using KeyCeremony.App.Commands;", "Commands")]
    [InlineData("using static KeyCeremony.App.Ground.Posix;", "Ground")]
    [InlineData("using Key = KeyCeremony.App.Terminal.Key;", "Terminal")]
    [InlineData("throw new CeremonyException(App.Room.Attended.NoTerminal);", "Room")]
    [InlineData("return Commands.Words.Refuse(refusal);", "Commands")]
    [InlineData("return desk.Commands.Words;", "")]
    [InlineData("return Ledger.Length;", "")]
    public void A_floor_is_named_in_one_of_these_ways(string code, string floor) =>
        Assert.Equal(floor, string.Concat(Named(code, ReadFloors().Folders).Distinct()));

    /// <summary>
    /// Of PKCS #11 only the room knows, with the commands above it: a screen, a ledger or a stick has nothing to ask a token.
    /// </summary>
    [Fact]
    public void Only_the_room_and_the_commands_know_the_token() => Refuse(TokenUse(),
        AppSources.Where(f => FolderOf(f) is not ("Commands" or "Room")));

    private static Floors ReadFloors() => Floors.Read(FullPath("docs/DESIGN.md"));

    /// <summary>Empty for Program.cs, which stands above all floors.</summary>
    private static string FolderOf(string file) => file[App.Length..].Split('/') is [var folder, _, ..] ? folder : "";

    private static IEnumerable<string> Named(string file) => Named(Code(file), ReadFloors().Folders);

    /// <summary>By their full names, or by a name that begins at the program's: <c>Room.Opening</c>, where Room has such a file.</summary>
    private static IEnumerable<string> Named(string code, IEnumerable<string> folders) =>
        FullName().Matches(code).Select(m => m.Groups[1].Value)
            .Concat(HalfName().Matches(code).Where(m => folders.Contains(m.Groups[1].Value) && IsFile(m.Groups[1].Value, m.Groups[2].Value))
                .Select(m => m.Groups[1].Value));

    private static bool IsFile(string folder, string type) =>
        AppSources.Any(f => f.StartsWith($"{App}{folder}/", StringComparison.Ordinal) && Path.GetFileNameWithoutExtension(f) == type);

    [GeneratedRegex(@"(?m)^namespace ([\w.]+);")]
    private static partial Regex Namespace();

    [GeneratedRegex(@"(?<![\w.])(?:KeyCeremony\.)?App\.([A-Z]\w*)")]
    private static partial Regex FullName();

    [GeneratedRegex(@"(?<![\w.])([A-Z]\w*)\.([A-Z]\w*)")]
    private static partial Regex HalfName();

    [GeneratedRegex(@"\bKeyCeremony\.(?:Pkcs11|Eyes)\b")]
    private static partial Regex TokenUse();
}
