using KeyCeremony.Core;

namespace KeyCeremony.App.Register;

/// <summary>Everything that a question or a source can be refused for. docs/formats/register.md.</summary>
internal static class RegisterRules
{
    public static readonly HouseRule Source = new("REGISTER-01",
        "Each source is a record stick, a copy of its keyceremony.journal, or a bundle.",
        "Name the folder of the stick or the bundle itself, or the file.");

    public static readonly HouseRule Readable = new("REGISTER-02",
        "A ledger can be read, and no other program has it open.",
        "Wait until the ceremony has ended, or press F7 in it; then check that the file can be read.");

    public static readonly HouseRule Replays = new("REGISTER-03",
        "The entries of a ledger are those that the engine writes.",
        "Put this copy aside as evidence. Ask the other record stick, or the last bundle: keyceremony verify BUNDLE");

    public static readonly HouseRule Verifies = new("REGISTER-04",
        "A bundle's journal is whole, chained, signed, under the root that was named if one was, and retold.",
        "See what it is about: keyceremony verify BUNDLE. Then leave it out, or get another copy.");

    public static readonly HouseRule OneStory = new("REGISTER-05",
        "Of several sources of one ledger each shorter journal is the beginning of the longer one.",
        "Find out which is genuine: keyceremony verify BUNDLE BUNDLE. Then ask each story alone, in a run of its own.");

    public static readonly HouseRule Apart = new("REGISTER-06",
        "Two ledgers that are asked together differ in the first eight digits of their numbers, which rows call them by.",
        "Ask each alone, in a run of its own.");

    public static readonly HouseRule Elsewhere = new("REGISTER-07",
        "The register's temporary file does not lie on a record stick or in a bundle.",
        "Set TMPDIR to a folder elsewhere, best in memory: TMPDIR=/dev/shm keyceremony register ...");

    public static readonly HouseRule OneSelect = new("REGISTER-10",
        "A query is one SELECT from one table of the register.",
        "For example: --query \"SELECT name, serial FROM certificates WHERE state = 'revoked'\". The tables: keyceremony register SOURCE");

    public static readonly HouseRule KnownWords = new("REGISTER-11",
        "A query is made of the table's columns, names that it gives itself with "
            + "AS, and the words and functions of docs/formats/register.md.",
        "Take the word out, or correct it.");

    public static readonly HouseRule Bounded = new("REGISTER-12",
        "A query is at most 4,096 characters long and nests 16 brackets deep.",
        "Ask for less at once.");

    public static readonly HouseRule Question = new("REGISTER-13",
        "Filters and chosen columns name columns of the table that is asked, and values of their kind.",
        "See docs/formats/register.md.");

    public static readonly HouseRule Computes = new("REGISTER-14",
        "LiteDB can read and compute the query.",
        "The parts stand in the order SELECT, FROM, WHERE, GROUP BY, HAVING, ORDER BY, LIMIT, OFFSET; "
            + "grouped rows are not ordered besides. A column inside MIN, MAX, "
            + "SUM, AVG, FIRST, LAST, JOIN or ARRAY is written *.column, and what is grouped by is FIRST(*.column).");
}
