using System.Diagnostics.CodeAnalysis;
using KeyCeremony.Core;

namespace KeyCeremony.App.Register;

/// <summary>A folder for temporary files that nobody else can look into; it goes, with all that is in it, when it is disposed.</summary>
internal sealed class PrivateFolder : IDisposable
{
    private const int Tries = 20;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private PrivateFolder(string path) => Path = path;

    public string Path { get; }

    /// <summary>Below the machine's folder for temporary files. REGISTER-07 when that lies on a stick or in a bundle.</summary>
    /// <param name="marks">Names of files whose folder nothing is written to, nor to any below it.</param>
    public static bool TryMake(IReadOnlyCollection<string> marks, [NotNullWhen(true)] out PrivateFolder? folder,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        (folder, refusal) = (null, null);
        string place = System.IO.Path.GetTempPath();
        for (var above = new DirectoryInfo(place); above is not null && refusal is null; above = above.Parent)
            if (marks.FirstOrDefault(mark => File.Exists(System.IO.Path.Combine(above.FullName, mark))) is { } mark)
                refusal = RegisterRules.Elsewhere.Refuse(
                    $"The folder for temporary files is {place}, and {System.IO.Path.Combine(above.FullName, mark)} lies above it.");
        if (refusal is not null)
            return false;
        try
        {
            // mkdtemp: 0700, and none but this process knows the name.
            folder = new PrivateFolder(Directory.CreateTempSubdirectory("keyceremony-register-").FullName);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            refusal = RegisterRules.Elsewhere.Refuse($"No folder can be made in {place}.");
            return false;
        }
    }

    public void Dispose()
    {
        for (int left = Tries; Directory.Exists(Path); left--)
            try
            {
                Directory.Delete(Path, recursive: true);
            }
            // What was interrupted may still write a file into it.
            catch (IOException) when (left > 0)
            {
                Thread.Sleep(Pause);
            }
    }
}
