using System.Buffers.Binary;

namespace KeyCeremony.Core.Transfer;

/// <summary>
/// Which fragments a part mixes. Sender and receiver must compute the very same, so that the order of every operation in
/// doubles is part of the format. <c>docs/formats/transfer.md</c>, "Which fragments a part mixes"; BCR-2024-001 4.
/// </summary>
internal sealed class FragmentChooser
{
    private readonly int _count;
    private readonly uint _checksum;
    private readonly double[] _probabilities;
    private readonly int[] _aliases;

    /// <param name="count">LEN, the number of fragments.</param>
    /// <param name="checksum">CRC-32 of the message.</param>
    public FragmentChooser(int count, uint checksum)
    {
        (_count, _checksum) = (count, checksum);
        (_probabilities, _aliases) = AliasTable(count);
    }

    /// <summary>Fragments counted from 0, in the order in which they are drawn.</summary>
    /// <param name="number">SEQ, from 1.</param>
    public int[] Of(uint number)
    {
        if (number <= _count)
            return [(int)number - 1];
        Span<byte> seed = stackalloc byte[2 * sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(seed, number);
        BinaryPrimitives.WriteUInt32BigEndian(seed[sizeof(uint)..], _checksum);
        var random = new Xoshiro256(seed);
        return Draw(Degree(random), random);
    }

    private int Degree(Xoshiro256 random)
    {
        (int place, double chance) = (random.NextBelow(_count), random.NextDouble());
        return 1 + (chance < _probabilities[place] ? place : _aliases[place]);
    }

    private int[] Draw(int degree, Xoshiro256 random)
    {
        var rest = Enumerable.Range(0, _count).ToList();
        int[] drawn = new int[degree];
        for (int i = 0; i < degree; i++)
        {
            int place = random.NextBelow(rest.Count);
            drawn[i] = rest[place];
            rest.RemoveAt(place);
        }

        return drawn;
    }

    /// <summary>Vose's alias method over the weights 1/1, 1/2, … 1/count.</summary>
    private static (double[] Probabilities, int[] Aliases) AliasTable(int count)
    {
        double sum = 0.0;
        for (int i = 1; i <= count; i++)
            sum += 1.0 / i;
        double[] scaled = new double[count];
        (Stack<int>? small, Stack<int>? large) = (new Stack<int>(), new Stack<int>());
        for (int i = count - 1; i >= 0; i--)
        {
            scaled[i] = 1.0 / (i + 1) * count / sum;
            (scaled[i] < 1 ? small : large).Push(i);
        }

        (double[]? probabilities, int[]? aliases) = (new double[count], new int[count]);
        Array.Fill(probabilities, 1); // for what remains on either stack
        while (small.Count > 0 && large.Count > 0)
        {
            (int less, int more) = (small.Pop(), large.Pop());
            (probabilities[less], aliases[less]) = (scaled[less], more);
            scaled[more] += scaled[less] - 1;
            (scaled[more] < 1 ? small : large).Push(more);
        }

        return (probabilities, aliases);
    }
}
