using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.App.Tests.Room;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Release;
using KeyCeremony.Core.Release.Images;
using static KeyCeremony.Verifier.Tests.Pen;

namespace KeyCeremony.Verifier.Tests;

/// <summary>Releases that were not judged, shown or signed so.</summary>
public sealed partial class LiesTests
{
    private static IEnumerable<Lie> Releases()
    {
        const string kind = "releases";
        const string previewed = "(release-previewed, step \"preview\")", signed = "(release-signed, step \"sign\")";
        yield return new Lie(kind, "a signature over another digest than was shown", r => r.Released, Replay,
            $"{signed} … what was signed is not what was shown", SignedOtherwise("release-application", "another image"));
        yield return new Lie(kind, "a signature of another key", r => r.Released, Replay,
            $"{signed} … the signature of application.bin does not hold",
            SignedOtherwise("transcript", null));
        yield return new Lie(kind, "a signature in another one's name", r => r.Released, Replay, $"{signed} … certificate is",
            Change<ReleaseSigned>(s => s with { Certificate = "transcript" }));
        yield return new Lie(kind, "a counter below the one that the withdrawal asks for", r => r.Released, Replay,
            $"{previewed} … FIRMWARE-04",
            Requested("securityCounter: 19", "securityCounter: 18", "The security counter is 19; it is at least 19.",
                "The security counter is 18; it is at least 19."));
        yield return new Lie(kind, "a release of another environment", r => r.Released, Replay, $"{previewed} … FIRMWARE-01",
            Requested("environment: rehearsal", "environment: production", "belongs to rehearsal, as", "belongs to production, as"));
        yield return new Lie(kind, "a release of another component", r => r.Released, Replay, $"{previewed} … FIRMWARE-02",
            Requested("component: application", "component: boot loader", "The security counter is 19; it is at least 19.",
                "The security counter is 19; it is at least 19."));
        yield return new Lie(kind, "a statement of a file that the request does not name", r => r.Released, Replay,
            $"{previewed} … its statements are not those that the request names",
            Change<ReleasePreviewed>(p => p with
            {
                Statements = p.Statements.SetItem(1, p.Statements[1] with { File = "another.json" }),
            }));
        yield return new Lie(kind, "one builder's word for both", r => r.Released, Replay, $"{previewed} … BUILDER-04",
            Change<ReleasePreviewed>(p => p with
            {
                Statements = p.Statements.SetItem(1, p.Statements[1] with { Envelope = p.Statements[0].Envelope }),
            }));
        yield return new Lie(kind, "an image with another hash", r => r.Released, Replay, $"{previewed} … RELEASE-06",
            Seen(i => i with { Sha256 = Hash("other"), Digests = [i.Digests[0] with { Digest = Hash("other") }] }));
        yield return new Lie(kind, "an image of another size", r => r.Released, Replay, $"{previewed} … RELEASE-06",
            Seen(i => i with { Size = 7 }));
        yield return new Lie(kind, "an image with another version in it", r => r.Released, Replay, $"{previewed} … RELEASE-07",
            Seen(i => i with { Version = "0.1.0" }));
        yield return new Lie(kind, "an image with another counter in it", r => r.Released, Replay, $"{previewed} … RELEASE-08",
            Seen(i => i with { SecurityCounter = 1 }));
        yield return new Lie(kind, "a digest that is not the image's", r => r.Released, Replay, $"{previewed} … its digest is not its hash",
            Seen(i => i with { Digests = [i.Digests[0] with { Digest = Hash("other") }] }));
        yield return new Lie(kind, "a finding that nobody made", r => r.Released, Replay, $"{previewed} … findings is",
            Change<ReleasePreviewed>(p => p with { Findings = p.Findings.RemoveAt(3) }));
        yield return new Lie(kind, "a release that nobody took", r => r.Released, Replay, "due was release-taken",
            Drop(e => e.Body is ReleaseTaken));
        yield return new Lie(kind, "an image that was not read again", r => r.Released, Replay, "compare-release",
            Drop(e => e.Body is ReleaseCompared));
        yield return new Lie(kind, "a release that nobody signed", r => r.Released, Replay, "sign-release",
            Drop(e => e.Body is ReleaseSigned));
        yield return new Lie(kind, "a builder whom nobody compared", r => r.Released, Replay, "due was builder-known",
            Drop(e => e.Body is BuilderKnown));
        yield return new Lie(kind, "a builder with another key than was read", r => r.Released, Replay,
            "(builder-known, step \"builder-a\") … due was builder-known",
            Change<BuilderKnown>(b => b with { Spki = Spki(ReleaseFolder.KeyB) }, b => b.Builder == "runner-a"));
        yield return new Lie(kind, "two builders with one key", r => r.Released, Replay, "(builder-read, step \"builder-b\") … FIRMWARE-13",
            Change<BuilderRead>(b => b with { Spki = Spki(ReleaseFolder.KeyA), Sha256 = KeyHash(ReleaseFolder.KeyA) },
                b => b.Builder == "runner-b"));
        yield return new Lie(kind, "a withdrawal that asks for less", r => r.Released, Replay, "due was release-withdrawn. floor is",
            Change<ReleaseWithdrawn>(w => w with { Floor = 18 }));
        yield return new Lie(kind, "a withdrawal of another release", r => r.Released, Replay, "due was release-withdrawn. version is",
            Change<ReleaseWithdrawn>(w => w with { Version = "1.15.0" }));
        yield return new Lie(kind, "a withdrawal that was left out", r => r.Released, Replay, "due was release-withdrawn",
            Drop(e => e.Body is ReleaseWithdrawn));
        yield return new Lie(kind, "a text of which another one was told", r => r.Attached, Replay,
            $"{previewed} … it does not say what its text says", Told(i => i with { Text = Another(i.Text!, "rootfs.img", "rootfs.iso") }));
        yield return new Lie(kind, "a text that was left out", r => r.Attached, Replay, $"{previewed} … it does not say what its text says",
            Seen(i => i with { Text = null }));
        yield return new Lie(kind, "a text and its hash in place of the builders'", r => r.Attached, Replay, $"{previewed} … RELEASE-06",
            Told(i => Retold(i, Another(i.Text!, "rootfs.img", "rootfs.iso"))));
        yield return new Lie(kind, "a text for another device", r => r.Attached, Replay, $"{previewed} … RELEASE-06",
            Told(i => Retold(i, Another(i.Text!, "LOCK-1", "LOCK-2"))));
        yield return new Lie(kind, "a setting that was not told", r => r.Attached, Replay,
            $"{previewed} … it does not say what its text says", Seen(i => i with { Lines = i.Lines.RemoveAt(0) }));
        yield return new Lie(kind, "a text where the format has none", r => r.Released, Replay,
            $"{previewed} … its text stands there, and its format is none", Seen(i => i with { Text = "AAAA" }));
        yield return new Lie(kind, "a signature over the digest where CMS is due", r => r.Attached, Replay,
            $"{signed} … the signature of application.bin does not hold", SignedOtherwise("release-application", null));
        yield return new Lie(kind, "a signature of another time", r => r.Attached, Replay,
            $"{signed} … the signature of application.bin does not hold", InCms("release-application", TimeSpan.FromSeconds(1)));
        yield return new Lie(kind, "a CMS of another key", r => r.Attached, Replay,
            $"{signed} … the signature of application.bin does not hold", InCms("transcript", TimeSpan.Zero));
        yield return new Lie(kind, "an update of a variable of which another one was told", r => r.Updated, Replay,
            $"{previewed} … it does not say what its text says", Told(i => i with { Text = Flipped(i.Text!) }));
        yield return new Lie(kind, "an update of a variable that was left out", r => r.Updated, Replay, $"{previewed} … findings is",
            Seen(i => i with { Text = null }));
        yield return new Lie(kind, "a time of a variable that nobody compared", r => r.Updated, Replay, $"{previewed} … findings is",
            Change<ReleasePreviewed>(p => p with { Findings = p.Findings.RemoveAt(7) }));
        yield return new Lie(kind, "a signature with a time where firmware takes none", r => r.Updated, Replay,
            $"{signed} … the signature of application.bin does not hold", InCms("release-application", TimeSpan.Zero));
        yield return new Lie(kind, "releases in a format that knew none", r => r.Released, Replay,
            "what its script asks for came with format 7", Change<CeremonyOpened>(o => o with { Format = JournalFormats.Renewed }));
    }

    /// <summary>The last release signed by this key, over this or over what was shown.</summary>
    private static Func<SoftwareRoom, ImmutableArray<Entry>, IEnumerable<Entry>> SignedOtherwise(string by, string? other) =>
        (room, entries) => Change<ReleaseSigned>(s =>
        {
            string digest = other is null ? s.Signatures[0].Digest : Hash(other);
            byte[] signature = ((ECDsa)room.KeyOf(by)).SignHash(Convert.FromHexString(digest), DSASignatureFormat.Rfc3279DerSequence);
            return s with { Signatures = [s.Signatures[0] with { Digest = digest, Signature = Convert.ToBase64String(signature) }] };
        })(room, entries);

    /// <summary>The last release signed by this key, in CMS with a time that is so much later than the attempt.</summary>
    private static Func<SoftwareRoom, ImmutableArray<Entry>, IEnumerable<Entry>> InCms(string by, TimeSpan later) => (room, entries) =>
    {
        Entry last = entries.Last(e => e.Body is ReleaseSigned);
        DateTimeOffset at = entries[(int)last.Seq - 2].Utc + later;
        return Change<ReleaseSigned>(s =>
        {
            var key = (ECDsa)room.KeyOf(by);
            byte[] digest = Convert.FromHexString(s.Signatures[0].Digest);
            byte[] signature = key.SignHash(ReleaseSigning.HashToSign(ReleaseSigning.Content("cms", digest, []), digest,
                KeyAlgorithm.Of(key.ExportSubjectPublicKeyInfo())!, at), DSASignatureFormat.Rfc3279DerSequence);
            return s with { Signatures = [s.Signatures[0] with { Signature = Convert.ToBase64String(signature) }] };
        })(room, entries);
    };

    /// <summary>What was said of the image that is a text.</summary>
    private static Func<SoftwareRoom, ImmutableArray<Entry>, IEnumerable<Entry>> Told(Func<ImageSeen, ImageSeen> change) =>
        Seen(seen => seen.Text is null ? seen : change(seen));

    private static string Flipped(string text)
    {
        byte[] file = Convert.FromBase64String(text);
        file[^1] ^= 1;
        return Convert.ToBase64String(file);
    }

    private static string Another(string text, string find, string instead) => Convert.ToBase64String(Encoding.UTF8.GetBytes(
        Encoding.UTF8.GetString(Convert.FromBase64String(text)).Replace(find, instead, StringComparison.Ordinal)));

    /// <summary>All that the image says, out of another text.</summary>
    private static ImageSeen Retold(ImageSeen seen, string text)
    {
        byte[] file = Convert.FromBase64String(text);
        Assert.True(ImageFormat.Of("rauc-verity").TryRead(new MemoryStream(file), file.Length, out ImageFacts? facts, out _));
        return ReleasePlanning.Seen(new ReleaseImage(seen.File, "rauc-verity", file.Length, facts.Sha256, facts.Target), facts);
    }

    private static Func<SoftwareRoom, ImmutableArray<Entry>, IEnumerable<Entry>> Seen(Func<ImageSeen, ImageSeen> change) =>
        Change<ReleasePreviewed>(p => p with { Images = [change(p.Images[0])] });

    /// <summary>Another request in place of the last one, wherever it is named, with the finding that fits it.</summary>
    private static Func<SoftwareRoom, ImmutableArray<Entry>, IEnumerable<Entry>> Requested(string find, string instead, string found,
        string finds) => (room, entries) =>
        {
            ReleasePreviewed last = entries.Select(e => e.Body).OfType<ReleasePreviewed>().Last();
            string yaml = Encoding.UTF8.GetString(Convert.FromBase64String(last.Request)).Replace(find, instead, StringComparison.Ordinal);
            string was = last.RequestSha256, sha256 = Hash(yaml);
            return Rewrite(e => e.Body switch
            {
                ReleasePreviewed p when p.RequestSha256 == was => p with
                {
                    Request = Convert.ToBase64String(Encoding.UTF8.GetBytes(yaml)),
                    RequestSha256 = sha256,
                    Findings = [.. p.Findings.Select(f => f with { Text = f.Text.Replace(found, finds, StringComparison.Ordinal) })],
                },
                ReleaseTaken t when t.RequestSha256 == was => t with { RequestSha256 = sha256 },
                ReleaseCompared c when c.RequestSha256 == was => c with { RequestSha256 = sha256 },
                ReleaseSigned x when x.RequestSha256 == was => x with { RequestSha256 = sha256 },
                var other => other,
            })(room, entries);
        };

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string Spki(ECDsa key) => Convert.ToBase64String(key.ExportSubjectPublicKeyInfo());

    private static string KeyHash(ECDsa key) => Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()));
}
