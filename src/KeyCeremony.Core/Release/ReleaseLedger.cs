using System.Collections.Immutable;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Release.Images;

namespace KeyCeremony.Core.Release;

/// <summary>A release that this ledger signed.</summary>
/// <param name="Key">SHA-256 of the signer's SubjectPublicKeyInfo, lower-case hex.</param>
/// <param name="Floor">That its withdrawal asks for; null: it is not withdrawn.</param>
/// <param name="Ceremony">In which it was signed.</param>
public sealed record KnownRelease(ReleaseRequest Request, string Key, long? Floor, string Ceremony)
{
    /// <summary>Its ceremony was aborted.</summary>
    public bool IsDead { get; init; }

    /// <summary>Of Secure Boot variables.</summary>
    public ImmutableArray<EfiUpdate> Updates { get; init; } = [];

    internal bool IsOf(string product, string component) => Request.Product == product && Request.Component == component;
}

/// <summary>What a ledger says to a release: the rules that no request can keep by itself.</summary>
/// <param name="Before">Every release that was signed, in their order; those of aborted ceremonies too, for a signature may be out.</param>
public sealed record ReleaseLedger(string Environment, ImmutableArray<KnownRelease> Before)
{
    /// <summary>A request is made some days before it is signed; a time far ahead would lock the variable until then.</summary>
    private static readonly TimeSpan Ahead = TimeSpan.FromDays(31);

    /// <summary>Everything that forbids the release; empty when it may be signed.</summary>
    /// <param name="product">That the script names.</param>
    /// <param name="key">The signer's, as in <see cref="KnownRelease.Key"/>.</param>
    public IEnumerable<Refusal> Check(ReleaseRequest request, string product, string component, string key)
    {
        if (request.Environment != Environment)
            yield return ReleaseRoomRules.Environment.Refuse($"The release belongs to {request.Environment}, this ledger to {Environment}.",
                $"Sign it with the ledger of {request.Environment}: nothing crosses from one environment to another.");
        if ((request.Product, request.Component) != (product, component))
            yield return ReleaseRoomRules.Component.Refuse(
                $"The release is of {request.Component} of {request.Product}; the script signs {component} of {product}.",
                "Bring the right request, or use the script of that component.");
        if (Before.FirstOrDefault(one => one.Key == key && !one.IsOf(product, component)) is { Request: var other })
            yield return ReleaseRoomRules.OneKey.Refuse($"The key has signed {other.Component} of {other.Product} before.",
                "Make a release key for this component: a device that trusts one key for two things takes one in place of the other.");
        if (Floor(product, component) is { } floor && request.SecurityCounter < floor)
            yield return ReleaseRoomRules.Counter.Refuse(
                $"The security counter is {request.SecurityCounter}, and this component's is at least {floor}.",
                "A device with it could be taken back to a release with known faults. Build with the right counter.");
    }

    /// <summary>FIRMWARE-14: what the key signs now and signed before is for one kind of reader.</summary>
    public Refusal? CheckUse(ReleaseRequest request, string key, bool isRsa)
    {
        bool?[] uses = [.. request.Images.Concat(Before.Where(one => one.Key == key).SelectMany(one => one.Request.Images))
            .Select(image => ReleaseSigning.IsForFirmware(image.Format, isRsa)).Where(use => use is not null).Distinct()];
        return uses.Length < 2 ? null : ReleaseRoomRules.OneUse.Refuse(
            "With this release its key would have signed digests without CMS, and for firmware of UEFI too.",
            "Make a release key for each: a signature of one kind could pass for one of the other.");
    }

    /// <summary>FIRMWARE-15: firmware takes no update that is not later than the last.</summary>
    /// <param name="updates">Of the request.</param>
    /// <param name="now">The ceremony's clock.</param>
    public IEnumerable<Refusal> CheckUpdates(ReleaseRequest request, IReadOnlyCollection<EfiUpdate> updates, DateTimeOffset now)
    {
        foreach (IGrouping<string, EfiUpdate> twice in updates.GroupBy(one => one.Variable).Where(same => same.Count() > 1))
            yield return ReleaseRoomRules.VariableTime.Refuse($"{twice.Key} is set twice.", "Put all of it into one update.");
        foreach (EfiUpdate update in updates)
        {
            if (Before.Where(one => one.IsOf(request.Product, request.Component)).SelectMany(one => one.Updates)
                .Where(one => one.Variable == update.Variable).MaxBy(one => one.Time) is { } last && update.Time <= last.Time)
                yield return ReleaseRoomRules.VariableTime.Refuse(
                    $"The update of {update.Variable} is of {update.TimeInWords}; one of {last.TimeInWords} is signed.",
                    "Make it again with a later time: firmware that has the other one would not take it.");
            if (update.Time > now + Ahead)
                yield return ReleaseRoomRules.VariableTime.Refuse(
                    $"The update of {update.Variable} is of {update.TimeInWords}, and it is {now:yyyy-MM-dd HH:mm:ss} UTC.",
                    "Make it again with the time of today: until the time that it has, firmware would take no other.");
        }
    }

    /// <summary>The lowest counter that this component may have; null: it has no release yet.</summary>
    public long? Floor(string product, string component) => Of(product, component)
        .Select(one => (long?)Math.Max(one.Request.SecurityCounter, one.Floor ?? 0)).Max();

    /// <summary>The one that was signed last; null: none was.</summary>
    public KnownRelease? Last(string product, string component) => Of(product, component).LastOrDefault();

    /// <summary>Why the version does not say that this is the next one; null: it does, or it is the first.</summary>
    public string? NotNext(ReleaseRequest request)
    {
        if (Last(request.Product, request.Component)?.Request.Version is not { } last)
            return null;
        return ReleaseVersions.Compare(request.Version, last) switch
        {
            null => $"The version {request.Version} cannot be compared with {last}, which was signed last.",
            0 => $"The version {request.Version} was signed before.",
            < 0 => $"The version {request.Version} is lower than {last}, which was signed last.",
            _ => null,
        };
    }

    /// <summary>Which images of it were withdrawn, whatever version and counter they have now; null: none was.</summary>
    public string? WithdrawnBefore(ReleaseRequest request)
    {
        string[] found =
        [
            .. from image in request.Images
               let before = Before.LastOrDefault(one => one.Floor is not null && one.Request.Images.Any(i => i.Sha256 == image.Sha256))
               where before is not null
               select $"'{image.File}' is an image of {before.Request.Component} {before.Request.Version} of {before.Request.Product}, "
                   + "which is WITHDRAWN",
        ];
        return found.Length == 0 ? null : $"{string.Join("; ", found)}.";
    }

    /// <summary>In words: what is other than in the last release of this component.</summary>
    public IEnumerable<TextLine> Difference(ReleaseRequest request)
    {
        if (Last(request.Product, request.Component) is not { } last)
            return [new("last release", "none: this is the first of its component in this ledger")];
        return
        [
            new("last release", $"{last.Request.Version}, in {last.Ceremony}{(last.Floor is null ? "" : "; WITHDRAWN")}"),
            Changed("version", last.Request.Version, request.Version),
            Changed("security counter", BatchText.Count(last.Request.SecurityCounter), BatchText.Count(request.SecurityCounter)),
            Changed("hardware revision", last.Request.HardwareRevision, request.HardwareRevision),
            Changed("images", Images(last.Request), Images(request)),
            Changed("bytes", BatchText.Count(Bytes(last.Request)), BatchText.Count(Bytes(request))),
            Changed("builders", Builders(last.Request), Builders(request)),
        ];
    }

    /// <summary>In words: what an update changes in its variable, as far as this ledger signed what it holds.</summary>
    public IEnumerable<TextLine> Difference(ReleaseRequest request, EfiUpdate update)
    {
        EfiUpdate[] before = [.. Of(request.Product, request.Component).SelectMany(one => one.Updates)
            .Where(one => one.Variable == update.Variable)];
        if (before is not [.., var last])
            return [new($"last update of {update.Variable}", "none in this ledger")];
        EfiEntry[] held = [.. before.Aggregate(Enumerable.Empty<EfiEntry>(), (entries, one) => one.Over(entries))],
            holds = [.. update.Over(held)];
        return
        [
            new($"last update of {update.Variable}", last.TimeInWords),
            Changed("time", last.TimeInWords, update.TimeInWords),
            .. holds.Except(held).Select(one => new TextLine("  NEW in it", one.InWords)),
            .. held.Except(holds).Select(one => new TextLine("  GONE from it", one.InWords)),
            new("  as before", $"{held.Intersect(holds).Count()} of {holds.Length}"),
        ];
    }

    private static TextLine Changed(string what, string before, string now) =>
        new($"  {what}", before == now ? $"{now}, as before" : $"{before} -> {now}");

    private static string Images(ReleaseRequest request) =>
        string.Join(", ", request.Images.Select(image => image.Target is { } target ? $"{image.Format} for {target}" : image.Format));

    private static long Bytes(ReleaseRequest request) => request.Images.Sum(image => image.Size);

    private static string Builders(ReleaseRequest request) => string.Join(", ", request.Builders.Select(builder => builder.Id));

    private IEnumerable<KnownRelease> Of(string product, string component) => Before.Where(one => one.IsOf(product, component));
}
