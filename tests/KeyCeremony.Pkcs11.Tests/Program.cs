using KeyCeremony.Pkcs11.Hosting;

// Tests are found by the test host; run as a program, this assembly is the process that holds a module.
if (args is ["hsm-host"])
{
    return ModuleHost.Serve();
}

Console.Error.WriteLine("dotnet test runs the tests.");
return 1;
