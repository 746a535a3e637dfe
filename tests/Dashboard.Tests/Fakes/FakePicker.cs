using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace LlmdAspire.Dashboard.Tests.Fakes;

/// <summary>What this page needs of the endpoint picker, in its own shapes.</summary>
internal sealed class FakePicker : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly List<JsonNode> _decisions = [];
    private FakeServer _server = null!;

    public string Url => _server.Url;

    /// <summary>Endpoint, name and role.</summary>
    public List<(string Endpoint, string Name, string Role)> Engines { get; } = [];

    public HashSet<string> Away { get; } = [];

    public List<string> Asked { get; } = [];

    public static async Task<FakePicker> StartAsync(params IEnumerable<(string Endpoint, string Name, string Role)> engines)
    {
        var picker = new FakePicker();
        picker.Engines.AddRange(engines);
        picker._server = await FakeServer.StartAsync(picker.Map);
        return picker;
    }

    public void Decided(JsonNode decision)
    {
        lock (_lock)
        {
            _decisions.Insert(0, decision);
        }
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private void Map(WebApplication app)
    {
        app.MapGet("/debug/endpoints", () => Results.Json(Engines.Select(engine => new
        {
            endpoint = engine.Endpoint,
            labels = new Dictionary<string, string> { ["llm-d.ai/role"] = engine.Role, ["app.kubernetes.io/component"] = engine.Name },
            away = Away.Contains(engine.Endpoint),
            requests_in_flight = 1,
            tokens_in_flight = 100,
            load = new { waiting = 0, running = 1, kv_usage = 0.5, age_ms = 20 },
            last_minute = new { decisions = 2, prompt_tokens = 4000, expected_cached_tokens = 1984 },
        })));
        app.MapGet("/debug/decisions", (HttpRequest request) =>
        {
            string?[] ids = [.. request.Query["request_id"]];
            lock (_lock)
            {
                Asked.AddRange(ids.OfType<string>());
                return Results.Text(new JsonArray([.. _decisions.Where(decision => ids.Contains((string?)decision["request_id"])).Select(decision => decision.DeepClone())]).ToJsonString(), "application/json");
            }
        });
    }
}
