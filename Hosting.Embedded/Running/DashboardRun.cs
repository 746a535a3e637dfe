using Aspire.Hosting;
using LlmdAspire.Hosting.Embedded.Processes;
using Microsoft.Extensions.Configuration;

namespace LlmdAspire.Hosting.Embedded;

/// <summary>The real Aspire dashboard beside the application, where the Aspire CLI is installed.</summary>
internal sealed class DashboardRun(
    AppHostFolder appHost, DistributedApplicationOptions options, IConfiguration configuration, OtlpTarget telemetry, IProcessHost processes)
{
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(2);

    private AspireDashboard? _dashboard;
    private volatile bool _stopping;

    /// <summary>Starts the dashboard and sends telemetry there; says how to get it where it is not installed.</summary>
    /// <returns>Whether there is a dashboard.</returns>
    public bool Start()
    {
        if (options.DisableDashboard)
        {
            return false;
        }

        // An empty dashboard would only puzzle.
        if (telemetry.ChosenByUser is { } receiver)
        {
            Console.WriteLine($"Telemetry goes to {receiver} (OTEL_EXPORTER_OTLP_ENDPOINT), so the Aspire dashboard is not started.");
            return false;
        }

        if (AspireCli.Find(appHost.Path, name => configuration[name] ?? Environment.GetEnvironmentVariable(name)) is not { } cli)
        {
            Console.WriteLine(AspireCli.HowToGet);
            return false;
        }

        _dashboard = AspireDashboard.Start(processes, cli, ChoosePorts());
        telemetry.UseDashboard(_dashboard.OtlpGrpcUrl, _dashboard.OtlpHttpUrl);
        _ = AnnounceAsync(_dashboard);
        return true;
    }

    public async Task StopAsync()
    {
        // From here on its end is no trouble.
        _stopping = true;
        if (_dashboard?.Process is { } process)
        {
            await process.StopAsync(s_grace);
        }
    }

    private async Task AnnounceAsync(AspireDashboard dashboard)
    {
        var trouble = await dashboard.Trouble;
        if (trouble is null)
        {
            Console.WriteLine($"Aspire dashboard: {dashboard.Url.GetLeftPart(UriPartial.Authority)}");
        }
        else if (!_stopping)
        {
            Console.Error.WriteLine(trouble);
        }
    }

    // The addresses of the launch profile where they are free, so that bookmarks stay good.
    private AspireDashboardPorts ChoosePorts()
    {
        var ports = new FreePorts(Random.Shared);
        return new AspireDashboardPorts(
            Port("ASPNETCORE_URLS"),
            Port("ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"),
            Port("ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL"));

        int Port(string key)
            => Uri.TryCreate(configuration[key]?.Split(';')[0], UriKind.Absolute, out var url) && ports.TryTake(url.Port) ? url.Port : ports.Take();
    }
}
