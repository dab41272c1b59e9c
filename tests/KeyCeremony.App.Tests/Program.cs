using System.Globalization;
using KeyCeremony.App.Tests.Ledger.PowerCut;
using KeyCeremony.App.Tests.Register;

// Tests are found by the test host; run as a program, this assembly does one thing for a test that reads its system calls, or for a
// measurement.
if (args is ["write-ledger", var a, var b, var count])
    return WrittenLedger.Write(a, b, int.Parse(count, CultureInfo.InvariantCulture));
if (args is ["open-ledger", var first, var second])
    return WrittenLedger.Open(first, second);
if (args is ["write-long-ledger", var stick, var least])
    return LongLedger.Write(stick, int.Parse(least, CultureInfo.InvariantCulture));
Console.Error.WriteLine("dotnet test runs the tests.");
return 1;
