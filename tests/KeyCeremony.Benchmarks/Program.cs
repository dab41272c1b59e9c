using KeyCeremony.Benchmarks;

// A child of ourselves does one thing and tells how much memory it took: see PeakMemory.
if (args is ["peak", var operation])
    return PeakMemory.Report(Slip39Rows.Operations[operation]);

List<Row> rows =
[
    .. Slip39Rows.Measure(),
    .. BindingRows.Measure(),
    .. ProgramRows.Measure(),
];

Results.Print(rows);
Results.Write(rows);
return 0;
