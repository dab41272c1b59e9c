namespace KeyCeremony.Core.Pki.Requests;

/// <summary>The extensions a request asks for, decoded. None of them is taken; each known one is read whole.</summary>
public sealed record RequestedExtensions
{
    public static readonly RequestedExtensions None = new();

    /// <summary>In the order asked.</summary>
    public IReadOnlyList<CertificateExtension> All { get; init; } = [];

    public BasicConstraints? BasicConstraints { get; init; }

    public KeyUsages? KeyUsage { get; init; }

    /// <summary>OIDs in the order asked.</summary>
    public IReadOnlyList<string>? ExtendedKeyUsage { get; init; }

    /// <summary>E.g. <c>DNS:device.example.com</c>; what cannot be seen stands as its code.</summary>
    public IReadOnlyList<string>? SubjectAlternativeNames { get; init; }

    /// <summary>Extensions that we do not read, none of them critical.</summary>
    public IEnumerable<CertificateExtension> Others => All.Where(extension => !RequestedExtensionReader.Knows(extension.Oid));
}
