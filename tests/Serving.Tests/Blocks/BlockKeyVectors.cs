using System.Text.Json;

namespace LlmdAspire.Serving.Tests.Blocks;

/// <summary>The content of <c>Vectors/block-keys.json</c>; numbers of 64 bits are text there, since JSON readers round them.</summary>
internal sealed record BlockKeyVectors(HashVector[] Hashes, ChainVector[] Chains, ChainVector WithItems)
{
    private static readonly JsonSerializerOptions s_snake = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static BlockKeyVectors Load() =>
        JsonSerializer.Deserialize<BlockKeyVectors>(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Blocks", "Vectors", "block-keys.json")), s_snake)!;
}

internal sealed record HashVector(int Length, string Seed, string Hash);

internal sealed record ChainVector(string Seed, string Model, int BlockSize, int[] Tokens, string Root, string[] Keys, string? Salt = null, ItemVector[]? Items = null);

internal sealed record ItemVector(int Offset, int Length, string Hash);
