namespace LlmdAspire.Simulator.KvEvents;

/// <summary>The last batches of one publisher, for subscribers that missed some.</summary>
/// <remarks>Thread-safe. Holds at most <paramref name="capacity"/> batches; the oldest goes first.</remarks>
internal sealed class ReplayBuffer(int capacity)
{
    private readonly Lock _lock = new();
    private readonly Queue<Batch> _batches = new();

    public void Add(ulong sequence, byte[] payload)
    {
        lock (_lock)
        {
            if (_batches.Count == capacity)
            {
                _ = _batches.Dequeue();
            }

            _batches.Enqueue(new Batch(sequence, payload));
        }
    }

    /// <summary>What is kept from a sequence number on, in order.</summary>
    public IReadOnlyList<Batch> From(ulong sequence)
    {
        lock (_lock)
        {
            return [.. _batches.SkipWhile(batch => batch.Sequence < sequence)];
        }
    }

    internal readonly record struct Batch(ulong Sequence, byte[] Payload);
}
