namespace LlmdAspire.Simulator.KvEvents;

/// <summary>The last batches of one publisher, for subscribers that missed some.</summary>
/// <remarks>Thread-safe. Bounded by number and by bytes; the oldest goes first, and a subscriber sees from the first number it gets that some are missing.</remarks>
internal sealed class ReplayBuffer(int capacity)
{
    // vLLM bounds the number alone, for one engine on a machine of its own; here dozens of ranks share a laptop. Holds about 6000 prompts of 2000 tokens.
    private const long MaxBytes = 64L << 20;

    private readonly Lock _lock = new();
    private readonly Queue<Batch> _batches = new();
    private long _bytes;

    public void Add(ulong sequence, byte[] payload)
    {
        lock (_lock)
        {
            while (_batches.Count > 0 && (_batches.Count == capacity || _bytes + payload.Length > MaxBytes))
            {
                _bytes -= _batches.Dequeue().Payload.Length;
            }

            _batches.Enqueue(new Batch(sequence, payload));
            _bytes += payload.Length;
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
