using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using KeyCeremony.App.Ledger;
using KeyCeremony.Core;
using KeyCeremony.Core.Journal;
using KeyCeremony.Verifier;

namespace KeyCeremony.App.Room;

/// <summary>Both record sticks are lost: the ledger begins again where the last bundle ends.</summary>
public static class BundleRestore
{
    /// <param name="options">They name the root: whose ledger goes on is not for the bundle to say.</param>
    /// <param name="sticks">Two directories that hold no ledger.</param>
    public static bool TryRestore(string bundle, VerifyOptions options, IReadOnlyList<string> sticks, DateTimeOffset utc,
        [NotNullWhen(true)] out RecordLedger? ledger, [NotNullWhen(false)] out Refusal? refusal)
    {
        ledger = null;
        if (options.TrustedRoot is null)
        {
            refusal = LedgerRules.BundleVerified.Refuse($"Nobody said whose word {bundle} has to be.");
            return false;
        }
        if (BundlePlace.Flaw(bundle) is { } elsewhere)
        {
            refusal = LedgerRules.BundleVerified.Refuse(string.Join(" ", elsewhere.Flaws));
            return false;
        }
        if (!BundleFolder.TryRead(bundle, out BundleContent? content, out string? flaw))
        {
            refusal = LedgerRules.BundleVerified.Refuse(flaw);
            return false;
        }
        (BundleVerdict verdict, ImmutableArray<Entry> entries) = BundleVerify.Check(bundle, content, options);
        if (!verdict.Passed)
        {
            VerifyCheck failed = verdict.Checks.First(c => !c.Passed);
            refusal = LedgerRules.BundleVerified.Refuse($"{bundle} does not verify: {failed.Rule.Id} {failed.Flaws[0]}");
            return false;
        }
        var restored = new LedgerRestored(entries[^1].Seq, entries[^1].HashHex,
            BundleFiles.Sha256(content.Files[BundleFiles.StatementPath]),
            Convert.ToBase64String(content.Files[BundleFiles.StatementPath].Span),
            Convert.ToBase64String(content.Files[BundleFiles.CmsPath].Span),
            content.Files.TryGetValue(BundleFiles.CosignaturePath, out ReadOnlyMemory<byte> second)
                ? Convert.ToBase64String(second.Span) : null);
        // The lists first: a power cut between the two sticks leaves one ledger that can be copied, and nothing missing beside it.
        return RecordLedger.TryRestore(sticks, utc, entries, restored, KeepLists, out ledger, out refusal);

        void KeepLists()
        {
            var lists = new ListStore(sticks);
            foreach (BundleList list in content.Lists)
                lists.Keep(Path.Combine(content.Folder, list.Path), list.Sha256);
        }
    }
}
