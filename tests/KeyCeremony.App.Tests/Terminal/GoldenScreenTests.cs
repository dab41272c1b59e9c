using System.Text;
using System.Text.RegularExpressions;
using KeyCeremony.App.Terminal;
using KeyCeremony.App.Terminal.Writing;
using KeyCeremony.Core.Ceremony;

namespace KeyCeremony.App.Tests.Terminal;

/// <summary>
/// Every step of every shipped script as text files that a reviewer can read. KEYCEREMONY_GOLDEN=write renews them; the
/// difference is then read in the commit.
/// </summary>
public sealed partial class GoldenScreenTests
{
    private static readonly Display Narrow = new(80, 25, GlyphSet.Unicode, Attributes: true, Colour: true, FunctionKeys: true);
    private static readonly Display Broad = Narrow with { Width = 120, Height = 40 };

    /// <summary>Behind a script, and before the step at which it is aborted.</summary>
    private const string GivenUp = " until ";

    private static bool Updating => Environment.GetEnvironmentVariable("KEYCEREMONY_GOLDEN") == "write";

    public static TheoryData<string, string[]> Ceremonies => new()
    {
        { "root-creation", ["root-creation.md"] },
        { "root-creation-matter-paa", ["root-creation-matter-paa.md"] },
        { "root-creation-small", ["root-creation-small.md"] },
        { "root-creation-groups", ["root-creation-groups.md"] },
        { "root-creation-dual", ["root-creation-dual.md"] },
        { "root-addition", ["root-creation.md", "root-addition.md"] },
        { "disaster-recovery-dual", ["root-creation-dual.md", "disaster-recovery-dual.md"] },
        { "signing-small", ["root-creation-small.md", "signing-small.md"] },
        { "hsm-commissioning", ["hsm-commissioning.md"] },
        { "disaster-recovery", ["root-creation.md", "disaster-recovery.md"] },
        { "disaster-recovery-foreign", ["root-creation.md", "disaster-recovery-foreign.md"] },
        { "intermediate-creation", ["root-creation.md", "intermediate-creation.md"] },
        { "intermediate-signing", ["root-creation.md", "intermediate-signing.md"] },
        { "cross-signing", ["root-creation.md", "cross-signing.md"] },
        { "service-certificates", ["root-creation.md", "service-certificates.md"] },
        { "abandoned-keys", ["root-creation.md", $"intermediate-creation.md{GivenUp}sign-device-ca-i1", "abandoned-keys.md"] },
        { "firmware-signing", ["root-creation.md", "firmware-signing.md"] },
        { "matter-attestation", ["root-creation.md", "matter-attestation.md"] },
        { "activation-change", ["root-creation.md", "activation-change.md"] },
        { "custodian-replacement", ["root-creation.md", "custodian-replacement.md"] },
        { "card-check", ["root-creation.md", "card-check.md"] },
        { "hsm-migration", ["root-creation.md", "hsm-migration.md"] },
        { "hsm-migration-dual", ["root-creation-dual.md", "hsm-migration-dual.md"] },
        { "key-destruction", ["root-creation.md", "key-destruction.md"] },
        { "succession", ["root-creation.md", "succession.md"] },
        { "compromise", ["root-creation.md", "succession.md", "compromise.md"] },
        { "crl-signing", ["root-creation.md", "crl-signing.md"] },
        { "manifest-key", ["root-creation.md", "manifest-key.md"] },
        { "batch-manifest", ["root-creation.md", "manifest-key.md", "batch-manifest.md"] },
        { "release-key", ["root-creation.md", "release-key.md"] },
        { "release-signing", ["root-creation.md", "release-key.md", "release-signing.md"] },
        { "release-withdrawal", ["root-creation.md", "release-key.md", "release-signing.md", "release-withdrawal.md"] },
        { "emergency-revocation", ["root-creation.md", "intermediate-signing.md", "crl-signing.md", "emergency-revocation.md"] },
    };

    [Theory]
    [MemberData(nameof(Ceremonies))]
    public void Every_step_looks_as_it_was_reviewed(string name, string[] scripts)
    {
        var screens = new SortedDictionary<string, string>(StringComparer.Ordinal);
        using FakeRoom room = Standing(scripts);
        foreach (Move move in room.Moves())
        {
            if (move is Note)
                continue;
            AddOnce(screens, NameOf(room, move) + "-80x25", () => Picture(room.Model(Narrow)));
            if (move is not Perform)
                AddOnce(screens, NameOf(room, move) + "-120x40", () => Picture(room.Model(Broad)));
        }
        Compare(name, screens);
    }

    /// <summary>Where words are typed they are on the screen, no other ones are, and a key shows all that was found.</summary>
    [Theory]
    [MemberData(nameof(Ceremonies))]
    public void What_must_be_typed_stands_on_the_smallest_screen(string name, string[] scripts)
    {
        using FakeRoom room = Standing(scripts);
        int asked = 0;
        foreach (Move move in room.Moves())
        {
            if (move is not Ask { Question: { Kind: AnswerKind.Typed } question })
                continue;
            asked++;
            string text = Screen.View(room.Model(Narrow)).Text;
            Assert.True(text.Contains(question.Expected, StringComparison.OrdinalIgnoreCase),
                $"{name}, {question.Id}: {question.Expected}\n{text}");
            if (!question.ExpectsWhatWasFound)
                continue;
            Assert.Contains("F5", text, StringComparison.Ordinal);
            Assert.DoesNotContain(Core.Sharing.PgpWords.Of(room.State.Last.Hash.AsSpan()[..2]), text, StringComparison.Ordinal);
        }
        Assert.True(asked > 2);
    }

    /// <summary>A room in which all but the last of these were played, and the last was opened.</summary>
    internal static FakeRoom Standing(string[] scripts)
    {
        var room = new FakeRoom(scripts[0]);
        foreach ((string before, string script) in scripts.Zip(scripts.Skip(1)))
        {
            if (before.Split(GivenUp) is [_, var step])
                room.GoTo(step, AnswerKind.Acknowledge).GiveUp();
            else
                foreach (Move _ in room.Moves())
                    continue;
            room.Continue(script.Split(GivenUp)[0]);
        }
        return room;
    }

    [Fact]
    public void Every_shipped_script_has_golden_screens()
    {
        IEnumerable<string?> shipped = Directory.EnumerateFiles(TestFiles.PathOf("ceremony-scripts"), "*.md")
            .Select(Path.GetFileNameWithoutExtension);
        Assert.Equal(shipped.Order(), Ceremonies.Select(row => (string)row[0]).Order());
    }

    [Fact]
    public void Every_other_page_looks_as_it_was_reviewed()
    {
        var screens = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach ((string name, Func<Display, Frame> draw) in OtherPages.All)
            foreach (Display display in new[] { Narrow, Broad })
                screens.Add($"{name}-{display.Width}x{display.Height}", Checked(draw(display), display));
        foreach ((string name, Display display) in OtherPages.OldTerminals)
            screens.Add(name, Checked(OtherPages.All[0].Draw(display), display));
        Compare("pages", screens);
    }

    [Fact]
    public void Every_page_before_a_ceremony_looks_as_it_was_reviewed()
    {
        var screens = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach ((string name, Func<Display, Frame> draw) in OtherPages.BeforeTheCeremony)
            foreach (Display display in new[] { Narrow, Broad })
                screens.Add($"{name}-{display.Width}x{display.Height}", Checked(draw(display), display));
        Compare("front-pages", screens);
    }

    [Fact]
    public void Every_special_question_of_a_signing_looks_as_it_was_reviewed()
    {
        var screens = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach ((string name, Func<Display, Frame> draw) in PeriodicPages.All)
            foreach (Display display in new[] { Narrow, Broad })
                screens.Add($"{name}-{display.Width}x{display.Height}", Checked(draw(display), display));
        Compare("periodic-pages", screens);
    }

    [Fact]
    public void Every_special_question_about_a_batch_looks_as_it_was_reviewed()
    {
        var screens = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach ((string name, Func<Display, Frame> draw) in BatchPages.All)
            foreach (Display display in new[] { Narrow, Broad })
                screens.Add($"{name}-{display.Width}x{display.Height}", Checked(draw(display), display));
        Compare("batch-pages", screens);
    }

    [Fact]
    public void Every_question_about_results_looks_as_it_was_reviewed()
    {
        var screens = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach ((string name, Func<Display, Frame> draw) in ResultPages.All)
            foreach (Display display in new[] { Narrow, Broad })
                screens.Add($"{name}-{display.Width}x{display.Height}", Checked(draw(display), display));
        Compare("result-pages", screens);
    }

    private static string NameOf(FakeRoom room, Move move)
    {
        string step = room.State.Step is { } s ? $"{s.Number:D2}-{s.Id}" : "99-end";
        string what = move switch
        {
            Ask ask => ask.Question.Id,
            Perform perform => perform.Effect.Name,
            _ => "over",
        };
        return $"{step}-{Unsafe().Replace(SetNames().Replace(what, "").ToLowerInvariant(), "-").Trim('-')}";
    }

    // One custodian's card looks like the next one's: the first is kept.
    [GeneratedRegex(@"\d{4}-(?=activation|backup)|-\d+(?=/)|/\d+(?=/|\z)|(?<=card)/[a-z]+")]
    private static partial Regex SetNames();

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex Unsafe();

    private static void AddOnce(SortedDictionary<string, string> screens, string name, Func<string> picture)
    {
        if (!screens.ContainsKey(name))
            screens.Add(name, picture());
    }

    private static string Picture(ScreenModel model) => Checked(Screen.View(model), model.Display);

    private static string Checked(Frame frame, Display display)
    {
        Assert.Equal(display.Height, frame.Rows.Length);
        Assert.All(frame.Rows, row => Assert.Equal(display.Width, Columns.Of(row)));
        Assert.Contains("Now:", frame.Text, StringComparison.Ordinal);
        return frame.Text;
    }

    internal static void Compare(string folder, SortedDictionary<string, string> screens)
    {
        string path = TestFiles.PathOf("tests", "KeyCeremony.App.Tests", "Terminal", "golden", folder);
        if (Updating)
        {
            if (Directory.Exists(path))
                Directory.Delete(path, recursive: true);
            Directory.CreateDirectory(path);
            foreach ((string name, string text) in screens)
                File.WriteAllText(Path.Combine(path, name + ".txt"), text, new UTF8Encoding(false));
            return;
        }
        IOrderedEnumerable<string?> kept = Directory.EnumerateFiles(path, "*.txt")
            .Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal);
        Assert.Equal(kept, screens.Keys);
        foreach ((string name, string text) in screens)
            Assert.True(File.ReadAllText(Path.Combine(path, name + ".txt")) == text, $"{folder}/{name} looks different now:\n{text}");
    }
}
