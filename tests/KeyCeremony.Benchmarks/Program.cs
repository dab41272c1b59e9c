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

// One word measures one part; none, all of them.
List<Row> rows = args switch
{
    ["binding"] => [.. BindingRows.Measure()],
    ["crl"] => [.. CrlRows.Measure()],
    ["ur"] => [.. UrRows.Measure()],
    ["manifest"] => [.. ManifestRows.Measure()],
    ["start"] => [.. ProgramRows.MeasureStart()],
    ["verify"] => [.. VerifyRows.Measure()],
    ["terminal"] => [.. TerminalRows.Measure()],
    ["register"] => [.. RegisterRows.Measure()],
    _ =>
    [
        .. Slip39Rows.Measure(),
        .. BindingRows.Measure(),
        .. ProgramRows.Measure(),
        .. TerminalRows.Measure(),
        .. CrlRows.Measure(),
        .. UrRows.Measure(),
        .. ManifestRows.Measure(),
        .. VerifyRows.Measure(),
        .. RegisterRows.Measure(),
    ],
};

Results.Print(rows);
Results.Write(rows);
return 0;
