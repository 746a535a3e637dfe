using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using LlmdAspire.Protocols.Cbor;
using LlmdAspire.Protocols.MessagePack.KvEvents;

namespace LlmdAspire.Serving.Blocks.EngineHashes;

/// <summary>Computes block hashes exactly as a vLLM engine (0.13 and later) does for its prefix cache.</summary>
/// <remarks>
/// The hash of a block is H of the triple (hash of the block before, its tokens, its extra keys or None); the first block's predecessor is
/// <see cref="NoneHash"/>. Immutable and thread-safe; allocates nothing per block up to a few hundred tokens.
/// </remarks>
public sealed class EngineBlockHasher
{
    // Blocks of up to 512 tokens with a few extra keys; larger ones rent.
    private const int OnStack = 4096;

    private readonly EngineHashAlgorithm _algorithm;

    /// <param name="algorithm">As the engine's <c>--prefix-caching-hash-algo</c>.</param>
    /// <param name="pythonHashSeed">The engine's PYTHONHASHSEED, literally: it is hashed as text, so "42" and "random" are both fine. Null for an engine that runs without it: its hashes begin at random.</param>
    public EngineBlockHasher(EngineHashAlgorithm algorithm, string? pythonHashSeed)
    {
        _algorithm = algorithm;
        NoneHash = pythonHashSeed is null ? BlockDigest.From(RandomNumberGenerator.GetBytes(BlockDigest.Size)) : HashSeed(algorithm, pythonHashSeed);
    }

    /// <summary>What stands for the block before the first one.</summary>
    public BlockDigest NoneHash { get; }

    /// <summary>The hash of one full block.</summary>
    /// <param name="parent">Hash of the block before, or <see cref="NoneHash"/>.</param>
    /// <param name="tokens">The block's tokens, as many as the engine's block size.</param>
    /// <param name="extraKeys">LoRA name, multimodal items, cache salt (first block only), embeddings digest, in this order; empty for none.</param>
    public BlockDigest Hash(in BlockDigest parent, ReadOnlySpan<int> tokens, ReadOnlySpan<ExtraKey> extraKeys = default)
    {
        var size = SizeFor(tokens.Length, extraKeys);
        byte[]? rented = null;
        var buffer = size <= OnStack ? stackalloc byte[OnStack] : rented = ArrayPool<byte>.Shared.Rent(size);
        var input = _algorithm == EngineHashAlgorithm.Sha256Cbor ? WriteCbor(buffer, parent, tokens, extraKeys) : WritePickle(buffer, parent, tokens, extraKeys);
        BlockDigest digest = default;
        _ = SHA256.HashData(input, digest);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return digest;
    }

    /// <summary>Hashes of the full blocks of a prompt without extra keys, continuing a chain.</summary>
    /// <param name="parent">Hash of the block before the first token, or <see cref="NoneHash"/>.</param>
    /// <param name="tokens">Tokens; those of a last, partial block get no hash.</param>
    /// <param name="blockSize">Tokens per block.</param>
    /// <param name="digests">Room for as many as there are full blocks.</param>
    /// <returns>Number of full blocks.</returns>
    public int HashAll(in BlockDigest parent, ReadOnlySpan<int> tokens, int blockSize, Span<BlockDigest> digests)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(blockSize);
        var blocks = tokens.Length / blockSize;
        ArgumentOutOfRangeException.ThrowIfLessThan(digests.Length, blocks, nameof(digests));
        var previous = parent;
        for (var i = 0; i < blocks; i++)
        {
            previous = digests[i] = Hash(previous, tokens.Slice(i * blockSize, blockSize));
        }

        return blocks;
    }

    private static BlockDigest HashSeed(EngineHashAlgorithm algorithm, string seed)
    {
        var text = Encoding.UTF8.GetBytes(seed);
        Span<byte> buffer = new byte[text.Length + 64];
        BlockDigest digest = default;
        if (algorithm == EngineHashAlgorithm.Sha256Cbor)
        {
            var cbor = new CanonicalCbor(buffer);
            cbor.WriteText(text);
            _ = SHA256.HashData(cbor.Written, digest);
        }
        else
        {
            var pickle = new PythonPickle(buffer);
            pickle.WriteText(text);
            _ = SHA256.HashData(pickle.Complete(), digest);
        }

        return digest;
    }

    private static int SizeFor(int tokens, ReadOnlySpan<ExtraKey> extraKeys)
    {
        // A token takes at most five bytes in both forms.
        var size = (5 * PythonPickle.MaxOverhead) + BlockDigest.Size + (5 * tokens);
        foreach (var key in extraKeys)
        {
            size += (3 * PythonPickle.MaxOverhead) + key.Bytes.Length;
        }

        return size;
    }

    private static ReadOnlySpan<byte> WriteCbor(Span<byte> buffer, in BlockDigest parent, ReadOnlySpan<int> tokens, ReadOnlySpan<ExtraKey> extraKeys)
    {
        var cbor = new CanonicalCbor(buffer);
        cbor.WriteArrayHeader(3);
        cbor.WriteBinary(parent);
        cbor.WriteTokenIds(tokens);
        if (extraKeys.IsEmpty)
        {
            cbor.WriteNull();
            return cbor.Written;
        }

        cbor.WriteArrayHeader(extraKeys.Length);
        foreach (var key in extraKeys)
        {
            switch (key.Shape)
            {
                case ExtraKeyShape.Text:
                    cbor.WriteText(key.Bytes.Span);
                    break;
                case ExtraKeyShape.TextAtOffset:
                    cbor.WriteArrayHeader(2);
                    cbor.WriteText(key.Bytes.Span);
                    cbor.Write(key.Number);
                    break;
                case ExtraKeyShape.Raw:
                    cbor.WriteBinary(key.Bytes.Span);
                    break;
                default:
                    cbor.Write(key.Number);
                    break;
            }
        }

        return cbor.Written;
    }

    private static ReadOnlySpan<byte> WritePickle(Span<byte> buffer, in BlockDigest parent, ReadOnlySpan<int> tokens, ReadOnlySpan<ExtraKey> extraKeys)
    {
        var pickle = new PythonPickle(buffer);
        pickle.BeginTuple(3);
        pickle.WriteBytes(parent);
        pickle.BeginTuple(tokens.Length);
        foreach (var token in tokens)
        {
            pickle.Write(token);
        }

        pickle.EndTuple(tokens.Length);
        if (extraKeys.IsEmpty)
        {
            pickle.WriteNone();
        }
        else
        {
            WriteExtraKeys(ref pickle, extraKeys);
        }

        pickle.EndTuple(3);
        return pickle.Complete();
    }

    private static void WriteExtraKeys(scoped ref PythonPickle pickle, ReadOnlySpan<ExtraKey> extraKeys)
    {
        pickle.BeginTuple(extraKeys.Length);
        foreach (var key in extraKeys)
        {
            switch (key.Shape)
            {
                case ExtraKeyShape.Text:
                    pickle.WriteText(key.Bytes.Span);
                    break;
                case ExtraKeyShape.TextAtOffset:
                    pickle.BeginTuple(2);
                    pickle.WriteText(key.Bytes.Span);
                    pickle.Write(key.Number);
                    pickle.EndTuple(2);
                    break;
                case ExtraKeyShape.Raw:
                    pickle.WriteBytes(key.Bytes.Span);
                    break;
                default:
                    pickle.Write(key.Number);
                    break;
            }
        }

        pickle.EndTuple(extraKeys.Length);
    }
}
