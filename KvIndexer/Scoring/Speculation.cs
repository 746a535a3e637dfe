using LlmdAspire.KvIndexer.Index;

namespace LlmdAspire.KvIndexer.Scoring;

/// <summary>Blocks that a picker expects at an endpoint because it has just sent a prompt there. They count for a short time, until the events tell. Thread-safe.</summary>
/// <remarks>At most <see cref="MaxBlocks"/> at a time; then the oldest go.</remarks>
internal sealed class Speculation(IBlockIndex index, TimeProvider clock)
{
    public const int MaxBlocks = 1 << 17;

    private readonly Lock _lock = new();
    private readonly PriorityQueue<(int Endpoint, ulong Key), DateTimeOffset> _byEnd = new();
    private readonly Dictionary<(int Endpoint, ulong Key), DateTimeOffset> _ends = [];

    /// <summary>Expects blocks at an endpoint for a while; expecting them again prolongs it.</summary>
    public void Expect(int endpoint, ReadOnlySpan<ulong> keys, TimeSpan duration)
    {
        var end = clock.GetUtcNow() + duration;
        lock (_lock)
        {
            foreach (var key in keys)
            {
                if (_byEnd.Count >= MaxBlocks)
                {
                    DropFirst();
                }

                if (index.TryStore(endpoint, Tier.Speculative, key))
                {
                    _ends[(endpoint, key)] = end;
                    _byEnd.Enqueue((endpoint, key), end);
                }
            }
        }
    }

    /// <summary>Forgets what was expected too long ago.</summary>
    public void DropLate()
    {
        var now = clock.GetUtcNow();
        lock (_lock)
        {
            while (_byEnd.TryPeek(out _, out var end) && end <= now)
            {
                DropFirst();
            }
        }
    }

    private void DropFirst()
    {
        // An entry that was prolonged has a later one in the queue.
        if (_byEnd.TryDequeue(out var block, out var end) && _ends.TryGetValue(block, out var last) && last <= end)
        {
            _ = _ends.Remove(block);
            index.Remove(block.Endpoint, Tier.Speculative, block.Key);
        }
    }
}
