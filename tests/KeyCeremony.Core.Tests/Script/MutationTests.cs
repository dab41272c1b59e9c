using System.Collections.Immutable;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Tests.Script;

/// <summary>What slips into a script by hand (a lost line, a pasted one, a stray byte) is refused or found, and never crashes.</summary>
public sealed class MutationTests
{
    public static TheoryData<string> Scripts => ScriptFolder.Scripts;

    /// <summary>Steps that the model can do without; each needs a reason that a reviewer accepts.</summary>
    private static readonly ImmutableDictionary<string, string> Dispensable = new Dictionary<string, string>
    {
        ["room"] = "another record step still says something about the room; what is asked there is for people to judge",
        ["equipment"] = "the appliance reads serial numbers itself; the typed ones are a second look",
        ["existing"] = "the certificate may be one of the ledger's own",
        ["generate-transcript"] = "the key may have been generated in an earlier ceremony",
        ["generate-pq-transcript"] = "as for generate-transcript",
        ["generate-manifest"] = "as for generate-transcript",
        ["incident"] = "what is recorded of an incident is for people to judge; the room's record is there",
        ["inspect-primary"] =
            "where no key is made, the HSM that is unlocked proves itself by its serial number, its PIN and the head that it keeps",
        ["show-results"] = "the export stick carries the results in any case",
        ["why"] = "why cards are replaced is for people to judge",
        ["publication"] = "who publishes a list is for people to judge",
        ["destroy"] = "a dead key is refused everywhere, whether or not it still lies in the HSM",
        ["builder-a"] = "the builder's key may be known to the ledger already",
        ["builder-b"] = "as for builder-a",
        ["withdraw"] = "it is what its script is for, and nothing else in it depends on it",
        ["rest-next-root"] = "the next root may stay in the HSM, as one of ML-DSA does beside the first",
        ["restore-next-root"] = "the root that takes over may be in the HSM already",
        ["drill-equipment"] = "the drill HSM is inspected, which compares its serial number",
    }.ToImmutableDictionary();

    [Theory]
    [MemberData(nameof(Scripts))]
    public void A_step_that_is_left_out_is_found_or_known_to_be_dispensable(string name)
    {
        (CeremonyScript? script, LineMap _) = ScriptFolder.Load(name);

        foreach (Step step in script.Steps)
        {
            CeremonyScript without = script with { Steps = script.Steps.Remove(step) };
            Assert.True(Dispensable.ContainsKey(step.Id) || IsFound(without), $"nobody misses {step.Id}");
        }
    }

    [Fact]
    public void A_step_that_is_called_dispensable_is_so_in_a_script()
    {
        IEnumerable<string> missed = ScriptFolder.Names.Select(n => ScriptFolder.Load(n).Script)
            .SelectMany(script => script.Steps.Where(step => !IsFound(script with { Steps = script.Steps.Remove(step) })))
            .Select(step => step.Id);

        Assert.Equal(string.Join(", ", Dispensable.Keys.Order(StringComparer.Ordinal)),
            string.Join(", ", missed.Distinct().Order(StringComparer.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(Scripts))]
    public void A_step_that_is_repeated_at_once_is_found_or_changes_nothing(string name)
    {
        // Looking, asking and writing down twice does no harm, and what is destroyed is not there a second time.
        Type[] harmless = [typeof(RecordStep), typeof(ConfirmStep), typeof(GateStep),
            typeof(ClockStep), typeof(LedgerStep), typeof(DestroyAbandonedStep), typeof(CheckCardsStep)];
        (CeremonyScript? script, LineMap _) = ScriptFolder.Load(name);

        foreach ((Step? step, int index) in script.Steps.Select((s, i) => (s, i)).Where(p => !harmless.Contains(p.s.GetType())))
        {
            // A drill HSM was wiped by the drill, so it may be inspected and used again.
            if (step is InspectHsmStep { Token: "drill" } or RecoveryDrillStep) continue;
            CeremonyScript twice = script with { Steps = script.Steps.Insert(index, step) };
            Assert.True(ScriptCheck.Check(twice).Any(f => f.Severity == Severity.Error), step.Id);
        }
    }

    [Theory]
    [MemberData(nameof(Scripts))]
    public void Two_neighbouring_steps_swapped_never_crash_the_checker(string name)
    {
        (CeremonyScript? script, LineMap _) = ScriptFolder.Load(name);

        for (int i = 1; i < script.Steps.Length; i++)
        {
            (Step? first, Step? second) = (script.Steps[i - 1], script.Steps[i]);
            CeremonyScript swapped = script with { Steps = script.Steps.SetItem(i - 1, second).SetItem(i, first) };
            Assert.All(ScriptCheck.Check(swapped), finding => Assert.StartsWith("CHECK-", finding.Rule, StringComparison.Ordinal));
        }
    }

    [Theory]
    [MemberData(nameof(Scripts))]
    public void A_line_that_is_lost_from_a_block_is_refused_or_found(string name) =>
        ForEachBlockLine(name, (lines, at) => lines.RemoveAt(at), mayPass: line =>
            line.StartsWith("  - ", StringComparison.Ordinal) || line is "    optional: true" or "path-length: 0" or "path-length: 1"
                // Without it every bag of the list is opened.
                or "optional:"
                // Without it the room asks for the cards that the ledger dealt.
                or "cards: foreign"
                // Whether a profile needs them is asked when the certificate is previewed.
                or "cards: I1 backup share card" or "cards: PAA backup share card");

    [Theory]
    [MemberData(nameof(Scripts))]
    public void A_line_that_is_doubled_in_a_block_is_refused_or_found(string name) =>
        ForEachBlockLine(name, (lines, at) => lines.Insert(at, lines[at]), mayPass: _ => false);

    [Fact]
    public void Any_bytes_are_read_or_refused_with_a_place()
    {
        byte[] seed = Encoding.UTF8.GetBytes(ScriptFolder.Load("root-creation.md").Script.Text);
        Gen<((byte Value, bool Insert), int)> edit = ArbMap.Default.GeneratorFor<(byte Value, bool Insert)>()
            .Zip(Gen.Choose(0, seed.Length - 1));

        Prop.ForAll(edit.ArrayOf().Resize(6).ToArbitrary(), edits =>
        {
            var bytes = new List<byte>(seed);
            foreach (((byte value, bool insert), int at) in edits)
            {
                if (insert) bytes.Insert(at, value);
                else bytes[at] = value;
            }
            return ReadsOrIsRefused([.. bytes]);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Any_text_is_read_or_refused_with_a_place() =>
        Prop.ForAll<NonNull<string>>(text => ReadsOrIsRefused(Encoding.UTF8.GetBytes("---\n" + text.Get))).QuickCheckThrowOnFailure();

    /// <summary>What is lost by combined seats is said of every script that combines some.</summary>
    private static bool IsFound(CeremonyScript script) => ScriptCheck.Check(script).Any(f => f.Rule != CheckRules.Combined);

    private static bool ReadsOrIsRefused(byte[] bytes)
    {
        if (ScriptReader.TryRead(bytes, "a.md", out CeremonyScript? script, out ImmutableArray<ScriptError> errors))
            return !ScriptCheck.Check(script).IsDefault;
        return errors.Length > 0
            && errors.All(e => e.File == "a.md" && e.Line >= 1 && e.Rule.StartsWith("SCRIPT-", StringComparison.Ordinal));
    }

    private static void ForEachBlockLine(string name, Action<List<string>, int> change, Func<string, bool> mayPass)
    {
        string[] text = ScriptFolder.Load(name).Script.Text.Split('\n');
        bool inBlock = false;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i].StartsWith("```", StringComparison.Ordinal)) inBlock = !inBlock;
            if (!inBlock) continue;
            var lines = new List<string>(text);
            change(lines, i);
            bool reads = ScriptReader.TryRead(string.Join('\n', lines), null, out CeremonyScript? script,
                out ImmutableArray<ScriptError> errors);
            Assert.True(reads || errors.Length > 0);
            if (reads && !IsFound(script!)) Assert.True(mayPass(text[i]), $"{i + 1}: {text[i]}");
        }
    }
}
