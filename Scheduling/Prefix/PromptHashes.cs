using System.Buffers;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text;
using LlmdAspire.Scheduling.Requests;
using LlmdAspire.Serving.Blocks;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Scheduling.Prefix;

/// <summary>The chain of block hashes of a prompt: equal hashes mean equal beginnings up to there.</summary>
/// <remarks>
/// Hash 0 depends on model and cache salt. Token ids are hashed as they are; of any other prompt, four bytes of its JSON stand for one token.
/// A short last block is hashed too. Pure; allocates the result only.
/// </remarks>
internal static class PromptHashes
{
    private const int BytesPerToken = sizeof(uint);

    public static ulong[] Of(InferenceRequest request, int blockTokens, int maxBlocks)
    {
        var root = RootOf(request);
        if (request.PromptKind == PromptKind.TokenIds)
        {
            return OfTokenIds(request, root, blockTokens, maxBlocks);
        }

        return Chain(root, TextOf(request), blockTokens * BytesPerToken, maxBlocks);
    }

    // The bracket or quote that ends a prompt is left out, or no prompt would be the beginning of a longer one.
    private static ReadOnlySpan<byte> TextOf(InferenceRequest request)
    {
        var prompt = request.Prompt.Span;
        return prompt.Length >= 2 && request.PromptKind != PromptKind.None ? prompt[1..^1] : default;
    }

    private static ulong RootOf(InferenceRequest request)
    {
        var hash = XxHash64.Begin();
        Append(ref hash, request.Model);
        Append(ref hash, request.CacheSalt ?? "");
        return hash.Current;
    }

    private static void Append(ref XxHash64 hash, string text)
    {
        Span<byte> stack = stackalloc byte[256];
        var length = Encoding.UTF8.GetMaxByteCount(text.Length);
        var bytes = length <= stack.Length ? stack : new byte[length];
        hash.Append(bytes[..Encoding.UTF8.GetBytes(text, bytes)]);
    }

    private static ulong[] OfTokenIds(InferenceRequest request, ulong root, int blockTokens, int maxBlocks)
    {
        var limit = (int)Math.Min(request.PromptTokens, (long)blockTokens * maxBlocks);
        var tokens = ArrayPool<uint>.Shared.Rent(limit);
        try
        {
            var count = ReadIds(request.Prompt.Span, tokens.AsSpan(0, limit));
            return Chain(root, MemoryMarshal.AsBytes(tokens.AsSpan(0, count)), blockTokens * BytesPerToken, maxBlocks);
        }
        finally
        {
            ArrayPool<uint>.Shared.Return(tokens);
        }
    }

    // The peek has seen that this is a list of numbers; what is no whole number counts as token 0.
    private static int ReadIds(ReadOnlySpan<byte> json, Span<uint> tokens)
    {
        var count = 0;
        json = json.Trim("[] \t\r\n"u8);
        while (!json.IsEmpty && count < tokens.Length)
        {
            var comma = json.IndexOf((byte)',');
            var number = (comma < 0 ? json : json[..comma]).Trim(" \t\r\n"u8);
            _ = Utf8Parser.TryParse(number, out uint token, out _);
            tokens[count++] = BitConverter.IsLittleEndian ? token : System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(token);
            json = comma < 0 ? default : json[(comma + 1)..];
        }

        return count;
    }

    private static ulong[] Chain(ulong root, ReadOnlySpan<byte> bytes, int blockBytes, int maxBlocks)
    {
        var count = Math.Min((bytes.Length + blockBytes - 1) / blockBytes, maxBlocks);
        var hashes = new ulong[count];
        var previous = root;
        Span<byte> link = stackalloc byte[2 * sizeof(ulong)];
        for (var i = 0; i < count; i++)
        {
            var block = bytes.Slice(i * blockBytes, Math.Min(blockBytes, bytes.Length - (i * blockBytes)));
            System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(link, XxHash64.Hash(block));
            System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(link[sizeof(ulong)..], previous);
            hashes[i] = previous = XxHash64.Hash(link);
        }

        return hashes;
    }
}
