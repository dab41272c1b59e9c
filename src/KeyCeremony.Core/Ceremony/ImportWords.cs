using KeyCeremony.Core.Journal;

namespace KeyCeremony.Core.Ceremony;

/// <summary>The journal's words for what comes in on the import stick, and for how it was compared.</summary>
public static class ImportWords
{
    /// <summary>What is looked for: <see cref="ImportsFound.Wanted"/>.</summary>
    public const string Request = "request";
    public const string Certificate = "certificate";
    public const string Revocations = "revocations";
    public const string Batch = "batch";
    public const string Builder = "builder";
    public const string Release = "release";

    /// <summary>The answer that chooses the camera, and what stands where a file's name would when it brought nothing.</summary>
    public const string Camera = "camera";

    /// <summary>In front of the name of a file that came by camera. No name on a stick has a slash.</summary>
    public const string FromCamera = "camera/";

    /// <summary>How a request is written: <see cref="RequestRead.Form"/>.</summary>
    public const string Pkcs10 = "pkcs10";
    public const string KeyProof = "key-proof";

    /// <summary>The questions, either of which compares the hash with what the owner sent: <see cref="Answered.Question"/>.</summary>
    public const string ToldHash = "told-hash";
    public const string Compared = "compared";

    /// <summary>The question that proves that a batch's statement was read: <see cref="Answered.Question"/>.</summary>
    public const string ReadWhole = "words";
}
