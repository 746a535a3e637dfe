using LlmdAspire.Protocols.MessagePack.KvEvents;

namespace LlmdAspire.Benchmarks.Inputs;

/// <summary>Batches of KV events as an engine publishes them while it fills its cache.</summary>
/// <remarks>
/// An engine that computes prompts announces many blocks in an event; one that generates text announces each block by itself, with its parent.
/// Prompts of <see cref="BlocksPerPrompt"/> blocks follow one another and share nothing.
/// </remarks>
internal sealed class EventBatches(KvEventForm form, int blocksPerEvent, int eventsPerBatch)
{
    public const int BlocksPerPrompt = 128;

    private readonly KvEventBatchWriter _writer = new(form);
    private int _block;

    public int BlocksPerBatch => blocksPerEvent * eventsPerBatch;

    /// <summary>The next batch.</summary>
    public byte[] Next()
    {
        for (var i = 0; i < eventsPerBatch; i++)
        {
            _writer.BlockStored(new KvBlockStored
            {
                BlockHashes = [.. Enumerable.Range(_block, blocksPerEvent).Select(HashOf)],
                ParentBlockHash = _block % BlocksPerPrompt == 0 ? null : HashOf(_block - 1),
                TokenIds = Tokens.Random(blocksPerEvent * Tokens.PerBlock, _block),
                BlockSize = Tokens.PerBlock,
                Medium = "GPU",
            });
            _block += blocksPerEvent;
        }

        return _writer.Complete((DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).TotalSeconds, 0).ToArray();
    }

    // As random as a digest, and the same for a block and for its child's parent: the finisher of SplitMix64.
    private static ulong HashOf(int block)
    {
        var hash = ((ulong)block + 1) * 0x9E3779B97F4A7C15;
        hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9;
        hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EB;
        return hash ^ (hash >> 31);
    }
}
