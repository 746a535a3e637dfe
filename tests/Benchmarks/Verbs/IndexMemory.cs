using LlmdAspire.Benchmarks.Inputs;
using LlmdAspire.KvIndexer.Endpoints;
using LlmdAspire.KvIndexer.Index;
using LlmdAspire.ServiceDefaults;

namespace LlmdAspire.Benchmarks.Verbs;

/// <summary>Bytes per block of the index and per removal handle: as accounted, and as the garbage collector sees it.</summary>
internal static class IndexMemory
{
    private const int Blocks = 1_000_000;

    public static int Run()
    {
        Console.WriteLine($"{Blocks:N0} blocks; bytes per block, accounted / on the heap");
        foreach (var endpoints in new[] { 1, 64, 128, 1000 })
        {
            MeasureIndex(endpoints);
        }

        MeasureHandles();
        return 0;
    }

    private static void MeasureIndex(int endpoints)
    {
        var keys = Tokens.RandomKeys(Blocks, 1);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var index = new InMemoryBlockIndex(new ByteBudget(long.MaxValue));
        _ = index.TryStore(endpoints - 1, Tier.Gpu, 1);
        for (var i = 0; i < keys.Length; i++)
        {
            _ = index.TryStore(i % endpoints, Tier.Gpu, keys[i]);
        }

        var heap = GC.GetTotalMemory(forceFullCollection: true) - before;
        Console.WriteLine($"index, {endpoints} endpoints: {(double)index.Bytes / index.Blocks:F1} / {(double)heap / index.Blocks:F1}");
        GC.KeepAlive(keys);
    }

    private static void MeasureHandles()
    {
        var keys = Tokens.RandomKeys(Blocks, 1);
        var hashes = Tokens.RandomKeys(Blocks, 2);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var handles = new HandleMap(new ByteBudget(long.MaxValue));
        for (var i = 0; i < keys.Length; i++)
        {
            _ = handles.TryAdd(hashes[i], keys[i]);
        }

        var heap = GC.GetTotalMemory(forceFullCollection: true) - before;
        Console.WriteLine($"handles of one endpoint: {(double)handles.Bytes / handles.Count:F1} / {(double)heap / handles.Count:F1}");
        GC.KeepAlive(keys);
        GC.KeepAlive(hashes);
    }
}
