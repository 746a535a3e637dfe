using Aspire.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LlmdAspire.Hosting.Embedded;

/// <summary>The configuration of an AppHost: that of any .NET host, plus Aspire's own switches.</summary>
internal static class AppHostConfiguration
{
    private const string OperationKey = "AppHost:Operation";

    private static readonly Dictionary<string, string> s_switches = new()
    {
        ["--operation"] = OperationKey,
        ["--publisher"] = "Publishing:Publisher",
        ["--output-path"] = "Pipeline:OutputPath",
        ["--step"] = "Pipeline:Step",
        ["--log-level"] = "Pipeline:LogLevel",
        ["--dcp-container-runtime"] = "ASPIRE_CONTAINER_RUNTIME",
    };

    public static HostApplicationBuilder CreateHost(HostApplicationBuilderSettings settings)
    {
        // From weakest to strongest: ASPIRE_ variables, DOTNET_ variables, appsettings, all variables, the command line.
        settings.Configuration ??= new ConfigurationManager();
        settings.Configuration.AddEnvironmentVariables("ASPIRE_");
        var host = new HostApplicationBuilder(settings);
        host.Configuration.AddCommandLine(settings.Args ?? [], s_switches);

        host.Logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning);
        host.Logging.AddFilter("System.Net.Http.HttpClient", LogLevel.Warning);
        // A resource that still starts fails its checks; the resource's state tells it, once.
        host.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        host.Logging.AddConfiguration(host.Configuration.GetSection("Logging"));
        return host;
    }

    public static DistributedApplicationOperation OperationOf(IConfiguration configuration)
    {
        if (configuration["Publishing:Publisher"] is { Length: > 0 })
        {
            return DistributedApplicationOperation.Publish;
        }

        var operation = configuration[OperationKey];
        return operation is null or ""
            ? DistributedApplicationOperation.Run
            : Enum.TryParse<DistributedApplicationOperation>(operation, ignoreCase: true, out var known)
                ? known
                : throw new DistributedApplicationException($"--operation is '{operation}'; known operations are run and publish.");
    }
}
