using System.Globalization;
using System.Text.Json;

namespace LlmdAspire.Dashboard.Sources;

/// <summary>An engine, or one data-parallel rank of it, as the Router lists it, or the picker where the Router does not.</summary>
/// <param name="Endpoint">Identity: the base URL, with <c>@rank</c> where ranks exist.</param>
/// <param name="Address">Base URL without the rank; its <c>/metrics</c> is read.</param>
/// <param name="Load">Requests the Router has in flight there.</param>
/// <param name="CircuitBreaker"><c>closed</c>, <c>open</c> or <c>half_open</c>; null when the Router does not tell.</param>
internal sealed record Worker(
    string Endpoint, Uri Address, int? Rank, string? Model, string Role, bool IsHealthy, bool IsDraining, int? Load,
    string? CircuitBreaker = null)
{
    /// <summary>Engines beyond this many are left out: a page of more is no page for a person.</summary>
    public const int MaxCount = 256;

    /// <summary>Reads the answer of <c>GET /workers</c>; entries without a usable URL are skipped.</summary>
    public static IReadOnlyList<Worker> ReadList(JsonElement json) =>
        [.. json.Elements("workers").Select(Read).OfType<Worker>().DistinctBy(worker => worker.Endpoint).Take(MaxCount)];

    /// <summary>An engine that only the picker knows; null when its name is no usable URL.</summary>
    public static Worker? Of(PickerEndpoint endpoint) => TrySplit(endpoint.Endpoint, out var address, out var rank)
        ? new Worker(
            endpoint.Endpoint, address, rank, Model: null, endpoint.Role ?? "regular", IsHealthy: !endpoint.IsAway, IsDraining: false, endpoint.InFlight)
        : null;

    /// <summary>The models that the engines in the answer of <c>GET /workers</c> serve, at most a hundred.</summary>
    public static IReadOnlyList<string> ReadModels(JsonElement json) =>
        [.. json.Elements("workers").SelectMany(ModelsOf).OfType<string>().Distinct().Take(100)];

    private static IEnumerable<string?> ModelsOf(JsonElement json)
    {
        var models = json.Elements("models").Where(model => model.ValueKind == JsonValueKind.String).Select(model => model.GetString()).ToList();
        return models.Count > 0 ? models : [ModelOf(json)];
    }

    // vllm-router itself says "unknown" where it was not told.
    private static string? ModelOf(JsonElement json) => json.Text("model_id") is { Length: > 0 } id and not "unknown" ? id : null;

    private static Worker? Read(JsonElement json)
    {
        if (json.Text("url") is not { } endpoint || !TrySplit(endpoint, out var address, out var rank))
        {
            return null;
        }

        return new Worker(
            endpoint,
            address,
            rank,
            ModelOf(json),
            json.Text("worker_type") ?? "regular",
            json.Truth("is_healthy") ?? false,
            json.Truth("draining") ?? false,
            json.Number("load") is { } load and >= 0 and < int.MaxValue ? (int)load : null,
            json.Text("circuit_breaker"));
    }

    private static bool TrySplit(string endpoint, out Uri address, out int? rank)
    {
        rank = null;
        var at = endpoint.LastIndexOf('@');
        if (at > 0 && int.TryParse(endpoint.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            rank = number;
            endpoint = endpoint[..at];
        }

        return Uri.TryCreate(endpoint, UriKind.Absolute, out address!) && address.Scheme is ("http" or "https");
    }
}
