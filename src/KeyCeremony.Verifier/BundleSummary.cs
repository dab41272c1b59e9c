using System.Collections.Immutable;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Verifier;

/// <summary>What a bundle whose checks passed says, a line each.</summary>
internal static class BundleSummary
{
    public static IEnumerable<string> Of(JournalFacts journal, CheckpointStatement statement, World world,
        ImmutableArray<RecordSignature> signatures, ImmutableArray<BatchFirmwareFact> firmware)
    {
        yield return $"{statement.Environment} ledger {statement.LedgerId}";
        yield return $"ceremony {statement.Ceremony}, {statement.Seq} entries, until {statement.SignedAfter:yyyy-MM-dd HH:mm:ss} UTC";
        yield return $"head {statement.Head}";
        yield return $"script SHA-256 {statement.ScriptSha256}";
        foreach (RecordSignature signature in signatures)
            yield return signature.InWords;
        foreach (string person in Together(journal, statement))
            yield return person;
        // VERIFY-52 says that nothing of a later ceremony hangs under them.
        HashSet<string> dead =
            [.. journal.All<CeremonyAborted>().Select(a => a.Entry.Ceremony)
                .Except(journal.All<CeremonyClosed>().Select(c => c.Entry.Ceremony))];
        foreach ((Entry entry, CertificateSigned c) in journal.All<CertificateSigned>())
        {
            yield return $"certificate {c.Certificate}";
            if (dead.Contains(entry.Ceremony))
                yield return $"DEAD: {entry.Ceremony} was aborted. Do not use it";
            yield return $"SHA-256 {c.Sha256}";
            if (JournalFacts.Certificate(c.Der) is { } certificate)
                yield return $"{certificate.ToBeSigned.Subject}";
        }
        foreach ((_, RootsLinked linked) in journal.All<RootsLinked>())
            yield return $"the roots {string.Join(" and ", linked.Signatures.Select(s => $"{s.Certificate} (key {s.KeyId})"))} "
                + "vouch for each other";
        foreach (string line in PlanB(world))
            yield return line;
        foreach ((Entry entry, KeyEnded ended) in journal.All<KeyEnded>())
            yield return $"key {ended.Key} ended {entry.Utc:yyyy-MM-dd}: {Account(journal, world, ended.Key, dead)}";
        foreach (CrlSigned list in BundleList.Newest(journal.Entries))
            yield return $"revocation list {list.Crl}, number {list.Number}, SHA-256 {list.Sha256}";
        foreach (ManifestSigned manifest in BundleFiles.Manifests(journal))
        {
            yield return $"batch manifest {manifest.BatchId}, SHA-256 of its statement {manifest.StatementSha256}";
            foreach (BatchFirmwareFact image in firmware.Where(f => f.Batch == manifest.BatchId))
                yield return $"firmware of {manifest.BatchId}: {image.InWords()}";
        }
        foreach ((_, ReleaseSigned release) in ReleaseFiles.Signed(journal))
            yield return $"release {release.Release}, SHA-256 of its release.yaml {release.RequestSha256}";
        foreach ((_, ReleaseWithdrawn release) in ReleaseFiles.Withdrawn(journal))
            yield return $"WITHDRAWN: release {release.Release} {release.Version}, SHA-256 of its release.yaml {release.RequestSha256}";
        // The report tells this ceremony, and those before it that no HSM signed; what other earlier ones went through stands in theirs.
        foreach (CeremonyRun run in SignedLater(journal, statement))
            yield return $"signed with it: {run.Id}, closed without an HSM; {Exceptions(journal, run.Id)}";
        yield return Exceptions(journal, statement.Ceremony);
    }

    /// <summary>How many roots are left to take over; nothing is said where none ever rested.</summary>
    private static IEnumerable<string> PlanB(World world)
    {
        foreach (WithdrawnRoot withdrawn in world.Withdrawn.Values.OrderBy(w => w.Utc))
            yield return $"WITHDRAWN: the root {withdrawn.Body.Root}, on {withdrawn.Utc:yyyy-MM-dd}, by "
                + $"{withdrawn.Body.Signature.Certificate}. Name that one to --trust from now on, SHA-256 "
                + world.Certificates[withdrawn.Body.Signature.Certificate].Signed.Sha256;
        if (world.Keys.Values.Any(k => k.RestsSince is not null))
            yield return world.Spares.Count(spare => WhyNot(spare, world) is null) switch
            {
                0 => "plan B: no spare root is left",
                1 => "plan B: 1 spare root",
                var n => $"plan B: {n} spare roots",
            };
        foreach (Spare spare in world.Spares)
            yield return $"{spare.InWords(world)}{(WhyNot(spare, world) is { } why ? $", {why}: it is not counted" : "")}; "
                + $"SHA-256 {spare.Root.Signed.Sha256}";
    }

    /// <summary>Roots that rest and can be counted on.</summary>
    public static IEnumerable<SpareRoot> Spares(World world) =>
        from spare in world.Spares
        where WhyNot(spare, world) is null
        let cards = spare.Cards(world)
        select new SpareRoot(spare.Name, spare.Root.Signed.Sha256, spare.Key.RestsSince!.Value, cards.Set, cards.Needed, cards.Issued,
            cards.Good);

    /// <summary>Why a spare is none to count on; null: it is one.</summary>
    private static string? WhyNot(Spare spare, World world) =>
        world.Objects.Any(o => o.Key == spare.Key.Generated.Key && o.Came != KeyObject.Drill && o.Gone.Length == 0)
            ? "AND THE KEY LIES IN AN HSM, where an aborted ceremony brought it"
        : spare.Root.Parsed.ToBeSigned.NotAfter.Value < world.LastUtc ? "AND ITS CERTIFICATE RAN OUT"
        : spare.Cards(world).IsShort ? "TOO FEW TO BE SURE"
        : null;

    /// <summary>What the last statement says of the copies of a key that ended.</summary>
    private static string Account(JournalFacts journal, World world, string key, HashSet<string> dead)
    {
        const string result = "result ";
        return journal.All<DestructionStated>().LastOrDefault(s => s.Body.Key == key && !dead.Contains(s.Entry.Ceremony)) is
        { Entry: not null, Body: { } stated }
            ? $"{stated.Lines.FirstOrDefault(l => l.StartsWith(result, StringComparison.Ordinal))?[result.Length..].Trim()}, "
                + $"read {BundleFiles.StatementsFolder}/{key}.txt"
                + (stated.Lines.Contains(CopyInventory.NoCopyKnown) && CopyInventory.Of(world, key).CanReturn
                    ? "; SINCE THEN A COPY CAME TO LIGHT" : "")
            : "nobody gave account of its copies yet";
    }

    /// <summary>Who sat in more than one seat in the ceremony that was signed; what is lost by it is among the warnings.</summary>
    private static IEnumerable<string> Together(JournalFacts journal, CheckpointStatement statement)
    {
        foreach (CeremonyRun run in journal.Ceremonies.Where(r => r.Id == statement.Ceremony))
            if (journal.ScriptOf(run) is { } script && run.Of<RoomOpened>().LastOrDefault() is { } room)
                foreach (ImmutableArray<SeatRef> seats in CombinedSeats.People(script).Where(p => p.Length > 1))
                    yield return $"one person, {room.People.First(p => (p.Role, p.Index) == (seats[0].Role, seats[0].Index)).Name}, "
                        + $"was {CombinedSeats.InWords(script, seats)}";
    }

    private static IEnumerable<CeremonyRun> SignedLater(JournalFacts journal, CheckpointStatement statement)
    {
        long signed = journal.All<CheckpointSigned>().Where(c => c.Entry.Ceremony != statement.Ceremony)
            .Select(c => c.Body.Seq).DefaultIfEmpty(0).Max();
        HashSet<string> closed = [.. journal.All<CeremonyClosed>().Where(c => c.Entry.Seq > signed).Select(c => c.Entry.Ceremony)];
        return journal.Ceremonies.Where(r => r.Id != statement.Ceremony && closed.Contains(r.Id));
    }

    private static string Exceptions(JournalFacts journal, string ceremony) =>
        journal.All<ExceptionRaised>().Count(x => x.Entry.Ceremony == ceremony) switch
        {
            0 => "no exceptions",
            1 => "1 exception: read it in report.pdf",
            var n => $"{n} exceptions: read them in report.pdf",
        };
}
