namespace KeyCeremony.Core.Pki.Crl;

/// <summary>A CRL in words.</summary>
public static class CrlText
{
    /// <summary>Every field but the entries, which are counted.</summary>
    public static IReadOnlyList<TextLine> Describe(CrlFacts facts) =>
    [
        new("version", facts.Version.ToString()),
        new("signature algorithm", Algorithm(facts.SignatureAlgorithm)),
        new("issuer", facts.Issuer.ToString()),
        new("thisUpdate", Time(facts.ThisUpdate.Value)),
        new("nextUpdate", facts.NextUpdate is { } next ? Time(next.Value) : "absent"),
        new("number", facts.Number?.ToString() ?? "absent"),
        new("authority key", facts.AuthorityKeyIdentifier?.KeyIdentifier is { } key ? Hex(key) : "absent"),
        .. Partition(facts.DistributionPoint),
        .. facts.Extensions.Where(extension => extension.Oid is not (Oids.AuthorityKeyIdentifier
            or CrlExtensions.Number or CrlExtensions.DistributionPoint))
            .Select(extension => new TextLine(CrlExtensions.NameOf(extension.Oid), Hex(extension.Value))),
        new("entries", facts.Count.ToString()),
        .. facts.ByReason.Select(one => new TextLine($"reason {RevocationReasons.NameOf(one.Reason)}", one.Count.ToString())),
        .. facts.IsSorted ? [] : new[] { new TextLine("order", "not sorted by serial") },
        .. facts.UnspecifiedWritten > 0
            ? [new TextLine("unspecified written out", facts.UnspecifiedWritten.ToString())]
            : Array.Empty<TextLine>(),
        .. facts.OtherEntryExtensions > 0
            ? [new TextLine("entries with other extensions", facts.OtherEntryExtensions.ToString())]
            : Array.Empty<TextLine>(),
        new("bytes", facts.Length.ToString()),
        new("SHA-256", Hex(facts.Sha256)),
    ];

    internal static IReadOnlyList<TextLine> Describe(PreparedCrl prepared)
    {
        CrlPlan plan = prepared.Plan;
        return
        [
            new("version", "2"),
            new("signature algorithm", Oids.NameOf(plan.SignatureAlgorithm!.SignatureOid)),
            new("issuer", plan.Issuer.ToBeSigned.Subject.ToString()),
            new("thisUpdate", Time(plan.ThisUpdate)),
            new("nextUpdate", Time(plan.NextUpdate)),
            new("number", plan.Number.ToString()),
            new("authority key", Hex(plan.Issuer.ToBeSigned.SubjectKeyIdentifier!.Value)),
            .. plan.Partition is { } partition ? PlannedPartition(partition) : [],
            .. prepared.Difference.Describe(),
            new("bytes to be signed", prepared.TbsLength.ToString()),
            new("SHA-256 to be signed", Hex(prepared.TbsSha256)),
        ];
    }

    internal static string Time(DateTimeOffset time) => $"{time:yyyy-MM-dd HH:mm:ss} UTC";

    internal static string Hex(ReadOnlyMemory<byte> bytes) => Convert.ToHexStringLower(bytes.Span);

    private static IEnumerable<TextLine> PlannedPartition(CrlPartition partition) =>
    [
        .. Partition(new IssuingDistributionPoint(partition.Uri is null ? [] : [partition.Uri],
            partition.Covers == CrlCoverage.UserCertificates, partition.Covers == CrlCoverage.CaCertificates, [])),
        .. partition.Shard is { } shard
            ? [new TextLine("shard", $"{shard.Index} of {shard.Count}, by the serial's remainder")]
            : Array.Empty<TextLine>(),
    ];

    private static IEnumerable<TextLine> Partition(IssuingDistributionPoint? point)
    {
        if (point is null)
            yield break;
        string covers = point.OnlyCaCertificates
            ? "CA certificates only"
            : point.OnlyUserCertificates ? "user certificates only" : "any certificates";
        yield return new TextLine("partition", $"critical; {covers}");
        foreach (string uri in point.Uris)
            yield return new TextLine("partition address", CertificateText.Visible(uri));
        foreach (string other in point.OtherNames)
            yield return new TextLine("partition name", other);
    }

    /// <summary>For <see cref="SignatureVerdict.OtherKind"/>: a sentence, behind "its signature algorithm".</summary>
    public static string OfOtherKind(CrlFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        return ForeignSignature.OfOtherKind(facts.SignatureAlgorithm);
    }

    private static string Algorithm(ReadOnlyMemory<byte> identifier) => ForeignSignature.NameOf(identifier);
}
