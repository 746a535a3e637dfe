using System.Globalization;
using System.Text;
using LlmdAspire.Serving.Blocks;

namespace LlmdAspire.Serving.Tests.Blocks;

/// <summary>Block keys against chains computed with the reference XXH64 in Python.</summary>
public sealed class BlockKeyTests
{
    private static readonly BlockKeyVectors s_vectors = BlockKeyVectors.Load();

    public static TheoryData<int> Chains => [.. Enumerable.Range(0, s_vectors.Chains.Length)];

    [Theory]
    [MemberData(nameof(Chains))]
    public void Compute_AgreesWithTheReferenceChain(int index)
    {
        var chain = s_vectors.Chains[index];
        var keys = new BlockKeys(chain.Seed, chain.BlockSize);
        var computed = new ulong[keys.CountBlocks(chain.Tokens.Length)];

        var count = keys.Compute(keys.Root(chain.Model), chain.Tokens, computed);

        Assert.Equal(chain.Root, keys.Root(chain.Model).ToString(CultureInfo.InvariantCulture));
        Assert.Equal(chain.Keys, computed.Select(key => key.ToString(CultureInfo.InvariantCulture)));
        Assert.Equal(chain.Keys.Length, count);
    }

    [Fact]
    public void Compute_WithItemsAndSalt_TaintsEachBlockTheyTouch()
    {
        var chain = s_vectors.WithItems;
        var keys = new BlockKeys(chain.Seed, chain.BlockSize);
        PlaceholderRange[] items = [.. chain.Items!.Select(item => new PlaceholderRange(item.Offset, item.Length, Encoding.UTF8.GetBytes(item.Hash)))];
        var computed = new ulong[4];

        _ = keys.Compute(keys.Root(chain.Model), chain.Tokens, items, Encoding.UTF8.GetBytes(chain.Salt!), computed);

        Assert.Equal(chain.Keys, computed.Select(key => key.ToString(CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void Compute_InTwoParts_ContinuesTheChain()
    {
        var keys = new BlockKeys("s");
        int[] tokens = [.. Enumerable.Range(0, 160)];
        var whole = new ulong[10];
        var parts = new ulong[10];

        _ = keys.Compute(keys.Root("m"), tokens, whole);
        _ = keys.Compute(keys.Root("m"), tokens.AsSpan(0, 64), parts);
        _ = keys.Compute(parts[3], tokens.AsSpan(64), parts.AsSpan(4));

        Assert.Equal(whole, parts);
    }

    [Fact]
    public void GrowingKey_TokenByToken_EqualsTheKeyOfTheWholeBlock()
    {
        int[] tokens = [.. Enumerable.Range(1000, 16)];
        var key = GrowingBlockKey.Begin(99);
        foreach (var token in tokens)
        {
            key.AppendTokens([token]);
        }

        Assert.Equal(16, key.Tokens);
        Assert.Equal(BlockKeys.Next(99, tokens), key.Current);
    }

    [Fact]
    public void Keys_OfAnotherSeedModelOrEarlierToken_AllDiffer()
    {
        int[] tokens = [.. Enumerable.Range(0, 32)];
        int[] changed = [1, .. tokens[1..]];
        ulong LastKey(string seed, string model, int[] of)
        {
            var keys = new BlockKeys(seed);
            var computed = new ulong[2];
            _ = keys.Compute(keys.Root(model), of, computed);
            return computed[1];
        }

        ulong[] all = [LastKey("a", "m", tokens), LastKey("b", "m", tokens), LastKey("a", "n", tokens), LastKey("a", "m", changed)];

        Assert.Equal(4, all.Distinct().Count());
    }

    [Fact]
    public void Compute_AllocatesNothing()
    {
        var keys = new BlockKeys();
        var tokens = new int[1024];
        var computed = new ulong[64];
        _ = keys.Compute(1, tokens, computed);
        var before = GC.GetAllocatedBytesForCurrentThread();

        _ = keys.Compute(1, tokens, computed);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
