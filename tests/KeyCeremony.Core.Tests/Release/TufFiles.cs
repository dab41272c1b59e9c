using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using KeyCeremony.Core.Release.Tuf;

namespace KeyCeremony.Core.Tests.Release;

/// <summary>Root files of The Update Framework, made and signed with keys of the test.</summary>
internal sealed class TufFiles : IDisposable
{
    public static readonly DateTimeOffset Now = new(2026, 12, 1, 10, 0, 0, TimeSpan.Zero);

    /// <summary>Three root keys, the third of which comes with version 2, and one key for what is signed on machines.</summary>
    public ECDsa[] Ec { get; } = [.. Enumerable.Range(0, 4).Select(_ => ECDsa.Create(ECCurve.NamedCurves.nistP256))];

    public RSA Rsa { get; } = RSA.Create(3072);

    public void Dispose()
    {
        foreach (ECDsa key in Ec)
            key.Dispose();
        Rsa.Dispose();
    }

    public static JsonObject KeyOf(ECDsa key, string scheme = "ecdsa-sha2-nistp256") =>
        KeyOf("ecdsa", scheme, key.ExportSubjectPublicKeyInfoPem() + "\n");

    public static JsonObject KeyOf(string keytype, string scheme, string value) => new()
    {
        ["keytype"] = keytype,
        ["scheme"] = scheme,
        ["keyval"] = new JsonObject { ["public"] = value },
    };

    public static string IdOf(JsonObject key) => Convert.ToHexStringLower(SHA256.HashData(Canonical(key)));

    /// <summary>Two of two root keys; the machines' key has the other roles.</summary>
    public JsonObject First() => Signed(1, [KeyOf(Ec[0]), KeyOf(Ec[1])], 2);

    /// <summary>The second key goes and the third comes.</summary>
    public JsonObject Second() => Signed(2, [KeyOf(Ec[0]), KeyOf(Ec[2])], 2);

    public JsonObject Signed(int version, JsonObject[] rootKeys, int threshold)
    {
        JsonObject online = KeyOf(Ec[3]);
        JsonObject Role(IEnumerable<JsonObject> keys, int asked) =>
            new() { ["keyids"] = new JsonArray([.. keys.Select(key => JsonValue.Create(IdOf(key)))]), ["threshold"] = asked };
        return new JsonObject
        {
            ["_type"] = "root",
            ["spec_version"] = "1.0.31",
            ["version"] = version,
            ["expires"] = "2027-12-01T00:00:00Z",
            ["consistent_snapshot"] = true,
            ["keys"] = new JsonObject(rootKeys.Append(online).Select(key => KeyValuePair.Create(IdOf(key), (JsonNode?)key))),
            ["roles"] = new JsonObject
            {
                ["root"] = Role(rootKeys, threshold),
                ["targets"] = Role([online], 1),
                ["snapshot"] = Role([online], 1),
                ["timestamp"] = Role([online], 1),
            },
        };
    }

    public static string File(JsonObject signed, params (string Id, byte[] Value)[] signatures) => new JsonObject
    {
        ["signatures"] = new JsonArray([.. signatures.Select(one =>
            new JsonObject { ["keyid"] = one.Id, ["sig"] = Convert.ToHexStringLower(one.Value) })]),
        ["signed"] = signed.DeepClone(),
    }.ToJsonString();

    public static string SignedBy(JsonObject signed, params ECDsa[] keys) => File(signed, [.. keys.Select(key => (IdOf(KeyOf(key)),
        key.SignData(Canonical(signed), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)))]);

    public static TufRoot Read(string file)
    {
        bool isRead = TufRoot.TryRead(System.Text.Encoding.UTF8.GetBytes(file), out TufRoot? root, out Refusal? refusal);
        Assert.True(isRead, refusal?.ToString());
        return root!;
    }

    /// <summary>The rules by which the next root is refused; none: it is taken.</summary>
    public static string[] Judge(string? before, string next, out TufSuccession? succession, DateTimeOffset? latest = null)
    {
        TufSuccession.TryJudge(before is null ? null : Read(before), Read(next), Now, latest,
            (key, data, signature) => key.Verify(data.Span, signature.Span) == true, out succession,
            out ImmutableArray<Refusal> refusals);
        return [.. refusals.Select(one => one.Rule)];
    }

    // A second writer, on JsonNode; what tuf-js makes of it is compared in TufPeerTests.
    internal static byte[] Canonical(JsonNode node) => System.Text.Encoding.ASCII.GetBytes(Text(node));

    private static string Text(JsonNode? node) => node switch
    {
        JsonObject members => $"{{{string.Join(',', members.OrderBy(one => one.Key, StringComparer.Ordinal)
            .Select(one => $"{Quoted(one.Key)}:{Text(one.Value)}"))}}}",
        JsonArray list => $"[{string.Join(',', list.Select(Text))}]",
        JsonValue value when value.TryGetValue(out string? text) => Quoted(text),
        _ => node!.ToJsonString(),
    };

    private static string Quoted(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
