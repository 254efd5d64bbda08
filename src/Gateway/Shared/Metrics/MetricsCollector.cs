using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace ArtifactStore.Gateway.Shared.Metrics;

/// <summary>
/// Keeps the newest value of every instrument of our meters, whichever room made them, so that they can be read without any exporter.
/// The number of series is bounded: what comes after the limit is dropped, because a label that grows for ever must not take the process
/// down.
/// </summary>
public sealed class MetricsCollector : IDisposable
{
    public const string MeterPrefix = "ArtifactStore";
    public const int MaxSeries = 10_000;

    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<SeriesKey, Series> _series = new();

    public MetricsCollector()
    {
        _listener.InstrumentPublished = (instrument, meterListener) =>
        {
            if (instrument.Meter.Name.StartsWith(MeterPrefix, StringComparison.Ordinal)) meterListener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<float>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.Start();
    }

    public byte[] ToPrometheusText()
    {
        _listener.RecordObservableInstruments();
        var ordered = _series
            .OrderBy(pair => pair.Key.Instrument.Name, StringComparer.Ordinal)
            .ThenBy(pair => pair.Key.Labels, StringComparer.Ordinal)
            .Select(pair => (pair.Key.Instrument, pair.Key.Labels, pair.Value));
        return PrometheusText.Write(ordered);
    }

    public void Dispose() => _listener.Dispose();

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var key = new SeriesKey(instrument, PrometheusText.Labels(tags));
        if (!_series.TryGetValue(key, out var found))
        {
            if (_series.Count >= MaxSeries) return;
            found = _series.GetOrAdd(key, static key => Series.For(key.Instrument));
        }
        found.Record(value);
    }

    private readonly record struct SeriesKey(Instrument Instrument, string Labels);
}

/// <summary>What is kept of one instrument with one set of labels.</summary>
public abstract class Series
{
    public abstract void Record(double value);

    public static Series For(Instrument instrument)
    {
        var type = instrument.GetType().GetGenericTypeDefinition();
        if (type == typeof(Histogram<>)) return new Distribution(Distribution.BoundsFor(instrument.Unit));
        if (type == typeof(Counter<>)) return new Sum(Monotonic: true);
        if (type == typeof(UpDownCounter<>)) return new Sum(Monotonic: false);
        return new Latest(Monotonic: type == typeof(ObservableCounter<>));
    }

    public sealed class Sum(bool Monotonic) : Series
    {
        private double _total;

        public bool Monotonic { get; } = Monotonic;

        public double Total => Volatile.Read(ref _total);

        public override void Record(double value)
        {
            double before;
            do before = Volatile.Read(ref _total);
            while (Interlocked.CompareExchange(ref _total, before + value, before) != before);
        }
    }

    public sealed class Latest(bool Monotonic) : Series
    {
        private double _value;

        public bool Monotonic { get; } = Monotonic;

        public double Value => Volatile.Read(ref _value);

        public override void Record(double newest) => Volatile.Write(ref _value, newest);
    }

    public sealed class Distribution(double[] bounds) : Series
    {
        private static readonly double[] Seconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60];
        private static readonly double[] Bytes = [1024, 16_384, 262_144, 1_048_576, 16_777_216, 268_435_456, 4_294_967_296];
        private static readonly double[] Counts = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

        private readonly Lock _gate = new();
        private readonly long[] _counts = new long[bounds.Length + 1];
        private double _sum;

        public static double[] BoundsFor(string? unit) => unit switch
        {
            "s" => Seconds,
            "By" => Bytes,
            _ => Counts,
        };

        public IReadOnlyList<double> Bounds => bounds;

        public (long[] Counts, double Sum) Snapshot()
        {
            lock (_gate) return ([.. _counts], _sum);
        }

        public override void Record(double value)
        {
            var at = 0;
            while (at < bounds.Length && value > bounds[at]) at++;
            lock (_gate)
            {
                _counts[at]++;
                _sum += value;
            }
        }
    }
}
