using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace KeyCeremony.Core.Tests.Sharing;

public class SecretBytesTests
{
    [Fact]
    public void A_disposed_secret_is_zero_in_memory_and_cannot_be_read()
    {
        SecretBytes secret = Cards.Secret(32);
        // A second view of the same memory, taken as an attacker would: the array stays alive through it.
        ReadOnlySpan<byte> memory = MemoryMarshal.CreateReadOnlySpan(ref MemoryMarshal.GetReference(secret.Span), secret.Length);
        Assert.NotEqual(-1, memory.IndexOfAnyExcept((byte)0));

        secret.Dispose();
        Assert.Equal(-1, memory.IndexOfAnyExcept((byte)0));
        Assert.Throws<ObjectDisposedException>(() => secret.Span.Length);
        Assert.Throws<ObjectDisposedException>(() => SecretBytes.Xor(secret, secret));
        secret.Dispose();
    }

    [Fact]
    public void Its_page_is_locked_and_left_out_of_dumps_until_disposed()
    {
        using SecretBytes secret = Cards.Secret(32);
        nint address = Address(secret);
        Assert.True(secret.IsUndumped);
        Assert.Contains("dd", VmFlags(address));
        Assert.Equal(secret.IsLocked, VmFlags(address).Contains("lo"));

        secret.Dispose();
        Assert.DoesNotContain("dd", VmFlags(address));
        Assert.DoesNotContain("lo", VmFlags(address));
    }

    [Fact]
    public void A_neighbour_disposed_first_does_not_unlock_it()
    {
        var secrets = Enumerable.Range(1, 64).Select(i => Cards.Secret(32, i)).ToList();
        var kept = secrets.Where((_, i) => i % 2 == 0).ToList();
        foreach (SecretBytes? neighbour in secrets.Except(kept))
            neighbour.Dispose();

        Assert.All(kept, secret => Assert.Contains("dd", VmFlags(Address(secret))));
        Assert.All(kept, secret => Assert.Equal(secret.IsLocked, VmFlags(Address(secret)).Contains("lo")));
        kept.ForEach(secret => secret.Dispose());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4096)]
    public void It_starts_on_a_page_of_its_own(int length)
    {
        using var secret = new SecretBytes(length);
        Assert.Equal(0, Address(secret) % Environment.SystemPageSize);
        Assert.Equal(length, secret.Span.Length);
        Assert.Equal(-1, secret.Span.IndexOfAnyExcept((byte)0));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(SecretBytes.MaxLength + 1)]
    public void Another_length_is_refused(int length) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new SecretBytes(length));

    [Fact]
    public void It_prints_as_dots_whichever_way()
    {
        using var secret = SecretBytes.Copy("hunter2hunter2hunter2"u8);
        Assert.Equal("•••", secret.ToString());
        Assert.Equal("•••", $"{secret}");
        // A serializer reads public properties; a span is none it can read.
        Assert.ThrowsAny<Exception>(() => JsonSerializer.Serialize(secret));
    }

    [Fact]
    public void Equality_looks_at_length_and_every_byte()
    {
        using SecretBytes secret = Cards.Secret(32);
        using var same = SecretBytes.Copy(secret.Span);
        using var shorter = SecretBytes.Copy(secret.Span[..31]);
        Assert.True(secret.ConstantTimeEquals(same));
        Assert.False(secret.ConstantTimeEquals(shorter));
        for (int i = 0; i < secret.Length; i++)
        {
            using var other = SecretBytes.Copy(secret.Span);
            other.Span[i] ^= 0x10;
            Assert.False(secret.ConstantTimeEquals(other));
        }
    }

    [Fact]
    public void Xor_is_byte_by_byte_and_wants_equal_lengths()
    {
        using SecretBytes a = Cards.FromHex("00ff0f");
        using SecretBytes b = Cards.FromHex("aaaaff");
        using SecretBytes c = Cards.FromHex("aa");
        using var sum = SecretBytes.Xor(a, b);
        Assert.Equal("aa55f0", Cards.Hex(sum));
        Assert.Throws<ArgumentException>(() => SecretBytes.Xor(a, c));
    }

    // The memory is pinned, so the address stays true.
    private static nint Address(SecretBytes secret) =>
        Unsafe.ByteOffset(ref Unsafe.NullRef<byte>(), ref MemoryMarshal.GetReference(secret.Span));

    // The flags that the kernel lists for the mapping an address lies in.
    private static string[] VmFlags(nint address)
    {
        bool inside = false;
        foreach (string line in File.ReadLines("/proc/self/smaps"))
        {
            int dash = line.IndexOf('-');
            if (dash > 0 && TryHex(line[..dash], out nint start) && TryHex(line[(dash + 1)..].Split(' ')[0], out nint end))
                inside = address >= start && address < end;
            else if (inside && line.StartsWith("VmFlags:", StringComparison.Ordinal))
                return line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..];
        }

        throw new InvalidDataException("no mapping holds the secret");
    }

    private static bool TryHex(string text, out nint value) =>
        nint.TryParse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out value);
}
