using System.Net;
using System.Net.Sockets;

namespace KeyCeremony.Hsm.Tests;

/// <summary>The web server from which the world fetches a revocation list: one list, at one address of this machine.</summary>
internal sealed class ListServer : IDisposable
{
    private readonly HttpListener _http = new();
    private readonly Task _answering;
    private int _asked;

    public ListServer()
    {
        // What other programs fetched from an earlier server is not taken for ours.
        Address = $"http://127.0.0.1:{FreePort()}/{Guid.NewGuid():N}/root.crl";
        _http.Prefixes.Add(Address[..(Address.LastIndexOf('/') + 1)]);
        _http.Start();
        _answering = Task.Run(Answer);
    }

    public string Address { get; }

    /// <summary>DER.</summary>
    public byte[] List { get; set; } = [];

    public int Asked => _asked;

    public void Dispose()
    {
        _http.Stop();
        _answering.Wait();
        _http.Close();
    }

    private void Answer()
    {
        try
        {
            while (true)
            {
                HttpListenerContext asked = _http.GetContext();
                Interlocked.Increment(ref _asked);
                asked.Response.Close(List, willBlock: true);
            }
        }
        catch (HttpListenerException)
        {
            // It was stopped.
        }
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
