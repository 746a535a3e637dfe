using System.Collections.Frozen;

namespace LlmdAspire.Epp.Objectives;

/// <summary>What the names that requests carry stand for: priorities. Replaced as a whole, between two requests.</summary>
internal sealed class ObjectiveTable
{
    /// <summary>The headers that name an objective; the old spelling counts where the new one is absent.</summary>
    private static readonly string[] s_headers = ["x-llm-d-inference-objective", "x-gateway-inference-objective"];

    private volatile FrozenDictionary<string, int> _priorities = FrozenDictionary<string, int>.Empty;

    /// <summary>Whether any stands for requests that may be turned away, for which it has to be known how full engines are.</summary>
    public bool HasSheddable { get; private set; }

    public void Set(IEnumerable<KeyValuePair<string, int>> priorities)
    {
        _priorities = priorities.ToFrozenDictionary(StringComparer.Ordinal);
        HasSheddable = _priorities.Values.Any(priority => priority < 0);
    }

    /// <summary>The priority of a request; 0 when it names no objective, or one that nobody knows.</summary>
    public int PriorityOf(Func<string, string?> header)
    {
        // Most requests name none, and most installations have none.
        if (_priorities.Count == 0)
        {
            return 0;
        }

        var name = header(s_headers[0]) ?? header(s_headers[1]);
        return name is not null ? _priorities.GetValueOrDefault(name) : 0;
    }
}
