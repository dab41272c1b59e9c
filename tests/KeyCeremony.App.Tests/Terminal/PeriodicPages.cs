using System.Collections.Immutable;
using KeyCeremony.App.Terminal;
using KeyCeremony.App.Tests.Room;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using static KeyCeremony.App.Tests.Terminal.Pages;

namespace KeyCeremony.App.Tests.Terminal;

/// <summary>Questions of the periodic signings that a smooth ceremony never meets.</summary>
internal static class PeriodicPages
{
    private const string Serial = "1f:2e:3d:4c:5b:6a";

    private static readonly ImmutableArray<FoundFile> Thirty = [.. Enumerable.Range(1, 30)
        .Select(n => new FoundFile($"request-{n:D2}.csr", 700 + (n * 13)))];

    public static readonly ImmutableArray<(string Name, Func<Display, Frame> Draw)> All =
    [
        ("bag-needed", d => Draw(d, Crl().GoTo("open-bags", "here/activation share card 1"))),
        ("file-none", d => Draw(d, Requests(r => r.Stick = []).GoTo("request-tls", "file"))),
        ("file-of-3", d => Draw(d, Requests().GoTo("request-tls", "file"), Key.Of('3'))),
        ("file-of-30", d => Draw(d, Requests(r => r.Stick = Thirty).GoTo("request-tls", "file"))),
        ("file-of-30-marked-15", d => Draw(d, Requests(r => r.Stick = Thirty).GoTo("request-tls", "file"), Down(15))),
        ("file-of-30-marked-last", d => Draw(d, Requests(r => r.Stick = Thirty).GoTo("request-tls", "file"), new Key(KeyKind.Up))),
        ("file-nothing-marked", d => Draw(d, Requests(r => r.Stick = Thirty).GoTo("request-tls", "file"), new Key(KeyKind.Enter))),
        ("file-with-long-names", d => Draw(d, Requests(r => r.Stick = [.. Thirty.Select(f => f with
        {
            Name = $"{string.Concat(Enumerable.Repeat("very-", 18))}{f.Name[8..10]}.csr",
        })]).GoTo("request-tls", "file"), Down(4))),
        ("file-refused", d => Draw(d, Requests(r => r.Refuses = SmallFactor).GoTo("request-tls", "refused"))),
        ("file-refused-at-length", d => Draw(d, Requests(r => r.Refuses = Verbose).GoTo("request-tls", "refused"), Key.Of('2'))),
        ("told-how", d => Draw(d, Requests().GoTo("request-tls", "told"))),
        ("told-typed-wrong", d => Draw(d, Requests().Answer("request-tls", "told", "type"),
            [.. "adroitness adviser".Select(Key.Of), new Key(KeyKind.Enter)])),
        ("told-another", d => Draw(d, Requests().Answer("request-tls", "told", "type"),
            [.. new string('a', 64).Select(Key.Of), new Key(KeyKind.Enter)])),
        ("told-compared", d => Draw(d, Requests().Answer("request-tls", "told", "compare"))),
        ("taken", d => Draw(d, Requests().GoTo("request-tls", "take"))),
        ("left-out", d => Draw(d, Requests().Answer("request-tls", "file", "leave-out").GoTo(m => m is Ask))),
        ("preview-of-a-request", d => Draw(d, Requests().GoTo("preview-tls", "words"), new Key(KeyKind.F5))),
        ("list-first", d => Draw(d, Crl().GoTo("preview-list", "more"))),
        ("list-gathered", d => Draw(d, Gathered().GoTo("preview-list", "more"), Key.Of('3'))),
        ("list-file", d => Draw(d, Crl().Answer("preview-list", "more", "file").GoTo("preview-list", "file"))),
        ("list-file-refused",
            d => Draw(d, Crl(r => r.Refuses = BadRows).Answer("preview-list", "more", "file").GoTo("preview-list", "refused"))),
        ("typed-serial", d => Draw(d, Crl().Answer("preview-list", "more", "serial"))),
        ("typed-serial-refused",
            d => Draw(d, Typing().GoTo("preview-list", "serial"), [.. "no serial".Select(Key.Of), new Key(KeyKind.Enter)])),
        ("typed-reason", d => Draw(d, Reasoned())),
        ("typed-revoked", d => Draw(d, Reasoned().Answer("preview-list", "reason", "keyCompromise"))),
        ("typed-in-the-future", d => Draw(d, Reasoned().Answer("preview-list", "reason", "keyCompromise"),
            [.. "2031-01-01 00:00:00".Select(Key.Of), new Key(KeyKind.Enter)])),
        ("typed-invalidity",
            d => Draw(d, Reasoned().Answer("preview-list", "reason", "keyCompromise").Answer("preview-list", "revoked", ""))),
        ("typed-right", d => Draw(d, Entered("keyCompromise").GoTo("preview-list", "enter"))),
        ("typed-certificate-right", d => Draw(d, Reissued().GoTo("preview-list", "enter"))),
        ("difference", d => Draw(d, Gathered().GoTo("preview-list", "list"))),
        ("difference-whole", d => Draw(d, Gathered().GoTo("preview-list", "list"), new Key(KeyKind.F5))),
        ("difference-words", d => Draw(d, Gathered().GoTo("preview-list", "words"))),
        ("started-over", d => Draw(d, Gathered().Answer("preview-list", "list", "again"))),
        ("hold-released", d => Draw(d, Released().GoTo("preview-list", "list"), new Key(KeyKind.F5))),
        ("list-cannot-be-written", d => Draw(d, Crl(r => r.Refuses = NoLastList).GoTo("preview-list", "list"))),
        ("list-fails-its-rules", d => Draw(d, Crl(r => r.ListFails = new Finding("CRL-07",
            "fail", "nextUpdate lies 400 days after thisUpdate; at most 366 are allowed.")).GoTo("preview-list", "list"))),
        ("release-of-a-text", d => Draw(d, Text().GoTo("preview", "take"), new Key(KeyKind.F5))),
        ("release-of-a-text-settings", d => Draw(d, Text().GoTo("preview", "take"), new Key(KeyKind.F5), new Key(KeyKind.PageDown),
            new Key(KeyKind.PageDown))),
        ("list-signed", d => Draw(d, Gathered().GoTo("sign-list", "seen"))),
    ];

    private static Refusal SmallFactor => new("PUBKEY-05", "The RSA modulus has the factor 3.",
        "Make a new key with a sound generator, and a new request; report the generator of this one.");

    private static Refusal Verbose => new("REQ-05", string.Join(' ', Enumerable.Repeat("The extension has a form that no tool writes.", 8)),
        string.Join(' ', Enumerable.Repeat("Make the request again with another tool.", 8)));

    private static Refusal BadRows => new("REVOKE-01",
        string.Join(' ', Enumerable.Range(2, 10).Select(n => $"Line {n}, column 14: \"22.11.2026\" is no date.")) + " And 41 more.",
        "Write dates as 2026-11-22T18:30:00Z.");

    private static Refusal NoLastList => new("IN-03", "The last list \"root\", number 4, is on no record stick.",
        "Copy it from the bundle of its ceremony (crls/root-4.crl) to the import stick. "
            + "Without it nobody knows what must stay on the next one.");

    private static Key[] Down(int times) => [.. Enumerable.Repeat(new Key(KeyKind.Down), times)];

    private static FakeRoom Requests(Action<FakeRoom>? prepare = null) => After("intermediate-signing.md", prepare, "root-creation.md");

    private static FakeRoom Crl(Action<FakeRoom>? prepare = null) =>
        After("crl-signing.md", prepare, "root-creation.md", "intermediate-signing.md");

    /// <summary>The manifest of a RAUC bundle is to be signed.</summary>
    private static FakeRoom Text() => After("release-signing.md", room => room.Delivered =
        room.Delivered.Clear().Add("bundle-1.15.0", ReleaseFolder.Of("rauc-verity")), "root-creation.md", "release-key.md");

    private static FakeRoom Typing(Action<FakeRoom>? prepare = null) => Crl(prepare).Answer("preview-list", "more", "serial");

    private static FakeRoom Reasoned() => Typing().Answer("preview-list", "serial", Serial);

    private static FakeRoom Entered(string reason) => Reasoned().Answer("preview-list", "reason", reason);

    private static FakeRoom Gathered() => Entered("certificateHold").Answer("preview-list", "enter", "enter")
        .Answer("preview-list", "more", "file").Answer("preview-list", "file", "revoked-devices.csv");

    private static FakeRoom Reissued() =>
        Crl().Answer("preview-list", "more", "certificate/tls-t1").Answer("preview-list", "reason", "superseded");

    private static FakeRoom Released()
    {
        FakeRoom room = Gathered().ToTheEnd();
        room.Continue("crl-signing.md");
        return room.Answer("preview-list", "more", "serial").Answer("preview-list", "serial", Serial)
            .Answer("preview-list", "reason", "removeFromCRL").Answer("preview-list", "enter", "enter");
    }
}
