using System.Text;
using KeyCeremony.Core.Transfer;

namespace KeyCeremony.Core.Tests.Transfer;

/// <summary>Codes as a camera brings them: foreign ones between, the same ones again, and what must never be taken.</summary>
public sealed class CodeCollectorTests
{
    private const string Request = "-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n";

    private readonly CodeCollector _codes = new();

    /// <summary>Digits alone, words alone, in capitals too: as cards and their codes are written.</summary>
    [Theory]
    [InlineData("000000011023")]
    [InlineData("testify swimming academic academic column loyalty smear")]
    [InlineData("ACADEMIC ACID\nZERO")]
    public void What_could_be_a_share_card_is_refused(string card)
    {
        Take(card);
        AssertRefused(TransferRules.PerhapsACardId);
    }

    [Fact]
    public void What_is_no_text_is_refused()
    {
        _codes.Take([]);
        AssertRefused(TransferRules.NoTextId);
        _codes.Take([0x30, 0x82, 0x01, 0x00]);
        AssertRefused(TransferRules.NoTextId);
        Take(new string('-', PlainCode.MaxBytes + 1));
        AssertRefused(TransferRules.NoTextId);
        Assert.Equal((3, 3), (_codes.Codes, _codes.Refused));
    }

    [Fact]
    public void A_resource_of_another_type_or_beyond_every_code_is_refused()
    {
        Take("ur:crypto-seed/oyadgdaawzwplrbdhdpabgrnvokorolnrtemksayyadmut");
        AssertRefused(TransferRules.OtherTypeId);
        Take("UR:COMPRESSED/" + new string('A', TransferLimits.MaxFrameCharacters));
        AssertRefused(TransferRules.FrameId);
    }

    [Fact]
    public void A_request_in_PEM_is_taken_as_it_stands_and_named_after_its_hash()
    {
        Take(Request);
        Assert.Equal(($"code-{_codes.Artefact!.Sha256[..8]}.pem", MediaTypes.Pem, Request),
            (_codes.Artefact.Name, _codes.Artefact.Type, Encoding.ASCII.GetString(_codes.Artefact.Bytes.Span)));
    }

    [Fact]
    public void Any_other_plain_text_is_a_text_file()
    {
        Take("serial,date,reason\n01,2026-11-22,keyCompromise\n");
        Assert.EndsWith(".txt", _codes.Artefact!.Name, StringComparison.Ordinal);
    }

    [Fact]
    public void Foreign_codes_and_repeated_frames_between_the_frames_change_nothing()
    {
        Artefact artefact = Samples.Artefact("root.crl", MediaTypes.RevocationList, Samples.Noise(900, 1));
        var foreign = Samples.Frames(Samples.Artefact("other.crl", MediaTypes.RevocationList, Samples.Noise(900, 2)), 100)
            .Texts(20).ToList();
        foreach ((string? frame, string? other) in Samples.Frames(artefact, 100).Texts(20).Zip(foreign))
        {
            Take(frame);
            if (_codes.Artefact is not null)
                break;
            Take(frame);
            Take(Request);
            AssertRefused(TransferRules.OtherTransferId);
            Take(other);
            AssertRefused(TransferRules.OtherTransferId);
        }

        Assert.True(Samples.IsSame(artefact, _codes.Artefact!));
    }

    [Fact]
    public void What_was_dealt_with_and_is_still_before_the_camera_is_passed_over()
    {
        FrameSequence frames = Samples.Frames(Samples.Artefact("root.crl", MediaTypes.RevocationList, Samples.Noise(900, 1)), 100);
        foreach (string frame in frames.Texts(10))
            Take(frame);
        Assert.NotNull(_codes.Artefact);
        Assert.Equal(10, _codes.Codes);

        _codes.Next();
        foreach (string frame in frames.Texts(40, first: 11))
            Take(frame);
        Assert.Equal((null, 0, 0), (_codes.Artefact, _codes.Count, _codes.Refused));

        Take(Request);
        Assert.NotNull(_codes.Artefact);
        _codes.Next();
        Take(Request);
        Assert.Null(_codes.Artefact);

        _codes.Again();
        Take(Request);
        Assert.NotNull(_codes.Artefact);
    }

    [Fact]
    public void Nothing_is_read_while_what_came_in_is_looked_at()
    {
        Take(Request);
        Take("UR:COMPRESSED/1-2/AAAA");
        Assert.Equal((1, 0), (_codes.Codes, _codes.Refused));
    }

    [Fact]
    public void A_transfer_that_comes_out_damaged_is_told_and_begun_anew()
    {
        byte[] message = CompressedMessage.Write("no container"u8);
        Take(FrameText.Whole(message));
        AssertRefused(TransferRules.ContainerId);
        Assert.Equal(0, _codes.Count);
        Take(FrameText.Whole(Samples.Message(Samples.Note)));
        Assert.True(Samples.IsSame(Samples.Note, _codes.Artefact!));
    }

    [Fact]
    public void What_is_missing_is_said()
    {
        Assert.Equal(TransferRules.MissingId, _codes.Missing().Rule);
        Take("http://example.org/poster");
        _codes.Next();
        Take("1234");
        Assert.Equal(TransferRules.PerhapsACardId, _codes.Missing().Rule);
        Take(Samples.Frames(Samples.Artefact("a.bin", MediaTypes.Unknown, Samples.Noise(900, 1)), 100).Text(3));
        Assert.Contains("1 of 10 fragments", _codes.Missing().Message, StringComparison.Ordinal);
    }

    private void Take(string code) => _codes.Take(Encoding.ASCII.GetBytes(code));

    private void AssertRefused(string rule)
    {
        Assert.Equal(rule, _codes.Refusal?.Rule);
        Assert.Null(_codes.Artefact);
    }
}
