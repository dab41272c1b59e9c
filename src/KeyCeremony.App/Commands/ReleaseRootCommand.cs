using System.Collections.Immutable;
using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using KeyCeremony.Core;
using KeyCeremony.Core.Release.Tuf;
using KeyCeremony.Verifier;

namespace KeyCeremony.App.Commands;

/// <summary><c>keyceremony release root</c>: what the next root file of The Update Framework changes, and who has signed it.</summary>
internal static class ReleaseRootCommand
{
    public static Command Make() => new OptionTable<Wanted>("root",
            "Judge the next root file of TUF, The Update Framework, before it is signed and afterwards.", new Wanted())
        .With(new Argument<string>("file"), "The next root file, signed or not.", (wanted, file) => wanted with { Next = file })
        .Text("--before", "The root file that clients have; left out where the next one is the first.",
            (wanted, file) => wanted with { Before = file })
        .Flag("--signed", "Refuse it unless every client that has the root before will take it.", wanted => wanted with { Signed = true })
        .Flag("--json", Answer.OptionHelp, wanted => wanted with { Json = true })
        .Does(wanted => RunCommand.Guarded(() =>
            Judge(wanted, new Answer("release-root", wanted.Json), TimeProvider.System.GetUtcNow())));

    private static int Judge(Wanted wanted, Answer answer, DateTimeOffset now)
    {
        TufRoot? before = null;
        if (!TryRead(wanted.Next, answer, out TufRoot? next) || (wanted.Before is { } path && !TryRead(path, answer, out before)))
            return answer.End(1);
        answer.Member("version", next.Version);
        answer.Member("expires", next.Expires);
        if (!TufSuccession.TryJudge(before, next, now, latest: null, Holds, out TufSuccession? succession,
            out ImmutableArray<Refusal> refusals))
        {
            foreach (Refusal one in refusals)
                answer.Refuse(one);
            return answer.End(1);
        }
        if (wanted.Signed && succession.RefuseUnsigned() is { } unsigned)
            return answer.End(answer.Refuse(unsigned));
        Members(answer, succession);
        answer.Say(succession.Describe());
        answer.Tell(!succession.IsSigned ? "It is not signed by enough keys yet: no client will take it."
            : before is null ? "It is signed by enough of its own keys: whoever is given it can begin with it."
            : "Every client that has the root before will take it.");
        return answer.End(0);
    }

    private static bool TryRead(string path, Answer answer, [NotNullWhen(true)] out TufRoot? root)
    {
        root = null;
        if (InputFile.TryRead(path, TufRoot.MaxBytes, TufRules.Form, out byte[]? file, out Refusal? refusal)
            && TufRoot.TryRead(file, out root, out refusal))
            return true;
        answer.Refuse(refusal with { Message = $"'{path}': {refusal.Message}" });
        return false;
    }

    // Ed25519 is BouncyCastle's alone; of every other scheme two implementations must say the same.
    private static bool Holds(TufKey key, ReadOnlyMemory<byte> data, ReadOnlyMemory<byte> signature) =>
        key.Verify(data.Span, signature.Span) != false && BouncyCastleOpinion.OfTuf(key, data, signature) is null;

    private static void Members(Answer answer, TufSuccession succession)
    {
        answer.Objects("signatures", succession.Standings, (json, one) =>
        {
            json.WriteNumber("rootVersion", one.Version);
            json.WriteNumber("threshold", one.Threshold);
            json.WriteNumber("signed", one.Signed);
        });
        answer.Objects("exceptions", succession.Exceptions, (json, one) =>
        {
            json.WriteString("rule", one.Rule);
            json.WriteString("text", one.Message);
        });
    }

    private sealed record Wanted
    {
        public string Next { get; init; } = "";

        public string? Before { get; init; }

        public bool Signed { get; init; }

        public bool Json { get; init; }
    }
}
