namespace LlmdAspire.Dashboard.Sources;

/// <summary>The engines there are: those that the Router lists and those that the picker may choose, each once.</summary>
internal static class Fleet
{
    /// <summary>In the picker's order, then the Router's, by role: prefill, decode, then those that do both.</summary>
    public static IReadOnlyList<FleetMember> Merge(
        IReadOnlyList<Worker> workers, IReadOnlyList<PickerEndpoint> candidates, IReadOnlyDictionary<string, IndexedEngine> indexed)
    {
        var byEndpoint = workers.ToDictionary(worker => worker.Endpoint);
        var known = candidates.Select(candidate => candidate.Endpoint).ToHashSet();
        var members = candidates.Select(candidate => byEndpoint.GetValueOrDefault(candidate.Endpoint) is { } worker
                ? Member(worker with { Role = RoleOf(worker.Role, candidate.Role) }, candidate)
                : Worker.Of(candidate) is { } listed ? Member(listed, candidate) : null)
            .Concat(workers.Where(worker => !known.Contains(worker.Endpoint)).Select(worker => Member(worker, candidate: null)));
        return [.. members.OfType<FleetMember>().OrderBy(member => Rank(member.Worker.Role)).Take(Worker.MaxCount)];

        FleetMember Member(Worker worker, PickerEndpoint? candidate) => new(worker, candidate, IndexOf(indexed, worker.Endpoint));
    }

    // The Router calls an engine regular that it was not told the role of.
    private static string RoleOf(string router, string? picker) => router == "regular" ? picker ?? router : router;

    private static int Rank(string role) => role switch { "prefill" => 0, "decode" => 1, _ => 2 };

    // An engine of one rank is named with @0 by some and without by others.
    private static IndexedEngine? IndexOf(IReadOnlyDictionary<string, IndexedEngine> indexed, string endpoint) =>
        indexed.GetValueOrDefault(endpoint) ?? (endpoint.EndsWith("@0", StringComparison.Ordinal)
            ? indexed.GetValueOrDefault(endpoint[..^2])
            : indexed.GetValueOrDefault(endpoint + "@0"));
}

/// <summary>An engine or rank with what each source says of it.</summary>
/// <param name="Candidate">Null when no picker may choose it.</param>
/// <param name="Index">Null when no indexer follows it.</param>
internal sealed record FleetMember(Worker Worker, PickerEndpoint? Candidate, IndexedEngine? Index);
