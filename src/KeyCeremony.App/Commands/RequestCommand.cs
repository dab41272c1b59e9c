using System.CommandLine;
using KeyCeremony.Core;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Requests;

namespace KeyCeremony.App.Commands;

/// <summary><c>keyceremony request</c>: what a requester and the room can find out about a request without a ceremony.</summary>
internal static class RequestCommand
{
    public static Command Make()
    {
        var file = new Argument<string>("file") { Description = "A PKCS #10 request (DER or PEM) or a key proof." };
        var inspect = new Command("inspect", "Check a request and print its hash and words.") { file };
        inspect.SetAction(parsed => Inspect(parsed.GetValue(file)!));
        return new Command("request", "Requests for certificates.") { inspect };
    }

    private static int Inspect(string path)
    {
        if (!InputFile.TryRead(path, RequestFile.MaxBytes, RequestRules.Readable, out byte[]? bytes, out Refusal? refusal))
            return Words.Refuse(refusal);
        if (!RequestFile.TryRead(bytes, out RequestFile? request, out refusal))
            return Words.Refuse(refusal);
        IReadOnlyList<TextLine> lines = request.Describe();
        int width = lines.Max(line => line.Label.Length);
        foreach (TextLine line in lines)
            Console.WriteLine($"{line.Label.PadRight(width)}  {line.Value}");
        Console.WriteLine("Every check of a request and of its key holds. Whether a script grants it is decided in the ceremony.");
        return 0;
    }
}
