using System.Diagnostics;
using System.Text.Json;
using KeyCeremony.Core.Tests.Pki;

namespace KeyCeremony.Core.Tests.Manifest;

/// <summary>npm @transmute/rfc9162 and @sigstore/verify, written by others from the same standards.</summary>
internal static class Peer
{
    public static JsonElement Ask(object question)
    {
        string folder = Repository.PathOf("tests", "manifest-peer");
        Assert.True(Directory.Exists(Path.Combine(folder, "node_modules")), "run `npm ci` in tests/manifest-peer");

        var start = new ProcessStartInfo("node", "peer.js")
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using Process node = Process.Start(start)!;
        node.StandardInput.Write(JsonSerializer.Serialize(question));
        node.StandardInput.Close();
        string answer = node.StandardOutput.ReadToEnd();
        node.WaitForExit();
        Assert.Equal(0, node.ExitCode);
        return JsonDocument.Parse(answer).RootElement;
    }
}
