using Spectre.Console;

namespace ArtifactStore.Cli.Output;

/// <summary>
/// Shows a tally while work runs: a bar on a terminal, a line now and then elsewhere. On standard error: the result owns the other.
/// </summary>
internal static class Progress
{
    private static readonly TimeSpan BarInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(5);

    public static async Task Show(CliHost host, string what, Tally tally, Func<Task> work)
    {
        if (host.ErrorIsTerminal) await Bar(host, what, tally, work);
        else await Lines(host, what, tally, work);
    }

    private static async Task Bar(CliHost host, string what, Tally tally, Func<Task> work)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(host.Error) });
        await console.Progress()
            .AutoClear(true)
            .Columns(
                new TaskDescriptionColumn(),
                new ProgressBarColumn(),
                new PercentageColumn(),
                new DownloadedColumn(),
                new TransferSpeedColumn(),
                new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                var bar = context.AddTask(what, maxValue: Math.Max(1, tally.TotalBytes));
                await Watch(host, work(), BarInterval, () =>
                {
                    bar.Description = $"{what} {tally.Files}/{tally.TotalFiles}";
                    bar.Value = tally.Bytes;
                });
            });
    }

    private static Task Lines(CliHost host, string what, Tally tally, Func<Task> work) =>
        Watch(host, work(), LineInterval, () => host.Error.WriteLine(
            $"{what} {tally.Files} of {Sentence.Count(tally.TotalFiles, "file")}, " +
            $"{Sentence.Bytes(tally.Bytes)} of {Sentence.Bytes(tally.TotalBytes)}"));

    private static async Task Watch(CliHost host, Task work, TimeSpan interval, Action show)
    {
        using var ticks = new PeriodicTimer(interval, host.Clock);
        var tick = ticks.WaitForNextTickAsync().AsTask();
        while (await Task.WhenAny(work, tick) == tick)
        {
            show();
            tick = ticks.WaitForNextTickAsync().AsTask();
        }
        await work;
    }
}
