using System.Collections.Immutable;
using System.Text;
using KeyCeremony.Core;

namespace KeyCeremony.Verifier;

/// <param name="Flaws">Empty: it passed.</param>
/// <param name="Note">What a reader should know although it passed, or empty.</param>
/// <param name="Asked">False: there was nothing to compare with, and nothing was proved.</param>
public sealed record VerifyCheck(VerifyRule Rule, ImmutableArray<string> Flaws, string Note = "", bool Asked = true)
{
    public bool Passed => Flaws.IsEmpty;
}

/// <param name="Checks">In the order they were made. A check that could not be made because an earlier one failed is not in the list.</param>
public sealed record BundleVerdict(string Bundle, ImmutableArray<VerifyCheck> Checks, ImmutableArray<string> Summary)
{
    public bool Passed => Checks.All(c => c.Passed) && Checks.Any(c => c.Rule == VerifyRules.ListFiles);
}

/// <summary>What the verification of one or more bundles found.</summary>
/// <param name="Together">What several bundles say about each other; empty for one.</param>
public sealed record VerifyReport(ImmutableArray<BundleVerdict> Bundles, ImmutableArray<VerifyCheck> Together)
{
    private const int Columns = 80;
    private const int MaxFlawsShown = 10;

    /// <summary>Characters of one flaw or note: a hostile text does not push the rest off the screen.</summary>
    private const int MaxText = 2000;

    public bool Passed => Bundles.All(b => b.Passed) && Together.All(c => c.Passed);

    public int ExitCode => Passed ? 0 : 1;

    /// <summary>For people: at most 80 columns.</summary>
    public string Text
    {
        get
        {
            var text = new StringBuilder();
            foreach (BundleVerdict bundle in Bundles)
                Write(text, bundle);
            foreach (VerifyCheck check in Together)
                Write(text, check);
            foreach (string line in (Passed ? Proved : NotVerified).Split('\n'))
                Write(text, line, "");
            return text.ToString();
        }
    }

    private const string NotVerified = "NOT VERIFIED. Do not use anything in it. Keep it as evidence and get another copy.";

    private const string Proved = """
        VERIFIED. Proved, with no trust in the appliance that wrote it: what the journal
        says has not been changed since the transcript key signed it; the keys that are
        certified were previewed, linted, backed up and drilled in the order that the
        script prescribes; every signature holds.

        Not proved, because bytes cannot: that the people named were present and alone
        with what they saw; that nobody copied the words of a share; that the HSM is
        genuine and its random numbers are random; that the program was the published
        one; that the paper, the bags and the video agree with the journal. Compare the
        script's and the root's SHA-256 with a source of your own (--trust), read the
        exceptions, and look at the binder.
        """;

    private static void Write(StringBuilder text, BundleVerdict bundle)
    {
        Write(text, bundle.Bundle, "");
        foreach (string line in bundle.Summary)
            Write(text, line, "  ");
        text.Append('\n');
        foreach (VerifyCheck check in bundle.Checks)
            Write(text, check);
        if (!bundle.Passed)
            Write(text, $"The {VerifyRules.All.Count - VerifyRules.OfSeveral.Count - bundle.Checks.Length} checks that follow were not made.", "");
        text.Append('\n');
    }

    private static void Write(StringBuilder text, VerifyCheck check)
    {
        Write(text, $"{(!check.Asked ? "-   " : check.Passed ? "ok  " : "FAIL")} {check.Rule.Id} {check.Rule.Claim}", "", "                ");
        foreach (string flaw in check.Flaws.Take(MaxFlawsShown))
            Write(text, flaw, "                ! ", "                  ");
        if (check.Flaws.Length > MaxFlawsShown)
            Write(text, $"and {check.Flaws.Length - MaxFlawsShown} more", "                ! ");
        if (check.Note.Length > 0)
            Write(text, check.Note, "                note: ", "                  ");
    }

    private static void Write(StringBuilder text, string what, string indent, string? hanging = null)
    {
        string line = indent, rest = hanging ?? indent;
        bool empty = true;
        foreach (string word in Printable(what).Split(' ').SelectMany(w => w.Chunk(Columns - rest.Length - 2).Select(c => new string(c)).DefaultIfEmpty("")))
        {
            if (!empty && line.Length + 1 + word.Length > Columns)
            {
                text.Append(line.TrimEnd()).Append('\n');
                line = rest;
                empty = true;
            }
            line += empty ? word : " " + word;
            empty = false;
        }
        text.Append(line.TrimEnd()).Append('\n');
    }

    /// <summary>
    /// A hostile bundle does not speak to the terminal and writes no line of its own: a line break in a file's name or in a
    /// statement is a question mark like everything else that is not seen as what it is.
    /// </summary>
    private static string Printable(string text) => PlainText.Of(text, MaxText);
}
