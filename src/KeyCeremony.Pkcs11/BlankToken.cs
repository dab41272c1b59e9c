namespace KeyCeremony.Pkcs11;

/// <summary>
/// A blank token's way from its maker's hands into this program's: erased and named. Its security officer's PIN stays the one from its
/// factory, or becomes the one that protects nothing and stands in the handbook: nothing of worth is behind it before it is commissioned.
/// </summary>
public static class BlankToken
{
    /// <summary>
    /// Erases the token and names it, by one try of <see cref="SoPinOf"/>. After a wrong one none is sent to this token again.
    /// </summary>
    /// <param name="token">Blank, or this program's from an earlier trial.</param>
    /// <param name="soPin">The security officer's PIN of a token whose family has none from the factory.</param>
    /// <returns>The token as it is now: serial and slot may be new.</returns>
    /// <exception cref="SoPinRefusedException">The PIN is not the expected one. One try was used up, or none.</exception>
    /// <exception cref="HsmException">It could not be done.</exception>
    public static TokenInfo Claim(Module module, TokenInfo token, ReadOnlySpan<byte> soPin, string label)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(token);
        byte[]? factory = FactoryPin(module, token);
        // One that has no PIN yet takes whichever comes first, and SoftHSM2 says of such a one that it is locked.
        bool hasPin = token.Initialised || factory is not null;
        if (module.SoPinWasRefused(token) || hasPin && (token.SoPinCountLow || token.SoPinFinalTry || token.SoPinLocked))
        {
            throw new SoPinRefusedException(tried: false);
        }

        try
        {
            return module.InitToken(token, factory ?? soPin, label);
        }
        catch (Pkcs11Exception wrong) when (wrong.ConstantName is "CKR_PIN_INCORRECT" or "CKR_PIN_LOCKED")
        {
            module.RememberRefusedSoPin(token);
            throw new SoPinRefusedException(tried: true);
        }
    }

    /// <summary>The security officer's PIN of a blank token and of one that was claimed.</summary>
    /// <param name="whenNone">Where its family has none from the factory.</param>
    public static byte[] SoPinOf(Module module, TokenInfo token, ReadOnlySpan<byte> whenNone)
    {
        ArgumentNullException.ThrowIfNull(module);
        return FactoryPin(module, token) ?? whenNone.ToArray();
    }

    /// <summary>It is printed in its maker's documents: no secret.</summary>
    private static byte[]? FactoryPin(Module module, TokenInfo token) =>
        TokenFamilies.Of(module.Path, module.GetInfo(), token).SoPin.Factory is { } pin ? System.Text.Encoding.ASCII.GetBytes(pin) : null;
}

/// <summary>The security officer's PIN of a token that should be blank is another one than it should be.</summary>
public sealed class SoPinRefusedException(bool tried) : HsmException("C_InitToken", tried
    ? "The security officer's PIN of this token is not the one that a blank one has. It was tried once and is not tried again."
    : "A wrong security officer's PIN was entered into this token before. None is tried: a few more lock it for good.")
{
    /// <summary>A try was used up.</summary>
    public bool Tried { get; } = tried;
}
