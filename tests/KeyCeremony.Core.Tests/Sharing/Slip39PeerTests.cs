using System.Diagnostics;
using System.Text;
using System.Text.Json;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Core.Tests.Sharing;

/// <summary>Against npm slip39, written by others from the same standard: each reads what the other dealt.</summary>
[Trait("Needs", "packages")]
public class Slip39PeerTests
{
    public static TheoryData<int, int, string, bool, int, int> Deals => new()
    {
        // bytes, exponent, passphrase, extendable, threshold, count
        { 16, 0, "", true, 2, 3 },
        { 32, 0, "", true, 3, 5 },
        { 32, 0, "", true, 1, 1 },
        { 32, 0, "correct horse ~", true, 3, 5 },
        { 32, 1, "TREZOR", false, 2, 2 },
        { 16, 0, "", false, 16, 16 },
        { 24, 2, "x", true, 5, 9 },
    };

    [Theory]
    [MemberData(nameof(Deals))]
    public void The_peer_recovers_what_we_deal(int length, int exponent, string passphrase, bool extendable, int threshold, int count)
    {
        using SecretBytes secret = Cards.Secret(length);
        using ShareSet set = Slip39.Split(
            secret,
            Cards.Plan(threshold, count),
            Cards.Seeded(7),
            new SplitSettings(extendable, exponent),
            Encoding.ASCII.GetBytes(passphrase));

        IEnumerable<string> shares = set.Shares.Reverse().Take(threshold).Select(Cards.Text);
        JsonElement answer = Ask(new { @do = "combine", shares, passphrase });
        Assert.Equal(Cards.Hex(secret), answer.GetProperty("secret").GetString());
    }

    [Theory]
    [MemberData(nameof(Deals))]
    public void We_recover_what_the_peer_deals(int length, int exponent, string passphrase, bool extendable, int threshold, int count)
    {
        using SecretBytes secret = Cards.Secret(length);
        int[][] groups = [[threshold, count]];
        JsonElement answer = Ask(new
        {
            @do = "split",
            secret = Cards.Hex(secret),
            passphrase,
            threshold = 1,
            groups,
            exponent,
            extendable = extendable ? 1 : 0,
        });

        List<Share> shares = ReadGroups(answer)[0];
        Assert.All(shares, share => Assert.Equal(
            (extendable, exponent, threshold),
            (share.Header.Extendable, share.Header.IterationExponent, share.Header.MemberThreshold)));
        Assert.Equal(Cards.Hex(secret), Cards.Combine(shares[^threshold..], passphrase));
    }

    [Fact]
    public void Groups_are_understood_both_ways()
    {
        using SecretBytes secret = Cards.Secret(32);
        using ShareSet ours = Slip39.Split(secret, Cards.Plan(2, new Group(1, 1), new Group(2, 3), new Group(3, 5)), Cards.Seeded(9));
        IEnumerable<string> shares = ours.Groups[1].Skip(1).Concat(ours.Groups[2].Take(3)).Select(Cards.Text);
        Assert.Equal(Cards.Hex(secret), Ask(new { @do = "combine", shares, passphrase = "" }).GetProperty("secret").GetString());

        int[][] groups = [[1, 1], [2, 3], [3, 5]];
        List<List<Share>> theirs = ReadGroups(Ask(new
        {
            @do = "split",
            secret = Cards.Hex(secret),
            passphrase = "",
            threshold = 2,
            groups,
            exponent = 0,
            extendable = 1,
        }));
        Assert.Equal(Cards.Hex(secret), Cards.Combine([.. theirs[2][2..], .. theirs[0]]));
    }

    [Fact]
    public void The_peer_refuses_the_card_that_we_refuse()
    {
        using ShareSet set = Cards.Deal(2, 3);
        using Share forged = Cards.Forge(set.Shares[1]);
        Assert.Equal(ShareRules.ForgedId, Cards.CombineRefused(set.Shares[0], forged).Rule);

        string[] shares = new[] { Cards.Text(set.Shares[0]), Cards.Text(forged) };
        Assert.True(Ask(new { @do = "combine", shares, passphrase = "" }).TryGetProperty("error", out _));
    }

    /// <summary>After custodians were replaced: cards of both sets open nothing together, and those of each what they always did.</summary>
    [Fact]
    public void Cards_of_an_old_and_a_new_set_are_refused_by_both()
    {
        using SecretBytes before = Cards.Secret(32), after = Cards.Secret(32, seed: 2);
        using ShareSet old = Slip39.Split(before, Cards.Plan(2, 3), Cards.Seeded(3));
        using ShareSet @new = Slip39.Split(after, Cards.Plan(2, 3), Cards.Seeded(4));
        for (int i = 0; i < 3; i++)
            for (int j = 0; j < 3; j++)
            {
                Assert.Equal(ShareRules.OtherSetId, Cards.CombineRefused(old.Shares[i], @new.Shares[j]).Rule);
                string[] mixed = [Cards.Text(old.Shares[i]), Cards.Text(@new.Shares[j])];
                Assert.True(Ask(new { @do = "combine", shares = mixed, passphrase = "" }).TryGetProperty("error", out _), $"{i} {j}");
            }
        foreach ((ShareSet set, SecretBytes secret) in new[] { (old, before), (@new, after) })
            foreach ((int i, int j) in new[] { (0, 1), (0, 2), (1, 2) })
            {
                string[] two = [Cards.Text(set.Shares[i]), Cards.Text(set.Shares[j])];
                JsonElement answer = Ask(new { @do = "combine", shares = two, passphrase = "" });
                Assert.Equal(Cards.Hex(secret), answer.GetProperty("secret").GetString());
            }
    }

    private static List<List<Share>> ReadGroups(JsonElement answer) =>
        [.. answer.GetProperty("groups").EnumerateArray()
            .Select(group => group.EnumerateArray().Select(words => Cards.Read(words.GetString()!)).ToList())];

    private static JsonElement Ask(object question)
    {
        string folder = Path.Combine(TestFiles.Root, "tests", "slip39-peer");
        Assert.True(Directory.Exists(Path.Combine(folder, "node_modules", "slip39")), "run `npm ci` in tests/slip39-peer");

        var start = new ProcessStartInfo("node", "peer.js")
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using Process node = Process.Start(start)!;
        node.StandardInput.Write(JsonSerializer.Serialize(question));
        node.StandardInput.Close();
        string answer = node.StandardOutput.ReadToEnd();
        node.WaitForExit();
        Assert.Equal(0, node.ExitCode);
        return JsonDocument.Parse(answer).RootElement;
    }
}
