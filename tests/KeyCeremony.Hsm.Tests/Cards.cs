using System.Text;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Hsm.Tests;

/// <summary>What the officers could do with their cards if they met without the appliance.</summary>
internal static class Cards
{
    public static Share Read(string words) =>
        Slip39.TryParseWords(words, out Share? share, out Refusal? refusal)
            ? share
            : throw new InvalidOperationException(refusal.ToString());

    /// <summary>The secret of a set, from the first cards that make a quorum.</summary>
    public static SecretBytes Secret(Table table, ShareSetFact set)
    {
        Share[] shares = [.. Enumerable.Range(1, set.Made.Threshold).Select(i => Read(table.Card(set.Made.Set, i)))];
        return Slip39.TryCombine(shares, [], out SecretBytes? secret, out Refusal? refusal)
            ? secret
            : throw new InvalidOperationException(refusal.ToString());
    }

    /// <summary>Whether these cards open anything together.</summary>
    public static bool Open(params string[] words)
    {
        bool opens = Slip39.TryCombine([.. words.Select(Read)], [], out SecretBytes? secret, out _);
        secret?.Dispose();
        return opens;
    }

    public static string Pin(Table table, World world, PinPurpose purpose)
    {
        TokenFact token = world.Primary!;
        using SecretBytes secret = Secret(table, world.Sets[token.Commissioned.Set]);
        using SecretBytes pin = ActivationPin.Derive(secret, Encoding.ASCII.GetBytes($"{world.LedgerId}/{token.Commissioned.Set}"), purpose,
            token.Commissioned.PinLength, PinAlphabet.LettersAndDigits);
        return Encoding.ASCII.GetString(pin.Span);
    }

    /// <summary>The same card with one word replaced, so that the checksum fails.</summary>
    public static string Mistyped(string words, int word)
    {
        string[] all = words.Split(' ');
        all[word - 1] = WordList.Words.First(w => w != all[word - 1]);
        return string.Join(' ', all);
    }
}
