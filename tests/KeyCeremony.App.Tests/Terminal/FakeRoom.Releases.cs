using System.Collections.Immutable;
using KeyCeremony.App.Room;
using KeyCeremony.App.Tests.Room;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.App.Tests.Terminal;

/// <summary>Releases: the real desk reads them from a stick that is there for that moment; the signatures are none.</summary>
internal sealed partial class FakeRoom
{
    /// <summary>What the release engineer brings, by its folder.</summary>
    public ImmutableSortedDictionary<string, ReleaseFolder> Delivered { get; set; } = ImmutableSortedDictionary<string, ReleaseFolder>.Empty
        .Add("application-1.15.0", new ReleaseFolder
        {
            Format = "mcuboot",
            Image = ReleaseFolder.Mcuboot,
            Version = "1.15.0+7",
            Counter = 18,
        });

    private ImportsFound Found(LookForImports l) => OnReleaseStick(desks => desks.Imports.Look(l.Kind));

    private EntryBody Read(ReadBuilder b) => OnReleaseStick(desks => desks.Releases.Read(State, b));

    private EntryBody Read(ReadRelease r) => Refuses is { } refusal
        ? new ImportRefused(ImportWords.Release, r.Step.Release, r.Folder, refusal.Rule, refusal.Message, refusal.Remedy)
        : OnReleaseStick(desks => desks.Releases.Read(State, r));

    private ReleaseSigned Signed(SignRelease r) => new(r.Release, r.RequestSha256, r.Signer, Hex($"key of {r.Signer}"),
        [.. ReleasePlanning.Signed(State.World, r.Signer, State.World.Releases.Last(one => one.IsTaken).Preview)
            .Select(one => new ReleaseSignature(one.Image.File, one.Digest.Algorithm, one.Digest.Hex, Noise(one.Image.File, 70)))]);

    private T OnReleaseStick<T>(Func<Desks, T> read)
    {
        DirectoryInfo stick = Directory.CreateTempSubdirectory("release");
        try
        {
            ReleaseFolder.BringBuilders(stick.FullName);
            foreach ((string folder, ReleaseFolder release) in Delivered)
                release.Put(stick.FullName, folder);
            using var desks = Desks.Open(stick.FullName, [], new SecondOpinion(stick.FullName), stick.FullName);
            return read(desks);
        }
        finally
        {
            stick.Delete(recursive: true);
        }
    }
}
