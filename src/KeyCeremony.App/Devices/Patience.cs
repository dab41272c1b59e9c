using System.Diagnostics;
using KeyCeremony.App.Ground;
using KeyCeremony.Core;

namespace KeyCeremony.App.Devices;

/// <summary>
/// Work on a device that may stop answering for ever. The kernel cannot be called back from a dead device: the work is then
/// left behind on its own thread, where it ends when the stick is pulled out, and the room goes on.
/// </summary>
internal static class Patience
{
    /// <summary>A stick that takes longer for one block than the kernel's own patience (30 s, twice) is broken.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    /// <param name="work">Calls its argument whenever the device has answered.</param>
    /// <param name="silence">The longest time without an answer.</param>
    /// <exception cref="CeremonyException">STICK-07.</exception>
    public static T With<T>(TimeSpan silence, Func<Action, T> work)
    {
        long last = Stopwatch.GetTimestamp();
        bool given = false;
        void Answered()
        {
            Volatile.Write(ref last, Stopwatch.GetTimestamp());
            if (Volatile.Read(ref given))
                throw new FileFaultException("It was given up.");
        }
        Task<T> task = Task.Factory.StartNew(() => work(Answered), CancellationToken.None,
            TaskCreationOptions.LongRunning, TaskScheduler.Default);
        while (!((IAsyncResult)task).AsyncWaitHandle.WaitOne(TimeSpan.FromMilliseconds(100)))
            if (Stopwatch.GetElapsedTime(Volatile.Read(ref last)) > silence)
            {
                Volatile.Write(ref given, true);
                throw new CeremonyException(StickRules.Silent.Refuse($"The stick has not answered for {silence.TotalSeconds:0} seconds."));
            }
        return task.GetAwaiter().GetResult();
    }
}
