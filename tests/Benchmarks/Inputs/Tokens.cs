namespace LlmdAspire.Benchmarks.Inputs;

/// <summary>Token ids as a model with 128k words has them. The same from run to run.</summary>
internal static class Tokens
{
    public const int PerBlock = 16;
    private const int Vocabulary = 128_256;

    public static int[] Random(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(Vocabulary))];
    }

    /// <summary>Hashes or keys that mean nothing. All 64 bits are random, as those of a hash are.</summary>
    public static ulong[] RandomKeys(int count, int seed)
    {
        var keys = new ulong[count];
        new Random(seed).NextBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(keys.AsSpan()));
        return keys;
    }
}
