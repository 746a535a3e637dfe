using LlmdAspire.Router.Endpoints;
using LlmdAspire.Router.Forwarding;
using LlmdAspire.Router.Indexer;
using LlmdAspire.Router.Picker;
using LlmdAspire.Router.Policies;
using LlmdAspire.Router.Routing;
using LlmdAspire.Router.Workers;
using LlmdAspire.Serving.KvIndex;

namespace LlmdAspire.Router;

/// <summary>Puts the router together.</summary>
internal static class RouterParts
{
    public static void Add(IServiceCollection services, RouterFlags flags)
    {
        _ = services
            .AddCors(cors => AllowOrigins(cors, flags.CorsAllowedOrigins))
            .AddRequestPath(flags.RequestPath, () => EngineConnection.CreateHandler())
            .AddSingleton(flags.Health)
            .AddSingleton<RoutePlans>()
            .AddSingleton<IRoutePlans>(provider => provider.GetRequiredService<RoutePlans>())
            .AddSingleton<WorkerDrain>()
            .AddHostedService<HealthProber>()
            .AddHostedService<PolicyUpkeep>();
        if (flags.AsksIndexer)
        {
            _ = services
                .AddSingleton(provider => new IndexerClient(
                    provider.GetRequiredService<IHttpClientFactory>().CreateClient(PrefixLookup.ClientName), flags.KvIndexer.Value!, flags.LookupDeadlines, TimeProvider.System))
                .AddSingleton<PrefixLookup>()
                .AddHttpClient(PrefixLookup.ClientName).ConfigurePrimaryHttpMessageHandler(IndexerClient.CreateHandler);
        }

        if (flags.Picker is { } picker)
        {
            _ = services.AddSingleton(picker).AddSingleton<PickerClient>();
        }
    }

    private static void AllowOrigins(Microsoft.AspNetCore.Cors.Infrastructure.CorsOptions cors, string[] origins) =>
        cors.AddPolicy(InferenceEndpoints.CorsPolicy, policy =>
        {
            _ = policy.AllowAnyHeader().AllowAnyMethod().WithExposedHeaders("x-request-id", "x-llmd-endpoint", "retry-after");
            _ = origins is [] or ["*"] ? policy.AllowAnyOrigin() : policy.WithOrigins(origins);
        });
}
