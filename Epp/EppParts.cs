using LlmdAspire.Epp.Decisions;
using LlmdAspire.Epp.Endpoints;
using LlmdAspire.Epp.ExtProc;
using LlmdAspire.Epp.Indexer;
using LlmdAspire.Epp.Kubernetes;
using LlmdAspire.Epp.Objectives;
using LlmdAspire.Epp.Picking;
using LlmdAspire.Epp.Scraping;
using LlmdAspire.Scheduling.Configuration;
using LlmdAspire.ServiceDefaults;
using LlmdAspire.ServiceDefaults.Files;
using LlmdAspire.ServiceDefaults.Grpc;
using LlmdAspire.Serving.KvIndex;

namespace LlmdAspire.Epp;

/// <summary>Which parts the picker is made of.</summary>
internal static partial class EppParts
{
    public static void Add(IServiceCollection services, EppFlags flags)
    {
        var endpointsText = ReadFile(flags.EndpointsFile, "--endpoints-file");
        var configText = ReadFile(flags.ConfigFilePath, "--config-file");
        var objectivesText = ReadFile(flags.ObjectivesFile, "--objectives-file");

        _ = services
            .AddSingleton(TimeProvider.System)
            .AddSingleton(Random.Shared)
            .AddSingleton<EppMetrics>()
            .AddSingleton<HealthStatuses>()
            .AddSingleton<Readiness>()
            .AddSingleton<EngineRanks>()
            .AddSingleton(FirstEndpoints(flags, endpointsText))
            .AddSingleton(FirstObjectives(flags, objectivesText))
            .AddSingleton<Traffic>()
            .AddSingleton(flags.Pace)
            .AddSingleton<DecisionLog>()
            .AddSingleton(new ByteBudget(flags.MaxBufferedBytes))
            .AddSingleton<RequestPicker>()
            .AddSingleton<ExtProcService>()
            .AddSingleton(provider => SchedulerOptionsFor(provider, flags))
            .AddSingleton(provider => new CurrentScheduler(FirstScheduler(provider, flags, configText)))
            .AddHostedService<EngineScraper>();
        _ = services.AddHttpClient(KvIndexerLookup.ClientName).ConfigurePrimaryHttpMessageHandler(IndexerClient.CreateHandler);
        _ = services.AddHealthChecks().AddCheck<Readiness>("endpoints");
        AddCluster(services, flags);
        Watch(services, flags.EndpointsFile, endpointsText, ReloadEndpoints);
        Watch(services, flags.ConfigFilePath, configText, ReloadScheduler);
        Watch(services, flags.ObjectivesFile, objectivesText, ReloadObjectives);
    }

    /// <summary>Creates what must exist, and be right, before the first request.</summary>
    public static void Start(IServiceProvider services, EppFlags flags)
    {
        _ = services.GetRequiredService<CurrentScheduler>();
        var metrics = services.GetRequiredService<EppMetrics>();
        metrics.Observe(services.GetRequiredService<EndpointPool>());
        if (services.GetService<ClusterDiscovery>() is { } discovery)
        {
            metrics.Observe(services.GetService<ClusterObjectives>() is { } objectives ? [.. discovery.Parts, objectives.Part] : discovery.Parts);
        }
    }

    private static void AddCluster(IServiceCollection services, EppFlags flags)
    {
        if (flags.Cluster is { } source)
        {
            var api = ApiAccess.Open(flags);
            _ = services
                .AddSingleton(_ => api)
                .AddSingleton(source)
                .AddSingleton<ClusterDiscovery>()
                .AddHostedService(provider => provider.GetRequiredService<ClusterDiscovery>());
            if (source.Pool is not null)
            {
                _ = services.AddSingleton<ClusterObjectives>().AddHostedService(provider => provider.GetRequiredService<ClusterObjectives>());
            }
        }
    }

    private static string? ReadFile(string? path, string flag)
    {
        try
        {
            return path is null ? null : File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"{flag} names {path}, which cannot be read: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    private static EndpointPool FirstEndpoints(EppFlags flags, string? file)
    {
        var mistakes = new List<string>();
        var declared = file is null ? flags.DeclaredEndpoints(mistakes) : EndpointsFile.Read(file, mistakes);
        if (mistakes.Count > 0)
        {
            throw new UsageException([.. mistakes.Select(mistake => file is null ? mistake : $"{flags.EndpointsFile.Value}: {mistake}")]);
        }

        var pool = new EndpointPool();
        pool.Set(declared);
        return pool;
    }

    private static ObjectiveTable FirstObjectives(EppFlags flags, string? file)
    {
        var mistakes = new List<string>();
        var table = new ObjectiveTable();
        table.Set(ObjectivesFile.Read(file ?? "", mistakes));
        return mistakes.Count == 0 ? table : throw new UsageException([.. mistakes.Select(mistake => $"{flags.ObjectivesFile.Value}: {mistake}")]);
    }

    private static SchedulerOptions SchedulerOptionsFor(IServiceProvider services, EppFlags flags) => new()
    {
        Random = services.GetRequiredService<Random>(),
        Clock = services.GetRequiredService<TimeProvider>(),
        PrefixLookup = flags.KvIndexer.Value is { } url
            ? new KvIndexerLookup(
                new(services.GetRequiredService<IHttpClientFactory>().CreateClient(KvIndexerLookup.ClientName), url, flags.Deadlines, services.GetRequiredService<TimeProvider>()),
                services.GetRequiredService<EndpointPool>(), services.GetRequiredService<EppMetrics>())
            : null,
    };

    private static Scheduling.Scheduler FirstScheduler(IServiceProvider services, EppFlags flags, string? file)
    {
        try
        {
            return EndpointPickerConfig.Load(file ?? flags.ConfigText.Value ?? EndpointPickerConfig.Default, services.GetRequiredService<SchedulerOptions>());
        }
        catch (ConfigurationException e)
        {
            var source = file is null ? "--config-text" : flags.ConfigFilePath.Value;
            throw new UsageException([.. e.Mistakes.Select(mistake => $"{source}: {mistake}")]);
        }
    }

    private static void Watch(IServiceCollection services, string? path, string? known, Action<IServiceProvider, string, string> reload)
    {
        if (path is not null)
        {
            _ = services.AddSingleton<IHostedService>(provider => new WatchedFile(
                path, text => reload(provider, path, text), known ?? "", provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<WatchedFile>>()));
        }
    }

    private static void ReloadEndpoints(IServiceProvider services, string path, string text)
    {
        var mistakes = new List<string>();
        var declared = EndpointsFile.Read(text, mistakes);
        var logger = services.GetRequiredService<ILogger<EndpointPool>>();
        if (mistakes.Count > 0)
        {
            Refused(logger, path, string.Join(' ', mistakes));
            return;
        }

        services.GetRequiredService<EndpointPool>().Set(declared);
        Reloaded(logger, path);
    }

    private static void ReloadObjectives(IServiceProvider services, string path, string text)
    {
        var mistakes = new List<string>();
        var objectives = ObjectivesFile.Read(text, mistakes);
        var logger = services.GetRequiredService<ILogger<ObjectiveTable>>();
        if (mistakes.Count > 0)
        {
            Refused(logger, path, string.Join(' ', mistakes));
            return;
        }

        services.GetRequiredService<ObjectiveTable>().Set(objectives);
        Reloaded(logger, path);
    }

    private static void ReloadScheduler(IServiceProvider services, string path, string text)
    {
        var logger = services.GetRequiredService<ILogger<CurrentScheduler>>();
        var metrics = services.GetRequiredService<EppMetrics>();
        try
        {
            services.GetRequiredService<CurrentScheduler>().Replace(EndpointPickerConfig.Load(text, services.GetRequiredService<SchedulerOptions>()));
            metrics.Reloaded("success");
            Reloaded(logger, path);
        }
        catch (ConfigurationException e)
        {
            metrics.Reloaded("failure");
            Refused(logger, path, string.Join(' ', e.Mistakes));
        }
    }

    [LoggerMessage(EventId = 41, Level = LogLevel.Information, Message = "{Path} changed and is in force")]
    private static partial void Reloaded(ILogger logger, string path);

    [LoggerMessage(EventId = 42, Level = LogLevel.Error, Message = "{Path} changed and is refused, the old version stays in force: {Mistakes}")]
    private static partial void Refused(ILogger logger, string path, string mistakes);
}
