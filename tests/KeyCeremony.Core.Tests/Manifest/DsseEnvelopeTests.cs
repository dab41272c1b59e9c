using System.Text;
using KeyCeremony.Core.Manifest;

namespace KeyCeremony.Core.Tests.Manifest;

/// <summary>Reading envelopes, of ours and of other tools.</summary>
public class DsseEnvelopeTests
{
    private const string Good =
        """{"payloadType":"application/vnd.in-toto+json","payload":"-_8_","signatures":[{"keyid":"a","sig":"MAY"}]}""";

    public static TheoryData<string, string, string> Edits => new()
    {
        { "{\"payloadType\"", "[{\"payloadType\"", "DSSE-01" },
        { "]}", "]}}", "DSSE-01" },
        { "]}", "],}", "DSSE-01" },
        { "]}", "]} x", "DSSE-01" },
        { "]}", "]", "DSSE-01" },
        { "{\"payloadType\"", "\uFEFF{\"payloadType\"", "DSSE-01" },
        { "\"payload\":", "\"payload\":\"AAAA\",\"payload\":", "DSSE-01" },
        { "\"payload\":", "\"p\\u0061yload\":\"AAAA\",\"payload\":", "DSSE-01" },
        { "\"payload\":", "\"Payload\":", "DSSE-01" },
        { "\"-_8_\"", "null", "DSSE-01" },
        { "\"-_8_\"", "{\"a\":1}", "DSSE-01" },
        { "-_8_", "\\ud800", "DSSE-01" },
        { "\"keyid\":\"a\"", "\"keyid\":1", "DSSE-01" },
        { "\"keyid\":\"a\"", "\"keyid\":null", "DSSE-01" },
        { "\"keyid\":\"a\"", "\"keyid\":\"\\ud800\"", "DSSE-01" },
        { "\"keyid\":\"a\"", "\"keyid\":\"a\",\"keyid\":\"b\"", "DSSE-01" },
        { "\"sig\":\"MAY\"", "\"signature\":\"MAY\"", "DSSE-01" },
        { "\"sig\":\"MAY\"", "\"sig\":7", "DSSE-01" },
        { "[{", "[7,{", "DSSE-01" },
        { "[{\"keyid\":\"a\",\"sig\":\"MAY\"}]", "{\"keyid\":\"a\",\"sig\":\"MAY\"}", "DSSE-01" },
        { "application/vnd.in-toto+json", "application/vnd.in-toto+JSON", "DSSE-02" },
        { "application/vnd.in-toto+json", "", "DSSE-02" },
        { "-_8_", "-/8_", "DSSE-03" },
        { "-_8_", "-_8_\\n", "DSSE-03" },
        { "-_8_", " -_8_", "DSSE-03" },
        { "-_8_", "-_8", "" },
        { "-_8_", "-_9", "DSSE-03" },
        { "-_8_", "-", "DSSE-03" },
        { "-_8_", "AB==", "DSSE-03" },
        { "-_8_", "AA=", "DSSE-03" },
        { "-_8_", "AA==AA==", "DSSE-03" },
        { "-_8_", "====", "DSSE-03" },
        { "-_8_", "AAA\\u00e4", "DSSE-03" },
        { "MAY", "MAZ", "DSSE-03" },
        { "MAY", "", "DSSE-04" },
        { "[{\"keyid\":\"a\",\"sig\":\"MAY\"}]", "[]", "DSSE-04" },
    };

    [Theory]
    [MemberData(nameof(Edits))]
    public void What_is_no_envelope_is_refused(string part, string instead, string rule)
    {
        Assert.Contains(part, Good, StringComparison.Ordinal);
        Assert.Equal(rule, Rule(Good.Replace(part, instead, StringComparison.Ordinal)));
    }

    [Fact]
    public void Too_many_bytes_signatures_and_levels_are_refused()
    {
        string signatures(int count, string sig = "MAY", string keyId = "a") => Good.Replace("{\"keyid\":\"a\",\"sig\":\"MAY\"}",
            string.Join(',', Enumerable.Repeat($"{{\"keyid\":\"{keyId}\",\"sig\":\"{sig}\"}}", count)), StringComparison.Ordinal);
        string more(string value) => Good.Replace("{\"payloadType\"", $"{{\"more\":{value},\"payloadType\"", StringComparison.Ordinal);

        Assert.Equal("", Rule(signatures(DsseEnvelope.MaxSignatures)));
        Assert.Equal("DSSE-04", Rule(signatures(DsseEnvelope.MaxSignatures + 1)));
        Assert.Equal("", Rule(signatures(1, Convert.ToBase64String(new byte[DsseEnvelope.MaxSignature]))));
        Assert.Equal("DSSE-04", Rule(signatures(1, Convert.ToBase64String(new byte[DsseEnvelope.MaxSignature + 1]))));
        Assert.Equal("", Rule(signatures(1, keyId: new string('k', DsseEnvelope.MaxKeyId))));
        Assert.Equal("DSSE-01", Rule(signatures(1, keyId: new string('k', DsseEnvelope.MaxKeyId + 1))));
        Assert.Equal("DSSE-01", Rule(Good + new string(' ', DsseEnvelope.MaxBytes)));
        Assert.Equal("DSSE-01", Rule(more(new string('[', 5000))));
        Assert.Equal("DSSE-01", Rule(more(string.Concat(Enumerable.Repeat("{\"a\":", 5000)))));
        Assert.Equal("", Rule(more("1e999999")));
    }

    /// <summary>DSSE 1.0 demands it: blanks, order, fields to come, and a key id that is not there.</summary>
    [Fact]
    public void Envelopes_of_other_tools_are_read()
    {
        const string other = """
            { "signatures": [ { "sig": "MAY=", "cert": null }, { "sig": "MAYC", "keyid": "" } ],
              "payload": "+/8=", "x": {"y": [1, 2.5]}, "payloadType": "application/vnd.in-toto+json" }
            """;
        DsseEnvelope envelope = Read(other);

        Assert.Equal("fbff", Convert.ToHexStringLower(envelope.Payload.AsSpan()));
        Assert.Equal(["", ""], envelope.Signatures.Select(signature => signature.KeyId));
        Assert.Equal("3006", Convert.ToHexStringLower(envelope.Signatures[0].Sig.AsSpan()));
        Assert.Equal("fbff3f", Convert.ToHexStringLower(Read(Good).Payload.AsSpan()));
    }

    [Fact]
    public void What_is_written_is_read_again()
    {
        foreach (int length in new[] { 0, 1, 2, 3, 1000, BatchStatement.MaxBytes })
        {
            byte[] payload = [.. Enumerable.Range(0, length).Select(i => (byte)(i * 7 % 256))];
            var envelope = new DsseEnvelope([.. payload],
                [new(new string('f', 64), [.. Enumerable.Repeat((byte)0xff, 104)]), new("", [1])]);
            DsseEnvelope read = Read(Encoding.UTF8.GetString(envelope.Write()));
            Assert.Equal(payload, read.Payload.ToArray());
            Assert.Equal(envelope.Write(), read.Write());
        }
    }

    /// <summary>DSSE 1.0, protocol: its own example, with our payload type.</summary>
    [Fact]
    public void The_bytes_to_be_signed_name_type_and_lengths() =>
        Assert.Equal("DSSEv1 28 application/vnd.in-toto+json 11 hello world", Encoding.UTF8.GetString(Dsse.Pae("hello world"u8)));

    private static DsseEnvelope Read(string json)
    {
        Assert.True(DsseEnvelope.TryRead(Encoding.UTF8.GetBytes(json), out DsseEnvelope? envelope, out Refusal? refusal),
            refusal?.ToString());
        return envelope;
    }

    private static string Rule(string json)
    {
        bool read = DsseEnvelope.TryRead(Encoding.UTF8.GetBytes(json), out DsseEnvelope? envelope, out Refusal? refusal);
        Assert.Equal(read, envelope is not null);
        Assert.Equal(read, refusal is null);
        return refusal?.Rule ?? "";
    }
}
