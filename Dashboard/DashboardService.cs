using System.Text.Json;
using LlmdAspire.Dashboard.Live;
using LlmdAspire.Dashboard.Page;
using LlmdAspire.Dashboard.Playground;
using LlmdAspire.Dashboard.Sources;
using LlmdAspire.Dashboard.State;
using LlmdAspire.Dashboard.Why;
using LlmdAspire.ServiceDefaults;
using LlmdAspire.ServiceDefaults.Admin;
using LlmdAspire.ServiceDefaults.Telemetry;

namespace LlmdAspire.Dashboard;

/// <summary>The web page of the stack.</summary>
internal sealed class DashboardService : Service<DashboardFlags>
{
    private static readonly JsonSerializerOptions s_snakeCase = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    protected override void AddServices(WebApplicationBuilder builder, DashboardFlags flags)
    {
        builder.Services.AddSingleton(flags.Targets);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddOutgoingClients();
        builder.Services.AddSingleton<SourceClient>();
        builder.Services.AddSingleton<PickerReader>();
        builder.Services.AddSingleton<IndexerReader>();
        builder.Services.AddSingleton<StackReader>();
        builder.Services.AddSingleton<WhyReader>();
        builder.Services.AddSingleton<PageRenderer>();
        builder.Services.AddSingleton<SendEndpoint>();
        builder.Services.AddSingleton<Interest>();
        builder.Services.AddSingleton<StackWatch>();
        builder.Services.AddHostedService(services => services.GetRequiredService<StackWatch>());
    }

    protected override void MapEndpoints(WebApplication app, DashboardFlags flags)
    {
        app.Use(PageSecurity.RefuseForeignNames(flags.Host));
        app.Use(PageSecurity.AddHeaders);
        Assets.Map(app);
        // All of it tells what Router and picker tell to administrators only, or sends prompts in this service's name.
        var stack = app.MapGroup("").RequireAdmin();
        stack.MapGet("/", async (string? request, StackWatch watch, WhyReader reader, PageRenderer renderer, CancellationToken cancellation) =>
            Html(await renderer.RenderPageAsync(await StateAsync(request, watch, reader, cancellation))));
        // Open as long as somebody watches: a span of hours is no request to look for.
        stack.MapGet("/api/stream", StreamEndpoint.HandleAsync).WithoutTrace();
        stack.MapGet("/api/state", async (string? request, StackWatch watch, WhyReader reader, CancellationToken cancellation) =>
            Results.Json(await StateAsync(request, watch, reader, cancellation), s_snakeCase));
        stack.MapGet("/api/why", async (string request, StackWatch watch, WhyReader reader, PageRenderer renderer, CancellationToken cancellation) =>
            Html(await renderer.RenderWhyAsync(await StateAsync(request, watch, reader, cancellation))));
        // Asked for many times while one prompt travels, which is nothing to trace.
        stack.MapGet("/api/path", async (string request, StackWatch watch, WhyReader reader, PageRenderer renderer, CancellationToken cancellation) =>
            Html(await renderer.RenderPathAsync(await StateAsync(request, watch, reader, cancellation)))).WithoutTrace();
        stack.MapPost("/api/send", (HttpContext context, SendEndpoint send) => send.HandleAsync(context));
    }

    // With the answer to "why here?" where a request is named.
    private static async Task<StackState> StateAsync(string? request, StackWatch watch, WhyReader reader, CancellationToken cancellation)
    {
        var state = (await watch.FreshAsync(cancellation)).State;
        return string.IsNullOrEmpty(request) ? state : state with { Why = await reader.ReadAsync(request, state, cancellation) };
    }

    private static IResult Html(string html) => Results.Text(html, "text/html; charset=utf-8");
}
