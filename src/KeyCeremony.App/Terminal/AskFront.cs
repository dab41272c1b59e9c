namespace KeyCeremony.App.Terminal;

/// <summary>
/// Has a person choose on a page before the ceremony. The choice is its number from 0; null: they left, or the terminal is gone.
/// </summary>
/// <param name="page">For the terminal as it is found.</param>
internal delegate int? AskFront(Func<Display, FrontPage> page);
