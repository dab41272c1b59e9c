namespace KeyCeremony.App.Terminal;

/// <summary>A page before a ceremony, as a screen and as lines of text: one page, of pure functions.</summary>
/// <param name="First">The page on the terminal as it is found.</param>
/// <param name="Now">As it is now, before each picture and each line: another size, another stick.</param>
/// <param name="View">Its picture.</param>
/// <param name="Update">The page after a key, and what the key chose; null: nothing yet.</param>
/// <param name="Say">All of it, as lines.</param>
/// <param name="Take">The page after a line, what the line chose, and what is said to it; empty: the whole page.</param>
internal sealed record PageKind<TPage>(
    Func<Display, TPage> First,
    Func<TPage, Display, TPage> Now,
    Func<TPage, Frame> View,
    Func<TPage, Key, (TPage Page, MenuChoice? Choice)> Update,
    Func<TPage, string> Say,
    Func<TPage, string, (TPage Page, MenuChoice? Choice, string Reply)> Take);
