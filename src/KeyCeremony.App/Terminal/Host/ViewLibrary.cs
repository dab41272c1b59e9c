using System.Reflection;
using System.Runtime.CompilerServices;
using Terminal.Gui.App;
using Terminal.Gui.Drivers;

namespace KeyCeremony.App.Terminal.Host;

/// <summary>
/// Terminal.Gui 2.5.0 without a terminal, and without anything else of this machine: it lays out views and draws them into cells in
/// memory. Only its public interface is used. What it does by itself at its start is kept from it here; tests attack each of these.
/// </summary>
internal static class ViewLibrary
{
    /// <summary>A folder in which nobody can put a file.</summary>
    private const string Nowhere = "/proc/sys";

    /// <summary>
    /// Everything that touches the library for the first time happens in here, at best before this process has other threads: for a moment
    /// it stands in another folder, with another home and no PATH. There the library looks for what it would obey: configuration files, in
    /// the home folder, in the working folder and in TUI_CONFIG (the program is shipped without their reader, but tests have it), and a
    /// shell that looks for a clipboard program, in the working folder and in the PATH.
    /// </summary>
    /// <param name="start">In a method of its own: one that names a type of the library may start it already when it is compiled.</param>
    public static void Aside(Action start)
    {
        string here = Environment.CurrentDirectory;
        using var home = new Variable("HOME", Nowhere);
        using var configuration = new Variable("TUI_CONFIG", null);
        using var programs = new Variable("PATH", Nowhere);
        using var terminal = new Variable("DisableRealDriverIO", "1");
        Environment.CurrentDirectory = Nowhere;
        try
        {
            RuntimeHelpers.RunModuleConstructor(Assembly.Load("Terminal.Gui").ManifestModule.ModuleHandle);
            start();
        }
        finally
        {
            Environment.CurrentDirectory = here;
        }
    }

    /// <summary>
    /// A driver that touches no terminal. The application that makes it starts a thread that looks for input fifty times a second for as
    /// long as the application lives: so it ends at once, and another one, which starts nothing, draws with its driver.
    /// </summary>
    public static (IApplication Application, IDriver Driver) Start()
    {
        IApplication starter = Application.Create().Init(DriverRegistry.Names.ANSI);
        IDriver driver = starter.Driver!;
        starter.Driver = null; // Else it would be disposed with it.
        starter.Dispose();
        IApplication application = Application.Create();
        application.Driver = driver;
        application.Keyboard.KeyBindings.Clear(); // Esc quits, Ctrl-Z stops the process group: keys are this program's business.
        return (application, driver);
    }

    /// <summary>An environment variable for a moment.</summary>
    private sealed class Variable : IDisposable
    {
        private readonly string _name;
        private readonly string? _before;

        public Variable(string name, string? value)
        {
            (_name, _before) = (name, Environment.GetEnvironmentVariable(name));
            Environment.SetEnvironmentVariable(name, value);
        }

        public void Dispose() => Environment.SetEnvironmentVariable(_name, _before);
    }
}
