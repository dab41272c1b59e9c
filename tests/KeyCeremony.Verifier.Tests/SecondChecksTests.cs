using System.Collections.Immutable;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Ceremony.Retelling;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;
using Files = System.Collections.Immutable.ImmutableSortedDictionary<string, System.ReadOnlyMemory<byte>>;

namespace KeyCeremony.Verifier.Tests;

/// <summary>VERIFY-54: everything that carries a signature is asked once more.</summary>
public sealed class SecondChecksTests(PlayedCeremony played) : IClassFixture<PlayedCeremony>
{
    [Fact]
    public void It_is_the_last_check_and_passes() =>
        Assert.Equal(VerifyRules.SecondOpinion, Verdict(played.Files).Checks.Last(c => c.Passed && c.Asked).Rule);

    /// <summary>An HSM that makes an RSA key which anybody factors. Replay and every other check find nothing.</summary>
    [Fact]
    public void A_ceremony_that_only_the_first_implementation_accepts_is_not_verified()
    {
        using var weak = WeakRsa.DivisibleByThree();
        var room = new SoftwareRoom { OtherKey = key => key == "transcript" ? weak : null };
        string script = SoftwareRoom.Script("hsm-commissioning.md")
            .Replace("algorithm: ec-p256", "algorithm: rsa-3072", StringComparison.Ordinal);

        BundleVerdict verdict = Verdict(room.Play(script));

        VerifyCheck failed = Assert.Single(verdict.Checks, c => !c.Passed);
        Assert.Equal("VERIFY-54", failed.Rule.Id);
        foreach (string what in new[] { "the key \"transcript\"", "the certificate \"transcript\"", "checkpoint.cms" })
            Assert.Contains(failed.Flaws, f => f.StartsWith($"BouncyCastle does not accept {what}", StringComparison.Ordinal));
        Assert.Equal(VerifyResult.Failed, verdict.Result);
    }

    [Theory]
    [InlineData("key")]
    [InlineData("certificate")]
    [InlineData("drill")]
    [InlineData("checkpoint")]
    public void Every_kind_of_signature_is_asked(string what)
    {
        ImmutableArray<Entry> good = played.Room.Entries;
        ImmutableArray<Entry> other = [.. good.Select(e => e with { Body = Flipped(what, e.Body) })];

        Assert.NotEqual(good, other);
        Assert.DoesNotContain(SecondChecks.InJournal(new JournalFacts(good)), a => a.Flaw is not null);
        Assert.Contains(SecondChecks.InJournal(new JournalFacts(other)), a => a.Flaw is not null && a.What.Contains(what));
    }

    /// <summary>Each format has its own words: a program that knows BouncyCastle has asked it.</summary>
    [Fact]
    public void A_verdict_in_the_words_of_another_format_is_no_verdict()
    {
        Assert.Null(Retold.Of(With(SecondOpinions.NotInstalled.In(JournalFormats.Replayed))).Refusal);
        Assert.Contains("second opinion", Retold.Of(With(SecondOpinions.Certificate.In(JournalFormats.First))).Refusal!.Message);
        Assert.Contains("second opinion", Retold.Of(With(SecondOpinions.NotInstalled.In(JournalFormats.First))).Refusal!.Message);

        ImmutableArray<Entry> With(string verdict) =>
        [
            .. played.Room.Entries.Aggregate(ImmutableArray<Entry>.Empty, (before, e) => before.Add(Entry.Following(
                before.IsEmpty ? null : before[^1], e.Ceremony, e.Utc, e.Step,
                e.Body is CertificateSigned { Certificate: "root" } c ? c with { Second = verdict } : e.Body)))
                .TakeWhile(e => e.Body is not CertificateSigned { Certificate: "transcript" }),
        ];
    }

    private static BundleVerdict Verdict(Files files) => BundleVerify.Check("b", files, new VerifyOptions()).Verdict;

    private static EntryBody Flipped(string what, EntryBody body) => (what, body) switch
    {
        ("key", KeyGenerated { Purpose: KeyPurposes.Transcript } k) => k with { Spki = Flip(k.Spki) },
        ("certificate", CertificateSigned c) => c with { Der = Flip(c.Der) },
        ("drill", BackupDrilled d) => d with { Signature = Flip(d.Signature) },
        ("checkpoint", CheckpointSigned c) => c with { Cms = Flip(c.Cms) },
        _ => body,
    };

    /// <summary>The last byte is the signature's, or the key's.</summary>
    private static string Flip(string base64)
    {
        byte[] bytes = Convert.FromBase64String(base64);
        bytes[^1] ^= 1;
        return Convert.ToBase64String(bytes);
    }
}
