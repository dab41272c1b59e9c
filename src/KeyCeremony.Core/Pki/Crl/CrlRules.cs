namespace KeyCeremony.Core.Pki.Crl;

/// <summary>Every rule of this folder, in the order of <c>docs/formats/crl.md</c>.</summary>
public static class CrlRules
{
    public static readonly PkiRule Encoding = new("CRL-01",
        "The CRL is one DER or PEM CertificateList, whole input, minimal lengths, every part within its limit.",
        "RFC 5280 5.1, X.690 10-11");
    public static readonly PkiRule Version = new("CRL-02", "The version is 2.", "RFC 5280 5.1.2.1, BR 7.2.1");
    public static readonly PkiRule WithinIssuer = new("CRL-03", "thisUpdate and nextUpdate lie within the issuer's validity.", "house");
    public static readonly PkiRule Algorithm = new("CRL-04",
        "The signature algorithm is that of the issuer's key, inside and outside alike.", "RFC 5280 5.1.1.2, 5.1.2.2");
    public static readonly PkiRule Issuer = new("CRL-05", "The issuer is byte for byte the subject of the issuer's certificate.",
        "RFC 5280 5.1.2.3, BR 7.2");
    public static readonly PkiRule Dates = new("CRL-06", "thisUpdate and nextUpdate are both there, in UTC and "
        + "whole seconds, UTCTime through 2049 and GeneralizedTime from 2050, nextUpdate after thisUpdate.", "RFC 5280 5.1.2.4, 5.1.2.5");
    public static readonly PkiRule Lifetime = new("CRL-07", "nextUpdate lies at most 366 days after thisUpdate.", "BR 4.9.7");
    public static readonly PkiRule Number = new("CRL-08", "The CRL number is positive and has at most 20 content bytes.", "RFC 5280 5.2.3");
    public static readonly PkiRule Signer = new("CRL-09",
        "The issuer's certificate allows cRLSign, has a subjectKeyIdentifier and a key of a kind we use.", "RFC 5280 4.2.1.3, 5.2.1");
    public static readonly PkiRule Extensions = new("CRL-10", "The extensions are authorityKeyIdentifier (the issuer's "
        + "subjectKeyIdentifier alone), cRLNumber, and issuingDistributionPoint only when the plan asks for it.", "RFC 5280 5.2, BR 7.2.2");
    public static readonly PkiRule ExtensionTwice = new("CRL-11", "No extension stands twice, in the CRL or in an entry.",
        "RFC 5280 4.2, 5.2");
    public static readonly PkiRule Criticality = new("CRL-12",
        "issuingDistributionPoint is critical; every other extension, and every extension of an entry, is not.", "RFC 5280 5.2, 5.3");
    public static readonly PkiRule Complete = new("CRL-13",
        "The CRL is complete and direct: no delta, no indirect CRL, no part by reasons.", "house");
    public static readonly PkiRule EmptyList = new("CRL-14", "A CRL without entries has no revokedCertificates.", "RFC 5280 5.1.2.6");
    public static readonly PkiRule Reasons = new("CRL-15",
        "The reason unspecified is left out, and removeFromCRL stands in no complete CRL.", "RFC 5280 5.3.1, BR 7.2.2");
    public static readonly PkiRule ReasonRequired = new("CRL-16",
        "Every entry of a CRL that covers CA certificates has a reason.", "BR 7.2.2");
    public static readonly PkiRule EntryDates = new("CRL-17", "No revocation date and no invalidity date lies after thisUpdate.", "house");
    public static readonly PkiRule Order = new("CRL-18", "The entries are sorted by serial and no serial stands twice.", "house");
    public static readonly PkiRule Signature = new("CRL-19", "The signature verifies under the issuer's key.", "RFC 5280 5.1.1.3");
    public static readonly PkiRule Partition = new("CRL-20", "A partitioned CRL names at most one http or https "
        + "address and covers CA or user certificates, not both; a shard is one of 2 to 65536 and names its address.", "RFC 5280 5.2.5");
    public static readonly PkiRule Matter = new("CRL-21",
        "A Matter CRL is signed with P-256; its issuingDistributionPoint, where there is one, holds exactly one address and nothing else.",
        "Matter 6.2.4");
    public static readonly PkiRule SameAsPlan = new("CRL-22", "The CRL is byte for byte what the plan and the entries write.", "house");

    public static readonly PkiRule NextNumber = new("CRL-30", "The number is the previous one plus 1; an issuer's first CRL has number 1.",
        "RFC 5280 5.2.3");
    public static readonly PkiRule ThisUpdateBack = new("CRL-31", "thisUpdate does not lie before the previous thisUpdate.", "house");
    public static readonly PkiRule NextUpdateBack = new("CRL-32", "nextUpdate does not lie before the previous nextUpdate.", "house");
    public static readonly PkiRule Hole = new("CRL-33",
        "thisUpdate does not lie after the previous nextUpdate: between them no valid CRL would exist.", "BR 4.9.7");
    public static readonly PkiRule SameIssuer = new("CRL-34",
        "The previous CRL is of the same issuer and key, and of the same partition.", "house");

    public static readonly PkiRule Rows = new("REVOKE-01", "Every row of a revocation file is well formed.", "house");
    public static readonly PkiRule Limits = new("REVOKE-02",
        "A row has at most 4096 bytes and a list of removals at most 250000 entries.", "house");
    public static readonly PkiRule Conflict = new("REVOKE-03",
        "A serial that is given twice is given with the same date, reason and invalidity date.", "house");
    public static readonly PkiRule Changed = new("REVOKE-04",
        "An entry of the previous CRL is not changed, unless it is a hold that becomes a revocation.", "RFC 5280 5.3.1");
    public static readonly PkiRule Removal = new("REVOKE-05", "Only a hold is released, and only a certificate that expired "
        + "before the previous CRL's thisUpdate is taken off; both stand on the previous CRL and are given once.", "RFC 5280 3.3, 5.3.1");
    public static readonly PkiRule Shard = new("REVOKE-06", "Every entry of the previous CRL lies in the shard.", "house");

    public static readonly PkiRule Source = new("REVOKE-07",
        "A revocation list that is taken over is of this list's CA, and signed by its key.", "house");
    public static readonly PkiRule OwnSerial = new("REVOKE-08",
        "The issuer's own certificate is not on its own list: a root cannot take itself back, another CA is on its issuer's list.",
        "RFC 5280 3.3");

    public static readonly PkiRule Unknown = new("REVOKE-09",
        "A serial on a list is of a certificate that its CA has issued; where the ledger knows all of them, another one is an exception.",
        "house");
    public static readonly PkiRule Notation = new("REVOKE-10",
        "A column of serials of digits only, or such a serial that is typed, is read in the notation that people name.", "house");
    public static readonly PkiRule BeforeItBegan = new("REVOKE-11", "No certificate of the ledger is revoked before it began.", "house");

    public static readonly PkiRule DclRecord = new("DCL-01", "The revocation point has a vendor, "
        + "a label of 1 to 64 characters, an http or https address of at most 256, and a signer that can be named.", "Matter 11.23.9");

    public static IReadOnlyList<PkiRule> All { get; } =
    [
        Encoding, Version, WithinIssuer, Algorithm, Issuer, Dates, Lifetime, Number, Signer, Extensions, ExtensionTwice, Criticality,
        Complete, EmptyList, Reasons, ReasonRequired, EntryDates, Order, Signature, Partition, Matter, SameAsPlan,
        NextNumber, ThisUpdateBack, NextUpdateBack, Hole, SameIssuer,
        Rows, Limits, Conflict, Changed, Removal, Shard, Source, OwnSerial, Unknown, Notation, BeforeItBegan, DclRecord,
    ];

    public static bool Knows(string id) => All.Any(rule => rule.Id == id);
}
