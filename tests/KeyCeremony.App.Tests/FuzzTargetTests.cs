using KeyCeremony.App.Commands;
using KeyCeremony.Core;
using KeyCeremony.Fuzz;

namespace KeyCeremony.App.Tests;

/// <summary>
/// What <c>make fuzz</c> asks of every reader holds for its seeds, for what it once found, and for a few of the seeds with bytes changed:
/// so every build runs the targets themselves. Hours of it are in <c>docs/assurance.md</c>.
/// </summary>
public sealed class FuzzTargetTests
{
    /// <summary>A verification of a bundle takes as long as a hundred of the others.</summary>
    private const int Changes = 40, ChangesOfBundles = 4;

    public static readonly TheoryData<string> Names = [.. FuzzTarget.All.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_target_holds_for_its_seeds_and_for_what_was_found(string name)
    {
        var target = FuzzTarget.Named(name);
        byte[][] inputs = [.. target.Inputs()];

        Assert.NotEmpty(inputs);
        Assert.All(inputs, target.Read);
        Assert.All(target.Seeds(), seed => Assert.InRange(seed.Length, 0, 1024 * 1024));
        Assert.Contains(inputs, input => input.Length <= target.MaxBytes);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_target_holds_for_changed_seeds(string name)
    {
        var target = FuzzTarget.Named(name);
        var random = new Random(15);
        byte[][] seeds = [.. target.Inputs().Where(seed => seed.Length > 0 && seed.Length <= target.MaxBytes)];
        for (int i = 0; i < (name == "bundle" ? ChangesOfBundles : Changes); i++)
            target.Read(Changed([.. seeds[random.Next(seeds.Length)]], target, random));
    }

    [Fact]
    public void A_promise_that_is_broken_is_found()
    {
        Assert.Throws<BrokenPromiseException>(() => Held.Ours(null as Refusal));
        Assert.Throws<BrokenPromiseException>(() => Held.Ours(new Refusal("REQ-01", "It holds \u001b[2J.", "Bring another.")));
        Assert.Throws<BrokenPromiseException>(() => Held.Ours(new Refusal("REQ-01", "System.IndexOutOfRangeException", "Bring another.")));
        Assert.Throws<BrokenPromiseException>(() => Held.Ours(new Refusal("REQ", "It is wrong.", "Bring another.")));
        Held.Ours(new Refusal("REQ-01", "It is wrong.", "Bring another."));

        FuzzTarget slow = FuzzTarget.Named("pem") with { MaxTime = TimeSpan.Zero, MaxMemory = 0 };
        Assert.Throws<BrokenPromiseException>(() => slow.Try(new byte[100]));
    }

    /// <summary>A bundle's list of sums may name a file so that it clears the screen of whoever restores from it.</summary>
    [Fact]
    public void A_refusal_on_the_console_steers_no_terminal() => Assert.Equal("a?[2J is listed and missing.\nb?",
        Words.Plain("a\u001b[2J is listed and missing.\nb\u202e"));

    /// <summary>A byte changed, a piece doubled or taken out, a word of the format put in.</summary>
    private static byte[] Changed(byte[] seed, FuzzTarget target, Random random)
    {
        int at = random.Next(seed.Length), length = random.Next(1, 1 + Math.Min(16, seed.Length - at));
        byte[] word = target.Words[random.Next(target.Words.Length)];
        switch (random.Next(4))
        {
            case 0:
                seed[at] = (byte)random.Next(256);
                return seed;
            case 1:
                return [.. seed[..at], .. seed[at..(at + length)], .. seed[at..]];
            case 2:
                return [.. seed[..at], .. seed[(at + length)..]];
            default:
                return [.. seed[..at], .. word, .. seed[at..]];
        }
    }
}
