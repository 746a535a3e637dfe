using System.Numerics;
using System.Runtime.InteropServices;
using LlmdAspire.Scheduling.Endpoints;

namespace LlmdAspire.Scheduling.Prefix;

/// <summary>Which engine holds which blocks, guessed from where prompts were sent. Thread-safe.</summary>
/// <remarks>
/// Bounded: so many blocks per engine, the one longest unused goes first. A block costs about 60 bytes per engine that holds it.
/// An endpoint that left is forgotten when another takes its slot.
/// </remarks>
internal sealed class ApproximatePrefixIndex
{
    private const int Bits = 64;

    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, Holders> _holders = [];
    private readonly List<Server?> _servers = [];

    public int BlockCount
    {
        get
        {
            lock (_lock)
            {
                return _holders.Count;
            }
        }
    }

    /// <summary>How many of the first blocks each candidate holds, by slot.</summary>
    public int[] Match(ReadOnlySpan<ulong> hashes, ReadOnlySpan<EngineEndpoint> candidates)
    {
        var slots = 0;
        foreach (var candidate in candidates)
        {
            slots = Math.Max(slots, candidate.Slot + 1);
        }

        var matched = new int[slots];
        var words = (slots + Bits - 1) / Bits;
        Span<ulong> alive = words <= 32 ? stackalloc ulong[words] : new ulong[words];
        lock (_lock)
        {
            foreach (var candidate in candidates)
            {
                if (candidate.Slot < _servers.Count && _servers[candidate.Slot]?.Endpoint == candidate)
                {
                    alive[candidate.Slot / Bits] |= 1UL << (candidate.Slot % Bits);
                }
            }

            Walk(hashes, alive, matched);
        }

        return matched;
    }

    /// <summary>Notes that an endpoint will hold these blocks.</summary>
    public void Record(EngineEndpoint endpoint, ReadOnlySpan<ulong> hashes, int capacity)
    {
        lock (_lock)
        {
            var server = ServerOf(endpoint);
            foreach (var hash in hashes)
            {
                var (added, evicted) = server.Blocks.Use(hash, capacity, out var gone);
                if (evicted)
                {
                    Remove(gone, endpoint.Slot);
                }

                if (added)
                {
                    ref var holders = ref CollectionsMarshal.GetValueRefOrAddDefault(_holders, hash, out _);
                    holders.Add(endpoint.Slot);
                }
            }
        }
    }

    private void Walk(ReadOnlySpan<ulong> hashes, Span<ulong> alive, int[] matched)
    {
        for (var i = 0; i < hashes.Length && alive.ContainsAnyExcept(0UL); i++)
        {
            _ = _holders.TryGetValue(hashes[i], out var holders);
            for (var word = 0; word < alive.Length; word++)
            {
                // Whoever lacks this block matched the i before it.
                for (var gone = alive[word] & ~holders.Word(word); gone != 0; gone &= gone - 1)
                {
                    matched[(word * Bits) + BitOperations.TrailingZeroCount(gone)] = i;
                }

                alive[word] &= holders.Word(word);
            }
        }

        for (var word = 0; word < alive.Length; word++)
        {
            for (var whole = alive[word]; whole != 0; whole &= whole - 1)
            {
                matched[(word * Bits) + BitOperations.TrailingZeroCount(whole)] = hashes.Length;
            }
        }
    }

    private Server ServerOf(EngineEndpoint endpoint)
    {
        while (_servers.Count <= endpoint.Slot)
        {
            _servers.Add(null);
        }

        if (_servers[endpoint.Slot] is { } server && server.Endpoint == endpoint)
        {
            return server;
        }

        foreach (var block in _servers[endpoint.Slot]?.Blocks.Blocks ?? [])
        {
            Remove(block, endpoint.Slot);
        }

        return _servers[endpoint.Slot] = new Server(endpoint, new BlockLru());
    }

    private void Remove(ulong block, int slot)
    {
        ref var holders = ref CollectionsMarshal.GetValueRefOrNullRef(_holders, block);
        if (!System.Runtime.CompilerServices.Unsafe.IsNullRef(ref holders) && holders.Remove(slot))
        {
            _ = _holders.Remove(block);
        }
    }

    private sealed record Server(EngineEndpoint Endpoint, BlockLru Blocks);

    /// <summary>A set of slots: the first 64 in place, more in an array.</summary>
    private struct Holders
    {
        private ulong _first;
        private ulong[]? _more;

        public readonly ulong Word(int index) => index == 0 ? _first : _more is { } more && index <= more.Length ? more[index - 1] : 0;

        public void Add(int slot)
        {
            if (slot < Bits)
            {
                _first |= 1UL << slot;
                return;
            }

            var index = (slot / Bits) - 1;
            if (_more is null || _more.Length <= index)
            {
                Array.Resize(ref _more, index + 1);
            }

            _more[index] |= 1UL << (slot % Bits);
        }

        /// <returns>Whether nobody is left.</returns>
        public bool Remove(int slot)
        {
            if (slot < Bits)
            {
                _first &= ~(1UL << slot);
            }
            else if (_more is { } more && (slot / Bits) - 1 < more.Length)
            {
                more[(slot / Bits) - 1] &= ~(1UL << (slot % Bits));
            }

            return _first == 0 && (_more is null || !_more.AsSpan().ContainsAnyExcept(0UL));
        }
    }
}
