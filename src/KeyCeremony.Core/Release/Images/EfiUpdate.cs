using System.Collections.Immutable;

namespace KeyCeremony.Core.Release.Images;

/// <summary>What an update sets a Secure Boot variable to, or adds to it: as much as the next update is compared with.</summary>
/// <param name="Variable">Its name.</param>
/// <param name="IsAdded">False: the entries take the place of what the variable holds.</param>
/// <param name="Time">UTC, whole seconds.</param>
public sealed record EfiUpdate(string Variable, bool IsAdded, DateTimeOffset Time, ImmutableArray<EfiEntry> Entries)
{
    /// <summary>Null: the file is none.</summary>
    public static EfiUpdate? Of(ReadOnlyMemory<byte> file)
    {
        try
        {
            return EfiVariable.Read(file).Update;
        }
        catch (ImageRefused)
        {
            return null;
        }
    }

    /// <summary>What the variable holds behind this update.</summary>
    /// <param name="before">What it held.</param>
    public IEnumerable<EfiEntry> Over(IEnumerable<EfiEntry> before) => IsAdded ? before.Union(Entries) : Entries;

    public string TimeInWords => $"{Time:yyyy-MM-dd HH:mm:ss} UTC";
}

/// <summary>An entry is the same whoever is said to own it.</summary>
/// <param name="Kind">For people.</param>
/// <param name="Value">SHA-256 in lower-case hex; of a revoked certificate also from when on.</param>
/// <param name="Subject">Of a certificate; else empty.</param>
public sealed record EfiEntry(string Kind, string Value, string Subject)
{
    public string InWords => Subject.Length == 0 ? $"{Kind} {Value}" : $"{Kind} {Subject}, SHA-256 {Value}";
}
