using ArtifactStore.Storage.Journal.Projections;
using Npgsql;
using NpgsqlTypes;

namespace ArtifactStore.Storage.Journal.Postgres;

/// <summary>
/// Turns the statements of one transaction into one batch of commands. Inserts are gathered by their text and go out as one statement for
/// all their rows, before anything that may depend on them; everything else keeps its place. Invariant: the rows are those that the
/// statements would have made one by one.
/// </summary>
internal sealed class PostgresStatements(Dictionary<string, SetStatement> known) : IStatements
{
    private readonly Dictionary<string, Rows> _gathered = new(ReferenceEqualityComparer.Instance);

    // In the order of first use.
    private readonly List<Rows> _order = [];
    private readonly List<NpgsqlBatchCommand> _commands = [];
    private bool _deleting;

    /// <summary>Statements are known by their string objects, so that a text is looked at once in the life of a node.</summary>
    public static Dictionary<string, SetStatement> NewKnown() => new(ReferenceEqualityComparer.Instance);

    public void Run(string sql, params ReadOnlySpan<SqlValue> values)
    {
        if (!known.TryGetValue(sql, out var statement)) known.Add(sql, statement = SetStatement.Of(sql, values));
        if (statement.Kind == SetKind.Single)
        {
            Flush();
            _commands.Add(Single(statement, values));
            return;
        }
        var deletes = statement.Kind == SetKind.Delete;
        var isGathered = _gathered.TryGetValue(sql, out var rows);
        if (deletes != _deleting || (deletes && !isGathered))
        {
            Flush();
            isGathered = false;
        }
        if (!isGathered)
        {
            _gathered.Add(sql, rows = new(statement));
            _order.Add(rows);
        }
        _deleting = deletes;
        rows!.Add(values);
    }

    /// <summary>What has been run, as commands in order. Afterwards it begins anew.</summary>
    public IReadOnlyList<NpgsqlBatchCommand> Take()
    {
        Flush();
        var commands = _commands.ToArray();
        _commands.Clear();
        return commands;
    }

    private void Flush()
    {
        foreach (var rows in _order) _commands.Add(rows.ToCommand());
        _order.Clear();
        _gathered.Clear();
        _deleting = false;
    }

    private static NpgsqlBatchCommand Single(SetStatement statement, ReadOnlySpan<SqlValue> values)
    {
        var command = new NpgsqlBatchCommand(statement.Text);
        foreach (ref readonly var value in values) command.Parameters.Add(ParameterOf(value));
        return command;
    }

    private static NpgsqlParameter ParameterOf(in SqlValue value)
    {
        var type = SetStatement.TypeOf(value.Kind);
        if (value.IsNull) return new() { NpgsqlDbType = type, Value = DBNull.Value };
        return value.Kind switch
        {
            SqlKind.Integer => new NpgsqlParameter<long> { NpgsqlDbType = type, TypedValue = value.Integer },
            SqlKind.Uuid => new NpgsqlParameter<Guid> { NpgsqlDbType = type, TypedValue = value.Uuid },
            SqlKind.Digest => new NpgsqlParameter<byte[]> { NpgsqlDbType = type, TypedValue = value.Digest.ToArray() },
            _ => new NpgsqlParameter { NpgsqlDbType = type, Value = value.Reference },
        };
    }

    /// <summary>The rows of one statement, column by column.</summary>
    private sealed class Rows(SetStatement statement)
    {
        private readonly IColumn[] _columns = Array.ConvertAll(statement.Columns, NewColumn);

        public void Add(ReadOnlySpan<SqlValue> values)
        {
            if (values.Length != _columns.Length) throw new InvalidOperationException($"{values.Length} values for: {statement.Text}");
            for (var i = 0; i < values.Length; i++)
            {
                if (values[i].Kind != statement.Columns[i])
                    throw new InvalidOperationException($"value {i + 1} was {statement.Columns[i]} and is {values[i].Kind}: {statement.Text}");
                _columns[i].Add(values[i]);
            }
        }

        public NpgsqlBatchCommand ToCommand()
        {
            var command = new NpgsqlBatchCommand(statement.Text);
            for (var i = 0; i < _columns.Length; i++)
            {
                var parameter = _columns[i].ToParameter();
                parameter.NpgsqlDbType = NpgsqlDbType.Array | SetStatement.TypeOf(statement.Columns[i]);
                command.Parameters.Add(parameter);
            }
            return command;
        }

        private static IColumn NewColumn(SqlKind kind) => kind switch
        {
            SqlKind.Integer => new IntegerColumn(),
            SqlKind.Text => new TextColumn(),
            SqlKind.Uuid => new UuidColumn(),
            _ => new BytesColumn(),
        };
    }

    private interface IColumn
    {
        void Add(in SqlValue value);

        NpgsqlParameter ToParameter();
    }

    private sealed class IntegerColumn : IColumn
    {
        private readonly List<long?> _values = [];

        public void Add(in SqlValue value) => _values.Add(value.IsNull ? null : value.Integer);

        public NpgsqlParameter ToParameter() => new NpgsqlParameter<List<long?>> { TypedValue = _values };
    }

    private sealed class TextColumn : IColumn
    {
        private readonly List<string?> _values = [];

        public void Add(in SqlValue value) => _values.Add((string?)value.Reference);

        public NpgsqlParameter ToParameter() => new NpgsqlParameter<List<string?>> { TypedValue = _values };
    }

    private sealed class BytesColumn : IColumn
    {
        private readonly List<byte[]?> _values = [];

        public void Add(in SqlValue value) =>
            _values.Add(value.Kind == SqlKind.Digest && !value.IsNull ? value.Digest.ToArray() : (byte[]?)value.Reference);

        public NpgsqlParameter ToParameter() => new NpgsqlParameter<List<byte[]?>> { TypedValue = _values };
    }

    private sealed class UuidColumn : IColumn
    {
        private readonly List<Guid?> _values = [];

        public void Add(in SqlValue value) => _values.Add(value.IsNull ? null : value.Uuid);

        public NpgsqlParameter ToParameter() => new NpgsqlParameter<List<Guid?>> { TypedValue = _values };
    }
}
