namespace KeyCeremony.Pkcs11.Hosting;

/// <summary>How long the room waits for one call before the host is ended.</summary>
/// <param name="Call">
/// Any call: an HSM in a network takes seconds for a login, and a person at its own PIN pad half a minute.
/// </param>
/// <param name="Key">
/// C_GenerateKeyPair: a smart card takes minutes for an RSA key of 4096 bits. C_SignFinal: some modules keep a whole list until
/// its last piece, and hash it then.
/// </param>
/// <param name="Erase">C_InitToken: some erase every object one by one.</param>
/// <param name="Goodbye">C_CloseSession and C_Finalize, after which nothing is wanted of the module any more.</param>
public sealed record CallLimits(TimeSpan Call, TimeSpan Key, TimeSpan Erase, TimeSpan Goodbye)
{
    public const int UsualSeconds = 60;

    /// <summary>Nobody sits before a screen that stands still for longer.</summary>
    public const int MostSeconds = 600;

    /// <summary>A minute for a call, ten for a key.</summary>
    public static CallLimits Usual { get; } = OfSeconds(UsualSeconds);

    /// <param name="seconds">For any call; the others follow from it.</param>
    public static CallLimits OfSeconds(int seconds) => new(TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds(seconds * 10),
        TimeSpan.FromSeconds(seconds * 3), TimeSpan.FromSeconds(Math.Min(seconds, 10)));

    /// <summary>As a module's family has it.</summary>
    public static CallLimits Of(TokenFamily family)
    {
        ArgumentNullException.ThrowIfNull(family);
        return OfSeconds(family.Module.CallSeconds);
    }

    internal TimeSpan Of(CallCode code) => code switch
    {
        CallCode.C_GenerateKeyPair or CallCode.C_SignFinal => Key,
        CallCode.C_InitToken => Erase,
        CallCode.C_CloseSession or CallCode.C_Finalize => Goodbye,
        _ => Call,
    };
}
