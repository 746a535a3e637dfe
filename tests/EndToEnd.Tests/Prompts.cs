using System.Text.Json.Nodes;

namespace LlmdAspire.EndToEnd.Tests;

internal static class Prompts
{
    /// <summary>A prompt of token identifiers; the same seed gives the same prompt.</summary>
    public static JsonArray Tokens(int seed, int count)
    {
        var random = new Random(seed);
        return new JsonArray([.. Enumerable.Range(0, count).Select(_ => (JsonNode)random.Next(1000, 100_000))]);
    }
}
