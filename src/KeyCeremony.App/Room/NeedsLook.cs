using System.Collections.Immutable;
using KeyCeremony.App.Bundle;
using KeyCeremony.App.Camera;
using KeyCeremony.App.Devices;
using KeyCeremony.App.Ground;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;
using KeyCeremony.Pkcs11;
using KeyCeremony.Verifier;

namespace KeyCeremony.App.Room;

/// <summary>Where things lie.</summary>
/// <param name="Records">Folders of the record sticks; empty: they are not looked at.</param>
/// <param name="Out">The export stick's; null: it is not looked at.</param>
/// <param name="In">The import stick's; null: there is none.</param>
/// <param name="Sticks">Real ones; null: folders play them.</param>
/// <param name="Camera">Its device; null: whichever is there; empty: none.</param>
internal sealed record NeedPlaces(HsmSettings? Hsm, ImmutableArray<string> Records, string? Out, string? In, Sticks? Sticks,
    string? Camera, bool PlaysCamera);

/// <summary>
/// Looks at everything that a script will need, before anything is begun. What is exchanged between this look and its use is found at
/// its use, as ever.
/// </summary>
internal sealed class NeedsLook(ScriptNeeds needs, World world, NeedPlaces places, DateTimeOffset now)
{
    /// <summary>A record of a long day has some megabytes, with lists beside it.</summary>
    private const long RecordRoom = 8_000_000;

    /// <summary>A bundle holds the record, its report and what was made.</summary>
    private const long ExportRoom = 16_000_000;

    /// <param name="again">Something may have been plugged in since: some modules see that only when they start anew.</param>
    public ImmutableArray<Finding> Look(bool again = false) =>
        [.. Names(), .. Tokens(again), .. Records(), .. Export(), .. Import(), .. Apart(), .. Tools(), .. Camera()];

    /// <summary>
    /// The script gives the names, whoever brings the keys: that one is taken is known before anybody has come. A ceremony that goes on may
    /// have signed what it names.
    /// </summary>
    private IEnumerable<Finding> Names() => needs.NewCas.Where(step => !world.Certificates.ContainsKey(step.Certificate))
        .Select(step => CertificatePlanning.RefuseTakenName(world, step, now)?.Message).OfType<string>()
        .Select(NeedRules.Names.Fail);

    private ImmutableArray<Finding> Tokens(bool again)
    {
        if (places.Hsm is not { } settings || !needs.BlankPrimary && !needs.KnownPrimary && !needs.Drill)
            return [];
        // Some do harm by being started.
        if (TokenFamilies.OfFile(settings.Module) is { Refused: not null } known)
            return [Unfit(known)];
        try
        {
            Module module = settings.Process.Running(out bool isFresh);
            if (again && !isFresh)
                module.Reinitialize();
            ModuleInfo info = module.GetInfo();
            if (TokenFamilies.Of(module.Path, info) is { Refused: not null } said)
                return [Unfit(said)];
            return [NeedRules.ModuleAnswers.Pass($"The module answers: {info.Description}."),
                .. new TokenNeeds(needs, world, settings, t => Listed(module, t), t => TokenFamilies.Of(module.Path, info, t))
                    .Look(module.Tokens())];
        }
        catch (CeremonyException e)
        {
            return [NeedRules.ModuleAnswers.Fail(e.Refusal.Message)];
        }
        catch (HsmException e)
        {
            return [NeedRules.ModuleAnswers.Fail(e switch
            {
                Pkcs11Exception p => $"The module does not answer: {p.Function} says {p.ConstantName}.",
                HostLostException lost => lost.Happened,
                _ => $"The module does not answer: {e.Function} is not to be trusted.",
            })];
        }
    }

    private static Finding Unfit(TokenFamily family) => NeedRules.Family.Fail($"This is {family.Title}. {family.Unserved[0]}");

    private static ImmutableHashSet<ulong>? Listed(Module module, TokenInfo token)
    {
        try
        {
            return [.. module.Mechanisms(token).Select(m => m.Code)];
        }
        catch (HsmException)
        {
            return null;
        }
    }

    private IEnumerable<Finding> Records() => places.Records.Select(
        (folder, i) => Written(NeedRules.Records, $"Record stick {(i == 0 ? 'A' : 'B')}", folder, RecordRoom));

    private ImmutableArray<Finding> Export()
    {
        if (!needs.Exports || places.Out is null && places.Sticks is null)
            return [];
        if (places.Sticks is not { } sticks)
            return [Taken("The export stick", places.Out!) ?? Written(NeedRules.Export, "The export stick", places.Out!, ExportRoom)];
        try
        {
            Stick stick = sticks.Mount(StickRole.Export, write: true);
            string what = $"The export stick ({stick.InWords})", folder = sticks.PathOf(StickRole.Export);
            Finding found = Taken(what, folder) ?? Written(NeedRules.Export, what, folder, ExportRoom);
            sticks.Release(StickRole.Export);
            string later = found.Result == FindingResults.Pass ? " It may be pulled out until the close." : "";
            return [found with { Text = found.Text + later }];
        }
        catch (CeremonyException e) when (e.Refusal.Rule == StickRules.Missing.Id)
        {
            return [NeedRules.Export.Warn("No export stick is plugged in: whether it can be written to shows at the close.")];
        }
        catch (CeremonyException e)
        {
            return [NeedRules.Export.Fail($"{e.Refusal.Message} ({e.Refusal.Rule})")];
        }
    }

    /// <summary>
    /// What the bundle will be called is known before anything is begun: a stick that has such a folder refuses it at the close
    /// (BUNDLE-01), with the key made. A ceremony that goes on may have written it itself.
    /// </summary>
    private Finding? Taken(string what, string place)
    {
        if (world.LedgerId.Length == 0 || world.Ceremonies is [.., { End: "" }])
            return null;
        string name = BundleFiles.NameOf(world.LedgerId, Director.NextId(world, needs.Name));
        string[] names = [name, name + BundleExport.PartialSuffix];
        return names.FirstOrDefault(n => Posix.Look(Path.Combine(place, n)) is not null) is { } there
            ? NeedRules.Export.Fail($"{what} holds {there} already, as the bundle of this ceremony will be called.") : null;
    }

    private ImmutableArray<Finding> Import()
    {
        if (!needs.Imports && !needs.MayImport)
            return [];
        bool camera = !needs.ImportsFolder && (places.PlaysCamera || Cameras() > 0);
        string none = needs.ImportsFolder ? "." : ", and there is no camera.";
        if (places.Sticks is { } sticks)
            return [new StickMatch(sticks.Look(), sticks.Choices).TryFind(StickRole.Import, out Stick? stick, out Refusal? refusal)
                ? NeedRules.Import.Pass($"The import stick is there: {stick.InWords}.")
                : NeedRules.Import.Warn($"{refusal.Message} It can be plugged in when something is read.")];
        bool there = places.In is not null && Directory.Exists(places.In);
        return [there && Directory.EnumerateFileSystemEntries(places.In!).Any() ? NeedRules.Import.Pass("The import stick holds files.")
            : there ? NeedRules.Import.Warn("The import stick is empty.")
            : camera ? NeedRules.Import.Pass("There is no import stick; files come in by camera.")
            : needs.Imports ? NeedRules.Import.Fail(places.In is null
                ? $"No import stick was named (--in){none}" : $"There is no folder {places.In}{none}")
            : NeedRules.Import.Warn("There is no import stick and no camera: revocations can only be typed.")];
    }

    /// <summary>Folders on one device are lost together. Two real sticks with the label of one part are told apart by STICK-02.</summary>
    private IEnumerable<Finding> Apart()
    {
        if (places.Sticks is not null || places.Records.Length != 2)
            yield break;
        FileIdentity?[] records = [.. places.Records.Select(r => Posix.Look(r, followLinks: true))];
        if (records is not [{ } a, { } b])
            yield break;
        yield return a.IsSameFileAs(b)
            ? NeedRules.TwoSticks.Fail($"{places.Records[0]} and {places.Records[1]} are one folder.")
            : a.Device == b.Device ? NeedRules.TwoSticks.Warn("The two record sticks are folders of one device.")
            : NeedRules.TwoSticks.Pass("The two record sticks are two devices.");
        if (needs.Exports && places.Out is { } folder && Posix.Look(folder, followLinks: true) is { } export
            && (export.IsSameFileAs(a) || export.IsSameFileAs(b)))
            yield return NeedRules.TwoSticks.Fail($"{folder} is a record stick: the bundle needs a stick of its own.");
        if ((needs.Imports || needs.MayImport) && places.In is { } source && Posix.Look(source, followLinks: true) is { } import
            && (import.IsSameFileAs(a) || import.IsSameFileAs(b)))
            yield return NeedRules.TwoSticks.Fail($"{source} is a record stick: what others hand in comes on a stick of its own.");
    }

    private IEnumerable<Finding> Tools()
    {
        if (needs.Previews)
            yield return IsThere("zlint") ? NeedRules.Zlint.Pass("zlint is there.") : NeedRules.Zlint.Warn("zlint is not installed.");
        if (needs.Signs)
            yield return IsThere("openssl") ? NeedRules.Openssl.Pass("openssl is there.")
                : NeedRules.Openssl.Warn("openssl is not installed.");
    }

    private IEnumerable<Finding> Camera()
    {
        if (needs.ReadsCards)
            yield return Cameras() > 0 ? NeedRules.Camera.Pass("A camera is there.") : NeedRules.Camera.Warn("No camera is there.");
    }

    private int Cameras() => places.Camera switch
    {
        null => CameraDevice.All().Length,
        "" => 0,
        var device => File.Exists(device) ? 1 : 0,
    };

    private static bool IsThere(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Any(folder => File.Exists(Path.Combine(folder, program)));

    /// <summary>A file is made and is gone again: what a mount or a folder says of itself is not what it does.</summary>
    private static Finding Written(HouseRule rule, string what, string folder, long room)
    {
        string path = Path.Combine(folder, $".keyceremony-look-{Guid.NewGuid():N}");
        try
        {
            using (var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose))
                file.WriteByte(0);
            long free = new DriveInfo(folder).AvailableFreeSpace;
            return free < room ? rule.Fail($"{what} has {Drive.Size(free)} left; {Drive.Size(room)} are needed.")
                : rule.Pass($"{what} can be written to and has {Drive.Size(free)} left.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return rule.Fail($"{what} ({folder}) cannot be written to.");
        }
    }
}
