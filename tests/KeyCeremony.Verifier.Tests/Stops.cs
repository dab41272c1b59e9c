using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;

namespace KeyCeremony.Verifier.Tests;

internal static class Stops
{
    /// <summary>Why the ceremony does not go on from somewhere; null: it comes to its end.</summary>
    public static Refusal? Stopped(this SoftwareRoom room)
    {
        for (int moves = 0; moves < 3000; moves++)
            switch (Director.Next(room.State))
            {
                case Ask { Question.Blocked: { } blocked }:
                    return blocked;
                case Over:
                    return null;
                default:
                    room.Step();
                    break;
            }
        throw new Xunit.Sdk.XunitException($"The ceremony does not end: {room.State.Step?.Id}");
    }
}
