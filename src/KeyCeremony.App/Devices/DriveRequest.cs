using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using KeyCeremony.Core;

namespace KeyCeremony.App.Devices;

/// <summary>What is wanted of the drives. docs/formats/drives.md.</summary>
/// <param name="Do">One of <see cref="DriveWords"/>.</param>
/// <param name="Drive">The drive's name and its <see cref="Devices.Drive.Plugged"/>, as they were listed.</param>
internal sealed record DriveRequest(string Do, string? Drive = null, long Plugged = 0,
    string? Volume = null, string? Place = null, bool Write = false);

internal static class DriveWords
{
    public const string List = "list";
    public const string Mount = "mount";
    public const string Unmount = "unmount";
    public const string Eject = "eject";
}

/// <param name="List">The answer to <c>list</c>.</param>
/// <param name="Refused">Why it was not done; nothing was done then.</param>
internal sealed record DriveAnswer(DriveList? List = null, Refusal? Refused = null);

/// <summary>Asks whoever may handle drives: this process, or the helper behind its socket.</summary>
internal delegate DriveAnswer AskDrives(DriveRequest request);

/// <summary>One line of JSON each way.</summary>
internal static class DriveJson
{
    /// <summary>The longest request has under 200 bytes.</summary>
    public const int MaxRequest = 512;

    /// <summary>32 drives of 16 partitions, their texts at most 64 characters.</summary>
    public const int MaxAnswer = 256 * 1024;

    private static readonly DriveJsonContext Strict = new(new JsonSerializerOptions
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        AllowDuplicateProperties = false,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
        MaxDepth = 8,
    });

    public static byte[] Write(DriveRequest request) => [.. JsonSerializer.SerializeToUtf8Bytes(request, Strict.DriveRequest), (byte)'\n'];

    public static byte[] Write(DriveAnswer answer) => [.. JsonSerializer.SerializeToUtf8Bytes(answer, Strict.DriveAnswer), (byte)'\n'];

    public static bool TryReadRequest(ReadOnlySpan<byte> line, [NotNullWhen(true)] out DriveRequest? request) =>
        TryRead(line, l => JsonSerializer.Deserialize(l, Strict.DriveRequest), out request) && request.Do is not null;

    public static bool TryReadAnswer(ReadOnlySpan<byte> line, [NotNullWhen(true)] out DriveAnswer? answer) =>
        TryRead(line, l => JsonSerializer.Deserialize(l, Strict.DriveAnswer), out answer);

    private static bool TryRead<T>(ReadOnlySpan<byte> line, Func<string, T?> read, [NotNullWhen(true)] out T? value) where T : class
    {
        try
        {
            value = line.EndsWith("\n"u8) ? read(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(line)) : null;
        }
        catch (Exception e) when (e is JsonException or DecoderFallbackException)
        {
            value = null;
        }
        return value is not null;
    }
}

[JsonSerializable(typeof(DriveRequest))]
[JsonSerializable(typeof(DriveAnswer))]
internal sealed partial class DriveJsonContext : JsonSerializerContext;
