using System.Net.Sockets;
using System.Text;
using KeyCeremony.App.Devices;
using KeyCeremony.App.Ground;

namespace KeyCeremony.App.Tests.Devices;

/// <summary>The helper's side: whoever asks, nothing but the four things is done, and to no drive but a removable one.</summary>
public sealed class DriveKeeperTests : IDisposable
{
    private readonly FakeKernel _kernel = new();

    private DriveKeeper Keeper => new(_kernel.View, _kernel.Drives, new Mounts(_kernel.View, _kernel.Places, 0));

    public void Dispose() => _kernel.Dispose();

    [Theory]
    [InlineData("format", "sdb", 7, "sdb", "export", true, "STICK-13")]
    [InlineData("mount", "sdb", 7, "sdb", "/etc", true, "STICK-13")]
    [InlineData("mount", "sdb", 7, "sdb", "../etc", true, "STICK-13")]
    [InlineData("mount", "sdb", 7, "sdb", null, true, "STICK-13")]
    [InlineData("mount", "sdb", 7, "sda1", "export", true, "STICK-13")]
    [InlineData("mount", "sdb", 7, "../../etc/passwd", "export", true, "STICK-13")]
    [InlineData("mount", "sdb", 7, "sdb", "import", true, "STICK-13")]
    [InlineData("mount", "sda", 1, "sda", "export", true, "STICK-05")]
    [InlineData("mount", "sdz", 7, "sdz", "export", true, "STICK-05")]
    [InlineData("mount", "sdb", 6, "sdb", "export", true, "STICK-10")]
    [InlineData("mount", "sdc", 7, "sdc", "export", true, "STICK-03")]
    [InlineData("mount", "sdd", 7, "sdd", "export", false, "STICK-08")]
    [InlineData("mount", "sde", 7, "sde", "export", false, "STICK-09")]
    [InlineData("eject", "sda", 1, null, null, false, "STICK-05")]
    [InlineData("eject", "sde", 7, null, null, false, "STICK-09")]
    [InlineData("unmount", null, 0, null, "swap", false, "STICK-13")]
    public void A_request_that_asks_for_more_is_refused(string @do, string? drive,
        long plugged, string? volume, string? place, bool write, string rule)
    {
        _kernel.BuildIn("sda");
        _kernel.PlugUsb("sdb");
        _kernel.PlugUsb("sdc", readOnly: "1");
        _kernel.PlugUsb("sdd");
        _kernel.Burn("sdd", new byte[4096]);
        _kernel.PlugUsb("sde");
        _kernel.Mount("sde", Path.Combine(_kernel.Places, "record-b"), "8:64");

        Assert.Equal(rule, Keeper.Answer(new DriveRequest(@do, drive, plugged, volume, place, write)).Refused?.Rule);
        Assert.Equal("", _kernel.Read("sys/block/sdb/device/delete"));
    }

    [Fact]
    public void Ejecting_tells_the_drive_to_stop()
    {
        _kernel.PlugUsb("sdb");
        Assert.Null(Keeper.Answer(new DriveRequest("eject", "sdb", 7)).Refused);
        Assert.Equal("1", _kernel.Read("sys/block/sdb/device/delete"));
    }

    [Fact]
    public void Unmounting_where_nothing_is_mounted_is_done_already() =>
        Assert.Null(Keeper.Answer(new DriveRequest("unmount", Place: "record-a")).Refused);

    [Theory]
    [InlineData("{\"do\":\"list\"}")]
    [InlineData("{\"do\":\"list\",\"more\":1}\n")]
    [InlineData("{\"do\":\"list\",\"do\":\"eject\"}\n")]
    [InlineData("{\"do\":null}\n")]
    [InlineData("{}\n")]
    [InlineData("[]\n")]
    [InlineData("null\n")]
    [InlineData("\n")]
    [InlineData("")]
    [InlineData("{\"do\":\"list\"}\n{\"do\":\"list\"}\n")]
    public void A_line_that_is_no_request_is_none(string line) =>
        Assert.False(DriveJson.TryReadRequest(Encoding.UTF8.GetBytes(line), out _));

    [Fact]
    public void Requests_and_answers_come_back_as_they_were()
    {
        _kernel.PlugUsb("sdb", serial: "\"\\/ü");
        _kernel.BuildIn("sda");
        var request = new DriveRequest("mount", "sdb", 9, "sdb1", "export", true);
        Assert.True(DriveJson.TryReadRequest(DriveJson.Write(request), out DriveRequest? again));
        Assert.Equal(request, again);

        DriveList list = _kernel.Drives.Look();
        Assert.True(DriveJson.TryReadAnswer(DriveJson.Write(new DriveAnswer(list)), out DriveAnswer? answer));
        Assert.Equal(list.Drives.Single().InWords, answer.List!.Drives.Single().InWords);
        Assert.Equal(list.Drives.Single().Volumes.AsEnumerable(), answer.List.Drives.Single().Volumes.AsEnumerable());
        Assert.Equal(list.Others.AsEnumerable(), answer.List.Others.AsEnumerable());
        Assert.True(DriveJson.TryReadAnswer(DriveJson.Write(new DriveAnswer(Refused: StickRules.Full.Refuse("x"))), out answer));
        Assert.Equal(StickRules.Full.Refuse("x"), answer.Refused);
    }

    [Fact]
    public void The_socket_serves_one_user_and_survives_nonsense()
    {
        _kernel.PlugUsb("sdb");
        string path = Path.Combine(Path.GetDirectoryName(_kernel.Places)!, "s");
        using var ready = new ManualResetEventSlim();
        var server = new Thread(() => DriveSocket.Serve(path, MountCalls.geteuid(), Keeper.Answer, ready.Set)) { IsBackground = true };
        server.Start();
        Assert.True(ready.Wait(TimeSpan.FromSeconds(30)));
        Assert.Equal("600", Image.Run("stat", "--format", "%a", path).Trim());

        foreach (string nonsense in new[] { "", "x", new string('x', 100_000), "{\"do\":\"list\"\n", "\0\n" })
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Connect(new UnixDomainSocketEndPoint(path));
            try
            {
                socket.Send(Encoding.UTF8.GetBytes(nonsense));
            }
            catch (SocketException)
            {
                // It stopped listening to so much.
            }
        }
        Assert.Equal("sdb", DriveSocket.Ask(path, new DriveRequest("list")).List!.Drives.Single().Name);
        Assert.Equal("STICK-13", DriveSocket.Ask(path, new DriveRequest("format", "sdb")).Refused?.Rule);
    }

    [Fact]
    public void Without_a_helper_it_says_so()
    {
        CeremonyException refused = Assert.Throws<CeremonyException>(() => DriveSocket.Ask(Path.Combine(_kernel.Places, "none"),
            new DriveRequest("list")));
        Assert.Equal("STICK-12", refused.Refusal.Rule);
    }
}
