namespace KeyCeremony.Core.Pki;

/// <summary>
/// The vendor and product a Matter name carries, as attribute or as <c>Mvid:FFF1</c> / <c>Mpid:8000</c> in the CN.
/// Matter 6.2.2.2. We write attributes only; a parent from elsewhere may use the fallback.
/// </summary>
internal static class MatterIds
{
    public static string? VendorOf(DistinguishedName name) => name.ValueOf(Oids.MatterVendorId) ?? Fallback(name, "Mvid:");

    public static string? ProductOf(DistinguishedName name) => name.ValueOf(Oids.MatterProductId) ?? Fallback(name, "Mpid:");

    private static string? Fallback(DistinguishedName name, string prefix)
    {
        int at = name.CommonName.IndexOf(prefix, StringComparison.Ordinal);
        string value = at < 0 ? "" : name.CommonName[(at + prefix.Length)..];
        return value.Length >= 4 && value[..4].All(char.IsAsciiHexDigitUpper) ? value[..4] : null;
    }
}
