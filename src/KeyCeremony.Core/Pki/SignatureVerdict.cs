namespace KeyCeremony.Core.Pki;

/// <summary>What can be said of a signature. Nobody is accused where nothing is proved.</summary>
public enum SignatureVerdict
{
    /// <summary>The algorithm or the key is of a kind that is not verified here.</summary>
    CannotBeJudged,

    /// <summary>The algorithm that is named is of another kind than the key, RSA or ECDSA: nothing was computed.</summary>
    OtherKind,

    /// <summary>The key did not make this signature over these bytes.</summary>
    DoesNotHold,

    Holds,
}
