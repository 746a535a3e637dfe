using System.Text.Json;
using LlmdAspire.ServiceDefaults;

namespace LlmdAspire.Bench.Results;

/// <summary>A result as its JSON tells it, whoever wrote it: this program or <c>vllm bench serve</c>.</summary>
internal sealed record SavedResult
{
    /// <summary>Label, else backend.</summary>
    public required string Name { get; init; }

    /// <summary>Whether <see cref="Name"/> is one that somebody gave.</summary>
    public bool HasLabel { get; init; }

    public int? MaxConcurrency { get; init; }

    /// <summary>Requests a second; null when all were sent at once.</summary>
    public double? RequestRate { get; init; }

    /// <summary>Every member that is a number, by its key.</summary>
    public required IReadOnlyDictionary<string, double> Figures { get; init; }

    /// <summary>Of the requests that succeeded, where the result is detailed; else empty.</summary>
    public IReadOnlyList<SavedRequest> Requests { get; init; } = [];

    /// <summary>Reads a file with a result, or a result a line.</summary>
    /// <exception cref="UsageException">It cannot be read or is something else.</exception>
    public static IReadOnlyList<SavedResult> Read(string path)
    {
        try
        {
            var results = ReadAll(File.ReadAllBytes(path));
            return results.Count > 0 ? results : throw new UsageException($"{path} is empty; it should hold a result of --save-result.");
        }
        catch (JsonException e)
        {
            throw new UsageException($"{path} is not a result of --save-result: {e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{path} cannot be read: {e.Message}");
        }
    }

    public static SavedResult Of(BenchmarkResult result) => ReadAll(ResultJson.Write(result, isDetailed: true).Span)[0];

    private static List<SavedResult> ReadAll(ReadOnlySpan<byte> json)
    {
        var results = new List<SavedResult>();
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { AllowMultipleValues = true });
        while (reader.Read())
        {
            using var document = JsonDocument.ParseValue(ref reader);
            results.Add(Read(document.RootElement));
        }

        return results;
    }

    private static SavedResult Read(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty("completed", out _) || !json.TryGetProperty("duration", out _))
        {
            throw new JsonException("it has no 'completed' and 'duration'.");
        }

        var figures = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var member in json.EnumerateObject().Where(member => member.Value.ValueKind == JsonValueKind.Number))
        {
            figures[member.Name] = member.Value.GetDouble();
        }

        return new SavedResult
        {
            Name = Text(json, "label") ?? Text(json, "backend") ?? "result",
            HasLabel = Text(json, "label") is not null,
            MaxConcurrency = figures.TryGetValue("max_concurrency", out var concurrency) ? (int)concurrency : null,
            RequestRate = figures.TryGetValue("request_rate", out var rate) ? rate : null,
            Figures = figures,
            Requests = ReadRequests(json),
        };
    }

    private static List<SavedRequest> ReadRequests(JsonElement json)
    {
        var starts = List(json, "start_times");
        var firsts = List(json, "ttfts");
        var gaps = List(json, "itls");
        var errors = List(json, "errors");
        var latencies = List(json, "latencies");
        var requests = new List<SavedRequest>();
        for (var i = 0; i < Math.Min(starts.Count, Math.Min(firsts.Count, gaps.Count)); i++)
        {
            if (i < errors.Count && errors[i].ValueKind == JsonValueKind.String && errors[i].GetString()!.Length > 0)
            {
                continue;
            }

            double[] itls = [.. gaps[i].EnumerateArray().Select(gap => gap.GetDouble())];
            var first = firsts[i].GetDouble();
            requests.Add(new SavedRequest(starts[i].GetDouble(), first, itls, i < latencies.Count ? latencies[i].GetDouble() : first + itls.Sum()));
        }

        return requests;
    }

    private static List<JsonElement> List(JsonElement json, string name) =>
        json.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray()] : [];

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;
}

/// <summary>A request of a detailed result; seconds.</summary>
internal sealed record SavedRequest(double Start, double TimeToFirstToken, double[] InterTokenLatencies, double Latency);
