using LlmdAspire.Protocols.MessagePack.KvEvents;
using LlmdAspire.Serving.Blocks.EngineHashes;

namespace LlmdAspire.EngineModel.Blocks;

/// <summary>Follows what can be found in one engine's prefix cache.</summary>
/// <remarks>
/// Called under the engine's lock, so calls come one at a time and in the order of the changes: be quick, do not call the engine.
/// Whoever applies the calls in order holds exactly the engine's set of cached blocks: nothing is stored twice or removed without being there.
/// </remarks>
public interface IKvCacheObserver
{
    /// <summary>Blocks became findable, one following the other.</summary>
    /// <param name="digests">Their hashes.</param>
    /// <param name="parent">Hash of the block before the first one; null when the first is the sequence's first.</param>
    /// <param name="firstBlock">Which block of the sequence the first one is.</param>
    /// <param name="content">What they hold; good during the call.</param>
    void Stored(ReadOnlySpan<BlockDigest> digests, BlockDigest? parent, int firstBlock, IBlockContent content);

    /// <summary>A block was taken for something else.</summary>
    void Removed(BlockDigest digest);

    /// <summary>Everything was forgotten.</summary>
    void Cleared();

    /// <summary>The changes since the last call belong to one step of the engine. Also called when there were none.</summary>
    void StepEnded();
}

/// <summary>What the blocks of a sequence hold.</summary>
public interface IBlockContent
{
    /// <summary>Tokens in a block.</summary>
    int BlockSize { get; }

    /// <summary>Adapter the tokens ran through; null for the model alone.</summary>
    string? LoraName { get; }

    /// <summary>Copies the tokens from position <paramref name="start"/> on.</summary>
    void CopyTokens(int start, Span<int> tokens);

    /// <summary>What entered a block's hash besides its tokens; null for nothing.</summary>
    ExtraKey[]? ExtraKeysOf(int block);
}
