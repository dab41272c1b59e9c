using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using KeyCeremony.Core.Release.Tuf;

namespace KeyCeremony.Core.Tests.Release;

/// <summary>Root metadata of The Update Framework: what is read, and what follows what.</summary>
public sealed class TufRootTests : IDisposable
{
    private readonly TufFiles _files = new();

    // MCUboot, root-ec-p256.pem: its public half.
    private static readonly string Published = PemEncoding.WriteString("PUBLIC KEY", Convert.FromHexString(
        "3059301306072a8648ce3d020106082a8648ce3d030107034200042acb403ce8feed5ba44995a1a91daee8dbbe1937cd14fb2f245737e5953988d9"
        + "94b9d65aebd7cdd5308ad6fe48b24a6a810ee5f07d8b6834cc3a6afc538efac1"));

    public static TheoryData<string, string> Hostile => new()
    {
        { "no JSON", "TUF-01" },
        { "a list", "TUF-01" },
        { "more than 64 KiB", "TUF-01" },
        { "a member beside signed", "TUF-01" },
        { "deep nesting", "TUF-01" },
        { "a byte order mark", "TUF-01" },
        { "a name twice", "TUF-02" },
        { "a name twice, once in escapes", "TUF-02" },
        { "a number with a fraction", "TUF-02" },
        { "a number with an exponent", "TUF-02" },
        { "minus zero", "TUF-02" },
        { "a number beyond 64 bits", "TUF-02" },
        { "a letter of two Unicode forms", "TUF-02" },
        { "half a character", "TUF-02" },
        { "bytes that are no UTF-8", "TUF-02" },
        { "an escape of a terminal", "TUF-02" },
        { "a line end in a name", "TUF-02" },
        { "another type", "TUF-03" },
        { "another specification", "TUF-03" },
        { "version 0", "TUF-03" },
        { "a version in quotes", "TUF-03" },
        { "a time in another zone", "TUF-03" },
        { "no consistent_snapshot", "TUF-03" },
        { "an identifier in capitals", "TUF-04" },
        { "an unknown scheme", "TUF-04" },
        { "a scheme of another curve", "TUF-04" },
        { "a keytype of another curve", "TUF-04" },
        { "a short Ed25519 key", "TUF-04" },
        { "a key in hex", "TUF-04" },
        { "a private key", "REQ-13" },
        { "a private key beside the public one", "REQ-13" },
        { "a private key in a member of nobody", "REQ-13" },
        { "a key with holes", "PUBKEY-02" },
        { "no role timestamp", "TUF-05" },
        { "a role more", "TUF-05" },
        { "a role's key that is missing", "TUF-05" },
        { "a role's key twice", "TUF-05" },
        { "a threshold over the keys", "TUF-05" },
        { "a threshold of 0", "TUF-05" },
        { "a key under two identifiers", "TUF-06" },
        { "two signatures of a key", "TUF-07" },
        { "a signature in base64", "TUF-07" },
        { "a signature that says more", "TUF-07" },
        { "a published key", "TUF-13" },
    };

    public void Dispose() => _files.Dispose();

    [Theory]
    [MemberData(nameof(Hostile))]
    public void A_hostile_file_is_refused_by_its_rule(string name, string rule)
    {
        Assert.False(TufRoot.TryRead(Make(name), out _, out Refusal? refusal), name);
        Assert.True(rule == refusal.Rule || (rule.StartsWith("PUBKEY", StringComparison.Ordinal)
            && refusal.Rule.StartsWith("PUBKEY", StringComparison.Ordinal)), refusal.ToString());
        Assert.True(PlainText.Is(refusal.ToString()), refusal.ToString());
    }

    [Fact]
    public void What_is_signed_is_the_canonical_text_however_the_file_is_written()
    {
        JsonObject signed = _files.First();
        signed["x-note"] = "a \"quoted\" \\ text\nof two lines";
        string file = TufFiles.File(signed);
        TufRoot root = TufFiles.Read(file);

        Assert.Equal(TufFiles.Canonical(signed), root.Signed.ToArray());
        Assert.Equal(root.Signed.ToArray(),
            TufFiles.Read(JsonNode.Parse(file)!.ToJsonString(new() { WriteIndented = true })).Signed.ToArray());
        Assert.Equal("\"a \\\"quoted\\\" \\\\ text\\nof two lines\"", root.Others["x-note"]);
    }

    [Fact]
    public void Every_kind_of_key_is_read_and_what_signs_here_is_verified()
    {
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        JsonObject ec = TufFiles.KeyOf(p384, "ecdsa-sha2-nistp384");
        JsonObject rsa = TufFiles.KeyOf("rsa", "rsassa-pss-sha256", _files.Rsa.ExportSubjectPublicKeyInfoPem());
        JsonObject ed = TufFiles.KeyOf("ed25519", "ed25519", new string('7', 64));
        JsonObject signed = _files.Signed(1, [ec, rsa, ed], 2);
        byte[] bytes = TufFiles.Canonical(signed);
        string file = TufFiles.File(signed,
            (TufFiles.IdOf(ec), p384.SignData(bytes, HashAlgorithmName.SHA384, DSASignatureFormat.Rfc3279DerSequence)),
            (TufFiles.IdOf(rsa), _files.Rsa.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pss)));

        Assert.Empty(TufFiles.Judge(null, file, out TufSuccession? succession));
        Assert.True(succession!.IsSigned);
        Assert.Equal(["EC P-384", "RSA 3072", "Ed25519"], succession.Next.KeysOf("root").Select(key => key.Title));
        Assert.All(succession.Next.Keys.Values, key => Assert.True(key.IsNamedByHash));
        Assert.Null(succession.Next.Keys[TufFiles.IdOf(ed)].Verify(bytes, new byte[64]));
    }

    /// <summary>As old tools write every key.</summary>
    [Fact]
    public void An_empty_private_half_is_none()
    {
        JsonObject signed = _files.First();
        string id = TufFiles.IdOf(TufFiles.KeyOf(_files.Ec[0]));
        signed["keys"]![id]!["keyval"]!["private"] = "";
        Assert.Equal("private \"\"", TufFiles.Read(TufFiles.File(signed)).Keys[id].Told);
    }

    /// <summary>The runtime passes over the sign of the numbers; other programs do not.</summary>
    [Fact]
    public void A_signature_that_is_not_written_in_DER_does_not_hold()
    {
        JsonObject signed = _files.First();
        string file = TufFiles.SignedBy(signed, _files.Ec[0]);
        TufRoot root = TufFiles.Read(file);
        TufKey key = root.Keys[TufFiles.IdOf(TufFiles.KeyOf(_files.Ec[0]))];
        byte[] der = root.Signatures[0].Value.ToArray();

        Assert.True(key.Verify(root.Signed.Span, der));
        Assert.False(key.Verify(root.Signed.Span, (byte[])[.. der, 0]));
        // A zero too many in front of r.
        byte[] longer = [der[0], (byte)(der[1] + 1), 0x02, (byte)(der[3] + 1), 0x00, .. der[4..]];
        Assert.False(key.Verify(root.Signed.Span, longer));
    }

    [Fact]
    public void The_next_root_is_signed_when_both_thresholds_are_reached()
    {
        string before = TufFiles.SignedBy(_files.First(), _files.Ec[0], _files.Ec[1]);

        Assert.Empty(TufFiles.Judge(before, TufFiles.File(_files.Second()), out TufSuccession? succession));
        Assert.False(succession!.IsSigned);
        Assert.Empty(TufFiles.Judge(before, TufFiles.SignedBy(_files.Second(), _files.Ec[0], _files.Ec[2]), out succession));
        Assert.Equal(["1 of root keys of version 1, which asks for 2", "2 of root keys of version 2, which asks for 2"],
            succession!.Standings.Select(one => one.InWords));
        Assert.Empty(TufFiles.Judge(before, TufFiles.SignedBy(_files.Second(), _files.Ec[..3]), out succession));
        Assert.True(succession!.IsSigned);
    }

    [Fact]
    public void What_changes_is_told_and_so_is_what_stays()
    {
        JsonObject next = _files.Second();
        next["x-tuf-on-ci-expiry-period"] = 182;
        Assert.Empty(TufFiles.Judge(TufFiles.SignedBy(_files.First(), _files.Ec[0], _files.Ec[1]), TufFiles.File(next),
            out TufSuccession? succession));
        string[] told = [.. succession!.Describe().Select(line => line.ToString())];

        Assert.Contains("version: 2, behind 1", told);
        Assert.Contains("ends: 2027-12-01 00:00:00 UTC, as before", told);
        Assert.Contains("role root: 2 of 2 keys, as before", told);
        Assert.Contains(told, line =>
            line.StartsWith($"  new key: {TufFiles.IdOf(TufFiles.KeyOf(_files.Ec[2]))}", StringComparison.Ordinal));
        Assert.Contains(told, line =>
            line.StartsWith($"  key taken away: {TufFiles.IdOf(TufFiles.KeyOf(_files.Ec[1]))}", StringComparison.Ordinal));
        Assert.Contains("member x-tuf-on-ci-expiry-period: 182, before nothing", told);
        Assert.Empty(succession.Exceptions);
    }

    [Fact]
    public void A_version_that_is_left_out_or_comes_again_is_refused()
    {
        string before = TufFiles.SignedBy(_files.First(), _files.Ec[0], _files.Ec[1]);
        foreach (int version in new[] { 1, 3, int.MaxValue })
        {
            JsonObject next = _files.Second();
            next["version"] = version;
            Assert.Equal(["TUF-09"], TufFiles.Judge(before, TufFiles.File(next), out _));
        }
        Assert.Equal(["TUF-09"], TufFiles.Judge(null, TufFiles.File(_files.Second()), out _));
    }

    [Fact]
    public void A_root_before_that_its_own_keys_do_not_believe_is_refused()
    {
        Assert.Equal(["TUF-08"], TufFiles.Judge(TufFiles.SignedBy(_files.First(), _files.Ec[0]), TufFiles.File(_files.Second()), out _));
        // The machines' key is among its keys, and is none of its root keys.
        Assert.Equal(["TUF-08"],
            TufFiles.Judge(TufFiles.SignedBy(_files.First(), _files.Ec[0], _files.Ec[3]), TufFiles.File(_files.Second()), out _));
    }

    [Fact]
    public void A_signature_that_does_not_hold_is_refused_on_either_side()
    {
        JsonObject changed = _files.First();
        string before = TufFiles.SignedBy(changed, _files.Ec[0], _files.Ec[1]);
        Assert.Equal(["TUF-07", "TUF-07", "TUF-08"], TufFiles.Judge(before.Replace("2027-12-01", "2028-12-01", StringComparison.Ordinal),
            TufFiles.File(_files.Second()), out _));
        string next = TufFiles.SignedBy(_files.Second(), _files.Ec[..3]);
        Assert.Equal(["TUF-07", "TUF-07", "TUF-07"],
            TufFiles.Judge(before, next.Replace("2027-12-01", "2028-12-01", StringComparison.Ordinal), out _));
    }

    [Fact]
    public void An_end_that_is_past_or_too_late_is_refused()
    {
        string before = TufFiles.SignedBy(_files.First(), _files.Ec[0], _files.Ec[1]);
        JsonObject next = _files.Second();
        Assert.Equal(["TUF-10"], TufFiles.Judge(before, TufFiles.File(next), out _, TufFiles.Now.AddMonths(6)));
        Assert.Empty(TufFiles.Judge(before, TufFiles.File(next), out _, new DateTimeOffset(2027, 12, 1, 0, 0, 0, TimeSpan.Zero)));
        next["expires"] = "2026-12-01T10:00:00Z";
        Assert.Equal(["TUF-10"], TufFiles.Judge(before, TufFiles.File(next), out _));
    }

    [Fact]
    public void An_identifier_that_names_another_key_is_refused()
    {
        JsonObject next = _files.Second();
        string id = TufFiles.IdOf(TufFiles.KeyOf(_files.Ec[0]));
        next["keys"]![id] = TufFiles.KeyOf(_files.Ec[1]);

        Assert.Equal(["TUF-06"],
            TufFiles.Judge(TufFiles.SignedBy(_files.First(), _files.Ec[0], _files.Ec[1]), TufFiles.File(next), out _));
    }

    [Fact]
    public void A_lower_threshold_and_a_root_key_on_machines_are_exceptions()
    {
        JsonObject next = _files.Second();
        next["roles"]!["root"]!["threshold"] = 1;
        next["roles"]!["timestamp"]!["keyids"] = new JsonArray(JsonValue.Create(TufFiles.IdOf(TufFiles.KeyOf(_files.Ec[0]))));
        Assert.Empty(TufFiles.Judge(TufFiles.SignedBy(_files.First(), _files.Ec[0], _files.Ec[1]), TufFiles.File(next),
            out TufSuccession? succession));

        Assert.Equal(["TUF-11", "TUF-12"], succession!.Exceptions.Select(one => one.Rule));
    }

    private byte[] Make(string name)
    {
        JsonObject signed = _files.First();
        string file = TufFiles.SignedBy(signed, _files.Ec[0], _files.Ec[1]);
        string id = TufFiles.IdOf(TufFiles.KeyOf(_files.Ec[0]));
        string With(Action<JsonObject> change)
        {
            change(signed);
            return TufFiles.File(signed);
        }
        string Instead(string part, string other) => file.Contains(part, StringComparison.Ordinal)
            ? file.Replace(part, other, StringComparison.Ordinal) : throw new InvalidOperationException(part);
        JsonNode Key() => signed["keys"]![id]!;
        return name switch
        {
            "a byte order mark" => [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(file)],
            "bytes that are no UTF-8" => Encoding.Latin1.GetBytes(Instead("\"_type\":\"root\"", "\"_type\":\"ro\u00c3(ot\"")),
            _ => Encoding.UTF8.GetBytes(name switch
            {
                "no JSON" => "root",
                "a list" => "[]",
                "more than 64 KiB" => file + new string(' ', TufRoot.MaxBytes),
                "a member beside signed" => Instead("{\"signatures\"", "{\"x\":1,\"signatures\""),
                "deep nesting" => Instead("\"version\":1", $"\"x\":{new string('[', 20)}{new string(']', 20)},\"version\":1"),
                "a name twice" => Instead("\"version\":1", "\"version\":2,\"version\":1"),
                "a name twice, once in escapes" => Instead("\"version\":1", "\"v\\u0065rsion\":2,\"version\":1"),
                "a number with a fraction" => Instead("\"version\":1", "\"version\":1.0"),
                "a number with an exponent" => Instead("\"version\":1", "\"version\":1e0"),
                "minus zero" => Instead("\"version\":1", "\"x\":-0,\"version\":1"),
                "a number beyond 64 bits" => Instead("\"version\":1", "\"x\":9223372036854775808,\"version\":1"),
                "a letter of two Unicode forms" => Instead("\"version\":1", "\"x\":\"\\u00e9\",\"version\":1"),
                "half a character" => Instead("\"version\":1", "\"x\":\"\\ud800\",\"version\":1"),
                "an escape of a terminal" => Instead("\"version\":1", "\"x\":\"\\u001b[2J\",\"version\":1"),
                "a line end in a name" => Instead("\"version\":1", "\"x\\ny\":1,\"version\":1"),
                "another type" => With(one => one["_type"] = "targets"),
                "another specification" => With(one => one["spec_version"] = "2.0.0"),
                "version 0" => With(one => one["version"] = 0),
                "a version in quotes" => With(one => one["version"] = "1"),
                "a time in another zone" => With(one => one["expires"] = "2027-12-01T00:00:00+00:00"),
                "no consistent_snapshot" => With(one => one.Remove("consistent_snapshot")),
                "an identifier in capitals" => Instead(id, id.ToUpperInvariant()),
                "an unknown scheme" => With(_ => Key()["scheme"] = "ecdsa-sha1"),
                "a scheme of another curve" => With(_ => Key()["scheme"] = "ecdsa-sha2-nistp384"),
                "a keytype of another curve" => With(_ => Key()["keytype"] = "ecdsa-sha2-nistp384"),
                "a short Ed25519 key" => With(one => one["keys"]![id] = TufFiles.KeyOf("ed25519", "ed25519", "77")),
                "a key in hex" => With(_ => Key()["keyval"]!["public"] = "04" + new string('1', 128)),
                "a private key" => With(_ => Key()["keyval"]!["public"] = _files.Ec[0].ExportPkcs8PrivateKeyPem()),
                "a private key beside the public one" => With(_ => Key()["keyval"]!["private"] = new string('7', 64)),
                "a private key in a member of nobody" => With(one => one["x-note"] = _files.Rsa.ExportPkcs8PrivateKeyPem()),
                "a key with holes" => With(_ => Key()["keyval"]!["public"] =
                    PemEncoding.WriteString("PUBLIC KEY", [0x30, 0x03, 0x02, 0x01, 0x00])),
                "no role timestamp" => With(one => one["roles"]!.AsObject().Remove("timestamp")),
                "a role more" => With(one => one["roles"]!["mirrors"] = one["roles"]!["timestamp"]!.DeepClone()),
                "a role's key that is missing" => With(one => one["keys"]!.AsObject().Remove(id)),
                "a role's key twice" => With(one => one["roles"]!["root"]!["keyids"]!.AsArray().Add(id)),
                "a threshold over the keys" => With(one => one["roles"]!["root"]!["threshold"] = 3),
                "a threshold of 0" => With(one => one["roles"]!["root"]!["threshold"] = 0),
                "a key under two identifiers" => With(one => one["keys"]![new string('a', 64)] = Key().DeepClone()),
                "two signatures of a key" => TufFiles.File(signed, (id, [1]), (id, [2])),
                "a signature in base64" => Instead("\"sig\":\"30", "\"sig\":\"MQ"),
                "a signature that says more" => Instead("\"keyid\":", "\"x\":1,\"keyid\":"),
                "a published key" => With(one => one["keys"]![id] = TufFiles.KeyOf("ecdsa", "ecdsa-sha2-nistp256", Published)),
                _ => throw new ArgumentOutOfRangeException(nameof(name), name, null),
            }),
        };
    }

}
