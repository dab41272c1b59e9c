using System.Globalization;
using KeyCeremony.App.Tests.Ledger.PowerCut;

// Tests are found by the test host; run as a program, this assembly does one thing in a process whose system calls a test reads.
if (args is ["write-ledger", var a, var b, var count])
    return WrittenLedger.Write(a, b, int.Parse(count, CultureInfo.InvariantCulture));
if (args is ["open-ledger", var first, var second])
    return WrittenLedger.Open(first, second);
Console.Error.WriteLine("dotnet test runs the tests.");
return 1;
