using System.Globalization;
using KeyCeremony.Benchmarks;

// A child of ourselves does one thing and tells how much memory it took: see PeakMemory.
if (args is ["peak", var operation])
    return PeakMemory.Report(Slip39Rows.Operations[operation]);
if (args is ["crl", var crlOperation, var folder, var count])
{
    Console.Write(CrlOperations.Run(crlOperation, folder, int.Parse(count, CultureInfo.InvariantCulture)));
    return 0;
}

// "crl" alone measures the CRLs, which need nothing of the rest.
List<Row> rows = args is ["crl"] ? [.. CrlRows.Measure()] :
[
    .. Slip39Rows.Measure(),
    .. BindingRows.Measure(),
    .. ProgramRows.Measure(),
    .. CrlRows.Measure(),
];

Results.Print(rows);
Results.Write(rows);
return 0;
