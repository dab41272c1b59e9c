using System.Text;
using FsCheck;
using FsCheck.Fluent;
using KeyCeremony.Core.Manifest;

namespace KeyCeremony.Core.Tests.Manifest;

public class StatementTests
{
    [Fact]
    public void What_is_written_is_read_again()
    {
        foreach (BatchStatement? statement in new[] { Batches.Draft(), Batches.Final(),
            Batches.Final() with { PrevManifest = Batches.Hex("before") } })
        {
            byte[] json = statement.Write();
            Assert.Null(statement.Check());
            Assert.Equal(json, Batches.Read(json).Write());
            Assert.Equal(statement.IsDraft, Batches.Read(json).IsDraft);
            Assert.EndsWith("}\n", Encoding.UTF8.GetString(json), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Statements_at_the_limits_are_read()
    {
        string text = new('W', BatchStatement.MaxText);
        BatchStatement largest = Batches.Draft(new string('a', 64), BatchStatement.MaxDevices) with
        {
            Site = text,
            Firmware = [.. Enumerable.Range(0, BatchStatement.MaxFirmware)
                .Select(i => new BatchFirmware($"c{i}", text, Batches.Hex($"{i}"), uint.MaxValue, text))],
            Subjects = [new(text, Batches.Hex("devices")),
                .. Enumerable.Range(0, BatchStatement.MaxFirmware).Select(i => new BatchSubject($"{i}.bin", Batches.Hex($"{i}"))),
                new("board.cdx.json", Batches.Hex("hbom"))],
            Hardware = new(Batches.Hex("hbom"), [.. Enumerable.Range(0, BatchStatement.MaxParts).Select(i => new BatchPart($"p{i}",
                "Example Silicon International", $"LOT-{i:d8}", "2653", new($"q{i}", $"ECO-2026-{i:d4}")))]),
            Yield = new(BatchStatement.MaxDevices, BatchStatement.MaxDevices, BatchStatement.MaxDevices),
        };

        Assert.Equal(largest.Write(), Batches.Read(largest.Write()).Write());
        Assert.Equal(uint.MaxValue, Batches.Read(largest.Write()).Firmware[^1].SecurityCounter);
    }

    [Theory]
    [InlineData("2601")]
    [InlineData("2653")]
    [InlineData("2024-02-29")]
    public void Date_codes_of_weeks_and_days_are_read(string code)
    {
        BatchStatement draft = Batches.Draft();
        draft = draft with
        {
            Hardware = draft.Hardware with { CriticalParts = [draft.Hardware.CriticalParts[0] with { DateCode = code }] },
        };
        Assert.Equal(code, Batches.Read(draft.Write()).Hardware.CriticalParts[0].DateCode);
    }

    [Fact]
    public void A_statement_without_critical_parts_is_read()
    {
        BatchStatement draft = Batches.Draft() with { Hardware = new(Batches.Hex("hbom"), []) };
        Assert.Contains(Batches.Read(draft.Write()).Describe(), line => line.ToString() == "critical parts: none named");
    }

    [Fact]
    public void The_words_hold_every_value()
    {
        BatchStatement statement = Batches.Final() with { PrevManifest = Batches.Hex("before") };
        string words = string.Join('\n', statement.Describe());

        foreach (string value in new[]
        {
            "b-2026-0142", "rehearsal", "Zürich Nord", "SMT 4", "Example Manufacturing AG",
            "2026-11-22 06:00:00 UTC", "2026-11-22 15:00:00 UTC", "FFF1", "8001", "LOCK-1", "C2",
            "bootloader", "2.0.1", "security counter 4", "1.14.0+5", "security counter 17",
            "fw-key-2", "STM32H573", "Example Silicon", "L4711", "2614", "ATECC608B", "Söhne", "7/9", "2026-04-01",
            "SUBSTITUTES: ATECC608A, revalidated: ECO-2026-17", "3 built, 1 of them reworked; 2 scrapped",
            "devices.csv", "boot.bin", "app.bin", "board.cdx.json",
            Batches.Hex("devices"), Batches.Hex("boot"), Batches.Hex("app"), Batches.Hex("hbom"),
            Batches.Hex("ca"), Batches.Hex("ca key"), Batches.Hex("root"), Batches.Hex("before"), Batches.Hex("transcript"),
        })
            Assert.Contains(value, words, StringComparison.Ordinal);
        Assert.Contains("devices: 1 000 000", Batches.Draft(devices: 1_000_000).Describe().Select(line => line.ToString()));
    }

    [Fact]
    public void A_draft_says_that_it_is_one()
    {
        Assert.Contains("draft", Words(Batches.Draft(), "state"), StringComparison.Ordinal);
        Assert.Contains("final", Words(Batches.Final(), "state"), StringComparison.Ordinal);
        Assert.Contains("the ceremony looks", Words(Batches.Draft(), "manifest before"), StringComparison.Ordinal);
        Assert.Contains("first", Words(Batches.Final(), "manifest before"), StringComparison.Ordinal);
    }

    /// <summary>Any text that the rules accept survives, whatever it needs to be escaped with.</summary>
    [Fact]
    public void Every_acceptable_text_survives()
    {
        char[] characters = Enumerable.Range(' ', '~' - ' ' + 1).Concat([.. "ÄöüßÉñŁő"]).Select(c => (char)c).ToArray();
        Gen<string> texts = Gen.Elements(characters).ArrayOf().Select(letters => new string(letters));
        Check.QuickThrowOnFailure(Prop.ForAll(texts.ToArbitrary(), text =>
        {
            BatchStatement draft = Batches.Draft() with { Site = text };
            byte[] json = draft.Write();
            return draft.Check() is { } refusal
                ? Batches.Refused(json) == refusal.Rule
                : Batches.Read(json).Site == text && Batches.Read(json).Write().AsSpan().SequenceEqual(json);
        }));
    }

    /// <summary>No other bytes read as the same statement: what is shown is what is signed.</summary>
    [Fact]
    public void A_flipped_bit_is_refused_or_says_something_else()
    {
        byte[] json = Batches.Draft().Write();
        string words = string.Join('\n', Batches.Draft().Describe());
        int read = 0;
        foreach (byte[] flipped in Batches.Flips(json))
            if (BatchStatement.TryRead(flipped, out BatchStatement? statement, out _))
            {
                Assert.NotEqual(words, string.Join('\n', statement.Describe()));
                Assert.Equal(flipped, statement.Write());
                read++;
            }
        Assert.NotEqual(0, read);
    }

    private static string Words(BatchStatement statement, string label) => statement.Describe().Single(line => line.Label == label).Value;
}
