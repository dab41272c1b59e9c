using System.Text.Json;

namespace KeyCeremony.Pkcs11;

/// <summary>
/// The files of the families, and what modules' files are called in them. That is seen without reading the families, which takes longer
/// than many a module takes to load: whoever starts a module of another name does not wait for it.
/// </summary>
internal static class FamilyFiles
{
    private const string Folder = "KeyCeremony.Pkcs11.families.";

    public static IEnumerable<string> Resources => typeof(FamilyFiles).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(Folder, StringComparison.Ordinal));

    public static byte[] Bytes(string resource)
    {
        using Stream stream = typeof(FamilyFiles).Assembly.GetManifestResourceStream(resource)!;
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>False: no family is known by this name of a module's file.</summary>
    public static bool MayName(string file)
    {
        foreach (string resource in Resources)
        {
            if (Names(Bytes(resource), file))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A file that a module is given is an object: a text is a match's.</summary>
    private static bool Names(ReadOnlySpan<byte> family, string file)
    {
        var reader = new Utf8JsonReader(family);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("file"u8) && reader.Read()
                && reader.TokenType == JsonTokenType.String && FamilyMatch.Fits(reader.GetString(), file))
            {
                return true;
            }
        }

        return false;
    }
}
