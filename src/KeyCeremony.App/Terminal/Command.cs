using KeyCeremony.Core.Ceremony;

namespace KeyCeremony.App.Terminal;

/// <summary>What a key asks the loop to do; null when the screen alone changed.</summary>
public abstract record Command;

/// <summary>The ceremony decides: on a refusal give it to <see cref="ScreenModel.Refused"/>, else follow the new state.</summary>
public sealed record Send(Message Message) : Command;

/// <summary>The custodian has written the card: wipe the screen, then answer the question.</summary>
public sealed record ShareShown(Question Question) : Command;

/// <summary>All words of <see cref="ScreenModel.Entry"/> are typed; what is wrong with them <c>TryFinish</c> says.</summary>
public sealed record ShareComplete(Question Question) : Command;

/// <summary>The custodian holds the card's code before the camera in place of typing.</summary>
public sealed record ScanCard(Question Question) : Command;

/// <summary>Enter after the last roll: <see cref="ScreenModel.Dice"/> holds them.</summary>
public sealed record DiceComplete(Question Question) : Command;

/// <summary>Enter behind <see cref="ScreenModel.Passphrase"/>; it may be empty.</summary>
public sealed record PassphraseComplete(Question Question) : Command;

/// <summary>The codes of the question's result take the screen until words are typed or the person leaves them.</summary>
public sealed record ShowCodes(Question Question) : Command;

/// <summary>The ceremony is closed: the codes of what its bundle holds besides results, as long as people want.</summary>
public sealed record ShowBundle : Command;

/// <summary>The keyboard's layout is looked at, tried out or changed; only where it is this computer's own.</summary>
public sealed record ChooseKeyboard : Command;

/// <summary>The program stops now; the ceremony stays open in the ledger and can be resumed.</summary>
public sealed record StopProgram : Command;

/// <summary>Draw everything anew: the terminal shows something that is not ours.</summary>
public sealed record Redraw : Command;
