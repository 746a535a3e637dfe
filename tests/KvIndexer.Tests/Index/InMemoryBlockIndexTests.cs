using LlmdAspire.KvIndexer.Index;
using LlmdAspire.ServiceDefaults;

namespace LlmdAspire.KvIndexer.Tests.Index;

public sealed class InMemoryBlockIndexTests : BlockIndexContract
{
    private protected override IBlockIndex Create() => new InMemoryBlockIndex(new ByteBudget(long.MaxValue));

    [Theory]
    [InlineData(1, 48)]
    [InlineData(64, 48)]
    [InlineData(128, 56)]
    [InlineData(1024, 168)]
    public void Bytes_PerBlock_StayBelowTheStatedNumber(int endpoints, int limit)
    {
        foreach (var blocks in new[] { 1000, 20_000, 33_333 })
        {
            var budget = new ByteBudget(long.MaxValue);
            var index = new InMemoryBlockIndex(budget);
            var random = new Random(3);
            Assert.True(index.TryStore(endpoints - 1, Tier.Gpu, 1));
            for (var i = 1; i < blocks; i++)
            {
                Assert.True(index.TryStore(i % endpoints, Tier.Gpu, (ulong)random.NextInt64()));
            }

            Assert.InRange(index.Bytes / (double)blocks, 1, limit);
            Assert.Equal(index.Bytes, budget.Used);
        }
    }

    [Fact]
    public void TryStore_BeyondTheBudget_SaysNoAndKeepsWhatIsThere()
    {
        var budget = new ByteBudget(100_000);
        var index = new InMemoryBlockIndex(budget);
        var stored = new List<ulong>();
        for (ulong key = 1; stored.Count < 10_000; key += 0x9E3779B97F4A7C15)
        {
            if (!index.TryStore(0, Tier.Gpu, key))
            {
                break;
            }

            stored.Add(key);
        }

        Assert.InRange(stored.Count, 1000, 9999);
        Assert.InRange(budget.Used, 1, budget.Limit);
        Assert.All(stored, key => Assert.True(index.Holds(0, Tier.Gpu, key)));
    }

    [Fact]
    public void Compact_AfterForgetting_GivesMemoryBack()
    {
        var budget = new ByteBudget(long.MaxValue);
        var index = new InMemoryBlockIndex(budget);
        var random = new Random(4);
        for (var i = 0; i < 20_000; i++)
        {
            Assert.True(index.TryStore(0, Tier.Gpu, (ulong)random.NextInt64()));
        }

        var full = index.Bytes;
        index.Clear(0);

        Assert.InRange(index.Bytes, 0, full / 20);
        Assert.Equal(index.Bytes, budget.Used);
    }
}
