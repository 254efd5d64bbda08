using System.Globalization;
using Npgsql;

namespace ArtifactStore.Storage.Journal.Postgres;

/// <summary>
/// Hears of the appends of other nodes. A notification says where the head is, and nothing else: whoever is woken reads the log itself, so
/// that a lost one costs time and never an event. While the connection is down the head is asked for every second, and once when it is back.
/// </summary>
internal sealed class PostgresListener : IAsyncDisposable
{
    private const string ReadHead = "SELECT head_sequence FROM store WHERE id = 1";
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly PostgresConnections _connections;
    private readonly StoreNames _names;
    private readonly JournalFeed _feed;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _finished;

    public PostgresListener(PostgresConnections connections, StoreNames names, JournalFeed feed, TimeProvider time)
    {
        _connections = connections;
        _names = names;
        _feed = feed;
        _time = time;
        _finished = Task.Run(Loop);
    }

    private async Task Loop()
    {
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                await Listen();
            }
            catch (Exception) when (!_closing.IsCancellationRequested)
            {
                // Whatever it was: hearing again is all there is to do.
                await AskForHead();
            }
            catch (Exception)
            {
                return;
            }
        }
    }

    private async Task Listen()
    {
        await using var db = await _connections.OpenListening(_closing.Token);
        db.Notification += (_, notification) => Hear(notification.Payload);
        await using (var listen = new NpgsqlCommand($"LISTEN {_names.Channel}", db)) await listen.ExecuteNonQueryAsync(_closing.Token);
        // What was committed before we listened was not said to us.
        _feed.MoveTo(await HeadOf(db));
        while (true) await db.WaitAsync(_closing.Token);
    }

    private void Hear(string payload)
    {
        if (long.TryParse(payload, NumberStyles.None, CultureInfo.InvariantCulture, out var head)) _feed.MoveTo(head);
    }

    private async Task AskForHead()
    {
        try
        {
            await Task.Delay(Pause, _time, _closing.Token);
            await using var db = await _connections.Questions.OpenConnectionAsync(_closing.Token);
            _feed.MoveTo(await HeadOf(db));
        }
        catch (Exception)
        {
            // Asked again, and listened again, by the loop.
        }
    }

    private async Task<long> HeadOf(NpgsqlConnection db)
    {
        await using var command = new NpgsqlCommand(ReadHead, db);
        return await command.ExecuteScalarAsync(_closing.Token) is long head ? head : 0;
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _finished;
        _closing.Dispose();
    }
}
