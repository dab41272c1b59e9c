using KeyCeremony.Core;

namespace KeyCeremony.App.Keyboard;

/// <summary>What can go wrong with the keyboard's layout. The layout of before stays, or a part of the new one: try it out.</summary>
internal static class KeyboardRules
{
    public const string NotDoneId = "KEYBOARD-01";

    public static Refusal NotDone(string why) => new(NotDoneId, $"The keyboard's layout was not set: {why}.",
        "Try it once more, or choose another layout. On whichever is in use the try-out line shows what each key gives.");
}
