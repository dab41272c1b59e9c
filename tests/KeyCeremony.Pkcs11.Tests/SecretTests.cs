using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace KeyCeremony.Pkcs11.Tests;

/// <summary>
/// Looks for a secret in this process's memory after it was handed to a token that keeps nothing. A real software
/// token keeps its own copies, so the stub stands in. Each half is looked for alone: what is freed without being wiped
/// loses its beginning to the allocator's own pointers, and a search for the whole would not see the rest.
/// </summary>
[Collection(ModuleCollection.Name)]
[Trait("Needs", "packages")]
public sealed class SecretTests(ToyStub stub) : IClassFixture<ToyStub>
{
    private const int SecretBytes = 32;

    [Fact]
    public void A_secret_handed_to_the_token_is_nowhere_in_memory_afterwards()
    {
        stub.SetRules("");
        using Session session = stub.Module.OpenSession(stub.Token);

        AssertLeavesNoCopy(secret => session.ImportWrapKey(secret));
        AssertLeavesNoCopy(secret => session.Login(LoginRole.User, secret));
        AssertLeavesNoCopy(session.InitPin);
        AssertLeavesNoCopy(secret => session.SetPin(secret, secret));
        AssertLeavesNoCopy(secret => stub.Module.InitToken(stub.Token, secret, "stub"));
    }

    [Fact]
    public void The_search_finds_a_copy_that_is_there()
    {
        byte[] copy = WhereNothingMoves();
        Assert.Equal((2, 2), CopiesAfter(secret => secret.CopyTo(copy)));
        GC.KeepAlive(copy);
    }

    [Fact]
    public void The_search_finds_half_of_a_copy()
    {
        byte[] copy = WhereNothingMoves();
        Assert.Equal((1, 2), CopiesAfter(secret => secret[(SecretBytes / 2)..].CopyTo(copy)));
        GC.KeepAlive(copy);
    }

    /// <summary>The collector would leave another copy behind where it moves one.</summary>
    private static byte[] WhereNothingMoves() => GC.AllocateArray<byte>(SecretBytes, pinned: true);

    private delegate void Use(ReadOnlySpan<byte> secret);

    private static void AssertLeavesNoCopy(Use use) => Assert.Equal((1, 1), CopiesAfter(use));

    /// <summary>The one this method holds itself counts, too: it proves that the search works.</summary>
    private static unsafe (int FirstHalf, int SecondHalf) CopiesAfter(Use use)
    {
        byte* secret = (byte*)NativeMemory.Alloc(SecretBytes);
        try
        {
            RandomNumberGenerator.Fill(new Span<byte>(secret, SecretBytes));
            use(new ReadOnlySpan<byte>(secret, SecretBytes));
            return (CountInMemory(secret), CountInMemory(secret + SecretBytes / 2));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(new Span<byte>(secret, SecretBytes));
            NativeMemory.Free(secret);
        }
    }

    private static unsafe int CountInMemory(byte* half)
    {
        const int WindowBytes = 1 << 20;
        byte* window = (byte*)NativeMemory.AllocZeroed(WindowBytes);
        try
        {
            using SafeFileHandle memory = File.OpenHandle("/proc/self/mem");
            int count = 0;
            // The window would find what it was just filled with.
            foreach ((long from, long to) in WritableRegions().SelectMany(region => Without(region, (long)window, WindowBytes)))
            {
                for (long at = from; at < to; at += WindowBytes - SecretBytes / 2 + 1)
                {
                    int wanted = (int)Math.Min(WindowBytes, to - at);
                    count += CountIn(new Span<byte>(window, ReadSome(memory, window, wanted, at)),
                        new ReadOnlySpan<byte>(half, SecretBytes / 2));
                }
            }

            return count;
        }
        finally
        {
            NativeMemory.Free(window);
        }
    }

    private static (long From, long To)[] Without((long From, long To) region, long hole, int length) =>
    [
        (region.From, Math.Min(region.To, Math.Max(region.From, hole))),
        (Math.Max(region.From, Math.Min(region.To, hole + length)), region.To),
    ];

    private static unsafe int ReadSome(Microsoft.Win32.SafeHandles.SafeFileHandle memory, byte* window, int wanted, long at)
    {
        try
        {
            return RandomAccess.Read(memory, new Span<byte>(window, wanted), at);
        }
        catch (IOException)
        {
            // A guard page.
            return 0;
        }
    }

    private static int CountIn(ReadOnlySpan<byte> text, ReadOnlySpan<byte> secret)
    {
        int count = 0;
        for (int at = text.IndexOf(secret); at >= 0; at = text.IndexOf(secret))
        {
            count++;
            text = text[(at + 1)..];
        }

        return count;
    }

    private static IEnumerable<(long From, long To)> WritableRegions() =>
        from line in File.ReadAllLines("/proc/self/maps")
        let fields = line.Split(' ')
        where fields[1].StartsWith("rw", StringComparison.Ordinal)
        let bounds = fields[0].Split('-')
        select (Parse(bounds[0]), Parse(bounds[1]));

    private static long Parse(string hex) => long.Parse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
