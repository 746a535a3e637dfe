using LlmdAspire.ServiceDefaults.Discovery;
using LlmdAspire.ServiceDefaults.Draining;
using LlmdAspire.ServiceDefaults.Grpc;
using LlmdAspire.ServiceDefaults.Listening;
using LlmdAspire.ServiceDefaults.Logging;
using LlmdAspire.ServiceDefaults.Metrics;
using LlmdAspire.ServiceDefaults.Probes;
using LlmdAspire.ServiceDefaults.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LlmdAspire.ServiceDefaults;

public abstract partial class Service<TFlags>
{
    private WebApplication Build(TFlags flags, int[] ports, GrpcListener[] grpcPorts)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            // Not the working directory: whatever appsettings.json lies there is not ours.
            ContentRootPath = AppContext.BaseDirectory,
            ApplicationName = GetType().Assembly.GetName().Name,
        });

        // A service that outlived the configuration it belongs to would be wrong in production, too.
        builder.Host.UseDefaultServiceProvider(options => options.ValidateScopes = true);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            // Forwarded headers must not say who calls: the admin paths trust the connection's own address.
            ["FORWARDEDHEADERS_ENABLED"] = "false",
            // Images of .NET set these; next to ASPNETCORE_URLS the framework would warn, and neither decides: the flags have read what counts.
            [WebHostDefaults.HttpPortsKey] = "",
            [WebHostDefaults.HttpsPortsKey] = "",
        });
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // Nobody needs this long for headers but a client that wants to hold connections.
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
            ConfigureServer(kestrel, flags);
            // The main port first: that is the address which is logged and handed out.
            foreach (var port in ports)
            {
                ListenAddresses.Listen(kestrel, flags.Host, port);
            }

            foreach (var listener in grpcPorts)
            {
                kestrel.ListenGrpc(ListenAddresses.Of(flags.Host), listener.Port, listener.Certificate);
            }
        });
        _ = LogLevels.TryParse(flags.LogLevel, out var level);
        ServiceLogging.Configure(builder.Logging, level);
        builder.Services
            .AddSingleton(flags)
            .AddSingleton<ServiceFlags>(flags)
            .AddSingleton<RequestsInFlight>()
            .AddSingleton<DrainDeadline>()
            .AddSingleton<IStartupFilter, OwnAddressesOnly>()
            // The drain has its own deadline, which knows how many requests it cuts.
            .Configure<HostOptions>(host => host.ShutdownTimeout = Timeout.InfiniteTimeSpan);
        builder.Services.AddHealthChecks();
        builder.Services.AddSingleton<MetricRegistry>();
        builder.Services.AddSingleton(_ => ServiceEndpoints.FromEnvironment()).AddTransient<ServiceEndpointHandler>();
        builder.Services.ConfigureHttpClientDefaults(http => http.AddHttpMessageHandler<ServiceEndpointHandler>());
        var target = OtlpTarget.Of(flags, Environment.GetEnvironmentVariable);
        if (target is not null)
        {
            ServiceTelemetry.AddTo(builder, target, TracesKept(flags));
        }

        AddServices(builder, flags);

        var app = builder.Build();
        // Both listen from their creation on, so they come before anything that measures.
        if (ExposesMetrics(flags))
        {
            app.Services.GetRequiredService<MetricRegistry>();
        }

        app.Services.GetService<ServiceTelemetry>();
        var requests = app.Services.GetRequiredService<RequestsInFlight>();
        app.Use(next => context => requests.CountAsync(context, next));
        app.Use(next => context => MalformedRequests.AnswerAsync(context, next));
        if (target is not null)
        {
            app.Use(next => context => ServerSpans.DescribeAsync(context, next));
        }

        MapHealth(app);
        ProbeEndpoints.MapAlive(app);
        MapMetrics(app);
        MapVersion(app);
        MapEndpoints(app, flags);
        return app;
    }
}
