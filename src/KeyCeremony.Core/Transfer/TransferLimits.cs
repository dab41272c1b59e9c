namespace KeyCeremony.Core.Transfer;

/// <summary>What a transfer may take. <c>docs/formats/transfer.md</c>, "Limits".</summary>
public static class TransferLimits
{
    /// <summary>At ten frames a second nearly seven minutes; solving so many equations stays below a second.</summary>
    public const int MaxFragments = 4096;

    /// <summary>Below it a frame would be mostly heading.</summary>
    public const int MinFragmentLength = 10;

    /// <summary>At the densest code that a 720p camera reads two minutes and more. Larger artefacts leave by USB.</summary>
    public const int MaxMessageBytes = 1 << 20;

    /// <summary>DEFLATE grows up to a thousandfold: a receiver decides before it inflates.</summary>
    public const int MaxContainerBytes = 16 << 20;

    /// <summary>What a QR code of version 40 holds in alphanumeric mode.</summary>
    public const int MaxFrameCharacters = 4296;

    /// <summary>A file's name on every system.</summary>
    public const int MaxNameLength = 100;

    public const int MaxTypeLength = 100;
}
