using System.Collections.Immutable;
using System.Text;
using KeyCeremony.App.Room;
using KeyCeremony.Core;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Fuzz.Targets;

/// <summary>Scripts and files of answers.</summary>
internal static class TextTargets
{
    private static readonly byte[][] Script = [.. FuzzTarget.WordsOf("--- ```step ``` ```include ## ### 1. #. id: do: by: ceremony: "
        + "version: title: environments: roles: quorums: parameters: threshold: of: question: text: key: algorithm: certificate: profile: "
        + "subject: issuer: set: bag: contents: officer witness operator administrator ec-p384 rehearsal production {{ }} $ [ ] ( ) * _ ` "
        + "< > ! & - ' \" | > % # ... true null ~"), "\n\n"u8.ToArray(), "\n```\n"u8.ToArray()];

    private static readonly byte[][] Answers =
        FuzzTarget.WordsOf("{ } \" : , \\u0000 \\ud800 @now @first @recorded @new @abort :utc roll-call:officer/1 /* null [ ]");

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("script", 24 * 1024, ReadScript, Scripts, Script),
        new("answers", 8 * 1024, ReadAnswers, AnswerFiles, Answers),
    ];

    private static void ReadScript(byte[] input)
    {
        if (!ScriptReader.TryRead(input, "script.md", out CeremonyScript? script, out ImmutableArray<ScriptError> errors))
            Held.Ours(errors);
        else
            Check(script);
        if (!ScriptReader.TryLoad("script.md", name => name == "script.md" ? input : null, out script, out LineMap? lines, out errors))
            Held.Ours(errors);
        else
            Held.That(lines.At(int.MaxValue).Line > 0 && script.Steps.Length <= ScriptLimits.MaxSteps, "A script has a limit.");
    }

    private static void Check(CeremonyScript script)
    {
        Held.That(ScriptReader.TryRead(Encoding.UTF8.GetBytes(script.Text), "script.md", out CeremonyScript? again, out _)
            && again.Sha256 == script.Sha256, "What a bundle carries is read again.");
        foreach (ScriptFinding finding in ScriptCheck.Check(script))
            Held.Ours(finding.Rule, finding.Message, finding.Remedy);
        Held.That(ScriptPrint.Markdown(script).Length > script.Title.Length && ScriptPrint.Html(script).Length > script.Title.Length,
            "A script is printed.");
    }

    private static void ReadAnswers(byte[] input)
    {
        string path = Path.Combine(Path.GetTempPath(), $"keyceremony-fuzz-{Environment.ProcessId}.json");
        File.WriteAllBytes(path, input);
        if (!AnswersFile.TryRead(path, out AnswersFile? answers, out Refusal? refusal))
            Held.Ours(refusal);
        else
            _ = answers!.For("step", "question/1");
    }

    private static IEnumerable<byte[]> Scripts() =>
        SeedFiles.OfBundle("script.md").Concat(SeedFiles.OfRepository("ceremony-scripts", "*.md")).Concat(SeedFiles.Texts(
            "---\nceremony: a\nversion: 1\ntitle: A\nenvironments: [rehearsal]\nroles: { administrator: 1, witness: 1 }\n---\n\n"
                + "## 1. Say\n\nWords.\n\n```step\nid: say\ndo: acknowledge\nby: witness\ntext: Seen.\n```\n"));

    private static IEnumerable<byte[]> AnswerFiles() => SeedFiles.OfRepository("ceremony-scripts/rehearsal", "*.json");
}
