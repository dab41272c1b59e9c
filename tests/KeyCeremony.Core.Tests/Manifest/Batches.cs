using System.Security.Cryptography;
using System.Text;
using KeyCeremony.Core.Manifest;

namespace KeyCeremony.Core.Tests.Manifest;

/// <summary>Statements and trees that the tests build on.</summary>
internal static class Batches
{
    public static readonly DateTimeOffset Started = new(2026, 11, 22, 6, 0, 0, TimeSpan.Zero);

    /// <summary>A hash of this text, lower-case hex.</summary>
    public static string Hex(string of) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(of)));

    /// <summary>A draft that every rule accepts.</summary>
    public static BatchStatement Draft(string id = "b-2026-0142", long devices = 3, string? root = null) => new()
    {
        Subjects = [new("devices.csv", Hex("devices")), new("boot.bin", Hex("boot")), new("app.bin", Hex("app")), new("board.cdx.json", Hex("hbom"))],
        BatchId = id,
        Environment = "rehearsal",
        Site = "Zürich Nord",
        Line = "SMT 4",
        Operator = "Example Manufacturing AG",
        StartedOn = Started,
        FinishedOn = Started.AddHours(9),
        Product = new("FFF1", "8001", "LOCK-1", "C2"),
        Firmware = [new("bootloader", "2.0.1", Hex("boot"), 4, "fw-key-2"), new("application", "1.14.0+5", Hex("app"), 17, "fw-key-2")],
        Hardware = new(Hex("hbom"), [new("STM32H573", "Example Silicon", "L4711", "2614"), new("ATECC608B", "Example \"Parts\" & Söhne", "7/9", "2026-04-01", new("ATECC608A", "ECO-2026-17"))]),
        IssuingCa = new(Hex("ca"), Hex("ca key")),
        Devices = new(devices, root ?? Hex("root")),
        Yield = new(devices, 2, 1),
    };

    public static BatchStatement Read(byte[] json)
    {
        Assert.True(BatchStatement.TryRead(json, out var statement, out var refusal), refusal?.ToString());
        return statement;
    }

    public static string Refused(ReadOnlySpan<byte> json)
    {
        Assert.False(BatchStatement.TryRead(json, out var statement, out var refusal));
        Assert.Null(statement);
        return refusal.Rule;
    }
}
