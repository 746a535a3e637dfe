using LlmdAspire.Router.Authentication;
using LlmdAspire.Router.Configuration;
using LlmdAspire.Router.Explain;
using LlmdAspire.Router.Forwarding;
using LlmdAspire.Router.Indexer;
using LlmdAspire.Router.Picker;
using LlmdAspire.Router.Policies;
using LlmdAspire.Router.Routing;
using LlmdAspire.Router.Workers;
using LlmdAspire.ServiceDefaults.Files;
using LlmdAspire.Serving.KvIndex;
using Microsoft.AspNetCore.Cors.Infrastructure;

namespace LlmdAspire.Router;

/// <summary>Puts the router together.</summary>
internal static class RouterParts
{
    public static void Add(IServiceCollection services, RouterFlags flags)
    {
        _ = services
            .AddCors()
            .AddSingleton<ICorsPolicyProvider, LiveCorsPolicy>()
            .AddRequestPath(flags.RequestPath, () => EngineConnection.CreateHandler())
            .AddSingleton(new Live<RouterFlags>(flags))
            .AddSingleton(new Live<HealthOptions>(flags.Health))
            .AddScoped<IRoutePlans>(provider => provider.GetRequiredService<RoutePlans>())
            .AddScoped<RoutePlans>()
            .AddScoped<DryRun>()
            .AddSingleton<ValidationServers>()
            .AddSingleton(provider => new ClientKeys(provider.GetRequiredService<ValidationServers>().AskAsync, provider.GetRequiredService<TimeProvider>()) { Urls = flags.KeyValidators })
            .AddSingleton<WorkerArrival>()
            .AddSingleton<WorkerDrain>()
            .AddHostedService<HealthProber>()
            .AddHostedService<PolicyUpkeep>();
        if (flags.KvIndexer.Value is { } indexer)
        {
            _ = services
                .AddSingleton(provider => new IndexerClient(
                    provider.GetRequiredService<IHttpClientFactory>().CreateClient(PrefixLookup.ClientName), indexer, flags.LookupDeadlines, TimeProvider.System))
                .AddSingleton<PrefixLookup>()
                .AddHttpClient(PrefixLookup.ClientName).ConfigurePrimaryHttpMessageHandler(IndexerClient.CreateHandler);
        }

        if (flags.Picker is { } picker)
        {
            _ = services.AddSingleton(picker).AddSingleton<PickerClient>();
        }

        if (flags.ConfigFile.Value is { Length: > 0 } file)
        {
            AddReload(services, file);
        }
    }

    private static void AddReload(IServiceCollection services, string file)
    {
        // The flags have just been read from it.
        var known = File.ReadAllText(file);
        _ = services.AddSingleton<RouterReload>().AddSingleton<IHostedService>(provider =>
        {
            var reload = provider.GetRequiredService<RouterReload>();
            return new WatchedFile(file, _ => reload.Run(), known, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<WatchedFile>>());
        });
    }
}
