using System.Text;
using System.Text.RegularExpressions;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Crl;
using KeyCeremony.Core.Pki.Requests;
using KeyCeremony.Core.Script;
using KeyCeremony.Core.Tests.Pki;
using KeyCeremony.Core.Tests.Pki.Crl;
using KeyCeremony.Core.Tests.Pki.Requests;

namespace KeyCeremony.Core.Tests;

/// <summary>
/// Whatever is wrong with an input, the sentence is ours: none of what the libraries say about their own insides, neither in the
/// message nor in the remedy.
/// </summary>
public sealed partial class OurWordsTests
{
    /// <summary>Each input makes the base library say one of its own sentences, which reached the room before.</summary>
    public static readonly TheoryData<string, string> Documents = new()
    {
        { "{", "proof" }, { "{\"type\":1}", "proof" }, { "[]", "proof" }, { "", "proof" }, { "{\"type\":\"x\",\"type\":\"y\"}", "proof" },
        { "{", "statement" }, { "{\"_type\":{}}", "statement" }, { "[1]", "statement" }, { "{\"subject\":[null]}", "statement" },
        { "{", "envelope" }, { "{\"payloadType\":\"\\ud800\"}", "envelope" }, { "[", "envelope" }, { "{} {}", "envelope" },
        { "{", "plan" }, { "{\"format\":[]}", "plan" }, { "{\"format\":\"x\",\"more\":1}", "plan" }, { "nul", "plan" },
    };

    [Theory]
    [MemberData(nameof(Documents))]
    public void A_document_that_is_not_JSON_as_it_must_be_is_refused_in_our_words(string text, string kind)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Refusal? refusal = kind switch
        {
            "proof" => DeviceProof.TryRead(bytes, out _, out Refusal? r) ? null : r,
            "statement" => BatchStatement.TryRead(bytes, out _, out Refusal? r) ? null : r,
            "envelope" => DsseEnvelope.TryRead(bytes, out _, out Refusal? r) ? null : r,
            _ => PlanJson.TryRead(bytes, out _, out Refusal? r) ? null : r,
        };
        AssertOurs(refusal);
    }

    [Fact]
    public void The_place_and_the_field_are_named()
    {
        Assert.False(PlanJson.TryRead("{\n\"format\": [1] }"u8, out _, out Refusal? refusal));
        Assert.Contains("Its field format is", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("line 2", refusal.Message, StringComparison.Ordinal);
        Assert.False(PlanJson.TryRead("{ \"format\": "u8, out _, out refusal));
        Assert.Contains("It is not JSON (line 1", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>Every byte of a certificate, a request and a list changed: each answer is a reading or a sentence of ours.</summary>
    [Fact]
    public void Changed_bytes_of_what_is_DER_are_told_in_our_words()
    {
        byte[] certificate = Samples.Certificate("tls-intermediate").Der.ToArray();
        byte[] request = RequestWriter.WithExtensions(
            RequestWriter.Extension(Oids.SubjectAlternativeName, Der.Sequence(Der.Value(0x82, "example.com"u8.ToArray())))).Write();
        byte[] list = CrlRoom.P256.Issue(CrlRoom.Entry("01"), CrlRoom.Entry("0203"));
        (int refused, int read) = (0, 0);
        void Count(Refusal? refusal)
        {
            if (refusal is null)
                read++;
            else
                refused++;
            if (refusal is not null)
                AssertOurs(refusal);
        }
        foreach (byte change in new byte[] { 0x01, 0x20, 0x80, 0xFF })
        {
            ForEachByte(certificate, change, b => Count(CertificateReader.TryReadCertificate(b, out _, out Refusal? r) ? null : r));
            ForEachByte(request, change, b => Count(SigningRequest.TryRead(b, out _, out Refusal? r) ? null : r));
            ForEachByte(list, change, b => Count(CrlReader.TryRead(new MemoryStream(b), null, out _, out Refusal? r) ? null : r));
        }
        Assert.True(refused > 1000 && read > 1000, $"{refused} refused, {read} read");
    }

    [Fact]
    public void Every_hostile_request_is_told_in_our_words()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("keyceremony-words-");
        try
        {
            HostileRequests.WriteTo(folder.FullName);
            foreach (FileInfo file in folder.GetFiles())
                AssertOurs(RequestFile.TryRead(File.ReadAllBytes(file.FullName), out _, out Refusal? refusal) ? null : refusal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("a: [b")]
    [InlineData("a: \"b")]
    [InlineData("a: b: c")]
    [InlineData("a: 'b\n c: d")]
    [InlineData("%YAML 9.9\n---\na: b")]
    public void A_block_that_is_not_YAML_is_told_in_our_words(string block)
    {
        var said = new List<(string Rule, string Message)>();
        YamlReader.Read(block, 1, (rule, _, message, _) => said.Add((rule, message)));
        Assert.All(said, one => AssertOurs(new Refusal(one.Rule, one.Message, "")));
        Assert.NotEmpty(said);
    }

    [Fact]
    public void Faults_of_files_are_told_in_our_words()
    {
        foreach (Exception fault in new Exception[]
        {
            Catch(() => File.OpenRead("/nowhere/at-all")), Catch(() => File.OpenRead(Path.GetTempPath())),
            Catch(() => File.ReadAllBytes(new string('a', 5000))), new IOException("No space left on device : '/x'", 28),
            new IOException("?", 4711),
            new DllNotFoundException("Unable to load shared library 'x' or one of its dependencies. Consider using strace."),
            new EndOfStreamException(), new FileFaultException("The stick is tired."),
        })
            AssertOurs(new Refusal("FILE-00", FileFaults.InWords(fault), ""));
        Assert.Equal("it is full (ENOSPC)", FileFaults.InWords(new IOException("?", 28)));
        Assert.Equal("there is no such file or folder (ENOENT)", FileFaults.InWords(Catch(() => File.OpenRead("/nowhere/at-all"))));
    }

    private static void AssertOurs(Refusal? refusal)
    {
        Assert.NotNull(refusal);
        Assert.DoesNotMatch(OfALibrary(), refusal.ToString());
        Assert.InRange(refusal.Message.Length, 4, 600);
    }

    private static void ForEachByte(byte[] bytes, byte change, Action<byte[]> read)
    {
        for (int at = 0; at < bytes.Length; at++)
        {
            byte[] changed = [.. bytes];
            changed[at] ^= change;
            read(changed);
        }
    }

    private static Exception Catch(Action act)
    {
        try
        {
            act();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e;
        }
        throw new InvalidOperationException("Nothing was thrown.");
    }

    /// <summary>What only the base library, the YAML reader and the system's own texts say.</summary>
    [GeneratedRegex("newer schema|skipSortValidation|strace|LD_DEBUG|JSON value could not|could not be converted|BytePositionInLine|"
        + "LineNumber:|Path: \\$|System\\.|Exception|The provided data|encoded (value|length)|ASN1|AsnReader|corrupt|dependencies|"
        + "No space left|Could not find|Access to the path|is an invalid|invalid start of|reached end of data|While (parsing|scanning)|"
        + "expected <|did not find",
        RegexOptions.IgnoreCase)]
    private static partial Regex OfALibrary();
}
