using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace KeyCeremony.Core.Release.Images;

/// <summary>A kind of image, and who reads it. Each has its page in <c>docs/formats/releases/</c>.</summary>
public sealed class ImageFormat
{
    private readonly Func<ImagePass, ImageFacts> _read;

    private ImageFormat(string name, string title, SignatureForm form, bool isKept, Func<ImagePass, ImageFacts> read) =>
        (Name, Title, Form, IsKept, _read) = (name, title, form, isKept, read);

    public static ImmutableArray<ImageFormat> All { get; } =
    [
        new("mcuboot", "MCUboot image", SignatureForm.Digest, isKept: false, McubootImage.Read),
        new("esp-secure-boot-v2", "ESP32 application for Secure Boot V2", SignatureForm.Digest, isKept: false, EspImage.Read),
        new("swupdate", "description of an SWUpdate image", SignatureForm.Cms, isKept: true, SwDescription.Read),
        new("rauc-verity", "manifest of a RAUC bundle", SignatureForm.CmsWithText, isKept: true, RaucManifest.Read),
        new("rauc-plain", "payload of a plain RAUC bundle", SignatureForm.Cms, isKept: false, RaucPayload.Read),
        new("cms", "file of any kind, signed with CMS", SignatureForm.Cms, isKept: false, RawImage.Read),
        new("efi", "UEFI program", SignatureForm.Authenticode, isKept: false, EfiProgram.Read),
        new("efi-variable", "update of a Secure Boot variable", SignatureForm.BareCms, isKept: true, EfiVariable.Read),
        new("raw", "file of any kind", SignatureForm.Digest, isKept: false, RawImage.Read),
    ];

    public static IEnumerable<string> Names => All.Select(format => format.Name);

    /// <summary>As release.yaml writes it.</summary>
    public string Name { get; }

    /// <summary>For people.</summary>
    public string Title { get; }

    public SignatureForm Form { get; }

    /// <summary>It is short and read whole: it stands in the journal, and what is read of it can be read again.</summary>
    public bool IsKept { get; }

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
