namespace KeyCeremony.Core.Script;

/// <summary>What a generated key may ever sign, as script and journal spell it.</summary>
public static class KeyPurposes
{
    /// <summary>Certificates and revocation lists.</summary>
    public const string Ca = "ca";

    /// <summary>The records of ceremonies, and nothing else.</summary>
    public const string Transcript = "transcript";

    /// <summary>Batch manifests, and nothing else.</summary>
    public const string Manifest = "manifest";

    /// <summary>Releases of firmware and software, and nothing else.</summary>
    public const string Release = "release";

    public static readonly string[] All = [Ca, Transcript, Manifest, Release];
}
