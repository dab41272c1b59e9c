using System.Buffers;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Encodings.Web;
using System.Text.Json;
using KeyCeremony.Core.Reading;

namespace KeyCeremony.Core.Manifest;

/// <summary>One signature of an envelope.</summary>
/// <param name="KeyId">SHA-256 of the signer's SubjectPublicKeyInfo, lower-case hex; of other tools anything, also empty.</param>
/// <param name="Sig">ECDSA in DER, over <see cref="Dsse.Pae"/>.</param>
public sealed record DsseSignature(string KeyId, ImmutableArray<byte> Sig);

/// <summary>
/// A DSSE 1.0 envelope: the exact bytes that were signed, and signatures that nothing has verified yet. Fields that
/// DSSE does not know are ignored, as it demands.
/// </summary>
public sealed record DsseEnvelope(ImmutableArray<byte> Payload, ImmutableArray<DsseSignature> Signatures)
{
    /// <summary>
    /// A statement of 96 KiB takes 128 KiB in base64; the rest is signatures (twenty of ML-DSA-87) and what other tools put beside.
    /// </summary>
    public const int MaxBytes = 256 * 1024;

    /// <summary>The manifest key and a full set of officers.</summary>
    public const int MaxSignatures = 32;

    /// <summary>Bytes; ML-DSA-87 has the longest of all that we verify, 4,627.</summary>
    public const int MaxSignature = 8 * 1024;

    /// <summary>Characters of a key id; ours has 64.</summary>
    public const int MaxKeyId = 256;

    // Other tools' own fields may hold something.
    private const int Depth = 16;

    private static readonly JsonWriterOptions Form = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>UTF-8 JSON: payloadType, payload, signatures (keyid, sig); standard base64, no blank, one line feed at the end.</summary>
    public byte[] Write()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Form))
        {
            json.WriteStartObject();
            json.WriteString("payloadType", Dsse.PayloadType);
            json.WriteBase64String("payload", Payload.AsSpan());
            json.WriteStartArray("signatures");
            foreach (DsseSignature signature in Signatures)
            {
                json.WriteStartObject();
                json.WriteString("keyid", signature.KeyId);
                json.WriteBase64String("sig", signature.Sig.AsSpan());
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Also what other tools wrote: any order, blanks, both alphabets of base64. Else refused: DSSE-01 to DSSE-04.</summary>
    public static bool TryRead(ReadOnlySpan<byte> json, [NotNullWhen(true)] out DsseEnvelope? envelope,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        envelope = null;
        if (json.Length > MaxBytes)
        {
            refusal = NotAnEnvelope($"{json.Length} bytes are too many.");
            return false;
        }
        // RFC 8259 8.1: JSON that is sent on has no mark, and readers need not pass over one.
        if ((TextForm.Unread(json) ?? (TextForm.MarkLength(json) > 0 ? "Line 1 begins with a byte-order mark." : null)) is { } unread)
        {
            refusal = NotAnEnvelope(unread);
            return false;
        }
        try
        {
            using var document = JsonDocument.Parse(json.ToArray(),
                new JsonDocumentOptions { MaxDepth = Depth, AllowDuplicateProperties = false });
            refusal = Read(document.RootElement, out envelope);
        }
        // A text that is no UTF-8, or half a character, is found when it is asked for.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            refusal = NotAnEnvelope(JsonFaults.InWords(e));
        }
        return refusal is null && envelope is not null;
    }

    private static Refusal? Read(JsonElement root, out DsseEnvelope? envelope)
    {
        envelope = null;
        if (Text(root, "payloadType") is not { } payloadType || Text(root, "payload") is not { } payload
            || !root.TryGetProperty("signatures", out JsonElement list) || list.ValueKind != JsonValueKind.Array)
            return NotAnEnvelope("It has no payloadType, no payload or no list of signatures.");
        if (payloadType != Dsse.PayloadType)
            return BatchRules.PayloadType.Refuse("The envelope's payload type is another one.",
                $"Give an envelope whose payload type is {Dsse.PayloadType}.");
        if (Decode(payload) is not { } bytes)
            return NotBase64("The payload");
        if (list.GetArrayLength() is 0 or > MaxSignatures)
            return BatchRules.Signatures.Refuse($"The envelope has {list.GetArrayLength()} signatures.",
                $"Give one with 1 to {MaxSignatures}.");
        ImmutableArray<DsseSignature>.Builder signatures = ImmutableArray.CreateBuilder<DsseSignature>();
        foreach (JsonElement element in list.EnumerateArray())
            if (ReadSignature(element, signatures) is { } refusal)
                return refusal;
        envelope = new DsseEnvelope([.. bytes], signatures.ToImmutable());
        return null;
    }

    private static Refusal? ReadSignature(JsonElement element, ImmutableArray<DsseSignature>.Builder signatures)
    {
        if (Text(element, "sig") is not { } sig)
            return NotAnEnvelope("A signature has no sig.");
        // DSSE 1.0: a missing key id is an empty one.
        string? keyId = element.TryGetProperty("keyid", out JsonElement given)
            ? given.ValueKind == JsonValueKind.String ? given.GetString()! : null
            : "";
        if (keyId is null or { Length: > MaxKeyId })
            return NotAnEnvelope("A key id is no text, or too long.");
        if (Decode(sig) is not { } bytes)
            return NotBase64("A signature");
        if (bytes.Length is 0 or > MaxSignature)
            return BatchRules.Signatures.Refuse($"A signature has {bytes.Length} bytes.", "Ask for the envelope again.");
        signatures.Add(new DsseSignature(keyId, [.. bytes]));
        return null;
    }

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value)
            && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>Null when it is not base64 of one of the two alphabets; the second may go without its padding.</summary>
    private static byte[]? Decode(string text)
    {
        bool isUrl = text.AsSpan().IndexOfAny('-', '_') >= 0 && text.AsSpan().IndexOfAny('+', '/') < 0;
        string standard = isUrl ? text.Replace('-', '+').Replace('_', '/') : text;
        if (!text.Contains('='))
            standard = standard.PadRight((standard.Length + 3) / 4 * 4, '=');
        return ExactBase64.Read(standard);
    }

    private static Refusal NotAnEnvelope(string found) =>
        BatchRules.Envelope.Refuse($"This is not a DSSE envelope: {found}", "Take the file again from where the ceremony's bundle lies.");

    private static Refusal NotBase64(string what) =>
        BatchRules.Base64.Refuse($"{what} of the envelope is not base64 in its exact form.",
            "Take the file again from where the ceremony's bundle lies.");
}
