using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using KeyCeremony.Core;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Benchmarks;

/// <summary>3 of 5 cards for 32 bytes, as our ceremonies deal them. Not sealed, for BenchmarkDotNet derives from it.</summary>
public class Slip39Benchmarks : IDisposable
{
    internal const int Threshold = 3;
    internal const int Count = 5;

    private const int PassphraseRounds = 4;
    private const int PassphraseIterations = 2_500;

    private readonly SecretBytes _secret = SecretBytes.Random(32, RandomNumberGenerator.Fill);
    private readonly GroupPlan _plan;
    private readonly ShareSet _dealt;

    public Slip39Benchmarks()
    {
        _plan = GroupPlan.TryCreate(Threshold, Count, out GroupPlan? plan, out Refusal? refusal)
            ? plan
            : throw new InvalidOperationException(refusal.ToString());
        _dealt = Deal();
    }

    [Benchmark]
    public void Split() => Deal().Dispose();

    [Benchmark]
    public void Combine()
    {
        if (!Slip39.TryCombine(_dealt.Shares[..Threshold], default, out SecretBytes? secret, out Refusal? refusal))
            throw new InvalidOperationException(refusal.ToString());
        secret.Dispose();
    }

    /// <summary>The limit: the standard's PBKDF2 alone, which no implementation can leave out.</summary>
    [Benchmark]
    public byte Passphrase()
    {
        Span<byte> half = stackalloc byte[16];
        for (byte round = 0; round < PassphraseRounds; round++)
            Rfc2898DeriveBytes.Pbkdf2([round], _secret.Span[..16], half, PassphraseIterations, HashAlgorithmName.SHA256);
        return half[0];
    }

    public void Dispose()
    {
        _dealt.Dispose();
        _secret.Dispose();
        GC.SuppressFinalize(this);
    }

    private ShareSet Deal() => Slip39.Split(_secret, _plan, RandomNumberGenerator.Fill);
}
