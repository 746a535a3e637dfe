using LlmdAspire.Dashboard.Page;
using LlmdAspire.Dashboard.State;

namespace LlmdAspire.Dashboard.Why;

/// <summary>What engines are called on the page: by name where it names one engine only, else by address.</summary>
public sealed class EngineNames
{
    private readonly Dictionary<string, string> _names;

    private EngineNames(Dictionary<string, string> names) => _names = names;

    public static EngineNames None { get; } = new([]);

    public static EngineNames Of(IReadOnlyList<EngineState> engines)
    {
        // Several pods of one deployment share its name; a name that means two engines means none.
        var unique = engines.Where(engine => engine.Name is not null)
            .GroupBy(engine => engine.Name!)
            .Where(group => group.Select(engine => engine.Address).Distinct().Count() == 1)
            .SelectMany(group => group);
        return new EngineNames(unique.ToDictionary(
            engine => engine.Endpoint, engine => engine.Rank is { } rank ? $"{engine.Name}@{rank}" : engine.Name!));
    }

    public string Of(string? endpoint) =>
        endpoint is not null && _names.TryGetValue(endpoint, out var name) ? name : Show.Endpoint(endpoint);
}
