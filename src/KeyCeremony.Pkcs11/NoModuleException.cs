namespace KeyCeremony.Pkcs11;

/// <summary>The library that was named is not a PKCS#11 module, in a sentence of ours.</summary>
public sealed class NoModuleException(string sentence) : BadImageFormatException(sentence)
{
    public string Sentence { get; } = sentence;
}
