using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace LlmdAspire.Serving.Blocks;

/// <summary>The keys by which this stack knows blocks of tokens, whatever engine holds them: a chain of XXH64 over the tokens.</summary>
/// <remarks>
/// <para>With s = XXH64(seed text) and m = XXH64(LE64(s), LE64(length of model), model), the key of block i is
/// XXH64(LE64(key of block i-1, or m), each token as LE32, then for each extra LE64(its length), its bytes). Equal prefixes have equal keys,
/// and a key stands for its whole prefix. Only full blocks have keys. Replicas that share an index need the same seed and block size.</para>
/// <para>Requests for a LoRA adapter use the adapter's name as the model. A cache salt is an extra of the first block; multimodal items are
/// extras of each block that their placeholders touch, in order of their start, before the salt.</para>
/// <para>Immutable and thread-safe; allocates nothing per block.</para>
/// </remarks>
public sealed class BlockKeys
{
    /// <summary>Tokens per block where nothing else is said; vLLM's own default for GPU caches.</summary>
    public const int DefaultBlockSize = 16;

    private readonly ulong _seedHash;

    /// <param name="seed">Any text; all replicas need the same.</param>
    /// <param name="blockSize">Tokens per block.</param>
    public BlockKeys(string seed = "", int blockSize = DefaultBlockSize)
    {
        ArgumentNullException.ThrowIfNull(seed);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(blockSize);
        _seedHash = XxHash64.Hash(Encoding.UTF8.GetBytes(seed));
        BlockSize = blockSize;
    }

    /// <summary>Tokens per block.</summary>
    public int BlockSize { get; }

    /// <summary>Where the chains of a model, or of a LoRA adapter by its name, begin: the key before the first block.</summary>
    public ulong Root(string modelOrAdapter) => Root(Encoding.UTF8.GetBytes(modelOrAdapter));

    /// <summary>The same for a name given as UTF-8.</summary>
    public ulong Root(ReadOnlySpan<byte> modelOrAdapter)
    {
        var hash = XxHash64.Begin();
        hash.Append(_seedHash);
        hash.Append((ulong)modelOrAdapter.Length);
        hash.Append(modelOrAdapter);
        return hash.Current;
    }

    /// <summary>Full blocks among so many tokens.</summary>
    public int CountBlocks(int tokens) => tokens / BlockSize;

    /// <summary>The key of one block without extras.</summary>
    /// <param name="previous">Key of the block before, or <see cref="Root(string)"/>.</param>
    /// <param name="blockTokens">Exactly the tokens of the block.</param>
    public static ulong Next(ulong previous, ReadOnlySpan<int> blockTokens)
    {
        if (BitConverter.IsLittleEndian && blockTokens.Length <= 64)
        {
            // The common block sizes: one contiguous input and the one-shot hash are faster than the streaming one.
            Span<byte> input = stackalloc byte[8 + (64 * sizeof(int))];
            BinaryPrimitives.WriteUInt64LittleEndian(input, previous);
            var tokens = MemoryMarshal.AsBytes(blockTokens);
            tokens.CopyTo(input[8..]);
            return XxHash64.Hash(input[..(8 + tokens.Length)]);
        }

        return GrowingBlockKey.Begin(previous, blockTokens).Current;
    }

    /// <summary>Keys of all full blocks, without extras.</summary>
    /// <param name="previous">Key of the block before the first token, or <see cref="Root(string)"/>.</param>
    /// <param name="tokens">Tokens; those of a last, partial block get no key.</param>
    /// <param name="keys">Room for <see cref="CountBlocks"/>.</param>
    /// <returns>Number of keys written.</returns>
    public int Compute(ulong previous, ReadOnlySpan<int> tokens, Span<ulong> keys)
    {
        var blocks = CountBlocks(tokens.Length);
        ArgumentOutOfRangeException.ThrowIfLessThan(keys.Length, blocks, nameof(keys));
        for (var i = 0; i < blocks; i++)
        {
            previous = keys[i] = Next(previous, tokens.Slice(i * BlockSize, BlockSize));
        }

        return blocks;
    }

    /// <summary>Keys of all full blocks of a prompt with multimodal items or a cache salt.</summary>
    /// <param name="root">Where the chain begins.</param>
    /// <param name="tokens">All tokens of the prompt, from its first.</param>
    /// <param name="items">Multimodal items, ordered by <see cref="PlaceholderRange.Offset"/>.</param>
    /// <param name="cacheSalt">UTF-8; empty for none.</param>
    /// <param name="keys">Room for <see cref="CountBlocks"/>.</param>
    /// <returns>Number of keys written.</returns>
    public int Compute(ulong root, ReadOnlySpan<int> tokens, ReadOnlySpan<PlaceholderRange> items, ReadOnlySpan<byte> cacheSalt, Span<ulong> keys)
    {
        var blocks = CountBlocks(tokens.Length);
        ArgumentOutOfRangeException.ThrowIfLessThan(keys.Length, blocks, nameof(keys));
        var previous = root;
        for (var i = 0; i < blocks; i++)
        {
            var key = GrowingBlockKey.Begin(previous, tokens.Slice(i * BlockSize, BlockSize));
            foreach (var item in items)
            {
                if (item.Overlaps(i * BlockSize, BlockSize))
                {
                    key.AppendExtra(item.Hash.Span);
                }
            }

            if (i == 0 && !cacheSalt.IsEmpty)
            {
                key.AppendExtra(cacheSalt);
            }

            previous = keys[i] = key.Current;
        }

        return blocks;
    }
}
