using KeyCeremony.Core;

namespace KeyCeremony.App.Register;

/// <summary>A rule of <c>keyceremony register</c>: docs/formats/register.md.</summary>
internal sealed record RegisterRule(string Id, string Text, string Remedy)
{
    public Refusal Refuse(string found) => new(Id, found, Remedy);

    /// <param name="remedy">Where there is a better one than the rule's.</param>
    public Refusal Refuse(string found, string remedy) => new(Id, found, remedy);
}

/// <summary>Everything that a question or a source can be refused for.</summary>
internal static class RegisterRules
{
    public static readonly RegisterRule Source = new("REGISTER-01",
        "Each source is a record stick, a copy of its keyceremony.journal, or a bundle.",
        "Name the folder of the stick or the bundle itself, or the file.");

    public static readonly RegisterRule Readable = new("REGISTER-02",
        "A ledger can be read, and no other program has it open.",
        "Wait until the ceremony has ended, or press F7 in it; then check that the file can be read.");

    public static readonly RegisterRule Replays = new("REGISTER-03",
        "The entries of a ledger are those that the engine writes.",
        "Put this copy aside as evidence. Ask the other record stick, or the last bundle: keyceremony verify BUNDLE");

    public static readonly RegisterRule Verifies = new("REGISTER-04",
        "A bundle's journal is whole, chained, signed, under the root that was named if one was, and retold.",
        "See what it is about: keyceremony verify BUNDLE. Then leave it out, or get another copy.");

    public static readonly RegisterRule OneStory = new("REGISTER-05",
        "Of several sources of one ledger each shorter journal is the beginning of the longer one.",
        "Find out which is genuine: keyceremony verify BUNDLE BUNDLE. Then ask each story alone, in a run of its own.");

    public static readonly RegisterRule Apart = new("REGISTER-06",
        "Two ledgers that are asked together differ in the first eight digits of their numbers, which rows call them by.",
        "Ask each alone, in a run of its own.");

    public static readonly RegisterRule Elsewhere = new("REGISTER-07",
        "The register's temporary file does not lie on a record stick or in a bundle.",
        "Set TMPDIR to a folder elsewhere, best in memory: TMPDIR=/dev/shm keyceremony register ...");

    public static readonly RegisterRule OneSelect = new("REGISTER-10",
        "A query is one SELECT from one table of the register.",
        "For example: --query \"SELECT name, serial FROM certificates WHERE state = 'revoked'\". The tables: keyceremony register SOURCE");

    public static readonly RegisterRule KnownWords = new("REGISTER-11",
        "A query is made of the table's columns, names that it gives itself with "
            + "AS, and the words and functions of docs/formats/register.md.",
        "Take the word out, or correct it.");

    public static readonly RegisterRule Bounded = new("REGISTER-12",
        "A query is at most 4,096 characters long and nests 16 brackets deep.",
        "Ask for less at once.");

    public static readonly RegisterRule Question = new("REGISTER-13",
        "Filters and chosen columns name columns of the table that is asked, and values of their kind.",
        "See docs/formats/register.md.");

    public static readonly RegisterRule Computes = new("REGISTER-14",
        "LiteDB can read and compute the query.",
        "The parts stand in the order SELECT, FROM, WHERE, GROUP BY, HAVING, ORDER BY, LIMIT, OFFSET; "
            + "grouped rows are not ordered besides. A column inside MIN, MAX, "
            + "SUM, AVG, FIRST, LAST, JOIN or ARRAY is written *.column, and what is grouped by is FIRST(*.column).");
}
