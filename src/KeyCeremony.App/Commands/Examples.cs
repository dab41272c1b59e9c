using System.Collections.Immutable;

namespace KeyCeremony.App.Commands;

/// <param name="Line">Behind the program's name, as it is typed.</param>
internal sealed record Example(string Line, string What);

/// <summary>Lines that people copy, of every command that runs.</summary>
internal static class KnownExamples
{
    private const string Root = "ceremony-scripts/root-creation.md";

    private static readonly ImmutableDictionary<string, ImmutableArray<Example>> Lines =
        new (string Path, Example[] Examples)[]
        {
            ("rehearse", [new("rehearse", "Choose a ceremony and play it by hand, with software HSMs; everything lies in ./rehearsal.")]),
            ("run",
            [
                new($"run {Root} --ledger stick-a --ledger stick-b --softhsm hsm --out export", "A rehearsal in folders."),
                new("run --drives --environment production --module /usr/lib/pkcs11.so", "Go on with the ceremony on the sticks."),
            ]),
            ("check",
            [
                new($"check {Root}", "Before anybody approves a script."),
                new($"check {Root} --ledger stick-a --ledger stick-b --out export", "Before the day: is everything on the table?"),
            ]),
            ("print", [new($"print {Root} --format pdf --out binder.pdf", "The binder copy.")]),
            ("print cards", [new($"print cards {Root} --out cards.pdf", "Blank cards for the officers.")]),
            ("print labels", [new($"print labels {Root} --out labels.pdf", "Labels for the bags.")]),
            ("verify",
            [
                new("verify --words \"crucial onlooker aimless hazardous\" export/0001-root-creation",
                    "Under the root that the binder names by its first words."),
                new("verify --json export/0001-root-creation export/0002-crl-signing",
                    "Two bundles of one ledger, for a machine. It ends with 3, because no root is named."),
            ]),
            ("replay",
            [
                new("replay export/0001-root-creation", "Watch what the room saw."),
                new("replay export/0001-root-creation --step \"14.\"", "From the script's step 14 on."),
            ]),
            ("register",
            [
                new("register stick-a", "How much this ledger knows of what."),
                new("register stick-a --of certificates --where \"notAfter<2030\"", "What ends before 2030."),
            ]),
            ("due",
            [
                new("due stick-a", "What has to be done by which day."),
                new("due export/0004-crl-signing --words \"crucial onlooker aimless hazardous\" --within 90 --json", "For a monitor."),
                new("due export/0004-crl-signing --ics", "For a calendar."),
            ]),
            ("ledger copy", [new("ledger copy stick-a stick-c", "Replace a stick that failed.")]),
            ("ledger restore",
            [
                new("ledger restore export/0001-root-creation stick-a stick-b --words \"crucial onlooker aimless hazardous\"",
                    "Both sticks are lost, a bundle is there."),
            ]),
            ("ledger convert", [new("ledger convert old-stick new-stick", "A ledger of the first program, in today's form.")]),
            ("request inspect",
            [
                new("request inspect factory.csr", "Is the request sound, and which hash is read aloud?"),
                new("request inspect factory.csr --profile mtls-intermediate", "Would this profile grant it?"),
            ]),
            ("crl inspect",
            [
                new("crl inspect issuing.crl --issuer issuing-ca.der", "What it says, and whether the CA signed it."),
                new("crl inspect issuing.crl --serial 0a1b", "Is this certificate revoked?"),
            ]),
            ("manifest salts", [new("manifest salts --out b-0142.salts", "Once, before a batch is built in shards.")]),
            ("manifest build",
                [new("manifest build --batch batch.yaml --devices devices.csv --out draft", "The factory's draft, for the ceremony.")]),
            ("manifest merge",
            [
                new("manifest merge b-0142-1-of-2.shard b-0142-2-of-2.shard --batch batch.yaml --devices devices.csv --out draft "
                    + "--salts b-0142.salts", "Two shards become one draft."),
            ]),
            ("manifest prove",
            [
                new("manifest prove --statement b-0142.dsse.json --devices devices.csv --salts b-0142.salts --serial SN-0002 --out proofs",
                    "One device stands in the batch."),
            ]),
            ("manifest inspect", [new("manifest inspect b-0142.dsse.json", "What it says; nothing is verified.")]),
            ("manifest verify",
            [
                new("manifest verify --envelope b-0142.dsse.json --trust root.pem", "Who vouched for the batch?"),
                new("manifest verify --envelope b-0142.dsse.json --trust root.pem --proof b-0142-SN-0002.proof.json",
                    "Is this device in it?"),
            ]),
            ("manifest pae", [new("manifest pae b-0142.dsse.json --out b-0142.pae", "The bytes for an officer's own key.")]),
            ("manifest cosign",
            [
                new("manifest cosign --envelope b-0142.dsse.json --signature officer.sig --certificate officer.pem --out signed.dsse.json",
                    "Add an officer's signature."),
            ]),
            ("release inspect",
            [
                new("release inspect application-1.15.0 --builder runner-a.pub.pem runner-b.pub.pem",
                    "What will the room say to this release?"),
            ]),
            ("release root",
            [
                new("release root 2.root.json --before 1.root.json", "What does the next root of TUF change?"),
                new("release root 2.root.json --before 1.root.json --signed", "Will every client take it?"),
            ]),
            ("show",
            [
                new("show export/0001-root-creation", "A whole bundle, as codes on this screen."),
                new("show root.der --frames codes", "As pictures in a new folder."),
            ]),
            ("scan",
            [
                new("scan --out received", "From the first camera that gives pictures."),
                new("scan --out received --pictures photos", "From photographs."),
            ]),
            ("drives", [new("drives", "Which stick would be which?")]),
            ("drive-helper", [new("drive-helper --uid 1000", "As root, on a machine where ceremonies run without rights.")]),
            ("appliance", [new("appliance", "What the live image starts by itself.")]),
            ("self-check", [new("self-check", "Inside the booted image.")]),
            ("hsm probe",
            [
                new("hsm probe --module /usr/lib/pkcs11.so", "For which ceremonies is this blank HSM good?"),
                new("hsm probe --module /usr/lib/pkcs11.so --slot 1 --json", "The same of one of several, for a machine."),
            ]),
            ("words",
            [
                new("words e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "Read a hash over the telephone."),
            ]),
            ("completion",
            [
                new("completion bash > /etc/bash_completion.d/keyceremony", "For everybody on this machine."),
                new("completion fish > ~/.config/fish/completions/keyceremony.fish", "For yourself."),
            ]),
            ("man", [new("man | man -l -", "Read it now."), new("man > keyceremony.1", "Put it where man finds it.")]),
        }.ToImmutableDictionary(e => e.Path, e => e.Examples.ToImmutableArray());

    public static IEnumerable<string> Paths => Lines.Keys;

    public static ImmutableArray<Example> Of(string path) => Lines.GetValueOrDefault(path, []);
}
