using System.Globalization;
using System.Text;
using LlmdAspire.Router.Workers;

namespace LlmdAspire.Router.Policies.Hashing;

/// <summary>Workers on a ring of hashes, 160 places each: a key belongs to the first worker at or behind its own hash. Immutable.</summary>
/// <remarks>A worker that comes takes about its share of the keys, from all others; one that goes leaves its keys to those that follow its places.</remarks>
internal sealed class HashRing
{
    public const int PlacesPerWorker = 160;

    public static readonly HashRing Empty = new([]);

    private readonly ulong[] _places;
    private readonly Worker[] _owners;
    private readonly HashSet<Worker> _workers;

    public HashRing(IReadOnlyCollection<Worker> workers)
    {
        _workers = [.. workers];

        // Hashes repeat; the worker listed last has the place, as in vllm-router.
        var ring = new SortedDictionary<ulong, Worker>();
        foreach (var worker in workers)
        {
            for (var i = 0; i < PlacesPerWorker; i++)
            {
                ring[RingHash.Of(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{worker.Name}:{i}")))] = worker;
            }
        }

        _places = [.. ring.Keys];
        _owners = [.. ring.Values];
    }

    public IReadOnlyCollection<Worker> Workers => _workers;

    public bool Has(Worker worker) => _workers.Contains(worker);

    /// <summary>Finds whose a key is, or the next on the ring where that one is no candidate.</summary>
    /// <param name="candidates">Of which one is on the ring; the first is taken where none is.</param>
    /// <param name="passedOver">Whether it is the next.</param>
    /// <returns>Index of the candidate.</returns>
    public int Find(ulong hash, ReadOnlySpan<Worker> candidates, out bool passedOver)
    {
        var at = Array.BinarySearch(_places, hash);
        at = at < 0 ? ~at : at;
        passedOver = false;
        for (var step = 0; step < _owners.Length; step++)
        {
            var chosen = candidates.IndexOf(_owners[at % _owners.Length]);
            if (chosen >= 0)
            {
                return chosen;
            }

            passedOver = true;
            at++;
        }

        return 0;
    }
}
