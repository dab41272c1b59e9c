using Files = System.Collections.Immutable.ImmutableSortedDictionary<string, System.ReadOnlyMemory<byte>>;

namespace KeyCeremony.Verifier.Tests;

/// <summary>How tests of forgeries read a verdict: which rule, and in which words, so that no lie is found by accident.</summary>
internal static class Verdicts
{
    /// <summary>The rules that failed, in their order.</summary>
    public static string[] Rules(this BundleVerdict verdict) => [.. verdict.Checks.Where(c => !c.Passed).Select(c => c.Rule.Id)];

    /// <summary>This rule fails and no other, and a flaw of it says so.</summary>
    /// <param name="says">What must stand in one flaw, in this order; … stands for anything.</param>
    public static void Finds(this BundleVerdict verdict, string rule, string says)
    {
        VerifyCheck[] failed = [.. verdict.Checks.Where(c => !c.Passed)];
        string all = string.Join("\n", failed.SelectMany(c => c.Flaws.Select(f => $"{c.Rule.Id} {f}")).DefaultIfEmpty("it passed"));

        Assert.True(failed.Length == 1 && failed[0].Rule.Id == rule && failed[0].Flaws.Any(f => Says(f, says)),
            $"due was {rule} {says}, found was\n{all}");
    }

    /// <summary>Without the files of lists.</summary>
    public static BundleVerdict Verdict(this Files files) => BundleVerify.Check("b", files, new VerifyOptions()).Verdict;

    private static bool Says(string flaw, string says)
    {
        int at = 0;
        foreach (string part in says.Split('…', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            int found = flaw.IndexOf(part, at, StringComparison.Ordinal);
            if (found < 0)
                return false;
            at = found + part.Length;
        }
        return true;
    }
}
