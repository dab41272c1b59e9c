using System.Reflection;
using KeyCeremony.App.Tests.Terminal;
using KeyCeremony.Core.Tests;

namespace KeyCeremony.App.Tests;

/// <summary>
/// The floors as the compiler made them: every type that a signature, a field, a local variable or an instruction of the program
/// names. What comes in by <c>var</c>, by an extension method or through somebody's property is in no using directive.
/// </summary>
public sealed class FloorTests
{
    private const string Prefix = "KeyCeremony.App.";
    private const BindingFlags Own = BindingFlags.Public | BindingFlags.NonPublic
        | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Assembly Program = typeof(Ground.CeremonyException).Assembly;

    [Fact]
    public void The_compiled_program_keeps_to_its_floors()
    {
        var floors = Floors.Read(TestFiles.PathOf("docs", "DESIGN.md"));

        Assert.Empty(Program.GetTypes().Where(t => FolderOf(t).Length > 0)
            .SelectMany(type => Named(type).Where(other => FolderOf(other).Length > 0 && !floors.MayKnow(FolderOf(type), FolderOf(other)))
                .Select(other => $"{type.FullName} knows {other.FullName}"))
            .Distinct());
    }

    /// <summary>The walk below finds what is only in an instruction, and what is only in a signature.</summary>
    [Fact]
    public void What_a_type_names_is_found()
    {
        HashSet<Type> named = [.. Named(typeof(Sample))];

        Assert.Contains(typeof(Uri), named);
        Assert.Contains(typeof(Version), named);
        Assert.Contains(typeof(List<>), named);
        Assert.Contains(typeof(Lazy<>), named);
        Assert.DoesNotContain(typeof(Guid), named);
    }

    private static string FolderOf(Type type) =>
        type.Namespace?.StartsWith(Prefix, StringComparison.Ordinal) == true ? type.Namespace[Prefix.Length..].Split('.')[0] : "";

    private static IEnumerable<Type> Named(Type type) => new[] { type.BaseType }.Concat(type.GetInterfaces())
        .Concat(type.GetFields(Own).Select(f => f.FieldType))
        .Concat(type.GetMethods(Own).Select(m => m.ReturnType))
        .Concat(type.GetMethods(Own).Concat<MethodBase>(type.GetConstructors(Own)).SelectMany(Named))
        .SelectMany(Parts);

    private static IEnumerable<Type?> Named(MethodBase method)
    {
        IEnumerable<Type?> parameters = method.GetParameters().Select(p => p.ParameterType);
        return method.GetMethodBody() is not { } body ? parameters : parameters
            .Concat(body.LocalVariables.Select(v => v.LocalType))
            .Concat(body.ExceptionHandlingClauses.Where(c => c.Flags == ExceptionHandlingClauseOptions.Clause).Select(c => c.CatchType))
            .Concat(CompiledMembers.In(method).SelectMany(Named));
    }

    private static IEnumerable<Type?> Named(MemberInfo member) => member switch
    {
        Type type => [type],
        FieldInfo field => [field.DeclaringType, field.FieldType],
        MethodInfo called => [called.DeclaringType, called.ReturnType, .. called.GetParameters().Select(p => p.ParameterType),
            .. called.GetGenericArguments()],
        _ => [member.DeclaringType],
    };

    /// <summary>A list of keys is a list and a key.</summary>
    private static IEnumerable<Type> Parts(Type? type) => type switch
    {
        null or { IsGenericParameter: true } => [],
        { HasElementType: true } => Parts(type.GetElementType()),
        { IsConstructedGenericType: true } => type.GetGenericArguments().SelectMany(Parts).Append(type.GetGenericTypeDefinition()),
        _ => [type],
    };

    private static class Sample
    {
        public static string Said() => new UriBuilder("a", "b").Uri.ToString() + Kept(null!).Count;

        private static List<string> Kept(Lazy<Version> version) => [version.Value.ToString()];
    }
}
