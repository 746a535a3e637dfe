using System.Diagnostics.CodeAnalysis;

namespace LlmdAspire.Serving.Endpoints;

/// <summary>The endpoints at one moment, in the order in which they were added. Immutable.</summary>
public sealed class EndpointSnapshot<T>
    where T : class
{
    public static readonly EndpointSnapshot<T> Empty = new([], []);

    private readonly EndpointId[] _ids;
    private readonly T[] _endpoints;

    private EndpointSnapshot(EndpointId[] ids, T[] endpoints)
    {
        _ids = ids;
        _endpoints = endpoints;
    }

    public int Count => _endpoints.Length;

    public ReadOnlySpan<T> Endpoints => _endpoints;

    public bool TryGet(EndpointId id, [NotNullWhen(true)] out T? endpoint)
    {
        var index = Array.IndexOf(_ids, id);
        endpoint = index < 0 ? null : _endpoints[index];
        return endpoint is not null;
    }

    internal EndpointSnapshot<T> With(EndpointId id, T endpoint) => new([.. _ids, id], [.. _endpoints, endpoint]);

    internal EndpointSnapshot<T> Without(EndpointId id)
    {
        var index = Array.IndexOf(_ids, id);
        return new([.. _ids[..index], .. _ids[(index + 1)..]], [.. _endpoints[..index], .. _endpoints[(index + 1)..]]);
    }

    internal EndpointSnapshot<T> WithInPlaceOf(EndpointId id, IReadOnlyList<KeyValuePair<EndpointId, T>> replacements)
    {
        var index = Array.IndexOf(_ids, id);
        return new(
            [.. _ids[..index], .. replacements.Select(replacement => replacement.Key), .. _ids[(index + 1)..]],
            [.. _endpoints[..index], .. replacements.Select(replacement => replacement.Value), .. _endpoints[(index + 1)..]]);
    }
}
