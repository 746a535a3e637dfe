using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using LlmdAspire.Benchmarks.Inputs;
using LlmdAspire.Serving.Blocks;
using LlmdAspire.Serving.Blocks.EngineHashes;

namespace LlmdAspire.Benchmarks.Micro;

/// <summary>One op is one block of 16 tokens in a chain of 512: our keys and the engines' hashes.</summary>
/// <remarks><see cref="PlainSha256"/> hashes as many bytes as the CBOR of a block has and nothing else: what the engines' hash cannot go below.</remarks>
public class BlockHashing
{
    private const int Blocks = 512;

    // An array of three: a digest of 32 bytes, 16 tokens of mostly five bytes, null.
    private const int CborBytes = 1 + 34 + 1 + (16 * 5) + 1;

    private readonly int[] _tokens = Tokens.Random(Blocks * Tokens.PerBlock, 1);
    private readonly ulong[] _keys = new ulong[Blocks];
    private readonly BlockDigest[] _digests = new BlockDigest[Blocks];
    private readonly byte[] _input = new byte[CborBytes];
    private readonly byte[] _output = new byte[BlockDigest.Size];
    private readonly BlockKeys _ours = new();
    private readonly EngineBlockHasher _pickle = new(EngineHashAlgorithm.Sha256, "0");
    private readonly EngineBlockHasher _cbor = new(EngineHashAlgorithm.Sha256Cbor, "0");

    [Benchmark(OperationsPerInvoke = Blocks)]
    public int BlockKeysXxHash64() => _ours.Compute(_ours.Root("model"), _tokens, _keys);

    [Benchmark(OperationsPerInvoke = Blocks)]
    public int EngineSha256() => _pickle.HashAll(_pickle.NoneHash, _tokens, Tokens.PerBlock, _digests);

    [Benchmark(OperationsPerInvoke = Blocks)]
    public int EngineSha256Cbor() => _cbor.HashAll(_cbor.NoneHash, _tokens, Tokens.PerBlock, _digests);

    [Benchmark(OperationsPerInvoke = Blocks)]
    public int PlainSha256()
    {
        var written = 0;
        for (var i = 0; i < Blocks; i++)
        {
            written += SHA256.HashData(_input, _output);
        }

        return written;
    }
}
