using System.Text.Json;
using LlmdAspire.Dashboard.Live;
using LlmdAspire.Dashboard.Page;
using LlmdAspire.Dashboard.Playground;
using LlmdAspire.Dashboard.Sources;
using LlmdAspire.ServiceDefaults;
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
        builder.Services.AddSingleton<StackReader>();
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
        app.MapGet("/", ShowPageAsync);
        // Open as long as somebody watches: a span of hours is no request to look for.
        app.MapGet("/api/stream", StreamEndpoint.HandleAsync).WithoutTrace();
        app.MapGet("/api/state", async (StackWatch watch, CancellationToken cancellation) =>
            Results.Json((await watch.FreshAsync(cancellation)).State, s_snakeCase));
        app.MapGet("/api/why", ShowWhyAsync);
        app.MapPost("/api/send", (HttpContext context, SendEndpoint send) => send.HandleAsync(context));
    }

    private static async Task<IResult> ShowPageAsync(
        string? request, StackWatch watch, StackReader reader, PageRenderer renderer, CancellationToken cancellation)
    {
        var state = (await watch.FreshAsync(cancellation)).State;
        var (explanation, missing) = string.IsNullOrEmpty(request) ? default : await reader.ExplainAsync(request, cancellation);
        return Html(await renderer.RenderPageAsync(state, request, explanation, missing));
    }

    private static async Task<IResult> ShowWhyAsync(
        string request, StackReader reader, PageRenderer renderer, CancellationToken cancellation)
    {
        var (explanation, missing) = await reader.ExplainAsync(request, cancellation);
        return Html(await renderer.RenderWhyAsync(request, explanation, missing));
    }

    private static IResult Html(string html) => Results.Text(html, "text/html; charset=utf-8");
}
