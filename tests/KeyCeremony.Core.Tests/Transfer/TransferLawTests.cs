using FsCheck;
using FsCheck.Fluent;
using KeyCeremony.Core.Transfer;

namespace KeyCeremony.Core.Tests.Transfer;

/// <summary>Laws that hold for every artefact, every loss and every order.</summary>
[Trait("Takes", "long")]
public sealed class TransferLawTests
{
    /// <param name="Length">Bytes of the artefact.</param>
    /// <param name="Repeats">Whether it compresses.</param>
    /// <param name="Characters">What a code holds.</param>
    /// <param name="LossPercent">Of the frames shown.</param>
    /// <param name="Start">Frames that passed before the receiver looked.</param>
    /// <param name="Seed">Fixes the rest.</param>
    public sealed record Showing(int Length, bool Repeats, int Characters, int LossPercent, int Start, int Seed);

    private static readonly Arbitrary<Showing> Showings = (
        from length in Gen.Frequency((1, Gen.Choose(0, 20)), (6, Gen.Choose(0, 4000)))
        from repeats in ArbMap.Default.GeneratorFor<bool>()
        from characters in Gen.Choose(110, 1249)
        from loss in Gen.Choose(0, 90)
        from start in Gen.Frequency((2, Gen.Constant(0)), (1, Gen.Choose(0, 1_000_000)))
        from seed in Gen.Choose(0, int.MaxValue)
        select new Showing(length, repeats, characters, loss, start, seed)).ToArbitrary();

    [Fact]
    public void Whatever_is_lost_repeated_or_mixed_in_the_artefact_comes_whole() => Check(300, showing =>
    {
        (Artefact? artefact, FrameSequence? frames, Random? random) = Begin(showing);
        FrameSequence foreign = Samples.Frames(Samples.Artefact("foreign.bin", MediaTypes.Unknown, Samples.Noise(700, showing.Seed)), 50);
        FrameCollector collector = Samples.Collect([frames.Text(1 + (uint)showing.Start)]); // the first one decides which transfer it is
        for (int shown = 1; !collector.IsComplete; shown++)
        {
            // A window of frames that come in any order, some of them twice and some not at all.
            uint number = 1 + (uint)(showing.Start + shown + random.Next(20));
            if (random.Next(100) < showing.LossPercent)
                continue;
            if (!collector.TryTake(frames.Text(number), out _) || (shown % 3 == 0 && !collector.TryTake(frames.Text(number), out _)))
                return false;
            if (shown % 5 == 0
                && (collector.TryTake(foreign.Text(number), out Refusal? refusal) || refusal.Rule != TransferRules.OtherTransferId))
                return false;
            if (shown > 100 * (frames.Count + 20))
                return false;
        }

        return Samples.IsSame(artefact, collector.Received());
    });

    [Fact]
    public void As_many_frames_as_fragments_and_a_few_more_suffice() => Check(200, showing =>
    {
        (Artefact _, FrameSequence? frames, Random _) = Begin(showing);
        var collector = new FrameCollector();
        int needed = 0;
        // Behind the fragments themselves, every frame is a mixture: the worst part of the code.
        for (uint number = 1 + (uint)frames.Count; !collector.IsComplete; number++, needed++)
            collector.TryTake(frames.Text(number), out _);
        return needed <= (4 * frames.Count) + 20;
    });

    [Fact]
    public void Until_it_is_complete_it_is_refused_and_the_missing_are_told() => Check(200, showing =>
    {
        (Artefact? artefact, FrameSequence? frames, Random? random) = Begin(showing);
        var collector = new FrameCollector();
        foreach (int number in Enumerable.Range(1, frames.Count).Where(_ => random.Next(100) >= showing.LossPercent))
            collector.TryTake(frames.Text((uint)number), out _);
        return collector.TryFinish(out Artefact? received, out Refusal? refusal)
            ? collector.Known == frames.Count && Samples.IsSame(artefact, received)
            : collector.Known < frames.Count && refusal.Rule == TransferRules.MissingId;
    });

    [Fact]
    public void A_changed_letter_is_refused() => Check(300, showing =>
    {
        (Artefact _, FrameSequence? frames, Random? random) = Begin(showing);
        char[] letters = frames.Text(1 + (uint)showing.Start).ToCharArray();
        int place = random.Next(letters.Length);
        char before = letters[place];
        letters[place] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/:-"[random.Next(39)];
        return letters[place] == before || !new FrameCollector().TryTake(letters, out _);
    });

    [Fact]
    public void Frames_with_a_good_heading_and_any_data_give_no_other_artefact() => Check(200, showing =>
    {
        (Artefact? artefact, FrameSequence? frames, Random? random) = Begin(showing);
        if (frames.IsSingle)
            return true;
        byte[] message = Samples.Message(artefact);
        var collector = new FrameCollector();
        for (uint number = 1u; !collector.IsComplete; number++)
        {
            bool forged = random.Next(10) == 0;
            int length = (message.Length + frames.Count - 1) / frames.Count;
            collector.TryTake(forged
                ? FrameText.OfPart(new Part(number, frames.Count, message.Length, Crc32.Of(message), Samples.Noise(length, random.Next())))
                : frames.Text(number), out _);
        }

        return collector.TryFinish(out Artefact? received, out Refusal? refusal)
            ? Samples.IsSame(artefact, received)
            : refusal.Rule == TransferRules.DamagedId;
    });

    [Fact]
    public void No_frame_is_longer_than_the_code_holds() => Check(300, showing =>
    {
        (Artefact? artefact, FrameSequence _, Random? random) = Begin(showing);
        Assert.True(OutgoingMessage.TryPack(artefact, out OutgoingMessage? message, out _));
        Assert.True(message.TryCut(showing.Characters, out FrameSequence? frames, out _));
        return frames.Text(1).Length <= showing.Characters
            && frames.Text(uint.MaxValue).Length <= showing.Characters
            && frames.Text((uint)random.Next(1, int.MaxValue)).Length <= showing.Characters;
    });

    [Fact]
    public void Any_bytes_are_refused_or_read_as_they_are_written_again() => Check(500, showing =>
    {
        byte[] bytes = Samples.Noise(showing.Length % 64, showing.Seed);
        return (!Part.TryRead(bytes, out Part? part, out _) || part.Write().SequenceEqual(bytes))
            && (!ArtefactContainer.TryRead(bytes, out Artefact? artefact, out _) || ArtefactContainer.Write(artefact).SequenceEqual(bytes))
            && (bytes.Length == 0 || (Bytewords.TryRead(Bytewords.Write(bytes), out byte[]? read, out _) && read.SequenceEqual(bytes)));
    });

    private static (Artefact Artefact, FrameSequence Frames, Random Random) Begin(Showing showing)
    {
        Artefact artefact = Samples.Artefact("a.bin", MediaTypes.Unknown,
            showing.Repeats ? Samples.Prose(showing.Length) : Samples.Noise(showing.Length, showing.Seed));
        Assert.True(OutgoingMessage.TryPack(artefact, out OutgoingMessage? message, out _));
        Assert.True(message.TryCut(showing.Characters, out FrameSequence? frames, out Refusal? refusal), refusal?.ToString());
        return (artefact, frames, new Random(showing.Seed));
    }

    private static void Check(int runs, Func<Showing, bool> law) =>
        FsCheck.Check.One(Config.QuickThrowOnFailure.WithMaxTest(runs), Prop.ForAll(Showings, law));
}
