using System.Diagnostics.CodeAnalysis;

namespace LlmdAspire.Serving.Endpoints;

/// <summary>The endpoints that exist now. Readers take <see cref="Current"/> once per request and keep it.</summary>
/// <typeparam name="T">What is known about one endpoint.</typeparam>
/// <remarks>Reading takes no lock. Writers are few (an operator, a watcher) and take turns; readers never see a half-made change.</remarks>
public sealed class EndpointRegistry<T>
    where T : class
{
    private readonly Lock _writing = new();
    private volatile EndpointSnapshot<T> _current = EndpointSnapshot<T>.Empty;

    public EndpointSnapshot<T> Current => _current;

    /// <summary>Adds an endpoint at the end.</summary>
    /// <returns>False when the id exists already.</returns>
    public bool TryAdd(EndpointId id, T endpoint)
    {
        lock (_writing)
        {
            if (_current.TryGet(id, out _))
            {
                return false;
            }

            _current = _current.With(id, endpoint);
            return true;
        }
    }

    /// <summary>Removes an endpoint; the others keep their order.</summary>
    public bool TryRemove(EndpointId id, [NotNullWhen(true)] out T? removed)
    {
        lock (_writing)
        {
            if (!_current.TryGet(id, out removed))
            {
                return false;
            }

            _current = _current.Without(id);
            return true;
        }
    }

    /// <summary>Puts several endpoints in the place of one; readers see either the one or the several.</summary>
    /// <returns>False when the one is not there or one of the several is already; then nothing changes.</returns>
    public bool TryReplace(EndpointId id, IReadOnlyList<KeyValuePair<EndpointId, T>> replacements)
    {
        ArgumentNullException.ThrowIfNull(replacements);
        lock (_writing)
        {
            if (!_current.TryGet(id, out _) || replacements.Any(replacement => _current.TryGet(replacement.Key, out _)))
            {
                return false;
            }

            _current = _current.WithInPlaceOf(id, replacements);
            return true;
        }
    }
}
