using System.Buffers;
using System.Runtime.InteropServices;
using LlmdAspire.Protocols.MessagePack.KvEvents;
using LlmdAspire.Serving.Blocks.EngineHashes;

namespace LlmdAspire.EngineModel.Blocks;

/// <summary>The hashes of a sequence's full blocks, each computed once, when it is first asked for.</summary>
/// <remarks>Not thread-safe: one thread before the engine has the sequence, the engine's lock afterwards.</remarks>
internal sealed class BlockHashChain(EngineBlockHasher hasher, IBlockContent content)
{
    private readonly List<BlockDigest> _digests = [];

    /// <summary>Takes over what another chain has for the same prompt and the same extra keys.</summary>
    public void TakeFrom(BlockHashChain other, int blocks) => _digests.AddRange(other.First(blocks));

    /// <summary>The hashes of the first <paramref name="blocks"/> blocks, all of which must be full; good until the next call.</summary>
    public ReadOnlySpan<BlockDigest> First(int blocks)
    {
        if (_digests.Count < blocks)
        {
            Extend(blocks);
        }

        return CollectionsMarshal.AsSpan(_digests)[..blocks];
    }

    private void Extend(int blocks)
    {
        var rented = ArrayPool<int>.Shared.Rent(content.BlockSize);
        var tokens = rented.AsSpan(0, content.BlockSize);
        while (_digests.Count < blocks)
        {
            var block = _digests.Count;
            content.CopyTokens(block * content.BlockSize, tokens);
            ReadOnlySpan<ExtraKey> extra = content.ExtraKeysOf(block);
            _digests.Add(hasher.Hash(block == 0 ? hasher.NoneHash : _digests[^1], tokens, extra));
        }

        ArrayPool<int>.Shared.Return(rented);
    }
}
