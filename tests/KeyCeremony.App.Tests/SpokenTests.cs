using System.Reflection;
using System.Text.RegularExpressions;
using KeyCeremony.App.Ground;
using KeyCeremony.App.Tests.Terminal;
using KeyCeremony.Core;
using KeyCeremony.Eyes;
using KeyCeremony.Pkcs11;
using KeyCeremony.Verifier;

namespace KeyCeremony.App.Tests;

/// <summary>
/// What people read is written by us. Nothing in the compiled program asks an exception for its text: our own exceptions have a
/// sentence of ours, and of all others only the kind is put into our words.
/// </summary>
public sealed partial class SpokenTests
{
    private const BindingFlags Own = BindingFlags.Public | BindingFlags.NonPublic
        | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Assembly[] Program =
    [
        typeof(CeremonyException).Assembly, typeof(Refusal).Assembly, typeof(BundleVerify).Assembly, typeof(HsmException).Assembly,
        typeof(PeerException).Assembly,
    ];

    [Fact]
    public void No_instruction_asks_an_exception_for_its_text() => Assert.Empty(Program.SelectMany(Methods)
        .SelectMany(method => CompiledMembers.In(method).Where(IsTextOfAnException)
            .Select(called => $"{Name(method)} calls {Name(called)}"))
        .Distinct());

    [Fact]
    public void No_catch_puts_what_it_caught_into_a_text()
    {
        var caught = Sources().SelectMany(Catches).ToList();

        Assert.True(caught.Count > 50, "The catches are not found.");
        Assert.Empty(caught.Where(one => TextOf(one.Variable).IsMatch(one.Block)).Select(one => $"{one.File}: {one.Head}"));
    }

    /// <summary>An exception of ours that people may read has its sentence beside the text that the base library keeps.</summary>
    [Fact]
    public void The_walk_finds_what_it_looks_for()
    {
        MethodInfo sample = typeof(Sample).GetMethod(nameof(Sample.Said))!;

        Assert.Equal(["get_Message", "AppendFormatted", "GetLastPInvokeErrorMessage"],
            CompiledMembers.In(sample).Where(IsTextOfAnException).Select(m => m.Name));
        (string _, string head, string variable, string block) = Assert.Single(Catches(("a.cs",
            "try { } catch (IOException e) when (e.HResult > 0) { if (a) { b(); } Say($\"no: {e}\"); } Other(e.Message);")));
        Assert.Equal(("catch (IOException e)", "e"), (head, variable));
        Assert.Matches(TextOf(variable), block);
        Assert.DoesNotContain("Other", block, StringComparison.Ordinal);
    }

    private static bool IsTextOfAnException(MemberInfo called) => called switch
    {
        MethodInfo { Name: "get_Message" or "get_StackTrace" or "ToString" } m => typeof(Exception).IsAssignableFrom(m.DeclaringType),
        MethodInfo { Name: "AppendFormatted", IsGenericMethod: true } m => typeof(Exception).IsAssignableFrom(m.GetGenericArguments()[0]),
        MethodInfo { Name: "GetLastPInvokeErrorMessage" or "GetPInvokeErrorMessage" } => true,
        _ => false,
    };

    private static IEnumerable<MethodBase> Methods(Assembly assembly) => assembly.GetTypes()
        .SelectMany(t => t.GetMethods(Own).Concat<MethodBase>(t.GetConstructors(Own)));

    private static string Name(MemberInfo member) => $"{member.DeclaringType?.FullName}.{member.Name}";

    private static IEnumerable<(string File, string Text)> Sources() =>
        Directory.EnumerateFiles(TestFiles.PathOf("src"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Select(f => (f, File.ReadAllText(f)));

    /// <summary>Every catch with a name for what it catches, and its block: from its brace to the one that closes it.</summary>
    private static IEnumerable<(string File, string Head, string Variable, string Block)> Catches((string File, string Text) source) =>
        CatchHead().Matches(source.Text).Select(head => (source.File, head.Value, head.Groups[1].Value, Block(source.Text, head.Index)));

    private static string Block(string text, int from)
    {
        int open = text.IndexOf('{', text.IndexOf(')', from));
        int depth = 0;
        for (int at = open; at < text.Length; at++)
        {
            depth += text[at] == '{' ? 1 : text[at] == '}' ? -1 : 0;
            if (depth == 0)
                return text[open..(at + 1)];
        }
        return text[open..];
    }

    private static Regex TextOf(string variable) => new(
        $@"\b{variable}\.(Message|ToString|StackTrace|InnerException)\b|\{{{variable}[}}:,]|[+(,]\s*{variable}\s*\+");

    [GeneratedRegex(@"catch \([\w.]+ (\w+)\)")]
    private static partial Regex CatchHead();

    private static class Sample
    {
        public static string Said(IOException e) =>
            e.Message + $"{e}" + System.Runtime.InteropServices.Marshal.GetLastPInvokeErrorMessage();
    }
}
