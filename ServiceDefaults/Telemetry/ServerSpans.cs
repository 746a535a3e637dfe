using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using OpenTelemetry;

namespace LlmdAspire.ServiceDefaults.Telemetry;

/// <summary>Gives ASP.NET's request spans the name and tags that OpenTelemetry asks for; probes leave none.</summary>
/// <remarks>The instrumentation package that usually does this is not needed for what stands here.</remarks>
internal static class ServerSpans
{
    public static async Task DescribeAsync(HttpContext context, RequestDelegate next)
    {
        var span = context.Features.Get<IHttpActivityFeature>()?.Activity;
        if (Untraced.IsProbe(context.Request.Path.Value) || context.GetEndpoint()?.Metadata.GetMetadata<Untraced.Mark>() is not null)
        {
            Drop(span);
            using var suppressed = SuppressInstrumentationScope.Begin();
            await next(context);
            return;
        }

        if (span is not { IsAllDataRequested: true })
        {
            await next(context);
            return;
        }

        Begin(span, context.Request);
        try
        {
            await next(context);
            End(span, context, context.Response.StatusCode, error: null);
        }
        catch (Exception e)
        {
            // Kestrel answers 500 once this has passed it, unless the headers were out already or the client is gone.
            var status = context.Response.HasStarted ? context.Response.StatusCode : StatusCodes.Status500InternalServerError;
            End(span, context, status, context.RequestAborted.IsCancellationRequested ? null : e);
            throw;
        }
    }

    private static void Drop(Activity? span)
    {
        if (span is not null)
        {
            span.IsAllDataRequested = false;
            span.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        }
    }

    private static void Begin(Activity span, HttpRequest request)
    {
        span.DisplayName = MethodOf(request);
        span.SetTag("http.request.method", MethodOf(request));
        span.SetTag("url.scheme", request.Scheme);
        span.SetTag("url.path", request.Path.Value);
        span.SetTag("server.address", request.Host.Host);
        if (request.Host.Port is { } port)
        {
            span.SetTag("server.port", port);
        }
    }

    private static void End(Activity span, HttpContext context, int status, Exception? error)
    {
        if (context.GetEndpoint() is RouteEndpoint { RoutePattern.RawText: { } route })
        {
            route = route.StartsWith('/') ? route : "/" + route;
            span.SetTag("http.route", route);
            // A service may have named its span itself; that name says more.
            if (span.DisplayName == MethodOf(context.Request))
            {
                span.DisplayName = $"{span.DisplayName} {route}";
            }
        }

        span.SetTag("http.response.status_code", status);
        if (error is not null)
        {
            span.SetTag("error.type", error.GetType().FullName);
            span.SetStatus(ActivityStatusCode.Error, error.Message);
        }
        else if (status >= 500)
        {
            span.SetTag("error.type", status.ToString(System.Globalization.CultureInfo.InvariantCulture));
            span.SetStatus(ActivityStatusCode.Error);
        }
    }

    // Anybody may send any method; the name of a span must not grow with that.
    private static string MethodOf(HttpRequest request) => request.Method switch
    {
        "GET" or "POST" or "PUT" or "DELETE" or "HEAD" or "OPTIONS" or "PATCH" or "TRACE" or "CONNECT" => request.Method,
        _ => "HTTP",
    };
}
