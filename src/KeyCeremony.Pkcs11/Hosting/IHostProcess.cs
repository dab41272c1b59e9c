namespace KeyCeremony.Pkcs11.Hosting;

/// <summary>The process at the other end of the socket, as who started it sees it.</summary>
internal interface IHostProcess : IDisposable
{
    /// <summary>0 when it is another's child.</summary>
    int Id { get; }

    /// <summary>The last of what was written to its outputs, as text; empty when another caught it.</summary>
    string Said();

    /// <summary>Waits a moment for an end that seems to have come; null: nobody saw one.</summary>
    HostEnd? WaitForEnd(TimeSpan patience);

    /// <summary>It and whatever it started, at once and without its say. Waits until it is gone.</summary>
    void Kill();
}
