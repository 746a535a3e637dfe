using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace LlmdAspire.Serving.Blocks;

/// <summary>One block's key in the making: tokens as they come, then its extras. A value; copying it copies its state.</summary>
/// <remarks>For blocks with extras and for tokens that arrive one by one; whole prompts go through <see cref="BlockKeys"/>.</remarks>
public struct GrowingBlockKey
{
    private XxHash64 _hash;

    private GrowingBlockKey(XxHash64 hash) => _hash = hash;

    /// <summary>Tokens added so far.</summary>
    public int Tokens { get; private set; }

    /// <summary>The key, once the block is full and its extras are in.</summary>
    public readonly ulong Current => _hash.Current;

    /// <summary>Begins a block.</summary>
    /// <param name="previous">Key of the block before, or the root of the model.</param>
    /// <param name="tokens">Tokens already there; more may follow.</param>
    public static GrowingBlockKey Begin(ulong previous, ReadOnlySpan<int> tokens = default)
    {
        var hash = XxHash64.Begin();
        hash.Append(previous);
        var stream = new GrowingBlockKey(hash);
        stream.AppendTokens(tokens);
        return stream;
    }

    /// <summary>Adds tokens. All tokens come before the first extra.</summary>
    public void AppendTokens(ReadOnlySpan<int> tokens)
    {
        Tokens += tokens.Length;
        if (BitConverter.IsLittleEndian)
        {
            _hash.Append(MemoryMarshal.AsBytes(tokens));
            return;
        }

        Span<byte> bytes = stackalloc byte[sizeof(int)];
        foreach (var token in tokens)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes, token);
            _hash.Append(bytes);
        }
    }

    /// <summary>Adds something besides tokens that the block depends on: a multimodal hash, a cache salt.</summary>
    public void AppendExtra(ReadOnlySpan<byte> extra)
    {
        _hash.Append((ulong)extra.Length);
        _hash.Append(extra);
    }
}
