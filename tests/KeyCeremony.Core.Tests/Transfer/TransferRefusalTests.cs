using KeyCeremony.Core.Transfer;

namespace KeyCeremony.Core.Tests.Transfer;

/// <summary>What a receiver refuses, frame by frame and layer by layer.</summary>
public sealed class TransferRefusalTests
{
    private static readonly Part Good = new(2, 3, 25, 7, new byte[10]);

    [Theory]
    [InlineData("")]
    [InlineData("UR")]
    [InlineData("HTTPS://EXAMPLE.COM/A")]
    [InlineData("UR:COMPRESSED")]
    [InlineData("UR:COMPRESSED/1-2/LPAD/LPAD")]
    [InlineData("00000110230000011023")]
    public void What_is_no_frame_is_refused(string text) => AssertRefused(TransferRules.FrameId, text);

    [Fact]
    public void A_text_longer_than_any_code_is_refused() =>
        AssertRefused(TransferRules.FrameId, "UR:COMPRESSED/" + new string('A', TransferLimits.MaxFrameCharacters));

    [Theory]
    [InlineData("UR:BYTES/HDCXVWSKGSCMFSRSROLUAETTBBOXSNJNFPTBONSSTKTNRNBASGBYJYPAAYBNJZFRFYISECMWBZRK")]
    [InlineData("UR:/LPAD")]
    [InlineData("UR:COMPRESSED2/LPAD")]
    public void Another_type_is_refused(string text) => AssertRefused(TransferRules.OtherTypeId, text);

    [Theory]
    [InlineData("0-3")]
    [InlineData("01-3")]
    [InlineData("+1-3")]
    [InlineData("1- 3")]
    [InlineData("1-0")]
    [InlineData("1-4097")]
    [InlineData("4294967296-3")]
    [InlineData("1")]
    [InlineData("1-2-3")]
    [InlineData("")]
    public void A_number_that_is_none_is_refused(string sequence) =>
        AssertRefused(TransferRules.SequenceId, $"UR:COMPRESSED/{sequence}/{Bytewords.Write(Good.Write())}");

    [Theory]
    [InlineData("")]
    [InlineData("AEA")]
    [InlineData("AEAEAEAE")] // a checksum of nothing
    [InlineData("AA")]
    [InlineData("Ä1Ä1Ä1Ä1Ä1Ä1")]
    [InlineData("AEAEAEAEAEA\u0001")]
    public void Letters_that_are_no_bytewords_are_refused(string body) => AssertRefused(TransferRules.BytewordsId, $"UR:COMPRESSED/{body}");

    [Fact]
    public void A_swapped_pair_of_letters_is_refused()
    {
        string text = Samples.Frames(Samples.Note, 20).Text(2);
        AssertRefused(TransferRules.BytewordsChecksumId, text[..^4] + text[^2..] + text[^4..^2]);
    }

    public static TheoryData<string, string> BadParts => new()
    {
        { TransferRules.PartId, "80" }, // an empty list
        { TransferRules.PartId, "8402031819074100" }, // four
        { TransferRules.PartId, "86020318190741000100" }, // six
        { TransferRules.PartId, "850203181907" }, // cut off
        { TransferRules.PartId, "85020318190744000000000000" }, // something behind
        { TransferRules.PartId, "9f02031819074100ff" }, // of indefinite length
        { TransferRules.PartId, "851802031819074a00000000000000000000" }, // 2 in two bytes
        { TransferRules.PartId, "8521031819074a00000000000000000000" }, // a negative number
        { TransferRules.PartId, "85021b00000001000000001819074a00000000000000000000" }, // beyond 32 bits
        { TransferRules.PartId, "8502031819076a30303030303030303030" }, // text for bytes
        { TransferRules.PartLengthsId, "8500031819074a00000000000000000000" }, // part 0
        { TransferRules.PartLengthsId, "85020318190740" }, // no data
        { TransferRules.PartLengthsId, "8502041819074a00000000000000000000" }, // 4 times 10 for 25
        { TransferRules.PartLengthsId, "8502021819074a00000000000000000000" }, // 2 times 10 for 25
        // number 3 under 2-3
        { TransferRules.PartLengthsId, "85031819031819074a00000000000000000000"[..4] + "031819074a00000000000000000000" },
        { TransferRules.MessageLengthId, "85020300074a00000000000000000000" },
        { TransferRules.MessageLengthId, "8502031a00100001074a00000000000000000000" },
    };

    [Theory]
    [MemberData(nameof(BadParts))]
    public void A_part_that_is_none_is_refused(string rule, string cbor) =>
        AssertRefused(rule, $"UR:COMPRESSED/2-3/{Bytewords.Write(Convert.FromHexString(cbor))}");

    [Fact]
    public void A_good_part_is_taken() =>
        Assert.True(new FrameCollector().TryTake($"ur:compressed/2-3/{Bytewords.Write(Good.Write())}", out _));

    [Fact]
    public void A_frame_of_another_transfer_is_refused_and_changes_nothing()
    {
        (FrameSequence? ours, FrameSequence? theirs) = (Samples.Frames(Samples.Note, 20),
            Samples.Frames(Samples.Artefact("other.txt", "text/plain", [1, 2, 3]), 20));
        FrameCollector collector = Samples.Collect([ours.Text(1)]);
        Assert.Equal(TransferRules.OtherTransferId, Refused(collector, theirs.Text(1)));
        Assert.Equal(TransferRules.OtherTransferId, Refused(collector, Samples.Frames(Samples.Note, 200).Text(1)));
        Assert.Equal(1, collector.Known);
        foreach (string frame in ours.Texts(3, first: 2))
            Assert.True(collector.TryTake(frame, out _));
        Assert.True(Samples.IsSame(Samples.Note, collector.Received()));

        FrameCollector whole = Samples.Collect(Samples.Frames(Samples.Note, 200).Texts(2));
        Assert.Equal(TransferRules.OtherTransferId, Refused(whole, theirs.Text(1)));
        Assert.Equal(TransferRules.OtherTransferId,
            Refused(whole, Samples.Frames(Samples.Artefact("other.txt", "text/plain", [1]), 200).Text(1)));
    }

    [Fact]
    public void An_unfinished_transfer_is_refused()
    {
        Assert.Equal(TransferRules.MissingId, Refused(new FrameCollector()));
        FrameCollector collector = Samples.Collect(Samples.Frames(Samples.Note, 20).Texts(3));
        Assert.Equal((4, 3, false), (collector.Count, collector.Known, collector.IsComplete));
        Assert.Equal(TransferRules.MissingId, Refused(collector));
    }

    [Fact]
    public void A_forged_part_is_found_out_by_the_next_ones_or_at_the_end()
    {
        (FrameSequence? frames, byte[]? message) = (Samples.Frames(Samples.Note, 20), Samples.Message(Samples.Note));
        string forged = FrameText.OfPart(new Part(2, 4, message.Length, Crc32.Of(message), Samples.Noise(20, 1)));

        FrameCollector collector = Samples.Collect([frames.Text(1), forged, frames.Text(3), frames.Text(4)]);
        Assert.Equal(TransferRules.DamagedId, Refused(collector, frames.Text(2)));
        Assert.Equal(TransferRules.DamagedId, Refused(collector));
    }

    [Fact]
    public void A_filling_that_is_not_zero_is_refused()
    {
        byte[] message = Samples.Message(Samples.Note);
        FrameSequence frames = Samples.Frames(Samples.Note, 20);
        byte[] last = [.. message[60..], 0, 0, 1];
        string forged = FrameText.OfPart(new Part(4, 4, message.Length, Crc32.Of(message), last));
        Assert.Equal(TransferRules.DamagedId, Refused(Samples.Collect([.. frames.Texts(3), forged])));
    }

    public static TheoryData<string, string> BadMessages => new()
    {
        { TransferRules.CompressedId, "80" },
        { TransferRules.CompressedId, "a0" },
        { TransferRules.CompressedId, "820001" },
        { TransferRules.CompressedId, "84000041004100" },
        { TransferRules.CompressedId, "d99c4383000040" }, // tagged
        { TransferRules.CompressedId, "8300004000" },
        { TransferRules.ContainerLengthId, "83001a0100000141ff" },
        { TransferRules.InflatedId, "8300014200ff" }, // longer than its content
        { TransferRules.InflatedId, "8300184041ff" }, // no DEFLATE
        { TransferRules.InflatedId, "830018404103" }, // cut off
        { TransferRules.ContainerChecksumId, "83000141a0" },
        { TransferRules.ContainerChecksumId, "83000040"[..4] + "0141a1" },
    };

    [Theory]
    [MemberData(nameof(BadMessages))]
    public void A_message_that_is_none_is_refused(string rule, string cbor) =>
        Assert.Equal(rule, Refused(Samples.Collect([FrameText.Whole(Convert.FromHexString(cbor))])));

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public void A_content_of_another_size_than_announced_is_refused(int off)
    {
        byte[] content = Samples.Prose(1000);
        byte[] message = CompressedMessage.Write(content);
        Assert.True(message.Length < 500);
        int told = message.AsSpan().IndexOf((byte[])[0x19, 0x03, 0xE8]); // 1000
        message[told + 2] = (byte)(message[told + 2] + off);
        Assert.False(CompressedMessage.TryRead(message, out _, out Refusal? refusal));
        Assert.Equal(TransferRules.InflatedId, refusal.Rule);
    }

    public static TheoryData<string, string> BadContainers => new()
    {
        { TransferRules.ContainerId, "a0" },
        { TransferRules.ContainerId, "a26464617461406474797065633a2f3a" }, // no name
        { TransferRules.ContainerId, "a3646e616d65616164646174614064747970656361" }, // other order, cut off
        { TransferRules.ContainerId, "a3646461746140646e616d656161647479706563612f6200" }, // something behind
        { TransferRules.ContainerId, "a3646461746160646e616d656161647479706563612f62" }, // data as text
        { TransferRules.ContainerId, "a3646461746140646e616d6561ff647479706563612f62" }, // no UTF-8
        { TransferRules.NameId, "a3646461746140646e616d6560647479706563612f62" },
        { TransferRules.TypeId, "a3646461746140646e616d65616164747970656161" },
    };

    [Theory]
    [MemberData(nameof(BadContainers))]
    public void A_container_that_is_none_is_refused(string rule, string cbor) =>
        Assert.Equal(rule, Refused(Samples.Collect([FrameText.Whole(CompressedMessage.Write(Convert.FromHexString(cbor)))])));

    [Theory]
    [InlineData("")]
    [InlineData(".profile")]
    [InlineData("-rf")]
    [InlineData("../root.der")]
    [InlineData("a/b")]
    [InlineData("a b")]
    [InlineData("zertifikät.der")]
    [InlineData("root.der\n")]
    public void A_name_that_is_no_plain_file_name_is_refused(string name)
    {
        Assert.False(Artefact.TryCreate(name, "text/plain", default, out _, out Refusal? refusal));
        Assert.Equal(TransferRules.NameId, refusal.Rule);
    }

    [Theory]
    [InlineData("")]
    [InlineData("text")]
    [InlineData("Text/plain")]
    [InlineData("text/plain; charset=utf-8")]
    [InlineData("text/plain/more")]
    [InlineData("text/plain\n")]
    public void A_type_that_is_no_media_type_is_refused(string type)
    {
        Assert.False(Artefact.TryCreate("a.txt", type, default, out _, out Refusal? refusal));
        Assert.Equal(TransferRules.TypeId, refusal.Rule);
    }

    [Fact]
    public void Names_and_types_beyond_their_limits_are_refused()
    {
        Assert.True(Artefact.TryCreate(new string('a', 100), "text/" + new string('a', 95), default, out _, out _));
        Assert.False(Artefact.TryCreate(new string('a', 101), "text/plain", default, out _, out _));
        Assert.False(Artefact.TryCreate("a", "text/" + new string('a', 96), default, out _, out _));
    }

    [Fact]
    public void An_artefact_beyond_the_limits_is_refused()
    {
        AssertTooLarge(Samples.Artefact("big.bin", MediaTypes.Unknown, new byte[TransferLimits.MaxContainerBytes]));
        AssertTooLarge(Samples.Artefact("big.bin", MediaTypes.Unknown, new byte[TransferLimits.MaxContainerBytes + 1]));
        AssertTooLarge(Samples.Artefact("noise.bin", MediaTypes.Unknown, Samples.Noise(TransferLimits.MaxMessageBytes, 3)));

        Artefact large = Samples.Artefact("large.bin", MediaTypes.Unknown, Samples.Noise(TransferLimits.MaxMessageBytes - 100, 3));
        Assert.True(OutgoingMessage.TryPack(large, out OutgoingMessage? message, out _));
        Assert.False(message.TryCut(500, out _, out Refusal? refusal));
        Assert.Equal(TransferRules.TooLargeId, refusal.Rule);
        Assert.True(message.TryCut(1249, out FrameSequence? frames, out _));
        Assert.InRange(frames.Count, 1, TransferLimits.MaxFragments);
    }

    [Fact]
    public void Frames_without_room_for_a_fragment_are_refused()
    {
        Assert.True(OutgoingMessage.TryPack(Samples.Artefact("noise.bin", MediaTypes.Unknown, Samples.Noise(500, 3)),
            out OutgoingMessage? message, out _));
        Assert.False(message.TryCut(60, out _, out Refusal? refusal));
        Assert.Equal(TransferRules.ScreenId, refusal.Rule);
    }

    [Fact]
    public void Words_of_something_else_or_too_few_are_refused()
    {
        Assert.True(Samples.Note.TryAcknowledge("NECKLACE jamaica gazelle  vertigo", out _));
        Assert.True(Samples.Note.TryAcknowledge(Samples.Note.Words, out _));
        AssertNotAcknowledged(TransferRules.WordsId, "necklace jamaica gazelle");
        AssertNotAcknowledged(TransferRules.WordsId, "necklace jamaica gazelle voyager");
        AssertNotAcknowledged(TransferRules.WordsId, Samples.Note.Words + " aardvark");
        AssertNotAcknowledged("PGPWORD-01", "necklace jamaica gazelle nonsense");
        AssertNotAcknowledged("PGPWORD-02", "jamaica gazelle vertigo uncut");
    }

    private static void AssertNotAcknowledged(string rule, string words)
    {
        Assert.False(Samples.Note.TryAcknowledge(words, out Refusal? refusal));
        Assert.Equal(rule, refusal.Rule);
    }

    private static void AssertTooLarge(Artefact artefact)
    {
        Assert.False(OutgoingMessage.TryPack(artefact, out _, out Refusal? refusal));
        Assert.Equal(TransferRules.TooLargeId, refusal.Rule);
    }

    private static void AssertRefused(string rule, string frame)
    {
        var collector = new FrameCollector();
        Assert.Equal(rule, Refused(collector, frame));
        Assert.Equal((0, 0, false), (collector.Count, collector.Known, collector.IsComplete));
    }

    private static string Refused(FrameCollector collector, string frame)
    {
        Assert.False(collector.TryTake(frame, out Refusal? refusal));
        return refusal.Rule;
    }

    private static string Refused(FrameCollector collector)
    {
        Assert.False(collector.TryFinish(out _, out Refusal? refusal));
        return refusal.Rule;
    }
}
