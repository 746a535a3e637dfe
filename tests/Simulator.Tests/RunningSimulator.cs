using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using LlmdAspire.ServiceDefaults;
using LlmdAspire.Simulator.Engines;
using Microsoft.Extensions.DependencyInjection;

namespace LlmdAspire.Simulator.Tests;

/// <summary>A simulator on a free port in this process and a client that talks to it over the socket.</summary>
internal sealed class RunningSimulator : IAsyncDisposable
{
    public const string Model = "meta-llama/Llama-3.1-8B-Instruct";

    private readonly RunningService _service;

    private RunningSimulator(RunningService service)
    {
        _service = service;
        Client = new HttpClient { BaseAddress = service.Url };
    }

    public HttpClient Client { get; }

    public IReadOnlyList<Uri> Urls => _service.Urls;

    /// <summary>The engine on the main port.</summary>
    public ServedEngine Engine => _service.Services.GetRequiredService<EngineFleet>().First;

    /// <summary>Starts with steps as short as they can be, unless <paramref name="args"/> say otherwise.</summary>
    public static async Task<RunningSimulator> StartAsync(params string[] args)
    {
        string[] quick = ["--port", "0", "--log-level", "error", "--time-to-first-token", "1ms", "--inter-token-latency", "100us"];
        return new RunningSimulator(await new SimulatorService().StartAsync([.. quick, .. args]));
    }

    /// <summary>Starts with a hardware profile's times, which take no flag.</summary>
    public static async Task<RunningSimulator> StartWithProfileAsync(params string[] args) =>
        new(await new SimulatorService().StartAsync(["--port", "0", "--log-level", "error", .. args]));

    public async Task<HttpResponseMessage> PostAsync(string path, string json, string contentType = "application/json")
    {
        using var content = new StringContent(json, Encoding.UTF8);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        return await Client.PostAsync(path, content);
    }

    /// <summary>The answer's body, whatever its status.</summary>
    public async Task<JsonNode> AskAsync(string path, string json)
    {
        using var response = await PostAsync(path, json);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
    }

    /// <summary>The data of each event of a streamed answer.</summary>
    public async Task<IReadOnlyList<string>> StreamAsync(string path, string json)
    {
        using var response = await PostAsync(path, json);
        var text = await response.Content.ReadAsStringAsync();
        Assert.Equal("text/event-stream; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        Assert.EndsWith("\n\n", text, StringComparison.Ordinal);
        return [.. text[..^2].Split("\n\n").Select(line => line.StartsWith("data: ", StringComparison.Ordinal)
            ? line["data: ".Length..] : throw new JsonException($"Not a data line: {line}"))];
    }

    /// <summary>An answer with a rank named, or with a body that is no plain text.</summary>
    public async Task<JsonNode> AskAsync(string path, JsonObject body, int? rank = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json") };
        if (rank is not null)
        {
            request.Headers.Add("X-data-parallel-rank", rank.Value.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        using var response = await Client.SendAsync(request);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
    }

    /// <summary>The sum of a metric over its series.</summary>
    public async Task<double> TotalAsync(string name) =>
        (await Client.GetStringAsync("/metrics")).Split('\n').Where(line => line.StartsWith(name + "{", StringComparison.Ordinal))
            .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture));

    public async Task<double> MetricAsync(string beginning)
    {
        var line = (await Client.GetStringAsync("/metrics")).Split('\n').Single(line => line.StartsWith(beginning, StringComparison.Ordinal));
        return double.Parse(line[(line.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Posts with headers and gives the answer as it is.</summary>
    public async Task<HttpResponseMessage> SendAsync(string path, string json, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        return await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>The named events of a streamed answer, with their data.</summary>
    public async Task<IReadOnlyList<(string Event, JsonNode Data)>> EventsAsync(string path, string json)
    {
        using var response = await PostAsync(path, json);
        var text = await response.Content.ReadAsStringAsync();
        return [.. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Where(part => part.StartsWith("event: ", StringComparison.Ordinal)).Select(part =>
        {
            var lines = part.Split('\n');
            return (lines[0]["event: ".Length..], JsonNode.Parse(lines[1]["data: ".Length..])!);
        })];
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _service.DisposeAsync();
    }
}
