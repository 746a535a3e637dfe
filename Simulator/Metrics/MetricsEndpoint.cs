using System.Buffers;
using LlmdAspire.Protocols.Prometheus;
using LlmdAspire.Simulator.Engines;

namespace LlmdAspire.Simulator.Metrics;

/// <summary><c>GET /metrics</c>, for the engine of the port that was asked.</summary>
internal static class MetricsEndpoint
{
    /// <param name="writeMore">Writes further families; null for none.</param>
    public static async Task HandleAsync(HttpContext context, ServedEngine engine, Action<IBufferWriter<byte>>? writeMore)
    {
        var text = new ArrayBufferWriter<byte>(32 * 1024);
        if (engine.Face.Fake.Now is { } fake)
        {
            FakeMetricsText.Write(text, engine, fake.Set, fake.Elapsed);
        }
        else
        {
            EngineMetricsText.Write(text, engine);
        }

        HttpMetrics.Of(context).Write(text, engine);
        writeMore?.Invoke(text);
        context.Response.ContentType = PrometheusTextWriter.ContentType;
        context.Response.ContentLength = text.WrittenCount;
        await context.Response.Body.WriteAsync(text.WrittenMemory, context.RequestAborted);
    }
}
