using System.Diagnostics;
using System.Globalization;
using KeyCeremony.App.Room;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Sharing;
using KeyCeremony.Eyes;

namespace KeyCeremony.Hsm.Tests;

/// <summary>
/// Two soft tokens of openCryptoki as Debian ships it, with a pkcsslotd of their own, in a mount and an IPC namespace of their own: what
/// the machine has of openCryptoki is not seen and not touched. Needs root, as pkcsslotd does.
/// </summary>
internal sealed class OpenCryptoki : IDisposable
{
    /// <summary>What a script asks of two officers, with the kind of key that these tokens make.</summary>
    public static readonly (string, string)[] Rsa =
    [
        ("  officer: 3\n", "  officer: 2\n"),
        ("2 of 3", "2 of 2"),
        ("  - activation share card 3\n", ""),
        ("  - backup share card 3\n", ""),
        ("algorithm: ec-p384", "algorithm: rsa-3072"),
        ("algorithm: ec-p256", "algorithm: rsa-3072"),
    ];

    /// <summary>
    /// Older packages have one soft token to a computer: its folder's name stands in its library. A copy of that library with another
    /// name in it, of the same length, is the second. Newer ones name the folder in their configuration.
    /// </summary>
    private const string Up = """
        set -e
        # Whoever stops the tests stops all that they started at once; the daemon would outlive that, and whatever it has open stays open.
        trap '' INT TERM HUP
        # What is unmounted outside is unmounted here: a stick that another test took off is not held.
        mount --make-rslave /
        mkdir -p "$1/run/lock/opencryptoki/swtok" "$1/run/lock/opencryptoki/swtk2" "$1/etc"
        mount --bind "$1/run" /run
        mount -t tmpfs none /dev/shm
        if [ -n "$5" ]; then mount --bind "$5" /var/lib/opencryptoki; else mount -t tmpfs none /var/lib/opencryptoki; fi
        mkdir -p /var/lib/opencryptoki/swtok/TOK_OBJ /var/lib/opencryptoki/swtk2/TOK_OBJ
        chgrp -R pkcs11 /var/lib/opencryptoki /run/lock/opencryptoki
        chmod -R 770 /var/lib/opencryptoki /run/lock/opencryptoki
        if grep -q tokname "$(command -v pkcsslotd)"; then
            first='stdll = libpkcs11_sw.so
        tokname = swtok'
            second='stdll = libpkcs11_sw.so
        tokname = swtk2'
        else
            sed 's/swtok/swtk2/g' "$2"/libpkcs11_sw.so > "$1/libpkcs11_s2.so"
            first='stdll = libpkcs11_sw.so'
            second="stdll = $1/libpkcs11_s2.so"
        fi
        if [ -e /etc/opencryptoki/strength.conf ]; then
            cp /etc/opencryptoki/strength.conf "$1/etc/"
            chgrp pkcs11 "$1/etc/strength.conf"
            chmod 640 "$1/etc/strength.conf"
        fi
        printf 'version opencryptoki-3.1\nslot %s\n{\n%s\n}\nslot %s\n{\n%s\n}\n' "$3" "$first" "$4" "$second" > "$1/etc/opencryptoki.conf"
        mount --bind "$1/etc" /etc/opencryptoki
        number() { cat /run/pkcsslotd.pid 2>&- || cat /run/opencryptoki/pkcsslotd.pid; }
        pkcsslotd
        echo up
        while read again; do
            daemon=$(number)
            while kill "$daemon" 2>&-; do sleep 0.2; done
            pkcsslotd
            echo up
        done
        # It does not end on request while it believes that somebody has a session open, and believes so for a while of those who are gone.
        kill -KILL "$(number)"
        """;

    /// <summary>A newer Debian's root instead of the machine's: what the tests work with is seen in it under the same names.</summary>
    private const string Into = """
        set -e
        mount --make-rslave /
        mount --bind "$1" "$1"
        for folder in /proc /dev /tmp; do mount --rbind "$folder" "$1$folder"; done
        mount -t tmpfs none "$1/run"
        mkdir -p "$1$2"
        mount --bind "$2" "$1$2"
        mount --bind "$3" "$1/usr/share/dotnet"
        root=$1
        shift 3
        exec chroot "$root" /bin/sh -c "$@"
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("keyceremony-opencryptoki-").FullName;
    private readonly Process _holder;
    private readonly bool _hasRoot;

    /// <param name="firstSlot">Of two: their serial numbers are made of it, so that other slots are other tokens.</param>
    /// <param name="tokens">A folder for what the tokens keep, or with what they kept before; null: they are forgotten at the end.</param>
    /// <param name="root">Of a newer Debian, in which daemon and program run; null: the machine's.</param>
    public OpenCryptoki(int firstSlot = 1, string? tokens = null, string? root = null)
    {
        string libraries = Path.GetDirectoryName(Module)!;
        _hasRoot = root is not null;
        string[] into = root is null ? [] : [Into, "sh", root, Repository.Root, DotNet];
        _holder = Tool.Start(new ProcessStartInfo("unshare", ["--mount", "--ipc", "sh", "-c", .. into, Up, "sh", _folder,
            Path.Combine(libraries, "..", "opencryptoki", "stdll"), $"{firstSlot}", $"{firstSlot + 1}", tokens ?? ""]));
        WaitUntilUp();
    }

    /// <summary>
    /// The root that <c>.ci/need-opencryptoki</c> unpacks: there, openCryptoki makes ML-DSA keys. Null, and said where a person sees it:
    /// the newer Debian was not to be had.
    /// </summary>
    public static string? NewerRoot()
    {
        string root = Path.Combine(Repository.Root, "artifacts", "tools", "opencryptoki");
        if (File.Exists(Path.Combine(root, "usr", "sbin", "pkcsslotd")))
            return root;
        Console.Error.WriteLine("Ceremonies with ML-DSA on a real module SKIPPED: no new openCryptoki is unpacked: .ci/need-opencryptoki");
        return null;
    }

    /// <summary>The folder of the runtime that runs the tests.</summary>
    private static string DotNet => Path.GetFullPath(Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(),
        "..", "..", ".."));

    /// <exception cref="InvalidOperationException">It is not installed.</exception>
    public static string Module { get; } =
        new[] { "/usr/lib/x86_64-linux-gnu/pkcs11/libopencryptoki.so", "/usr/lib/aarch64-linux-gnu/pkcs11/libopencryptoki.so" }
            .FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException("openCryptoki is not installed: apt-get install opencryptoki");

    /// <summary>A table with these two tokens on it.</summary>
    public Table Lay(Table table)
    {
        table.Module = Module;
        table.Within = ["nsenter", "--target", _holder.Id.ToString(CultureInfo.InvariantCulture), "--mount", "--ipc",
            .. _hasRoot ? ["--root", "--wd"] : Array.Empty<string>(), "--"];
        return table;
    }

    /// <summary>
    /// Without power its daemon forgets who had a session open. Else it finds out within some seconds that somebody is gone, and until
    /// then erases no token of his.
    /// </summary>
    public void LosePower()
    {
        _holder.StandardInput.WriteLine();
        WaitUntilUp();
    }

    /// <summary>As another binding sees it: the ledger's HSM holds its keys, locked, and its head; the other token is empty.</summary>
    public static void HoldsWhatTheLedgerKnows(Table table)
    {
        World world = table.World();
        string serial = world.Primary!.Commissioned.Serial, pin = Cards.Pin(table, world, PinPurpose.User);
        TokenView seen = Sees(table, serial, pin);
        Assert.Equal(world.Keys.Values.Where(k => k.Serial == serial)
                .SelectMany(k => new[] { $"PrivateKey {k.CkaId}", $"PublicKey {k.CkaId}" }).Append("Data ledger-head")
                .Order(StringComparer.Ordinal),
            seen.Objects.Select(Witness.Named).Order(StringComparer.Ordinal));
        Assert.All(seen.Objects.Where(o => o.IsSecret), o => Assert.Equal(("1", "0", "1"),
            (o.Flag("CKA_SENSITIVE").ToString(), o.Flag("CKA_EXTRACTABLE").ToString(), o.Flag("CKA_TOKEN").ToString())));
        // Slots 1 and 2 are a pair, and 3 and 4.
        int other = ((serial[^1] - '0' - 1) ^ 1) + 1;
        Assert.Empty(Sees(table, $"{serial[..^1]}{other}", "").Objects);
    }

    private static TokenView Sees(Table table, string serial, string pin)
    {
        string[] lines = Tool.Run(table.ProcessOf(SecondLook.CommandName, Module, serial), pin).Expect(0).Out
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return TokenView.Read(lines) ?? throw new Xunit.Sdk.XunitException(string.Join('\n', lines));
    }

    public void Dispose()
    {
        _holder.StandardInput.Close();
        _holder.WaitForExit();
        _holder.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private void WaitUntilUp()
    {
        if (_holder.StandardOutput.ReadLine() != "up")
        {
            _holder.StandardInput.Close();
            throw new InvalidOperationException($"openCryptoki does not start, which needs root: {Tool.Ended(_holder).Said}");
        }
    }
}
