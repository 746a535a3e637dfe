using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.KvIndexer.Tests.Peers;

/// <summary>A KvIndexer's API as tests use it.</summary>
internal class IndexerApi(Uri url) : IDisposable
{
    public HttpClient Http { get; } = new() { BaseAddress = url };

    public async Task<JsonElement> PostAsync(string path, object body, int status = 200)
    {
        using var response = await Http.PostAsJsonAsync(path, body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == status, $"{path} answered {(int)response.StatusCode}: {text}");
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
    }

    /// <summary>The value of a metric, its series added up.</summary>
    /// <param name="label">Only series with this label, such as <c>result="sufficed"</c>.</param>
    public async Task<double> MetricAsync(string name, string label = "")
    {
        var lines = (await Http.GetStringAsync("/metrics")).Split('\n').Where(line => line.StartsWith(name + "{", StringComparison.Ordinal) || line.StartsWith(name + " ", StringComparison.Ordinal));
        return lines.Where(line => line.Contains(label, StringComparison.Ordinal)).Sum(line => double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture));
    }

    public async Task<JsonElement> GetAsync(string path) => JsonDocument.Parse(await Http.GetStringAsync(path)).RootElement;

    /// <summary>Endpoints and their blocks for a prompt, in the order of the answer: <c>http://a=3 http://b=1</c>.</summary>
    public async Task<string> MatchesAsync(int[] tokens, string? lora = null, string? salt = null, string model = RunningIndexer.Model) =>
        Matches(await PostAsync("/v1/score", new { model, token_ids = tokens, lora, cache_salt = salt }));

    public static string Matches(JsonElement answer) => string.Join(' ', answer.GetProperty("matches").EnumerateArray()
        .Select(match => $"{match.GetProperty("endpoint").GetString()}={match.GetProperty("blocks").GetInt32()}"));

    /// <summary>Waits until a prompt matches as expected.</summary>
    public async Task MatchesEventuallyAsync(string expected, int[] tokens)
    {
        var last = "";
        try
        {
            await Eventually.TrueAsync(async () => (last = await MatchesAsync(tokens)) == expected);
        }
        catch (TimeoutException)
        {
            Assert.Equal(expected, last);
        }
    }

    public async Task<JsonElement> EndpointAsync(string name = "http://127.0.0.1:1") =>
        (await GetAsync("/v1/endpoints")).EnumerateArray().First(endpoint => endpoint.GetProperty("endpoint").GetString() == name);

    /// <summary>Waits until an endpoint's last batch is this one.</summary>
    public Task SequenceAsync(long sequence, string name = "http://127.0.0.1:1") => Eventually.TrueAsync(async () =>
        (await GetAsync("/v1/endpoints")).EnumerateArray().Any(endpoint => endpoint.GetProperty("endpoint").GetString() == name
            && endpoint.GetProperty("sequence") is { ValueKind: JsonValueKind.Number } last && last.GetInt64() == sequence), $"sequence {sequence} of {name}");

    public Task ConnectedAsync(string name = "http://127.0.0.1:1") => Eventually.TrueAsync(async () =>
        (await EndpointAsync(name)).GetProperty("connected").GetBoolean());

    public Task<HttpResponseMessage> PostTextAsync(string path, string body) =>
        Http.PostAsync(new Uri(path, UriKind.Relative), new StringContent(body, Encoding.UTF8, "application/json"));

    public void Dispose() => Http.Dispose();
}
