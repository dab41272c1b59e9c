namespace KeyCeremony.App.Ledger.FirstProgram;

/// <summary>The file of the first program is not one that it wrote, in a clause of ours.</summary>
internal sealed class OldFileException(string sentence) : Exception
{
    public string Sentence => sentence;
}
