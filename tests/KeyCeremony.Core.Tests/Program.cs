using System.Globalization;
using KeyCeremony.Core.Tests.Manifest.Devices;
using KeyCeremony.Core.Tests.Pki;
using KeyCeremony.Core.Tests.Pki.Crl;
using KeyCeremony.Core.Tests.Release;

// Tests are found by the test host; run as a program, this assembly does one thing in a process of its own, whose memory a test looks at.
if (args is ["crl-memory", var count])
{
    Console.Write(CrlMemoryTests.PeakOfIssuing(int.Parse(count, CultureInfo.InvariantCulture)).ToString(CultureInfo.InvariantCulture));
    return 0;
}
if (args is ["device-memory", var devices])
{
    Console.Write(DeviceMemoryTests.PeakOfBuilding(int.Parse(devices, CultureInfo.InvariantCulture))
        .ToString(CultureInfo.InvariantCulture));
    return 0;
}
if (args is ["release-memory", var megabytes])
{
    Console.Write(ReleaseRequestTests.PeakOfReading(int.Parse(megabytes, CultureInfo.InvariantCulture))
        .ToString(CultureInfo.InvariantCulture));
    return 0;
}
// For a person: what the readers make of a folder of other people's files (docs/assurance.md has the counts).
if (args is ["corpora", var folder, .. var kinds])
{
    Corpora.Print(folder, kinds.FirstOrDefault() ?? "");
    return 0;
}
Console.Error.WriteLine("dotnet test runs the tests.");
return 1;
