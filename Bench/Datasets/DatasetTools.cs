using LlmdAspire.Serving.Tokens;

namespace LlmdAspire.Bench.Datasets;

/// <summary>What datasets are made with. Not thread-safe, as <see cref="System.Random"/> is not.</summary>
internal sealed record DatasetTools(ITokenizer Tokenizer, RandomText Text, Random Random)
{
    public static DatasetTools Of(ITokenizer tokenizer, long seed)
    {
        // All 64 bits count, although Random takes 32.
        var random = new Random(seed.GetHashCode());
        return new DatasetTools(tokenizer, new RandomText(tokenizer, random), random);
    }
}
