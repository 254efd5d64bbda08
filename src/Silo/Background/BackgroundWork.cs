using ArtifactStore.Interfaces.Blobs;
using ArtifactStore.Interfaces.Journal;
using Microsoft.Extensions.Logging;

namespace ArtifactStore.Silo.Background;

/// <summary>
/// Runs the jobs of this node. Invariants: no step begins unless the lease of its job is known to be held; a job that fails is told once,
/// lets its lease go, so that another node may have more luck, and is tried again ever more rarely; nothing of it outlives
/// <see cref="Stop"/>.
/// </summary>
public sealed partial class BackgroundWork(
    INodes nodes, IReadOnlyList<IBackgroundJob> jobs, TimeProvider time, TaskScheduler scheduler,
    ILogger<BackgroundWork> logger) : IAsyncDisposable
{
    /// <summary>How long a step that is under way may take to leave off when the store stops.</summary>
    public static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource _stop = new();
    private Task _attending = Task.CompletedTask;

    /// <summary>Returns at once; the jobs begin on the scheduler.</summary>
    public void Start() => _attending = Task.WhenAll(jobs.Select(job =>
        Task.Factory.StartNew(() => Attend(job), CancellationToken.None, TaskCreationOptions.DenyChildAttach, scheduler).Unwrap()));

    /// <summary>Ends what is going on, waits for it, and says that this node is gone.</summary>
    public async Task Stop()
    {
        if (_stop.IsCancellationRequested) return;
        End();
        try
        {
            await _attending.WaitAsync(DrainTime, time);
        }
        catch (TimeoutException)
        {
            LogNotDrained(logger, DrainTime.TotalSeconds);
        }
        try
        {
            await nodes.Leave().WaitAsync(DrainTime, time);
        }
        catch (Exception exception) when (exception is JournalUnavailableException or TimeoutException)
        {
            LogLeftSilently(logger, exception.Message);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Stop();
        // A step that did not leave off in time may still ask the token.
        if (_attending.IsCompleted) _stop.Dispose();
    }

    private void End() => _stop.Cancel();

    private async Task Attend(IBackgroundJob job)
    {
        var health = new JobHealth(job.Name, logger);
        var longest = job.Every < LastRetry ? job.Every : LastRetry;
        var retry = FirstRetry;
        while (!_stop.IsCancellationRequested)
        {
            TimeSpan pause;
            try
            {
                await (job.OnEveryNode ? WorkAlways(job, health) : WorkUnderLease(job, health));
                pause = HeldLease.Renewal;
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                if (!health.Failing) retry = FirstRetry;
                health.Failed(exception);
                pause = retry;
                retry = retry * 2 < longest ? retry * 2 : longest;
            }
            await Task.Delay(pause, time, _stop.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }

    private async Task WorkAlways(IBackgroundJob job, JobHealth health)
    {
        while (true)
        {
            bool more;
            do
            {
                _stop.Token.ThrowIfCancellationRequested();
                more = await job.Step(_stop.Token);
                health.Succeeded();
            }
            while (more);
            await Task.Delay(job.Every, time, _stop.Token);
        }
    }

    /// <summary>Returns when another node has the lease, or has it from now on.</summary>
    private async Task WorkUnderLease(IBackgroundJob job, JobHealth health)
    {
        await using var lease = await HeldLease.Take(nodes, job.Name, time, _stop.Token);
        if (lease is null) return;
        try
        {
            while (lease.Holds)
            {
                var more = await job.Step(lease.Ended);
                health.Succeeded();
                // The lease is kept between two runs: the job is done every so often by one node, not every so often by each.
                if (!more) await Task.Delay(job.Every, time, lease.Ended);
            }
        }
        catch (OperationCanceledException) when (lease.Ended.IsCancellationRequested && !_stop.IsCancellationRequested)
        {
            // Lost: told below.
        }
        if (!_stop.IsCancellationRequested) LogLeaseLost(logger, job.Name);
    }

    /// <summary>Tells of a failure when it begins and when it ends, not each time in between.</summary>
    private sealed class JobHealth(string job, ILogger logger)
    {
        public bool Failing { get; private set; }

        public void Failed(Exception exception)
        {
            BackgroundMetrics.Failed(job);
            if (Failing) return;
            Failing = true;
            if (exception is JournalUnavailableException or BlobStoreException or TimeoutException) LogFailed(logger, job, exception.Message);
            else LogBroken(logger, job, exception);
        }

        public void Succeeded()
        {
            BackgroundMetrics.Succeeded(job);
            if (!Failing) return;
            Failing = false;
            LogRecovered(logger, job);
        }
    }

    [LoggerMessage(EventId = 5011, Level = LogLevel.Warning,
        Message = "The background job {Job} failed and is tried again until it succeeds: {Reason}")]
    private static partial void LogFailed(ILogger logger, string job, string reason);

    [LoggerMessage(EventId = 5012, Level = LogLevel.Error,
        Message = "The background job {Job} failed in a way that nobody foresaw; it is tried again")]
    private static partial void LogBroken(ILogger logger, string job, Exception exception);

    [LoggerMessage(EventId = 5013, Level = LogLevel.Information, Message = "The background job {Job} succeeds again")]
    private static partial void LogRecovered(ILogger logger, string job);

    [LoggerMessage(EventId = 5014, Level = LogLevel.Information, Message = "This node no longer has the lease of the background job {Job}")]
    private static partial void LogLeaseLost(ILogger logger, string job);

    [LoggerMessage(EventId = 5015, Level = LogLevel.Warning, Message = "Background work did not end within {Seconds} s of the stop")]
    private static partial void LogNotDrained(ILogger logger, double seconds);

    [LoggerMessage(EventId = 5016, Level = LogLevel.Information,
        Message = "The other nodes could not be told that this one stops; they see it within its lifetime: {Reason}")]
    private static partial void LogLeftSilently(ILogger logger, string reason);
}
