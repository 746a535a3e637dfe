using System.Net.Http.Headers;
using LlmdAspire.Protocols.ExtProc;
using LlmdAspire.Router.Forwarding;

namespace LlmdAspire.Router.Picker;

/// <summary>The header changes a picker asked for: what they say about endpoints, and what engines are to get.</summary>
internal sealed class PickedHeaders
{
    // Ours to say, or of one connection only; trace headers are written by the sender for its own span.
    private static readonly string[] s_notForEngines =
    [
        "content-length", "host", "connection", "transfer-encoding", "te", "upgrade", "keep-alive", "proxy-connection", "expect", "x-request-id", "via",
        "traceparent", "tracestate", "baggage",
    ];

    private readonly Dictionary<string, string> _set = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _removed = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Where the answer comes from, best first.</summary>
    public string? Destinations => Find("x-gateway-destination-endpoint") ?? Find("x-llm-d-destination-endpoint");

    /// <summary>Who computes the prompt first, best first; null for the destination itself.</summary>
    public string? Prefillers => Find("x-prefiller-host-port") ?? Find("x-llm-d-prefiller-host-port");

    public string? DestinationRank => Find("x-data-parallel-rank");

    public string? PrefillerRank => Find("x-prefiller-data-parallel-rank");

    public void Add(HeaderMutation mutation)
    {
        foreach (var name in mutation.Remove)
        {
            _ = _removed.Add(name);
            _ = _set.Remove(name);
        }

        // What is set is not also removed, whatever the order.
        foreach (var change in mutation.Set)
        {
            _ = _removed.Remove(change.Header.Name);
            _set[change.Header.Name] = change.Header.Text;
        }
    }

    /// <summary>Takes the destination from metadata, where a picker gives it there only.</summary>
    public void Add(StructValue metadata)
    {
        if (Destinations is null && metadata["envoy.lb"]?["x-gateway-destination-endpoint"]?.Text is { } destination)
        {
            _set["x-gateway-destination-endpoint"] = destination;
        }
    }

    /// <summary>Changes the headers of a request to an engine.</summary>
    public void ApplyTo(HttpRequestHeaders headers)
    {
        foreach (var name in _removed)
        {
            if (IsForEngines(name))
            {
                _ = headers.Remove(name);
            }
        }

        foreach (var (name, value) in _set)
        {
            if (IsForEngines(name))
            {
                _ = headers.Remove(name);
                _ = headers.TryAddWithoutValidation(name, value);
            }
        }
    }

    private string? Find(string name) => _set.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;

    // The content's own headers, such as content-type, are those of the body, which the router sends.
    private static bool IsForEngines(string name) =>
        name.Length > 0 && name[0] != ':' && !name.StartsWith("content-", StringComparison.OrdinalIgnoreCase)
        && !EngineRequestHeaders.IsRouting(name) && !s_notForEngines.Contains(name, StringComparer.OrdinalIgnoreCase);
}
