using System.Numerics;
using System.Runtime.InteropServices;

namespace KeyCeremony.Core.Transfer;

/// <summary>
/// Parts are equations: a sum (XOR) of fragments is known. Gaussian elimination takes them one by one; as many as there
/// are fragments suffice when none follows from the others, which the peeling of the reference cannot use.
/// </summary>
internal sealed class FragmentSolver(int count, int length)
{
    private const int WordBits = 64;

    /// <summary>The equation whose first fragment this is; null where none is known.</summary>
    private readonly Equation?[] _byFirst = new Equation?[count];

    /// <summary>Independent equations so far; the fragments are known when there are as many as fragments.</summary>
    public int Known { get; private set; }

    public bool IsComplete => Known == count;

    /// <summary>False where the equation contradicts those before it. One that follows from them changes nothing.</summary>
    public bool TryAdd(ReadOnlySpan<int> fragments, ReadOnlySpan<byte> data)
    {
        var equation = new Equation(new ulong[(count + WordBits - 1) / WordBits], data.ToArray());
        foreach (int fragment in fragments)
            equation.Fragments[fragment / WordBits] ^= 1UL << (fragment % WordBits);
        for (int first = equation.First(0); first >= 0; first = equation.First(first / WordBits))
        {
            if (_byFirst[first] is not { } known)
            {
                _byFirst[first] = equation;
                Known++;
                return true;
            }

            equation.Add(known);
        }

        return !equation.Data.AsSpan().ContainsAnyExcept((byte)0);
    }

    /// <summary>All fragments in their order, one behind the other. Only when complete.</summary>
    public byte[] Solve()
    {
        byte[] solved = new byte[count * length];
        for (int first = count - 1; first >= 0; first--)
        {
            Equation equation = _byFirst[first]!;
            Span<byte> fragment = solved.AsSpan(first * length, length);
            equation.Data.CopyTo(fragment);
            // Every other fragment of the equation stands behind this one, and is known by now.
            for (int other = equation.After(first); other >= 0; other = equation.After(other))
                Xor(fragment, solved.AsSpan(other * length, length));
        }

        return solved;
    }

    /// <summary>Adds <paramref name="other"/> to <paramref name="sum"/>, bit by bit, without carry.</summary>
    public static void Xor(Span<byte> sum, ReadOnlySpan<byte> other)
    {
        Span<Vector<byte>> sums = MemoryMarshal.Cast<byte, Vector<byte>>(sum);
        ReadOnlySpan<Vector<byte>> others = MemoryMarshal.Cast<byte, Vector<byte>>(other);
        for (int i = 0; i < sums.Length; i++)
            sums[i] ^= others[i];
        for (int i = sums.Length * Vector<byte>.Count; i < sum.Length; i++)
            sum[i] ^= other[i];
    }

    /// <param name="Fragments">A bit for every fragment in the sum.</param>
    private sealed record Equation(ulong[] Fragments, byte[] Data)
    {
        /// <summary>The first fragment in the sum; the words before <paramref name="word"/> are known to be empty. -1: none.</summary>
        public int First(int word)
        {
            for (; word < Fragments.Length; word++)
                if (Fragments[word] != 0)
                    return (word * WordBits) + BitOperations.TrailingZeroCount(Fragments[word]);
            return -1;
        }

        /// <summary>The next fragment in the sum behind <paramref name="fragment"/>, or -1.</summary>
        public int After(int fragment)
        {
            (int word, int bit) = (fragment / WordBits, fragment % WordBits);
            ulong rest = bit == WordBits - 1 ? 0 : Fragments[word] >> (bit + 1);
            return rest != 0 ? fragment + 1 + BitOperations.TrailingZeroCount(rest) : First(word + 1);
        }

        public void Add(Equation other)
        {
            Xor(MemoryMarshal.AsBytes(Fragments.AsSpan()), MemoryMarshal.AsBytes(other.Fragments.AsSpan()));
            Xor(Data, other.Data);
        }
    }
}
