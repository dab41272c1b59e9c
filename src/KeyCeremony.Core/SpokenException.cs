using System.Security.Cryptography;

namespace KeyCeremony.Core;

/// <summary>
/// A file or a device failed, said in a sentence of ours. People see <see cref="Sentence"/> of our own exceptions and the text of no
/// other: what a library says is written for programmers.
/// </summary>
/// <param name="sentence">What happened, ready to be read aloud.</param>
public abstract class SpokenException(string sentence, Exception? cause = null) : IOException(sentence, cause)
{
    public string Sentence { get; } = sentence;
}

/// <summary>What one of our own functions found at a file or a device.</summary>
public sealed class FileFaultException(string sentence) : SpokenException(sentence);

/// <summary>A key did not do what it was asked for, said in a sentence of ours.</summary>
public sealed class KeyFaultException(string sentence, Exception? cause = null) : CryptographicException(sentence, cause)
{
    public string Sentence { get; } = sentence;
}
