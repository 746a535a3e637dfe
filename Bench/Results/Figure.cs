namespace LlmdAspire.Bench.Results;

/// <summary>A number of a result that is worth comparing.</summary>
/// <param name="Key">In the JSON.</param>
/// <param name="Title">For a person, with its unit.</param>
internal readonly record struct Figure(string Key, string Title)
{
    /// <summary>The figures that a result has, in the order of its table.</summary>
    public static IReadOnlyList<Figure> Of(SavedResult result)
    {
        List<Figure> figures =
        [
            new("completed", "Successful requests"), new("failed", "Failed requests"), new("request_throughput", "Request throughput (req/s)"),
            new("request_goodput", "Request goodput (req/s)"), new("output_throughput", "Output token throughput (tok/s)"),
            new("total_token_throughput", "Total token throughput (tok/s)"),
        ];
        foreach (var metric in LatencyMetric.All)
        {
            var suffix = $"_{metric.Key}_ms";
            figures.AddRange(result.Figures.Keys
                .Where(key => key.EndsWith(suffix, StringComparison.Ordinal) && !key.StartsWith("std_", StringComparison.Ordinal))
                .Select(key => new Figure(key, $"{char.ToUpperInvariant(key[0])}{key[1..^suffix.Length]} {metric.Name} (ms)")));
        }

        return [.. figures.Where(figure => result.Figures.ContainsKey(figure.Key))];
    }
}
