using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using LlmdAspire.EngineModel.Metrics;
using LlmdAspire.Protocols.Prometheus;
using LlmdAspire.Simulator.Engines;

namespace LlmdAspire.Simulator.Metrics;

/// <summary>What vLLM's web instrumentation counts: requests by handler, method and class of status, and how long they took.</summary>
/// <remarks>Thread-safe. Handlers are the mapped paths, so a client cannot make up series.</remarks>
internal sealed class HttpMetrics(EngineFleet fleet)
{
    private const string NoHandler = "none";

    private static readonly double[] s_bounds = [0.1, 0.5, 1];

    // As in vLLM, what is asked again and again by probes and collectors does not count.
    private static readonly string[] s_left = ["/metrics", "/health", "/load", "/ping", "/version", "/alive"];

    private readonly ConcurrentDictionary<(ServedEngine Engine, string Handler, string Method, string Status), Histogram> _durations = new();

    public static HttpMetrics Of(HttpContext context) => context.RequestServices.GetRequiredService<HttpMetrics>();

    /// <summary>Lets the request run and counts it.</summary>
    public async Task CountAsync(HttpContext context, RequestDelegate next)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            await next(context);
        }
        finally
        {
            Count(context, Stopwatch.GetElapsedTime(start));
        }
    }

    public void Write(IBufferWriter<byte> output, ServedEngine engine)
    {
        const string Requests = "http_requests_total";
        const string Duration = "http_request_duration_seconds";
        var text = new PrometheusTextWriter(output);
        var series = _durations.Where(pair => pair.Key.Engine == engine).OrderBy(pair => (pair.Key.Handler, pair.Key.Method, pair.Key.Status)).ToArray();
        text.WriteFamily(Requests, MetricType.Counter, "Requests by handler, method and class of status.");
        foreach (var (key, duration) in series)
        {
            text.WriteSample(Requests, [new("handler", key.Handler), new("method", key.Method), new("status", key.Status)], Read(duration, histogram => histogram.Count));
        }

        text.WriteFamily(Duration, MetricType.Histogram, "How long requests took, by handler and method.");
        foreach (var group in series.GroupBy(pair => (pair.Key.Handler, pair.Key.Method)))
        {
            var counts = new long[s_bounds.Length + 1];
            var sum = 0.0;
            foreach (var (_, duration) in group)
            {
                sum += Read(duration, histogram =>
                {
                    for (var i = 0; i < counts.Length; i++)
                    {
                        counts[i] += histogram.Counts[i];
                    }

                    return histogram.Sum;
                });
            }

            text.WriteHistogram(Duration, [new("handler", group.Key.Handler), new("method", group.Key.Method)], s_bounds, counts, sum);
        }
    }

    private static T Read<T>(Histogram histogram, Func<Histogram, T> read)
    {
        lock (histogram)
        {
            return read(histogram);
        }
    }

    private void Count(HttpContext context, TimeSpan duration)
    {
        var handler = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? NoHandler;
        if (s_left.Contains(handler))
        {
            return;
        }

        // Methods are as many as a client likes, so the unusual ones are one.
        var method = context.Request.Method is "GET" or "POST" or "PUT" or "DELETE" or "HEAD" or "OPTIONS" or "PATCH" ? context.Request.Method : "OTHER";
        var status = string.Create(CultureInfo.InvariantCulture, $"{context.Response.StatusCode / 100}xx");
        _ = Read(_durations.GetOrAdd((fleet.Of(context), handler, method, status), _ => new Histogram(s_bounds)), histogram =>
        {
            histogram.Observe(duration.TotalSeconds);
            return true;
        });
    }
}
