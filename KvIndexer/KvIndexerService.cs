using LlmdAspire.KvIndexer.CommandLine;
using LlmdAspire.KvIndexer.Endpoints;
using LlmdAspire.KvIndexer.Http;
using LlmdAspire.KvIndexer.Index;
using LlmdAspire.KvIndexer.Scoring;
using LlmdAspire.KvIndexer.Sharing;
using LlmdAspire.KvIndexer.Subscriptions;
using LlmdAspire.KvIndexer.Tokens;
using LlmdAspire.ServiceDefaults;
using LlmdAspire.ServiceDefaults.Admin;
using LlmdAspire.Serving.Blocks;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace LlmdAspire.KvIndexer;

/// <summary>The KV indexer as a service.</summary>
internal sealed class KvIndexerService : Service<KvIndexerFlags>
{
    protected override void ConfigureServer(KestrelServerOptions server, KvIndexerFlags flags) =>
        // The bound is --max-body-bytes; the server's own would answer without our error shape.
        server.Limits.MaxRequestBodySize = null;

    protected override void AddServices(WebApplicationBuilder builder, KvIndexerFlags flags)
    {
        var services = builder.Services;
        _ = services.AddSingleton(TimeProvider.System);
        _ = services.AddSingleton(new BlockKeys(flags.HashSeed, flags.BlockSize));
        _ = services.AddSingleton(TierWeights.Parse(flags.TierWeights)!);
        _ = services.AddSingleton(new ByteBudget(flags.MemoryBudgetBytes));
        _ = services.AddSingleton(provider => new TokenCache(flags.TokenCacheBytes, provider.GetRequiredService<TimeProvider>()));
        _ = services.AddSingleton<IBlockIndex, InMemoryBlockIndex>();
        _ = services.AddSingleton<EndpointCatalog>();
        _ = services.AddSingleton<IndexerMetrics>();
        _ = services.AddSingleton<EventRate>();
        _ = services.AddSingleton<PrefixScorer>();
        _ = services.AddSingleton<Speculation>();
        EngineClient.AddTo(services);
        _ = services.AddSingleton<EngineClient>();
        _ = services.AddSingleton<EngineTokens>();
        _ = services.AddSingleton<ITextTokens>(provider => flags.LocalTokenizer is { } local ? new LocalTokens(local) : provider.GetRequiredService<EngineTokens>());
        _ = services.AddSingleton<TextTokens>();
        _ = services.AddSingleton<ConversationTokens>();
        _ = services.AddSingleton<PromptTokens>();
        _ = services.AddSingleton<ScoreEndpoint>();
        _ = services.AddSingleton<EndpointsEndpoint>();
        _ = services.AddSingleton<StatsEndpoint>();
        _ = services.AddSingleton<FeedbackEndpoints>();
        _ = services.AddSingleton<EventLines>();
        _ = services.AddSingleton<SharedIndex>();
        _ = services.AddHostedService(provider => provider.GetRequiredService<EventLines>());
        // After the lines, so that it ends before them: it writes only what is followed.
        _ = services.AddHostedService(provider => provider.GetRequiredService<SharedIndex>());
        _ = services.AddHostedService<Housekeeping>();
    }

    protected override void MapEndpoints(WebApplication app, KvIndexerFlags flags)
    {
        var services = app.Services;
        var endpoints = services.GetRequiredService<EndpointsEndpoint>();
        var feedback = services.GetRequiredService<FeedbackEndpoints>();
        _ = app.MapPost("/v1/score", (RequestDelegate)services.GetRequiredService<ScoreEndpoint>().HandleAsync);
        _ = app.MapGet("/v1/endpoints", (RequestDelegate)endpoints.ListAsync);
        _ = app.MapDelete("/v1/endpoints/{**id}", (RequestDelegate)endpoints.ForgetAsync).RequireAdmin();
        _ = app.MapGet("/v1/stats", (RequestDelegate)services.GetRequiredService<StatsEndpoint>().HandleAsync);
        _ = app.MapPost("/v1/speculate", (RequestDelegate)feedback.SpeculateAsync).RequireAdmin();
        _ = app.MapPost("/v1/observe", (RequestDelegate)feedback.ObserveAsync).RequireAdmin();
        services.GetRequiredService<IndexerMetrics>().Observe(
            services.GetRequiredService<IBlockIndex>(), services.GetRequiredService<EndpointCatalog>(), services.GetRequiredService<ByteBudget>(),
            () => services.GetRequiredService<TokenCache>().Bytes);
    }
}
