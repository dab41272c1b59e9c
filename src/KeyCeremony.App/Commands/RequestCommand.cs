using System.Collections.Immutable;
using System.CommandLine;
using System.Security.Cryptography;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Requests;
using KeyCeremony.Core.Script;

namespace KeyCeremony.App.Commands;

/// <summary><c>keyceremony request</c>: what a requester and the room can find out about a request without a ceremony.</summary>
internal static class RequestCommand
{
    public static Command Make()
    {
        Command inspect = new OptionTable<InspectWanted>("inspect", "Check a request and print its hash and words.", new InspectWanted())
            .With(new Argument<string>("file"), "A PKCS #10 request (DER or PEM) or a key proof.",
                (wanted, file) => wanted with { File = file })
            .Text("--script", "Also ask what the room will ask: whether this script grants it.",
                (wanted, script) => wanted with { Script = script })
            .Text("--request", "With --script: the request's name there, when the script reads several.",
                (wanted, request) => wanted with { Request = request })
            .Text("--profile", "Instead of a script: whether this profile grants it, e.g. mtls-intermediate.",
                (wanted, profile) => wanted with { Profile = profile })
            .With(RunCommand.OfEnvironment(Environments.Production),
                "rehearsal, development, staging or production: of the ceremony.",
                (wanted, environment) => wanted with { Environment = environment })
            .Flag("--json", Answer.OptionHelp, wanted => wanted with { Json = true })
            .Does(wanted => RunCommand.Guarded(() => Inspect(wanted, new Answer("request-inspect", wanted.Json))));
        return new Command("request", "Requests for certificates.") { inspect };
    }

    private static int Inspect(InspectWanted wanted, Answer answer)
    {
        if (!InputFile.TryRead(wanted.File, RequestFile.MaxBytes, RequestRules.Readable, out byte[]? bytes, out Refusal? refusal)
            || !RequestFile.TryRead(bytes, out RequestFile? request, out refusal))
            return answer.End(answer.Refuse(refusal));
        answer.Member("kind", request is KeyProof ? "key-proof" : "pkcs10");
        answer.Member("sha256", request.Sha256);
        answer.Member("words", request.Words.Split(' '));
        answer.Member("key", request.Key.Title);
        answer.Member("keySha256", request.Key.Sha256);
        answer.Say(request.Describe(), Tell);
        if (wanted.Script is null && wanted.Profile is null)
        {
            answer.Tell("Every check of a request and of its key holds. "
                + "Whether a script grants it is asked with --script or --profile.");
            return answer.End(0);
        }
        if (!TryGrants(wanted, request, answer, out ImmutableArray<PreviewCertificateStep> grants, out int code))
            return code == ExitCodes.Usage ? code : answer.End(code);
        return answer.End(Compare(wanted, request, answer, grants));
    }

    /// <summary>What the ceremony would grant to this request.</summary>
    private static bool TryGrants(InspectWanted wanted, RequestFile request, Answer answer,
        out ImmutableArray<PreviewCertificateStep> grants, out int code)
    {
        (grants, code) = ([], 1);
        if (!EnvironmentPrefix.IsKnown(wanted.Environment))
            code = answer.Misused(Unknown($"There is no environment \"{wanted.Environment}\".",
                $"Use one of: {string.Join(", ", Environments.All)}."));
        else if (wanted.Script is { } path)
        {
            if (!Words.TryLoad(path, out CeremonyScript? script))
                return false;
            grants = [.. script.Steps.OfType<PreviewCertificateStep>().Where(
                p => p.Source == KeySource.Request && (wanted.Request is null || p.Key == wanted.Request))];
            string[] names = [.. grants.Select(p => p.Key).Distinct()];
            if (names.Length != 1)
                code = answer.Refuse(Unknown(names.Length == 0 ? "The script grants nothing to a request of that name."
                    : $"The script reads {names.Length} requests: {string.Join(", ", names)}.",
                    "Give the script that the ceremony runs, and the request's name in it with --request."));
            else
                return true;
        }
        else if (CertificateProfile.TryParse(wanted.Profile!, out CertificateProfile? profile))
        {
            // A profile says nothing on the name, the length of the path and the kind of the key: nothing is compared there.
            grants = [new PreviewCertificateStep("", 0, "", "", "", "", 0, "", KeySource.Request, "", "", profile.ScriptName,
                request.Key.Algorithm?.ScriptName ?? KeyAlgorithm.EcP384.ScriptName, [new SubjectAttribute("CN", "unnamed")], 1,
                (request as SigningRequest)?.Asked.BasicConstraints?.PathLength, [], [], [])];
            return true;
        }
        else
            code = answer.Misused(Unknown($"There is no profile \"{wanted.Profile}\".",
                $"Use one of: {string.Join(", ", Words.Profiles)}."));
        return false;
    }

    private static int Compare(InspectWanted wanted, RequestFile request, Answer answer, ImmutableArray<PreviewCertificateStep> grants)
    {
        var rows = new List<(string Certificate, DifferenceRow Row)>();
        answer.Objects("compared", rows, (json, one) =>
        {
            json.WriteString("certificate", one.Certificate);
            json.WriteString("field", one.Row.Field);
            json.WriteString("asked", one.Row.Asked);
            json.WriteString("granted", one.Row.Granted);
            json.WriteString("agreement", Word(one.Row.Agreement));
        });
        foreach (PreviewCertificateStep step in grants)
        {
            var effect = new PreviewCertificate(step, DateTimeOffset.UnixEpoch, wanted.Environment, "", "", CarriesIdentifier: true);
            if (!CertificatePlanning.TryPlan(effect, SerialNumber.FromRandom(RandomNumberGenerator.GetBytes(20)),
                out CertificatePlan? plan, out Refusal? refusal))
                return answer.Refuse(refusal);
            RequestComparison compared = RequestDifference.Between(request, plan, wanted.Environment);
            answer.Tell(wanted.Script is null ? $"Profile {step.Profile}"
                : $"Request \"{step.Key}\", certificate \"{step.Certificate}\"");
            foreach (DifferenceRow row in compared.Rows.Where(r => wanted.Script is not null || r.Field != "subject"))
            {
                rows.Add((step.Certificate, row));
                answer.Tell($"  {row}");
            }
            if (compared.Contradiction is { } contradiction)
                return answer.Refuse(contradiction);
        }
        answer.Tell("Every check of a request and of its key holds, "
            + $"and the {(wanted.Script is null ? "profile" : "script")} grants it. "
            + "Whether the key is known already, the room asks.");
        return 0;
    }

    private static void Tell(TextLine[] lines)
    {
        int width = lines.Max(line => line.Label.Length);
        foreach (TextLine line in lines)
            Console.WriteLine($"{line.Label.PadRight(width)}  {line.Value}");
    }

    private static string Word(Agreement agreement) => agreement switch
    {
        Agreement.Same => "same",
        Agreement.NotAsked => "not-asked",
        Agreement.Differs => "differs",
        _ => "contradiction",
    };

    private static Refusal Unknown(string what, string remedy) => RequestRules.Compared.Refuse(what, remedy);

    private sealed record InspectWanted
    {
        public string File { get; init; } = "";

        public string? Script { get; init; }

        public string? Request { get; init; }

        public string? Profile { get; init; }

        public string Environment { get; init; } = Environments.Production;

        public bool Json { get; init; }
    }
}
