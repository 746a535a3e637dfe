using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using LlmdAspire.Protocols.Prometheus;
using LlmdAspire.ServiceDefaults.Metrics;
using LlmdAspire.ServiceDefaults.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LlmdAspire.ServiceDefaults.Probes;

/// <summary>What every service answers about itself.</summary>
internal static class ProbeEndpoints
{
    // The plus of a version stays a plus.
    private static readonly JsonSerializerOptions s_plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>200 while no health check fails, else 503 with the names of those that do.</summary>
    public static void MapHealth(IEndpointRouteBuilder app) => app.MapGet("/health", async context =>
    {
        var report = await context.RequestServices.GetRequiredService<HealthCheckService>().CheckHealthAsync(context.RequestAborted);
        context.Response.StatusCode = report.Status == HealthStatus.Unhealthy ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
        await WriteTextAsync(context, Describe(report));
    }).WithoutTrace();

    /// <summary>200 while the process can answer at all; restarting it would help nobody else.</summary>
    public static void MapAlive(IEndpointRouteBuilder app) =>
        app.MapGet("/alive", context => WriteTextAsync(context, "Healthy\n")).WithoutTrace();

    public static void MapVersion(IEndpointRouteBuilder app, string program)
    {
        var body = Encoding.UTF8.GetBytes(new JsonObject { ["version"] = ProductVersion.Text, ["program"] = program }.ToJsonString(s_plain));
        app.MapGet("/version", context =>
        {
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = body.Length;
            return context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
        }).WithoutTrace();
    }

    public static void MapMetrics(IEndpointRouteBuilder app) => app.MapGet("/metrics", async context =>
    {
        context.Response.ContentType = PrometheusTextWriter.ContentType;
        context.RequestServices.GetRequiredService<MetricRegistry>().Write(context.Response.BodyWriter);
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }).WithoutTrace();

    private static Task WriteTextAsync(HttpContext context, string text)
    {
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(text, context.RequestAborted);
    }

    private static string Describe(HealthReport report)
    {
        var text = new StringBuilder(report.Status.ToString());
        foreach (var (name, entry) in report.Entries.Where(entry => entry.Value.Status != HealthStatus.Healthy))
        {
            var why = entry.Description ?? entry.Exception?.Message ?? entry.Status.ToString();
            text.Append('\n').Append(name).Append(": ").Append(why.ReplaceLineEndings(" "));
        }

        return text.Append('\n').ToString();
    }
}
