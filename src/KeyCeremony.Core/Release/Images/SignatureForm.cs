namespace KeyCeremony.Core.Release.Images;

/// <summary>What a maker's tool attaches to an image of a format.</summary>
public enum SignatureForm
{
    /// <summary>A signature over the digest.</summary>
    Digest,

    /// <summary>Detached CMS over the file.</summary>
    Cms,

    /// <summary>CMS in which the file stands itself.</summary>
    CmsWithText,

    /// <summary>CMS over SpcIndirectDataContent with the digest: Windows Authenticode Portable Executable Signature Format.</summary>
    Authenticode,

    /// <summary>Detached CMS over the file, without signed attributes: the key signs the digest. UEFI 2.10 8.2.2.</summary>
    BareCms,
}
