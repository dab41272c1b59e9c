namespace KeyCeremony.App.Terminal.Writing;

/// <summary>The parts of the ceremony's page that a person can turn to.</summary>
public enum Part
{
    /// <summary>What is asked, and what is typed. Everything that answers happens here.</summary>
    Question,

    /// <summary>What is read aloud.</summary>
    Text,

    /// <summary>What the appliance found.</summary>
    Found,

    /// <summary>All steps.</summary>
    Steps,
}

/// <summary>What stands in a row, for the mouse.</summary>
/// <param name="Row">Within its sheet.</param>
/// <param name="Line">0-based among the lines that can be marked; -1: it is none of them.</param>
internal readonly record struct Target(int Row, Part Part, int Line = Target.NoLine)
{
    public const int NoLine = -1;
}
