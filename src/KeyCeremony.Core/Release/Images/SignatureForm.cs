namespace KeyCeremony.Core.Release.Images;

/// <summary>What a maker's tool attaches to an image of a format.</summary>
public enum SignatureForm
{
    /// <summary>It is judged, and not signed.</summary>
    None,

    /// <summary>A signature over the digest.</summary>
    Digest,

    /// <summary>Detached CMS over the file.</summary>
    Cms,

    /// <summary>CMS in which the file stands itself.</summary>
    CmsWithText,

    /// <summary>CMS over SpcIndirectDataContent with the digest: Windows Authenticode Portable Executable Signature Format.</summary>
    Authenticode,
}
