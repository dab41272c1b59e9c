using System.Collections.Immutable;

namespace KeyCeremony.Core.Ceremony;

/// <summary>The verdicts of a second implementation that the journal may hold. A refusal stops the ceremony, so none of them is one.</summary>
public static class SecondOpinions
{
    public const string Certificate = "openssl verify -x509_strict -check_ss_sig: OK";
    public const string List = "openssl crl -verify: OK";
    public const string Manifest = "openssl cms -verify: OK";
    public const string NotInstalled = "openssl is not installed on this appliance: no second opinion";
    public const string TooLong = "the list is too long for openssl on this appliance: no second opinion";

    public static readonly ImmutableArray<string> OnCertificates = [Certificate, NotInstalled];
    public static readonly ImmutableArray<string> OnLists = [List, NotInstalled, TooLong];
    public static readonly ImmutableArray<string> OnManifests = [Manifest, NotInstalled];
}
