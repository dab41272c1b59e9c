using KeyCeremony.App.Register;
using KeyCeremony.Core;
using KeyCeremony.Verifier.Register;

namespace KeyCeremony.App.Tests.Register;

/// <summary>Filters, as <c>--where</c> takes them.</summary>
public sealed class RegisterFilterTests : IDisposable
{
    private readonly string _place = Directory.CreateTempSubdirectory("filter").FullName;

    /// <summary>Four rows in a ledger that is none.</summary>
    internal static RegisterAnswer People { get; } = Rows("people",
        ("Wilma", "witness", 1L, new DateTimeOffset(2026, 11, 22, 9, 0, 0, TimeSpan.Zero)),
        ("Ada", "officer", 1L, new DateTimeOffset(2026, 11, 23, 18, 30, 0, TimeSpan.Zero)),
        ("Dana; DROP", "officer", 2L, new DateTimeOffset(2026, 12, 1, 0, 0, 0, TimeSpan.Zero)),
        ("Otto % _ \"'", "operator", 1L, null));

    public void Dispose() => Directory.Delete(_place, recursive: true);

    [Theory]
    [InlineData("role=officer", "Ada|Dana; DROP")]
    [InlineData("role != officer", "Wilma|Otto % _ \"'")]
    [InlineData("name~DROP", "Dana; DROP")]
    [InlineData("name~drop", "Dana; DROP")]
    [InlineData("name~%", "Otto % _ \"'")]
    [InlineData("name=Otto % _ \"'", "Otto % _ \"'")]
    [InlineData("name=' OR 1=1", "")]
    [InlineData("name=@0", "")]
    [InlineData("seat>=2", "Dana; DROP")]
    [InlineData("SEAT<2", "Wilma|Ada|Otto % _ \"'")]
    [InlineData("recorded=2026-11", "Wilma|Ada")]
    [InlineData("recorded!=2026-11", "Dana; DROP|Otto % _ \"'")]
    [InlineData("recorded<2026-11-23", "Wilma")]
    [InlineData("recorded<=2026-11-23", "Wilma|Ada")]
    [InlineData("recorded>2026-11-23", "Dana; DROP")]
    [InlineData("recorded>=2026-11-23 18:30", "Ada|Dana; DROP")]
    [InlineData("ceremony<0001", "")]
    [InlineData("ceremony=", "")]
    public void A_filter_means_what_it_says(string filter, string expected)
    {
        Assert.True(RegisterFilter.TryParse(RegisterTable.Named("people")!, filter, out RegisterFilter? parsed, out Refusal? refusal),
            $"{refusal}");
        RegisterAnswer answer = RegisterDatabase.Where(_place, RegisterTable.Named("people")!, People, [parsed], CancellationToken.None);
        Assert.Equal(expected, string.Join("|", answer.Rows.Select(r => r.Cells[4])));
    }

    [Fact]
    public void Several_filters_must_all_hold()
    {
        RegisterFilter[] filters = [.. new[] { "role=officer", "seat=1" }.Select(text =>
            RegisterFilter.TryParse(RegisterTable.Named("people")!, text, out RegisterFilter? f, out _) ? f
            : throw new Xunit.Sdk.XunitException(text))];
        Assert.Equal("Ada", Assert.Single(RegisterDatabase.Where(_place, RegisterTable.Named("people")!, People, filters,
            CancellationToken.None).Rows).Cells[4]);
    }

    [Theory]
    [InlineData("role")]
    [InlineData("=officer")]
    [InlineData("rank=1")]
    [InlineData("$.role=officer")]
    [InlineData("seat=one")]
    [InlineData("seat~1")]
    [InlineData("recorded=yesterday")]
    [InlineData("recorded~2026")]
    [InlineData("recorded=2026-1")]
    [InlineData("seat=99999999999999999999")]
    [InlineData("")]
    public void What_is_no_filter_is_refused(string filter)
    {
        Assert.False(RegisterFilter.TryParse(RegisterTable.Named("people")!, filter, out _, out Refusal? refusal));
        Assert.Equal("REGISTER-13", refusal.Rule);
    }

    [Fact]
    public void What_is_interrupted_stops_between_two_rows()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.Throws<OperationCanceledException>(() => RegisterDatabase.Where(_place, RegisterTable.Named("people")!, People, [],
            stop.Token));
    }

    private static RegisterAnswer Rows(string name, params (string Name, string Role, long Seat, DateTimeOffset? At)[] people)
    {
        RegisterTable table = RegisterTable.Named(name)!;
        return new RegisterAnswer(table.Title, table.Columns,
            [.. people.Select((p, i) => new RegisterRow(["4f1c22aa", "rehearsal", p.Role, p.Seat, p.Name, "0001-root-creation", (long)i,
                p.At]))]);
    }
}
