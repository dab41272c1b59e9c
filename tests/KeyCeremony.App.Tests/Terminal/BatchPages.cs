using System.Collections.Immutable;
using KeyCeremony.App.Terminal;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Script;
using static KeyCeremony.App.Tests.Terminal.Pages;

namespace KeyCeremony.App.Tests.Terminal;

/// <summary>Questions about batches that a smooth ceremony with one batch never asks, and the statement page by page.</summary>
internal static class BatchPages
{
    private static readonly Key Page = new(KeyKind.PageDown);

    public static readonly ImmutableArray<(string Name, Func<Display, Frame> Draw)> All =
    [
        ("file-none", d => Draw(d, Batches(r => r.Drafts = []).GoTo("batches", "file"))),
        ("file-of-2", d => Draw(d, Batches().GoTo("batches", "file"), Key.Of('2'))),
        ("refused", d => Draw(d, Batches(r => r.Built = b => b with { Environment = Environments.Production }).GoTo("batches", "refused"))),
        ("refused-at-length", d => Draw(d, Batches(r => r.Built = Hopeless).GoTo("batches", "refused"))),
        ("refused-at-length-whole", d => Draw(d, Batches(r => r.Built = Hopeless).GoTo("batches", "refused"), new Key(KeyKind.F5))),
        ("told-how", d => Draw(d, Batches().GoTo("batches", "told"))),
        ("told-typed", d => Draw(d, Batches().Answer("batches", "told", "type"))),
        ("told-another",
            d => Draw(d, Batches().Answer("batches", "told", "type"), [.. new string('a', 64).Select(Key.Of), new Key(KeyKind.Enter)])),
        ("told-compared", d => Draw(d, Batches().Answer("batches", "told", "compare"))),
        ("shown", d => Draw(d, Batches().GoTo("batches", "take"))),
        ("shown-whole-1", d => Draw(d, Batches().GoTo("batches", "take"), new Key(KeyKind.F5))),
        ("shown-whole-2", d => Draw(d, Batches().GoTo("batches", "take"), new Key(KeyKind.F5), Page)),
        ("shown-whole-3", d => Draw(d, Batches().GoTo("batches", "take"), new Key(KeyKind.F5), Page, Page)),
        ("shown-whole-last", d => Draw(d, Batches().GoTo("batches", "take"), [new Key(KeyKind.F5), .. Enumerable.Repeat(Page, 20)])),
        ("shown-unknown", d => Draw(d, Batches(r => r.Beside = ["boot.bin", "board.cdx.json"]).GoTo("batches", "take"))),
        ("shown-unknown-whole",
            d => Draw(d, Batches(r => r.Beside = ["boot.bin", "board.cdx.json"]).GoTo("batches", "take"), new Key(KeyKind.F5))),
        ("other-devices", d => Draw(d,
            Batches(r => r.Built = b => b with { Devices = b.Devices with { Root = new string('0', 64) } }).GoTo("batches", "refused"))),
        ("other-image", d => Draw(d, Batches(r => r.Built = OtherImage).GoTo("batches", "refused"))),
        ("shown-many", d => Draw(d, Batches(r => r.Built = Many).GoTo("batches", "take"))),
        ("words", d => Draw(d, Batches().GoTo("batches", "words"))),
        ("more-after-one", d => Draw(d, Batches().GoTo("batches", "more"))),
        ("next-file", d => Draw(d, One().Answer("batches", "more", "another").GoTo("batches", "file/2"))),
        ("next-refused",
            d => Draw(d, One().Answer("batches", "more", "another").Answer("batches", "file/2", First).GoTo("batches", "refused"))),
        ("more-after-several", d => Draw(d, Two().GoTo("batches", "more/2"))),
        ("no-manifest-key", d => Draw(d, Unkeyed().GoTo(m => m is Ask { Question.Blocked: not null }))),
        ("signed-one", d => Draw(d, One().GoTo("sign-manifests", "seen"))),
        ("signed-two", d => Draw(d, Two().GoTo("sign-manifests", "seen"))),
    ];

    private const string First = "b-2026-0142.statement.json";

    private static FakeRoom Batches(Action<FakeRoom>? prepare = null) =>
        After("batch-manifest.md", prepare, "root-creation.md", "manifest-key.md");

    private static FakeRoom Unkeyed() => After("batch-manifest.md", null, "root-creation.md");

    private static FakeRoom One() => Batches().Answer("batches", "file", First).GoTo("batches", "more");

    private static FakeRoom Two() => One().Answer("batches", "more", "another").Answer("batches", "file/2", "b-2026-0143.statement.json");

    /// <summary>Everything that a ledger can say against a batch.</summary>
    private static BatchStatement Hopeless(BatchStatement b) => b with
    {
        Environment = Environments.Production,
        IssuingCa = new BatchIssuingCa(new string('a', 64), new string('b', 64)),
        PrevManifest = new string('c', 64),
        FinishedOn = b.FinishedOn.AddDays(30),
    };

    private static BatchStatement OtherImage(BatchStatement b)
    {
        string sha256 = new('d', 64);
        return b with
        {
            Firmware = b.Firmware.SetItem(1, b.Firmware[1] with { Sha256 = sha256 }),
            Subjects = b.Subjects.SetItem(2, b.Subjects[2] with { Sha256 = sha256 }),
        };
    }

    /// <summary>A product with twelve components.</summary>
    private static BatchStatement Many(BatchStatement b)
    {
        ImmutableArray<BatchFirmware> images = [.. Enumerable.Range(1, 12)
            .Select(n => b.Firmware[0] with { Component = $"module {n:D2}", SecurityCounter = (uint)n })];
        return b with
        {
            Firmware = images,
            Subjects = [b.Subjects[0], .. images.Select((f, n) => new BatchSubject($"module-{n + 1:D2}.bin", f.Sha256)), b.Subjects[^1]],
        };
    }
}
