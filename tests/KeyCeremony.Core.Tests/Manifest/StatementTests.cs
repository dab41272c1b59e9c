using System.Text;

namespace KeyCeremony.Core.Tests.Manifest;

public class StatementTests
{
    [Fact]
    public void What_is_written_is_read_again()
    {
        var draft = Batches.Draft();
        var json = draft.Write();

        Assert.Null(draft.Check());
        Assert.Equal(json, Batches.Read(json).Write());
        Assert.True(Batches.Read(json).IsDraft);
        Assert.EndsWith("}\n", Encoding.UTF8.GetString(json), StringComparison.Ordinal);
    }
}
