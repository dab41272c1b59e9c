using System.Collections.Immutable;
using System.Diagnostics;
using KeyCeremony.Pkcs11.Hosting;

namespace KeyCeremony.Pkcs11.Tests;

/// <summary>A process that is no host of ours: what it does is told in time, and it is gone afterwards.</summary>
[Collection(ModuleCollection.Name)]
[Trait("Needs", "packages")]
public sealed class StrangeHostTests
{
    private static readonly string Module = StubModule.Build(AppContext.BaseDirectory);

    [Theory]
    [InlineData("exit 0", HostFault.Ended, "by itself, with 0")]
    [InlineData("exit 9", HostFault.Ended, "by itself, with 9")]
    [InlineData("kill -SEGV $$", HostFault.Ended, "SIGSEGV")]
    [InlineData("exec 3>&-; exec sleep 60", HostFault.Ended, "")]
    [InlineData("head -c 40 /dev/urandom >&3; exec sleep 60", HostFault.Nonsense, "memory is damaged")]
    [InlineData("printf x >&3; exec sleep 60", HostFault.Nonsense, "memory is damaged")]
    [InlineData("dd if=/dev/zero of=/dev/fd/3 bs=100000 count=1 2>/dev/null || dd if=/dev/zero bs=100000 count=1 >&3; exec sleep 60",
        HostFault.Nonsense, "memory is damaged")]
    [InlineData("exec sleep 60", HostFault.Silent, "within 3 seconds")]
    [InlineData("while :; do echo noise; done", HostFault.Silent, "within 3 seconds")]
    public void What_it_does_instead_of_answering_is_told(string does, HostFault fault, string says)
    {
        var watch = Stopwatch.StartNew();

        HostLostException lost = Assert.Throws<HostLostException>(() => Pkcs11.Module.Start(Module, Shell(does)));

        Assert.Equal(("dlopen", fault), (lost.Function, lost.Fault));
        Assert.Contains(says, lost.Sentence, StringComparison.Ordinal);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(50));
    }

    [Fact]
    public void A_program_that_is_not_there_is_told()
    {
        HostStart nowhere = Shell("") with { Program = ["/nowhere/program"] };

        HostLostException lost = Assert.Throws<HostLostException>(() => Pkcs11.Module.Start(Module, nowhere));

        Assert.Equal(HostFault.NotStarted, lost.Fault);
        Assert.Contains("could not be started", lost.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_library_starts_nothing() =>
        Assert.Contains("There is no file", Assert.Throws<NoModuleException>(
            () => Pkcs11.Module.Begin("/nowhere/libnothing.so", Shell("") with { Program = ["/nowhere"] })).Sentence,
            StringComparison.Ordinal);

    private static HostStart Shell(string does)
    {
        var limit = TimeSpan.FromSeconds(3);
        return new HostStart(["/bin/sh", "-c", does],
            ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, [KeyValuePair.Create("PATH", "/usr/bin:/bin")]),
            new CallLimits(limit, limit, limit, limit));
    }
}
