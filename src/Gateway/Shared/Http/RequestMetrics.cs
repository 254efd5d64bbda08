using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Http;

namespace ArtifactStore.Gateway.Shared.Http;

/// <summary>How long each route took, by what it answered. Routes, not paths: ids would make a series each.</summary>
public sealed class RequestMetrics(RequestDelegate next, TimeProvider time)
{
    public const string MeterName = "ArtifactStore.Gateway";

    private static readonly Meter Meter = new(MeterName);
    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>(
        "artifactstore.http.request.duration", "s", "Time from the request's head to the end of its answer");
    private static readonly UpDownCounter<long> Active = Meter.CreateUpDownCounter<long>(
        "artifactstore.http.requests.active", null, "Requests that are being answered");
    private static readonly Counter<long> Received = Meter.CreateCounter<long>(
        "artifactstore.http.received", "By", "Bytes announced by request bodies");

    public async Task InvokeAsync(HttpContext http)
    {
        var started = time.GetTimestamp();
        Active.Add(1);
        try
        {
            await next(http);
        }
        finally
        {
            Active.Add(-1);
            if (http.Request.ContentLength is { } announced and > 0) Received.Add(announced);
            Duration.Record(time.GetElapsedTime(started).TotalSeconds, new TagList
            {
                { "method", KnownMethod(http.Request.Method) },
                { "route", http.GetEndpoint()?.Metadata.GetMetadata<OperationDescription>()?.Pattern ?? "none" },
                { "status", http.Response.StatusCode },
            });
        }
    }

    /// <summary>A caller who makes up methods must not make up series.</summary>
    private static string KnownMethod(string method) => method switch
    {
        "GET" or "HEAD" or "PUT" or "POST" or "DELETE" or "PATCH" or "OPTIONS" => method,
        _ => "other",
    };
}
