using System.Collections.Immutable;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.Core.Ceremony;

/// <summary>
/// The verdicts of the other implementations that the journal may hold. A refusal stops the ceremony, so none of them is one.
/// Ceremonies of format 1 knew openssl alone, where it was installed; since then BouncyCastle is part of the program and has
/// agreed whenever something is recorded, and what is left to say is whether openssl was asked as well.
/// </summary>
public static class SecondOpinions
{
    public static readonly SecondVerdict Certificate = new(
        "openssl verify -x509_strict -check_ss_sig: OK", "openssl verify -x509_strict -check_ss_sig: OK");
    public static readonly SecondVerdict List = new("openssl crl -verify: OK", "openssl crl -verify: OK");
    public static readonly SecondVerdict Manifest = new("openssl cms -verify: OK", "openssl cms -verify -x509_strict: OK");
    public static readonly SecondVerdict NotInstalled = new(
        "openssl is not installed on this appliance: no second opinion", "openssl is not installed on this appliance");
    public static readonly SecondVerdict TooLong = new(
        "the list is too long for openssl on this appliance: no second opinion",
        "openssl was not asked: it holds a list whole in memory, and this one is too long");
    public static readonly SecondVerdict UnknownKey = new(
        "openssl of this appliance does not know this kind of key: no second opinion",
        "openssl was not asked: it does not know this kind of key");

    public static readonly ImmutableArray<SecondVerdict> OnCertificates = [Certificate, NotInstalled, UnknownKey];
    public static readonly ImmutableArray<SecondVerdict> OnLists = [List, NotInstalled, TooLong, UnknownKey];
    public static readonly ImmutableArray<SecondVerdict> OnManifests = [Manifest, NotInstalled];
}

/// <param name="First">As ceremonies of format 1 record it.</param>
/// <param name="Openssl">What openssl said, beside BouncyCastle.</param>
public sealed record SecondVerdict(string First, string Openssl)
{
    private const string Agreed = "BouncyCastle: OK";

    /// <param name="format">Of the ceremony.</param>
    public string In(int format) => format >= JournalFormats.Replayed ? $"{Agreed}; {Openssl}" : First;
}
