using System.Collections.Immutable;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using KeyCeremony.Core;
using KeyCeremony.Verifier.Register;
using LiteDB;

namespace KeyCeremony.App.Register;

/// <summary>
/// One table of the register as a LiteDB file, for as long as one question takes. LiteDB is named in this class alone, and never opens
/// a file that it did not just make (docs/decisions/0019-register.md).
/// </summary>
internal static class RegisterDatabase
{
    private const string Id = "_id";
    private const string FileName = "register.db";

    /// <summary>Behind every continuation of the beginning of a time.</summary>
    private const string Behind = "\uffff";

    /// <summary>The rows that pass all filters, in the order of the ledgers.</summary>
    /// <param name="folder">A private one.</param>
    public static RegisterAnswer Where(string folder, RegisterTable table, RegisterAnswer all, IEnumerable<RegisterFilter> filters,
        CancellationToken stop)
    {
        Write(folder, table, all, stop);
        using LiteDatabase database = Open(folder, readOnly: true);
        ILiteQueryable<BsonDocument> query = database.GetCollection(table.Name).Query();
        foreach (RegisterFilter filter in filters)
            query = query.Where(Expression(filter));
        ImmutableArray<RegisterRow>.Builder rows = ImmutableArray.CreateBuilder<RegisterRow>();
        foreach (BsonDocument document in query.ToEnumerable())
        {
            stop.ThrowIfCancellationRequested();
            rows.Add(all.Rows[document[Id].AsInt32]);
        }
        return all with { Rows = rows.ToImmutable() };
    }

    /// <summary>What LiteDB answers to the query. REGISTER-14.</summary>
    /// <param name="folder">A private one.</param>
    public static bool TryQuery(string folder, RegisterQuery query, RegisterAnswer all, CancellationToken stop,
        [NotNullWhen(true)] out RegisterAnswer? answer, [NotNullWhen(false)] out Refusal? refusal)
    {
        (answer, refusal) = (null, null);
        Write(folder, query.Table, all, stop);
        using LiteDatabase database = Open(folder, readOnly: true);
        try
        {
            var documents = new List<BsonDocument>();
            using (IBsonDataReader reader = database.Execute(query.Text))
                while (reader.Read())
                {
                    stop.ThrowIfCancellationRequested();
                    documents.Add(reader.Current.IsDocument ? reader.Current.AsDocument : new BsonDocument { ["value"] = reader.Current });
                }
            answer = Answer(query, documents);
            return true;
        }
        catch (LiteException e)
        {
            string place = e.ErrorCode == LiteException.UNEXPECTED_TOKEN && e.Position > 0
                ? $" around character {e.Position} of: {query.Text}" : "";
            refusal = RegisterRules.Computes.Refuse($"LiteDB cannot read or compute the query{place}.");
            return false;
        }
        // Its functions throw what their arguments make the base library throw.
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or FormatException or OverflowException
            or InvalidCastException
            or ArithmeticException or NotSupportedException or NullReferenceException or IndexOutOfRangeException
                or System.Reflection.TargetInvocationException)
        {
            refusal = RegisterRules.Computes.Refuse("LiteDB cannot compute the query: a function was given what it does not take.");
            return false;
        }
    }

    private static void Write(string folder, RegisterTable table, RegisterAnswer all, CancellationToken stop)
    {
        using LiteDatabase database = Open(folder, readOnly: false);
        database.GetCollection(table.Name).InsertBulk(Documents(all, stop));
    }

    private static IEnumerable<BsonDocument> Documents(RegisterAnswer all, CancellationToken stop)
    {
        for (int i = 0; i < all.Rows.Length; i++)
        {
            stop.ThrowIfCancellationRequested();
            var document = new BsonDocument { [Id] = i };
            for (int c = 0; c < all.Columns.Length; c++)
                document[all.Columns[c].Name] = all.Rows[i].Cells[c] switch
                {
                    null => BsonValue.Null,
                    long number => number,
                    bool flag => flag,
                    object value => RegisterAnswer.Stored(value),
                };
            yield return document;
        }
    }

    private static LiteDatabase Open(string folder, bool readOnly) => new(new ConnectionString
    {
        Filename = Path.Combine(folder, FileName),
        Connection = ConnectionType.Direct,
        ReadOnly = readOnly,
        Collation = Collation.Binary,
    });

    /// <summary>To LiteDB nothing is less than everything else; a filter that asks for less does not mean it.</summary>
    private static BsonExpression Expression(RegisterFilter filter)
    {
        string column = $"$.{filter.Column.Name}", value = filter.Value as string ?? "";
        if (filter.Operator == "~")
            return BsonExpression.Create($"INDEXOF(LOWER({column}), @0) >= 0", value.ToLowerInvariant());
        if (filter.Column.Kind == ColumnKind.Time)
            return filter.Operator switch
            {
                "=" => BsonExpression.Create($"{column} >= @0 AND {column} < @1", value, value + Behind),
                "!=" => BsonExpression.Create($"{column} < @0 OR {column} >= @1", value, value + Behind),
                "<" => BsonExpression.Create($"{column} != null AND {column} < @0", value),
                "<=" => BsonExpression.Create($"{column} != null AND {column} < @0", value + Behind),
                ">" => BsonExpression.Create($"{column} >= @0", value + Behind),
                ">=" => BsonExpression.Create($"{column} >= @0", value),
                _ => throw new UnreachableException(filter.Operator),
            };
        BsonValue compared = filter.Value switch
        {
            long number => number,
            bool flag => flag,
            _ => value,
        };
        return filter.Operator is "<" or "<="
            ? BsonExpression.Create($"{column} != null AND {column} {filter.Operator} @0", compared)
            : BsonExpression.Create($"{column} {filter.Operator} @0", compared);
    }

    private static RegisterAnswer Answer(RegisterQuery query, List<BsonDocument> documents)
    {
        string[] names = [.. documents.SelectMany(d => d.Keys).Where(k => k != Id).Distinct(StringComparer.Ordinal)];
        return new RegisterAnswer(query.Text, [.. names.Select(n => new RegisterColumn(n, n, ColumnKind.Text))],
            [.. documents.Select(d => new RegisterRow([.. names.Select(n => Value(d[n]))]))]);
    }

    private static object? Value(BsonValue value) => value.Type switch
    {
        BsonType.Null => null,
        BsonType.Int32 or BsonType.Int64 => value.AsInt64,
        BsonType.Double => value.AsDouble,
        BsonType.Decimal => value.AsDecimal,
        BsonType.Boolean => value.AsBoolean,
        BsonType.String => value.AsString,
        BsonType.Array => value.AsArray.Select(Value).ToImmutableArray(),
        _ => JsonSerializer.Serialize(value),
    };
}
