using System.Text;
using System.Text.Json.Nodes;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.EndToEnd.Tests;

/// <summary>One request is one trace, over every process it touches.</summary>
public sealed class TraceTests
{
    private const string Body = """{"model":"Qwen/Qwen3-0.6B","prompt":"Hello","max_tokens":4}""";

    [Fact]
    public async Task TheAspireDashboard_ShowsOneTraceOverRouterAndEngine()
    {
        Assert.SkipWhen(AppHostProcess.HostingMode == "Packages", "the dashboard that real Aspire starts wants a login token");
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("ASPIRE_CLI_PATH")) && !Tool.Exists("aspire"))
        {
            Assert.Skip("the Aspire CLI is not on PATH and ASPIRE_CLI_PATH does not name it (npm: @microsoft/aspire-cli-linux-x64)");
        }

        // With the launch profile, as users start it: the dashboard inherits what the profile sets.
        await using var appHost = AppHostProcess.Start(underDotnetRun: true, aspireDashboard: true);
        var api = await appHost.ReadyAsync();
        const string Prefix = "Aspire dashboard: ";
        await Eventually.TrueAsync(() => appHost.Lines.Any(line => line.StartsWith(Prefix, StringComparison.Ordinal)), "the AppHost says where the dashboard is");
        // Spans that are sent before it listens are lost.
        var id = await SendAsync(api);
        var dashboard = appHost.Lines.First(line => line.StartsWith(Prefix, StringComparison.Ordinal))[Prefix.Length..];
        using var client = new HttpClient { BaseAddress = new Uri(dashboard) };

        await Eventually.TrueAsync(async () => SpansRouterAndEngine(await SpansAsync()), "the dashboard holds spans of router and engine in the trace");

        async Task<List<string?>> SpansAsync()
        {
            var spans = JsonNode.Parse(await client.GetStringAsync("/api/telemetry/spans"))!["data"]!["resourceSpans"]!.AsArray();
            return [.. spans
                .Where(resource => resource!.ToJsonString().Contains(id, StringComparison.Ordinal))
                .Select(resource => (string?)resource!["resource"]!["attributes"]!.AsArray().First(attribute => (string?)attribute!["key"] == "service.name")!["value"]!["stringValue"])];
        }
    }

    private static bool SpansRouterAndEngine(IEnumerable<string?> services) =>
        services.Contains("router") && services.Any(service => service?.StartsWith("decode-", StringComparison.Ordinal) == true);

    /// <summary>Sends one request in a trace of our own.</summary>
    /// <returns>The trace's identifier.</returns>
    private static async Task<string> SendAsync(Uri api)
    {
        var id = Guid.NewGuid().ToString("N");
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{api}/completions") { Content = new StringContent(Body, Encoding.UTF8, "application/json") };
        request.Headers.Add("traceparent", $"00-{id}-00f067aa0ba902b7-01");
        using var response = await client.SendAsync(request);
        response.EnsureSuccessStatusCode();
        return id;
    }
}
