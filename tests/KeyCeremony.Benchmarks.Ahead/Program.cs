using System.Globalization;
using KeyCeremony.Benchmarks;

// What the benchmarks start as a process of its own: a list of revocations, OPERATION FOLDER COUNT, in a program that is native as the
// image's is.
Console.Write(CrlOperations.Run(args[0], args[1], int.Parse(args[2], CultureInfo.InvariantCulture)));
return 0;
