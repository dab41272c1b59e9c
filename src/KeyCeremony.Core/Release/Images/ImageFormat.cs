using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace KeyCeremony.Core.Release.Images;

/// <summary>A kind of image, and who reads it. Each has its page in <c>docs/formats/releases/</c>.</summary>
public sealed class ImageFormat
{
    private readonly Func<ImagePass, ImageFacts> _read;

    private ImageFormat(string name, string title, Func<ImagePass, ImageFacts> read) => (Name, Title, _read) = (name, title, read);

    public static ImmutableArray<ImageFormat> All { get; } =
    [
        new("mcuboot", "MCUboot image", McubootImage.Read),
        new("esp-secure-boot-v2", "ESP32 application for Secure Boot V2", EspImage.Read),
        new("efi", "UEFI program", EfiProgram.Read),
        new("efi-variable", "update of a Secure Boot variable", EfiVariable.Read),
        new("raw", "file of any kind", RawImage.Read),
    ];

    public static IEnumerable<string> Names => All.Select(format => format.Name);

    /// <summary>As release.yaml writes it.</summary>
    public string Name { get; }

    /// <summary>For people.</summary>
    public string Title { get; }

    /// <exception cref="InvalidOperationException">No such format.</exception>
    public static ImageFormat Of(string name) => All.First(format => format.Name == name);

    /// <summary>
    /// Reads an image once, from its beginning to its end, with little memory: what is judged is what is hashed. Else refused: the rules of
    /// its format, RELEASE-04, RELEASE-10, RELEASE-11.
    /// </summary>
    /// <param name="image">At its beginning; need not be seekable.</param>
    /// <param name="length">Bytes that it has.</param>
    public bool TryRead(Stream image, long length, [NotNullWhen(true)] out ImageFacts? facts,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        ArgumentNullException.ThrowIfNull(image);
        facts = null;
        using var pass = new ImagePass(image, length);
        try
        {
            facts = _read(pass) with { Format = this, Size = length, Sha256 = pass.End() };
            refusal = null;
        }
        catch (ImageRefused refused)
        {
            refusal = refused.Refusal;
        }
        catch (IOException e)
        {
            refusal = ReleaseRules.Missing.Refuse($"It cannot be read to its end: {FileFaults.InWords(e)}.",
                "Take another stick, or copy the file again.");
        }
        return facts is not null;
    }
}
