using System.Collections.Immutable;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using KeyCeremony.Core;

namespace KeyCeremony.Verifier;

/// <summary>What the verification of a bundle comes to. docs/formats/verify.md.</summary>
public enum VerifyResult
{
    /// <summary>Every check passed, under the root that was named.</summary>
    Verified,

    /// <summary>Every check passed, and nobody's identity was asked.</summary>
    Consistent,

    /// <summary>There is nothing at the place that was named, or no bundle.</summary>
    NotABundle,

    /// <summary>Something is missing, or lies there that does not belong: a copy that broke off, a computer's leftovers.</summary>
    Incomplete,

    /// <summary>A later program made it.</summary>
    Newer,

    /// <summary>What the bundle says cannot be so.</summary>
    Failed,
}

/// <param name="Flaws">Empty: it passed.</param>
/// <param name="Note">What a reader should know although it passed, or empty.</param>
/// <param name="Asked">False: there was nothing to compare with, and nothing was proved.</param>
/// <param name="Means">What a flaw in it means for the bundle.</param>
public sealed record VerifyCheck(VerifyRule Rule, ImmutableArray<string> Flaws, string Note = "", bool Asked = true,
    VerifyResult Means = VerifyResult.Failed)
{
    public bool Passed => Flaws.IsEmpty;
}

/// <param name="Checks">In the order they were made. A check that could not be made because an earlier one failed is not in the
/// list.</param>
public sealed record BundleVerdict(string Bundle, ImmutableArray<VerifyCheck> Checks, ImmutableArray<string> Summary)
{
    /// <summary>Of the script checker, of every script that was recorded; then of firmware that devices should not have.</summary>
    public ImmutableArray<string> Warnings { get; init; } = [];

    /// <summary>Roots that rest and take over when the one that serves falls.</summary>
    public ImmutableArray<SpareRoot> Spares { get; init; } = [];

    /// <summary>Images of every batch that was signed, and which release of this ledger each is.</summary>
    public ImmutableArray<BatchFirmwareFact> Firmware { get; init; } = [];

    /// <summary>Who signed the record.</summary>
    public ImmutableArray<RecordSignature> Signatures { get; init; } = [];

    public bool Passed => Checks.All(c => c.Passed) && Checks.Any(c => c.Rule == VerifyRules.SecondOpinion);

    public VerifyResult Result =>
        !Passed ? Checks.Where(c => !c.Passed).Select(c => c.Means).DefaultIfEmpty(VerifyResult.Failed).Max()
        : Checks.Any(c => c.Rule == VerifyRules.Trust && c.Asked) ? VerifyResult.Verified : VerifyResult.Consistent;
}

/// <param name="File">Which holds it, in the bundle.</param>
/// <param name="Certificate">The signer's, as the journal names it.</param>
/// <param name="Root">At the end of its path.</param>
/// <param name="RootSha256">Of that certificate in DER, lower-case hex.</param>
/// <param name="Named">Whether that root, or the signer, is the one that was named; null: none was.</param>
public sealed record RecordSignature(string File, string Certificate, string Algorithm, string Root, string RootSha256, bool? Named)
{
    public string InWords => $"{File} is signed by {Certificate} ({Algorithm}), under {Root}";
}

/// <param name="Sha256">Of its certificate in DER, lower-case hex.</param>
/// <param name="Set">Of the cards that bring it back.</param>
/// <param name="Good">Of them, when they were seen last.</param>
public sealed record SpareRoot(string Certificate, string Sha256, DateTimeOffset RestsSince, string Set, int Needed, int Issued, int Good);

/// <summary>What the verification of one or more bundles found.</summary>
/// <param name="Together">What several bundles say about each other; empty for one.</param>
/// <param name="Options">What was asked of them.</param>
public sealed record VerifyReport(ImmutableArray<BundleVerdict> Bundles, ImmutableArray<VerifyCheck> Together, VerifyOptions Options)
{
    /// <summary>The command line could not be understood, so nothing was verified.</summary>
    public const int UsageCode = 2;

    private const int Columns = 80;
    private const int MaxFlawsShown = 10;

    /// <summary>Characters of one flaw or note: a hostile text does not push the rest off the screen.</summary>
    private const int MaxText = 2000;

    private const string JsonType = "keyceremony-verify-v1";

    public bool Passed => Bundles.All(b => b.Passed) && Together.All(c => c.Passed);

    /// <summary>The worst of all.</summary>
    public VerifyResult Result => Bundles.Select(b => b.Result).Concat(Together.Where(c => !c.Passed).Select(c => c.Means)).Max();

    public int ExitCode => Result switch
    {
        VerifyResult.Verified => 0,
        VerifyResult.Failed => 1,
        VerifyResult.Consistent => 3,
        VerifyResult.Incomplete => 4,
        VerifyResult.NotABundle => 5,
        VerifyResult.Newer => 6,
        _ => throw new UnreachableException($"{Result}"),
    };

    /// <summary>For people: at most 80 columns.</summary>
    public string Text
    {
        get
        {
            var text = new StringBuilder();
            Say(text, Options.TrustedRoot is { } named
                ? $"Asked whether this is the word of the root whose SHA-256 {(named.Length < Whole ? "begins with" : "is")} "
                    + $"{Convert.ToHexStringLower(named.Span)}.\n"
                : NobodyAsked);
            foreach (BundleVerdict bundle in Bundles)
                Write(text, bundle);
            foreach (VerifyCheck check in Together)
                Write(text, check);
            if (!Together.IsEmpty)
                text.Append('\n');
            Say(text, Closing);
            return text.ToString();
        }
    }

    /// <summary>For machines: the same report whole. docs/formats/verify.md.</summary>
    public string Json => JsonReport.Write(json =>
    {
        json.WriteString("type", JsonType);
        json.WriteString("result", Word(Result));
        json.WriteNumber("exitCode", ExitCode);
        json.WriteString("trusted", Options.TrustedRoot is { } root ? Convert.ToHexStringLower(root.Span) : null);
        json.WriteString("script", Options.Script);
        json.WriteStartArray("bundles");
        foreach (BundleVerdict bundle in Bundles)
        {
            json.WriteStartObject();
            json.WriteString("bundle", bundle.Bundle);
            json.WriteString("result", Word(bundle.Result));
            Write(json, "summary", bundle.Summary);
            Write(json, "checks", bundle.Checks);
            Write(json, "warnings", bundle.Warnings);
            json.WriteStartArray("spares");
            foreach (SpareRoot spare in bundle.Spares)
                Write(json, spare);
            json.WriteEndArray();
            json.WriteStartArray("firmware");
            foreach (BatchFirmwareFact image in bundle.Firmware)
                Write(json, image);
            json.WriteEndArray();
            json.WriteStartArray("signatures");
            foreach (RecordSignature signature in bundle.Signatures)
                Write(json, signature);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        Write(json, "together", Together);
    });

    private const int Whole = 32;

    private const string NobodyAsked = """
        NOBODY'S IDENTITY IS CHECKED HERE. Neither --trust nor --words names a root, so
        what follows says whether the bundle agrees with itself, not whose it is.

        """;

    private string Closing => Result switch
    {
        VerifyResult.Verified => Verified + NotProved,
        VerifyResult.Consistent => Consistent + NotProved,
        VerifyResult.Newer => MadeLater,
        VerifyResult.NotABundle => "NOTHING WAS VERIFIED. What was named is not a bundle.",
        VerifyResult.Incomplete => NotWhole,
        _ when FailedOnly(VerifyRules.Trust) => AnotherRoot,
        _ when FailedOnly(VerifyRules.PinnedScript) => AnotherScript,
        _ => NotVerified,
    };

    private bool FailedOnly(VerifyRule rule) =>
        Bundles.SelectMany(b => b.Checks).Concat(Together).Where(c => !c.Passed).All(c => c.Rule == rule);

    private const string MadeLater = """
        NOT VERIFIED HERE. A later program made it, and this one does not know its
        rules. It says nothing for or against the bundle: get the program of that
        version, or a newer one.
        """;

    private const string NotWhole = """
        NOT VERIFIED: the folder is not whole, or holds more than the bundle. That alone
        is no sign of tampering: a copy that broke off looks so, and computers leave
        files of their own. Do what stands behind FAIL, or copy the bundle again from
        where it came from, and verify that.
        """;

    private const string AnotherRoot = """
        NOT VERIFIED. It was signed under another root than the one you named. Compare
        what you named with your source once more. If that is right, this is not theirs:
        do not use anything in it, and keep it as evidence.
        """;

    private const string AnotherScript = """
        NOT VERIFIED. Another script ran than the one you named. Compare what you named
        with your source once more. If that is right, the ceremony was not the approved
        one.
        """;

    private const string NotVerified = """
        NOT VERIFIED. Behind FAIL stands what does not fit: a bundle as it left the room
        never says it. Bytes changed since, by a failing medium or by somebody, or it
        was never made by the ceremony that it tells of. Do not use anything in it. Keep
        it, get another copy and verify that: if it says the same, it is evidence.
        """;

    private const string Verified = """
        VERIFIED, under the root that you named. Proved, with no trust in the appliance
        that wrote it: what the journal says has not been changed since a key signed it
        that this root stands behind. The ceremonies were led again from their scripts,
        entry by entry: each step, question and device call was due where it stands;
        each answer is one that was asked for, by the person whose turn it was; what a
        device brought is about the key, HSM, card or certificate that it was to be
        about, and no finding is missing; whatever went otherwise is an exception that
        the witness signed off. Every signature holds.

        """;

    private const string Consistent = """
        CONSISTENT, BUT NOBODY'S IDENTITY WAS CHECKED. The bundle agrees with itself:
        its journal, signatures and files fit, and tell of a ceremony that its script
        allows. Anybody can make such a bundle with keys of their own. It is the word
        of somebody only when you name the root, from a source of your own: the binder,
        a colleague, a device in the field.

            keyceremony verify --trust SHA256-OF-THE-ROOT BUNDLE
            keyceremony verify --words "the first four words or more" BUNDLE

        """;

    private const string NotProved = """

        Not proved, because bytes cannot: that the people named were present and alone
        with what they saw; that nobody copied the words of a share; that the HSM is
        genuine and its random numbers are random; that the program was the published
        one; that the paper, the bags and the video agree with the journal. Compare the
        script's SHA-256 with the approved one (--script), read the exceptions and the
        warnings, and look at the binder.
        """;

    private static string Word(VerifyResult result) => result switch
    {
        VerifyResult.Verified => "verified",
        VerifyResult.Consistent => "consistent",
        VerifyResult.NotABundle => "not-a-bundle",
        VerifyResult.Incomplete => "incomplete",
        VerifyResult.Newer => "newer",
        _ => "failed",
    };

    private static void Write(Utf8JsonWriter json, string name, ImmutableArray<VerifyCheck> checks)
    {
        json.WriteStartArray(name);
        foreach (VerifyCheck check in checks)
        {
            json.WriteStartObject();
            json.WriteString("rule", check.Rule.Id);
            json.WriteString("claim", check.Rule.Claim);
            json.WriteString("result", !check.Passed ? "fail" : check.Asked ? "ok" : "not-asked");
            Write(json, "flaws", check.Flaws);
            json.WriteString("note", check.Note);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, RecordSignature signature)
    {
        json.WriteStartObject();
        json.WriteString("file", signature.File);
        json.WriteString("certificate", signature.Certificate);
        json.WriteString("algorithm", signature.Algorithm);
        json.WriteString("root", signature.Root);
        json.WriteString("rootSha256", signature.RootSha256);
        if (signature.Named is { } named)
            json.WriteBoolean("named", named);
        else
            json.WriteNull("named");
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, SpareRoot spare)
    {
        json.WriteStartObject();
        json.WriteString("certificate", spare.Certificate);
        json.WriteString("sha256", spare.Sha256);
        json.WriteString("restsSince", $"{spare.RestsSince:yyyy-MM-dd'T'HH:mm:ss'Z'}");
        json.WriteString("set", spare.Set);
        json.WriteNumber("needed", spare.Needed);
        json.WriteNumber("issued", spare.Issued);
        json.WriteNumber("good", spare.Good);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, BatchFirmwareFact image)
    {
        json.WriteStartObject();
        json.WriteString("batch", image.Batch);
        json.WriteString("component", image.Lineage.Firmware.Component);
        json.WriteString("version", image.Lineage.Firmware.Version);
        json.WriteNumber("securityCounter", image.Lineage.Firmware.SecurityCounter);
        json.WriteString("sha256", image.Lineage.Firmware.Sha256);
        json.WriteString("releasedIn", image.Lineage.Release?.Ceremony);
        json.WriteString("record", image.Record);
        json.WriteString("by", image.Lineage.Release is null ? null : image.Lineage.IsByHash ? "hash" : "key");
        Write(json, "faults", image.Lineage.Faults);
        json.WriteString("withdrawnIn", image.WithdrawnIn);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, ImmutableArray<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }

    private static void Write(StringBuilder text, BundleVerdict bundle)
    {
        Write(text, bundle.Bundle, "");
        foreach (string line in bundle.Summary)
            Write(text, line, "  ");
        text.Append('\n');
        foreach (VerifyCheck check in bundle.Checks)
            Write(text, check);
        int left = VerifyRules.All.Count - VerifyRules.OfSeveral.Count - bundle.Checks.Length;
        if (!bundle.Passed && left > 0)
            Say(text, left == 1 ? "The check that follows was not made." : $"The {left} checks that follow were not made.");
        foreach (string warning in bundle.Warnings)
            Write(text, warning, "warn            ", "                  ");
        text.Append('\n');
    }

    private static void Write(StringBuilder text, VerifyCheck check)
    {
        Write(text, $"{(!check.Asked ? "-   " : check.Passed ? "ok  " : "FAIL")} {check.Rule.Id} {check.Rule.Claim}",
            "", "                ");
        foreach (string flaw in check.Flaws.Take(MaxFlawsShown))
            Write(text, flaw, "            ! ", "              ");
        if (check.Flaws.Length > MaxFlawsShown)
            Write(text, $"and {check.Flaws.Length - MaxFlawsShown} more", "            ! ");
        if (check.Note.Length > 0)
            Write(text, check.Note, "            note: ", "              ");
    }

    /// <summary>The program's own words, which may have several lines.</summary>
    private static void Say(StringBuilder text, string what)
    {
        foreach (string line in what.Split('\n'))
            Write(text, line, line.Length - line.TrimStart(' ').Length is var blanks and > 0 ? new string(' ', blanks) : "");
    }

    /// <summary>One paragraph of anybody's: a hostile bundle begins no line of its own and does not speak to the terminal.</summary>
    private static void Write(StringBuilder text, string what, string indent, string? hanging = null)
    {
        string line = indent, rest = hanging ?? indent;
        int most = Columns - Math.Max(line.Length, rest.Length);
        bool empty = true;
        foreach (string word in PlainText.Of(what, MaxText).Trim(' ').Split(' ')
            .SelectMany(w => w.Chunk(most).Select(c => new string(c)).DefaultIfEmpty("")))
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
}
