using System.Security.Cryptography;
using System.Text;
using KeyCeremony.Core.Pki.Crl;

namespace KeyCeremony.Core.Tests.Pki.Crl;

/// <summary>Long texts are cut into blocks that are read side by side. What comes out is what each row says, read alone.</summary>
public sealed class RowBlocksTests
{
    private const string CsvHeader = "serial,date,reason\n";

    public static TheoryData<int, RevocationFormat, int> Texts()
    {
        var texts = new TheoryData<int, RevocationFormat, int>();
        for (int seed = 0; seed < 4; seed++)
            texts.Add(seed, seed % 2 == 0 ? RevocationFormat.OpenSslIndex : RevocationFormat.Csv, seed % 4 < 2 ? 0 : 10 * seed);
        return texts;
    }

    /// <param name="bad">How many of ten thousand rows are not as they should be.</param>
    [Theory]
    [MemberData(nameof(Texts))]
    [Trait("Takes", "long")]
    public void A_long_text_says_what_its_rows_say_one_by_one(int seed, RevocationFormat format, int bad)
    {
        var random = new Random(seed);
        string[] rows = [.. Enumerable.Range(1, random.Next(15_000, 20_000)).Select(serial => Row(random, format, serial, bad))];
        byte[] text = Encoding.ASCII.GetBytes((format == RevocationFormat.Csv ? CsvHeader : "") + string.Join("", rows));
        Assert.True(text.Length > 2 * TextBlock.MaxBytes);
        (List<RowError> errors, List<Revocation> entries) = OneByOne(rows, format);

        using var sort = new RevocationSort(() => new MemoryStream());
        bool read = RevocationFile.TryRead(new Piecemeal(text, random.Next(1_000, 2 * TextBlock.MaxBytes)), format, sort,
            out RevocationFileFacts? facts, out IReadOnlyList<RowError>? told);

        Assert.Equal(bad == 0, read);
        Assert.Equal(errors, told);
        if (!read)
            return;
        Assert.Equal(entries.Count, facts!.Revoked);
        Assert.Equal(SHA256.HashData(text), facts.Sha256.ToArray());
        Assert.Equal(format == RevocationFormat.Csv ? entries.Count : rows.Length, facts.Rows);
        Assert.True(sort.TryFinish(out SortedRevocations? sorted, out _));
        Assert.Equal(entries.OrderBy(entry => entry.Serial), sorted.Entries());
    }

    /// <summary>Every way to end and begin a block: lines of which the last fills a block, nearly, or by one byte too much.</summary>
    [Theory]
    [InlineData(-2)]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(1)]
    public void Lines_may_end_anywhere_about_the_end_of_a_block(int more)
    {
        var text = new StringBuilder();
        int rows = 0;
        while (text.Length < 4 * TextBlock.MaxBytes)
        {
            int left = TextBlock.MaxBytes - (text.Length % TextBlock.MaxBytes) + more;
            string row = $"V\t271231000000Z\t\t{++rows:X8}\tunknown\t/CN=";
            text.Append(row.PadRight(left is > 100 and < 200 ? left - 1 : 120, 'a')).Append('\n');
        }
        using var sort = new RevocationSort(() => new MemoryStream());
        Assert.True(RevocationFile.TryRead(new MemoryStream(Encoding.ASCII.GetBytes(text.ToString())), RevocationFormat.OpenSslIndex, sort,
            out RevocationFileFacts? facts, out _));
        Assert.Equal((rows, rows), ((int)facts.Rows, (int)facts.Ignored));
    }

    private static string Row(Random random, RevocationFormat format, int serial, int bad)
    {
        string end = random.Next(2) == 0 ? "\n" : "\r\n";
        if (random.Next(10_000) < bad)
            return (random.Next(20) == 0 ? new string('R', 5000) : "bad") + end;
        string reason = random.Next(3) switch { 0 => "", 1 => "keyCompromise", _ => "superseded" };
        string number = unchecked((uint)serial * 2654435761).ToString(random.Next(2) == 0 ? "x" : "X16", null);
        if (format == RevocationFormat.Csv)
            return $"{new string('0', random.Next(100))}{number},20{random.Next(10, 60)}-01-02T03:04:05Z,{reason}{end}";
        string subject = $"/CN={new string('a', random.Next(150))}";
        string date = $"{random.Next(10, 50)}0101000000Z{(reason.Length > 0 ? "," : "")}{reason}";
        return random.Next(2) == 0 ? $"V\t271231000000Z\t\t{number}\tunknown\t{subject}{end}"
            : $"R\t271231000000Z\t{date}\t{number}\tunknown\t{subject}{end}";
    }

    // The slow way: nothing is cut, nothing beside anything else, no line number but its own place.
    private static (List<RowError> Errors, List<Revocation> Entries) OneByOne(string[] rows, RevocationFormat format)
    {
        (string header, int before) = format == RevocationFormat.Csv ? (CsvHeader, 1) : ("", 0);
        (List<RowError> errors, List<Revocation> entries) = ([], []);
        for (int i = 0; i < rows.Length && errors.Count < RevocationFile.MostErrors && errors.All(e => e.Refusal.Rule == "REVOKE-01"); i++)
        {
            using var sort = new RevocationSort(() => new MemoryStream());
            var alone = new MemoryStream(Encoding.ASCII.GetBytes(header + rows[i]));
            RevocationFile.TryRead(alone, format, sort, out _, out IReadOnlyList<RowError>? told);
            (string here, string there) = ($"Line {1 + before} ", $"Line {1 + before + i} ");
            errors.AddRange(told.Select(error => new RowError(error.Line + i, error.Column,
                error.Refusal with { Message = error.Refusal.Message.Replace(here, there, StringComparison.Ordinal) })));
            Assert.True(sort.TryFinish(out SortedRevocations? sorted, out _));
            entries.AddRange(sorted.Entries());
        }
        return (errors, entries);
    }

    /// <summary>Gives so many bytes at a time and no more.</summary>
    private sealed class Piecemeal(byte[] bytes, int mostRead) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, mostRead));
    }
}
