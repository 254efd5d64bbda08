using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace ArtifactStore.Gateway.Shared.Metrics;

/// <summary>The text exposition format, version 0.0.4.</summary>
public static class PrometheusText
{
    public static byte[] Write(IEnumerable<(Instrument Instrument, string Labels, Series Series)> series)
    {
        var text = new StringBuilder();
        string? described = null;
        foreach (var (instrument, labels, values) in series)
        {
            var name = NameOf(instrument, values);
            if (name != described) Describe(text, described = name, instrument.Description, TypeOf(values));
            switch (values)
            {
                case Series.Sum sum:
                    Line(text, name, labels, sum.Total);
                    break;
                case Series.Latest latest:
                    Line(text, name, labels, latest.Value);
                    break;
                case Series.Distribution distribution:
                    Histogram(text, name, labels, distribution);
                    break;
            }
        }
        Process(text);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    public static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty) return "";
        var labels = new StringBuilder();
        foreach (var (key, value) in tags)
        {
            if (labels.Length > 0) labels.Append(',');
            labels.Append(Name(key)).Append("=\"").Append(Escape(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "")).Append('"');
        }
        return labels.ToString();
    }

    private static string NameOf(Instrument instrument, Series values)
    {
        var name = Name(instrument.Name);
        var unit = instrument.Unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" };
        if (!name.EndsWith(unit, StringComparison.Ordinal)) name += unit;
        return TypeOf(values) == "counter" ? $"{name}_total" : name;
    }

    private static string TypeOf(Series values) => values switch
    {
        Series.Sum { Monotonic: true } or Series.Latest { Monotonic: true } => "counter",
        Series.Distribution => "histogram",
        _ => "gauge",
    };

    private static void Histogram(StringBuilder text, string name, string labels, Series.Distribution distribution)
    {
        var (counts, sum) = distribution.Snapshot();
        var separator = labels.Length == 0 ? "" : ",";
        var running = 0L;
        for (var i = 0; i < counts.Length; i++)
        {
            running += counts[i];
            var bound = i < distribution.Bounds.Count ? Number(distribution.Bounds[i]) : "+Inf";
            Line(text, $"{name}_bucket", $"{labels}{separator}le=\"{bound}\"", running);
        }
        Line(text, $"{name}_sum", labels, sum);
        Line(text, $"{name}_count", labels, running);
    }

    private static void Process(StringBuilder text)
    {
        var memory = GC.GetGCMemoryInfo();
        Single(text, "process_resident_memory_bytes", "gauge", "Memory of the process that is in RAM", Environment.WorkingSet);
        Single(text, "process_cpu_seconds_total", "counter", "User and system time", Environment.CpuUsage.TotalTime.TotalSeconds);
        Single(text, "dotnet_gc_heap_bytes", "gauge", "Managed heap after the last collection", memory.HeapSizeBytes);
        Single(text, "dotnet_gc_allocated_bytes_total", "counter", "Bytes allocated since the start", GC.GetTotalAllocatedBytes());
        Single(text, "dotnet_gc_pause_seconds_total", "counter", "Time stopped for collections", GC.GetTotalPauseDuration().TotalSeconds);
        Describe(text, "dotnet_gc_collections_total", "Collections by generation", "counter");
        for (var generation = 0; generation <= GC.MaxGeneration; generation++)
            Line(text, "dotnet_gc_collections_total", $"generation=\"{generation}\"", GC.CollectionCount(generation));
        Single(text, "dotnet_threadpool_threads", "gauge", "Threads of the pool", ThreadPool.ThreadCount);
        Single(text, "dotnet_threadpool_queue_length", "gauge", "Work that waits for a thread", ThreadPool.PendingWorkItemCount);
    }

    private static void Single(StringBuilder text, string name, string type, string help, double value)
    {
        Describe(text, name, help, type);
        Line(text, name, "", value);
    }

    private static void Describe(StringBuilder text, string name, string? help, string type)
    {
        if (help is not null) text.Append("# HELP ").Append(name).Append(' ').Append(help).Append('\n');
        text.Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
    }

    private static void Line(StringBuilder text, string name, string labels, double value)
    {
        text.Append(name);
        if (labels.Length > 0) text.Append('{').Append(labels).Append('}');
        text.Append(' ').Append(Number(value)).Append('\n');
    }

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string Name(string name) => name.Replace('.', '_').Replace('-', '_');

    private static string Escape(string value) => value.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n");
}
