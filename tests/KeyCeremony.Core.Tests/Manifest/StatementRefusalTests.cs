using System.Collections.Immutable;
using System.Text;
using KeyCeremony.Core.Manifest;

namespace KeyCeremony.Core.Tests.Manifest;

/// <summary>What is no statement, byte by byte and value by value.</summary>
public class StatementRefusalTests
{
    private static readonly string Good = Encoding.UTF8.GetString(Batches.Draft().Write());

    /// <summary>Part of the good draft, what stands there instead, and the rule that finds it.</summary>
    public static TheoryData<string, string, string> Edits => new()
    {
        // Other JSON with the same meaning is no statement: one statement has one form.
        { "{\"_type\"", "\uFEFF{\"_type\"", "BATCH-01" },
        { "{\"_type\"", " {\"_type\"", "BATCH-01" },
        { "\"site\":", "\"site\": ", "BATCH-01" },
        { "}\n", "}", "BATCH-01" },
        { "}\n", "}\n\n", "BATCH-01" },
        { "}\n", "}\r\n", "BATCH-01" },
        { "}\n", "}\n{}", "BATCH-01" },
        { "}\n", "}\n\0", "BATCH-01" },
        { "}\n", "} // signed\n", "BATCH-01" },
        { "Zürich", "Z\\u00fcrich", "BATCH-01" },
        { "SMT 4", "\\u0053MT 4", "BATCH-01" },
        { "7/9", "7\\/9", "BATCH-01" },
        { "\"line\":\"SMT 4\",\"operator\"", "\"operator\"", "BATCH-01" },
        { "\"line\":\"SMT 4\"", "\"line\":\"SMT 4\",\"line\":\"SMT 5\"", "BATCH-01" },
        { "\"line\":\"SMT 4\"", "\"line\":\"SMT 4\",\"shift\":\"2\"", "BATCH-01" },
        { "\"site\":\"Zürich Nord\",\"line\":\"SMT 4\"", "\"line\":\"SMT 4\",\"site\":\"Zürich Nord\"", "BATCH-01" },
        { "\"line\"", "\"Line\"", "BATCH-01" },
        { "\"line\"", "\"l\\u0069ne\"", "BATCH-01" },
        { "\"SMT 4\"", "null", "BATCH-01" },
        { "\"SMT 4\"", "4", "BATCH-01" },
        { "\"SMT 4\"", "[\"SMT 4\"]", "BATCH-01" },
        { "\"SMT 4\"", "\"SMT 4", "BATCH-01" },
        { "\"SMT 4\"", "'SMT 4'", "BATCH-01" },
        { "SMT 4", "\\ud800", "BATCH-01" },
        { "SMT 4", "\\udc00\\ud800", "BATCH-01" },
        { "\"critical", "\"prevManifest\":null,\"critical", "BATCH-01" },
        { "\"yield\":{\"built\":3,\"scrapped\":2,\"reworked\":1}",
            "\"yield\":{\"built\":3,\"scrapped\":2,\"reworked\":1},\"prevManifest\":null", "BATCH-01" },
        { "{\"component\":\"bootloader\"", "null,{\"component\":\"bootloader\"", "BATCH-01" },
        { "{\"mpn\":\"STM32H573\"", "null,{\"mpn\":\"STM32H573\"", "BATCH-01" },
        { "{\"name\":\"devices.csv\"", "null,{\"name\":\"devices.csv\"", "BATCH-01" },
        { "\"built\":3", "\"built\":3.0", "BATCH-01" },
        { "\"built\":3", "\"built\":3e0", "BATCH-01" },
        { "\"built\":3", "\"built\":03", "BATCH-01" },
        { "\"built\":3", "\"built\":\"3\"", "BATCH-01" },
        { "\"built\":3", "\"built\":-0", "BATCH-01" },
        { "\"built\":3", "\"built\":1e400", "BATCH-01" },
        { "\"built\":3", "\"built\":99999999999999999999", "BATCH-01" },
        { "\"securityCounter\":17", "\"securityCounter\":4294967296", "BATCH-01" },
        { "\"securityCounter\":17", "\"securityCounter\":-1", "BATCH-01" },
        { "\"securityCounter\":17", "\"securityCounter\":17.5", "BATCH-01" },

        { "https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0.1", "BATCH-02" },
        { "device-batch:v1", "device-batch:v2", "BATCH-02" },
        { "rfc9162-sha256", "rfc6962-sha256", "BATCH-02" },

        { "T06:00:00Z", "T06:00:00z", "BATCH-06" },
        { "T06:00:00Z", "T06:00:00+00:00", "BATCH-06" },
        { "T06:00:00Z", "T06:00:00.000Z", "BATCH-06" },
        { "T06:00:00Z", "T06:00Z", "BATCH-06" },
        { "T06:00:00Z", " 06:00:00Z", "BATCH-06" },
        { "T06:00:00Z", "T24:00:00Z", "BATCH-06" },
        { "2026-11-22T06", "2026-02-30T06", "BATCH-06" },
        { "2026-11-22T06", "26-11-22T06", "BATCH-06" },

        { ",\"revalidation\":\"ECO-2026-17\"", "", "BATCH-12" },
        { "\"replaces\":\"ATECC608A\",", "", "BATCH-12" },
        { "\"revalidation\":\"ECO-2026-17\"", "\"revalidation\":null", "BATCH-12" },
    };

    [Theory]
    [MemberData(nameof(Edits))]
    public void An_edited_statement_is_refused(string part, string instead, string rule)
    {
        Assert.Contains(part, Good, StringComparison.Ordinal);
        int at = Good.IndexOf(part, StringComparison.Ordinal);

        Assert.Equal(rule, Batches.Refused(Encoding.UTF8.GetBytes(Good[..at] + instead + Good[(at + part.Length)..])));
    }

    [Fact]
    public void Bytes_that_are_no_utf_8_are_refused()
    {
        byte[] bytes = Encoding.UTF8.GetBytes(Good);
        int at = bytes.AsSpan().IndexOf("SMT"u8);
        foreach (byte[] wrong in new byte[][] { [0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xc3], [0xf5, 0x80, 0x80, 0x80] })
            Assert.Equal("BATCH-01", Batches.Refused([.. bytes.AsSpan(0, at), .. wrong, .. bytes.AsSpan(at)]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("null\n")]
    [InlineData("{}\n")]
    [InlineData("[]\n")]
    [InlineData("{\"_type\"")]
    public void What_is_no_statement_at_all_is_refused(string json) =>
        Assert.Equal("BATCH-01", Batches.Refused(Encoding.UTF8.GetBytes(json)));

    [Theory]
    [InlineData('[')]
    [InlineData('{')]
    public void Deep_nesting_is_refused(char opening)
    {
        string deep = string.Concat(Enumerable.Repeat(opening == '[' ? "[" : "{\"a\":", 9000));
        Assert.Equal("BATCH-01", Batches.Refused(Encoding.UTF8.GetBytes(deep)));
        Assert.Equal("BATCH-01", Batches.Refused(Encoding.UTF8.GetBytes(Good.Replace("\"SMT 4\"", deep, StringComparison.Ordinal))));
    }

    [Fact]
    public void A_file_over_the_limit_is_refused_before_it_is_read() =>
        Assert.Equal("BATCH-01", Batches.Refused([.. Encoding.UTF8.GetBytes(Good), .. new byte[BatchStatement.MaxBytes]]));

    public static TheoryData<string> NoNames =>
        ["", "B-1", "1b", "a--b", "-a", "a-", "a b", "a/b", "../b", "ä", "a_b", "a.b", new('a', 65)];

    [Theory]
    [MemberData(nameof(NoNames))]
    public void A_batch_id_is_a_name_or_refused(string id) => Refused("BATCH-03", draft => draft with { BatchId = id });

    [Theory]
    [InlineData("Production")]
    [InlineData("test")]
    [InlineData("")]
    public void An_environment_is_one_of_four_or_refused(string environment) =>
        Refused("BATCH-04", draft => draft with { Environment = environment });

    public static TheoryData<string> NoTexts =>
    [
        "", " a", "a ", "a  b", "a\tb", "a\nb", "a\0b", "a\u007fb", "a\u0085b", "a\u00a0b",
        "a\u00adb", "a\u200bb", "a\u202eb", "a\u2066b", "a\ufeffb",
        "Zu\u0308rich", "\u212bngstrom", "ﬁne", "ｗide", "Zürich\u2028", "S\u041cT 4", "\ud83d\ude00", "²", new('a', 129),
    ];

    [Theory]
    [MemberData(nameof(NoTexts))]
    public void A_text_that_cannot_be_seen_as_it_is_is_refused(string text)
    {
        Refused("BATCH-05", draft => draft with { Site = text });
        Refused("BATCH-05", draft => draft with { Line = text });
        Refused("BATCH-05", draft => draft with { Operator = text });
        Refused("BATCH-05", draft => draft with { Product = draft.Product with { Sku = text } });
        Refused("BATCH-05", draft => draft with { Product = draft.Product with { HwRev = text } });
        Refused("BATCH-05", draft => draft with { Subjects = draft.Subjects.SetItem(0, draft.Subjects[0] with { Name = text }) });
        foreach (Func<BatchFirmware, BatchFirmware> edit in new Func<BatchFirmware, BatchFirmware>[] { f => f with { Component = text },
            f => f with { Version = text }, f => f with { SigningKeyId = text } })
            Refused("BATCH-05", draft => draft with { Firmware = draft.Firmware.SetItem(1, edit(draft.Firmware[1])) });
        foreach (Func<BatchPart, BatchPart> edit in new Func<BatchPart, BatchPart>[] { p => p with { Mpn = text },
            p => p with { Supplier = text }, p => p with { Lot = text }, p => p with { Substitution = new(text, "ECO-1") },
            p => p with { Substitution = new("X", text) } })
            Refused("BATCH-05", draft => WithPart(draft, edit));
    }

    public static TheoryData<string> NoHashes =>
        ["", "00", new string('0', 63), new string('0', 65), new string('A', 64), new string('g', 64), new string('0', 63) + "٣"];

    [Theory]
    [MemberData(nameof(NoHashes))]
    public void A_hash_is_64_lower_case_hex_digits_or_refused(string hash)
    {
        Refused("BATCH-07", draft => draft with { Subjects = draft.Subjects.SetItem(0, draft.Subjects[0] with { Sha256 = hash }) });
        Refused("BATCH-07", draft => draft with { Firmware = draft.Firmware.SetItem(0, draft.Firmware[0] with { Sha256 = hash }) });
        Refused("BATCH-07", draft => draft with { Hardware = draft.Hardware with { HbomDigest = hash } });
        Refused("BATCH-07", draft => draft with { IssuingCa = draft.IssuingCa with { CertSha256 = hash } });
        Refused("BATCH-07", draft => draft with { IssuingCa = draft.IssuingCa with { SpkiSha256 = hash } });
        Refused("BATCH-07", draft => draft with { Devices = draft.Devices with { Root = hash } });
        Refused("BATCH-07", draft => draft with { PrevManifest = hash });
        Refused("BATCH-07", draft => draft with { CeremonyTranscriptHash = hash });
    }

    [Theory]
    [InlineData("fff1")]
    [InlineData("FFF")]
    [InlineData("FFF10")]
    [InlineData("FFG1")]
    [InlineData("")]
    public void Vendor_and_product_are_four_upper_case_hex_digits_or_refused(string number)
    {
        Refused("BATCH-08", draft => draft with { Product = draft.Product with { Vid = number } });
        Refused("BATCH-08", draft => draft with { Product = draft.Product with { Pid = number } });
    }

    [Fact]
    public void A_batch_finished_before_it_was_started_or_in_part_of_a_second_is_refused()
    {
        Refused("BATCH-06", draft => draft with { FinishedOn = draft.StartedOn.AddSeconds(-1) });
        // These have no spelling of their own: whoever puts a statement together is told.
        Assert.Equal("BATCH-06", (Batches.Draft() with { StartedOn = Batches.Started.AddMilliseconds(1) }).Check()!.Rule);
        Assert.Equal("BATCH-06", (Batches.Draft() with { StartedOn = Batches.Started.ToOffset(TimeSpan.FromHours(1)) }).Check()!.Rule);
    }

    [Fact]
    public void Other_subjects_than_the_predicate_names_are_refused()
    {
        Refused("BATCH-09", draft => draft with { Subjects = [] });
        Refused("BATCH-09", draft => draft with { Subjects = draft.Subjects.RemoveAt(0) });
        Refused("BATCH-09", draft => draft with { Subjects = draft.Subjects.RemoveAt(1) });
        Refused("BATCH-09", draft => draft with { Subjects = draft.Subjects.RemoveAt(3) });
        Refused("BATCH-09", draft => draft with { Subjects = draft.Subjects.Add(new("more.bin", Batches.Hex("more"))) });
        Refused("BATCH-09",
            draft => draft with { Subjects = [draft.Subjects[0], draft.Subjects[2], draft.Subjects[1], draft.Subjects[3]] });
        Refused("BATCH-09", draft => draft with { Subjects = draft.Subjects.SetItem(2, draft.Subjects[2] with { Name = "boot.bin" }) });
        Refused("BATCH-09",
            draft => draft with { Subjects = draft.Subjects.SetItem(2, draft.Subjects[2] with { Sha256 = Batches.Hex("other") }) });
    }

    [Theory]
    [InlineData("../devices.csv")]
    [InlineData("a/devices.csv")]
    [InlineData("a\\devices.csv")]
    [InlineData("C:devices.csv")]
    [InlineData(".devices.csv")]
    public void A_subject_that_is_no_plain_file_name_is_refused(string name) =>
        Refused("BATCH-09", draft => draft with { Subjects = draft.Subjects.SetItem(0, draft.Subjects[0] with { Name = name }) });

    [Fact]
    public void No_firmware_too_much_firmware_and_a_component_twice_are_refused()
    {
        Refused("BATCH-10", draft => draft with { Firmware = [] });
        Refused("BATCH-10",
            draft => draft with { Firmware = [.. Enumerable.Range(0, 65).Select(i => draft.Firmware[0] with { Component = $"c{i}" })] });
        Refused("BATCH-10", draft => draft with { Firmware = [draft.Firmware[0], draft.Firmware[1] with { Component = "bootloader" }] });
    }

    [Fact]
    public void Too_many_parts_and_a_lot_twice_are_refused()
    {
        Refused("BATCH-11", draft => draft with
        {
            Hardware = draft.Hardware with
            {
                CriticalParts = [.. Enumerable.Range(0, 201).Select(i => new BatchPart($"p{i}", "s", "l", "2614"))],
            },
        });
        Refused("BATCH-11", draft => draft with
        {
            Hardware = draft.Hardware with { CriticalParts = draft.Hardware.CriticalParts.Add(draft.Hardware.CriticalParts[0]) },
        });
    }

    [Theory]
    [InlineData("2600")]
    [InlineData("2654")]
    [InlineData("26141")]
    [InlineData("261")]
    [InlineData("٢٦١٤")]
    [InlineData("2026-02-30")]
    [InlineData("2026-4-1")]
    [InlineData("2026/04/01")]
    [InlineData("")]
    public void A_date_code_of_no_week_and_no_day_is_refused(string code) =>
        Refused("BATCH-11", draft => WithPart(draft, part => part with { DateCode = code }));

    [Fact]
    public void A_part_that_replaces_itself_is_refused() =>
        Refused("BATCH-12", draft => WithPart(draft, part => part with { Substitution = new(part.Mpn, "ECO-1") }));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1_000_000_001)]
    public void A_batch_without_devices_or_with_too_many_is_refused(long size) =>
        Refused("BATCH-13", draft => draft with { Devices = draft.Devices with { TreeSize = size }, Yield = new(size, 0, 0) });

    [Theory]
    [InlineData(4, 0, 0)]
    [InlineData(2, 1, 0)]
    [InlineData(3, -1, 0)]
    [InlineData(3, 0, -1)]
    [InlineData(3, 0, 4)]
    [InlineData(3, 1_000_000_001, 0)]
    public void A_yield_that_cannot_be_is_refused(long built, long scrapped, long reworked) =>
        Refused("BATCH-14", draft => draft with { Yield = new(built, scrapped, reworked) });

    [Fact]
    public void A_statement_that_would_not_fit_an_entry_is_refused()
    {
        string text(int i) => $"{i} {new string('é', 120)}";
        BatchStatement large = Batches.Draft() with
        {
            Hardware = new(Batches.Hex("hbom"),
                [.. Enumerable.Range(0, 200).Select(i => new BatchPart(text(i), text(i), text(i), "2614"))]),
        };

        Assert.Equal("BATCH-01", large.Check()!.Rule);
        Assert.Equal("BATCH-01", Batches.Refused(large.Write()));
    }

    private static void Refused(string rule, Func<BatchStatement, BatchStatement> edit)
    {
        BatchStatement edited = edit(Batches.Draft());
        Assert.Equal(rule, edited.Check()?.Rule);
        Assert.Equal(rule, Batches.Refused(edited.Write()));
    }

    private static BatchStatement WithPart(BatchStatement draft, Func<BatchPart, BatchPart> edit) =>
        draft with
        {
            Hardware = draft.Hardware with
            {
                CriticalParts = draft.Hardware.CriticalParts.SetItem(0, edit(draft.Hardware.CriticalParts[0])),
            },
        };
}
